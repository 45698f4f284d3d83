"""Published beside simulated, target by target: the published as a point with its interval, the simulated as a line and a band.

The band is what a trial of the published size would show by luck alone, where the run has replicates. What lies outside the
published interval carries a cross and words, not only a color.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from livingdrug.analysis.measures import MEASURES
from livingdrug.report.look import (
    INK,
    QUIET,
    STOP,
    VIRTUAL,
    WIDTH,
    Figure,
    Picture,
    finished,
    interval,
    layer,
    pixels,
    points,
    texts,
)
from livingdrug.report.material import Material, Row
from livingdrug.report.words import amount, listed, percent

__all__ = ["MISS", "figures", "groups", "judged", "misses", "score"]

MISS = "✗"
PITCH = 33
NAMED = 6
"""So many misses are named in the text; the figure and the table have all."""
SMALLEST = 3
"""A group of fewer shares joins the next one of its role, so that no panel is mostly axis."""


@dataclass(frozen=True)
class Scale:
    """The axis of a panel: from where to where, in which form, and a line at the value that means no difference."""

    low: float
    high: float
    log: bool = False
    form: str = ""
    neutral: float | None = None


def judged(rows: Iterable[Row]) -> list[Row]:
    """The targets that have both an interval and a simulated value, so that one can say whether it lies inside."""
    return [row for row in rows if row.get("inside") is not None]


def misses(rows: Iterable[Row]) -> list[Row]:
    """The targets whose simulated value lies outside the published interval."""
    return [row for row in rows if row.get("inside") is False]


def score(rows: Sequence[Row]) -> str:
    """How many of the judged targets lie inside, in words."""
    known = judged(rows)
    return f"{len(known) - len(misses(known))} of {len(known)}"


def figures(material: Material) -> list[Figure]:
    """One figure of as many panels as there are groups of targets; none without a target."""
    if not material.targets:
        return []
    panels = [_panel(title, unit, rows) for title, unit, rows in groups(material.targets)]
    known = judged(material.targets)
    title = f"{score(known)} simulated values lie within the published 95 % interval" if known else "Nothing to compare with"
    missed = [f"{row['label']} ({row['group']})" for row in sorted(misses(known), key=lambda row: row["role"] == "shown")]
    rest = [f"{len(missed) - NAMED} more"] if len(missed) > NAMED else []
    outside = f" Outside: {listed(missed[:NAMED] + rest)}." if missed else ""
    fitted = [row for row in known if row["role"] == "calibration"]
    of_fitted = (
        f"Of the targets that a population may be fitted to, {score(fitted)}; the others are only shown." if fitted else ""
    )
    return [Figure("published", title, f"{of_fitted}{outside}".strip(), panels)]


# Groups ---------------------------------------------------------------------------------------------------------------


def groups(targets: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """Title, unit and rows of each panel: shares by group, then days, ratios, slopes, other units relative to the published.

    What is only shown comes after what may be fitted.
    """
    shares = sorted((row for row in targets if row["unit"] == "1"), key=lambda row: row["role"] == "shown")
    found = [(_title(names, rows), "1", rows) for names, rows in _joined(shares)]
    for title, unit in (("Days", "days"), ("Ratios", "ratio"), ("Slopes", "slope")):
        rows = [row for row in targets if row["unit"] == unit]
        found += [(title, unit, rows)] if rows else []
    others = [_relative(row) for row in targets if row["unit"] not in ("1", "days", "ratio", "slope") and row.get("published")]
    return found + ([("Other quantities", "relative", others)] if others else [])


def _joined(rows: Sequence[Row]) -> list[tuple[list[str], list[Row]]]:
    """Rows by group in their order; a small group joins the one before it, but fitted and shown never share a panel."""
    found: list[tuple[list[str], list[Row]]] = []
    for name in dict.fromkeys(row["group"] for row in rows):
        those = [row for row in rows if row["group"] == name]
        same_role = bool(found) and found[-1][1][0]["role"] == those[0]["role"]
        if same_role and (len(those) < SMALLEST or len(found[-1][1]) < SMALLEST) and len(found[-1][0]) < 2:
            found[-1][0].append(name)
            found[-1][1].extend(those)
        else:
            found.append(([name], list(those)))
    return found


def _title(names: Sequence[str], rows: Sequence[Row]) -> str:
    """What the groups are about: "C6 Cytokine release"."""
    if all(row["role"] == "shown" for row in rows):
        return "Shown, never fitted"
    about = listed(list(dict.fromkeys(MEASURES[row["measure"]].group for row in rows if row["measure"] in MEASURES)))
    return f"{', '.join(names)} {about[:1].upper()}{about[1:]}".strip()


def _relative(row: Row) -> Row:
    """A target as multiples of its published value, for units that nothing else shares."""
    base = row["published"]
    scaled = {name: row[name] / base for name in SCALED if row.get(name) is not None}
    return {**row, **scaled, "words": amount(row.get("simulated"), row["unit"])}


SCALED = ("published", "low", "high", "simulated", "predicted_low", "predicted_high")


# Panels ---------------------------------------------------------------------------------------------------------------

UNITS = {
    "1": "% of patients",
    "days": "days, logarithmic axis",
    "ratio": "ratio, logarithmic axis",
    "slope": "log-odds per unit of the logarithm",
    "relative": "as a multiple of the published value, logarithmic axis",
}


def _panel(title: str, unit: str, rows: Sequence[Row]) -> Picture:
    scale = _scale(unit, rows)
    return Picture(title, _in_words(rows), finished(_chart(unit, rows, scale), title, UNITS[unit], axis=0, right=12))


def _in_words(rows: Sequence[Row]) -> str:
    return " ".join(
        f"{row['label']}: published {amount(row.get('published'), row['unit'])}, simulated "
        f"{row.get('words') or amount(row.get('simulated'), row['unit'])}{', outside' if row.get('inside') is False else ''}."
        for row in rows
    )


def _scale(unit: str, rows: Sequence[Row]) -> Scale:
    if unit == "1":
        return Scale(0.0, 1.0, form="datum.value * 100")
    seen = [v for row in rows for name in SCALED if (v := row.get(name)) is not None and math.isfinite(v)] or [1.0]
    above = [value for value in seen if value > 0] or [1.0]
    if unit in ("ratio", "relative"):
        return Scale(max(0.02, min(*above, 0.8) / 1.1), min(50.0, max(*above, 1.25) * 1.1), log=True, neutral=1.0)
    if unit == "days":
        return Scale(min(*above, 1.0) / 1.1, max(*above, 10.0) * 1.1, log=True)
    low, high = min(seen), max(seen)
    margin = 0.06 * ((high - low) or 1.0)
    return Scale(low - margin if low < 0 else 0.0, high + margin, neutral=0.0 if low < 0 else None)


def _chart(unit: str, rows: Sequence[Row], scale: Scale) -> Any:
    height = PITCH * len(rows) + 2
    axis = alt.Axis(
        title=None, tickCount=5, values=_ticks(scale), labelExpr=scale.form or alt.Undefined, format=",~r", grid=True
    )
    kind: dict[str, Any] = {"type": "log"} if scale.log else {}
    x = alt.X("value:Q", scale=alt.Scale(domain=[scale.low, scale.high], nice=False, zero=False, **kind), axis=axis)
    y = alt.Y("y:Q", scale=pixels(height), axis=None)
    return layer(
        *_neutral(scale, x, height),
        *_simulated(rows, scale, x, y),
        *interval(_published(rows, scale), x=x, y=y, along="x"),
        *_labels(unit, rows, y),
        height=height,
        width=WIDTH + 40,
    )


def _ticks(scale: Scale) -> Any:
    if not scale.log:
        return alt.Undefined
    narrow = scale.high / scale.low < 4
    steps = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] if narrow else [s * t for t in TENS for s in (1, 2, 5)]
    return [round(step, 6) for step in steps if scale.low <= step <= scale.high]


TENS = (0.01, 0.1, 1, 10, 100, 1000, 10_000)


def _neutral(scale: Scale, x: Any, height: float) -> list[Any]:
    if scale.neutral is None:
        return []
    return [points([{"value": scale.neutral}]).mark_rule(color=QUIET, strokeWidth=0.8, strokeDash=[2, 2]).encode(x=x)]


def _within(value: float | None, scale: Scale) -> float | None:
    """The value, held at the edge of the axis when it lies beyond."""
    return None if value is None else min(max(value, scale.low), scale.high)


def _published(rows: Sequence[Row], scale: Scale) -> list[dict[str, Any]]:
    """Point and interval of each row; an interval with one open side runs to the edge of the axis."""
    found: list[dict[str, Any]] = []
    for i, row in enumerate(rows):
        low, high = row.get("low"), row.get("high")
        open_sided = (low is None) != (high is None)
        found.append(
            {
                "y": i * PITCH + 23,
                "value": _within(row.get("published"), scale),
                "low": scale.low if open_sided and low is None else _within(low, scale),
                "high": scale.high if open_sided and high is None else _within(high, scale),
            }
        )
    return found


def _simulated(rows: Sequence[Row], scale: Scale, x: Any, y: Any) -> list[Any]:
    bands = [
        {"value": _within(row["predicted_low"], scale), "x2": _within(row["predicted_high"], scale), "y": top, "y2": top + 12}
        for i, row in enumerate(rows)
        if row.get("predicted_low") is not None and row.get("predicted_high") is not None
        for top in [i * PITCH + 17]
    ]
    lines = [
        {
            "value": _within(row["simulated"], scale),
            "y": i * PITCH + 16,
            "y2": i * PITCH + 30,
            "miss": row.get("inside") is False,
        }
        for i, row in enumerate(rows)
        if row.get("simulated") is not None
    ]
    fine, missed = ([each for each in lines if each["miss"] is is_missed] for is_missed in (False, True))
    band = points(bands).mark_rect(color=VIRTUAL, opacity=0.2).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    rules = [
        points(those).mark_rule(color=color, strokeWidth=3).encode(x=x, y=y, y2=alt.Y2("y2:Q"))
        for those, color in ((fine, VIRTUAL), (missed, STOP))
    ]
    return [band, *rules]


def _labels(unit: str, rows: Sequence[Row], y: Any) -> list[Any]:
    left, right = {"x": alt.XValue(0), "y": y}, {"x": alt.XValue(WIDTH + 40), "y": y}
    names = [{"text": _short(_label(unit, row), 54 - len(_value(row))), "y": i * PITCH + 9} for i, row in enumerate(rows)]
    values = [
        {"text": _value(row), "y": i * PITCH + 9, "miss": row.get("inside") is False}
        for i, row in enumerate(rows)
        if row.get("simulated") is not None
    ]
    fine, missed = ([each for each in values if each["miss"] is is_missed] for is_missed in (False, True))
    return [
        texts(names, color=INK, size=11, **left),
        texts(fine, color=VIRTUAL, size=11, align="right", **right),
        texts(missed, color=STOP, size=11, weight=700, align="right", **right),
    ]


def _label(unit: str, row: Row) -> str:
    """The label; where groups share a panel of one unit, with its group."""
    return row["label"] if unit == "1" or row["group"] == "shown" else f"{row['group']} {row['label']}"


def _short(label: str, longest: int) -> str:
    return label if len(label) <= longest else label[: longest - 1].rstrip() + "…"


def _value(row: Row) -> str:
    if row.get("simulated") is None:
        return ""
    shown = row.get("words") or (percent(row["simulated"]) if row["unit"] == "1" else amount(row["simulated"], row["unit"]))
    return f"{MISS} {shown}" if row.get("inside") is False else shown
