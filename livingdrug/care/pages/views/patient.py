"""One patient's journey: where it stands, what may happen next, what may not and what would clear it, and all that happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livingdrug.care import models, store
from livingdrug.care.accounts.permissions import may_open, may_record, sees_clinical, sees_names
from livingdrug.care.pages import attention, links, timeline, times
from livingdrug.care.pages.page import Here, network_of, page, routes, source
from livingdrug.care.pages.verbs import GROUPS, LIKELY, WHERE, verb
from livingdrug.journey.allowed import Possible, allowed
from livingdrug.journey.events import BY_NAME
from livingdrug.journey.identity import check_character
from livingdrug.journey.record import Reason
from livingdrug.journey.rules.roles import ROLES
from livingdrug.network.schema import Network

__all__ = ["ROUTES", "patient"]

WHO = ("REC-006", "REC-007", "REC-011")
"""Rules about who acts: left out where it is asked whether anybody may."""

MANY = 4
"""More roles than these are those of custody."""

RESOLVING = ("deviation closed", "contraindication resolved")
"""What comes first on a journey that is stopped."""


@dataclass(frozen=True, slots=True)
class Button:
    """An act that may happen next, and where it is done."""

    event: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Acts of one kind."""

    title: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act that others may do now, and the roles that may."""

    label: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """An act that may not happen now, with every rule against it; each says what would clear it."""

    label: str
    reasons: tuple[Reason, ...]


@page("patient", "care/patient.html", journey=True)
def patient(here: Here) -> Mapping[str, Any]:
    """The journey of one patient."""
    journey, network, who = here.journey.state, network_of(here), here.visitor
    row = models.Journey.objects.get(id=here.journey.id)
    listed = allowed(here.journey.therapy, network, journey, here.now, who.person, now=here.now)
    newest = here.request.GET.get("order") != "oldest"
    zone = times.zone_of(network, journey)
    now = attention.line(who, network, here.now, row)
    likely, groups = _buttons(here, listed, row.stage, stopped=row.held)
    return {
        "title": journey.patient,
        **_person(here),
        "now": now,
        "facts": _facts(here, network),
        "chain": journey.chain,
        "check": check_character(journey.chain) if journey.chain else "",
        "likely": likely,
        "groups": groups,
        "waiting": tuple(_waiting(here, network, (*(RESOLVING if row.held else ()), *LIKELY.get(row.stage, ()))))
        if sees_clinical(who)
        else (),
        "impossible": tuple(_impossible(here, listed)),
        "phases": timeline.phases(who, journey, store.rows(here.journey.id), zone, newest=newest),
        "whole": sees_clinical(who),
        "newest": newest,
        "papers": _papers(here),
        "corrects": may_record(who, journey, "corrected") and here.journey.id not in who.glass,
        "version": here.journey.version,
        "head": here.journey.head,
        "printed": times.shown(here.now, zone),
    }


def _person(here: Here) -> dict[str, Any]:
    """Who the patient is, for those who treat them."""
    if not sees_names(here.visitor, here.journey.state):
        return {}
    return {"person": store.person(here.journey.state.patient, here.visitor.account, source=source(here.request))}


def _facts(here: Here, network: Network) -> dict[str, str]:
    journey = here.journey.state
    site = next((each.title for each in network.sites if each.id == journey.site), "")
    center = next((each.title for each in network.centers if each.id == journey.center), journey.center)
    clinical = sees_clinical(here.visitor)
    weight = journey.eligibility if clinical else None
    facts = {
        "Therapy": here.journey.therapy.title,
        "Center": center,
        "Site": site,
        "Order": journey.order,
        "Payer": journey.payer if clinical else "",
        "At eligibility": f"{weight.age:g} years, {weight.weight:g} kg" if weight else "",
    }
    return {name: value for name, value in facts.items() if value}


def _papers(here: Here) -> tuple[Button, ...]:
    """Documents to print."""
    id = here.journey.id
    record = Button("record", "Whole case record, oldest first", f"{links.journey(id)}?order=oldest")
    return (record, Button("labels", "Labels", links.labels(id))) if may_open(here.visitor, "labels") else (record,)


# What may happen next -----------------------------------------------------------------------------------------------------


def _buttons(
    here: Here, listed: tuple[Possible, ...], stage: str, *, stopped: bool
) -> tuple[tuple[Button, ...], tuple[Group, ...]]:
    """What this visitor may do now: the likely ones first, the others in groups."""
    free = {each.act for each in listed if not each.reasons and may_record(here.visitor, here.journey.state, each.act)}
    first = [each for each in (*(RESOLVING if stopped else ()), *LIKELY.get(stage, ())) if each in free]
    groups = (
        Group(title, tuple(_button(here, each) for each in events if each in free and each not in first))
        for title, events in GROUPS.items()
    )
    return tuple(_button(here, each) for each in first), tuple(each for each in groups if each.buttons)


def _button(here: Here, event: str) -> Button:
    where = WHERE.get(event, "")
    id = here.journey.id
    return Button(event, verb(event), links.journey(id, where) if may_open(here.visitor, where) else links.act(id, event))


def _waiting(here: Here, network: Network, likely: tuple[str, ...]) -> Iterator[Waiting]:
    """What usually comes next and is for others to do."""
    listed = allowed(here.journey.therapy, network, here.journey.state, here.now, "", now=here.now)
    free = {each.act for each in listed if not _besides_who(each)}
    for event in likely:
        if event in free and not may_record(here.visitor, here.journey.state, event):
            roles = ROLES[BY_NAME[event]]
            yield Waiting(verb(event), roles if len(roles) <= MANY else ("whoever has the cells",))


def _impossible(here: Here, listed: tuple[Possible, ...]) -> Iterator[Impossible]:
    """What this visitor's roles do, but not now."""
    named = {event: each for each in listed for event in [each.act]}
    for event in (event for group in GROUPS.values() for event in group):
        if named[event].reasons and may_record(here.visitor, here.journey.state, event):
            yield Impossible(verb(event), named[event].reasons)


def _besides_who(possible: Possible) -> tuple[Reason, ...]:
    return tuple(each for each in possible.reasons if each.rule not in WHO)


ROUTES = routes("journeys/<str:id>", patient, "patient")
