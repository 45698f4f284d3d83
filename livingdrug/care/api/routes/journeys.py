"""Journeys: the board, one journey, its events, what may happen next, the gate, grades, release and what is due."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Header, Query, Router, Schema
from ninja.errors import HttpError

from livingdrug.care import clock, definitions, store
from livingdrug.care.accounts.permissions import may_open, may_record, sees_clinical, sees_event
from livingdrug.care.accounts.scope import scope
from livingdrug.care.api import bodies, versions
from livingdrug.care.api.gatekeeper import caller, read, seen, source
from livingdrug.care.api.problems import ANSWERS, of_conflict, of_refusal
from livingdrug.care.api.tokens import Caller
from livingdrug.care.board import STAGES
from livingdrug.care.states import Standing
from livingdrug.errors import BadInput, Complaints
from livingdrug.journey import codec, grades, limits
from livingdrug.journey.allowed import allowed
from livingdrug.journey.events import Event, GatePassed, PatientReferred
from livingdrug.journey.gate import gate
from livingdrug.journey.record import Refused
from livingdrug.journey.rules.payment import due
from livingdrug.journey.state import Product
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["router"]

router = Router(tags=["journeys"])
MANY = 200
IfMatch = Annotated[
    str | None, Header(None, alias="If-Match", description="The ETag of the journey that you have seen; required.")
]
Key = Annotated[str | None, Header(None, alias="Idempotency-Key", description="A key of the request's own; required.")]
Id = Annotated[str, Field(max_length=64)]


class Row(Schema):
    """A journey on the board; `blocked` and `severe` are empty for those who do not see how patients are."""

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
    blocked: str


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
    """Where a journey stands."""

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


# Reading ----------------------------------------------------------------------------------------------------------------


@router.get("/journeys", response={200: Board, **ANSWERS}, summary="The board")
def board(
    request: HttpRequest,
    stage: Annotated[str | None, Query(None, description=f"One of: {', '.join(STAGES)}.")],
    center: Annotated[str | None, Query(None, max_length=100)],
    site: Annotated[str | None, Query(None, max_length=100)],
    therapy: Annotated[str | None, Query(None, max_length=100)],
    held: bool | None = None,
    late: bool | None = None,
    limit: Annotated[int, Query(50, ge=1, le=MANY)] = 50,
    after: Annotated[str | None, Query(None, max_length=200, description="The cursor of the page before.")] = None,
) -> dict[str, Any]:
    """Journeys that are the caller's to see, latest first; of late ones, longest due first."""
    who = _of_staff(request)
    clinical = sees_clinical(who.visitor)
    filters = store.Filters(stage, center, site, therapy, held=held if clinical else None, late=late)
    found = store.board(filters, limit, after, within=scope(who.visitor))
    read(request, who, "board")
    return {"journeys": [_row(each, clinical) for each in found.rows], "next": found.next}


def _row(row: Any, clinical: bool) -> dict[str, Any]:
    made = {name: getattr(row, name) for name in Row.model_fields}
    return made if clinical else made | {"held": False, "severe": False, "blocked": "[]"}


@router.get("/journeys/{id}", response={200: JourneyOut, **ANSWERS}, summary="Where a journey stands")
def journey(request: HttpRequest, response: HttpResponse, id: Id) -> dict[str, Any]:
    """The state of a journey, with its ETag, which a write sends back as If-Match."""
    who = _of_staff(request)
    standing = seen(request, who, id)
    read(request, who, "journey", standing)
    versions.tagged(response, standing.version, standing.head)
    return _journey(standing, sees_clinical(who.visitor))


def _journey(standing: Standing, clinical: bool) -> dict[str, Any]:
    state = standing.state
    from livingdrug.care.board import columns

    shown = columns(standing.therapy, state)
    held = [str(place) for place in sorted(state.mismatches)] + [each.deviation for each in state.deviations if each.holds]
    return {
        "id": standing.id, "patient": state.patient, "therapy": state.therapy, "definition": standing.definition,
        "network": standing.network, "version": standing.version, "head": standing.head, "stage": shown["stage"],
        "center": state.center, "site": state.site, "chain": state.chain, "order": state.order, "payer": state.payer,
        "consents": sorted(state.consents), "held": held, "infused": state.infusion.at if state.infusion else None,
        "died": state.died if clinical else None, "ended": state.ended,
    }  # fmt: skip


@router.get("/journeys/{id}/events", response={200: list[Recorded], **ANSWERS}, summary="The events of a journey")
def events(
    request: HttpRequest, id: Id, after: Annotated[int, Query(0, ge=0, le=10**9, description="A version.")] = 0
) -> list[dict[str, Any]]:
    """Every event after a version that is for the caller's eyes, oldest first."""
    who = _of_staff(request)
    standing = seen(request, who, id)
    read(request, who, "events", standing)
    rows = store.rows(standing.id, after)
    history = standing.state.history
    mine = [row for row in rows if row["version"] <= len(history)]
    return [_recorded(row) for row in mine if sees_event(who.visitor, standing.state, history[row["version"] - 1])]


