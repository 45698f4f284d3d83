"""The columns of a cohort as NumPy arrays, each made once when first asked for, and facts that follow from them row by row.

Numbers and yes/no become floats with NaN for null; words become their positions, -1 for null. A comparison with NaN is
false, so a fact that is not known never counts for a share; `known` says where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from livingdrug.cohort import COLUMNS, FATES, RESPONSES

__all__ = ["CR", "CRI", "INFUSED", "NO_RESPONSE", "PARTIAL", "Facts", "derived", "facts"]

Array = NDArray[Any]
Made = TypeVar("Made")

WORDS = {each.name: each.kind for each in COLUMNS if isinstance(each.kind, tuple)}
CR, CRI, PARTIAL, NO_RESPONSE = (RESPONSES.index(word) for word in ("CR", "CRi", "partial", "no response"))
NOT_ELIGIBLE, MANUFACTURING_FAILURE, INFUSED = (FATES.index(w) for w in ("not eligible", "manufacturing failure", "infused"))
FIRST_ENROLLED = MANUFACTURING_FAILURE
"""Fates from here on belong to enrolled patients: the manufacturer had accepted their cells (ELIANA's "enrolled")."""
LAST_ASSESSMENT = 90.0
"""Day of the month-3 assessment: who has been followed that long without a recorded response did not respond."""

DERIVED: dict[str, Callable[[Facts], Array]] = {}


class Facts:
    """`facts["age"]` is the column, `facts["infused"]` a derived fact; both (patients,). A part is a range of the rows."""

    __slots__ = ("_columns", "_kept", "_made", "_source", "rows")

    def __init__(self, source: Callable[[Facts, str], Array], rows: int, columns: frozenset[str]) -> None:
        self._source, self.rows, self._columns = source, rows, columns
        self._made: dict[str, Array] = {}
        self._kept: dict[Hashable, Any] = {}

    def __getitem__(self, name: str) -> Array:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._source(self, name)
        return made

    def recorded(self, *columns: str) -> bool:
        """Whether the cohort has these columns. In one that is there, null means that it did not happen."""
        return self._columns.issuperset(columns)

    def keep(self, key: Hashable, make: Callable[[Facts], Made]) -> Made:
        """What `make` makes of these facts as a whole, made once."""
        if key not in self._kept:
            self._kept[key] = make(self)
        return self._kept[key]

    def part(self, rows: slice) -> Facts:
        """The facts of some rows; what is derived row by row is derived once, for all rows."""
        start, stop, _ = rows.indices(self.rows)
        return Facts(lambda _, name: self[name][start:stop], max(0, stop - start), self._columns)


def facts(cohort: pl.DataFrame | Facts) -> Facts:
    """The facts of a cohort, in the order of its rows; facts pass through."""
    if isinstance(cohort, Facts):
        return cohort
    frame = cohort

    def source(whole: Facts, name: str) -> Array:
        return DERIVED[name](whole) if name in DERIVED else _column(frame, name)

    return Facts(source, frame.height, frozenset(frame.columns))


def _column(cohort: pl.DataFrame, name: str) -> Array:
    words = name in WORDS
    if name not in cohort.columns:
        return np.full(cohort.height, -1 if words else np.nan, np.int16 if words else float)
    series = cohort[name]
    if words:
        return series.to_physical().cast(pl.Int16).fill_null(-1).to_numpy()
    return series.cast(pl.Float64).fill_null(np.nan).to_numpy()


def derived(function: Callable[[Facts], Array]) -> Callable[[Facts], Array]:
    """Make a function of facts, row by row, a fact with the function's name (underscores read as spaces)."""
    DERIVED[function.__name__.replace("_", " ")] = function
    return function


# Who counts -----------------------------------------------------------------------------------------------------------


@derived
def infused(f: Facts) -> Array:
    """Fate says so, or, where no fate was recorded, anything recorded after infusion does."""
    fate = f["fate"]
    after = known(f["infused_day"]) | known(f["followed_days"]) | known(f["dose"]) | (f["response"] >= 0)
    return (fate == INFUSED) | ((fate < 0) & after)


@derived
def enrolled(f: Facts) -> Array:
    """Collection accepted by the manufacturer: the denominator of ELIANA's flow."""
    return (f["fate"] >= FIRST_ENROLLED) | f["infused"]


@derived
def eligible(f: Facts) -> Array:
    """Everybody who was found eligible, enrolled or not: the denominator of an analysis from the decision to treat."""
    return (f["fate"] > NOT_ELIGIBLE) | f["infused"]


@derived
def remission(f: Facts) -> Array:
    """Infused, with CR or CRi as best response within three months."""
    return f["infused"] & ((f["response"] == CR) | (f["response"] == CRI))


@derived
def evaluable(f: Facts) -> Array:
    """Infused with a recorded best response, or known to have none: dead before it, or followed past month 3."""
    without = known(f["death_day"]) | (f["followed_days"] >= LAST_ASSESSMENT)
    return f["infused"] & ((f["response"] >= 0) | without)


@derived
def evaluable_day28(f: Facts) -> Array:
    """The same for the response at the end of the first month."""
    without = known(f["death_day"]) | (f["followed_days"] >= LAST_ASSESSMENT)
    return f["infused"] & ((f["response_day28"] >= 0) | without)


def known(values: Array) -> Array:
    """Where a number was recorded."""
    return ~np.isnan(values)
