"""Figures as Altair charts, from plain numbers: small multiples with direct labels, one quiet look, readable in gray.

`trajectories` draws courses over time; `save` writes a chart as SVG, PNG or one HTML file that needs no network.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import altair as alt

from livingdrug.errors import BadInput

__all__ = ["ENDINGS", "Curve", "Level", "Panel", "check_path", "readable_unit", "save", "trajectories"]

ENDINGS = (".svg", ".png", ".html")

WIDTH, HEIGHT = 232, 150
"""Of the drawing area of a panel, in pixels; labels stand to its right."""
LABEL_HEIGHT = 13
AXIS_ROOM = 52
CHARACTER = 6.2
"""Width of an average character of a label; labels are short, so this is near enough."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
INK, QUIET, RULE, PAPER = "#1d2429", "#5f6b73", "#d5dadd", "#ffffff"
# Apart from each other in hue for color-blind readers and in lightness for gray print; the dashes are a second way.
COLORS = ("#083f68", "#d1600a", "#4aa8cc", "#94408a", "#6f8f1f", "#b8912a")
DASHES = ((1, 0), (6, 3), (2, 2), (9, 3, 2, 3), (4, 2), (1, 3))
THIN_SPACE = "\u2009"
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Curve:
    """One line: its label, and values at days, both finite or NaN and equally long."""

    label: str
    days: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True)
class Level:
    """A thin horizontal line at a value that means something, with its words."""

    value: float
    says: str


@dataclass(frozen=True)
class Panel:
    """One quantity, or several of one unit. On a log axis nothing below `floor` is drawn.

    The same label has the same color in every panel. `moments` are days marked by a thin vertical line and a word.
    """

    title: str
    unit: str
    curves: Sequence[Curve]
    log: bool = False
    floor: float = 0.0
    days: tuple[float, float] | None = None
    levels: Sequence[Level] = ()
    moments: Sequence[tuple[float, str]] = ()


def trajectories(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str | Sequence[str] = "",
    source: str = "",
    columns: int = 3,
    hover: bool = False,
) -> Any:
    """A chart of `panels`, read row by row; `hover` shows day and value under the pointer, for HTML.

    Curves that no eye could tell apart are drawn once, with both their names. Raises `ValueError` without a panel.
    """
    if not panels:
        raise ValueError("a figure needs at least one panel")
    drawn = [_panel(each, styles, hover=hover) for each, styles in zip(panels, _styles(panels), strict=True)]
    # Flush bounds keep the axes of all rows in line; so the room for labels and headings is ours to give.
    spacing = {"row": 92, "column": AXIS_ROOM + _label_room(panels)}
    grid = alt.concat(*drawn, columns=columns, bounds="flush", spacing=spacing)
    lines = [subtitle] if isinstance(subtitle, str) else list(subtitle)
    chart = alt.vconcat(grid, *([_caption(source)] if source else []), spacing=18)
    heading = alt.TitleParams(
        title, subtitle=[line for line in lines if line], anchor="start", fontSize=16, subtitleFontSize=12, offset=16
    )
    return _looked(chart.properties(title=heading, background=PAPER, padding=20))


