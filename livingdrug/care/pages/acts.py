"""What a page does: it records events through the store, and tells the visitor how that went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livingdrug.care import store
from livingdrug.care.pages.page import Here, source
from livingdrug.errors import Complaint
from livingdrug.journey.events import Event, MismatchFound
from livingdrug.journey.record import Reason, Refused

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
    """Record that a scan did not agree, where that is why an act was refused."""
    if not any(each.rule in STOPS for each in refused.reasons):
        return False
    event, standing = refused.event, store.latest(here.journey.id)
    read = getattr(event, "chain", "") or getattr(event, "second", "")
    found = MismatchFound(
        at=here.now,
        by=here.visitor.person,
        item=str(getattr(event, "item", "") or getattr(event, "product", "") or getattr(event, "collection", "") or "cells"),
        expected=standing.state.chain,
        scanned=str(read)[:200],
        device=str(getattr(event, "device", "")),
    )
    made = store.append(standing.id, [found], standing.version, here.visitor.account, now=here.now, source=source(here.request))
    return isinstance(made, store.Appended)
