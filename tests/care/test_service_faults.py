"""The running service under faults: workers killed, two servers on one store, sixteen clients after what only one can have."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from workers.asking import COORDINATOR, askers, seen
from workers.noted import LONG, note
from workers.service import PASSWORD, Client, served, tokens_of
from workers.writing import Written, check

from livingdrug.care import states, store, verify
from livingdrug.care.accounts.signing import SIGNED_ACTS
from livingdrug.journey.codec import encode
from livingdrug.journey.events import ChainIssued, Event, GatePassed, SlotHeld
from livingdrug.network import load as networks
from livingdrug.simulate import scenario
from livingdrug.simulate.journeys import journeys

KILLS = int(os.environ.get("LIVINGDRUG_KILLS", "200" if LONG else "4"))
CLIENTS = 16


def test_workers_that_are_killed_lose_nothing(url: str) -> None:
    token, moments = tokens_of([COORDINATOR])[COORDINATOR], random.Random(2)
    with served(url) as service, askers([service.port], token, 4) as written:
        for _ in range(KILLS):
            after(written, 8)
            time.sleep(moments.uniform(0, 0.1))
            if workers := service.workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(moments.choice(workers), signal.SIGKILL)
        after(written, 8)
    assert written.count() > KILLS
    check(url, written)
    note("kill -9 of the service's workers", url, kills=KILLS, acknowledged=written.count(), lost=0, doubled=0)


def after(written: Written, more: int, seconds: float = 60) -> None:
    """Wait until so many more acts were acknowledged."""
    wanted, ends = written.count() + more, time.monotonic() + seconds
    while written.count() < wanted:
        assert time.monotonic() < ends, f"{more} acts took more than {seconds} s"
        time.sleep(0.01)


def test_two_servers_on_one_store_are_one_service(url: str) -> None:
    token = tokens_of([COORDINATOR])[COORDINATOR]
    with served(url, 1) as one, served(url, 1) as other:
        with askers([one.port, other.port], token, 6) as written:
            time.sleep(20 if LONG else 1.5)
        answers = raced([one.port, other.port], token, [(id, seen(-1)) for id in list(written.acknowledged)[:1] * CLIENTS])
    assert answers == {200: 1, 412: CLIENTS - 1}
    states.forget()
    assert verify.verify(url).events == written.count() + 1
    note("two servers on one store", url, acknowledged=written.count(), lost=0, doubled=0)


def raced(ports: Sequence[int], token: str, wanted: Sequence[tuple[str, dict[str, Any]]]) -> Counter[int]:
    """All these acts at the same moment, each with a key of its own; how often each status was answered."""
    answers, gate = list[int](), threading.Barrier(len(wanted))

    def ask(number: int, id: str, event: dict[str, Any]) -> None:
        path, signed = f"/journeys/{id}/events", {"password": PASSWORD} if event["event"] in SIGNED_ACTS else {}
        body = {"events": [event]} | signed
        with contextlib.closing(Client(ports[number % len(ports)])) as client:
            tag, key = client.send("GET", f"/journeys/{id}", token).tag, uuid.uuid4().hex
            gate.wait()
            answers.append(client.insist("POST", path, token, body, Idempotency_Key=key, If_Match=tag).status)

    threads = [threading.Thread(target=ask, args=(number, *each)) for number, each in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


# Sixteen patients ---------------------------------------------------------------------------------------------------------


def people() -> Iterator[list[Event]]:
    """The events of virtual patients, one after the other."""
    source = journeys(scenario.load("eliana"), range(5000), networks.load("us-launch-2017"), threads=1)
    yield from (events for _, events in source if events[0].by == COORDINATOR)


def patients(source: Iterator[list[Event]], of: type[Event], count: int) -> list[tuple[str, Event]]:
    """So many of the patients, recorded as far as an event of that kind, and the event."""
    made: list[tuple[str, Event]] = []
    for events in source:
        before = list(takewhile(lambda each: not isinstance(each, of), events))
        if len(before) == len(events):
            continue
        begun = store.start(before[0], "account")  # pyright: ignore[reportArgumentType] the first is the referral
        assert isinstance(begun, store.Appended)
        kept = store.append(begun.journey, before[1:], 1, "account")
        assert isinstance(kept, store.Appended), str(kept)
        made.append((begun.journey, events[len(before)]))
        if len(made) == count:
            return made
    raise AssertionError(f"there are only {len(made)} such patients")


def test_one_of_sixteen_clients_gets_what_one_can_have(url: str) -> None:
    source = people()
    races = [patients(source, kind, CLIENTS) for kind in (SlotHeld, ChainIssued)]
    ((id, gate),) = patients(source, GatePassed, 1)
    tokens = tokens_of({COORDINATOR, gate.by})
    with served(url) as service:
        for waiting in races:
            assert raced([service.port], tokens[COORDINATOR], wishes(waiting)) == {200: 1, 409: CLIENTS - 1}
        assert raced([service.port], tokens[gate.by], [(id, encode(gate))] * CLIENTS) == {200: 1, 412: CLIENTS - 1}
    assert verify.verify(url).fine


AHEAD = {"start": "2047-05-02T09:00:00Z", "end": "2047-05-02T12:00:00Z", "expires": "2047-05-01T09:00:00Z"}
"""A slot that is held for long: one whose hold has run out by the clock of the store can be had by others."""


def wishes(waiting: Sequence[tuple[str, Event]]) -> list[tuple[str, dict[str, Any]]]:
    """The event of each journey, but all for the same chain, or the same place at the same time."""
    latest = encode(max((own for _, own in waiting), key=lambda each: each.at)) | AHEAD
    return [(id, {name: latest[name] if name in SAME else value for name, value in encode(own).items()}) for id, own in waiting]


SAME = ("chain", "resource", *AHEAD)
