"""The reference model: CAR-T cells, leukemia and its CD19-negative clone, B cells, cytokines and tocilizumab, 14 states.

Assembled by livingdrug from terms of published models; no publication contains all of it. Each parameter names the paper
its value or its term comes from; "assumption" and "tuned" are our own modeling choices.
"""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="reference",
    title="Reference model of CD19 CAR-T therapy in B-cell ALL",
    citation="livingdrug; terms after Stein 2019, Kimmel 2021, León-Triana 2021, Kirouac 2023, Paixão 2022, Liu L. 2022, "
    "Hardiansyah & Ng 2019, Santurio 2025, Frey 2010, Nishimoto 2008",
    population="Children and young adults with relapsed or refractory B-cell ALL; typical weight 39 kg",
    days=365,
    deviations=(
        "The assembly is a modeling choice: no published model contains all of its terms.",
        "The Hill exponent of the antigen signal is fixed at 1.",
        "The qPCR scale S_q uses a fixed white-cell count, so lymphopenia at the peak is a known distortion.",
        "Deterministic: extinction below one cell stands in for a birth-death process.",
        "De-novo antigen loss and bystander killing are off by default; lineage switch is not modeled.",
        "AUC0-28 of the typical patient is 26 % above Stein's: the model's peak is rounder than Stein's cusp.",
    ),
)
t = m.time

# fmt: off - one line per parameter, as in a paper's table
# Product and expansion
dose = m.parameter(
    "dose",
    1.2e8,
    "cells",
    "CAR-positive cells infused",
    spread=0.5,
    lowest=0,
    highest=2.5e8,
    source="Stein 2019: 3.1e6/kg × 39 kg",
)
f_eng = m.parameter(
    "f_eng", 0.30, "1", "share of the dose that engrafts", spread=0.6, lowest=0, highest=0.9, source="tuned to Stein 2019 Tmax"
)
k_d = m.parameter("k_d", 2, "1/day", "activation of infused cells", lowest=0, source="assumption")
d_D = m.parameter("d_D", 0.5, "1/day", "death of infused cells", lowest=0, source="assumption")
rho = m.parameter(
    "rho",
    1.11,
    "1/day",
    "expansion at full antigen",
    spread=0.08,
    lowest=0,
    source="tuned: net doubling 0.775 d, Stein 2019 0.78 d",
)
tau_r = m.parameter(
    "tau_r", 25, "day", "product ageing time", lowest=1e-3, source="assumption; form after Paixão 2022 (unconfirmed)"
)
K_Ag = m.parameter("K_Ag", 4.2e8, "cells", "CD19 load at half signal", lowest=1, source="tuned; Kirouac 2023 B50")
K_C = m.parameter("K_C", 7e10, "cells", "CAR-T capacity", spread=0.6, lowest=1, source="Kimmel 2021 KC 6.96e10")
alpha = m.parameter("alpha", 0.16, "1/day", "contraction", spread=0.3, lowest=0, source="Stein 2019 Table 1")
FB = m.parameter(
    "FB", 0.0063, "1", "share that becomes memory", spread=0.9, lowest=0, highest=0.5, source="Stein 2019 0.0079, re-tuned"
)
beta = m.parameter("beta", 0.0032, "1/day", "loss of memory", spread=1.0, lowest=0, source="Stein 2019 Table 1")
k_ME = m.parameter("k_ME", 0.02, "1/day", "reactivation of memory", lowest=0, source="assumption")
k_EX = m.parameter("k_EX", 0.02, "1/day", "exhaustion", spread=0.8, lowest=0, source="assumption; Kirouac 2023 kex 0.1-0.4")
d_X = m.parameter("d_X", 0.16, "1/day", "loss of exhausted cells", lowest=0, source="Stein 2019 typical alpha")

