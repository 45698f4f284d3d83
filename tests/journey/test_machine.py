"""Whatever people do, right or wrong and in any order: what the record accepts never gives patients what is not for them.

Three patients, two of them with the same name and birth date, are treated at one center. The machine keeps the world as it
is: whose cells are in which bag, what its two labels say, how warm it was, when it was thawed, who lies in which bed. Actors
do what is next, or something else; scans read what is really there. What `record` accepts is checked against the world, never
against the record's own state. `LIVINGDRUG_LONG=1` plays longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import story
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from rule_examples import switched_off
from story import Story

from livingdrug.journey import events as e
from livingdrug.journey.record import Refused, record
from livingdrug.journey.state import Journey
from livingdrug.network import ask

LONG = os.environ.get("LIVINGDRUG_LONG") == "1"
CENTERS = (("chop", (2018, 3, 5)), ("memphis", (2019, 4, 30)), ("honolulu", (2021, 11, 26)), ("memphis", (2025, 5, 25)))
"""Certificates end at memphis (REMS, 3 June 2019) and honolulu (qualification, 31 December 2021) in the middle of these
journeys; the REMS itself ends on 26 June 2025."""
LOST = {("memphis", 2019): datetime(2019, 6, 3).date(), ("honolulu", 2021): datetime(2022, 1, 1).date()}
WARMEST = -120.0
THAW = timedelta(minutes=30)
WINDOW = (2, 14)
LOW, HIGH = 2e5 * story.WEIGHT, 5e6 * story.WEIGHT


@dataclass
class Bag:
    """Cells in the world: whose they are, what the two labels read, and everything that ever happened to them."""

    drawn_from: int
    chain: str
    number: str
    label: str
    warmest: float = -200.0
    viability: float = 0.9
    released: bool = False
    recalled: bool = False
    at_center: bool = False
    thawed: datetime | None = None
    expires: datetime | None = None
    cells: float = 1.25 * story.CELLS


@dataclass
class Patient:
    """A patient, the journey that is kept of them, and what is true of them."""

    number: int
    s: Story
    ahead: list[e.Event]
    journey: Journey = field(default_factory=Journey)
    consents: bool = False
    infected: bool = False
    died: bool = False
    infused: int = 0
    depleted: datetime | None = None


def told(number: int, center: str, day: tuple[int, int, int]) -> Story:
    zone = ask.zone(story.network(), center)
    name = "token-of-one-name" if number < 3 else "token-of-another-name"
    return Story(number=number, center=center, start=datetime(*day, 9, tzinfo=zone), name_and_birth_date=name)


STARTS: dict[Any, tuple[list[Patient], dict[int, Bag], dict[int, int], dict[int, Bag]]] = {}
"""Where the right journeys stand after so many events: the same for every run, so that it is found out once."""


def to_infusion(s: Story) -> list[e.Event]:
    return [*story.to_collection(s), *story.to_release(s), *story.to_gate(s), story.infused(s)]


class Center(RuleBasedStateMachine):
    """One center, three patients, and everybody's mistakes."""

    def __init__(self) -> None:
        super().__init__()
        self.patients: list[Patient] = []
        self.drawn: dict[int, Bag] = {}
        """The collection that stands in the place of each patient's."""
        self.lines: dict[int, int] = {}
        """Whose cells are in the line of each patient's run."""
        self.made: dict[int, Bag] = {}
        """The product that stands in the place of each patient's."""
        self.beds: dict[int, int] = {}
        """Who lies in the bed that is thought to be this patient's."""
        self.late: dict[int, timedelta] = {}
        self.lost: Any = None
        self.accepted = 0

    @initialize(where=st.sampled_from(CENTERS), done=st.integers(8, 38) | st.integers(38, 42))
    def opens(self, where: tuple[str, tuple[int, int, int]], done: int) -> None:
        """The journeys are under way, each as far as the others: a mistake is as likely near the bed as at the start."""
        center, day = where
        self.lost = LOST.get((center, day[0]))
        self.beds, self.late = {1: 1, 2: 2, 3: 3}, dict.fromkeys((1, 2, 3), timedelta(0))
        if (*where, done) not in STARTS:
            self.patients = [Patient(number, told(number, center, day), []) for number in (1, 2, 3)]
            for patient in self.patients:
                patient.ahead = to_infusion(patient.s)
                self.goes_on(patient.number, done)
            STARTS[*where, done] = self.patients, self.drawn, self.lines, self.made
        patients, drawn, lines, made = STARTS[*where, done]
        self.patients = [replace(each, ahead=[*each.ahead]) for each in patients]
        self.drawn = {number: replace(bag) for number, bag in drawn.items()}
        self.lines = {**lines}
        self.made = {number: replace(bag) for number, bag in made.items()}

    def teardown(self) -> None:
        """Everybody goes on to the end, past every refusal."""
        for patient in self.patients:
            self.goes_on(patient.number, len(patient.ahead))

    # What is right ------------------------------------------------------------------------------------------------------

    @rule(number=st.integers(1, 3), steps=st.integers(1, 5))
    def goes_on(self, number: int, steps: int) -> None:
        """The team does what comes next, as often as it likes, whatever was refused before."""
        for _ in range(steps):
            self.try_next(self.patients[number - 1])

    def try_next(self, patient: Patient) -> None:
        if patient.ahead:
            self.act(patient, self.shifted(patient, patient.ahead.pop(0)))

    # What is wrong ------------------------------------------------------------------------------------------------------

    @rule(number=st.integers(1, 3), skip=st.integers(1, 8))
    def skips(self, number: int, skip: int) -> None:
        """Something is done before its time, and what was to come first is left out or done later."""
        ahead = self.patients[number - 1].ahead
        if len(ahead) > skip:
            ahead.insert(0, ahead.pop(skip))

    @rule(number=st.integers(1, 3))
    def forgets(self, number: int) -> None:
        if ahead := self.patients[number - 1].ahead:
            ahead.pop(0)

    @rule(number=st.integers(1, 3), back=st.integers(1, 6))
    def repeats(self, number: int, back: int) -> None:
        patient = self.patients[number - 1]
        if len(patient.journey.history) >= back:
            again = patient.journey.history[-back]
            patient.ahead[:0] = [replace(again, at=again.at + timedelta(seconds=1))]

    @rule(number=st.integers(1, 3), hours=st.sampled_from([0.4, 1.0, 5.0, 24.0, 24.0 * 4, 24.0 * 12, 24.0 * 300]))
    def is_late(self, number: int, hours: float) -> None:
        """From now on everything is later than it was planned."""
        self.late[number] += timedelta(hours=hours)

    @rule(number=st.integers(1, 3), days=st.sampled_from([1, 2, 3, 7]))
    def is_early(self, number: int, days: int) -> None:
        self.late[number] -= timedelta(days=days)

    @rule(a=st.integers(1, 3), b=st.integers(1, 3))
    def collections_are_swapped(self, a: int, b: int) -> None:
        if a in self.drawn and b in self.drawn:
            self.drawn[a], self.drawn[b] = self.drawn[b], self.drawn[a]

    @rule(a=st.integers(1, 3), b=st.integers(1, 3))
    def products_are_swapped(self, a: int, b: int) -> None:
        if a in self.made and b in self.made:
            self.made[a], self.made[b] = self.made[b], self.made[a]

    @rule(a=st.integers(1, 3), b=st.integers(1, 3), product=st.booleans(), chain=st.booleans())
    def one_label_is_swapped(self, a: int, b: int, product: bool, chain: bool) -> None:
        """One of the two labels of a bag; a bag with both labels of another is that other bag to every scanner."""
        bags = self.made if product else self.drawn
        if a in bags and b in bags and a != b:
            name = "chain" if chain else "number"
            one, other = getattr(bags[a], name), getattr(bags[b], name)
            if self._still_found_out(bags, a, b, name):
                setattr(bags[a], name, other)
                setattr(bags[b], name, one)

    def _still_found_out(self, bags: dict[int, Bag], a: int, b: int, name: str) -> bool:
        """Whether no bag ends up with both labels of one patient whose cells it does not hold."""
        other = "number" if name == "chain" else "chain"
        own = {(self._chain(n), self._number(bags, n)): n for n in (1, 2, 3)}
        for bag, label in ((bags[a], getattr(bags[b], name)), (bags[b], getattr(bags[a], name))):
            pair = (label, getattr(bag, other)) if name == "chain" else (getattr(bag, other), label)
            if own.get(pair, bag.drawn_from) != bag.drawn_from:
                return False
        return True

    def _chain(self, number: int) -> str:
        return self.patients[number - 1].s.chain

    def _number(self, bags: dict[int, Bag], number: int) -> str:
        s = self.patients[number - 1].s
        return s.product if bags is self.made else s.din

    @rule(a=st.integers(1, 3), b=st.integers(1, 3))
    def beds_are_swapped(self, a: int, b: int) -> None:
        self.beds[a], self.beds[b] = self.beds[b], self.beds[a]

    @rule(number=st.integers(1, 3), celsius=st.sampled_from([-125.0, -80.0, 4.0]))
    def grows_warm(self, number: int, celsius: float) -> None:
        """The freezer fails; its log is read, as a program does it, into the journey of the product that is in it."""
        if number in self.made and (bag := self.made[number]).at_center and bag.thawed is None:
            patient = self.patients[bag.drawn_from - 1]
            at = patient.journey.last_act or patient.s.start
            log = e.TemperatureLogged(at=at, by=patient.s.who("pharmacist"), item=bag.number, hours=(0.0,), celsius=(celsius,))
            if not isinstance(self.tried(patient, log), Refused):
                bag.warmest = max(bag.warmest, celsius)

    @rule(number=st.integers(1, 3))
    def withdraws(self, number: int) -> None:
        self.finding(number, e.ConsentWithdrawn, by="physician", scope="treatment")

    @rule(number=st.integers(1, 3), again=st.booleans())
    def falls_ill(self, number: int, again: bool) -> None:
        kind = e.ContraindicationFound if again else e.ContraindicationResolved
        self.finding(number, kind, by="physician", what="active uncontrolled infection")

    @rule(number=st.integers(1, 3))
    def dies(self, number: int) -> None:
        self.finding(number, e.Died, by="physician", cause="disease")

    @rule(number=st.integers(1, 3))
    def is_recalled(self, number: int) -> None:
        s = self.patients[number - 1].s
        self.finding(number, e.ProductRejected, by="quality", product=s.product, reason="endotoxin")

    def finding(self, number: int, kind: Any, by: str, **fields: Any) -> None:
        patient = self.patients[number - 1]
        place = patient.s.site if by == "quality" else None
        at = patient.journey.last_act or patient.s.start
        self.act(patient, kind(at=at, by=patient.s.who(by, 1, place), **fields))

    @rule(number=st.integers(1, 3), value=st.sampled_from([0.5, 0.7, 0.79]))
    def cells_die(self, number: int, value: float) -> None:
        """The next result of viability is lower; what quality then does is what it did before."""
        for place, event in enumerate(ahead := self.patients[number - 1].ahead):
            if isinstance(event, e.ReleaseTested) and event.test == "viability":
                ahead[place] = replace(event, value=value)

    @precondition(lambda self: bool(self.made))
    @rule(number=st.integers(1, 3), value=st.sampled_from([0.6, 0.75]))
    def result_is_corrected(self, number: int, value: float) -> None:
        patient = self.patients[number - 1]
        for position, event in enumerate(patient.journey.history, 1):
            if isinstance(event, e.ReleaseTested) and event.test == "viability":
                right = replace(event, value=value)
                by = patient.s.who("quality", 1, patient.s.site)
                at = patient.journey.last_act or patient.s.start
                self.act(patient, e.Corrected(at=at, by=by, position=position, replacement=right, reason="misread"))

    @rule(number=st.integers(1, 3), to=st.integers(1, 3))
    def record_number_is_corrected(self, number: int, to: int) -> None:
        """The office takes a patient for the namesake; that nobody else has the number is the store's to hold, not ours."""
        patient = self.patients[number - 1]
        if patient.journey.history:
            first: Any = patient.journey.history[0]
            right = replace(first, identifiers=(self.patients[to - 1].s.record_number, *first.identifiers[1:]))
            at = patient.journey.last_act or patient.s.start
            by = patient.s.who("coordinator")
            self.act(patient, e.Corrected(at=at, by=by, position=1, replacement=right, reason="namesake"))

    @rule(number=st.integers(1, 3), factor=st.sampled_from([0.01, 0.5, 2.2, 10.0, 1e-6]))
    def dose_is_mistaken(self, number: int, factor: float) -> None:
        self.at_the_bedside(number, lambda each: {"cells": each.cells * factor})

    @rule(number=st.integers(1, 3))
    def weight_is_in_pounds(self, number: int) -> None:
        self.at_the_bedside(number, lambda each: {"weight": each.weight * 2.2046})

    @rule(number=st.integers(1, 3), second=st.sampled_from(["name and birth date", "product", "order", "", "chain"]))
    def other_identifier_is_read(self, number: int, second: str) -> None:
        s = self.patients[number - 1].s
        value = {"product": s.product, "order": f"ORDER-{number}", "chain": s.chain}.get(second, s.name_and_birth_date)
        self.at_the_bedside(number, lambda each: {"second": e.Identifier(second, value)})

    def at_the_bedside(self, number: int, changes: Any) -> None:
        ahead = self.patients[number - 1].ahead
        for place, event in enumerate(ahead):
            if isinstance(event, e.GatePassed | e.ProductInfused):
                ahead[place] = replace(event, **changes(event))

    @rule(number=st.integers(1, 3), minutes=st.sampled_from([5, 20, 60, 300]))
    def bag_hangs_long(self, number: int, minutes: int) -> None:
        ahead = self.patients[number - 1].ahead
        for place, event in enumerate(ahead):
            if isinstance(event, e.ProductInfused):
                ahead[place] = replace(event, ended=event.ended + timedelta(minutes=minutes))

    # The world ----------------------------------------------------------------------------------------------------------

    def shifted(self, patient: Patient, event: e.Event) -> e.Event:
        late = self.late[patient.number]
        changes: dict[str, Any] = {"at": event.at + late}
        for name in ("ended", "started"):
            if hasattr(event, name):
                changes[name] = getattr(event, name) + late
        return replace(event, **changes)

    def scanned(self, patient: Patient, event: Any) -> Any:
        """The event as the scanners read it: labels of the bag that is there, the wristband of who lies in the bed."""
        number = patient.number
        if isinstance(event, e.CellsCollected):
            return replace(event, patient=self.wristband(number))
        if isinstance(event, e.ManufactureStarted | e.CollectionAccepted):
            return self._read(event, self.drawn.get(number))
        if isinstance(event, e.HandedOver | e.Shipped | e.Received):
            items = (event.item,) if isinstance(event, e.HandedOver) else event.items
            bag = self.made.get(number) if patient.s.product in items else self.drawn.get(number)
            return self._read(event, bag)
        if isinstance(event, e.ProductThawed):
            return self._read(event, self.made.get(number))
        if isinstance(event, e.GatePassed | e.ProductInfused):
            read = self._read(event, self.made.get(number))
            band = event.second.kind in ("record number", "name and birth date")
            return replace(read, second=self.wristband(number, event.second.kind)) if band else read
        return event

    def wristband(self, number: int, kind: str = "record number") -> e.Identifier:
        s = self.patients[self.beds[number] - 1].s
        return s.record_number if kind == "record number" else e.Identifier(kind, s.name_and_birth_date)

    def _read(self, event: Any, bag: Bag | None) -> Any:
        if bag is None:
            return event
        changes: dict[str, Any] = {}
        for name, value in (
            ("chain", bag.chain), ("item", bag.number), ("items", (bag.number,)), ("product", bag.number),
            ("collections", (bag.number,)), ("bags", (bag.label,)),
        ):  # fmt: skip
            if hasattr(event, name):
                changes[name] = value
        second = getattr(event, "second", None)
        if second is not None and second.kind in ("collection", "product"):
            changes["second"] = e.Identifier(second.kind, bag.number)
        return replace(event, **changes)

    def act(self, patient: Patient, event: e.Event) -> None:
        """Try to record what is really there, and if it is accepted, let it happen in the world."""
        read = self.scanned(patient, event)
        if not isinstance(self.tried(patient, read), Refused):
            self.happened(patient, read)

    def tried(self, patient: Patient, event: e.Event) -> Journey | Refused:
        after = record(patient.s.therapy, patient.s.network, patient.journey, event)
        if not isinstance(after, Refused):
            patient.journey = after
            self.accepted += 1
        return after

    def happened(self, patient: Patient, event: e.Event) -> None:
        number, s = patient.number, patient.s
        if isinstance(event, e.ConsentGiven):
            patient.consents = True
        elif isinstance(event, e.ConsentWithdrawn):
            patient.consents = False
        elif isinstance(event, e.ContraindicationFound):
            patient.infected = True
        elif isinstance(event, e.ContraindicationResolved):
            patient.infected = False
        elif isinstance(event, e.Died):
            patient.died = True
        elif isinstance(event, e.LymphodepletionStarted):
            patient.depleted = None
        elif isinstance(event, e.LymphodepletionFinished):
            patient.depleted = event.at
        elif isinstance(event, e.CellsCollected):
            self.drawn[number] = Bag(self.beds[number], event.chain, event.collection, event.bags[0])
        elif isinstance(event, e.ManufactureStarted):
            # From here on the cells are in a closed line; no label is read again before the product has its own.
            self.lines[number] = self.drawn[number].drawn_from
        elif isinstance(event, e.ManufactureFinished):
            self.made[number] = Bag(self.lines[number], event.chain, event.product, event.bags[0], expires=event.expires)
        elif isinstance(event, e.ProductInfused):
            self.infused(patient, event)
        else:
            self.to_the_product(patient, event, s)

    def to_the_product(self, patient: Patient, event: Any, s: Story) -> None:
        """What happens to a product, found by the label that was read."""
        names = (getattr(event, "product", ""), getattr(event, "item", ""), *getattr(event, "items", ()))
        for bag in self.made.values():
            if bag.number not in names:
                continue
            if isinstance(event, e.ReleaseTested) and event.test == "viability":
                bag.viability = event.value
            bag.released = bag.released or isinstance(event, e.ProductReleased)
            bag.recalled = bag.recalled or isinstance(event, e.ProductRejected)
            bag.at_center = bag.at_center or isinstance(event, e.Received)
            if isinstance(event, e.ProductThawed):
                bag.thawed = min(filter(None, (bag.thawed, event.at)))
        if isinstance(event, e.Corrected) and isinstance(event.replacement, e.ReleaseTested):
            corrected = event.replacement
            for bag in self.made.values():
                if bag.number == corrected.product:
                    bag.viability = corrected.value

    # What must never be -------------------------------------------------------------------------------------------------

    def infused(self, patient: Patient, event: e.ProductInfused) -> None:
        """Everything is asked of the world: the bag that hung, and the patient in whose arm it went."""
        bag, taker = self.made[patient.number], self.patients[self.beds[patient.number] - 1]
        day = event.at.astimezone(ask.zone(patient.s.network, patient.s.center)).date()
        taker.infused += 1
        assert bag.drawn_from == taker.number, f"cells of patient {bag.drawn_from} went into patient {taker.number}"
        assert taker.consents, "the patient does not consent"
        assert not taker.died, "the patient has died"
        assert not taker.infected, "an infection is not under control"
        assert taker.infused == 1, "the patient was infused twice"
        assert bag.released, "the product is not released"
        assert not bag.recalled, "the product was recalled"
        assert bag.viability >= 0.8, f"the viability is {bag.viability}"
        assert bag.at_center, "the product was never received at the center"
        assert bag.warmest <= WARMEST, f"the product was at {bag.warmest} °C"
        assert bag.expires is not None, "the product has no expiry"
        assert event.ended <= bag.expires, "the product has expired"
        assert bag.thawed is not None, "the product was not thawed"
        assert event.ended - bag.thawed <= THAW, f"the product was thawed {event.ended - bag.thawed} ago"
        assert taker.depleted is not None, "there was no lymphodepletion"
        rested = (day - taker.depleted.astimezone(event.at.tzinfo).date()).days
        assert WINDOW[0] <= rested <= WINDOW[1], f"it is day {rested} after lymphodepletion"
        assert LOW * (1 - 1e-6) <= event.cells <= HIGH * (1 + 1e-6), f"{event.cells:g} cells"
        assert self.lost is None or day < self.lost, f"the center is not qualified on {day}"

    @invariant()
    def every_journey_is_what_its_events_make(self) -> None:
        for patient in self.patients:
            assert patient.journey.version == len(patient.journey.history)
            assert (patient.journey.infusion is not None) == (patient.infused > 0) or self.beds != {1: 1, 2: 2, 3: 3}


