"""The simulation report's own figures, with recorded patients as points and virtual ones as lines and bands."""

from __future__ import annotations

import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from livingdrug.care.pages.virtual import Virtual

__all__ = ["FEW", "Drawn", "Number", "drawn", "kept", "numbers"]

FEW = 5
"""Of fewer patients no number is shown to those who do not treat them: it would tell how one of them is."""

SHOWN: dict[str, dict[str, str]] = {
    "Waiting": {
        "days_to_infusion_median": "vein-to-vein time, median",
        "infused_of_enrolled": "infused, of enrolled",
        "lost_waiting": "lost while waiting, of enrolled",
    },
    "Remission": {
        "remission": "remission within three months, of infused",
        "remission_day28": "remission on day 28, of infused",
        "mrd_negative": "no residual disease, of those in remission",
    },
    "Toxicity": {
        "crs_penn_3": "CRS of grade 3 or 4 by Penn",
        "crs_lee_3": "CRS of grade 3 or more by Lee 2014",
        "crs_astct_3": "CRS of grade 3 or more by ASTCT",
        "neurotoxicity": "neurological event of any grade",
        "tocilizumab": "tocilizumab",
        "intensive_care": "intensive care",
    },
    "Survival": {
        "efs_6": "event-free at 6 months",
        "efs_12": "event-free at 12 months",
        "os_6": "alive at 6 months",
        "os_12": "alive at 12 months",
    },
}
"""The numbers of the page: measures of the analysis, and their words."""

LABELS = {name: (group, label) for group, those in SHOWN.items() for name, label in those.items()}

CURVES = tuple(f"{name}_{months}" for name in ("efs", "rfs", "os") for months in (6, 12, 18, 24, 36))
"""Measures whose recorded values are points on the survival curves, besides those above."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of one cohort with its 95 % interval and the patients it rests on (of survival, who is still followed)."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    shown: str
    interval: str


@dataclass(frozen=True, slots=True)
class Number:
    """One measure of every cohort on the page, and what is published of it."""

    group: str
    measure: str
    label: str
    unit: str
    cohorts: tuple[Value | None, ...]
    published: Value | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure as inline SVG with its words."""

    name: str
    title: str
    says: str
    pictures: tuple[str, ...]


# Numbers ----------------------------------------------------------------------------------------------------------------


def numbers(cohorts: Sequence[pl.DataFrame | None], therapy: str, *, hide: bool = False) -> tuple[Number, ...]:
    """Every measure of each cohort; `hide` leaves out what rests on fewer than `FEW` patients of the first."""
    from livingdrug.analysis.measures import MEASURES

    public = _published(therapy)
    return tuple(
        Number(
            group, name, label, MEASURES[name].unit,
            tuple(None if each is None else _value(each, name, hide=hide and place == 0) for place, each in enumerate(cohorts)),
            public.get(name),
        )
        for group, named in SHOWN.items()
        for name, label in named.items()
    )  # fmt: skip


def _value(cohort: pl.DataFrame, name: str, *, hide: bool) -> Value | None:
    from livingdrug.analysis.facts import facts
    from livingdrug.analysis.intervals import measure_interval
    from livingdrug.analysis.measures import MEASURES

    measure, known = MEASURES[name], facts(cohort)
    n = _size(measure, known)
    value = measure(known) if n else math.nan
    if math.isnan(value) or (hide and n < FEW):
        return None
    low, high = measure_interval(measure, known)
    return _told(value, low, high, n, measure.unit)


def _size(measure: Any, known: Any) -> int:
    """How many patients a measure rests on."""
    from livingdrug.analysis.survival import MONTH, endpoints

    if measure.counts:
        return int(measure.counts(known)[1])
    if measure.sample:
        sample = measure.sample(known)
        return int((sample == sample).sum())
    if not measure.survival:
        return 0
    endpoint, months = measure.survival  # a curve says nothing of a time that nobody was followed to
    return int((endpoints(known, endpoint)["time"] >= months * MONTH).sum())


def _told(value: float, low: float, high: float, n: int, unit: str) -> Value:
    from livingdrug.report.words import amount, bare

    known = not (math.isnan(low) or math.isnan(high) or math.isinf(low) or math.isinf(high))
    interval = f"{bare(low, unit)} to {bare(high, unit)}" if known else ""
    return Value(value, low if known else None, high if known else None, n, amount(value, unit), interval)


