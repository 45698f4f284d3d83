"""A dask cluster gives the same table as threads, also when one of its workers is killed while it works."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin import program, slow

from livingdrug.errors import BadInput
from livingdrug.simulate import cluster, run
from livingdrug.simulate.run import Engine
from livingdrug.simulate.scenario import Scenario, load


@pytest.fixture(scope="module")
def eliana() -> Scenario:
    return load("eliana")


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """A scheduler and two worker processes of this machine, as a user starts them."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as there:
        yield there


def test_a_cluster_that_exists_gives_the_same_table(eliana: Scenario, tmp_path: Path, local: Any) -> None:
    on_it = Engine(cluster=local.scheduler_address)
    run.run(eliana, tmp_path / "cluster", patients=1500, chunk=400, engine=on_it)
    run.run(eliana, tmp_path / "threads", patients=1500)
    assert (tmp_path / "cluster/cohort.parquet").read_bytes() == (tmp_path / "threads/cohort.parquet").read_bytes()


def test_a_worker_killed_while_it_works_changes_nothing(eliana: Scenario, tmp_path: Path, local: Any) -> None:
    killed: list[int] = []

    def kill_one(done: int, _: int) -> None:
        if done and not killed:
            with local.get_client() as client:
                killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    on_it = Engine(cluster=local.scheduler_address)
    run.run(eliana, tmp_path / "killed", patients=6000, chunk=500, engine=on_it, program=slow, progress=kill_one)
    run.run(eliana, tmp_path / "whole", patients=6000, program=program)
    assert killed
    assert (tmp_path / "killed/cohort.parquet").read_bytes() == (tmp_path / "whole/cohort.parquet").read_bytes()


def test_a_cluster_of_this_machine_is_started_and_ended(eliana: Scenario, tmp_path: Path) -> None:
    run.run(eliana, tmp_path / "local", patients=600, chunk=200, engine=Engine(cluster="local", workers=1), program=program)
    run.run(eliana, tmp_path / "threads", patients=600, program=program)
    assert (tmp_path / "local/cohort.parquet").read_bytes() == (tmp_path / "threads/cohort.parquet").read_bytes()


def test_an_address_where_nobody_answers_is_one_sentence(
    eliana: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(BadInput, match=r"--cluster tcp://127\.0\.0\.1:1: no scheduler answers there"):
        run.run(eliana, tmp_path, patients=10, engine=Engine(cluster="tcp://127.0.0.1:1"), program=program)


def test_an_address_that_is_none_is_one_sentence() -> None:
    with pytest.raises(BadInput, match="is no address of a scheduler; write tcp://HOST:8786, or local"):
        cluster.check_address("myhost")


def test_a_worker_with_other_code_refuses(eliana: Scenario) -> None:
    from livingdrug.simulate.work import Task, solved

    with pytest.raises(BadInput, match="a worker has another livingdrug"):
        solved(Task(eliana, program=program, code="0" * 64), range(3))
