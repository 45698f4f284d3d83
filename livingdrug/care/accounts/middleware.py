"""What holds for every request of somebody who is signed in: sessions end, and who signs has a second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http import HttpResponse as Response
from django.shortcuts import redirect

from livingdrug.care import clock
from livingdrug.care.accounts import who
from livingdrug.care.accounts.models import Account

__all__ = ["SecondFactor", "SessionLimits", "begin"]

Answer = Callable[[HttpRequest], HttpResponseBase]
EVERY = timedelta(minutes=1)
"""How exactly it is known when somebody was last seen: a session is not written at every request."""


def begin(request: HttpRequest, now: datetime | None = None) -> None:
    """A session begins with signing in, whatever was before in the same browser."""
    at = (now or clock.now()).isoformat()
    cast(Any, request).session.update({"began": at, "seen": at})


class SessionLimits:
    """Sign out who has done nothing for a while, and everybody after a working day."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        account, now = who.account_of(request), clock.now()
        if account is None:
            return self.answer(request)
        if says := _over(cast(Any, request).session, now):
            logout(request)
            return _to_sign_in(request, says)
        if not _refreshes(request):
            _saw(cast(Any, request).session, account, now)
        return self.answer(request)


class SecondFactor:
    """Who has a signing role sets up a second factor before anything else opens."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        account = who.account_of(request)
        free = request.path.startswith(("/accounts/", settings.STATIC_URL))
        if free or account is None or who.visitor(request) is not None:
            return self.answer(request)
        if _is_machine(request):
            return _problem(403, "your role signs; set up a second factor under My account first")
        messages.warning(request, "Your role signs. Set up a second factor first: an authenticator app on your phone.")
        return redirect("mfa_activate_totp")


def _over(session: Any, now: datetime) -> str | None:
    """Why a session is over, or None."""
    began, seen = session.get("began"), session.get("seen")
    if began is None or seen is None:
        return "Sign in again."
    if now - datetime.fromisoformat(began) >= timedelta(seconds=settings.LIVINGDRUG_SESSION_SECONDS):
        return f"You were signed in for {settings.LIVINGDRUG_SESSION_SECONDS // 3600} hours. Sign in again."
    if now - datetime.fromisoformat(seen) >= timedelta(seconds=settings.LIVINGDRUG_IDLE_SECONDS):
        return f"You were signed out after {settings.LIVINGDRUG_IDLE_SECONDS // 60} minutes without a click. Sign in again."
    return None


def _refreshes(request: HttpRequest) -> bool:
    """Whether a page asks by itself: a board that is left open keeps nobody signed in."""
    return request.method == "GET" and _by_htmx(request)


def _saw(session: Any, account: Account, now: datetime) -> None:
    if now - datetime.fromisoformat(session["seen"]) < EVERY:
        return
    session["seen"] = now.isoformat()
    Account.objects.filter(pk=account.pk).update(last_seen=now)


def _to_sign_in(request: HttpRequest, says: str) -> HttpResponseBase:
    if _by_htmx(request):
        return Response(status=204, headers={"HX-Redirect": settings.LOGIN_URL})
    if _is_machine(request):
        return _problem(401, says)
    messages.warning(request, says)
    after = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{settings.LOGIN_URL}?{urlencode(after)}" if after else settings.LOGIN_URL)


def _by_htmx(request: HttpRequest) -> bool:
    return request.META.get("HTTP_HX_REQUEST") == "true"


def _is_machine(request: HttpRequest) -> bool:
    return request.path.endswith(".json") or request.path.startswith("/api")


def _problem(status: int, says: str) -> JsonResponse:
    about = {
        "type": "about:blank",
        "title": "Sign in" if status == 401 else "Not open to you",
        "status": status,
        "detail": says,
    }
    return JsonResponse(about, status=status, content_type="application/problem+json")
