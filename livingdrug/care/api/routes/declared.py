"""What is declared: therapies, networks, rules and kinds of events. No patient is in it; any valid token reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from livingdrug.care import definitions
from livingdrug.care.api.problems import ANSWERS
from livingdrug.care.models import Definition
from livingdrug.errors import UnknownName
from livingdrug.journey import describe
from livingdrug.network import ask
from livingdrug.network.schema import Center, Network
from livingdrug.therapy.files import numbers, sources
from livingdrug.therapy.schema import Therapy

__all__ = ["router"]

router = Router(tags=["declared"])


class Defined(Schema):
    """A therapy or network that the store knows, and the digest of its text as it is now."""

    name: str
    title: str
    digest: str


class Number(Schema):
    """A number of a therapy with its unit and source."""

    key: str
    value: float
    unit: str
    source: str
    confirmed: bool


class TherapyOut(Defined):
    """A therapy whole."""

    disease: str
    antigen: str
    currency: str
    numbers: list[Number]
    sources: dict[str, str]


class Standing(Schema):
    """Why a center may not, on a day; empty: it may."""

    manufacturer: str
    rems: str


class CenterOut(Schema):
    """A center, and how it stands on the day."""

    id: str
    title: str
    city: str
    country: str
    jurisdiction: str
    timezone: str
    standing: dict[str, Standing]


class NetworkOut(Defined):
    """A network, as it stands on a day."""

    on: date
    centers: list[CenterOut]
    sites: list[str]
    payers: list[str]


class RuleOut(Schema):
    """A rule whole."""

    rule: str
    title: str
    why: str
    source: str
    example: str
    judges: list[str]
    gate: bool
    in_advance: bool
    waivers: list[str]
    jurisdiction: str
    since: str | None
    until: str | None


class EventOut(Schema):
    """A kind of event: fields with their types in words, who may record it, and the rules that judge it."""

    event: str
    about: str
    kind: str
    version: int
    fields: dict[str, str]
    roles: list[str]
    rules: list[str]


def _names(kind: str) -> list[str]:
    return sorted(set(Definition.objects.filter(kind=kind).values_list("name", flat=True)))


@router.get("/therapies", response={200: list[Defined], **ANSWERS}, summary="The therapies that the store knows")
def therapies(request: HttpRequest) -> list[dict[str, str]]:
    """Each by name, with the digest of its text."""
    return [_defined("therapy", name, definitions.therapy(definitions.current("therapy", name))) for name in _names("therapy")]


@router.get("/therapies/{name}", response={200: TherapyOut, **ANSWERS}, summary="A therapy with every number and source")
def therapy(request: HttpRequest, name: str) -> dict[str, Any]:
    """A therapy as it is defined now; a journey is judged by it as it was at its referral."""
    made = definitions.therapy(definitions.current("therapy", _known("therapy", name)))
    listed = [{"key": key, **each.model_dump(exclude={"about"})} for key, each in numbers(made)]
    about = {"disease": made.disease, "antigen": made.antigen, "currency": made.currency, "sources": dict(made.sources)}
    assert list(sources(made)), "a therapy has sources, as its schema checks"
    return _defined("therapy", name, made) | about | {"numbers": listed}


@router.get("/networks", response={200: list[Defined], **ANSWERS}, summary="The networks that the store knows")
def networks(request: HttpRequest) -> list[dict[str, str]]:
    """Each by name, with the digest of its text."""
    return [_defined("network", name, definitions.network(definitions.current("network", name))) for name in _names("network")]


@router.get("/networks/{name}", response={200: NetworkOut, **ANSWERS}, summary="How the centers of a network stand on a day")
def network(request: HttpRequest, name: str, on: date | None = None) -> dict[str, Any]:
    """`on` is the day, today if it is not given. For each therapy and center: why it may not, or nothing."""
    made, day = definitions.network(definitions.current("network", _known("network", name))), on or date.today()
    about = {"on": day, "sites": [each.id for each in made.sites], "payers": [each.id for each in made.payers]}
    return _defined("network", name, made) | about | {"centers": [_center(made, each, day) for each in made.centers]}


@router.get("/rules", response={200: list[RuleOut], **ANSWERS}, summary="The rules of a journey")
def rules(request: HttpRequest) -> list[dict[str, Any]]:
    """All of them, in the order of a journey."""
    return list(describe.rules())


@router.get("/rules/{number}", response={200: RuleOut, **ANSWERS}, summary="One rule")
def rule(request: HttpRequest, number: str) -> dict[str, Any]:
    """A rule by its number, as INF-003."""
    known = {row["rule"]: row for row in describe.rules()}
    if number not in known:
        raise UnknownName.among("rule", number, known)
    return known[number]


@router.get("/events", response={200: list[EventOut], **ANSWERS}, summary="The kinds of events")
def events(request: HttpRequest) -> list[dict[str, Any]]:
    """All of them, in the order of a journey."""
    return list(describe.events())


def _known(kind: str, name: str) -> str:
    if name not in (names := _names(kind)):
        raise UnknownName.among(kind, name, names)
    return name


def _defined(kind: str, name: str, made: Therapy | Network) -> dict[str, Any]:
    return {"name": name, "title": made.title, "digest": definitions.current(kind, name)}


def _center(network: Network, center: Center, day: date) -> dict[str, Any]:
    standing: Mapping[str, Any] = {
        name: {
            "manufacturer": ask.why_not_certified(network, center.id, "manufacturer", name, day) or "",
            "rems": ask.why_not_certified(network, center.id, "REMS", name, day) or "",
        }
        for name in _names("therapy")
    }
    facts = {name: getattr(center, name) for name in ("id", "title", "city", "country", "jurisdiction", "timezone")}
    return {**facts, "standing": standing}
