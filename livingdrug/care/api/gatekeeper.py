"""Who calls, and what that token may: scopes first, then the roles and the place of the account; nothing by default."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from livingdrug.care import store
from livingdrug.care.access import Source
from livingdrug.care.accounts.permissions import may_see
from livingdrug.care.api.tokens import Caller, find
from livingdrug.care.states import Standing
from livingdrug.errors import UnknownName

__all__ = ["NOT_THERE", "Bearer", "caller", "read", "seen", "source"]

NOT_THERE = "there is no such journey, or it is not yours to see"


class Bearer(HttpBearer):
    """Authorization: Bearer ld_…"""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        return find(token)


def caller(request: HttpRequest, scope: str) -> Caller:
    """The caller, whose token has the scope. Raises `HttpError` 403."""
    who = cast(Caller, cast(Any, request).auth)
    if scope not in who.scopes:
        store.audit(who.account, "R", f"api {request.path}"[:200], outcome=f"refused: no scope {scope}", source=source(request))
        has = ", ".join(sorted(who.scopes))
        raise HttpError(403, f"the token may {has}, and this takes {scope}; make one with that scope")
    return who


def seen(request: HttpRequest, who: Caller, id: str) -> Standing:
    """A journey that is the caller's to see. Raises `HttpError` 404, the same for one that is not there."""
    try:
        standing = store.latest(id)
    except UnknownName:
        standing = None
    if standing is None or not may_see(who.visitor, standing.id, standing.state):
        store.audit(who.account, "R", "api journey", journey=id[:32], outcome="refused: not there", source=source(request))
        raise HttpError(404, NOT_THERE)
    return standing


def read(request: HttpRequest, who: Caller, what: str, standing: Standing | None = None) -> None:
    """Note in the trail that patient data was read."""
    journey, patient = (standing.id, standing.state.patient) if standing else ("", "")
    store.audit(who.account, "R", f"api {what}", journey=journey, patient=patient, source=source(request))


def source(request: HttpRequest) -> Source:
    """Where the request comes from."""
    return Source(ip=str(request.META.get("REMOTE_ADDR", "")))
