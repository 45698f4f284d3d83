"""Appending: what is acknowledged is there, versions and keys hold, identifiers and times have one owner."""

from __future__ import annotations

from typing import Any

import pytest
from small import course, day, open_door, referral, seen, slot

from livingdrug.care import models, states, store
from livingdrug.care.store import Appended, Conflict
from livingdrug.journey.events import Corrected, SlotBooked, SlotReleased
from livingdrug.journey.record import Reason, Refused

pytestmark = pytest.mark.usefixtures("url")


def started(patient: str = "1", **more: Any) -> str:
    begun = store.start(referral(patient), "account", door=open_door, **more)
    assert isinstance(begun, Appended)
    return begun.journey


def appended(journey: str, *events: Any, at: int = 1, **more: Any) -> Any:
    return store.append(journey, events, at, "account", door=open_door, **more)


def test_what_was_appended_is_read_again() -> None:
    journey = started()
    added = appended(journey, *course())
    assert added == Appended(journey, 10, tuple(range(2, 11)), added.head)
    states.forget()
    standing = store.latest(journey)
    assert standing.state.history == (referral("1"), *course())
    assert standing.head == added.head
    row = models.Journey.objects.get(id=journey)
    assert (row.version, row.stage, row.center, row.site, row.patient) == (10, "infused", "chop", "morris-plains", "1")


def test_an_append_that_expects_another_version_is_a_conflict() -> None:
    journey = started()
    assert isinstance(appended(journey, seen()), Appended)
    conflict = appended(journey, seen(2))
    assert isinstance(conflict, Conflict)
    assert (conflict.kind, conflict.version) == ("version", 2)
    assert "at version 2, not 1" in str(conflict)


def test_the_same_key_gets_the_same_answer_and_another_request_with_it_is_refused() -> None:
    journey = started()
    first = appended(journey, seen(), key="k")
    again = appended(journey, seen(), key="k")
    assert isinstance(again, Appended)
    assert again.repeated
    assert (again.version, again.positions, again.head) == (first.version, first.positions, first.head)
    other = appended(journey, seen(3), at=2, key="k")
    assert isinstance(other, Conflict)
    assert other.kind == "key"
    assert models.Event.objects.count() == 2


def test_an_identifier_has_one_owner_until_a_correction_gives_it_back() -> None:
    one, other = started("1"), started("2")
    order, chain = course()[:2]
    assert isinstance(appended(one, order, chain), Appended)
    refused = appended(other, order)
    assert isinstance(refused, Conflict)
    assert "order 'O-1' belongs to another journey" in str(refused)
    wrong = Corrected(at=day(3), by="doctor", position=2, replacement=None, reason="wrong patient")
    assert isinstance(appended(one, wrong, at=3), Appended)
    assert isinstance(appended(other, order), Appended)
    assert isinstance(appended(other, chain, at=2), Conflict)


def test_time_on_a_chair_has_one_owner_until_it_is_given_back_or_runs_out() -> None:
    one, other = started("1"), started("2")
    assert isinstance(appended(one, slot(), now=day(1)), Appended)
    taken = appended(other, slot(start=10.5), now=day(1))
    assert isinstance(taken, Conflict)
    assert str(taken).startswith("chop chair 1 is taken from 2018-03-11")
    assert isinstance(appended(other, slot("S-2", start=11), now=day(1)), Appended)
    assert isinstance(appended(other, slot("S-3", expires=30), at=2, now=day(6)), Appended), "S-1 ran out"
    late = appended(one, SlotBooked(at=day(6), by="nurse", slot="S-1"), at=2, now=day(6))
    assert isinstance(late, Conflict)
    assert isinstance(appended(other, SlotReleased(at=day(7), by="nurse", slot="S-3"), at=3, now=day(7)), Appended)
    assert isinstance(appended(one, SlotBooked(at=day(7), by="nurse", slot="S-1"), at=2, now=day(7)), Appended)


def test_several_events_are_kept_together_or_not_at_all() -> None:
    one, other = started("1"), started("2")
    assert isinstance(appended(one, *course("1")), Appended)
    assert isinstance(appended(other, seen(), course("1")[1]), Conflict)
    assert models.Event.objects.filter(journey_id=other).count() == 1
    assert store.latest(other).version == 1


def test_a_refusal_counts_only_for_the_journey_as_it_is() -> None:
    """Another server recorded the same request; this one still holds the state before, and would refuse it now."""
    journey = started()
    stale = states.latest(journey)
    first = appended(journey, seen(), key="k")
    states.keep(stale)
    refusing: Any = lambda therapy, network, state, event, now: Refused(event, (Reason("REF-001", "too late"),))  # noqa: E731
    again = store.append(journey, [seen()], 1, "account", door=refusing, key="k")
    assert isinstance(again, Appended)
    assert (again.repeated, again.head) == (True, first.head)
    states.keep(stale)
    assert isinstance(store.append(journey, [seen(2)], 1, "account", door=refusing), Conflict)
    assert isinstance(store.append(journey, [seen(2)], 2, "account", door=refusing), Refused)
    assert [row.outcome for row in store.trail()] == ["done", "done", "refused REF-001"]
