"""Grades of a journey: what was charted, day by day and at its worst, with a clinician's grade beside the computed one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.journey import events as e
from livingdrug.journey.events import Identifier
from livingdrug.journey.grades import charted, crs, days_between, neurotoxicity, responses, worst
from livingdrug.journey.state import Journey, journey_of
from livingdrug.therapy.load import load

START = datetime(2018, 3, 1, 11, tzinfo=UTC)
TISAGENLECLEUCEL, AXICABTAGENE = load("tisagenlecleucel"), load("axicabtagene-ciloleucel")


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def infusion(**changes: object) -> e.ProductInfused:
    facts: dict[str, object] = {
        "at": START, "by": "p", "product": "P", "bags": ("P-1",), "chain": "CH", "second": Identifier("record number", "1"),
        "weight": 30.0, "cells": 1e8, "ended": START, "witness": "n", "device": "d",
    }  # fmt: skip
    return e.ProductInfused(**(facts | changes))  # pyright: ignore[reportArgumentType]


def vitals(day: float, *points: tuple[float, int, int], every: float = 12.0) -> e.VitalsCharted:
    temperature, vasoactive, oxygen = zip(*points, strict=True)
    hours = tuple(every * i for i in range(len(points)))
    return e.VitalsCharted(at=at(day), by="n", hours=hours, temperature=temperature, vasoactive=vasoactive, oxygen=oxygen)


def neurology(day: float, **found: int) -> e.NeurologyAssessed:
    return e.NeurologyAssessed(at=at(day), by="n", **found)  # pyright: ignore[reportArgumentType]


def journey(*events: e.Event, age: float = 9.0) -> Journey:
    described = e.BaselineDescribed(at=at(-40), by="p", age=age, weight=30.0, female=True)
    return journey_of([described, infusion(), *events])


# Cytokine release -------------------------------------------------------------------------------------------------------


def test_every_day_is_graded_by_three_scales_that_disagree() -> None:
    days = crs(journey(vitals(2, (38.5, 0, 0), (37.0, 0, 0), (39.0, 1, 1), (39.0, 0, 0))))
    assert [(day.day, day.astct, day.penn, day.lee) for day in days] == [(2, 1, 2, 1), (3, 2, 3, 2)]


def test_a_need_without_fever_at_any_time_is_no_cytokine_release() -> None:
    found = journey(vitals(1, (37.0, 2, 1), (37.5, 2, 1)))
    assert [(day.astct, day.penn, day.lee) for day in crs(found)] == [(0, 0, 0)]
    seen = worst(charted(found))
    assert seen is not None
    assert (seen.onset, seen.vasoactive, seen.astct, seen.temperature) == (None, 0, 0, 37.5)


def test_a_need_that_outlasts_the_fever_still_counts() -> None:
    days = crs(journey(vitals(1, (39.0, 0, 0), (38.5, 1, 0), (37.0, 3, 0), (37.0, 0, 0))))
    assert [day.astct for day in days] == [2, 3]


def test_dialysis_is_an_organ_toxicity_of_penn_and_lee_but_not_of_astct() -> None:
    found = journey(vitals(1, (39.0, 1, 0), (38.5, 0, 0)), e.DialysisStarted(at=at(1.2), by="p"))
    assert [(day.astct, day.penn, day.lee) for day in crs(found)] == [(2, 3, 4)]


def test_the_worst_course_has_onset_length_and_severe_onset() -> None:
    found = worst(charted(journey(vitals(2, (37.0, 0, 0), (38.0, 0, 0), (39.0, 3, 0), (37.0, 1, 0), (37.0, 0, 0)))))
    assert found is not None
    assert (found.onset, found.days, found.severe_onset) == (2.5, 1.5, 3.0)


def test_series_are_read_in_the_order_of_time_however_late_they_were_charted() -> None:
    late, early = vitals(4, (37.0, 0, 0), (37.0, 0, 0)), vitals(1, (39.0, 0, 0), (38.1, 0, 0))
    assert worst(charted(journey(late, early))) == worst(charted(journey(early, late)))


def test_nothing_charted_is_nothing_known() -> None:
    assert worst(charted(journey())) is None
    assert crs(journey_of([])) == ()


@given(
    st.lists(st.tuples(st.sampled_from([37.0, 38.0, 40.0]), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20),
    st.booleans(),
)
def test_the_worst_is_the_highest_of_the_days(points: list[tuple[float, int, int]], dialysis: bool) -> None:
    started = [e.DialysisStarted(at=at(1.3), by="p")] if dialysis else []
    found = journey(vitals(1, *points), *started)
    seen = worst(charted(found))
    assert seen is not None
    for scale in ("astct", "penn", "lee"):
        assert getattr(seen, scale) == max(getattr(day, scale) for day in crs(found))


def test_an_override_stands_beside_the_computed_grade() -> None:
    says = e.GradeOverridden(at=at(2), by="p", scale="ASTCT", day=1, computed=1, grade=0, reason="fever of a known infection")
    found = journey(vitals(1, (38.5, 0, 0), (37.0, 0, 0)), says)
    (day,) = crs(found)
    assert (day.astct, day.overridden) == (1, (says,))
    seen = worst(charted(found))
    assert seen is not None
    assert seen.astct == 1


def test_a_corrected_chart_counts_and_the_first_one_does_not() -> None:
    wrong, right = vitals(1, (39.0, 4, 0)), vitals(1, (39.0, 0, 0))
    found = journey(wrong, e.Corrected(at=at(2), by="p", position=3, replacement=right, reason="another patient's pump"))
    seen = worst(charted(found))
    assert seen is not None
    assert seen.astct == 1


def test_a_need_that_is_none_is_left_out() -> None:
    seen = worst(charted(journey(vitals(1, (39.0, 7, 0), (38.0, 1, 0)))))
    assert seen is not None
    assert seen.vasoactive == 1


# Nerves -----------------------------------------------------------------------------------------------------------------


def test_children_are_graded_by_capd_and_others_by_ice() -> None:
    found = (neurology(4, capd=9, ice=10), neurology(5, capd=4, ice=1))
    assert neurotoxicity(charted(journey(*found, age=11.9))) == (3, 4.0)
    assert neurotoxicity(charted(journey(*found, age=12.0))) == (3, 5.0)


def test_a_day_has_its_worst_neurological_grade() -> None:
    days = crs(journey(neurology(4, capd=0), neurology(4.5, capd=6, consciousness=2), neurology(6, capd=0)))
    assert [(day.day, day.icans) for day in days] == [(4, 2), (6, 0)]


def test_nobody_looked_is_not_no_neurotoxicity() -> None:
    assert neurotoxicity(charted(journey())) == (None, None)
    assert neurotoxicity(charted(journey(neurology(3, capd=0)))) == (0, None)


def test_an_assessment_without_its_test_is_not_graded() -> None:
    assert neurotoxicity(charted(journey(neurology(3)))) == (None, None)


def test_without_an_age_the_test_that_was_taken_says_it() -> None:
    found = journey_of([infusion(), neurology(3, capd=10)])
    assert neurotoxicity(charted(found)) == (3, 3.0)


# Response ---------------------------------------------------------------------------------------------------------------


def assessed(day: int, **found: object) -> e.ResponseAssessed:
    return e.ResponseAssessed(at=at(day), by="p", assessment=day, **found)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("found", "category"),
    [
        ({"burden": 0.01, "neutrophils": 1500.0, "platelets": 120_000.0}, "CR"),
        ({"burden": 0.01, "neutrophils": 900.0, "platelets": 120_000.0}, "CRi"),
        ({"burden": 0.01, "counts_recovered": True}, "CR"),
        ({"burden": 0.01, "counts_recovered": False, "neutrophils": 5000.0, "platelets": 2e5}, "CRi"),
        ({"burden": 0.01, "counts_recovered": True, "extramedullary": True}, "no response"),
        ({"burden": 0.2, "counts_recovered": True}, "no response"),
    ],
)
def test_a_response_follows_burden_counts_and_the_rest(found: dict[str, object], category: str) -> None:
    ((_, result),) = responses(TISAGENLECLEUCEL, charted(journey(assessed(28, **found))))
    assert result.response == category


def test_a_partial_response_is_measured_against_what_the_assessment_names_else_against_lymphodepletion() -> None:
    depleted = e.LymphodepletionFinished(at=at(-3), by="p", burden=0.8)
    named, plain = assessed(28, burden=0.3, before=0.4), assessed(90, burden=0.3)
    found = responses(AXICABTAGENE, charted(journey(depleted, named, plain)))
    assert [result.response for _, result in found] == ["no response", "partial"]
    ((_, result),) = responses(AXICABTAGENE, charted(journey(assessed(28, burden=0.3))))
    assert result.response == "no response", "nothing is known to have shrunk"


def test_assessments_that_cannot_be_true_are_left_out() -> None:
    assert responses(TISAGENLECLEUCEL, charted(journey(assessed(28, burden=3.0)))) == []


# Time -------------------------------------------------------------------------------------------------------------------


def test_a_day_has_its_hours_across_summer_time() -> None:
    zone = ZoneInfo("America/New_York")
    before, after = datetime(2018, 3, 10, 12, tzinfo=zone), datetime(2018, 3, 11, 12, tzinfo=zone)
    assert days_between(before, after) == pytest.approx(23 / 24)
    assert days_between(before.astimezone(UTC), after) == pytest.approx(23 / 24)
