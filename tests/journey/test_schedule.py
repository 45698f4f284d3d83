"""Who is to be looked at, and since when: by the days of the therapy, daily in the first week, twice a day while ill."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from story import Story, course, events, infused

from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.schedule import expected, missed, rule
from livingdrug.journey.state import Journey, evolve, journey_of

S = Story()
START = infused(S).at


def after(days: float) -> datetime:
    return START + timedelta(days=days)


def journey(*more: Event) -> Journey:
    """The story to the infusion, and these."""
    told = list(events(S))
    return journey_of([*told[: told.index(infused(S)) + 1], *more])


def vitals(day: float, temperature: float = 37.0, oxygen: int = 0) -> e.VitalsCharted:
    return e.VitalsCharted(
        at=after(day), by="chop-bedside-nurse-1", hours=(0.0,), temperature=(temperature,), vasoactive=(0,), oxygen=(oxygen,)
    )


def capd(day: float, score: int = 0) -> e.NeurologyAssessed:
    return e.NeurologyAssessed(at=after(day), by="chop-bedside-nurse-1", capd=score)


def what(made: Journey, day: float) -> list[str]:
    return [each.what for each in missed(S.therapy, made, after(day))]


def test_nobody_is_missed_before_the_infusion_or_after_a_death() -> None:
    told = list(events(S))
    before = journey_of(told[: told.index(infused(S))])
    assert expected(S.therapy, before, after(3)) == ()
    assert what(journey(e.Died(at=after(1), by="chop-physician-1", cause="toxicity")), 3) == []
    assert expected(S.therapy, journey(), after(-1)) == ()


def test_in_the_first_week_both_are_charted_every_24_hours() -> None:
    made = journey(vitals(0.5), capd(0.5))
    assert what(made, 1.4) == []
    assert what(made, 1.6) == ["vitals", "neurology"]
    assert what(evolve(vitals(1.55), made), 1.6) == ["neurology"]


def test_the_first_chart_is_due_a_day_after_the_infusion() -> None:
    late = missed(S.therapy, journey(), after(1.25))
    assert [each.late(after(1.25)) for each in late] == [timedelta(hours=6)] * 2


@pytest.mark.parametrize("ill", [vitals(0.5, 38.0), vitals(0.5, 37.0, oxygen=1), capd(0.5, 4)])
def test_the_ill_are_charted_every_12_hours(ill: Event) -> None:
    well = capd(0.5) if isinstance(ill, e.VitalsCharted) else vitals(0.5)
    assert what(journey(ill, well), 0.9) == []
    assert what(journey(ill, well), 1.1) == ["vitals", "neurology"]


def test_the_ill_are_charted_beyond_the_first_week_until_they_are_sent_home() -> None:
    ill = journey(vitals(8, 39.0), capd(8))
    home = e.PatientDischarged(at=after(8.2), by="chop-physician-1")
    assert what(ill, 9) == ["vitals", "neurology"]
    assert what(evolve(home, ill), 9) == []
    back = e.PatientAdmitted(at=after(8.3), by="chop-physician-1")
    assert what(evolve(back, evolve(home, ill)), 9) == ["vitals", "neurology"]


def test_a_series_counts_to_its_last_hour() -> None:
    series = replace(vitals(0.5), hours=(0.0, 12.0), temperature=(37.0, 37.0), vasoactive=(0, 0), oxygen=(0, 0))
    assert what(journey(series, capd(0.9)), 1.8) == []


def test_the_week_ends_with_the_chart_of_its_last_day() -> None:
    assert what(journey(vitals(6.5), capd(6.5)), 8) == []
    assert what(journey(vitals(5.5), capd(6.5)), 8) == ["vitals"]


def test_a_visit_is_made_by_whatever_shows_that_the_patient_was_seen() -> None:
    week = (vitals(6.5), capd(6.5))
    assert what(journey(*week), 14.5) == []
    assert what(journey(*week), 15.5) == ["visit of day 14"]
    seen = e.PatientSeen(at=after(12), by="chop-coordinator-1")
    assert what(journey(*week, seen), 15.5) == []
    assert what(journey(*week, seen), 22.5) == ["visit of day 21"]


def test_after_the_last_visit_nothing_is_expected() -> None:
    last = S.therapy.monitoring.days[-1]
    assert what(journey(), last + 2) == [f"visit of day {last:g}"]
    assert expected(S.therapy, journey(), after(2 * last)) == ()


def test_a_therapy_without_daily_days_has_visits_only() -> None:
    monitoring = S.therapy.monitoring.model_copy(update={"days": (7.0, 28.0)})
    therapy = S.therapy.model_copy(update={"monitoring": monitoring})
    assert [each.what for each in missed(therapy, journey(), after(9))] == ["visit of day 7"]
    assert rule(therapy).startswith("Vitals and neurology, every 12 hours")


def test_a_therapy_of_daily_days_alone_has_no_visits() -> None:
    monitoring = S.therapy.monitoring.model_copy(update={"days": (1.0, 2.0)})
    therapy = S.therapy.model_copy(update={"monitoring": monitoring})
    assert expected(therapy, journey(), after(1.5)) != ()
    assert rule(therapy).endswith("finding.")


def test_a_neurological_finding_alone_asks_for_charts_twice_a_day() -> None:
    made = journey(*list(course(S))[:3])
    assert [(each.what, each.due) for each in expected(S.therapy, made, after(4.1))] == [
        ("vitals", after(4.5) - timedelta(minutes=35)),
        ("neurology", after(4.5) - timedelta(minutes=35)),
    ]


def test_the_rule_is_said_in_a_sentence() -> None:
    assert rule(S.therapy) == (
        "Vitals and neurology every 24 hours to day 7, every 12 hours while there is fever, a need or a neurological finding; "
        "seen on days 14, 21, 28, 90, 180, 270, 365, 730, 1096."
    )
