"""Signing in and out: one sentence for every failure, a lock after five, sessions that end, and no way to elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from entrance import PASSWORD, Client, Clock, sign_in

from livingdrug.care.access import trail
from livingdrug.care.accounts.adapters import WRONG
from livingdrug.care.accounts.attempts import LOCK_MINUTES, TRIES

ME = "/accounts/2fa/"
NURSE = "chop-bedside-nurse-1"


@pytest.fixture
def client(account: Any) -> Any:
    """A browser, and the account of a nurse."""
    account(NURSE)
    return Client()


def is_in(client: Any) -> bool:
    return client.get(ME).status_code == 200


def test_an_address_and_its_password_let_in(client: Any) -> None:
    answer = sign_in(client, f"{NURSE}@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client)


def test_capitals_in_an_address_do_not_matter(client: Any) -> None:
    sign_in(client, f" {NURSE.upper()}@Example.ORG ")
    assert is_in(client)


@pytest.mark.parametrize("email", [f"{NURSE}@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client: Any, email: str) -> None:
    answer = sign_in(client, email, "wrong")
    assert WRONG in answer.content.decode()
    assert not is_in(client)


def test_a_closed_account_does_not_let_in_and_does_not_say_that_it_is_there(account: Any) -> None:
    account("chop-physician-1", is_active=False)
    client = Client()
    assert WRONG in sign_in(client, "chop-physician-1@example.org").content.decode()
    assert not is_in(client)


def test_an_account_without_a_password_is_not_opened_by_an_empty_one(account: Any) -> None:
    account("chop-physician-1", password=None)
    client = Client()
    for password in ("", "!", " "):
        sign_in(client, "chop-physician-1@example.org", password)
        assert not is_in(client)


# The lock ---------------------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_is_wrong_for_fifteen_minutes(client: Any, time_: Clock) -> None:
    for _ in range(TRIES):
        sign_in(client, f"{NURSE}@example.org", "wrong")
    assert WRONG in sign_in(client, f"{NURSE}@example.org").content.decode()
    time_.move(minutes=LOCK_MINUTES - 0.1)
    sign_in(client, f"{NURSE}@example.org")
    assert not is_in(client)
    time_.move(minutes=0.2)
    sign_in(client, f"{NURSE}@example.org")
    assert is_in(client)


def test_four_wrong_passwords_and_a_right_one_begin_again(client: Any) -> None:
    for _ in range(2):
        for _ in range(TRIES - 1):
            sign_in(client, f"{NURSE}@example.org", "wrong")
        browser = Client()
        sign_in(browser, f"{NURSE}@example.org")
        assert is_in(browser)


def test_guesses_from_many_browsers_count_together(client: Any) -> None:
    for _ in range(TRIES):
        sign_in(Client(), f"{NURSE}@example.org", "wrong")
    sign_in(client, f"{NURSE}@example.org")
    assert not is_in(client)


def test_a_lock_does_not_throw_out_who_is_at_work(client: Any) -> None:
    """Or anybody who knows an address could end the work of its owner."""
    sign_in(client, f"{NURSE}@example.org")
    for _ in range(TRIES):
        sign_in(Client(), f"{NURSE}@example.org", "wrong")
    assert is_in(client)


def test_the_lock_of_one_account_is_nobody_elses(client: Any, account: Any) -> None:
    account("chop-coordinator-1")
    for _ in range(TRIES):
        sign_in(Client(), f"{NURSE}@example.org", "wrong")
    sign_in(client, "chop-coordinator-1@example.org")
    assert is_in(client)


# Sessions ---------------------------------------------------------------------------------------------------------------


def test_signing_in_changes_the_session_so_that_a_planted_one_is_worth_nothing(client: Any) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = client.session.session_key
    sign_in(client, f"{NURSE}@example.org")
    assert client.session.session_key != before
    thief = Client()
    thief.cookies["sessionid"] = str(before)
    assert not is_in(thief)


def test_a_session_ends_after_fifteen_minutes_without_a_click(client: Any, time_: Clock) -> None:
    sign_in(client, f"{NURSE}@example.org")
    time_.move(minutes=14)
    assert is_in(client)
    time_.move(minutes=14)
    assert is_in(client)
    time_.move(minutes=15)
    answer = client.get("/board?center=chop")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=%2Fboard%3Fcenter%3Dchop")
    assert not is_in(client)
    assert "15 minutes without a click" in client.get("/accounts/login/").content.decode()


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(client: Any, time_: Clock) -> None:
    sign_in(client, f"{NURSE}@example.org")
    for _ in range(15):
        time_.move(minutes=1)
        answer = client.get(ME, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/accounts/login/")


def test_a_session_ends_after_twelve_hours_whatever_is_clicked(client: Any, time_: Clock) -> None:
    sign_in(client, f"{NURSE}@example.org")
    for _ in range(12 * 6 - 1):
        time_.move(minutes=10)
        assert is_in(client)
    time_.move(minutes=10)
    assert not is_in(client)


def test_a_twin_says_that_the_session_is_over(client: Any, time_: Clock) -> None:
    sign_in(client, f"{NURSE}@example.org")
    time_.move(minutes=16)
    answer = client.get("/board.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


def test_a_session_from_before_sessions_were_dated_is_over(client: Any) -> None:
    sign_in(client, f"{NURSE}@example.org")
    session = client.session
    del session["began"]
    session.save()
    assert not is_in(client)


def test_a_new_sign_in_begins_a_new_day(client: Any, time_: Clock) -> None:
    sign_in(client, f"{NURSE}@example.org")
    client.post("/accounts/logout/")
    time_.move(hours=13)
    sign_in(client, f"{NURSE}@example.org")
    assert is_in(client)


def test_closing_an_account_ends_its_sessions_at_once(client: Any) -> None:
    from livingdrug.care.accounts import invitations

    sign_in(client, f"{NURSE}@example.org")
    invitations.deactivate(f"{NURSE}@example.org", by="test")
    assert not is_in(client)


def test_a_new_password_ends_the_other_sessions(client: Any) -> None:
    other = Client()
    sign_in(client, f"{NURSE}@example.org")
    sign_in(other, f"{NURSE}@example.org")
    new = "another-granite-orbit-8"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_in(client)
    assert not is_in(other)


def test_signing_out_asks_once_and_leaves_nothing(client: Any) -> None:
    sign_in(client, f"{NURSE}@example.org")
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["sessionid"] = str(key)
    assert not is_in(client)
    assert not is_in(thief)


def test_coming_and_going_stand_in_the_trail(client: Any) -> None:
    sign_in(client, f"{NURSE}@example.org", "wrong")
    sign_in(client, f"{NURSE}@example.org")
    client.post("/accounts/logout/")
    rows = [(row.what, row.outcome, row.ip) for row in trail(account=f"{NURSE}@example.org")]
    assert rows == [
        ("sign in", "wrong password, or locked", "127.0.0.1"),
        ("sign in", "done", "127.0.0.1"),
        ("sign out", "done", "127.0.0.1"),
    ]


# No way to elsewhere ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "http:evil.example", "evil.example",
        "javascript:alert(1)", "https://localhost/board", "///evil.example", "/%09/evil.example\t", " https://evil.example",
        "https:evil.example", "http://testserver@evil.example/",
    ],
)  # fmt: skip
def test_the_sign_in_page_leads_nowhere_but_here(client: Any, place: str) -> None:
    answer = sign_in(client, f"{NURSE}@example.org", next=place)
    where = answer.headers["Location"]
    assert where.startswith("/"), where
    assert not where.startswith(("//", "/\\")), where
    assert "evil.example" not in where or where.startswith("/%09"), where


def test_the_sign_in_page_leads_to_where_somebody_wanted_to_go(client: Any) -> None:
    assert sign_in(client, f"{NURSE}@example.org", next="/board?center=chop").headers["Location"] == "/board?center=chop"


def test_a_form_of_another_site_signs_nobody_in(client: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, f"{NURSE}@example.org").status_code == 403
    assert not is_in(strict)


def test_another_host_name_is_not_answered(client: Any) -> None:
    assert client.get("/accounts/login/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("where", ["signup/", "password/reset/", "email/", "confirm-email/x/", "2fa/webauthn/", "login/code/"])
def test_nobody_makes_or_recovers_an_account_by_themselves(client: Any, where: str) -> None:
    answer = client.get(f"/accounts/{where}")
    assert answer.status_code == 404 or "By invitation only" in answer.content.decode()


def test_a_sign_up_that_is_posted_makes_no_account(client: Any) -> None:
    from livingdrug.care.accounts.models import Account

    client.post("/accounts/signup/", {"email": "me@evil.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not Account.objects.filter(email="me@evil.example").exists()


def test_the_demo_lists_an_account_of_each_role_and_the_real_service_none(store: str, settings: Any) -> None:
    from livingdrug.care.accounts import demo

    demo.make()
    demo.make()
    listed = [role for role, _ in demo.listed()]
    assert len(listed) == 12
    page = Client().get("/accounts/login/").content.decode()
    assert demo.PASSWORD in page
    assert "physician@demo.example" in page
    settings.DEMO = False
    page = Client().get("/accounts/login/").content.decode()
    assert demo.PASSWORD not in page
    assert "demo.example" not in page