def check_path(path: Path) -> None:
    """Refuse a path that `save` could not write: an ending it does not know, or a folder that is not there."""
    if path.suffix.lower() not in ENDINGS:
        raise BadInput.at(str(path), f"a figure ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    if not path.parent.is_dir():
        raise BadInput.at(str(path), f"there is no folder {path.parent}")


def save(chart: Any, path: Path | str) -> Path:
    """Write a chart; the ending of `path` says how. PNG has twice the pixels, HTML carries its scripts in itself."""
    path = Path(path)
    check_path(path)
    match path.suffix.lower():
        case ".html":
            page = chart.to_html(inline=True, embed_options={"actions": False, "renderer": "svg"})
            path.write_text(_page(page, _title_of(chart)), encoding="utf-8")
        case ".svg":
            chart.save(str(path), format="svg")
            path.write_text(_spoken(path.read_text(encoding="utf-8"), _title_of(chart)), encoding="utf-8")
        case _:
            chart.save(str(path), format="png", scale_factor=2)
    return path


def readable_unit(unit: str) -> str:
    """A unit as print shows it: copies/ug_DNA is copies/µg DNA, 1/m^2 is 1/m², and 1 is nothing."""
    if unit == "1":
        return ""
    shown = unit.replace("ug", "µg").replace("uL", "µL").replace("uM", "µM").replace("_", " ")
    while "^" in shown:
        base, _, rest = shown.partition("^")
        digits = rest[: len(rest) - len(rest.lstrip("-0123456789"))]
        shown = base + digits.translate(SUPERSCRIPT) + rest[len(digits) :]
    return shown.replace("*", "·")


# Panels ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """Where numbers fall on the paper: the ranges of a panel's axes."""

    days: tuple[float, float]
    values: tuple[float, float]
    step: float  # from tick to tick; on a log axis the factor
    log: bool

    def x(self, day: float) -> float:
        return (day - self.days[0]) / (self.days[1] - self.days[0]) * WIDTH

    def y(self, value: float) -> float:
        low, high, at = (math.log(each) for each in (*self.values, value)) if self.log else (*self.values, value)
        return HEIGHT * (high - at) / (high - low)


@dataclass(frozen=True)
class _Drawn:
    """A curve as it is drawn: in unbroken pieces, below one name."""

    label: str
    pieces: tuple[tuple[tuple[float, float], ...], ...]
    style: tuple[str, tuple[int, ...]]


Styles = dict[str, tuple[str, tuple[int, ...]]]


def _styles(panels: Sequence[Panel]) -> list[Styles]:
    """Color and dash by label, for each panel: the same label looks the same wherever it stands."""
    labels = [[curve.label for curve in panel.curves] for panel in panels]
    everywhere = list(dict.fromkeys(label for each in labels for label in each))
    shared = len(everywhere) < sum(map(len, labels))
    return [_styled(everywhere if shared else each) for each in labels]


def _styled(labels: Sequence[str]) -> Styles:
    return {label: (COLORS[i % len(COLORS)], DASHES[i % len(DASHES)]) for i, label in enumerate(labels)}


def _panel(panel: Panel, styles: Styles, *, hover: bool) -> Any:
    frame = _frame(panel)
    lines = [_Drawn(each.label, _pieces(each, panel, frame), styles[each.label]) for each in panel.curves]
    lines = _merged([each for each in lines if each.pieces], frame)
    layers = [_ruler(frame, panel), *_heading(panel)]
    layers += [_level(each, lines, frame) for each in panel.levels if _inside(each.value, frame.values)]
    layers += [layer for day, word in panel.moments if _inside(day, frame.days) for layer in _moment(frame.x(day), word)]
    layers += [_line(each, panel, frame) for each in lines]
    layers += [_text(each.label, x, y, each.style[0], size=11) for each, x, y in _label_places(lines, frame)]
    if not lines:
        layers.append(_text("nothing above the floor of this axis", WIDTH / 2, HEIGHT / 2, QUIET, align="center"))
    if hover:
        layers += [_hover(each, panel, frame) for each in lines]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _heading(panel: Panel) -> list[Any]:
    title = _text(panel.title, 0, -31, INK, size=12, weight=600)
    return [title, _text(readable_unit(panel.unit) or "a number without unit", 0, -16, QUIET)]


def _label_room(panels: Sequence[Panel]) -> float:
    longest = max((len(curve.label) for panel in panels for curve in panel.curves), default=0)
    return max(30.0, longest * CHARACTER + 10)


def _frame(panel: Panel) -> _Frame:
    days = [day for curve in panel.curves for day in curve.days]
    window = panel.days or (min(days, default=0.0), max(days, default=1.0))
    seen = [
        value
        for curve in panel.curves
        for day, value in zip(curve.days, curve.values, strict=True)
        if _inside(day, window) and math.isfinite(value) and (not panel.log or (value > 0 and value >= panel.floor))
    ]
    seen += [level.value for level in panel.levels]
    if panel.log:
        low, high = min(seen, default=1.0), max(seen, default=10.0)
        low = max(low, panel.floor, high * 1e-14)
        bottom, top = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high * 1.05))
        step = max(1, math.ceil((top - bottom) / 5))
        top = bottom + step * max(1, math.ceil((top - bottom) / step))
        return _Frame(window, (10.0**bottom, 10.0**top), 10.0**step, log=True)
    low, high = min([0.0, *seen]), max([0.0, *seen])
    step = _step_up((high - low or 1.0) / 5, (1, 2, 2.5, 5, 10))
    bottom, top = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return _Frame(window, (bottom * step, max(top, bottom + 1) * step), step, log=False)


def _step_up(value: float, steps: tuple[float, ...]) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in steps if step * power >= value * 0.99999), 10 * power)


