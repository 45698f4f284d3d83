"""What pages of accounts show around their forms, as their views are allauth's: the menu, the accounts of a demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from livingdrug.care.accounts import demo, permissions, who

__all__ = ["around"]


def around(request: HttpRequest) -> dict[str, Any]:
    """Variables of templates below /accounts/; nothing elsewhere."""
    if not request.path.startswith("/accounts/") or not hasattr(request, "user"):
        return {}
    from livingdrug.care.pages.menu import menu

    visitor = who.visitor(request)
    return {
        "visitor": visitor,
        "menu": menu(visitor, "") if visitor else (),
        "roles": ", ".join(sorted(visitor.roles)) if visitor else "",
        "may_break_glass": visitor is not None and permissions.may_break_glass(visitor),
        "demo": settings.DEMO,
        "demo_accounts": demo.listed() if request.path == settings.LOGIN_URL else [],
        "demo_password": demo.PASSWORD,
        "oidc": next((each["name"] for each in settings.OIDC), ""),
    }
