"""Step 5, the course: each infused patient's parameters, the policy's trigger in that patient, and the solution to the horizon.

Modeled: `biology/models/course.py`, one deterministic course per patient from drawn parameters. Fitness raises growth and
killing together; a second class of cells grows and persists poorly; fludarabine exposure acts on growth and on the memory
that forms. Not modeled: body size in the capacities of the model, infections, reinfusion.
"""

from functools import cache
from typing import Any

import numpy as np

from livingdrug.biology.model import Model, lean
from livingdrug.biology.models import load
from livingdrug.biology.solve import Solution, first_above, integral, last_above, maximum, solve
from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Measured, Policy, Therapy
from livingdrug.units import convert

__all__ = ["CHART", "METHOD", "RTOL", "course", "lean_course", "parameters"]

RTOL = 5e-4
"""Relative tolerance of the course; a test holds how few outcomes a far tighter one changes."""

METHOD = "rosenbrock"
"""Cytokines that decay within hours make every course stiff."""

CHART = np.concatenate([np.arange(0.0, 30.0, 0.5), np.arange(30.0, 61.0)])
"""Days from infusion on which a patient is charted: twice a day for a month, then daily to day 60."""

BURDEN_BACK = 0.05
"""Relapse: the blast fraction that defines it in leukemia, and that share of capacity elsewhere."""
HEALTHY_BACK = 0.05
"""End of aplasia: share of the healthy antigen-bearing cells; for B cells about 20 per µL."""
ASSAY_LIMIT = 50.0
"""Copies per µg DNA: lower limit of quantification of the transgene assay (Stein 2019; unconfirmed)."""
SPREADS = ("f_eng", "K_C", "alpha", "FB", "beta", "k_EX", "K_E", "C50P", "S_q", "p_IFN", "p_IL6", "w_I")
"""Parameters that vary on their own; the others are tied to fitness, to the patient, or the same for all."""
FIXED = ("tau_r", "m_M", "w_D", "k_R", "k_N", "K_Ag", "B0", "B_ss", "k_Phi", "d_Phi", "R_ref", "A_ref")


def parameters(
    numbers: Numbers, therapy: Therapy, policy: Policy, draws: Draws, patient: Columns, levels: Columns
) -> dict[str, Any]:
    """Parameters of the course model by name, each one number or (patients,)."""
    drawn: dict[str, Any] = {name: numbers[f"course.{name}"] for name in FIXED}
    for name in SPREADS:
        drawn[name] = draws.lognormal(f"course: {name}", numbers[f"course.{name}"], numbers[f"course.{name}_spread"])
    drawn |= _cells(numbers, draws, patient, drawn)
    drawn |= _tumor(numbers, draws, patient)
    drawn |= _rescue(therapy, policy, draws, patient, levels)
    drawn["dose"] = patient["dose"]
    return _within_limits(drawn)


def _cells(numbers: Numbers, draws: Draws, patient: Columns, drawn: dict[str, Any]) -> dict[str, Any]:
    """Growth, killing and loss: fitness moves growth and killing together, low fitness and fludarabine exposure change them."""
    low, fit = patient["low_fitness"] > 0, patient["fitness"]
    exposed = np.log(patient["fludarabine_auc"] / numbers["lymphodepletion.fludarabine_auc_median"])

    def of_class(name: str) -> Floats:
        return np.where(low, numbers[f"course.low_{name}"], 1.0)

    killing = numbers["course.kap_fitness"] * fit + numbers["course.kap_spread"] * draws.normal("course: kap")
    growth = numbers["course.rho_fitness"] * fit + numbers["course.rho_fludarabine"] * exposed
    return {
        "rho": numbers["course.rho"] * np.exp(growth),
        "kap": numbers["course.kap"] * np.exp(killing) * of_class("kap"),
        "alpha": drawn["alpha"] * of_class("alpha"),
        "tau_r": drawn["tau_r"] * of_class("tau_r"),
        "k_EX": drawn["k_EX"] * of_class("k_EX"),
        "FB": drawn["FB"] * np.exp(numbers["course.FB_fludarabine"] * exposed + numbers["course.FB_fitness"] * fit),
    }


