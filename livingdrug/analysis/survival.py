"""Endpoints of a cohort as the trial defines them and in stricter ones, and estimates: product limit, hazards, incidence.

Times are days. A month is a twelfth of the Julian year, 30.4375 days, as in `units.py`. Estimators here are plain NumPy and
agree with lifelines by test; `curve` and `hazard_ratio` call lifelines, for intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from livingdrug.analysis.facts import NO_RESPONSE, Facts, derived, facts, known
from livingdrug.cohort import FATES
from livingdrug.errors import UnknownName

__all__ = [
    "DEFINITIONS",
    "MONTH",
    "Ratio",
    "cumulative_incidence",
    "curve",
    "endpoints",
    "hazard_ratio",
    "kaplan_meier",
    "median_survival",
    "rate_ratio",
    "survival_at",
    "survival_interval",
    "two_group_hazard_ratio",
]

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

MONTH = 365.25 / 12
FIRST_ASSESSMENT = 28.0
"""Day on which a failure to respond is documented, and from which it counts as an event."""

DEFINITIONS: dict[str, str] = {
    "efs": "Event-free survival as in ELIANA: from infusion to the earliest of relapse, death, and treatment failure (no "
    "remission: an event on day 28, or on the day of death before it). A patient in remission is censored at a transplant or "
    "other anticancer therapy that starts before an event.",
    "efs uncensored": "The same without censoring: a patient is followed through transplant and other therapy.",
    "efs strict": "The same, and the first transplant or other anticancer therapy in remission is itself an event.",
    "rfs": "Relapse-free survival as in ELIANA: patients in remission, from the onset of remission to relapse or death; "
    "censored at transplant or other anticancer therapy.",
    "rfs uncensored": "The same without censoring at transplant or other therapy.",
    "rfs strict": "The same, and the first transplant or other anticancer therapy is itself an event.",
    "os": "Overall survival: from infusion to death from any cause; nothing but the end of follow-up censors.",
    "os enrolled": "Survival from enrollment of everybody enrolled, infused or not: who left without dying is censored on "
    "leaving. Trials of infused patients do not show it.",
}
"""Each endpoint and what counts. Endpoints of infused patients leave out nobody who was infused and followed."""


def endpoints(cohort: pl.DataFrame | Facts, definition: str) -> pl.DataFrame:
    """Patient, time (days) and event of an endpoint of `DEFINITIONS`; only patients to whom it applies.

    Raises `UnknownName` when there is no such endpoint.
    """
    f = facts(cohort)
    time, event = _endpoint(f, definition)
    applies = known(time)
    return pl.DataFrame(
        {"patient": f["patient"][applies].astype(np.int64), "time": time[applies], "event": event[applies]},
        schema={"patient": pl.Int64, "time": pl.Float64, "event": pl.Boolean},
    )


def _endpoint(f: Facts, definition: str) -> tuple[Floats, Booleans]:
    """Time and event of every row; time is NaN where the endpoint does not apply."""
    if definition not in DEFINITIONS:
        raise UnknownName.among("endpoint", definition, DEFINITIONS)
    return f[f"{definition} time"], f[f"{definition} event"] > 0


# Definitions ----------------------------------------------------------------------------------------------------------


@derived
def end_of_follow_up(f: Facts) -> Floats:
    """From infusion; the day of death where follow-up was not recorded."""
    return np.where(known(f["followed_days"]), f["followed_days"], f["death_day"])


@derived
def further_therapy(f: Facts) -> Floats:
    """First transplant or other anticancer therapy of a patient in remission, from infusion."""
    return np.where(f["remission"], np.fmin(f["transplant_day"], f["other_therapy_day"]), np.nan)


@derived
def failure(f: Facts) -> Floats:
    """Relapse, death or documented failure to respond, whichever is first, from infusion."""
    never = np.where(f["response"] == NO_RESPONSE, FIRST_ASSESSMENT, np.nan)
    return np.fmin(np.fmin(f["relapse_day"], f["death_day"]), never)


NEEDS = {
    "efs": ("response", "relapse_day", "death_day"),
    "rfs": ("response_day", "relapse_day", "death_day"),
    "os": ("death_day",),
}
"""Columns without which an endpoint does not apply to anybody: where deaths were not recorded, nobody is known to live."""


def _define(name: str, applies: str, start: str | None, event: str, censor: str | None, also: str | None = None) -> None:
    """Register time and event of an endpoint: the earliest of `event` and `also`, unless `censor` comes before it."""
    needs = NEEDS[name.split()[0]] + (("transplant_day", "other_therapy_day") if censor or also else ())

    def first(f: Facts) -> Floats:
        return np.fmin(f[event], f[also]) if also else f[event]

    def last(f: Facts) -> Floats:
        end = f["end of follow up"]
        return np.fmin(end, f[censor]) if censor else end

    def time(f: Facts) -> Floats:
        since = np.fmin(first(f), last(f)) - (f[start] if start else 0.0)
        return np.where(f[applies] & f.recorded(*needs), np.maximum(since, 0.0), np.nan)

    def happened(f: Facts) -> Floats:
        return (first(f) <= np.where(known(last(f)), last(f), np.inf)).astype(float)

    time.__name__, happened.__name__ = f"{name} time", f"{name} event"
    derived(time)
    derived(happened)


_define("efs", "infused", None, "failure", "further therapy")
_define("efs uncensored", "infused", None, "failure", None)
_define("efs strict", "infused", None, "failure", None, also="further therapy")
_define("rfs", "remission", "response_day", "failure", "further therapy")
_define("rfs uncensored", "remission", "response_day", "failure", None)
_define("rfs strict", "remission", "response_day", "failure", None, also="further therapy")
_define("os", "infused", None, "death_day", None)


@derived
def os_enrolled_time(f: Facts) -> Floats:
    since_infusion = f["infused_day"] + np.fmin(f["death_day"], f["end of follow up"])
    there = f["enrolled"] & f.recorded("fate", "death_day")
    return np.where(there, np.where(f["infused"], since_infusion, f["left_day"]), np.nan)


@derived
def os_enrolled_event(f: Facts) -> Floats:
    died = f["death_day"] <= f["end of follow up"]
    return np.where(f["infused"], died, f["fate"] == FATES.index("died waiting")).astype(float)


# Product limit --------------------------------------------------------------------------------------------------------


def kaplan_meier(time: ArrayLike, event: ArrayLike, at: ArrayLike) -> tuple[Floats, Floats]:
    """Survival at the times `at`, and its standard error by Greenwood; events precede censorings of the same time.

    The curve is flat beyond the last time, as everywhere in the field; it is for the caller to know where follow-up ends.
    """
    times, survival, variance = _product_limit(np.asarray(time, float), np.asarray(event, bool))
    where = np.searchsorted(times, np.asarray(at, float), side="right")
    s = np.concatenate([[1.0], survival])[where]
    return s, s * np.sqrt(np.concatenate([[0.0], variance])[where])


def _product_limit(time: Floats, event: Booleans) -> tuple[Floats, Floats, Floats]:
    """Sorted times; behind each the survival, and the sum of Greenwood's formula (0 once nobody is left).

    One patient at a time: ties need no care, as (1 - 1/n)(1 - 1/(n-1))… is (1 - d/n), and likewise in the sum.
    """
    order = np.lexsort((~event, time))
    n = np.arange(len(time), 0, -1.0, dtype=np.float64)
    happened = event[order]
    survival: Floats = np.cumprod(np.where(happened, 1 - 1 / n, 1.0), dtype=np.float64)
    share = np.divide(1.0, n * (n - 1), out=np.zeros_like(n), where=happened & (n > 1))
    return time[order], survival, np.cumsum(share, dtype=float)


def survival_at(cohort: pl.DataFrame | Facts, definition: str, months: float) -> float:
    """Survival at that many months; NaN when nobody was followed to within a month of it (unless none survived)."""
    times, survival, _ = _curve(facts(cohort), definition)
    day = months * MONTH
    if not len(times) or (times[-1] < day - MONTH and survival[-1] > 0):
        return np.nan
    where = int(np.searchsorted(times, day, side="right"))
    return float(survival[where - 1]) if where else 1.0


def survival_interval(cohort: pl.DataFrame | Facts, definition: str, months: float) -> tuple[float, float]:
    """Pointwise 95 % interval of `survival_at`: Greenwood on the log-log scale, as lifelines; NaN where it has none."""
    f = facts(cohort)
    s = survival_at(f, definition, months)
    if not 0 < s < 1:
        return np.nan, np.nan
    times, _, variance = _curve(f, definition)
    sums = variance[int(np.searchsorted(times, months * MONTH, side="right")) - 1]
    spread = 1.959963984540054 * np.sqrt(sums) / np.log(s)
    return float(s ** np.exp(-spread)), float(s ** np.exp(spread))


def median_survival(cohort: pl.DataFrame | Facts, definition: str) -> float:
    """First day on which survival is at most one half; NaN when it never is."""
    times, survival, _ = _curve(facts(cohort), definition)
    reached = survival <= 0.5
    return float(times[np.argmax(reached)]) if reached.any() else np.nan


def _curve(f: Facts, definition: str) -> tuple[Floats, Floats, Floats]:
    def make(f: Facts) -> tuple[Floats, Floats, Floats]:
        time, event = _endpoint(f, definition)
        applies = known(time)
        return _product_limit(time[applies], event[applies])

    return f.keep(("curve", definition), make)


def curve(cohort: pl.DataFrame | Facts, definition: str, at: ArrayLike, *, confidence: float = 0.95) -> pl.DataFrame:
    """Day, survival, low, high and number at risk at the days `at`, from lifelines (interval: log-log, pointwise)."""
    from lifelines import KaplanMeierFitter

    days = np.asarray(at, float)
    table = endpoints(cohort, definition)
    columns = {name: np.full(len(days), np.nan) for name in ("survival", "low", "high")}
    time = table["time"].to_numpy()
    if len(time):
        fitted = KaplanMeierFitter(alpha=1 - confidence).fit(time, table["event"].to_numpy())
        steps = fitted.survival_function_.index.to_numpy()
        where = np.searchsorted(steps, days, side="right") - 1
        band = fitted.confidence_interval_survival_function_.to_numpy()
        columns = {"survival": fitted.survival_function_.to_numpy()[where, 0], "low": band[where, 0], "high": band[where, 1]}
    at_risk = len(time) - np.searchsorted(np.sort(time), days, side="left")
    return pl.DataFrame({"day": days, **columns, "at_risk": at_risk}).with_columns(pl.col("low", "high").fill_nan(None))


def cumulative_incidence(time: ArrayLike, kind: ArrayLike, at: ArrayLike, *, of: int = 1) -> Floats:
    """Share with an event of kind `of` by the times `at` while other kinds (> 0) compete; 0 is censored (Aalen-Johansen)."""
    times, kinds = np.asarray(time, float), np.asarray(kind, int)
    order = np.lexsort((kinds == 0, times))
    times, kinds = times[order], kinds[order]
    n = np.arange(len(times), 0, -1.0)
    before = np.concatenate([[1.0], np.cumprod(np.where(kinds > 0, 1 - 1 / n, 1.0))[:-1]])
    # Events of two kinds at one time are one step: each takes its share of the survival before the first of them.
    first = np.searchsorted(times, times, side="left")
    steps = np.where(kinds == of, before[first] / n[first], 0.0)
    where = np.searchsorted(times, np.asarray(at, float), side="right")
    return np.concatenate([[0.0], np.cumsum(steps)])[where]


# Hazards --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ratio:
    """A hazard or rate ratio with its 95 % interval, and how many events it rests on."""

    value: float
    low: float
    high: float
    events: int


def hazard_ratio(time: ArrayLike, event: ArrayLike, covariate: ArrayLike) -> Ratio:
    """Hazard ratio per unit of one covariate: Cox regression by lifelines (Efron's ties, Wald interval)."""
    import pandas as pd
    from lifelines import CoxPHFitter

    columns = {"time": np.asarray(time, float), "event": np.asarray(event, bool), "x": np.asarray(covariate, float)}
    fitted = CoxPHFitter().fit(pd.DataFrame(columns), "time", "event")
    row = fitted.summary.loc["x"]
    low, high = float(row["exp(coef) lower 95%"]), float(row["exp(coef) upper 95%"])
    return Ratio(float(row["exp(coef)"]), low, high, int(columns["event"].sum()))


def two_group_hazard_ratio(
    time: ArrayLike, event: ArrayLike, exposed_from: ArrayLike, entry: ArrayLike | float = 0.0
) -> tuple[float, float]:
    """Hazard of the exposed over that of the others by Cox regression, and the standard error of its logarithm.

    A patient is at risk in (entry, time] and exposed after `exposed_from`: `-inf` always, `inf` never, so the exposure may
    begin on the way (a time-dependent covariate). Efron's ties. NaN when either group is never at risk at an event; 0 or
    infinite when all events are in one group.
    """
    times, happened, since = np.asarray(time, float), np.asarray(event, bool), np.asarray(exposed_from, float)
    start = np.broadcast_to(np.asarray(entry, float), times.shape)
    there = times > start
    times, happened, since, start = times[there], happened[there], since[there], start[there]
    n0, n1, exposed = _risk_sets(times, happened, since, start)
    if not (n0 > 0).any() or not (n1 > 0).any():
        return np.nan, np.nan
    total, in_exposed = len(exposed), int(exposed.sum())
    if in_exposed in (0, total):
        return (0.0 if in_exposed == 0 else np.inf), np.inf
    return _newton(n0, n1, in_exposed)


def _risk_sets(time: Floats, event: Booleans, since: Floats, start: Floats) -> tuple[Floats, Floats, Booleans]:
    """At each event, in order: unexposed and exposed patients at risk (Efron's shares at ties), and whose event it is."""
    at = np.sort(time[event])
    n = _at_risk(at, start, time)
    reached = since < time
    n1 = _at_risk(at, np.maximum(start, since)[reached], time[reached])
    order = np.argsort(time[event], kind="stable")
    exposed = reached[event][order]
    first = np.searchsorted(at, at, side="left")
    ties = np.searchsorted(at, at, side="right") - first
    if (ties > 1).any():
        cumulative = np.concatenate([[0], np.cumsum(exposed)])
        of_exposed = cumulative[first + ties] - cumulative[first]
        share = (np.arange(len(at)) - first) / ties
        return n - n1 - share * (ties - of_exposed), n1 - share * of_exposed, exposed
    return n - n1, n1, exposed


def _at_risk(at: Floats, start: Floats, end: Floats) -> Floats:
    """How many have start < at <= end, for ascending `at`."""
    left = len(end) - np.searchsorted(np.sort(end), at, side="left")
    not_yet = len(start) - np.searchsorted(np.sort(start), at, side="left")
    return (left - not_yet).astype(float)


def _newton(n0: Floats, n1: Floats, in_exposed: int) -> tuple[float, float]:
    """Maximum of the partial likelihood of one yes/no covariate, by Newton's method on the logarithm of the ratio."""
    beta = 0.0
    for _ in range(50):
        weighted = n1 * np.exp(beta)
        p = weighted / (n0 + weighted)
        information = float(np.sum(p * (1 - p)))
        if information < 1e-12:
            return np.nan, np.nan
        step = float(np.clip((in_exposed - np.sum(p)) / information, -2, 2))
        beta += step
        if abs(step) < 1e-10:
            break
    return float(np.exp(beta)), information**-0.5


def rate_ratio(events: tuple[float, float], person_days: tuple[float, float]) -> float:
    """Events per person-time of the first group over those of the second; NaN without person-time or any event."""
    (one, other), (days, other_days) = events, person_days
    if not days or not other_days or not one + other:
        return np.nan
    return (one / days) / (other / other_days) if other else np.inf


def person_time(time: Floats, event: Booleans, exposed_from: Floats, entry: Floats) -> dict[str, Any]:
    """Events and person-days in (entry, time], after and before `exposed_from`, as `rate_ratio` takes them."""
    start = np.maximum(entry, np.where(known(exposed_from), exposed_from, np.inf))
    after = np.maximum(time - start, 0.0)
    before = np.maximum(time - entry, 0.0) - after
    late = event & (time > start)
    return {
        "events": (float(late.sum()), float((event & ~late).sum())),
        "person_days": (float(after.sum()), float(before.sum())),
    }
