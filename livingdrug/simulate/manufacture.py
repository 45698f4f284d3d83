"""Step 3, manufacture: from collected T cells to a tested product, its release verdict and the day it is there.

Modeled: activation and growth that depend on the cells' fitness; transduction as a Poisson number of vector copies per cell at
the run's multiplicity; viability; tests against the therapy's specification; a second run from the cells that are left when
the first one fails. Not modeled: the bioreactor, reagent lots, capacity and queues of the site, shipping accidents. Sterility,
mycoplasma, replication-competent virus and potency are one rare failure with one probability.
"""

import numpy as np
from numpy.typing import NDArray

from livingdrug.simulate.draws import Columns, Draws, Floats, logistic
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Specification, Therapy

__all__ = ["FAILED", "STARTED", "attempts", "make"]

IN, OUT, FAILED = 0, 1, 2
"""Positions in `cohort.RELEASES`."""
STARTED = "run.{}.started"
"""Hidden column: the day on which a run started."""


def make(numbers: Numbers, therapy: Therapy, draws: Draws, patient: Columns) -> Columns:
    """The last run of each patient: product, verdict, day of release; NaN day for a product that never came.

    Hidden: the day on which each run started, NaN for one that was not needed.
    """
    day, runs = attempts(numbers, therapy, draws, patient)
    found, starts = {"release": np.full(len(day), FAILED)}, {}
    for number, run in enumerate(runs, 1):
        again = found["release"] == FAILED
        starts[STARTED.format(number)] = np.where(again, day, np.nan)
        day = np.where(again, day + run["days"], day)
        found = {name: np.where(again, values, found.get(name, values)) for name, values in run.items()}
    made = found["release"] != FAILED
    needed = np.sum([np.isfinite(each) for each in starts.values()], axis=0)
    del found["days"], found["contaminated"]
    return {**found, **starts, "manufactures": needed * 1.0, "released_day": np.where(made, day, np.nan)}


def attempts(numbers: Numbers, therapy: Therapy, draws: Draws, patient: Columns) -> tuple[Floats, list[Columns]]:
    """Days from enrollment to the first run, and every run that the therapy allows, whether or not it was needed."""
    allowed = int(therapy.manufacture.attempts_maximum.value)
    cells = patient["collected_cd3"] / allowed
    slot = draws.lognormal("manufacture: slot", numbers["manufacture.slot_median"], numbers["manufacture.slot_spread"])
    return slot, [_run(numbers, therapy, draws, patient, cells, run) for run in range(1, allowed + 1)]


def _run(numbers: Numbers, therapy: Therapy, draws: Draws, patient: Columns, cells: Floats, run: int) -> Columns:
    """One manufacturing run from `cells` T cells."""
    purpose = f"manufacture {run}: "
    growth = numbers["manufacture.growth_fitness"] * patient["fitness"]
    growth = growth + np.log(numbers["manufacture.growth_low_fitness"]) * patient["low_fitness"]
    fold = draws.lognormal(
        purpose + "growth", numbers["manufacture.growth_median"] * np.exp(growth), numbers["manufacture.growth_spread"]
    )
    multiplicity = draws.lognormal(
        purpose + "multiplicity", numbers["manufacture.multiplicity_median"], numbers["manufacture.multiplicity_spread"]
    )
    transduced = -np.expm1(-multiplicity)
    viability = logistic(
        np.log(numbers["manufacture.viability_median"] / (1 - numbers["manufacture.viability_median"]))
        + numbers["manufacture.viability_spread"] * draws.normal(purpose + "viability")
    )
    product = cells * fold * transduced * viability
    copies = multiplicity / transduced
    contaminated = draws.happens(purpose + "sterility and potency", numbers["manufacture.other_failure"])
    weighed = _smallest_dose(therapy, patient["weight"])
    measured = {"viability": viability, "transduced": transduced, "vector copies": copies, "dose": product / weighed}
    verdict = np.where(contaminated, FAILED, _verdict(therapy, measured))
    steps = sum(step.duration.value for step in therapy.manufacture.steps)
    spread = np.exp(numbers["manufacture.duration_spread"] * draws.normal(purpose + "duration"))
    return {
        "vector_copies": copies,
        "transduced": transduced,
        "viability": viability,
        "product_cells": product,
        "release": verdict.astype(np.float64),
        "contaminated": contaminated,
        "days": steps * spread,
    }


def _smallest_dose(therapy: Therapy, weight: Floats) -> Floats:
    """The smallest dose of the label for a body weight, in cells."""
    dose = therapy.dose
    flat = np.full(len(weight), dose.flat_minimum.value if dose.flat_minimum else np.inf)
    if dose.per_weight_minimum is None:
        return flat
    weighed = dose.per_weight_minimum.value * weight
    limit = dose.weight_limit.value if dose.weight_limit else np.inf
    return np.where(weight <= limit, weighed, np.minimum(flat, weighed))


def _verdict(therapy: Therapy, measured: Columns) -> NDArray[np.int64]:
    """The worst verdict over the tests that are simulated. The dose is measured in smallest doses of the label."""
    verdict = np.full(len(measured["dose"]), IN)
    for specification in therapy.release:
        if specification.test in measured and specification.test != "dose":
            verdict = np.maximum(verdict, _judged(specification, measured[specification.test]))
    return np.where(measured["dose"] < 1.0, FAILED, verdict)


def _judged(test: Specification, found: Floats) -> NDArray[np.int64]:
    low = -np.inf if test.minimum is None else test.minimum
    high = np.inf if test.maximum is None else test.maximum
    inside = (found >= low) & (found <= high)
    may_go = found >= (np.inf if test.out_of_specification is None else test.out_of_specification)
    return np.where(inside, IN, np.where(may_go, OUT, FAILED))
