"""Frey 2010: population pharmacokinetics of tocilizumab in adults with rheumatoid arthritis."""

from livingdrug.biology.model import Declaration, log

m = Declaration(
    name="frey-2010",
    title="Tocilizumab pharmacokinetics: two compartments, linear and saturable elimination",
    citation="Frey N, Grange S, Woodworth T. Population pharmacokinetic analysis of tocilizumab in patients with "
    "rheumatoid arthritis. J Clin Pharmacol 2010;50:754-766",
    doi="10.1177/0091270009350623",
    population="1793 adults with moderate to severe rheumatoid arthritis (18-89 years, 38-150 kg, median 70, 82 % "
    "women), four phase III trials, 4 or 8 mg/kg every 4 weeks",
    days=336,
    deviations=(
        "Each one-hour infusion is given at once.",
        "Up to 12 doses, `interval` days apart; a single dose is interval = 1e9.",
        "The defaults are the paper's reference patient (a man of 70 kg); 82 % of its patients were women: set female = 1.",
        "The residual error, 22 % and 2.4 µg/mL, is not part of the model.",
        "Means of a population are above the typical patient, because the spread is log-normal.",
        "In CRS and in children these values are an extrapolation.",
        "The values come from a transcription (nlmixr2lib), not from the paper's tables themselves; unconfirmed.",
    ),
)
TABLE = "Table II, via nlmixr2lib"
COVARIATE = "covariate; reference of Table III"

# The spread is sqrt(log(1 + CV²)) of the CV in the text.
CL0 = m.parameter("CL0", 0.3, "L/day", "linear clearance; CV 39 %", spread=0.3763, lowest=0, source=TABLE)
V1_0 = m.parameter("V1_0", 3.5, "L", "central volume; CV 37 %", spread=0.3582, lowest=1e-3, source=TABLE)
Q = m.parameter("Q", 0.2, "L/day", "exchange between compartments", lowest=0, source=TABLE)
V2 = m.parameter("V2", 2.9, "L", "peripheral volume; CV 66 %", spread=0.6013, lowest=1e-3, source=TABLE)
Vm0 = m.parameter("Vm0", 7.5, "mg/day", "largest saturable elimination; CV 54 %", spread=0.5058, lowest=0, source=TABLE)
Km = m.parameter("Km", 2.7, "mg/L", "tocilizumab at half saturation", lowest=1e-6, source=TABLE)
dose = m.parameter("dose", 8, "mg/kg", "each dose", lowest=0, source="label: 4 or 8 mg/kg")
interval = m.parameter("interval", 28, "day", "between doses; 1e9: only one", lowest=1e-3, source="label: 4 weeks")
weight = m.parameter("weight", 70, "kg", "body weight", lowest=1, source="Table I median")
BSA = m.parameter("BSA", 1.8, "m^2", "body surface area", lowest=0.1, source=COVARIATE)
female = m.parameter("female", 0, "1", "1: woman", lowest=0, highest=1, source=COVARIATE)
HDL = m.parameter("HDL", 54, "1", "HDL cholesterol, mg/dL", lowest=1, source=COVARIATE)
RF = m.parameter("RF", 110, "1", "rheumatoid factor, U/mL", lowest=1.1, source=COVARIATE)
protein = m.parameter("protein", 74, "1", "serum protein, g/L", lowest=1, source=COVARIATE)
albumin = m.parameter("albumin", 38, "1", "serum albumin, g/L", lowest=1, source=COVARIATE)
CrCl = m.parameter("CrCl", 106, "mL/min", "creatinine clearance", lowest=1, source=COVARIATE)
smoker = m.parameter("smoker", 0, "1", "1: smokes", lowest=0, highest=1, source=COVARIATE)

m.correlate(CL0, V1_0, 0.6)
m.correlate(CL0, V2, -0.1)
m.correlate(CL0, Vm0, -0.5)
m.correlate(V1_0, V2, 0.5)
m.correlate(V1_0, Vm0, 0.2)
m.correlate(V2, Vm0, 0.2)

T1 = m.state("T1", "mg", "tocilizumab, central", negligible=1e-3)
T2 = m.state("T2", "mg", "tocilizumab, peripheral", negligible=1e-3)

CL = m.define(
    "CL",
    CL0 * (BSA / 1.8) ** 0.7 * (1 - 0.16 * female) * (HDL / 54) ** -0.2 * (log(RF) / log(110)) ** 0.1,
    "L/day",
    "linear clearance, Table III",
)
V1 = m.define("V1", V1_0 * (protein / 74) ** -1.1 * (albumin / 38) ** 0.7, "L", "central volume, Table III")
Vm = m.define(
    "Vm",
    Vm0 * (albumin / 38) ** -0.4 * (CrCl / 106) ** 0.2 * (1 + 0.11 * smoker),
    "mg/day",
    "largest saturable elimination, Table III",
)
Ct = m.define("Ct", T1 / V1, "mg/L", "tocilizumab in serum")

m.rates(
    {
        T1: -CL * Ct - Vm * Ct / (Km + Ct) - Q * (Ct - T2 / V2),
        T2: Q * (Ct - T2 / V2),
    }
)
for number in range(12):
    m.dose(T1, dose * weight, at=number * interval)

m.observe("tocilizumab", Ct, "mg/L", "tocilizumab in serum, mg/L = µg/mL")

MODEL = m.model()
