"""How an address and a password become an account: one of ours, not locked, in the same time whatever is wrong."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from livingdrug.care.accounts import attempts
from livingdrug.care.accounts.models import Account

__all__ = ["PasswordBackend"]


class PasswordBackend(BaseBackend):
    """The only way in by password. It grants nothing else: roles come from the network."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Account | None:
        """The account of an address and password, or None."""
        email, password = str(credentials.get("email") or ""), credentials.get("password")
        if not email or not isinstance(password, str):
            return None
        account = Account.objects.filter(email=email.strip().lower()).first()
        if account is None:
            attempts.waste(password)
            return None
        return account if attempts.is_right(account, password, forgiving=False) else None

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session; a session of one that was deactivated is nobody's from the next request on."""
        return Account.objects.filter(pk=user_id, is_active=True).first()
