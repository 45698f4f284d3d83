"""Survival: product-limit curves with bands and numbers at risk, and the published points with their intervals.

Where the same endpoint can be read in two ways, both are drawn: as ELIANA counts it, with a band, and the other one dashed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from livingdrug.analysis.measures import MEASURES
from livingdrug.analysis.survival import MONTH, endpoints, survival_at, survival_interval
from livingdrug.report.figures import CHARACTER
from livingdrug.report.look import (
    HEIGHT,
    INK,
    OTHER,
    PAPER,
    QUIET,
    VIRTUAL,
    WIDTH,
    Figure,
    Picture,
    axes,
    finished,
    interval,
    layer,
    points,
    texts,
)
from livingdrug.report.material import Material, Row
from livingdrug.report.words import count, listed, percent

__all__ = ["ENDPOINTS", "at_risk", "figures", "published_points"]

STEPS = 200
"""Points of a curve; a step narrower than a pixel and a half cannot be seen."""
EDGE = 1.05
"""How far the axis runs beyond the last month, so that a point there is whole."""


@dataclass(frozen=True)
class Endpoint:
    """A panel: its title, the endpoint with a band, and the stricter or looser reading beside it."""

    title: str
    main: str
    main_label: str
    other: str = ""
    other_label: str = ""


ENDPOINTS = (
    Endpoint("Event-free survival", "efs", "as in ELIANA", "efs strict", "further therapy counts"),
    Endpoint("Relapse-free survival of responders", "rfs", "censored at transplant", "rfs uncensored", "not censored"),
    Endpoint("Overall survival", "os", "all infused"),
)
STYLES = ((VIRTUAL, [1, 0]), (OTHER, [5, 3]))


def figures(material: Material) -> list[Figure]:
    """One figure of three endpoints."""
    months = horizon(material)
    panels = [_panel(material, each, months) for each in ENDPOINTS]
    used = list(dict.fromkeys(str(row["source"]) for row in _rows(material) if row.get("source")))
    says = "Product-limit curves with pointwise 95 % bands and the number at risk"
    says += "; points are published, with their 95 % intervals." if used else "."
    return [Figure("survival", _title(material), says, panels, " · ".join(used))]


def horizon(material: Material) -> int:
    """The last month of the axis: the longest follow-up, in whole half-years."""
    longest = material.cohort["followed_days"].max() or 0.0
    return max(6, min(120, 6 * round(float(longest) / MONTH / 6 + 0.2)))  # type: ignore[arg-type]


def _title(material: Material) -> str:
    at = 12
    known = [
        f"{percent(share)} are {word}"
        for name, word in (("efs", "event-free"), ("os", "alive"))
        if not math.isnan(share := survival_at(material.facts, name, at))
    ]
    return f"After {at} months {listed(known)}" if known else "Nobody was followed to month 12"


def at_risk(material: Material, definition: str, months: Sequence[float]) -> list[int]:
    """How many are still followed without the event at each month."""
    time = endpoints(material.facts, definition)["time"]
    return [int((time >= month * MONTH).sum()) for month in months]


def _rows(material: Material) -> list[Row]:
    return [
        row
        for row in material.targets
        if row.get("published") is not None and row["measure"] in MEASURES and MEASURES[row["measure"]].survival
    ]


def published_points(material: Material, definition: str) -> list[dict[str, Any]]:
    """Month, published share and interval of an endpoint's targets; months of several cuts stand side by side."""
    found: list[dict[str, Any]] = []
    for row in _rows(material):
        endpoint, month = MEASURES[row["measure"]].survival or ("", 0.0)
        if endpoint == definition:
            found.append({"month": month, "value": row["published"], "low": row.get("low"), "high": row.get("high")})
    return sorted(found, key=lambda each: each["month"])


# Drawing --------------------------------------------------------------------------------------------------------------


def _panel(material: Material, of: Endpoint, months: int) -> Picture:
    step = next(step for step in (3, 6, 12, 24, 36) if months / step <= 6)
    ticks = list(range(0, months + 1, step))
    x = alt.X(
        "month:Q",
        scale=alt.Scale(domain=[0, months * EDGE], nice=False),
        axis=alt.Axis(title="months from " + _origin(of), values=ticks, labelFlush=False),
    )
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(title=None, format=".0%", tickCount=5))
    readings = [(of.main, of.main_label), *([(of.other, of.other_label)] if of.other else [])]
    layers: list[Any] = [axes({"month": 0, "value": 0}, x, y)]
    for i, (name, _) in enumerate(readings):
        layers += _curve(material, name, months, x, y, *STYLES[i], band=i == 0)
    for i, (name, _) in enumerate(readings):
        marks = published_points(material, name)
        layers += interval(_apart(marks, months, 0.9 * i), x=x, y=y, along="y", hollow=i > 0) if marks else []
    layers += _key(readings, bool(published_points(material, of.main)))
    layers += _risk_table(material, readings, ticks, x)
    return Picture(of.title, _in_words(material, of, ticks), finished(layer(*layers), of.title, "% of patients"))


