"""The look of every figure of the report: one palette with its dark twin, one frame, and pictures as inline SVG.

The published and the recorded are points with intervals in ink; the virtual is lines, bars and bands in color. Every color of a
picture is a key of `PALETTE`, so that a stylesheet can give each its twin on dark paper.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
from altair.utils import schemapi

from livingdrug.report.figures import COLORS, FONT, INK, PAPER, QUIET, RULE

__all__ = [
    "FAINT", "GRADES", "GRID", "HEIGHT", "KEY", "ON_DARK", "ON_LIGHT", "OTHER", "PALETTE", "STOP", "VIRTUAL", "WIDTH", "Figure",
    "Picture", "axes", "drawn", "finished", "interval", "layer", "pixels", "points", "texts",
]  # fmt: skip

WIDTH, HEIGHT = 292, 190
"""Of the drawing area of a panel, in pixels. With its axis a panel is as wide as a phone."""
AXIS = 44
KEY = -10
"""Height of the line of a key above the drawing area, in pixels."""
GRID = "#eef0f2"
FAINT = "#e3e8ec"
VIRTUAL, OTHER = COLORS[0], COLORS[1]
STOP = "#b3261e"
GRADES = ("#e7ecef", "#b9d5e6", "#7fb0d0", "#2f78aa", "#083f69")
"""Light to dark: nothing, and four steps of severity, apart in gray print too."""
ON_LIGHT, ON_DARK = "#10171c", "#fefefe"
"""Words on the lighter and on the darker of these; on dark paper the two change places, as the steps do."""

PALETTE: Mapping[str, str] = {
    INK: "#e8edf0", QUIET: "#9aa7af", RULE: "#3a444b", PAPER: "#14191d", GRID: "#232a2f", FAINT: "#2a3238", STOP: "#ff8a80",
    "#083f68": "#7cc0f2", "#d1600a": "#ffab5e", "#4aa8cc": "#3f8fb2", "#94408a": "#d694cd", "#6f8f1f": "#b4d266",
    "#b8912a": "#e3c56b",
    "#e7ecef": "#2b343a", "#b9d5e6": "#30536a", "#7fb0d0": "#387398", "#2f78aa": "#72b7e0", "#083f69": "#c3e5fb",
    ON_LIGHT: "#f4f7f9", ON_DARK: "#0b1114",
}  # fmt: skip
"""Each color on white paper, and on dark."""


@dataclass(frozen=True)
class Picture:
    """One panel: what it is called for those who do not see it, what it shows in words, and its specification."""

    title: str
    about: str
    chart: dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """Pictures that belong together below one heading that says what is seen, with what to know and the source."""

    name: str
    title: str
    says: str
    pictures: Sequence[Picture]
    source: str = ""


# Building blocks ------------------------------------------------------------------------------------------------------


def points(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as a chart with its data inline."""
    # As a tuple: Altair copies lists row by row each time a chart is put into another, which took most of the time.
    values: Any = tuple(dict(each) for each in rows)
    return alt.Chart(alt.InlineData(values=values))


def axes(row: Mapping[str, Any], x: Any, y: Any) -> Any:
    """An invisible mark that carries the axes, so that layers without a mark change nothing of them."""
    return points([row]).mark_point(opacity=0, color=PAPER).encode(x=x, y=y)


def pixels(height: float) -> Any:
    """A vertical scale in pixels from the top."""
    return alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)


def texts(
    rows: Sequence[Mapping[str, Any]],
    *,
    color: str = INK,
    size: float = 11,
    weight: int = 400,
    align: str = "left",
    baseline: str = "middle",
    **encoding: Any,
) -> Any:
    """The field `text` of each row, placed by the encoding."""
    mark = {"color": color, "fontSize": size, "fontWeight": weight, "align": align, "baseline": baseline, "font": FONT}
    return points(rows).mark_text(**mark).encode(text=alt.Text("text:N"), **encoding)


