"""Grades as tables: exact shares, one scale against another, and the day by day picture from physiology."""

import polars as pl
import pytest

from livingdrug.analysis import toxicity
from livingdrug.cohort import frame
from livingdrug.errors import UnknownName
from tests.synthetic import synthetic_cohort


def test_grades_of_a_scale_add_up_to_the_infused():
    cohort = synthetic_cohort(1000, seed=1)
    table = toxicity.grades(cohort)
    for scale in toxicity.SCALES:
        rows = table.filter(scale=scale)
        assert rows["patients"].sum() == cohort.filter(fate="infused").height
        assert rows["share"].sum() == pytest.approx(1)
        assert ((rows["low"] <= rows["share"]) & (rows["share"] <= rows["high"])).all()


def test_the_same_patients_are_penn_3_and_astct_2():
    cohort = frame({"patient": range(3), "fate": ["infused"] * 3, "crs_penn": [3, 3, 1], "crs_astct": [2, 3, 1]})
    table = {(row["Penn"], row["ASTCT"]): row["patients"] for row in toxicity.regraded(cohort).to_dicts()}
    assert (table[3, 2], table[3, 3], table[1, 1]) == (1, 1, 1)
    assert sum(table.values()) == 3
    with pytest.raises(UnknownName, match="nearest: Penn"):
        toxicity.regraded(cohort, "Pen")


def test_needs_add_up_too():
    table = toxicity.needs(synthetic_cohort(1000, seed=1))
    assert table.group_by("kind").agg(pl.col("share").sum())["share"].to_list() == pytest.approx([1, 1])


def test_nobody_has_no_grades():
    assert toxicity.grades(frame({})).is_empty()
    assert toxicity.needs(frame({})).is_empty()


def test_each_day_is_graded_by_what_was_needed_that_day():
    cohort = frame(
        {
            "patient": [0, 1],
            "fate": ["infused"] * 2,
            "crs_onset": [1.0, None],
            "crs_days": [3.0, None],
            "tocilizumab_day": [3.0, None],
        }
    )
    days = pl.DataFrame(
        {
            "patient": [0] * 6 + [1] * 6,
            "day": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] * 2,
            "temperature": [37.0, 39.0, 39.5, 37.0, 37.0, 39.0] + [39.0] * 6,
            "vasoactive": pl.Series([0, 0, 1, 3, 1, 0] + [0] * 6, dtype=pl.Int32),
            "oxygen": pl.Series([0, 0, 1, 1, 0, 0] + [0] * 6, dtype=pl.Int32),
        }
    )
    table = toxicity.daily(days, cohort).filter(pl.col("patients") > 0)
    grade = {
        (scale, row["day"]): row["grade"]
        for scale in ("Penn", "ASTCT")
        for row in table.filter(scale=scale).sort("grade").to_dicts()  # the last is the higher: patient 0
    }
    # Fluids and low-flow oxygen are Penn 3 and ASTCT 2; on day 3 there is no fever, but tocilizumab was given.
    assert (grade["Penn", 2], grade["ASTCT", 2]) == (3, 2)
    assert (grade["Penn", 3], grade["ASTCT", 3]) == (4, 3)
    assert (grade["Penn", 5], grade["ASTCT", 5]) == (0, 0)  # the episode is over; patient 1 never had one
    sums = toxicity.daily(days, cohort).group_by("scale", "day").agg(pl.col("patients").sum())
    assert set(sums["patients"]) == {2}
