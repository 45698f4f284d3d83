"""Virtual patients as journeys: the events that a real program would have recorded of them, for the same door.

`journeys` is a pure function of scenario, patient numbers, network and start: a patient has the same events in any range.
What the simulator knows is told exactly; days, hours and labels that it does not model are plain constants of
`journey_before`, `journey_cells` and `journey_course`, and never drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from livingdrug.journey.events import Event
from livingdrug.network.schema import Network
from livingdrug.simulate.journey_before import ORDERED_BEFORE, collected, referred
from livingdrug.simulate.journey_cells import bridged, infused, made, prepared, shipped
from livingdrug.simulate.journey_course import followed, lost, settled
from livingdrug.simulate.journey_diary import INFUSION_HOUR, Case, Diary, clock, local
from livingdrug.simulate.journey_facts import Facts, facts
from livingdrug.simulate.journey_people import Cast
from livingdrug.simulate.scenario import Scenario
from livingdrug.therapy.schema import Therapy

__all__ = ["AT_ONCE", "first_day", "journeys"]

AT_ONCE = 512
"""Patients that are solved at a time; the events do not depend on it."""
YEAR, STRIDE = 365, 149
"""Days over which patients are enrolled, and the step from one to the next, which has no factor in common with it."""
FIRST_PROGRAM = date(2017, 8, 30)
"""The first approval of a CAR-T therapy, with which the networks of the library begin."""
SET_UP = timedelta(days=120)
"""From the approval to the first order: centers are trained and certified."""
LONGEST_WAY = 60
"""Days from enrollment within which the center must stay qualified, where no infusion is planned."""


def first_day(therapy: Therapy) -> date:
    """The first day of enrollment, unless another is asked for."""
    return max(therapy.approved or FIRST_PROGRAM, FIRST_PROGRAM) + SET_UP


def journeys(
    scenario: Scenario, patients: range, network: Network, start: date | None = None, threads: int | None = None
) -> Iterator[tuple[int, list[Event]]]:
    """Number and events of each of these patients, in the order in which they would be recorded.

    `start` is the first day of enrollment; the patients come over a year from then. Of one on whose course the solver gave up,
    the journey ends with the infusion. Raises `BadInput` when the network has no
    site, or no center that is qualified and staffed.
    """
    cast, begin = Cast(network, scenario.therapy), start or first_day(scenario.therapy)
    for first in range(patients.start, patients.stop, AT_ONCE):
        for each in facts(scenario, range(first, min(first + AT_ONCE, patients.stop)), threads):
            yield each.number, _journey(scenario, each, cast, begin)


def _journey(scenario: Scenario, known: Facts, cast: Cast, start: date) -> list[Event]:
    case, diary = _case(scenario, known, cast, start), Diary()
    referred(case, diary)
    numbers = collected(case, diary)
    bridged(case, diary)
    product = made(case, diary, numbers)
    there = shipped(case, diary, product) if product else None
    if there is not None:
        prepared(case, diary, there)
    if known.row["fate"] != "infused":
        lost(case, diary)
        return diary.events()
    assert product is not None, "who was infused had a product"
    infused(case, diary, product)
    if known.course is None:
        return diary.events()
    followed(case, diary)
    return settled(case, diary.events())


def _case(scenario: Scenario, known: Facts, cast: Cast, start: date) -> Case:
    """The patient at a center, on the calendar: an infusion is at eleven o'clock, so that enrollment is at any hour."""
    day = start + timedelta(days=known.number * STRIDE % YEAR)
    until = day + timedelta(days=round(known.planned or LONGEST_WAY))
    team = cast.team(known.number, day - timedelta(days=ORDERED_BEFORE), until)
    if known.planned is None:
        return Case(scenario, known, team, clock(day, INFUSION_HOUR, team.here), None)
    infusion = clock(day + timedelta(days=int(known.planned) + 1), INFUSION_HOUR, team.here)
    return Case(scenario, known, team, _before(infusion, known.planned, team.here), infusion)


def _before(moment: datetime, days: float, zone) -> datetime:
    return local(moment.astimezone(UTC) - timedelta(days=days), zone)
