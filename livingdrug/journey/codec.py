"""Events as JSON and back: `decode(encode(event)) == event`, one spelling for each event, and every complaint at once.

    {"event": "slot booked", "version": 1, "at": "2017-12-01T09:00:00-05:00", "by": "chop-coordinator-1", "slot": "S-1"}

The canonical text (sorted keys, no spaces, floats in Python's shortest form) is what digests and hash chains cover. A log
written by an older version is read through `UPCASTERS`: one function for each step of a version, checked at import to be
without gaps.
"""

from __future__ import annotations

import hashlib
import json
import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from livingdrug.errors import BadInput, Complaints, UnknownName
from livingdrug.journey.events import BY_NAME, Event

__all__ = ["canonical", "decode", "digest", "encode", "read_json", "type_name", "typed_fields"]

HEAD = ("event", "version")
LONGEST_TEXT = 4000
LONGEST_SERIES = 20_000

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(name, version) → what makes the fields of the next version; the decoder walks them up to the class's own."""


def encode(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, name and version first; fields at their defaults are written too."""
    return {"event": event.name, "version": event.version} | {
        each: _plain(getattr(event, each)) for each in typed_fields(type(event))
    }


def canonical(event: Event) -> str:
    """The one text of an event: equal events have equal texts, on every machine."""
    return json.dumps(encode(event), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(event: Event) -> str:
    """SHA-256 of the canonical text, in hexadecimal: what a signature covers."""
    return hashlib.sha256(canonical(event).encode()).hexdigest()


def decode(content: Mapping[str, Any], where: str = "") -> Event:
    """The event of these JSON values; raises `BadInput` with everything that is wrong, each at its key below `where`."""
    found = Complaints()
    made = _event(dict(content), where, found)
    found.raise_any()
    assert made is not None, "an event that does not fit left a complaint"
    return made


def read_json(text: str | bytes, where: str = "") -> Event:
    """The event of one line of JSON; raises `BadInput`."""
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput.at(where, f"is not JSON: {error}; send one object for each event") from error
    if not isinstance(content, dict):
        raise BadInput.at(where, f"is {_shown(content)}, not an object; send one object for each event")
    return decode(cast("dict[str, Any]", content), where)


@cache
def typed_fields(cls: type) -> dict[str, Any]:
    """The fields of an event or of what it holds, with their types."""
    hints = get_type_hints(cls)
    return {each.name: hints[each.name] for each in fields(cls)}


def type_name(kind: Any) -> str:
    """A type in words, as complaints and the reference page say it."""
    if _optional(kind):
        return f"{type_name(_inner(kind))} or null"
    if get_origin(kind) is tuple:
        return f"list of {type_name(get_args(kind)[0])}"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", datetime: "time", date: "date"}
    return names.get(kind) or ("event" if kind is Event else "object")


# To JSON ----------------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, Event):
        return encode(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[Any, ...]", value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value


# From JSON --------------------------------------------------------------------------------------------------------------


def _event(content: dict[str, Any], where: str, found: Complaints) -> Event | None:
    name = content.get("event")
    if not isinstance(name, str):
        found.add(_at(where, "event"), 'is missing; say what happened, as in "collected"')
        return None
    if name not in BY_NAME:
        found.add_from(_at(where, "event"), UnknownName.among("event", name, BY_NAME))
        return None
    upcast = _upcast(name, content, where, found)
    return None if upcast is None else _made(BY_NAME[name], upcast, where, found)


def _upcast(name: str, content: dict[str, Any], where: str, found: Complaints) -> dict[str, Any] | None:
    """The fields at the version of the class."""
    current, version = BY_NAME[name].version, content.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= current:
        found.add(_at(where, "version"), f"is {_shown(version)}; this livingdrug reads versions 1 to {current} of {name!r}")
        return None
    values = {key: value for key, value in content.items() if key not in HEAD}
    for step in range(version, current):
        values = UPCASTERS[name, step](values)
    return values


def _made(cls: type[Any], values: Mapping[str, Any], where: str, found: Complaints) -> Any:
    """An instance of a dataclass, or None and complaints."""
    before = len(found.found)
    wanted, made = typed_fields(cls), dict[str, Any]()
    for key in values:
        if key not in wanted:
            found.add_from(_at(where, str(key)), UnknownName.among("field", str(key), wanted))
    for field in fields(cls):
        if field.name in values:
            made[field.name] = _value(wanted[field.name], values[field.name], _at(where, field.name), found)
        elif _required(field):
            found.add(_at(where, field.name), f"is missing; give {_article(type_name(wanted[field.name]))}")
    return None if len(found.found) > before else cls(**made)


def _value(kind: Any, value: Any, where: str, found: Complaints) -> Any:
    if _optional(kind):
        return None if value is None else _value(_inner(kind), value, where, found)
    if get_origin(kind) is tuple:
        return _series(get_args(kind)[0], value, where, found)
    if kind in PLAIN:
        return PLAIN[kind](value, where, found)
    if not isinstance(value, dict):
        found.add(where, f"is {_shown(value)}, not an object; give {_article(type_name(kind))}")
        return None
    content = cast("dict[str, Any]", value)
    return _event(content, where, found) if kind is Event else _made(kind, content, where, found)


def _series(kind: Any, value: Any, where: str, found: Complaints) -> tuple[Any, ...]:
    if not isinstance(value, list):
        found.add(where, f"is {_shown(value)}, not a list; give a list of {type_name(kind)}")
        return ()
    values = cast("list[Any]", value)
    if len(values) > LONGEST_SERIES:
        found.add(where, f"has {len(values)} entries; a series has {LONGEST_SERIES} at most, so split it")
        return ()
    return tuple(_value(kind, each, f"{where}.{i}", found) for i, each in enumerate(values))


def _text(value: Any, where: str, found: Complaints) -> str:
    if not isinstance(value, str):
        found.add(where, f"is {_shown(value)}, not text; give it in quotes")
    elif len(value) > LONGEST_TEXT:
        found.add(where, f"has {len(value)} characters; the limit is {LONGEST_TEXT}, so shorten it")
    elif any((ord(letter) < 32 and letter not in "\n\t") or 0xD800 <= ord(letter) < 0xE000 for letter in value):
        found.add(where, "holds a control character; remove it")
    return value


def _number(value: Any, where: str, found: Complaints) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        found.add(where, f"is {_shown(value)}, not a number; give a plain number")
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        found.add(where, f"is {_shown(value)}, which is not finite; give a plain number")
    return number


def _whole(value: Any, where: str, found: Complaints) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        found.add(where, f"is {_shown(value)}, not a whole number; give one without a decimal point")
        return 0
    if abs(value) >= 2**53:
        found.add(where, f"is {_shown(value)}, too large to be meant; give a smaller number")
    return value


def _flag(value: Any, where: str, found: Complaints) -> bool:
    if not isinstance(value, bool):
        found.add(where, f"is {_shown(value)}, not true or false; give one of them")
    return bool(value)


def _time(value: Any, where: str, found: Complaints) -> datetime | None:
    try:
        made = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        made = None
    if made is None:
        found.add(where, f"is {_shown(value)}, not a time; give one like 2017-12-01T09:00:00-05:00")
    elif made.tzinfo is None:
        found.add(where, f"is {_shown(value)}, without a time zone; add its offset, as in {value}-05:00")
    elif not 1900 < made.year < 2200:
        found.add(where, f"is {_shown(value)}, in the year {made.year}; correct the year")
    return made


def _date(value: Any, where: str, found: Complaints) -> date | None:
    try:
        made = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        made = None
    if made is None:
        found.add(where, f"is {_shown(value)}, not a date; give one like 2017-12-01")
    return made


PLAIN: dict[Any, Callable[[Any, str, Complaints], Any]] = {
    str: _text, float: _number, int: _whole, bool: _flag, datetime: _time, date: _date,
}  # fmt: skip


# Types ------------------------------------------------------------------------------------------------------------------


def _optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _inner(kind: Any) -> Any:
    return next(each for each in get_args(kind) if each is not type(None))


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _article(noun: str) -> str:
    return noun if noun.startswith(("text", "true", "list")) else f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _shown(value: Any) -> str:
    """The value as a person would quote it, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = type(value).__name__
    return text if len(text) <= 40 else f"{text[:37]}…"


def _no_constant(name: str) -> Sequence[Any]:
    raise ValueError(f"{name} is no number of JSON")


def _checked(upcasters: Mapping[tuple[str, int], Upcaster]) -> None:
    """Every older version of every event must lead to the current one, and nothing may lead elsewhere."""
    needed = {(name, version) for name, cls in BY_NAME.items() for version in range(1, cls.version)}
    if needed != set(upcasters):
        raise ValueError(f"UPCASTERS must hold exactly {sorted(needed)}, and hold {sorted(upcasters)}")


_checked(UPCASTERS)
