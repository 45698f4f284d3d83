"""What a mix-up is made of: a right journey, one fault at one place of it, and a team that goes on as if nothing had happened.

A fault is of one of two sorts. A wrong act must be refused itself. A true finding (a withdrawn consent, a positive culture)
is recorded, and then every act after it is wrong that the team would have done without it, the infusion above all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import story
from story import Story

from livingdrug.journey import events as e
from livingdrug.journey.record import Refused, record
from livingdrug.journey.state import Journey, evolve
from livingdrug.network import ask
from livingdrug.therapy.load import load
from livingdrug.therapy.schema import Therapy

__all__ = [
    "KINDS",
    "Base",
    "Kind",
    "Mixup",
    "Outcome",
    "Plan",
    "Step",
    "at_center",
    "base",
    "edited",
    "kind",
    "known",
    "play",
    "shifted",
    "single",
    "some_base",
]

SITES = {
    "tisagenlecleucel": "morris-plains",
    "axicabtagene-ciloleucel": "el-segundo",
    "ciltacabtagene-autoleucel": "raritan",
}
CHILD: dict[str, Any] = {"age": 9.5, "weight": 30.0, "cells": 1.2e8, "rest": 4}
PEOPLE: dict[str, dict[str, Any]] = {
    "tisagenlecleucel": CHILD,
    "axicabtagene-ciloleucel": {"age": 61.0, "weight": 80.0, "cells": 1.4e8, "rest": 3},
    "ciltacabtagene-autoleucel": {"age": 58.0, "weight": 70.0, "cells": 5e7, "rest": 3},
}
CENTERS = ("chop", "stanford", "dallas", "boston", "pittsburgh", "phoenix", "lurie", "minnesota")
FIRST = {"tisagenlecleucel": (2018, 2020, 2023, 2026), "axicabtagene-ciloleucel": (2019, 2024, 2026)}
YEARS = FIRST | {"ciltacabtagene-autoleucel": (2023, 2026)}
"""Before and after June 2025, when the REMS ended."""


@dataclass(frozen=True)
class Base:
    """A right journey up to the infusion, and the state after each of its events. `twin` is another patient of the same name
    and birth date at the same center."""

    s: Story
    events: tuple[e.Event, ...]

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        """The journey after so many events."""
        found = [Journey()]
        for event in self.events:
            found.append(evolve(event, found[-1]))
        return tuple(found)

    @property
    def twin(self) -> Story:
        return replace(self.s, number=self.s.number + 1)

    def place(self, of: type[e.Event], number: int = 0) -> int:
        """Where an event is; a negative number counts from the end."""
        return [place for place, each in enumerate(self.events) if isinstance(each, of)][number]

    def get(self, of: type[e.Event], number: int = 0) -> e.Event:
        return self.events[self.place(of, number)]

    def clock(self, place: int) -> datetime:
        """The time of the last act before a place."""
        last = self.journeys[place].last_act
        assert last is not None, "a journey begins with an act"
        return last


@dataclass(frozen=True)
class Step:
    """An event that the team tries to record; `wrong` is one that must not stand. `now` is the clock of the record."""

    event: e.Event
    wrong: bool = False
    now: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """Where the team leaves the right way, and what it does from there. `expected` narrows down the rules of its kind."""

    base: Base
    start: int
    steps: tuple[Step, ...]
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mixup:
    """One fault in one journey, and the rules of which one at least must be named when it is first refused."""

    kind: str
    expected: frozenset[str]
    plan: Plan


@dataclass(frozen=True)
class Outcome:
    """What came of it: `reached` is an infusion that should not have been; `first` is the first refusal of a wrong act, `every`
    are all rules that ever spoke."""

    reached: bool
    first: frozenset[str]
    at: str
    every: frozenset[str]


Write = Callable[[Random], Plan]


@dataclass(frozen=True)
class Kind:
    """A kind of mix-up: how one is written with dice, and the rules that must stop it."""

    name: str
    expected: frozenset[str]
    write: Write


KINDS: dict[str, Kind] = {}
W = TypeVar("W", bound=Write)


def kind(name: str, *expected: str) -> Callable[[W], W]:
    """Make a function a kind of mix-up that these rules stop."""

    def register(write: W) -> W:
        if name in KINDS:
            raise ValueError(f"the kind {name!r} is there twice")
        KINDS[name] = Kind(name, frozenset(expected), write)
        return write

    return register


# Right journeys ---------------------------------------------------------------------------------------------------------


@cache
def loaded(therapy: str) -> Therapy:
    return load(therapy)


@cache
def base(number: int, center: str, therapy: str, day: datetime) -> Base:
    """The right journey of a patient."""
    told = Story(
        number=number, center=center, site=SITES[therapy], start=day, therapy=loaded(therapy), **PEOPLE[therapy]
    )  # fmt: skip
    return Base(told, (*story.to_collection(told), *story.to_release(told), *story.to_gate(told), story.infused(told)))


def at_center(number: int, center: str, day: tuple[int, int, int], therapy: str = "tisagenlecleucel") -> Base:
    """A right journey that begins at nine in the morning of a day, on the center's clock."""
    zone: ZoneInfo = ask.zone(story.network(), center)
    return base(number, center, therapy, datetime(*day, 9, tzinfo=zone))


