"""Versions of a journey as entity tags, and the keys that make a request safe to send twice."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError

from livingdrug.care.states import Standing

__all__ = ["expected", "key", "tag", "tagged"]

TAG = re.compile(r'"(\d{1,9})-[0-9a-f]{16}"')
KEY = re.compile(r"[\x21-\x7e]{8,200}")


def tag(version: int, head: str) -> str:
    """The entity tag of a journey at a version: the number, and the beginning of the hash of its last event."""
    return f'"{version}-{head[:16]}"'


def tagged(answer: HttpResponse, version: int, head: str) -> HttpResponse:
    """The answer with the tag of the journey."""
    answer["ETag"] = tag(version, head)
    return answer


def expected(request: HttpRequest, standing: Standing) -> int:
    """The version that a writer has seen, of If-Match. Raises `HttpError` 428 without it, 412 for another."""
    given = request.META.get("HTTP_IF_MATCH")
    if given is None:
        raise HttpError(428, "say which version you have seen: If-Match with the ETag of the journey")
    found = TAG.fullmatch(given.strip())
    if found is None:
        raise HttpError(412, f"If-Match {given[:60]!r} is no tag of a journey; send the ETag that you were given")
    version = int(found[1])
    if version == standing.version and given.strip() != tag(standing.version, standing.head):
        raise HttpError(412, "the tag is of another journey or another history; read the journey again")
    return version


def key(request: HttpRequest) -> str:
    """The key under which a write is remembered, of Idempotency-Key. Raises `HttpError` 428 without it, 400 for a bad one."""
    given = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        raise HttpError(428, "give the request a key of its own: Idempotency-Key, 8 to 200 characters, as a random UUID")
    if not KEY.fullmatch(given):
        raise HttpError(400, "Idempotency-Key is 8 to 200 visible ASCII characters")
    return given