def _inside(value: float, window: tuple[float, float]) -> bool:
    return window[0] <= value <= window[1]


def _pieces(curve: Curve, panel: Panel, frame: _Frame) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The points of a curve that can be seen, cut where it leaves the panel, thinned to what the eye resolves."""
    found: list[list[tuple[float, float]]] = [[]]
    for day, value in zip(curve.days, curve.values, strict=True):
        visible = _inside(day, frame.days) and math.isfinite(value)
        if visible and (not panel.log or value >= frame.values[0]):
            found[-1].append((float(day), float(value)))
        elif found[-1]:
            found.append([])
    return tuple(tuple(_thinned(piece, frame)) for piece in found if len(piece) > 1)


def _thinned(points: list[tuple[float, float]], frame: _Frame, within: float = 0.15) -> list[tuple[float, float]]:
    """Fewer points on the same line, to `within` a pixel (Ramer, Douglas and Peucker)."""
    paper = [(frame.x(day), frame.y(value)) for day, value in points]
    kept, todo = {0, len(points) - 1}, [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        (x0, y0), (x1, y1) = paper[first], paper[last]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        off, at = max(
            ((abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length, i) for i, (x, y) in _between(paper, first, last)),
            default=(0.0, first),
        )
        if off > within:
            kept.add(at)
            todo += [(first, at), (at, last)]
    return [points[i] for i in sorted(kept)]


def _between(paper: list[tuple[float, float]], first: int, last: int) -> Any:
    return ((i, paper[i]) for i in range(first + 1, last))


def _merged(lines: list[_Drawn], frame: _Frame) -> list[_Drawn]:
    """Lines that run within a pixel of each other as one line, in ink when it stands for all."""
    groups: list[list[_Drawn]] = []
    for line in lines:
        group = next((group for group in groups if _same(group[0], line, frame)), None)
        if group:
            group.append(line)
        else:
            groups.append([line])
    return [_one(group, everything=len(groups) == 1) for group in groups]


def _one(group: list[_Drawn], *, everything: bool) -> _Drawn:
    if len(group) == 1:
        return group[0]
    label = ("both" if len(group) == 2 else "all") if everything else " = ".join(each.label for each in group)
    return _Drawn(label, group[0].pieces, (INK, (1, 0)) if everything else group[0].style)


def _same(one: _Drawn, other: _Drawn, frame: _Frame, within: float = 1.0) -> bool:
    if len(one.pieces) != len(other.pieces):
        return False
    places = [[[(frame.x(day), frame.y(value)) for day, value in piece] for piece in each.pieces] for each in (one, other)]
    return all(
        abs(a[0][0] - b[0][0]) < within and abs(a[-1][0] - b[-1][0]) < within and _near(a, b, within) and _near(b, a, within)
        for a, b in zip(*places, strict=True)
    )


def _near(points: list[tuple[float, float]], line: list[tuple[float, float]], within: float) -> bool:
    """Whether every point lies within that many pixels of the line."""
    return all(any(_distance(point, *piece) <= within for piece in pairwise(line)) for point in points)


def _distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    along = (end[0] - start[0], end[1] - start[1])
    from_start = (point[0] - start[0], point[1] - start[1])
    square = along[0] ** 2 + along[1] ** 2
    share = min(max((from_start[0] * along[0] + from_start[1] * along[1]) / square, 0.0), 1.0) if square else 0.0
    return math.hypot(from_start[0] - share * along[0], from_start[1] - share * along[1])


# Marks ----------------------------------------------------------------------------------------------------------------


def _scales(panel: Panel, frame: _Frame) -> dict[str, Any]:
    kind = {"type": "log", "base": 10} if frame.log else {}
    ticks = _ticks(frame)
    return {
        "x": alt.X(
            "day:Q",
            scale=alt.Scale(domain=list(frame.days), nice=False),
            axis=alt.Axis(title="day", values=_days(frame.days), format=".3~f", labelFlush=False),
        ),
        "y": alt.Y(
            "value:Q",
            scale=alt.Scale(domain=list(frame.values), nice=False, zero=False, **kind),
            axis=alt.Axis(title=None, values=ticks, labelExpr=_tick_labels(ticks, log=frame.log)),
        ),
    }


def _ticks(frame: _Frame) -> list[float]:
    low, high = frame.values
    if frame.log:
        return [10.0**power for power in range(*_powers(low, high, frame.step))]
    return [round(low / frame.step + i) * frame.step for i in range(round((high - low) / frame.step) + 1)]


def _powers(low: float, high: float, step: float) -> tuple[int, int, int]:
    return round(math.log10(low)), round(math.log10(high)) + 1, round(math.log10(step))


def _tick_labels(ticks: Sequence[float], *, log: bool) -> str:
    """A Vega expression that writes the ticks of one axis in one way: all as 10⁶, or all as plain numbers."""
    large = log and any(not 1e-3 <= tick < 1e5 for tick in ticks)
    words = {_js(tick): _power_of_ten(tick) if large else _tick_word(tick) for tick in ticks}
    cases = "".join(f"abs(datum.value - {value}) <= 1e-9 * abs({value}) ? '{word}' : " for value, word in words.items())
    return f"{cases}''"


def _js(value: float) -> str:
    return repr(float(value))


def _power_of_ten(value: float) -> str:
    return f"10{str(round(math.log10(value))).translate(SUPERSCRIPT)}"


def _tick_word(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        return f"{value / 10.0**power:.3g}·{_power_of_ten(10.0**power)}".replace("-", "−")
    return f"{value:,.10g}".replace(",", THIN_SPACE).replace("-", "−")


def _days(window: tuple[float, float]) -> list[float]:
    length = window[1] - window[0]
    step = next((step for step in (1, 2, 5, 7, 14, 28, 50, 91.3125, 182.625, 365.25, 730.5) if length / step <= 6), length / 5)
    if step in (91.3125, 182.625):  # quarters and halves of a year, to the day that people write
        step = {91.3125: 90, 182.625: 180}[step]
    elif step == 365.25:
        step = 365
    return [window[0] + i * step for i in range(int(length / step + 1e-9) + 1)]


def _points(rows: list[dict[str, Any]]) -> Any:
    return alt.InlineData(values=rows)


def _ruler(frame: _Frame, panel: Panel) -> Any:
    """An invisible mark that carries the axes, so that an empty panel has them too."""
    rows = [{"day": frame.days[0], "value": frame.values[0]}, {"day": frame.days[1], "value": frame.values[1]}]
    return alt.Chart(_points(rows)).mark_point(opacity=0, size=0).encode(**_scales(panel, frame))


def _line(line: _Drawn, panel: Panel, frame: _Frame) -> Any:
    color, dash = line.style
    rows = [
        {"day": round(day, 4), "value": float(f"{value:.5g}"), "piece": i}
        for i, piece in enumerate(line.pieces)
        for day, value in piece
    ]
    mark = {"color": color, "strokeDash": list(dash), "strokeWidth": 1.9, "strokeJoin": "round", "clip": True}
    return alt.Chart(_points(rows)).mark_line(**mark).encode(detail="piece:N", **_scales(panel, frame))


def _hover(line: _Drawn, panel: Panel, frame: _Frame) -> Any:
    rows = [
        {
            "day": day,
            "value": value,
            "what": f"{panel.title}, {line.label}",
            "shown": f"{value:.3g} {readable_unit(panel.unit)}",
        }
        for piece in line.pieces
        for day, value in piece
    ]
    tooltip = [
        alt.Tooltip("what:N", title="what"),
        alt.Tooltip("day:Q", format=".1f"),
        alt.Tooltip("shown:N", title="value"),
    ]
    return alt.Chart(_points(rows)).mark_point(opacity=0, size=60).encode(tooltip=tooltip, **_scales(panel, frame))


def _level(level: Level, lines: Sequence[_Drawn], frame: _Frame) -> Any:
    """A dotted line with its words on top, on the side where the curves leave more room."""
    y, width = frame.y(level.value), CHARACTER * len(level.says)
    rule = alt.Chart(_points([{}])).mark_rule(color=QUIET, strokeWidth=0.8, strokeDash=[1, 2])
    rule = rule.encode(x=alt.value(0), x2=alt.value(WIDTH), y=alt.value(y))
    left, right = (_nearest(lines, frame, y - 9, span) for span in ((0, width), (WIDTH - width, WIDTH)))
    x, align = (WIDTH - 2, "right") if right >= left else (3, "left")
    return alt.layer(rule, _text(level.says, x, y - 4, QUIET, align=align, baseline="bottom"))


def _nearest(lines: Sequence[_Drawn], frame: _Frame, y: float, span: tuple[float, float]) -> float:
    """How near the curves come to a height within a span of the panel, in pixels, judged between their points too."""
    nearest = math.inf
    for piece in (piece for line in lines for piece in line.pieces):
        for (day0, value0), (day1, value1) in pairwise(piece):
            x0, x1, y0, y1 = frame.x(day0), frame.x(day1), frame.y(value0), frame.y(value1)
            if x1 >= span[0] and x0 <= span[1]:
                nearest = min(nearest, 0.0 if min(y0, y1) <= y <= max(y0, y1) else min(abs(y0 - y), abs(y1 - y)))
    return nearest


def _moment(x: float, word: str) -> list[Any]:
    """A thin vertical line with its word on top, on the side that has room."""
    rule = alt.Chart(_points([{}])).mark_rule(color=QUIET, strokeWidth=0.8)
    rule = rule.encode(x=alt.value(x), y=alt.value(0), y2=alt.value(HEIGHT))
    fits = x + 4 + CHARACTER * len(word) < WIDTH
    return [rule, _text(word, x + (4 if fits else -4), 1, QUIET, align="left" if fits else "right", baseline="top")]


def _text(
    text: str,
    x: float,
    y: float,
    color: str,
    *,
    align: str = "left",
    baseline: str = "middle",
    size: int = 10,
    weight: int = 400,
) -> Any:
    mark = {"text": text, "color": color, "align": align, "baseline": baseline, "fontSize": size, "font": FONT}
    mark |= {"fontWeight": weight}
    return alt.Chart(_points([{}])).mark_text(**mark).encode(x=alt.value(x), y=alt.value(y))


def _label_places(lines: Sequence[_Drawn], frame: _Frame) -> list[tuple[_Drawn, float, float]]:
    """Each line's label beside its end; those at the right edge are moved apart until none overlaps another."""
    ends = [line.pieces[-1][-1] for line in lines]
    edge = sorted((i for i, (day, _) in enumerate(ends) if frame.x(day) > WIDTH - 40), key=lambda i: frame.y(ends[i][1]))
    apart = dict(zip(edge, _moved_apart([frame.y(ends[i][1]) for i in edge]), strict=True))
    return [
        (line, (WIDTH if i in apart else frame.x(ends[i][0])) + 6, apart.get(i, frame.y(ends[i][1]) - 8))
        for i, line in enumerate(lines)
    ]


