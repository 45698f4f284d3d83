"""Finished runs read back: the cohort of a folder and what its manifest says, with everything that is wrong at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from livingdrug.cohort import schema
from livingdrug.errors import Complaints

__all__ = ["Run", "read_runs"]


@dataclass(frozen=True)
class Run:
    """A cohort with a name to show: a run folder, or a file of observed patients, which has no manifest."""

    name: str
    cohort: pl.DataFrame
    manifest: dict[str, Any]


def read_runs(folders: Sequence[Path], found: Complaints) -> list[Run]:
    """The runs of those folders, named by their last part where that tells them apart; what is wrong goes into `found`."""
    return [run for folder, name in zip(folders, _names(folders), strict=True) if (run := _read(folder, name, found))]


def _names(folders: Sequence[Path]) -> list[str]:
    """The last part of each path, or the whole where that would not tell them apart."""
    short = [folder.resolve().name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def _read(folder: Path, name: str, found: Complaints) -> Run | None:
    table, manifest = folder / "cohort.parquet", folder / "manifest.json"
    if not folder.is_dir():
        found.add(str(folder), "there is no such folder; livingdrug simulate SCENARIO --out FOLDER makes one")
        return None
    for file in (table, manifest):
        if not file.is_file():
            found.add(str(folder), f"holds no {file.name}, so it is not a finished run")
    if not table.is_file() or not manifest.is_file():
        return None
    cohort, facts = _cohort(table, found), _manifest(manifest, found)
    return None if cohort is None or facts is None else Run(name, cohort, facts)


def _cohort(file: Path, found: Complaints) -> pl.DataFrame | None:
    try:
        table = pl.read_parquet(file)
        kinds = {name: kind for name, kind in schema().items() if name in table.columns}
        if "patient" not in kinds:
            found.add(str(file), "has no column patient, so it is not a cohort")
            return None
        return table.select(list(kinds)).cast(kinds)  # type: ignore[arg-type]
    except (OSError, pl.exceptions.PolarsError) as error:
        found.add(str(file), f"cannot be read as a cohort: {str(error).splitlines()[0]}")
        return None


def _manifest(file: Path, found: Complaints) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        found.add(str(file), f"cannot be read: {error}")
        return None
    if not isinstance(content, dict):
        found.add(str(file), "is not a manifest: it holds no JSON object")
        return None
    return content
