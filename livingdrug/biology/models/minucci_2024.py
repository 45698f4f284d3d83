"""Minucci 2024: CD8 and CD4 CAR-T cells and CD19 cells in 13 patients with lymphoma, parameters of each patient."""

from livingdrug.biology.model import Declaration, log

m = Declaration(
    name="minucci-2024",
    title="CD8 and CD4 CAR-T cells (IM19) and B cells in 13 patients with non-Hodgkin lymphoma",
    citation="Minucci S, Gruver S, Subramanian K, Renardy M. A multi-scale semi-mechanistic CK/PD model for CAR "
    "T-cell therapy. Front Syst Biol 2024;4:1380018. Data: Ying 2021",
    doi="10.3389/fsysb.2024.1380018",
    population="13 adults with relapsed or refractory B-cell non-Hodgkin lymphoma treated with IM19, a CD19 CAR-T "
    "product (Ying 2021); 48-88 kg",
    days=100,
    deviations=(
        "Binding of CAR to CD19 and the activated cells are at quasi-steady state (via nlmixr2lib); the paper "
        "integrates them. Each activated cell becomes 2^ndiv effector cells at once.",
        "N0, ndiv and fmem are fitted patient by patient; several sit on their bounds (N0 1e5 or 1e7, fmem 0.1).",
        "N0 is the number of tumor cells at infusion (N0_tumorCells in the parameter table).",
        "All patients get 1e6 cells/kg, as in the paper's simulations; the trial gave 3e5, 1e6 or 3e6.",
        "Endogenous lymphocytes are 5e8 per liter as in the parameter table; the paper's text says 1e9.",
        "Tumor cells grow without limit, as in the paper's equation, and are never extinct.",
        "No between-patient spread or residual error is published; the values come via nlmixr2lib (unconfirmed).",
    ),
)
TABLE = "supplement table, via nlmixr2lib"
FITTED = "supplement table, fitted to the patient, via nlmixr2lib"

weight = m.parameter("weight", 73, "kg", "body weight", lowest=1, source=TABLE)
fCD8 = m.parameter("fCD8", 0.333, "1", "CD8 share of the product", lowest=0, highest=1, source="Ying 2021")
N0 = m.parameter("N0", 1e7, "cells", "tumor cells at infusion", lowest=0, source=FITTED)
ndiv = m.parameter("ndiv", 21.41559, "1", "divisions after activation", lowest=0, source=FITTED)
fmem = m.parameter("fmem", 2.514715e-3, "1", "share of effector that becomes memory", lowest=0, highest=1, source=FITTED)
dose = m.parameter("dose", 1e6, "cells/kg", "CAR-T cells infused", lowest=0, source="section 2.4; trial 3e5, 1e6, 3e6")
V = m.parameter("V", 5, "L", "blood", lowest=0.1, source=TABLE)
density = m.parameter("density", 5000, "molecules/cell", "CD19 on a tumor cell", lowest=0, source=TABLE)
KD = m.parameter("KD", 1, "nM", "CD19 at half binding", lowest=1e-9, source=TABLE)
act8 = m.parameter("act8", 18 / 24, "day", "activation time of CD8", lowest=1e-3, source=TABLE)
act4 = m.parameter("act4", 36 / 24, "day", "activation time of CD4", lowest=1e-3, source=TABLE)
life_inf = m.parameter("life_inf", 9.606881, "day", "life of infused cells", lowest=1e-3, source=TABLE)
life_eff = m.parameter("life_eff", 3.101849, "day", "life of effector cells", lowest=1e-3, source=TABLE)
life_mem8 = m.parameter("life_mem8", 180, "day", "life of CD8 memory", lowest=1e-3, source=TABLE)
life_mem4 = m.parameter("life_mem4", 240, "day", "life of CD4 memory", lowest=1e-3, source=TABLE)
doubling = m.parameter("doubling", 16, "day", "doubling time of tumor", lowest=1e-3, source=TABLE)
kkill = m.parameter("kkill", 86_400e-9, "1/day/cell", "killing at full binding", lowest=0, source=TABLE)
endo_ss = m.parameter("endo_ss", 5e8, "cells/L", "lymphocytes in health", lowest=0, source=TABLE)
life_endo = m.parameter("life_endo", 30, "day", "life of lymphocytes", lowest=1e-3, source=TABLE)
depleted = m.parameter("depleted", 0.9, "1", "share removed by lymphodepletion", lowest=0, highest=1, source=TABLE)

