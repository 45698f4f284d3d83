"""Correct an event: its fields filled in as they were, a reason, a signature. What was first written stays beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care.accounts.permissions import may_record, sees_event
from livingdrug.care.pages import choices, forms, links, times
from livingdrug.care.pages.acts import Outcome
from livingdrug.care.pages.forms import Field
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes
from livingdrug.care.pages.timeline import Detail, details
from livingdrug.care.pages.views.act import meaning, meanwhile, signing
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey.events import Corrected, Event, Overridden, Signed
from livingdrug.journey.rules.general import IDENTITY
from livingdrug.journey.state import stands

__all__ = ["ROUTES", "correct"]


@page("act", "care/correct.html", journey=True)
def correct(here: Here, position: str) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The form that corrects one event, or what became of it."""
    journey = here.journey.state
    old = stands(journey, int(position)) if position.isascii() and position.isdigit() and len(position) < 7 else None
    if old is None or isinstance(old, Corrected | Overridden | Signed) or not sees_event(here.visitor, journey, old):
        return problem(here.request, here.visitor, 404, f"there is nothing to correct at position {position}")
    if not may_record(here.visitor, journey, Corrected.name):
        return problem(
            here.request, here.visitor, 403, "corrections are for quality, physicians and coordinators of this journey"
        )
    if here.request.method != "POST":
        return _form(here, old, int(position), {}, Outcome(True))
    posted = forms.posted(here.request.POST)
    outcome = _answered(here, old, int(position), posted)
    if outcome.done:
        messages.success(here.request, f"Corrected: {old.name}.")
        return redirect(f"{links.journey(here.journey.id)}#e{position}")
    return Shown(_form(here, old, int(position), posted, outcome), outcome.status)


def _answered(here: Here, old: Event, position: int, posted: Mapping[str, str]) -> Outcome:
    reason = posted.get("reason", "").strip()
    if not reason:
        return Outcome(False, complaints=(Complaint("reason", "is missing; say why the earlier entry was wrong"),))
    try:
        replacement = None if posted.get("never") and old.kind == "observation" else _replacement(old, posted, _zone(here))
    except BadInput as error:
        return Outcome(False, complaints=error.complaints)
    if replacement == old:
        return Outcome(False, complaints=(Complaint("reason", "nothing is changed; change what was wrong"),))
    made = Corrected(at=here.now, by=here.visitor.person, position=position, replacement=replacement, reason=reason)
    return signing(here, made, posted)


def _replacement(old: Event, posted: Mapping[str, str], zone: ZoneInfo) -> Event:
    """The event with what was changed in the form; a field that stands as it was filled in keeps its value and its seconds."""
    before, shown = codec.encode(old), _shown(old, zone)
    typed = forms.content(old.name, posted, by=old.by, zone=zone)
    changed = {name for name in codec.typed_fields(type(old)) if _lines(posted.get(name, "")) != shown.get(name, "")}
    content = {name: typed.get(name) if name in changed and name not in IDENTITY else value for name, value in before.items()}
    return codec.decode({name: value for name, value in content.items() if value is not None})


def _lines(text: str) -> str:
    """What a browser sends of several lines, as it was filled in."""
    return text.replace("\r\n", "\n")


def _shown(old: Event, zone: ZoneInfo) -> dict[str, str]:
    """The fields of an event as its form holds them."""
    return {name: _text(getattr(old, name), zone) for name in codec.typed_fields(type(old)) if name not in IDENTITY}


def _text(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, tuple):
        return "\n".join(_text(each, zone) for each in value)
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _form(here: Here, old: Event, position: int, posted: Mapping[str, str], outcome: Outcome) -> dict[str, Any]:
    zone = _zone(here)
    return {
        "title": f"Correct: {old.name}",
        "event": old.name,
        "position": position,
        "by": old.by,
        "kept": _kept(old, zone),
        "fields": _fields(here, old, posted, outcome, zone),
        "reason": posted.get("reason", ""),
        "wrong": forms.complaints_at(outcome.complaints, "reason"),
        "retracts": old.kind == "observation",
        "never": bool(posted.get("never")),
        "reasons": outcome.reasons,
        "conflict": outcome.conflict,
        "meanwhile": meanwhile(here, outcome, posted),
        "meaning": meaning(Corrected.name),
        "says": forms.complaints_at(outcome.complaints, "password"),
        "version": here.journey.version,
        "key": choices.key(),
        "zone": zone.key,
    }


def _kept(old: Event, zone: ZoneInfo) -> tuple[Detail, ...]:
    """Fields by which cells and people are told apart: shown, and never corrected."""
    labels = {forms.label(name) for name in codec.typed_fields(type(old)) if name in IDENTITY}
    return tuple(
        each for each in details(old, zone) if each.label in labels or each.label in ("chain of identity", "second identifier")
    )


def _fields(here: Here, old: Event, posted: Mapping[str, str], outcome: Outcome, zone: ZoneInfo) -> tuple[Field, ...]:
    found = forms.fields_of(
        type(old), now=here.now, zone=zone, typed=posted or _shown(old, zone), complaints=outcome.complaints,
        choices=choices.of(type(old), here.journey, network_of(here)),
    )  # fmt: skip
    return tuple(each for each in found if each.name.partition(".")[0] not in IDENTITY)


def _zone(here: Here) -> ZoneInfo:
    return times.zone_of(network_of(here), here.journey.state)


ROUTES = routes("journeys/<str:id>/correct/<str:position>", correct, "correct")
