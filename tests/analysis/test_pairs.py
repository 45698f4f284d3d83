"""The same patients in two runs: both directions of change, and the number of a patient as the key."""

import polars as pl
import pytest

from livingdrug.analysis.pairs import OUTCOMES, changed_at_all, paired
from tests.synthetic import synthetic_cohort


def outcome(table, name):
    return table.filter(outcome=name).to_dicts()[0]


def test_a_cohort_paired_with_itself_has_not_changed():
    cohort = synthetic_cohort(500, seed=1)
    table = paired(cohort, cohort)
    assert table["outcome"].to_list() == list(OUTCOMES)
    assert table["gained"].sum() == table["lost"].sum() == 0
    assert table["before"].equals(table["after"].alias("before"))
    assert changed_at_all(cohort, cohort) == (0, 500)


def test_changes_in_both_directions_are_counted_where_shares_hide_them():
    before = pl.DataFrame({"patient": [1, 2, 3, 4], "crs_penn": [3, 3, 1, 0]})
    after = pl.DataFrame({"patient": [4, 3, 2, 1], "crs_penn": [3, 1, 3, 1]})  # other order, same patients
    row = outcome(paired(before, after), "crs_penn_3")
    assert (row["before"], row["after"], row["gained"], row["lost"]) == (0.5, 0.5, 0.25, 0.25)
    assert changed_at_all(before, after) == (2, 4)


def test_only_shared_patients_with_known_outcomes_count():
    before, after = synthetic_cohort(500, seed=1), synthetic_cohort(300, seed=1)
    row = outcome(paired(before, after), "crs")
    assert row["patients"] == after.filter(pl.col("crs_penn").is_not_null()).height
    assert changed_at_all(before, after) == (0, 300)
    assert changed_at_all(before, synthetic_cohort(3).with_columns(patient=pl.col("patient") + 10_000)) == (0, 0)


def test_shares_before_and_after_follow_from_the_changes():
    before, after = synthetic_cohort(400, seed=1), synthetic_cohort(400, seed=2)
    for row in paired(before, after).to_dicts():
        assert row["before"] + row["gained"] - row["lost"] == pytest.approx(row["after"])
