"""Make anew what events alone determine: board, ledger, cohort, claims and slots. It needs the rights of the tables' owner.

The same events give the same tables, bit for bit (but for numbers that only count rows). One transaction: readers see the old
tables until the new ones are there.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from livingdrug.care import claims, definitions, guards, projections
from livingdrug.care.models import Claim, CohortRow, Event, Journey, Milestone, Slot
from livingdrug.care.statements import run
from livingdrug.care.transactions import LOG, writing
from livingdrug.journey import state
from livingdrug.journey.codec import decode
from livingdrug.journey.state import evolve

__all__ = ["rebuild"]

CHUNK = 2000
GUARDED = (("care_claim", "care_claim_delete"), ("care_slot", "care_slot_delete"))


@dataclass(frozen=True, slots=True, order=True)
class _Taken:
    """What one event takes and gives back; in the order of the log, because a slot can run out for somebody else."""

    position: int
    journey: str
    recorded: str
    changes: claims.Changes


def rebuild() -> int:
    """Make the tables anew; how many journeys there are."""
    count = 0
    with writing(LOG), guards.lifted(connection, GUARDED):
        for table in (Milestone, CohortRow, Claim, Slot):
            table.objects.all().delete()
        taken: list[_Taken] = []
        with closing(_rows()) as found:
            for journey, rows in groupby(found, key=lambda row: row.journey_id):
                taken += _one(journey, rows)
                count += 1
        for each in sorted(taken):
            says = claims.take(each.journey, each.changes, each.position, each.recorded)
            assert says is None, f"position {each.position} was recorded against a claim: {says}"
    return count


def _rows() -> Generator[Event, None, None]:
    found = Event.objects.order_by("journey_id", "version").only("position", "journey_id", "recorded", "content", "therapy")
    yield from found.iterator(chunk_size=CHUNK)


def _one(journey: str, rows: Iterable[Event]) -> list[_Taken]:
    """Write the projections of one journey; what it takes comes back."""
    taken: list[_Taken] = []
    now, definition = state.Journey(), ""
    for row in rows:
        before, now, definition = now, evolve(decode(json.loads(row.content)), now), row.therapy
        if changes := claims.changes(before, now):
            taken.append(_Taken(row.position, journey, row.recorded, changes))
    made = projections.projected(definitions.therapy(definition), now)
    Journey.objects.filter(id=journey).update(**made.board)
    run(projections.write(journey, now.therapy, made))
    return taken
