"""Personal identifiers as tokens: scans are compared by them, and the log never learns a name, birth date or record number.

A token is made with a key that is derived from `LIVINGDRUG_KEY`: without it nobody can try names until one fits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from livingdrug.journey import codec
from livingdrug.journey.events import BY_NAME, Event, Identifier
from livingdrug.journey.state import Journey

__all__ = [
    "NAME_AND_BIRTH_DATE",
    "PERSONAL",
    "RECORD_NUMBER",
    "name_and_birth_date",
    "private",
    "read_as",
    "token",
    "with_tokens",
]

RECORD_NUMBER = "record number"
NAME_AND_BIRTH_DATE = "name and birth date"
PERSONAL = (RECORD_NUMBER, NAME_AND_BIRTH_DATE)
"""Kinds of identifiers that tell who somebody is (45 CFR 164.514(b)(2)): only their tokens are kept."""

LENGTH = 20
"""Letters of a token, five bits each: no two of a million million patients share one."""
TOKEN = re.compile(r"T-[A-Z2-7]{20}")


def token(kind: str, value: str) -> str:
    """The token of a personal identifier; capitals and spaces make no difference."""
    text = f"{kind}\n{' '.join(value.split()).casefold()}"
    made = hmac.new(_key(), text.encode(), hashlib.sha256).digest()
    return "T-" + base64.b32encode(made).decode()[:LENGTH]


def name_and_birth_date(name: str, born: str) -> str:
    """How the two are read together, as one identifier: `Doe, Jane 2014-05-01`."""
    return f"{name} {born}"


def read_as(journey: Journey, kind: str, value: str) -> str:
    """What was scanned or typed as the journey knows it: a token for what is personal, unless the log holds it as it is."""
    if kind not in PERSONAL or Identifier(kind, value) in journey.identifiers:
        return value
    return token(kind, value)


def with_tokens(journey: Journey, content: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON values of an event, with tokens in the place of personal identifiers."""
    of = codec.typed_fields(BY_NAME[content["event"]])
    return {name: _tokened(journey, value) if of.get(name) is Identifier else value for name, value in content.items()}


def private(event: Event, journey: Journey) -> Event:
    """The event with tokens in the place of personal identifiers, also of those in a list or in what replaces an event."""
    fields = {name: getattr(event, name) for name in codec.typed_fields(type(event))}
    changed = {name: made for name, value in fields.items() if (made := _private(value, journey)) is not value}
    return replace(event, **changed) if changed else event


def _private(value: Any, journey: Journey) -> Any:
    if isinstance(value, Identifier):
        known = not value.value or TOKEN.fullmatch(value.value)  # who has the tokens may send them
        return value if known else replace(value, value=read_as(journey, value.kind, value.value))
    if isinstance(value, Event):
        return private(value, journey)
    if isinstance(value, tuple) and value and isinstance(value[0], Identifier):
        return tuple(_private(each, journey) for each in value)
    return value


def _tokened(journey: Journey, value: Mapping[str, str]) -> dict[str, str]:
    kind, read = value.get("kind", ""), value.get("value", "")
    return {"kind": kind, "value": read_as(journey, kind, read) if read else read}


def _key() -> bytes:
    return hmac.new(bytes.fromhex(settings.LIVINGDRUG_KEY), b"tokens of identifiers", hashlib.sha256).digest()
