"""Fifty people at once on the pages, over PostgreSQL: how long they wait, and whether anything fails.

    python benchmarks/pages.py                       the service and the people share the cores of this machine
    python benchmarks/pages.py --people 50 --seconds 60 --pause 2

A database of its own is made, filled with the demo, and dropped. The people sign in through the sign-in page, then read and
record as their role does, `--pause` seconds apart on average. Results go to benchmarks/pages.json and docs/performance.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

ROOT = Path(__file__).parent.parent
STORED, PAGE = ROOT / "benchmarks" / "pages.json", ROOT / "docs" / "performance.md"
MARKS = ("<!-- pages: written by benchmarks/pages.py -->", "<!-- end of the pages -->")
SERVER = os.environ.get("LIVINGDRUG_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
PASSWORD = "demo-livingdrug"
WARM = 10.0
"""Seconds before anything counts: servers read code, therapies, networks and journeys when they are first asked."""
APART = 2.1
"""Seconds between two sign-ins: all people here have one address, from which 30 a minute are let in."""
BOARD = {"HX-Request": "true"}

PEOPLE = {
    "coordinator": 12,
    "physician": 10,
    "bedside nurse": 12,
    "operator": 4,
    "quality": 4,
    "courier": 4,
    "payer": 2,
    "auditor": 2,
}
"""How many of each role are at work."""
FIRST = {"payer": "/ledger", "auditor": "/audit"}
LISTS = {
    "coordinator": ("/board", "/board?stage=infused", "/slots", "/centers", "/ledger", "/cohort"),
    "physician": ("/board", "/board?search=DEMO-00", "/centers"),
    "bedside nurse": ("/board",),
    "operator": ("/board", "/slots"),
    "quality": ("/board", "/centers"),
    "courier": ("/board",),
    "payer": ("/ledger",),
    "auditor": ("/audit", "/board", "/ledger"),
}
PARTS = {
    "coordinator": ("", "/custody", "/labels", "/response", "/gate"),
    "physician": ("", "/gate", "/bedside", "/response", "/release"),
    "bedside nurse": ("", "/bedside", "/gate"),
    "operator": ("", "/custody", "/manufacture", "/labels"),
    "quality": ("", "/release", "/custody", "/manufacture"),
    "courier": ("/custody",),
    "payer": ("/ledger",),
    "auditor": ("", "/bedside", "/custody", "/release"),
}
WRITES = ("coordinator", "physician", "bedside nurse")
SHARE = {"list": 0.25, "twin": 0.05, "refresh": 0.15, "write": 0.2}
"""How often which kind of click is made; the rest open a page of one patient."""


@dataclass
class Seen:
    """What people waited for: seconds of each answer by kind, largest page, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    largest: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    """Forms that somebody else was faster with, or that a rule refuses: correct answers, counted apart."""


