"""An invitation works once, within its days, for the address it was made for, with a password that holds."""

from __future__ import annotations

from typing import Any

import pytest
from entrance import PASSWORD, Client, Clock, sign_in

from livingdrug.care.access import trail
from livingdrug.care.accounts import invitations
from livingdrug.care.accounts.models import Account, Invitation
from livingdrug.errors import BadInput, UnknownName

pytestmark = pytest.mark.usefixtures("store")
ANNA = "anna@chop.example"


def invited(**more: Any) -> str:
    about: dict[str, Any] = {"person": "chop-coordinator-1"} | more
    return invitations.invite(ANNA, "Anna Berg", by="test", **about)


def choose(client: Any, token: str, password: str = PASSWORD, again: str = "") -> Any:
    return client.post(invitations.path_of(token), {"password": password, "again": again or password})


def test_a_link_makes_an_account_with_its_person_and_signs_in() -> None:
    client, token = Client(), invited()
    assert "Anna Berg" in client.get(invitations.path_of(token)).content.decode()
    assert choose(client, token).headers["Location"] == "/"
    assert client.get("/accounts/2fa/").status_code == 200
    account = Account.objects.get(email=ANNA)
    assert (account.name, account.person, account.extra_roles) == ("Anna Berg", "chop-coordinator-1", [])


def test_a_link_works_once() -> None:
    token = invited()
    choose(Client(), token)
    for answer in (Client().get(invitations.path_of(token)), choose(Client(), token, "another-granite-orbit")):
        assert answer.status_code == 404
    assert Account.objects.get(email=ANNA).check_password(PASSWORD)


def test_a_link_works_for_seven_days(time_: Clock) -> None:
    token = invited()
    time_.move(days=6.99)
    assert Client().get(invitations.path_of(token)).status_code == 200
    time_.move(days=0.02)
    assert choose(Client(), token).status_code == 404


def test_a_newer_link_withdraws_the_older_one() -> None:
    first, second = invited(), invited()
    assert choose(Client(), first).status_code == 404
    assert choose(Client(), second).status_code == 302


@pytest.mark.parametrize("token", ["", "x", "../../board", "%00", "' OR 1=1 --", "a" * 500])
def test_a_made_up_link_is_not_there(token: str) -> None:
    invited()
    assert Client().get(f"/accounts/invitation/{token}/").status_code == 404


def test_the_link_itself_is_not_in_the_database() -> None:
    token = invited()
    assert token not in str(list(Invitation.objects.values()))


def test_what_is_posted_besides_a_password_is_ignored() -> None:
    token = invited()
    more = {"email": "other@evil.example", "person": "chop-physician-1", "extra_roles": "administrator", "is_active": "1"}
    Client().post(invitations.path_of(token), {"password": PASSWORD, "again": PASSWORD, **more})
    account = Account.objects.get()
    assert (account.email, account.person, account.extra_roles) == (ANNA, "chop-coordinator-1", [])


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short-one-1", "at least 12 characters"),
        ("123456789012345", "entirely numeric"),
        ("qwertyuiop123", "too common"),
        ("anna@chop.example", "too similar"),
    ],
)
def test_a_password_that_does_not_hold_is_refused_with_its_reason(password: str, says: str) -> None:
    answer = choose(Client(), invited(), password)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert password not in answer.content.decode().replace(f"<strong>{ANNA}</strong>", "").replace(f'value="{ANNA}"', "")


def test_two_different_passwords_are_refused() -> None:
    answer = choose(Client(), invited(), PASSWORD, "another-granite-orbit")
    assert answer.status_code == 422
    assert "not the same password" in answer.content.decode()


def test_inviting_an_account_again_gives_it_a_new_password_and_opens_it() -> None:
    choose(Client(), invited())
    invitations.deactivate(ANNA, by="test")
    choose(Client(), invited(person="chop-coordinator-1"), "another-granite-orbit")
    client = Client()
    sign_in(client, ANNA, "another-granite-orbit")
    assert client.get("/accounts/2fa/").status_code == 200
    assert Account.objects.count() == 1


