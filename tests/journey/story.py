"""One patient's journey as it should be, event by event: what tests start from when they change one thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from livingdrug.journey import events as e
from livingdrug.journey.identity import chain, din
from livingdrug.journey.record import Refused, record
from livingdrug.journey.rules.manufacture import steps_of
from livingdrug.journey.rules.payment import due
from livingdrug.journey.state import Journey, journey_of
from livingdrug.network import load as networks
from livingdrug.network.schema import Network
from livingdrug.therapy.load import load
from livingdrug.therapy.schema import Therapy

EASTERN = ZoneInfo("America/New_York")
START = datetime(2018, 3, 5, 9, 0, tzinfo=EASTERN)
WEIGHT, CELLS = 30.0, 1.2e8


@cache
def therapy() -> Therapy:
    return load("tisagenlecleucel")


@cache
def network() -> Network:
    return networks.load("us-launch-2017")


@dataclass(frozen=True)
class Story:
    """Who and when: `number` tells patients apart, `start` is the day of referral."""

    number: int = 1
    center: str = "chop"
    site: str = "morris-plains"
    start: datetime = START
    name_and_birth_date: str = "token-of-a-name"
    age: float = 9.5
    weight: float = WEIGHT
    cells: float = CELLS
    rest: int = 4
    """Days from the end of lymphodepletion to the infusion."""
    therapy: Therapy = field(default_factory=therapy)
    network: Network = field(default_factory=network)

    @property
    def chain(self) -> str:
        return chain("A9999", self.start.year, f"{self.number:06d}")

    @property
    def din(self) -> str:
        return din("A9999", self.start.year, self.number)

    @property
    def product(self) -> str:
        return f"P-{self.number}"

    @property
    def record_number(self) -> e.Identifier:
        return e.Identifier("record number", f"MRN-{self.number}")

    def at(self, day: float, minutes: float = 0) -> datetime:
        """So many days and minutes after the referral, on the center's clock."""
        moment = self.start + timedelta(days=day)
        return (moment + timedelta(minutes=minutes)).astimezone(self.start.tzinfo)

    def who(self, role: str, number: int = 1, place: str | None = None) -> str:
        return f"{place or self.center}-{role.replace(' ', '-')}" + f"-{number}"


def events(s: Story) -> Iterator[e.Event]:
    """The whole journey: referral, collection, manufacture, release, infusion, CRS, remission, settlement."""
    yield from to_collection(s)
    yield from to_release(s)
    yield from to_gate(s)
    yield infused(s)
    yield from course(s)
    yield settled(s, [*to_collection(s), *to_release(s), *to_gate(s), infused(s), *course(s)])


def to_collection(s: Story) -> Iterator[e.Event]:
    coordinator, physician, nurse = s.who("coordinator"), s.who("physician"), s.who("collection nurse")
    names = (s.record_number, e.Identifier("name and birth date", s.name_and_birth_date))
    yield e.PatientReferred(
        at=s.at(0), by=coordinator, patient=f"patient-{s.number}", therapy=s.therapy.name, center=s.center, identifiers=names
    )
    yield e.BaselineDescribed(at=s.at(0, 5), by=coordinator, age=s.age, weight=s.weight, female=True, prior_lines=3)
    yield e.EligibilityAssessed(
        at=s.at(1), by=physician, age=s.age, weight=s.weight, disease_status=s.therapy.eligibility.disease_status[0]
    )
    yield e.ConsentGiven(at=s.at(1, 60), by=physician, scope="treatment")
    yield e.CoverageAuthorized(at=s.at(3), by=coordinator, payer=s.network.payers[0].id, reference=f"AUTH-{s.number}")
    yield e.TherapyOrdered(at=s.at(3, 60), by=physician, order=f"ORDER-{s.number}", center=s.center, site=s.site)
    yield e.ChainIssued(at=s.at(3, 90), by=coordinator, chain=s.chain)
    yield e.SlotHeld(
        at=s.at(3, 95), by=coordinator, slot=f"SLOT-{s.number}", kind_of="collection", resource=f"{s.center}-chair-1",
        start=s.at(7), end=s.at(7, 300), expires=s.at(4),
    )  # fmt: skip
    yield e.SlotBooked(at=s.at(3, 100), by=coordinator, slot=f"SLOT-{s.number}")
    yield e.CellsCollected(
        at=s.at(7, 240), by=nurse, collection=s.din, chain=s.chain, patient=s.record_number, device="scanner-1",
        started=s.at(7), volume=250.0, processed=6000.0, nucleated=1.2e10, cd3=4e9, bags=(f"{s.din}-A", f"{s.din}-B"),
    )  # fmt: skip