def _moved_apart(places: list[float]) -> list[float]:
    for _ in range(300):
        for i in range(len(places) - 1):
            overlap = LABEL_HEIGHT - (places[i + 1] - places[i])
            if overlap > 0:
                places[i : i + 2] = places[i] - overlap / 2, places[i + 1] + overlap / 2
        places = [min(max(y, 0.0), float(HEIGHT)) for y in places]
    return places


def _caption(source: str) -> Any:
    return _text(source, 0, 6, QUIET).properties(width=WIDTH, height=12)


def _looked(chart: Any) -> Any:
    axis = {
        "labelFont": FONT, "titleFont": FONT, "labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 10,
        "titleFontSize": 10, "titleFontWeight": "normal", "domainColor": RULE, "tickColor": RULE, "tickSize": 4,
        "grid": True, "gridColor": "#eef0f2", "gridWidth": 0.8, "labelPadding": 4, "titlePadding": 6,
    }  # fmt: skip
    title = {
        "font": FONT, "subtitleFont": FONT, "color": INK, "subtitleColor": QUIET, "fontWeight": 600, "anchor": "start",
        "frame": "group",
    }  # fmt: skip
    return (
        chart.configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_axisX(grid=False)
        .configure_axisY(domain=False, ticks=False)
        .configure_title(**title, fontSize=12, subtitleFontSize=10, subtitlePadding=3, offset=8)
        .configure_concat(spacing=20)
    )


def _title_of(chart: Any) -> str:
    return html.escape(chart.title.text if isinstance(chart.title, alt.TitleParams) else "livingdrug")


def _page(page: str, title: str) -> str:
    """Altair's page with a language, a title and our own paper around the figure."""
    style = f"<style>body {{ margin: 1rem auto; max-width: 75rem; background: {PAPER}; font-family: {FONT}; }}</style>"
    page = page.replace("<html>", '<html lang="en">', 1)
    return page.replace("<head>", f"<head>\n<title>{title}</title>\n{style}\n", 1)


def _spoken(svg: str, title: str) -> str:
    """The picture with a name for those who do not see it."""
    return svg.replace("<svg ", '<svg role="img" ', 1).replace(">", f"><title>{title}</title>", 1)
