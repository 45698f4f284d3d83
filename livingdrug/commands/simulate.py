"""`livingdrug simulate`: a scenario's patients into a folder, beside what is published, with a report to open."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from livingdrug.commands.ending import ExitStatus
from livingdrug.errors import BadInput, Complaints

if TYPE_CHECKING:
    from livingdrug.analysis.targets import Published
    from livingdrug.network.schema import Network
    from livingdrug.simulate.run import Engine, Outcome
    from livingdrug.simulate.scenario import Scenario

__all__ = ["simulate"]

COURSES = 400
"""Patients whose courses a report is drawn from, unless --trajectories says otherwise."""
NETWORK = "us-launch-2017"
"""Where virtual journeys take place, unless --network says otherwise."""
MOST = 100_000_000
LARGEST_TRIALS = 10_000_000
"""Infused patients of all virtual trials together, which are held in memory."""


def simulate(
    scenario: str,
    *,
    patients: int | None = None,
    seed: int | None = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    out: Path | None = None,
    trajectories: int | None = None,
    replicates: int = 0,
    size: int | None = None,
    workers: int | None = None,
    threads: int | None = None,
    cluster: str | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    report: bool = True,
    journeys: Annotated[bool, Parameter(negative="")] = False,
    network: str = NETWORK,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> ExitStatus:
    """Simulate a scenario: its patients from collection to settlement, beside what is published.

    Parameters
    ----------
    scenario
        A scenario of the library, or the path of a file.
    patients
        How many patients; without it, as many as the scenario says.
    seed
        Of the patients: the same seed is the same patients in every scenario.
    set_
        Change something of the scenario, as PATH=VALUE; may be repeated.
    out
        The folder to write into; without it, out/SCENARIO.
    trajectories
        Of how many of the first patients to keep the courses; without it, 400 when a report is written.
    replicates
        How many virtual trials to simulate besides, to show what luck alone does to a trial.
    size
        Infused patients of each of these trials; without it, as many as the published trial had.
    workers
        Processes to simulate in; without it, threads of this one, which start sooner.
    threads
        Threads of all workers together; without it, one per core.
    cluster
        The address of a dask scheduler, tcp://HOST:8786, or local for a cluster of this machine.
    resume
        Go on with an interrupted run in the same folder.
    report
        Write report.html.
    journeys
        Write the events of every patient too, as journeys.jsonl.gz.
    network
        The network, a name or a file, whose centers treat in these journeys.
    quiet
        Print only where the result is.
    """
    from livingdrug.simulate.run import Engine, run
    from livingdrug.simulate.scenario import load

    chosen = load(scenario, tuple(set_ or ()))
    _check(patients, seed, trajectories, replicates, size, workers, threads, cluster)
    published, where = _published(chosen, replicates, size), _network(network, journeys)
    chosen = replace(chosen, seed=chosen.seed if seed is None else seed)
    folder, engine = out or Path("out") / chosen.name, Engine(threads, workers, cluster)
    courses = (COURSES if report else 0) if trajectories is None else trajectories
    _say_if_it_compiles(quiet)
    from livingdrug.commands.progress import bar

    began = time.perf_counter()
    with bar(chosen.name, quiet=quiet) as tell:
        done = run(chosen, folder, patients=patients, trajectories=courses, engine=engine, resume=resume, progress=tell)
    if not quiet:
        _print_run(chosen, done, time.perf_counter() - began)
    if where:
        _write_journeys(chosen, done, where, threads, quiet)
    if published:
        _compare(chosen, folder, published, replicates, size or published.size, engine, quiet)
    elif not quiet:
        from livingdrug.commands.targets import print_measures

        print_measures(folder)
    _end(folder, report, quiet)
    return ExitStatus.FINE


# Checking -----------------------------------------------------------------------------------------------------------------


def _check(
    patients: int | None,
    seed: int | None,
    trajectories: int | None,
    replicates: int,
    size: int | None,
    workers: int | None,
    threads: int | None,
    cluster: str | None,
) -> None:
    """Raise everything that is wrong with the numbers at once."""
    found = Complaints()
    limits = {
        "--patients": (patients, 1, MOST),
        "--seed": (seed, 0, 2**63 - 1),
        "--trajectories": (trajectories, 0, MOST),
        "--replicates": (replicates, 0, LARGEST_TRIALS),
        "--size": (size, 1, LARGEST_TRIALS),
        "--workers": (workers, 1, 1024),
        "--threads": (threads, 1, 1024),
    }
    for option, (value, low, high) in limits.items():
        if value is not None and not low <= value <= high:
            found.add(f"{option} {value}", f"give a whole number from {low} to {high:,}")
    if replicates * (size or 1) > LARGEST_TRIALS:
        found.add(
            "--replicates", f"{replicates:,} trials are more than {LARGEST_TRIALS:,} patients; take fewer or smaller ones"
        )
    if size is not None and not replicates:
        found.add("--size", "belongs to virtual trials; say how many with --replicates")
    if cluster is not None:
        from livingdrug.simulate.cluster import check_address

        try:
            check_address(cluster)
        except BadInput as error:
            found.add_from("", error)
    found.raise_any()


def _published(scenario: Scenario, replicates: int, size: int | None) -> Published | None:
    """What the scenario stands beside, read before anything runs."""
    if not scenario.published:
        if replicates:
            raise BadInput.at("--replicates", f"{scenario.name} names no published results that a trial could be compared with")
        return None
    from livingdrug.analysis.targets import read

    return read(scenario.published)


def _network(name: str, wanted: bool) -> Network | None:
    """The network of the journeys, read before anything runs."""
    if not wanted:
        if name != NETWORK:
            raise BadInput.at("--network", "belongs to journeys; ask for them with --journeys")
        return None
    from livingdrug.network.load import load

    return load(name)


def _say_if_it_compiles(quiet: bool) -> None:
    from livingdrug.commands.models import say_if_it_compiles
    from livingdrug.simulate.body import METHOD, lean_course

    if not quiet:
        say_if_it_compiles(lean_course(), METHOD)


# Afterwards ---------------------------------------------------------------------------------------------------------------


def _print_run(scenario: Scenario, done: Outcome, took: float) -> None:
    before = f", {done.resumed:,} of them from the interrupted run" if done.resumed else ""
    print(f"{scenario.title}\n{done.patients:,} virtual patients, seed {scenario.seed}, in {took:.1f} s{before}")
    if not scenario.calibrated:
        print("Not calibrated: read differences between scenarios, not the numbers themselves.")
    print()
    for says, count in done.unsolved.items():
        print(f"livingdrug: {count:,} patients were not solved: each {says}", file=sys.stderr)


def _write_journeys(scenario: Scenario, done: Outcome, network: Network, threads: int | None, quiet: bool) -> None:
    from livingdrug.commands.progress import bar
    from livingdrug.simulate.disk import in_words
    from livingdrug.simulate.journey_log import write_log

    with bar("journeys", quiet=quiet) as tell:
        log = write_log(scenario, done.folder, range(done.patients), network, threads=threads, progress=tell)
    if not quiet:
        speed = f"{log.events / log.seconds:,.0f} events/s"
        print(f"{log.events:,} events in {log.file.name}, {in_words(log.size)}, in {log.seconds:.1f} s ({speed})\n")


def _compare(
    scenario: Scenario, folder: Path, published: Published, replicates: int, size: int, engine: Engine, quiet: bool
) -> None:
    from livingdrug.commands.progress import bar, waiting
    from livingdrug.commands.targets import print_targets, replicates_of, write_targets

    trials, warnings = None, []
    if replicates:
        with bar(f"{replicates:,} trials", quiet=quiet) as tell:
            trials = replicates_of(scenario, folder, replicates, size, engine=engine, progress=tell)
    with waiting("comparing with what is published", quiet=quiet):
        rows = write_targets(folder, published, trials, replicates, size, warnings)
    if not quiet:
        print_targets(rows, size if replicates else None)
    for each in warnings:
        print(f"livingdrug: {each}", file=sys.stderr)


def _end(folder: Path, report: bool, quiet: bool) -> None:
    """The report, and where it is."""
    if not report:
        print(folder if quiet else f"\nwrote {folder}")
        return
    from livingdrug.commands.progress import waiting
    from livingdrug.report.document import write

    with waiting("drawing the report", quiet=quiet):
        path = write(folder)
    print(path if quiet else f"\nThe report: {path}")
