"""Kirouac 2023: memory, effector and exhausted CAR-T cells, switched by antigen, in chronic lymphocytic leukemia."""

from livingdrug.biology.model import Declaration, hill

m = Declaration(
    name="kirouac-2023",
    title="Antigen-switched memory, effector and exhausted CAR-T cells in CLL",
    citation="Kirouac DC, Zmurchok C, Deyati A, et al. Deconvolution of clinical variance in CAR-T cell "
    "pharmacology and response. Nat Biotechnol 2023;41:1606-1617. PMC10635825; Author Correction doi "
    "10.1038/s41587-023-01816-6",
    doi="10.1038/s41587-023-01687-x",
    population="Adults with CLL treated with CTL019 (8 complete, 5 partial responders, 25 non-responders), group "
    "means; the paper also compares with tisagenlecleucel in B-ALL and with idecabtagene vicleucel",
    days=365,
    deviations=(
        "Each variant holds the medians, parameter by parameter, of 12 fitted virtual patients of one response "
        "class. The authors' 36 fitted patients may not be redistributed. A median patient is not a patient: its "
        "Cmax and Tmax differ from the medians over the 12 (see Replication), and it must not be taken for any of "
        "them.",
        "Many fitted values sit on their bounds (group-mean fits, weakly identified), so no between-patient spread is given.",
        "The medians were derived from a public replication, whose equations are used here; what the Author "
        "Correction changes is unconfirmed.",
        "The shares of the dose, in percent, are used as rates per day, as the replication codes them.",
        "Cells per microliter are cells / 2e6, as the paper plots them.",
        "The complete responder's tumor falls to millions of cells and is not extinct: no extinction is declared.",
    ),
)
CLASS = "median of 12 fitted virtual patients, CR"
GIVEN = "scenario of the replication"

dose = m.parameter("dose", 1e8, "cells", "cells infused", lowest=0, source=GIVEN)
B0 = m.parameter("B0", 1e10, "cells", "leukemia, and its antigen, at infusion", lowest=0, source=GIVEN)
B50 = m.parameter("B50", 2.0e9, "cells", "antigen at half switch; fits 3.4e8-7.9e9", lowest=1, source=CLASS)
muB = m.parameter("muB", 0.05, "1/day", "leukemia growth", lowest=0, source="fixed")
kkill = m.parameter("kkill", 0.938, "1/day", "maximal killing; fits 0.44-1", lowest=0, source=CLASS)
floss = m.parameter("floss", 494, "1/day", "loss of infused cells", lowest=0, source=CLASS)
TK50 = m.parameter("TK50", 1.1e6, "cells", "Te2 at half killing; fits 1e5-1e9", lowest=1, source=CLASS)
kt = m.parameter("kt", 0.55, "1", "steepness of killing", lowest=0.1, source=CLASS)
km = m.parameter("km", 0.76, "1", "steepness of self-renewal", lowest=0.1, source=CLASS)
kx = m.parameter("kx", 0.69, "1", "steepness of exhaustion", lowest=0.1, source=CLASS)
ke = m.parameter("ke", 2.49, "1", "steepness of expansion", lowest=0.1, source=CLASS)
kr = m.parameter("kr", 2.66, "1", "steepness of regeneration", lowest=0.1, source=CLASS)
kB1 = m.parameter("kB1", 0.99, "1/day", "antigen from leukemia", lowest=0, source=CLASS)
kB2 = m.parameter("kB2", 0.60, "1/day", "loss of antigen", lowest=0, source=CLASS)
muM = m.parameter("muM", 0.899, "1/day", "division of memory; fits 0.13-1.0", lowest=0, source=CLASS)
fmax = m.parameter("fmax", 0.59, "1", "largest self-renewal", lowest=0, highest=1, source=CLASS)
muE = m.parameter("muE", 0.961, "1/day", "expansion of effectors", lowest=0, source=CLASS)
N = m.parameter("N", 5.04, "1", "divisions from Te1 to Te2", lowest=0, source=CLASS)
kex = m.parameter("kex", 0.36, "1/day", "exhaustion", lowest=0, source=CLASS)
dM = m.parameter("dM", 0.35, "1/day", "death of memory", lowest=0, source=CLASS)
dE1 = m.parameter("dE1", 0.029, "1/day", "death of Te1", lowest=0, source=CLASS)
dE2 = m.parameter("dE2", 0.44, "1/day", "death of Te2", lowest=0, source=CLASS)
dX = m.parameter("dX", 0.006, "1/day", "death of exhausted", lowest=0, source=CLASS)
rm = m.parameter("rm", 0.99, "1/day", "regeneration of memory from Te2", lowest=0, source=CLASS)
Bmax = m.parameter("Bmax", 2.3e11, "cells", "largest leukemia", lowest=1, source=CLASS)
fTm = m.parameter("fTm", 3.7, "1/day", "infused to memory", lowest=0, source=CLASS)
fTe1 = m.parameter("fTe1", 7.9, "1/day", "infused to Te1", lowest=0, source=CLASS)
fTe2 = m.parameter("fTe2", 49.7, "1/day", "infused to Te2", lowest=0, source=CLASS)
fTx = m.parameter("fTx", 23.6, "1/day", "infused to exhausted", lowest=0, source=CLASS)