def _origin(of: Endpoint) -> str:
    return "remission" if of.main == "rfs" else "infusion"


def _apart(rows: list[dict[str, Any]], months: int, shift: float) -> list[dict[str, Any]]:
    """Points of the same month moved apart by a few pixels, so that both can be seen."""
    by, seen = months * EDGE / WIDTH * 5, {}
    moved: list[dict[str, Any]] = []
    for row in rows:
        k = seen[row["month"]] = seen.get(row["month"], -1) + 1
        moved.append({**row, "month": row["month"] + by * (k + shift)})
    return moved


def _curve(material: Material, name: str, months: int, x: Any, y: Any, color: str, dash: list[int], *, band: bool) -> list[Any]:
    rows: list[dict[str, float]] = []
    for i in range(STEPS + 1):
        month = months * i / STEPS
        share = survival_at(material.facts, name, month)
        if math.isnan(share):
            break
        low, high = survival_interval(material.facts, name, month) if band else (math.nan, math.nan)
        rows.append(
            {
                "month": round(month, 3),
                "value": round(share, 4),
                "low": round(share if math.isnan(low) else low, 4),
                "high": round(share if math.isnan(high) else high, 4),
            }
        )
    bottom = y.copy()
    bottom.shorthand = "low:Q"
    area = points(rows).mark_area(color=color, opacity=0.2, interpolate="step-after").encode(x=x, y=bottom, y2=alt.Y2("high:Q"))
    line = points(rows).mark_line(color=color, strokeWidth=1.8, strokeDash=dash, interpolate="step-after").encode(x=x, y=y)
    return [*([area] if band else []), line]


def _key(readings: Sequence[tuple[str, str]], published: bool) -> list[Any]:
    """In the lower left corner, which a survival curve reaches last."""
    layers: list[Any] = []
    for i, (_, label) in enumerate(readings):
        color, dash = STYLES[i]
        at = HEIGHT - 12 - 15 * (len(readings) - 1 - i)
        rule = points([{}]).mark_rule(color=color, strokeWidth=2, strokeDash=dash)
        layers.append(rule.encode(x=alt.XValue(6), x2=alt.X2Value(26), y=alt.YValue(at)))
        layers.append(texts([{"text": label}], color=color, x=alt.XValue(32), y=alt.YValue(at)))
        if published:
            mark = points([{}]).mark_point(
                filled=True, fill=PAPER if i else INK, stroke=INK, strokeWidth=1.3, size=34, opacity=1
            )
            place = alt.XValue(44 + CHARACTER * len(label))
            layers.append(mark.encode(x=place, y=alt.YValue(at)))
            layers.append(texts([{"text": "published"}], x=alt.XValue(52 + CHARACTER * len(label)), y=alt.YValue(at)))
    return layers


def _risk_table(material: Material, readings: Sequence[tuple[str, str]], ticks: Sequence[int], x: Any) -> list[Any]:
    """Numbers at risk below the axis, a line for each reading, in its color and order."""
    layers = [texts([{"text": "number at risk"}], color=QUIET, size=10, x=alt.XValue(-42), y=alt.YValue(HEIGHT + 46))]
    for i, (name, _) in enumerate(readings):
        numbers = at_risk(material, name, ticks)
        rows = [{"month": month, "text": count(n)} for month, n in zip(ticks, numbers, strict=True)]
        layers.append(texts(rows, color=STYLES[i][0], size=10, align="center", x=x, y=alt.YValue(HEIGHT + 60 + 13 * i)))
    return layers


def _in_words(material: Material, of: Endpoint, ticks: Sequence[int]) -> str:
    shares = [(month, survival_at(material.facts, of.main, month)) for month in ticks[1:]]
    said = ", ".join(f"{percent(share)} at {month} months" for month, share in shares if not math.isnan(share))
    return f"{of.main_label}: {said or 'not followed'}."
