"""Who calls, and what that token may: scopes first, then the roles and the place of the account; nothing by default.

Whatever is not allowed stands in the audit trail, with the reason.
"""

from __future__ import annotations

import threading
import time
from typing import Any, NoReturn, cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from livingdrug.care import store
from livingdrug.care.access import Source
from livingdrug.care.accounts.permissions import may_open, may_see, sees_clinical
from livingdrug.care.accounts.scope import within
from livingdrug.care.api.tokens import Caller, find, why_not
from livingdrug.care.states import Standing

__all__ = ["NOT_THERE", "Bearer", "caller", "clinical", "forget", "read", "refuse", "seen", "source"]

NOT_THERE = "there is no such journey, or it is not yours to see"
READING = ("GET", "HEAD")


class Bearer(HttpBearer):
    """Authorization: Bearer ld_…"""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        found = find(token)
        if found is None:
            _knocked(request, *why_not(token))
        return found


def caller(request: HttpRequest, scope: str, page: str = "") -> Caller:
    """The caller, whose token has the scope, and to whose roles the page is open. Raises `HttpError` 403."""
    who = cast(Caller, cast(Any, request).auth)
    if scope not in who.scopes:
        refuse(request, who, f"the token may {', '.join(sorted(who.scopes))}, and this takes {scope}; make one with that scope")
    if page and not may_open(who.visitor, page):
        refuse(request, who, f"{page} is not open to the roles of this token's account")
    return who


def clinical(request: HttpRequest, page: str = "board") -> Caller:
    """A caller who reads how patients are. Raises `HttpError` 403."""
    who = caller(request, "read", page)
    if not sees_clinical(who.visitor):
        refuse(request, who, "how patients are is not open to the roles of this token's account")
    return who


def seen(request: HttpRequest, who: Caller, id: str) -> Standing:
    """A journey that is the caller's to see. Raises `HttpError` 404, the same, after the same time, where none is there."""
    standing = store.latest(id) if within(who.visitor, id) else None
    if standing is None or not may_see(who.visitor, standing.id, standing.state):
        refuse(request, who, NOT_THERE, status=404, journey=id)
    return standing


def refuse(request: HttpRequest, who: Caller, says: str, *, status: int = 403, journey: str = "") -> NoReturn:
    """Note in the trail that something was not allowed, and answer so."""
    action = "R" if request.method in READING else "U"
    store.audit(who.account, action, _asked(request), journey=journey, outcome=f"refused: {says}", source=source(request))
    raise HttpError(status, says)


def read(request: HttpRequest, who: Caller, what: str, standing: Standing | None = None) -> None:
    """Note in the trail that patient data was read."""
    journey, patient = (standing.id, standing.state.patient) if standing else ("", "")
    store.audit(who.account, "R", f"api {what}", journey=journey, patient=patient, source=source(request))


def source(request: HttpRequest) -> Source:
    """Where the request comes from."""
    return Source(ip=str(request.META.get("REMOTE_ADDR", "")))


def _asked(request: HttpRequest) -> str:
    return f"api {request.method} {request.path}"


# Tokens that open nothing -------------------------------------------------------------------------------------------------

_last: dict[tuple[str, str], float] = {}
_lock = threading.Lock()


def _knocked(request: HttpRequest, account: str, says: str) -> None:
    """Note a token that opens nothing; once a second from one address, so that who has none cannot fill the trail."""
    here, now = source(request), time.monotonic()
    with _lock:
        if now - _last.get((here.ip, account), -1.0) < 1:
            return
        if len(_last) > 10_000:
            _last.clear()
        _last[here.ip, account] = now
    store.audit(account, "E", _asked(request), outcome=f"refused: {says}", source=here)


def forget() -> None:
    """Note every address anew."""
    with _lock:
        _last.clear()
