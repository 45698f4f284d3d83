"""How fast the record is, measured: the disk below it, the store, the API in front of it, and a store of 100,000 journeys.

    python benchmarks/record.py [floor] [store] [api] [large] [--seconds 60] [--journeys 100000]

Each part is measured on an idle machine, on databases of its own, which are dropped; what is measured goes into
`record.json` with the machine and its load at that moment, and from there into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("LIVINGDRUG_DEMO", "1")

import loader

ROOT = Path(__file__).parent.parent
STORED = Path(__file__).with_suffix(".json")
PAGE = ROOT / "docs" / "performance.md"
MARKS = ("<!-- record: written by benchmarks/record.py -->", "<!-- end of the record -->")

SERVER = os.environ.get("LIVINGDRUG_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
KINDS = ("postgresql", "sqlite")
CLIENTS = 32
COMMITS = 500
REPEATS = 20

Row = dict[str, Any]


@contextmanager
def store(kind: str, name: str = "") -> Iterator[str]:
    """The URL of a store that is initialized and empty, and dropped afterwards; a store with a name is kept."""
    from livingdrug.care import database

    with place(kind, name) as url:
        database.start(url)
        database.migrate()
        from livingdrug.care import definitions

        definitions.define_library()
        yield url
        from django.db import connections

        connections.close_all()


@contextmanager
def place(kind: str, name: str = "") -> Iterator[str]:
    """A database that is empty, or the one of that name as it is."""
    import psycopg
    from psycopg import sql

    made = name or f"livingdrug_bench_{uuid.uuid4().hex[:8]}"
    if kind == "sqlite":
        folder = Path(tempfile.mkdtemp(dir="/var/tmp"))  # on the disk: /tmp may be memory
        yield f"sqlite:///{folder}/store.sqlite3"
        shutil.rmtree(folder)
        return
    with psycopg.connect(SERVER, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [made]).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made)))
        yield SERVER.rpartition("/")[0] + f"/{made}"
        if not name:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made)))


# The floor: what one commit costs on this disk ----------------------------------------------------------------------------


def floor() -> Row:
    """Commits a second of one connection that writes one small row each time."""
    found: Row = {}
    for kind in KINDS:
        with store(kind):
            from django.db import connection, transaction

            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE floor (n bigint)")

                def commit() -> None:
                    with transaction.atomic():
                        cursor.execute("INSERT INTO floor VALUES (1)")

                took = [seconds(commit) for _ in range(COMMITS)]
        found[kind] = {"commits/s": COMMITS / sum(took), **spread(took)}
    return found


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spread(took: list[float]) -> Row:
    """Median, 99th percentile and largest of some times, in milliseconds."""
    ordered = sorted(1e3 * each for each in took)
    return {"median": ordered[len(ordered) // 2], "p99": ordered[int(0.99 * (len(ordered) - 1))], "largest": ordered[-1]}


# The store, without the API -----------------------------------------------------------------------------------------------


def of_store(length: float) -> Row:
    """Events a second through the door into the store, by processes and threads."""
    found: Row = {}
    for kind in KINDS:
        for processes, threads in ((1, 1), (1, 16), (2, 16)):
            with store(kind) as url, multiprocessing.get_context("spawn").Pool(processes) as pool:
                tasks = [(url, each, threads, length) for each in range(processes)]
                rounds = pool.starmap(writers, tasks)
                took = [one for each in rounds for one in each]
                row = {"processes": processes, "threads": threads, "events/s": len(took) / length, **spread(took)}
                found.setdefault(kind, []).append(row | {"verify": verified(url)})
    return found


def writers(url: str, number: int, threads: int, length: float) -> list[float]:
    """Seconds of every append by some threads of this process, each with journeys of its own, one event at a time."""
    from livingdrug.care import database

    database.start(url)
    from django.db import connections

    from livingdrug.care import store

    per_thread = max(4, int(12 * length / threads))
    first = number * threads * per_thread
    courses = [events for _, events in loader.simulated(range(first, first + threads * per_thread))]
    took: list[float] = []
    start = threading.Barrier(threads)

    def write(mine: list[list[Any]]) -> None:
        start.wait()
        ends = time.perf_counter() + length
        for events in mine:
            began = time.perf_counter()
            answer = store.start(events[0], "bench")
            took.append(time.perf_counter() - began)
            for version, event in enumerate(events[1:], 1):
                assert isinstance(answer, store.Appended), str(answer)
                if time.perf_counter() > ends:
                    connections.close_all()
                    return
                began = time.perf_counter()
                answer = store.append(answer.journey, [event], version, "bench")
                took.append(time.perf_counter() - began)
        raise AssertionError("the writers ran out of patients")

    each = [courses[n * per_thread : (n + 1) * per_thread] for n in range(threads)]
    running = [threading.Thread(target=write, args=(mine,)) for mine in each]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return took


def verified(url: str) -> str:
    """What `livingdrug verify` says."""
    from livingdrug.care import verify

    return str(verify.verify(url.removeprefix("sqlite:///") if url.startswith("sqlite") else url))


# A large store ------------------------------------------------------------------------------------------------------------


def large(kind: str, journeys: int, name: str = "") -> Row:
    """Loading, and then what pages, patients and exports cost; each once to warm up and then a median."""
    with store(kind, name) as url:
        from livingdrug.care import models

        found: Row = {"journeys": journeys, "load": "there already"}
        if not models.Journey.objects.exists():
            found["load"] = loader.load(url, journeys)
        found["events"] = models.Event.objects.order_by("-position").first().position
        found["ms"] = {says: timed(work) for says, work in reads(journeys)}
        found["cohort_seconds"] = seconds(cohort)
        began = time.perf_counter()
        found["verify"] = {"says": verified(url), "seconds": time.perf_counter() - began}
        return found


def reads(journeys: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What a page asks the store for."""
    from livingdrug.care import states, store
    from livingdrug.care.board import Filters

    now = store.board(limit=1).rows[0].last_at
    from livingdrug.care.clock import moment

    middle = store.board(Filters(), 50, f"{store.board(Filters(stage='infused'), 1).rows[0].last_at}~8")
    yield "board, first page", lambda: store.board(Filters(), 50)
    yield "board, next page", lambda: store.board(Filters(), 50, middle.next)
    yield "board of one center", lambda: store.board(Filters(center="chop"), 50)
    yield "board of one stage and center", lambda: store.board(Filters(center="chop", stage="died"), 50)
    yield "board, what is held", lambda: store.board(Filters(held=True), 50)
    yield "board, what is severe", lambda: store.board(Filters(severe=True), 50)
    yield "board, what is late", lambda: store.board(Filters(late=True), 50, now=moment(now))
    yield "counts by stage and center", lambda: store.counts()
    yield "first page and counts together", lambda: (store.board(Filters(), 50), store.counts())
    yield "totals of the ledger", lambda: store.totals()
    step = iter(range(1, 10**9))

    def patient() -> Any:
        states.forget()
        return store.latest(f"{(next(step) * 7919) % journeys:016x}")

    yield "one patient, not kept in memory", patient
    yield "rows of one patient", lambda: store.rows(f"{(next(step) * 7919) % journeys:016x}")
    yield "1,000 rows of the log from its middle", lambda: store.since(journeys * 32, 1000)


