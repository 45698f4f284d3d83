"""Idempotency: a request that carries a key is done once, and asked again gets the answer it got.

Only what was done is remembered. A request that the rules refused, or that met a conflict, changed nothing: sent again with
its key, it is judged again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from livingdrug.care import chain
from livingdrug.care.models import Outcome
from livingdrug.care.statements import Statement, statement
from livingdrug.journey.codec import canonical
from livingdrug.journey.events import Event

__all__ = ["answered", "noting", "request_digest"]


def request_digest(journey: str, events: Sequence[Event], expected_version: int) -> str:
    """What was asked, as a digest."""
    return chain.digest(chain.spelled([journey, expected_version, [canonical(event) for event in events]]))


def answered(account: str, key: str, request: str) -> dict[str, Any] | str | None:
    """The answer that this request got; a sentence when the key was used for another one; None if it is new."""
    found = Outcome.objects.filter(account=account, key=key).first()
    if found is None:
        return None
    if found.request != request:
        return f"the idempotency key {key!r} was used for another request; make a new key for each request"
    return json.loads(found.answer)


def noting(account: str, key: str, request: str, answer: dict[str, Any], recorded: str) -> Statement:
    """The statement that keeps an answer, for the transaction that it speaks of."""
    return statement("outcome", (account, key, request, chain.spelled(answer), recorded))
