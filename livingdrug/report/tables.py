"""The tables of the report as rows of text: targets, waiting times, payments, sources and provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livingdrug.analysis.contract import settle
from livingdrug.analysis.waiting import delays
from livingdrug.report.figures import readable_unit
from livingdrug.report.material import Material, Row
from livingdrug.report.published import MISS
from livingdrug.report.words import bare, count, days, money, percent, unit_of

__all__ = ["Table", "all_tables"]

INSIDE = {True: "✓ inside", False: f"{MISS} outside", None: ""}
LIBRARIES = ("livingdrug", "python", "numpy", "numba", "polars")
RUN = ("scenario", "therapy", "policy", "start", "patients", "seed", "horizon_days", "rtol", "unsolved")


@dataclass(frozen=True)
class Table:
    """Columns, which of them are numbers, and rows of cells."""

    caption: str
    columns: Sequence[str]
    right: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def all_tables(material: Material) -> Mapping[str, Table]:
    """Every table by the section it stands in."""
    return {
        "flow": _delays(material),
        "targets": _targets(material),
        "payments": _payments(material),
        "sources": _sources(material),
        "citations": _citations(material),
        "run": _run(material),
        "inputs": _digests(material),
    }


def _delays(material: Material) -> Table:
    rows = [
        (row["interval"], count(row["patients"]), days(row["median"]), f"{days(row['low'])} to {days(row['high'])}")
        for row in delays(material.facts).rows(named=True)
        if row["patients"]
    ]
    columns = ("interval", "patients", "median days", "middle 90 %")
    return Table("How long the way takes", columns, columns[1:], rows)


# Targets --------------------------------------------------------------------------------------------------------------


def _targets(material: Material) -> Table:
    numbers = _numbered(material)
    predicted = any(row.get("predicted_low") is not None for row in material.targets)
    columns = ["group", "target", "published", "95 % interval", "n", "simulated"]
    columns += [*(["trial of that size"] if predicted else []), "verdict", "source"]
    rows = [_target(row, numbers, predicted, material.words.currency) for row in material.targets]
    right = ("published", "95 % interval", "n", "simulated", "trial of that size")
    return Table("Published and simulated", columns, right, rows, _note(material, predicted))


def _target(row: Row, numbers: Mapping[str, int], predicted: bool, currency: str) -> tuple[str, ...]:
    unit = row["unit"]
    label = row["label"] + ("" if row.get("confirmed", True) else " (unconfirmed)")
    cells = [
        row["group"],
        f"{label} · {unit_of(unit, currency)}",
        bare(row.get("published"), unit, 1),
        _span(row.get("low"), row.get("high"), unit),
        count(row["n"]) if row.get("n") else "",
        bare(row.get("simulated"), unit, 1),
    ]
    cells += [_span(row.get("predicted_low"), row.get("predicted_high"), unit)] if predicted else []
    source = row.get("source")
    return (*cells, INSIDE[row.get("inside")], str(numbers[source]) if source else "")


def _span(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"≥ {bare(low, unit, 1)}" if high is None else f"≤ {bare(high, unit, 1)}"
    return f"{bare(low, unit, 1)} to {bare(high, unit, 1)}"


def _note(material: Material, predicted: bool) -> str:
    said = "A simulated value lies inside when the published 95 % interval holds it. Group “shown”: never used for a fit."
    if predicted and material.trials.get("replicates"):
        said += (
            f" The column “trial of that size” holds 95 % of {count(material.trials['replicates'])} virtual trials of "
            f"{count(material.trials['size'])} infused patients."
            if material.trials.get("size")
            else f" The column “trial of that size” holds 95 % of {count(material.trials['replicates'])} virtual trials."
        )
    return said


def _numbered(material: Material) -> dict[str, int]:
    """Every source, numbered in the order in which it comes up: first those of the targets, then those of the simulation."""
    rows = [*material.targets, *_numbers(material)]
    known = dict.fromkeys(str(row["source"]) for row in rows if row.get("source"))
    return {source: i for i, source in enumerate(known, start=1)}


def _citations(material: Material) -> Table:
    rows = [(str(i), source) for source, i in _numbered(material).items()]
    return Table("Sources", ("number", "source"), ("number",), rows)


# Payments -------------------------------------------------------------------------------------------------------------


def _payments(material: Material) -> Table:
    found, currency = settle(material.facts), material.words.currency
    columns = ("per", "billed", "waived", "paid")
    if not found.infused:
        return Table("", columns, (), [])
    sums = (found.cents_billed, found.cents_waived, found.cents_paid)
    rows = [
        ("infused patient", *(money(each / found.infused, currency) for each in sums)),
        ("hundred infused patients", *(money(100 * each / found.infused, currency) for each in sums)),
        (f"all {count(found.infused)} infused patients", *(money(each, currency) for each in sums)),
    ]
    shares = [percent(each / found.infused) for each in (found.paid, found.waived, found.not_billable)]
    note = f"{shares[0]} of the infused are paid for, {shares[1]} are waived, and {shares[2]} had a product that is not billed."
    return Table("What is billed, waived and paid", columns, columns[1:], rows, note)


# Sources and provenance -----------------------------------------------------------------------------------------------


def _sources(material: Material) -> Table:
    numbers = _numbered(material)
    rows = [
        (
            str(row.get("key", "")),
            _plain(row.get("value")),
            readable_unit(str(row.get("unit", ""))),
            _reference(row, numbers),
        )
        for row in _numbers(material)
    ]
    return Table("Every number that went in", ("number", "value", "unit", "source"), ("value",), rows)


def _reference(row: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    known = str(numbers[str(row["source"])]) if row.get("source") else ""
    return known if row.get("confirmed", True) else f"{known} (unconfirmed)".strip()


def _numbers(material: Material) -> list[Mapping[str, Any]]:
    return [row for row in _list(material.manifest, "sources") if isinstance(row, Mapping)]


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _list(manifest: Mapping[str, Any], key: str) -> list[Any]:
    value = manifest.get(key)
    return value if isinstance(value, list) else []


def _run(material: Material) -> Table:
    manifest = material.manifest
    rows = [(name.replace("_", " "), _plain(manifest[name])) for name in (*RUN, *LIBRARIES) if manifest.get(name) is not None]
    rows += [("setting", str(each)) for each in _list(manifest, "settings")]
    seconds = manifest.get("seconds")
    if isinstance(seconds, Mapping):
        rows += [(f"seconds: {step}", f"{spent:.2f}") for step, spent in seconds.items() if isinstance(spent, int | float)]
    return Table("The run", ("what", "value"), (), rows)


def _digests(material: Material) -> Table:
    rows: list[tuple[str, str, str]] = []
    for kind in ("inputs", "files"):
        known = material.manifest.get(kind)
        for name, digest in known.items() if isinstance(known, Mapping) else ():
            changed = " (changed since the run)" if name in material.changed else ""
            rows.append(({"inputs": "input", "files": "result"}[kind], str(name), f"{digest}{changed}"))
    return Table("SHA-256 digests", ("kind", "file", "digest"), (), rows)
