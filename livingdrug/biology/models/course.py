"""The course inside a virtual patient: the reference model with a protected niche, organ response, and treatment on need.

What the trial simulator solves. It adds to the reference model what a clinic sees and does: organs that follow inflammation with
a delay, tocilizumab and steroids given when that delayed response reaches the level at which this patient meets the policy's
trigger, second looks, and tumor that is hard to reach. Starting values only: a population file gives each parameter's
distribution, and the calibration moves those.
"""

import math

from livingdrug.biology.model import Declaration
from livingdrug.biology.models.reference import MODEL as REFERENCE

m = Declaration(
    name="course",
    title="Course of a CAR-T therapy in a virtual patient: kinetics, tumor, inflammation, organs, rescue",
    citation="livingdrug; the reference model, with terms for organ response, rescue and protected tumor",
    population="Set by a population file; starting values are those of children and young adults with B-cell ALL",
    days=365,
    deviations=(
        "Built on the reference model and shares its deviations; macrophages, IL-6, CRP and ferritin are as there.",
        "The organ response R is a first-order follower of inflammation; which need it causes in a patient is a threshold.",
        "No better means that the inflammation itself is still above the level of the first dose when the next look is due.",
        "Part of the drive does not pass through the IL-6 receptor (w_I), so that tocilizumab does not help everybody alike.",
        "The neurological drive N follows macrophage activation, which tocilizumab does not lower and steroids do.",
        "A share of the antigen-positive tumor is reached less well (phi_q); where it sits is not modeled.",
        "Extinction is deterministic at a level n_ext that is drawn per patient in place of a birth-death process.",
        "A steroid course is one exponentially falling effect, whatever drug and schedule.",
    ),
)

# Cells, tumor and healthy antigen-bearing cells
dose, f_eng, k_d, d_D, rho, tau_r, K_Ag, K_C, alpha, FB, beta, k_ME, k_EX, d_X = m.adopt(
    REFERENCE, "dose f_eng k_d d_D rho tau_r K_Ag K_C alpha FB beta k_ME k_EX d_X"
)
kap, K_E, m_M, r_L, K_L, B0, B_ss, d_B, C50P, w_B, S_q = m.adopt(REFERENCE, "kap K_E m_M r_L K_L B0 B_ss d_B C50P w_B S_q")
# fmt: off - one line per parameter, as in a paper's table
P0 = m.parameter("P0", 1e11, "cells", "antigen-positive tumor at infusion", lowest=0, source="Kimmel 2021 9.5e10")
Q0 = m.parameter("Q0", 1e7, "cells", "protected antigen-positive tumor at infusion", lowest=0, source="assumption; calibrated")
N0 = m.parameter(
    "N0", 0, "cells", "antigen-negative tumor at infusion", lowest=0, source="target: share of antigen-negative relapses"
)
phi_q = m.parameter(
    "phi_q", 0.15, "1", "killing of protected relative to other tumor", lowest=0, highest=1, source="assumption; calibrated"
)
n_ext = m.parameter(
    "n_ext", 1, "cells", "number below which a tumor is extinct", lowest=0, source="birth-death extinction, drawn per patient"
)
# fmt: on

# Inflammation
p_IFN, d_IFN, IFN0, K_IFN, w_D, R_ref, k_Phi, d_Phi, A_ref = m.adopt(
    REFERENCE, "p_IFN d_IFN IFN0 K_IFN w_D R_ref k_Phi d_Phi A_ref"
)
p_IL6, d_IL6, IL6_0, f_nr, K_S, k_CRP, d_CRP, CRP0, k_F, d_F, F0 = m.adopt(
    REFERENCE, "p_IL6 d_IL6 IL6_0 f_nr K_S k_CRP d_CRP CRP0 k_F d_F F0"
)
# fmt: off
w_I = m.parameter("w_I", 0.2, "1", "share of the drive that needs no IL-6 receptor", lowest=0, highest=1, source="Le 2018: 69 % respond to tocilizumab; calibrated")
u_Phi = m.parameter("u_Phi", 500, "pg/mL", "IL-6 equivalent of one unit of macrophage activation", lowest=0, source="p_IL6/d_IL6 of the typical patient")
k_R = m.parameter("k_R", 0.8, "1/day", "organs following inflammation", lowest=0, source="assumption; calibrated to CRS timing")
k_N = m.parameter("k_N", 0.5, "1/day", "nervous system following inflammation", lowest=0, source="assumption; neurotoxicity median onset day 6")

