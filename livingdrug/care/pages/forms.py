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

from django.http import QueryDict

from livingdrug.care.pages import times
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey.events import BY_NAME, Event, Identifier
from livingdrug.journey.rules.general import KNOWN

__all__ = ["Field", "complaints_at", "content", "fields_of", "label", "posted"]

INPUTS: dict[Any, str] = {str: "text", float: "number", int: "whole", bool: "flag", datetime: "time", date: "date"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: `kind` is text, number, whole, flag, time, date, lines, choice, several or identifier."""

    name: str
    label: str
    kind: str
    required: bool
    value: str = ""
    choices: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    """Complaints about what was typed."""

    @property
    def picked(self) -> tuple[str, ...]:
        """What is chosen of several."""
        return tuple(self.value.splitlines())


def label(name: str) -> str:
    """The words for a field's name."""
    return LABELS.get(name, name.replace("_", " "))


LABELS = {
    "at": "when", "cd3": "CD3⁺ cells", "mg": "dose (mg)", "weight": "weight (kg)", "cells": "CAR-positive viable cells",
    "volume": "volume (mL)", "processed": "blood processed (mL)", "nucleated": "nucleated cells", "kind_of": "kind",
    "celsius": "°C", "ice": "ICE (0 to 10)", "capd": "CAPD (0 to 32)", "chain": "chain of identity (read on the label)",
    "says": "what happened", "age": "age (years)", "present": "exclusions that are present",
    "prior_lines": "earlier lines of therapy", "burden": "burden (share of 1)", "before": "burden before (share of 1)",
    "mrd": "MRD (share of 1)", "neutrophils": "neutrophils (per µL)", "platelets": "platelets (per µL)",
    "lymphocytes": "lymphocytes (per µL)", "fludarabine_auc": "fludarabine exposure (mg·h/L)",
    "hours": "hours after “when”, one a line", "temperature": "temperature (°C), one a line",
    "systolic": "systolic pressure (mmHg), one a line", "saturation": "oxygen saturation (%), one a line",
    "vasoactive": "pressure needs: 0 none, 1 fluids, 2 low dose, 3 high dose, 4 several",
    "oxygen": "oxygen: 0 none, 1 low flow, 2 high flow, 3 positive pressure, 4 ventilator",
    "consciousness": "consciousness: 0 awake, 1 wakes by itself, 2 to voice, 3 to touch, 4 not at all",
    "seizure": "seizure: 0 none, 3 resolving, 4 lasting", "motor": "motor weakness: 0 none, 4 focal",
    "edema": "edema: 0 none, 3 focal, 4 diffuse", "day": "day after the infusion", "assessment": "assessment of day",
    "doses": "doses that lie here", "billed": "billed (minor units)", "waived": "waived (minor units)",
    "term": "adverse event", "computed": "grade by the rule", "tmax": "day of the peak", "cmax": "peak (copies/µg DNA)",
    "auc28": "AUC of 28 days (copies/µg DNA · day)", "persistence_day": "last day it was found",
    "days": "days after the infusion, one a line", "values": "values, one a line", "lots": "lots, one a line",
    "bags": "bags, one a line", "items": "items, one a line", "extramedullary": "disease outside the marrow",
    "counts_recovered": "counts have recovered", "holds": "it stops the cells until it is closed",
    "intact": "it arrived intact", "act": "act that it is for", "retest": "a retest", "position": "entry that it is about",
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
        made = _input(of)
        if words:
            made = "several" if made == "lines" else "choice" if made != "identifier" else made
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


def posted(sent: QueryDict) -> dict[str, str]:
    """What a form sent, as text; where several were chosen, one a line."""
    return {key: "\n".join(map(str, sent.getlist(key) or ())) for key in sent}


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
    if inner is bool and inner is not of and not posted.get(field):
        return None  # not known
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
