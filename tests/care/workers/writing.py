"""Writers that do what careful clients do: one event after the other, each with a key, sent again until it is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connections
from story import day, open_door, referral, seen

from livingdrug.care import models, states, store, verify
from livingdrug.errors import StoreError

__all__ = ["Written", "check", "writers"]


@dataclass
class Written:
    """What some writers were told: the versions of each journey with their positions, and how often the store was away."""

    acknowledged: dict[str, dict[int, int]] = field(default_factory=dict)
    away: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))


@contextmanager
def writers(count: int) -> Iterator[Written]:
    """So many threads write while the block runs; each ends with an event that was acknowledged."""
    written, stop = Written(), threading.Event()

    def write(number: int) -> None:
        try:
            _write(f"{number}", written, stop)
        except Exception as error:
            written.failed.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not written.failed, written.failed


def _write(patient: str, written: Written, stop: threading.Event) -> None:
    journey, version = f"journey-{patient}", 0
    while not stop.is_set():
        try:
            answer = _one(journey, version)
        except StoreError as error:
            written.away.append(str(error))
            time.sleep(0.05)
            continue
        assert isinstance(answer, store.Appended), str(answer)
        version = answer.version
        written.acknowledged.setdefault(journey, {})[version] = answer.positions[-1]


def _one(journey: str, version: int) -> object:
    key = f"{journey} {version}"
    if version == 0:
        return store.start(referral(journey), "account", door=open_door, now=day(0), journey=journey, key=key)
    return store.append(journey, [seen(1)], version, "account", door=open_door, now=day(1), key=key)


def check(url: str, written: Written, unanswered: int = 0) -> None:
    """Everything acknowledged is where it was said to be, nothing is there twice or besides, and every chain is whole.

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
