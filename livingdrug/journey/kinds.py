"""What every event is: frozen, in the past tense, with a short stored name; and the list of all of them.

The stored name and its version outlive the class: a log names `infused`, never a Python path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Literal, TypeVar, dataclass_transform

__all__ = ["BY_NAME", "Event", "Kind", "stored"]

Kind = Literal["act", "observation", "record"]
"""An act changes where the patient or the cells are; an observation says what was found; a record speaks of other events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: `at` is when, with its time zone; `by` is the person or system that answers for it."""

    at: datetime
    by: str

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    kind: ClassVar[Kind] = "act"


BY_NAME: dict[str, type[Event]] = {}
"""Every kind of event by its stored name, in the order of a journey."""

AnEvent = TypeVar("AnEvent", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def stored(name: str, kind: Kind = "act", version: int = 1) -> Callable[[type[AnEvent]], type[AnEvent]]:
    """Make a class an event that is stored under `name`: the decorator of every class of `events.py`."""

    def register(cls: type[AnEvent]) -> type[AnEvent]:
        if name in BY_NAME:
            raise ValueError(f"the event {name!r} is there twice; give each its own name")
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        if taken := {"event", "version"} & {each.name for each in fields(made)}:
            raise ValueError(f"{name!r} has a field {taken.pop()!r}, which is how its kind is stored; rename it")
        made.name, made.kind, made.version = name, kind, version
        BY_NAME[name] = made
        return made

    return register
