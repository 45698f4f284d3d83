"""Cells of a table turned into the type of their column; what cannot be is named with its row, and becomes null."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import get_close_matches

import polars as pl

from livingdrug.cohort import FLAG, REAL, Column
from livingdrug.exchange.dictionary import expected, highest, lowest
from livingdrug.exchange.findings import Findings

__all__ = ["read_cells"]

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
NOTHING = {"na", "n/a", "nan", "n.a.", "null", "none", "nil", ".", "-", "–", "?", "missing", "unknown", "nd"}
"""What people write for a fact they do not have, in lower case; none of it is read as empty."""


def read_cells(
    which: Column, cells: pl.Series, factor: float, rows: Sequence[int], found: Findings
) -> tuple[pl.Series, set[int]]:
    """The `cells` as the column's type and unit (numbers are multiplied by `factor`), and the places of the refused ones.

    Empty cells and NaN are null. rows: what each row is called in a complaint.
    """
    cells = _plain(cells)
    if not _can_hold(which, cells.dtype):
        found.add(which.name, f"column {which.name}", f"holds {cells.dtype} values; expected {expected(which)}")
        return pl.Series(which.name, [None] * len(cells), dtype=which.dtype), set(range(len(cells)))
    if isinstance(which.kind, tuple):
        values, bad = _words(which, cells)
    elif which.kind == FLAG:
        values, bad = _flags(cells)
    else:
        values, bad = _numbers(which, cells, factor)
    refused = bad.arg_true().to_list()
    for at in refused:
        found.add(which.name, f"row {rows[at]}, column {which.name}", _says(which, cells[at]))
    return values.alias(which.name), set(refused)


def _plain(cells: pl.Series) -> pl.Series:
    """Text without spaces around it, and null for what is empty; categories become text, NaN becomes null."""
    if isinstance(cells.dtype, pl.Categorical | pl.Enum):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.String:
        stripped = cells.str.strip_chars()
        return stripped.set(stripped == "", None)
    if cells.dtype == pl.Null:
        return cells.cast(pl.String)
    return cells.fill_nan(None) if cells.dtype.is_float() else cells


def _can_hold(which: Column, dtype: pl.DataType) -> bool:
    if dtype == pl.String:
        return True
    if isinstance(which.kind, tuple):
        return False
    return dtype.is_numeric() or (dtype == pl.Boolean and which.kind == FLAG)


def _words(which: Column, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    values = cells.cast(which.dtype, strict=False)
    return values, values.is_null() & cells.is_not_null()


def _flags(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """True and false as words (yes, no) or as 1 and 0."""
    if cells.dtype == pl.Boolean:
        return cells, pl.Series([False] * len(cells), dtype=pl.Boolean)
    yes, no = (TRUE, FALSE) if cells.dtype == pl.String else ((1,), (0,))
    lower = cells.str.to_lowercase() if cells.dtype == pl.String else cells
    true, false = lower.is_in(yes), lower.is_in(no)
    return true.set(~(true | false), None), (~(true | false)).fill_null(False)


def _numbers(which: Column, cells: pl.Series, factor: float) -> tuple[pl.Series, pl.Series]:
    there = cells.is_not_null()
    values = _exact(which, cells)
    if factor != 1:
        values = values * factor
    values = values.cast(which.dtype, strict=False)
    real = values.cast(pl.Float64)
    inside = real.is_finite() & (real >= lowest(which)) & (real <= highest(which))
    good = inside.fill_null(False)
    return values.set(~good, None), there & ~good


def _exact(which: Column, cells: pl.Series) -> pl.Series:
    """Numbers as they stand: whole ones are not passed through a float, which would round them above 2^53."""
    if cells.dtype != pl.String:
        return cells if which.kind == REAL else _whole(cells)
    written = cells.set(~cells.str.contains(NUMBER), None)
    if which.kind == REAL:
        return written.cast(pl.Float64, strict=False)
    digits = written.cast(pl.Int64, strict=False)
    return digits.zip_with(digits.is_not_null(), _whole(written.cast(pl.Float64, strict=False)))


def _whole(values: pl.Series) -> pl.Series:
    """3.0 is a whole number, as tables with empty cells write it; 3.5 is none."""
    if not values.dtype.is_float():
        return values.cast(pl.Int64, strict=False)
    return values.set((values != values.round()).fill_null(True), None).cast(pl.Int64, strict=False)


# What is said ---------------------------------------------------------------------------------------------------------


def _says(which: Column, cell: object) -> str:
    shown = f"{cell:g}" if isinstance(cell, float) else f"{cell!r}"
    return f"{shown} {_complaint(which, cell)}; expected {expected(which)}{_advice(which, cell)}"


def _complaint(which: Column, cell: object) -> str:
    if isinstance(which.kind, tuple):
        return "is not a word of this column"
    if which.kind == FLAG:
        return "is neither true nor false"
    value = _float(cell)
    if value is None:
        return "is not a number"
    if which.kind != REAL and value != round(value):
        return "is not a whole number"
    return f"is {'below' if value < lowest(which) else 'above'} what is possible"


def _float(cell: object) -> float | None:
    """The number in a cell; None where there is none, and for what only a program takes for one (inf, 1_000)."""
    if isinstance(cell, str) and not re.fullmatch(NUMBER, cell):
        return None
    value = float(cell) if isinstance(cell, str | int | float) else math.nan
    return value if math.isfinite(value) else None


def _advice(which: Column, cell: object) -> str:
    text = str(cell).lower()
    if isinstance(which.kind, tuple):
        near = get_close_matches(text, [word.lower() for word in which.kind], n=1)
        if near:
            return f"; nearest: {next(word for word in which.kind if word.lower() == near[0])}"
    if text in NOTHING:
        return "; leave the cell empty where it is not known"
    if which.name == "patient" and _float(cell) is None:
        return "; number your patients, and keep the list of their identifiers apart"
    if highest(which) == 1 and 1 < (_float(cell) or 0) <= 100:
        return f"; for per cent, name the column {which.name} [%]"
    if "," in text and _float(text.replace(",", ".")) is not None:
        return "; write a decimal point and no separators of thousands"
    if which.unit == "days" and text.count("-") == 2:
        return "; give days, not dates"
    return ""
