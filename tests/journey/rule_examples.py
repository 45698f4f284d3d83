"""One example for every rule: a journey and an event that this rule refuses, from a story that is right in all else.

`EXAMPLES[number](story)` is the journey before the event, the event, and what `record` is given besides ("now", "network").
`test_examples` shows that each rule refuses its example, `test_mutations` that nothing does in its place once it is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import story
from story import Story, release_day

from livingdrug.journey import events as e
from livingdrug.journey.record import Refused, record
from livingdrug.journey.rules.library import RULES, rules_on
from livingdrug.journey.rules.manufacture import steps_of
from livingdrug.journey.state import Journey, journey_of
from livingdrug.network.schema import Network

__all__ = ["EXAMPLES", "Example", "before", "refusal", "switched_off", "the"]

Example = tuple[Journey, e.Event, dict[str, Any]]
Build = Callable[[Story], Example]
Kind = type[e.Event]
Edit = Callable[[e.Event], e.Event | None]
More = Callable[[Story], list[e.Event]]


def refusal(s: Story, example: Example) -> dict[str, str]:
    """What the rules say against an example, by number."""
    journey, event, options = example
    given: dict[str, Any] = {"network": s.network} | options
    after = record(s.therapy, journey=journey, event=event, **given)
    return {each.rule: each.says for each in after.reasons} if isinstance(after, Refused) else {}


@contextmanager
def switched_off(number: str) -> Iterator[None]:
    """The rules without one of them."""
    kept = dict(RULES)
    del RULES[number]
    rules_on.cache_clear()
    try:
        yield
    finally:
        RULES.clear()
        RULES.update(kept)
        rules_on.cache_clear()


def the(s: Story, kind: Kind, number: int = 0) -> e.Event:
    """The story's event of that kind, counted from 0."""
    return [each for each in story.events(s) if isinstance(each, kind)][number]


def before(s: Story, kind: Kind, number: int = 0, edit: Edit = lambda event: event, more: Iterable[e.Event] = ()) -> Journey:
    """The journey before an event of the story, each event edited or, for None, left out; then `more`."""
    whole = list(story.events(s))
    some = whole[: whole.index(the(s, kind, number))]
    return journey_of([*(made for each in some if (made := edit(each)) is not None), *more])


def changed(kind: Kind, number: int = 0, edit: Edit = lambda event: event, more: More = lambda s: [], **changes: Any) -> Build:
    """An example: the story's event, with fields changed to values or to what a function of the story gives."""

    def build(s: Story) -> Example:
        values = {name: value(s) if callable(value) else value for name, value in changes.items()}
        return before(s, kind, number, edit, more(s)), replace(the(s, kind, number), **values), {}

    return build


def added(after: Kind, make: Callable[[Story], e.Event], more: More = lambda s: [], number: int = 0) -> Build:
    """An example: an event that the story does not have, right after one that it has, and after `more`."""

    def build(s: Story) -> Example:
        return before(s, after, number, more=[the(s, after, number), *more(s)]), make(s), {}

    return build


def moved(build: Build, **changes: Any) -> Build:
    """The example for another story: another center, another day."""
    return lambda s: build(replace(s, **changes))


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=story.EASTERN)


def without(*kinds: Kind) -> Edit:
    return lambda event: None if isinstance(event, kinds) else event


def with_(kind: Kind, **changes: Any) -> Edit:
    return lambda event: replace(event, **changes) if isinstance(event, kind) else event


def low_viability(event: e.Event) -> e.Event:
    low = isinstance(event, e.ReleaseTested) and event.test == "viability"
    return replace(event, value=0.7) if low else event


# Events that the story does not have ------------------------------------------------------------------------------------


def gate_time(s: Story, minutes: float = 0) -> datetime:
    return s.at(release_day(s) + 9, minutes)


def withdrawn(s: Story, at: datetime | None = None) -> e.ConsentWithdrawn:
    return e.ConsentWithdrawn(at=at or gate_time(s, -30), by=s.who("physician"), scope="treatment")


def mismatch(s: Story, at: datetime | None = None) -> e.MismatchFound:
    found = s.product if at is None else s.din
    return e.MismatchFound(at=at or gate_time(s, -30), by=s.who("physician"), item=found, expected=s.chain, scanned="?")