def to_release(s: Story) -> Iterator[e.Event]:
    courier = "courier-1"
    operator, other = s.who("operator", 1, s.site), s.who("operator", 2, s.site)
    quality = s.who("quality", 1, s.site)
    second = e.Identifier("collection", s.din)
    yield handed_over(s, s.din, second, s.who("collection nurse"), courier, s.at(7, 300))
    yield e.Shipped(
        at=s.at(7, 310), by=courier, shipment=f"OUT-{s.number}", items=(s.din,), chain=s.chain,
        lane=f"{s.center}-to-{s.site}", shipper="SHIPPER-1", logger="LOGGER-1", status="starting material",
    )  # fmt: skip
    yield e.Received(
        at=s.at(8), by=operator, shipment=f"OUT-{s.number}", items=(s.din,), chain=s.chain, second=second, intact=True,
        device="scanner-2",
    )  # fmt: skip
    yield e.CollectionAccepted(at=s.at(8, 30), by=quality, collections=(s.din,))
    yield e.ManufactureStarted(
        at=s.at(9), by=operator, run=f"RUN-{s.number}", collections=(s.din,), chain=s.chain, site=s.site, line="line-1"
    )
    steps = steps_of(s.therapy)
    for day, step in enumerate(steps):
        yield e.StepFinished(at=s.at(10 + 2 * day), by=other, run=f"RUN-{s.number}", step=step, lots=("LOT-7",))
    made = 10 + 2 * len(steps)
    yield e.ManufactureFinished(
        at=s.at(made), by=operator, run=f"RUN-{s.number}", product=s.product, chain=s.chain, bags=(f"{s.product}-1",),
        cells=1.25 * s.cells, expires=s.at(made + 270),
    )  # fmt: skip
    for minutes, each in enumerate(s.therapy.release):
        yield e.ReleaseTested(
            at=s.at(made + 1, minutes),
            by=quality,
            product=s.product,
            test=each.test,
            value=result(s, each.test),
            unit=each.unit,
        )
    yield e.ProductReleased(at=s.at(made + 9), by=quality, product=s.product, release="in specification")


def result(s: Story, test: str) -> float:
    """A result inside every limit."""
    return {"viability": 0.9, "dose": s.cells / s.weight, "transduced": 0.2, "vector copies": 2.0}.get(test, 0.0)


def release_day(s: Story) -> int:
    """Days from referral to release."""
    return 10 + 2 * len(steps_of(s.therapy)) + 9


def to_gate(s: Story) -> Iterator[e.Event]:
    courier, pharmacist, nurse, physician = "courier-1", s.who("pharmacist"), s.who("bedside nurse"), s.who("physician")
    second = e.Identifier("product", s.product)
    day = release_day(s)
    yield handed_over(s, s.product, second, s.who("operator", 1, s.site), courier, s.at(day, 60))
    yield e.Shipped(
        at=s.at(day, 70), by=courier, shipment=f"HOME-{s.number}", items=(s.product,), chain=s.chain,
        lane=f"{s.site}-to-{s.center}", shipper="SHIPPER-2", logger="LOGGER-2", status="released",
    )  # fmt: skip
    yield e.Received(
        at=s.at(day + 1), by=pharmacist, shipment=f"HOME-{s.number}", items=(s.product,), chain=s.chain, second=second,
        intact=True, device="scanner-3",
    )  # fmt: skip
    yield e.TemperatureLogged(
        at=s.at(day, 70), by=pharmacist, item=f"HOME-{s.number}", hours=(0.0, 12.0, 22.0), celsius=(-180.0, -178.0, -175.0)
    )
    yield e.Stored(at=s.at(day + 1, 30), by=pharmacist, item=s.product, place="dewar-1", celsius=-170.0)
    drugs = tuple(each.name for each in s.therapy.lymphodepletion.drugs)
    yield e.LymphodepletionStarted(at=s.at(day + 2), by=physician, drugs=drugs)
    yield e.LymphodepletionFinished(at=s.at(day + 9 - s.rest), by=nurse, fludarabine_auc=18.0)
    yield e.TocilizumabReserved(at=s.at(day + 8), by=pharmacist, doses=2)
    yield gate(s, day)
    yield e.ProductThawed(at=s.at(day + 9, 30), by=pharmacist, product=s.product, bags=(f"{s.product}-1",))


