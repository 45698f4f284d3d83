"""What is to be done for a chunk of patients, the same in a thread, in another process and on another machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from livingdrug.errors import BadInput
from livingdrug.simulate.chunks import as_bytes
from livingdrug.simulate.origin import code_digest

if TYPE_CHECKING:
    from livingdrug.simulate.scenario import Scenario

__all__ = ["COHORT", "COURSES", "Program", "Task", "portable", "prepare", "solved"]

COHORT, COURSES = "cohort", "courses"
"""What a task makes of a chunk: one row per patient, or the course of each day by day."""

Program = Callable[..., Mapping[str, Any]]
"""`simulate(scenario, patients, threads=…)` to the columns of a cohort: `program.simulate`, unless a test brings its own."""


@dataclass(frozen=True)
class Task:
    """What is made of every chunk of a run; `code` is the digest of the code that all workers must have."""

    scenario: Scenario
    makes: str = COHORT
    threads: int = 1
    program: Program | None = None
    code: str = ""


def portable(scenario: Scenario) -> Scenario:
    """The same scenario with plain dictionaries, so that it can be sent to other processes."""
    population = scenario.population
    plain = {name: dict(getattr(population, name)) for name in ("sources", "measured", "calibration")}
    own = {name: dict(getattr(scenario, name)) for name in ("own_sources", "replaced")}
    return replace(scenario, population=replace(population, **plain), **own)


def solved(task: Task, patients: range) -> bytes:
    """The table of these patients, as `chunks.as_bytes` makes it."""
    if task.code and task.code != code_digest():
        raise BadInput.at("--cluster", "a worker has another livingdrug than this one; install the same on every worker")
    if task.makes == COURSES:
        from livingdrug.simulate.program import trajectories

        return as_bytes(trajectories(task.scenario, patients, threads=task.threads))
    from livingdrug.cohort import frame

    return as_bytes(frame(_program(task)(task.scenario, patients, threads=task.threads)))


def _program(task: Task) -> Program:
    if task.program is not None:
        return task.program
    from livingdrug.simulate.program import simulate

    return simulate


def prepare(task: Task) -> None:
    """Load what every chunk needs, once and before there are threads."""
    if task.program is None:
        solved(replace(task, threads=1), range(1))
