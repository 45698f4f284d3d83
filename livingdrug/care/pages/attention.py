"""What needs somebody: journeys that are stopped, late, or about to miss a window, each with its reason and what to do next.

All of it is told from the columns of the board, so that a page of two hundred patients reads no journey but of those who were
infused lately: which look at them was missed is in their charts alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from livingdrug.care import clock, definitions, states
from livingdrug.care.accounts.permissions import is_auditor, may_open, sees_clinical
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.models import Journey as Row
from livingdrug.care.pages import links, times
from livingdrug.journey import schedule
from livingdrug.journey.events import BY_NAME
from livingdrug.journey.rules.roles import ROLES
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["AFTER_INFUSION", "Line", "Next", "Section", "line", "sections", "soonest"]

AFTER_INFUSION = ("infused", "response assessed", "relapsed")
"""Stages that are one to those who do not treat the patient: how it went is not theirs to know."""

CLOSING = (
    ("book or release", timedelta(days=1)),
    ("infusion window", timedelta(days=4)),
    ("product expires", timedelta(days=30)),
)
"""How long before its end a window is shown as closing."""

SOON = timedelta(days=2)
"""What is due this soon is coming up."""

SHOWN = 20
"""Lines of one section; more are a link away."""


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next: where, if the visitor may do it; else `who` does it."""

    label: str
    href: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One journey on the board; `why` says what stops it, `when` how late or how soon what is due is."""

    id: str
    patient: str
    stage: str
    center: str
    site: str
    therapy: str
    href: str
    last: str
    last_at: str
    due: str
    due_at: str
    when: str
    state: str
    why: tuple[str, ...]
    severe: bool
    next: Next | None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the board with lines of one kind; `state` is stop, attention or quiet; `total` counts those left out, too."""

    id: str
    title: str
    says: str
    state: str
    lines: tuple[Line, ...]
    total: int
    more: str
    """Where the others are listed; empty if there are none."""


def soonest(now: datetime) -> datetime:
    """The moment before which something must be due to be worth looking at."""
    return now + max(before for _, before in CLOSING)


def sections(
    visitor: Visitor, network: Network, now: datetime, held: Iterable[Row], infused: Iterable[Row], due: Iterable[Row]
) -> tuple[Section, ...]:
    """The parts of the board that need somebody, those without lines left out."""
    stopped = [line(visitor, network, now, row) for row in held]
    missed = list(_missed(visitor, network, now, infused)) if sees_clinical(visitor) else []
    lines: dict[str, list[Line]] = {"stopped": stopped, "missed": missed, "late": [], "closing": [], "soon": []}
    for row in due:
        made = line(visitor, network, now, row)
        if made.state in lines and not row.held:
            lines[made.state].append(made)
    return tuple(
        Section(id, title, says, state, tuple(lines[id][:SHOWN]), len(lines[id]), more if len(lines[id]) > SHOWN else "")
        for id, title, says, state, more in PARTS
        if lines[id]
    )


def _missed(visitor: Visitor, network: Network, now: datetime, infused: Iterable[Row]) -> Iterator[Line]:
    """Patients who should have been looked at by now and were not, longest first."""
    found: list[tuple[datetime, Line]] = []
    for row in infused:
        standing = states.latest(row.id)
        late = schedule.missed(standing.therapy, standing.state, now)
        if late:
            made, what = line(visitor, network, now, row), " and ".join(dict.fromkeys(each.what for each in late))
            at = times.shown(late[0].due, _zone(network, row.center))
            when = _when(late[0].due, now, closes=False)
            chart = _page(visitor, row, *WHERE["infused"])
            found.append((late[0].due, replace(made, due=what, due_at=at, when=when, state="late", why=(), next=chart)))
    yield from (made for _, made in sorted(found, key=lambda each: each[0]))


PARTS = (
    (
        "stopped",
        "Stopped",
        "Nothing may happen to these cells or patients until somebody decides.",
        "stop",
        links.board(show="held"),
    ),
    ("missed", "Missed at the bedside", "Should have been charted by now.", "stop", links.board(stage="infused")),
    ("late", "Late", "Due in the past, longest first.", "stop", links.board(show="late")),
    ("closing", "About to miss a window", "Still possible, not for long.", "attention", links.board(show="late")),
    ("soon", "In the next two days", "Planned.", "quiet", links.page("slots")),
)


def line(visitor: Visitor, network: Network, now: datetime, row: Row) -> Line:
    """A row of the board as this visitor may see it."""
    clinical = sees_clinical(visitor)
    due = row.due if clinical or not row.due.startswith("response") else ""
    at = clock.moment(row.due_at) if due else None
    state = _state(row, at, now) if at else "fine"
    ends = at + _window(row) if at and state == "closing" else at
    return Line(
        id=row.id,
        patient=row.patient,
        stage=row.stage if clinical or row.stage not in AFTER_INFUSION else AFTER_INFUSION[0],
        center=row.center,
        site=row.site,
        therapy=row.therapy,
        href=links.journey(row.id) if may_open(visitor, "patient") else links.journey(row.id, "custody"),
        last=times.ago(clock.moment(row.last_at), now),
        last_at=row.last_at,
        due=due,
        due_at=times.shown(ends, _zone(network, row.center)),
        when=_when(ends, now, closes=ends != at) if ends else "",
        state=state,
        why=tuple(_why(row, clinical)),
        severe=row.severe and clinical,
        next=_next(visitor, row, due, state),
    )