# Killing, leukemia and B cells
kap = m.parameter(
    "kap", 2.0, "1/day", "maximal killing rate", spread=0.4, lowest=0, source="Kimmel 2021 gB 1.15; target, range 1-3"
)
K_E = m.parameter(
    "K_E", 3.25e9, "cells", "CAR-T cells at half killing", spread=0.3, lowest=1, source="Kimmel 2021 kB, upper quartile"
)
m_M = m.parameter("m_M", 1, "1", "killing by memory relative to effector", lowest=0, source="assumption")
eps_by = m.parameter("eps_by", 0, "1", "bystander killing", lowest=0, source="off by default; structure of Liu L. 2022")
L0 = m.parameter(
    "L0",
    1e11,
    "cells",
    "CD19-positive leukemia at infusion",
    spread=1.2,
    lowest=0,
    highest=1e12,
    source="Kimmel 2021 9.5e10, León-Triana 2021 5e10",
)
r_L = m.parameter(
    "r_L", 0.05, "1/day", "growth of leukemia", spread=0.35, lowest=0, source="León-Triana 2021 0.033, Kirouac 2023 0.05"
)
K_L = m.parameter("K_L", 1e12, "cells", "marrow capacity", lowest=1, source="assumption (unconfirmed)")
mu_neg = m.parameter("mu_neg", 0, "1/day", "loss of the antigen", lowest=0, source="off by default")
Ln0 = m.parameter(
    "Ln0",
    0,
    "cells",
    "CD19-negative leukemia at infusion",
    lowest=0,
    highest=1e12,
    source="target: share of CD19-negative relapses",
)
B0 = m.parameter("B0", 1e9, "cells", "B cells at infusion", lowest=0, source="assumption: after lymphodepletion")
B_ss = m.parameter("B_ss", 6e10, "cells", "B cells in health", lowest=0, source="assumption: about 410 per µL blood")
d_B = m.parameter("d_B", 1 / 60, "1/day", "turnover of B cells", lowest=0, source="León-Triana 2021 tauB 60 d")
C50P = m.parameter(
    "C50P",
    3e6,
    "cells",
    "CAR-T cells at half B-cell production",
    spread=1.0,
    lowest=1e-3,
    source="structure of León-Triana 2021, tuned to aplasia",
)
w_B = m.parameter("w_B", 1, "1", "antigen on a B cell relative to a blast", lowest=0, source="assumption")
S_q = m.parameter(
    "S_q",
    1.045e-6,
    "copies/ug_DNA/cells",
    "qPCR signal per CAR-T cell",
    spread=0.5,
    lowest=0,
    source="0.02 × 1 / (2.9e6 µL × 1000/µL × 6.6e-6 µg)",
)

# Cytokines
p_IFN = m.parameter("p_IFN", 1e-7, "pg/mL/day/cells", "IFN-γ per effector cell", spread=0.7, lowest=0, source="target")
d_IFN = m.parameter("d_IFN", 1.51, "1/day", "loss of IFN-γ", lowest=0, source="Hardiansyah & Ng 2019")
IFN0 = m.parameter("IFN0", 3, "pg/mL", "IFN-γ at rest", lowest=0, source="assumption")
K_IFN = m.parameter("K_IFN", 50, "pg/mL", "IFN-γ at half macrophage activation", lowest=1e-6, source="assumption")
w_D = m.parameter(
    "w_D",
    0.65,
    "1",
    "share of activation by target-cell death",
    lowest=0,
    highest=1,
    source="tuned to CRS onset; idea of Santurio 2025",
)
R_ref = m.parameter("R_ref", 5e10, "cells/day", "death rate of unit activation", lowest=1, source="assumption")
k_Phi = m.parameter("k_Phi", 0.7, "1/day", "activation of macrophages", lowest=0, source="assumption")
d_Phi = m.parameter("d_Phi", 0.7, "1/day", "deactivation of macrophages", lowest=0, source="assumption")
A_ref = m.parameter("A_ref", 5e9, "cells", "engaged cells of unit activation", lowest=1, source="assumption")
p_IL6 = m.parameter("p_IL6", 2000, "pg/mL/day", "IL-6 per unit activation", spread=1.2, lowest=0, source="target, free scale")
d_IL6 = m.parameter("d_IL6", 3.96, "1/day", "loss of IL-6", lowest=0, source="Hardiansyah & Ng 2019")
IL6_0 = m.parameter("IL6_0", 2, "pg/mL", "IL-6 at rest", lowest=0, source="assumption")
f_nr = m.parameter(
    "f_nr",
    0.3,
    "1",
    "IL-6 loss that needs no receptor",
    lowest=0,
    highest=1,
    source="assumption; Nishimoto 2008 for the direction",
)
K_S = m.parameter("K_S", 50, "pg/mL", "effective IL-6 at half signal", lowest=1e-6, source="assumption")
k_CRP = m.parameter("k_CRP", 264, "mg/L/day", "maximal CRP production", lowest=0, source="assumption: ceiling 300 mg/L")
d_CRP = m.parameter("d_CRP", 0.88, "1/day", "loss of CRP", lowest=1e-6, source="half-life 19 h (unconfirmed)")
CRP0 = m.parameter("CRP0", 5, "mg/L", "CRP at rest", lowest=0, source="assumption")
k_F = m.parameter("k_F", 3000, "ng/mL/day", "ferritin per unit activation", lowest=0, source="target")
d_F = m.parameter("d_F", 0.25, "1/day", "loss of ferritin", lowest=0, source="assumption")
F0 = m.parameter("F0", 500, "ng/mL", "ferritin at rest", lowest=0, source="assumption")