def _published(therapy: str) -> dict[str, Value]:
    """What is published of each measure: the target of most patients."""
    from livingdrug.analysis import targets

    files = [targets.read(name) for name in targets.names()]
    found: dict[str, Value] = {}
    for target in sorted(
        (each for file in files if file.therapy == therapy for each in file.targets), key=lambda each: -each.n
    ):
        if target.measure not in found and not math.isnan(target.value):
            found[target.measure] = _told(target.value, target.low, target.high, target.n, target.unit)
    return found


# Figures ----------------------------------------------------------------------------------------------------------------


def drawn(recorded: pl.DataFrame, virtual: Virtual, therapy: str, *, hide: bool = False) -> tuple[Drawn, ...]:
    """The figures of a run whose published values are what was recorded: the same code draws both."""
    from altair.utils.schemapi import debug_mode

    from livingdrug.report import flow, published, survival, toxicity
    from livingdrug.report.material import Material, words

    rows = list(_rows(recorded, virtual.cohort, hide=hide))
    told = [row for row in rows if row["measure"] in LABELS]
    material = Material(Path(), virtual.cohort, None, rows, {}, virtual.manifest, words(therapy))
    with debug_mode(False):
        found = [_titled(each, told) for each in published.figures(replace(material, targets=told))]
        found += [_of_virtual(each) for make in (toxicity.figures, survival.figures, flow.figures) for each in make(material)]
        return tuple(
            Drawn(each.name, _worded(each.title), _worded(each.says), _pictures(each)) for each in found if each.pictures
        )


def _titled(figure: Any, rows: Sequence[Mapping[str, Any]]) -> Any:
    """The panels of numbers under the headings of this page."""
    from livingdrug.report.published import groups
    from livingdrug.report.words import listed

    def renamed(picture: Any, those: Sequence[Mapping[str, Any]]) -> Any:
        words = listed(list(dict.fromkeys(str(row["group"]) for row in those))).capitalize()
        return replace(picture, title=words, chart={**picture.chart, "title": {**picture.chart["title"], "text": words}})

    panels = zip(figure.pictures, groups(rows), strict=True)
    return replace(figure, pictures=[renamed(picture, those) for picture, (_, _, those) in panels])


def _of_virtual(figure: Any) -> Any:
    """A figure whose title speaks of the virtual patients says so."""
    return replace(figure, title=f"Virtual patients: {figure.title[:1].lower()}{figure.title[1:]}")


def _pictures(figure: Any) -> tuple[str, ...]:
    from livingdrug.report.look import drawn as svg

    return tuple(_plain(svg(one, f"{figure.name}-{i}")) for i, one in enumerate(figure.pictures, 1))


def _rows(recorded: pl.DataFrame, virtual: pl.DataFrame, *, hide: bool) -> Iterator[dict[str, Any]]:
    """What was recorded, as the targets that the figures draw as points with intervals."""
    from livingdrug.analysis.measures import MEASURES

    for name in (*LABELS, *(each for each in CURVES if each not in LABELS and each in MEASURES)):
        value = _value(recorded, name, hide=hide)
        if value is None:
            continue
        group, label = LABELS.get(name, ("Survival", MEASURES[name].about))
        simulated = MEASURES[name](virtual)
        inside = (
            None if value.low is None or value.high is None or math.isnan(simulated) else value.low <= simulated <= value.high
        )
        yield {
            "id": name, "group": group, "label": label, "measure": name, "unit": MEASURES[name].unit, "role": "shown",
            "published": value.value, "low": value.low, "high": value.high, "n": value.n, "inside": inside,
            "simulated": None if math.isnan(simulated) else simulated, "source": "recorded journeys",
        }  # fmt: skip


def _worded(text: str) -> str:
    """What the report calls published was recorded here."""
    return text.replace("published", "recorded").replace("simulated", "virtual")


def _plain(svg: str) -> str:
    """A picture in the words of this page; its largest width is an attribute, as the policy forbids styles."""
    return re.sub(r' style="[^"]*"', "", re.sub(r' style="max-width:(\d+)px"', r' width="\1"', _worded(svg)))


# Kept -------------------------------------------------------------------------------------------------------------------

MOST = 64
_kept: OrderedDict[Any, Any] = OrderedDict()
_lock = threading.Lock()


def kept(key: Any, make: Callable[[], Any] | None = None) -> Any:
    """What was made of the same patients before; else it is made now, or None where nothing says how."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    if make is None:
        return None
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made
