"""Singh 2021: receptor-level model of bb2121 (idecabtagene vicleucel, BCMA) in blood and marrow of multiple myeloma."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="singh-2021",
    title="CAR-target complexes, expansion and killing in multiple myeloma (bb2121)",
    citation="Singh AP, Chen W, Zheng X, et al. Bench-to-bedside translation of chimeric antigen receptor (CAR) T "
    "cells using a multiscale systems pharmacokinetic-pharmacodynamic model: a case study with anti-BCMA CAR-T. CPT "
    "Pharmacometrics Syst Pharmacol 2021;10:362-376. PMC8099446",
    doi="10.1002/psp4.12598",
    population="33 adults with relapsed or refractory multiple myeloma, bb2121 at 50, 150, 450 or 800 million cells "
    "(CRB-401); fitted to mean profiles per dose",
    days=365,
    deviations=(
        "Clinical model only; the paper's in-vitro and mouse models are not included.",
        "The kill acts on tumor cells, as in the authors' code; the supplement's Eq. 18 prints effector cells (via "
        "nlmixr2lib).",
        "The authors start marrow effectors at 1e-6 cells/L to avoid 0/0. Here one complex per liter stands in the "
        "denominators instead, so that without a dose no CAR-T cells appear.",
        "The spread is Table 1's omega, read as standard deviation of the logarithm; 0.5 on K12, K21, Kel_e and "
        "Kel_m is the authors' assumption.",
        "Biomarkers are relative to their start; sBCMA is production 0.7/day times the relative tumor.",
        "A public MATLAB replication uses a tenfold Koff and other elimination and killing rates; the values here "
        "come from a transcription of Table 1 and of the authors' code (nlmixr2lib). Both are transcriptions "
        "(unconfirmed).",
    ),
)
TABLE = "Table 1, clinical, via nlmixr2lib"
FIXED = "Table 1, clinical, fixed, via nlmixr2lib"
ASSUMED = "Table 1, clinical; spread assumed"

dose = m.parameter("dose", 450e6, "cells", "CAR-T cells infused", lowest=0, source="CRB-401: 50, 150, 450, 800 million")
Vb = m.parameter("Vb", 5, "L", "blood", lowest=0.1, source=FIXED)
Vt = m.parameter("Vt", 3.65, "L", "bone marrow", lowest=0.1, source=FIXED)
K12 = m.parameter("K12", 1.71, "1/day", "blood to marrow", spread=0.5, lowest=0, source=ASSUMED)
K21 = m.parameter("K21", 0.176, "1/day", "marrow to blood", spread=0.5, lowest=0, source=ASSUMED)
Kel_e = m.parameter("Kel_e", 113, "1/day", "loss of effector from blood", spread=0.5, lowest=0, source=ASSUMED)
Kel_m = m.parameter("Kel_m", 0.219, "1/day", "loss of memory from blood", spread=0.5, lowest=0, source=ASSUMED)
Kexp_max = m.parameter("Kexp_max", 1.73, "1/day", "largest expansion; RSE 10 %", spread=0.22, lowest=0, source=TABLE)
EC50 = m.parameter("EC50", 10, "molecules/cell", "complexes per CAR-T at half expansion", lowest=1e-6, source=TABLE)
Rm = m.parameter("Rm", 2e-5, "1/day", "effector to memory; RSE 66 %", lowest=0, source=TABLE)
AgCAR = m.parameter("AgCAR", 15_000, "molecules/cell", "CAR on a CAR-T cell", lowest=0, source=FIXED)
AgTAA = m.parameter("AgTAA", 12_590, "molecules/cell", "BCMA on a myeloma cell", lowest=0, source=FIXED)
Kkill_max = m.parameter("Kkill_max", 0.343, "1/day", "largest killing; RSE 21 %", spread=0.50, lowest=0, source=TABLE)
KC50 = m.parameter("KC50", 2.24, "molecules/cell", "complexes per tumor cell at half killing", lowest=1e-6, source=FIXED)
Kon = m.parameter("Kon", 7.103e4 * 86_400 / 6.023e23, "L/molecule/day", "binding; 7.103e4 /M/s", lowest=0, source=FIXED)
Koff = m.parameter("Koff", 2.385e-3 * 86_400, "1/day", "unbinding; 2.385e-3 /s", lowest=0, source=FIXED)
Kg = m.parameter("Kg", 0.008, "1/day", "tumor growth", lowest=0, source=FIXED)
Tumor0 = m.parameter("Tumor0", 2.5e9, "cells/L", "myeloma cells in marrow", lowest=1, source="authors' code, via nlmixr2lib")
TransC = m.parameter("TransC", 0.002, "copies/ug_DNA*L/cells", "transgene per cell per liter", lowest=0, source=FIXED)
gamma_m = m.parameter("gamma_m", 0.215, "1", "power of tumor on M-protein", spread=0.21, lowest=0, source=TABLE)
gamma_b = m.parameter("gamma_b", 1, "1", "power of tumor on sBCMA", spread=1.0, lowest=0, source=FIXED)
Km = m.parameter("Km", 0.117, "1/day", "turnover of M-protein", lowest=0, source=FIXED)
Kb = m.parameter("Kb", 0.7, "1/day", "turnover of sBCMA", lowest=0, source=FIXED)

PER_LITER = 1.0
CeB = m.state("CeB", "cells/L", "effector CAR-T in blood", negligible=PER_LITER)
CmB = m.state("CmB", "cells/L", "memory CAR-T in blood", negligible=PER_LITER)
CeT = m.state("CeT", "cells/L", "effector CAR-T in marrow", negligible=PER_LITER)
CmT = m.state("CmT", "cells/L", "memory CAR-T in marrow", negligible=PER_LITER)
Z = m.state("Z", "molecules/L", "complexes of CAR and BCMA in marrow", negligible=PER_LITER)
T = m.state("T", "cells/L", "myeloma cells in marrow", initial=Tumor0, negligible=PER_LITER)
Mprot = m.state("Mprot", "1", "M-protein relative to its start", initial=1)
sBCMA = m.state("sBCMA", "1", "soluble BCMA relative to its start", initial=1)

Csum = m.define("Csum", CeT + CmT, "cells/L", "CAR-T in marrow")
Kexp = m.define("Kexp", Kexp_max * Z / (EC50 * Csum + Z + 1), "1/day", "expansion")
Kkill = m.define("Kkill", Kkill_max * Z / (KC50 * T + Z + 1), "1/day", "killing")

m.rates(
    {
        CeB: (K21 * Vt * CeT - K12 * Vb * CeB) / Vb - Kel_e * CeB,
        CmB: (K21 * Vt * CmT - K12 * Vb * CmB) / Vb - Kel_m * CmB,
        CeT: (K12 * Vb * CeB - K21 * Vt * CeT) / Vt + Kexp * CeT - Rm * CeT,
        CmT: (K12 * Vb * CmB - K21 * Vt * CmT) / Vt + Rm * CeT,
        Z: Kon * (Csum * AgCAR - Z) * (T * AgTAA - Z) - Koff * Z,
        T: Kg * T - Kkill * T,
        Mprot: Km * ((T / Tumor0) ** gamma_m - Mprot),
        sBCMA: Kb * ((T / Tumor0) ** gamma_b - sBCMA),
    }
)
m.dose(CeB, dose / Vb)

m.observe("transgene", TransC * (CeB + CmB), "copies/ug_DNA", "qPCR signal in blood")
m.observe("mprotein_change", Mprot - 1, "1", "change of M-protein from its start")
m.observe("sbcma_change", sBCMA - 1, "1", "change of soluble BCMA from its start")
m.observe("tumor", T, "cells/L", "myeloma cells in marrow")

MODEL = m.model()