def timed(work: Callable[[], Any]) -> Row:
    """Milliseconds: the first time, and spread over repeats."""
    first = seconds(work)
    return {"first": 1e3 * first, **spread([seconds(work) for _ in range(REPEATS)])}


def cohort() -> None:
    from livingdrug.care import store

    with tempfile.TemporaryDirectory() as folder:
        store.cohort("tisagenlecleucel").write_parquet(Path(folder) / "cohort.parquet")


# Keeping it ---------------------------------------------------------------------------------------------------------------


def about() -> Row:
    from livingdrug.commands.version import facts

    return {
        "machine": facts()["processor"],
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load": [round(each, 1) for each in os.getloadavg()],
    }


def keep(part: str, found: Row) -> None:
    """Put what one part found into the file, and leave the others as they are."""
    kept = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    kept[part] = found
    STORED.write_text(json.dumps(rounded(kept), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Four digits are more than a measurement of time has."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", default=["floor", "store", "api", "large"])
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--journeys", type=int, default=100_000)
    arguments.add_argument("--name", default="", help="a database that is kept, so that a large store is loaded once")
    chosen = arguments.parse_args()
    for part in chosen.parts:
        facts = about()
        work: dict[str, Callable[[], Row]] = {
            "floor": floor,
            "store": lambda: of_store(chosen.seconds),
            "large": lambda: large("postgresql", chosen.journeys, chosen.name),
        }
        found = work[part]()
        keep(part, {"about": facts} | found)
        print(json.dumps(rounded({part: found}), indent=1), flush=True)


if __name__ == "__main__":
    main()
