"""A desk: the acts that one page is for, one form at a time, what was scanned apart from what is typed.

A desk offers only what the visitor may try; what cannot happen now is listed with the rules against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect

from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.pages import choices, forms, links, scans, times
from livingdrug.care.pages.acts import Outcome
from livingdrug.care.pages.forms import Field
from livingdrug.care.pages.page import Here, network_of
from livingdrug.care.pages.views.act import answered, meaning, meanwhile
from livingdrug.errors import Complaint
from livingdrug.journey.allowed import allowed
from livingdrug.journey.events import Event
from livingdrug.journey.record import Reason

__all__ = ["Form", "Offer", "Tab", "desk", "device_of", "filled", "posted", "put", "remember", "sent", "zone"]

SCANS = ("chain", "second.kind", "second.value", "patient.kind", "patient.value", "device")

Start = Callable[[Here], Mapping[str, str]]
Choices = Callable[[Here], Mapping[str, Sequence[str]]]


def _nothing(here: Here) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Offer:
    """One act of a desk: its event, the words on its tab, what its form holds at first, and what can be chosen in it."""

    kind: type[Event]
    label: str
    start: Start = _nothing
    choices: Choices = _nothing
    labels: Mapping[str, str] | None = None
    opens: bool = True
    """Whether its form may open by itself; a rejection does not."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One act that may be tried now."""

    event: str
    label: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """One act that cannot happen now, and the rules against it."""

    label: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one act: `scans` are read with a scanner or by eye, `fields` typed; `meaning` is that of the signature."""

    event: str
    label: str
    scans: tuple[Field, ...]
    fields: tuple[Field, ...]
    meaning: str
    says: tuple[str, ...]
    version: int
    key: str


def posted(here: Here) -> dict[str, str]:
    """What was posted, as text; empty where nothing was."""
    return forms.posted(here.request.POST)


def sent(here: Here, offers: Sequence[Offer]) -> tuple[Outcome, Mapping[str, str]] | None:
    """What became of the form that was posted, or None when it was none of this desk's."""
    name = posted(here).get("act", "")
    if here.request.method != "POST" or name not in {each.kind.name for each in offers}:
        return None
    typed, says = scans.cleaned(posted(here))
    if says:
        return Outcome(False, complaints=says), typed
    put(here, typed)
    outcome, typed = answered(here, name)
    if outcome.done:
        if typed.get("device"):
            remember(here, typed["device"])
        messages.success(here.request, f"Recorded: {name}.")
    return outcome, typed


def put(here: Here, typed: Mapping[str, str]) -> None:
    """Whoever reads the form after us finds the scans as they were read."""
    clean = QueryDict(mutable=True)
    clean.update(dict(typed))
    here.request.POST = clean  # type: ignore[assignment]


def filled(here: Here, part: str) -> HttpResponseBase:
    """The page again, after an act."""
    return redirect(links.journey(here.journey.id, part))


def desk(
    here: Here, part: str, offers: Sequence[Offer], made: tuple[Outcome, Mapping[str, str]] | None = None
) -> dict[str, Any]:
    """The content of a desk: its tabs, the form that is open, and what cannot happen now."""
    outcome, typed = made or (Outcome(True), {})
    mine = [each for each in offers if may_record(here.visitor, here.journey.state, each.kind.name)]
    against = _against(here) if mine else {}
    able = [each for each in mine if not against.get(each.kind.name)]
    wanted = posted(here).get("act") or links.unslugged(str(here.request.GET.get("act", "")))
    opened = next((each for each in mine if each.kind.name == wanted), next((each for each in able if each.opens), None))
    shown = able if opened is None or opened in able else [*able, opened]
    where = links.journey(here.journey.id, part)
    made_form = None if opened is None else form(here, opened, typed, outcome)
    return {
        "tabs": tuple(
            Tab(each.kind.name, each.label, f"{where}?act={links.slug(each.kind.name)}", each is opened) for each in shown
        ),
        "form": made_form,
        "closed": tuple(Closed(each.label, against[each.kind.name]) for each in mine if each not in shown),
        "reasons": outcome.reasons or (() if typed or opened is None else against.get(opened.kind.name, ())),
        "stopped": outcome.stopped,
        "conflict": outcome.conflict,
        "meanwhile": meanwhile(here, outcome, typed),
        "elsewhere": _elsewhere(outcome, made_form),
        "zone": zone(here).key,
    }


def _elsewhere(outcome: Outcome, made: Form | None) -> tuple[Complaint, ...]:
    """Complaints about what the form has no field for."""
    fields = (*made.scans, *made.fields) if made else ()
    named = {"password", "readings", *(each.name.partition(".")[0] for each in fields)}
    return tuple(each for each in outcome.complaints if each.where.partition(".")[0] not in named)


def _against(here: Here) -> dict[str, tuple[Reason, ...]]:
    standing, network = here.journey, network_of(here)
    listed = allowed(standing.therapy, network, standing.state, here.now, here.visitor.person, now=here.now)
    return {each.act: each.reasons for each in listed}


def form(here: Here, offer: Offer, typed: Mapping[str, str], outcome: Outcome) -> Form:
    """The form of an offer, with what was typed, or what it starts from."""
    standing, kind = here.journey, offer.kind
    options = {**choices.of(kind, standing, network_of(here)), **offer.choices(here)}
    kinds = {f"{name}.kind": tuple(options.pop(name)) for name in ("second", "patient") if name in options}
    start = {"device": device_of(here), **offer.start(here)}
    found = forms.fields_of(
        kind, now=here.now, zone=zone(here), typed=typed or start, choices=options, complaints=outcome.complaints
    )
    fields = [_worded(replace(each, choices=kinds.get(each.name, each.choices)), offer) for each in found]
    return Form(
        event=kind.name,
        label=offer.label,
        scans=tuple(sorted((each for each in fields if each.name in SCANS), key=lambda each: SCANS.index(each.name))),
        fields=tuple(sorted((each for each in fields if each.name not in SCANS), key=lambda each: each.kind == "time")),
        meaning=meaning(kind.name),
        says=forms.complaints_at(outcome.complaints, "password"),
        version=standing.version,
        key=choices.key() if outcome.conflict else posted(here).get("key") or choices.key(),
    )


WORDS = {
    "chain": "Chain of identity", "second.kind": "Second identifier", "second.value": "Second identifier, as read",
    "patient.kind": "Wristband: identifier", "patient.value": "Wristband, as read", "device": "Scanner or workstation",
    "giver": "Handed over by", "items": "Items (scan each, one a line)", "bags": "Bags (scan each, one a line)",
    "collections": "Collections (one a line)", "lots": "Lots (one a line)", "celsius": "Temperature (°C)",
}  # fmt: skip


def _worded(each: Field, offer: Offer) -> Field:
    words = (offer.labels or {}).get(each.name) or WORDS.get(each.name)
    if words and each.kind == "several":
        words = words.partition(" (")[0]  # they are ticked, not typed
    return replace(each, label=words) if words else each


def device_of(here: Here) -> str:
    """The device that this visitor scanned with last."""
    return str(cast(Any, here.request).session.get("device", ""))


def remember(here: Here, device: str) -> None:
    """The next form of this visitor starts with that device."""
    cast(Any, here.request).session["device"] = device[:80]


def zone(here: Here) -> Any:
    """The clock of the page: that of the journey's center."""
    return times.zone_of(network_of(here), here.journey.state)
