"""A week of places: chairs, lines, beds and infusions, held or booked, and what is on the road; as one visitor may see it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from livingdrug.care import clock, states
from livingdrug.care.accounts.scope import scope
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.models import Event, Slot
from livingdrug.care.models import Journey as Row
from livingdrug.care.pages import links, times
from livingdrug.journey.events import SlotHeld
from livingdrug.journey.rules.words import SLOTS
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["KINDS", "Day", "Entry", "Line", "Load", "Week", "loads", "monday", "week"]

KINDS = {"collection": "Chairs", "manufacture": "Lines", "bed": "Beds", "infusion": "Infusions"}
"""What a place is for, and the word for places of that kind."""

ON_THE_ROAD = ("collected", "released")
"""Stages in which a parcel travels: starting material to the site, the product to the center."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One slot on one day. `state` is booked, held, ran out or taken (by a patient who is not the visitor's to see)."""

    resource: str
    kind: str
    state: str
    begins: str
    """The hour, or nothing where it began on a day before."""
    ends: str
    patient: str = ""
    center: str = ""
    href: str = ""
    until: str = ""
    clash: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its date, whether it is today, and what is planned."""

    date: date
    today: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One place over the seven days."""

    resource: str
    days: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday, by place (grouped by kind) and by day, and sentences about what collides."""

    first: date
    days: tuple[Day, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    clashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """A parcel on the road: `late` once it takes longer than the lane's longest planned time."""

    id: str
    patient: str
    lane: str
    shipment: str
    since: str
    expected: str
    state: str
    href: str


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def week(
    who: Visitor, network: Network, first: date, today: date, now: datetime, *, kind: str = "", within: Q | None = None
) -> Week:
    """The week that begins on a Monday; every place is on the clock of its journey's center."""
    start, end = (datetime.combine(first + timedelta(days=each), time(), UTC) for each in (-1, 8))
    those = _slots(who, clock.stamp(start), clock.stamp(end), within or Q())
    kinds = _kinds(those)
    entries = _with_clashes([(row, own, kinds.get((row.journey_id, row.slot), "")) for row, own in those], now)
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for row, entry in entries:
        if kind and entry.kind != kind:
            continue
        # Whose center another patient's is, its hours must not tell.
        zone = times.zone_of(network, states.NEW, who.place if entry.state == "taken" else row.journey.center)
        for number in range(7):
            if (made := _on(row, entry, first + timedelta(days=number), zone)) is not None:
                by_day[first + timedelta(days=number)].append(made)
    days = tuple(_day(first + timedelta(days=number), by_day, today) for number in range(7))
    clashes = dict.fromkeys(f"{entry.patient}: {entry.clash}" for each in days for entry in each.entries if entry.clash)
    return Week(first, days, _groups(days), tuple(clashes))


def _slots(who: Visitor, start: str, end: str, within: Q) -> list[tuple[Any, bool]]:
    """Slots of the visitor's journeys in a span of time, and what else is taken of the places that they use."""
    found = Slot.objects.filter(start__lt=end, end__gt=start).exclude(status="released").select_related("journey")
    own = list(found.filter(scope(who, "journey__")).filter(within).order_by("start", "resource"))
    known = {each.pk for each in own}
    others = found.filter(resource__in={each.resource for each in own}, status__in=("held", "booked")).exclude(pk__in=known)
    return [*((each, True) for each in own), *((each, False) for each in others)]


def _kinds(those: Iterable[tuple[Any, bool]]) -> dict[tuple[str, str], str]:
    """What each slot is for, as its hold says."""
    journeys = {row.journey_id for row, _ in those}
    found: dict[tuple[str, str], str] = {}
    for journey, text in Event.objects.filter(journey_id__in=journeys, name=SlotHeld.name).values_list("journey_id", "content"):
        content = json.loads(text)
        found[journey, content["slot"]] = content["kind_of"]
    return found


def _with_clashes(those: Sequence[tuple[Any, bool, str]], now: datetime) -> list[tuple[Any, Entry]]:
    """Every slot as an entry; the same patient in two places at a time, or a place that is taken twice, is said."""
    made = [(row, _entry(row, own, kind, now)) for row, own, kind in those]
    return [(row, replace(entry, clash=_clash(row, entry, made))) for row, entry in made]


