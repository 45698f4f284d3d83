"""Fill an empty store with the demo: virtual journeys cut at their stage, through the same door as everything else."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import connection

from livingdrug.care import answers, chain, clock, definitions, states, store
from livingdrug.care.access import HERE
from livingdrug.care.answers import Appended
from livingdrug.care.append import prepare
from livingdrug.care.database import is_postgresql
from livingdrug.care.demo.people import Person, invented
from livingdrug.care.demo.places import Places
from livingdrug.care.demo.plans import PLANS, Plan, place_of
from livingdrug.care.demo.telling import charted, evidence, known, later, renamed, signed_too, until
from livingdrug.care.demo.troubles import TROUBLES
from livingdrug.care.keep import Prepared, keep
from livingdrug.care.pages import tokens
from livingdrug.journey import events as e
from livingdrug.journey.events import Event, Identifier
from livingdrug.journey.record import Refused, record
from livingdrug.network import ask
from livingdrug.network import load as networks
from livingdrug.network.schema import Network
from livingdrug.simulate import scenario as scenarios
from livingdrug.simulate.journeys import journeys
from livingdrug.simulate.scenario import Scenario

__all__ = ["CENTER", "NETWORK", "SCENARIO", "Told", "cast", "fill"]

SCENARIO, NETWORK, CENTER = "eliana", "us-launch-2017", "chop"
ACCOUNT = "livingdrug demo"
CANDIDATES = 1024
"""Virtual patients of whom the demo's are chosen."""
BEGAN = timedelta(days=400)
"""How long ago the candidates are enrolled, to see what becomes of them; who is chosen comes as much later as fits."""

