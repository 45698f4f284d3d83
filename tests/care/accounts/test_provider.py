"""Signing in through an identity provider: only to an account that is there, and by an address that the provider verified."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import models
from allauth.socialaccount.models import SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from entrance import Client

from livingdrug.care.accounts.adapters import ProviderAdapter
from livingdrug.care.accounts.models import Account

SocialAccount: Any = models.SocialAccount


@pytest.fixture
def request_(store: str, settings: Any) -> Any:
    """A request that has a session and messages, to a service that has a provider."""
    app = {
        "provider_id": "oidc",
        "name": "Hospital login",
        "client_id": "c",
        "secret": "s",
        "settings": {"server_url": "https://x"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    made: Any = RequestFactory().get("/")
    made.user = AnonymousUser()
    SessionMiddleware(lambda request: HttpResponse()).process_request(made)
    MessageMiddleware(lambda request: HttpResponse()).process_request(made)
    with context.request_context(made):
        yield made


def identity(email: str, *, verified: bool) -> SocialLogin:
    """What a provider says about somebody."""
    known = SocialAccount(provider="oidc", uid="17")
    return SocialLogin(user=Account(email=email), account=known, email_addresses=[EmailAddress(email=email, verified=verified)])


def test_an_identity_is_joined_with_the_account_of_its_verified_address(account: Any, request_: Any) -> None:
    anna = account("chop-coordinator-1", password=None)
    ProviderAdapter().pre_social_login(request_, identity(anna.email.upper(), verified=True))
    assert SocialAccount.objects.get().user == anna


@pytest.mark.parametrize(
    ("email", "verified", "active"),
    [
        ("chop-coordinator-1@example.org", False, True),
        ("chop-coordinator-1@example.org", True, False),
        ("somebody@evil.example", True, True),
    ],
)
def test_anybody_else_is_sent_back(account: Any, request_: Any, email: str, verified: bool, active: bool) -> None:
    account("chop-coordinator-1", is_active=active)
    with pytest.raises(ImmediateHttpResponse) as sent:
        ProviderAdapter().pre_social_login(request_, identity(email, verified=verified))
    assert sent.value.response.headers["Location"] == "/accounts/login/"
    assert not SocialAccount.objects.exists()
    assert Account.objects.count() == 1


def test_nobody_signs_up_through_a_provider(request_: Any) -> None:
    assert not ProviderAdapter().is_open_for_signup(request_, identity("x@example.org", verified=True))


def test_the_sign_in_page_offers_the_provider_where_there_is_one(store: str, settings: Any) -> None:
    assert "through your organization" not in Client().get("/accounts/login/").content.decode()
    settings.OIDC = [{"name": "Hospital login"}]
    assert "Sign in with Hospital login" in Client().get("/accounts/login/").content.decode()


def test_the_address_of_a_provider_that_is_not_there_is_not_there(store: str) -> None:
    assert Client().post("/accounts/oidc/login/").status_code == 404
