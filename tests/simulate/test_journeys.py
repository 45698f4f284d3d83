"""Virtual patients through the same door: every event is accepted, and the cohort of the journeys is the cohort."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from livingdrug.cohort import COLUMNS, frame
from livingdrug.cohort.journeys import from_journeys
from livingdrug.errors import BadInput
from livingdrug.journey import events as e
from livingdrug.journey.codec import canonical, decode, encode
from livingdrug.journey.events import Event
from livingdrug.journey.identity import why_not_chain, why_not_din
from livingdrug.journey.record import Replayed, replay
from livingdrug.network.load import load as load_network
from livingdrug.network.schema import Network
from livingdrug.simulate.journeys import first_day, journeys
from livingdrug.simulate.program import Story, simulate, tell
from livingdrug.simulate.scenario import Scenario
from livingdrug.simulate.scenario import load as load_scenario

PATIENTS = {"eliana": 1000, "zuma-1": 300, "cartitude-1": 300, "real-world-us": 300}
A_MOMENT = 1e-6
"""Days: the stored times are whole microseconds."""


@cache
def network() -> Network:
    return load_network("us-launch-2017")


@cache
def scenario(name: str) -> Scenario:
    return load_scenario(name)


@cache
def told(name: str) -> dict[int, list[Event]]:
    return dict(journeys(scenario(name), range(PATIENTS[name]), network()))


@cache
def replayed(name: str) -> dict[int, Replayed]:
    therapy = scenario(name).therapy
    return {number: replay(therapy, network(), events) for number, events in told(name).items()}


@pytest.mark.parametrize("name", PATIENTS)
def test_every_event_passes_the_door(name: str) -> None:
    refused = [str(each) for one in replayed(name).values() for each in one.refused.values()]
    assert not refused, refused[:5]
    assert len(replayed(name)) == PATIENTS[name]


@pytest.mark.parametrize("name", PATIENTS)
def test_the_cohort_from_journeys_is_the_cohort_from_arrays(name: str) -> None:
    from_acts = from_journeys(scenario(name).therapy, [each.journey for each in replayed(name).values()])
    from_arrays = frame(simulate(scenario(name), range(PATIENTS[name])))
    assert from_arrays["solver_status"].drop_nulls().eq(0).all()
    assert from_acts["solver_status"].null_count() == PATIENTS[name], "a solver is no part of what was recorded"
    different = [each.name for each in COLUMNS if each.name != "solver_status" and _differs(from_acts, from_arrays, each.name)]
    assert not different


def _differs(a: pl.DataFrame, b: pl.DataFrame, name: str) -> bool:
    """Whether a column differs: times by more than a moment, numbers by more than rounding, everything else at all."""
    one, other = a[name], b[name]
    if not one.dtype.is_float():
        return not one.equals(other)
    if not one.is_null().equals(other.is_null()):
        return True
    timed = name.endswith(("_day", "_days", "onset", "tmax"))
    room = A_MOMENT if timed else other.abs() * 1e-12
    return bool(((one - other).abs() > room).any())


def test_every_fate_is_among_them() -> None:
    fates = frame(simulate(scenario("eliana"), range(1000)))["fate"].cast(pl.String).unique().sort().to_list()
    assert fates == ["died waiting", "infused", "manufacturing failure", "not collected", "not infused"]


def test_a_patient_has_the_same_events_in_any_range() -> None:
    alone = dict(journeys(scenario("eliana"), range(70, 72), network()))
    assert alone == {number: told("eliana")[number] for number in (70, 71)}


def test_the_events_do_not_depend_on_how_many_are_solved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livingdrug.simulate.journeys.AT_ONCE", 7)
    assert dict(journeys(scenario("eliana"), range(20), network())) == {i: told("eliana")[i] for i in range(20)}


def test_an_infused_patient_has_some_sixty_to_a_hundred_events_and_nobody_more() -> None:
    infused = [len(events) for events in told("eliana").values() if any(isinstance(each, e.ProductInfused) for each in events)]
    assert 55 <= min(infused) <= max(infused) <= 100


def test_every_event_survives_its_text() -> None:
    for events in list(told("eliana").values())[:50]:
        for event in events:
            again = decode(encode(event))
            assert again == event
            assert canonical(again) == canonical(event)


def test_identifiers_are_well_formed_and_nobody_shares_one() -> None:
    chains, numbers, bags = [], [], []
    for events in told("eliana").values():
        chains += [each.chain for each in events if isinstance(each, e.ChainIssued)]
        numbers += [each.collection for each in events if isinstance(each, e.CellsCollected)]
        bags += [bag for each in events if isinstance(each, e.CellsCollected | e.ManufactureFinished) for bag in each.bags]
    assert not [each for each in chains if why_not_chain(each)] + [each for each in numbers if why_not_din(each)]
    assert all(len(set(each)) == len(each) for each in (chains, numbers, bags))


def test_patients_are_spread_over_a_year_and_over_the_centers() -> None:
    referrals = [events[0] for events in told("eliana").values()]
    assert len({each.center for each in referrals if isinstance(each, e.PatientReferred)}) >= 28
    days = [each.at.date() for events in told("eliana").values() for each in events if isinstance(each, e.CellsCollected)]
    assert 350 < (max(days) - min(days)).days < 380
    assert first_day(scenario("eliana").therapy) == date(2017, 12, 28)


def test_patients_are_touched_by_day() -> None:
    by_day = (e.PatientReferred, e.TherapyOrdered, e.CellsCollected, e.GatePassed, e.ProductInfused, e.LymphodepletionFinished)
    hours = {each.at.hour for events in told("eliana").values() for each in events if isinstance(each, by_day)}
    assert min(hours) >= 8
    assert max(hours) <= 17


def test_the_start_may_be_chosen() -> None:
    events = next(journeys(scenario("eliana"), range(1), network(), start=date(2021, 3, 1)))[1]
    assert events[0].at.year == 2021
    assert not replay(scenario("eliana").therapy, network(), events).refused


def test_a_network_without_the_therapy_is_a_sentence() -> None:
    other = network().model_copy(update={"sites": network().sites[1:]})
    with pytest.raises(BadInput, match="has no site that makes tisagenlecleucel"):
        next(journeys(scenario("eliana"), range(1), other))


def test_a_start_before_the_therapy_is_a_sentence() -> None:
    with pytest.raises(BadInput, match="no center that is qualified and staffed for tisagenlecleucel on 2015"):
        next(journeys(scenario("eliana"), range(1), network(), start=date(2016, 1, 1)))


def test_a_course_that_was_not_solved_is_a_journey_to_the_infusion(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsolved(scenario: Scenario, patients: range, **options: Any) -> Story:
        story = tell(scenario, patients, **options)
        status = np.where(np.isnan(story.columns["solver_status"]), np.nan, 1.0)
        return replace(story, columns=story.columns | {"solver_status": status})

    monkeypatch.setattr("livingdrug.simulate.journey_facts.tell", unsolved)
    events = next(journeys(scenario("eliana"), range(1), network()))[1]
    assert isinstance(events[-1], e.ProductInfused)
    assert not replay(scenario("eliana").therapy, network(), events).refused