def gate(s: Story, day: float) -> e.GatePassed:
    return e.GatePassed(
        at=s.at(day + 9), by=s.who("physician"), product=s.product, chain=s.chain, second=s.record_number, weight=s.weight,
        cells=s.cells, device="scanner-4",
    )  # fmt: skip


def infused(s: Story) -> e.ProductInfused:
    day = release_day(s)
    return e.ProductInfused(
        at=s.at(day + 9, 35), by=s.who("bedside nurse"), product=s.product, bags=(f"{s.product}-1",), chain=s.chain,
        second=s.record_number, weight=s.weight, cells=s.cells, ended=s.at(day + 9, 55), witness=s.who("bedside nurse", 2),
        device="scanner-4",
    )  # fmt: skip


def handed_over(s: Story, item: str, second: e.Identifier, giver: str, by: str, at: datetime) -> e.HandedOver:
    return e.HandedOver(at=at, by=by, item=item, chain=s.chain, second=second, giver=giver, device="scanner-1")


def course(s: Story) -> Iterator[e.Event]:
    nurse, physician = s.who("bedside nurse"), s.who("physician")
    day = release_day(s) + 9
    yield e.VitalsCharted(
        at=s.at(day + 3), by=nurse, hours=(0.0, 12.0, 24.0), temperature=(38.4, 39.1, 37.2), vasoactive=(0, 1, 0),
        oxygen=(0, 1, 0),
    )  # fmt: skip
    yield e.TocilizumabGiven(at=s.at(day + 3, 780), by=physician, mg=min(8 * s.weight, 800.0))
    yield e.NeurologyAssessed(at=s.at(day + 4), by=nurse, **({"capd": 4} if s.age < 12 else {"ice": 9}))
    yield e.ResponseAssessed(
        at=s.at(day + 28), by=physician, assessment=28, burden=0.001, mrd=0.0, neutrophils=2000.0, platelets=150_000.0
    )
    yield e.PatientSeen(at=s.at(day + 60), by=s.who("coordinator"))


def settled(s: Story, before: list[e.Event]) -> e.MilestoneSettled:
    right = due(s.therapy, journey_of(before))
    return e.MilestoneSettled(
        at=s.at(110), by=payer_of(s), milestone="treatment", billed=right.billed, waived=right.waived,
        currency=s.therapy.currency, evidence=right.evidence,
    )  # fmt: skip


def payer_of(s: Story) -> str:
    return s.network.payers[0].staff[0].id


def accepted(s: Story, journey: Journey, event: e.Event, **options: Any) -> Journey:
    """The journey after an event that must be accepted."""
    after = record(s.therapy, s.network, journey, event, **options)
    assert not isinstance(after, Refused), f"{event.name} at {event.at}: {after}"
    return after


def folded(s: Story, these: list[e.Event]) -> Journey:
    """The journey of events that must all be accepted."""
    journey = Journey()
    for event in these:
        journey = accepted(s, journey, event)
    return journey


def refused(s: Story, journey: Journey, event: e.Event, **options: Any) -> set[str]:
    """The numbers of the rules that refuse an event."""
    after = record(s.therapy, s.network, journey, event, **options)
    return {each.rule for each in after.reasons} if isinstance(after, Refused) else set()
