"""What each journey owes by its contract: settled, to settle, disputed, or waiting for evidence, neither yes nor no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from livingdrug.care import clock, states
from livingdrug.care.ledger import payers
from livingdrug.care.models import Journey as Row
from livingdrug.care.models import Milestone
from livingdrug.care.pages import links, times
from livingdrug.care.states import Standing
from livingdrug.journey.rules.payment import TREATMENT, Due, due
from livingdrug.network.schema import Network

__all__ = ["STATES", "Deadline", "Line", "Sums", "contract", "deadline", "lines", "narrowed", "open_line", "sums"]

STATES = {
    "waiting": "waiting for evidence",
    "to settle": "to settle",
    "disputed": "disputed",
    "settled": "settled",
}
"""How a milestone can stand, the most urgent first, and the words for it."""

AFTER_INFUSION = ("infused", "response assessed", "relapsed", "died")
"""Stages in which there can be something to pay."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when evidence can come: the last day of the assessment's window, and whether that has passed."""

    day: date
    passed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One milestone of one journey. Amounts in minor units; `waits` is the missing evidence, `about` what is contested."""

    id: str
    patient: str
    center: str
    payer: str
    milestone: str
    state: str
    currency: str
    billed: int
    waived: int
    owed: int
    """Billed less waived."""
    at: str
    href: str
    waits: str = ""
    until: Deadline | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """The lines of one payer in one currency added up, in minor units; what waits is counted at its full price."""

    payer: str
    currency: str
    patients: int
    waiting: int
    to_settle: int
    settled: int
    waived: int
    disputed: int


def lines(network: Network, within: Q, now: datetime) -> list[Line]:
    """Every milestone of the journeys that fit, the most urgent first."""
    rows = list(Row.objects.filter(within).filter(stage__in=AFTER_INFUSION).values("id", "patient", "center"))
    done = {each.journey_id: each for each in Milestone.objects.filter(journey_id__in=_ids(within))}
    paid_by = payers(done)
    found = [_settled(network, row, done[row["id"]], paid_by.get(row["id"], "")) for row in rows if row["id"] in done]
    waiting = (open_line(network, states.latest(row["id"]), now) for row in rows if row["id"] not in done)
    return sorted([*found, *(each for each in waiting if each is not None)], key=_urgency)


def _ids(within: Q) -> Any:
    return Row.objects.filter(within).filter(stage__in=AFTER_INFUSION).values("id")


def _urgency(line: Line) -> tuple[Any, ...]:
    """Waiting by deadline, then to settle and disputed, then settled, latest first."""
    latest = -clock.moment(line.at).timestamp() if line.at and line.state == "settled" else 0.0
    return tuple(STATES).index(line.state), line.until.day if line.until else date.max, latest, line.patient


def _settled(network: Network, row: dict[str, Any], milestone: Milestone, payer: str) -> Line:
    return Line(
        id=row["id"], patient=row["patient"], center=row["center"], payer=payer, milestone=milestone.milestone,
        state="disputed" if milestone.disputed else "settled", currency=milestone.currency, billed=milestone.billed,
        waived=milestone.waived, owed=milestone.billed - milestone.waived, at=milestone.at,
        href=links.journey(row["id"], "ledger"), about=milestone.disputed,
    )  # fmt: skip


def open_line(network: Network, standing: Standing, now: datetime) -> Line | None:
    """The milestone of a journey that nobody has settled; None where there is nothing to pay, because nobody was infused."""
    state, therapy = standing.state, standing.therapy
    if state.infusion is None or TREATMENT in state.settled:
        return None
    right = due(therapy, state)
    return Line(
        id=standing.id, patient=state.patient, center=state.center, payer=state.payer, milestone=TREATMENT,
        state="waiting" if right.waiting else "to settle", currency=therapy.currency, billed=right.billed, waived=right.waived,
        owed=right.billed - right.waived, at="", href=links.journey(standing.id, "ledger"), waits=right.waiting,
        until=deadline(network, standing, right, now),
    )  # fmt: skip


def deadline(network: Network, standing: Standing, right: Due, now: datetime) -> Deadline | None:
    """Until when the assessment may be made that the contract waits for; None where it waits for none."""
    state, rules, asked = standing.state, standing.therapy.response, standing.therapy.contract.assessment
    if not right.waiting or state.infusion is None or asked is None:
        return None
    days = [each.value for each in rules.assessments]
    window = rules.windows[days.index(asked.value)].value if rules.windows and asked.value in days else 0
    zone = times.zone_of(network, state)
    last = state.infusion.at.astimezone(zone).date() + timedelta(days=asked.value + window)
    return Deadline(last, now.astimezone(zone).date() > last)


def contract(standing: Standing) -> str:
    """The contract of the journey's therapy in one sentence."""
    therapy = standing.therapy
    price, asked = f"{therapy.price.list_price.value:,.0f} {therapy.currency}", therapy.contract
    if asked.kind != "response" or asked.assessment is None:
        return f"{price} at infusion, whatever the response"
    share = f"{asked.waived_share.value:.0%}" if asked.waived_share.value < 1 else "all of it"
    return f"{price} at infusion; {share} is waived unless there is a remission on day {asked.assessment.value:g}"


def sums(those: Iterable[Line]) -> tuple[Sums, ...]:
    """Sums by payer and currency, the largest open first."""
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for each in those:
        found[each.payer, each.currency].append(each)
    made = (_sum(payer, currency, some) for (payer, currency), some in found.items())
    return tuple(sorted(made, key=lambda each: (-each.to_settle - each.waiting, each.payer)))


def _sum(payer: str, currency: str, those: list[Line]) -> Sums:
    def owed(state: str) -> int:
        return sum(each.owed for each in those if each.state == state)

    waived = sum(each.waived for each in those if each.state != "waiting")
    return Sums(payer, currency, len(those), owed("waiting"), owed("to settle"), owed("settled"), waived, owed("disputed"))


def narrowed(those: Iterable[Line], **equal: str) -> Iterator[Line]:
    """The lines that fit; what is empty narrows nothing."""
    for each in those:
        if all(not value or getattr(each, name) == value for name, value in equal.items()):
            yield each
