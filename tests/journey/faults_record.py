"""Mix-ups of when and by whom: order, clocks, zones, duplicates, units, people, words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from faults_base import Base, Plan, Step, at_center, edited, kind, known, shifted, single, some_base
from faults_identity import BEDSIDE, places

from livingdrug.journey import events as e
from livingdrug.journey.rules.general import AFTERTHOUGHTS

Kinds = type[e.Event] | tuple[type[e.Event], ...]


def anywhere(dice: Random, b: Base, first: int = 0) -> int:
    return dice.randrange(first, len(b.events))


def hours(dice: Random, low: float, high: float) -> timedelta:
    return timedelta(minutes=round(60 * dice.uniform(low, high)))


# Twice ------------------------------------------------------------------------------------------------------------------


@kind("sent twice", "REC-012", "REC-001")
def sent_twice(dice: Random) -> Plan:
    b = some_base(dice)
    place = anywhere(dice, b)
    later = dice.randrange(place + 1, len(b.events) + 1)
    if later < len(b.events):
        return single(b, later, b.events[place], instead=False)
    return Plan(b, len(b.events), (Step(b.events[place], wrong=True),))


AGAIN: dict[type[e.Event], str] = {
    e.TherapyOrdered: "REF-014",
    e.ChainIssued: "COI-002",
    e.CellsCollected: "REC-013",
    e.CollectionAccepted: "COL-004",
    e.ManufactureStarted: "MFG-003",
    e.ManufactureFinished: "MFG-005",
    e.Received: "COI-011",
    e.ReleaseTested: "REL-002",
    e.ProductReleased: "REL-009",
    e.LymphodepletionStarted: "LD-005",
    e.LymphodepletionFinished: "LD-004",
    e.ProductInfused: "INF-017",
}


@kind("done twice", *AGAIN.values())
def done_twice(dice: Random) -> Plan:
    """The same act, entered again by somebody else a minute later."""
    b = some_base(dice)
    place = dice.choice(places(b, tuple(AGAIN)))
    event, rule = shifted(b.events[place], timedelta(seconds=20)), AGAIN[type(b.events[place])]
    if place + 1 == len(b.events):
        return Plan(b, place + 1, (Step(event, wrong=True),), frozenset({rule}))
    return replace(single(b, place + 1, event, instead=False), expected=frozenset({rule}))


@kind("infused twice", "INF-017")
def infused_twice(dice: Random) -> Plan:
    b = some_base(dice)
    event = shifted(b.events[-1], hours(dice, 0.05, 3))
    return Plan(b, len(b.events), (Step(event, wrong=True),))


# Order ------------------------------------------------------------------------------------------------------------------

EARLY: tuple[tuple[type[e.Event], int, type[e.Event], int, str], ...] = (
    (e.TherapyOrdered, 0, e.EligibilityAssessed, 0, "REF-003"),
    (e.TherapyOrdered, 0, e.ConsentGiven, 0, "REF-008"),
    (e.ChainIssued, 0, e.TherapyOrdered, 0, "COI-002"),
    (e.CellsCollected, 0, e.ChainIssued, 0, "COI-003"),
    (e.CellsCollected, 0, e.CoverageAuthorized, 0, "REF-010"),
    (e.Received, 0, e.Shipped, 0, "REC-016"),
    (e.ManufactureStarted, 0, e.Received, 0, "MFG-002"),
    (e.ManufactureStarted, 0, e.CollectionAccepted, 0, "COL-005"),
    (e.StepFinished, 1, e.StepFinished, 0, "MFG-006"),
    (e.ManufactureFinished, 0, e.StepFinished, -1, "MFG-007"),
    (e.ReleaseTested, 0, e.ManufactureFinished, 0, "REC-016"),
    (e.ProductReleased, 0, e.ReleaseTested, -1, "REL-004"),
    (e.Shipped, 1, e.ProductReleased, 0, "REL-010"),
    (e.Received, 1, e.Shipped, 1, "COI-008"),
    (e.LymphodepletionStarted, 0, e.Received, 1, "LD-001"),
    (e.LymphodepletionFinished, 0, e.LymphodepletionStarted, 0, "LD-004"),
    (e.ProductThawed, 0, e.LymphodepletionFinished, 0, "LD-006"),
    (e.GatePassed, 0, e.LymphodepletionFinished, 0, "INF-012"),
    (e.ProductInfused, 0, e.ProductThawed, 0, "INF-011"),
    (e.ProductInfused, 0, e.GatePassed, 0, "INF-018"),
    (e.SlotBooked, 0, e.SlotHeld, 0, "REC-016"),
)


@kind("out of order", *(each[-1] for each in EARLY))
def out_of_order(dice: Random) -> Plan:
    """An act is done before what it needs; the team believes it done and does not do it again."""
    b = some_base(dice)
    what, number, ahead_of, other, rule = dice.choice(EARLY)
    place, early = b.place(what, number), b.place(ahead_of, other)
    event = b.events[place]
    moved = shifted(event, b.clock(early) - event.at)
    steps = (Step(moved, wrong=True), *(Step(each) for each in b.events[early:] if each is not event))
    return Plan(b, early, steps, frozenset({rule}))


@kind("late event with an earlier date", "REC-003")
def backdated(dice: Random) -> Plan:
    b = some_base(dice)
    some = [
        place for place, each in enumerate(b.events)
        if place > 2 and each.kind == "act" and not isinstance(each, AFTERTHOUGHTS)
    ]  # fmt: skip
    place = dice.choice(some)
    event = b.events[place]
    return single(b, place, shifted(event, b.clock(place) - hours(dice, 0.05, 240) - event.at))


@kind("clock ahead", "REC-004")
def clock_ahead(dice: Random) -> Plan:
    """The device's clock is ahead of the record's, or somebody records what is still to come."""
    b = some_base(dice)
    place = anywhere(dice, b)
    event = b.events[place]
    return single(b, place, event, now=event.at - hours(dice, 0.1, 100))


@kind("infusion recorded before its end", "REC-004")
def end_in_the_future(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[-1]
    return single(b, len(b.events) - 1, event, now=event.ended - timedelta(minutes=dice.randrange(6, 20)))


@kind("clock of another time zone", "REC-003", "REC-004", "INF-011", "INF-018", "INF-020")
def zone_slip(dice: Random) -> Plan:
    """The time on the wall is right, and the offset stored with it is another city's."""
    b = some_base(dice)
    close = (e.ChainIssued, e.Shipped, e.ProductThawed, e.ProductInfused, e.HandedOver)
    place = dice.choice(places(b, close))
    event: Any = b.events[place]
    there = dice.choice([UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu"), ZoneInfo("Europe/Berlin")])
    ended = {"ended": event.ended.replace(tzinfo=there)} if isinstance(event, e.ProductInfused) else {}
    slipped = replace(event, at=event.at.replace(tzinfo=there), **ended)
    return single(b, place, slipped, now=event.at + timedelta(minutes=30))


@kind("window edge on another city's clock", "INF-012")
def window_edge(dice: Random) -> Plan:
    """In Honolulu it is still the last day of the window; at the center it is past midnight."""
    b = at_center(2, dice.choice(["chop", "boston", "pittsburgh"]), (dice.choice([2018, 2020, 2026]), 5, 5))
    finished: Any = b.get(e.LymphodepletionFinished)
    midnight = (finished.at + timedelta(days=15)).replace(hour=0, minute=dice.randrange(1, 50))
    by = midnight - b.get(e.GatePassed).at
    start = b.place(e.GatePassed)
    west = ZoneInfo("Pacific/Honolulu")
    return edited(b, start, lambda each: _in_zone(shifted(each, by), west), spoils=True)


def _in_zone(event: e.Event, zone: ZoneInfo) -> e.Event:
    return replace(event, at=event.at.astimezone(zone))


@kind("time without a zone", "REC-002")
def no_zone(dice: Random) -> Plan:
    b = some_base(dice)
    place = anywhere(dice, b)
    event: Any = b.events[place]
    field = dice.choice([name for name in ("at", "ended", "expires", "started", "start", "end") if hasattr(event, name)])
    value: datetime = getattr(event, field)
    return single(b, place, replace(event, **{field: value.replace(tzinfo=None)}))


@kind("hold that ran out is booked", "REF-015")
def hold_ran_out(dice: Random) -> Plan:
    b = some_base(dice)
    event = b.get(e.SlotBooked)
    return single(b, b.place(e.SlotBooked), shifted(event, hours(dice, 25, 60)))


# Units ------------------------------------------------------------------------------------------------------------------

POUNDS = 2.2046


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


Edit = Callable[[Any], dict[str, Any]]
UNITS: tuple[tuple[Kinds, Edit, str], ...] = (
    (e.TemperatureLogged, lambda x: {"celsius": tuple(map(fahrenheit, x.celsius))}, "SAF-008"),
    (e.Stored, lambda x: {"celsius": fahrenheit(x.celsius)}, "SAF-008"),
    (e.ReleaseTested, lambda x: {"value": 100 * 0.9, "unit": "%"} if x.test == "viability" else {"unit": "mg"}, "REL-001"),
    (e.ReleaseTested, lambda x: {"test": "viability", "value": 90.0, "unit": "1"}, "REL-001"),
    (e.CellsCollected, lambda x: {"cd3": x.cd3 / 1e6}, "COL-001"),
    (e.CellsCollected, lambda x: {"volume": x.volume / 1000}, "COL-001"),
    (e.CellsCollected, lambda x: {"nucleated": x.nucleated / 1e9}, "COL-001"),
    (e.CellsCollected, lambda x: {"processed": x.processed / 1000}, "COL-001"),
    (e.ManufactureFinished, lambda x: {"cells": x.cells / 1e6}, "MFG-007"),
    (BEDSIDE, lambda x: {"cells": x.cells / 1e6}, "INF-014"),
    (BEDSIDE, lambda x: {"cells": x.cells / x.weight}, "INF-014"),
    (BEDSIDE, lambda x: {"weight": x.weight * POUNDS}, "INF-015"),
    (BEDSIDE, lambda x: {"weight": x.weight * 1000}, "INF-014"),
    (e.EligibilityAssessed, lambda x: {"weight": x.weight * 1000}, "REF-007"),
    (e.EligibilityAssessed, lambda x: {"age": x.age * 365.25}, "REF-007"),
)


@kind("wrong unit", *dict.fromkeys(each[-1] for each in UNITS))
def wrong_unit(dice: Random) -> Plan:
    b = some_base(dice)
    of, edit, rule = dice.choice(UNITS)
    start = dice.choice(places(b, of if isinstance(of, tuple) else (of,)))
    once = b.events[start]

    def made(each: Any) -> e.Event:
        return replace(each, **edit(each)) if each is once or (of is BEDSIDE and isinstance(each, BEDSIDE)) else each

    return replace(edited(b, start, made), expected=frozenset({rule}))


@kind("weight of eligibility in pounds", "INF-015", "REL-004")
def eligibility_in_pounds(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.EligibilityAssessed)
    event: Any = b.events[place]
    return known(b, place, replace(event, weight=round(event.weight * POUNDS, 1)), skip=1)


@kind("age in months", "REF-004", "REF-007")
def age_in_months(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.EligibilityAssessed)
    event: Any = b.events[place]
    return Plan(
        b, place, (Step(replace(event, age=event.age * 12), wrong=True), *(Step(each, True) for each in b.events[place + 1 :]))
    )


# People -----------------------------------------------------------------------------------------------------------------


def by(dice: Random, who: Callable[[Base, e.Event], str], kinds: tuple[type[e.Event], ...] = ()) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, kinds)) if kinds else anywhere(dice, b, 1)
    return single(b, place, replace(b.events[place], by=who(b, b.events[place])))


