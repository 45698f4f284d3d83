"""Step 7, response and what follows: remission and its kind, relapse and its kind, transplant, other therapy, death.

Modeled: remission, residual disease and relapse are read from the tumor of the course; CR and CRi differ by recovered
counts, whose recovery takes longer after a high burden and a strong inflammation. Transplant and other therapy are
practice, drawn for patients in remission. Deaths of other causes come at a constant rate from the first assessment on.
Survival after failure is a share who are rescued and a log-normal time for the others. Not modeled: what the later
therapies do; lineage switch as biology (a share of the antigen-negative relapses is named so); relapse below 5 % or outside
the marrow; second cancers; late toxicity.
"""

import numpy as np
from numpy.typing import NDArray

from livingdrug.biology.solve import Solution
from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Therapy

__all__ = ["counts", "follow", "lived_through", "respond"]

CR, CRI, PARTIAL, NONE, UNKNOWN = 0.0, 1.0, 2.0, 3.0, -1.0
"""Positions in `cohort.RESPONSES`; -1 is null."""
POSITIVE, NEGATIVE, SWITCH = 0.0, 1.0, 2.0
YEAR = 365.25


def counts(numbers: Numbers, draws: Draws, patient: Columns, inflamed: Floats) -> Columns:
    """Days on which neutrophils pass 1,000, platelets 50,000 and 100,000 per µL for good; `inflamed` is the ferritin peak."""
    burdened = np.log10(np.maximum(patient["blasts_infused"], 1e-4) / 0.5)
    heated = np.log10(np.maximum(inflamed, 1.0) / numbers["counts.ferritin_reference"])
    delay = np.exp(numbers["counts.burden"] * burdened + numbers["counts.inflammation"] * heated)
    shared, marrow = numbers["counts.shared"], draws.normal("counts: marrow")

    def days(name: str) -> Floats:
        own = shared * marrow + np.sqrt(1 - shared**2) * draws.normal(f"counts: {name}")
        return numbers[f"counts.{name}_median"] * delay * np.exp(numbers[f"counts.{name}_spread"] * own)

    platelets = days("platelets")
    return {
        "neutrophils": days("neutrophils"),
        "platelets_50": platelets,
        "platelets_100": platelets * numbers["counts.platelets_full"],
    }


def respond(
    numbers: Numbers,
    therapy: Therapy,
    solution: Solution,
    recovery: Columns,
    start: Floats,
    gone: Floats,
) -> Columns:
    """Response at each assessment and the best one; `gone` is the day of an early death, `start` the burden before."""
    rules = therapy.response
    when = [each.value for each in rules.assessments]
    first, last = when[0], when[-1]
    burden = {day: _tumor_at(solution, day) / numbers["tumor.capacity"] for day in (first, last)}
    full = np.maximum(recovery["neutrophils"], recovery["platelets_100"])
    found = {day: _category(therapy, burden[day], start, full <= day, gone <= day) for day in (first, last)}
    best = np.where(found[first] == UNKNOWN, UNKNOWN, np.minimum(found[first], _or_worst(found[last])))
    remission = (found[first] == CR) | (found[first] == CRI)
    at = np.where(remission, burden[first], burden[last])
    responding = (best >= 0) & (best <= PARTIAL)
    lasting = ~(solution.summary["recovered.first_above_0.05"] < numbers["response.globulin_days"])
    return {
        "response": best,
        "response_day28": found[first],
        "response_day": np.where(responding, np.where(found[first] <= PARTIAL, first, last), np.nan),
        "mrd_negative": np.where(best == UNKNOWN, np.nan, (best <= CRI) & (at < rules.mrd.value)),
        "blasts_day28": np.where(gone <= first, np.nan, burden[first]),
        "neutropenia_d28": np.where(gone <= first, np.nan, recovery["neutrophils"] > first),
        "thrombocytopenia_d28": np.where(gone <= first, np.nan, recovery["platelets_50"] > first),
        "hypogammaglobulinemia": np.where(gone <= first, np.nan, lasting),
    }


def lived_through(therapy: Therapy, found: Columns, death: Floats) -> Columns:
    """The response without the last assessment of those who died before it: then the first one is their best."""
    days = [each.value for each in therapy.response.assessments]
    month = found["response_day28"]
    only = (death < days[-1]) & (month != UNKNOWN)
    responding, remission = month <= PARTIAL, month <= CRI
    return found | {
        "response": np.where(only, month, found["response"]),
        "response_day": np.where(only, np.where(responding, days[0], np.nan), found["response_day"]),
        "mrd_negative": np.where(only & ~remission, 0.0, found["mrd_negative"]),
    }


def _tumor_at(solution: Solution, day: float) -> Floats:
    """Tumor cells on a day that the solution kept."""
    tumor = [solution.model.state_names.index(name) for name in ("P", "PQ", "N")]
    at = int(np.searchsorted(solution.at, day))
    return solution.states[:, at, tumor].sum(axis=1)


