"""The API as its clients meet it: versions, keys, pages, signatures, personal identifiers, errors, and the trail of it all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from api_world import PASSWORD, account, client, get, key, post, put, story, tag, token, told
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livingdrug.care import states, store
from livingdrug.care.api import bodies, gatekeeper, tokens
from livingdrug.care.api.models import Token
from livingdrug.care.tokens import private
from livingdrug.journey.codec import encode
from livingdrug.journey.events import GatePassed, Identifier
from livingdrug.journey.rules.library import RULES

CONSENT = {"event": "consent given", "at": "2018-03-06T10:00:00-05:00", "scope": "research"}
REFERRED = {
    "event": "referred",
    "at": "2018-03-05T09:00:00-05:00",
    "patient": "p-9",
    "therapy": "tisagenlecleucel",
    "center": "chop",
    "identifiers": [
        {"kind": "record number", "value": "MRN-77"},
        {"kind": "name and birth date", "value": "Doe, Jane 2009-01-02"},
    ],
}


def trail() -> list[Any]:
    return list(store.trail(0, 10_000))


def acted(id: str, secret: str, *events: Any, **more: Any) -> Any:
    """Record events at the version as it is now."""
    password = {"password": more.pop("password")} if "password" in more else {}
    headers = {"If-Match": tag(id, secret), **more}
    return post(f"/journeys/{id}/events", secret, {"events": list(events), **password}, **headers)


# Writing ----------------------------------------------------------------------------------------------------------------


def test_a_referral_begins_a_journey_that_is_read_under_its_tag(url: str) -> None:
    secret = token("chop-coordinator-1")
    made = post("/journeys", secret, REFERRED)
    assert made.status_code == 201
    assert made.json()["version"] == 1
    assert get(f"/journeys/{made.json()['journey']}", secret).headers["ETag"] == made.headers["ETag"]


def test_personal_identifiers_are_kept_as_tokens_and_scans_of_them_agree(url: str) -> None:
    secret = token("chop-coordinator-1")
    id = post("/journeys", secret, REFERRED).json()["journey"]
    assert "Doe" not in json.dumps(store.rows(id))
    assert "MRN-77" not in json.dumps(store.rows(id))
    journey, gate = store.latest(id).state, story.gate(story.Story(), 30)
    read = private(replace(gate, second=Identifier("record number", "mrn-77")), journey)
    assert isinstance(read, GatePassed)
    assert read.second in journey.identifiers
    assert private(read, journey) == read
    scanned = {"second": {"kind": "record number", "value": "mrn-77"}}
    assert "mrn-77" not in post(f"/journeys/{id}/gate", token("chop-physician-1"), scanned).content.decode()


def test_the_same_request_with_the_same_key_is_answered_once_more_and_done_once(url: str) -> None:
    secret, used = token("chop-coordinator-1"), key()
    first, again = (post("/journeys", secret, REFERRED, Idempotency_Key=used) for _ in range(2))
    assert again.json() == first.json()
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    other = post("/journeys", secret, {**REFERRED, "patient": "p-10"}, Idempotency_Key=used)
    assert other.status_code == 409


def test_a_signed_request_that_is_sent_again_is_done_once(url: str) -> None:
    id, released = before_release()
    account(released.by, PASSWORD)
    secret = token(released.by)
    more = {"Idempotency-Key": key(), "If-Match": tag(id, secret)}
    body = {"events": [encode(released)], "password": PASSWORD}
    first, again = (post(f"/journeys/{id}/events", secret, body, **more) for _ in range(2))
    assert first.status_code == again.status_code == 200, first.content
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_write_says_which_version_it_has_seen(url: str) -> None:
    id, _ = told(until=4)
    secret = token("chop-physician-1")
    path, body = f"/journeys/{id}/events", {"events": [CONSENT]}
    assert post(path, secret, body).status_code == 428
    assert post(path, secret, body, If_Match='"4-0000000000000000"').status_code == 412
    assert post(path, secret, body, If_Match="*").status_code == 412
    old = tag(id, secret)
    done = post(path, secret, body, If_Match=old)
    assert done.status_code == 200
    assert done.headers["ETag"] == tag(id, secret) != old
    changed = post(path, secret, {"events": [{**CONSENT, "scope": "storage"}]}, If_Match=old)
    assert (changed.status_code, changed.json()["title"]) == (412, "Changed meanwhile")


def test_a_write_has_a_key(url: str) -> None:
    id, _ = told(until=4)
    secret = token("chop-physician-1")
    headers = {"Authorization": f"Bearer {secret}", "If-Match": tag(id, secret)}
    for given, status in (({}, 428), ({"Idempotency-Key": "short"}, 400)):
        made = client().post(
            f"/api/v1/journeys/{id}/events", {"events": [CONSENT]}, content_type="application/json", headers=headers | given
        )
        assert made.status_code == status


def test_several_events_are_recorded_all_or_none(url: str) -> None:
    id, _ = told(until=4)
    secret = token("chop-physician-1")
    bad = {"event": "died", "at": "2018-03-01T10:00:00-05:00", "cause": "disease", "detail": ""}
    made = acted(id, secret, CONSENT, bad)
    assert made.status_code == 422
    assert store.latest(id).version == 4


def test_a_refusal_names_its_rules_and_why_there_are_such(url: str) -> None:
    id, _ = told(until=4)
    made = acted(id, token("chop-physician-1"), {**CONSENT, "at": "2018-03-01T10:00:00-05:00"})
    assert made.status_code == 422
    assert made.headers["Content-Type"] == "application/problem+json"
    for each in made.json()["rules"]:
        assert each["why"] == RULES[each["rule"]].why
        assert each["title"] == RULES[each["rule"]].title
    assert made.json()["rules"]


def test_a_token_acts_as_its_own_person_and_nobody_else(url: str) -> None:
    id, _ = told(until=4)
    made = acted(id, token("chop-physician-1"), {**CONSENT, "by": "chop-physician-2"})
    assert made.status_code == 403
    assert trail()[-1].outcome.startswith("refused: consent given is by")


# Signatures -------------------------------------------------------------------------------------------------------------


def before_release() -> tuple[str, Any]:
    """A journey whose product waits for its release, and the release."""
    events = list(story.events(story.Story()))
    place = next(i for i, each in enumerate(events) if each.name == "released")
    return told(until=place)[0], events[place]


def test_an_act_that_is_signed_takes_the_password_and_is_followed_by_its_signature(url: str) -> None:
    id, released = before_release()
    account(released.by, PASSWORD)
    secret = token(released.by)
    without = acted(id, secret, encode(released))
    assert without.status_code == 403
    assert "password" in without.json()["detail"]
    done = acted(id, secret, encode(released), password=PASSWORD)
    assert done.status_code == 200, done.content
    signature: Any = store.latest(id).state.history[-1]
    assert (signature.name, signature.by, signature.meaning) == ("signed", released.by, "approval")
    assert signature.position == done.json()["version"] - 1
    assert PASSWORD not in json.dumps(store.rows(id))


def test_a_token_without_the_scope_signs_nothing_even_with_the_password(url: str) -> None:
    id, released = before_release()
    account(released.by, PASSWORD)
    made = acted(id, token(released.by, "read", "act"), encode(released), password=PASSWORD)
    assert made.status_code == 403
    assert "scope sign" in made.json()["detail"]


def test_wrong_passwords_lock_the_account_and_are_never_repeated(url: str) -> None:
    id, released = before_release()
    account(released.by, PASSWORD)
    secret = token(released.by)
    answers = [acted(id, secret, encode(released), password=f"wrong-{n}") for n in range(5)]
    assert {each.status_code for each in answers} == {403}
    assert all("wrong-" not in each.content.decode() for each in answers)
    assert not any("wrong-" in f"{each.what} {each.outcome}" for each in trail())
    assert acted(id, secret, encode(released), password=PASSWORD).status_code == 403


def test_a_signature_of_its_own_takes_the_password_too(url: str) -> None:
    id, _ = told(until=4)
    forged = {"event": "signed", "at": "2018-03-06T12:00:00-05:00", "position": 1, "meaning": "approval", "digest": "0" * 64}
    assert acted(id, token("chop-physician-1"), forged).status_code == 403


# Reading ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "/events", "/allowed", "/grades", "/release", "/person"])
def test_whatever_is_read_of_a_patient_is_in_the_trail(url: str, part: str) -> None:
    id, _ = told()
    secret, before = token("chop-physician-1"), len(trail())
    get(f"/journeys/{id}{part}", secret)
    fresh = trail()[before:]
    assert [each.action for each in fresh] == ["R"]
    assert all("token" in each.account for each in fresh)


@pytest.mark.parametrize(("path", "who", "action"), [
    ("/journeys", "chop-physician-1", "R"), ("/ledger", "medicare-payer-1", "R"), ("/log", "auditor", "E"),
    ("/cohort?therapy=tisagenlecleucel", "chop-physician-1", "E"), ("/audit", "auditor", "R"),
])  # fmt: skip
def test_lists_and_exports_are_in_the_trail(url: str, path: str, who: str, action: str) -> None:
    told()
    secret, before = token(who), len(trail())
    assert get(path, secret).status_code == 200
    assert [each.action for each in trail()[before:]] == [action]


def test_a_whole_journey_is_graded_with_what_a_clinician_says_beside_it(url: str) -> None:
    id, _ = told()
    secret = token("chop-physician-1")
    days = get(f"/journeys/{id}/grades", secret).json()
    worst = max(days, key=lambda each: each["astct"])
    assert worst["astct"] >= 1
    assert worst["overrides"] == {}


def test_pages_of_the_board_neither_repeat_nor_lose_a_journey_while_others_are_recorded(url: str) -> None:
    mine = {told(number, until=2)[0] for number in range(1, 8)}
    secret = token("chop-coordinator-1")
    found: list[str] = []
    page = get("/journeys?limit=3", secret).json()
    told(20, until=2)
    while page["next"]:
        found += [each["id"] for each in page["journeys"]]
        page = get(f"/journeys?limit=3&after={page['next']}", secret).json()
    found += [each["id"] for each in page["journeys"]]
    assert len(found) == len(set(found))
    assert mine <= set(found)


def test_the_log_is_read_on_from_where_it_was_left(url: str) -> None:
    told()
    secret = token("auditor")
    whole = get("/log?limit=1000", secret).json()
    first = get("/log?limit=10", secret).json()
    rest = get(f"/log?limit=1000&after={first[-1]['position']}", secret).json()
    assert first + rest == whole
    assert [each["position"] for each in whole] == list(range(1, len(whole) + 1))


def test_a_cohort_is_a_table_as_accept_or_format_says(url: str) -> None:
    told()
    secret, path = token("chop-physician-1"), "/cohort?therapy=tisagenlecleucel"
    assert get(path, secret).content[:4] == b"PAR1"
    assert get(path, secret, Accept="text/csv").headers["Content-Type"].startswith("text/csv")
    assert get(f"{path}&format=csv", secret).content.decode().startswith("patient")
    assert get(f"{path}&format=parquet", secret, Accept="text/csv").content[:4] == b"PAR1"


def test_names_are_kept_apart_and_read_back(url: str) -> None:
    id, _ = told(until=3)
    secret = token("chop-coordinator-1")
    content = {"name": "An Example", "birth_date": "2009-01-02", "contacts": []}
    assert put(f"/journeys/{id}/person", secret, content).status_code == 200
    assert get(f"/journeys/{id}/person", secret).json() == content


# Errors -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "status"), [
    ("{", 400), ('{"a": NaN}', 400), ('{"a": 1, "a": 2}', 400), ("[1]", 400), ("[" * 100_000, 400), ("\xff", 422),
    ('{"events": ' + "[" * 60 + "]" * 60 + "}", 400), ("{}", 422), ('{"events": []}', 422), ('{"events": [1]}', 422),
    ('{"events": [{"event": "fled"}]}', 422), ('{"events": [{"event": "consent given"}], "more": 1}', 422),
    ('{"events": [{"event": "died"}], "password": 7}', 422), (" " * (bodies.LARGEST + 1), 413), (b"\xff", 400),
])  # fmt: skip
def test_a_bad_body_is_refused_in_words(sqlite: str, text: Any, status: int) -> None:
    id, _ = told(until=4)
    secret = token("chop-physician-1")
    made = post(f"/journeys/{id}/events", secret, text, If_Match=tag(id, secret))
    assert made.status_code in ((status, 400) if text == "\xff" else (status,)), made.content
    assert made.json()["detail"]


def test_a_body_that_is_not_json_is_refused(sqlite: str) -> None:
    headers = {"Authorization": f"Bearer {token('chop-coordinator-1')}", "Idempotency-Key": key()}
    made = client().post("/api/v1/journeys", {"a": "b"}, headers=headers)
    assert made.status_code == 415


@pytest.mark.parametrize(
    "path", ["/journeys/a%00b", "/journeys?center=a%00", "/journeys?after=a~%00", "/therapies/%0a", "/x%7f"]
)
def test_a_control_character_in_an_address_is_refused(url: str, path: str) -> None:
    made = get(path, token("auditor"))
    assert made.status_code == 400
    assert "control character" in made.json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("DELETE", "/journeys", 405), ("GET", "/journeys/0000000000000000", 404),
    ("GET", "/therapies/aspirin", 404), ("GET", "/rules/XYZ-1", 404), ("GET", "/journeys?limit=0", 400),
    ("GET", "/journeys?after=x", 422),
])  # fmt: skip
def test_every_error_has_the_one_shape_and_the_usual_headers(sqlite: str, method: str, path: str, status: int) -> None:
    secret = token("chop-physician-1")
    made = client().generic(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})
    assert made.status_code == status
    assert made.headers["Content-Type"] == "application/problem+json"
    assert set(made.json()) == {"type", "title", "status", "detail", "errors", "rules"}
    assert made.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in made.headers


def test_every_error_that_an_address_may_answer_is_described(sqlite: str) -> None:
    described = client().get("/api/v1/openapi.json").json()
    for path, methods in described["paths"].items():
        for operation in methods.values():
            wanted = {"503"} if path.endswith("/health") else {"400", "401", "403", "404", "412", "422", "428", "503"}
            assert wanted <= set(operation["responses"])
    assert len(json.dumps(described)) < 400_000


# Tokens -----------------------------------------------------------------------------------------------------------------


def test_a_token_that_is_wrong_expired_or_revoked_opens_nothing_and_leaves_a_trace(url: str) -> None:
    gatekeeper.forget()
    good = {name: token("chop-physician-1") for name in ("expired", "revoked")}
    rows = dict(zip(good, Token.objects.order_by("id"), strict=True))
    Token.objects.filter(id=rows["expired"].id).update(expires=rows["expired"].made)
    tokens.revoke(rows["revoked"].id)
    for name, secret in {**good, "such": "ld_nothing"}.items():
        made = get("/therapies", secret)
        assert made.status_code == 401
        assert made.headers["WWW-Authenticate"].startswith("Bearer")
        assert name in trail()[-1].outcome
        assert not any(secret in f"{each.account} {each.what} {each.outcome}" for each in trail())


def test_a_token_is_kept_as_its_digest_only_and_its_making_and_revoking_are_in_the_trail(url: str) -> None:
    secret = token("chop-physician-1", "read")
    row = Token.objects.get()
    assert secret not in json.dumps({name: str(value) for name, value in vars(row).items()})
    tokens.revoke(row.id)
    assert [each.action for each in trail() if each.what.startswith("token")] == ["C", "U"]


def test_a_token_knows_when_it_was_last_used(url: str) -> None:
    secret = token("chop-physician-1")
    assert Token.objects.get().last_used is None
    get("/therapies", secret)
    first = Token.objects.get().last_used
    assert first is not None
    tokens.forget()
    get("/therapies", secret)
    assert Token.objects.get().last_used == first


def test_a_journey_of_another_center_takes_the_path_of_one_that_is_not_there(url: str) -> None:
    id, _ = told()
    secret = token("stanford-physician-1")
    asked: list[int] = []
    get("/therapies", secret)
    for each in (id, "0" * 16):
        states.forget()
        with CaptureQueriesContext(connection) as seen:
            answer = get(f"/journeys/{each}", secret)
        asked.append(len(seen))
        assert answer.status_code == 404
    assert asked[0] == asked[1]
    assert states._found(id) is None  # type: ignore[attr-defined]