def interval(rows: Sequence[Mapping[str, Any]], *, x: Any, y: Any, along: str, hollow: bool = False) -> list[Any]:
    """How the published and the recorded look everywhere: points in ink, with their intervals from `low` to `high`."""
    spanned = [each for each in rows if each.get("low") is not None and each.get("high") is not None]
    pointed = [each for each in rows if each.get("value") is not None]
    both = {"x": x, "y": y}
    low = both[along].copy()
    low.shorthand, high = "low:Q", (alt.X2 if along == "x" else alt.Y2)("high:Q")
    rules = points(spanned).mark_rule(color=INK, strokeWidth=1.3, clip=True)
    rules = rules.encode(**{**both, along: low, f"{along}2": high})
    fill = PAPER if hollow else INK
    marks = points(pointed).mark_point(shape="circle", filled=True, fill=fill, stroke=INK, strokeWidth=1.3, size=34, opacity=1)
    return [rules, marks.encode(**both)]


def layer(*layers: Any, height: float = HEIGHT, width: float = WIDTH) -> Any:
    """Layers on one panel."""
    return alt.layer(*layers, width=width, height=height)


def finished(chart: Any, title: str, unit: str = "", *, axis: int = AXIS, right: int = 16) -> dict[str, Any]:
    """The panel as a Vega-Lite specification with heading, unit and look.

    Every panel starts its drawing area at the same distance from the left.
    """
    config = {**_config(), "axisY": {"domain": False, "ticks": False, "minExtent": axis, "maxExtent": axis}}
    facts = {"config": config, "padding": {"left": 2, "right": right, "top": 2, "bottom": 4}, "background": "transparent"}
    if title:
        facts["title"] = {"text": title, "subtitle": unit, "anchor": "start", "frame": "bounds", "offset": 8}
    return {**chart.to_dict(validate=schemapi.DEBUG_MODE), **facts}


@lru_cache
def _config() -> dict[str, Any]:
    axis = alt.AxisConfig(
        labelFont=FONT, titleFont=FONT, labelColor=QUIET, titleColor=QUIET, titleFontWeight="normal", labelFontSize=11,
        titleFontSize=11, domainColor=RULE, tickColor=RULE, tickSize=4, gridColor=GRID, gridWidth=0.8, labelPadding=4,
        titlePadding=6,
    )  # fmt: skip
    title = alt.TitleConfig(
        font=FONT, subtitleFont=FONT, color=INK, subtitleColor=QUIET, fontWeight=600, fontSize=13, subtitleFontSize=11,
        subtitlePadding=2, offset=8,
    )  # fmt: skip
    view, below = alt.ViewConfig(stroke=None), alt.AxisConfig(grid=False)
    return alt.Config(aria=False, axis=axis, axisX=below, title=title, view=view).to_dict()


# Drawing --------------------------------------------------------------------------------------------------------------


def drawn(picture: Picture, name: str) -> str:
    """The picture as inline SVG: named for screen readers, no fixed size, no identifier that another picture could have.

    `name` tells it from the others of the page.
    """
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return inlined(vl_convert.vegalite_to_svg(picture.chart, vl_version=version), picture, name)


def inlined(svg: str, picture: Picture, name: str) -> str:
    """An SVG document as part of a page."""
    width, height = (float(re.search(rf'<svg [^>]*\b{side}="([\d.]+)"', svg)[1]) for side in ("width", "height"))  # type: ignore[index]
    body = svg[svg.index(">") + 1 :]
    # Vega counts its identifiers over the whole process; numbered anew, the same picture is the same text.
    known: dict[str, int] = {}
    body = re.sub(
        r'\b(id="|url\(#|href="#)([\w-]+)', lambda found: f"{found[1]}{name}-{known.setdefault(found[2], len(known) + 1)}", body
    )
    body = re.sub(r' aria-(?:hidden|label|roledescription)="[^"]*"| role="graphics-[a-z]+"| class="[^"]*"', "", body)
    body = body.replace(f' font-family="{html.escape(FONT, quote=False)}"', "")
    body = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), body)
    title, about = html.escape(picture.title), html.escape(picture.about)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-t {name}-d" '
        f'viewBox="0 0 {width:g} {height:g}" style="max-width:{1.2 * width:.0f}px">'
    )
    return f'{head}<title id="{name}-t">{title}</title><desc id="{name}-d">{about}</desc>{body}'
