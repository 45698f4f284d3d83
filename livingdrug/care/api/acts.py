"""Every event as a schema of OpenAPI, made from its class: what clients and generators of clients read of the acts."""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import date, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin

from livingdrug.care.accounts.signing import SIGNED_ACTS
from livingdrug.journey.codec import LONGEST_SERIES, LONGEST_TEXT, typed_fields
from livingdrug.journey.events import BY_NAME, Corrected, Event, GatePassed, Identifier, PatientReferred, Signed
from livingdrug.journey.rules.general import KNOWN
from livingdrug.journey.rules.roles import ROLES

__all__ = ["ACTS", "MANY", "REFERRAL", "SCANNED", "SIGNS", "acts", "components", "described", "referral", "scanned"]

MANY = 200
"""Events of one request."""
SIGNS = frozenset({*SIGNED_ACTS, Signed.name})
"""Events that take the account's password."""
HEAD = ("event", "version", "at", "by")
LARGEST = 2**53 - 1
NO_CONTROL = r"^[^\u0000-\u0008\u000b-\u001f]*$"
PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string", "maxLength": LONGEST_TEXT, "pattern": NO_CONTROL},
    float: {"type": "number", "minimum": -1e300, "maximum": 1e300},
    int: {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time", "description": "With its time zone; from 1901 to 2199."},
    date: {"type": "string", "format": "date"},
}
BY = {"type": "string", "maxLength": 200, "description": "The person of the token, who is filled in where it is left out."}


def described(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """The description of a body that is read by hand."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def acts() -> dict[str, Any]:
    """One to many events of any kind but a referral, and the password that signs."""
    events = {"type": "array", "minItems": 1, "maxItems": MANY, "items": _to("Act")}
    about = f"Of the token's account; needed where one of the events is signed: {', '.join(sorted(SIGNS))}. It is not kept."
    password = {"type": "string", "format": "password", "maxLength": 1000, "description": about}
    properties = {"events": events, "password": password}
    return {"type": "object", "properties": properties, "required": ["events"], "additionalProperties": False}


def referral() -> dict[str, Any]:
    """The event with which a journey begins."""
    return _to(_title(PatientReferred.name))


def scanned() -> dict[str, Any]:
    """What is scanned at the gate; everything may be left out, and is then not met."""
    return _to("Scanned")


@cache
def components() -> dict[str, Any]:
    """The schemas of all events, of what they hold, and of their unions."""
    made = {_title(name): _event(name, kind) for name, kind in BY_NAME.items()}
    properties = made[_title(GatePassed.name)]["properties"]
    scanned = {name: of for name, of in properties.items() if name not in HEAD}
    return {
        **made,
        "Identifier": _object(Identifier),
        "Scanned": {"type": "object", "properties": scanned, "additionalProperties": False},
        "Act": _union(lambda kind: kind is not PatientReferred),
        "Replacement": _union(lambda kind: kind not in (Corrected, Signed)),
    }


def _union(fits: Callable[[type[Event]], bool]) -> dict[str, Any]:
    """Any one of several events, told apart by `event`."""
    mapping = {name: _to(_title(name))["$ref"] for name, kind in BY_NAME.items() if fits(kind)}
    listed = [{"$ref": each} for each in mapping.values()]
    return {"oneOf": listed, "discriminator": {"propertyName": "event", "mapping": mapping}}


def _to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _title(name: str) -> str:
    """The name of an event's schema: `GatePassedEvent` for "gate passed"."""
    return "".join(word.capitalize() for word in re.split(r"[ -]", name)) + "Event"


def _event(name: str, kind: type[Event]) -> dict[str, Any]:
    made = _object(kind)
    signed = " Signed with the account's password." if name in SIGNS else ""
    head = {"event": {"const": name}, "version": {"type": "integer", "minimum": 1, "maximum": kind.version}}
    return {
        **made,
        "title": kind.__name__,
        "description": f"{made['description']} Recorded by: {', '.join(ROLES.get(kind, ()))}.{signed}",
        "properties": head | made["properties"] | {"by": BY},
        "required": ["event", *(each for each in made["required"] if each != "by")],
    }


def _object(of: type) -> dict[str, Any]:
    required = [each.name for each in fields(of) if each.default is MISSING and each.default_factory is MISSING]
    words: Any = KNOWN
    known = words.get(of, {})
    described = {
        name: {"enum": list(known[name])} if name in known and kind is str else _type(kind)
        for name, kind in typed_fields(of).items()
    }
    about = " ".join((of.__doc__ or "").split())
    return {
        "type": "object",
        "description": about,
        "properties": described,
        "required": required,
        "additionalProperties": False,
    }


def _type(kind: Any) -> dict[str, Any]:
    if get_origin(kind) in (Union, types.UnionType):
        inner = next(each for each in get_args(kind) if each is not type(None))
        return {"anyOf": [_type(inner), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _type(get_args(kind)[0]), "maxItems": LONGEST_SERIES}
    if kind in PLAIN:
        return PLAIN[kind]
    return _to("Replacement" if kind is Event else kind.__name__)


# Examples of bodies; `by` is left out, because the token says who answers -------------------------------------------------

REFERRAL: dict[str, Any] = {
    "event": "referred",
    "at": "2018-03-05T09:00:00-05:00",
    "patient": "patient-1",
    "therapy": "tisagenlecleucel",
    "center": "chop",
    "identifiers": [
        {"kind": "record number", "value": "MRN-1"},
        {"kind": "name and birth date", "value": "Example, An 2008-05-01"},
    ],
}
ACTS: dict[str, Any] = {
    "events": [{"event": "consent given", "at": "2018-03-06T10:00:00-05:00", "scope": "treatment"}],
}
SCANNED: dict[str, Any] = {
    "product": "P-1",
    "chain": "CHA999918000001",
    "second": {"kind": "record number", "value": "MRN-1"},
    "weight": 30.0,
    "cells": 1.2e8,
    "device": "scanner-1",
}
