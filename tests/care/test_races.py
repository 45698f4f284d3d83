"""Many writers at once: exactly one wins what only one can have, nothing is lost, and the chain is whole."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connections
from small import course, day, open_door, referral, seen, slot

from livingdrug.care import models, states, store, verify
from livingdrug.journey.events import GatePassed

WRITERS = 16


def begun(patient: str) -> str:
    made = store.start(referral(patient), "account", door=open_door, now=day(0))
    assert isinstance(made, store.Appended)
    return made.journey


def race(work: Callable[[int], Any]) -> Counter[str]:
    """All writers do their work at the same moment; how often each kind of answer came."""
    answers: list[str] = []
    gate = threading.Barrier(WRITERS)

    def run(writer: int) -> None:
        try:
            gate.wait()
            answer = work(writer)
            answers.append(answer.kind if isinstance(answer, store.Conflict) else type(answer).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


def append(journey: str, version: int, *events: Any, **more: Any) -> Any:
    return store.append(journey, events, version, "account", door=open_door, now=day(1), **more)


def test_one_of_many_writers_gets_a_version(url: str) -> None:
    journey = begun("1")
    assert race(lambda writer: append(journey, 1, seen(writer))) == {"Appended": 1, "version": WRITERS - 1}
    assert verify.verify(url).events == 2


def test_one_of_many_journeys_gets_a_time(url: str) -> None:
    journeys = [begun(str(writer)) for writer in range(WRITERS)]
    won = race(lambda writer: append(journeys[writer], 1, slot(start=10 + writer / 100)))
    assert won == {"Appended": 1, "claim": WRITERS - 1}
    assert models.Slot.objects.count() == 1
    assert verify.verify(url).fine


@pytest.mark.parametrize("which", [1, 2, 7], ids=["chain of identity", "collection", "gate"])
def test_one_of_many_journeys_gets_an_identifier(url: str, which: int) -> None:
    journeys = [begun(str(writer)) for writer in range(WRITERS)]
    event = course("same")[which]
    assert race(lambda writer: append(journeys[writer], 1, event)) == {"Appended": 1, "claim": WRITERS - 1}
    assert models.Claim.objects.filter(released=None).count() == 1
    assert isinstance(course("same")[7], GatePassed)
    assert verify.verify(url).fine


def test_a_request_that_is_sent_many_times_is_done_once(url: str) -> None:
    journey = begun("1")
    assert race(lambda writer: append(journey, 1, seen(), key="k")) == {"Appended": WRITERS}
    assert models.Event.objects.count() == 2
    assert verify.verify(url).fine


def test_a_referral_that_is_sent_many_times_begins_one_journey(url: str) -> None:
    answers = race(lambda writer: store.start(referral("1"), "account", door=open_door, key="k"))
    assert answers == {"Appended": WRITERS}
    assert models.Journey.objects.count() == 1
    assert verify.verify(url).events == 1


def test_writers_of_many_journeys_all_succeed_and_positions_have_no_gaps(url: str) -> None:
    journeys = [begun(str(writer)) for writer in range(WRITERS)]

    def work(writer: int) -> Any:
        for version in range(1, 6):
            answer = append(journeys[writer], version, seen(version))
        return answer

    assert race(work) == {"Appended": WRITERS}
    assert str(verify.verify(url)) == f"fine, {6 * WRITERS} events in {WRITERS} journeys"
    positions = list(models.Event.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, 6 * WRITERS + 1))


OTHER_PROCESS = """
import json, sys
sys.path.insert(0, "tests/care")
from livingdrug.care import database
url, journeys = sys.argv[1], json.loads(sys.argv[2])
database.start(url)
from livingdrug.care import store
from small import day, open_door, seen, slot
answers = []
for number, journey in enumerate(journeys):
    events = [slot(start=10 + 2 * number), seen(2)]
    answers.append(str(type(store.append(journey, events, 1, "account", door=open_door, now=day(1))).__name__))
print(json.dumps(answers))
"""


def test_two_processes_on_one_store_never_both_win(url: str) -> None:
    mine, theirs = ([begun(f"{who}{n}") for n in range(8)] for who in ("a", "b"))
    command = [sys.executable, "-c", OTHER_PROCESS, url]
    started = [subprocess.Popen([*command, json.dumps(each)], stdout=subprocess.PIPE) for each in (mine, theirs)]
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in started]
    for pair in zip(*answers, strict=True):
        assert sorted(pair) == ["Appended", "Conflict"]
    states.forget()
    assert sum(store.latest(journey).version for journey in (*mine, *theirs)) == 16 + 16
    assert verify.verify(url).fine


def test_a_server_that_drops_its_connections_again_and_again_loses_nothing(postgresql: str) -> None:
    """As a restart does, but without stopping a server that others use too."""
    journeys, done = [begun(str(writer)) for writer in range(WRITERS)], threading.Event()

    def drop() -> None:
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        with psycopg.connect(postgresql, autocommit=True) as connection:
            while not done.wait(0.15):
                connection.execute(mine, [connection.info.backend_pid])

    def work(writer: int) -> Any:
        for version in range(1, 9):
            answer = append(journeys[writer], version, seen(version))
            assert answer.version == version + 1, answer
        return answer

    dropping = threading.Thread(target=drop)
    dropping.start()
    won = race(work)
    done.set()
    dropping.join()
    connections.close_all()
    assert won == {"Appended": WRITERS}
    assert str(verify.verify(postgresql)) == f"fine, {9 * WRITERS} events in {WRITERS} journeys"
