"""Stein 2019: cellular kinetics of tisagenlecleucel, exponential expansion to Tmax and two-phase decline behind it.

The same curve without integration, and the areas below it, stand in `livingdrug.biology.closed_forms`.
"""

from livingdrug.biology.model import Declaration, Piecewise, log

m = Declaration(
    name="stein-2019",
    title="Tisagenlecleucel cellular kinetics: expansion, contraction and persistence of the transgene",
    citation="Stein AM, Grupp SA, Levine JE, et al. Tisagenlecleucel model-based cellular kinetic analysis of "
    "chimeric antigen receptor-T cells. CPT Pharmacometrics Syst Pharmacol 2019;8:285-295",
    doi="10.1002/psp4.12388",
    population="90 children and young adults (3-25 years, median 12; 14-140 kg, median 39) with relapsed or "
    "refractory B-cell ALL, ELIANA and ENSIGN pooled; 36 % received tocilizumab, 26 % corticosteroids",
    days=730,
    deviations=(
        "The random effects w of Table 1 are read as standard deviations of the logarithm. One public transcription "
        "reads them as variances; the paper has not settled it for us (unconfirmed). To read them as variances, take "
        "the root.",
        "The residual error, additive on the logarithm with standard deviation 0.56, is not part of the model: it "
        "belongs to the assay.",
        "Tocilizumab and steroids multiply rho from their first dose until Tmax; after Tmax they change nothing. A "
        "multiplied rho raises the level at Tmax above Cmax, which then is the peak without comedication.",
        "No covariate is included: in the paper's bootstrap none was significant, dose included.",
        "Before the first blood samples the curve is an extrapolation: R0 is a fitted intercept, not a measured "
        "dose, and an initial fall by distribution is not described.",
        "The terminal half-life of 220 days is extrapolated beyond most patients' observation, as the paper says.",
    ),
)
t = m.time
TABLE = "Stein 2019 Table 1"

foldx = m.parameter("foldx", 3900, "1", "fold expansion from R0 to Cmax", spread=2.4, lowest=1.01, source=TABLE)
Tmax = m.parameter("Tmax", 9.3, "day", "end of expansion", spread=0.38, lowest=0.01, source=TABLE)
Cmax = m.parameter("Cmax", 24_000, "copies/ug_DNA", "level at Tmax", spread=0.65, lowest=0, source=TABLE)
alpha = m.parameter("alpha", 0.16, "1/day", "fast decline", spread=0.91, lowest=0, source=TABLE)
FB = m.parameter("FB", 0.0079, "1", "share of Cmax in the slow decline", spread=0.80, lowest=0, source=TABLE)
beta = m.parameter("beta", 0.0032, "1/day", "slow decline", spread=0.86, lowest=0, source=TABLE)
F_toci = m.parameter("F_toci", 1.2, "1", "factor on rho after tocilizumab", lowest=0, source=TABLE)
F_ster = m.parameter("F_ster", 1.0, "1", "factor on rho after steroids", lowest=0, source=TABLE)
t_toci = m.parameter("t_toci", 1e9, "day", "first tocilizumab; 1e9: not given", lowest=0, source="covariate")
t_ster = m.parameter("t_ster", 1e9, "day", "first steroid; 1e9: not given", lowest=0, source="covariate")

m.require(foldx > 1, "foldx (fold expansion) must be above 1, or nothing expands")
m.require(FB < 1, "FB (share in the slow decline) must be below 1")
m.require(beta < alpha, "beta (slow decline) must be below alpha (fast decline), or the flow to memory is negative")

rho = m.define("rho", log(foldx) / Tmax, "1/day", "expansion rate")
R0 = m.define("R0", Cmax / foldx, "copies/ug_DNA", "level at infusion")
k = m.define("k", FB * (alpha - beta), "1/day", "flow from effector to memory")
F = m.define(
    "F",
    Piecewise((F_toci, t >= t_toci), (1, True)) * Piecewise((F_ster, t >= t_ster), (1, True)),
    "1",
    "factor of the comedication on rho",
)

E = m.state("E", "copies/ug_DNA", "effector", initial=R0, negligible=1e-6)
M = m.state("M", "copies/ug_DNA", "memory", negligible=1e-6)

m.rates(
    {
        E: Piecewise((rho * F * E, t < Tmax), (-alpha * E, True)),
        M: Piecewise((0, t < Tmax), (k * E - beta * M, True)),
    }
)

m.observe("transgene", E + M, "copies/ug_DNA", "qPCR signal in blood")

MODEL = m.model()
