"""What the API tells of journeys, as schemas of its answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

__all__ = [
    "Appended",
    "Board",
    "Condition",
    "Day",
    "DueOut",
    "Gate",
    "JourneyOut",
    "Possible",
    "Reason",
    "Recorded",
    "Release",
    "Row",
    "Test",
]


class Row(Schema):
    """A journey on the board, as far as its reader may know how the patient is; `blocked` says what stops it."""

    id: str
    patient: str
    therapy: str
    network: str
    version: int
    stage: str
    center: str
    site: str
    last_at: str
    due: str
    due_at: str
    held: bool
    severe: bool
    blocked: list[str]


class Board(Schema):
    """One page of the board; `next` is the cursor of the next page, null on the last."""

    journeys: list[Row]
    next: str | None


class Appended(Schema):
    """What was recorded: the journey's version now, and the positions in the log."""

    journey: str
    version: int
    positions: list[int]
    head: str


class JourneyOut(Schema):
    """Where a journey stands, as far as its reader may know how the patient is."""

    id: str
    patient: str
    therapy: str
    definition: str
    network: str
    version: int
    head: str
    stage: str
    center: str
    site: str
    chain: str
    order: str
    payer: str
    consents: list[str]
    held: list[str]
    infused: datetime | None
    died: datetime | None
    ended: str


class Recorded(Schema):
    """An event with its place; `content` is the event as it was recorded."""

    position: int
    version: int
    name: str
    at: str
    recorded: str
    by: str
    account: str
    hash: str
    content: dict[str, Any]


class Reason(Schema):
    """A rule against an act."""

    rule: str
    says: str
    waivers: list[str]


class Possible(Schema):
    """An act, and what speaks against it now; nothing: it is possible."""

    act: str
    title: str
    reasons: list[Reason]


class Condition(Schema):
    """A condition of the gate with its evidence."""

    rule: str
    title: str
    met: bool
    says: str


class Gate(Schema):
    """The infusion gate for what was scanned."""

    open: bool
    conditions: list[Condition]


class Day(Schema):
    """Grades of one day after infusion; `overrides` holds what a clinician graded otherwise."""

    day: int
    astct: int | None
    penn: int | None
    lee: int | None
    icans: int | None
    overrides: dict[str, int]


class Test(Schema):
    """A release test: its limits here, the result that counts, and whether it is inside; null: no result."""

    test: str
    unit: str
    minimum: float | None
    maximum: float | None
    result: float | None
    inside: bool | None


class Release(Schema):
    """A product against its specification."""

    product: str
    release: str
    rejected: bool
    missing: list[str]
    outside: list[str]
    tests: list[Test]


class DueOut(Schema):
    """What the contract says, in minor units; `waiting` says what evidence is missing."""

    billed: int
    waived: int
    currency: str
    evidence: list[int]
    waiting: str
    settled: bool
