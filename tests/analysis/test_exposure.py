"""Courses by response and levels as labels print them."""

import math

import polars as pl
import pytest

from livingdrug.analysis import exposure
from livingdrug.cohort import frame
from livingdrug.errors import UnknownName
from tests.synthetic import synthetic_cohort


def courses(values):
    rows = [(patient, float(day), value * (day + 1)) for patient, value in values.items() for day in range(3)]
    return pl.DataFrame(rows, schema=["patient", "day", "transgene"], orient="row")


COHORT = frame(
    {"patient": range(5), "fate": ["infused"] * 4 + ["died waiting"], "response": ["CR", "CRi", "CR", "no response", None]}
)


def test_a_profile_is_the_median_of_each_group_on_each_day():
    table = exposure.profiles(courses({0: 1.0, 1: 2.0, 2: 9.0, 3: 5.0, 4: 7.0}), COHORT)
    rows = {(row["group"], row["day"]): row for row in table.to_dicts()}
    assert rows["in remission", 0.0] == pytest.approx(
        {"group": "in remission", "day": 0.0, "patients": 3, "median": 2, "low": 1.1, "high": 8.3}
    )
    assert rows["in remission", 2.0]["median"] == 6
    assert rows["no response", 1.0]["median"] == 10
    assert {group for group, _ in rows} == {"in remission", "no response"}  # patient 4 was never infused


def test_days_without_a_value_do_not_count():
    table = courses({0: 1.0, 1: 3.0}).with_columns(
        transgene=pl.when(pl.col("patient") == 0).then(math.nan).otherwise("transgene")
    )
    assert exposure.profiles(table, COHORT)["patients"].to_list() == [1, 1, 1]


def test_a_quantity_that_no_trajectory_has_is_refused():
    with pytest.raises(UnknownName, match="nearest: transgene"):
        exposure.profiles(courses({0: 1.0}), COHORT, "transgenes")


def test_levels_by_response_are_geometric_means_with_their_variation():
    cohort = frame(
        {"patient": range(3), "fate": ["infused"] * 3, "response": ["CR", "CR", "no response"], "cmax": [100.0, 400.0, 50.0]}
    )
    rows = {(row["level"], row["group"]): row for row in exposure.by_response(cohort).to_dicts()}
    row = rows["cmax", "in remission"]
    assert row["geometric_mean"] == pytest.approx(200)
    assert row["gcv"] == pytest.approx(math.sqrt(math.expm1(math.log(4) ** 2 / 2)))  # as labels define it
    assert rows["auc28", "no response"]["patients"] == 0
    assert row["unit"] == "copies/ug_DNA"


def test_levels_rise_with_the_grade_in_the_made_up_cohort():
    table = exposure.by_grade(synthetic_cohort(3000, seed=1))
    assert table["grade"].to_list() == [0, 1, 2, 3, 4]
    assert table["geometric_mean"][4] > table["geometric_mean"][3] > table["geometric_mean"][0]
