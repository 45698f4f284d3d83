"""Made-up run folders for the tests of the report: cohort, courses, targets and manifest as `livingdrug simulate` writes them.

Nothing here is a model of anything; the courses follow the cohort's own peaks, episodes and outcomes.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from livingdrug.analysis.targets import compare, published, read, trials
from livingdrug.cohort import OXYGEN, VASOACTIVE
from tests.synthetic import synthetic_cohort

DAYS = np.concatenate([np.arange(0.0, 67.0, 0.5), np.arange(67.0, 366.0, 7.0), np.arange(379.0, 1097.0, 14.0)])


def manifest(**facts: Any) -> dict[str, Any]:
    """A manifest as a run writes it, with some facts replaced."""
    return {
        "livingdrug": "0.1.0", "python": "3.13.5", "numpy": "2.3.5", "numba": "0.63.1", "polars": "1.40.0",
        "scenario": "eliana", "title": "Tisagenlecleucel in pediatric and young-adult B-cell ALL, as in the trial ELIANA",
        "therapy": "tisagenlecleucel", "policy": "label-2017", "seed": 2017, "patients": 2000, "horizon_days": 1096.0,
        "start": "enrolled", "calibrated": True, "rtol": 1e-6, "settings": [], "inputs": {"eliana.toml": "0" * 64}, "files": {},
        "not_modeled": ["Infections & late neurological events.", "Capacity: chairs, suites and beds."],
        "sources": [
            {"key": "therapy.dose.weight_limit", "value": 50.0, "unit": "kg", "source": "A label", "confirmed": True},
            {"key": "population.waiting.slot_median", "value": 21.0, "unit": "days", "source": "Assumed", "confirmed": False},
        ],
        "warnings": [], "unsolved": 0, "seconds": {"course": 1.25, "toxicity": 0.5},
    } | facts  # fmt: skip


def targets(cohort: pl.DataFrame, replicates: int = 0) -> dict[str, Any]:
    """The published results of ELIANA beside this cohort; with replicates, also what trials of that size would show."""
    file = read("eliana")
    those = trials(cohort, replicates, file.size) if replicates else None
    rows = compare(cohort, published("eliana"), those)
    found: dict[str, Any] = {"targets": rows, "patients": cohort.height}
    return found | ({"replicates": len(those), "size": file.size} if those else {"replicates": None, "size": None})


def trajectories(cohort: pl.DataFrame, patients: int) -> pl.DataFrame:
    """Courses of the infused among the first patients."""
    infused = cohort.head(patients).filter(pl.col("fate").cast(pl.String) == "infused")
    return pl.concat([_course(row) for row in infused.iter_rows(named=True)])


def _course(row: dict[str, Any]) -> pl.DataFrame:
    days = DAYS[row["followed_days"] >= DAYS]
    since = days - row["tmax"]
    before, after = np.minimum(since, 0.0), np.maximum(since, 0.0)
    transgene = row["cmax"] * 2 ** (before / 0.78) * (0.992 * 2 ** (-after / 4.3) + 0.008 * 2 ** (-after / 220))
    remits = row["response"] in ("CR", "CRi")
    tumor = (
        1e12
        * max(row["blasts_infused"], 1e-3)
        * np.exp(0.05 * np.minimum(days, 200) - (np.clip(days - 4, 0, 30) * 1.3 if remits else 0))
    )
    if row["relapse_day"] is not None:
        tumor = np.where(
            days > row["relapse_day"] - 60, 1e3 * np.exp(0.3 * np.clip(days - row["relapse_day"] + 60, 0, 200)), tumor
        )
    recovery = row["b_cell_recovery_day"] or 1e5
    b_cells = np.maximum(np.exp(-np.clip(days - 3, 0, None)), 1 / (1 + np.exp(np.minimum((recovery + 40 - days) / 15, 50))))
    onset, length = row["crs_onset"], row["crs_days"]
    ill = (days >= onset) & (days <= onset + length) if onset is not None else np.zeros(len(days), bool)
    middle = onset + length / 2 if onset is not None else 0.0
    near = np.clip(1 - np.abs(days - middle) / max(length or 1.0, 1.0) * 2, 0, 1) * ill
    levels = {
        "vasoactive": np.round(VASOACTIVE.index(row["vasoactive"]) * np.sqrt(near)),
        "oxygen": np.round(OXYGEN.index(row["oxygen"]) * np.sqrt(near)),
    }
    flat = np.full(len(days), 1.0)
    columns = {
        "patient": np.full(len(days), row["patient"]), "day": days, "transgene": transgene, "car_t": 1e5 * transgene,
        "tumor": np.minimum(tumor, 2e12), "tumor_negative": flat, "b_cells": b_cells, "IL6": flat, "IL6_signal": flat,
        "CRP": flat, "ferritin": flat, "temperature": np.where(ill, row["temperature_peak"], 36.9),
    }  # fmt: skip
    small = {name: values.astype(np.int32) for name, values in (levels | {"neurotoxicity": 0 * flat}).items()}
    return pl.DataFrame({**columns, **small})


def run_folder(
    folder: Path,
    *,
    patients: int = 600,
    seed: int = 3,
    start: str = "enrolled",
    courses: int = 60,
    replicates: int = 0,
    **facts: Any,
) -> Path:
    """A folder of a finished run; without courses, no trajectories were kept."""
    folder.mkdir(parents=True, exist_ok=True)
    cohort = synthetic_cohort(patients, seed, start=start)
    cohort.write_parquet(folder / "cohort.parquet")
    if courses:
        trajectories(cohort, courses).write_parquet(folder / "trajectories.parquet")
    content = targets(cohort, replicates)
    (folder / "targets.json").write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    written = manifest(**({"patients": patients, "seed": seed, "start": start, "files": files} | facts))
    (folder / "manifest.json").write_text(json.dumps(written), encoding="utf-8")
    return folder
