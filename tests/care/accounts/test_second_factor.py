"""Who signs has a second factor, outside the demo: nothing else opens before it is set up, and signing in asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from entrance import Client, Clock, sign_in

from livingdrug.care.accounts import invitations
from livingdrug.care.accounts.attempts import LOCK_MINUTES, TRIES

SIGNING = ("chop-physician-1", "chop-pharmacist-1", "morris-plains-quality-1", "morris-plains-quality-2")
OTHERS = ("chop-coordinator-1", "chop-bedside-nurse-1", "chop-collection-nurse-1", "morris-plains-operator-1", "courier-1")
SET_UP = "/accounts/2fa/totp/activate/"


@pytest.fixture
def real(settings: Any) -> None:
    """As outside a demo."""
    settings.DEMO = False
    settings.SECURE_SSL_REDIRECT = False


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up(client: Any) -> str:
    """Set up a second factor; its secret."""
    page = client.get(SET_UP)
    secret = page.context["form"].secret
    answer = client.post(SET_UP, {"code": code_of(secret)})
    assert answer.headers["Location"] == "/accounts/2fa/codes/"
    return secret


@pytest.mark.parametrize("person", SIGNING)
def test_a_role_that_signs_opens_nothing_before_it_has_a_second_factor(account: Any, real: None, person: str) -> None:
    account(person)
    client = Client()
    sign_in(client, f"{person}@example.org")
    assert client.get("/board").headers["Location"] == SET_UP
    assert client.post("/break-glass", {"journey": "j"}).headers["Location"] == SET_UP
    assert client.get("/board.json").status_code == 403
    assert client.get("/accounts").headers["Location"] == SET_UP
    set_up(client)
    assert client.get("/board").status_code == 200


@pytest.mark.parametrize("person", OTHERS)
def test_other_roles_may_do_without(account: Any, real: None, person: str) -> None:
    account(person)
    client = Client()
    sign_in(client, f"{person}@example.org")
    assert client.get("/board").status_code == 200


def test_the_demo_asks_nobody(account: Any) -> None:
    account(SIGNING[0])
    client = Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    assert client.get("/board").status_code == 200


def test_signing_in_asks_for_the_code_once_it_is_set_up(account: Any, real: None) -> None:
    account(SIGNING[0])
    client, later = Client(), Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    secret = set_up(client)
    Authenticator.objects.update(last_used_at=None)
    assert sign_in(later, f"{SIGNING[0]}@example.org").headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert later.get("/board").headers["Location"].startswith("/accounts/login/")
    assert later.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert later.get("/board").headers["Location"].startswith("/accounts/login/")
    from django.core.cache import cache

    cache.clear()  # the code that set it up counts as used for its half minute
    later.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert later.get("/board").status_code == 200


def test_a_recovery_code_stands_in_once(account: Any, real: None) -> None:
    account(SIGNING[0])
    client = Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    set_up(client)
    code = client.get("/accounts/2fa/codes/").context["unused_codes"][0]
    for opens in (True, False):
        browser = Client()
        sign_in(browser, f"{SIGNING[0]}@example.org")
        browser.post("/accounts/2fa/authenticate/", {"code": code})
        assert (browser.get("/board").status_code == 200) == opens


def test_the_right_password_does_not_buy_more_guesses_at_the_code(account: Any, real: None, time_: Clock) -> None:
    account(SIGNING[0])
    client, guesser = Client(), Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    set_up(client)
    codes = client.get("/accounts/2fa/codes/").context["unused_codes"]
    for _ in range(TRIES):
        sign_in(guesser, f"{SIGNING[0]}@example.org")
        guesser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    page = guesser.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "Too many wrong codes" in page.content.decode()
    assert sign_in(Client(), f"{SIGNING[0]}@example.org").status_code == 200
    assert guesser.get("/board").status_code == 302
    time_.move(minutes=LOCK_MINUTES)
    sign_in(guesser, f"{SIGNING[0]}@example.org")
    guesser.post("/accounts/2fa/authenticate/", {"code": codes[1]})
    assert guesser.get("/board").status_code == 200


def test_what_makes_the_codes_is_sealed_in_the_database(account: Any, real: None) -> None:
    account(SIGNING[0])
    client = Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    secret = set_up(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_removing_it_shuts_everything_again(account: Any, real: None) -> None:
    account(SIGNING[0])
    client = Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    set_up(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/board").headers["Location"] == SET_UP


def test_a_lost_factor_is_removed_by_an_administrator(account: Any, real: None) -> None:
    account(SIGNING[0])
    client, later = Client(), Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    set_up(client)
    invitations.forget_factor(f"{SIGNING[0]}@example.org", by="test")
    assert sign_in(later, f"{SIGNING[0]}@example.org").headers["Location"] == "/"
    assert later.get("/board").headers["Location"] == SET_UP


def test_after_a_while_changing_it_asks_for_the_password_again(account: Any, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    account(SIGNING[0])
    client = Client()
    sign_in(client, f"{SIGNING[0]}@example.org")
    assert client.get(SET_UP).headers["Location"].startswith("/accounts/reauthenticate/")
