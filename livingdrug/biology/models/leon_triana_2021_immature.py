"""León-Triana 2021 with immature B cells: CD19-positive progenitors keep CAR-T cells growing and renew the B cells."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="leon-triana-2021-immature",
    title="CAR-T cells, leukemia and B-cell aplasia in B-cell ALL, with renewal from immature B cells",
    citation="León-Triana O, Sabir S, Calvo GF, et al. CAR T cell therapy in B-cell acute lymphoblastic leukaemia: "
    "Insights from mathematical models. Commun Nonlinear Sci Numer Simul 2021;94:105570. BioModels BIOMD0000001012",
    doi="10.1016/j.cnsns.2020.105570",
    population="Children with B-cell ALL treated with CD19 CAR-T cells; values chosen from the literature",
    days=730,
    deviations=(
        "The values are the paper's choice from the literature, not fitted to patients (unconfirmed).",
        "Contact with immature cells adds rhoC·beta·I·C to the growth of CAR-T cells, as in a public transcription "
        "of the full system. The code generated from BIOMD0000001012 lacks the factor C, which leaves the units "
        "unbalanced.",
        "The number of immature cells is I0/(1 + C/C50) at once. BIOMD0000001012 also carries a fourth state for "
        "them that acts on nothing; it is left out.",
        "Deterministic: leukemia is never extinct, and the relapse is CD19-positive by construction.",
    ),
)
LITERATURE = "BIOMD0000001012; chosen from the literature"

tauC = m.parameter("tauC", 14, "day", "life of CAR-T cells", lowest=1e-3, source=LITERATURE)
tauB = m.parameter("tauB", 60, "day", "life of B cells", lowest=1e-3, source=LITERATURE)
tauI = m.parameter("tauI", 6, "day", "time to maturity", lowest=1e-3, source=LITERATURE)
rhoL = m.parameter("rhoL", 1 / 30, "1/day", "growth of leukemia", lowest=0, source=LITERATURE)
alpha = m.parameter("alpha", 4.5e-11, "1/cell/day", "killing", lowest=0, source=LITERATURE)
share = m.parameter("share", 0.25, "1", "rhoC / alpha: growth per encounter", lowest=0, source=LITERATURE)
beta = m.parameter("beta", 0.1, "1", "contact with immature relative to mature", lowest=0, source=LITERATURE)
C50 = m.parameter("C50", 1e9, "cells", "CAR-T cells at half B-cell production", lowest=1, source=LITERATURE)
C0 = m.parameter("C0", 1e7, "cells", "CAR-T cells infused", lowest=0, source=LITERATURE)
L0 = m.parameter("L0", 5e10, "cells", "leukemia at infusion", lowest=0, source=LITERATURE)
B0 = m.parameter("B0", 2.5e10, "cells", "normal B cells at infusion", lowest=0, source=LITERATURE)
I0 = m.parameter("I0", 1e7, "cells", "immature B cells in health", lowest=0, source=LITERATURE)

C = m.state("C", "cells", "CAR-T cells", initial=C0)
L = m.state("L", "cells", "leukemia", initial=L0)
B = m.state("B", "cells", "normal CD19-positive B cells", initial=B0)

rhoC = m.define("rhoC", share * alpha, "1/cell/day", "growth of CAR-T on contact")
I = m.define("I", I0 / (1 + C / C50), "cells", "immature B cells")  # noqa: E741 - the paper's letter

m.rates(
    {
        C: rhoC * (L + B) * C + rhoC * beta * I * C - C / tauC,
        L: rhoL * L - alpha * L * C,
        B: I / tauI - alpha * B * C - B / tauB,
    }
)

m.observe("car_t", C, "cells", "all CAR-T cells")
m.observe("leukemia", L, "cells", "all leukemia cells")

MODEL = m.model()