def infection(s: Story, at: datetime | None = None) -> e.ContraindicationFound:
    return e.ContraindicationFound(at=at or gate_time(s, -30), by=s.who("physician"), what="active uncontrolled infection")


def failed(s: Story, run: str, day: float) -> e.ManufactureFailed:
    return e.ManufactureFailed(at=s.at(day), by=s.who("operator", 1, s.site), run=run, reason="contaminated")


def second_run(s: Story, number: int, day: float) -> e.Event:
    return replace(the(s, e.ManufactureStarted), run=f"RUN-{s.number}-{number}", at=s.at(day))


def collection(s: Story, number: int) -> e.Event:
    """The collection of another day."""
    din = story.din("A9999", s.start.year, 100 * s.number + number)
    times = {"at": s.at(7 + number, 240), "started": s.at(7 + number)}
    return replace(the(s, e.CellsCollected), collection=din, bags=(f"{din}-A",), **times)


def corrected(s: Story) -> e.Corrected:
    return e.Corrected(at=s.at(120), by=s.who("physician"), position=1, replacement=the(s, e.PatientReferred), reason=" ")


def overridden(s: Story) -> e.Overridden:
    return e.Overridden(at=s.at(120), by=s.who("physician"), rule="INF-001", act="infused", reason="the family is abroad")


def signed(s: Story) -> e.Signed:
    return e.Signed(at=s.at(120), by=s.who("physician"), position=1, meaning="review", digest="of something else")


def left_without_entering(s: Story) -> e.IntensiveCareLeft:
    return e.IntensiveCareLeft(at=gate_time(s, 600), by=s.who("physician"))


def grade(s: Story) -> e.GradeOverridden:
    return e.GradeOverridden(
        at=gate_time(s, 6000), by=s.who("physician"), scale="ASTCT", day=3, computed=2, grade=3, reason=" "
    )


# Networks ---------------------------------------------------------------------------------------------------------------


def one_who_does_both(s: Story) -> Network:
    """The network with an operator who is a member of quality too."""
    both = s.who("operator", 2, s.site)
    sites = tuple(
        each.model_copy(update={"staff": tuple(_also_quality(person, both) for person in each.staff)})
        for each in s.network.sites
    )
    return s.network.model_copy(update={"sites": sites})


def _also_quality(person: Any, id: str) -> Any:
    return person.model_copy(update={"roles": (*person.roles, "quality")}) if person.id == id else person


def in_europe(s: Story) -> Network:
    """The network with the story's center in the European Union."""
    centers = tuple(
        each.model_copy(update={"jurisdiction": "EU"}) if each.id == s.center else each for each in s.network.centers
    )
    return s.network.model_copy(update={"centers": centers})


def in_network(build: Build, network: Callable[[Story], Network]) -> Build:
    """The example in a network that is made from the story's."""

    def built(s: Story) -> Example:
        other = replace(s, network=network(s))
        journey, event, options = build(other)
        return journey, event, options | {"network": other.network}

    return built


# Examples that take more than a line -------------------------------------------------------------------------------------


def nobody_referred(s: Story) -> Example:
    return Journey(), the(s, e.CellsCollected), {}


def dated_ahead(s: Story) -> Example:
    event = the(s, e.CellsCollected)
    return before(s, e.CellsCollected), event, {"now": event.at - timedelta(hours=3)}


def sent_twice(s: Story) -> Example:
    journey = journey_of([*story.events(s)])
    return journey, the(s, e.PatientSeen), {}


def fourth_day(s: Story) -> Example:
    days = [the(s, e.CellsCollected), collection(s, 1), collection(s, 2)]
    return before(s, e.CellsCollected, more=days), collection(s, 3), {}


def third_run(s: Story) -> Example:
    runs = [failed(s, f"RUN-{s.number}", 10), second_run(s, 2, 11), failed(s, f"RUN-{s.number}-2", 12)]
    return before(s, e.StepFinished, more=runs), second_run(s, 3, 13), {}


def step_of_a_failed_run(s: Story) -> Example:
    return before(s, e.StepFinished, more=[failed(s, f"RUN-{s.number}", 9.5)]), the(s, e.StepFinished), {}


def not_harvested(s: Story) -> Example:
    return before(s, e.StepFinished, len(steps_of(s.therapy)) - 1), the(s, e.ManufactureFinished), {}


def not_received(event: e.Event) -> e.Event | None:
    return None if isinstance(event, e.Received) and event.shipment.startswith("HOME") else event


