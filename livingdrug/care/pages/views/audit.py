"""The audit page: who broke the glass, the state of the log, and who did, saw, signed and overrode what; with an export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path

from livingdrug.care import store
from livingdrug.care.accounts.breakglass import glasses
from livingdrug.care.models import Journey
from livingdrug.care.pages import evidence, links
from livingdrug.care.pages.page import Here, page, problem, routes, source
from livingdrug.care.pages.trail import VIEWS, Line, lines

__all__ = ["ROUTES", "audit", "export"]

ROWS = 50
CHUNK = 2000
LARGEST = 200_000
"""Lines of one export."""
GLASSES = 20


@dataclass(frozen=True, slots=True)
class Broken:
    """A glass that was opened: by whom, whose journey, why, and whether it still is."""

    account: str
    name: str
    patient: str
    journey: str
    href: str
    reason: str
    opened: str
    until: str
    still: bool


@page("audit", "care/audit.html")
def export(here: Here) -> HttpResponseBase:
    """The lines that the filters leave, as CSV; itself noted in the trail."""
    asked = _asked(here)
    told = ", ".join(f"{name} {value}" for name, value in asked.items() if value) or "everything"
    store.audit(
        here.visitor.account,
        "E",
        f"export of the audit trail: {told}"[:200],
        patient=asked["patient"],
        source=source(here.request),
    )
    name = f"audit-{here.now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_rows(asked), content_type="text/csv; charset=utf-8", headers=headers)


@page("audit", "care/audit.html")
def check(here: Here) -> HttpResponseBase:
    """Check every hash of the log now."""
    if here.request.method != "POST":
        return problem(here.request, here.visitor, 404, "the check is begun with its button on the audit page")
    if not evidence.log().checkable:
        messages.warning(
            here.request, f"The log has more than {evidence.MOST:,} events. Check it with: livingdrug verify DATABASE"
        )
        return redirect(links.page("audit"))
    report = evidence.check()
    store.audit(here.visitor.account, "E", "check of the log", outcome=str(report)[:200], source=source(here.request))
    (messages.success if report.fine else messages.error)(here.request, f"The log is {report}.")
    return redirect(links.page("audit"))


@page("audit", "care/audit.html")
def audit(here: Here) -> Mapping[str, Any]:
    """Broken glass first, then the state of the log, then the lines."""
    asked = _asked(here)
    if asked["patient"] or asked["journey"]:
        store.audit(
            here.visitor.account,
            "R",
            "page audit",
            patient=asked["patient"],
            journey=asked["journey"],
            source=source(here.request),
        )
    before = asked.pop("before")
    found = lines(asked["view"], asked, int(before) if before else None, ROWS + 1)
    shown = found[:ROWS]
    return {
        "title": "Audit",
        "broken": _broken(here),
        "log": evidence.log(),
        "lines": shown,
        "views": VIEWS,
        "asked": asked,
        "filtered": any(asked.values()),
        "first": links.page("audit", **asked) if before else "",
        "more": links.page("audit", **asked, before=shown[-1].position) if len(found) > ROWS else "",
        "export": links.page("audit/export.csv", **asked),
    }


def _asked(here: Here) -> dict[str, str]:
    names = ("view", "account", "patient", "journey", "day", "before")
    got = {name: str(here.request.GET.get(name, "")).strip().replace("\0", "")[:200] for name in names}
    got["view"] = got["view"] if got["view"] in VIEWS else ""
    got["day"] = got["day"] if _is_day(got["day"]) else ""
    got["before"] = got["before"] if got["before"].isdecimal() and got["before"].isascii() and len(got["before"]) < 18 else ""
    return got


def _is_day(text: str) -> bool:
    try:
        return 2000 < date.fromisoformat(text).year < 2100 and len(text) == 10
    except ValueError:
        return False


def _broken(here: Here) -> tuple[Broken, ...]:
    opened = glasses(GLASSES)
    patients = dict(Journey.objects.filter(id__in=[each.journey for each in opened]).values_list("id", "patient"))
    return tuple(
        Broken(
            account=each.account.email, name=each.account.name, patient=patients.get(each.journey, ""), journey=each.journey,
            href=links.journey(each.journey), reason=each.reason, opened=f"{each.opened:%Y-%m-%d %H:%M}",
            until=f"{each.until:%Y-%m-%d %H:%M}", still=each.until > here.now,
        )
        for each in opened
    )  # fmt: skip


# As a file --------------------------------------------------------------------------------------------------------------


def _rows(asked: Mapping[str, str]) -> Iterator[str]:
    yield _line([each.name for each in fields(Line)])
    before: int | None = None
    for _ in range(LARGEST // CHUNK):
        found = lines(asked["view"], asked, before, CHUNK)
        yield from (_line(map(str, astuple(each))) for each in found)
        if len(found) < CHUNK:
            return
        before = found[-1].position


def _line(cells: Any) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow([_safe(each) for each in cells])
    return made.getvalue()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


ROUTES = [
    path("audit/export.csv", export, name="audit-export"),
    path("audit/check", check, name="audit-check"),
    *routes("audit", audit, "audit"),
]
