"""The form of any act: made from the event's own fields, judged by the door, refused with the rules that speak against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care.accounts.signing import SIGNED_ACTS, sign_again, signed
from livingdrug.care.pages import choices, forms, links, times
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey.allowed import allowed, title
from livingdrug.journey.events import BY_NAME, Event

__all__ = ["ROUTES", "act", "answered"]


@page("act", "care/act.html", journey=True)
def act(here: Here, event: str) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The form of one act, or what became of it."""
    name = links.unslugged(event)
    if name not in BY_NAME or name in ("referred", "corrected", "signed"):
        return problem(here.request, here.visitor, 404, f"there is no act {name!r} to record here")
    if here.request.method != "POST":
        return _form(here, name, {}, Outcome(True))
    outcome, typed = answered(here, name)
    if outcome.done:
        messages.success(here.request, f"Recorded: {name}.")
        return redirect(here.request.POST.get("after") if _ours(here) else links.journey(here.journey.id))
    return Shown(_form(here, name, typed, outcome), outcome.status)


def _ours(here: Here) -> bool:
    """Whether the page to go to afterwards is one of ours: nothing else is followed."""
    after = here.request.POST.get("after", "")
    return after.startswith("/") and not after.startswith(("//", "/\\"))


def answered(here: Here, name: str) -> tuple[Outcome, Mapping[str, str]]:
    """What became of a form that was sent: the act recorded, with a signature where it needs one, or why not."""
    posted = {key: str(value) for key, value in here.request.POST.items()}
    try:
        made = codec.decode(forms.content(name, posted, by=here.visitor.person, zone=_zone(here)))
        expected = int(posted.get("version", ""))
    except BadInput as error:
        return Outcome(False, complaints=error.complaints), posted
    except ValueError:
        return Outcome(False, conflict="the form has no version; open it again"), posted
    if name in SIGNED_ACTS and (says := sign_again(here.request, posted.get("password", ""))):
        return Outcome(False, complaints=(Complaint("password", says),)), posted
    return perform(here, _with_signature(here, made, expected), expected=expected, key=posted.get("key", "")), posted


def _with_signature(here: Here, made: Event, expected: int) -> tuple[Event, ...]:
    if made.name not in SIGNED_ACTS:
        return (made,)
    return (made, signed(made, expected + 1, SIGNED_ACTS[made.name], here.visitor.person, here.now))


def _form(here: Here, name: str, typed: Mapping[str, str], outcome: Outcome) -> dict[str, Any]:
    standing, kind = here.journey, BY_NAME[name]
    network = network_of(here)
    listed = allowed(standing.therapy, network, standing.state, here.now, here.visitor.person, now=here.now)
    against = next(each.reasons for each in listed if each.act == name)
    fields = forms.fields_of(
        kind, now=here.now, zone=_zone(here), typed=typed, complaints=outcome.complaints,
        choices=choices.of(kind, standing, network),
    )  # fmt: skip
    return {
        "title": title(kind),
        "event": name,
        "fields": fields,
        "reasons": outcome.reasons or (() if typed else against),
        "stopped": outcome.stopped,
        "conflict": outcome.conflict,
        "meaning": SIGNED_ACTS.get(name, ""),
        "says": forms.complaints_at(outcome.complaints, "password"),
        "version": standing.version,
        "key": here.request.POST.get("key") or choices.key(),
        "zone": _zone(here).key,
    }


def _zone(here: Here) -> Any:
    return times.zone_of(network_of(here), here.journey.state)


ROUTES = routes("journeys/<str:id>/act/<str:event>", act, "act")
