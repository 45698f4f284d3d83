"""The way into the store: `append` puts events behind a journey's last one, `start` makes a journey of a referral.

What comes back says what happened. `Appended`: the events are on the disk, and stay. `Refused`: a rule is against one of
them. `Conflict`: somebody was faster, an identifier or a time belongs to another journey, or a key was used twice. Unless it
is `Appended`, nothing was written; several events are kept together or not at all.

The rules judge before the store is locked, on the journey at the version that the caller names. If the journey has moved
meanwhile, the version no longer fits and the verdict is thrown away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.db import IntegrityError, connection

from livingdrug.care import access, board, chain, claims, clock, definitions, models, outcomes, projections, states
from livingdrug.care.log import COLUMNS
from livingdrug.care.statements import Statement, run, statement
from livingdrug.care.transactions import ACCESS, LOG, tried_again, writing
from livingdrug.errors import BadInput, Complaints
from livingdrug.journey.codec import canonical
from livingdrug.journey.events import Event, PatientReferred
from livingdrug.journey.state import Journey

if TYPE_CHECKING:
    from livingdrug.journey.record import Refused

__all__ = ["Appended", "Conflict", "Door", "append", "start"]

Row = dict[str, Any]
"""One row of the log, by the names of its columns."""

Door = Callable[..., "Journey | Refused"]
"""`record`, or what a test puts in its place."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The events are kept: the journey's new version, their positions in the log, and the hash of the last.

    `repeated`: the same request with the same key was answered before, and this is that answer.
    """

    journey: str
    version: int
    positions: tuple[int, ...]
    head: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: `kind` says what stood against it, `says` is the sentence, `version` the journey's own."""

    kind: Literal["version", "claim", "key"]
    says: str
    version: int

    def __str__(self) -> str:
        return self.says


def start(
    event: PatientReferred,
    account: str,
    *,
    network: str | None = None,
    journey: str | None = None,
    key: str | None = None,
    now: datetime | None = None,
    door: Door | None = None,
    source: access.Source = access.HERE,
) -> Appended | Refused | Conflict:
    """Make a journey of a referral. The therapy is pinned as it is defined now.

    Raises `UnknownName` for a therapy or network that is not defined. `journey` is its token, made here if there is none.
    """
    definition = tried_again(partial(definitions.current, "therapy", event.therapy))
    named = network or settings.LIVINGDRUG_NETWORK
    tried_again(partial(definitions.current, "network", named))
    request = _request("", [event], 0, account, key, now, source)
    if answer := _answered(request, 0):
        return answer
    before = states.Standing(journey or secrets.token_hex(8), definition, named, states.NEW, chain.NOTHING)
    return _append(before, [event], request, door)


def append(
    journey: str,
    events: Sequence[Event],
    expected_version: int,
    account: str,
    *,
    key: str | None = None,
    now: datetime | None = None,
    door: Door | None = None,
    source: access.Source = access.HERE,
) -> Appended | Refused | Conflict:
    """Add events to a journey that is at `expected_version`; all of them or none.

    `account` is who sends them; `now` is the clock, this machine's if not given. Raises `UnknownName` for a journey that is
    not there, and `StoreError` when the database cannot write.
    """
    if not events:
        raise BadInput.at("events", "there are none; send one at least")
    request = _request(journey, events, expected_version, account, key, now, source)
    before = tried_again(partial(states.at_version, journey, expected_version))
    if before.version != expected_version:
        return _moved(request, before.version, expected_version)
    return _append(before, events, request, door)


# Before the lock --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Request:
    """Who asks and when; `digest` is what was asked, for the key, if there is one."""

    account: str
    key: str | None
    now: datetime
    source: access.Source
    digest: str


