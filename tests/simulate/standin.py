"""A stand-in for the virtual program that takes no time: columns by patient from named chance, and ways to fail on request."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from livingdrug.simulate.draws import Draws
from livingdrug.simulate.scenario import Scenario

__all__ = ["dying_once", "program", "slow", "unsolved"]


def program(scenario: Scenario, patients: range, *, threads: int | None = None) -> dict[str, Any]:
    """Age, fate and response of these patients: not a model of anything."""
    draws = Draws(scenario.seed, patients)
    infused = draws.happens("stand-in: infused", 0.8)
    return {
        "patient": np.arange(patients.start, patients.stop),
        "fate": np.where(infused, 5, 2).astype(np.int32),
        "age": draws.lognormal("stand-in: age", 11.0, 0.5),
        "response": np.where(infused, np.where(draws.happens("stand-in: remission", 0.8), 0, 3), -1).astype(np.int32),
        "solver_status": np.where(infused, 0.0, np.nan),
    }


def unsolved(scenario: Scenario, patients: range, *, threads: int | None = None) -> dict[str, Any]:
    """As `program`, but the solver gives up on every hundredth patient."""
    found = program(scenario, patients)
    return found | {"solver_status": np.where(found["patient"] % 100 == 0, 2.0, 0.0)}


def dying_once(scenario: Scenario, patients: range, *, threads: int | None = None) -> dict[str, Any]:
    """As `program`, but the first process to meet patient 1,500 ends as if it were killed."""
    mark = Path(os.environ["LIVINGDRUG_TEST_MARK"])
    if 1500 in patients and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return program(scenario, patients)


def slow(scenario: Scenario, patients: range, *, threads: int | None = None) -> dict[str, Any]:
    """As `program`, a fifth of a second a chunk."""
    time.sleep(0.2)
    return program(scenario, patients)