def test_closing_an_account_withdraws_its_links() -> None:
    choose(Client(), invited())
    token = invited()
    invitations.deactivate(ANNA, by="test")
    assert choose(Client(), token).status_code == 404


@pytest.mark.parametrize(
    ("about", "where"),
    [
        ({"email": "anna"}, "email"),
        ({"name": " "}, "name"),
        ({"person": "nobody"}, "person"),
        ({"person": "", "extra_roles": []}, "person"),
        ({"person": "", "extra_roles": ["boss"]}, "role"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_every_complaint(about: dict[str, Any], where: str) -> None:
    whole: dict[str, Any] = {"email": ANNA, "name": "Anna", "person": "chop-coordinator-1"} | about
    with pytest.raises(BadInput) as refused:
        invitations.invite(whole.pop("email"), whole.pop("name"), by="test", **whole)
    assert [each.where for each in refused.value.complaints] == [where]


def test_an_account_is_made_once() -> None:
    invitations.create(ANNA, "Anna", by="test", password=PASSWORD, person="chop-coordinator-1")
    with pytest.raises(BadInput, match="has an account already"):
        invitations.create(ANNA.upper(), "Anna", by="test", password=PASSWORD, person="chop-coordinator-1")


def test_no_way_of_making_an_account_keeps_the_password_as_typed() -> None:
    for way in (Account.objects.create, Account.objects.create_user):
        made = way(email=f"{way.__name__}@example.org", password=PASSWORD, name="x")
        assert PASSWORD not in made.password
        assert made.check_password(PASSWORD)


def test_closing_an_unknown_account_names_the_nearest() -> None:
    choose(Client(), invited())
    with pytest.raises(UnknownName, match=r"anna@chop\.example"):
        invitations.deactivate("ana@chop.example", by="test")


def test_invitations_and_closing_stand_in_the_trail() -> None:
    choose(Client(), invited())
    invitations.deactivate(ANNA, by="test")
    said = [(row.account, row.what) for row in trail() if row.what != "sign in"]
    assert said == [("test", f"invitation of {ANNA}"), (ANNA, "invitation accepted"), ("test", f"account {ANNA} deactivated")]


# The page of administrators ---------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(account: Any) -> Any:
    account(office="administrator")
    client = Client()
    sign_in(client, "administrator@example.org")
    return client


def test_an_administrator_invites_and_sees_the_link_once(administrator: Any) -> None:
    posted = {"email": ANNA, "name": "Anna Berg", "person": "chop-coordinator-1", "role": ""}
    page = administrator.post("/accounts", posted).content.decode()
    token = page.split("/accounts/invitation/")[1].split("/")[0]
    assert choose(Client(), token).status_code == 302
    assert token not in administrator.get("/accounts").content.decode()
    assert "Anna Berg" in administrator.get("/accounts").content.decode()


def test_an_administrator_closes_others_and_not_themselves(administrator: Any, account: Any) -> None:
    account("chop-coordinator-1")
    administrator.post("/accounts", {"act": "deactivate", "email": "chop-coordinator-1@example.org"})
    assert not Account.objects.get(person="chop-coordinator-1").is_active
    answer = administrator.post("/accounts", {"act": "deactivate", "email": "administrator@example.org"})
    assert answer.status_code == 422
    assert administrator.get("/accounts").status_code == 200


@pytest.mark.parametrize("person", ["chop-coordinator-1", "chop-physician-1", "morris-plains-quality-1", "medicare-payer-1"])
def test_nobody_else_sees_or_makes_accounts(account: Any, person: str) -> None:
    account(person)
    client = Client()
    sign_in(client, f"{person}@example.org")
    for answer in (
        client.get("/accounts"),
        client.get("/accounts.json"),
        client.post("/accounts", {"email": "me@evil.example", "name": "Me", "role": "administrator"}),
    ):
        assert answer.status_code == 403
    assert Account.objects.count() == 1


def test_the_twin_of_the_page_tells_no_password_and_no_factor(administrator: Any) -> None:
    row = administrator.get("/accounts.json").json()["accounts"][0]
    assert set(row) == {"email", "name", "person", "place", "roles", "active", "locked", "factor_missing", "last_seen"}
