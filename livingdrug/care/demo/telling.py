"""What of a virtual journey is known by now: what is to come is cut off, and the wards chart as wards do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from livingdrug.care.accounts.signing import SIGNED_ACTS, signed
from livingdrug.journey import events as e
from livingdrug.journey.events import Event, Identifier
from livingdrug.simulate.journey_diary import local

__all__ = ["charted", "evidence", "known", "later", "renamed", "signed_too", "until"]

DAY = 24.0
CHARTED_DAYS = 24
"""So many days after an infusion, a ward's charts are told one day at a time; later ones stay the series that they are."""


def known(event: Event) -> datetime:
    """When an event could be written down: a series when its last value is there."""
    if isinstance(event, e.VitalsCharted | e.TemperatureLogged):
        return event.at + timedelta(hours=max(event.hours, default=0.0))
    return event.ended if isinstance(event, e.ProductInfused) else event.at


def until(events: Iterable[Event], now: datetime) -> list[Event]:
    """The events that are known by a moment; a chart or a run of a laboratory is told as far as it goes."""
    told: list[Event] = []
    given = None
    for event in events:
        given = event if isinstance(event, e.ProductInfused) else given
        cut = _cut(event, given, now)
        if cut is not None:
            told.append(cut)
    return sorted(told, key=known)


def _cut(event: Event, given: e.ProductInfused | None, now: datetime) -> Event | None:
    if known(event) <= now:
        return event
    if isinstance(event, e.VitalsCharted) and given is not None:
        charted = sum(event.at + timedelta(hours=hour) <= now for hour in event.hours)
        cut = _values(event, 0, charted) if charted else None
        return cut if cut is not None and known(cut) > given.ended else None
    if isinstance(event, e.LaboratoryReported) and given is not None:
        reported = sum(given.at + timedelta(days=day) <= now for day in event.days)
        days, values = event.days[:reported], event.values[:reported]
        return replace(event, at=given.at + timedelta(days=days[-1]), days=days, values=values) if days else None
    return None


def _values(chart: e.VitalsCharted, start: int, end: int, shift: float = 0.0) -> e.VitalsCharted:
    series = {name: getattr(chart, name)[start:end] for name in ("temperature", "vasoactive", "oxygen")}
    hours = tuple(hour - shift for hour in chart.hours[start:end])
    return replace(chart, at=chart.at + timedelta(hours=shift), hours=hours, **series)


# The ward ---------------------------------------------------------------------------------------------------------------


def charted(events: Sequence[Event]) -> list[Event]:
    """The same journey with a chart for each day, and a look at the nerves beside each value, as wards keep them."""
    given = next((each for each in events if isinstance(each, e.ProductInfused)), None)
    if given is None:
        return list(events)
    last = given.at + timedelta(days=CHARTED_DAYS)
    last = max((known(each) for each in events if isinstance(each, e.VitalsCharted) and each.at < last), default=last)
    looks = [each for each in events if isinstance(each, e.NeurologyAssessed)]
    made: list[Event] = []
    for event in events:
        if isinstance(event, e.VitalsCharted) and event.at < last:
            made += (each for each in _daily(event, looks) if known(each) > given.ended)
        elif not (isinstance(event, e.NeurologyAssessed) and event.at <= last):
            made.append(event)
    return sorted(made, key=known)


def _daily(chart: e.VitalsCharted, looks: Sequence[e.NeurologyAssessed]) -> Iterator[Event]:
    places = range(len(chart.hours))
    for day, group in groupby(places, key=lambda place: chart.hours[place] // DAY):
        own = list(group)
        yield _values(chart, own[0], own[-1] + 1, day * DAY)
        for place in own:
            at = chart.at + timedelta(hours=chart.hours[place])
            before = [each for each in looks if each.at <= at]
            if before:
                yield replace(before[-1], at=at)


# Another day --------------------------------------------------------------------------------------------------------------


def later(events: Iterable[Event], days: int, zone: ZoneInfo) -> Iterator[Event]:
    """The same journey so many days later, at the same hours on the clock of a place; one clock, so that the order stays."""
    for event in events:
        held = {each.name: getattr(event, each.name) for each in fields(event)}
        yield replace(event, **{name: _later(value, days, zone) for name, value in held.items() if isinstance(value, date)})


def _later(moment: date, days: int, zone: ZoneInfo) -> date:
    if not isinstance(moment, datetime):
        return moment + timedelta(days=days)
    naive = moment.astimezone(zone).replace(tzinfo=None)
    return local((naive + timedelta(days=days)).replace(tzinfo=zone), zone)


# Signatures and names -----------------------------------------------------------------------------------------------------


Evidence = frozenset[tuple[str, datetime]]


def evidence(events: Sequence[Event]) -> Evidence:
    """What the settlement of a virtual journey rests on: names and times of the events at the positions that it names."""
    positions = {each for event in events if isinstance(event, e.MilestoneSettled) for each in event.evidence}
    return frozenset((events[each - 1].name, events[each - 1].at) for each in positions)


def signed_too(events: Sequence[Event], rests_on: Evidence) -> list[Event]:
    """The same journey with a signature behind each act that needs one; a settlement names its evidence where it is then."""
    made: list[Event] = []
    for event in events:
        if isinstance(event, e.MilestoneSettled):
            found = (place for place, each in enumerate(made, 1) if (each.name, each.at) in rests_on)
            event = replace(event, evidence=tuple(found))
        made.append(event)
        if event.name in SIGNED_ACTS:
            made.append(signed(event, len(made), SIGNED_ACTS[event.name], event.by, event.at))
    return made


def renamed(events: Iterable[Event], names: dict[Identifier, Identifier]) -> Iterator[Event]:
    """The same journey with other identifiers of the patient."""
    for event in events:
        held = {each.name: _renamed(getattr(event, each.name), names) for each in fields(event)}
        changed = {name: value for name, value in held.items() if value is not getattr(event, name)}
        yield replace(event, **changed) if changed else event


def _renamed(value: Any, names: dict[Identifier, Identifier]) -> Any:
    if isinstance(value, Identifier):
        return names.get(value, value)
    if isinstance(value, tuple) and value and isinstance(value[0], Identifier):
        return tuple(names.get(each, each) for each in value)
    return value