# Rescue
V1, V2, CL, Q, Vm, Km, KD_T = m.adopt(REFERENCE, "V1 V2 CL Q Vm Km KD_T")
toci_mg = m.parameter("toci_mg", 312, "mg", "one dose of tocilizumab", lowest=0, source="label: 8 mg/kg from 30 kg on, 12 mg/kg below")
toci_level = m.parameter("toci_level", 1e12, "pg/mL", "organ response at which the policy calls for tocilizumab", lowest=0, source="policy")
toci_delay = m.parameter("toci_delay", 0.25, "day", "from the need to the dose", lowest=0, source="policy")
toci_again = m.parameter("toci_again", 0.75, "day", "from a dose to the look that may repeat it", lowest=0.01, source="policy")
ster_level = m.parameter("ster_level", 1e12, "pg/mL", "organ response at which the policy gives steroids at once", lowest=0, source="policy")
ster_wait = m.parameter("ster_wait", 0.6, "day", "from tocilizumab to the look that adds steroids; 1e9: none", lowest=0.01, source="policy")
I_ster = m.parameter("I_ster", 0.6, "1", "largest block of macrophage activation by steroids", lowest=0, highest=1, source="assumption")
k_S = m.parameter("k_S", 0.3, "1/day", "waning of a steroid course", lowest=0, source="assumption: courses of three to five days")
day_first = m.parameter("day_first", 28, "day", "first assessment of response", lowest=0, source="therapy")
# fmt: on

CLOSED = 1e4
"""How far a look that is not due yet raises the level it compares with."""

m.require(beta < alpha, "beta (loss of memory) must be below alpha (contraction), or the flow to memory is negative")
m.correlate(rho, kap, 0.9)
t = m.time

D = m.state("D", "cells", "infused, not yet activated", initial=dose)
E = m.state("E", "cells", "effector CAR-T")
M = m.state("M", "cells", "memory CAR-T")
X = m.state("X", "cells", "exhausted CAR-T")
P = m.state("P", "cells", "antigen-positive tumor", initial=P0)
PQ = m.state("PQ", "cells", "antigen-positive tumor that is hard to reach", initial=Q0)
N = m.state("N", "cells", "antigen-negative tumor", initial=N0)
B = m.state("B", "cells", "healthy antigen-bearing cells", initial=B0)
IFN = m.state("IFN", "pg/mL", "IFN-γ", initial=IFN0)
Phi = m.state("Phi", "1", "activated macrophages")
IL6 = m.state("IL6", "pg/mL", "IL-6 in serum", initial=IL6_0)
CRP = m.state("CRP", "mg/L", "C-reactive protein", initial=CRP0)
FER = m.state("FER", "ng/mL", "ferritin", initial=F0)
R = m.state("R", "pg/mL", "organ response, as an IL-6 equivalent", initial=IL6_0)
NS = m.state("NS", "1", "neurological drive, in units of macrophage activation")
T1 = m.state("T1", "mg", "tocilizumab, central")
T2 = m.state("T2", "mg", "tocilizumab, peripheral")
S = m.state("S", "1", "steroid course under way")
DOSES = m.state("DOSES", "1", "doses of tocilizumab given")
HOLD = m.state("HOLD", "1", "time to the next look at a repeated dose, as a level that falls from CLOSED to 1", initial=CLOSED)
WAIT = m.state("WAIT", "1", "the same for steroids", initial=CLOSED)
LATE = m.state("LATE", "1", "1 from the first assessment on")

