"""Clients of the API under load: each takes one virtual patient after the other from referral to the end of its record."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import sys
import threading
import time
import uuid
from collections.abc import Iterator
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
    """What clients measured: seconds of each accepted act, signed or not, and of each read; and answers of any other kind."""

    events: int = 0
    acts: list[float] = field(default_factory=list)
    signed: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What the clients of one process do: `pace` is acts a second of each, None as fast as they are answered."""

    port: int
    tokens: dict[str, str]
    signed: frozenset[str]
    clients: int
    first: int
    per_client: int
    length: float
    pace: float | None


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


def run(plan: Plan, ready: Any) -> Seen:
    """The clients of one process, each in a thread."""
    patients = range(plan.first, plan.first + plan.clients * plan.per_client)
    courses, seen = prepared(patients, plan.signed), Seen()
    ready.wait()
    starts = time.perf_counter() + WARM
    running = [
        threading.Thread(target=_client, args=(plan, number, courses[number :: plan.clients], seen, starts))
        for number in range(plan.clients)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return seen


def _client(plan: Plan, number: int, courses: list[Acts], seen: Seen, starts: float) -> None:
    from workers.service import Client

    client, times = Client(plan.port), _times(plan, number, starts)
    for course in courses:
        if not _follow(client, course, plan, seen, starts, times):
            return
    raise AssertionError(f"{len(courses)} patients are too few")


def _times(plan: Plan, number: int, starts: float) -> Iterator[float]:
    """When each act is due, waited for: those of different clients are spread. A late client does not wait, and is late."""
    while plan.pace is None or time.perf_counter() < starts:
        yield time.perf_counter()
    for act in itertools.count():
        due = starts + (act + number / plan.clients) / plan.pace
        if (early := due - time.perf_counter()) > 0:
            time.sleep(early)
        yield due


def _follow(client: Any, course: Acts, plan: Plan, seen: Seen, starts: float, times: Iterator[float]) -> bool:
    """Record a journey, act after act; False when the time is over."""
    id = tag = ""
    for version, (by, body) in enumerate(course):
        due = next(times)
        if time.perf_counter() > starts + plan.length:
            return False
        path = f"/journeys/{id}/events" if id else "/journeys"
        more = {"If_Match": tag} if id else {}
        answer = client.send("POST", path, plan.tokens[by], body, Idempotency_Key=uuid.uuid4().hex, **more)
        ended = time.perf_counter()
        if answer.status not in (200, 201):
            says = f"{answer.status} {json.loads(answer.body).get('detail', '')[:100]}"
            seen.other[says] = seen.other.get(says, 0) + 1
            return True
        if starts <= ended <= starts + plan.length:
            seen.events += len(answer.json["positions"])
            (seen.signed if b'"password":' in body else seen.acts).append(ended - due)
        id, tag = id or answer.json["journey"], answer.tag
        if version % READ_EVERY == READ_EVERY - 1:
            path = READS[version // READ_EVERY % len(READS)].format(id=id)
            _read(client, path, plan.tokens[course[0][0]], seen, counts=due >= starts)
    return True


def _read(client: Any, path: str, token: str, seen: Seen, *, counts: bool) -> None:
    began = time.perf_counter()
    answer = client.send("GET", path, token)
    assert answer.status == 200, answer.body
    if counts:
        seen.reads.append(time.perf_counter() - began)


def load(
    port: int,
    tokens: dict[str, str],
    clients: int,
    length: float,
    per_client: int,
    pace: float | None = None,
    processes: int = 2,
) -> Seen:
    """All clients, in some processes; what they saw together. `pace` is acts a second of all."""
    from livingdrug.care.accounts.signing import SIGNED_ACTS

    context, each, signed = multiprocessing.get_context("spawn"), clients // processes, frozenset(SIGNED_ACTS)
    with context.Manager() as manager, context.Pool(processes) as pool:
        ready = manager.Barrier(processes)
        plans = [
            Plan(port, tokens, signed, each, n * each * per_client, per_client, length, pace and pace / clients)
            for n in range(processes)
        ]
        found = pool.starmap(run, [(plan, ready) for plan in plans])
    together = Seen(sum(one.events for one in found))
    for one in found:
        for name in ("acts", "signed", "reads"):
            getattr(together, name).extend(getattr(one, name))
        together.other |= one.other
    return together