SUITE = settings(
    max_examples=20_000 if LONG else 500,
    stateful_step_count=12 if LONG else 6,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_nobody_is_ever_given_what_is_not_meant_for_them() -> None:
    run_state_machine_as_test(Center, settings=SUITE)


def test_the_machine_infuses_when_all_goes_right() -> None:
    """The machine is awake: without mistakes all three patients are infused."""
    center = Center()
    center.opens(CENTERS[0], 20)
    center.teardown()
    assert [each.infused for each in center.patients] == [1, 1, 1]
    assert all(each.journey.infusion for each in center.patients)


AWAKE: tuple[tuple[str, int, Callable[[Center], object], str], ...] = (
    ("INF-008", 40, lambda center: center.result_is_corrected(1, 0.6), "viability"),
    ("INF-009", 40, lambda center: center.grows_warm(1, -80.0), "°C"),
    ("INF-010 INF-012", 40, lambda center: center.is_late(1, 24.0 * 300), "expired"),
    ("INF-011", 42, lambda center: center.bag_hangs_long(1, 60), "thawed"),
    ("INF-012", 40, lambda center: center.is_late(1, 24.0 * 12), "lymphodepletion"),
    ("INF-013", 40, lambda center: center.falls_ill(1, True), "infection"),
    ("INF-014", 40, lambda center: center.dose_is_mistaken(1, 0.01), "cells"),
    ("INF-017", 42, lambda center: (center.goes_on(1, 1), center.repeats(1, 1)), "twice"),
    ("COI-007 INF-006", 40, lambda center: center.beds_are_swapped(1, 2), "went into"),
    ("REF-009 INF-001", 40, lambda center: center.withdraws(1), "consent"),
    ("REC-005 INF-017", 40, lambda center: center.dies(1), "died"),
)


@pytest.mark.parametrize(("numbers", "done", "mistake", "says"), AWAKE, ids=[each[0] for each in AWAKE])
def test_the_machine_sees_what_a_missing_rule_lets_through(
    numbers: str, done: int, mistake: Callable[[Center], object], says: str
) -> None:
    center = Center()
    center.opens(CENTERS[0], done)
    mistake(center)
    center.teardown()
    assert center.patients[0].infused == (numbers == "INF-017"), "with all rules the mistake is refused"
    with ExitStack() as off:
        for number in numbers.split():
            off.enter_context(switched_off(number))
        again = Center()
        again.opens(CENTERS[0], done)
        mistake(again)
        with pytest.raises(AssertionError, match=says):
            again.teardown()
