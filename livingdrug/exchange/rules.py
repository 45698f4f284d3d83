"""What cannot be true of one patient: facts that exclude each other, and days in an impossible order.

A rule looks at columns of one row and is silent where one of them is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from livingdrug.cohort import BANDS, FATES, RESPONSES
from livingdrug.exchange.findings import Findings

__all__ = ["RULES", "Rule", "check_rows"]


@dataclass(frozen=True)
class Rule:
    """`column` is the one complained about; `broken` is true in a row that cannot be; `says` may name columns in braces.

    needs: columns that the file must have something in, for rules about an empty cell.
    """

    column: str
    broken: pl.Expr
    says: str
    needs: tuple[str, ...] = ()


def _ordered(earlier: str, later: str) -> Rule:
    says = f"{{{later}}} is before {{{earlier}}} in column {earlier}; expected the same day or later"
    return Rule(later, pl.col(later) < pl.col(earlier), says)


def _within_life(day: str) -> Rule:
    return Rule(
        day, pl.col(day) > pl.col("death_day"), f"{{{day}}} is after the death on day {{death_day}} in column death_day"
    )


def _within_follow_up(day: str) -> Rule:
    says = f"{{{day}}} is after the end of follow-up on day {{followed_days}} in column followed_days"
    told = (pl.col(day) > pl.col("death_day")).fill_null(False)  # by the rule above
    return Rule(day, (pl.col(day) > pl.col("followed_days")) & ~told, says)


def _not_infused(name: str) -> Rule:
    lost = pl.col("fate").is_not_null() & (pl.col("fate") != "infused") & pl.col(name).is_not_null()
    says = f"{{{name}}} belongs to an infused patient, but column fate says {{fate}}; expected an empty cell"
    return Rule(name, lost, says)


def _no_crs(scale: str) -> Rule:
    says = "0 means no CRS, but column crs_onset says it began on day {crs_onset}; expected 1 to 5, or no day"
    return Rule(scale, (pl.col(scale) == 0) & pl.col("crs_onset").is_not_null(), says)


def _place(name: str, words: tuple[str, ...]) -> pl.Expr:
    """The position of a word among its column's words."""
    return pl.col(name).cast(pl.String).replace_strict(list(words), range(len(words)), default=None, return_dtype=pl.Int64)


def _band() -> pl.Expr:
    """The lowest band that a blast fraction can be in; undetectable is a band below 5 % like the one above it."""
    blasts = pl.col("blasts_enrolled")
    return pl.when(blasts >= 0.5).then(3).when(blasts >= 0.05).then(2).when(blasts.is_not_null()).then(1)


AFTER_INFUSION = (
    "infused_day",
    "dose",
    "dose_per_kg",
    "cmax",
    "crs_onset",
    "tocilizumab_day",
    "steroid_day",
    "icu_day",
    "response",
    "response_day28",
    "response_day",
    "relapse_day",
    "transplant_day",
    "death_day",
)
"""Columns that a patient who was not infused cannot have. Death before infusion is `left_day`."""

EVENTS = (
    "crs_onset",
    "severe_onset",
    "icu_day",
    "tocilizumab_day",
    "steroid_day",
    "neurotoxicity_onset",
    "response_day",
    "relapse_day",
    "transplant_day",
    "other_therapy_day",
)
"""What happens to a living patient who is followed, in days from infusion."""

_no_response = pl.col("response") == "no response"
_doses = pl.col("dose") / (pl.col("dose_per_kg") * pl.col("weight"))

