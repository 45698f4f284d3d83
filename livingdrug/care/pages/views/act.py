"""The form of any act: made from the event's own fields, judged by the door, refused with the rules that speak against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care import store
from livingdrug.care.accounts.permissions import may_record, sees_event
from livingdrug.care.accounts.signing import MEANINGS, SIGNED_ACTS, sign_again, signed
from livingdrug.care.pages import choices, forms, links, times
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes
from livingdrug.care.pages.tokens import with_tokens
from livingdrug.care.pages.verbs import AT_THE_GATE, verb
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey.allowed import allowed, title
from livingdrug.journey.events import BY_NAME, Event
from livingdrug.journey.rules.roles import ROLES
from livingdrug.journey.rules.words import listed

__all__ = ["ROUTES", "Meanwhile", "act", "after_of", "answered", "meaning", "meanwhile", "signing", "typed_version"]

ELSEWHERE = ("referred", "corrected", "signed")
"""Events that are recorded on other pages, or beside an act."""

SCANNED = ("chain", "second.value", "patient.value", "device")
"""What is read on labels: a link never fills it in."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """An event that somebody recorded while a form was open."""

    event: str
    by: str
    at: str


@page("act", "care/act.html", journey=True)
def act(here: Here, event: str) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The form of one act, or what became of it."""
    name = links.unslugged(event)
    if name not in BY_NAME or name in ELSEWHERE:
        return problem(here.request, here.visitor, 404, f"there is no act {name!r} to record here")
    if not may_record(here.visitor, here.journey.state, name):
        who = listed(ROLES[BY_NAME[name]])
        return problem(
            here.request, here.visitor, 403, f"{name!r} is not yours to record here; it takes a {who} of this journey"
        )
    if name in AT_THE_GATE:
        return redirect(links.gate(here.journey.id))
    if here.request.method != "POST":
        return _form(here, name, _filled(here), Outcome(True))
    outcome, typed = answered(here, name)
    if outcome.done:
        messages.success(here.request, f"Recorded: {name}.")
        return redirect(after_of(here) or links.journey(here.journey.id))
    return Shown(_form(here, name, typed, outcome), outcome.status)


def after_of(here: Here) -> str:
    """The page to go to afterwards, if it is one of ours: nothing else is followed."""
    after = str(here.request.POST.get("after") or here.request.GET.get("after") or "")
    outside = after.startswith(("//", "/\\")) or any(ord(letter) <= 32 for letter in after)
    return "" if outside or not after.startswith("/") else after


def answered(here: Here, name: str) -> tuple[Outcome, Mapping[str, str]]:
    """What became of a form that was sent: the act recorded, with a signature where it needs one, or why not."""
    posted = forms.posted(here.request.POST)
    try:
        content = forms.content(name, posted, by=here.visitor.person, zone=_zone(here))
        made = codec.decode(with_tokens(here.journey.state, content))
    except BadInput as error:
        return Outcome(False, complaints=error.complaints), posted
    return signing(here, made, posted), posted


def signing(here: Here, made: Event, posted: Mapping[str, str]) -> Outcome:
    """Record an act, with the visitor's signature where it needs one; none is recorded without the other."""
    expected = typed_version(posted)
    if expected is None:
        return Outcome(False, conflict="the form has no version; open it again")
    if made.name not in SIGNED_ACTS:
        return perform(here, (made,), expected=expected, key=posted.get("key", ""))
    if says := sign_again(here.request, posted.get("password", "")):
        return Outcome(False, complaints=(Complaint("password", says),))
    signature = signed(made, expected + 1, SIGNED_ACTS[made.name], here.visitor.person, here.now)
    return perform(here, (made, signature), expected=expected, key=posted.get("key", ""))


def typed_version(posted: Mapping[str, str]) -> int | None:
    """The version of the journey that a form was opened at."""
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def meanwhile(here: Here, outcome: Outcome, posted: Mapping[str, str]) -> tuple[Meanwhile, ...]:
    """What others have recorded since a form was opened, where that is why it was not taken."""
    since = typed_version(posted)
    if not outcome.conflict or since is None:
        return ()
    journey = store.latest(here.journey.id).state
    fresh = [each for each in journey.history[since:] if sees_event(here.visitor, journey, each)]
    return tuple(Meanwhile(each.name, each.by, times.shown(each.at, _zone(here))) for each in fresh)


def meaning(event: str) -> str:
    """What a signature on that kind of event means, in words; empty where it needs none."""
    return MEANINGS[SIGNED_ACTS[event]].rstrip(".") if event in SIGNED_ACTS else ""


def _filled(here: Here) -> dict[str, str]:
    """What a link has filled in already."""
    return {name: str(value)[:200] for name, value in here.request.GET.items() if name not in SCANNED}


def _form(here: Here, name: str, typed: Mapping[str, str], outcome: Outcome) -> dict[str, Any]:
    standing, kind = store.latest(here.journey.id) if outcome.conflict else here.journey, BY_NAME[name]
    network = network_of(here)
    able = allowed(standing.therapy, network, standing.state, here.now, here.visitor.person, now=here.now)
    against = next(each.reasons for each in able if each.act == name)
    fields = forms.fields_of(
        kind, now=here.now, zone=_zone(here), typed=typed, complaints=outcome.complaints,
        choices=choices.of(kind, standing, network),
    )  # fmt: skip
    named = {each.name for each in fields} | {each.name.partition(".")[0] for each in fields}
    return {
        "title": verb(name),
        "about": title(kind),
        "event": name,
        "fields": fields,
        "others": tuple(each for each in outcome.complaints if each.where.partition(".")[0] not in (*named, "password")),
        "reasons": outcome.reasons or against,
        "stopped": outcome.stopped,
        "conflict": outcome.conflict,
        "meanwhile": meanwhile(here, outcome, typed),
        "meaning": meaning(name),
        "says": forms.complaints_at(outcome.complaints, "password"),
        "version": standing.version,
        "key": choices.key() if outcome.conflict else here.request.POST.get("key") or choices.key(),
        "after": after_of(here),
        "zone": _zone(here).key,
    }


def _zone(here: Here) -> ZoneInfo:
    return times.zone_of(network_of(here), here.journey.state)


ROUTES = routes("journeys/<str:id>/act/<str:event>", act, "act")
