"""The transaction in which events are kept: whatever was prepared is written whole, or not at all.

Nothing slow happens here, because everybody else who writes waits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, connection

from livingdrug.care import access, board, chain, claims, models, outcomes, projections, states
from livingdrug.care.answers import Appended, Conflict, Request, answered, moved
from livingdrug.care.log import COLUMNS
from livingdrug.care.statements import Statement, run, statement
from livingdrug.care.transactions import ACCESS, LOG, writing

__all__ = ["Prepared", "Row", "keep"]

Row = dict[str, Any]
"""One row of the log, by the names of its columns."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is written, but for positions, which the lock gives."""

    before: states.Standing
    after: states.Standing
    rows: list[Row]
    taken: list[claims.Changes]
    made: projections.Projected
    request: Request


class _Undone(Exception):
    """Leaves the transaction without a trace; carries the answer."""

    def __init__(self, answer: Appended | Conflict) -> None:
        super().__init__(str(answer))
        self.answer = answer


def keep(prepared: Prepared) -> Appended | Conflict:
    try:
        with writing(LOG, ACCESS):
            return _written(prepared)
    except _Undone as undone:
        return undone.answer
    except IntegrityError as error:
        # What was looked up before did not show it; the database itself refused.
        return _against(prepared, error)


def _written(prepared: Prepared) -> Appended:
    """Everything in the order in which the guards want it: events, head, claims, what is made of them, answer, trail."""
    before, after, rows, request = prepared.before, prepared.after, prepared.rows, prepared.request
    (position, log_hash), trail = _ends(prepared)
    for row in rows:
        position += 1
        row["position"], row["log_hash"] = position, chain.log_linked(log_hash, position, row["hash"])
        log_hash = row["log_hash"]
    written = [statement("event", [row[name] for name in COLUMNS]) for row in rows]
    written.append(_head(before, after, prepared.made))
    if any(prepared.taken):
        run(*written)
        written = []
        _take(prepared)
    answer = Appended(before.id, after.version, tuple(row["position"] for row in rows), after.head)
    written.append(projections.write(before.id, after.state.therapy, prepared.made))
    if request.key:
        written.append(outcomes.noting(request.account, request.key, request.digest, asdict(answer), rows[0]["recorded"]))
    action, names = "U" if before.version else "C", ", ".join(row["name"] for row in rows)
    about = {"journey": before.id, "patient": after.state.patient, "source": request.source}
    run(*written, access.row_after(trail, request.account, action, names, **about))
    return answer


def _take(prepared: Prepared) -> None:
    for row, taken in zip(prepared.rows, prepared.taken, strict=True):
        if says := claims.take(prepared.before.id, taken, row["position"], row["recorded"]):
            raise _Undone(Conflict("claim", says, prepared.before.version))


End = tuple[int, str]


def _ends(prepared: Prepared) -> tuple[End, End]:
    """Where log and trail end, if the journey is where it was judged; else what happened is the answer."""
    before, after, request = prepared.before, prepared.after, prepared.request
    with connection.cursor() as cursor:
        cursor.execute(*statement("ends", [before.id]))
        version, head, position, log_hash, audited, audit_hash = cursor.fetchone()
    version, head = version or 0, head or chain.NOTHING
    if (version, head) == (before.version, before.head):
        return (position or 0, log_hash or chain.NOTHING), (audited or 0, audit_hash or chain.NOTHING)
    if (version, head) == (after.version, after.head):
        # Our own rows: a connection was lost while they were committed, and this is the second attempt.
        mine = models.Event.objects.filter(journey_id=before.id, version__gt=before.version).order_by("version")
        raise _Undone(Appended(before.id, version, tuple(mine.values_list("position", flat=True)), head))
    raise _Undone(moved(request, version, before.version))


def _head(before: states.Standing, after: states.Standing, made: projections.Projected) -> Statement:
    values = [after.version, after.head, *(made.board[name] for name in board.COLUMNS), before.id]
    if before.version:
        return statement("grown", [*values, before.version])
    return statement("begun", [*values, after.state.patient, after.state.therapy, before.definition, before.network])


def _against(prepared: Prepared, error: IntegrityError) -> Appended | Conflict:
    says, version = f"the store refused it: {error}".partition("\n")[0], prepared.before.version
    return answered(prepared.request, version) or Conflict("claim", says, version)