Inf8 = m.state("Inf8", "cells", "infused CD8")
Eff8 = m.state("Eff8", "cells", "effector CD8")
Mem8 = m.state("Mem8", "cells", "memory CD8")
Inf4 = m.state("Inf4", "cells", "infused CD4")
Eff4 = m.state("Eff4", "cells", "effector CD4")
Mem4 = m.state("Mem4", "cells", "memory CD4")
Tum = m.state("Tum", "cells", "CD19-positive cells: tumor and B", initial=N0)
Endo = m.state("Endo", "cells", "endogenous lymphocytes", initial=(1 - depleted) * endo_ss * V)

Ag = m.define("Ag", density * Tum / (V * 6.022e14), "nM", "CD19 in blood")
f = m.define("f", Ag / (KD + Ag), "1", "bound share of CAR")

m.rates(
    {
        Inf8: -f / act8 * Inf8 - Inf8 / life_inf,
        Eff8: 2**ndiv * f / act8 * Inf8 - Eff8 / life_eff,
        Mem8: fmem * Eff8 / life_eff - Mem8 / life_mem8,
        Inf4: -f / act4 * Inf4 - Inf4 / life_inf,
        Eff4: 2**ndiv * f / act4 * Inf4 - Eff4 / life_eff,
        Mem4: fmem * Eff4 / life_eff - Mem4 / life_mem4,
        Tum: log(2) / doubling * Tum - kkill * f * Eff8 * Tum,
        Endo: (endo_ss * V - Endo) / life_endo,
    }
)
m.dose(Inf8, fCD8 * dose * weight)
m.dose(Inf4, (1 - fCD8) * dose * weight)

m.observe("car_t", (Inf8 + Eff8 + Mem8 + Inf4 + Eff4 + Mem4) / (V * 1e6), "cells/uL", "CAR-T cells in blood")
m.observe("b_share", Tum / (Tum + Endo), "1", "CD19-positive share of lymphocytes")

PATIENTS = {  # weight, fCD8, N0, ndiv, fmem
    "F0104": (73, 0.333, 1e7, 21.41559, 2.514715e-3),
    "F0106": (57, 0.446, 1e7, 22.21255, 2.367866e-3),
    "F0107": (48, 0.461, 1e7, 21.15557, 1.336295e-2),
    "F0109": (88, 0.833, 1e5, 27.70301, 2.076709e-3),
    "F0110": (67, 0.820, 1e5, 19.58777, 0.1),
    "F0111": (76, 0.943, 1e5, 22.85367, 0.1),
    "F0118": (80, 0.290, 1e7, 15.88462, 2.267028e-3),
    "F0119": (62, 0.633, 1e7, 21.48104, 2.91e-10),
    "F0121": (62, 0.610, 3.834397e6, 18.06981, 1.182971e-3),
    "F0122": (62, 0.546, 1.162658e6, 19.63343, 7.041995e-3),
    "F0123": (63, 0.725, 1e5, 21.63407, 0.1),
    "F0125": (71, 0.376, 1.613397e6, 18.05807, 1.48e-7),
    "F0126": (68, 0.372, 2.798924e5, 22.42293, 4.57e-7),
}
for patient, values in PATIENTS.items():
    m.variant(patient, "", **dict(zip(("weight", "fCD8", "N0", "ndiv", "fmem"), values, strict=True)))

MODEL = m.model()
