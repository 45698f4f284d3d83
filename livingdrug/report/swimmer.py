"""Sixty patients as lanes: from infusion to the end of follow-up, with response, relapse, transplant, aplasia and death."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from livingdrug.report.look import (
    GRADES,
    INK,
    OTHER,
    PAPER,
    QUIET,
    STOP,
    VIRTUAL,
    WIDTH,
    Figure,
    Picture,
    finished,
    layer,
    pixels,
    points,
    texts,
)
from livingdrug.report.material import Material
from livingdrug.report.words import listed, named

__all__ = ["LANES", "chosen", "figures", "spans"]

LANES = 60
PITCH, BAR = 9.0, 4.5
MONTH = 365.25 / 12
SHOWN = (
    "patient", "response_day", "relapse_day", "relapse", "transplant_day", "other_therapy_day", "b_cell_recovery_day",
    "death_day", "followed_days",
)  # fmt: skip
REMISSION = ("CR", "CRi", "partial")
MARKS = {
    "relapse, antigen-positive": ("diamond", OTHER, OTHER),
    "relapse, antigen-negative or lineage switch": ("diamond", PAPER, OTHER),
    "transplant or other therapy": ("triangle-up", INK, INK),
    "healthy cells recover": ("circle", PAPER, VIRTUAL),
    "death": ("cross", STOP, STOP),
    "alive at the end": ("triangle-right", QUIET, QUIET),
}
"""Shape, fill and outline: every mark can be told from the others without color."""


def chosen(cohort: pl.DataFrame, lanes: int = LANES) -> pl.DataFrame:
    """The first infused patients by number, unselected, sorted for reading: longest in remission first, then the others."""
    there = (pl.col("fate").cast(pl.String) == "infused") & (pl.col("followed_days") > 0)
    infused = cohort.select(*SHOWN, "fate", "response").filter(there).sort("patient").head(lanes)
    responds = pl.col("response").cast(pl.String).is_in(REMISSION).fill_null(False)
    ends = pl.min_horizontal("relapse_day", "followed_days")
    table = infused.select(*SHOWN, remission=responds, ends=ends)
    order = [pl.col("remission"), pl.when("remission").then("ends").otherwise("followed_days"), pl.col("followed_days")]
    return table.sort(order, descending=True)


def figures(material: Material) -> list[Figure]:
    """One figure of two panels of thirty lanes; none when nobody was infused and followed."""
    table = chosen(material.cohort)
    if table.is_empty():
        return []
    end = float(table["followed_days"].max() or 1.0) / MONTH  # type: ignore[arg-type]
    half = (table.height + 1) // 2
    parts = [table.head(half), *([table.tail(table.height - half)] if table.height > half else [])]
    names = [f"Lanes 1 to {half}", f"Lanes {half + 1} to {table.height}"]
    panels = [_panel(part, name, end) for part, name in zip(parts, names, strict=False)]
    says = (
        f"The first {named(table.height, 'infused patient')} of the cohort by number, not selected, sorted by "
        "the length of remission. "
        "Every mark differs from the others in shape or filling as well as in color."
    )
    return [Figure("swimmer", _title(table), says, [_key(material.words.healthy, material.words.antigen), *panels])]


def _title(table: pl.DataFrame) -> str:
    remission, relapse, death = int(table["remission"].sum()), table["relapse_day"].count(), table["death_day"].count()
    parts = [f"{remission} come into remission", f"{relapse} relapse", f"{death} die"]
    return f"Of {named(table.height, 'patient')}, {listed(parts)} within follow-up"


def _key(healthy: str, antigen: str) -> Picture:
    """What the lanes and marks mean."""
    lanes = [("in remission", VIRTUAL), ("before remission, without it, or after a relapse", GRADES[1])]
    spoken = {"relapse, antigen-": f"relapse, {antigen}-", "healthy cells": healthy}
    words: list[str] = [word for word, _ in lanes]
    for name in MARKS:
        words.append(next((name.replace(old, new) for old, new in spoken.items() if name.startswith(old)), name))
    height = 22.0 * len(words)
    x, y = (
        alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH + 36], nice=False), axis=None),
        alt.Y("y:Q", scale=pixels(height), axis=None),
    )
    layers: list[Any] = [texts([{"text": word, "x": 34, "y": 22 * i + 8} for i, word in enumerate(words)], x=x, y=y)]
    for i, (_, color) in enumerate(lanes):
        row = {"x": 2, "x2": 24, "y": 22 * i + 8 - BAR / 2, "y2": 22 * i + 8 + BAR / 2}
        layers.append(points([row]).mark_rect(color=color).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q")))
    for i, style in enumerate(MARKS.values(), start=len(lanes)):
        layers.append(_marked([{"x": 13, "y": 22 * i + 8}], style, x, y))
    chart = finished(layer(*layers, height=height, width=WIDTH + 36), "How to read a lane", axis=0)
    return Picture("How to read a lane", f"{'; '.join(words)}.", chart)


def _marked(rows: Sequence[dict[str, float]], style: tuple[str, str, str], x: Any, y: Any) -> Any:
    shape, fill, outline = style
    mark = points(rows).mark_point(shape=shape, filled=True, fill=fill, stroke=outline, strokeWidth=1.2, size=36, opacity=1)
    return mark.encode(x=x, y=y)


def _panel(table: pl.DataFrame, name: str, end: float) -> Picture:
    width, height = WIDTH + 36, PITCH * table.height + 4
    step = next(step for step in (1, 3, 6, 12, 24) if end / step <= 6)
    ticks = [i * step for i in range(int(end / step) + 1)]
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=[0, end * 1.03], nice=False),
        axis=alt.Axis(title="months from infusion", values=ticks, grid=True),
    )
    y = alt.Y("y:Q", scale=pixels(height), axis=None)
    rows = [{**row, "y": PITCH * (i + 0.5)} for i, row in enumerate(table.rows(named=True))]
    layers = [_bars(rows, x, y, in_remission=False), _bars(rows, x, y, in_remission=True), *_marks(rows, x, y)]
    chart = finished(layer(*layers, height=height, width=width), name, axis=0)
    return Picture(name, f"{table.height} lanes. {_title(table)}.", chart)


def _bars(rows: Sequence[dict[str, Any]], x: Any, y: Any, *, in_remission: bool) -> Any:
    stretches = [
        {"at": start / MONTH, "to": stop / MONTH, "y": row["y"] - BAR / 2, "y2": row["y"] + BAR / 2}
        for row in rows
        for start, stop in spans(row, in_remission)
        if stop > start
    ]
    return (
        points(stretches)
        .mark_rect(color=VIRTUAL if in_remission else GRADES[1])
        .encode(x=x, x2=alt.X2("to:Q"), y=y, y2=alt.Y2("y2:Q"))
    )


def spans(row: dict[str, Any], in_remission: bool) -> list[tuple[float, float]]:
    """The stretches of a lane in remission, or the others."""
    end = row["followed_days"]
    if not row["remission"]:
        return [] if in_remission else [(0.0, end)]
    start = min(row["response_day"] if row["response_day"] is not None else 28.0, end)
    stop = end if row["relapse_day"] is None else min(row["relapse_day"], end)
    return [(start, stop)] if in_remission else [(0.0, start), (stop, end)]


def _marks(rows: Sequence[dict[str, Any]], x: Any, y: Any) -> list[Any]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in MARKS}
    for row in rows:
        for name, day in _moments(row):
            if day is not None and day <= row["followed_days"] + 0.5:
                found[name].append({"at": day / MONTH, "y": row["y"]})
    return [_marked(found[name], style, x, y) for name, style in MARKS.items() if found[name]]


def _moments(row: dict[str, Any]) -> list[tuple[str, float | None]]:
    """What happened in a lane, by the names of `MARKS`."""
    negative = row["relapse"] is not None and row["relapse"] != "antigen-positive"
    further = [day for day in (row["transplant_day"], row["other_therapy_day"]) if day is not None]
    return [
        ("healthy cells recover", row["b_cell_recovery_day"]),
        ("transplant or other therapy", min(further, default=None)),
        (f"relapse, antigen-{'negative or lineage switch' if negative else 'positive'}", row["relapse_day"]),
        ("death", row["death_day"]),
        ("alive at the end", row["followed_days"] if row["death_day"] is None else None),
    ]
