"""Refer a patient: a journey begins. The log gets a pseudonym and tokens; name, birth date and contacts go into the vault."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care import models, store
from livingdrug.care.accounts.scope import scope
from livingdrug.care.pages import choices, links, tokens
from livingdrug.care.pages.forms import Field
from livingdrug.care.pages.page import Here, Shown, network_of, page, routes, source
from livingdrug.errors import Complaint, Complaints
from livingdrug.journey.events import Identifier, PatientReferred
from livingdrug.journey.record import Reason

__all__ = ["ROUTES", "refer"]

LETTERS = "23456789CFGHJMPQRVWX"
"""No vowels, so that no pseudonym is a word; none that looks like another."""

FIELDS = {
    "name": ("Name, as the wristband has it", "text"),
    "born": ("Birth date", "date"),
    "record_number": ("Record number", "text"),
    "contact": ("Contacts", "lines"),
    "referrer": ("Referred by", "text"),
}
LONGEST = 300
LEFT_OUT = ("contact", "referrer")
"""Fields that may be empty."""


@dataclass(frozen=True, slots=True)
class Same:
    """A journey of somebody who has the same identifier."""

    patient: str
    href: str


@page("refer", "care/refer.html")
def refer(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The form of a referral, or what became of it."""
    if here.request.method != "POST":
        return _form(here, {}, ())
    typed = {key: str(value).strip() for key, value in here.request.POST.items()}
    complaints = _complaints(here, typed)
    if complaints:
        return Shown(_form(here, typed, complaints), 422)
    event = _event(here, typed)
    if not typed.get("another") and (same := _same(here, event)):
        return Shown(_form(here, typed, (), same=same), 422)
    return _begun(here, typed, event)


def _complaints(here: Here, typed: Mapping[str, str]) -> tuple[Complaint, ...]:
    found = Complaints()
    for name, (words, _) in FIELDS.items():
        text = typed.get(name, "")
        if not text and name not in LEFT_OUT:
            found.add(name, f"is missing; give the {words.partition(',')[0].lower()}")
        elif len(text) > LONGEST:
            found.add(name, f"has {len(text)} characters, and {LONGEST} is the limit; shorten it")
    if typed.get("born") and (says := _why_not_born(typed["born"], here.now.date())):
        found.add("born", says)
    if typed.get("therapy") not in _therapies():
        found.add("therapy", "is not one that is defined here; choose one of the list")
    return tuple(found.found)


def _why_not_born(text: str, today: date) -> str | None:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return f"{text!r} is not a date; give one like 2014-05-01"
    if born > today:
        return f"{born} is in the future; correct the year"
    return f"{born} is more than 120 years ago; correct the year" if today.year - born.year > 120 else None


def _therapies() -> list[str]:
    found = models.Definition.objects.filter(kind="therapy").order_by("name")
    return list(found.values_list("name", flat=True).distinct())


def _event(here: Here, typed: Mapping[str, str]) -> PatientReferred:
    both = tokens.name_and_birth_date(typed["name"], typed["born"])
    read = {tokens.RECORD_NUMBER: typed["record_number"], tokens.NAME_AND_BIRTH_DATE: both}
    return PatientReferred(
        at=here.now,
        by=here.visitor.person,
        patient=_pseudonym(typed.get("key", "")),
        therapy=typed["therapy"],
        center=here.visitor.place,
        identifiers=tuple(Identifier(kind, tokens.token(kind, value)) for kind, value in read.items()),
        referrer=typed.get("referrer", ""),
    )


def _pseudonym(key: str) -> str:
    """A pseudonym that follows from the form alone: sent twice, it is one patient."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"pseudonym\n" + key.encode(), hashlib.sha256).digest()
    number = int.from_bytes(made[:8], "big")
    return "P-" + "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(7))


def _same(here: Here, event: PatientReferred) -> tuple[Same, ...]:
    """Journeys that this visitor sees of somebody with one of the same identifiers, as their referrals have it."""
    found: dict[str, str] = {}
    for each in event.identifiers:
        referrals = models.Event.objects.filter(name=event.name, content__contains=f'"value":"{each.value}"')
        rows = models.Journey.objects.filter(scope(here.visitor), id__in=referrals.values("journey_id"))
        found |= dict(rows.values_list("id", "patient"))
    return tuple(Same(patient, links.journey(id)) for id, patient in found.items() if patient != event.patient)


def _begun(here: Here, typed: Mapping[str, str], event: PatientReferred) -> Shown | HttpResponseBase:
    """The person is kept before the journey, so that no journey is of nobody; if the journey is refused, it is forgotten."""
    about = source(here.request)
    if kept := models.Journey.objects.filter(scope(here.visitor), patient=event.patient).first():
        return redirect(links.journey(kept.id))  # the form was sent twice
    person = {name: typed[name] for name in ("name", "born", "record_number", "contact") if typed.get(name)}
    store.keep_person(event.patient, person, here.visitor.account, source=about)
    made = store.start(event, here.visitor.account, key=typed.get("key") or None, now=here.now, source=about)
    if isinstance(made, store.Appended):
        messages.success(here.request, f"Referred: the patient is {event.patient} from now on.")
        return redirect(links.journey(made.journey))
    store.shred(event.patient, here.visitor.account, source=about)
    if isinstance(made, store.Conflict):
        return Shown(_form(here, typed, (), conflict=str(made)), 409)
    return Shown(_form(here, typed, (), reasons=made.reasons), 422)


def _form(
    here: Here,
    typed: Mapping[str, str],
    complaints: tuple[Complaint, ...],
    *,
    reasons: tuple[Reason, ...] = (),
    conflict: str = "",
    same: tuple[Same, ...] = (),
) -> dict[str, Any]:
    said = {each.where: (each.says,) for each in complaints}
    therapies = _therapies()
    chosen = typed.get("therapy", therapies[0] if len(therapies) == 1 else "")
    fields = [
        Field(name, words, kind, name not in LEFT_OUT, typed.get(name, ""), says=said.get(name, ()))
        for name, (words, kind) in FIELDS.items()
    ]
    therapy = Field("therapy", "Therapy", "choice", True, chosen, tuple(therapies), said.get("therapy", ()))
    center = next((each.title for each in network_of(here).centers if each.id == here.visitor.place), here.visitor.place)
    return {
        "title": "Refer a patient",
        "fields": (*fields, therapy),
        "center": center,
        "reasons": reasons,
        "conflict": conflict,
        "same": same,
        "key": choices.key() if conflict else typed.get("key") or choices.key(),
    }


ROUTES = routes("refer", refer, "refer")
