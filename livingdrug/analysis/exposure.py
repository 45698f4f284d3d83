"""Exposure: courses over time and levels of the cells in blood, by response and by severity, as tables ready to draw."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from livingdrug.analysis.facts import facts
from livingdrug.errors import UnknownName

__all__ = ["GROUPS", "by_grade", "by_response", "profiles", "response_groups"]

GROUPS = ("in remission", "no response", "not assessed")
LEVELS = {"cmax": "copies/ug_DNA", "auc28": "copies/ug_DNA*days", "tmax": "days", "persistence_day": "days"}
KEYS = ("patient", "day")


def response_groups(cohort: pl.DataFrame) -> pl.DataFrame:
    """Patient and group (one of `GROUPS`) of every infused patient."""
    f = facts(cohort)
    there = f["infused"]
    code = np.where(f["remission"], 0, np.where(f["response"] >= 0, 1, 2))[there]
    group = pl.Series("group", [GROUPS[each] for each in code], dtype=pl.Enum(GROUPS))
    return pl.DataFrame({"patient": f["patient"][there].astype(np.int64), "group": group})


def profiles(trajectories: pl.DataFrame, cohort: pl.DataFrame, quantity: str = "transgene") -> pl.DataFrame:
    """Group, day, patients, median, and the 5 and 95 % quantile of a quantity of the trajectories, by response.

    A patient counts on the days on which the trajectory has the quantity. Raises `UnknownName` when no trajectory has it.
    """
    if quantity not in trajectories.columns or quantity in KEYS:
        raise UnknownName.among("quantity", quantity, [each for each in trajectories.columns if each not in KEYS])
    value = pl.col(quantity).cast(pl.Float64).fill_nan(None)
    rows = trajectories.select("patient", "day", value).drop_nulls().join(response_groups(cohort), on="patient")
    return (
        rows.group_by("group", "day")
        .agg(
            patients=pl.len(),
            median=pl.col(quantity).median(),
            low=pl.col(quantity).quantile(0.05, "linear"),
            high=pl.col(quantity).quantile(0.95, "linear"),
        )
        .sort("group", "day")
    )


def by_response(cohort: pl.DataFrame) -> pl.DataFrame:
    """Each level by response: patients, geometric mean, its variation (gCV, as labels print it), median and 5 to 95 %."""
    f = facts(cohort)
    masks = {GROUPS[0]: f["remission"], GROUPS[1]: f["infused"] & ~f["remission"] & (f["response"] >= 0)}
    rows = [{"level": level, "group": group, **_summary(f[level][mask])} for level in LEVELS for group, mask in masks.items()]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(unit=pl.col("level").replace_strict(LEVELS))


def by_grade(cohort: pl.DataFrame, level: str = "cmax", scale: str = "crs_penn") -> pl.DataFrame:
    """The same for one level by grade 0 to 4 of a scale of the cohort's columns."""
    f = facts(cohort)
    rows = [{"grade": grade, **_summary(f[level][f["infused"] & (f[scale] == grade)])} for grade in range(5)]
    return pl.DataFrame(rows, infer_schema_length=None)


def _summary(values: np.ndarray) -> dict[str, float | int | None]:
    there = values[values > 0]
    if not len(there):
        return {"patients": 0} | dict.fromkeys(("geometric_mean", "gcv", "median", "low", "high"))
    logs = np.log(there)
    spread = float(np.std(logs, ddof=1)) if len(there) > 1 else math.nan
    low, median, high = (float(each) for each in np.quantile(there, [0.05, 0.5, 0.95]))
    return {
        "patients": len(there),
        "geometric_mean": float(np.exp(logs.mean())),
        "gcv": math.sqrt(math.expm1(spread**2)) if spread == spread else None,
        "median": median,
        "low": low,
        "high": high,
    }
