"""Mueller-Schoell 2021: four phenotypes of axicabtagene ciloleucel and the tumor volume in large B-cell lymphoma."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="mueller-schoell-2021",
    title="Naive, memory and effector CAR-T cells and metabolic tumor volume in large B-cell lymphoma",
    citation="Mueller-Schoell A, Puebla-Osorio N, Michelet R, et al. Early survival prediction framework in "
    "CD19-specific CAR-T cell immunotherapy using a quantitative systems pharmacology model. Cancers 2021;13:2782",
    doi="10.3390/cancers13112782",
    population="19 adults with relapsed or refractory large B-cell lymphoma treated with axicabtagene ciloleucel; 7 "
    "with a previous autologous transplant; metabolic tumor volume 2.54-3555 mL, median 85.7 mL",
    days=90,
    deviations=(
        "The two classes of the mixture are variants; a virtual population needs 80.3 % reference and 19.7 % low expanders.",
        "In low expanders the CD4/CD8 ratio has no effect and Vmax1 no spread, as published. The spread is "
        "sqrt(log(1 + CV²)) of the published CV.",
        "There is no dose: cells start at 0.1 per µL in each phenotype, as in the paper.",
        "Residual errors (59.1, 85.9, 120 and 70.6 % for the cells, 115 % for the tumor) are not part of the model.",
        "The values come from a transcription (nlmixr2lib), not from the paper's table itself; unconfirmed.",
    ),
)
TABLE = "Table 1, via nlmixr2lib"
FIXED = "Table 1, fixed, via nlmixr2lib"

Vmax1_ref = m.parameter(
    "Vmax1_ref",
    0.00846,
    "cells/uL/day/mL",
    "largest expansion per mL tumor, reference class; RSE 36 %, CV 150 %",
    spread=1.0857,
    lowest=0,
    source=TABLE,
)
Vmax1_low = m.parameter("Vmax1_low", 0.000700, "cells/uL/day/mL", "the same, low expanders; RSE 17 %", lowest=0, source=TABLE)
low_expander = m.parameter("low_expander", 0, "1", "1: low expander", lowest=0, highest=1, source="P = 0.197")
ASCT = m.parameter("ASCT", 0, "1", "1: previous autologous transplant", lowest=0, highest=1, source="7 of 19 patients")
ASCT_effect = m.parameter("ASCT_effect", 2.53, "1", "rise of Vmax1 after a transplant; RSE 31 %", source=TABLE)
CD4_CD8 = m.parameter("CD4_CD8", 1, "1", "CD4/CD8 ratio of CAR-T on day 7", lowest=1e-3, source="patients 0.051-8.94")
CD4_CD8_power = m.parameter("CD4_CD8_power", -0.385, "1", "power of the ratio on Vmax1; RSE 45 %", source=TABLE)
KM1 = m.parameter("KM1", 1.13, "cells/uL", "cells at half expansion; RSE 22 %", lowest=1e-6, source=TABLE)
k12 = m.parameter("k12", 0.140, "1/day", "naive to central memory", lowest=0, source=TABLE)
k23 = m.parameter("k23", 0.191, "1/day", "central to effector memory", lowest=0, source=TABLE)
k34 = m.parameter("k34", 0.355, "1/day", "effector memory to effector", lowest=0, source=TABLE)
ke1 = m.parameter("ke1", 0.0104, "1/day", "death of naive", lowest=0, source=FIXED)
ke2 = m.parameter("ke2", 0.0104, "1/day", "death of central memory", lowest=0, source=FIXED)
ke3 = m.parameter("ke3", 0.0104, "1/day", "death of effector memory", lowest=0, source=FIXED)
ke4 = m.parameter("ke4", 0.518, "1/day", "death of effector", lowest=0, source=TABLE)
kp1 = m.parameter("kp1", 0.0005, "1/day", "homeostatic growth of naive", lowest=0, source=FIXED)
kp2 = m.parameter("kp2", 0.007, "1/day", "homeostatic growth of central memory", lowest=0, source=FIXED)
kp3 = m.parameter("kp3", 0.007, "1/day", "homeostatic growth of effector memory", lowest=0, source=FIXED)
V1 = m.parameter("Vmax5_1", 2.57, "mL/day*uL/cells", "killing by naive", lowest=0, source=FIXED)
V2 = m.parameter("Vmax5_2", 4.04, "mL/day*uL/cells", "by central memory; CV 307 %", spread=1.5311, lowest=0, source=TABLE)
V3 = m.parameter("Vmax5_3", 3.78, "mL/day*uL/cells", "by effector memory", lowest=0, source=FIXED)
V4 = m.parameter("Vmax5_4", 4.24, "mL/day*uL/cells", "by effector", lowest=0, source=FIXED)
KM5 = m.parameter("KM5", 276, "mL", "tumor at half killing; RSE 33 %", lowest=1e-6, source=TABLE)
k5 = m.parameter("k5", 0.0023, "1/day", "tumor growth", lowest=0, source=FIXED)
K0 = m.parameter("K0", 5000, "mL", "largest tumor", lowest=1e-3, source=FIXED)
T0 = m.parameter("T0", 0.1, "cells/uL", "cells of each phenotype at start", lowest=0, source="imputed, section 3.1.4")
MTV = m.parameter("MTV", 85.7, "mL", "metabolic tumor volume at start", lowest=0, source="patients 2.54-3555, median")

TN = m.state("TN", "cells/uL", "naive CAR-T", initial=T0)
TCM = m.state("TCM", "cells/uL", "central-memory CAR-T", initial=T0)
TEM = m.state("TEM", "cells/uL", "effector-memory CAR-T", initial=T0)
TEff = m.state("TEff", "cells/uL", "effector CAR-T", initial=T0)
U = m.state("U", "mL", "metabolic tumor volume", initial=MTV)

reference = m.define("reference", Vmax1_ref * CD4_CD8**CD4_CD8_power, "cells/uL/day/mL", "Vmax1, Eq. 10")
Vmax1 = m.define(
    "Vmax1",
    (reference * (1 - low_expander) + Vmax1_low * low_expander) * (1 + ASCT_effect * ASCT),
    "cells/uL/day/mL",
    "largest expansion per mL tumor, Eq. 10 and 11",
)
killed = m.define("killed", (V1 * TN + V2 * TCM + V3 * TEM + V4 * TEff) * U / (KM5 + U), "mL/day", "tumor killed")

m.rates(
    {
        TN: Vmax1 * U * TN / (KM1 + TN) + kp1 * TN - k12 * TN - ke1 * TN,
        TCM: Vmax1 * U * TCM / (KM1 + TCM) + kp2 * TCM + k12 * TN - k23 * TCM - ke2 * TCM,
        TEM: Vmax1 * U * TEM / (KM1 + TEM) + kp3 * TEM + k23 * TCM - k34 * TEM - ke3 * TEM,
        TEff: k34 * TEM - ke4 * TEff,
        U: k5 * (1 - U / K0) * U - killed,
    }
)

m.observe("car_t", TN + TCM + TEM + TEff, "cells/uL", "all CAR-T cells in blood")
m.observe("tumor", U, "mL", "metabolic tumor volume")

m.variant("reference", "reference class (80.3 %)")
m.variant("low expander", "low-expansion class (19.7 %); CD4/CD8 without effect", low_expander=1)

MODEL = m.model()
