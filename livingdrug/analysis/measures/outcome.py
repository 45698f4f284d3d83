"""Measures of what the therapy does: response, survival under each definition, relapse, aplasia and its risk factors."""

from __future__ import annotations

import numpy as np

from livingdrug.analysis.facts import CR, CRI, NO_RESPONSE, Facts, known
from livingdrug.analysis.measures.registry import Array, add, if_recorded, shares
from livingdrug.analysis.survival import (
    DEFINITIONS,
    MONTH,
    cumulative_incidence,
    median_survival,
    person_time,
    rate_ratio,
    survival_at,
    two_group_hazard_ratio,
)
from livingdrug.cohort import RELAPSES

__all__: list[str] = []

HIGH_BURDEN = 0.05
"""Marrow blasts before lymphodepletion from which the burden is high. Fabrizio 2022 also counts disease outside the marrow."""
LOW_FLUDARABINE = 13.8
"""mg*h/L, cumulative; Fabrizio 2022, Blood Adv 6:1961."""


# Response --------------------------------------------------------------------------------------------------------------


def _evaluable(f: Facts) -> Array:
    return f["evaluable"] & _any_response(f)


def _any_response(f: Facts) -> bool:
    """Whether this cohort records responses at all; where it does not, nothing can be said."""
    return f.keep("any response", lambda f: bool((f["response"] >= 0).any()))


shares(
    "response",
    remission=(
        "CR or CRi as best response within three months, of infused. Who died before an assessment counts as no response.",
        lambda f: f["remission"],
        _evaluable,
    ),
    complete_remission=(
        "CR, of infused, likewise.",
        lambda f: f["response"] == CR,
        _evaluable,
    ),
    remission_incomplete_counts=(
        "CRi, of infused, likewise.",
        lambda f: f["response"] == CRI,
        _evaluable,
    ),
    response=(
        "CR, CRi or partial response, of infused, likewise; for lymphoma and myeloma.",
        lambda f: (f["response"] >= 0) & (f["response"] != NO_RESPONSE),
        _evaluable,
    ),
    mrd_negative=(
        "No residual disease at 1e-4 by flow, of patients in CR or CRi.",
        lambda f: f["mrd_negative"] > 0,
        lambda f: f["remission"] & known(f["mrd_negative"]),
    ),
    remission_day28=(
        "CR or CRi at the end of the first month, of infused; what the contract asks for.",
        lambda f: (f["response_day28"] == CR) | (f["response_day28"] == CRI),
        lambda f: f["evaluable day28"] & bool((f["response_day28"] >= 0).any()),
    ),
)

# Survival --------------------------------------------------------------------------------------------------------------

SURVIVAL_MONTHS = {
    "efs": (6, 12, 24, 36),
    "efs uncensored": (6, 12, 36),
    "efs strict": (6, 12, 36),
    "rfs": (6, 12, 18, 24, 36),
    "rfs uncensored": (12, 24, 36),
    "rfs strict": (12, 24, 36),
    "os": (6, 12, 18, 24, 36),
    "os enrolled": (12, 36),
}
for _name, _months in SURVIVAL_MONTHS.items():
    for _month in _months:
        add(
            "survival",
            "share",
            "1",
            f"{_name.replace(' ', '_')}_{_month}",
            f"{DEFINITIONS[_name].split(':')[0]} at {_month} months ({_name}), product limit.",
            lambda f, name=_name, month=_month: survival_at(f, name, month),
            survival=(_name, _month),
        )
add(
    "survival",
    "median",
    "days",
    "efs_median",
    "Median event-free survival as in ELIANA; not defined when more than half live without event.",
    lambda f: median_survival(f, "efs"),
)

# Relapse and aplasia ---------------------------------------------------------------------------------------------------

POSITIVE = RELAPSES.index("antigen-positive")
YEAR = 365.25


def _relapse_in_aplasia(f: Facts) -> Array:
    return (f["relapse"] >= 0) & ~(f["b_cell_recovery_day"] <= f["relapse_day"]) & known(f["relapse_day"])


shares(
    "relapse",
    antigen_negative_24=(
        "Antigen-negative (lineage switch included: it lacks the antigen too), of relapses of known kind within 24 months.",
        lambda f: f["relapse"] != POSITIVE,
        lambda f: (f["relapse"] >= 0) & (f["relapse_day"] <= 24 * MONTH),
    ),
    antigen_negative_in_aplasia=(
        "Antigen-negative, likewise, of relapses of known kind while healthy cells with the antigen had not recovered.",
        lambda f: f["relapse"] != POSITIVE,
        if_recorded("b_cell_recovery_day", _relapse_in_aplasia),
    ),
)