# Treatment of CRS
weight = m.parameter("weight", 39, "kg", "body weight", lowest=1, source="Stein 2019 median")
t_toci = m.parameter("t_toci", 1e9, "day", "time of tocilizumab; 1e9: not given", lowest=0, source="policy")
toci_level = m.parameter(
    "toci_level", 1e12, "pg/mL", "IL-6 signal that calls for tocilizumab; 1e12: never", lowest=0, source="policy"
)
toci_delay = m.parameter("toci_delay", 1, "day", "from the signal to the dose", lowest=0, source="policy")
toci = m.parameter("toci", 8, "mg/kg", "tocilizumab dose", lowest=0, source="Le 2018")
V1 = m.parameter("V1", 1.95, "L", "central volume of tocilizumab", lowest=1e-3, source="Frey 2010, scaled to 39 kg")
V2 = m.parameter("V2", 1.6, "L", "peripheral volume", lowest=1e-3, source="Frey 2010, scaled to 39 kg")
CL = m.parameter("CL", 0.19, "L/day", "linear clearance", lowest=0, source="Frey 2010, scaled to 39 kg")
Q = m.parameter("Q", 0.13, "L/day", "exchange between compartments", lowest=0, source="Frey 2010, scaled to 39 kg")
Vm = m.parameter("Vm", 4.7, "mg/day", "maximal saturable elimination", lowest=0, source="Frey 2010, scaled to 39 kg")
Km = m.parameter("Km", 2.7, "mg/L", "half saturation of elimination", lowest=1e-6, source="Frey 2010")
KD_T = m.parameter("KD_T", 0.5, "mg/L", "tocilizumab at half receptor occupancy", lowest=1e-6, source="assumption")
I_ster = m.parameter("I_ster", 0, "1", "block of IL-6 production by steroids", lowest=0, highest=1, source="no data known; 0")
# fmt: on

m.require(beta < alpha, "beta (loss of memory) must be below alpha (contraction), or the flow to memory is negative")
m.correlate(rho, kap, 0.9)

D = m.state("D", "cells", "infused, not yet activated", initial=dose)
E = m.state("E", "cells", "effector CAR-T")
M = m.state("M", "cells", "memory CAR-T")
X = m.state("X", "cells", "exhausted CAR-T")
Lp = m.state("Lp", "cells", "CD19-positive leukemia", initial=L0)
Ln = m.state("Ln", "cells", "CD19-negative leukemia", initial=Ln0)
B = m.state("B", "cells", "normal B cells", initial=B0)
IFN = m.state("IFN", "pg/mL", "IFN-γ", initial=IFN0)
Phi = m.state("Phi", "1", "activated macrophages")
IL6 = m.state("IL6", "pg/mL", "IL-6 in serum", initial=IL6_0)
CRP = m.state("CRP", "mg/L", "C-reactive protein", initial=CRP0)
FER = m.state("FER", "ng/mL", "ferritin", initial=F0)
T1 = m.state("T1", "mg", "tocilizumab, central")
T2 = m.state("T2", "mg", "tocilizumab, peripheral")

