"""Slots: the week of chairs, lines, beds and infusions; the places of one patient: hold, book, release, give to another."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care import states, store
from livingdrug.care.accounts.permissions import may_open, may_record, may_see
from livingdrug.care.accounts.scope import scope
from livingdrug.care.models import Journey as Row
from livingdrug.care.models import Slot as Rows
from livingdrug.care.pages import calendar, choices, forms, links, times
from livingdrug.care.pages.acts import Outcome
from livingdrug.care.pages.calendar import KINDS
from livingdrug.care.pages.expiry import BEFORE_INFUSION
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes, source
from livingdrug.care.pages.views.act import answered
from livingdrug.errors import UnknownName
from livingdrug.journey.events import SlotBooked, SlotHeld, SlotReleased
from livingdrug.journey.state import Slot, find
from livingdrug.network import ask

__all__ = ["ROUTES", "places", "slots"]

ACTS = (SlotHeld.name, SlotBooked.name, SlotReleased.name)
GIVE = "give to another"
HOLD = timedelta(hours=24)
"""How long a place is held unless somebody says otherwise."""
MOST = 400
"""Patients that are offered to choose from."""


# The week ---------------------------------------------------------------------------------------------------------------


@page("slots", "care/slots.html")
def slots(here: Here) -> Mapping[str, Any] | HttpResponseBase:
    """A week of places, and what is on the road."""
    network, asked = network_of(here), _asked(here)
    chosen = str(here.request.GET.get("for", ""))
    if chosen:
        return redirect(links.journey(chosen, "slots"))
    within = Q(center=asked["center"]) if asked["center"] else Q()
    zone = times.zone_of(network, states.NEW, asked["center"] or here.visitor.place)
    today = here.now.astimezone(zone).date()
    first = calendar.monday(_day(asked["day"]) or today)
    inner = Q(journey__center=asked["center"]) if asked["center"] else None
    return {
        "title": "Slots",
        "week": calendar.week(here.visitor, network, first, today, here.now, kind=asked["kind"], within=inner),
        "loads": calendar.loads(here.visitor, network, here.now, within),
        "zone": zone.key if asked["center"] or here.visitor.kind == "center" else "",
        "before": _week(asked, first - timedelta(days=7)),
        "after": _week(asked, first + timedelta(days=7)),
        "this": "" if first == calendar.monday(today) else _week(asked, None),
        "last": first + timedelta(days=6),
        "asked": asked,
        "kinds": KINDS,
        "centers": [each.id for each in network.centers] if here.visitor.kind != "center" else [],
        "patients": _patients(here, within),
    }


def _asked(here: Here) -> dict[str, str]:
    got = {name: str(here.request.GET.get(name, "")).strip()[:100] for name in ("day", "kind", "center")}
    network = network_of(here)
    got["kind"] = got["kind"] if got["kind"] in KINDS else ""
    got["center"] = got["center"] if ask.center(network, got["center"]) and here.visitor.kind != "center" else ""
    return got


def _day(text: str) -> date | None:
    try:
        made = date.fromisoformat(text)
    except ValueError:
        return None
    return made if 2000 < made.year < 2100 else None


def _week(asked: Mapping[str, str], first: date | None) -> str:
    return links.page("slots", **{**asked, "day": first.isoformat() if first else None})


def _patients(here: Here, within: Q) -> list[dict[str, str]]:
    """Patients for whom a place can be held: they are under way, and the visitor may plan for them."""
    if not here.visitor.roles & PLANNERS:
        return []
    found = Row.objects.filter(scope(here.visitor) & within, stage__in=BEFORE_INFUSION).order_by("patient")[:MOST]
    return [
        {"id": each.id, "patient": each.patient, "stage": each.stage} for each in found if each.id not in here.visitor.glass
    ]


PLANNERS = frozenset({"coordinator", "physician", "operator", "collection nurse"})


# The places of one patient ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One slot of the patient; `state` is held, booked, ran out or released, `may` what can be done with it now."""

    slot: str
    kind: str
    resource: str
    start: str
    end: str
    state: str
    expires: str
    may: tuple[str, ...]
    over: bool


