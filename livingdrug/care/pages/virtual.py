"""Virtual patients to draw beside recorded ones: simulated once, by a process of its own; no page ever waits for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from livingdrug import __version__
from livingdrug.biology.cache import cache_folder
from livingdrug.care import chain
from livingdrug.simulate.scenario import names, path_of

__all__ = ["PATIENTS", "Virtual", "find", "scenarios", "start"]

PATIENTS = 1000
"""So many that their curves are smooth, and so few that they are there in seconds."""
AGAIN = 600.0
"""Seconds after a failure until it is tried again."""

ENVIRONMENT = ("HOME", "PATH", "LANG", "TMPDIR", "XDG_CACHE_HOME", "LIVINGDRUG_CACHE", "NUMBA_CACHE_DIR", "VIRTUAL_ENV")
"""What the simulating process may know: no key, no password, no database."""

_running: dict[str, subprocess.Popen[bytes]] = {}
_failed: dict[str, float] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Virtual:
    """The cohort of a scenario, its manifest, and a mark by which another run is told from it."""

    scenario: str
    cohort: pl.DataFrame
    manifest: dict[str, Any]
    mark: str


@lru_cache
def scenarios(therapy: str) -> tuple[str, ...]:
    """The scenarios of the library that treat with that therapy; those of care as it is come before the trials."""
    files = {name: tomllib.loads(path_of(name).read_text(encoding="utf-8")) for name in names()}
    fitting = [name for name, file in files.items() if file.get("therapy") == therapy]
    return tuple(sorted(fitting, key=lambda name: (files[name].get("start") != "eligible", "published" in files[name], name)))


def find(scenario: str) -> Virtual | None:
    """The virtual patients of a scenario, if they are there."""
    folder = _folder(scenario)
    try:
        mark = str((folder / "manifest.json").stat().st_mtime_ns)
        return _read(scenario, folder, mark)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None


@lru_cache(maxsize=8)
def _read(scenario: str, folder: Path, mark: str) -> Virtual:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Virtual(scenario, pl.read_parquet(folder / "cohort.parquet"), manifest, mark)


def start(scenario: str) -> bool:
    """See to it that a scenario is being simulated; False where that has just failed."""
    with _lock:
        before = _running.get(scenario)
        if before is not None and before.poll() is None:
            return True
        if before is not None and find(scenario) is None:
            _failed[scenario] = time.monotonic()
        _running.pop(scenario, None)
        if time.monotonic() - _failed.get(scenario, -AGAIN) < AGAIN:
            return False
        _running[scenario] = _simulating(scenario)
        return True


def _simulating(scenario: str) -> subprocess.Popen[bytes]:
    folder = _folder(scenario)
    folder.parent.mkdir(parents=True, exist_ok=True)
    program = "import os; os.nice(10); from livingdrug.cli import main; main()"
    options = ["--patients", str(PATIENTS), "--trajectories", "0", "--threads", "1", "--no-report", "--quiet"]
    return subprocess.Popen(
        [sys.executable, "-c", program, "simulate", scenario, *options, "--out", str(folder)],
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _folder(scenario: str) -> Path:
    """Where they are kept: another version, scenario or number is another folder."""
    text = path_of(scenario).read_text(encoding="utf-8")
    return cache_folder() / "cohorts" / f"{scenario}-{PATIENTS}-{chain.digest(f'{__version__} {text}')[:12]}"
