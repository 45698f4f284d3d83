"""The board: exceptions first, then how many stand where, then everybody; filters stay in the address."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path

from livingdrug.care import board as boards
from livingdrug.care.accounts.permissions import first_page, sees_clinical
from livingdrug.care.accounts.scope import scope
from livingdrug.care.accounts.who import Visitor, visitor
from livingdrug.care.board import STAGES, Filters
from livingdrug.care.models import Definition
from livingdrug.care.pages import attention, links
from livingdrug.care.pages.page import Here, network_of, page, problem, routes
from livingdrug.errors import BadInput
from livingdrug.network.schema import Network

__all__ = ["ROUTES", "board", "home"]

SHOWS = {"": "everybody", "held": "stopped", "late": "late", "severe": "severe CRS"}
ROWS = 50
MOST = 200
"""Journeys that are looked at for the sections."""
WATCHED = 100
"""Infused patients whose charts are looked at."""


def home(request: HttpRequest) -> HttpResponseBase:
    """The page on which the visitor's day begins."""
    who = visitor(request)
    if who is None:
        return redirect("/accounts/login/")
    first = first_page(who)
    return redirect(links.page(first)) if first else problem(request, who, 403, "no page is open to you yet; ask for a role")


@dataclass(frozen=True, slots=True)
class Stage:
    """How many journeys stand at a stage, and where they are listed."""

    stage: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CenterCounts:
    """How many journeys of one center stand at each of the stages."""

    center: str
    href: str
    total: int
    counts: tuple[int, ...]


@page("board", "care/board.html")
def board(here: Here) -> Mapping[str, Any] | HttpResponseBase:
    """Who is stopped, late or about to miss a window; how many stand where; everybody."""
    asked = _asked(here)
    try:
        content = _content(here, asked, _filters(here.visitor, asked), _within(here.visitor, asked))
    except BadInput as error:
        return problem(here.request, here.visitor, 400, error.complaints[0].says)
    digest = hashlib.sha256(repr(content).encode()).hexdigest()[:16]
    if here.request.GET.get("live") == digest:
        return HttpResponse(status=204)  # nothing has changed: the page stays as it is
    return {**content, "live": links.board(**asked, live=digest)}


def _asked(here: Here) -> dict[str, str]:
    """The filters of the address, as far as they are known."""
    got = {
        name: str(here.request.GET.get(name, "")).strip()[:100]
        for name in ("q", "stage", "center", "site", "therapy", "show", "after")
    }
    got["stage"] = got["stage"] if got["stage"] in STAGES else ""
    got["show"] = got["show"] if got["show"] in _shows(here.visitor) else ""
    return {name: value for name, value in got.items() if value}


def _shows(who: Visitor) -> dict[str, str]:
    return {key: words for key, words in SHOWS.items() if key != "severe" or sees_clinical(who)}


def _filters(who: Visitor, asked: Mapping[str, str]) -> Filters:
    made = Filters(
        center=asked.get("center"), site=asked.get("site"), therapy=asked.get("therapy"), search=asked.get("q"),
        held=True if asked.get("show") == "held" else None,
        late=True if asked.get("show") == "late" else None,
        severe=True if asked.get("show") == "severe" else None,
    )  # fmt: skip
    return replace(made, stage=asked.get("stage")) if sees_clinical(who) else made


def _within(who: Visitor, asked: Mapping[str, str]) -> Q:
    """What the visitor may see; those who do not treat the patient cannot filter by how it went after the infusion."""
    seen: Any = scope(who)
    if sees_clinical(who):
        return seen
    if stage := asked.get("stage"):
        seen &= Q(stage__in=attention.AFTER_INFUSION if stage in attention.AFTER_INFUSION else (stage,))
    if asked.get("show") == "late":
        seen &= ~Q(due__startswith="response")
    return seen & ~Q(blocked__contains="contraindication") if asked.get("show") == "held" else seen


def _content(here: Here, asked: Mapping[str, str], filters: Filters, within: Q) -> dict[str, Any]:
    who, now, network = here.visitor, here.now, network_of(here)
    found = boards.board(filters, ROWS, asked.get("after"), now, within)
    first = "after" not in asked
    return {
        "title": "Board",
        "sections": _sections(here, network, filters, within) if first and not asked.get("show") else (),
        "stages": _stages(here, asked, filters, within) if first else (),
        "columns": STAGES,
        "centers": _centers(here, asked, filters, within) if first else (),
        "rows": tuple(attention.line(who, network, now, row) for row in found.rows),
        "more": links.board(**{**asked, "after": found.next}) if found.next else "",
        "first": "" if first else links.board(**{**asked, "after": None}),
        "many": who.kind != "center",
        "asked": asked,
        "shown": SHOWS[asked.get("show", "")],
        "choices": _choices(who, network),
    }


def _sections(here: Here, network: Network, filters: Filters, within: Any) -> tuple[attention.Section, ...]:
    held = boards.board(replace(filters, held=True), MOST, None, here.now, within).rows
    due = boards.due(attention.soonest(here.now), filters, within=within)
    infused = boards.board(filters, WATCHED, None, here.now, within & Q(stage="infused")).rows
    return attention.sections(here.visitor, network, here.now, held, infused, due)


def _stages(here: Here, asked: Mapping[str, str], filters: Filters, within: Q) -> tuple[Stage, ...]:
    found = Counter[str]()
    for (stage, _), count in boards.counts(filters, here.now, within).items():
        found[_told(here.visitor, stage)] += count
    href = {**asked, "show": asked.get("show")}
    return tuple(
        Stage(stage, found[stage], links.board(**{**href, "stage": stage}), asked.get("stage") == stage)
        for stage in STAGES
        if found[stage]
    )


def _told(who: Visitor, stage: str) -> str:
    return stage if sees_clinical(who) or stage not in attention.AFTER_INFUSION else attention.AFTER_INFUSION[0]


def _centers(here: Here, asked: Mapping[str, str], filters: Filters, within: Q) -> tuple[CenterCounts, ...]:
    """Counts by center, where more than one is seen."""
    found: dict[str, Counter[str]] = {}
    for (stage, center), count in boards.counts(filters, here.now, within).items():
        found.setdefault(center, Counter())[_told(here.visitor, stage)] += count
    if len(found) < 2:
        return ()
    return tuple(
        CenterCounts(center, links.board(**{**asked, "center": center}), counts.total(), tuple(counts[each] for each in STAGES))
        for center, counts in sorted(found.items(), key=lambda each: (-each[1].total(), each[0]))
    )


def _choices(who: Visitor, network: Network) -> dict[str, Any]:
    """What each filter offers; a filter with one choice is left out."""
    many = who.kind != "center"
    therapies = Definition.objects.filter(kind="therapy").order_by("name").values_list("name", flat=True).distinct()
    stages = [each for each in STAGES if _told(who, each) == each]
    return {
        "stage": stages,
        "center": [each.id for each in network.centers] if many else [],
        "site": [each.id for each in network.sites] if who.kind != "site" and len(network.sites) > 1 else [],
        "therapy": list(therapies) if len(therapies) > 1 else [],
        "show": _shows(who),
    }


ROUTES = [path("", home, name="home"), *routes("board", board, "board")]