RULES: tuple[Rule, ...] = (
    _ordered("released_day", "infused_day"),
    Rule(
        "left_day",
        pl.col("left_day").is_not_null() & pl.col("infused_day").is_not_null(),
        "{left_day} is the day of one who was not infused, but column infused_day says day {infused_day}; keep one of them",
    ),
    Rule(
        "left_day",
        pl.col("left_day").is_not_null() & (pl.col("fate") == FATES[-1]) & pl.col("infused_day").is_null(),
        "{left_day} is the day of one who was not infused, but column fate says {fate}; expected an empty cell",
    ),
    *(_not_infused(name) for name in AFTER_INFUSION),
    Rule(
        "burden_band",
        (_place("burden_band", BANDS).clip(1) != _band()),
        "{burden_band} does not fit the {blasts_enrolled} in column blasts_enrolled",
    ),
    Rule(
        "dose",
        (_doses > 2) | (_doses < 0.5),
        "{dose} is not {dose_per_kg} per kg at {weight} kg (columns dose_per_kg, weight), not even within a factor of 2; "
        "expected cells, not millions of them",
    ),
    *(_no_crs(scale) for scale in ("crs_penn", "crs_lee", "crs_astct")),
    Rule(
        "tocilizumab_doses",
        (pl.col("tocilizumab_doses") == 0) & pl.col("tocilizumab_day").is_not_null(),
        "0 doses, but column tocilizumab_day says day {tocilizumab_day}; expected 1 or more, or no day",
    ),
    Rule(
        "response",
        _place("response", RESPONSES) > _place("response_day28", RESPONSES),
        "{response} is worse than {response_day28} in column response_day28; the best response is at least as good",
    ),
    Rule(
        "response_day",
        _no_response & pl.col("response_day").is_not_null(),
        "{response_day} is the day of a response, but column response says no response; expected an empty cell",
    ),
    Rule(
        "mrd_negative",
        _no_response & pl.col("mrd_negative"),
        "true, but column response says no response; only a response is free of residual disease",
    ),
    Rule(
        "relapse_day",
        _no_response & pl.col("relapse_day").is_not_null(),
        "{relapse_day} is the day of a relapse, but column response says no response; expected an empty cell",
    ),
    _ordered("response_day", "relapse_day"),
    *(_within_life(day) for day in EVENTS),
    *(_within_follow_up(day) for day in (*EVENTS, "death_day")),
    Rule(
        "followed_days",
        pl.col("followed_days") > pl.col("death_day"),
        "{followed_days} is after the death on day {death_day} in column death_day; follow-up ends with death",
    ),
    Rule(
        "relapse",
        pl.col("relapse").is_not_null() & pl.col("relapse_day").is_null(),
        "{relapse} relapsed, but column relapse_day has no day; give it, or leave this cell empty",
        needs=("relapse_day",),
    ),
    Rule(
        "death_cause",
        pl.col("death_cause").is_not_null() & pl.col("death_day").is_null(),
        "{death_cause} caused a death, but column death_day has no day; give it, or leave this cell empty",
        needs=("death_day",),
    ),
    Rule("waived", pl.col("waived") > pl.col("billed"), "{waived} is more than the {billed} in column billed"),
)


def check_rows(cohort: pl.DataFrame, rows: Sequence[int], refused: Mapping[str, set[int]], found: Findings) -> None:
    """Note every row that breaks a rule, and every patient who stands in the table twice.

    rows: what each row is called. refused: the columns of the file, each with the rows (from 0) of the cells that were
    refused before, which a rule must not take for empty.
    """
    filled = {name for name, places in refused.items() if places or cohort[name].null_count() < cohort.height}
    for at, rule in enumerate(RULES):
        if not filled.issuperset({rule.column, *rule.needs}):
            continue
        broken = cohort.select(rule.broken.fill_null(False)).to_series().arg_true().to_list()
        for row in sorted(set(broken).difference(*(refused[name] for name in rule.needs))):
            says = rule.says.format(**{name: _shown(value) for name, value in cohort.row(row, named=True).items()})
            found.add(f"rule {at}", f"row {rows[row]}, column {rule.column}", says)
    _check_twice(cohort, rows, found)


def _check_twice(cohort: pl.DataFrame, rows: Sequence[int], found: Findings) -> None:
    first: dict[int, int] = {}
    for row, patient in zip(rows, cohort["patient"], strict=True):
        if patient is None:
            continue
        if patient in first:
            says = f"{patient} stands in row {first[patient]} already; expected one row for each patient"
            found.add("twice", f"row {row}, column patient", says)
        first.setdefault(patient, row)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