def _zone(network: Network, center: str) -> ZoneInfo:
    return ask.zone(network, center) if ask.center(network, center) else times.UTC


def _when(at: datetime, now: datetime, *, closes: bool) -> str:
    said = times.ago(at, now)
    if closes:
        return f"window closes {said}"
    return f"{said.removesuffix(' ago')} late" if said.endswith(" ago") else said


def _state(row: Row, at: datetime, now: datetime) -> str:
    """Late, closing, soon or fine. A response may still be assessed until its window closes."""
    if row.due.startswith("response"):
        if at < now:
            return "late" if at + _window(row) < now else "closing"
    elif at < now:
        return "late"
    if any(row.due.startswith(kind) and at - now <= before for kind, before in CLOSING):
        return "closing"
    return "soon" if at - now <= SOON else "fine"


def _window(row: Row) -> timedelta:
    """How much later than its day something may be: an assessment, by the therapy that the journey is judged by."""
    if not row.due.startswith("response"):
        return timedelta()
    response = definitions.therapy(row.definition).response
    days = {
        f"response at day {day.value:g}": late.value for day, late in zip(response.assessments, response.windows, strict=False)
    }
    return timedelta(days=days.get(row.due, 0))


def _why(row: Row, clinical: bool) -> Iterator[str]:
    for says in json.loads(row.blocked):
        if clinical or not says.startswith("contraindication"):
            yield says
        else:
            yield "the center has stopped it"


# What to do next ----------------------------------------------------------------------------------------------------------

ACTS = {
    "referred": ("Assess eligibility", "eligibility assessed"),
    "eligible": ("Authorize coverage", "coverage authorized"),
    "authorized": ("Order the therapy", "ordered"),
    "on site": ("Start lymphodepletion", "lymphodepletion started"),
}
WHERE = {
    "ordered": ("Collect", "custody"),
    "collected": ("Hand over and ship", "custody"),
    "accepted": ("Start manufacture", "manufacture"),
    "in manufacture": ("Next step of manufacture", "manufacture"),
    "manufactured": ("Test and release", "release"),
    "released": ("Ship to the center", "custody"),
    "lymphodepletion": ("Go to the gate", "gate"),
    "gate passed": ("Infuse", "gate"),
    "infused": ("Chart at the bedside", "bedside"),
    "response assessed": ("Follow up", "response"),
    "relapsed": ("Follow up", "response"),
}
"""Stage → what comes next, and the act or page where it is done."""

DUE = {
    "response": ("Assess the response", "response"),
    "infusion window": ("Go to the gate", "gate"),
    "product expires": ("Go to the gate", "gate"),
}
PLACES = ("collection", "manufacture", "bed", "infusion")
"""What is due when a place was booked."""

RESOLVED = {
    "mismatch": ("Decide on the mismatch", "deviation closed"),
    "deviation": ("Close the deviation", "deviation closed"),
    "contraindication": ("Resolve the contraindication", "contraindication resolved"),
    "consent": ("Ask for consent again", "consent given"),
}


def _next(visitor: Visitor, row: Row, due: str, state: str) -> Next | None:
    for word, (label, event) in RESOLVED.items():
        if any(says.startswith(word) for says in json.loads(row.blocked)):
            return _act(visitor, row, label, event)
    if due.startswith("book or release"):
        return _act(visitor, row, "Book or give back", "slot booked")
    if due in PLACES and state == "late" and "collection nurse" not in visitor.roles:
        return Next("Find another time", links.page("slots")) if may_open(visitor, "slots") else None
    for word, (label, where) in DUE.items():
        if due.startswith(word) and state in ("late", "closing"):
            return _page(visitor, row, label, where)
    if row.stage in ACTS:
        return _act(visitor, row, *ACTS[row.stage])
    return _page(visitor, row, *WHERE[row.stage]) if row.stage in WHERE else None


def _act(visitor: Visitor, row: Row, label: str, event: str) -> Next:
    roles = ROLES[BY_NAME[event]]
    if visitor.roles & set(roles) and may_open(visitor, "act") and row.id not in visitor.glass:
        return Next(label, links.act(row.id, event))
    return Next(label, who=roles[0])


def _page(visitor: Visitor, row: Row, label: str, where: str) -> Next | None:
    if may_open(visitor, where) and not is_auditor(visitor):
        return Next(label, links.journey(row.id, where))
    return Next(label, who=ELSEWHERE.get(where, ""))


ELSEWHERE = {
    "custody": "collection nurse or courier", "manufacture": "operator", "release": "quality", "gate": "physician",
    "bedside": "bedside nurse", "response": "physician",
}  # fmt: skip
"""Who does it, where the visitor cannot open the page."""