def _recorded(row: dict[str, Any]) -> dict[str, Any]:
    import json

    return {name: row[name] for name in Recorded.model_fields if name != "content"} | {"content": json.loads(row["content"])}


@router.get("/journeys/{id}/allowed", response={200: list[Possible], **ANSWERS}, summary="What may happen next")
def next_acts(request: HttpRequest, id: Id) -> list[dict[str, Any]]:
    """Every act, with the rules against it as far as they are known before its details are, for the person of the token."""
    who = _of_staff(request)
    standing = seen(request, who, id)
    read(request, who, "allowed", standing)
    now = clock.now()
    listed = allowed(standing.therapy, _network(standing), standing.state, now, who.visitor.person, now=now)
    return [
        {"act": each.act, "title": each.title, "reasons": [_reason(reason) for reason in each.reasons]}
        for each in listed
        if sees_clinical(who.visitor) or may_record(who.visitor, standing.state, each.act)
    ]


def _reason(reason: Any) -> dict[str, Any]:
    return {"rule": reason.rule, "says": reason.says, "waivers": list(reason.waivers)}


@router.get("/journeys/{id}/grades", response={200: list[Day], **ANSWERS}, summary="Toxicity, day by day")
def graded(request: HttpRequest, id: Id) -> list[dict[str, Any]]:
    """CRS under three scales and ICANS for every charted day, computed from what was observed."""
    who = _clinical(request)
    standing = seen(request, who, id)
    read(request, who, "grades", standing)
    return [
        {"day": each.day, "astct": each.astct, "penn": each.penn, "lee": each.lee, "icans": each.icans,
         "overrides": {one.scale: one.grade for one in each.overrides}}
        for each in grades.crs(standing.state)
    ]  # fmt: skip


@router.get("/journeys/{id}/release", response={200: list[Release], **ANSWERS}, summary="Products against their specification")
def releases(request: HttpRequest, id: Id) -> list[dict[str, Any]]:
    """Every product with its tests: limits at the treating center, the result that counts, what is missing or outside."""
    who = _of_staff(request)
    if not may_open(who.visitor, "release"):
        raise HttpError(403, "release is not open to the roles of this token's account")
    standing = seen(request, who, id)
    read(request, who, "release", standing)
    return [_release(standing, each) for each in standing.state.products]


def _release(standing: Standing, product: Product) -> dict[str, Any]:
    center = ask.center(_network(standing), standing.state.center)
    where, found = center.jurisdiction if center else "", limits.latest(product)
    tests = [
        {"test": test, "unit": each.unit, "minimum": each.minimum, "maximum": each.maximum,
         "result": found[test].value if test in found else None,
         "inside": each.inside(found[test].value) if test in found else None}
        for test, each in limits.limits_of(standing.therapy, where, standing.state).items()
    ]  # fmt: skip
    missing = list(limits.untested(standing.therapy, product))
    outside = list(limits.missed(standing.therapy, where, standing.state, product))
    about = {"product": product.product, "release": product.release, "rejected": bool(product.rejected)}
    return about | {"missing": missing, "outside": outside, "tests": tests}


@router.get("/journeys/{id}/due", response={200: DueOut, **ANSWERS}, summary="What the contract says")
def owed(request: HttpRequest, id: Id) -> dict[str, Any]:
    """What is billed and waived, the evidence it rests on, and what evidence is missing."""
    who = caller(request, "read")
    if not may_open(who.visitor, "ledger"):
        raise HttpError(403, "money is not open to the roles of this token's account")
    standing = seen(request, who, id)
    read(request, who, "due", standing)
    found = due(standing.therapy, standing.state)
    about = {"billed": found.billed, "waived": found.waived, "currency": standing.therapy.currency}
    return about | {"evidence": list(found.evidence), "waiting": found.waiting, "settled": bool(standing.state.settled)}