class Person:
    """One browser: its connection, its cookies, and the patients that it has seen."""

    def __init__(self, port: int, role: str, number: int, seen: Seen, counts: threading.Event, lock: threading.Lock) -> None:
        self.role, self.seen, self.counts, self.lock = role, seen, counts, lock
        self.chance = random.Random(number)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.patients: list[str] = []

    def ask(self, kind: str, method: str, where: str, form: dict[str, str] | None = None, **more: str) -> tuple[int, str, str]:
        """Status, place to go to, and text of one answer; how long it took is noted."""
        head = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "identity",
            **more,
        }
        body = urlencode(form | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}) if form is not None else None
        if body is not None:
            head |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://127.0.0.1/"}
        began = time.perf_counter()
        self.connection.request(method, where, body, head)
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if self.counts.is_set():
            self._note(kind, where, answer.status, took, text)
        return answer.status, answer.getheader("Location", "") or "", text.decode()

    def _note(self, kind: str, where: str, status: int, took: float, text: bytes) -> None:
        with self.lock:
            self.seen.took.setdefault(kind, []).append(took)
            name = re.sub(r"^/journeys/[^/.]+", "/journeys/…", where.partition("?")[0])
            self.seen.largest[name] = max(len(text), self.seen.largest.get(name, 0))
            if status == 409 or (status == 422 and b"/rules#" in text):
                self.seen.refused += 1
            elif status >= 400:
                says = f"{status} {self.role} {name}"
                self.seen.wrong[says] = self.seen.wrong.get(says, 0) + 1

    def sign_in(self) -> None:
        self.ask("sign in", "GET", "/accounts/login/")
        email = f"{self.role.replace(' ', '-')}@demo.example"
        status, _, text = self.ask("sign in", "POST", "/accounts/login/", {"login": email, "password": PASSWORD})
        assert status == 302, f"{email} cannot sign in: {status} {text[:300]}"
        _, _, text = self.ask("list", "GET", FIRST.get(self.role, "/board"))
        self._remember(text)

    def _remember(self, text: str) -> None:
        found = list(dict.fromkeys(re.findall(r'href="/journeys/([^/".?]+)', text)))
        self.patients = found or self.patients

    def click(self) -> None:
        """One click, as the role goes."""
        draw, part = self.chance.random(), 0.0
        for kind, share in SHARE.items():
            part += share
            if draw < part:
                return getattr(self, kind)()
        return self.patient()

    def list(self) -> None:
        _, _, text = self.ask("list", "GET", self.chance.choice(LISTS[self.role]))
        self._remember(text)

    def refresh(self) -> None:
        first = FIRST.get(self.role, "/board")
        self.ask("refresh", "GET", first, **(BOARD if first == "/board" else {}))

    def twin(self) -> None:
        self.ask("twin", "GET", f"{FIRST.get(self.role, '/board')}.json")

    def patient(self) -> None:
        if self.patients:
            where = f"/journeys/{self.chance.choice(self.patients)}{self.chance.choice(PARTS[self.role])}"
            self.ask("patient", "GET", where)

    def write(self) -> None:
        if self.role not in WRITES or not self.patients:
            return self.patient()
        return self.chart() if self.role == "bedside nurse" else self.note()

    def chart(self) -> None:
        """A look at a patient who was infused; others have no chart."""
        where = f"/journeys/{self.chance.choice(self.patients)}/bedside"
        _, _, text = self.ask("patient", "GET", where)
        held = _held(text)
        if 'name="temperature"' not in text or "version" not in held:
            return
        form = held | {"do": "chart", "temperature": f"{self.chance.uniform(36.5, 39.5):.1f}", "vasoactive": "0", "oxygen": "0"}
        self.ask("write", "POST", where, form)

    def note(self) -> None:
        """A deviation that holds nothing is opened: an act that is possible wherever a patient stands."""
        where = f"/journeys/{self.chance.choice(self.patients)}/act/deviation-opened"
        _, _, text = self.ask("patient", "GET", where)
        held = _held(text)
        if "version" in held:
            at = re.search(r'name="at" value="([^"]*)"', text)
            form = held | {"at": at[1] if at else "", "deviation": f"DEV-{uuid.uuid4().hex[:8]}", "says": "measured under load"}
            self.ask("write", "POST", where, form)


def _held(text: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(version|key)" value="([^"]*)"', text)
    return {name: unescape(value) for name, value in found}


# The service ------------------------------------------------------------------------------------------------------------


def made(url: str) -> None:
    """Fill a database with the demo."""
    code = (
        "from livingdrug.care import database; database.start()\n"
        "from livingdrug.care.demo import store; store.begin(); print(store.complete())"
    )
    subprocess.run([sys.executable, "-c", code], env=_environment(url), check=True, stdout=subprocess.DEVNULL)


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"LIVINGDRUG_DEMO": "1", "LIVINGDRUG_DATABASE": url}


def served(url: str, port: int, workers: int, threads: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "livingdrug.cli", "serve", "--port", str(port), "--no-log"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    running = subprocess.Popen(command, env=_environment(url), stdout=subprocess.DEVNULL)
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/api/v1/health")
            assert connection.getresponse().status == 200
            return running
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the service did not start")


# The day ----------------------------------------------------------------------------------------------------------------


def measured(port: int, people: int, seconds: float, pause: float) -> tuple[Seen, float]:
    """What so many people saw in so many seconds."""
    seen, counts, lock, stop = Seen(), threading.Event(), threading.Lock(), threading.Event()
    roles = [role for role, count in PEOPLE.items() for _ in range(count)]
    all_ = [Person(port, roles[number % len(roles)], number, seen, counts, lock) for number in range(people)]
    threads = [threading.Thread(target=_at_work, args=(each, pause, stop, lock), daemon=True) for each in all_]
    for each in threads:
        each.start()
        time.sleep(APART)
    time.sleep(WARM)
    counts.set()
    began = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for each in threads:
        each.join(30)
    return seen, time.perf_counter() - began


def _at_work(person: Person, pause: float, stop: threading.Event, lock: threading.Lock) -> None:
    try:
        person.sign_in()
        while not stop.wait(person.chance.expovariate(1 / pause) if pause else 0):
            person.click()
    except Exception as error:
        with lock:
            person.seen.wrong[f"{person.role}: {type(error).__name__}: {error}"[:200]] = 1


def first_views(port: int) -> dict[str, float]:
    """Milliseconds of pages for one person while nobody else is there, each asked three times; the median."""
    seen, counts, lock = Seen(), threading.Event(), threading.Lock()
    found: dict[str, float] = {}
    for role in ("coordinator", "physician", "bedside nurse", "quality"):
        one = Person(port, role, 1, seen, counts, lock)
        one.sign_in()
        patient = one.patients[0]
        for where in (*LISTS[role], *(f"/journeys/{patient}{part}" for part in PARTS[role])):
            times = []
            for _ in range(3):
                began = time.perf_counter()
                one.ask("alone", "GET", where)
                times.append((time.perf_counter() - began) * 1000)
            name = re.sub(r"^/journeys/[^/.]+", "/journeys/…", where.partition("?")[0])
            found[name] = round(max(found.get(name, 0.0), statistics.median(times)), 1)
    return found


def summary(seen: Seen, seconds: float) -> dict[str, Any]:
    everything = [each for kind, times in seen.took.items() for each in times if kind != "sign in"]
    return {
        "answers": len(everything),
        "answers/s": round(len(everything) / seconds, 1),
        "kinds": {kind: _times(times) for kind, times in sorted(seen.took.items())},
        "all": _times(everything),
        "wrong": seen.wrong,
        "refused": seen.refused,
        "largest page": max(seen.largest.values(), default=0),
        "sizes": dict(sorted(seen.largest.items(), key=lambda each: -each[1])[:12]),
    }


def _times(times: list[float]) -> dict[str, float]:
    ranked = sorted(times)
    at = lambda share: round(ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000, 1)  # noqa: E731
    return {"n": len(ranked), "median": at(0.5), "p95": at(0.95), "p99": at(0.99), "largest": at(1.0)} if ranked else {"n": 0}


def about() -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0))
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ""
    )
    load = round(os.getloadavg()[0], 1)
    return {
        "date": date.today().isoformat(),
        "cores": cores,
        "machine": model,
        "python": platform.python_version(),
        "load": load,
    }