def _relapse_course(f: Facts) -> tuple[Array, Array, Array, Array]:
    """For patients in remission, from infusion: end of observation, relapse there, entry, B-cell recovery within a year."""

    def make(f: Facts) -> tuple[Array, Array, Array, Array]:
        end = np.fmin(np.fmin(f["end of follow up"], f["death_day"]), f["further therapy"])
        there = f["remission"] & known(end) & known(f["response_day"]) & f.recorded("b_cell_recovery_day", "relapse_day")
        end, relapse = end[there], f["relapse_day"][there]
        recovery = f["b_cell_recovery_day"][there]
        recovered = np.where(recovery <= YEAR, recovery, np.inf)
        return np.fmin(end, relapse), relapse <= end, f["response_day"][there], recovered

    return f.keep("relapse course", make)


def _relapse_after_recovery(f: Facts) -> float:
    time, event, entry, recovered = _relapse_course(f)
    return two_group_hazard_ratio(time, event, recovered, entry)[0]


def _relapse_rate_after_recovery(f: Facts) -> float:
    time, event, entry, recovered = _relapse_course(f)
    return rate_ratio(**person_time(time, event, recovered, entry))


def _aplasia_at(f: Facts, months: float) -> float:
    """Product limit of B-cell recovery of patients in remission; relapse, further therapy and death censor."""
    end = np.fmin(np.fmin(f["end of follow up"], f["death_day"]), np.fmin(f["relapse_day"], f["further therapy"]))
    there = f["remission"] & known(end) & f.recorded("b_cell_recovery_day")
    recovery, end = f["b_cell_recovery_day"][there], end[there]
    event = recovery <= end
    time = np.fmin(recovery, end)
    order = np.lexsort((~event, time))
    n = np.arange(len(time), 0, -1.0)
    by = event[order] & (time[order] <= months * MONTH)
    return float(np.prod(1 - 1 / n[by])) if len(time) else np.nan


def _relapse_incidence(f: Facts, months: float) -> float:
    time, event = f["rfs uncensored time"], f["rfs uncensored event"] > 0
    there = known(time)
    if not there.any():
        return np.nan
    relapsed = known(f["relapse_day"])[there]
    kind = np.where(event[there], np.where(relapsed, 1, 2), 0)
    return float(cumulative_incidence(time[there], kind, [months * MONTH])[0])


add(
    "relapse",
    "ratio",
    "1",
    "relapse_after_recovery_ratio",
    "Hazard of relapse behind a B-cell recovery within 12 months over the hazard without it, Cox regression with recovery as "
    "time-dependent covariate; patients in remission, censored at further therapy and death.",
    _relapse_after_recovery,
)
add(
    "relapse",
    "ratio",
    "1",
    "relapse_rate_after_recovery_ratio",
    "The same as relapses per person-time; lower where relapses are early, because it does not compare equal times.",
    _relapse_rate_after_recovery,
)
for _month in (6, 12):
    add(
        "relapse",
        "share",
        "1",
        f"aplasia_{_month}",
        f"Probability that healthy cells with the antigen stay away for {_month} months, product limit, patients in remission.",
        lambda f, month=_month: _aplasia_at(f, month),
    )
for _month in (12, 24, 36):
    add(
        "relapse",
        "share",
        "1",
        f"relapse_incidence_{_month}",
        f"Cumulative incidence of relapse {_month} months after the onset of remission; death competes (Aalen-Johansen).",
        lambda f, month=_month: _relapse_incidence(f, month),
    )

# Risk factors ----------------------------------------------------------------------------------------------------------


def _relapse_ratio(f: Facts, exposed: Array, is_known: Array) -> float:
    """Cause-specific hazard of relapse from the onset of remission; death and further therapy censor."""
    time, event = f["rfs time"], (f["rfs event"] > 0) & known(f["relapse_day"])
    there = known(time) & is_known
    return two_group_hazard_ratio(time[there], event[there], np.where(exposed[there], -np.inf, np.inf))[0]


def _death_ratio(f: Facts, exposed: Array, is_known: Array) -> float:
    time, event = f["os time"], f["os event"] > 0
    there = known(time) & is_known
    return two_group_hazard_ratio(time[there], event[there], np.where(exposed[there], -np.inf, np.inf))[0]


add(
    "risk",
    "ratio",
    "1",
    "low_fludarabine_relapse_ratio",
    "Hazard of relapse of patients whose cumulative fludarabine exposure is below 13.8 mg*h/L over that of the others.",
    lambda f: _relapse_ratio(f, f["fludarabine_auc"] < LOW_FLUDARABINE, known(f["fludarabine_auc"])),
)
add(
    "risk",
    "ratio",
    "1",
    "high_burden_death_ratio",
    "Hazard of death of patients with at least 5 % marrow blasts before lymphodepletion over that of the others, all infused.",
    lambda f: _death_ratio(f, f["blasts_infused"] >= HIGH_BURDEN, known(f["blasts_infused"])),
)
add(
    "risk",
    "ratio",
    "1",
    "high_burden_relapse_ratio",
    "Hazard of relapse of the same groups, patients in remission.",
    lambda f: _relapse_ratio(f, f["blasts_infused"] >= HIGH_BURDEN, known(f["blasts_infused"])),
)