@router.post(
    "/journeys/{id}/gate",
    response={200: Gate, **ANSWERS},
    summary="The infusion gate for what was scanned",
    openapi_extra=bodies.request_body(
        bodies.gate_schema(),
        {"product": "P-1", "chain": "CHA999918000001", "second": {"kind": "record number", "value": "MRN-1"}, "weight": 30.0,
         "cells": 1.2e8, "device": "scanner-1"},
    ),
)  # fmt: skip
def at_the_gate(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Every condition with its verdict and evidence. Nothing is recorded; what was not scanned is not met."""
    who = _clinical(request)
    standing = seen(request, who, id)
    read(request, who, "gate", standing)
    event, now = _scanned(bodies.body(request), who), clock.now()
    looked = gate(standing.therapy, _network(standing), standing.state, event, now=now)
    conditions = [{"rule": each.rule, "title": each.title, "met": each.met, "says": each.says} for each in looked]
    return {"open": all(each.met for each in looked), "conditions": conditions}


def _scanned(content: dict[str, Any], who: Caller) -> GatePassed:
    """A passing of the gate now, with nothing where nothing was scanned."""
    nothing = {"product": "", "chain": "", "second": {"kind": "", "value": ""}, "weight": 0.0, "cells": 0.0, "device": ""}
    head = {"event": GatePassed.name, "at": clock.now().isoformat(), "by": who.visitor.person}
    made = codec.decode(nothing | {key: value for key, value in content.items() if key not in head} | head)
    assert isinstance(made, GatePassed), "the event is named above"
    return made


# Writing ----------------------------------------------------------------------------------------------------------------


@router.post(
    "/journeys",
    response={201: Appended, **ANSWERS},
    summary="Refer a patient: a journey begins",
    openapi_extra=bodies.request_body(bodies.event_schemas()[PatientReferred.name], bodies.REFERRAL),
)
def refer(request: HttpRequest, key: Key) -> HttpResponse:
    """The body is a `referred` event; `by` is the person of the token where it is left out, and no other."""
    who = caller(request, "act")
    kept = versions.key(request)
    event = _by_the_caller(bodies.decoded(bodies.body(request), "", who.visitor.person), who, "")
    if not isinstance(event, PatientReferred):
        raise BadInput.at("event", f"is {event.name!r}; a journey begins with 'referred'")
    if event.center != who.visitor.place or not may_open(who.visitor, "refer"):
        raise HttpError(403, f"{who.visitor.person or 'an office'} does not refer for {event.center}; its own staff does")
    made = store.start(event, who.account, key=kept, now=clock.now(), source=source(request))
    return _written(made, 201)


@router.post(
    "/journeys/{id}/events",
    response={200: Appended, **ANSWERS},
    summary="Record what happened",
    openapi_extra=bodies.request_body(bodies.acts_schema(), bodies.ACTS),
)
def record_events(request: HttpRequest, id: Id, seen_version: IfMatch, key: Key) -> HttpResponse:
    """The body is `{"events": [...]}`: one or several, recorded all or none, in their order.

    An act that rules refuse is answered with 422 and their numbers; another's act meanwhile with 412; an identifier or a place
    that another journey has with 409.
    """
    who = caller(request, "act")
    standing = seen(request, who, id)
    kept, version = versions.key(request), versions.expected(request, standing)
    wanted = _events(bodies.body(request), who)
    for event in wanted:
        if not may_record(who.visitor, standing.state, event.name):
            raise HttpError(403, f"{event.name!r} is not recorded here by the roles of this token's account")
    made = store.append(standing.id, wanted, version, who.account, key=kept, now=clock.now(), source=source(request))
    return _written(made, 200)


def _events(content: dict[str, Any], who: Caller) -> list[Event]:
    """The events of a body. Raises `BadInput` with every complaint."""
    listed, found = content.get("events"), Complaints()
    if set(content) != {"events"} or not isinstance(listed, list) or not 1 <= len(listed) <= MANY:
        raise BadInput.at("events", f'is not a list of 1 to {MANY} events; send {{"events": [...]}}')
    made: list[Event] = []
    for place, each in enumerate(listed):
        try:
            made.append(_by_the_caller(bodies.decoded(each, f"events.{place}", who.visitor.person), who, f"events.{place}"))
        except BadInput as error:
            found.found += error.complaints
    found.raise_any()
    return made


def _by_the_caller(event: Event, who: Caller, where: str) -> Event:
    if event.by != who.visitor.person:
        mine = who.visitor.person or "nobody of a network"
        raise BadInput.at(f"{where}.by".lstrip("."), f"is {event.by!r}, and the token speaks for {mine}; leave it out")
    return event


def _written(made: Any, status: int) -> HttpResponse:
    if isinstance(made, Refused):
        return of_refusal(made)
    if isinstance(made, store.Conflict):
        return of_conflict(made)
    about = {"journey": made.journey, "version": made.version, "positions": list(made.positions), "head": made.head}
    answer = versions.tagged(JsonResponse(about, status=status), made.version, made.head)
    if made.repeated:
        answer["Idempotent-Replay"] = "true"
    return answer


# Who --------------------------------------------------------------------------------------------------------------------


def _of_staff(request: HttpRequest) -> Caller:
    """A caller that reads journeys: payers see money and evidence only, elsewhere."""
    who = caller(request, "read")
    if not may_open(who.visitor, "board"):
        raise HttpError(403, "journeys are not open to the roles of this token's account")
    return who


def _clinical(request: HttpRequest) -> Caller:
    who = _of_staff(request)
    if not sees_clinical(who.visitor):
        raise HttpError(403, "how patients are is not open to the roles of this token's account")
    return who


def _network(standing: Standing) -> Network:
    return definitions.network(definitions.current("network", standing.network))
