"""Figures: what they say, what they leave out, where labels stand, and files that need no network."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from livingdrug.errors import BadInput
from livingdrug.report import figures
from livingdrug.report.figures import Curve, Level, Panel, readable_unit, save, trajectories

DAYS = [float(day) for day in range(29)]
FALLING = [10.0 ** (9 - day) for day in range(29)]
RISING = [1.0 + day for day in range(29)]


def figure(*panels: Panel, **facts: Any):
    return trajectories(panels, title="Cells fall & rise", source="Source: a test", **facts)


def svg_of(tmp_path: Path, *panels: Panel) -> str:
    return save(figure(*panels), tmp_path / "figure.svg").read_text(encoding="utf-8")


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_picture_carries_title_units_labels_and_source(tmp_path: Path) -> None:
    panel = Panel("CAR transgene", "copies/ug_DNA", [Curve("one", DAYS, FALLING)], levels=[Level(1e4, "a level")])
    svg = svg_of(tmp_path, panel)
    assert {
        "Cells fall &amp; rise",
        "CAR transgene",
        "copies/µg DNA",
        "one",
        "a level",
        "day",
        "Source: a test",
    } <= set(texts(svg))
    assert "<title>Cells fall &amp; rise</title>" in svg


def test_nothing_below_the_floor_of_a_log_axis_is_drawn() -> None:
    panel = Panel("Leukemia", "cells", [Curve("one", DAYS, FALLING)], log=True, floor=1.0)
    frame = figures._frame(panel)
    [piece] = figures._pieces(panel.curves[0], panel, frame)
    assert frame.values[0] == 1.0
    assert min(value for _, value in piece) == 1.0


def test_a_course_is_cut_where_it_is_not_finite_and_comes_back() -> None:
    values = [math.nan if 10 <= day <= 12 else value for day, value in zip(DAYS, RISING, strict=True)]
    panel = Panel("Cells", "cells", [Curve("one", DAYS, values)])
    assert len(figures._pieces(panel.curves[0], panel, figures._frame(panel))) == 2


def test_thinning_keeps_the_line_within_a_fraction_of_a_pixel() -> None:
    days = [day / 10 for day in range(281)]
    panel = Panel("Cells", "cells", [Curve("one", days, [math.exp(-day / 5) for day in days])])
    frame = figures._frame(panel)
    [piece] = figures._pieces(panel.curves[0], panel, frame)
    thin = [(frame.x(day), frame.y(value)) for day, value in piece]
    whole = [(frame.x(day), frame.y(math.exp(-day / 5))) for day in days]
    assert len(piece) < 60
    assert figures._near(whole, thin, within=0.5)


def test_curves_that_no_eye_can_tell_apart_are_one_line_with_both_names(tmp_path: Path) -> None:
    same = [value * 1.0001 for value in RISING]
    twice = Panel("Cells", "cells", [Curve("one", DAYS, RISING), Curve("other", DAYS, same)])
    assert "both" in texts(svg_of(tmp_path, twice))
    third = Panel("Cells", "cells", [*twice.curves, Curve("third", DAYS, RISING[::-1])])
    assert {"one = other", "third"} <= set(texts(svg_of(tmp_path, third)))


def test_labels_never_overlap_and_stay_beside_the_panel() -> None:
    places = figures._moved_apart([10.0, 11.0, 12.0, 149.0, 150.0])
    gaps = [after - before for before, after in pairwise(places)]
    assert min(gaps) > figures.LABEL_HEIGHT - 0.5
    assert 0 <= places[0] <= places[-1] <= figures.HEIGHT


def test_a_label_has_the_same_style_in_every_panel() -> None:
    panels = [
        Panel("A", "1", [Curve("x", DAYS, RISING), Curve("y", DAYS, FALLING)]),
        Panel("B", "1", [Curve("y", [], [])]),
    ]
    first, second = figures._styles(panels)
    assert first["y"] == second["y"] != first["x"]


def test_every_color_differs_in_lightness_from_its_neighbor() -> None:
    """In gray print: relative luminance of sRGB; the dashes differ besides."""

    def luminance(color: str) -> float:
        red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    shades = [luminance(color) for color in figures.COLORS[:4]]
    assert all(abs(one - other) > 0.03 for i, one in enumerate(shades) for other in shades[i + 1 :])
    assert len(set(figures.DASHES)) == len(figures.COLORS)


@pytest.mark.parametrize("panel", [Panel("Nothing", "cells", [Curve("one", [0.0, 1.0], [0.0, 0.0])], log=True, floor=1.0)])
def test_an_empty_panel_says_so(tmp_path: Path, panel: Panel) -> None:
    assert "nothing above the floor of this axis" in texts(svg_of(tmp_path, panel))


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 262.0], [0, 100, 200, 300]),
        ([0.0, 0.103], [0, 0.025, 0.05, 0.075, 0.1, 0.125]),
        ([-0.4, 1.0], [-0.5, 0, 0.5, 1.0]),
        ([0.0, 0.0], None),
    ],
)
def test_axes_end_on_a_tick(values: list[float], ticks: list[float] | None) -> None:
    frame = figures._frame(Panel("A", "1", [Curve("one", [0.0, 1.0], values)]))
    found = figures._ticks(frame)
    assert (found[0], found[-1]) == pytest.approx(frame.values)
    if ticks:
        assert found == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("copies/ug_DNA", "copies/µg DNA"),
        ("cells/uL", "cells/µL"),
        ("mg/m^2", "mg/m²"),
        ("1", ""),
        ("L*mol^-1", "L·mol⁻¹"),
    ],
)
def test_units_are_printed_as_people_write_them(unit: str, shown: str) -> None:
    assert readable_unit(unit) == shown


def test_a_page_needs_no_network(tmp_path: Path) -> None:
    page = save(figure(Panel("Cells", "cells", [Curve("one", DAYS, RISING)]), hover=True), tmp_path / "figure.html")
    text = page.read_text(encoding="utf-8")
    outside_scripts = re.sub(r"<script[^>]*>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<script[^>]+src=|<link|@import|https?://", outside_scripts)
    assert not re.search(r"<script[^>]+src=", text)
    assert "<title>Cells fall &amp; rise</title>" in text


def test_a_png_has_twice_the_pixels(tmp_path: Path) -> None:
    chart = figure(Panel("Cells", "cells", [Curve("one", DAYS, RISING)]))
    width = int(re.findall(r'width="(\d+)"', save(chart, tmp_path / "a.svg").read_text(encoding="utf-8"))[0])
    png = save(chart, tmp_path / "a.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == pytest.approx(2 * width, abs=2)


def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    chart = figure(Panel("Cells", "cells", [Curve("one", DAYS, RISING)]))
    with pytest.raises(BadInput, match=r"ends in .svg, .png or .html"):
        save(chart, tmp_path / "figure.pdf")
    with pytest.raises(BadInput, match="there is no folder"):
        save(chart, tmp_path / "nowhere" / "figure.svg")


def test_a_figure_without_panels_is_a_slip() -> None:
    with pytest.raises(ValueError, match="at least one panel"):
        trajectories([], title="Nothing")
