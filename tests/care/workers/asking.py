"""Clients of the running service that write until they are stopped, each with a patient of its own, and never give up."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from small import day

from workers.service import Client
from workers.writing import Written

__all__ = ["COORDINATOR", "askers", "referral", "seen"]

COORDINATOR = "chop-coordinator-1"


def seen(minute: int) -> dict[str, object]:
    """An act that a coordinator may record at any time; so many minutes make it another one."""
    return {"event": "seen", "at": day(1 + minute / 1440).isoformat()}


def referral(patient: str) -> dict[str, object]:
    """The body with which a journey begins."""
    identifiers = [
        {"kind": "record number", "value": f"MRN-{patient}"},
        {"kind": "name and birth date", "value": f"T-{patient}"},
    ]
    about = {"patient": patient, "therapy": "tisagenlecleucel", "center": "chop", "identifiers": identifiers}
    return {"event": "referred", "at": day(0).isoformat(), **about}


@contextmanager
def askers(ports: Sequence[int], token: str, count: int) -> Iterator[Written]:
    """So many clients, spread over the servers, write while the block runs; every request is sent until it is answered."""
    written, stop = Written(), threading.Event()

    def ask(number: int) -> None:
        clients = [Client(port) for port in [*ports[number % len(ports) :], *ports[: number % len(ports)]]]
        try:
            _ask(clients, token, f"patient-{number}", written, stop)
        except Exception as error:
            written.failed.append(f"{type(error).__name__}: {error}")
        finally:
            for client in clients:
                written.away += ["lost"] * client.lost
                client.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not written.failed, written.failed


def _ask(clients: Sequence[Client], token: str, patient: str, written: Written, stop: threading.Event) -> None:
    """One act to one server, the next to the next."""
    begun = clients[0].insist("POST", "/journeys", token, referral(patient), Idempotency_Key=uuid.uuid4().hex)
    assert begun.status == 201, begun.body
    id, tag, turn = begun.json["journey"], begun.tag, 0
    written.acknowledged[id] = {1: begun.json["positions"][0]}
    while not stop.is_set():
        turn += 1
        key, client = uuid.uuid4().hex, clients[turn % len(clients)]
        answer = client.insist(
            "POST", f"/journeys/{id}/events", token, {"events": [seen(turn)]}, Idempotency_Key=key, If_Match=tag
        )
        assert answer.status == 200, answer.body
        tag = answer.tag
        written.acknowledged[id][answer.json["version"]] = answer.json["positions"][0]