def some_base(dice: Random, therapies: Iterable[str] = tuple(SITES), years: Iterable[int] | None = None) -> Base:
    """A right journey of any patient, at any center and time where it is right."""
    therapy = dice.choice(list(therapies))
    year = dice.choice([each for each in YEARS[therapy] if years is None or each in years])
    return at_center(dice.randrange(1, 4) * 2, dice.choice(CENTERS), (year, dice.choice((1, 3, 5, 9, 11)), 5), therapy)


# Ways to go wrong -------------------------------------------------------------------------------------------------------


def edited(b: Base, start: int, edit: Callable[[e.Event], e.Event | None], *, spoils: bool = False) -> Plan:
    """The journey from a place on, each event edited or, for None, left out. What is edited is wrong; with `spoils`, so is all
    that follows."""
    steps, wrong = list[Step](), False
    for event in b.events[start:]:
        made = edit(event)
        wrong = (wrong and spoils) or made != event
        if made is not None:
            steps.append(Step(made, wrong))
    return Plan(b, start, tuple(steps))


def single(b: Base, place: int, event: e.Event, *, instead: bool = True, now: datetime | None = None) -> Plan:
    """One wrong act, instead of the right one or before it; all others are right."""
    right = (Step(each) for each in b.events[place + instead :])
    return Plan(b, place, (Step(event, wrong=True, now=now), *right))


def known(b: Base, place: int, *facts: e.Event, skip: int = 0, edit: Callable[[e.Event], e.Event | None] | None = None) -> Plan:
    """True facts at a place, after which nothing is right any more that the team goes on to do."""
    later = [made for each in b.events[place + skip :] if (made := edit(each) if edit else each) is not None]
    return Plan(b, place, (*(Step(each) for each in facts), *(Step(each, wrong=True) for each in later)))


def shifted(event: e.Event, by: timedelta) -> e.Event:
    """The same event at another time."""
    if isinstance(event, e.ProductInfused):
        return replace(event, at=event.at + by, ended=event.ended + by)
    return replace(event, at=event.at + by)


# Playing ----------------------------------------------------------------------------------------------------------------


def play(mixup: Mixup) -> Outcome:
    """Let the team go on, past every refusal, until the infusion is tried."""
    plan = mixup.plan
    s, journey, entered, first, at = plan.base.s, plan.base.journeys[plan.start], False, frozenset[str](), ""
    every = set[str]()
    for step in plan.steps:
        after = record(s.therapy, s.network, journey, step.event, now=step.now)
        if not isinstance(after, Refused):
            journey, entered = after, entered or step.wrong
            continue
        every |= {each.rule for each in after.reasons}
        if step.wrong and not first:
            first, at = frozenset(each.rule for each in after.reasons), step.event.name
    return Outcome(journey.infusion is not None and entered, first, at, frozenset(every))
