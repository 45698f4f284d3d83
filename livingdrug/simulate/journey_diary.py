"""The clocks and labels of one virtual journey, and the diary in which its events are collected in the order of the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from livingdrug.journey.events import Event, Identifier
from livingdrug.journey.identity import chain, din
from livingdrug.simulate.journey_facts import Facts
from livingdrug.simulate.journey_people import Team
from livingdrug.simulate.scenario import Scenario

__all__ = ["Case", "Diary", "clock", "local"]

INFUSION_HOUR = 11.0
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FACILITIES = 100
"""Facilities A9900 to A9999, from the last one on: the example facility of ISBT 128 and its neighbors."""
SERIALS = 1_000_000


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment as the clock of a place showed it, with a fixed offset: subtraction of such times is never an hour off."""
    there = moment.astimezone(zone)
    offset = there.utcoffset()
    assert offset is not None, "a time in a zone has an offset"
    return there.replace(tzinfo=_fixed(offset))


def clock(day: date, hour: float, zone: ZoneInfo) -> datetime:
    """The moment at which the clock of a place shows this hour of a day."""
    naive = datetime(day.year, day.month, day.day) + timedelta(hours=hour)
    return local(naive.replace(tzinfo=zone), zone)


@cache
def _fixed(offset: timedelta) -> timezone:
    return timezone(offset)


@dataclass
class Diary:
    """Events with the moment at which they were written down; a series is written when its last value is known."""

    entries: list[tuple[datetime, Event]] = field(default_factory=list[tuple[datetime, Event]])

    def add(self, event: Event, known: datetime | None = None) -> None:
        """Write an event down, at its own time unless it became known later."""
        self.entries.append((known or event.at, event))

    def events(self) -> list[Event]:
        """All of them in the order of the record; what was written down at one moment stays in the order of writing."""
        return [event for _, event in sorted(self.entries, key=lambda entry: entry[0])]


@dataclass(frozen=True)
class Case:
    """One virtual patient among the people who treat: `enrolled` is the acceptance of the collection, or its refusal."""

    scenario: Scenario
    facts: Facts
    team: Team
    enrolled: datetime
    infused: datetime | None
    """The planned infusion; None without a product."""

    def after(self, days: float) -> datetime:
        """A moment on the clock of the center, days from enrollment."""
        return local(self.enrolled.astimezone(UTC) + timedelta(days=days), self.team.here)

    def at_site(self, days: float) -> datetime:
        """The same on the clock of the manufacturing site."""
        return local(self.enrolled.astimezone(UTC) + timedelta(days=days), self.team.there)

    def since(self, days: float) -> datetime:
        """A moment on the clock of the center, days from infusion."""
        assert self.infused is not None, "only who is infused has a course"
        return local(self.infused.astimezone(UTC) + timedelta(days=days), self.team.here)

    # Labels

    @property
    def chain(self) -> str:
        """The chain of identity; the serial is the patient number."""
        return chain("A9999", self.enrolled.year, _in_letters(self.facts.number))

    def din(self, day: int) -> str:
        """The donation number of a day of collection, counted from 0."""
        serial = self.facts.number * round(self.scenario.therapy.collection.days_maximum.value) + day
        facility = f"A99{FACILITIES - 1 - serial // SERIALS % FACILITIES:02d}"
        return din(facility, self.enrolled.year, serial % SERIALS)

    @property
    def record(self) -> Identifier:
        """The number at the wristband."""
        return Identifier("record number", f"MRN-{self.facts.number:09d}")

    def named(self, kind: str, part: int | None = None) -> str:
        """A number of an order, a run, a product …"""
        return f"{kind}-{self.facts.number:09d}" + ("" if part is None else f"-{part}")


def _in_letters(number: int) -> str:
    """A whole number in digits and capitals."""
    made = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        made = DIGITS[digit] + made
    return made or "0"
