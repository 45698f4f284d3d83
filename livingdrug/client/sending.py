"""One request until it is answered: a key makes a write safe to send again, and what is lost on the way is sent again.

Only what tells nothing about the request is tried again: a connection that failed, and a service or store that is away. Each
write has a key of its own and keeps it, so that a request that was done and whose answer was lost is answered, not done twice.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from livingdrug.client.failures import Away, failure

__all__ = ["ATTEMPTS", "Line", "Reply"]

ATTEMPTS = 5
PAUSE = 0.2
"""Seconds before the second attempt; doubled for each further one."""
AGAIN = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its JSON value, or its bytes; and its headers."""

    content: Any
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """A connection to one service with one token."""

    http: httpx.Client = field(repr=False)
    attempts: int = ATTEMPTS
    wait: Callable[[float], None] = time.sleep

    def get(self, path: str, **asked: Any) -> Reply:
        """Read; what is None is not asked."""
        given = {name: value for name, value in asked.items() if value is not None}
        return self._insist("GET", path, params=given)

    def post(self, path: str, content: Mapping[str, Any], **headers: str) -> Reply:
        """Write, under a key of its own."""
        given = {"Idempotency-Key": uuid.uuid4().hex} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._insist("POST", path, json=content, headers=given)

    def put(self, path: str, content: Mapping[str, Any]) -> Reply:
        """Write over what was there."""
        return self._insist("PUT", path, json=content)

    def _insist(self, method: str, path: str, **about: Any) -> Reply:
        """Send until there is an answer, or `attempts` are used up. Raises `ApiError`."""
        says = ""
        for attempt in range(self.attempts):
            if attempt:
                self.wait(PAUSE * 2 ** (attempt - 1))
            try:
                answer = self.http.request(method, f"/api/v1{path}", **about)
            except httpx.TransportError as error:
                says = f"{self.http.base_url} does not answer ({error or type(error).__name__})"
                continue
            if answer.status_code not in AGAIN:
                return _reply(answer)
            says = _problem(answer).get("detail", f"the service answered {answer.status_code}")
        raise Away(0, f"{says}; given up after {self.attempts} attempts")


def _reply(answer: httpx.Response) -> Reply:
    if answer.status_code >= 400:
        raise failure(answer.status_code, _problem(answer))
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return Reply(answer.json() if is_json else None, answer.content, answer.headers)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that an answer holds; nothing where something else answered, as a proxy does."""
    try:
        made: Any = answer.json()
    except ValueError:
        return {}
    return made if isinstance(made, dict) else {}
