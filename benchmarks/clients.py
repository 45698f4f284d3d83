"""Clients of the API under load: each takes one virtual patient after the other from referral to the end of its record."""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import loader

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "care"))

Acts = list[tuple[str, bytes]]
"""Of each event: who records it, and the body of the request."""

WARM = 8.0
"""Seconds before anything counts: servers read therapies, networks and code when they are first asked."""
READ_EVERY = 8
"""After so many acts a client reads: the journey, what may happen next, or the board."""
READS = ("/journeys/{id}", "/journeys/{id}/allowed", "/journeys?limit=50")


@dataclass
class Seen:
    """What the clients of one process measured: seconds of each accepted act and each read, and answers of any other kind."""

    acts: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)


def prepared(patients: range, signed: frozenset[str]) -> list[Acts]:
    """Requests of these patients, ready to be sent: what a client computes would slow the server on the same machine."""
    from livingdrug.journey.codec import canonical

    made: list[Acts] = []
    for _, simulated in loader.simulated(patients):
        events = told(simulated, signed)
        bodies = [canonical(events[0]), *(request(each, signed) for each in events[1:])]
        made.append([(event.by, body.encode()) for event, body in zip(events, bodies, strict=True)])
    return made


def told(events: list[Any], signed: frozenset[str]) -> list[Any]:
    """The events as the service is told them.

    Payers see a journey once it names them, so the coordinator writes down what they said before; and the signatures that the
    service adds shift what comes after, so evidence is found further on.
    """
    from livingdrug.journey.events import CoverageAuthorized, MilestoneSettled

    place, where = 0, [0]
    for each in events:
        place += 1
        where.append(place)
        place += each.name in signed
    made: list[Any] = []
    for each in events:
        if isinstance(each, CoverageAuthorized):
            each = replace(each, by=events[0].by)
        elif isinstance(each, MilestoneSettled):
            each = replace(each, evidence=tuple(where[old] for old in each.evidence))
        made.append(each)
    return made


def request(event: Any, signed: frozenset[str]) -> str:
    """The body of a request that records it, with a password where it is signed."""
    from workers.service import PASSWORD

    from livingdrug.journey.codec import canonical

    password = f',"password":"{PASSWORD}"' if event.name in signed else ""
    return f'{{"events":[{canonical(event)}]{password}}}'


def run(
    port: int,
    tokens: dict[str, str],
    signed: frozenset[str],
    clients: int,
    first: int,
    per_client: int,
    length: float,
    ready: Any,
) -> Seen:
    """So many clients for so many seconds, in threads of this process."""
    from workers.service import Client

    courses = prepared(range(first, first + clients * per_client), signed)
    seen = Seen()
    ready.wait()
    starts = time.perf_counter() + WARM
    ends = starts + length

    def work(mine: list[Acts]) -> None:
        client = Client(port)
        for course in mine:
            if not follow(client, course, tokens, seen, starts, ends):
                return
        raise AssertionError(f"{len(mine)} patients are too few")

    running = [threading.Thread(target=work, args=(courses[n::clients],)) for n in range(clients)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return seen


def follow(client: Any, course: Acts, tokens: dict[str, str], seen: Seen, starts: float, ends: float) -> bool:
    """Record a journey, act after act; False when the time is over."""
    id = tag = ""
    for version, (by, body) in enumerate(course):
        if (began := time.perf_counter()) > ends:
            return False
        path = f"/journeys/{id}/events" if id else "/journeys"
        more = {"If_Match": tag} if id else {}
        answer = client.send("POST", path, tokens[by], body, Idempotency_Key=uuid.uuid4().hex, **more)
        took = time.perf_counter() - began
        if answer.status not in (200, 201):
            says = f"{answer.status} {json.loads(answer.body).get('detail', '')[:100]}"
            seen.other[says] = seen.other.get(says, 0) + 1
            return True
        if began >= starts:
            seen.acts.append(took)
        id, tag = id or answer.json["journey"], answer.tag
        if version % READ_EVERY == READ_EVERY - 1:
            began = time.perf_counter()
            read = client.send("GET", READS[version // READ_EVERY % len(READS)].format(id=id), tokens[course[0][0]])
            if began >= starts:
                seen.reads.append(time.perf_counter() - began)
            assert read.status == 200, read.body
    return True


def load(port: int, tokens: dict[str, str], clients: int, length: float, per_client: int, processes: int = 2) -> Seen:
    """All clients, in some processes; what they saw together."""
    from livingdrug.care.accounts.signing import SIGNED_ACTS

    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(processes) as pool:
        ready, each = manager.Barrier(processes), clients // processes
        tasks = [
            (port, tokens, frozenset(SIGNED_ACTS), each, n * each * per_client, per_client, length, ready)
            for n in range(processes)
        ]
        found = pool.starmap(run, tasks)
    together = Seen()
    for one in found:
        together.acts += one.acts
        together.reads += one.reads
        together.other |= one.other
    return together
