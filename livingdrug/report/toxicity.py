"""Cytokine release: the same patients graded by three scales, and what they needed on each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from livingdrug.analysis.toxicity import FEVER, SCALES, grades, regraded
from livingdrug.cohort import OXYGEN, VASOACTIVE
from livingdrug.report.look import (
    GRADES,
    HEIGHT,
    INK,
    ON_DARK,
    ON_LIGHT,
    PAPER,
    QUIET,
    WIDTH,
    Figure,
    Picture,
    axes,
    finished,
    interval,
    layer,
    pixels,
    points,
    texts,
)  # fmt: skip
from livingdrug.report.material import Material
from livingdrug.report.words import listed, named, percent

__all__ = ["daily_needs", "figures"]

LAST_DAY = 30
ROW = 62
WORDS = ("none", "1", "2", "3", "4")
PUBLISHED = {"Penn": "crs_penn_3", "Lee 2014": "crs_lee_3", "ASTCT": "crs_astct_3"}
LEVELS = {
    "vasoactive": ("fever only", "fluids", "low-dose vasopressor", "high-dose vasopressor", "several vasopressors"),
    "oxygen": ("fever, no oxygen", "low flow", "high flow", "positive pressure", "ventilator"),
}
TITLES = {"vasoactive": "Blood pressure: what it needed", "oxygen": "Breathing: what it needed"}


def figures(material: Material) -> list[Figure]:
    """Grades under three scales; and, with trajectories, the day-by-day picture."""
    found = [_grades(material)]
    return [*found, *([_days(material)] if material.trajectories is not None else [])]


# Grades ---------------------------------------------------------------------------------------------------------------


def _grades(material: Material) -> Figure:
    rows = grades(material.facts).rows(named=True)
    severe = {scale: sum(row["share"] for row in rows if row["scale"] == scale and row["grade"] >= 3) for scale in SCALES}
    total = sum(row["patients"] for row in rows if row["scale"] == "Penn")
    title = "Grade 3 or 4: " + listed([f"{percent(share)} by {scale}" for scale, share in severe.items()])
    says = f"The same {named(total, 'infused patient')}, graded three times from what they needed."
    points_of = [row for measure in PUBLISHED.values() for row in material.targets_of(measure)[:1]]
    if points_of:
        says += " Point: the published share of grade 3 or 4 with its 95 % interval."
    source = " · ".join(dict.fromkeys(str(row["source"]) for row in points_of if row.get("source")))
    pictures = [Picture("Three scales", _in_words(rows), _bars(material, rows, severe)), _table(material)]
    return Figure("grades", title if total else "No grades were recorded", says, pictures if total else [], source)


def _in_words(rows: Sequence[dict[str, Any]]) -> str:
    return " ".join(
        f"{scale}: " + ", ".join(f"grade {WORDS[r['grade']]} {percent(r['share'])}" for r in rows if r["scale"] == scale) + "."
        for scale in SCALES
    )


def _bars(material: Material, rows: Sequence[dict[str, Any]], severe: Mapping[str, float]) -> Any:
    """One stacked bar per scale, from grade 4 on the left, so that a severe share can be read off, to no CRS on the right."""
    width, height = WIDTH + 40, ROW * len(SCALES) + 16
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(title=None, format=".0%", tickCount=5))
    y = alt.Y("y:Q", scale=pixels(height), axis=None)
    layers: list[Any] = [_key(width, y)]
    pieces: list[dict[str, Any]] = []
    for i, scale in enumerate(SCALES):
        start = 0.0
        for row in reversed([row for row in rows if row["scale"] == scale]):
            end, top = start + row["share"], i * ROW + 36
            pieces.append({"value": start, "x2": end, "y": top, "y2": top + 22, "grade": row["grade"], "share": row["share"]})
            start = end
    for grade, color in enumerate(GRADES):
        those = [each for each in pieces if each["grade"] == grade]
        layers.append(
            points(those)
            .mark_rect(color=color, stroke=PAPER, strokeWidth=0.8)
            .encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
        )
        inside = [
            {"text": f"{100 * each['share']:.0f}", "value": (each["value"] + each["x2"]) / 2, "y": each["y"] + 11}
            for each in those
            if each["share"] >= 0.05
        ]
        layers.append(texts(inside, color=ON_DARK if grade >= 3 else ON_LIGHT, align="center", x=x, y=y))
    names = [{"text": scale, "y": i * ROW + 26} for i, scale in enumerate(SCALES)]
    shares = [{"text": f"grade 3 or 4: {percent(severe[scale])}", "y": i * ROW + 26} for i, scale in enumerate(SCALES)]
    layers += [texts(names, weight=600, x=alt.XValue(0), y=y), texts(shares, align="right", x=alt.XValue(width), y=y)]
    layers += interval(_published(material), x=x, y=y, along="x")
    return finished(
        layer(*layers, height=height, width=width),
        "Three scales, the same patients",
        "% of infused patients, by highest grade",
        axis=0,
    )


def _published(material: Material) -> list[dict[str, Any]]:
    """Published shares of grade 3 or 4 below the bar of their scale."""
    rows: list[dict[str, Any]] = []
    for i, measure in enumerate(PUBLISHED.values()):
        for row in material.targets_of(measure)[:1]:
            rows.append({"y": i * ROW + 64, "value": row["published"], "low": row.get("low"), "high": row.get("high")})
    return rows


def _key(width: float, y: Any) -> Any:
    step = width / 5
    layers: list[Any] = []
    for i, grade in enumerate(reversed(range(5))):
        box = points([{"y": 0, "y2": 9}]).mark_rect(color=GRADES[grade])
        layers.append(box.encode(x=alt.XValue(i * step), x2=alt.X2Value(i * step + 9), y=y, y2=alt.Y2("y2:Q")))
        word = f"grade {grade}" if grade else "no CRS"
        layers.append(texts([{"text": word, "y": 5}], color=QUIET, size=10.5, x=alt.XValue(i * step + 13), y=y))
    return alt.layer(*layers)


def _table(material: Material) -> Picture:
    """Penn against ASTCT: where the same patients land, in per cent of all."""
    rows = regraded(material.facts, "Penn", "ASTCT").rows(named=True)
    total = sum(row["patients"] for row in rows) or 1
    most = max(row["patients"] for row in rows) or 1
    shades = [
        {
            "value": row["ASTCT"],
            "grade": row["Penn"],
            "text": _per_hundred(row["patients"] / total),
            "shade": _shade(row["patients"] / most),
        }
        for row in rows
    ]
    x = alt.X(
        "value:O",
        axis=alt.Axis(title="ASTCT grade", labelAngle=0, domain=False, ticks=False),
        scale=alt.Scale(paddingInner=0.04),
    )
    y = alt.Y("grade:O", axis=alt.Axis(title=None, domain=False, ticks=False), scale=alt.Scale(paddingInner=0.06))
    layers: list[Any] = []
    for shade, color in enumerate(GRADES):
        those = [each for each in shades if each["shade"] == shade]
        layers.append(points(those).mark_rect(color=color).encode(x=x, y=y))
        layers.append(texts(those, color=ON_DARK if shade >= 3 else ON_LIGHT, align="center", x=x, y=y))
    changed = sum(row["patients"] for row in rows if row["Penn"] != row["ASTCT"]) / total
    about = f"{percent(changed)} of the patients have another grade by ASTCT than by Penn."
    chart = finished(
        layer(*layers, height=HEIGHT - 8), "The same patients, graded twice", "% of infused patients; rows: Penn grade", axis=20
    )
    return Picture("Penn against ASTCT", about, chart)


def _per_hundred(share: float) -> str:
    return "" if share == 0 else "<1" if share < 0.005 else f"{100 * share:.0f}"


def _shade(relative: float) -> int:
    return 0 if relative == 0 else next((i for i, limit in enumerate((0.0, 0.12, 0.35, 0.7), 0) if relative <= limit), 4)


# Day by day -----------------------------------------------------------------------------------------------------------


def daily_needs(trajectories: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Day, level (0: fever and nothing more, 1 to 4: need of that kind) and share of the patients with courses.

    A patient counts on a day by the worst of it; without fever and need, and after death, a patient counts as neither.
    """
    month = trajectories.filter((pl.col("day") >= 0) & (pl.col("day") < LAST_DAY + 1))
    total = trajectories["patient"].n_unique()
    worst = (
        month.with_columns(day=pl.col("day").floor().cast(pl.Int32))
        .group_by("patient", "day")
        .agg(need=pl.col(kind).max().fill_null(0), warm=(pl.col("temperature").fill_nan(None).max() >= FEVER).fill_null(False))
        .filter((pl.col("need") > 0) | pl.col("warm"))
    )
    counted = worst.group_by("day", pl.col("need").cast(pl.Int32).alias("level")).agg(patients=pl.len())
    every = pl.DataFrame({"day": range(LAST_DAY + 1)}, schema={"day": pl.Int32}).join(
        pl.DataFrame({"level": range(5)}, schema={"level": pl.Int32}), how="cross"
    )
    full = every.join(counted, on=["day", "level"], how="left").with_columns(pl.col("patients").fill_null(0))
    return full.with_columns(share=pl.col("patients") / max(1, total)).sort("day", "level")


