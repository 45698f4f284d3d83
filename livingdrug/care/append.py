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
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.conf import settings

from livingdrug.care import access, answers, chain, claims, clock, definitions, projections, states
from livingdrug.care.answers import Appended, Conflict, Request, answered, moved
from livingdrug.care.keep import Prepared, Row, keep
from livingdrug.care.transactions import tried_again
from livingdrug.errors import BadInput, Complaints
from livingdrug.journey.codec import canonical
from livingdrug.journey.events import Event, PatientReferred
from livingdrug.journey.state import Journey

if TYPE_CHECKING:
    from livingdrug.journey.record import Refused

__all__ = ["Appended", "Conflict", "Door", "append", "prepare", "start"]

Door = Callable[..., "Journey | Refused"]
"""`record`, or what a test puts in its place."""


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
    request = answers.request("", [event], 0, account, key, now, source)
    if answer := tried_again(partial(answered, request, 0)):
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
    request = answers.request(journey, events, expected_version, account, key, now, source)
    before = tried_again(partial(states.at_version, journey, expected_version))
    if before.version != expected_version:
        return tried_again(partial(moved, request, before.version, expected_version))
    return _append(before, events, request, door)


# Before the store is locked ---------------------------------------------------------------------------------------------


def _append(
    before: states.Standing, events: Sequence[Event], request: Request, door: Door | None
) -> Appended | Refused | Conflict:
    network = tried_again(partial(definitions.current, "network", before.network))
    tried_again(partial(definitions.network, network))  # kept from here on: a lost connection is no matter below
    steps = _judged(before, events, network, request.now, door)
    if not isinstance(steps, list):
        return _refused(before, steps, request)
    prepared = prepare(before, steps, network, request)
    kept = tried_again(partial(keep, prepared))
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


def _refused(before: states.Standing, refused: Refused, request: Request) -> Appended | Refused | Conflict:
    """A refusal counts where the journey is still as it was judged; it is in the trail too, with the numbers of the rules."""
    if before.version and (version := tried_again(partial(states.latest, before.id)).version) != before.version:
        return tried_again(partial(moved, request, version, before.version))
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


def prepare(before: states.Standing, steps: list[Journey], network: str, request: Request) -> Prepared:
    """All that is written of a journey whose states before and after each new event are `steps`, but for positions."""
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
    return Prepared(before, standing, rows, taken, made, request)


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
