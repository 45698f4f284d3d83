"""Who did, saw, signed and overrode what: the trail of accesses and the log of events, as lines of one kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from livingdrug.care import clock
from livingdrug.care.models import Access, Event, Journey
from livingdrug.care.pages import links
from livingdrug.journey.events import Corrected, GradeOverridden, Overridden, Signed

__all__ = ["ACTIONS", "VIEWS", "Line", "lines"]

VIEWS = {
    "": "everything in the trail",
    "saw": "who saw",
    "did": "who did",
    "signed": "who signed",
    "overrode": "who overrode or corrected",
    "exported": "exports, keys and refusals",
}
"""What can be looked at; the first is what was asked of the service, `did` what was recorded."""

ACTIONS = {"C": "created", "R": "saw", "U": "recorded", "E": "did"}
OF_TRAIL = {"": {}, "saw": {"action": "R"}, "exported": {"action": "E"}}
OF_LOG: dict[str, tuple[str, ...]] = {
    "did": (), "signed": (Signed.name,), "overrode": (Overridden.name, GradeOverridden.name, Corrected.name),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when the service noted it, whose account, what, of which patient, what came of it and why."""

    position: int
    at: str
    account: str
    action: str
    what: str
    patient: str
    journey: str
    href: str
    outcome: str
    reason: str
    source: str


def lines(view: str, asked: Mapping[str, str], before: int | None, limit: int) -> list[Line]:
    """The latest lines that fit, before a position; `asked` narrows by account, patient, journey and day (of UTC)."""
    found: Any = Event.objects.select_related("journey") if view in OF_LOG else Access.objects.filter(**OF_TRAIL[view])
    if OF_LOG.get(view):
        found = found.filter(name__in=OF_LOG[view])
    of_event = view in OF_LOG
    for name, column in (
        ("account", "account"),
        ("journey", "journey"),
        ("patient", "journey__patient" if of_event else "patient"),
    ):
        if value := asked.get(name):
            found = found.filter(**{column: value})
    if day := asked.get("day"):
        start = date.fromisoformat(day)
        column = "recorded" if of_event else "at"
        found = found.filter(**{f"{column}__gte": f"{start}T", f"{column}__lt": f"{start + timedelta(days=1)}T"})
    if before is not None:
        found = found.filter(position__lt=before)
    rows = found.order_by("-position")[:limit]
    return list(_of_log(rows) if of_event else _of_trail(rows))


def _of_trail(rows: Iterable[Any]) -> Iterator[Line]:
    listed = list(rows)
    ids = {each.journey for each in listed if each.journey and not each.patient}
    patients = dict(Journey.objects.filter(id__in=ids).values_list("id", "patient"))
    for row in listed:
        patient, action = row.patient or patients.get(row.journey, ""), ACTIONS.get(row.action) or row.action
        yield Line(
            row.position, _moment(row.at), row.account, str(action), row.what, patient, row.journey,
            links.journey(row.journey) if row.journey else "", row.outcome, row.reason, row.ip,
        )  # fmt: skip


def _of_log(rows: Iterable[Any]) -> Iterator[Line]:
    listed = list(rows)
    signed = _signed(listed)
    for row in listed:
        content = json.loads(row.content)
        yield Line(
            row.position, _moment(row.recorded), row.account, "recorded", _told(row, content, signed), row.journey.patient,
            row.journey_id, links.journey(row.journey_id), "done", str(content.get("reason") or ""), row.by,
        )  # fmt: skip


def _signed(rows: Iterable[Any]) -> dict[tuple[str, int], str]:
    """The names of the events that signatures and corrections among these rows are about."""
    about = {(row.journey_id, json.loads(row.content)["position"]) for row in rows if row.name in (Signed.name, Corrected.name)}
    found = Event.objects.filter(journey_id__in={journey for journey, _ in about}).values_list("journey_id", "version", "name")
    return {(journey, version): name for journey, version, name in found if (journey, version) in about}


def _told(row: Any, content: Mapping[str, Any], signed: Mapping[tuple[str, int], str]) -> str:
    """An event in a few words, what it is about among them."""
    about = signed.get((row.journey_id, content.get("position", 0)), "an entry")
    if row.name == Signed.name:
        return f"signed {about}, entry {content['position']}: {content['meaning']}"
    if row.name == Corrected.name:
        never = " as never happened" if content.get("replacement") is None else ""
        return f"corrected {about}, entry {content['position']}{never}"
    if row.name == Overridden.name:
        return f"overrode {content['rule']} for {content['act']}"
    if row.name == GradeOverridden.name:
        return f"graded {content['scale']} {content['grade']} on day {content['day']}, computed {content['computed']}"
    return row.name


def _moment(stamp: str) -> str:
    return clock.moment(stamp).strftime("%Y-%m-%d %H:%M:%S")
