"""What the store answers to whoever wants to write, and what it remembers of a request that carries a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from livingdrug.care import access, clock, outcomes
from livingdrug.journey.events import Event

__all__ = ["Appended", "Conflict", "Request", "answered", "moved", "request"]


@dataclass(frozen=True, slots=True)
class Appended:
    """The events are kept: the journey's new version, their positions in the log, and the hash of the last.

    `repeated`: the same request with the same key was answered before, and this is that answer.
    """

    journey: str
    version: int
    positions: tuple[int, ...]
    head: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: `kind` says what stood against it, `says` is the sentence, `version` the journey's own."""

    kind: Literal["version", "claim", "key"]
    says: str
    version: int

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks and when; `digest` is what was asked, for the key, if there is one."""

    account: str
    key: str | None
    now: datetime
    source: access.Source
    digest: str


def request(
    asked: str,
    events: Sequence[Event],
    version: int,
    account: str,
    key: str | None,
    now: datetime | None,
    source: access.Source,
) -> Request:
    digest = outcomes.request_digest(asked, events, version) if key else ""
    return Request(account, key, now or clock.now(), source, digest)


def answered(request: Request, version: int) -> Appended | Conflict | None:
    """What a request with this key was answered; a conflict if it was another request."""
    if not request.key:
        return None
    found = outcomes.answered(request.account, request.key, request.digest)
    if found is None or isinstance(found, str):
        return Conflict("key", found, version) if found else None
    return Appended(found["journey"], found["version"], tuple(found["positions"]), found["head"], repeated=True)


def moved(request: Request, version: int, expected: int) -> Appended | Conflict:
    """The journey is elsewhere. The first time, a request moves it by itself; sent again, it gets the answer it got."""
    says = f"the journey is at version {version}, not {expected}: somebody recorded something; read it again"
    return answered(request, version) or Conflict("version", says, version)
