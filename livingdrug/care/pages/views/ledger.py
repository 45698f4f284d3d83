"""The ledger: what is owed, waived, disputed or waits for evidence; each line opens the events that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from livingdrug.care import states, store
from livingdrug.care.accounts.permissions import may_open, may_record, sees_event
from livingdrug.care.accounts.scope import scope
from livingdrug.care.accounts.signing import MEANINGS, SIGNED_ACTS
from livingdrug.care.pages import choices, forms, links, money, timeline, times
from livingdrug.care.pages.acts import Outcome
from livingdrug.care.pages.money import STATES, Line
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes
from livingdrug.care.pages.views.act import answered
from livingdrug.journey import codec
from livingdrug.journey.events import MilestoneDisputed, MilestoneSettled, ProductInfused, ResponseAssessed, Signed
from livingdrug.journey.grades import charted, responses
from livingdrug.journey.rules.payment import Due, due
from livingdrug.journey.state import standing, stands

__all__ = ["ROUTES", "ledger", "milestone"]

ROWS = 50
ACTS = (MilestoneSettled.name, MilestoneDisputed.name)


@page("ledger", "care/milestone.html", journey=True)
def milestone(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """What one journey owes: by the contract, as it was settled, and the evidence; where the payer settles or disputes."""
    if here.request.method != "POST":
        return _milestone(here, {}, "", Outcome(True))
    name = here.request.POST.get("event", "")
    if name not in ACTS:
        return problem(here.request, here.visitor, 404, f"there is no act {name!r} to record here")
    if not may_record(here.visitor, here.journey.state, name):
        return problem(here.request, here.visitor, 403, f"{name} is recorded by the payer of the patient")
    outcome, typed = answered(here, name)
    if outcome.done:
        messages.success(here.request, f"Recorded: {name}.")
        return redirect(links.journey(here.journey.id, "ledger"))
    return Shown(_milestone(here, typed, name, outcome), outcome.status)


@page("ledger", "care/ledger.html")
def ledger(here: Here) -> Mapping[str, Any]:
    """Sums by payer, and a line for each patient who was infused."""
    asked = _asked(here)
    everything = money.lines(network_of(here), scope(here.visitor), here.now)
    chosen = list(money.narrowed(everything, payer=asked["payer"], center=asked["center"]))
    listed = list(money.narrowed(chosen, state=asked["state"]))
    first = ROWS * (int(asked["page"] or 1) - 1)
    return {
        "title": "Ledger",
        "sums": money.sums(chosen),
        "states": {state: sum(each.state == state for each in chosen) for state in STATES},
        "lines": [_told(here, each) for each in listed[first : first + ROWS]],
        "total": len(listed),
        "before": _page(asked, first // ROWS) if first else "",
        "more": _page(asked, first // ROWS + 2) if len(listed) > first + ROWS else "",
        "asked": {name: value for name, value in asked.items() if value},
        "choices": {name: sorted({getattr(each, name) for each in everything} - {""}) for name in ("payer", "center")},
        "words": STATES,
    }


def _asked(here: Here) -> dict[str, str]:
    got = {name: str(here.request.GET.get(name, "")).strip()[:100] for name in ("state", "payer", "center", "page")}
    got["state"] = got["state"] if got["state"] in STATES else ""
    got["page"] = got["page"] if got["page"].isdecimal() and 1 < int(got["page"]) < 10_000 else ""
    return got


def _page(asked: Mapping[str, str], number: int) -> str:
    return links.page("ledger", **{**asked, "page": number if number > 1 else None})


@dataclass(frozen=True, slots=True)
class Told:
    """A line as its reader sees it: `settled` is the day of the settlement at the center."""

    line: Line
    settled: str


def _told(here: Here, line: Line) -> Told:
    return Told(line, times.shown(line.at, times.zone_of(network_of(here), states.NEW, line.center))[:10])


# One milestone ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event that a settlement rests on; `digest` is what a signature would cover, `hash` its place in the chain."""

    position: int
    event: str
    at: str
    by: str
    details: tuple[timeline.Detail, ...]
    digest: str
    hash: str


