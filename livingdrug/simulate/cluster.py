"""Chunks of patients on a dask.distributed cluster: one that exists, or one of this machine.

The scheduler hands out chunks and hands out again what a lost worker had in hand. Workers need the same
livingdrug and no shared disk: tables come back over the network and are written here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from livingdrug.errors import BadInput, LivingdrugError
from livingdrug.simulate.origin import code_digest
from livingdrug.simulate.work import Task, solved
from livingdrug.simulate.workers import Work, cores, left_alone_by_ctrl_c

__all__ = ["check_address", "on_cluster"]

PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""
AHEAD = 2
"""Chunks per thread of the cluster that are handed out at a time: enough to keep it busy, few enough to hold in memory."""


def check_address(address: str) -> None:
    """Raise `BadInput` when this cannot be the address of a scheduler."""
    if address != "local" and "://" not in address:
        says = "is no address of a scheduler; write tcp://HOST:8786, or local for a cluster of this machine"
        raise BadInput.at(f"--cluster {address}", says)


def on_cluster(task: Task, chunks: Sequence[range], address: str, workers: int) -> Work:
    """A chunk per thread of the cluster; `workers` is the number of processes of a local one."""
    from distributed import as_completed
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    if not chunks:
        return
    task = replace(task, threads=1, code=code_digest())
    with _client(address, workers) as client:
        threads = sum(client.nthreads().values())
        rest = iter(chunks)
        # The task goes with every chunk: one that was scattered could be lost with the worker that holds it.
        first = [client.submit(_chunk, task, chunk, pure=False) for chunk in islice(rest, AHEAD * threads)]
        waiting = as_completed(first, loop=client.loop)
        try:
            for future in waiting:
                answer = future.result()
                future.release()
                for chunk in islice(rest, 1):
                    waiting.add(client.submit(_chunk, task, chunk, pure=False))
                yield answer
        except KilledWorker as error:
            says = "the workers of the cluster keep ending; they may be short of memory: look at their logs"
            raise LivingdrugError(f"{says}, and go on with --resume") from error
        except (CommClosedError, FutureCancelledError) as error:
            raise LivingdrugError("the scheduler of the cluster is gone; start it again, and go on with --resume") from error


def _chunk(task: Task, patients: range) -> tuple[range, bytes]:
    return patients, solved(task, patients)


@contextmanager
def _client(address: str, workers: int) -> Iterator[Any]:
    """A client of a cluster with at least one worker."""
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        where: Any = address
        if address == "local":
            # Its status page on any free port, for this machine only.
            settings: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
            with left_alone_by_ctrl_c():
                where = stack.enter_context(LocalCluster(n_workers=workers or cores(), threads_per_worker=1, **settings))
        try:
            client = stack.enter_context(Client(where, timeout=PATIENCE, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput.at(f"--cluster {address}", "no scheduler answers there; start one with: dask scheduler") from error
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            says = "the scheduler has no workers; start some with: dask worker ADDRESS"
            raise BadInput.at(f"--cluster {address}", says) from error
        yield client