@page("slots", "care/places.html", journey=True)
def places(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """What is held and booked for one patient; the forms to hold, book, release, and to give a place to another patient."""
    if here.request.method != "POST":
        return _places(here, {}, "", Outcome(True))
    name = str(here.request.POST.get("event", ""))
    if name not in (*ACTS, GIVE):
        return problem(here.request, here.visitor, 404, f"there is no act {name!r} to record here")
    if not all(may_record(here.visitor, here.journey.state, each) for each in (ACTS if name == GIVE else (name,))):
        return problem(here.request, here.visitor, 403, f"{name} is not yours to record here")
    if name == GIVE:
        return _given(here)
    outcome, typed = answered(here, name)
    if outcome.done:
        messages.success(here.request, f"Recorded: {name}.")
        return redirect(links.journey(here.journey.id, "slots"))
    return Shown(_places(here, typed, name, outcome), outcome.status)


def _places(here: Here, typed: Mapping[str, str], event: str, outcome: Outcome) -> dict[str, Any]:
    state, zone = here.journey.state, times.zone_of(network_of(here), here.journey.state)
    holds = may_record(here.visitor, state, SlotHeld.name)
    mine = [_place(here, each, zone) for each in sorted(state.slots, key=lambda each: each.start, reverse=True)]
    fields = _fields(here, zone, typed if event == SlotHeld.name else {}, outcome) if holds else ()
    return {
        "title": f"Places for {state.patient}",
        "patient": state.patient,
        "places": mine,
        "fields": fields,
        "others_fields": tuple(each for each in fields if each.name != "resource"),
        "known": _known(here) if holds else (),
        "others": _others(here) if holds and any(GIVE in each.may for each in mine) else [],
        "version": here.journey.version,
        "key": typed.get("key") or choices.key(),
        "at": here.now.isoformat(),
        "number": typed.get("slot") or f"S-{secrets.token_hex(3).upper()}",
        "zone": zone.key,
        "open": may_open(here.visitor, "patient"),
        "week": links.page("slots"),
        "event": event,
        "reasons": outcome.reasons,
        "conflict": _readable(outcome.conflict, zone),
        "wrong": [f"{each.where}: {each.says}" for each in outcome.complaints if event != SlotHeld.name],
    }


def _place(here: Here, slot: Slot, zone: ZoneInfo) -> Place:
    state = "ran out" if slot.status == "held" and slot.expires < here.now else slot.status
    over = slot.end < here.now
    able = [SlotBooked.name] if state == "held" else []
    able += [SlotReleased.name, *([GIVE] if not over else [])] if state != "released" else []
    mine = may_record(here.visitor, here.journey.state, SlotReleased.name)
    return Place(
        slot=slot.slot, kind=slot.kind, resource=slot.resource, start=times.shown(slot.start, zone),
        end=times.shown(slot.end, zone), state=state, expires=times.shown(slot.expires, zone) if state == "held" else "",
        may=tuple(able) if mine else (), over=over,
    )  # fmt: skip


def _fields(here: Here, zone: ZoneInfo, typed: Mapping[str, str], outcome: Outcome) -> tuple[forms.Field, ...]:
    """The form of a hold, with a day that is to come and a hold of a day."""
    soon = (here.now + timedelta(days=1)).astimezone(zone).replace(hour=9, minute=0)
    start = {
        "kind_of": str(here.request.GET.get("kind", "collection")),
        "resource": str(here.request.GET.get("resource", ""))[:200],
        "start": _typed(soon),
        "end": _typed(soon.replace(hour=14)),
        "expires": _typed((here.now + HOLD).astimezone(zone)),
    }
    found = forms.fields_of(SlotHeld, now=here.now, zone=zone, typed=typed or start, complaints=outcome.complaints)
    return tuple(replace(each, label=LABELS[each.name]) for each in found if each.name in LABELS)


LABELS = {
    "kind_of": "What for", "resource": "Place (chair, line or bed)", "start": "From", "end": "To", "expires": "Held until",
}  # fmt: skip


def _known(here: Here) -> tuple[str, ...]:
    """Places of the journey's center and site that were used before, to choose from."""
    state = here.journey.state
    near = Q(resource__startswith=f"{state.center}-") | (
        Q(resource__startswith=f"{state.site}-") if state.site else Q(pk__in=())
    )
    return tuple(Rows.objects.filter(near).order_by("resource").values_list("resource", flat=True).distinct()[:MOST])


STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def _readable(says: str, zone: ZoneInfo) -> str:
    """A sentence of the store with its moments on the clock of the center."""
    return STAMP.sub(lambda found: times.shown(found[0], zone), says)


def _typed(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")


def _others(here: Here) -> list[dict[str, str]]:
    return [each for each in _patients(here, Q(center=here.journey.state.center)) if each["id"] != here.journey.id]


def _given(here: Here) -> HttpResponseBase | Shown:
    """Give a place to another patient: two acts on two journeys, first the release here, then the hold there."""
    posted, state = here.request.POST, here.journey.state
    slot = find(state.slots, str(posted.get("slot", "")))
    other = _other(here, str(posted.get("to", "")))
    if slot is None or other is None:
        says = "choose the patient who gets the place, of those who are under way at this center"
        return Shown(_places(here, {}, GIVE, Outcome(False, conflict=says)), 422)
    reason = f"given to {other.state.patient}" + (f": {told}" if (told := str(posted.get("reason", "")).strip()) else "")
    freed = SlotReleased(at=here.now, by=here.visitor.person, slot=slot.slot, reason=reason[:400])
    expected = str(posted.get("version", ""))
    made = _append(here, here.journey.id, freed, int(expected) if expected.isdecimal() else -1)
    if not isinstance(made, store.Appended):
        return Shown(_places(here, {}, GIVE, _outcome(made)), 409 if isinstance(made, store.Conflict) else 422)
    held = SlotHeld(
        at=here.now, by=here.visitor.person, slot=f"S-{secrets.token_hex(3).upper()}", kind_of=slot.kind,
        resource=slot.resource, start=slot.start, end=slot.end, expires=here.now + HOLD,
    )  # fmt: skip
    then = _append(here, other.id, held, other.version)
    if isinstance(then, store.Appended):
        messages.success(
            here.request, f"Released here, and held for {other.state.patient} until {_until(here, held)}. Book it there."
        )
        return redirect(links.journey(other.id, "slots"))
    outcome = _outcome(then)
    says = _readable(outcome.conflict, times.zone_of(network_of(here), here.journey.state)) or "; ".join(
        each.says for each in outcome.reasons
    )
    messages.error(here.request, f"Released here, but not held for {other.state.patient}: {says}. The place is free now.")
    return redirect(links.journey(here.journey.id, "slots"))


def _other(here: Here, id: str) -> states.Standing | None:
    """The patient who gets the place; one whom the visitor cannot plan for is as good as none."""
    try:
        found = store.latest(id)
    except UnknownName:
        return None
    mine = may_see(here.visitor, found.id, found.state) and may_record(here.visitor, found.state, SlotHeld.name)
    return found if mine and id != here.journey.id and found.state.center == here.journey.state.center else None


def _append(here: Here, id: str, event: Any, expected: int) -> Any:
    return store.append(id, [event], expected, here.visitor.account, now=here.now, source=source(here.request))


def _outcome(made: Any) -> Outcome:
    if isinstance(made, store.Conflict):
        return Outcome(False, conflict=str(made))
    return Outcome(False, reasons=made.reasons)


def _until(here: Here, held: SlotHeld) -> str:
    return times.shown(held.expires, times.zone_of(network_of(here), here.journey.state))


ROUTES = [*routes("journeys/<str:id>/slots", places, "places"), *routes("slots", slots, "slots")]