@dataclass(frozen=True, slots=True)
class Step:
    """A settlement or a dispute, with its signatures."""

    position: int
    event: str
    at: str
    by: str
    billed: int | None
    waived: int | None
    reason: str
    evidence: tuple[int, ...]
    signatures: tuple[str, ...]


def _milestone(here: Here, typed: Mapping[str, str], event: str, outcome: Outcome) -> dict[str, Any]:
    state, therapy = here.journey.state, here.journey.therapy
    right, zone = due(therapy, state), times.zone_of(network_of(here), state)
    steps = tuple(_steps(here, zone))
    last = next((each for each in reversed(steps) if each.billed is not None), None)
    rests = last.evidence if last else right.evidence
    return {
        "title": f"Payment for {state.patient}",
        "patient": state.patient,
        "payer": state.payer,
        "center": state.center,
        "therapy": therapy.title,
        "currency": therapy.currency,
        "contract": money.contract(here.journey),
        "due": right,
        "owed": right.billed - right.waived,
        "settled": last,
        "disputed": steps[-1].reason if steps and steps[-1].billed is None else "",
        "agrees": last is None or (last.billed, last.waived) == (right.billed, right.waived),
        "until": money.deadline(network_of(here), here.journey, right, here.now),
        "evidence": tuple(_evidence(here, rests, zone)),
        "steps": steps,
        "may": {act: may_record(here.visitor, state, act) for act in ACTS},
        "form": _form(here, right, typed),
        "open": links.journey(here.journey.id) if may_open(here.visitor, "patient") else "",
        "event": event,
        "reasons": outcome.reasons,
        "conflict": outcome.conflict,
        "says": forms.complaints_at(outcome.complaints, "password"),
        "wrong": [f"{each.where}: {each.says}" for each in outcome.complaints if each.where != "password"],
    }


def _form(here: Here, right: Due, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the forms carry besides what is typed: the amounts are the contract's, and not for typing."""
    return {
        "version": here.journey.version,
        "key": typed.get("key") or choices.key(),
        "at": here.now.isoformat(),
        "evidence": "\n".join(map(str, right.evidence)),
        "meaning": MEANINGS[SIGNED_ACTS[MilestoneSettled.name]].rstrip("."),
        "reason": typed.get("reason", ""),
    }


def _evidence(here: Here, positions: tuple[int, ...], zone: ZoneInfo) -> Any:
    state, rows = here.journey.state, store.rows(here.journey.id)
    for position in positions:
        event = stands(state, position)
        if event is None:
            continue
        seen = sees_event(here.visitor, state, event)
        shown = timeline.details(event, zone) if seen else ()
        if isinstance(event, ProductInfused):  # what a payer checks is which product, when and how much of it
            shown = tuple(each for each in shown if each.label in OF_INFUSION)
        if isinstance(event, ResponseAssessed) and seen:
            shown = (timeline.Detail("response", _response(here, event)), *shown)
        yield Evidence(
            position, event.name, times.shown(event.at, zone), event.by, shown, codec.digest(event), rows[position - 1]["hash"]
        )


def _response(here: Here, event: ResponseAssessed) -> str:
    """The category that the contract looks at."""
    found = responses(here.journey.therapy, charted(here.journey.state))
    return next((each.response for one, each in found if one.assessment == event.assessment), None) or "cannot be told"


OF_INFUSION = ("product", "bags", "chain of identity", "CAR-positive viable cells", "weight (kg)")


def _steps(here: Here, zone: ZoneInfo) -> Any:
    """Settlements and disputes as they stand, in their order."""
    state = here.journey.state
    signed = [each for each in state.history if isinstance(each, Signed)]
    for position, event in standing(state):
        if isinstance(event, MilestoneSettled | MilestoneDisputed):
            of_money = isinstance(event, MilestoneSettled)
            by = [f"{each.by}, {times.shown(each.at, zone)}: {MEANINGS.get(each.meaning, each.meaning)}"
                  for each in signed if each.position == position]  # fmt: skip
            yield Step(
                position, event.name, times.shown(event.at, zone), event.by, event.billed if of_money else None,
                event.waived if of_money else None, "" if of_money else event.reason,
                event.evidence if of_money else (), tuple(by),
            )  # fmt: skip


ROUTES = [*routes("journeys/<str:id>/ledger", milestone, "milestone"), *routes("ledger", ledger, "ledger")]