Tm = m.state("Tm", "cells", "memory CAR-T")
Te1 = m.state("Te1", "cells", "effector CAR-T before expansion")
Te2 = m.state("Te2", "cells", "effector CAR-T after expansion")
Tx = m.state("Tx", "cells", "exhausted CAR-T")
B = m.state("B", "cells", "leukemia", initial=B0)
Ba = m.state("Ba", "cells", "antigen, in leukemia cells", initial=B0)
D = m.state("D", "cells", "infused, before losses", initial=dose)
DX = m.state("DX", "cells", "infused, after losses")

f = m.define("f", fmax * (1 - hill(Ba, B50, km)), "1", "self-renewal")
renewal = m.define("renewal", rm * (1 - hill(Ba, B50, kr)) * Te2, "cells/day", "regeneration of memory")
expansion = m.define("expansion", muE * hill(Ba, B50, ke) * Te1, "cells/day", "Te1 that expand")
exhaustion = m.define("exhaustion", kex * hill(Ba, B50, kx) * Te2, "cells/day", "Te2 that exhaust")

m.rates(
    {
        Tm: muM * f * Tm - muM * (1 - f) * Tm - dM * Tm + fTm * DX + renewal,
        Te1: 2 * muM * (1 - f) * Tm - expansion - dE1 * Te1 + fTe1 * DX,
        Te2: expansion * 2**N - exhaustion - dE2 * Te2 + fTe2 * DX - renewal,
        Tx: exhaustion - dX * Tx + fTx * DX,
        B: muB * B * (1 - B / Bmax) - kkill * B * hill(Te2, TK50, kt),
        Ba: kB1 * B - kB2 * Ba,
        D: -(floss + 1) * D,
        DX: D - (fTm + fTe1 + fTe2 + fTx) * DX,
    }
)

m.observe("car_t", (Tm + Te1 + Te2 + Tx) / 2e6, "cells/uL", "CAR-T cells in blood")
m.observe("leukemia", B, "cells", "leukemia")

m.variant("CR", "complete response: class medians")
m.variant(
    "PR",
    "partial response: class medians",
    B50=3.7e9, kkill=0.916, floss=734, TK50=6.5e8, kt=0.95, km=1.39, kx=1.26, ke=2.64, kr=2.48, kB1=0.81, kB2=0.58,
    muM=0.298, fmax=0.60, muE=0.540, N=5.65, kex=0.30, dM=0.46, dE1=0.135, dE2=0.67, dX=0.09, rm=0.82, Bmax=2.0e8,
    fTm=4.1, fTe1=1.5, fTe2=54.5, fTx=20.3,
)  # fmt: skip
m.variant(
    "NR",
    "no response: class medians",
    B50=3.1e9, kkill=0.143, floss=1000, TK50=6.1e8, kt=1.80, km=0.73, kx=0.99, ke=1.19, kr=2.43, kB1=0.53, kB2=0.165,
    muM=0.0010, fmax=0.55, muE=0.087, N=5.99, kex=0.11, dM=0.001, dE1=0.0012, dE2=0.0013, dX=0.06, rm=0.67, Bmax=1.6e10,
    fTm=5.9, fTe1=9.9, fTe2=31.1, fTx=7.3,
)  # fmt: skip

MODEL = m.model()
