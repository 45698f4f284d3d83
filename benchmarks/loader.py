"""Stores as large as a national program's, for measuring: virtual patients, all different, put straight into the tables.

Every journey is simulated; its rows, hashes, claims and projections are those that `append` would have written, made by the
same functions, so `livingdrug verify` accepts the whole and `livingdrug store rebuild` changes nothing. Only the way in is
shorter: whole tables at once, guards lifted meanwhile. The audit trail, which would have one row for each append, stays empty.
Events of some thousand journeys alternate in the log, as they do where patients come side by side.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("LIVINGDRUG_DEMO", "1")

SCENARIO, NETWORK = "eliana", "us-launch-2017"
SIDE_BY_SIDE = 2000
"""Journeys whose events alternate in the log."""
AT_ONCE = 250

Values = tuple[Any, ...]


@dataclass
class Tables:
    """Rows of some journeys; events still without position and log hash, claims and slots with the version instead."""

    event: list[dict[str, Any]] = field(default_factory=list)
    journey: list[Values] = field(default_factory=list)
    claim: list[tuple[str, str, str, int]] = field(default_factory=list)
    slot: list[Values] = field(default_factory=list)
    milestone: list[Values] = field(default_factory=list)
    cohortrow: list[Values] = field(default_factory=list)


# One journey after the other, in worker processes -------------------------------------------------------------------------


def simulated(patients: range) -> Iterator[tuple[int, list[Any]]]:
    """Number and events of virtual patients."""
    from livingdrug.network.load import load as network
    from livingdrug.simulate.journeys import journeys
    from livingdrug.simulate.scenario import load as scenario

    return journeys(scenario(SCENARIO), patients, network(NETWORK), threads=1)


def begin(url: str) -> None:
    """Start Django in a worker."""
    from livingdrug.care import database

    database.start(url)


def made(patients: range) -> Tables:
    """All rows of these patients; the store is asked for definitions only."""
    tables = Tables()
    for number, events in simulated(patients):
        _one(tables, f"{number:016x}", events)
    return tables


def _one(tables: Tables, id: str, events: list[Any]) -> None:
    from livingdrug.care import answers, append, board, chain, clock, definitions, states
    from livingdrug.journey.state import evolve

    definition, network = definitions.current("therapy", events[0].therapy), definitions.current("network", NETWORK)
    before, steps = states.Standing(id, definition, NETWORK, states.NEW, chain.NOTHING), [states.NEW]
    for event in events:
        steps.append(evolve(event, steps[-1]))
    request = answers.Request("loader", None, clock.now(), answers.access.HERE, digest="")
    prepared = append.prepare(before, steps, network, request)
    end, cohort = prepared.after.state, prepared.made
    tables.event += prepared.rows
    head = (id, end.patient, end.therapy, definition, NETWORK, end.version, prepared.after.head)
    tables.journey.append((*head, *(cohort.board[name] for name in board.COLUMNS)))
    tables.cohortrow.append((id, end.therapy, cohort.cohort))
    for each in cohort.ledger or ():
        tables.milestone.append((id, *(each[name] for name in MILESTONE[1:])))
    slots: dict[str, Values] = {}
    for version, changes in enumerate(prepared.taken, 1):
        assert not changes.given, "virtual patients are not corrected"
        tables.claim += [(kind, value, id, version) for kind, value in changes.taken]
        for slot in changes.slots:
            times = (clock.stamp(slot.start), clock.stamp(slot.end), clock.stamp(slot.expires))
            slots[slot.slot] = (id, slot.slot, slot.resource, *times, slot.status, version)
    tables.slot += slots.values()


# Into the tables, in this process -----------------------------------------------------------------------------------------

MILESTONE = ("journey_id", "milestone", "billed", "waived", "currency", "at", "version", "disputed")
CLAIM = ("kind", "value", "journey_id", "position")
SLOT = ("journey_id", "slot", "resource", "start", "end", "expires", "status", "position")
COHORT = ("journey_id", "therapy", "row")
HEAD = ("id", "patient", "therapy", "definition", "network", "version", "head")


def load(url: str, journeys: int, processes: int = 2) -> dict[str, Any]:
    """Fill an initialized, empty store; how many events there are and how long it took."""
    from django.db import connection, transaction

    from livingdrug.care import chain, database

    database.start(url)
    from livingdrug.care import definitions

    definitions.rules()  # kept now: workers must not wait for this transaction
    began, position, log_hash = time.perf_counter(), 0, chain.NOTHING
    with multiprocessing.get_context("spawn").Pool(processes, begin, (url,)) as pool, transaction.atomic():
        _guards(connection, lifted=True)
        tasks = [range(at, min(at + AT_ONCE, journeys)) for at in range(0, journeys, AT_ONCE)]
        for tables in _together(pool.imap(made, tasks), SIDE_BY_SIDE // AT_ONCE):
            position, log_hash = _placed(tables, position, log_hash)
            _write(connection, tables)
        _guards(connection, lifted=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if database.is_postgresql() else "ANALYZE")
    return {"journeys": journeys, "events": position, "seconds": time.perf_counter() - began}


def _together(found: Iterable[Tables], count: int) -> Iterator[Tables]:
    waiting: list[Tables] = []
    for each in found:
        waiting.append(each)
        if len(waiting) == count:
            yield _merged(waiting)
            waiting = []
    if waiting:
        yield _merged(waiting)


def _merged(parts: list[Tables]) -> Tables:
    return Tables(**{name: [row for part in parts for row in getattr(part, name)] for name in vars(parts[0])})


def _placed(tables: Tables, position: int, log_hash: str) -> tuple[int, str]:
    """Give every event its place in the log, version by version across journeys, and claims and slots the place of theirs."""
    from livingdrug.care import chain

    places: dict[tuple[str, int], int] = {}
    tables.event.sort(key=lambda row: (row["version"], row["journey"]))
    for row in tables.event:
        position += 1
        log_hash = chain.log_linked(log_hash, position, row["hash"])
        row["position"], row["log_hash"] = places[row["journey"], row["version"]], _ = position, log_hash
    tables.claim = [(kind, value, id, places[id, version]) for kind, value, id, version in tables.claim]
    tables.slot = [(*values[:-1], places[values[0], values[-1]]) for values in tables.slot]
    return position, log_hash


def _write(connection: Any, tables: Tables) -> None:
    from livingdrug.care import board, log

    events = ([row[name] for name in log.COLUMNS] for row in tables.event)
    names = [f"{name}_id" if name == "journey" else name for name in log.COLUMNS]
    with connection.cursor() as cursor:
        _rows(cursor, "care_journey", (*HEAD, *board.COLUMNS), tables.journey)
        _rows(cursor, "care_event", names, events)
        _rows(cursor, "care_claim", CLAIM, tables.claim)
        _rows(cursor, "care_slot", SLOT, tables.slot)
        _rows(cursor, "care_milestone", MILESTONE, tables.milestone)
        _rows(cursor, "care_cohortrow", COHORT, tables.cohortrow)


def _rows(cursor: Any, table: str, names: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    from livingdrug.care.database import is_postgresql

    named = ", ".join(f'"{name}"' for name in names)
    if is_postgresql():
        with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("%s" for _ in named.split(", "))
        cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", [tuple(row) for row in rows])


def _guards(connection: Any, lifted: bool) -> None:
    """Switch the guards off or on for this transaction: they look at each row, and here every row is made anew."""
    from livingdrug.care import guards

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET LOCAL session_replication_role = {'replica' if lifted else 'origin'}")
            return
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        for each in guards.statements("sqlite"):
            if each.startswith("CREATE TRIGGER") or "\nCREATE TRIGGER" in each:
                created = each[each.index("CREATE TRIGGER") :]
                cursor.execute(f"DROP TRIGGER {created.split()[2]}" if lifted else created)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url", help="an initialized, empty store")
    arguments.add_argument("--journeys", type=int, default=1000)
    chosen = arguments.parse_args()
    print(load(chosen.url, chosen.journeys))


if __name__ == "__main__":
    main()
