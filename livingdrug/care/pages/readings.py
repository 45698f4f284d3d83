"""Temperature logs as people have them: a CSV file from the logger, or lines that are pasted. Checked before it is kept."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from livingdrug.errors import BadInput

__all__ = ["SIZE", "Log", "of"]

SIZE = 100_000
"""Bytes of a file, at most: a reading a minute for two days."""
ROWS = 5_000
TYPES = ("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel")
COLDEST, WARMEST = -273.15, 100.0
LONGEST = 24 * 366


@dataclass(frozen=True, slots=True)
class Log:
    """Hours from the first reading, and °C; `start` is the moment of the first reading, where the file tells it."""

    hours: tuple[float, ...]
    celsius: tuple[float, ...]
    start: datetime | None = None


def of(file: Any, pasted: str) -> Log:
    """The log of an uploaded file, or of what was pasted. Raises `BadInput` at `readings`."""
    text = _text(file) if file else pasted
    if len(text) > SIZE:
        raise BadInput.at("readings", f"it has {len(text):,} characters, and the limit is {SIZE:,}; give fewer readings")
    rows = [row for row in csv.reader(text.splitlines(), delimiter=_separator(text)) if any(cell.strip() for cell in row)]
    if rows and not _is_number(rows[0][-1]):
        rows = rows[1:]  # names of columns
    if not rows:
        raise BadInput.at("readings", "there is no reading; give lines of time and °C, as 2026-03-02T08:00+00:00,-175.2")
    if len(rows) > ROWS:
        raise BadInput.at("readings", f"it has {len(rows):,} readings, and the limit is {ROWS:,}; give every tenth")
    return _log([_reading(number, row) for number, row in enumerate(rows, 1)])


def _text(file: Any) -> str:
    if file.size > SIZE:
        raise BadInput.at("readings", f"the file has {file.size:,} bytes, and the limit is {SIZE:,}; give a shorter log")
    if not str(file.name).lower().endswith((".csv", ".txt")) or file.content_type not in TYPES:
        raise BadInput.at("readings", f"{str(file.name)[:80]!r} is no CSV file; save the log as CSV")
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput.at("readings", "the file is not text in UTF-8; save the log as CSV") from error
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise BadInput.at("readings", "the file holds bytes that no CSV file has; save the log as CSV")
    return text


def _separator(text: str) -> str:
    """What stands between the columns: a tab, a semicolon, a comma, or spaces."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    return next((each for each in "\t;," if each in line), " ")


def _reading(number: int, row: list[str]) -> tuple[float | datetime, float]:
    cells = [cell.strip() for cell in row if cell.strip()]
    if len(cells) != 2:
        raise BadInput.at("readings", f"line {number} has {len(cells)} columns; give two, time and °C")
    return _time(number, cells[0]), _celsius(number, cells[1])


def _time(number: int, text: str) -> float | datetime:
    """Hours from the first reading, or a moment with its zone."""
    if _is_number(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput.at("readings", f"line {number}: {text[:40]!r} is no time; give hours, or 2026-03-02T08:00Z") from error
    if moment.tzinfo is None:
        raise BadInput.at("readings", f"line {number}: {text[:40]} has no time zone; write 2026-03-02T08:00-05:00, or hours")
    return moment


def _celsius(number: int, text: str) -> float:
    if not _is_number(text) or not COLDEST <= float(text) <= WARMEST:
        raise BadInput.at("readings", f"line {number}: {text[:40]!r} is no temperature from {COLDEST:g} to {WARMEST:g} °C")
    return float(text)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _log(found: list[tuple[float | datetime, float]]) -> Log:
    first = found[0][0]
    if len({isinstance(when, datetime) for when, _ in found}) > 1:
        raise BadInput.at("readings", "some lines have hours and others times; use one of them")
    hours = tuple(_hours(when, first) for when, _ in found)
    if any(later < earlier for earlier, later in pairwise(hours)) or hours[0] < 0:
        raise BadInput.at("readings", "the times go back; sort the lines")
    if hours[-1] > LONGEST:
        raise BadInput.at("readings", f"it covers {hours[-1]:,.0f} hours, and the limit is {LONGEST:,}; check the times")
    return Log(hours, tuple(value for _, value in found), first if isinstance(first, datetime) else None)


def _hours(when: float | datetime, first: float | datetime) -> float:
    if isinstance(when, datetime) and isinstance(first, datetime):
        return round((when - first).total_seconds() / 3600, 4)
    assert isinstance(when, float), "times are of one kind, as was checked"
    return when
