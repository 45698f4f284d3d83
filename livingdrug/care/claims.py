"""What only one journey can have: identifiers for good, and time on a chair, suite or bed until it is given back.

The database refuses a second owner by itself (a unique index, and for time an exclusion constraint or trigger); what is
looked up here before only gives the refusal its sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livingdrug.care.clock import stamp
from livingdrug.care.models import Claim, Slot
from livingdrug.journey import state
from livingdrug.journey.events import (
    CellsCollected,
    ChainIssued,
    Corrected,
    Event,
    GatePassed,
    ManufactureFinished,
    TherapyOrdered,
)
from livingdrug.journey.state import Journey, standing

__all__ = ["Changes", "changes", "take"]

Named = tuple[str, str]

CLAIMED: dict[type[Event], tuple[str, str]] = {
    TherapyOrdered: ("order", "order"),
    ChainIssued: ("chain", "chain"),
    CellsCollected: ("collection", "collection"),
    ManufactureFinished: ("product", "product"),
    GatePassed: ("gate", "product"),
}
"""Event → the kind of claim that it makes, and the field that holds the identifier."""

WORDS = {
    "order": "order",
    "chain": "chain of identity",
    "collection": "collection",
    "product": "product",
    "gate": "passed gate of product",
}
FREE = ("released", "expired")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a journey takes and gives back with an append."""

    taken: tuple[Named, ...] = ()
    given: tuple[Named, ...] = ()
    slots: tuple[state.Slot, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.taken or self.given or self.slots)


def changes(before: Journey, after: Journey) -> Changes:
    """What is taken and given back between two states of a journey."""
    fresh = after.history[before.version :]
    if any(isinstance(event, Corrected) for event in fresh):
        old, new = _owned(event for _, event in standing(before)), _owned(event for _, event in standing(after))
        taken, given = [each for each in new if each not in old], [each for each in old if each not in new]
    else:
        taken, given = list(_owned(fresh)), []
    return Changes(tuple(taken), tuple(given), tuple(_moved(before, after)))


def _owned(events: Iterable[Event]) -> dict[Named, None]:
    """Every identifier that these events claim, in their order."""
    made = ((CLAIMED[type(event)], event) for event in events if type(event) in CLAIMED)
    return {(kind, str(getattr(event, field))): None for (kind, field), event in made}


def _moved(before: Journey, after: Journey) -> Iterator[state.Slot]:
    """Slots that are new or otherwise than before; one that a correction took away is released."""
    if before.slots is after.slots:
        return
    old, new = ({slot.slot: slot for slot in each.slots} for each in (before, after))
    yield from (slot for name, slot in new.items() if old.get(name) != slot)
    for name, slot in old.items():
        if name not in new:
            yield state.Slot(slot.slot, slot.kind, slot.resource, slot.start, slot.end, slot.expires, "released")


# Within the transaction that holds the log ------------------------------------------------------------------------------


def take(journey: str, wanted: Changes, position: int, recorded: str) -> str | None:
    """Write what a journey takes and gives back; the sentence why it cannot, if somebody else has it."""
    if wanted.given:
        for kind, value in wanted.given:
            Claim.objects.filter(kind=kind, value=value, released=None, journey_id=journey).update(released=position)
    return _claimed(journey, wanted.taken, position) or _occupied(journey, wanted.slots, position, recorded)


def _claimed(journey: str, taken: tuple[Named, ...], position: int) -> str | None:
    made: list[Claim] = []
    for kind, value in taken:
        owner = Claim.objects.filter(kind=kind, value=value, released=None).values_list("journey_id", flat=True).first()
        if owner is None:
            made.append(Claim(kind=kind, value=value, journey_id=journey, position=position))
        elif owner != journey:
            return f"the {WORDS[kind]} {value!r} belongs to another journey already; read the label again"
    if made:
        Claim.objects.bulk_create(made)
    return None


def _occupied(journey: str, slots: tuple[state.Slot, ...], position: int, recorded: str) -> str | None:
    for slot in slots:
        row = _row(journey, slot, position)
        if slot.status not in FREE:
            if row.end <= row.start:
                return f"slot {slot.slot!r} ends at {row.end}, before it starts; correct its times"
            others = Slot.objects.exclude(status__in=FREE).exclude(journey_id=journey, slot=slot.slot)
            others = others.filter(resource=row.resource, start__lt=row.end, end__gt=row.start)
            others.filter(status="held", expires__lte=recorded).update(status="expired", position=position)
            if taken := others.values_list("start", "end").first():
                return f"{slot.resource} is taken from {taken[0]} to {taken[1]}; choose another time"
        Slot.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["journey", "slot"],
            update_fields=["resource", "start", "end", "expires", "status", "position"],
        )
    return None


def _row(journey: str, slot: state.Slot, position: int) -> Slot:
    return Slot(
        journey_id=journey,
        slot=slot.slot,
        resource=slot.resource,
        start=stamp(slot.start),
        end=stamp(slot.end),
        expires=stamp(slot.expires),
        status=slot.status,
        position=position,
    )
