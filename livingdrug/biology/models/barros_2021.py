"""Barros 2021 (CARTmath): effector and memory CAR-T cells against a xenograft in mice, with a second challenge."""

from livingdrug.biology.model import Declaration

m = Declaration(
    name="barros-2021",
    title="CARTmath: effector and memory CAR-T cells and tumor in immunodeficient mice",
    citation="Barros LRC, Paixão EA, Valli AMP, et al. CARTmath: a mathematical model of CAR-T immunotherapy in "
    "preclinical studies of hematological cancers. Cancers 2021;13:2941",
    doi="10.3390/cancers13122941",
    population="Immunodeficient mice with human xenografts: HDLM-2 (Hodgkin lymphoma) with CAR-T 123, RAJI (Burkitt "
    "lymphoma, with and without IDO) with CAR-T 19",
    days=300,
    deviations=(
        "The published application sets any state below 1e-6 to zero. Here only the tumor has an end: below one cell "
        "it is extinct, because its cells are whole.",
        "Doses and times of the HDLM-2 variant (2e6 tumor cells, 2e6 CAR-T on day 42, 1e6 tumor cells again on day "
        "250) are taken from a public replication of the paper's Figure 3, not from the paper; unconfirmed.",
        "Doses and times of the RAJI variants are our choice (3e6 tumor cells, 1e7 CAR-T on day 7); unconfirmed. "
        "Their tumor has no capacity (b = 0), so only the first weeks mean anything.",
        "rho is the whole loss of effector cells, flow to memory (eps) included, as published.",
    ),
)
HDLM = "Barros 2021, HDLM-2 + CAR-T 123"
PLAN = "schedule; see deviations"

phi = m.parameter("phi", 0.265, "1/day", "effector proliferation", lowest=0, source=HDLM)
rho = m.parameter("rho", 0.350, "1/day", "effector loss, flow to memory included", lowest=0, source=HDLM)
eps = m.parameter("eps", 0.150, "1/day", "effector to memory", lowest=0, source=HDLM)
theta = m.parameter("theta", 6e-6, "1/cell/day", "memory to effector by tumor", lowest=0, source=HDLM)
alpha = m.parameter("alpha", 4.5e-8, "1/cell/day", "inhibition of effector by tumor", lowest=0, source=HDLM)
mu = m.parameter("mu", 5e-3, "1/day", "death of memory", lowest=0, source=HDLM)
r = m.parameter("r", 0.05650026, "1/day", "tumor growth", lowest=0, source=HDLM)
b = m.parameter("b", 1.404029e-12, "1/cell", "inverse capacity of tumor", lowest=0, source=HDLM)
gamma = m.parameter("gamma", 3.715843e-6, "1/cell/day", "killing", lowest=0, source=HDLM)
T0 = m.parameter("T0", 2e6, "cells", "tumor cells at day 0", lowest=0, source=PLAN)
dose = m.parameter("dose", 2e6, "cells", "CAR-T cells given", lowest=0, source=PLAN)
t_dose = m.parameter("t_dose", 42, "day", "time of CAR-T; 1e9: not given", lowest=0, source=PLAN)
challenge = m.parameter("challenge", 1e6, "cells", "tumor cells given again", lowest=0, source=PLAN)
t_challenge = m.parameter("t_challenge", 1e9, "day", "time of the second tumor; 1e9: not given", lowest=0, source=PLAN)

m.require(phi < rho, "phi (proliferation) must be below rho (loss), or effector cells grow without tumor")
m.require(phi > rho - eps, "phi (proliferation) must be above rho - eps (death), as the model is published")

CT = m.state("CT", "cells", "effector CAR-T")
CM = m.state("CM", "cells", "memory CAR-T")
T = m.state("T", "cells", "tumor", initial=T0)

m.rates(
    {
        CT: phi * CT - rho * CT + theta * T * CM - alpha * T * CT,
        CM: eps * CT - theta * T * CM - mu * CM,
        T: r * T * (1 - b * T) - gamma * CT * T,
    }
)
m.dose(CT, dose, at=t_dose)
m.dose(T, challenge, at=t_challenge)
m.extinct(T, below=1)

m.observe("car_t", CT + CM, "cells", "all CAR-T cells")
m.observe("tumor", T, "cells", "tumor")

RAJI = {
    "phi": 0.830, "rho": 0.8300536, "eps": 1.59795, "theta": 2.3e-4, "mu": 6.89e-7, "r": 0.5071721, "b": 0,
    "gamma": 3.365388e-8, "T0": 3e6, "dose": 1e7, "t_dose": 7,
}  # fmt: skip
m.variant("HDLM-2", "HDLM-2 + CAR-T 123, one treatment")
m.variant("HDLM-2 challenge", "HDLM-2 + CAR-T 123, tumor given again on day 250", t_challenge=250)
m.variant("RAJI", "RAJI + CAR-T 19", alpha=1.248506e-8, **RAJI)
m.variant("RAJI-IDO", "RAJI that expresses IDO + CAR-T 19", alpha=1.461699e-8, **RAJI)
m.variant("RAJI-IDO 1-MT", "RAJI that expresses IDO, blocked by 1-MT, + CAR-T 19", alpha=1.261662e-8, **RAJI)

MODEL = m.model()
