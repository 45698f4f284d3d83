"""A server that is killed at a random moment: everything it acknowledged is there, nothing is doubled, the chain is whole.

LIVINGDRUG_KILLS says how often on each database; a few times are enough for every day.
"""

from __future__ import annotations

import os
import random
import signal
import time

from django.db import connections
from story import open_door, referral, seen

from livingdrug.care import database, models, states, store, verify

KILLS = int(os.environ.get("LIVINGDRUG_KILLS", "8"))


def write_until_killed(url: str, journey: str, version: int, acknowledge: int) -> None:
    """Append to a journey, and say each version once it is acknowledged."""
    database.use(url)
    while True:
        answer = store.append(journey, [seen(), seen()], version, "account", door=open_door, key=str(version))
        assert isinstance(answer, store.Appended)
        version = answer.version
        os.write(acknowledge, f"{version}\n".encode())


def killed(url: str, journey: str, version: int, after: float) -> int:
    """A process that writes, killed after so many seconds; the last version that it acknowledged."""
    connections.close_all()
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            write_until_killed(url, journey, version, write)
        finally:
            os._exit(1)
    os.close(write)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as said:
        return max([version, *map(int, said.read().split())])


def test_what_was_acknowledged_survives_kill(url: str) -> None:
    begun = store.start(referral("1"), "account", door=open_door)
    assert isinstance(begun, store.Appended)
    moments, version = random.Random(1), 1
    for _ in range(KILLS):
        acknowledged = killed(url, begun.journey, version, moments.uniform(0.05, 0.2))
        states.forget()
        version = store.latest(begun.journey).version
        assert version in (acknowledged, acknowledged + 2), "at most the append whose answer was lost is there besides"
        assert version == models.Event.objects.count()
        assert verify.verify(url).fine
    assert version > 1
