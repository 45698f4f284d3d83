"""What livingdrug asks of django-allauth: no open sign-up, no redirect to elsewhere, sealed secrets."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from livingdrug.care.accounts import attempts
from livingdrug.care.accounts.models import Account

__all__ = ["WRONG", "AccountAdapter", "FactorAdapter", "ProviderAdapter"]

WRONG = (
    f"Email or password is wrong, or the account is locked: after {attempts.TRIES} wrong passwords it is, "
    f"for {attempts.LOCK_MINUTES} minutes."
)
"""One sentence for all three, so that it tells nobody which addresses have accounts."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in by address and password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": WRONG,
        "incorrect_password": "This is not your password, or the account is locked.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made from invitations, on a page of their own."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only places of this service, named without a host."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether the password is theirs; a wrong one counts like everywhere."""
        return isinstance(user, Account) and attempts.is_right(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The service sends no mail: links are handed over by whoever invites."""


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: what generates the codes is kept sealed, so that a copy of the database does not give them away."""

    def build_totp_svg(self, url: str) -> str:
        """The code as an image within the page: one that is addressed as data the policy of the pages does not let in."""
        return super().build_totp_svg(url).partition("?>")[2]

    def encrypt(self, text: str) -> str:
        """Sealed with a key derived from the service's own."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again."""
        return _seal().decrypt(encrypted_text.encode()).decode()


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Signing in through an identity provider (OpenID Connect): only to accounts that are there, by a verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the provider says who somebody is, not that they belong here."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the provider's identity with the account of its verified address, the first time."""
        if sociallogin.is_existing:
            return
        verified = [each.email.lower() for each in sociallogin.email_addresses if each.verified]
        account = Account.objects.filter(email__in=verified, is_active=True).first()
        if account is None:
            messages.error(request, "There is no account for you here. Ask an administrator to make one for your address.")
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, account)


def _seal() -> Fernet:
    key = hashlib.sha256(b"second factors of accounts" + bytes.fromhex(settings.LIVINGDRUG_KEY)).digest()
    return Fernet(base64.urlsafe_b64encode(key))
