"""Codes of a second factor, counted like passwords: five wrong ones in a row lock the account."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from livingdrug.care import clock
from livingdrug.care.accounts import attempts
from livingdrug.care.accounts.models import Account

__all__ = ["CodeAgainForm", "CodeForm"]


class CodeForm(AuthenticateForm):
    """The code after the password."""

    def clean_code(self) -> Any:
        """The code, unless it is wrong or the account is locked."""
        return _counted(self.user, super().clean_code)


class CodeAgainForm(ReauthenticateForm):
    """The code before a change of how somebody signs in."""

    def clean_code(self) -> Any:
        """The code, unless it is wrong or the account is locked."""
        return _counted(self.user, super().clean_code)


def _counted(account: Account, clean: Any) -> Any:
    now = clock.now()
    account.refresh_from_db(fields=["failed", "locked_until"])
    if account.is_locked(now):
        raise ValidationError(f"Too many wrong codes; try again in {attempts.LOCK_MINUTES} minutes.")
    try:
        return clean()
    except ValidationError:
        attempts.count(account, now)
        raise
