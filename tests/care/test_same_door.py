"""Virtual patients go into the store through the rules, and come out as the same cohort."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import polars.testing
import pytest

from livingdrug.care import models, states, store, verify
from livingdrug.cohort.journeys import from_journeys
from livingdrug.journey.events import Event, PatientReferred
from livingdrug.journey.state import journey_of
from livingdrug.network.load import load as load_network
from livingdrug.simulate.journeys import journeys
from livingdrug.simulate.scenario import load

PATIENTS = 15


@cache
def told() -> list[list[Event]]:
    return [events for _, events in journeys(load("eliana"), range(PATIENTS), load_network("us-launch-2017"))]


@pytest.fixture
def kept(url: str) -> str:
    """The store after all of them came through the door."""
    for number, (referral, *others) in enumerate(told()):
        assert isinstance(referral, PatientReferred)
        begun = store.start(referral, "import", journey=f"j{number:04}", now=referral.at + timedelta(minutes=1))
        assert isinstance(begun, store.Appended), begun
        end = max(event.at for event in others) + timedelta(minutes=1)
        added = store.append(begun.journey, others, 1, "import", now=end)
        assert isinstance(added, store.Appended), added
    return url


def test_the_cohort_of_the_store_is_the_cohort_of_the_journeys_and_its_log_is_whole(kept: str) -> None:
    therapy = store.latest("j0000").therapy
    expected = from_journeys(therapy, map(journey_of, told()))
    polars.testing.assert_frame_equal(store.cohort("tisagenlecleucel"), expected)
    states.forget()
    assert [store.latest(f"j{n:04}").state for n in range(PATIENTS)] == list(map(journey_of, told()))
    assert str(verify.verify(kept)) == f"fine, {sum(map(len, told()))} events in {PATIENTS} journeys"
    before = list(models.Journey.objects.order_by("id").values())
    store.rebuild()
    assert list(models.Journey.objects.order_by("id").values()) == before
