"""The made-up cohort that tests of analysis, report and commands stand on obeys the rules of a cohort."""

import polars as pl
import pytest

from livingdrug.cohort import COLUMNS, schema
from tests.synthetic import synthetic_cohort

RULES = {
    "only the infused have a day of infusion": (pl.col("fate") == "infused") == pl.col("infused_day").is_not_null(),
    "who was never infused has no course": (pl.col("fate") == "infused") | pl.col("followed_days").is_null(),
    "who responds has the day": pl.col("response").is_in(["CR", "CRi"]) == pl.col("response_day").is_not_null(),
    "a relapse comes after a remission": pl.col("relapse_day") >= pl.col("response_day"),
    "a relapse has a kind": pl.col("relapse").is_not_null() == pl.col("relapse_day").is_not_null(),
    "nothing comes after death or the end": (
        pl.max_horizontal("relapse_day", "transplant_day", "other_therapy_day", "death_day") <= pl.col("followed_days")
    ),
    "a death has a cause": pl.col("death_cause").is_not_null() == pl.col("death_day").is_not_null(),
    "CRS has an onset": (pl.col("crs_penn") > 0) == pl.col("crs_onset").is_not_null(),
    "without CRS nothing is needed": (pl.col("crs_penn") > 0)
    | ((pl.col("vasoactive") == "none") & (pl.col("oxygen") == "none")),
    "Penn 4 is high-dose vasopressors or ventilator": (pl.col("crs_penn") == 4) == pl.col("severe_onset").is_not_null(),
    "what is waived was billed": pl.col("waived") <= pl.col("billed"),
    "who leaves was not infused": pl.col("left_day").is_null() | (pl.col("fate") != "infused"),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_made_up_cohort_is_consistent(rule):
    cohort = synthetic_cohort(3000, seed=4, start="eligible")
    broken = cohort.filter(~RULES[rule])  # a rule about what is null for a patient holds for that patient
    assert broken.is_empty(), broken.head(1).to_dicts()


def test_the_made_up_cohort_has_every_column_and_each_is_used():
    cohort = synthetic_cohort(2000, seed=1)
    assert dict(cohort.schema) == schema()
    assert [each.name for each in COLUMNS if cohort[each.name].null_count() == cohort.height] == []


def test_a_made_up_patient_is_the_same_in_a_cohort_of_any_size():
    assert synthetic_cohort(50, seed=3).equals(synthetic_cohort(400, seed=3).head(50))
    assert not synthetic_cohort(50, seed=3).equals(synthetic_cohort(50, seed=4))
