"""Chunks of patients over the cores of this machine: threads of this process, or processes of their own.

Both yield each finished chunk as soon as it is there, in any order; the content of a chunk is the same either way. A worker
process that dies is replaced, and its chunk is simulated again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from queue import Empty, SimpleQueue
from threading import Event, Thread, current_thread, main_thread
from typing import Any

from livingdrug.errors import LivingdrugError
from livingdrug.simulate.work import Task, prepare, solved

__all__ = ["Work", "cores", "in_processes", "in_threads", "left_alone_by_ctrl_c"]

Work = Generator[tuple[range, bytes], None, None]
"""Finished chunks as they come; closing it stops the work."""

DEATHS = 3
"""Worker processes that may die without having finished anything in between; more is no accident."""


def cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# Threads ------------------------------------------------------------------------------------------------------------------


def in_threads(task: Task, chunks: Sequence[range], threads: int) -> Work:
    """A chunk per thread: the solver gives the interpreter free, and what is serial within a chunk runs beside other chunks."""
    lanes = max(1, min(threads, len(chunks)))
    task = replace(task, threads=max(1, threads // lanes))
    todo: SimpleQueue[range] = SimpleQueue()
    finished: SimpleQueue[tuple[range, bytes] | Exception] = SimpleQueue()
    stop = Event()
    for chunk in chunks:
        todo.put(chunk)

    def work() -> None:
        try:
            while not stop.is_set():
                chunk = todo.get_nowait()
                finished.put((chunk, solved(task, chunk)))
        except Empty:
            return
        except Exception as error:
            finished.put(error)

    if chunks:
        prepare(task)
    # Plain threads and queues, as in biology/solve.py: a stop must not leave locks held.
    workers = [Thread(target=work, daemon=True) for _ in range(lanes)]
    try:
        for worker in workers:
            worker.start()
        for _ in chunks:
            yield _or_raise(finished.get())
    finally:
        stop.set()
        for worker in workers:
            if worker.ident is not None:
                worker.join()


def _or_raise(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


# Processes ----------------------------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    """A process, our end of the pipe to it, and the chunk it has in hand."""

    process: Any
    pipe: Connection
    chunk: range | None = None


def in_processes(task: Task, chunks: Sequence[range], workers: int, threads: int) -> Work:
    """A chunk per process; `threads` is the number of threads of all of them together."""
    workers = max(1, min(workers, len(chunks)))
    task = replace(task, threads=max(1, threads // workers))
    todo, done, deaths = list(reversed(chunks)), 0, 0
    crew = [_started(task) for _ in range(workers if chunks else 0)]
    try:
        for each in crew:
            _hand(each, todo)
        while done < len(chunks):
            ready = wait([each.pipe for each in crew if each.chunk is not None])
            for each in [each for each in crew if each.pipe in ready]:
                answer = _answer(each)
                if answer is None:
                    deaths += 1
                    crew[crew.index(each)] = _replaced(each, task, todo, deaths)
                    continue
                deaths, chunk = 0, each.chunk
                _hand(each, todo)
                done += 1
                assert chunk is not None, "only a worker with a chunk was waited for"
                yield chunk, _or_raise(answer)
    finally:
        for each in crew:
            each.process.terminate()
            each.pipe.close()
        for each in crew:
            each.process.join()


def _started(task: Task) -> _Worker:
    """A new process. Spawned, not forked: a fork would copy locks of the threads that Polars and Numba hold."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, task), daemon=True)
    with left_alone_by_ctrl_c():
        process.start()
    theirs.close()  # so that the pipe ends when the process does
    return _Worker(process, ours)


def _hand(worker: _Worker, todo: list[range]) -> None:
    """Give the worker the next chunk, if there is one."""
    worker.chunk = todo.pop() if todo else None
    try:
        worker.pipe.send(worker.chunk)
    except OSError:
        pass  # it died meanwhile; the pipe says so when it is read


def _answer(worker: _Worker) -> bytes | Exception | None:
    """The chunk, or what went wrong in it; None when the process is gone."""
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        return None


def _replaced(worker: _Worker, task: Task, todo: list[range], deaths: int) -> _Worker:
    """A new worker that takes over the chunk of one that died."""
    worker.process.join()
    worker.pipe.close()
    if deaths > DEATHS:
        raise LivingdrugError(
            f"worker processes keep ending (exit status {worker.process.exitcode}); the machine may be short of memory: "
            "use fewer --workers, and go on with --resume"
        )
    assert worker.chunk is not None, "only a worker with a chunk was waited for"
    todo.append(worker.chunk)
    other = _started(task)
    _hand(other, todo)
    return other


@contextmanager
def left_alone_by_ctrl_c() -> Iterator[None]:
    """Processes started within ignore Ctrl-C, which a terminal sends to all of them: we end them, without tracebacks."""
    if current_thread() is not main_thread():  # only the main thread may say what a signal does
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(pipe: Connection, task: Task) -> None:
    """The life of a worker process: chunks come in, tables go out, until nothing comes."""
    try:
        while (chunk := pipe.recv()) is not None:
            try:
                pipe.send(solved(task, chunk))
            except Exception as error:
                pipe.send(error)
    except (EOFError, OSError):
        return  # the parent is gone
