"""Cytokine release and neurotoxicity as tables: grades under three scales, one scale against another, and day by day."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from livingdrug.analysis.facts import Facts, facts
from livingdrug.analysis.intervals import exact_interval
from livingdrug.cohort import OXYGEN, VASOACTIVE
from livingdrug.criteria import crs
from livingdrug.errors import UnknownName

__all__ = ["SCALES", "daily", "grades", "needs", "regraded"]

SCALES = {"Penn": "crs_penn", "Lee 2014": "crs_lee", "ASTCT": "crs_astct"}
"""The scale and its column. They grade the same physiology differently: a patient can be Penn 3 and ASTCT 2."""
FEVER = 38.0
"""°C and above; Lee DW, et al. ASTCT consensus grading, Biol Blood Marrow Transplant 2019;25:625."""
GRADES = range(5)


def grades(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """Scale, grade 0 to 4, patients, share of infused with a known grade, and its exact 95 % interval."""
    f = facts(cohort)
    rows = [row for scale, column in SCALES.items() for row in _grades(scale, f[column][f["infused"]])]
    return pl.DataFrame(rows)


def _grades(scale: str, grade: np.ndarray) -> list[dict[str, float | int | str]]:
    there = grade[~np.isnan(grade)].astype(int)
    counts = np.bincount(there, minlength=5)[:5]
    total = len(there)
    return [{"scale": scale, "grade": k, "patients": int(counts[k]), **_share(int(counts[k]), total)} for k in GRADES if total]


def _share(events: int, n: int) -> dict[str, float]:
    low, high = exact_interval(events, n)
    return {"share": events / n, "low": low, "high": high}


def regraded(cohort: pl.DataFrame | Facts, one: str = "Penn", other: str = "ASTCT") -> pl.DataFrame:
    """How many patients of each grade of one scale have each grade of the other; all 25 pairs. Raises `UnknownName`."""
    for scale in (one, other):
        if scale not in SCALES:
            raise UnknownName.among("scale", scale, SCALES)
    f = facts(cohort)
    first, second = f[SCALES[one]], f[SCALES[other]]
    there = f["infused"] & (first >= 0) & (second >= 0)
    counts = np.zeros((5, 5), int)
    np.add.at(counts, (first[there].astype(int), second[there].astype(int)), 1)
    rows = [{one: a, other: b, "patients": int(counts[a, b])} for a in GRADES for b in GRADES]
    return pl.DataFrame(rows)


def needs(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """What hypotension and hypoxia needed at most: kind, level, patients, share of infused, exact interval."""
    f = facts(cohort)
    rows: list[dict[str, float | int | str]] = []
    for kind, words in (("vasoactive", VASOACTIVE), ("oxygen", OXYGEN)):
        codes = f[kind][f["infused"] & (f[kind] >= 0)]
        counts = np.bincount(codes, minlength=len(words))
        rows += [
            {"kind": kind, "level": word, "patients": int(count), **_share(int(count), len(codes))}
            for word, count in zip(words, counts, strict=True)
            if len(codes)
        ]
    return pl.DataFrame(rows)


# Day by day -----------------------------------------------------------------------------------------------------------


def daily(trajectories: pl.DataFrame, cohort: pl.DataFrame) -> pl.DataFrame:
    """Day, scale, grade 0 to 4 and patients: how many of the patients with trajectories had which grade on which day.

    A day's grade comes from the worst temperature, support and device of that day, within the patient's episode of CRS.
    After tocilizumab or a steroid, fever is no longer required (ASTCT).
    """
    days = _worst_of_day(trajectories).join(_episodes(cohort), on="patient").filter(pl.col("day") >= 0)
    inside = (days["day"] >= days["first"].floor()) & (days["day"] <= days["last"].ceil())
    within = inside.fill_null(False).to_numpy()
    treated = (days["treated"] <= days["day"]).fill_null(False).to_numpy()
    fever = (days["temperature"] >= FEVER).to_numpy()
    support, device = days["vasoactive"].to_numpy(), days["oxygen"].to_numpy()
    rows: list[pl.DataFrame] = []
    for scale in SCALES:
        grade = _grade_table(scale)[fever.astype(int), treated.astype(int), support, device] * within
        table = pl.DataFrame({"day": days["day"], "grade": grade.astype(np.int32)})
        rows.append(table.group_by("day", "grade").agg(patients=pl.len()).with_columns(scale=pl.lit(scale)))
    counted = pl.concat(rows)
    every = days.select("day").unique().join(pl.DataFrame({"scale": list(SCALES)}), how="cross")
    every = every.join(pl.DataFrame({"grade": list(GRADES)}, schema={"grade": pl.Int32}), how="cross")
    full = every.join(counted, on=["day", "scale", "grade"], how="left")
    return full.with_columns(pl.col("patients").fill_null(0)).sort("scale", "day", "grade")


def _worst_of_day(trajectories: pl.DataFrame) -> pl.DataFrame:
    return (
        trajectories.with_columns(day=pl.col("day").floor().cast(pl.Int32))
        .group_by("patient", "day")
        .agg(pl.col("temperature").max(), pl.col("vasoactive").max().fill_null(0), pl.col("oxygen").max().fill_null(0))
        .with_columns(pl.col("temperature").fill_null(0.0).fill_nan(0.0))
    )


def _episodes(cohort: pl.DataFrame) -> pl.DataFrame:
    """First and last day of CRS of each patient (null: none), and the first day of tocilizumab or steroid."""
    return cohort.select(
        "patient",
        first=pl.col("crs_onset"),
        last=pl.col("crs_onset") + pl.col("crs_days"),
        treated=pl.min_horizontal("tocilizumab_day", "steroid_day"),
    )


@lru_cache
def _grade_table(scale: str) -> np.ndarray:
    """Grades by (fever, treated, vasoactive, oxygen), so that a million days are graded by looking up."""
    table = np.zeros((2, 2, len(VASOACTIVE), len(OXYGEN)), int)
    for fever, treated, support, device in np.ndindex(table.shape):
        facts_of_day = {"fever": bool(fever), "vasoactive": crs.Vasoactive(support), "oxygen": crs.Oxygen(device)}
        if scale == "ASTCT":
            table[fever, treated, support, device] = crs.astct(**facts_of_day, treated=bool(treated))
        else:
            # A day inside the episode is a day of CRS, with or without fever; Penn and Lee 2014 have grade 1 for it.
            grade = crs.penn if scale == "Penn" else crs.lee
            table[fever, treated, support, device] = grade(**(facts_of_day | {"fever": True}))
    return table
