"""Journeys as they are read: the board, one journey and its events, what may happen next, gate, grades, release, due."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja.params.functions import Query

from livingdrug.care import clock, definitions, store
from livingdrug.care.accounts.permissions import may_record, sees_clinical, sees_event
from livingdrug.care.api import acts, bodies, masking, versions
from livingdrug.care.api.gatekeeper import caller, clinical, read, seen
from livingdrug.care.api.problems import ANSWERS
from livingdrug.care.api.routes.journeys import Id, router
from livingdrug.care.api.shapes import Board, Day, DueOut, Gate, JourneyOut, Possible, Recorded, Release
from livingdrug.care.api.tokens import Caller
from livingdrug.care.board import STAGES
from livingdrug.care.states import Standing
from livingdrug.care.tokens import private
from livingdrug.journey import codec, grades, limits
from livingdrug.journey.allowed import allowed
from livingdrug.journey.events import GatePassed
from livingdrug.journey.gate import gate
from livingdrug.journey.rules.payment import due
from livingdrug.journey.state import Journey, Product
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["router"]

MANY = 200
Name = Annotated[str | None, Query(None, max_length=100)]
Cursor = Annotated[str | None, Query(None, max_length=200, description="The cursor of the page before.")]


@router.get("/journeys", response={200: Board, **ANSWERS}, summary="The board")
def board(
    request: HttpRequest,
    stage: Annotated[str | None, Query(None, description=f"One of: {', '.join(STAGES)}.")],
    center: Name,
    site: Name,
    therapy: Name,
    held: bool | None = None,
    late: bool | None = None,
    limit: Annotated[int, Query(50, ge=1, le=MANY)] = 50,
    after: Cursor = None,
) -> dict[str, Any]:
    """Journeys that are the caller's to see, latest first; of late ones, longest due first."""
    who, now = caller(request, "read", "board"), clock.now()
    places = store.Filters(center=center, site=site, therapy=therapy)
    filters, within = masking.asked(who.visitor, places, stage=stage, held=held, late=late, now=now)
    found = store.board(filters, limit, after, now, within)
    read(request, who, "board")
    return {"journeys": [masking.row(who.visitor, each) for each in found.rows], "next": found.next}


@router.get("/journeys/{id}", response={200: JourneyOut, **ANSWERS}, summary="Where a journey stands")
def journey(request: HttpRequest, response: HttpResponse, id: Id) -> dict[str, Any]:
    """The state of a journey, with its ETag, which a write sends back as If-Match."""
    who = caller(request, "read", "board")
    standing = seen(request, who, id)
    read(request, who, "journey", standing)
    versions.tagged(response, standing.version, standing.head)
    return masking.journey(who.visitor, standing)


@router.get("/journeys/{id}/events", response={200: list[Recorded], **ANSWERS}, summary="The events of a journey")
def events(
    request: HttpRequest, id: Id, after: Annotated[int, Query(0, ge=0, le=10**9, description="A version.")] = 0
) -> list[dict[str, Any]]:
    """Every event after a version that is for the caller's eyes, oldest first."""
    who = caller(request, "read", "board")
    standing = seen(request, who, id)
    read(request, who, "events", standing)
    rows = store.rows(standing.id, after)
    history = standing.state.history
    mine = [row for row in rows if row["version"] <= len(history)]
    return [_recorded(row) for row in mine if sees_event(who.visitor, standing.state, history[row["version"] - 1])]


def _recorded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in Recorded.model_fields if name != "content"} | {"content": json.loads(row["content"])}


@router.get("/journeys/{id}/allowed", response={200: list[Possible], **ANSWERS}, summary="What may happen next")
def next_acts(request: HttpRequest, id: Id) -> list[dict[str, Any]]:
    """Every act, with the rules against it as far as they are known before its details are, for the person of the token."""
    who = caller(request, "read", "board")
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
    who = clinical(request)
    standing = seen(request, who, id)
    read(request, who, "grades", standing)
    return [
        {"day": each.day, "astct": each.astct, "penn": each.penn, "lee": each.lee, "icans": each.icans,
         "overrides": {one.scale: one.grade for one in each.overridden}}
        for each in grades.crs(standing.state)
    ]  # fmt: skip


@router.get("/journeys/{id}/release", response={200: list[Release], **ANSWERS}, summary="Products against their specification")
def releases(request: HttpRequest, id: Id) -> list[dict[str, Any]]:
    """Every product with its tests: limits at the treating center, the result that counts, what is missing or outside."""
    who = caller(request, "read", "release")
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
def owed(request: HttpRequest, response: HttpResponse, id: Id) -> dict[str, Any]:
    """What is billed and waived, the evidence it rests on, and what is missing; with the ETag that a settlement needs."""
    who = caller(request, "read", "ledger")
    standing = seen(request, who, id)
    read(request, who, "due", standing)
    versions.tagged(response, standing.version, standing.head)
    found = due(standing.therapy, standing.state)
    about = {"billed": found.billed, "waived": found.waived, "currency": standing.therapy.currency}
    return about | {"evidence": list(found.evidence), "waiting": found.waiting, "settled": bool(standing.state.settled)}


@router.post(
    "/journeys/{id}/gate",
    response={200: Gate, **ANSWERS},
    summary="The infusion gate for what was scanned",
    openapi_extra=acts.described(acts.scanned(), acts.SCANNED),
)
def at_the_gate(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Every condition with its verdict and evidence. Nothing is recorded; what was not scanned is not met."""
    who = clinical(request)
    standing = seen(request, who, id)
    read(request, who, "gate", standing)
    event, now = _scanned(bodies.body(request), who, standing.state), clock.now()
    looked = gate(standing.therapy, _network(standing), standing.state, event, now=now)
    conditions = [{"rule": each.rule, "title": each.title, "met": each.met, "says": each.says} for each in looked]
    return {"open": all(each.met for each in looked), "conditions": conditions}


def _scanned(content: dict[str, Any], who: Caller, journey: Journey) -> GatePassed:
    """A passing of the gate now, with nothing where nothing was scanned."""
    nothing = {"product": "", "chain": "", "second": {"kind": "", "value": ""}, "weight": 0.0, "cells": 0.0, "device": ""}
    head = {"event": GatePassed.name, "at": clock.now().isoformat(), "by": who.visitor.person}
    made = private(codec.decode(nothing | {key: value for key, value in content.items() if key not in head} | head), journey)
    assert isinstance(made, GatePassed), "the event is named above"
    return made


def _network(standing: Standing) -> Network:
    return definitions.network(definitions.current("network", standing.network))
