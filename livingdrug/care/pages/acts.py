"""What a page does: it records events through the store, and tells the visitor how that went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livingdrug.care import store
from livingdrug.care.pages.page import Here, source
from livingdrug.errors import Complaint
from livingdrug.journey.events import CellsCollected, Event, Identifier, MismatchFound
from livingdrug.journey.record import Reason, Refused
from livingdrug.journey.rules.words import has_cells
from livingdrug.journey.state import Journey

__all__ = ["STOPS", "Outcome", "perform", "record_mismatch"]

STOPS = ("COI-004", "COI-006", "COI-007", "COI-008", "INF-006", "INF-007")
"""Rules whose refusal means that the cells may be somebody else's: a full stop, which is recorded and alarms."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act went: done, or the rules against it, or complaints about what was typed, or a sentence about a conflict."""

    done: bool
    version: int = 0
    reasons: tuple[Reason, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    conflict: str = ""
    stopped: bool = False

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 200 if self.done else 409 if self.conflict else 422


def perform(here: Here, events: Sequence[Event], *, expected: int, key: str = "") -> Outcome:
    """Record events on the page's journey, all or none; `expected` is the version that the visitor had before them.

    Where a scan does not agree, the mismatch itself is recorded, so that the cells stand still until quality has decided.
    """
    made = store.append(
        here.journey.id, events, expected, here.visitor.account, key=key or None, now=here.now, source=source(here.request)
    )
    if isinstance(made, store.Appended):
        return Outcome(True, made.version)
    if isinstance(made, store.Conflict):
        return Outcome(False, conflict=str(made))
    stopped = record_mismatch(here, made)
    return Outcome(False, reasons=made.reasons, stopped=stopped)


def record_mismatch(here: Here, refused: Refused) -> bool:
    """Record that what was read did not agree, where that is why an act was refused; whether it is on record.

    A field that was left empty is no mismatch: nothing was read. An act of somebody else meanwhile does not keep it away.
    """
    if not any(each.rule in STOPS for each in refused.reasons):
        return False
    event = refused.event
    for _ in range(ATTEMPTS):
        standing = store.latest(here.journey.id)
        read = _disagreeing(event, standing.state)
        if read is None:
            return False
        expected, scanned = read
        found = MismatchFound(
            at=here.now,
            by=here.visitor.person,
            item=_item(event),
            expected=expected,
            scanned=scanned[:200],
            device=str(getattr(event, "device", "")),
        )
        made = store.append(
            standing.id, [found], standing.version, here.visitor.account, now=here.now, source=source(here.request)
        )
        if not isinstance(made, store.Conflict):
            return isinstance(made, store.Appended)
    return False


ATTEMPTS = 5


def _disagreeing(event: Event, journey: Journey) -> tuple[str, str] | None:
    """What was expected and what was read instead: the chain, an identifier, or cells of somebody else; None: nothing was."""
    chain = str(getattr(event, "chain", journey.chain))
    if chain and chain != journey.chain:
        return journey.chain, chain
    second = getattr(event, "second", None) or getattr(event, "patient", None)
    if isinstance(second, Identifier) and second.value and second not in journey.identifiers:
        return f"{second.kind} of the patient", f"{second.kind} {second.value}"
    item = _item(event)
    if isinstance(event, CellsCollected):
        return None  # its number is new
    return None if item == CELLS or has_cells(journey, item) else ("cells of this journey", item)


CELLS = "cells"


def _item(event: Event) -> str:
    """What was scanned: an item, a product, a collection, or cells."""
    return str(next((value for name in ("item", "product", "collection") if (value := getattr(event, name, ""))), CELLS))
