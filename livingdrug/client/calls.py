"""The calls of the API, one method each: events go in as they are recorded, answers come out as plain data."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from types import TracebackType
from typing import Any

import httpx
import polars as pl

from livingdrug.client import answers as a
from livingdrug.client.sending import ATTEMPTS, Line
from livingdrug.journey import codec
from livingdrug.journey.events import Event, PatientReferred

__all__ = ["Client"]

Seen = a.Appended | a.Journey | str
"""What a writer has seen of a journey: its last answer, or an ETag."""


class Client:
    """A client of one service with one token, to be closed or used in `with`.

    >>> with Client("https://livingdrug.example.org", "ld_…") as client:  # doctest: +SKIP
    ...     begun = client.start(referral)
    ...     client.append(begun.journey, consent, expected=begun)
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        seconds: float = 30,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.line = Line(httpx.Client(base_url=url, headers=headers, timeout=seconds, transport=transport), attempts)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.line.http.close()

    # What is declared

    def position(self) -> int:
        """The last position of the log; that there is one says that service and store are there."""
        return int(self.line.get("/health").content["position"])

    def therapies(self) -> tuple[a.Defined, ...]:
        """The therapies that the store knows."""
        return tuple(a.made(a.Defined, each) for each in self.line.get("/therapies").content)

    def networks(self) -> tuple[a.Defined, ...]:
        """The networks that the store knows."""
        return tuple(a.made(a.Defined, each) for each in self.line.get("/networks").content)

    def rules(self) -> tuple[a.Rule, ...]:
        """The rules of a journey."""
        return tuple(a.made(a.Rule, each) for each in self.line.get("/rules").content)

    # Writing

    def start(self, referral: PatientReferred, *, key: str | None = None) -> a.Appended:
        """Refer a patient: a journey begins."""
        return self._written("/journeys", codec.encode(referral), key)

    def append(
        self, journey: str, *events: Event, expected: Seen, password: str | None = None, key: str | None = None
    ) -> a.Appended:
        """Record events, all or none, on a journey as it was seen; `password` signs those that take a signature.

        Raises `Refused` with the rules against it, and `Conflict` where the journey has moved on.
        """
        body: dict[str, Any] = {"events": [codec.encode(each) for each in events]}
        body |= {} if password is None else {"password": password}
        seen = expected if isinstance(expected, str) else a.tag(expected)
        return self._written(f"/journeys/{journey}/events", body, key, If_Match=seen)

    def _written(self, path: str, body: dict[str, Any], key: str | None, **headers: str) -> a.Appended:
        given = headers if key is None else {**headers, "Idempotency_Key": key}
        reply = self.line.post(path, body, **given)
        return replace(a.made(a.Appended, reply.content), repeated=reply.headers.get("Idempotent-Replay") == "true")

    # Reading

    def board(self, **filters: str | bool | None) -> Iterator[a.Row]:
        """Journeys that are the token's to see: stage, center, site, therapy, held, late."""
        after: str | None = None
        asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}
        while True:
            page = self.line.get("/journeys", **asked, after=after).content
            yield from (a.made(a.Row, each) for each in page["journeys"])
            if (after := page["next"]) is None:
                return

    def journey(self, id: str) -> a.Journey:
        """Where a journey stands."""
        return a.made(a.Journey, self.line.get(f"/journeys/{id}").content)

    def events(self, id: str, after: int = 0) -> tuple[a.Recorded, ...]:
        """The events of a journey after a version."""
        return tuple(a.made(a.Recorded, each) for each in self.line.get(f"/journeys/{id}/events", after=after).content)

    def allowed(self, id: str) -> tuple[a.Possible, ...]:
        """Every act, with what speaks against it now."""
        return tuple(a.made(a.Possible, each) for each in self.line.get(f"/journeys/{id}/allowed").content)

    def gate(self, id: str, **scanned: Any) -> a.Gate:
        """The infusion gate for what was scanned: product, chain, second, weight, cells, device."""
        body = {name: asdict(value) if hasattr(value, "__dataclass_fields__") else value for name, value in scanned.items()}
        return a.made(a.Gate, self.line.post(f"/journeys/{id}/gate", body).content)

    def grades(self, id: str) -> tuple[a.Day, ...]:
        """Toxicity, day by day."""
        return tuple(a.made(a.Day, each) for each in self.line.get(f"/journeys/{id}/grades").content)

    def release(self, id: str) -> tuple[a.Release, ...]:
        """Products against their specification."""
        return tuple(a.made(a.Release, each) for each in self.line.get(f"/journeys/{id}/release").content)

    def due(self, id: str) -> a.Due:
        """What the contract says; its `tag` is what a settlement expects."""
        reply = self.line.get(f"/journeys/{id}/due")
        return replace(a.made(a.Due, reply.content), tag=reply.headers["ETag"])

    def person(self, id: str) -> a.Person:
        """Who the patient is."""
        return a.made(a.Person, self.line.get(f"/journeys/{id}/person").content)

    def keep_person(self, id: str, name: str, birth_date: date, *contacts: str) -> None:
        """Say who the patient is."""
        self.line.put(f"/journeys/{id}/person", {"name": name, "birth_date": birth_date.isoformat(), "contacts": contacts})

    # The office

    def ledger(self) -> Iterator[a.Line]:
        """What was settled, oldest first."""
        after: int | None = 0
        while after is not None:
            page = self.line.get("/ledger", after=after).content
            yield from (a.made(a.Line, each) for each in page["lines"])
            after = page["next"]

    def cohort(self, therapy: str, center: str | None = None) -> pl.DataFrame:
        """Recorded journeys as a table with the columns of a simulation."""
        reply = self.line.get("/cohort", therapy=therapy, center=center, format="parquet")
        return pl.read_parquet(io.BytesIO(reply.body))

    def log(self, after: int = 0) -> Iterator[a.Logged]:
        """Every event of every journey after a position, in the order of commits, to the end of the log."""
        while rows := self.line.get("/log", after=after).content:
            yield from (a.made(a.Logged, each) for each in rows)
            after = rows[-1]["position"]

    def audit(self, after: int = 0, **equal: str) -> Iterator[a.Trail]:
        """The audit trail after a position; `equal` narrows to a journey or account."""
        rows = self.line.get("/audit", after=after, **equal).content
        yield from (a.made(a.Trail, each) for each in rows)
        # To ask is noted, too, so that the trail never ends: only a full page is followed by another.
        while len(rows) >= PAGE:
            rows = self.line.get("/audit", after=rows[-1]["position"], **equal).content
            yield from (a.made(a.Trail, each) for each in rows)


PAGE = 200
"""Rows of the audit trail that the service sends at once."""
