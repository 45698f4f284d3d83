"""The cohort: remission, CRS, waiting and survival of the recorded journeys, with virtual patients drawn beside."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import polars as pl
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path

from livingdrug.care import store
from livingdrug.care.accounts.permissions import sees_clinical
from livingdrug.care.accounts.scope import scope
from livingdrug.care.cohorts import cohort as cohort_of
from livingdrug.care.models import CohortRow
from livingdrug.care.pages import figures, links, virtual
from livingdrug.care.pages.page import Here, Shown, network_of, page, problem, routes, source
from livingdrug.errors import BadInput, Complaint

__all__ = ["ROUTES", "cohort", "drawing", "export"]

LARGEST = 5_000_000
"""Bytes of a table that somebody brings along."""
WIDEST = 500
"""Columns of it: each that is unknown costs a search for what was meant."""
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


@page("cohort", "care/cohort.html")
def export(here: Here, kind: str) -> HttpResponseBase:
    """The rows of the cohort as a file, for those who treat these patients, and for auditors; noted in the trail."""
    if kind not in TYPES or not sees_clinical(here.visitor):
        store.audit(
            here.visitor.account, "E", f"export of the cohort as {kind}"[:200], outcome="refused", source=source(here.request)
        )
        return problem(here.request, here.visitor, 403, "rows of single patients are for those who treat them")
    asked = _asked(here)
    found = _recorded(here, asked)
    with tempfile.TemporaryDirectory() as folder:
        from livingdrug.exchange.tables import write_cohort

        file = Path(folder) / f"cohort.{kind}"
        write_cohort(found, file)
        content = file.read_bytes()
    store.audit(
        here.visitor.account,
        "E",
        f"export of the cohort of {asked['therapy']}, {found.height} patients",
        source=source(here.request),
    )
    name = f"cohort-{asked['therapy']}.{kind}"
    return HttpResponse(content, content_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page("cohort", "care/cohort.html")
def drawing(here: Here) -> HttpResponseBase:
    """The figures alone: the page asks for them after it is shown, because drawing takes longer than reading."""
    asked = _asked(here)
    if here.request.GET.get("waits") == "1" and virtual.find(asked["scenario"]) is not None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # their numbers belong into the table, too
    found = _figures(here, asked, _recorded(here, asked), draw=True)
    return render(here.request, "care/_figures.html", found | {"asked": asked})


@page("cohort", "care/cohort.html")
def cohort(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """Numbers of the recorded and the virtual patients beside what is published, and the figures of both."""
    asked = _asked(here)
    brought, complaints = _brought(here) if here.request.method == "POST" else (None, ())
    recorded = _recorded(here, asked)
    found = _figures(here, asked, recorded if brought is None else brought, draw=brought is not None or asked["draw"] == "1")
    seen = virtual.find(asked["scenario"]) if asked["scenario"] else None
    beside = seen.cohort if seen else None
    cohorts = (recorded, beside) if brought is None else (recorded, beside, brought)
    content = {
        "title": "Cohort",
        "therapy": asked["therapy"],
        "patients": recorded.height,
        "infused": int((recorded["fate"] == "infused").sum()),
        "virtual": beside.height if beside is not None else 0,
        "brought": brought.height if brought is not None else None,
        "numbers": figures.numbers(cohorts, asked["therapy"], hide=not sees_clinical(here.visitor)),
        "few": figures.FEW,
        "whole": sees_clinical(here.visitor),
        "complaints": complaints,
        "asked": asked,
        "choices": _choices(here, asked),
        "exports": {kind: links.page(f"cohort/export.{kind}", **_named(asked)) for kind in TYPES}
        if sees_clinical(here.visitor)
        else {},
    }
    twin = here.request.path.endswith(".json")
    return Shown(content if twin else content | found, 422 if complaints else 200)


# What is asked for ------------------------------------------------------------------------------------------------------


def _asked(here: Here) -> dict[str, str]:
    got = {name: str(here.request.GET.get(name, "")).strip()[:100] for name in ("therapy", "center", "scenario", "draw")}
    made = _therapies(here)
    got["therapy"] = got["therapy"] if got["therapy"] in made else made[0]
    got["center"] = got["center"] if got["center"] in _centers(here) else ""
    known = virtual.scenarios(got["therapy"])
    got["scenario"] = got["scenario"] if got["scenario"] in known else (known[0] if known else "")
    return got


def _named(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in ("therapy", "center", "scenario")}


def _therapies(here: Here) -> list[str]:
    """Therapies with patients that the visitor sees, most first; else those that the network makes."""
    rows = CohortRow.objects.filter(scope(here.visitor, "journey__")).values_list("therapy", flat=True)
    counted: dict[str, int] = {}
    for name in rows:
        counted[name] = counted.get(name, 0) + 1
    made = sorted(counted, key=lambda name: (-counted[name], name))
    return made or list(dict.fromkeys(name for site in network_of(here).sites for name in site.therapies))


def _centers(here: Here) -> list[str]:
    """Centers to choose from: of a few patients of one center a site could tell how each of them is."""
    if here.visitor.kind == "center" or not sees_clinical(here.visitor):
        return []
    return [each.id for each in network_of(here).centers]


def _choices(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    return {"therapy": _therapies(here), "center": _centers(here), "scenario": virtual.scenarios(asked["therapy"])}


def _recorded(here: Here, asked: Mapping[str, str]) -> pl.DataFrame:
    # A glass is opened to look at one patient, not to count them among one's own.
    own: Any = scope(here.visitor, "journey__") & (
        Q(journey__center=here.visitor.place) if here.visitor.kind == "center" else Q()
    )
    return cohort_of(asked["therapy"], asked["center"] or None, own)


# Figures ----------------------------------------------------------------------------------------------------------------


def _figures(here: Here, asked: Mapping[str, str], points: pl.DataFrame, *, draw: bool) -> dict[str, Any]:
    """The figures, where they are drawn already or are to be drawn now; else where to ask for them."""
    where = links.page("cohort/figures", **_named(asked))
    seen = virtual.find(asked["scenario"]) if asked["scenario"] else None
    if seen is None:
        running = bool(asked["scenario"]) and virtual.start(asked["scenario"])
        return {
            "figures": (),
            "state": "simulating" if running else "none",
            "where": where,
            "drawing": links.page("cohort", **_named(asked), draw=1),
        }
    hide = not sees_clinical(here.visitor)
    key = (asked["therapy"], asked["scenario"], seen.mark, hide, _digest(points))
    made = figures.kept(key, (lambda: figures.drawn(points, seen, asked["therapy"], hide=hide)) if draw else None)
    return {
        "figures": made or (),
        "state": "drawn" if made is not None else "undrawn",
        "where": where,
        "drawing": links.page("cohort", **_named(asked), draw=1),
    }


def _digest(cohort: pl.DataFrame) -> str:
    return hashlib.sha256(cohort.write_ipc(None, compat_level=None).getvalue()).hexdigest()


# A table that somebody brings along -------------------------------------------------------------------------------------


def _brought(here: Here) -> tuple[pl.DataFrame | None, tuple[Complaint, ...]]:
    """The table that was sent, checked and never kept; or everything that is wrong with it."""
    file = here.request.FILES.get("table")
    try:
        if not isinstance(file, UploadedFile):
            raise BadInput.at("file", "choose a CSV file")
        found = _checked(file)
    except BadInput as error:
        store.audit(here.visitor.account, "R", "a cohort table was brought", outcome="refused", source=source(here.request))
        return None, tuple(error.complaints)
    store.audit(
        here.visitor.account, "R", f"a cohort table of {found.height} patients was brought", source=source(here.request)
    )
    return found, ()


def _checked(file: UploadedFile) -> pl.DataFrame:
    from livingdrug.exchange.tables import read_cohort

    size = int(cast(Any, file).size or 0)
    if not str(file.name).lower().endswith(".csv"):
        raise BadInput.at("file", "is no .csv file; save the table as CSV")
    if size > LARGEST:
        raise BadInput.at("file", f"has {size:,} bytes, and {LARGEST:,} are the most; send fewer patients or columns")
    content = file.read(LARGEST + 1)
    if b"\0" in content or content.startswith((b"PAR1", b"PK", b"%PDF")):
        raise BadInput.at("file", "is not text; save the table as CSV")
    if (columns := content.partition(b"\n")[0].count(b",") + 1) > WIDEST:
        raise BadInput.at("file", f"has {columns:,} columns, and {WIDEST} are the most; send the columns of a cohort only")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cohort.csv"
        path.write_bytes(content)
        try:
            return read_cohort(path)
        except BadInput as error:
            here = str(path)
            raise BadInput(
                *(
                    Complaint(each.where.replace(here, "the table").removeprefix("the table: "), each.says)
                    for each in error.complaints
                )
            ) from error


ROUTES = [
    path("cohort/export.<str:kind>", export, name="cohort-export"),
    path("cohort/figures", drawing, name="cohort-figures"),
    *routes("cohort", cohort, "cohort"),
]