Ag = m.define("Ag", Lp + w_B * B, "cells", "CD19 load")
h = m.define("h", Ag / (Ag + K_Ag), "1", "antigen signal")
C = m.define("C", E + M + X, "cells", "CAR-T cells")
Ceff = m.define("Ceff", E + m_M * M, "cells", "killing cells")
kill = m.define("kill", kap * Ceff / (K_E + Ceff), "1/day", "killing rate of one target cell")
k_EM = m.define("k_EM", FB * (alpha - beta), "1/day", "flow to memory")
rho_t = m.define("rho_t", rho / (1 + (t / tau_r) ** 4), "1/day", "expansion rate of the ageing product")
L = m.define("L", Lp + Ln, "cells", "leukemia")
Ct = m.define("Ct", T1 / V1, "mg/L", "tocilizumab in serum")
Occ = m.define("Occ", Ct / (Ct + KD_T), "1", "occupied IL-6 receptors")
s = m.define("s", IL6 * (1 - Occ), "pg/mL", "IL-6 that still signals")

m.rates(
    {
        D: -(k_d + d_D) * D,
        E: D * f_eng * (k_d + d_D)
        + rho_t * h * (1 - C / K_C) * E
        + k_ME * h * M
        - (alpha - k_EM) * E
        - k_EM * (1 - h) * E
        - k_EX * h * E,
        M: k_EM * (1 - h) * E - beta * M,
        X: k_EX * h * E - d_X * X,
        Lp: r_L * Lp * (1 - L / K_L) - mu_neg * Lp - kill * Lp,
        # The bystander term is the paper's kill·Lp/(Lp+Ln)·Ln; one cell in the denominator keeps 0/0 out when both are extinct.
        Ln: r_L * Ln * (1 - L / K_L) + mu_neg * Lp - eps_by * kill * Lp / (L + 1) * Ln,
        B: d_B * B_ss / (1 + (E + M) / C50P) - d_B * B - kill * B,
        IFN: p_IFN * E * h - d_IFN * (IFN - IFN0),
        Phi: k_Phi * ((1 - w_D) * (E * h / A_ref) * IFN / (IFN + K_IFN) + w_D * kill * (Lp + B) / R_ref) - d_Phi * Phi,
        IL6: d_IL6 * IL6_0 + p_IL6 * Phi * (1 - I_ster) - d_IL6 * (f_nr + (1 - f_nr) * (1 - Occ)) * IL6,
        CRP: k_CRP * s / (s + K_S) - d_CRP * (CRP - CRP0),
        FER: k_F * Phi - d_F * (FER - F0),
        T1: -CL * Ct - Vm * Ct / (Km + Ct) - Q * (Ct - T2 / V2),
        T2: Q * (Ct - T2 / V2),
    }
)
m.dose(T1, toci * weight, at=t_toci)
m.when("tocilizumab", s - toci_level, then={T1: T1 + toci * weight}, after=toci_delay)
m.extinct(Lp, below=1)
m.extinct(Ln, below=1)

m.observe("transgene", S_q * C, "copies/ug_DNA", "qPCR signal in blood")
m.observe("b_cells", 0.02 * B / 2.9e6, "cells/uL", "B cells in blood")
m.observe("blasts", L / K_L, "1", "marrow blast fraction, about")
m.observe("car_t", C, "cells", "all CAR-T cells")
m.observe("leukemia", L, "cells", "all leukemia cells")
m.observe("il6_signal", s, "pg/mL", "IL-6 that still signals")

MODEL = m.model()
