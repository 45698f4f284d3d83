"""How fast the record is, measured: the disk below it, the store, the API in front of it, and a store of 100,000 journeys.

    python benchmarks/record.py [floor] [store] [api] [large] [--seconds 60] [--journeys 100000]

Each part makes databases of its own and drops them: in SQLite, and in a PostgreSQL that is started for it. On a machine that
has other work, `--first` (for root) gives this program, its servers and its PostgreSQL the processors first. What is measured
goes into `record.json` with the machine and its load at that moment, and from there into docs/performance.md, as do the
numbers that long runs of the tests of faults leave there (`LIVINGDRUG_LONG=1 pytest tests/care`).
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
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("LIVINGDRUG_DEMO", "1")

import clients
import loader

STORED = Path(__file__).with_suffix(".json")

SERVER = ""
"""URL of the PostgreSQL on which databases are made."""
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

    per_thread = max(4, int(15 * length / threads))
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


# The API ------------------------------------------------------------------------------------------------------------------

PACED = 165
"""Acts a second that the clients send together when they do not send as fast as they are answered."""


def of_api(length: float) -> Row:
    """Clients that record whole journeys at `livingdrug serve`: as fast as they are answered, and at a pace."""
    from workers.service import served, tokens_of

    found: Row = {}
    for kind in KINDS:
        for pace in (None, PACED if kind == "postgresql" else 105):
            per_client = max(4, int((length + clients.WARM) * 400 / CLIENTS / 40))
            with store(kind) as url:
                people = {event.by for _, events in loader.simulated(range(1000)) for event in events}
                tokens = tokens_of(sorted(people))
                with served(url) as service:
                    seen = clients.load(service.port, tokens, CLIENTS, length, per_client, pace=pace)
                row = {"clients": CLIENTS, "pace": pace or "as fast as answered", "events/s": seen.events / length}
                row |= {"acts/s": (len(seen.acts) + len(seen.signed)) / length, "reads/s": len(seen.reads) / length}
                row |= {"acts": spread(seen.acts + seen.signed), "signed": spread(seen.signed), "reads": spread(seen.reads)}
                found.setdefault(kind, []).append(row | {"refused": seen.other, "verify": verified(url)})
                print(json.dumps(rounded(found[kind][-1])), flush=True)
    return found


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
    from livingdrug.care import models, states, store
    from livingdrug.care.board import Filters

    now = store.board(limit=1).rows[0].last_at
    from livingdrug.care.clock import moment

    middle = models.Journey.objects.order_by("last_at", "id")[journeys // 2]
    yield "board, first page", lambda: store.board(Filters(), 50)
    yield "board, a page in the middle", lambda: store.board(Filters(), 50, f"{middle.last_at}~{middle.id}")
    yield "board of one center", lambda: store.board(Filters(center="chop"), 50)
    yield "board of one stage and center", lambda: store.board(Filters(center="chop", stage="died"), 50)
    yield "board, what is held", lambda: store.board(Filters(held=True), 50)
    yield "board, what is severe", lambda: store.board(Filters(severe=True), 50)
    yield "board, what is late", lambda: store.board(Filters(late=True), 50, now=moment(now))
    yield "counts by stage and center", lambda: store.counts()
    yield "first page and counts together", lambda: (store.board(Filters(), 50), store.counts())
    yield "totals of the ledger", lambda: store.totals()
    yield from scoped()
    step = iter(range(1, 10**9))

    def patient() -> Any:
        states.forget()
        return store.latest(f"{(next(step) * 7919) % journeys:016x}")

    yield "one patient, not kept in memory", patient
    yield "rows of one patient", lambda: store.rows(f"{(next(step) * 7919) % journeys:016x}")
    yield "1,000 rows of the log from its middle", lambda: store.since(journeys * 32, 1000)


def scoped() -> Iterator[tuple[str, Callable[[], Any]]]:
    """The first page of the board as people of the network see it."""
    from livingdrug.care import store
    from livingdrug.care.accounts.models import Account
    from livingdrug.care.accounts.scope import scope
    from livingdrug.care.accounts.who import visitor_of
    from livingdrug.care.board import Filters

    for person in ("chop-coordinator-1", "morris-plains-operator-1", "courier-1", "medicare-payer-1"):
        visitor = visitor_of(Account(email="a@example.org", person=person))
        assert visitor is not None, "the account is active"
        yield f"board of {person}", lambda visitor=visitor: store.board(Filters(), 50, within=scope(visitor))


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


def first(process: int | str = "self") -> None:
    """Give the session of a process, all that was started in it, the processors before all others (Linux, for root)."""
    Path(f"/proc/{process}/autogroup").write_text("-15", encoding="ascii")


@contextmanager
def server(before_others: bool) -> Iterator[str]:
    """A PostgreSQL for the measurements, with its own settings but for the port."""
    from workers.private import private

    with private(shared_buffers="128MB") as made:
        if before_others:
            first()
            first((made.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        yield made.url()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", default=["floor", "store", "api", "large"])
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--journeys", type=int, default=100_000)
    arguments.add_argument("--first", action="store_true", help="before other work of this machine")
    arguments.add_argument("--server", help="a PostgreSQL that is there; without it, one is started")
    arguments.add_argument("--name", default="", help="a database on it that is kept, so that a large store is loaded once")
    chosen = arguments.parse_args()
    global SERVER
    with nullcontext(chosen.server) if chosen.server else server(chosen.first) as SERVER:
        for part in chosen.parts:
            measured(part, chosen)
    import record_page

    record_page.write()


def measured(part: str, chosen: argparse.Namespace) -> None:
    """Measure one part, and keep what was found."""
    work: dict[str, Callable[[], Row]] = {
        "floor": floor,
        "store": lambda: of_store(chosen.seconds / 3),
        "api": lambda: of_api(chosen.seconds),
        "large": lambda: large("postgresql", chosen.journeys, chosen.name),
    }
    facts = about() | {"first": chosen.first}
    found = work[part]()
    keep(part, {"about": facts} | found)
    print(json.dumps(rounded({part: found}), indent=1), flush=True)


if __name__ == "__main__":
    main()