SUMMER = timedelta(hours=1)
"""By so much an hour of the day may be later on another day of the year."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Told:
    """What was kept: journeys by the plan's number, and acts that the door refused, which should be none."""

    journeys: tuple[tuple[Plan, str], ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """A patient who was chosen for a plan: the whole virtual journey, and the days by which it comes later."""

    number: int
    plan: Plan
    events: Sequence[Event]
    days: int


def fill(now: datetime | None = None, progress: Progress = lambda done, of: None) -> Told:
    """Fill the store, whose library is defined, with the patients of `PLANS`. The names are in the vault."""
    at, network = now or clock.now(), networks.load(NETWORK)
    parts = cast(scenarios.load(SCENARIO), network, at)
    kept: list[tuple[Plan, str]] = []
    refused: list[str] = []
    places = Places()
    with _unhurried():
        for done, part in enumerate(parts, 1):
            person, events = _told(network, part, at, places)
            journey, says = _recorded(events, person, at)
            kept.append((part.plan, journey))
            refused += says
            progress(done, len(parts))
    return Told(tuple(kept), tuple(refused))


@contextmanager
def _unhurried() -> Iterator[None]:
    """SQLite waits for the disk at the end and not after each patient: if the machine stops now, the demo is made again."""
    if is_postgresql():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        yield
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# Who --------------------------------------------------------------------------------------------------------------------


def cast(scenario: Scenario, network: Network, now: datetime) -> list[_Part]:
    """Who plays what: for each plan so many patients of the demo's center, and of others."""
    began = (now - BEGAN).date()
    found = dict(journeys(scenario, range(CANDIDATES), network, began))
    free = {True: [n for n in found if _is_own(found[n])], False: [n for n in found if not _is_own(found[n])]}
    parts: list[_Part] = []
    for plan in sorted(PLANS, key=_choosy):
        for own, count in ((True, plan.own), (False, plan.others)):
            fitting = (n for n in free[own] if place_of(found[n], plan) is not None and plan.like(found[n]))
            if _is_hours(plan):
                fitting = iter(sorted(fitting, key=lambda n, plan=plan: _over(found[n], plan, now)))
            chosen = list(islice(fitting, count))
            free[own] = [n for n in free[own] if n not in chosen]
            parts += (_Part(n, plan, found[n], _days(found[n], plan, now, ago)) for n, ago in _spread(chosen, plan))
    return parts


def _is_own(events: Sequence[Event]) -> bool:
    first = events[0]
    return isinstance(first, e.PatientReferred) and first.center == CENTER


def _choosy(plan: Plan) -> int:
    """Plans that few patients fit choose first."""
    return ("exceptional", "severe", "dying", "relapsing", "never_infused", "young", "infused").index(plan.like.__name__)


def _spread(chosen: Sequence[int], plan: Plan) -> Iterator[tuple[int, float]]:
    """The plan's patients with the days since its event, from the least to the most."""
    low, high = plan.ago
    for place, number in enumerate(chosen):
        yield number, low + (high - low) * (place / (len(chosen) - 1) if len(chosen) > 1 else 0.5)


def _is_hours(plan: Plan) -> bool:
    """Whether hours matter: journeys come later by whole days only, so that a plan of hours needs who is there at that hour."""
    return plan.ago[1] < 0.5


def _over(events: Sequence[Event], plan: Plan, now: datetime) -> timedelta:
    """The hours between the plan's event and now, whatever the days."""
    place = place_of(events, plan)
    assert place is not None, "who plays a part has its event"
    return (now - SUMMER - timedelta(days=plan.ago[0]) - known(events[place])) % timedelta(days=1)


def _days(events: Sequence[Event], plan: Plan, now: datetime, ago: float) -> int:
    place = place_of(events, plan)
    assert place is not None, "who plays a part has its event"
    return (now - SUMMER - timedelta(days=ago) - known(events[place])).days


# What -------------------------------------------------------------------------------------------------------------------


def _told(network: Network, part: _Part, now: datetime, places: Places) -> tuple[Person, list[Event]]:
    """The person and the journey of one patient as it stands now."""
    number, events = part.number, list(later(part.events, part.days, _zone(network, part.events)))
    place = place_of(events, part.plan)
    assert place is not None, "who plays a part has its event"
    rests_on = evidence(events)
    events = events if part.plan.goes_on else events[: place + 1]
    events = until(charted(events), now)
    if part.plan.trouble:
        events = TROUBLES[part.plan.trouble](events, now)
    described = next((each.age for each in events if isinstance(each, e.BaselineDescribed)), 10.0)
    person = invented(number, described, now.date())
    told = [_with_pseudonym(places.moved(each), number) for each in renamed(events, _names(number, person))]
    return person, signed_too(told, rests_on)


def _zone(network: Network, events: Sequence[Event]) -> ZoneInfo:
    """The clock of the treating center."""
    first = events[0]
    assert isinstance(first, e.PatientReferred), "a journey begins with its referral"
    return ask.zone(network, first.center)


def _with_pseudonym(event: Event, number: int) -> Event:
    """A referral under a pseudonym that is short enough to be read aloud."""
    return replace(event, patient=f"DEMO-{number:04d}") if isinstance(event, e.PatientReferred) else event


def _names(number: int, person: Person) -> dict[Identifier, Identifier]:
    """The simulator's identifiers, and what the journey of a real patient has in their place."""
    read = {
        tokens.RECORD_NUMBER: person["record_number"],
        tokens.NAME_AND_BIRTH_DATE: tokens.name_and_birth_date(person["name"], person["born"]),
    }
    before = {tokens.RECORD_NUMBER: f"MRN-{number:09d}", tokens.NAME_AND_BIRTH_DATE: f"TOKEN-{number:09d}"}
    return {Identifier(kind, before[kind]): Identifier(kind, tokens.token(kind, value)) for kind, value in read.items()}


# Kept -------------------------------------------------------------------------------------------------------------------


def _recorded(events: Sequence[Event], person: Person, now: datetime) -> tuple[str, list[str]]:
    """The token of the journey, and what the door said against an act, behind which the journey then ends."""
    first = events[0]
    assert isinstance(first, e.PatientReferred), "a journey begins with its referral"
    definition, network = definitions.current("therapy", first.therapy), definitions.current("network", NETWORK)
    before = states.Standing(secrets.token_hex(8), definition, NETWORK, states.NEW, chain.NOTHING)
    steps, says = [before.state], list[str]()
    for event in events:
        judged = record(before.therapy, definitions.network(network), steps[-1], event, now=now)
        if isinstance(judged, Refused):
            says.append(f"{first.patient}: {event.name}: {judged}")
            break
        steps.append(judged)
    store.keep_person(first.patient, person, ACCOUNT)
    request = answers.request("", events, 0, ACCOUNT, None, now, HERE)
    made = keep(_as_it_happened(prepare(before, steps, network, request)))
    if not isinstance(made, Appended):
        return "", [*says, f"{first.patient}: {made}"]
    return before.id, says


def _as_it_happened(prepared: Prepared) -> Prepared:
    """The same with each event recorded when it was known, as in a program that has run for long."""
    previous = prepared.before.head
    for row, event in zip(prepared.rows, prepared.after.state.history, strict=True):
        row |= {"recorded": clock.stamp(known(event)), "previous": previous}
        row["hash"] = previous = chain.linked(previous, chain.body(row))
    return replace(prepared, after=replace(prepared.after, head=previous))
