"""Bodies of requests: strict JSON, bounded in size and depth."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, RawPostDataException
from ninja.errors import HttpError

from livingdrug.errors import BadInput
from livingdrug.journey import codec
from livingdrug.journey.events import Event

__all__ = ["LARGEST", "body", "decoded"]

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


def decoded(content: Any, where: str, by: str) -> Event:
    """The event of these JSON values, for which the caller answers. Raises `BadInput`."""
    if not isinstance(content, dict):
        raise BadInput.at(where, "is not an object; send one for each event")
    return codec.decode({"by": by, **content}, where)
