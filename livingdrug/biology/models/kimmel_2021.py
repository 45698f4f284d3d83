"""Kimmel, Locke & Altrock 2021: CAR-T cells, regrowing normal T cells and tumor after axicabtagene ciloleucel."""

from livingdrug.biology.model import Declaration, log

m = Declaration(
    name="kimmel-2021",
    title="Competition of CAR-T and normal T cells, and the tumor, in large B-cell lymphoma",
    citation="Kimmel GJ, Locke FL, Altrock PM. The roles of T cell competition and stochastic extinction events in "
    "chimeric antigen receptor T cell therapy. Proc R Soc B 2021;288:20210229. BioModels BIOMD0000001041",
    doi="10.1098/rspb.2021.0229",
    population="Adults with large B-cell lymphoma treated with axicabtagene ciloleucel in ZUMA-1; fitted to "
    "population-level series, not to single patients",
    days=365,
    deviations=(
        "Deterministic part only. In the paper cure is extinction in a stochastic birth-death version of this model, "
        "and progression is 120 % of the initial tumor; neither is an event here.",
        "The tumor growth rate rB is given as a range, 0.01 to 0.50 per day; 0.19 is our choice within it. The "
        "BioModels file uses 0.01 and counts cells per microliter of blood (1 per µL is 5e8 cells here).",
        "kB with rB (correlation 0.94) and kB with gB (-0.96) cannot be told apart by the data, as the paper says.",
        "The printed quartiles of a (0.100 to 0.302) do not contain its fitted value 0.423; kept as printed.",
        "No between-patient spread: the quartiles in the sources are of fits to the population series.",
        "Normal B cells and CD19-negative tumor are left out by the paper's assumption.",
    ),
)
KN = m.parameter("KN", 2.5e11, "cells", "capacity of normal T cells", lowest=1, source="literature, as in the paper")
KC = m.parameter("KC", 6.96e10, "cells", "capacity of CAR-T cells", lowest=1, source="fit; quartiles 6.15e10-9.65e10")
rN = m.parameter("rN", 0.170, "1/day", "regrowth of normal T cells", lowest=0, source="fit; quartiles 0.165-0.170")
rhoC = m.parameter("rhoC", 0.0251, "1/day", "base growth of CAR-T", lowest=0, source="fit; quartiles 0.0208-0.0354")
a = m.parameter("a", 0.423, "1", "shape of the lymphopenia boost", lowest=0, source="fit; quartiles printed 0.100-0.302")
b = m.parameter("b", 0.525, "1/day", "size of the lymphopenia boost", lowest=0, source="fit; quartiles 0.467-0.522")
rB = m.parameter("rB", 0.19, "1/day", "tumor growth", lowest=0, highest=0.5, source="literature range 0.01-0.50; our choice")
gB = m.parameter("gB", 1.15, "1/day", "maximal killing rate", lowest=0, source="fit; quartiles 0.64-1.35")
kB = m.parameter("kB", 2.024e9, "cells", "CAR-T at half killing", lowest=1, source="fit; quartiles 1.40e9-3.125e9")
N0 = m.parameter("N0", 3.0e9, "cells", "normal T cells at infusion", lowest=0, source="ZUMA-1 median")
C0 = m.parameter("C0", 1.8e8, "cells", "CAR-T cells infused", lowest=0, source="ZUMA-1 median")
B0 = m.parameter("B0", 9.486e10, "cells", "tumor at infusion", lowest=0, source="ZUMA-1 median")

m.require(N0 + C0 > 0, "N0 + C0 (T cells at infusion) must be above 0")

N = m.state("N", "cells", "normal T cells", initial=N0)
C = m.state("C", "cells", "CAR-T cells", initial=C0)
B = m.state("B", "cells", "CD19-positive tumor cells", initial=B0)

T = m.define("T", N + C, "cells", "all T cells")
rC = m.define("rC", rhoC + b * (T - KN) ** 2 / (a * T**2 + (T - KN) ** 2), "1/day", "growth of CAR-T in lymphopenia")

m.rates(
    {
        N: -rN * N * log(T / KN),
        C: -rC * C * log(T / KC),
        B: rB * B - gB * B * C / (kB + C),
    }
)

m.observe("car_t", C, "cells", "all CAR-T cells")
m.observe("tumor", B, "cells", "CD19-positive tumor")

MODEL = m.model()
