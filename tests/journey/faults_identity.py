"""Mix-ups of who and whose: bags, labels, wristbands, namesakes, numbers, custody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from faults_base import Base, Plan, edited, kind, known, single, some_base
from story import Story

from livingdrug.journey import events as e
from livingdrug.journey.identity import with_check

OUT = (e.HandedOver, e.Shipped, e.Received, e.ManufactureStarted)
"""Scans of collected cells; the first hand-over, shipment and receipt of a journey."""
SCANS = (e.CellsCollected, e.HandedOver, e.Shipped, e.Received, e.ManufactureStarted, e.GatePassed, e.ProductInfused)
READS_TWO = (e.HandedOver, e.Received, e.GatePassed, e.ProductInfused)
BEDSIDE = (e.GatePassed, e.ProductInfused)


def names(b: Base, to: Story) -> dict[str, str]:
    """What the labels of this patient's cells say, and what those of the other patient's cells say."""
    s = b.s
    bags = {f"{s.din}-A": f"{to.din}-A", f"{s.din}-B": f"{to.din}-B", f"{s.product}-1": f"{to.product}-1"}
    return {s.din: to.din, s.product: to.product} | bags


def relabeled(event: Any, b: Base, to: Story, *, chain: bool = True, number: bool = True) -> Any:
    """The event as it is scanned from the other patient's bag, or from a bag with one of the other patient's labels."""
    other, changes = names(b, to), dict[str, Any]()
    if chain and hasattr(event, "chain"):
        changes["chain"] = to.chain
    if number:
        for field in ("item", "product"):
            if getattr(event, field, None) in other:
                changes[field] = other[getattr(event, field)]
        for field in ("items", "collections", "bags"):
            if values := getattr(event, field, ()):
                changes[field] = tuple(other.get(each, each) for each in values)
        second = getattr(event, "second", None)
        if second is not None and second.value in other:
            changes["second"] = e.Identifier(second.kind, other[second.value])
    return replace(event, **changes)


def places(b: Base, kinds: tuple[type[e.Event], ...], *, product: bool | None = None) -> list[int]:
    """Where events of these kinds are; with `product`, only those before or after the product was made."""
    made = b.place(e.ManufactureFinished)
    some = [place for place, each in enumerate(b.events) if isinstance(each, kinds)]
    return [each for each in some if product is None or (each > made) == product]


def swapped(dice: Random, *, product: bool, chain: bool = True, number: bool = True) -> Plan:
    """Bags or labels change places at some moment; from then on every scan reads what is there."""
    b = some_base(dice)
    bags = (*OUT, e.GatePassed, e.ProductThawed, e.ProductInfused) if number else (*OUT, *BEDSIDE)
    start, last = dice.choice(places(b, bags, product=product)), b.place(e.ManufactureStarted)
    moved = (*bags, e.Stored, e.CollectionAccepted) if number else bags

    def edit(event: e.Event) -> e.Event:
        later = b.events.index(event) > last
        scanned = isinstance(event, moved) and later == product
        return relabeled(event, b, b.twin, chain=chain, number=number) if scanned else event

    return edited(b, start, edit, spoils=True)


@kind("swapped collection bags", "COI-004", "COI-008", "COI-007")
def collection_bags(dice: Random) -> Plan:
    return swapped(dice, product=False)


@kind("swapped product bags", "COI-004", "COI-008", "COI-007", "INF-006")
def product_bags(dice: Random) -> Plan:
    return swapped(dice, product=True)


@kind("swapped chain labels", "COI-004")
def chain_labels(dice: Random) -> Plan:
    return swapped(dice, product=dice.random() < 0.5, number=False)


@kind("swapped number labels", "COI-008", "COI-007")
def number_labels(dice: Random) -> Plan:
    return swapped(dice, product=dice.random() < 0.5, chain=False)


@kind("labels swapped at collection", "COI-004")
def labels_at_the_chair(dice: Random) -> Plan:
    b = some_base(dice)
    return edited(b, b.place(e.CellsCollected), lambda event: _label(event, b), spoils=True)


def _label(event: e.Event, b: Base) -> e.Event:
    return relabeled(event, b, b.twin) if isinstance(event, e.CellsCollected) else event


@kind("chain mistyped", "COI-004")
def mistyped_chain(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (*SCANS, e.ManufactureFinished)))
    return single(b, place, replace(b.events[place], chain=misread(dice, b.s.chain)))


def misread(dice: Random, chain: str) -> str:
    """A chain as tired people type it."""
    place = dice.randrange(9, 14)
    swap = chain[:place] + chain[place + 1] + chain[place] + chain[place + 2 :]
    other = chain[:place] + dice.choice([each for each in "0123456789" if each != chain[place]]) + chain[place + 1 :]
    options = (other, chain[:-1], chain.lower(), with_check(chain), "", f" {chain}", swap)
    return dice.choice([each for each in options if each != chain])


@kind("chain issued badly formed", "COI-001")
def badly_issued_chain(dice: Random) -> Plan:
    b = some_base(dice)
    wrong = dice.choice([b.s.chain[:-1], with_check(b.s.chain), b.s.chain.lower(), "CHO" + b.s.chain[3:], b.s.chain[2:]])
    return edited(b, b.place(e.ChainIssued), _field(e.ChainIssued, chain=wrong))


def _field(of: type[e.Event] | tuple[type[e.Event], ...], **changes: Any) -> Callable[[Any], Any]:
    return lambda event: replace(event, **changes) if isinstance(event, of) else event


@kind("chain issued after the collection", "COI-003", "COI-004")
def late_chain(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.ChainIssued)
    return known(b, place, skip=1)


@kind("donation number badly formed", "COI-005")
def bad_donation_number(dice: Random) -> Plan:
    b = some_base(dice)
    wrong = dice.choice([b.s.din[:-1], "17-000123", with_check(b.s.din), b.s.din.replace("A", "a"), "O" + b.s.din[1:]])
    return single(b, b.place(e.CellsCollected), replace(b.get(e.CellsCollected), collection=wrong))


@kind("wrong wristband at collection", "COI-006")
def wristband_at_collection(dice: Random) -> Plan:
    b = some_base(dice)
    order = e.Identifier("order", f"ORDER-{b.s.number}")
    wrong = dice.choice([b.twin.record_number, e.Identifier("", ""), e.Identifier("chain", b.s.chain), order])
    return edited(b, b.place(e.CellsCollected), _field(e.CellsCollected, patient=wrong), spoils=True)


@kind("wrong wristband at the bedside", "COI-007", "INF-006")
def wristband_at_the_bedside(dice: Random) -> Plan:
    b = some_base(dice)
    start = b.place(dice.choice(BEDSIDE))
    return edited(b, start, _field(BEDSIDE, second=b.twin.record_number), spoils=True)


@kind("bag's number read for the wristband", "INF-006")
def papers_for_the_wristband(dice: Random) -> Plan:
    """The bag is taken to the wrong bed, and both scans are made on the bag."""
    b, s = (found := some_base(dice)), found.s
    papers = (("product", s.product), ("collection", s.din), ("order", f"ORDER-{s.number}"))
    read = e.Identifier(*dice.choice(papers))
    return edited(b, b.place(dice.choice(BEDSIDE)), _field(BEDSIDE, second=read), spoils=True)


@kind("namesake's bag, name and birth date agree", "COI-004", "COI-008")
def namesake(dice: Random) -> Plan:
    b = some_base(dice)
    name = e.Identifier("name and birth date", b.s.name_and_birth_date)
    place = dice.choice(places(b, READS_TWO))
    return edited(
        b, place, lambda event: replace(relabeled(event, b, b.twin), second=name) if isinstance(event, READS_TWO) else event,
        spoils=True,
    )  # fmt: skip


@kind("namesake at the chair", "COI-004")
def namesake_at_the_chair(dice: Random) -> Plan:
    b = some_base(dice)
    name = e.Identifier("name and birth date", b.s.name_and_birth_date)
    label = b.twin.chain
    return edited(b, b.place(e.CellsCollected), _field(e.CellsCollected, patient=name, chain=label), spoils=True)


@kind("second identifier missing or the chain again", "COI-007")
def no_second_identifier(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, READS_TWO))
    options = [("", ""), ("record number", ""), ("chain", b.s.chain), ("insurance", "4711"), (" ", b.s.record_number.value)]
    return single(b, place, replace(b.events[place], second=e.Identifier(*dice.choice(options))))


@kind("one identifier at referral", "REF-002")
def one_identifier(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[0]
    same = (event.identifiers[0], replace(event.identifiers[0], value="MRN-old"))
    few = dice.choice([event.identifiers[:1], (), same, (event.identifiers[0], e.Identifier("name and birth date", ""))])
    return single(b, 0, replace(event, identifiers=few))


@kind("scan without its device", "REC-014")
def no_device(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (e.CellsCollected, *READS_TWO)))
    return single(b, place, replace(b.events[place], device=dice.choice(["", "  "])))


@kind("custody taken from one who has it not", "COI-009")
def custody_gap(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (e.HandedOver,)))
    event: Any = b.events[place]
    giver = dice.choice(["courier-2", event.by, "nobody-1", b.s.who("physician", 2)])
    return single(b, place, replace(event, giver=giver))


@kind("parcel on a wrong way", "COI-010")
def misrouted(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.choice(places(b, (e.Shipped,)))
    right: Any = b.events[place]
    back = f"{s.site}-to-{s.center}" if right.status == "starting material" else f"{s.center}-to-{s.site}"
    others = [f"{s.site}-to-honolulu", "chop-to-nowhere", back]
    return single(b, place, replace(right, lane=dice.choice(others)))


@kind("part of a parcel arrives", "COI-011", "COI-008")
def part_arrives(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (e.Received,)))
    event: Any = b.events[place]
    return single(b, place, replace(event, items=dice.choice([(), (*event.items, *event.items), (*event.items, "P-77")])))


@kind("bag that is not the product's", "COI-008", "INF-020")
def foreign_bag(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice(places(b, (e.ProductThawed, e.ProductInfused)))
    event: Any = b.events[place]
    bags = dice.choice([(f"{b.twin.product}-1",), (*event.bags, f"{b.s.product}-2")])
    return edited(b, place, _field((e.ProductThawed, e.ProductInfused), bags=bags), spoils=True)


@kind("number used twice", "REC-013")
def number_used_twice(dice: Random) -> Plan:
    """The second thing of its kind gets the number of the first."""
    b = some_base(dice)
    first, second = (b.get(e.Shipped, number) for number in (0, 1))
    assert isinstance(first, e.Shipped)
    return single(b, b.place(e.Shipped, 1), replace(second, shipment=first.shipment))


@kind("identifier corrected to the namesake's", "INF-007")
def corrected_to_the_namesake(dice: Random) -> Plan:
    """A record number is corrected to that of the other patient with this name, who then lies in the bed."""
    b = some_base(dice)
    event: Any = b.events[0]
    right = replace(event, identifiers=(b.twin.record_number, *event.identifiers[1:]))
    place = dice.randrange(b.place(e.CellsCollected) + 1, b.place(e.GatePassed) + 1)
    fact = correction(b, place, 0, right, b.s.who("coordinator"))
    return known(b, place, fact, edit=_field(BEDSIDE, second=b.twin.record_number))


def correction(b: Base, place: int, of: int, right: e.Event | None, by: str) -> e.Corrected:
    """A correction at a place, of the event at another (both counted from 0)."""
    return e.Corrected(at=b.clock(place), by=by, position=of + 1, replacement=right, reason="entered wrongly")


@kind("identity of cells corrected", "REC-008")
def corrected_identity(dice: Random) -> Plan:
    b = some_base(dice)
    of = dice.choice(places(b, (e.CellsCollected, e.ManufactureStarted, e.ManufactureFinished, e.Received, e.HandedOver)))
    changed = relabeled(b.events[of], b, b.twin)
    place = dice.randrange(of + 1, b.place(e.ProductInfused) + 1)
    return single(b, place, correction(b, place, of, changed, b.s.who("coordinator")), instead=False)


@kind("scan that did not agree, and the team goes on", "COI-012", "INF-016")
def mismatch_unresolved(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.CellsCollected) + 1, b.place(e.ProductInfused) + 1)
    item = s.product if place > b.place(e.ManufactureFinished) else s.din
    fact = e.MismatchFound(at=b.clock(place), by=s.who("coordinator"), item=item, expected=s.chain, scanned=b.twin.chain)
    return known(b, place, fact)


@kind("deviation that holds the cells", "COI-012", "INF-016")
def held(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.randrange(b.place(e.CellsCollected) + 1, b.place(e.ProductInfused) + 1)
    fact = e.DeviationOpened(at=b.clock(place), by=b.s.who("coordinator"), deviation="DEV-1", says="bag torn", holds=True)
    return known(b, place, fact)


@kind("mismatch tidied away by the office", "REC-008")
def mismatch_tidied(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.CellsCollected) + 1, b.place(e.ProductInfused) + 1)
    fact = e.MismatchFound(at=b.clock(place), by=s.who("coordinator"), item=s.din, expected=s.chain, scanned=b.twin.chain)
    tidied = e.Corrected(
        at=b.clock(place), by=s.who("coordinator"), position=place + 1, replacement=None, reason="scanner was dirty"
    )
    plan = known(b, place, fact)
    return replace(plan, steps=(plan.steps[0], replace(plan.steps[1], event=tidied), *plan.steps[1:]))