def thaw_before_the_end(s: Story) -> Example:
    event = replace(the(s, e.ProductThawed), at=s.at(release_day(s) + 3))
    return before(s, e.LymphodepletionFinished), event, {}


def vitals_of_the_neighbor(s: Story) -> Example:
    return before(s, e.GatePassed), replace(the(s, e.VitalsCharted), at=gate_time(s, -20)), {}


def steps_swapped(s: Story) -> Example:
    return before(s, e.StepFinished), the(s, e.StepFinished, 1), {}


def invoice_at_once(s: Story) -> Example:
    return before(s, e.ProductInfused), the(s, e.MilestoneSettled), {}


def receipt_of_nothing(s: Story) -> Example:
    return before(s, e.Shipped), the(s, e.Received), {}


def doubtful_close(s: Story) -> Example:
    journey = before(s, e.Shipped, more=[mismatch(s, s.at(7, 305))])
    closed = e.DeviationClosed(
        at=s.at(7, 308), by=s.who("quality", 1, s.site), deviation="", says=" ", position=journey.version
    )
    return journey, closed, {}


def other_amount(s: Story) -> int:
    event = the(s, e.MilestoneSettled)
    assert isinstance(event, e.MilestoneSettled)
    return event.billed + 100


ANOTHER_NUMBER = e.Identifier("record number", "MRN-of-somebody-else")
SHORTLY = timedelta(minutes=3)


def invalidated(s: Story) -> e.Event:
    place = before(s, e.ReleaseTested).version + 1
    event = the(s, e.ReleaseTested)
    assert isinstance(event, e.ReleaseTested)
    return e.ResultInvalidated(
        at=event.at + SHORTLY, by=event.by, product=event.product, test=event.test, position=place, reason=""
    )


def found(s: Story) -> e.Event:
    return e.OutOfSpecificationFound(
        at=s.at(release_day(s) - 1), by=s.who("quality", 1, s.site), product=s.product, tests=("viability",)
    )


def requested(s: Story) -> e.Event:
    return e.ExceptionalReleaseRequested(
        at=s.at(release_day(s) - 1), by=s.who("physician"), product=s.product, reason="no other option"
    )


def again(kind: Kind, number: int = 0, **changes: Any) -> Build:
    """The story's event a second time, a little later."""

    def make(s: Story) -> e.Event:
        event = the(s, kind, number)
        return replace(event, at=event.at + SHORTLY, **changes)

    return added(kind, make, number=number)


def after_tests(make: Callable[[Story], e.Event]) -> Build:
    return lambda s: (before(s, e.ProductReleased), make(s), {})


# The table --------------------------------------------------------------------------------------------------------------

RECORD: dict[str, Build] = {
    "REC-001": nobody_referred,
    "REC-002": changed(e.EligibilityAssessed, at=lambda s: s.at(1).replace(tzinfo=None)),
    "REC-003": changed(e.Received, 1, at=lambda s: s.at(release_day(s) - 1)),
    "REC-004": dated_ahead,
    "REC-005": changed(e.PatientSeen, more=lambda s: [e.Died(at=s.at(80), by=s.who("physician"), cause="disease")]),
    "REC-006": changed(e.ProductReleased, by="courier-1"),
    "REC-007": changed(e.GatePassed, by="boston-physician-1"),
    "REC-008": added(e.MilestoneSettled, corrected),
    "REC-009": added(e.MilestoneSettled, overridden),
    "REC-010": added(e.MilestoneSettled, signed),
    "REC-011": moved(changed(e.TherapyOrdered, by=lambda s: s.who("physician", 3)), start=on(2019, 5, 1)),
    "REC-012": sent_twice,
    "REC-013": again(e.CellsCollected),
    "REC-014": changed(e.GatePassed, device=" "),
    "REC-015": changed(e.ConsentGiven, scope="treatmnt"),
    "REC-016": receipt_of_nothing,
}

