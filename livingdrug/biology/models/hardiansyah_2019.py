"""Hardiansyah & Ng 2019: CAR-T cells, CLL B cells, IL-6, IL-10 and IFN-γ in two patients with CLL."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="hardiansyah-2019",
    title="CAR-T cells and the cytokines of CRS in chronic lymphocytic leukemia",
    citation="Hardiansyah D, Ng CM. Quantitative systems pharmacology model of chimeric antigen receptor T-cell "
    "therapy. Clin Transl Sci 2019;12:343-349",
    doi="10.1111/cts.12636",
    population="Two adults with advanced, chemotherapy-resistant CLL: UPN1 and UPN3 of Kalos 2011. Not a population model",
    days=350,
    deviations=(
        "Cells are counted in billions (1e9), as in the supplement; the observables give cells.",
        "The gain of memory cells is aE·E·(1-fB), the flow that effector cells lose. The printed Eq. 7 has aE·M "
        "there, which would leave memory empty forever; the paper's Figure 1a shows the flow as used here.",
        "h is 1e5 in billions of cells and bG is 650 pg/mL: the supplement prints other units, with which its own "
        "figures cannot be reproduced (via nlmixr2lib).",
        "The cytokine baselines are digitized from Figure 1b (via nlmixr2lib), good to about 30 %; unconfirmed.",
        "The values come from a transcription (nlmixr2lib), not from the supplement itself; unconfirmed.",
        "There is no CRP, no tocilizumab and no between-patient spread.",
    ),
)
FIXED = "supplement Table S1, via nlmixr2lib"
FITTED = "supplement Table S2, via nlmixr2lib"
FIGURE = "digitized from Figure 1b, via nlmixr2lib"

d6 = m.parameter("d6", 3.96, "1/day", "loss of IL-6", lowest=0, source=FIXED)
d10 = m.parameter("d10", 4.68, "1/day", "loss of IL-10", lowest=0, source=FIXED)
dG = m.parameter("dG", 1.51, "1/day", "loss of IFN-γ", lowest=0, source=FIXED)
aG = m.parameter("aG", 0.59, "1", "IFN-γ production left at most IL-10", lowest=0, highest=1, source=FIXED)
bG = m.parameter("bG", 650, "pg/mL", "IL-10 at half inhibition", lowest=1e-6, source=FIXED)
rM = m.parameter("rM", 0.0509, "1/day", "growth of memory", lowest=0, source=FIXED)
dM = m.parameter("dM", 0.408, "1/day", "death of memory", lowest=0, source=FIXED)
aM = m.parameter("aM", 1, "1/day", "memory to effector", lowest=0, source=FIXED)
kin = m.parameter("kin", 76.78, "1/day", "blood to tissue", lowest=0, source=FIXED)
kout = m.parameter("kout", 1.84, "1/day", "tissue to blood", lowest=0, source=FIXED)
h = m.parameter("h", 1e5, "1", "B cells at half activation, in 1e9", lowest=1e-9, source=FIXED)
rB = m.parameter("rB", 0.0093, "1/day", "growth of CLL", lowest=0, source=FIXED)
dB = m.parameter("dB", 0.0076, "1/day", "death of CLL", lowest=0, source=FIXED)
P6 = m.parameter("P6", 1.8e-3, "ug/L/day", "IL-6 production; RSE 42 %", lowest=0, source=FITTED)
P10 = m.parameter("P10", 0.7e-3, "ug/L/day", "IL-10 production; RSE 39 %", lowest=0, source=FITTED)
PG = m.parameter("PG", 0.3e-3, "ug/L/day", "IFN-γ production; RSE 31 %", lowest=0, source=FITTED)
rE = m.parameter("rE", 16.16, "1/day", "growth of effector per 1e9 B cells; RSE 11 %", lowest=0, source=FITTED)
dE = m.parameter("dE", 23.04, "1/day", "death of effector; RSE 5 %", lowest=0, source=FITTED)
aE = m.parameter("aE", 0.024, "1/day", "effector to memory; RSE 32 %", lowest=0, source=FITTED)
kBC = m.parameter("kBC", 0.19, "1/day", "killing per 1e9 effector cells; RSE 19 %", lowest=0, source=FITTED)
B0 = m.parameter("B0", 4.14, "1", "CLL cells in blood at infusion, in 1e9", lowest=0, source="Figure 2 caption")
dose = m.parameter("dose", 1.1, "1", "CAR-T cells infused, in 1e9", lowest=0, source="Kalos 2011")
BL6 = m.parameter("BL6", 1.7, "pg/mL", "IL-6 at rest", lowest=0, source=FIGURE)
BL10 = m.parameter("BL10", 4.5, "pg/mL", "IL-10 at rest", lowest=0, source=FIGURE)
BLG = m.parameter("BLG", 2.3, "pg/mL", "IFN-γ at rest", lowest=0, source=FIGURE)

CELL = 1e-9
B = m.state("B", "1", "CLL B cells in blood, in 1e9", initial=B0, negligible=CELL)
E = m.state("E", "1", "effector CAR-T in blood, in 1e9", negligible=CELL)
Et = m.state("Et", "1", "effector CAR-T in tissue, in 1e9", negligible=CELL)
M = m.state("M", "1", "memory CAR-T in blood, in 1e9", negligible=CELL)
Mt = m.state("Mt", "1", "memory CAR-T in tissue, in 1e9", negligible=CELL)
IL6 = m.state("IL6", "pg/mL", "IL-6", initial=BL6)
IL10 = m.state("IL10", "pg/mL", "IL-10", initial=BL10)
IFN = m.state("IFN", "pg/mL", "IFN-γ", initial=BLG)

fB = m.define("fB", B / (B + h), "1", "saturation by B cells, Eq. 9")
FdIL10 = m.define("FdIL10", aG + (1 - aG) * bG / (IL10 + bG), "1", "inhibition of IFN-γ by IL-10")
to_memory = m.define("to_memory", aE * E * (1 - fB), "1/day", "effector to memory, in 1e9")
to_effector = m.define("to_effector", aM * M * fB, "1/day", "memory to effector, in 1e9")

m.rates(
    {
        B: rB * B - dB * B - kBC * E * B,
        E: rE * E * B - dE * E - kin * E + kout * Et - to_memory + to_effector,
        Et: kin * E - kout * Et,
        M: rM * M - dM * M - kin * M + kout * Mt + to_memory - to_effector,
        Mt: kin * M - kout * Mt,
        IL6: d6 * BL6 + P6 * 1e6 * B * E - d6 * IL6,
        IL10: d10 * BL10 + P10 * 1e6 * B * E - d10 * IL10,
        IFN: dG * BLG + PG * 1e6 * B * E * FdIL10 - dG * IFN,
    }
)
m.dose(E, 0.1 * dose, at=0)
m.dose(E, 0.3 * dose, at=1)
m.dose(E, 0.6 * dose, at=2)

m.observe("car_t", 1e9 * (E + M), "cells", "CAR-T cells in blood")
m.observe("cll", 1e9 * B, "cells", "CLL B cells in blood")

m.variant("UPN1", "high burden, 1.1e9 cells in three parts")
m.variant(
    "UPN3",
    "low burden, 1.4e7 cells in three parts; RSE of its estimates 11-33 %",
    P6=0.6e-2, P10=1.7e-2, PG=0.6e-2, rE=14.40, dE=1.44, aE=0.12, kBC=2.21,
    B0=0.93, dose=0.014, BL6=1, BL10=0.5, BLG=1.7,
)  # fmt: skip

MODEL = m.model()
