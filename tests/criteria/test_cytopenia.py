"""Cytopenia: both sides of every limit of CTCAE v5.0, and every part of CAR-HEMATOTOX."""

from itertools import product
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.criteria.cytopenia import HEMATOTOX_STATUS, hematotox, hematotox_risk, neutropenia, thrombocytopenia

BEST: Any = {"platelets": 200_000, "neutrophils": 3_000, "hemoglobin": 12, "crp": 0.5, "ferritin": 100}


@pytest.mark.parametrize(
    ("count", "grade"),
    [(0, 4), (499, 4), (500, 3), (999, 3), (1000, 2), (1499, 2), (1500, 1), (1999, 1), (2000, 0)],
)
def test_neutrophils_agree_with_ctcae(count, grade):
    assert neutropenia(count, lower_limit=2000) == grade


@pytest.mark.parametrize(
    ("count", "grade"),
    [
        (0, 4),
        (24_999, 4),
        (25_000, 3),
        (49_999, 3),
        (50_000, 2),
        (74_999, 2),
        (75_000, 1),
        (149_999, 1),
        (150_000, 0),
    ],
)
def test_platelets_agree_with_ctcae(count, grade):
    assert thrombocytopenia(count, lower_limit=150_000) == grade


def test_without_the_laboratorys_limit_there_is_no_grade_1():
    assert {neutropenia(count) for count in range(0, 5000, 100)} == {0, 2, 3, 4}
    assert {thrombocytopenia(count) for count in range(0, 300_000, 5000)} == {0, 2, 3, 4}


def test_the_grade_3_limits_are_those_of_the_cohorts_day_28_columns():
    """`neutropenia_d28` is below 1,000/µL and `thrombocytopenia_d28` below 50,000/µL."""
    assert [neutropenia(999) >= 3, neutropenia(1000) >= 3] == [True, False]
    assert [thrombocytopenia(49_999) >= 3, thrombocytopenia(50_000) >= 3] == [True, False]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.one_of(st.none(), st.floats(0, 1e6)))
def test_fewer_cells_never_have_a_lower_grade(one, other, limit):
    for scale in (neutropenia, thrombocytopenia):
        assert scale(min(one, other), lower_limit=limit) >= scale(one, lower_limit=limit)


@pytest.mark.parametrize(
    ("part", "points"),
    [
        ({}, 0),
        ({"platelets": 175_001}, 0),
        ({"platelets": 175_000}, 1),
        ({"platelets": 75_000}, 1),
        ({"platelets": 74_999}, 2),
        ({"neutrophils": 1_200}, 0),
        ({"neutrophils": 1_199}, 1),
        ({"hemoglobin": 9}, 0),
        ({"hemoglobin": 8.9}, 1),
        ({"crp": 2.9}, 0),
        ({"crp": 3}, 1),
        ({"ferritin": 649}, 0),
        ({"ferritin": 650}, 1),
        ({"ferritin": 2000}, 1),
        ({"ferritin": 2001}, 2),
    ],
)
def test_each_part_of_car_hematotox_has_its_points(part, points):
    assert hematotox(**BEST | part) == points


def test_car_hematotox_adds_up_in_every_combination_from_0_to_7():
    parts = [
        [("platelets", 200_000, 0), ("platelets", 100_000, 1), ("platelets", 20_000, 2)],
        [("neutrophils", 2_000, 0), ("neutrophils", 300, 1)],
        [("hemoglobin", 11, 0), ("hemoglobin", 7, 1)],
        [("crp", 1, 0), ("crp", 10, 1)],
        [("ferritin", 100, 0), ("ferritin", 1_000, 1), ("ferritin", 9_000, 2)],
    ]
    found = set()
    for chosen in product(*parts):
        points = hematotox(**{name: value for name, value, _ in chosen})
        assert points == sum(each for _, _, each in chosen)
        found.add(points)
    assert found == set(range(8))


values = st.floats(0, 1e6)


@given(st.tuples(*[values] * 5), st.tuples(*[values] * 5))
def test_a_worse_marrow_or_more_inflammation_never_scores_less(one, other):
    worst = (min, min, min, max, max)
    worse = [pick(a, b) for pick, a, b in zip(worst, one, other, strict=True)]
    assert hematotox(**dict(zip(BEST, worse, strict=True))) >= hematotox(**dict(zip(BEST, one, strict=True)))


def test_the_risk_is_high_from_2_points():
    assert [hematotox_risk(points) for points in range(8)] == ["low"] * 2 + ["high"] * 6


def test_the_score_says_that_it_is_not_confirmed_and_for_whom_it_was_made():
    assert HEMATOTOX_STATUS.startswith("unconfirmed")
    assert "lymphoma" in HEMATOTOX_STATUS


@pytest.mark.parametrize("part", BEST)
@pytest.mark.parametrize("value", [-1, nan])
def test_an_impossible_part_is_refused_by_name(part, value):
    name = {"crp": "CRP"}.get(part, part)
    with pytest.raises(ValueError, match=f"{name} is a number of .*, 0 or more, not"):
        hematotox(**BEST | {part: value})


def test_impossible_counts_and_points_are_refused():
    for scale, what in ((neutropenia, "neutrophils"), (thrombocytopenia, "platelets")):
        with pytest.raises(ValueError, match=f"{what} is a number of cells/uL, 0 or more, not -5"):
            scale(-5)
        with pytest.raises(ValueError, match=f"the lower limit of {what}"):
            scale(1e6, lower_limit=-1)
    bad: Any
    for bad in (-1, 8, 1.5):
        with pytest.raises(ValueError, match="a whole number from 0 to 7"):
            hematotox_risk(bad)
