"""Response and follow-up: assessments in their windows, criteria computed as they are typed, relapse, death, and payment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import render

from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.pages import assessing, choices, desk, follow, times
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.assessing import Reading
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.page import Here, Shown, network_of, page, routes
from livingdrug.care.pages.views.act import meanwhile
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import events as e
from livingdrug.journey.rules.payment import TREATMENT, due
from livingdrug.journey.schedule import missed

__all__ = ["ROUTES", "response"]

OFFERS = (
    Offer(e.PatientSeen, "Seen alive", opens=False),
    Offer(e.Relapsed, "Relapse", labels={"relapse": "kind of relapse"}, opens=False),
    Offer(e.FurtherTherapyGiven, "Further therapy", labels={"therapy": "therapy: transplant, or its name"}, opens=False),
    Offer(e.BCellsRecovered, "B cells are back", opens=False),
    Offer(e.Died, "Death", labels={"cause": "cause of death"}, opens=False),
)


@page("response", "care/response.html", journey=True)
def response(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """Response and follow-up of one patient, or what became of what was sent."""
    asked = desk.posted(here).get("do", "") if here.request.method == "POST" else ""
    if asked and here.journey.state.infusion is not None:
        return _assessed(here, asked)
    made = desk.sent(here, OFFERS)
    if made and made[0].done:
        return desk.filled(here, "response")
    content = _content(here, {}, None, made)
    return Shown(content, made[0].status) if made else content


# An assessment ----------------------------------------------------------------------------------------------------------


def _assessed(here: Here, asked: str) -> Shown | HttpResponseBase:
    """Show the criteria of what was typed, or record it; `asked` is check, record, or a value to take instead."""
    typed = desk.posted(here)
    for name in ("neutrophils", "platelets"):
        if asked == f"use {name}":
            typed[name] = typed.get(f"use_{name}", "")
    reading = _read(here, typed)
    if asked == "record" and reading.event is not None:
        expected = int(text) if (text := typed.get("version", "")).isdecimal() else 0
        outcome = perform(here, [reading.event], expected=expected, key=typed.get("key", ""))
        if not outcome.done:
            return Shown(_content(here, typed, reading, (outcome, typed)), outcome.status)
        made = assessing.verdict(here.journey.therapy, here.journey.state, reading.event)
        messages.success(here.request, f"Recorded: day {reading.event.assessment}, {made.response if made else 'not graded'}.")
        return desk.filled(here, "response")
    if getattr(here.request, "htmx", False):
        return render(here.request, "care/_response_verdict.html", {"verdict": _verdict(here, reading)})
    return Shown(_content(here, typed, reading), 422 if asked == "record" else 200)


def _read(here: Here, typed: Mapping[str, str]) -> Reading:
    days = [round(each.value) for each in here.journey.therapy.response.assessments]
    text = typed.get("assessment", "")
    day = int(text) if text.isdecimal() else days[0]
    try:
        at = _at(here, typed)
    except BadInput as error:
        return Reading(None, (Complaint("assessed_at", error.complaints[0].says),), {})
    return assessing.read(typed, at=at, by=here.visitor.person, assessment=day)


def _at(here: Here, typed: Mapping[str, str]) -> datetime:
    """When it was assessed: now, unless another time is given."""
    text = typed.get("assessed_at", "").strip()
    return times.typed(text, desk.zone(here)) if text else here.now


def _verdict(here: Here, reading: Reading | None) -> assessing.Verdict | None:
    if reading is None or reading.event is None:
        return None
    return assessing.verdict(here.journey.therapy, here.journey.state, reading.event)


# The page ---------------------------------------------------------------------------------------------------------------


def _content(
    here: Here, typed: Mapping[str, str], reading: Reading | None, made: tuple[Outcome, Mapping[str, str]] | None = None
) -> dict[str, Any]:
    state, therapy, network = here.journey.state, here.journey.therapy, network_of(here)
    if state.infusion is None:
        return {"title": "Response", "infused": False, "version": state.version}
    those, known = follow.assessments(therapy, network, state, here.now), follow.facts(therapy, network, state)
    outcome = made[0] if made and reading is not None else Outcome(True)
    chosen = _chosen(here, typed, those)
    other = desk.desk(here, "response", OFFERS, made if reading is None else None)
    return {
        "title": "Response",
        "infused": True,
        "infused_at": times.shown(state.infusion.at, desk.zone(here)),
        "died": times.shown(state.died, desk.zone(here)),
        "assessments": those,
        "chosen": chosen,
        "may_assess": may_record(here.visitor, state, e.ResponseAssessed.name) and state.died is None,
        "typed": {name: text for name, text in typed.items() if name != "csrfmiddlewaretoken"},
        "leukemia": therapy.tumor == "leukemia",
        "counts": therapy.response.neutrophils is not None,
        "partial": therapy.response.partial_reduction is not None,
        "limits": _limits(here),
        "says": {each.where: each.says for each in (reading.complaints if reading else ())},
        "instead": dict(reading.instead) if reading else {},
        "verdict": _verdict(here, reading),
        "refused": {"reasons": outcome.reasons, "conflict": outcome.conflict, "meanwhile": meanwhile(here, outcome, typed)},
        "facts": known,
        "event_free": follow.event_free(state, known),
        "visits": tuple(
            f"{each.what}: due {times.ago(each.due, here.now)}"
            for each in missed(therapy, state, here.now)
            if each.what.startswith("visit")
        ),
        "settlement": _settlement(here),
        **other,
        "version": state.version,
        "key": choices.key() if outcome.conflict else typed.get("key") or choices.key(),
    }


def _chosen(here: Here, typed: Mapping[str, str], those: tuple[follow.Due, ...]) -> follow.Due | None:
    """The assessment that the form is for: the one asked for, or the one that is to be made now."""
    asked = typed.get("assessment") or str(here.request.GET.get("assessment", ""))
    wanted = next((each for each in those if str(each.day) == asked), None)
    return wanted if wanted and wanted.state in ("open", "late", "missed") else follow.due_now(those)


def _limits(here: Here) -> dict[str, str]:
    """What the criteria look for, beside the fields."""
    rules = here.journey.therapy.response
    return {
        "burden": f"remission below {assessing.percent(rules.remission_burden.value)} %",
        "mrd": f"negative below {assessing.percent(rules.mrd.value)} %",
        **{
            name: f"CR above {limit.value:,.0f}"
            for name, limit in (("neutrophils", rules.neutrophils), ("platelets", rules.platelets))
            if limit is not None
        },
    }


def _settlement(here: Here) -> str:
    """What the payment waits for, without its amount: money stands on the ledger."""
    state, therapy = here.journey.state, here.journey.therapy
    if TREATMENT in state.settled:
        return "settled"
    waiting = due(therapy, state).waiting
    return f"waits: {waiting}" if waiting else "nothing is missing; the payer may settle it"


ROUTES = routes("journeys/<str:id>/response", response, "response")
