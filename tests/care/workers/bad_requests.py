"""Requests that nobody should send: bodies, headers, paths, parameters and tokens gone bad."""

from __future__ import annotations

import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from small import day

from workers import malformed
from workers.asking import referral, seen

__all__ = ["Bad", "answered", "bad_requests"]


@dataclass(frozen=True)
class Bad:
    """A request, and what is wrong with it."""

    wrong: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answered(application: Callable[..., Any], bad: Bad) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer, straight from the application."""
    path, _, query = bad.path.partition("?")
    environment = {
        "REQUEST_METHOD": bad.method, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(bad.body)), "wsgi.input": io.BytesIO(bad.body), "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http", "HTTP_HOST": "localhost",
    }  # fmt: skip
    for name, value in bad.headers.items():
        key = name.upper().replace("-", "_")
        environment[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    said: list[Any] = []
    answer = application(environment, lambda status, headers, error=None: said.extend((status, headers)))
    body = b"".join(answer)
    answer.close()
    return int(said[0].split()[0]), {name.lower(): value for name, value in said[1]}, body


def bad_requests(dice: random.Random, token: str, id: str, tag: str) -> Iterator[Bad]:
    """One after the other, without end. `id` and `tag` are of a journey that is there."""
    while True:
        yield dice.choice(KINDS)(dice, _Good(token, id, tag))


@dataclass(frozen=True)
class _Good:
    """What a good request is made of."""

    token: str
    id: str
    tag: str

    def headers(self, **more: str | None) -> dict[str, str]:
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", "If-Match": self.tag}
        given |= {"Idempotency-Key": uuid.uuid4().hex}
        changed: dict[str, str | None] = {**given, **{name.replace("_", "-"): value for name, value in more.items()}}
        return {name: value for name, value in changed.items() if value is not None}

    def writes(self, dice: random.Random) -> tuple[str, str, Any]:
        """Method, path and body of a good request that writes."""
        person = {"name": "An Example", "birth_date": "2008-05-01", "contacts": ["mail"]}
        gate = {
            "product": "P-1",
            "chain": "C-1",
            "second": {"kind": "record number", "value": "M"},
            "weight": 30.0,
            "cells": 1e8,
        }
        return dice.choice((
            ("POST", "/api/v1/journeys", referral("patient-2")),
            ("POST", f"/api/v1/journeys/{self.id}/events", {"events": [seen(dice.randrange(10**6)), VITALS]}),
            ("POST", f"/api/v1/journeys/{self.id}/events", {"events": [DEPLETION]}),
            ("POST", f"/api/v1/journeys/{self.id}/gate", gate | {"device": "scanner"}),
            ("PUT", f"/api/v1/journeys/{self.id}/person", person),
        ))  # fmt: skip


VITALS = {
    "event": "vitals charted", "at": day(5).isoformat(), "hours": [0.0, 1.0], "temperature": [37.0, 38.5], "vasoactive": [0, 0],
    "oxygen": [0, 1],
}  # fmt: skip
DEPLETION = {"event": "lymphodepletion started", "at": day(5).isoformat(), "drugs": ["fludarabine"]}


def _body(dice: random.Random, good: _Good) -> Bad:
    method, path, content = good.writes(dice)
    wrong, body = malformed.bad_json(dice, content)
    return Bad(wrong, method, path, body, good.headers())


HEADERS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("no key", {"Idempotency_Key": None}),
    ("empty key", {"Idempotency_Key": ""}),
    ("short key", {"Idempotency_Key": "a"}),
    ("long key", {"Idempotency_Key": "k" * 5000}),
    ("key of other letters", {"Idempotency_Key": "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}),
    ("no token", {"Authorization": None}),
    ("another scheme", {"Authorization": "Basic YTpi"}),
    ("unknown token", {"Authorization": "Bearer ld_unknown"}),
    ("long token", {"Authorization": "Bearer " + "x" * 60_000}),
    ("zero in a token", {"Authorization": "Bearer ld_\x00"}),
    ("no type", {"Content_Type": None}),
    ("another type", {"Content_Type": "text/plain"}),
    ("a form", {"Content_Type": "application/x-www-form-urlencoded"}),
    ("parts", {"Content_Type": "multipart/form-data; boundary=x"}),
    ("parts without a boundary", {"Content_Type": "multipart/form-data"}),
    ("no type at all", {"Content_Type": ";;;"}),
    ("another alphabet", {"Content_Type": "application/json; charset=utf-7"}),
    ("more than is sent", {"Content_Length": "99999999"}),
    ("less than nothing", {"Content_Length": "-5"}),
    ("a length in words", {"Content_Length": "many"}),
    ("no length", {"Content_Length": ""}),
)
TAGS = ("", "*", '"0-0"', '"1-zz"', '"99999999999999999999-0123456789abcdef"', 'W/"1-0123456789abcdef"', "1", "\x00", '"' * 500)


def _header(dice: random.Random, good: _Good) -> Bad:
    method, path, content = good.writes(dice)
    wrong, changed = dice.choice(HEADERS)
    return Bad(wrong, method, path, json.dumps(content).encode(), good.headers(**changed))


def _tag(dice: random.Random, good: _Good) -> Bad:
    tag = dice.choice(TAGS)
    body = json.dumps({"events": [seen(dice.randrange(10**6))]}).encode()
    return Bad(f"tag {tag[:30]!r}", "POST", f"/api/v1/journeys/{good.id}/events", body, good.headers(If_Match=tag))


ODD_PARTS = (
    "", "..", "../../etc/passwd", "%00", "\x00", "\ud7ff", "\U0001f600", "a" * 3000, "'; DROP TABLE care_event; --", "0", "-1",
    "null", "%2e%2e%2f", "journeys", "1e9", " ", "\n", "undefined", "{id}", "..;/", "*", "0123456789abcdef",
)  # fmt: skip
PATHS = (
    "/journeys/{}", "/journeys/{}/events", "/journeys/{}/allowed", "/journeys/{}/grades", "/journeys/{}/release",
    "/journeys/{}/due", "/journeys/{}/person", "/therapies/{}", "/networks/{}", "/rules/{}", "/{}", "/journeys/{}/{}",
)  # fmt: skip


def _path(dice: random.Random, good: _Good) -> Bad:
    part = dice.choice(ODD_PARTS)
    path = dice.choice(PATHS).replace("{}", part)
    return Bad(f"path with {part[:20]!r}", dice.choice(("GET", "GET", "POST", "DELETE")), f"/api/v1{path}", b"", good.headers())


PARAMETERS = (
    ("/journeys", "after"), ("/journeys", "limit"), ("/journeys", "stage"), ("/journeys", "held"), ("/journeys", "late"),
    ("/ledger", "after"), ("/ledger", "limit"), ("/cohort", "format"), ("/cohort", "therapy"), ("/log", "after"),
    ("/log", "limit"), ("/audit", "after"), ("/audit", "limit"), ("/audit", "journey"), ("/networks/us-launch-2017", "on"),
)  # fmt: skip
ODD_VALUES = (
    "", "x", "-1", "0", "99999999999999999999999", "1e5", "NaN", "\x00", "~", "~~~~", "2018-03-01~", "~x", "'; --", "a" * 5000,
    "2018-02-30", "true'", "[]", "\U0001f600", "\ufffe", "..", "%", "true", "infused",
)  # fmt: skip


def _parameter(dice: random.Random, good: _Good) -> Bad:
    path, name = dice.choice(PARAMETERS)
    value = dice.choice(ODD_VALUES)
    asked = f"{name}={quote(value)}" if dice.random() < 0.9 else f"{name}=1&{name}={quote(value)}&{name}[]=2&=&&%zz"
    return Bad(f"{name}={value[:20]!r}", "GET", f"/api/v1{path}?{asked}", b"", good.headers())


def _method(dice: random.Random, good: _Good) -> Bad:
    method = dice.choice(("PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "", "G\x00T", "post"))
    path = dice.choice(("/journeys", f"/journeys/{good.id}", f"/journeys/{good.id}/events", "/log", "/health"))
    return Bad(f"method {method!r}", method, f"/api/v1{path}", b"{}", good.headers())


KINDS: tuple[Callable[[random.Random, _Good], Bad], ...] = (
    _body,
    _body,
    _body,
    _body,
    _header,
    _tag,
    _path,
    _parameter,
    _method,
)
