"""Published results as targets, each with an interval and a source, and a cohort compared with them.

`published("eliana")` reads a file of this package, `published(path)` one of yours, with every complaint at once.
`compare` gives the value of each target in a cohort; with `trials`, also what a trial of that size would have shown.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from livingdrug.analysis.facts import Facts, facts
from livingdrug.analysis.intervals import DERIVATIONS, exact_interval
from livingdrug.analysis.measures import MEASURES, evaluate
from livingdrug.errors import BadInput, Complaints, UnknownName

__all__ = ["Published", "Target", "compare", "distance", "names", "prediction_intervals", "published", "read", "trials"]

ROLES = ("calibration", "shown")
PLACE = "livingdrug.analysis.published"
Trials = Sequence[slice] | Mapping[int, Sequence[slice]]


@dataclass(frozen=True, slots=True)
class Target:
    """One published number: `value` is NaN where only a direction or nothing is published, an open side infinite.

    `basis` says whose the interval is: published, exact from counts, or derived and how. `weight` is its part in a fit.
    """

    id: str
    group: str
    label: str
    measure: str
    unit: str
    role: str
    value: float
    low: float
    high: float
    n: int
    basis: str
    source: str
    note: str
    confirmed: bool
    weight: float

    def inside(self, simulated: float) -> bool | None:
        """Whether a value lies within the interval; None where either is not there."""
        if math.isnan(simulated) or (math.isinf(self.low) and math.isinf(self.high)):
            return None
        return self.low <= simulated <= self.high


@dataclass(frozen=True, slots=True)
class Published:
    """A file of targets: its title, the therapy, how many were infused, and its sources."""

    name: str
    title: str
    therapy: str
    size: int
    about: str
    targets: tuple[Target, ...]
    sources: dict[str, str]


# Reading --------------------------------------------------------------------------------------------------------------


def names() -> tuple[str, ...]:
    """The files of targets that come with the package."""
    files = resources.files(PLACE).iterdir()
    return tuple(sorted(each.name.removesuffix(".toml") for each in files if each.name.endswith(".toml")))


def published(name: str | Path) -> tuple[Target, ...]:
    """The targets of a file of this package, or of the path of one; raises `UnknownName` or `BadInput`."""
    return read(name).targets


def read(name: str | Path) -> Published:
    """The whole file; raises as `published` does."""
    if isinstance(name, Path) or name.endswith(".toml"):
        path = Path(name)
        try:
            return _read(path.stem, path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise BadInput.at(str(path), "is not a text file in UTF-8") from error
    if name not in names():
        raise UnknownName.among("file of targets", name, names())
    return _read(name, resources.files(PLACE).joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


def _read(name: str, text: str, where: str) -> Published:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput.at(where, f"is not TOML: {error}") from error
    found = Complaints()
    sources = _table(content, "sources", where, found)
    rows = content.get("target", [])
    if not isinstance(rows, list) or not rows:
        found.add(where, "holds no [[target]]")
        rows = []
    head = {"title": name, "therapy": "", "about": ""} | {
        k: v for k, v in content.items() if k in ("title", "therapy", "about")
    }
    size = content.get("size", 1)
    if not isinstance(size, int) or size < 1:
        found.add(f"{where}: size", "must be a whole number of patients above 0")
    for key in sorted(set(content) - {"title", "therapy", "size", "about", "sources", "target"}):
        found.add_from(where, UnknownName.among("key", key, ("title", "therapy", "size", "about", "sources", "target")))
    targets = [_target(row, f"{where}: target {_called(row, i)}", sources, found) for i, row in enumerate(rows)]
    ids = [row.get("id") for row in rows if isinstance(row, dict)]
    for twice in sorted({str(each) for each in ids if ids.count(each) > 1}):
        found.add(f"{where}: target {twice}", "is there twice; every id names one target")
    found.raise_any()
    kept = tuple(each for each in targets if each is not None)
    return Published(name, str(head["title"]), str(head["therapy"]), size, str(head["about"]), kept, sources)


def _table(content: dict[str, Any], key: str, where: str, found: Complaints) -> dict[str, str]:
    table = content.get(key, {})
    if isinstance(table, dict) and all(isinstance(value, str) for value in table.values()):
        return table
    found.add(f"{where}: {key}", "must be a table of key and citation")
    return {}


def _called(row: Any, i: int) -> str:
    return str(row["id"]) if isinstance(row, dict) and "id" in row else f"number {i + 1}"


KEYS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "group": str,
    "label": str,
    "measure": str,
    "unit": str,
    "role": str,
    "value": (int, float),
    "events": int,
    "n": int,
    "interval": list,
    "at_least": (int, float),
    "at_most": (int, float),
    "derive": dict,
    "weight": (int, float),
    "confirmed": bool,
    "source": str,
    "note": str,
}
NEEDED = ("id", "group", "label", "measure", "role", "n", "source")


def _target(row: Any, where: str, sources: dict[str, str], found: Complaints) -> Target | None:
    before = len(found.found)
    if not isinstance(row, dict):
        found.add(where, "must be a table")
        return None
    _check(row, where, sources, found)
    if len(found.found) > before:
        return None
    try:
        value, low, high, basis = _interval(row)
    except ValueError as error:
        found.add(where, str(error))
        return None
    unit = row.get("unit", MEASURES[row["measure"]].unit)
    return Target(
        id=row["id"],
        group=row["group"],
        label=row["label"],
        measure=row["measure"],
        unit=unit,
        role=row["role"],
        value=value,
        low=low,
        high=high,
        n=row["n"],
        basis=basis,
        source=sources[row["source"]],
        note=row.get("note", ""),
        confirmed=row.get("confirmed", True),
        weight=float(row.get("weight", 1.0)),
    )


def _check(row: dict[str, Any], where: str, sources: dict[str, str], found: Complaints) -> None:
    for key, value in row.items():
        if key not in KEYS:
            found.add_from(where, UnknownName.among("key", key, KEYS))
        elif not isinstance(value, KEYS[key]) or (isinstance(value, bool) and KEYS[key] is not bool):
            found.add(f"{where}: {key}", f"{value!r} is not what belongs there")
    for key in NEEDED:
        if key not in row:
            found.add(where, f"{key} is missing")
    if isinstance(row.get("measure"), str) and row["measure"] not in MEASURES:
        found.add_from(f"{where}: measure", UnknownName.among("measure", row["measure"], MEASURES))
    if "role" in row and row["role"] not in ROLES:
        found.add(f"{where}: role", f"{row['role']!r} is not one of {', '.join(ROLES)}")
    if isinstance(row.get("source"), str) and row["source"] not in sources:
        found.add_from(f"{where}: source", UnknownName.among("source", row["source"], sources))
    if isinstance(row.get("n"), int) and row["n"] < 1:
        found.add(f"{where}: n", "must be above 0")


def _interval(row: dict[str, Any]) -> tuple[float, float, float, str]:
    """Value, low, high and basis; raises ValueError with what is missing or contradictory."""
    events, n = row.get("events"), row["n"]
    if events is not None and not 0 <= events <= n:
        raise ValueError(f"events is {events}, but n is {n}")
    value = float(row["value"]) if "value" in row else events / n if events is not None else math.nan
    if "interval" in row:
        low, high = _pair(row["interval"])
        if not low <= value <= high:
            raise ValueError(f"the value {value:g} lies outside its interval {low:g} to {high:g}")
        return value, low, high, "published"
    if "derive" in row:
        low, high, basis = _derived(row["derive"], value, n)
        return value, low, high, basis
    if events is not None:
        return value, *exact_interval(events, n), "exact from counts"
    if "value" in row:
        raise ValueError("has a value and no interval; give interval, events and n, or derive")
    low, high = float(row.get("at_least", -math.inf)), float(row.get("at_most", math.inf))
    return value, low, high, "direction published" if "at_least" in row or "at_most" in row else "not published"


def _pair(interval: list[Any]) -> tuple[float, float]:
    if len(interval) != 2 or not all(isinstance(each, int | float) for each in interval) or interval[0] > interval[1]:
        raise ValueError(f"interval {interval} is not a low and a high number")
    return float(interval[0]), float(interval[1])


def _derived(settings: dict[str, Any], value: float, n: int) -> tuple[float, float, str]:
    kind = settings.get("kind")
    if kind not in DERIVATIONS:
        raise ValueError(str(UnknownName.among("derivation", str(kind), DERIVATIONS)))
    try:
        low, high, says = DERIVATIONS[kind](value, n, **{k: v for k, v in settings.items() if k != "kind"})
    except TypeError as error:
        raise ValueError(f"derive: {kind} does not take these settings ({error})") from error
    return low, high, f"derived: {says}"


# Comparing ------------------------------------------------------------------------------------------------------------


def compare(cohort: pl.DataFrame | Facts, targets: Sequence[Target], replicates: Trials | None = None) -> list[dict[str, Any]]:
    """Each target with its value in the cohort, as in `targets.json`: plain numbers, None for what is not there.

    `replicates` are rows of trials, from `trials`: then each target also has the 2.5 and 97.5 % quantile of what such a trial
    shows. A mapping from a size to its trials gives each target the trials of its own n.
    """
    f = facts(cohort)
    values = evaluate(f, dict.fromkeys(each.measure for each in targets))
    predicted = prediction_intervals(f, targets, replicates) if replicates else {}
    return [_row(each, values[each.measure], predicted.get(each.id, (math.nan, math.nan))) for each in targets]


def _row(target: Target, simulated: float, predicted: tuple[float, float]) -> dict[str, Any]:
    return {
        "id": target.id,
        "group": target.group,
        "label": target.label,
        "measure": target.measure,
        "unit": target.unit,
        "published": _plain(target.value),
        "low": _plain(target.low),
        "high": _plain(target.high),
        "n": target.n,
        "role": target.role,
        "basis": target.basis,
        "confirmed": target.confirmed,
        "weight": target.weight,
        "source": target.source,
        "note": target.note,
        "simulated": _plain(simulated),
        "predicted_low": _plain(predicted[0]),
        "predicted_high": _plain(predicted[1]),
        "inside": target.inside(simulated),
    }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def distance(target: Target, simulated: float) -> float:
    """How far a value is from the target, in half-widths of the interval on its side: 0 at the value, 1 at the bound.

    With only a direction published, 0 inside and more than 1 outside. Ratios are measured on the logarithm. Infinite where
    the cohort has no value.
    """
    if not math.isfinite(simulated):
        return math.inf
    logs = target.unit == "ratio" and target.low > 0 and simulated > 0
    value, low, high, at = (
        math.log(x) if logs and 0 < x < math.inf else x for x in (target.value, target.low, target.high, simulated)
    )
    if math.isnan(value):
        return 0.0 if low <= at <= high else 1.0 + max(low - at, at - high)
    half = (value - low) if at < value else (high - value)
    return abs(at - value) / half if half > 0 else (0.0 if at == value else math.inf)


def trials(cohort: pl.DataFrame | Facts, replicates: int, size: int) -> list[slice]:
    """The rows of up to `replicates` trials, one behind the other in the order of patients, each until `size` are infused.

    A trial holds everybody enrolled on the way, as a trial does. Fewer come back when the cohort is too short; patients
    behind the last whole trial are left out. Raises `BadInput` when not even one trial fits or patients are out of order.
    """
    f = facts(cohort)
    if replicates < 1 or size < 1:
        raise ValueError("replicates and size must be above 0")
    if (np.diff(f["patient"]) <= 0).any():
        raise BadInput.at("cohort", "patients are not in ascending order of their numbers; sort the rows by patient")
    counted = np.cumsum(f["infused"])
    total = int(counted[-1]) if f.rows else 0
    if total < size:
        raise BadInput.at("--size", f"a trial needs {size} infused patients, the cohort has {total}; simulate more patients")
    ends = np.searchsorted(counted, np.arange(1, min(replicates, total // size) + 1) * size, side="left") + 1
    return [slice(int(start), int(end)) for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True)]


def prediction_intervals(
    cohort: pl.DataFrame | Facts, targets: Sequence[Target], replicates: Trials
) -> dict[str, tuple[float, float]]:
    """For each target id the 2.5 and 97.5 % quantile of its measure over the trials; NaN where most do not define it."""
    f = facts(cohort)
    found: dict[str, tuple[float, float]] = {}
    by_size: dict[int | None, list[Target]] = {}
    for each in targets:
        by_size.setdefault(each.n if isinstance(replicates, Mapping) else None, []).append(each)
    for size, those in by_size.items():
        slices = replicates[size] if isinstance(replicates, Mapping) and size is not None else replicates
        assert not isinstance(slices, Mapping)
        wanted = dict.fromkeys(each.measure for each in those)
        values = [list(evaluate(f.part(rows), wanted).values()) for rows in slices]
        bounds = dict(zip(wanted, _bounds(np.array(values).reshape(len(slices), len(wanted))), strict=True))
        found |= {each.id: bounds[each.measure] for each in those}
    return found


def _bounds(values: np.ndarray) -> list[tuple[float, float]]:
    """Quantiles of each column, without interpolation, so that an infinite ratio stays a value and not a NaN."""
    bounds: list[tuple[float, float]] = []
    for column in values.T:
        there = column[~np.isnan(column)]
        if len(there) * 2 < len(column) or not len(there):
            bounds.append((math.nan, math.nan))
            continue
        low, high = np.quantile(there, [0.025, 0.975], method="inverted_cdf")
        bounds.append((float(low), float(high)))
    return bounds