def _days(material: Material) -> Figure:
    assert material.trajectories is not None
    tables = {kind: daily_needs(material.trajectories, kind) for kind in LEVELS}
    patients = material.trajectories["patient"].n_unique()
    sick = tables["vasoactive"].group_by("day").agg(share=pl.col("share").sum()).sort("share", "day", descending=[True, False])
    worst = sick.row(0, named=True)
    title = f"Most are ill on day {worst['day']}, when {percent(worst['share'])} have fever or need support"
    says = f"Of {named(patients, 'infused patient')} with courses: the worst of each day, most severe at the bottom."
    if not worst["share"]:
        title = "Nobody with a course had fever or needed support"
    return Figure("days", title, says, [_area(kind, table, worst["share"]) for kind, table in tables.items()])


def _area(kind: str, table: pl.DataFrame, most: float) -> Picture:
    """Stacked columns, a day each, the most severe at the bottom where a length can be read off."""
    top = min(1.0, max(0.05, most * 1.08))
    x = alt.X(
        "day:Q",
        scale=alt.Scale(domain=[-0.5, LAST_DAY + 0.5], nice=False),
        axis=alt.Axis(title="day from infusion", values=list(range(0, 31, 5))),
    )
    y = alt.Y("from:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title=None, format=".0%", tickCount=5))
    rows: list[dict[str, Any]] = []
    for day, part in table.group_by("day", maintain_order=True):
        start = 0.0
        for row in part.sort("level", descending=True).iter_rows(named=True):
            end = start + row["share"]
            if row["share"]:
                rows.append({"day": day[0], "from": round(start, 4), "to": round(end, 4), "level": row["level"]})
            start = end
    layers: list[Any] = [axes({"day": 0, "from": 0}, x, y)]
    for level, color in enumerate(GRADES):
        those = [each for each in rows if each["level"] == level]
        columns = points(those).mark_bar(color=color, size=WIDTH / 31 - 1)
        layers.append(columns.encode(x=x, y=y, y2=alt.Y2("to:Q")))
    for i, word in enumerate(reversed(LEVELS[kind])):
        at = 8 + 15 * i
        box = points([{}]).mark_rect(color=GRADES[4 - i])
        layers.append(
            box.encode(x=alt.XValue(WIDTH - 140), x2=alt.X2Value(WIDTH - 131), y=alt.YValue(at - 5), y2=alt.Y2Value(at + 4))
        )
        layers.append(texts([{"text": word}], color=INK, x=alt.XValue(WIDTH - 126), y=alt.YValue(at)))
    peaks = [
        f"{word}: at most {percent(max(table.filter(pl.col('level') == level)['share']))} on one day"
        for level, word in enumerate(LEVELS[kind])
    ]
    return Picture(
        TITLES[kind], "; ".join(peaks) + ".", finished(layer(*layers), TITLES[kind], "% of infused patients with courses")
    )


assert len(VASOACTIVE) == len(OXYGEN) == len(GRADES), "a shade for every level"