@kind("person of another center", "REC-007")
def other_center(dice: Random) -> Plan:
    def elsewhere(b: Base, event: e.Event) -> str:
        role = event.by.removeprefix(f"{b.s.center}-")
        return f"{'nashville' if event.by != role else 'chop'}-{role if event.by != role else 'physician-1'}"

    ward = (e.ConsentGiven, e.ChainIssued, e.CellsCollected, e.LymphodepletionStarted, e.GatePassed, e.ProductThawed)
    return by(dice, elsewhere, (*ward, e.ProductInfused, e.LymphodepletionFinished, e.TocilizumabReserved))


@kind("unknown person", "REC-006")
def unknown_person(dice: Random) -> Plan:
    return by(dice, lambda b, event: dice.choice(["", "nurse", f"{b.s.center}-physician-9", f"{event.by} "]))


@kind("wrong role", "REC-006")
def wrong_role(dice: Random) -> Plan:
    def courier(b: Base, event: e.Event) -> str:
        return dice.choice(["courier-1", "system-1", "commercial-payer-1"])

    acts = (e.ConsentGiven, e.TherapyOrdered, e.CellsCollected, e.CollectionAccepted, e.ManufactureStarted, e.StepFinished)
    late = (e.ReleaseTested, e.ProductReleased, e.LymphodepletionStarted, e.ProductThawed, e.GatePassed, e.ProductInfused)
    return by(dice, courier, (*acts, *late))


