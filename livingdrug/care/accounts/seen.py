"""Which kinds of events whom concern who do not treat the patient: what is made, what is carried, what is paid for.

Staff of the center see every event of their journeys. This is what the others need for their own part (the minimum necessary,
45 CFR 164.502(b)); no vital sign, assessment or laboratory value of a course is among it, except what quality reports itself.
"""

from __future__ import annotations

from livingdrug.journey import events as e
from livingdrug.journey.events import Event

__all__ = ["SEEN"]

CUSTODY: frozenset[type[Event]] = frozenset(
    {
        e.ChainIssued, e.CellsCollected, e.HandedOver, e.Shipped, e.TemperatureLogged, e.Received, e.Stored, e.MismatchFound,
    }
)  # fmt: skip

MADE: frozenset[type[Event]] = frozenset(
    {
        e.TherapyOrdered, e.ConsentWithdrawn, e.SlotHeld, e.SlotBooked, e.SlotReleased, e.CollectionAccepted,
        e.CollectionRejected, e.DeviationOpened, e.DeviationClosed, e.ManufactureStarted, e.StepFinished, e.InProcessTested,
        e.ManufactureFailed, e.ManufactureFinished, e.ReleaseTested, e.ResultInvalidated, e.OutOfSpecificationFound,
        e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved, e.ProductReleased, e.ProductRejected, e.ProductThawed,
        e.ProductInfused, e.NotInfused, e.AdverseEventReported, e.ExposureReported, e.Died,
    }
)  # fmt: skip
"""A site learns that its product was infused or will not be, and what was reported of its effects."""

PAID: frozenset[type[Event]] = frozenset(
    {
        e.CoverageAuthorized, e.CoverageDenied, e.TherapyOrdered, e.ProductReleased, e.ProductInfused, e.NotInfused,
        e.ResponseAssessed, e.Relapsed, e.Died, e.MilestoneSettled, e.MilestoneDisputed,
    }
)  # fmt: skip
"""The evidence that milestones rest on."""

SEEN: dict[str, frozenset[type[Event]]] = {"site": CUSTODY | MADE, "courier": CUSTODY, "payer": PAID}
"""By the kind of visitor; a kind that is not here sees none, unless it sees all (`permissions.sees_clinical`)."""