def _request(
    asked: str,
    events: Sequence[Event],
    version: int,
    account: str,
    key: str | None,
    now: datetime | None,
    source: access.Source,
) -> _Request:
    digest = outcomes.request_digest(asked, events, version) if key else ""
    return _Request(account, key, now or clock.now(), source, digest)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that is written, but for positions, which the lock gives."""

    before: states.Standing
    after: states.Standing
    rows: list[Row]
    taken: list[claims.Changes]
    made: projections.Projected
    request: _Request


def _append(
    before: states.Standing, events: Sequence[Event], request: _Request, door: Door | None
) -> Appended | Refused | Conflict:
    network = tried_again(partial(definitions.current, "network", before.network))
    steps = _judged(before, events, network, request.now, door)
    if not isinstance(steps, list):
        return _refused(before, steps, request)
    prepared = _prepared(before, steps, network, request)
    kept = tried_again(partial(_kept, prepared))
    if isinstance(kept, Appended):
        states.keep(prepared.after)
    else:
        states.forget(before.id)
    return kept


def _judged(
    before: states.Standing, events: Sequence[Event], network: str, now: datetime, door: Door | None
) -> list[Journey] | Refused:
    """The states after each event, each judged on the one before."""
    if door is None:
        from livingdrug.journey.record import record as door
    therapy, where, steps = before.therapy, definitions.network(network), [before.state]
    for event in events:
        judged = door(therapy, where, steps[-1], event, now=now)
        if not isinstance(judged, Journey):
            return judged
        steps.append(judged)
    return steps


def _refused(before: states.Standing, refused: Refused, request: _Request) -> Appended | Refused | Conflict:
    """A refusal counts where the journey is still as it was judged; it is in the trail too, with the numbers of the rules."""
    if before.version and (version := tried_again(partial(states.latest, before.id)).version) != before.version:
        return _moved(request, version, before.version)
    numbers = ", ".join(reason.rule for reason in refused.reasons)
    patient = before.state.patient or str(getattr(refused.event, "patient", ""))
    access.audit(
        request.account,
        "U",
        refused.event.name,
        journey=before.id if before.version else "",
        patient=patient,
        outcome=f"refused {numbers}",
        source=request.source,
    )
    return refused


def _prepared(before: states.Standing, steps: list[Journey], network: str, request: _Request) -> _Prepared:
    after = steps[-1]
    fresh = after.history[before.version :]
    rows: list[Row] = []
    previous, rules = before.head, definitions.rules()
    for version, event in enumerate(fresh, before.version + 1):
        row: Row = {
            "journey": before.id,
            "version": version,
            "name": event.name,
            "at": clock.stamp(event.at),
            "recorded": clock.stamp(request.now),
            "by": event.by,
            "account": request.account,
            "content": canonical(event),
            "therapy": before.definition,
            "network": network,
            "rules": rules,
            "key": request.key or "",
            "previous": previous,
        }
        row["hash"] = previous = chain.linked(previous, chain.body(row))
        rows.append(row)
    standing = states.Standing(before.id, before.definition, before.network, after, previous)
    made = projections.projected(before.therapy, after, before.version)
    taken = [claims.changes(one, other) for one, other in pairwise(steps)]
    _fit(rows, taken, made.board, after)
    return _Prepared(before, standing, rows, taken, made, request)


def _fit(rows: list[Row], taken: list[claims.Changes], head: dict[str, Any], after: Journey) -> None:
    """Identifiers are short: what no column holds is refused here, not by one kind of database and taken by another."""
    found = Complaints()
    identifiers = [value for each in taken for _, value in each.taken]
    slots = [text for each in taken for slot in each.slots for text in (slot.slot, slot.resource)]
    milestones = [(milestone, 100) for milestone in after.settled]
    for value, limit in [
        *((each, 200) for each in (*identifiers, *slots, rows[0]["account"], rows[0]["key"], *(row["by"] for row in rows))),
        *((each, 100) for each in (after.patient, after.therapy, head["center"], head["site"])),
        *milestones,
    ]:
        if len(value) > limit:
            found.add("", f"{value[:20]!r}… has {len(value)} characters; the store takes {limit} at most, so shorten it")
    found.raise_any()


# Under the lock ---------------------------------------------------------------------------------------------------------


class _Undone(Exception):
    """Leaves the transaction without a trace; carries the answer."""

    def __init__(self, answer: Appended | Conflict) -> None:
        super().__init__(str(answer))
        self.answer = answer


def _kept(prepared: _Prepared) -> Appended | Conflict:
    try:
        with writing(LOG, ACCESS):
            return _written(prepared)
    except _Undone as undone:
        return undone.answer
    except IntegrityError as error:
        # What was looked up before did not show it; the database itself refused.
        return _against(prepared, error)


def _written(prepared: _Prepared) -> Appended:
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


def _take(prepared: _Prepared) -> None:
    for row, taken in zip(prepared.rows, prepared.taken, strict=True):
        if says := claims.take(prepared.before.id, taken, row["position"], row["recorded"]):
            raise _Undone(Conflict("claim", says, prepared.before.version))


End = tuple[int, str]


def _ends(prepared: _Prepared) -> tuple[End, End]:
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
    raise _Undone(_moved(request, version, before.version))


def _head(before: states.Standing, after: states.Standing, made: projections.Projected) -> Statement:
    values = [after.version, after.head, *(made.board[name] for name in board.COLUMNS), before.id]
    if before.version:
        return statement("grown", [*values, before.version])
    return statement("begun", [*values, after.state.patient, after.state.therapy, before.definition, before.network])


def _answered(request: _Request, version: int) -> Appended | Conflict | None:
    """What a request with this key was answered; a conflict if it was another request."""
    if not request.key:
        return None
    found = outcomes.answered(request.account, request.key, request.digest)
    if found is None or isinstance(found, str):
        return Conflict("key", found, version) if found else None
    return Appended(found["journey"], found["version"], tuple(found["positions"]), found["head"], repeated=True)


def _moved(request: _Request, version: int, expected: int) -> Appended | Conflict:
    """The journey is elsewhere. The first time, a request moves it by itself; sent again, it gets the answer it got."""
    says = f"the journey is at version {version}, not {expected}: somebody recorded something; read it again"
    return _answered(request, version) or Conflict("version", says, version)


def _against(prepared: _Prepared, error: IntegrityError) -> Appended | Conflict:
    says, version = f"the store refused it: {error}".partition("\n")[0], prepared.before.version
    return _answered(prepared.request, version) or Conflict("claim", says, version)
