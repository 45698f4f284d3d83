"""The flow from eligible or enrolled to remission: a bar for each stage, the published beside it, and who was lost between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

from livingdrug.analysis.waiting import REASONS, flow
from livingdrug.report.look import FAINT, INK, QUIET, VIRTUAL, Figure, Picture, finished, interval, layer, pixels, points, texts
from livingdrug.report.material import Material
from livingdrug.report.words import count, listed, percent

__all__ = ["Stage", "figures", "stages"]

TITLES = {
    "eligible": "Eligible",
    "enrolled": "Enrolled: cells accepted for manufacture",
    "released": "A product was made",
    "infused": "Infused",
    "assessed": "Response assessed",
    "in remission": "In remission",
    "MRD-negative": "No residual disease (MRD)",
}
PUBLISHED = {"infused": ("infused_of_enrolled", "enrolled"), "in remission": ("remission", "infused")}
"""Stage, the measure that is published of it, and the stage it is a share of."""
AFTER = {
    "assessed": "died before the first assessment",
    "in remission": "no remission within three months",
    "MRD-negative": "residual disease detected",
}
PITCH, BAR = 66, 14
WIDTH = 330


@dataclass(frozen=True)
class Stage:
    """How many came so far, of how many of the stage before, and why the others did not."""

    name: str
    title: str
    patients: int
    before: int
    lost: Sequence[tuple[str, int]]


def stages(material: Material) -> list[Stage]:
    """The stages from where the run starts to count, each with the patients lost before it, by reason."""
    rows = flow(material.facts).rows(named=True)
    first = next((i for i, row in enumerate(rows) if row["stage"] == material.start), 0)
    found: list[Stage] = []
    for row in rows[first:]:
        before = found[-1].patients if found else row["patients"]
        lost = _reasons(material.cohort, row["stage"], before - row["patients"])
        found.append(Stage(row["stage"], TITLES[row["stage"]], row["patients"], before, lost))
    return found


def _reasons(cohort: pl.DataFrame, stage: str, lost: int) -> list[tuple[str, int]]:
    if not lost:
        return []
    if stage in AFTER:
        return [(AFTER[stage], lost)]
    made = pl.col("release").cast(pl.String).is_in(["in specification", "out of specification"]).fill_null(False)
    fate = pl.col("fate").cast(pl.String)
    there = {
        "enrolled": fate == "not collected",
        "released": fate.is_in(["manufacturing failure", "died waiting", "not infused"]) & ~made,
        "infused": fate.is_in(["died waiting", "not infused", "manufacturing failure"]) & made,
    }[stage]
    counts = dict(cohort.filter(there).select(fate).to_series().value_counts().iter_rows())
    named_reasons = [(REASONS[word], counts[word]) for word in REASONS if counts.get(word)]
    rest = lost - sum(number for _, number in named_reasons)
    return [*named_reasons, *([("reason not recorded", rest)] if rest > 0 else [])]


def figures(material: Material) -> list[Figure]:
    """One figure: the flow."""
    found = stages(material)
    return [
        Figure(
            "flow",
            _title(found),
            f"Bars are virtual patients, {count(found[0].patients)} at the start"
            + ("; points are published shares with their 95 % intervals." if _published(material, found) else "."),
            [Picture(_title(found), _in_words(found), _chart(material, found))],
            _sources(material),
        )
    ]


def _title(found: Sequence[Stage]) -> str:
    by_name = {stage.name: stage.patients for stage in found}
    infused, remission, first = by_name["infused"], by_name["in remission"], found[0]
    parts: list[str] = []
    if first.name != "infused" and first.patients:
        parts.append(f"{percent(infused / first.patients)} of {first.name} patients are infused")
    if infused:
        parts.append(f"{percent(remission / infused)} of infused patients come into remission")
    return listed(parts) or "Nobody came as far as infusion"


def _in_words(found: Sequence[Stage]) -> str:
    steps = [
        f"{stage.title}: {count(stage.patients)}{''.join(f'; {n} lost, {why}' for why, n in stage.lost)}" for stage in found
    ]
    return ". ".join(steps) + "."


def _published(material: Material, found: Sequence[Stage]) -> list[dict[str, Any]]:
    by_name = {stage.name: (i, stage.patients) for i, stage in enumerate(found)}
    rows: list[dict[str, Any]] = []
    for name, (measure, of) in PUBLISHED.items():
        if name in by_name and of in by_name and (targets := material.targets_of(measure)):
            base, target = by_name[of][1], targets[0]
            known = {"value": target["published"], "low": target.get("low"), "high": target.get("high")}
            rows.append({"y": by_name[name][0] * PITCH + 32 + BAR} | {k: v and v * base for k, v in known.items()})
    return rows


def _sources(material: Material) -> str:
    targets = [row for measure, _ in PUBLISHED.values() for row in material.targets_of(measure)[:1]]
    return " · ".join(dict.fromkeys(str(row["source"]) for row in targets if row.get("source")))


def _chart(material: Material, found: Sequence[Stage]) -> Any:
    height = len(found) * PITCH - (PITCH - 32 - BAR) + 6
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, max(1, found[0].patients)], nice=False), axis=None)
    y = alt.Y("y:Q", scale=pixels(height), axis=None)
    bars = [{"value": stage.patients, "y": i * PITCH + 24, "y2": i * PITCH + 24 + BAR} for i, stage in enumerate(found)]
    return finished(
        layer(
            *_funnel(found, x, y),
            points(bars).mark_rect(color=VIRTUAL).encode(x=x, x2=alt.X2Datum(0), y=y, y2=alt.Y2("y2:Q")),
            *interval(_published(material, found), x=x, y=y, along="x"),
            *_labels(found, y),
            height=height,
            width=WIDTH,
        ),
        "",
        axis=0,
        right=4,
    )


def _funnel(found: Sequence[Stage], x: Any, y: Any) -> list[Any]:
    """Between two bars the shape that narrows from one to the other."""
    shapes: list[Any] = []
    for i, stage in enumerate(found[1:]):
        top = {"y": i * PITCH + 24 + BAR, "value": stage.before, "zero": 0}
        bottom = {"y": (i + 1) * PITCH + 24, "value": stage.patients, "zero": 0}
        shape = points([top, bottom]).mark_area(color=FAINT, orient="horizontal", opacity=1)
        shapes.append(shape.encode(x=x, x2=alt.X2("zero:Q"), y=y))
    return shapes


def _labels(found: Sequence[Stage], y: Any) -> list[Any]:
    left, right = {"x": alt.XValue(0), "y": y}, {"x": alt.XValue(WIDTH), "y": y}
    names = [{"text": stage.title, "y": i * PITCH + 15} for i, stage in enumerate(found)]
    base = found[0].patients or 1
    numbers = [
        {"text": count(stage.patients) + (f" · {percent(stage.patients / base)}" if i else ""), "y": i * PITCH + 15}
        for i, stage in enumerate(found)
    ]
    lost = [
        {"text": f"−{count(number)} {why}", "y": i * PITCH + 1 - 12 * (len(stage.lost) - 1 - k)}
        for i, stage in enumerate(found)
        for k, (why, number) in enumerate(stage.lost)
    ]
    return [
        texts(names, weight=600, **left),
        texts(numbers, color=INK, align="right", **right),
        texts(lost, color=QUIET, size=10.5, align="right", **right),
    ]