@kind("training expired", "INF-004", "REC-011", "REC-006")
def training_expired(dice: Random) -> Plan:
    chop, lurie = at_center(2, "chop", (2019, 3, 1)), at_center(2, "lurie", (2019, dice.choice([5, 6]), 16))
    durham, winter = at_center(2, "durham", (2019, 6, 28)), at_center(2, "lurie", (2018, 12, 5))
    b, of, who, rule = dice.choice(
        [
            (chop, e.GatePassed, chop.s.who("physician", 3), "INF-004"),
            (chop, e.ProductInfused, chop.s.who("physician", 3), "INF-004"),
            (lurie, e.TherapyOrdered, lurie.s.who("physician", 3), "REC-011"),
            (lurie, e.GatePassed, lurie.s.who("physician", 3), "INF-004"),
            (durham, e.LymphodepletionStarted, durham.s.who("physician", 3), "REC-006"),
            (durham, e.GatePassed, durham.s.who("physician", 3), "INF-004"),
            (winter, e.ProductInfused, winter.s.who("bedside nurse", 3), "INF-004"),
        ]
    )
    return replace(single(b, b.place(of), replace(b.get(of), by=who)), expected=frozenset({rule}))


@kind("witness of oneself or from elsewhere", "INF-019")
def no_witness(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[-1]
    witness = dice.choice([event.by, "", "nashville-physician-1", b.s.who("pharmacist"), "courier-1"])
    return single(b, len(b.events) - 1, replace(event, witness=witness))


@kind("word nobody knows", "REC-015")
def unknown_word(dice: Random) -> Plan:
    b = some_base(dice)
    words = {e.ConsentGiven: ("scope", "tretment"), e.Shipped: ("status", "fresh"), e.ProductReleased: ("release", "ok")}
    of = dice.choice([*words])
    field, value = words[of]
    place = dice.choice(places(b, (of,)))
    return single(b, place, replace(b.events[place], **{field: value}))


@kind("nobody was referred", "REC-001")
def not_referred(dice: Random) -> Plan:
    b = some_base(dice)
    return known(b, 0, skip=1)
