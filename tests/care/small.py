"""Journeys for the tests of the store: events that fold well, and a door that lets everything in, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from livingdrug.journey.events import (
    CellsCollected,
    ChainIssued,
    CollectionAccepted,
    Event,
    GatePassed,
    Identifier,
    ManufactureFinished,
    ManufactureStarted,
    PatientReferred,
    PatientSeen,
    ProductInfused,
    ProductReleased,
    SlotHeld,
    TherapyOrdered,
)
from livingdrug.journey.state import Journey, evolve

BEGIN = datetime(2018, 3, 1, 9, tzinfo=UTC)


def open_door(therapy: Any, network: Any, journey: Journey, event: Event, *, now: datetime | None = None) -> Journey:
    """Stands in for the rules, where a test is about the store."""
    return evolve(event, journey)


def day(n: float) -> datetime:
    """That many days after the referral."""
    return BEGIN + timedelta(days=n)


def referral(patient: str = "P-1", center: str = "chop") -> PatientReferred:
    """The first event."""
    record = Identifier("record number", f"R-{patient}")
    return PatientReferred(
        at=BEGIN, by="doctor", patient=patient, therapy="tisagenlecleucel", center=center, identifiers=(record,)
    )


def seen(n: float = 1) -> PatientSeen:
    """An event that changes nothing."""
    return PatientSeen(at=day(n), by="nurse")


def slot(name: str = "S-1", resource: str = "chop chair 1", start: float = 10, days: float = 1, expires: float = 5) -> SlotHeld:
    """A chair is held."""
    return SlotHeld(
        at=day(1), by="nurse", slot=name, kind_of="collection", resource=resource,
        start=day(start), end=day(start + days), expires=day(expires),
    )  # fmt: skip


def course(tag: str = "1") -> list[Event]:
    """From order to infusion, for the patient of that tag."""
    chain, order = Identifier("chain", f"CH-{tag}"), Identifier("order", f"O-{tag}")
    wrist = Identifier("record number", f"R-{tag}")
    return [
        TherapyOrdered(at=day(1), by="doctor", order=f"O-{tag}", center="chop", site="morris-plains"),
        ChainIssued(at=day(2), by="system", chain=f"CH-{tag}"),
        CellsCollected(
            at=day(10), by="nurse", collection=f"DIN-{tag}", chain=f"CH-{tag}", patient=wrist, device="scanner",
            started=day(9.8), volume=250.0, cd3=2e9, bags=("a", "b"),
        ),
        CollectionAccepted(at=day(12), by="operator", collections=(f"DIN-{tag}",)),
        ManufactureStarted(
            at=day(13), by="operator", run=f"M-{tag}", collections=(f"DIN-{tag}",), chain=f"CH-{tag}", site="morris-plains",
            line="1",
        ),
        ManufactureFinished(
            at=day(23), by="operator", run=f"M-{tag}", product=f"PR-{tag}", chain=f"CH-{tag}", bags=("x",), cells=1e8,
            expires=day(300),
        ),
        ProductReleased(at=day(28), by="quality", product=f"PR-{tag}", release="in specification"),
        GatePassed(
            at=day(40), by="nurse", product=f"PR-{tag}", chain=f"CH-{tag}", second=order, weight=30.0, cells=1e8,
            device="scanner",
        ),
        ProductInfused(
            at=day(40.1), by="nurse", product=f"PR-{tag}", bags=("x",), chain=f"CH-{tag}", second=chain, weight=30.0, cells=1e8,
            ended=day(40.2), witness="nurse-2", device="scanner",
        ),
    ]  # fmt: skip
