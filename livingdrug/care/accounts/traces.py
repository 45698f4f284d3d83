"""Signing in, failing to, and signing out stand in the audit trail like everything else."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from livingdrug.care import clock
from livingdrug.care.access import Source, audit
from livingdrug.care.accounts import attempts, middleware, who
from livingdrug.care.accounts.models import Account

__all__ = ["connect"]


def connect() -> None:
    """Note what Django signals; called once at the start."""
    user_logged_in.connect(_came, dispatch_uid="livingdrug.accounts.came")
    user_logged_out.connect(_left, dispatch_uid="livingdrug.accounts.left")
    user_login_failed.connect(_failed, dispatch_uid="livingdrug.accounts.failed")


def _came(sender: object, request: HttpRequest | None, user: Any, **more: Any) -> None:
    if request is not None:
        middleware.begin(request)
        # Who has just signed in is not asked for the password once more to set up a second factor.
        record_authentication(request, user, method="sign in", reauthenticated=True)
        who.forget(request)
    attempts.forgive(user)
    Account.objects.filter(pk=user.pk).update(last_seen=clock.now())
    _note(user.email, "sign in", "done", request)


def _left(sender: object, request: HttpRequest | None, user: Any, **more: Any) -> None:
    if request is not None:
        who.forget(request)
    if user is not None:
        _note(user.email, "sign out", "done", request)


def _failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any) -> None:
    _note(str(credentials.get("email") or "somebody"), "sign in", "wrong password, or locked", request)


def _note(account: str, what: str, outcome: str, request: HttpRequest | None) -> None:
    ip = str(request.META.get("REMOTE_ADDR", "")) if request else ""
    audit(account, "E", what, outcome=outcome, source=Source(ip=ip))
