"""The data dictionary of a cohort table: what each column may hold, in words and as limits; made from `cohort.COLUMNS`.

Renew its page with `python -m livingdrug.exchange.dictionary docs/observed-patients.md`, after a column has changed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingdrug.cohort import COLUMNS, FLAG, REAL, Column

__all__ = [
    "MARK",
    "VIRTUAL_ONLY",
    "expected",
    "generated",
    "groups",
    "highest",
    "kind",
    "lowest",
    "observable",
    "renewed",
    "rows",
    "unit",
]

MARK = "<!-- Generated below: python -m livingdrug.exchange.dictionary docs/observed-patients.md -->"


SECTIONS = {
    "patient": "Who",
    "collection_days": "Collection and manufacture",
    "bridging": "Waiting",
    "cmax": "Course",
    "crs_onset": "Toxicity",
    "response": "Response and after",
    "billed": "Settlement",
}
"""The first column of each section, and the section's title."""

VIRTUAL_ONLY = ("antigen_negative_cells", "fitness", "low_fitness", "solver_status")
"""Columns that only a simulation knows."""

SHARES = ("blasts_enrolled", "blasts_infused", "blasts_day28", "transduced", "viability")
GRADES = ("crs_penn", "crs_lee", "crs_astct", "neurotoxicity")
CENTS = ("billed", "waived")

LIMITS: dict[str, tuple[float, float]] = {
    "fitness": (-math.inf, math.inf),
    "age": (0, 130),
    "weight": (0.5, 650),  # kg; who weighs less is not collected, and above lies another unit
    "temperature_peak": (30, 45),  # °C; a temperature in °F lies above
    "dose": (1e3, 1e12),  # fewer is a number of millions
    "dose_per_kg": (1e2, 1e11),
    **{name: (0, 1) for name in SHARES},
    **{name: (0, 5) for name in GRADES},
}
"""Lowest and highest possible value where it is not 0 or more."""


@dataclass(frozen=True, slots=True)
class Section:
    """Columns that belong together."""

    title: str
    columns: tuple[Column, ...]


def groups() -> tuple[Section, ...]:
    """Every column once, in the order of `COLUMNS`, below the titles of `SECTIONS`."""
    found: list[tuple[str, list[Column]]] = []
    for each in COLUMNS:
        if each.name in SECTIONS or not found:
            found.append((SECTIONS.get(each.name, "Other"), []))
        found[-1][1].append(each)
    return tuple(Section(title, tuple(columns)) for title, columns in found)


def observable() -> tuple[Column, ...]:
    """The columns that a center can fill in."""
    return tuple(each for each in COLUMNS if each.name not in VIRTUAL_ONLY)


def lowest(which: Column) -> float:
    """The lowest value the column may hold, in its unit."""
    return LIMITS.get(which.name, (0, math.inf))[0]


def highest(which: Column) -> float:
    """The highest value the column may hold, in its unit."""
    return LIMITS.get(which.name, (0, math.inf))[1]


def kind(which: Column) -> str:
    """What a cell is: "number", "whole number", "true or false", or "word"."""
    if isinstance(which.kind, tuple):
        return "word"
    return "true or false" if which.kind == FLAG else "number" if which.kind == REAL else "whole number"


def unit(which: Column) -> str:
    """The unit as people read it; empty where there is none."""
    special = {"temperature_peak": "°C"} | dict.fromkeys(CENTS, "cents")
    return special.get(which.name, "" if which.unit == "1" else which.unit)


def expected(which: Column) -> str:
    """What a cell of that column has to be, as in "years, 0 to 130" or "one of CR, CRi, partial, no response"."""
    if isinstance(which.kind, tuple):
        return f"one of {', '.join(which.kind)}"
    if which.kind == FLAG:
        return "true or false"
    word = "a share" if which.name in SHARES else "a grade" if which.name in GRADES else unit(which) or f"a {kind(which)}"
    limits = _limits(which)
    return f"{word}, {limits}" if limits else word


def rows() -> Iterator[dict[str, Any]]:
    """One row per column, as `livingdrug columns` prints it."""
    for section in groups():
        for each in section.columns:
            yield {
                "column": each.name,
                "section": section.title,
                "kind": kind(each),
                "unit": unit(each),
                "expected": expected(each),
                "observable": each.name not in VIRTUAL_ONLY,
                "meaning": each.about,
            }


def renewed(page: str) -> str:
    """The page with a new generated part below the mark."""
    before, mark, _ = page.partition(MARK)
    if not mark:
        raise ValueError(f"the page has no line {MARK}")
    return f"{before}{MARK}\n\n{generated()}"


def generated() -> str:
    """The dictionary as tables for the documentation, one for each section."""
    return "\n".join(line for section in groups() for line in _section(section)).rstrip() + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from (f"### {section.title}", "", "| column | a cell is | meaning |", "|---|---|---|")
    for each in section.columns:
        mark = " *(virtual patients only)*" if each.name in VIRTUAL_ONLY else ""
        yield f"| `{each.name}` | {_cell(each)} | {each.about}{mark} |"
    yield ""


def _cell(which: Column) -> str:
    words = ", ".join(f"`{word}`" for word in which.kind) if isinstance(which.kind, tuple) else expected(which)
    return f"whole number: {words}" if kind(which) == "whole number" and "whole number" not in words else words


def _limits(which: Column) -> str:
    low, high = lowest(which), highest(which)
    if math.isinf(low):
        return ""
    return f"{_plain(low)} or more" if math.isinf(high) else f"{_plain(low)} to {_plain(high)}"


def _plain(value: float) -> str:
    return f"{value:g}".replace("e+", "e")


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:]):
        each.write_text(renewed(each.read_text(encoding="utf-8")), encoding="utf-8")