REFERRAL: dict[str, Build] = {
    "REF-001": changed(e.PatientReferred, therapy="another-therapy"),
    "REF-002": changed(e.PatientReferred, identifiers=lambda s: (s.record_number,)),
    "REF-003": changed(e.TherapyOrdered, edit=without(e.EligibilityAssessed)),
    "REF-004": changed(e.TherapyOrdered, edit=with_(e.EligibilityAssessed, age=31.0)),
    "REF-005": changed(e.TherapyOrdered, edit=with_(e.EligibilityAssessed, disease_status="first remission")),
    "REF-006": changed(e.TherapyOrdered, edit=with_(e.EligibilityAssessed, present=("active uncontrolled infection",))),
    "REF-007": changed(e.EligibilityAssessed, weight=0.0),
    "REF-008": changed(e.TherapyOrdered, edit=without(e.ConsentGiven)),
    "REF-009": changed(e.Shipped, 1, more=lambda s: [withdrawn(s, s.at(release_day(s), 30))]),
    "REF-010": changed(e.CellsCollected, edit=without(e.CoverageAuthorized)),
    "REF-011": changed(e.CoverageAuthorized, payer="medicair"),
    "REF-012": moved(changed(e.TherapyOrdered), center="honolulu", start=on(2022, 3, 1)),
    "REF-013": changed(e.TherapyOrdered, site="boston"),
    "REF-014": again(e.TherapyOrdered, order="ORDER-of-the-second-click"),
    "REF-015": changed(e.SlotBooked, at=lambda s: s.at(5)),
    "REF-016": added(e.PatientSeen, lambda s: e.NotInfused(at=s.at(100), by=s.who("physician"), reason="withdrawn")),
    "REF-017": changed(
        e.CellsCollected, more=lambda s: [e.NotInfused(at=s.at(5), by=s.who("physician"), reason="not eligible")]
    ),
}

CELLS: dict[str, Build] = {
    "COI-001": changed(e.ChainIssued, chain="CHA99992000007"),
    "COI-002": again(e.ChainIssued),
    "COI-003": changed(e.CellsCollected, edit=without(e.ChainIssued)),
    "COI-004": changed(e.GatePassed, chain=lambda s: replace(s, number=s.number + 1).chain),
    "COI-005": changed(e.CellsCollected, collection="17-000123"),
    "COI-006": changed(e.CellsCollected, patient=ANOTHER_NUMBER),
    "COI-007": changed(e.HandedOver, 1, second=ANOTHER_NUMBER),
    "COI-008": changed(e.ProductReleased, product="P-of-somebody-else"),
    "COI-009": changed(e.HandedOver, giver="courier-2"),
    "COI-010": changed(e.Shipped, lane="chop-to-nowhere"),
    "COI-011": changed(e.Received, 1, items=()),
    "COI-012": changed(e.Shipped, more=lambda s: [mismatch(s, s.at(7, 305))]),
    "COI-013": doubtful_close,
    "COL-001": changed(e.CellsCollected, cd3=4000.0),
    "COL-002": fourth_day,
    "COL-003": changed(e.CollectionAccepted, edit=with_(e.CellsCollected, cd3=8e8)),
    "COL-004": again(e.CollectionAccepted),
    "COL-005": changed(e.ManufactureStarted, edit=without(e.CollectionAccepted)),
    "COL-006": changed(e.ManufactureStarted, at=lambda s: s.at(1200)),
}

MAKING: dict[str, Build] = {
    "MFG-001": changed(e.ManufactureStarted, site="raritan"),
    "MFG-002": changed(e.ManufactureStarted, edit=without(e.Received)),
    "MFG-003": added(e.ManufactureStarted, lambda s: second_run(s, 2, 9.2)),
    "MFG-004": third_run,
    "MFG-005": step_of_a_failed_run,
    "MFG-006": steps_swapped,
    "MFG-007": not_harvested,
    "REL-001": changed(e.ReleaseTested, value=90.0, unit="%"),
    "REL-002": again(e.ReleaseTested, value=0.95),
    "REL-003": added(e.ReleaseTested, invalidated),
    "REL-004": changed(e.ProductReleased, edit=low_viability),
    "REL-005": changed(e.ProductReleased, release="conditional"),
    "REL-006": changed(e.ProductReleased, edit=low_viability, release="exceptional"),
    "REL-007": in_network(changed(e.ProductReleased, by=lambda s: s.who("operator", 2, s.site)), one_who_does_both),
    "REL-008": in_network(changed(e.ProductReleased), in_europe),
    "REL-009": again(e.ProductReleased),
    "REL-010": changed(e.Shipped, 1, edit=without(e.ProductReleased)),
    "REL-011": after_tests(found),
    "REL-012": after_tests(requested),
}

