"""What is made of a journey beside its events: its row on the board, in the ledger and in the cohort. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from livingdrug.care import board, chain, clock
from livingdrug.care.models import Milestone
from livingdrug.care.statements import Statement, statement
from livingdrug.cohort.journeys import row as cohort_row
from livingdrug.journey import state
from livingdrug.journey.events import MilestoneDisputed, MilestoneSettled
from livingdrug.journey.state import standing
from livingdrug.therapy.schema import Therapy

__all__ = ["Projected", "projected", "write"]


@dataclass(frozen=True, slots=True)
class Projected:
    """All of it; `ledger` is None when the append did not touch it."""

    board: dict[str, Any]
    ledger: tuple[dict[str, Any], ...] | None
    cohort: str


def projected(therapy: Therapy, journey: state.Journey, since: int = 0) -> Projected:
    """What a journey makes, when its events after `since` are new."""
    touched = not since or journey.corrections > 0 or any(_of_ledger(event) for event in journey.history[since:])
    ledger = tuple(_ledger(journey)) if touched else None
    row = {name: _plain(value) for name, value in cohort_row(therapy, journey).items()}
    return Projected(board.columns(therapy, journey), ledger, chain.spelled(row))


def _of_ledger(event: Any) -> bool:
    return isinstance(event, MilestoneSettled | MilestoneDisputed)


def _ledger(journey: state.Journey) -> Iterator[dict[str, Any]]:
    """One row for each milestone that was settled: the last settlement counts, a dispute after it shows."""
    rows: dict[str, dict[str, Any]] = {}
    for position, event in standing(journey):
        if isinstance(event, MilestoneSettled):
            about = {"billed": event.billed, "waived": event.waived, "currency": event.currency, "disputed": ""}
            rows[event.milestone] = about | {"at": clock.stamp(event.at), "version": position}
        elif isinstance(event, MilestoneDisputed) and event.milestone in rows:
            rows[event.milestone]["disputed"] = event.reason
    yield from ({"milestone": milestone, **row} for milestone, row in rows.items())


def _plain(value: Any) -> Any:
    """A value that JSON has a word for; what is not a number is nothing."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write(journey: str, therapy: str, made: Projected) -> Statement:
    """Write the ledger of a journey, within the transaction that wrote its events; the statement that writes its cohort row
    comes back. The board is in its head."""
    if made.ledger is not None:
        Milestone.objects.filter(journey_id=journey).delete()
        Milestone.objects.bulk_create([Milestone(journey_id=journey, **each) for each in made.ledger])
    return statement("cohort", (journey, therapy, made.cohort))