def _category(therapy: Therapy, burden: Floats, start: Floats, recovered: NDArray[np.bool_], dead: NDArray[np.bool_]) -> Floats:
    rules = therapy.response
    shrunk = np.zeros(len(burden), dtype=bool)
    if rules.partial_reduction is not None:
        shrunk = burden <= (1 - rules.partial_reduction.value) * start
    # Counts decide between CR and CRi in leukemia only; where a partial response exists, remission is CR.
    complete = np.where(recovered | (rules.partial_reduction is not None), CR, CRI)
    kind = np.where(burden < rules.remission_burden.value, complete, np.where(shrunk, PARTIAL, NONE))
    return np.where(dead, UNKNOWN, kind)


def _or_worst(kind: Floats) -> Floats:
    return np.where(kind == UNKNOWN, NONE, kind)


def follow(
    numbers: Numbers,
    draws: Draws,
    solution: Solution,
    found: Columns,
    fatal: Floats,
    window: tuple[float, float],
) -> Columns:
    """Relapse, transplant, other therapy and death up to the end of `window`, days from infusion.

    Deaths that are neither of disease nor of toxicity begin with the window, at the first assessment.
    """
    first, horizon = window
    responding = np.isfinite(found["response_day"])
    relapse = np.where(responding, solution.summary["back.first_above_0.05"], np.nan)
    relapse = np.where(relapse > found["response_day"], relapse, np.nan)
    transplant = _practice(numbers, draws, "transplant", responding, relapse)
    other = _practice(numbers, draws, "other", responding, np.fmin(relapse, transplant))
    cured = np.isfinite(transplant) & draws.happens("after: cured by transplant", numbers["after.transplant_cures"])
    relapse = np.where(cured, np.nan, relapse)
    failed = np.where(responding, relapse, np.nan_to_num(found["response_day"], nan=numbers["after.failure_day"]))
    moved = ~responding & draws.happens("after: other therapy before failure", numbers["after.other_before_failure"])
    by_disease = failed + _survival(numbers, draws)
    by_transplant = transplant + np.where(
        draws.happens("after: transplant death", numbers["after.transplant_death"]),
        numbers["after.transplant_death_within"] * draws.uniform("after: when"),
        np.nan,
    )
    by_other = first - np.log(draws.uniform("after: other death")) / numbers["after.other_hazard"] * YEAR
    ends = np.stack([by_disease, fatal, np.fmin(by_transplant, by_other)])
    ends = np.where(ends <= horizon, ends, np.inf)
    ends = np.where(np.isnan(ends), np.inf, ends)
    death = ends.min(axis=0)
    dead = np.isfinite(death)
    before = np.where(dead, death, horizon)
    return {
        "relapse_day": _until(relapse, before),
        "relapse": np.where(np.isfinite(_until(relapse, before)), _relapse_kind(numbers, draws, solution, relapse), -1.0),
        "transplant_day": _until(transplant, before),
        "other_therapy_day": _until(np.where(moved, numbers["after.failure_day"], other), before),
        "death_day": np.where(dead, death, np.nan),
        "death_cause": np.where(dead, ends.argmin(axis=0), -1.0),
        "followed_days": before,
    }


def _practice(numbers: Numbers, draws: Draws, what: str, responding: NDArray[np.bool_], before: Floats) -> Floats:
    """The day of a transplant or another therapy that is given in remission, if that day comes before `before`."""
    planned = responding & draws.happens(f"after: {what}", numbers[f"after.{what}_share"])
    day = draws.lognormal(f"after: day of {what}", numbers[f"after.{what}_median"], numbers[f"after.{what}_spread"])
    return np.where(planned & ~(day >= before), day, np.nan)


def _survival(numbers: Numbers, draws: Draws) -> Floats:
    """Days from failure to death of disease; infinite for those whom later therapy rescues."""
    rescued = draws.happens("after: rescue", numbers["after.rescued_share"])
    days = draws.lognormal("after: survival", numbers["after.survival_median"], numbers["after.survival_spread"])
    return np.where(rescued, np.inf, days)


def _relapse_kind(numbers: Numbers, draws: Draws, solution: Solution, relapse: Floats) -> Floats:
    """By what makes up more than half of the tumor at relapse. A share of the antigen-negative relapses is a lineage switch."""
    negative = solution.summary["back_negative.first_above_0.025"] <= relapse
    switched = draws.happens("after: lineage switch", numbers["after.lineage_switch"])
    return np.where(~negative, POSITIVE, np.where(switched, SWITCH, NEGATIVE))


def _until(day: Floats, end: Floats) -> Floats:
    return np.where(day <= end, day, np.nan)
