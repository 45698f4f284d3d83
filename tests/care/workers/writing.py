"""Writers that do what careful clients do: one event after the other, each with a key, sent again until it is answered."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connections
from small import day, open_door, referral, seen

from livingdrug.care import database, models, states, store, verify
from livingdrug.errors import StoreError

__all__ = ["Written", "check", "journey_of", "process", "writers"]


@dataclass
class Written:
    """What some writers were told: the versions of each journey with their positions, and how often the store was away."""

    acknowledged: dict[str, dict[int, int]] = field(default_factory=dict)
    away: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def last(self, journey: str) -> int:
        """The last version that was acknowledged; 0 if none was."""
        return max(self.acknowledged.get(journey, {0: 0}))


Told = Callable[[str, int, int], None]
"""What a writer does with an answer: journey, version, position."""


def journey_of(writer: int) -> str:
    """The journey of a writer."""
    return f"journey-{writer}"


# In this process ----------------------------------------------------------------------------------------------------------


@contextmanager
def writers(count: int) -> Iterator[Written]:
    """So many threads write while the block runs; each ends with an event that was acknowledged."""
    written, stop = Written(), threading.Event()

    def told(journey: str, version: int, position: int) -> None:
        written.acknowledged.setdefault(journey, {})[version] = position

    def write(writer: int) -> None:
        try:
            _write(journey_of(writer), 0, told, written.away.append, stop)
        except Exception as error:
            written.failed.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not written.failed, written.failed


def _write(journey: str, version: int, told: Told, away: Callable[[str], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            answer = _one(journey, version)
        except StoreError as error:
            away(str(error))
            time.sleep(0.05)
            continue
        assert isinstance(answer, store.Appended), str(answer)
        version = answer.version
        told(journey, version, answer.positions[-1])


def _one(journey: str, version: int) -> object:
    key = f"{journey} {version}"
    if version == 0:
        return store.start(referral(journey), "account", door=open_door, now=day(0), journey=journey, key=key)
    return store.append(journey, [seen(1)], version, "account", door=open_door, now=day(1), key=key)


# In a process of their own ------------------------------------------------------------------------------------------------


@contextmanager
def process(url: str, count: int, written: Written) -> Iterator[int]:
    """The number of a process in which so many threads write on from where they were; what they are told by its end is added.

    The block begins once something was acknowledged, and ends the process. Forked, because a new one takes longer to start.
    """
    connections.close_all()
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        _child(url, [(journey_of(writer), written.last(journey_of(writer))) for writer in range(count)], write)
    os.close(write)
    try:
        assert select.select([read], [], [], 60)[0], "the writers wrote nothing in a minute"
        yield child
    finally:
        os.waitpid(child, 0)
        with os.fdopen(read) as said:
            for line in said.read().splitlines():
                journey, version, position = line.split()
                written.acknowledged.setdefault(journey, {})[int(version)] = int(position)


def _child(url: str, begun: list[tuple[str, int]], out: int) -> None:
    def told(journey: str, version: int, position: int) -> None:
        os.write(out, f"{journey} {version} {position}\n".encode())

    try:
        database.use(url)
        more = (told, lambda says: None, threading.Event())
        threads = [threading.Thread(target=_write, args=(*each, *more)) for each in begun]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        os._exit(1)


# Afterwards ---------------------------------------------------------------------------------------------------------------


def check(url: str, written: Written, unanswered: int = 0) -> int:
    """How many events there are, if all is well.

    Everything acknowledged is where it was said to be, nothing is there twice or besides, and every chain is whole.
    `unanswered`: of each journey, so many events may be there whose answer never arrived.
    """
    states.forget()
    connections.close_all()
    report = verify.verify(url)
    assert report.fine, str(report)
    for journey, acknowledged in written.acknowledged.items():
        rows = models.Event.objects.filter(journey_id=journey).order_by("version")
        there = dict(rows.values_list("version", "position"))
        assert acknowledged.items() <= there.items(), f"{journey}: acknowledged and not there"
        assert len(there) - max(acknowledged) in range(unanswered + 1), f"{journey}: more is there than was sent"
        keys = list(rows.values_list("key", flat=True))
        assert len(set(keys)) == len(keys), f"{journey}: a request was done twice"
    return report.events
