"""Run a scenario into a folder: `run(scenario, folder)` simulates its patients in chunks and leaves one table of all of them.

The table is the same, bit for bit, for any size of the chunks, any number of threads, processes or machines of one kind, and
for a run that was interrupted and resumed. Under its final name a file is whole or not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from livingdrug.errors import BadInput, SolveInterrupted
from livingdrug.simulate import manifest
from livingdrug.simulate.chunks import Shelf, chunk_size, from_bytes, join, only_here, parts, shelf
from livingdrug.simulate.disk import check_room, sentences
from livingdrug.simulate.work import COHORT, COURSES, Program, Task, portable
from livingdrug.simulate.workers import Work, cores, in_processes, in_threads

if TYPE_CHECKING:
    from livingdrug.simulate.scenario import Scenario

__all__ = ["FILES", "Engine", "Outcome", "bytes_needed", "run", "simulated"]

FILES = {COHORT: "cohort.parquet", COURSES: "trajectories.parquet"}
MADE_AFTERWARDS = ("targets.json", "journeys.jsonl.gz", "report.html")
"""Files that are made from a finished run; those of an earlier run in the same folder would not fit."""
BYTES_PER_PATIENT = 500
"""On the disk while running: chunks and the joined table together, measured."""
BYTES_PER_COURSE = 40_000
COURSES_AT_ONCE = 512
"""Patients in a chunk of courses: a course has some two hundred days."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Engine:
    """Where chunks are simulated: in `threads` of this process, in `workers` processes, or on a `cluster`."""

    threads: int | None = None
    workers: int | None = None
    cluster: str | None = None

    def lanes(self) -> int:
        """About how many chunks are simulated at a time."""
        return self.workers or self.threads or cores()

    def work(self, task: Task, chunks: Sequence[range]) -> Work:
        """Every chunk once, in the order in which they are finished."""
        if self.cluster:
            from livingdrug.simulate.cluster import on_cluster

            return on_cluster(task, chunks, self.cluster, self.workers or 0)
        if self.workers:
            return in_processes(task, chunks, self.workers, self.threads or cores())
        return in_threads(task, chunks, self.threads or cores())


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its patients, those of them that came from an interrupted run, and what took how long."""

    folder: Path
    patients: int
    resumed: int
    unsolved: dict[str, int]
    seconds: dict[str, float]


def bytes_needed(patients: int, courses: int = 0) -> int:
    """About how many bytes a run takes on the disk, at most."""
    return patients * BYTES_PER_PATIENT + courses * BYTES_PER_COURSE


def run(
    scenario: Scenario,
    out: Path,
    *,
    patients: int | None = None,
    trajectories: int = 0,
    engine: Engine | None = None,
    chunk: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    program: Program | None = None,
) -> Outcome:
    """Simulate patients 0 to `patients` of the scenario into the folder `out`, which then holds the cohort and its manifest.

    trajectories: of how many of the first patients to keep the courses. chunk: patients simulated at a time. resume: go on with
    an interrupted run of the same scenario. progress: called with (patients done, patients). program: in place of
    `program.simulate`, in tests.

    Raises `BadInput` when the folder cannot be used or holds an interrupted run of something else, and `SolveInterrupted`
    on Ctrl-C; finished chunks are kept.
    """
    count = scenario.patients if patients is None else patients
    if count < 1 or trajectories < 0:
        raise ValueError(f"{count} patients and {trajectories} courses cannot be simulated")
    courses = min(trajectories, count)
    engine = engine or Engine()
    identity = manifest.identity(scenario, count, courses)
    _check_folder(out)
    if resume and (before := _finished(out, identity)):
        return before
    with ExitStack() as held:
        with sentences(out, bytes_needed(count, courses)):
            out.mkdir(parents=True, exist_ok=True)
            held.enter_context(only_here(out))
            kept = shelf(out, identity, chunk or chunk_size(count, engine.lanes()), resume=resume)
        plan = _Plan(out, kept, count, courses)
        check_room(out, plan.bytes - _taken(kept))
        resumed, took = _simulate(Task(portable(scenario), program=program), engine, plan, progress)
        with sentences(out, plan.bytes):
            outcome = _joined(plan, resumed, took)
            manifest.write_manifest(out, manifest.facts(scenario, outcome, plan.files) | {"identity": identity})
        kept.remove()
    return outcome


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BadInput.at(str(out), "is a file, not a folder; choose another with --out")


def _taken(kept: Shelf) -> int:
    return sum(file.stat().st_size for file in kept.folder.glob("*.parquet"))


def _finished(out: Path, identity: dict[str, Any]) -> Outcome | None:
    """The run that the folder holds, when it is finished and the same."""
    content = manifest.read(out)
    if content is None or content.get("identity") != identity or not (out / FILES[COHORT]).is_file():
        return None
    patients = int(content["patients"])
    return Outcome(out, patients, patients, _unsolved(out / FILES[COHORT]), dict(content["seconds"]))


# The story ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What a run is to leave in its folder."""

    out: Path
    shelf: Shelf
    patients: int
    courses: int

    @property
    def bytes(self) -> int:
        return bytes_needed(self.patients, self.courses)

    @property
    def chunks(self) -> dict[str, list[range]]:
        """The chunks of each table that is wanted."""
        all_of = {COHORT: parts(range(self.patients), self.shelf.size), COURSES: parts(range(self.courses), COURSES_AT_ONCE)}
        return {kind: chunks for kind, chunks in all_of.items() if chunks}

    @property
    def files(self) -> list[Path]:
        return [self.out / FILES[kind] for kind in self.chunks]


