"""The client alone: what it sends, how often, and which error an answer becomes; the service is played by a function."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from livingdrug import client as public
from livingdrug.client import Away, Client, Conflict, NotAllowed, NotThere, Refused, Unfit
from livingdrug.client.failures import ApiError
from livingdrug.errors import Complaint, LivingdrugError
from livingdrug.journey.events import ConsentGiven

CONSENT = ConsentGiven(at=datetime(2018, 3, 6, 15, tzinfo=UTC), by="chop-physician-1", scope="treatment")
APPENDED = {"journey": "j", "version": 2, "positions": [2], "head": "f" * 64}


def played(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[Client, list[httpx.Request]]:
    """A client whose service is a function; and what was sent."""
    sent: list[httpx.Request] = []

    def noting(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answer(request)

    made = Client("http://service", "ld_secret", transport=httpx.MockTransport(noting))
    object.__setattr__(made.line, "wait", lambda seconds: None)
    return made, sent


def always(status: int, content: Any, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, json=content, headers=headers)


def append(client: Client, **more: Any) -> Any:
    return client.append("j", CONSENT, expected='"1-0123456789abcdef"', **more)


def test_a_write_carries_the_version_that_was_seen_and_a_key_of_its_own() -> None:
    client, sent = played(always(200, APPENDED))
    first = append(client)
    client.append("j", CONSENT, expected=first)
    assert [each.headers["If-Match"] for each in sent] == ['"1-0123456789abcdef"', f'"2-{"f" * 16}"']
    assert len({each.headers["Idempotency-Key"] for each in sent}) == 2
    assert sent[0].headers["Authorization"] == "Bearer ld_secret"
    assert "password" not in json.loads(sent[0].content)


def test_the_password_goes_beside_the_events_where_it_is_given() -> None:
    client, sent = played(always(200, APPENDED))
    append(client, password="quiet-harbor")
    assert json.loads(sent[0].content)["password"] == "quiet-harbor"


def test_a_lost_connection_is_tried_again_with_the_same_key() -> None:
    answers = iter([httpx.ConnectError("refused"), httpx.ReadTimeout("late"), httpx.Response(503, json={"detail": "away"})])

    def faulty(request: httpx.Request) -> httpx.Response:
        each = next(answers, httpx.Response(200, json=APPENDED, headers={"Idempotent-Replay": "true"}))
        if isinstance(each, Exception):
            raise each
        return each

    client, sent = played(faulty)
    assert append(client).repeated
    assert len(sent) == 4
    assert len({each.headers["Idempotency-Key"] for each in sent}) == 1


def test_a_service_that_stays_away_is_given_up_in_words() -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    client, sent = played(dead)
    with pytest.raises(Away, match=r"does not answer .connection refused.; given up after 5 attempts"):
        client.therapies()
    assert len(sent) == 5


@pytest.mark.parametrize(("status", "kind"), [
    (400, Unfit), (401, NotAllowed), (403, NotAllowed), (404, NotThere), (409, Conflict), (412, Conflict), (422, Unfit),
    (428, Unfit), (500, Away),
])  # fmt: skip
def test_an_error_is_of_the_kind_that_tells_what_to_do(status: int, kind: type[ApiError]) -> None:
    client, sent = played(always(status, {"detail": "says why", "errors": [], "rules": []}))
    with pytest.raises(kind, match="says why") as caught:
        client.journey("j")
    assert isinstance(caught.value, LivingdrugError)
    assert caught.value.status == status
    assert len(sent) == 1


def test_a_refusal_names_its_rules() -> None:
    rule = {"rule": "REF-001", "title": "T", "says": "no consent", "waivers": ["physician"], "why": "because"}
    client, _ = played(always(422, {"detail": "refused", "rules": [rule]}))
    with pytest.raises(Refused) as caught:
        append(client)
    assert caught.value.numbers == ("REF-001",)
    assert caught.value.rules[0].why == "because"
    assert str(caught.value) == "refused\nREF-001: no consent"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_complaints_keep_their_places() -> None:
    client, _ = played(always(422, {"detail": "d", "errors": [{"where": "events.0.at", "says": "is no time"}], "rules": []}))
    with pytest.raises(Unfit) as caught:
        append(client)
    assert caught.value.complaints == (Complaint("events.0.at", "is no time"),)


def test_an_error_page_of_a_proxy_is_an_error_too() -> None:
    client, _ = played(lambda request: httpx.Response(404, text="<html>"))
    with pytest.raises(NotThere, match="404 without a reason"):
        client.journey("j")


def test_fields_that_a_newer_service_adds_are_left_out() -> None:
    client, _ = played(always(200, [{"name": "a", "title": "b", "digest": "c", "color": "red"}]))
    assert client.therapies()[0].title == "b"


def test_pages_of_the_board_are_followed_to_the_end() -> None:
    row = {name: "" for name in ("patient", "therapy", "stage", "center", "site", "last_at", "due", "due_at")}
    row |= {"version": 1, "held": False, "severe": False, "blocked": []}
    pages = {None: {"journeys": [{"id": "1", **row}], "next": "c"}, "c": {"journeys": [{"id": "2", **row}], "next": None}}
    client, sent = played(lambda request: httpx.Response(200, json=pages[request.url.params.get("after")]))
    assert [each.id for each in client.board(held=True, center=None)] == ["1", "2"]
    assert dict(sent[0].url.params) == {"held": "true"}


def test_what_is_public_can_be_imported() -> None:
    assert sorted(public.__all__) == list(public.__all__)
    assert all(hasattr(public, name) for name in public.__all__)