PATIENT: dict[str, Build] = {
    "LD-001": changed(e.LymphodepletionStarted, edit=not_received),
    "LD-002": changed(e.LymphodepletionStarted, more=lambda s: [infection(s, s.at(release_day(s) + 1, 60))]),
    "LD-003": changed(e.LymphodepletionStarted, drugs=("bendamustine",)),
    "LD-004": changed(e.LymphodepletionFinished, edit=without(e.LymphodepletionStarted)),
    "LD-005": again(e.LymphodepletionStarted),
    "LD-006": thaw_before_the_end,
    "INF-001": changed(e.GatePassed, more=lambda s: [withdrawn(s)]),
    "INF-002": moved(changed(e.GatePassed), center="honolulu", start=on(2021, 12, 1)),
    "INF-003": moved(changed(e.GatePassed), center="memphis", start=on(2019, 5, 1)),
    "INF-004": moved(changed(e.GatePassed, by=lambda s: s.who("physician", 3)), start=on(2019, 3, 1)),
    "INF-005": changed(e.GatePassed, edit=with_(e.TocilizumabReserved, doses=1)),
    "INF-006": changed(e.GatePassed, second=ANOTHER_NUMBER),
    "INF-007": changed(e.GatePassed, product="P-of-somebody-else"),
    "INF-008": changed(e.GatePassed, edit=low_viability),
    "INF-009": changed(e.GatePassed, edit=without(e.TemperatureLogged)),
    "INF-010": changed(e.GatePassed, edit=with_(e.ManufactureFinished, expires=on(2018, 4, 1))),
    "INF-011": changed(e.ProductInfused, ended=lambda s: gate_time(s, 95)),
    "INF-012": changed(e.GatePassed, at=lambda s: s.at(release_day(s) + 25)),
    "INF-013": changed(e.GatePassed, more=lambda s: [infection(s)]),
    "INF-014": changed(e.GatePassed, cells=5e8),
    "INF-015": changed(e.GatePassed, weight=lambda s: round(s.weight * 2.2046, 1)),
    "INF-016": changed(e.GatePassed, more=lambda s: [mismatch(s)]),
    "INF-017": again(e.ProductInfused),
    "INF-018": changed(e.ProductInfused, edit=without(e.GatePassed)),
    "INF-019": changed(e.ProductInfused, witness=lambda s: s.who("bedside nurse")),
    "INF-020": changed(e.ProductInfused, bags=lambda s: (f"{s.product}-2",)),
    "INF-021": added(e.LymphodepletionFinished, lambda s: replace(infection(s), what=" ")),
}

COURSE: dict[str, Build] = {
    "SAF-001": vitals_of_the_neighbor,
    "SAF-002": changed(e.VitalsCharted, temperature=(101.3, 102.4, 99.0)),
    "SAF-003": changed(e.NeurologyAssessed, capd=None, ice=10),
    "SAF-004": changed(e.TocilizumabGiven, mg=8.0),
    "SAF-005": again(e.TocilizumabGiven),
    "SAF-006": added(e.ProductInfused, left_without_entering),
    "SAF-007": added(e.NeurologyAssessed, grade),
    "SAF-008": changed(e.TocilizumabReserved, doses=-1),
    "SAF-009": changed(e.TemperatureLogged, item="HOME-of-somebody-else"),
    "RSP-001": changed(e.ResponseAssessed, at=lambda s: s.at(release_day(s) + 9 + 41)),
    "RSP-002": again(e.ResponseAssessed),
    "RSP-003": changed(e.ResponseAssessed, burden=5.0),
    "RSP-004": added(
        e.NeurologyAssessed, lambda s: e.Relapsed(at=gate_time(s, 9000), by=s.who("physician"), relapse="antigen-positive")
    ),
    "PAY-001": invoice_at_once,
    "PAY-002": changed(e.MilestoneSettled, evidence=()),
    "PAY-003": changed(e.MilestoneSettled, billed=other_amount),
    "PAY-004": again(e.MilestoneSettled),
    "PAY-005": added(
        e.PatientSeen,
        lambda s: e.MilestoneDisputed(at=s.at(100), by=story.payer_of(s), milestone="treatment", reason="no response"),
    ),
}

EXAMPLES: dict[str, Build] = RECORD | REFERRAL | CELLS | MAKING | PATIENT | COURSE
