"""What the API answers, as frozen data: unknown fields are left out, so that an older client reads a newer service."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from livingdrug.journey import codec
from livingdrug.journey.events import Event

__all__ = [
    "Appended", "Condition", "Day", "Defined", "Due", "Gate", "Journey", "Line", "Logged", "Person", "Possible", "Reason",
    "Recorded", "Release", "Row", "Rule", "Test", "Trail", "made", "tag",
]  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Defined:
    """A therapy or network that the store knows, and the digest of its text."""

    name: str
    title: str
    digest: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a journey."""

    rule: str
    title: str
    why: str
    source: str
    example: str
    judges: tuple[str, ...]
    gate: bool
    waivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """What was recorded; `repeated`: the same request was answered before, and this is that answer."""

    journey: str
    version: int
    positions: tuple[int, ...]
    head: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a journey stands, as far as the token may know how the patient is."""

    id: str
    patient: str
    therapy: str
    network: str
    version: int
    head: str
    stage: str
    center: str
    site: str
    chain: str
    order: str
    payer: str
    consents: tuple[str, ...]
    held: tuple[str, ...]
    infused: datetime | None
    died: datetime | None
    ended: str


@dataclass(frozen=True, slots=True)
class Row:
    """A journey on the board."""

    id: str
    patient: str
    therapy: str
    version: int
    stage: str
    center: str
    site: str
    last_at: str
    due: str
    due_at: str
    held: bool
    severe: bool
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it was recorded; `position` is its place in the log, `version` its place in the journey."""

    position: int
    version: int
    recorded: str
    account: str
    hash: str
    content: Event


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of the whole log."""

    position: int
    journey: str
    version: int
    recorded: str
    account: str
    hash: str
    log_hash: str
    content: Event


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule against an act."""

    rule: str
    says: str
    waivers: tuple[str, ...] = ()
    title: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Possible:
    """An act, and what speaks against it now; nothing: it is possible."""

    act: str
    title: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the gate with its evidence."""

    rule: str
    title: str
    met: bool
    says: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The infusion gate for what was scanned."""

    open: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """Grades of one day after infusion; `overrides` holds what a clinician graded otherwise."""

    day: int
    astct: int | None
    penn: int | None
    lee: int | None
    icans: int | None
    overrides: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Test:
    """A release test: its limits, the result that counts, and whether it is inside."""

    test: str
    unit: str
    minimum: float | None
    maximum: float | None
    result: float | None
    inside: bool | None


@dataclass(frozen=True, slots=True)
class Release:
    """A product against its specification."""

    product: str
    release: str
    rejected: bool
    missing: tuple[str, ...]
    outside: tuple[str, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What the contract says, in minor units; `tag` is what a settlement sends back."""

    billed: int
    waived: int
    currency: str
    evidence: tuple[int, ...]
    waiting: str
    settled: bool
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One settled milestone, in minor units."""

    id: int
    journey: str
    patient: str
    milestone: str
    billed: int
    waived: int
    currency: str
    at: str
    disputed: str


@dataclass(frozen=True, slots=True)
class Trail:
    """A row of the audit trail."""

    position: int
    at: str
    account: str
    action: str
    journey: str
    patient: str
    what: str
    outcome: str
    ip: str
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who a patient is."""

    name: str
    birth_date: date
    contacts: tuple[str, ...] = ()


def tag(of: Appended | Journey) -> str:
    """The entity tag of a journey at a version."""
    return f'"{of.version}-{of.head[:16]}"'


def made(cls: type[T], content: Mapping[str, Any]) -> T:
    """An answer of these JSON values."""
    hints = _hints(cls)
    return cls(**{name: _value(hints[name], content[name]) for name in hints if name in content})


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    of = get_type_hints(cls)
    return {each.name: of[each.name] for each in fields(cls)}


def _value(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _value(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], each) for each in value)
    if kind is Event:
        return codec.decode(cast("dict[str, Any]", value))
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    return made(kind, value) if hasattr(kind, "__dataclass_fields__") else value
