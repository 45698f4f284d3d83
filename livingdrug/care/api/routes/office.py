"""Ledger, cohort, log, audit trail, and whether the service is there."""

from __future__ import annotations

import io
import json
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.params.functions import Query

from livingdrug.care import store
from livingdrug.care.access import trail
from livingdrug.care.accounts.permissions import is_auditor
from livingdrug.care.accounts.scope import scope
from livingdrug.care.api.gatekeeper import caller, read, refuse, source
from livingdrug.care.api.problems import ANSWERS
from livingdrug.care.api.tokens import Caller
from livingdrug.care.models import Milestone

__all__ = ["public", "router"]

router = Router(tags=["office"])
public = Router(tags=["office"])
MANY = 1000
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"


class Line(Schema):
    """One settled milestone, in minor units; `disputed` is a payer's reason, or empty."""

    id: int
    journey: str
    patient: str
    milestone: str
    billed: int
    waived: int
    currency: str
    at: str
    disputed: str


class Ledger(Schema):
    """A page of the ledger; `next` is what the next page comes after, null on the last."""

    lines: list[Line]
    next: int | None


class Logged(Schema):
    """An event in the log."""

    position: int
    journey: str
    version: int
    name: str
    at: str
    recorded: str
    by: str
    account: str
    hash: str
    log_hash: str
    content: dict[str, Any]


class Trail(Schema):
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


class Health(Schema):
    """The service is there, and so is its store: the last position of the log."""

    status: Literal["ok"]
    position: int


@public.get("/health", response={200: Health, 503: ANSWERS[503]}, auth=None, summary="Whether the service is there")
def health(request: HttpRequest) -> dict[str, Any]:
    """Reads the store; needs no token and shows no data."""
    from livingdrug.care.log import end

    return {"status": "ok", "position": end()[0]}


@router.get("/ledger", response={200: Ledger, **ANSWERS}, summary="What was settled")
def ledger(
    request: HttpRequest,
    after: Annotated[int, Query(0, ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(100, ge=1, le=MANY)] = 100,
) -> dict[str, Any]:
    """Lines of journeys that are the caller's to see, oldest first."""
    who = caller(request, "read", "ledger")
    found = Milestone.objects.filter(scope(who.visitor, "journey__"), id__gt=after).select_related("journey").order_by("id")
    rows = list(found[: limit + 1])
    read(request, who, "ledger")
    lines = [_line(each) for each in rows[:limit]]
    return {"lines": lines, "next": rows[limit - 1].id if len(rows) > limit else None}


def _line(row: Any) -> dict[str, Any]:
    named = ("id", "milestone", "billed", "waived", "currency", "at", "disputed")
    return {name: getattr(row, name) for name in named} | {"journey": row.journey_id, "patient": row.journey.patient}


@router.get(
    "/cohort",
    response={200: None, **ANSWERS},
    summary="Recorded journeys as a cohort",
    openapi_extra={
        "responses": {
            200: {
                "description": "The table.",
                "content": {
                    CSV: {"schema": {"type": "string"}},
                    PARQUET: {"schema": {"type": "string", "format": "binary"}},
                },
            }
        }
    },
)
def cohort(
    request: HttpRequest,
    therapy: Annotated[str, Query(max_length=100)],
    center: Annotated[str | None, Query(None, max_length=100)] = None,
    format: Literal["csv", "parquet"] | None = None,
) -> HttpResponse:
    """The columns that a simulation gives too (`livingdrug columns`). Staff of a center get their own center's.

    `format` says which kind of table, or else Accept; Parquet if neither does.
    """
    who = caller(request, "export", "cohort")
    frame = store.cohort(therapy, _center_of(request, who, center))
    store.audit(who.account, "E", "api cohort", source=source(request))
    if format == "csv" or (format is None and request.get_preferred_type([PARQUET, CSV]) == CSV):
        return HttpResponse(frame.write_csv().encode(), content_type=CSV)
    kept = io.BytesIO()
    frame.write_parquet(kept)
    return HttpResponse(kept.getvalue(), content_type=PARQUET)


def _center_of(request: HttpRequest, who: Caller, asked: str | None) -> str | None:
    if is_auditor(who.visitor):
        return asked
    if who.visitor.kind != "center" or asked not in (None, who.visitor.place):
        refuse(request, who, "a cohort is exported by staff of its center, or by an auditor")
    return who.visitor.place


@router.get("/log", response={200: list[Logged], **ANSWERS}, summary="The log since a position")
def log(
    request: HttpRequest,
    after: Annotated[int, Query(0, ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(200, ge=1, le=MANY)] = 200,
) -> list[dict[str, Any]]:
    """Every event of every journey, in the order of commits, without gaps; for auditors."""
    who = caller(request, "export")
    if not is_auditor(who.visitor):
        refuse(request, who, "the whole log is open to auditors")
    store.audit(who.account, "E", f"api log after {after}", source=source(request))
    return [_logged(row) for row in store.since(after, limit)]


def _logged(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in Logged.model_fields if name != "content"} | {"content": json.loads(row["content"])}


@router.get("/audit", response={200: list[Trail], **ANSWERS}, summary="Who did and saw what")
def audit(
    request: HttpRequest,
    after: Annotated[int, Query(0, ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(200, ge=1, le=MANY)] = 200,
    journey: Annotated[str | None, Query(None, max_length=64)] = None,
    account: Annotated[str | None, Query(None, max_length=200)] = None,
) -> list[dict[str, Any]]:
    """The audit trail after a position; for auditors."""
    who = caller(request, "audit", "audit")
    equal = {name: value for name, value in (("journey", journey), ("account", account)) if value is not None}
    rows = trail(after, limit, **equal)
    store.audit(who.account, "R", "api audit", source=source(request))
    return [{name: getattr(row, name) for name in Trail.model_fields} for row in rows]
