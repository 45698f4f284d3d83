"""What every page has: a visitor who may open it, a journey that is theirs to see, a trail of who looked, and a `.json` twin.

A page is a function that gives its content as a mapping; nothing is open by default. A journey that a visitor may not see
answers exactly as one that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path

from livingdrug.care import clock, definitions, store
from livingdrug.care.access import Source
from livingdrug.care.accounts.permissions import may_break_glass, may_open, may_see
from livingdrug.care.accounts.scope import within
from livingdrug.care.accounts.who import Visitor, visitor
from livingdrug.care.pages import links, menu
from livingdrug.care.states import Standing
from livingdrug.errors import UnknownName
from livingdrug.network.schema import Network

__all__ = ["Here", "Shown", "network_of", "page", "problem", "routes", "source"]

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Here:
    """Where a page is opened: by whom, when, and on which journey (None on pages that belong to no journey)."""

    request: HttpRequest
    visitor: Visitor
    now: datetime
    standing: Standing | None = None

    @property
    def journey(self) -> Standing:
        """The journey of the page."""
        assert self.standing is not None, "the page belongs to no journey; declare it with journey=True"
        return self.standing


@dataclass(frozen=True, slots=True)
class Shown:
    """The content of a page, and the status that it is sent with."""

    content: Content
    status: int = 200


View = Callable[..., "Content | Shown | HttpResponseBase"]
"""Takes where the page is opened, and the parts of its address."""
PAGES: dict[str, Callable[..., HttpResponseBase]] = {}
"""Every page by its name, for the tests that walk all of them."""


def page(name: str, template: str, *, journey: bool = False) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Make a function a page of that name (as the permissions know it), shown by a template."""

    def register(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def opened(request: HttpRequest, id: str | None = None, *, twin: bool = False, **more: str) -> HttpResponseBase:
            who = visitor(request)
            if who is None:
                return _sign_in(request, twin)
            if not may_open(who, name):
                store.audit(who.account, "R", f"page {name}", outcome="refused", source=source(request))
                return problem(request, who, 403, f"{name} is not open to {', '.join(sorted(who.roles)) or 'you'}", twin)
            standing = _seen(who, id) if journey else None
            if journey and standing is None:
                return problem(request, who, 404, "there is no such journey, or it is not yours to see", twin, glass=id or "")
            if journey and id is not None:
                store.audit(who.account, "R", f"page {name}", journey=id, source=source(request))
            here = Here(request, who, clock.now(), standing)
            made = view(here, **more) if more else view(here)
            return _answer(here, name, template, made, twin)

        PAGES[name] = opened
        return opened

    return register


def routes(where: str, view: Callable[..., HttpResponseBase], name: str) -> list[Any]:
    """The address of a page and of its twin, which goes first: a name at the end of an address could hold a point."""
    return [
        path(f"{where}.json", view, {"twin": True}, name=f"{name}-json"),
        path(where, view, name=name),
    ]


def source(request: HttpRequest) -> Source:
    """Where a request comes from, for the audit trail."""
    return Source(ip=str(request.META.get("REMOTE_ADDR", "")))


def network_of(here: Here) -> Network:
    """The network of the page's journey, or the one that new journeys belong to, as it is today."""
    name = here.standing.network if here.standing else settings.LIVINGDRUG_NETWORK
    return definitions.network(definitions.current("network", name))


def problem(
    request: HttpRequest, who: Visitor | None, status: int, says: str, twin: bool = False, *, glass: str = ""
) -> HttpResponse:
    """A page that says why there is none; `glass` is a journey that a clinician may open with a reason, if it is there."""
    if twin:
        about = {"type": "about:blank", "title": TITLES.get(status, "Problem"), "status": status, "detail": says}
        return JsonResponse(about, status=status, content_type="application/problem+json")
    shown = {
        "visitor": who,
        "menu": menu.menu(who, "") if who else (),
        "demo": settings.DEMO,
        "title": TITLES.get(status, "Problem"),
        "says": says,
        "status": status,
        "glass": links.glass(glass) if glass and who and may_break_glass(who) else "",
    }
    return render(request, "care/problem.html", shown, status=status)


TITLES = {400: "Not understood", 403: "Not open to you", 404: "Not there", 409: "Changed meanwhile", 422: "Refused"}


def _sign_in(request: HttpRequest, twin: bool) -> HttpResponseBase:
    if twin:
        return problem(request, None, 401, "sign in first", twin)
    if request.META.get("HTTP_HX_REQUEST"):
        # A part of a page that refreshes itself: the whole page goes to sign in, or the part would be replaced by nothing.
        where = urlsplit(str(request.META.get("HTTP_HX_CURRENT_URL", ""))).path
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = f"/accounts/login/?{urlencode({'next': where or '/'})}"
        return answer
    after = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"/accounts/login/?{urlencode(after)}")


def _seen(who: Visitor, id: str | None) -> Standing | None:
    if not within(who, id or ""):
        return None  # asked of the database alone, so that a refusal takes as long as an absence
    try:
        standing = store.latest(id or "")
    except UnknownName:
        return None
    return standing if may_see(who, standing.id, standing.state) else None


def _answer(here: Here, name: str, template: str, made: Any, twin: bool) -> HttpResponseBase:
    if isinstance(made, HttpResponseBase):
        return made
    shown = made if isinstance(made, Shown) else Shown(cast(Content, made))
    if twin:
        return JsonResponse({key: plain(value) for key, value in shown.content.items()}, status=shown.status)
    return render(here.request, template, _around(here, name) | dict(shown.content), status=shown.status)


def _around(here: Here, name: str) -> dict[str, Any]:
    """What every template has besides its content; the twin leaves it out."""
    about = {"visitor": here.visitor, "page": name, "now": here.now, "standing": here.standing, "demo": settings.DEMO}
    parts = menu.parts(here.visitor, here.journey.id, name) if here.standing else ()
    return about | {"menu": menu.menu(here.visitor, name), "parts": parts}


def plain(value: Any) -> Any:
    """Content as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(each) for key, each in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
