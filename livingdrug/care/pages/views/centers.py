"""Centers and sites: certificates and training, until when they hold, and which patients an end will block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponseBase

from livingdrug.care.accounts.permissions import is_auditor, may_open
from livingdrug.care.accounts.scope import scope
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.pages import expiry, links
from livingdrug.care.pages.page import Here, network_of, page, problem, routes
from livingdrug.network.schema import Center, Network, Site

__all__ = ["ROUTES", "centers"]

SOON = (30, 90, 180, 365)
USUAL = 90
URGENT = ("ended", "ending")
SHOWN = 8
"""Blocked patients that are named in one row; more are counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One center or site in the overview: how much ended or ends soon, what next, and how many patients that blocks."""

    id: str
    title: str
    city: str
    kind: str
    href: str
    ended: int
    ending: int
    next: str
    until: date | None
    days: int | None
    blocked: int
    under_way: int


@page("centers", "care/centers.html")
def centers(here: Here) -> Mapping[str, Any] | HttpResponseBase:
    """All places that the visitor may know of, those with something to renew first; or one of them in full."""
    network = network_of(here)
    places, asked = _places(here.visitor, network), _asked(here, network)
    chosen = next((each for each in places if each.id == asked["place"]), None)
    if asked["place"] and chosen is None:
        return problem(here.request, here.visitor, 404, "there is no such center or site, or it is not yours to see")
    if chosen is None and len(places) == 1:
        chosen = places[0]
    base = {
        "title": "Centers",
        "therapy": asked["therapy"],
        "soon": asked["soon"],
        "therapies": _made(network),
        "choices": SOON,
        "many": len(places) > 1,
        "only": asked["only"],
    }
    return {**base, **(_one(here, network, chosen, asked) if chosen else _overview(here, network, places, asked))}


def _places(who: Visitor, network: Network) -> list[Center | Site]:
    """Staff of a center see their own; sites and auditors see every center, and sites themselves."""
    if who.kind == "center":
        return [each for each in network.centers if each.id == who.place]
    sites = [each for each in network.sites if is_auditor(who) or each.id == who.place]
    return [*sites, *network.centers]


def _asked(here: Here, network: Network) -> dict[str, Any]:
    got = here.request.GET
    made, soon = _made(network), str(got.get("soon", ""))
    return {
        "place": str(got.get("place", "")).strip()[:100],
        "therapy": got["therapy"] if got.get("therapy") in made else made[0],
        "soon": int(soon) if soon.isdecimal() and int(soon) in SOON else USUAL,
        "only": got.get("only") == "renew",
    }


def _made(network: Network) -> list[str]:
    """The therapies that the sites of the network make."""
    return list(dict.fromkeys(name for site in network.sites for name in site.therapies))


def _one(here: Here, network: Network, place: Center | Site, asked: Mapping[str, Any]) -> dict[str, Any]:
    ways = expiry.under_way([place], asked["therapy"], scope(here.visitor))[place.id]
    papers = expiry.papers(network, place, asked["therapy"], here.now, asked["soon"], ways)
    calm = [each for each in papers if each.state not in URGENT]
    return {
        "place": {"id": place.id, "title": place.title, "city": place.city, "timezone": place.timezone},
        "under_way": len(ways),
        "urgent": [each for each in papers if each.state in URGENT],
        "certificates": [each for each in calm if not each.roles],
        "training": [each for each in calm if each.roles],
        "links": may_open(here.visitor, "patient"),
        "shown": SHOWN,
    }


def _overview(here: Here, network: Network, places: list[Center | Site], asked: Mapping[str, Any]) -> dict[str, Any]:
    shown = [each for each in places if isinstance(each, Center) or asked["therapy"] in each.therapies]
    ways = expiry.under_way(shown, asked["therapy"], scope(here.visitor))
    rows = [_row(here, network, each, asked, ways[each.id]) for each in shown]
    return {"rows": sorted((each for each in rows if not asked["only"] or each.ended or each.ending), key=_urgency)}


def _urgency(row: Row) -> tuple[Any, ...]:
    return -row.blocked, -row.ended, row.until or date.max, row.title


def _row(here: Here, network: Network, place: Center | Site, asked: Mapping[str, Any], ways: Sequence[expiry.Way]) -> Row:
    papers = expiry.papers(network, place, asked["therapy"], here.now, asked["soon"], ways)
    urgent = [each for each in papers if each.state in URGENT]
    first = next((each for each in papers if each.state in ("ending", "valid") and each.until), None)
    blocked = {each.patient for paper in urgent for each in paper.blocked}
    href = links.page(
        "centers", place=place.id, therapy=asked["therapy"], soon=asked["soon"] if asked["soon"] != USUAL else None
    )
    return Row(
        place.id, place.title, place.city, "site" if isinstance(place, Site) else "center", href,
        sum(each.state == "ended" for each in urgent), sum(each.state == "ending" for each in urgent),
        first.what if first else "", first.until if first else None, first.days if first else None, len(blocked), len(ways),
    )  # fmt: skip


ROUTES = routes("centers", centers, "centers")
