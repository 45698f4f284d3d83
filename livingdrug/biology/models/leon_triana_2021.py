"""León-Triana 2021: CAR-T cells, leukemia and normal B cells in B-cell ALL, with CD19-positive relapse."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="leon-triana-2021",
    title="CAR-T cells, leukemia and B-cell aplasia in B-cell ALL",
    citation="León-Triana O, Sabir S, Calvo GF, et al. CAR T cell therapy in B-cell acute lymphoblastic leukaemia: "
    "Insights from mathematical models. Commun Nonlinear Sci Numer Simul 2021;94:105570. BioModels BIOMD0000001011",
    doi="10.1016/j.cnsns.2020.105570",
    population="Children with B-cell ALL treated with CD19 CAR-T cells; values chosen from the literature",
    days=400,
    deviations=(
        "The values are the paper's choice from the literature, not fitted to patients (unconfirmed).",
        "The system as in BioModels BIOMD0000001011: B cells are not renewed; see leon-triana-2021-immature for renewal.",
        "Deterministic: leukemia is never extinct, and the relapse is CD19-positive by construction.",
    ),
)
LITERATURE = "BIOMD0000001011; chosen from the literature"

tauC = m.parameter("tauC", 14, "day", "life of CAR-T cells", lowest=1e-3, source=LITERATURE)
tauB = m.parameter("tauB", 60, "day", "life of B cells", lowest=1e-3, source=LITERATURE)
rhoL = m.parameter("rhoL", 1 / 30, "1/day", "growth of leukemia", lowest=0, source=LITERATURE)
alpha = m.parameter("alpha", 4.5e-11, "1/cell/day", "killing", lowest=0, source=LITERATURE)
share = m.parameter("share", 0.25, "1", "rhoC / alpha: growth per encounter", lowest=0, source=LITERATURE)
C0 = m.parameter("C0", 1e7, "cells", "CAR-T cells infused", lowest=0, source=LITERATURE)
L0 = m.parameter("L0", 5e10, "cells", "leukemia at infusion", lowest=0, source=LITERATURE)
B0 = m.parameter("B0", 2.5e10, "cells", "normal B cells at infusion", lowest=0, source=LITERATURE)

C = m.state("C", "cells", "CAR-T cells", initial=C0)
L = m.state("L", "cells", "leukemia", initial=L0)
B = m.state("B", "cells", "normal CD19-positive B cells", initial=B0)

rhoC = m.define("rhoC", share * alpha, "1/cell/day", "growth of CAR-T on contact")

m.rates(
    {
        C: rhoC * (L + B) * C - C / tauC,
        L: rhoL * L - alpha * L * C,
        B: -alpha * B * C - B / tauB,
    }
)

m.observe("car_t", C, "cells", "all CAR-T cells")
m.observe("leukemia", L, "cells", "all leukemia cells")

MODEL = m.model()
