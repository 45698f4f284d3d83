"""Forms of acts: one field for each field of an event, and the event again from what was typed.

What is typed becomes JSON values and goes through the codec like anything from outside, so that a form has no checks of its
own: every complaint comes from one place and stands beside its field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from livingdrug.care.pages import times
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey.events import BY_NAME, Event, Identifier
from livingdrug.journey.rules.general import KNOWN

__all__ = ["Field", "complaints_at", "content", "fields_of", "label"]

INPUTS: dict[Any, str] = {str: "text", float: "number", int: "whole", bool: "flag", datetime: "time", date: "date"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: `kind` is text, number, whole, flag, time, date, lines, choice or identifier."""

    name: str
    label: str
    kind: str
    required: bool
    value: str = ""
    choices: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    """Complaints about what was typed."""


def label(name: str) -> str:
    """The words for a field's name."""
    return LABELS.get(name, name.replace("_", " "))


LABELS = {
    "at": "when", "cd3": "CD3⁺ cells", "mg": "dose (mg)", "weight": "weight (kg)", "cells": "CAR-positive viable cells",
    "volume": "volume (mL)", "processed": "blood processed (mL)", "nucleated": "nucleated cells", "kind_of": "kind",
    "celsius": "°C", "ice": "ICE", "capd": "CAPD", "chain": "chain of identity (read on the label)", "says": "what happened",
}  # fmt: skip


def fields_of(
    kind: type[Event],
    *,
    now: datetime,
    zone: ZoneInfo,
    typed: Mapping[str, str] = {},
    choices: Mapping[str, Sequence[str]] = {},
    complaints: Sequence[Complaint] = (),
) -> tuple[Field, ...]:
    """The fields of a kind of event, `by` left out: the visitor answers. `typed` is what was in the form before."""
    return tuple(_fields(kind, now, zone, typed, choices, complaints))


def _fields(
    kind: type[Event],
    now: datetime,
    zone: ZoneInfo,
    typed: Mapping[str, str],
    choices: Mapping[str, Sequence[str]],
    complaints: Sequence[Complaint],
) -> Iterator[Field]:
    required = {each.name for each in fields(kind) if each.default is MISSING}
    for name, of in codec.typed_fields(kind).items():
        if name == "by" or _inner(of) is Event:
            continue
        words = tuple(choices.get(name) or KNOWN.get(kind, {}).get(name, ()))
        start = now.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if name == "at" else ""
        made = "choice" if words else _input(of)
        says = complaints_at(complaints, name)
        if made == "identifier":
            yield from _identifier(name, typed, words, says)
        else:
            yield Field(name, label(name), made, name in required, typed.get(name, start), words, says)


def _identifier(name: str, typed: Mapping[str, str], kinds: tuple[str, ...], says: tuple[str, ...]) -> Iterator[Field]:
    head = label(name)
    yield Field(f"{name}.kind", f"{head}: kind", "text", True, typed.get(f"{name}.kind", ""), kinds, says)
    yield Field(f"{name}.value", f"{head}: as read", "text", True, typed.get(f"{name}.value", ""))


def complaints_at(complaints: Sequence[Complaint], name: str) -> tuple[str, ...]:
    """What is said about a field, its parts included."""
    return tuple(each.says for each in complaints if each.where == name or each.where.startswith(f"{name}."))


def _input(of: Any) -> str:
    inner = _inner(of)
    if get_origin(inner) is tuple:
        return "lines"
    return "identifier" if inner is Identifier else INPUTS.get(inner, "text")


def _inner(of: Any) -> Any:
    if get_origin(of) in (Union, UnionType):
        return next(each for each in get_args(of) if each is not type(None))
    return of


# Back to JSON values ----------------------------------------------------------------------------------------------------


def content(name: str, posted: Mapping[str, str], *, by: str, zone: ZoneInfo) -> dict[str, Any]:
    """What was typed into the form of an event as its JSON values. Raises `BadInput` for a time that cannot be read."""
    kind, made = BY_NAME[name], dict[str, Any]()
    for field, of in codec.typed_fields(kind).items():
        value = _value(field, of, posted, zone)
        if value is not None:
            made[field] = value
    return {"event": name, **made, "by": by}


def _value(field: str, of: Any, posted: Mapping[str, str], zone: ZoneInfo) -> Any:
    inner = _inner(of)
    if inner is Identifier:
        return {"kind": posted.get(f"{field}.kind", "").strip(), "value": posted.get(f"{field}.value", "").strip()}
    if inner is bool:
        return posted.get(field, "") not in ("", "off", "false")
    text = posted.get(field, "").strip()
    if get_origin(inner) is tuple:
        return [_scalar(get_args(inner)[0], each.strip()) for each in text.replace(",", "\n").splitlines() if each.strip()]
    if not text:
        return None
    if inner is datetime:
        try:
            return times.typed(text, zone).isoformat()
        except BadInput as error:
            raise BadInput.at(field, error.complaints[0].says) from error
    return _scalar(inner, text)


def _scalar(of: Any, text: str) -> Any:
    """A number where a number is wanted and typed; else the text, about which the codec complains."""
    if of not in (int, float):
        return text
    try:
        return of(text)
    except ValueError:
        return text
