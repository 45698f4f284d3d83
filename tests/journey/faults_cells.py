"""Mix-ups of cells: collection, manufacture, release, transport, storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import rule_examples as examples
from faults_base import Base, Plan, Step, edited, kind, known, shifted, single, some_base
from faults_identity import correction, places
from story import Story

from livingdrug.journey import events as e

TISAGENLECLEUCEL = ("tisagenlecleucel",)


def quality(s: Story) -> str:
    return s.who("quality", 1, s.site)


def viability(b: Base) -> int:
    """Where the result of viability is."""
    return next(n for n, each in enumerate(b.events) if isinstance(each, e.ReleaseTested) and each.test == "viability")


def below(b: Base) -> float:
    """A viability that misses the specification and may still be given exceptionally."""
    return 0.65 if b.s.therapy.name not in TISAGENLECLEUCEL else 0.7


# Collection and manufacture ---------------------------------------------------------------------------------------------


@kind("too few cells accepted", "COL-003")
def too_few_cells(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.CellsCollected)
    event: Any = b.events[place]
    few = dice.choice([1e8, 5e8])
    return known(b, place, replace(event, cd3=few, nucleated=3 * few), skip=1, edit=_accepted_first(b, few))


def _accepted_first(b: Base, few: float) -> Callable[[e.Event], e.Event | None]:
    """Custody goes on as it should: the mistake is the acceptance."""
    return lambda event: event


@kind("collection corrected below the limit", "INF-007")
def corrected_below(dice: Random) -> Plan:
    b = some_base(dice)
    of = b.place(e.CellsCollected)
    event: Any = b.events[of]
    few = dice.choice([1e8, 4e8])
    place = dice.randrange(b.place(e.CollectionAccepted) + 1, b.place(e.ProductInfused) + 1)
    right = replace(event, cd3=few, nucleated=4 * few)
    return known(b, place, correction(b, place, of, right, b.s.who("physician")))


@kind("collection rejected, and the run starts", "COL-005", "REC-016")
def rejected_material(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = b.place(e.CollectionAccepted)
    at = b.events[place].at
    fact = e.CollectionRejected(at=at, by=quality(s), collections=(s.din,), reason="bag leaked")
    return known(b, place, fact, skip=1)


@kind("collection received damaged", "MFG-002")
def damaged_material(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.Received)
    plan = known(b, place, replace(b.get(e.Received), intact=False), skip=1)
    return replace(plan, steps=tuple(_right(step, (e.Received, e.CollectionAccepted)) for step in plan.steps))


def _right(step: Step, kinds: tuple[type[e.Event], ...]) -> Step:
    return replace(step, wrong=False) if isinstance(step.event, kinds) else step


@kind("collection stored too long", "COL-006")
def stored_too_long(dice: Random) -> Plan:
    b = some_base(dice, TISAGENLECLEUCEL, (2018, 2020, 2023))
    by = timedelta(days=dice.randrange(930, 1200))
    return edited(b, b.place(e.ManufactureStarted), lambda each: shifted(each, by), spoils=True)


@kind("run at another site", "MFG-001")
def other_site(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.get(e.ManufactureStarted)
    sites = [each for each in ("raritan", "el-segundo", "morris-plains", "leipzig", b.s.center) if each != b.s.site]
    return single(b, b.place(e.ManufactureStarted), replace(event, site=dice.choice(sites)))


@kind("step left out or out of order", "MFG-006", "MFG-007")
def step_left_out(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (e.StepFinished,)))
    return Plan(b, place, tuple(Step(each, wrong=True) for each in b.events[place + 1 :]))


@kind("product of a failed run", "MFG-005")
def product_of_a_failed_run(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.choice(places(b, (e.StepFinished, e.ManufactureFinished)))
    by = s.who("operator", 1, s.site)
    fact = e.ManufactureFailed(at=b.clock(place), by=by, run=f"RUN-{s.number}", reason="no growth")
    return known(b, place, fact)


@kind("second run beside the first", "MFG-003")
def second_run_beside(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.ManufactureStarted) + 1, b.place(e.ProductReleased))
    event: Any = b.get(e.ManufactureStarted)
    return single(b, place, replace(event, run=f"RUN-{s.number}-2", at=b.clock(place)), instead=False)


@kind("one run too many", "MFG-004")
def one_run_too_many(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = b.place(e.ManufactureStarted) + 1
    limit = round(s.therapy.manufacture.attempts_maximum.value)
    first: Any = b.get(e.ManufactureStarted)
    steps, at = list[Step](), first.at
    runs = [f"RUN-{s.number}", *(f"RUN-{s.number}-{n}" for n in range(2, limit + 2))]
    for n, run in enumerate(runs):
        if n:
            steps.append(Step(replace(first, run=run, at=at), wrong=n == limit))
        if n < limit:
            steps.append(Step(e.ManufactureFailed(at=at + timedelta(hours=4), by=first.by, run=run, reason="no growth")))
        at += timedelta(hours=5)
    later = [_renamed(each, {runs[0]: runs[-1]}) for each in b.events[place:]]
    return Plan(b, place, (*steps, *(Step(each, wrong=True) for each in later)))


def _renamed(event: Any, names: dict[str, str]) -> Any:
    """The event with runs, products and their bags under other numbers."""
    changes: dict[str, Any] = {
        name: names[getattr(event, name)] for name in ("run", "product", "item") if getattr(event, name, "") in names
    }
    for name in ("items", "bags"):
        if values := getattr(event, name, ()):
            changes[name] = tuple(names.get(each, each) for each in values)
    second = getattr(event, "second", None)
    if second is not None and second.value in names:
        changes["second"] = e.Identifier(second.kind, names[second.value])
    return replace(event, **changes)


@kind("old product after a second manufacture", "REL-010", "INF-008", "REL-009")
def old_product(dice: Random) -> Plan:
    """The first product is rejected, a second one is made, and the first one is taken from the freezer."""
    b, s = (found := some_base(dice)), found.s
    start = b.place(e.ProductReleased)
    at = b.events[start].at
    rejected = e.ProductRejected(at=at, by=quality(s), product=s.product, reason="endotoxin doubtful")
    again = {f"RUN-{s.number}": f"RUN-{s.number}-2", s.product: f"{s.product}-B", f"{s.product}-1": f"{s.product}-B-1"}
    by = at - b.get(e.ManufactureStarted).at + timedelta(days=1)
    made = [shifted(_renamed(each, again), by) for each in b.events[b.place(e.ManufactureStarted) : start + 1]]
    made = [_later(each, by) for each in made]
    home = [shifted(each, by) for each in b.events[start + 1 :]]
    old = dice.choice([e.Shipped, e.GatePassed])
    first = next(n for n, each in enumerate(home) if isinstance(each, old))
    right = [_renamed(each, again) for each in home[:first]]
    steps = [*(Step(each) for each in (rejected, *made, *right)), *(Step(each, wrong=True) for each in home[first:])]
    return Plan(b, start, tuple(steps))


def _later(event: Any, by: timedelta) -> Any:
    return replace(event, expires=event.expires + by) if isinstance(event, e.ManufactureFinished) else event


# Release ----------------------------------------------------------------------------------------------------------------


def with_result(b: Base, test: str, value: float) -> Callable[[e.Event], e.Event]:
    return lambda event: replace(event, value=value) if isinstance(event, e.ReleaseTested) and event.test == test else event


def papers(b: Base, value: float, *, consent: bool = True) -> Iterator[e.Event]:
    """What leads to an exceptional release of a product of this viability, the release left out."""
    s, start, at = b.s, viability(b), b.get(e.ProductReleased).at - timedelta(hours=5)
    yield from map(with_result(b, "viability", value), b.events[start : b.place(e.ProductReleased)])
    yield e.OutOfSpecificationFound(at=at, by=quality(s), product=s.product, tests=("viability",))
    yield e.ExceptionalReleaseRequested(at=at, by=s.who("physician"), product=s.product, reason="no other option")
    yield e.ExceptionalReleaseApproved(at=at, by=quality(s), product=s.product, authority="FDA", reference="IND-1")
    if consent:
        yield e.ConsentGiven(at=at, by=s.who("physician"), scope="out-of-specification product")


def exceptionally(b: Base, before: list[e.Event], *, right: bool = False) -> Plan:
    """The product is released exceptionally after these events; everything from there on is wrong, unless it is right."""
    place = b.place(e.ProductReleased)
    release = replace(b.get(e.ProductReleased), release="exceptional")
    later = (release, *b.events[place + 1 :])
    return Plan(b, viability(b), (*map(Step, before), *(Step(each, not right) for each in later)))


@kind("missed specification released as met", "REL-004")
def released_as_met(dice: Random) -> Plan:
    b = some_base(dice)
    test, value = dice.choice([("viability", below(b)), ("sterility", 1.0), ("vector copies", 7.0), ("transduced", 0.01)])
    start = b.place(e.ReleaseTested)
    tests = map(with_result(b, test, value), b.events[start : b.place(e.ProductReleased)])
    later = b.events[b.place(e.ProductReleased) :]
    return Plan(b, start, (*map(Step, tests), *(Step(each, wrong=True) for each in later)))


@kind("released with a test missing", "REL-004", "REL-005")
def test_missing(dice: Random) -> Plan:
    b = some_base(dice)
    left_out = dice.choice(places(b, (e.ReleaseTested,)))
    release = dice.choice([{"release": "in specification"}, {"release": "conditional", "pending": ()}])
    steps = [Step(each) for each in b.events[left_out + 1 : b.place(e.ProductReleased)]]
    event: Any = replace(b.get(e.ProductReleased), **release)
    return Plan(
        b, left_out, (*steps, Step(event, True), *(Step(each, True) for each in b.events[b.place(e.ProductReleased) + 1 :]))
    )


@kind("conditional release while viability is unknown", "REL-005")
def viability_pending(dice: Random) -> Plan:
    b = some_base(dice)
    start, place = viability(b), b.place(e.ProductReleased)
    event: Any = b.events[place]
    release = replace(event, release="conditional", pending=("viability",))
    later = (release, *b.events[place + 1 :])
    return Plan(b, start, (*map(Step, b.events[start + 1 : place]), *(Step(each, True) for each in later)))


@kind("exceptional release without consent", "REL-006")
def exceptional_without_consent(dice: Random) -> Plan:
    b = some_base(dice)
    return exceptionally(b, list(papers(b, below(b), consent=False)))


@kind("exceptional release without a paper", "REL-006", "REL-012")
def exceptional_without_paper(dice: Random) -> Plan:
    b = some_base(dice)
    lost = dice.choice([e.OutOfSpecificationFound, e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved])
    before = [each for each in papers(b, below(b)) if not isinstance(each, lost)]
    return exceptionally(b, before)


@kind("exceptional release of what misses by too much", "REL-006")
def misses_by_too_much(dice: Random) -> Plan:
    b = some_base(dice)
    return exceptionally(b, list(papers(b, dice.choice([0.2, 0.5, 0.59]))))


@kind("consent to the exception withdrawn", "INF-008")
def exception_withdrawn(dice: Random) -> Plan:
    b = some_base(dice)
    plan = exceptionally(b, list(papers(b, below(b))), right=True)
    place = dice.choice([n for n, each in enumerate(plan.steps) if isinstance(each.event, (e.Stored, e.GatePassed))])
    at, by = plan.steps[place].event.at, b.s.who("physician")
    fact = Step(e.ConsentWithdrawn(at=at, by=by, scope="out-of-specification product"))
    later = (replace(each, wrong=True) for each in plan.steps[place:])
    return replace(plan, steps=(*plan.steps[:place], fact, *later))


@kind("culture positive after conditional release", "INF-008")
def culture_turns_positive(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    culture = dice.choice(["sterility", "mycoplasma"])
    start = next(n for n, each in enumerate(b.events) if isinstance(each, e.ReleaseTested) and each.test == culture)
    event: Any = b.get(e.ProductReleased)
    release = replace(event, release="conditional", pending=(culture,))
    rest = [release if each is event else each for each in b.events[start + 1 :]]
    rest = [replace(each, status="conditional") if isinstance(each, e.Shipped) else each for each in rest]
    first = next(n for n, each in enumerate(rest) if isinstance(each, e.Received))
    place = dice.randrange(first + 1, len(rest))
    result = e.ReleaseTested(at=rest[place].at, by=quality(s), product=s.product, test=culture, value=1.0, unit="1")
    return Plan(b, start, (*map(Step, rest[:place]), Step(result), *(Step(each, True) for each in rest[place:])))


@kind("unreleased product shipped", "REL-010")
def shipped_unreleased(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.ProductReleased)
    plan = known(b, place, skip=1)
    return replace(plan, steps=tuple(_right(each, (e.HandedOver,)) for each in plan.steps))


@kind("conditional product shipped as released", "REL-010")
def shipped_as_released(dice: Random) -> Plan:
    b = some_base(dice)
    start = next(n for n, each in enumerate(b.events) if isinstance(each, e.ReleaseTested) and each.test == "sterility")
    event: Any = b.get(e.ProductReleased)
    release = replace(event, release="conditional", pending=("sterility",))
    rest = [release if each is event else each for each in b.events[start + 1 :]]
    return Plan(b, start, tuple(Step(each, wrong=isinstance(each, e.Shipped)) for each in rest))


@kind("product recalled on its way", "REL-010", "LD-001", "LD-006", "INF-008", "REC-016")
def recalled(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.ProductReleased) + 1, b.place(e.ProductInfused) + 1)
    fact = e.ProductRejected(at=b.clock(place), by=quality(s), product=s.product, reason="mix-up of samples")
    return known(b, place, fact)


@kind("result corrected after release", "INF-008")
def corrected_result(dice: Random) -> Plan:
    b = some_base(dice)
    of = viability(b)
    event: Any = b.events[of]
    place = dice.randrange(b.place(e.ProductReleased) + 1, b.place(e.ProductInfused) + 1)
    return known(b, place, correction(b, place, of, replace(event, value=below(b)), quality(b.s)))


@kind("result corrected by the office", "REC-008")
def corrected_by_the_office(dice: Random) -> Plan:
    """A missed viability becomes a met one, by somebody who may not judge results."""
    b = some_base(dice)
    of, place = viability(b), b.place(e.ProductReleased)
    low: Any = replace(b.events[of], value=below(b))
    wrong = correction(b, place, of, b.events[of], b.s.who("coordinator"))
    steps = (Step(low), *map(Step, b.events[of + 1 : place]), Step(wrong, True))
    return Plan(b, of, (*steps, *(Step(each, True) for each in b.events[place:])))


@kind("tested until it fits", "REL-002")
def tested_until_it_fits(dice: Random) -> Plan:
    b = some_base(dice)
    of = viability(b)
    low, right = replace(b.events[of], value=below(b)), b.events[of]  # type: ignore[call-arg]
    again = shifted(right, timedelta(seconds=30))
    return Plan(b, of, (Step(low), *(Step(each, True) for each in (again, *b.events[of + 1 :]))))


@cache
def both(center: str) -> Base:
    """A base whose network has an operator who is a member of quality too."""
    s = Story(center=center)
    s = replace(s, network=examples.one_who_does_both(s))
    import story

    return Base(s, (*story.to_collection(s), *story.to_release(s), *story.to_gate(s), story.infused(s)))


@kind("operator releases the own run", "REL-007", "REC-006")
def own_run(dice: Random) -> Plan:
    b = both(dice.choice(["chop", "boston", "dallas"])) if dice.random() < 0.8 else some_base(dice)
    place = b.place(e.ProductReleased)
    event = replace(b.events[place], by=b.s.who("operator", 2, b.s.site))
    return Plan(b, place, (Step(event, True), *(Step(each, True) for each in b.events[place + 1 :])))


# Transport and storage --------------------------------------------------------------------------------------------------


@kind("excursion of temperature", "INF-009")
def excursion(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    warm = dice.choice([-110.0, -80.0, -20.0, 4.0, 21.0])
    way = dice.choice(["parcel", "place", "log of the freezer", "moved back"])
    if way == "parcel":
        of = b.place(e.TemperatureLogged)
        event: Any = replace(b.events[of], celsius=(-180.0, warm, -175.0))  # type: ignore[call-arg]
        return known(b, of, event, skip=1)
    place = b.place(e.Stored)
    stored: Any = b.events[place]
    if way == "place":
        return known(b, place, replace(stored, celsius=warm), skip=1)
    if way == "moved back":
        return known(b, place, replace(stored, celsius=warm), shifted(stored, timedelta(hours=2)), skip=1)
    place = dice.choice([b.place(e.TocilizumabReserved), b.place(e.GatePassed)])
    log = e.TemperatureLogged(
        at=b.clock(place), by=s.who("pharmacist"), item=s.product, hours=(0.0, 1.0), celsius=(-170.0, warm)
    )
    return known(b, place, log)


@kind("parcel without its temperatures", "INF-009")
def no_log(dice: Random) -> Plan:
    b = some_base(dice)
    return known(b, b.place(e.TemperatureLogged), skip=1)


@kind("logger of another parcel", "SAF-009")
def other_logger(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.get(e.TemperatureLogged)
    return single(b, b.place(e.TemperatureLogged), replace(event, item=f"HOME-{b.twin.number}"))


@kind("product received opened or damaged", "LD-001", "INF-009", "LD-006", "REC-016")
def damaged_product(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.Received, 1)
    return known(b, place, replace(b.events[place], intact=False), skip=1)  # type: ignore[call-arg]


@kind("product received at the site it came from", "INF-009")
def received_elsewhere(dice: Random) -> Plan:
    """The parcel comes back, and its receipt there is taken for the receipt at the center."""
    b, s = (found := some_base(dice)), found.s
    place = b.place(e.Received, 1)
    return known(b, place, replace(b.events[place], by=s.who("operator", 1, s.site)), skip=1)


@kind("expired product", "INF-010")
def expired(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.ManufactureFinished)
    event: Any = b.events[place]
    last = b.events[-1].at - timedelta(minutes=dice.choice([40, 60, 2000, 9000]))
    return known(b, place, replace(event, expires=last), skip=1)


@kind("thawed for too long", "INF-011")
def thawed_too_long(dice: Random) -> Plan:
    b = some_base(dice)
    limit = b.s.therapy.infusion.thaw_maximum
    assert limit is not None, "the therapies of the library have one"
    event: Any = b.events[-1]
    thawed = b.get(e.ProductThawed)
    late = thawed.at + timedelta(hours=limit.value, minutes=dice.randrange(1, 200))
    infused, again = replace(event, ended=late), shifted(thawed, late - thawed.at - timedelta(minutes=5))
    if dice.random() < 0.5:
        return single(b, len(b.events) - 1, infused)
    # The thaw is recorded again, to make the cells young.
    delayed = replace(event, at=again.at + timedelta(minutes=1), ended=late)
    return Plan(b, len(b.events) - 1, (Step(again), Step(delayed, wrong=True)))


@kind("bag whose thaw nobody recorded", "INF-011", "INF-020")
def not_thawed(dice: Random) -> Plan:
    b = some_base(dice)
    return known(b, b.place(e.ProductThawed), skip=1)
