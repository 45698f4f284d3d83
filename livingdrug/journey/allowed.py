"""What may happen next: every act, and for those that may not happen now the rules against it, told from the state alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livingdrug.journey.events import BY_NAME, Event, PatientReferred, TherapyOrdered
from livingdrug.journey.record import Reason
from livingdrug.journey.rules.library import RULES, act_of, objections
from livingdrug.journey.state import Journey
from livingdrug.network import ask
from livingdrug.network.schema import Network
from livingdrug.therapy.schema import Therapy

__all__ = ["Possible", "allowed", "title"]


@dataclass(frozen=True, slots=True)
class Possible:
    """One act by its stored name, with what it means; `reasons` is empty when nothing known in advance speaks against it."""

    act: str
    title: str
    reasons: tuple[Reason, ...]


def allowed(
    therapy: Therapy, network: Network, journey: Journey, at: datetime, by: str, *, now: datetime | None = None
) -> tuple[Possible, ...]:
    """Every act, as it would be judged if `by` did it at `at`, by the rules that need no details of it.

    An act without reasons can still be refused for its details (a wrong label, a dose out of range); one with reasons is
    refused whatever its details are.
    """
    return tuple(_judged(therapy, network, journey, kind, at, by, now) for kind in BY_NAME.values())


def _judged(
    therapy: Therapy, network: Network, journey: Journey, kind: type[Event], at: datetime, by: str, now: datetime | None
) -> Possible:
    center = journey.center or ask.works_at(network, by) or ""
    found = objections(act_of(therapy, network, journey, _outline(kind, at, by, center), now), early=True)
    waived = {number for number, name in journey.overrides if name == kind.name}
    reasons = tuple(Reason(number, says, RULES[number].waivers) for number, says in found.items() if number not in waived)
    return Possible(kind.name, title(kind), reasons)


def _outline(kind: type[Event], at: datetime, by: str, center: str) -> Event:
    """An event that has happened to nobody yet: only time, person and place are filled in."""
    outline: Any = object.__new__(kind)
    filled = {"at": at, "by": by} | ({"center": center} if kind in (PatientReferred, TherapyOrdered) else {})
    for name, value in filled.items():
        object.__setattr__(outline, name, value)
    return outline


def title(kind: type[Event]) -> str:
    """The first sentence of what an event is, as pages and lists show it."""
    return " ".join((kind.__doc__ or "").split()).partition(". ")[0].rstrip(".")
