"""Bodies of requests: strict JSON, bounded in size and depth; and the schema of every event for the description of the API."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args, get_origin

from django.http import HttpRequest, RawPostDataException
from ninja.errors import HttpError

from livingdrug.errors import BadInput
from livingdrug.journey import codec
from livingdrug.journey.events import BY_NAME, Event
from livingdrug.journey.rules.general import KNOWN

__all__ = ["ACTS", "LARGEST", "REFERRAL", "acts_schema", "body", "decoded", "event_schemas", "gate_schema", "request_body"]

LARGEST = 1_000_000
"""Bytes of a body."""
DEEPEST = 40


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises `HttpError` 413, 415, 400."""
    if request.content_type != "application/json":
        raise HttpError(415, f"the body is {request.content_type or 'of no type'}; send application/json")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST:
        raise HttpError(413, f"the body has {length} bytes; the limit is {LARGEST:,}, so split it")
    try:
        text = request.body.decode()
        made = json.loads(text, object_pairs_hook=_once, parse_constant=_none)
    except (UnicodeDecodeError, RawPostDataException) as error:
        raise HttpError(400, "the body is not text in UTF-8; encode it so") from error
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"the body is not JSON: {error or 'nested too deeply'}") from error
    if not isinstance(made, dict):
        raise HttpError(400, "the body is not a JSON object; send one")
    return _shallow(made)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice; send it once")
    return made


def _none(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _shallow(made: dict[str, Any]) -> dict[str, Any]:
    """The value itself, unless it is nested more deeply than any event."""
    layer: list[Any] = [made]
    for _ in range(DEEPEST):
        layer = [each for value in layer for each in _inside(value)]
        if not layer:
            return made
    raise HttpError(400, f"the body is nested more than {DEEPEST} deep; no event is")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [each for each in value.values() if isinstance(each, dict | list)]
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


# Description ------------------------------------------------------------------------------------------------------------


def request_body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """The description of a body that is read by hand."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@cache
def event_schemas() -> dict[str, dict[str, Any]]:
    """A JSON schema for each kind of event, by its stored name."""
    return {name: _schema(kind) for name, kind in BY_NAME.items()}


def _schema(kind: type[Event]) -> dict[str, Any]:
    from dataclasses import MISSING, fields

    required = [each.name for each in fields(kind) if each.default is MISSING]
    described = {name: _type(of, kind, name) for name, of in codec.typed_fields(kind).items()}
    head = {"event": {"const": kind.name}, "version": {"type": "integer", "minimum": 1, "maximum": kind.version}}
    return {
        "type": "object",
        "title": kind.__name__,
        "description": " ".join((kind.__doc__ or "").split()),
        "properties": head | described,
        "required": ["event", *required],
        "additionalProperties": False,
    }


PLAIN: dict[Any, dict[str, Any]] = {
    "str": {"type": "string", "maxLength": codec.LONGEST_TEXT},
    "float": {"type": "number"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
}


def _type(of: Any, kind: type[Event], name: str) -> dict[str, Any]:
    inner = [each for each in get_args(of) if each is not type(None)]
    if type(None) in get_args(of):
        return {"anyOf": [_type(inner[0], kind, name), {"type": "null"}]}
    if get_origin(of) is tuple:
        return {"type": "array", "items": _type(inner[0], kind, name), "maxItems": codec.LONGEST_SERIES}
    if of is Event:
        return {"type": "object", "description": "An event of the same kind as the one that is corrected."}
    if of.__name__ in PLAIN:
        words = KNOWN.get(kind, {}).get(name)
        return {"type": "string", "enum": list(words)} if words else dict(PLAIN[of.__name__])
    parts = {part: _type(each, kind, part) for part, each in codec.typed_fields(of).items()}
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def decoded(content: Any, where: str, by: str) -> Event:
    """The event of these JSON values, for which the caller answers. Raises `BadInput`."""
    if not isinstance(content, dict):
        raise BadInput.at(where, "is not an object; send one for each event")
    return codec.decode({"by": by, **content}, where)


def gate_schema() -> dict[str, Any]:
    """What is scanned at the gate; everything may be left out, and is then not met."""
    whole = event_schemas()["gate passed"]
    wanted = {name: of for name, of in whole["properties"].items() if name not in ("event", "version", "at", "by")}
    return {"type": "object", "title": "Scanned", "properties": wanted, "additionalProperties": False}


def acts_schema() -> dict[str, Any]:
    """One to many events of any kind but a referral."""
    kinds = [each for name, each in event_schemas().items() if name != "referred"]
    events = {"type": "array", "minItems": 1, "maxItems": 200, "items": {"oneOf": kinds}}
    return {"type": "object", "properties": {"events": events}, "required": ["events"], "additionalProperties": False}


REFERRAL: dict[str, Any] = {
    "event": "referred",
    "at": "2018-03-05T09:00:00-05:00",
    "patient": "patient-1",
    "therapy": "tisagenlecleucel",
    "center": "chop",
    "identifiers": [{"kind": "record number", "value": "MRN-1"}, {"kind": "name and birth date", "value": "token-1"}],
}
ACTS: dict[str, Any] = {
    "events": [{"event": "consent given", "at": "2018-03-06T10:00:00-05:00", "scope": "treatment"}],
}
"""Examples of bodies; `by` is left out, because the token says who answers."""
