"""What a report is made of: a run folder read and checked as a whole, and the words of its therapy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from livingdrug.analysis.facts import Facts, facts
from livingdrug.analysis.runs import read_runs
from livingdrug.errors import Complaints, LivingdrugError

__all__ = ["Material", "Row", "Words", "read", "words"]

Row = Mapping[str, Any]
"""A target of targets.json with its published and its simulated value."""

COURSE = ("patient", "day", "transgene", "tumor", "b_cells", "temperature", "vasoactive", "oxygen")
"""What the figures of courses need of the trajectories."""
NUMBERS = ("published", "low", "high", "n", "simulated", "predicted_low", "predicted_high")
FILES = ("cohort.parquet", "trajectories.parquet", "targets.json")


@dataclass(frozen=True)
class Words:
    """How the therapy's own field speaks of it; neutral where the therapy is not of the library."""

    therapy: str = "the therapy"
    tumor: str = "tumor"
    healthy: str = "healthy antigen-bearing cells"
    antigen: str = "antigen"
    currency: str = ""


@dataclass(frozen=True)
class Material:
    """A run: its cohort (as a table, and as facts), courses of some patients or None, targets, manifest, and words."""

    folder: Path
    cohort: pl.DataFrame
    trajectories: pl.DataFrame | None
    targets: Sequence[Row]
    trials: Mapping[str, Any]
    manifest: Mapping[str, Any]
    words: Words = Words()
    changed: Sequence[str] = ()
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", facts(self.cohort))

    @property
    def calibrated(self) -> bool:
        """Only a manifest that says so makes a run calibrated."""
        return self.manifest.get("calibrated") is True

    @property
    def start(self) -> str:
        """The first stage that the run counts: eligible, enrolled or infused."""
        return str(self.manifest.get("start", "enrolled"))

    def targets_of(self, *measures: str) -> list[Row]:
        """The targets of these measures that have a published value, the one of most patients first."""
        known = [row for row in self.targets if row["measure"] in measures and row.get("published") is not None]
        return sorted(known, key=lambda row: -(row.get("n") or 0))


def read(folder: Path) -> Material:
    """The run of a folder; raises `BadInput` with everything that is missing or damaged at once."""
    found = Complaints()
    runs = read_runs([folder], found)
    there = folder.is_dir()
    content = _targets(folder / "targets.json", found) if there else {}
    trajectories = _trajectories(folder / "trajectories.parquet", found) if there else None
    if runs and not runs[0].cohort.height:
        found.add(str(folder / "cohort.parquet"), "holds no patient; simulate at least one")
    found.raise_any()
    (run,) = runs
    rows = content.get("targets", [])
    trials = {name: content[name] for name in ("replicates", "size", "patients") if name in content}
    changed = _changed(folder, run.manifest)
    spoken = words(str(run.manifest.get("therapy", "")))
    return Material(folder, run.cohort, trajectories, rows, trials, run.manifest, spoken, changed)


def words(therapy: str) -> Words:
    """The words of a therapy of the library; neutral ones for any other."""
    from livingdrug.therapy.load import load

    try:
        known = load(therapy)
    except LivingdrugError:  # a file of the user's own, moved since: the report needs only a few words of it
        return Words(therapy=therapy or "the therapy")
    return Words(known.title, known.tumor, known.healthy_cells, known.antigen, known.currency)


# Reading --------------------------------------------------------------------------------------------------------------


def _targets(file: Path, found: Complaints) -> dict[str, Any]:
    """The content of targets.json, every row with its numbers; nothing where the run was compared with nothing."""
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        found.add(
            str(file), f"cannot be read: {error}; run the simulation again, or delete the file for a report without targets"
        )
        return {}
    rows = content.get("targets") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        found.add(str(file), "holds no list of targets; run the simulation again")
        return {}
    before = len(found.found)
    for i, row in enumerate(rows, start=1):
        _check(row, f"{file}: target {row.get('id', i) if isinstance(row, dict) else i}", found)
    return content if len(found.found) == before else {}


def _check(row: Any, where: str, found: Complaints) -> None:
    if not isinstance(row, dict):
        found.add(where, "is not an object")
        return
    for name in ("id", "group", "label", "measure", "unit", "role"):
        if not isinstance(row.get(name), str):
            found.add(f"{where}: {name}", "is missing or is not text")
    for name in NUMBERS:
        value = row.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            found.add(f"{where}: {name}", f"{value!r} is not a number")


def _trajectories(file: Path, found: Complaints) -> pl.DataFrame | None:
    if not file.is_file():
        return None
    try:
        names = set(pl.read_parquet_schema(file))
        missing = [name for name in COURSE if name not in names]
        if missing:
            found.add(str(file), f"has no column {', '.join(missing)}, so it does not hold courses; run the simulation again")
            return None
        table = pl.read_parquet(file, columns=list(COURSE))
    except (OSError, pl.exceptions.PolarsError) as error:
        found.add(
            str(file), f"cannot be read as courses: {str(error).splitlines()[0]}; run the simulation again, or delete the file"
        )
        return None
    return table if table.height else None


def _changed(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """The files of the folder that are not what the manifest's digests say."""
    digests = manifest.get("files")
    known = digests if isinstance(digests, dict) else {}
    return [name for name in FILES if name in known and (folder / name).is_file() and _digest(folder / name) != known[name]]


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
