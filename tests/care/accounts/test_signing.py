"""Signatures: the password again, counted like every password, with a meaning, on exactly what was recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from entrance import PASSWORD, Clock

from livingdrug.care.accounts.attempts import LOCK_MINUTES, TRIES
from livingdrug.care.accounts.signing import MEANINGS, SIGNED_ACTS, sign_again, signed
from livingdrug.journey import codec
from livingdrug.journey import events as e

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def request_of(user: Any) -> Any:
    made: Any = RequestFactory().post("/")
    made.user = user
    return made


def test_the_own_password_signs_and_another_does_not(account: Any) -> None:
    request = request_of(account("chop-physician-1"))
    assert sign_again(request, PASSWORD) is None
    assert sign_again(request, "wrong") == "this is not your password; 4 attempts are left"
    assert sign_again(request, "") == "this is not your password; 3 attempts are left"
    assert sign_again(request, PASSWORD) is None


def test_a_colleagues_password_does_not_sign(account: Any) -> None:
    account("chop-physician-2", password="another-granite-orbit")
    assert sign_again(request_of(account("chop-physician-1")), "another-granite-orbit") is not None


def test_five_wrong_passwords_lock_signing_and_signing_in(account: Any, time_: Clock) -> None:
    from entrance import Client, sign_in

    request, client = request_of(account("chop-physician-1")), Client()
    said = [sign_again(request, "wrong") for _ in range(TRIES)]
    locked = "too many wrong passwords; signing is locked for 15 minutes"
    assert said[-2:] == ["this is not your password; 1 attempt is left", locked]
    assert sign_again(request, PASSWORD) == locked
    sign_in(client, "chop-physician-1@example.org")
    assert client.get("/accounts/2fa/").status_code == 302
    time_.move(minutes=LOCK_MINUTES)
    assert sign_again(request, PASSWORD) is None


def test_nobody_and_who_was_closed_do_not_sign(account: Any) -> None:
    assert sign_again(request_of(AnonymousUser()), PASSWORD) == "sign in first"
    closed = account("chop-physician-1", is_active=False)
    assert sign_again(request_of(closed), PASSWORD) is not None


def test_who_signs_in_elsewhere_is_told_to_choose_a_password(account: Any) -> None:
    says = sign_again(request_of(account("chop-physician-1", password=None)), "")
    assert says == "your account has no password to sign with; choose one under My account"


def test_a_signature_names_position_meaning_and_the_digest_of_what_was_signed() -> None:
    released = e.ProductReleased(at=AT, by="morris-plains-quality-1", product="PR-1", release="in specification")
    made = signed(released, 17, SIGNED_ACTS["released"], "morris-plains-quality-1", AT)
    assert (made.position, made.meaning, made.digest) == (17, "approval", codec.digest(released))


def test_every_signed_act_is_an_event_and_means_something_that_is_explained() -> None:
    assert set(SIGNED_ACTS) <= set(e.BY_NAME)
    assert set(SIGNED_ACTS.values()) <= set(MEANINGS)


@pytest.mark.parametrize(
    "act",
    [
        "released", "exceptional release approved", "rejected", "gate passed", "deviation closed", "corrected", "overridden",
        "grade overridden", "milestone settled",
    ],
)  # fmt: skip
def test_these_acts_are_signed(act: str) -> None:
    assert act in SIGNED_ACTS
