"""Owens & Bozic 2021: chemotherapy before CAR-T cells; tumor, endogenous effector cells, CAR-T cells and the drug."""

from sympy import Expr

from livingdrug.biology.model import Declaration, Piecewise, exp, log

m = Declaration(
    name="owens-bozic-2021",
    title="Preconditioning chemotherapy and CAR-T cells in lymphoma, CLL and melanoma",
    citation="Owens K, Bozic I. Modeling CAR T-cell therapy with patient preconditioning. Bull Math Biol 2021;83:42",
    population="Four parameter sets: diffuse large B-cell lymphoma (P1), chronic lymphocytic leukemia (P2), two of "
    "melanoma (P3, P4); assembled from the literature, not fitted",
    days=100,
    deviations=(
        "The parameters are assembled by the paper from Roesch 2016, Nanda 2013, de Pillis 2005 and Kimmel 2019; "
        "they are not fitted to patients treated with CAR-T cells.",
        "The default schedule (T0 5e9, E0 1e5, chemotherapy of 3 units on days 0 to 4, 1e7 CAR-T cells on day 7) "
        "follows a public replication of the paper's Figure 5b; T0 1e8 for melanoma is our choice (its capacity is "
        "1e9). Unconfirmed: check the paper.",
        "Each chemotherapy of half an hour, and the CAR-T cells, are given at once.",
        "Of the infused cells 1 % are effective, as the paper assumes.",
        "(X/T)^l/(s + (X/T)^l) is written X^l/(s·T^l + X^l), with 1e-9 in the denominator, so that it is 0 and not "
        "0/0 where tumor and cells are both gone.",
        "A tumor below one cell is extinct; that is ours.",
        "No cytokines, no B cells, no antigen-negative relapse.",
    ),
)
SET = "Owens & Bozic 2021, patient 1"
ALL = "Owens & Bozic 2021, all patients"
PLAN = "schedule; see deviations"

a = m.parameter("a", 0.255, "1/day", "tumor growth", lowest=0, source=SET)
b = m.parameter("b", 1 / 2e12, "1/cell", "inverse capacity of tumor", lowest=0, source=SET)
dE = m.parameter("dE", 2.03, "1/day", "killing by effector cells", lowest=0, source=SET)
dC = m.parameter("dC", 2.25, "1/day", "killing by CAR-T", lowest=0, source=SET)
g = m.parameter("g", 1.4e3, "cells/day", "production of effector cells", lowest=0, source=SET)
jE = m.parameter("jE", 0.011, "1/day", "growth of effector cells by killing", lowest=0, source=SET)
jC = m.parameter("jC", 0.242, "1/day", "growth of CAR-T by killing", lowest=0, source=SET)
K = m.parameter("K", 1.65e9, "cells", "capacity of effector and CAR-T cells", lowest=1, source=SET)
k = m.parameter("k", 2.019e5, "cells^2/day^2", "killing at half growth, squared", lowest=1e-3, source=SET)
steep = m.parameter("l", 1.395, "1", "steepness of killing in cells per tumor cell", lowest=1, source=SET)
mE = m.parameter("mE", 7e-3, "1/day", "death of effector cells", lowest=0, source=SET)
mC = m.parameter("mC", 0.0293, "1/day", "death of CAR-T", lowest=0, source=SET)
qE = m.parameter("qE", 3.42e-11, "1/cell/day", "inactivation of effector cells", lowest=0, source=SET)
qC = m.parameter("qC", 3e-11, "1/cell/day", "inactivation of CAR-T", lowest=0, source=SET)
s = m.parameter("s", 0.305, "1", "cells per tumor cell at half killing, to the power l", lowest=1e-6, source=SET)
KT = m.parameter("KT", 0.7, "1/day", "kill of tumor by chemotherapy", lowest=0, source=ALL)
KE = m.parameter("KE", 0.6, "1/day", "kill of effector cells by chemotherapy", lowest=0, source=ALL)
KC = m.parameter("KC", 0.6, "1/day", "kill of CAR-T by chemotherapy", lowest=0, source=ALL)
gamma = m.parameter("gamma", 0.9, "1/day", "loss of chemotherapy", lowest=0, source=ALL)
T0 = m.parameter("T0", 5e9, "cells", "tumor at day 0", lowest=0, source=PLAN)
E0 = m.parameter("E0", 1e5, "cells", "effector cells at day 0", lowest=1, source=PLAN)
chemo = m.parameter("chemo", 3, "1", "each chemotherapy", lowest=0, source=PLAN)
number = m.parameter("number", 5, "1", "number of daily chemotherapies, 0 to 5", lowest=0, highest=5, source=PLAN)
dose = m.parameter("dose", 1e7, "cells", "CAR-T cells infused", lowest=0, source=PLAN)
effective = m.parameter("effective", 0.01, "1", "share of the infused that is effective", lowest=0, highest=1, source=ALL)
t_dose = m.parameter("t_dose", 7, "day", "time of CAR-T; 1e9: not given", lowest=0, source=PLAN)

T = m.state("T", "cells", "tumor", initial=T0)
E = m.state("E", "cells", "endogenous effector cells", initial=E0)
C = m.state("C", "cells", "CAR-T cells")
M = m.state("M", "1", "chemotherapy")


def kill(rate: Expr, cells: Expr) -> Expr:
    """Tumor cells killed per day: saturating in the ratio of cells to tumor."""
    return rate * cells**steep / (s * T**steep + cells**steep + 1e-9) * T


DE = m.define("DE", kill(dE, E), "cells/day", "tumor killed by effector cells")
DC = m.define("DC", kill(dC, C), "cells/day", "tumor killed by CAR-T")
room = m.define("room", -log((E + C) / K), "1", "room to grow")
drug = m.define("drug", 1 - exp(-M), "1", "effect of chemotherapy")

m.rates(
    {
        T: a * T * (1 - b * T) - DE - DC - KT * drug * T,
        E: g - mE * E + jE * room * DE**2 / (k + DE**2) * E - qE * E * T - KE * drug * E,
        C: -mC * C + jC * room * DC**2 / (k + DC**2) * C - qC * C * T - KC * drug * C,
        M: -gamma * M,
    }
)
for day in range(5):
    m.dose(M, Piecewise((chemo, number > day), (0, True)), at=day)
m.dose(C, effective * dose, at=t_dose)
m.extinct(T, below=1)

m.observe("car_t", C, "cells", "CAR-T cells")
m.observe("tumor", T, "cells", "tumor")

MELANOMA = {
    "a": 0.514, "b": 1 / 9.804e8, "g": 1.3e4, "jE": 0.027, "jC": 0.60, "K": 1.65e8, "k": 2e7, "mE": 0.02,
    "qE": 3.42e-10, "qC": 1.53e-9, "T0": 1e8,
}  # fmt: skip
m.variant("P1", "diffuse large B-cell lymphoma")
m.variant(
    "P2",
    "chronic lymphocytic leukemia",
    a=0.176, g=4.7e4, jE=0.00746, jC=0.165, k=7e7, l=1.419, mE=0.034, qE=6.716e-11,
)  # fmt: skip
m.variant("P3", "melanoma", dE=5.8, l=1.36, s=0.25, **MELANOMA)
m.variant("P4", "melanoma", dE=4.23, l=1.43, s=0.36, **MELANOMA)

MODEL = m.model()