def _tumor(numbers: Numbers, draws: Draws, patient: Columns) -> dict[str, Any]:
    """Tumor at infusion after lymphodepletion, its protected part, its negative clone, and the level of extinction."""
    left = np.exp(
        -draws.lognormal(
            "course: kill by lymphodepletion", numbers["lymphodepletion.kill_median"], numbers["lymphodepletion.kill_spread"]
        )
    )
    cells = patient["blasts_infused"] * numbers["tumor.capacity"] * left
    share = draws.lognormal("course: protected tumor", numbers["tumor.protected_share"], numbers["tumor.protected_spread"])
    grown = patient["blasts_infused"] / patient["blasts_enrolled"] * left
    negative = patient["antigen_negative_cells"] * grown
    alone = -np.log(draws.uniform("course: extinction")) * numbers["tumor.extinction_mean"]
    return {
        "P0": cells,
        "Q0": np.minimum(share, 0.5) * cells,
        "N0": np.where(negative < alone, 0.0, negative),
        "phi_q": draws.lognormal(
            "course: reach of protected tumor", numbers["tumor.protected_reach"], numbers["tumor.reach_spread"]
        ),
        "r_L": patient["tumor.growth"],
        "n_ext": np.maximum(alone, 0.01),
        "K_L": numbers["tumor.capacity"],
    }


def _rescue(therapy: Therapy, policy: Policy, draws: Draws, patient: Columns, levels: Columns) -> dict[str, Any]:
    """The policy's trigger in this patient, as a level of organ response, with dose and pharmacokinetics by weight.

    Pharmacokinetics: Frey 2010, scaled from 39 kg by weight (volumes) and weight to the power 0.75 (clearances).
    """
    weight = patient["weight"]
    size, flow = weight / 39.0, (weight / 39.0) ** 0.75
    per_kg = np.where(weight < policy.weight_limit.value, policy.dose_light.value, policy.dose_heavy.value)
    return {
        "toci_mg": np.minimum(per_kg * weight, policy.dose_maximum_mg.value),
        "toci_level": levels["tocilizumab"],
        "ster_level": levels["steroids"],
        "toci_delay": _days(policy.delay),
        "toci_again": _days(policy.repeat_after),
        "ster_wait": _days(policy.steroid_after),
        "V1": 1.95 * size * np.exp(0.37 * draws.normal("course: V1")),
        "V2": 1.6 * size,
        "CL": 0.19 * flow * np.exp(0.39 * draws.normal("course: CL")),
        "Q": 0.13 * flow,
        "Vm": 4.7 * flow * np.exp(0.54 * draws.normal("course: Vm")),
        "day_first": therapy.response.assessments[0].value,
    }


def _days(each: Measured) -> float:
    return convert(each.value, each.unit, "day")


def _within_limits(drawn: dict[str, Any]) -> dict[str, Any]:
    """Draws moved to the limits of the model's parameters, and the loss of memory below contraction."""
    limits = {each.name: (each.lowest, each.highest) for each in load("course").parameters}
    held = {name: np.clip(values, *limits[name]) for name, values in drawn.items()}
    held["beta"] = np.minimum(held["beta"], 0.9 * held["alpha"])
    return held


@cache
def lean_course() -> Model:
    """The course model with only what `course` summarizes; everything else is read from the states it keeps."""
    return lean(load("course"), ("transgene", "back", "back_negative", "recovered"))


def course(drawn: dict[str, Any], horizon: float, *, chart: Floats, threads: int | None = None) -> Solution:
    """The solved course of every patient: states at the days of `chart`, and what happens when until the `horizon`."""
    wanted = [
        maximum("transgene"),
        integral("transgene", 0, 28),
        last_above("transgene", ASSAY_LIMIT),
        first_above("back", BURDEN_BACK),
        first_above("back_negative", BURDEN_BACK / 2),
        first_above("recovered", HEALTHY_BACK),
    ]
    return solve(lean_course(), drawn, days=horizon, at=chart, summaries=wanted, rtol=RTOL, method=METHOD, threads=threads)