Ag = m.define("Ag", P + PQ + w_B * B, "cells", "antigen load")
h = m.define("h", Ag / (Ag + K_Ag), "1", "antigen signal")
C = m.define("C", E + M + X, "cells", "CAR-T cells")
Ceff = m.define("Ceff", E + m_M * M, "cells", "killing cells")
kill = m.define("kill", kap * Ceff / (K_E + Ceff), "1/day", "killing rate of one target cell")
k_EM = m.define("k_EM", FB * (alpha - beta), "1/day", "flow to memory")
rho_t = m.define("rho_t", rho / (1 + (t / tau_r) ** 4), "1/day", "expansion rate of the ageing product")
L = m.define("L", P + PQ + N, "cells", "tumor")
grow = m.define("grow", r_L * (1 - L / K_L), "1/day", "growth of the tumor")
Ct = m.define("Ct", T1 / V1, "mg/L", "tocilizumab in serum")
free = m.define("free", KD_T / (Ct + KD_T), "1", "free IL-6 receptors")
s = m.define("s", IL6 * free, "pg/mL", "IL-6 that still signals")
drive = m.define("drive", (1 - w_I) * s + w_I * u_Phi * Phi, "pg/mL", "inflammation, as an IL-6 equivalent")
calm = m.define("calm", 1 - I_ster * S / (S + 0.25), "1", "macrophage activation that steroids leave")

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
        P: (grow - kill) * P,
        PQ: (grow - phi_q * kill) * PQ,
        N: grow * N,
        B: d_B * B_ss / (1 + (E + M) / C50P) - d_B * B - kill * B,
        IFN: p_IFN * E * h - d_IFN * (IFN - IFN0),
        Phi: calm * k_Phi * ((1 - w_D) * (E * h / A_ref) * IFN / (IFN + K_IFN) + w_D * kill * (P + B) / R_ref) - d_Phi * Phi,
        IL6: d_IL6 * IL6_0 + p_IL6 * Phi - d_IL6 * (f_nr + (1 - f_nr) * free) * IL6,
        CRP: k_CRP * s / (s + K_S) - d_CRP * (CRP - CRP0),
        FER: k_F * Phi - d_F * (FER - F0),
        R: k_R * (drive - R),
        NS: k_N * (Phi - NS),
        T1: -CL * Ct - Vm * Ct / (Km + Ct) - Q * (Ct - T2 / V2),
        T2: Q * (Ct - T2 / V2),
        S: -k_S * S,
        DOSES: 0,
        HOLD: -math.log(CLOSED) / toci_again * DOSES * HOLD,
        WAIT: -math.log(CLOSED) / ster_wait * DOSES * WAIT,
        LATE: 0,
    }
)
m.dose(LATE, 1, at=day_first)
# Holds run out DOSES times as fast after DOSES doses, so a new one starts at a power of CLOSED and takes as long as the first.
given = {T1: T1 + toci_mg, DOSES: DOSES + 1, HOLD: CLOSED ** (DOSES + 1)}
m.when("tocilizumab", R - toci_level, then=given, after=toci_delay)
m.when("no better: tocilizumab again", drive - toci_level * (1 + HOLD), then=given, times=2)
m.when("no better: steroids", drive - toci_level * (1 + WAIT), then={S: S + 1})
m.when("steroids at once", R - ster_level, then={S: S + 1}, after=toci_delay)
m.extinct(P, below=n_ext)
m.extinct(PQ, below=n_ext)
m.extinct(N, below=n_ext)

m.observe("transgene", S_q * C, "copies/ug_DNA", "qPCR signal in blood")
m.observe("car_t", C, "cells", "all CAR-T cells")
m.observe("tumor", L, "cells", "all tumor cells")
m.observe("burden", L / K_L, "1", "tumor over its capacity; in marrow about the blast fraction")
m.observe("back", LATE * L / K_L, "1", "burden from the first assessment on")
m.observe("back_positive", LATE * (P + PQ) / K_L, "1", "its antigen-positive part")
m.observe("back_negative", LATE * N / K_L, "1", "its antigen-negative part")
m.observe("healthy", B / B_ss, "1", "healthy antigen-bearing cells relative to health")
m.observe("recovered", LATE * B / B_ss, "1", "the same from the first assessment on")
m.observe("il6_signal", s, "pg/mL", "IL-6 that still signals")
m.observe("inflammation", drive, "pg/mL", "inflammation, as an IL-6 equivalent")

MODEL = m.model()