def section(stored: dict[str, Any]) -> str:
    """The part of docs/performance.md."""
    run, facts, kinds = stored["run"], stored["about"], stored["run"]["kinds"]
    machine = f"{facts['machine']}, {facts['cores']} cores, Python {facts['python']}; load before the start {facts['load']}"
    people = f"{stored['people']} people who are signed in, each clicking every {stored['pause']:g} s on average"
    service = f"`livingdrug serve` with {stored['workers']} processes of {stored['threads']} threads"
    wrong, refused = sum(run["wrong"].values()), run["refused"]
    slowest = max(stored["first views"].items(), key=lambda each: each[1])
    largest = run["largest page"] / 1000
    lines = [
        f"{facts['date']}: {machine}.",
        "",
        f"{people}, for {stored['seconds']:g} s; PostgreSQL, {service} and the people's own program share these cores. "
        f"{run['answers/s']:g} answers a second, {wrong} errors, {refused} forms that a rule or somebody faster kept out.",
        "",
        "| what | answers | median | 95 % | 99 % | largest |",
        "|---|---:|---:|---:|---:|---:|",
        *(_line(kind, each) for kind, each in kinds.items() if each["n"] and kind != "sign in"),
        _line("all", run["all"]),
        "",
        f"One person alone waits {slowest[1]:.0f} ms at most (`{slowest[0]}`). The largest page has {largest:.0f} kB.",
    ]
    return "\n".join(lines)


def _line(kind: str, each: dict[str, float]) -> str:
    times = " | ".join(f"{each[name]:.0f} ms" for name in ("median", "p95", "p99", "largest"))
    return f"| {kind} | {each['n']:,} | {times} |"


def write(stored: dict[str, Any]) -> None:
    STORED.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    before, mark, rest = text.partition(MARKS[0])
    if not mark:
        before = f"{text.rstrip()}\n\n## The pages\n\n`python benchmarks/pages.py` measures them on your machine.\n\n"
    after = rest.partition(MARKS[1])[2] or "\n"
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{section(stored)}\n\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--port", type=int, default=8799)
    parser.add_argument("--only-print", action="store_true", help="leave pages.json and the docs as they are")
    asked = parser.parse_args()
    name = f"pages_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        url, running = SERVER.rpartition("/")[0] + f"/{name}", None
        facts = about()
        try:
            made(url)
            running = served(url, asked.port, asked.workers, asked.threads)
            first_views(asked.port)
            alone = first_views(asked.port)
            seen, seconds = measured(asked.port, asked.people, asked.seconds, asked.pause)
        finally:
            if running is not None:
                running.terminate()
                running.wait(30)
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    stored = {
        "about": facts, "people": asked.people, "pause": asked.pause, "seconds": asked.seconds, "workers": asked.workers,
        "threads": asked.threads, "first views": alone, "run": summary(seen, seconds),
    }  # fmt: skip
    if not asked.only_print:
        write(stored)
    print(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main()
