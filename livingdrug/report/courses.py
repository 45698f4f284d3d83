"""Courses over time by response: the transgene beside its published course, and the tumor and the healthy cells.

Lines are medians, bands hold the middle 90 % of the virtual patients who are alive on that day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

from livingdrug.analysis.exposure import GROUPS, by_response, profiles
from livingdrug.report.figures import CHARACTER
from livingdrug.report.look import (
    HEIGHT,
    INK,
    KEY,
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
from livingdrug.report.material import Material
from livingdrug.report.words import listed, named, number, percent

__all__ = ["KINETICS", "Kinetics", "cells", "transgene"]

STYLES = {GROUPS[0]: (VIRTUAL, [1, 0]), GROUPS[1]: (OTHER, [5, 3])}
"""Color and dash by response; patients without an assessment are too few to draw."""
FEWEST = 5
"""No quantile is drawn of fewer patients."""
FLOOR = 1.0


@dataclass(frozen=True)
class Kinetics:
    """A published typical course of the transgene: peak (copies/µg DNA) and its day, and half-lives in days."""

    peak: float
    day: float
    doubling: float
    early: float
    late: float
    late_share: float
    source: str

    def at(self, day: float) -> float:
        """The typical level on that day from infusion, copies/µg DNA."""
        if day < self.day:
            return self.peak * 2 ** ((day - self.day) / self.doubling)
        since = day - self.day
        return self.peak * ((1 - self.late_share) * 2 ** (-since / self.early) + self.late_share * 2 ** (-since / self.late))


KINETICS = {
    # Stein AM et al. 2019, abstract and Table 1: Cmax 24,000 copies/µg, Tmax 9.3 d, doubling time 0.78 d, half-lives 4.3 d
    # and 220 d (extrapolated), share of the late phase FB 0.0079.
    "tisagenlecleucel": Kinetics(
        24_000, 9.3, 0.78, 4.3, 220.0, 0.0079,
        "Stein AM, Grupp SA, Levine JE, et al. Tisagenlecleucel model-based cellular kinetic analysis of chimeric antigen "
        "receptor-T cells. CPT Pharmacometrics Syst Pharmacol 2019;8:285-295",
    ),
}  # fmt: skip
"""By therapy. Only the typical patient is drawn: its levels on a few days, from the published peak and half-lives."""

WINDOWS = (("The first two months", 63.0, "days", 1.0), ("To the end of follow-up", math.inf, "months", 365.25 / 12))
"""Title, last day, and the unit of the axis with its length in days."""


# Transgene ------------------------------------------------------------------------------------------------------------


def transgene(material: Material) -> list[Figure]:
    """Copies over time by response, with the published typical course, and the peak by response; none without trajectories."""
    if material.trajectories is None:
        return []
    table, known = _profiles(material, "transgene"), KINETICS.get(str(material.manifest.get("therapy")))
    panels = [
        _over_time(table, each[0], "copies/µg DNA in blood, logarithmic axis", each, bottom=10.0, dots=_dots(known, each))
        for each in WINDOWS
    ]
    patients = named(_shown(table), "patient")
    says = f"Medians and the middle 90 % of {patients} with courses, by response; levels below 10 are drawn at the bottom."
    if known:
        says += (
            f" Points: the published typical patient, with a peak of {number(known.peak, 2)} copies/µg DNA on day "
            f"{known.day:g}, a doubling time of {known.doubling:g} days before it and half-lives of {known.early:g} and "
            f"{known.late:g} days after it; no interval is published for that course."
        )
    source = [known.source] if known else []
    peaks = _peaks(material)
    source += [str(row["source"]) for row in material.targets_of("cmax_responders")[:1] if row.get("source")]
    return [Figure("transgene", _peak_title(material), says, [*panels, peaks], " · ".join(dict.fromkeys(source)))]


def _dots(known: Kinetics | None, window: tuple[str, float, str, float]) -> list[dict[str, float]]:
    if known is None:
        return []
    days = (
        (2.0, 5.0, known.day, 14.0, 21.0, 28.0, 42.0, 60.0)
        if window[1] < 100
        else (known.day, 28.0, 91.0, 182.0, 365.0, 547.0, 730.0)
    )
    return [{"at": day / window[3], "value": known.at(day)} for day in days]


def _peak_title(material: Material) -> str:
    means = {row["group"]: row["geometric_mean"] for row in _levels(material)}
    one, other = means.get(GROUPS[0]), means.get(GROUPS[1])
    if one and other:
        return f"Peaks are {number(one / other, 2)} times as high in patients in remission as in those without response"
    return "The transgene over time"


def _levels(material: Material) -> list[dict[str, Any]]:
    return [row for row in by_response(material.cohort).rows(named=True) if row["level"] == "cmax" and row["patients"]]


def _peaks(material: Material) -> Picture:
    """The peak by response: geometric mean and middle 90 %, with the published one of responders."""
    rows = _levels(material)
    height = 46 * (len(rows) + 0.3)
    published = [
        {"y": 46 * i + 38, "value": row["published"], "low": row.get("low"), "high": row.get("high")}
        for i, each in enumerate(rows)
        if each["group"] == GROUPS[0]
        for row in material.targets_of("cmax_responders")[:1]
    ]
    seen = [each[name] for each in rows for name in ("low", "high")] + [each["value"] for each in published]
    x = _log_axis("value", seen or [1e3, 1e5], vertical=False)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], range=[0, height], nice=False), axis=None)
    bands = [{"value": each["low"], "x2": each["high"], "y": 46 * i + 18, "y2": 46 * i + 30} for i, each in enumerate(rows)]
    means = [{"value": each["geometric_mean"], "y": 46 * i + 16, "y2": 46 * i + 32} for i, each in enumerate(rows)]
    names = [{"text": f"{each['group']}: {number(each['geometric_mean'])}", "y": 46 * i + 9} for i, each in enumerate(rows)]
    chart = layer(
        points(bands).mark_rect(opacity=0.2, color=VIRTUAL).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q")),
        points(means).mark_rule(strokeWidth=3, color=VIRTUAL).encode(x=x, y=y, y2=alt.Y2("y2:Q")),
        *interval(published, x=x, y=y, along="x"),
        texts(names, x=alt.XValue(0), y=y),
        height=height,
        width=WIDTH + 40,
    )
    about = ". ".join(f"{each['group']}: geometric mean {number(each['geometric_mean'])} copies/µg DNA" for each in rows)
    unit = "geometric mean and middle 90 %, copies/µg DNA"
    return Picture("Peak by response", about, finished(chart, "Peak by response", unit, axis=0))


# Tumor and healthy cells ----------------------------------------------------------------------------------------------


def cells(material: Material) -> list[Figure]:
    """Tumor cells and healthy antigen-bearing cells over time, by response; none without trajectories."""
    if material.trajectories is None:
        return []
    words = material.words
    tumor, healthy = _profiles(material, "tumor"), _profiles(material, "b_cells")
    name = words.healthy[:1].upper() + words.healthy[1:]
    panels = [
        _over_time(
            tumor,
            f"{words.tumor.capitalize()} cells in the first two months",
            "cells, logarithmic axis",
            WINDOWS[0],
            bottom=FLOOR,
        ),
        _over_time(
            tumor,
            f"{words.tumor.capitalize()} cells to the end of follow-up",
            "cells, logarithmic axis",
            WINDOWS[1],
            bottom=FLOOR,
        ),
        _over_time(healthy, f"{name} to the end of follow-up", "share of the healthy number", WINDOWS[1], bottom=None),
    ]
    says = "Medians and the middle 90 % of the patients alive on that day. Below one cell is drawn at the bottom of the axis."
    return [Figure("cells", _cells_title(tumor, healthy, words.tumor, words.healthy), says, panels)]


def _cells_title(tumor: pl.DataFrame, healthy: pl.DataFrame, tumor_name: str, healthy_name: str) -> str:
    parts: list[str] = []
    cleared = tumor.filter((pl.col("group") == GROUPS[0]) & (pl.col("median") < 1))
    if cleared.height:
        parts.append(f"the median {tumor_name} of patients in remission falls below one cell by day {cleared['day'].min():.0f}")
    month = healthy.filter((pl.col("group") == GROUPS[0]) & (pl.col("day") >= 28)).sort("day").head(1)
    if month.height:
        share = month["median"][0]
        level = "below 0.1 %" if share < 1e-3 else f"at {percent(share)}"
        parts.append(f"their {healthy_name} stand {level} of the healthy number on day {month['day'][0]:.0f}")
    said = listed(parts)
    return said[:1].upper() + said[1:] if said else f"The {tumor_name} and the {healthy_name} over time"


# Panels ---------------------------------------------------------------------------------------------------------------


def _profiles(material: Material, quantity: str) -> pl.DataFrame:
    """Quantiles by response and day, of groups with enough patients."""
    assert material.trajectories is not None
    table = profiles(material.trajectories, material.cohort, quantity)
    return table.filter((pl.col("patients") >= FEWEST) & pl.col("group").cast(pl.String).is_in(list(STYLES)))


def _shown(table: pl.DataFrame) -> int:
    """How many patients stand behind the lines: those of the first day."""
    return int(table.sort("day").group_by("group", maintain_order=True).first()["patients"].sum()) if table.height else 0


def _over_time(
    table: pl.DataFrame,
    title: str,
    unit: str,
    window: tuple[str, float, str, float],
    *,
    bottom: float | None,
    dots: Sequence[dict[str, float]] = (),
) -> Picture:
    """Median and band of each group; with a `bottom`, on a logarithmic axis that starts there."""
    _, last, axis_unit, per = window
    seen = table.filter(pl.col("day") <= last).sort("day")
    if seen.is_empty():
        chart = texts([{"text": "too few patients with courses"}], color=QUIET, x=alt.XValue(0), y=alt.YValue(HEIGHT / 2))
        return Picture(title, "Too few patients with courses to draw.", finished(layer(chart), title, unit))
    series = {group: _series(seen, group, per, bottom) for group in STYLES}
    rows = [row for each in series.values() for row in each]
    end = max(row["at"] for row in rows)
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(title=f"{axis_unit} from infusion", values=_ticks(end)),
    )
    values = [row[name] for row in rows for name in ("low", "high")] + [each["value"] for each in dots]
    y = _log_axis("value", values, bottom=bottom) if bottom else _share_axis(values)
    layers: list[Any] = [axes({"at": 0, "value": values[0]}, x, y)]
    for group, (color, dash) in STYLES.items():
        layers += _band(series[group], color, dash, x, y)
    shown = [each for each in dots if each["at"] <= end and each["value"] >= (bottom or 0)]
    layers += interval(shown, x=x, y=y, along="y", hollow=True) if shown else []
    layers += _names(series, bool(shown))
    return Picture(title, _in_words(series, axis_unit, unit), finished(layer(*layers), title, unit))


def _series(table: pl.DataFrame, group: str, per: float, bottom: float | None) -> list[dict[str, float]]:
    rows = table.filter(pl.col("group") == group)
    least = bottom or 0.0
    step = max(1, rows.height // 140)
    return [
        {"at": round(day / per, 3), "value": max(median, least), "low": max(low, least), "high": max(high, least)}
        for day, median, low, high in rows.gather_every(step).select("day", "median", "low", "high").iter_rows()
    ]


def _band(rows: list[dict[str, float]], color: str, dash: list[int], x: Any, y: Any) -> list[Any]:
    if not rows:
        return []
    low = y.copy()
    low.shorthand = "low:Q"
    short = [{name: float(f"{value:.4g}") for name, value in row.items()} for row in rows]
    area = points(short).mark_area(color=color, opacity=0.17, clip=True).encode(x=x, y=low, y2=alt.Y2("high:Q"))
    line = points(short).mark_line(color=color, strokeWidth=2, strokeDash=dash, clip=True, strokeJoin="round").encode(x=x, y=y)
    return [area, line]


def _names(series: dict[str, list[dict[str, float]]], published: bool) -> list[Any]:
    """The key, in a line above the panel, where no course can cross it."""
    y, left = alt.YValue(KEY), 0.0
    layers: list[Any] = []
    for group, (color, dash) in ((group, STYLES[group]) for group, rows in series.items() if rows):
        rule = points([{}]).mark_rule(color=color, strokeWidth=2, strokeDash=dash)
        layers.append(rule.encode(x=alt.XValue(left), x2=alt.X2Value(left + 18), y=y))
        layers.append(texts([{"text": group}], color=color, x=alt.XValue(left + 22), y=y))
        left += 32 + CHARACTER * len(group)
    if published:
        mark = points([{}]).mark_point(filled=True, fill=PAPER, stroke=INK, strokeWidth=1.3, size=34, opacity=1)
        layers.append(mark.encode(x=alt.XValue(left + 6), y=y))
        layers.append(texts([{"text": "published"}], x=alt.XValue(left + 14), y=y))
    return layers


def _in_words(series: dict[str, list[dict[str, float]]], axis_unit: str, unit: str) -> str:
    parts = [
        f"{group}: median at most {number(top['value'])} at {top['at']:.0f} {axis_unit}, {number(rows[-1]['value'])} at the end"
        for group, rows in series.items()
        if rows
        for top in [max(rows, key=lambda row: row["value"])]
    ]
    return f"{'; '.join(parts)} ({unit})."


def _log_axis(name: str, values: Sequence[float], *, bottom: float | None = None, vertical: bool = True) -> Any:
    """A logarithmic axis of whole decades, at most six of them labeled."""
    above = [value for value in values if value and value > 0]
    low = math.floor(math.log10(bottom or min(above)) + 1e-9)
    high = max(low + 1, math.ceil(math.log10(max(above)) - 1e-9))
    step = max(1, math.ceil((high - low) / 6))
    ticks = [10.0**power for power in range(low, high + 1, step)]
    scale = alt.Scale(type="log", domain=[10.0**low, 10.0**high], nice=False)
    axis = alt.Axis(title=None, values=ticks, labelExpr=_powers(ticks))
    return (alt.Y if vertical else alt.X)(f"{name}:Q", scale=scale, axis=axis)


def _powers(ticks: Sequence[float]) -> str:
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    cases = "".join(
        f"abs(datum.value / {tick!r} - 1) < 1e-6 ? '{_plain(tick) or '10' + str(round(math.log10(tick))).translate(raised)}' : "
        for tick in ticks
    )
    return f"{cases}''"


def _plain(tick: float) -> str:
    return {1.0: "1", 10.0: "10"}.get(tick, "")


def _share_axis(values: Sequence[float]) -> Any:
    top = max(1.0, *(min(value, 2.0) for value in values))
    axis = alt.Axis(title=None, format=".0%", tickCount=5)
    return alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False, clamp=True), axis=axis)


def _ticks(end: float) -> list[float]:
    step = next((step for step in (1, 2, 3, 6, 7, 12, 14, 24, 28, 60, 90) if end / step <= 6.5), max(1.0, end / 5))
    return [i * step for i in range(int(end / step + 1e-6) + 1)]
