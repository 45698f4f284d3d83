"""What a measure is, and the few lines of arithmetic that measures share; the measures stand in the files beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from livingdrug.analysis.facts import Facts, facts
from livingdrug.errors import UnknownName

__all__ = ["MEASURES", "Measure", "evaluate", "measure_named"]

Array = NDArray[Any]
Compute = Callable[[Facts], float]
Rows = Callable[[Facts], Array]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a cohort: calling it gives the number, NaN where it is not defined.

    `kind` is share, median, quantile, mean, geometric mean, ratio or slope; `unit` is "1" for what has none. A share knows
    its counts, a median its sample and survival its endpoint and month, from which intervals can be had.
    """

    name: str
    group: str
    kind: str
    unit: str
    about: str
    compute: Compute
    counts: Callable[[Facts], tuple[int, int]] | None = None
    sample: Rows | None = None
    survival: tuple[str, float] | None = None

    def __call__(self, cohort: pl.DataFrame | Facts) -> float:
        return float(self.compute(facts(cohort)))


MEASURES: dict[str, Measure] = {}


def evaluate(cohort: pl.DataFrame | Facts, names: Iterable[str] | None = None) -> dict[str, float]:
    """The measures of those names (default: all) of one cohort; columns are read once. Raises `UnknownName`."""
    f = facts(cohort)
    return {name: measure_named(name)(f) for name in (MEASURES if names is None else names)}


def measure_named(name: str) -> Measure:
    """The measure of that name; raises `UnknownName` with the nearest."""
    if name not in MEASURES:
        raise UnknownName.among("measure", name, MEASURES)
    return MEASURES[name]


# Registering ----------------------------------------------------------------------------------------------------------


def add(group: str, kind: str, unit: str, name: str, about: str, compute: Compute, **more: Any) -> None:
    """Register one measure; a name that is taken is a slip."""
    if name in MEASURES:
        raise ValueError(f"two measures are called {name}")
    MEASURES[name] = Measure(name, group, kind, unit, about, compute, **more)


def shares(group: str, **those: tuple[str, Rows, Rows]) -> None:
    """Register shares, each as what it means, which patients, among which patients."""
    for name, (about, which, among) in those.items():

        def counts(f: Facts, which: Rows = which, among: Rows = among) -> tuple[int, int]:
            n = among(f)
            return int(np.count_nonzero(which(f) & n)), int(np.count_nonzero(n))

        add(group, "share", "1", name, about, lambda f, counts=counts: share(*counts(f)), counts=counts)


def medians(group: str, unit: str, **those: tuple[str, Rows]) -> None:
    """Register medians, each as what it means and whose values; NaN does not count."""
    for name, (about, values) in those.items():
        add(group, "median", unit, name, about, lambda f, values=values: quantile(values(f), 0.5), sample=values)


# Arithmetic -----------------------------------------------------------------------------------------------------------


def share(events: int, n: int) -> float:
    """Events of n, NaN of nobody."""
    return events / n if n else np.nan


def quantile(values: Array, q: float) -> float:
    """Linear between order statistics, as NumPy's default and most publications' medians; NaN does not count."""
    there = values[~np.isnan(values)]
    if not len(there):
        return np.nan
    place = q * (len(there) - 1)
    low = int(place)
    high = min(low + 1, len(there) - 1)
    ordered = np.partition(there, (low, high))
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def geometric_mean(values: Array) -> float:
    """Of the positive values."""
    there = values[values > 0]
    return float(np.exp(np.mean(np.log(there)))) if len(there) else np.nan


def where(values: Array, condition: Array) -> Array:
    """The values where the condition holds, else NaN."""
    return np.where(condition, values, np.nan)


def among_infused(column: str) -> Rows:
    """Infused patients of whom that column is known."""
    return lambda f: f["infused"] & (f[column] > -1)


def if_recorded(column: str, among: Rows) -> Rows:
    """Nobody, where the cohort does not have that column: then null does not mean that it did not happen."""
    return lambda f: among(f) & f.recorded(column)


def share_of_infused(about: str, column: str, least: float) -> tuple[str, Rows, Rows]:
    """The share of infused patients, of whom the column is known, in whom it is at least so much."""
    return f"{about}, of infused.", lambda f: f[column] >= least, among_infused(column)
