"""The one door: `record` adds an event to a journey or refuses it with numbered reasons. Care and simulation both pass here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from livingdrug.journey.events import Event
from livingdrug.journey.rules.library import RULES, act_of, objections
from livingdrug.journey.state import Journey, evolve
from livingdrug.network.schema import Network
from livingdrug.therapy.schema import Therapy

__all__ = ["Reason", "Refused", "Replayed", "record", "replay"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule against an act: its number, what it says, and which roles could override it."""

    rule: str
    says: str
    waivers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {self.says}"


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was not recorded, and why; the journey is as it was."""

    event: Event
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.reasons))


def record(
    therapy: Therapy, network: Network, journey: Journey, event: Event, *, now: datetime | None = None
) -> Journey | Refused:
    """The journey after `event`, or `Refused` with every rule against it.

    The rules in force on the day of the act count, in the time zone of the treating center. `now` is the clock of whoever
    records; without it nothing is said about the future. Pure: nothing is stored.
    """
    found = objections(act_of(therapy, network, journey, event, now))
    waived = {number for number, act in journey.overrides if act == event.name}
    reasons = [Reason(number, says, RULES[number].waivers) for number, says in found.items() if number not in waived]
    return Refused(event, tuple(reasons)) if reasons else evolve(event, journey)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A log that was read again: the journey it makes, and for each position that a rule refuses, the refusal."""

    journey: Journey
    refused: dict[int, Refused]


def replay(therapy: Therapy, network: Network, events: Iterable[Event]) -> Replayed:
    """Pass every event of a log through the door again; what is refused is folded all the same, to read the rest."""
    journey, refused = Journey(), dict[int, Refused]()
    for position, event in enumerate(events, 1):
        after = record(therapy, network, journey, event)
        if isinstance(after, Refused):
            refused[position] = after
            after = evolve(event, journey)
        journey = after
    return Replayed(journey, refused)
