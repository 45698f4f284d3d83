"""The pages of accounts that are our own: an invitation, break-glass, and who has an account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from livingdrug.care.accounts import breakglass, invitations
from livingdrug.care.accounts.models import OFFICES, Account
from livingdrug.care.accounts.permissions import may_break_glass
from livingdrug.care.accounts.who import Visitor, visitor
from livingdrug.care.pages import links, menu
from livingdrug.care.pages.page import Here, Shown, page, problem, source
from livingdrug.errors import BadInput

__all__ = ["ROUTES", "break_glass", "invitation"]


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was typed or linked, as text."""
    return {key: str(value) for key, value in (request.POST if request.method == "POST" else request.GET).items()}


def _says(error: BadInput | None, name: str) -> tuple[str, ...]:
    return tuple(each.says for each in error.complaints if each.where == name) if error else ()


def _around(request: HttpRequest, who: Visitor | None, title: str) -> dict[str, Any]:
    return {"visitor": who, "menu": menu.menu(who, "") if who else (), "title": title, "demo": settings.DEMO}


# An invitation ----------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose a password by a link that works once, and be signed in."""
    found = invitations.standing(token)
    if found is None:
        return problem(request, None, 404, "this link was used, withdrawn, or has expired; ask for a new one")
    error = None
    if request.method == "POST":
        try:
            account = _accepted(request, token)
            return perform_login(request, Login(user=cast(Any, account), email=account.email))
        except BadInput as wrong:
            error = wrong
    shown = {"invited": found, "says": _says(error, "password"), "again": _says(error, "again")}
    return render(
        request, "accounts/invitation.html", _around(request, None, "Choose a password") | shown, status=422 if error else 200
    )


def _accepted(request: HttpRequest, token: str) -> Account:
    typed = _typed(request)
    password = typed.get("password", "")
    if password != typed.get("again", ""):
        raise BadInput.at("again", "this is not the same password; type it twice")
    return invitations.accept(token, password)


# Break-glass ------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest) -> HttpResponseBase:
    """Open one journey of another center, with a reason."""
    who = visitor(request)
    if who is None:
        return redirect(settings.LOGIN_URL)
    if not may_break_glass(who):
        return problem(request, who, 403, "break-glass is for physicians and nurses of a center")
    error, asked = None, _typed(request)
    if request.method == "POST":
        try:
            opened = breakglass.open_glass(who, asked.get("journey", ""), asked.get("reason", ""), source=source(request))
            messages.warning(request, f"Open until {opened.until:%H:%M} UTC. Everything you look at is noted with your reason.")
            return redirect(links.journey(opened.journey))
        except BadInput as wrong:
            error = wrong
    shown = {
        "journey": asked.get("journey", ""), "reason": asked.get("reason", ""), "minutes": breakglass.MINUTES,
        "says_journey": _says(error, "journey"), "says_reason": _says(error, "reason"),
    }  # fmt: skip
    return render(
        request, "accounts/break_glass.html", _around(request, who, "Break glass") | shown, status=422 if error else 200
    )


# Accounts, for administrators -------------------------------------------------------------------------------------------


@page("accounts", "accounts/accounts.html")
def accounts(here: Here) -> dict[str, Any] | Shown | HttpResponseBase:
    """Who has an account; invite somebody, or deactivate one."""
    if here.request.method != "POST":
        return _list()
    posted = _typed(here.request)
    try:
        if posted.get("act") == "deactivate":
            _deactivate(here, posted.get("email", ""))
            return redirect(links.page("accounts"))
        token = _invite(here)
    except BadInput as error:
        says = [f"{each.where}: {each.says}" for each in error.complaints]
        return Shown(_list() | {"says": says, "typed": {name: posted.get(name, "") for name in TYPED}}, 422)
    link = here.request.build_absolute_uri(invitations.path_of(token))
    return _list() | {"link": link, "days": invitations.DAYS}


TYPED = ("email", "name", "person", "role")


def _invite(here: Here) -> str:
    posted = _typed(here.request)
    typed = {name: posted.get(name, "").strip() for name in TYPED}
    roles = [typed["role"]] if typed["role"] else []
    by, where = here.visitor.account, source(here.request)
    return invitations.invite(typed["email"], typed["name"], by=by, person=typed["person"], extra_roles=roles, source=where)


def _deactivate(here: Here, email: str) -> None:
    if email.lower() == here.visitor.account:
        raise BadInput.at(email, "is your own account; another administrator has to do that")
    invitations.deactivate(email, by=here.visitor.account, source=source(here.request))
    messages.success(here.request, f"{email} cannot sign in any more.")


def _list() -> dict[str, Any]:
    return {
        "title": "Accounts",
        "accounts": list(_rows(Account.objects.all())),
        "offices": OFFICES,
        "people": invitations.known_people(),
    }


def _rows(found: Iterable[Account]) -> Iterable[dict[str, Any]]:
    from livingdrug.care import clock
    from livingdrug.care.accounts.who import needs_second_factor, visitor_of

    now = clock.now()
    for each in found:
        who = visitor_of(each, now)
        yield {
            "email": each.email, "name": each.name, "person": each.person, "place": who.place if who else "",
            "roles": sorted(who.roles) if who else [], "active": each.is_active, "locked": each.is_locked(now),
            "factor_missing": each.is_active and needs_second_factor(each, now), "last_seen": each.last_seen,
        }  # fmt: skip


ROUTES: list[URLPattern | URLResolver] = [
    path("accounts", cast(Any, accounts), name="accounts"),
    path("accounts.json", cast(Any, accounts), {"twin": True}, name="accounts-json"),
]