def _entry(row: Any, own: bool, kind: str, now: datetime) -> Entry:
    state = "ran out" if row.status == "expired" or (row.status == "held" and row.expires < clock.stamp(now)) else row.status
    if not own:
        return Entry(row.resource, kind, "taken", row.start, row.end)
    href = links.journey(row.journey_id, "slots")
    return Entry(
        row.resource,
        kind,
        state,
        row.start,
        row.end,
        row.journey.patient,
        row.journey.center,
        href,
        row.expires if state == "held" else "",
    )


def _clash(row: Any, entry: Entry, made: Sequence[tuple[Any, Entry]]) -> str:
    """What an entry collides with: the same patient elsewhere at that time (nobody else can have its place)."""
    for other, its in made:
        together = other.journey_id == row.journey_id and other.start < row.end and other.end > row.start
        if other.pk != row.pk and together and {entry.state, its.state} <= {"held", "booked"} and _excludes(entry, its):
            return f"in two places at a time, {' and '.join(sorted((entry.resource, its.resource)))}"
    return ""


def _excludes(one: Entry, other: Entry) -> bool:
    """Whether nobody can use both: a patient has a bed while cells are infused, and cells are made without the patient."""
    return one.kind == other.kind or {one.kind, other.kind} == {"collection", "infusion"}


def _on(row: Any, entry: Entry, day: date, zone: ZoneInfo) -> Entry | None:
    """The entry as it stands on one day, with its hours there; None where it does not reach that day."""
    start, end = (clock.moment(each).astimezone(zone) for each in (row.start, row.end))
    if not (start.date() <= day <= end.date()) or (day == end.date() and start.date() < day and end.time() == time()):
        return None
    begins = f"{start:%H:%M}" if start.date() == day else ""
    ends = f"{end:%H:%M}" if end.date() == day else ""
    return replace(
        entry,
        begins=begins,
        ends=ends,
        until=f"{clock.moment(entry.until).astimezone(zone):%m-%d %H:%M}" if entry.until else "",
    )


def _day(day: date, by_day: Mapping[date, Sequence[Entry]], today: date) -> Day:
    return Day(day, day == today, tuple(sorted(by_day.get(day, ()), key=lambda each: (each.begins, each.resource))))


def _groups(days: Sequence[Day]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Places by kind, each with its seven days."""
    found: dict[str, dict[str, list[list[Entry]]]] = {}
    for number, day in enumerate(days):
        for entry in day.entries:
            found.setdefault(_place_kind(entry), {}).setdefault(entry.resource, [[] for _ in days])[number].append(entry)
    return tuple(
        (
            head,
            tuple(
                Line(place, tuple(map(tuple, cells)))
                for place, cells in sorted(found[head].items(), key=lambda each: _natural(each[0]))
            ),
        )
        for head in (*KINDS.values(), OTHER)
        if head in found
    )


OTHER = "Other places"


def _place_kind(entry: Entry) -> str:
    return KINDS.get(entry.kind, OTHER)


def _natural(text: str) -> tuple[Any, ...]:
    """Chair 2 before chair 10."""
    head = text.rstrip("0123456789")
    return head, int(text[len(head) :] or 0)


# On the road ------------------------------------------------------------------------------------------------------------


def loads(who: Visitor, network: Network, now: datetime, within: Q | None = None) -> tuple[Load, ...]:
    """Parcels that travel now, the longest on the road first."""
    ids = Row.objects.filter(scope(who) & (within or Q()), stage__in=ON_THE_ROAD).values_list("id", flat=True)
    found = [load for id in ids for load in _of_journey(network, id, now)]
    return tuple(made for _, made in sorted(found, key=lambda each: each[0]))


def _of_journey(network: Network, id: str, now: datetime) -> Iterable[tuple[datetime, Load]]:
    state = states.latest(id).state
    zone = times.zone_of(network, state)
    for parcel in state.parcels:
        lane = ask.lane(network, parcel.lane)
        if parcel.received or lane is None:
            continue
        latest = parcel.at + timedelta(hours=lane.hours_maximum.value)
        yield (
            parcel.at,
            Load(
                id,
                state.patient,
                parcel.lane,
                parcel.shipment,
                times.shown(parcel.at, zone),
                times.shown(parcel.at + timedelta(hours=lane.hours.value), zone),
                "late" if now > latest else "on the road",
                links.journey(id, "custody"),
            ),
        )


assert set(KINDS) == set(SLOTS), "every kind of slot has its word"