def _simulate(task: Task, engine: Engine, plan: _Plan, progress: Progress | None) -> tuple[int, float]:
    """Put every missing chunk on the shelf; returns how many patients were there already, and the seconds it took."""
    began = time.perf_counter()
    missing = {kind: plan.shelf.missing(kind, chunks) for kind, chunks in plan.chunks.items()}
    done = resumed = plan.patients - sum(map(len, missing[COHORT]))
    try:
        for kind, chunks in missing.items():
            with closing(_work(task, engine, kind, chunks)) as work:
                for chunk, content in work:
                    with sentences(plan.out, plan.bytes):
                        plan.shelf.put(kind, chunk, content)
                    done += len(chunk) if kind == COHORT else 0
                    if progress:
                        progress(done, plan.patients)
    except (KeyboardInterrupt, SolveInterrupted):
        says = f"interrupted after {done:,} of {plan.patients:,} patients; the same command with --resume goes on from there"
        raise SolveInterrupted(says) from None
    return resumed, time.perf_counter() - began


def _work(task: Task, engine: Engine, kind: str, chunks: list[range]) -> Work:
    """Courses are few: they are solved here, however the cohort is."""
    if kind == COURSES:
        return in_threads(replace(task, makes=COURSES), chunks, engine.threads or cores())
    return engine.work(task, chunks)


def _joined(plan: _Plan, resumed: int, took: float) -> Outcome:
    """The chunks joined into the tables, in the place of what an earlier run left."""
    began = time.perf_counter()
    for name in (manifest.NAME, *FILES.values(), *MADE_AFTERWARDS):
        # The manifest first: a folder without one is not a finished run.
        (plan.out / name).unlink(missing_ok=True)
    for kind, chunks in reversed(plan.chunks.items()):
        join([plan.shelf.file(kind, chunk) for chunk in chunks], plan.out / FILES[kind], plan.shelf.folder)
    seconds = {"simulate": took, "write": time.perf_counter() - began}
    return Outcome(plan.out, plan.patients, resumed, _unsolved(plan.out / FILES[COHORT]), seconds)


def _unsolved(cohort: Path) -> dict[str, int]:
    """How many patients the solver gave up on, by what it says of them."""
    from livingdrug.biology.solve import ADVICE

    status = pl.col("solver_status")
    counts = pl.scan_parquet(cohort).filter(status > 0).group_by(status).len().sort("solver_status").collect()
    return {ADVICE[code]: count for code, count in counts.rows()}


# In memory ----------------------------------------------------------------------------------------------------------------


def simulated(
    scenario: Scenario,
    patients: range,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    program: Program | None = None,
) -> pl.DataFrame:
    """The cohort of these patients in memory; the same as the rows of a run."""
    engine = engine or Engine()
    chunks = parts(patients, chunk_size(len(patients), engine.lanes()))
    found: dict[int, pl.DataFrame] = {}
    done = 0
    with closing(engine.work(Task(portable(scenario), program=program), chunks)) as work:
        for chunk, content in work:
            found[chunk.start] = from_bytes(content)
            done += len(chunk)
            if progress:
                progress(done, len(patients))
    return pl.concat([found[chunk.start] for chunk in chunks])
