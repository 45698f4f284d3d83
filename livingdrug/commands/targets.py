"""A finished run beside what is published: `targets.json`, and the lines that a terminal shows of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingdrug.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

    from livingdrug.analysis.measures import Measure
    from livingdrug.analysis.targets import Published
    from livingdrug.simulate.run import Engine, Progress
    from livingdrug.simulate.scenario import Scenario

__all__ = ["NAME", "REPLICATES_FROM", "print_measures", "print_targets", "replicates_of", "write_targets"]

NAME = "targets.json"
REPLICATES_FROM = 1_000_000_000
"""Number of the first patient of the virtual trials: no cohort reaches it, and the trials are the same beside any cohort."""
SPARE = 1.05
"""More patients than the expected ones, so that the last trial fills up too."""

NAMED = 5
"""Targets outside their interval that are named below the table."""

SHOWN = (
    "infused_of_enrolled",
    "manufacturing_failure",
    "days_to_infusion_median",
    "remission",
    "complete_remission",
    "mrd_negative",
    "efs_6",
    "efs_12",
    "efs_36",
    "os_6",
    "os_12",
    "os_36",
    "antigen_negative_24",
    "crs",
    "crs_penn_3",
    "intensive_care",
    "high_dose_vasopressors",
    "oxygen",
    "intubation",
    "neurotoxicity",
    "cmax_response_ratio",
    "auc28_response_ratio",
)
"""Measures of the short table; the report has all."""


def write_targets(
    folder: Path, published: Published, trials: pl.DataFrame | None, replicates: int, size: int, warnings: list[str]
) -> list[dict[str, Any]]:
    """Compare the cohort of a run folder with what is published, write it there, and return the rows.

    `trials` are further patients, from `replicates_of`; with them each row says what a trial of `size` infused would show.
    """
    from livingdrug.analysis.facts import facts
    from livingdrug.analysis.runs import read_runs
    from livingdrug.analysis.targets import compare
    from livingdrug.errors import Complaints
    from livingdrug.simulate import manifest
    from livingdrug.simulate.disk import sentences, write

    began = time.perf_counter()
    found = Complaints()
    (run,) = read_runs([folder], found)
    found.raise_any()
    rows = compare(facts(run.cohort), published.targets)
    held = _predict(rows, published, trials, replicates, size, warnings) if trials is not None else 0
    content = {"targets": rows, "replicates": held, "size": size if held else None, "patients": run.cohort.height}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with sentences(folder, len(text)):
        write(folder / NAME, text.encode())
        manifest.add(folder, files=[NAME], seconds={"compare": time.perf_counter() - began})
    return rows


def _predict(
    rows: list[dict[str, Any]], published: Published, trials: pl.DataFrame, replicates: int, size: int, warnings: list[str]
) -> int:
    """Put what trials of that size show into the rows; returns how many trials there are."""
    from livingdrug.analysis.facts import facts
    from livingdrug.analysis.targets import compare
    from livingdrug.analysis.targets import trials as split

    of = facts(trials)
    slices = split(of, replicates, size)
    if len(slices) < replicates:
        warnings.append(f"only {len(slices):,} of {replicates:,} trials came together; too few of the patients are infused")
    predicted = {row["id"]: row for row in compare(of, published.targets, slices)}
    for row in rows:
        row |= {name: predicted[row["id"]][name] for name in ("predicted_low", "predicted_high")}
    return len(slices)


def replicates_of(
    scenario: Scenario, folder: Path, replicates: int, size: int, *, engine: Engine, progress: Progress | None = None
) -> pl.DataFrame:
    """The patients of `replicates` trials of `size` infused each: other patients than those of the run in the folder."""
    import polars as pl

    from livingdrug.simulate.run import FILES, simulated
    from livingdrug.simulate.work import COHORT

    infused = pl.col("fate") == "infused"
    share = pl.scan_parquet(folder / FILES[COHORT]).select(infused.mean()).collect().item() or 0.0
    if share * replicates * size < 1:
        raise BadInput.at("--replicates", "nobody of this scenario is infused, so no trial fills up")
    wanted = round(SPARE * replicates * size / share) + size
    patients = range(REPLICATES_FROM, REPLICATES_FROM + wanted)
    return simulated(scenario, patients, engine=engine, progress=progress)


# Printing -----------------------------------------------------------------------------------------------------------------


def print_targets(rows: list[dict[str, Any]], size: int | None) -> None:
    """The main rows as a table, and how many of all intervals hold."""
    from livingdrug.commands.tables import print_table

    columns = ["", "published (95 %)", "simulated", *([f"trial of {size}"] if size else [])]
    cells = [_cells(row, bool(size)) for row in _main(rows)]
    print_table(columns, cells, right=columns[1:])
    print()
    for role, words in (("calibration", "calibration targets"), ("shown", "other published results")):
        judged = [row for row in rows if row["role"] == role and row["inside"] is not None]
        outside = [row["label"] for row in judged if not row["inside"]]
        if judged:
            says = f"{len(judged) - len(outside)} of {len(judged)} {words} lie inside their published 95 % interval"
            print(says + _named(outside))


def print_measures(folder: Path) -> None:
    """The main measures of a run that has nothing published to stand beside."""
    from livingdrug.analysis.measures import MEASURES
    from livingdrug.analysis.runs import read_runs
    from livingdrug.commands.tables import print_table
    from livingdrug.errors import Complaints

    found = Complaints()
    (run,) = read_runs([folder], found)
    found.raise_any()
    rows = [_measured(MEASURES[name], run.cohort) for name in SHOWN]
    print_table(["", "simulated"], [(_label(row), _number(row, "value")) for row in rows], right=["simulated"])


def _measured(measure: Measure, cohort: pl.DataFrame) -> dict[str, Any]:
    """A measure as a row of the table: shares in percent, the first sentence of what it is."""
    unit = "1" if measure.kind == "share" else "ratio" if measure.unit == "1" else measure.unit
    value = measure(cohort)
    return {"label": measure.about.partition(". ")[0].rstrip("."), "unit": unit, "value": value if value == value else None}


def _named(outside: list[str]) -> str:
    """The first of those outside; the report has all of them."""
    more = len(outside) - NAMED
    listed = "; ".join(outside[:NAMED]) + (f"; and {more} more" if more > 0 else "")
    return f"\n  outside: {listed}" if outside else ""


def _main(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each measure of the short table its target of most patients: of several cuts of one trial, the largest."""
    found: list[dict[str, Any]] = []
    for measure in SHOWN:
        fitting = [row for row in rows if row["measure"] == measure and row["published"] is not None]
        found += [max(fitting, key=lambda row: row["n"])] if fitting else []
    return found


def _cells(row: dict[str, Any], trials: bool) -> list[str]:
    mark = {True: " ✓", False: " ✗", None: "  "}[row["inside"]]
    published = f"{_number(row, 'published')} ({_range(row, 'low', 'high')})"
    predicted = [_range(row, "predicted_low", "predicted_high")] if trials else []
    return [_label(row), published, _number(row, "simulated") + mark, *predicted]


def _label(row: dict[str, Any]) -> str:
    unit = {"1": "%", "ratio": "ratio"}.get(row["unit"], row["unit"])
    return f"{row['label']} ({unit})"


def _range(row: dict[str, Any], low: str, high: str) -> str:
    return f"{_number(row, low)} to {_number(row, high)}" if row[low] is not None or row[high] is not None else "–"


def _number(row: dict[str, Any], key: str) -> str:
    from livingdrug.commands.tables import shown

    value = row[key]
    if value is None:
        return "–"
    if row["unit"] == "1":
        return f"{100 * value:.1f}"
    return f"{value:.1f}" if row["unit"] == "days" else shown(value, 3)
