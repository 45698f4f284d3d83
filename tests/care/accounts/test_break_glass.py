"""Break-glass: a clinician, a reason, an hour, one journey, and a trace."""

from __future__ import annotations

from typing import Any

import pytest
from entrance import Client, Clock, sign_in
from test_scope import told

from livingdrug.care.access import trail
from livingdrug.care.accounts import breakglass
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.who import visitor_of

OTHERS = (
    "chop-coordinator-1", "chop-collection-nurse-1", "chop-pharmacist-1", "morris-plains-quality-1", "courier-1",
    "medicare-payer-1",
)  # fmt: skip
REASON = "Seizure in our emergency room, on the way from Stanford"


@pytest.fixture
def journey(store: str) -> str:
    """A journey of Stanford."""
    return told(1, "stanford", "medicare", "morris-plains", more=3)


@pytest.fixture
def client(account: Any, journey: str) -> Any:
    """A physician of another center."""
    account("chop-physician-1")
    made = Client()
    sign_in(made, "chop-physician-1@example.org")
    return made


def opened(client: Any, journey: str, reason: str = REASON) -> Any:
    return client.post("/break-glass", {"journey": journey, "reason": reason})


def test_a_journey_of_another_center_opens_for_an_hour(client: Any, journey: str, time_: Clock) -> None:
    page = f"/journeys/{journey}"
    sign_in(client, "chop-physician-1@example.org")
    assert client.get(page).status_code == 404
    assert opened(client, journey).headers["Location"] == page
    assert client.get(page).status_code == 200
    for _ in range(6):
        time_.move(minutes=9.9)
        assert client.get(page).status_code == 200
    time_.move(minutes=1)
    assert client.get(page).status_code == 404


def test_it_opens_by_the_pseudonym_too(client: Any, journey: str) -> None:
    assert opened(client, "P-1").headers["Location"] == f"/journeys/{journey}"


def test_it_opens_one_journey_and_not_the_next(client: Any, journey: str) -> None:
    next_ = told(2, "stanford", "medicare", "morris-plains", more=3)
    opened(client, journey)
    assert client.get(f"/journeys/{next_}").status_code == 404


def test_it_opens_for_one_clinician_and_not_the_next(client: Any, journey: str, account: Any) -> None:
    account("chop-physician-2")
    opened(client, journey)
    other = Client()
    sign_in(other, "chop-physician-2@example.org")
    assert other.get(f"/journeys/{journey}").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "help", "a        b"])
def test_it_does_not_open_without_a_reason(client: Any, journey: str, reason: str) -> None:
    answer = opened(client, journey, reason)
    assert answer.status_code == 422 or len(reason.strip()) >= breakglass.REASON
    assert answer.status_code != 422 or client.get(f"/journeys/{journey}").status_code == 404


def test_what_is_not_there_is_said_beside_its_field(client: Any) -> None:
    answer = opened(client, "J-none")
    assert answer.status_code == 422
    assert "there is no such journey" in answer.content.decode().lower()


@pytest.mark.parametrize("person", OTHERS)
def test_it_is_for_clinicians_alone(account: Any, journey: str, person: str) -> None:
    account(person)
    client = Client()
    sign_in(client, f"{person}@example.org")
    assert client.get("/break-glass").status_code == 403
    assert opened(client, journey).status_code == 403
    assert not breakglass.glasses()


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(store: str) -> None:
    assert opened(Client(), "x").headers["Location"] == "/accounts/login/"


def test_a_form_of_another_site_opens_nothing(client: Any, journey: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert opened(strict, journey).status_code == 403


def test_it_stands_in_the_trail_with_its_reason_and_first_on_the_audit_page(client: Any, journey: str) -> None:
    opened(client, journey)
    row = next(row for row in trail() if row.what == "break glass")
    assert (row.account, row.journey, row.patient, row.reason) == ("chop-physician-1@example.org", journey, "P-1", REASON)
    glass = breakglass.glasses()[0]
    assert (glass.account.email, glass.journey, glass.reason) == ("chop-physician-1@example.org", journey, REASON)


def test_a_glass_of_somebody_who_is_no_clinician_any_more_shows_nothing(client: Any, journey: str) -> None:
    opened(client, journey)
    Account.objects.update(person="chop-coordinator-1")
    who = visitor_of(Account.objects.get())
    assert who is not None
    assert who.glass == frozenset()


def test_a_reason_with_markup_is_shown_as_text(client: Any) -> None:
    answer = opened(client, "<script>alert(1)</script>", "<b onmouseover=alert(1)>")
    assert "<script>alert" not in answer.content.decode()
    assert "<b onmouseover" not in answer.content.decode()
