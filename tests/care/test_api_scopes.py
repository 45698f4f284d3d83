"""Who may what over the API: every address, by every kind of caller, of their own journey and of others, by every scope."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import PASSWORD, SCOPES, account, get, post, put, story, tag, token, told

from livingdrug.care import store
from livingdrug.care.api.app import api
from livingdrug.journey.codec import encode
from livingdrug.journey.events import ResponseAssessed

PERSON = {"name": "An Example", "birth_date": "2009-01-02", "contacts": []}
SCANNED: dict[str, Any] = {}
ACT = {"events": [{"event": "consent given", "at": "2018-03-06T10:00:00-05:00", "scope": "research"}]}

# Of each address: method, path, and the scope that it takes; "": any token.
ADDRESSES: dict[str, tuple[str, str, str]] = {
    "therapies": ("GET", "/therapies", ""),
    "therapy": ("GET", "/therapies/tisagenlecleucel", ""),
    "networks": ("GET", "/networks", ""),
    "network": ("GET", "/networks/us-launch-2017", ""),
    "rules": ("GET", "/rules", ""),
    "rule": ("GET", "/rules/INF-003", ""),
    "events": ("GET", "/events", ""),
    "board": ("GET", "/journeys", "read"),
    "refer": ("POST", "/journeys", "act"),
    "journey": ("GET", "/journeys/{id}", "read"),
    "history": ("GET", "/journeys/{id}/events", "read"),
    "act": ("POST", "/journeys/{id}/events", "act"),
    "allowed": ("GET", "/journeys/{id}/allowed", "read"),
    "grades": ("GET", "/journeys/{id}/grades", "read"),
    "release": ("GET", "/journeys/{id}/release", "read"),
    "due": ("GET", "/journeys/{id}/due", "read"),
    "gate": ("POST", "/journeys/{id}/gate", "read"),
    "person": ("GET", "/journeys/{id}/person", "names"),
    "keep": ("PUT", "/journeys/{id}/person", "names"),
    "ledger": ("GET", "/ledger", "read"),
    "cohort": ("GET", "/cohort?therapy=tisagenlecleucel", "export"),
    "log": ("GET", "/log", "export"),
    "audit": ("GET", "/audit", "audit"),
}
OPEN = {name for name, (_, _, scope) in ADDRESSES.items() if not scope}
OF_A_JOURNEY = {name for name, (_, path, _) in ADDRESSES.items() if "{id}" in path}

CLINIC = {"board", "journey", "history", "allowed", "grades", "gate", "person", "keep", "act"}
MAY: dict[str, set[str]] = {
    "chop-physician-1": CLINIC | {"release", "cohort", "refer"},
    "chop-coordinator-1": CLINIC | {"due", "ledger", "cohort", "refer"},
    "chop-bedside-nurse-1": CLINIC,
    "morris-plains-operator-1": {"board", "journey", "history", "allowed", "release", "act"},
    "morris-plains-quality-1": {"board", "journey", "history", "allowed", "release", "act"},
    "courier-1": {"board"},
    "medicare-payer-1": {"due", "ledger", "act"},
    "auditor": {
        "board",
        "journey",
        "history",
        "allowed",
        "grades",
        "gate",
        "release",
        "due",
        "ledger",
        "cohort",
        "log",
        "audit",
    },
    "administrator": set(),
}
"""What each may of a journey that is theirs, besides what any token may."""


def asked(name: str, id: str, secret: str) -> Any:
    method, path, _ = ADDRESSES[name]
    if method == "GET":
        return get(path.format(id=id), secret)
    if method == "PUT":
        return put(path.format(id=id), secret, PERSON)
    if name == "gate":
        return post(path.format(id=id), secret, SCANNED)
    if name == "refer":
        return post(path, secret, {"event": "referred", "at": "2018-03-05T09:00:00-05:00"} | REFERRAL)
    standing = store.latest(id)
    return post(path.format(id=id), secret, ACT, If_Match=f'"{standing.version}-{standing.head[:16]}"')


REFERRAL = {
    "patient": "p-9", "therapy": "tisagenlecleucel", "center": "chop",
    "identifiers": [{"kind": "record number", "value": "1"}, {"kind": "name and birth date", "value": "2"}],
}  # fmt: skip


def test_every_address_is_in_the_matrix() -> None:
    described = api.get_openapi_schema()["paths"]
    addresses = {(method.upper(), path) for path, methods in described.items() for method in methods}
    known = {(method, "/api/v1" + path.partition("?")[0]) for method, path, _ in ADDRESSES.values()}
    named = {("tisagenlecleucel", "{name}"), ("us-launch-2017", "{name}"), ("INF-003", "{number}")}
    for value, part in named:
        known = {(method, path.replace(value, part)) for method, path in known}
    assert addresses - known == {("GET", "/api/v1/health")}


@pytest.mark.parametrize("who", MAY)
def test_a_caller_may_what_their_roles_may_and_nothing_else(url: str, who: str) -> None:
    id, _ = told()
    put(f"/journeys/{id}/person", token("chop-coordinator-1"), PERSON)
    secret, found = token(who), dict[str, int]()
    for name in ADDRESSES:
        found[name] = asked(name, id, secret).status_code
    may = {name for name, status in found.items() if status not in (403, 404)}
    # An act that a role may try is judged by the rules, and by its kind: consent is not for sites, couriers or payers.
    judged = may | ({"act"} & MAY[who] if found["act"] == 403 else set())
    assert judged == OPEN | MAY[who], found


@pytest.mark.parametrize("who", ["stanford-physician-1", "stanford-coordinator-1"])
def test_a_journey_of_another_center_is_nowhere(url: str, who: str) -> None:
    id, _ = told()
    secret = token(who)
    for name in sorted(OF_A_JOURNEY):
        there, nowhere = asked(name, id, secret), None
        if name != "act":
            nowhere = asked(name, "0" * 16, secret)
            assert there.json() == nowhere.json()
        assert there.status_code in (403, 404), name
        assert id not in there.content.decode()
    assert get("/journeys", secret).json()["journeys"] == []
    assert get("/audit", secret).status_code == 403


@pytest.mark.parametrize("missing", [each for each in SCOPES if each != "sign"])
def test_without_its_scope_nothing_is_open_whatever_the_role(url: str, missing: str) -> None:
    id, _ = told()
    for who in ("chop-coordinator-1", "auditor"):
        secret = token(who, *(each for each in SCOPES if each != missing))
        for name, (_, _, scope) in ADDRESSES.items():
            if scope == missing:
                made = asked(name, id, secret)
                assert made.status_code == 403, name
                assert missing in made.json()["detail"]
        assert f"this takes {missing}" in store.trail(0, 1000)[-1].outcome


def test_nothing_is_open_without_a_token(sqlite: str) -> None:
    id, _ = told()
    for name in ADDRESSES:
        assert asked(name, id, "").status_code == 401, name


# What is told to whom ---------------------------------------------------------------------------------------------------


def test_a_site_does_not_learn_how_it_went(url: str) -> None:
    id, _ = told()
    secret = token("morris-plains-quality-1")
    one, listed = get(f"/journeys/{id}", secret).json(), get("/journeys", secret).json()["journeys"][0]
    assert one["stage"] == listed["stage"] == "infused"
    assert (one["died"], one["ended"], one["payer"], one["consents"]) == (None, "", "", [])
    assert (listed["due"], listed["due_at"], listed["severe"]) == ("", "", False)
    assert [each["id"] for each in get("/journeys?stage=infused", secret).json()["journeys"]] == [id]
    for stage in ("response assessed", "relapsed"):
        assert get(f"/journeys?stage={stage}", secret).json()["journeys"] == []
    assert get("/journeys?late=true", secret).json()["journeys"] == []
    assert [each["id"] for each in get("/journeys?late=false", secret).json()["journeys"]] == [id]
    text = json.dumps(get(f"/journeys/{id}/events", secret).json())
    assert "temperature" not in text.replace("temperature logged", "")
    assert ResponseAssessed.name not in text


def test_a_payer_sees_money_and_evidence_and_neither_names_nor_vital_signs(url: str) -> None:
    id, whole = told()
    put(f"/journeys/{id}/person", token("chop-coordinator-1"), PERSON)
    secret = token(story.payer_of(whole))
    seen = ""
    for name in ADDRESSES:
        if name not in OPEN and name != "act":
            seen += asked(name, id, secret).content.decode()
    assert '"billed"' in seen
    for private in ("An Example", "2009-01-02", "39.1", "vasoactive", "astct", "MRN-1"):
        assert private not in seen


def test_a_payer_settles_with_the_tag_that_money_is_read_with(url: str) -> None:
    events = list(story.events(story.Story()))
    id, whole = told(until=len(events) - 1)
    payer = story.payer_of(whole)
    account(payer, PASSWORD)
    secret = token(payer)
    owed = get(f"/journeys/{id}/due", secret)
    assert not owed.json()["settled"]
    body = {"events": [encode(events[-1])], "password": PASSWORD}
    made = post(f"/journeys/{id}/events", secret, body, If_Match=owed.headers["ETag"])
    assert made.status_code == 200, made.content
    assert get(f"/journeys/{id}/due", secret).json()["settled"]
    assert tag(id, token("chop-coordinator-1")) == made.headers["ETag"]
