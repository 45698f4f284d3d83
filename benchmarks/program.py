"""The virtual program on this machine: time by step, and how a whole `livingdrug simulate` grows with the number of patients.

Steps are timed on one thread, a chunk at a time, and given per patient. Whole runs are commands in processes of their own,
timed from outside, with the most memory each held: imports, solving, tables, comparison and report included.
Writes benchmarks/program.json and the table in docs/performance.md: `python benchmarks/program.py`.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from livingdrug.simulate.chunks import CHUNK, as_bytes
from livingdrug.simulate.program import STEPS, simulate
from livingdrug.simulate.scenario import Scenario, load
from livingdrug.simulate.workers import cores

ROOT = Path(__file__).parent.parent
STORED = ROOT / "benchmarks" / "program.json"
PAGE = ROOT / "docs" / "performance.md"
MARKS = ("<!-- program: written by benchmarks/program.py -->", "<!-- end of the program -->")
COUNTS = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 5
WAYS = {"threads": [], "two processes": ["--workers", "2"], "a local cluster of two": ["--cluster", "local", "--workers", "2"]}
Row = dict[str, Any]


def steps(scenario: Scenario) -> list[Row]:
    """Microseconds per patient of each step on one thread, the median of repeats, and of packing a chunk."""
    from livingdrug.cohort import frame

    simulate(scenario, range(CHUNK), threads=1)  # compiled, loaded and warm
    found: dict[str, list[float]] = {}
    for repeat in range(REPEATS):
        seconds: dict[str, float] = {}
        patients = range(repeat * CHUNK, (repeat + 1) * CHUNK)
        columns = simulate(scenario, patients, threads=1, timings=seconds)
        began = time.perf_counter()
        as_bytes(frame(columns))
        seconds["table"] = time.perf_counter() - began
        for name, took in seconds.items():
            found.setdefault(name, []).append(1e6 * took / CHUNK)
    return [{"step": name, "microseconds": statistics.median(found[name])} for name in (*STEPS, "table")]


def whole(patients: int, *more: str) -> Row:
    """One `livingdrug simulate` from outside: seconds, the most memory in MB, and the seconds that it notes of itself."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "livingdrug.cli", "simulate", "eliana", "--patients", str(patients), "--out", folder]
        began = time.perf_counter()
        process = subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"{' '.join(command)} ended with {process.returncode}"
        noted = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["seconds"]
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    memory = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {
        "patients": patients,
        "seconds": took,
        "memory": memory,
        "disk": size / 1e6,
        "cpu": used.ru_utime + used.ru_stime,
    } | noted


def measure(counts: list[int]) -> Row:
    found: Row = {"about": about(), "steps": steps(load("eliana")), "whole": [], "ways": []}
    whole(1000)
    for patients in counts:
        found["whole"].append(whole(patients))
        print(json.dumps(found["whole"][-1]), flush=True)
    for name, more in WAYS.items():
        found["ways"].append({"way": name} | whole(100_000, "--no-report", *more))
        print(json.dumps(found["ways"][-1]), flush=True)
    return found


def about() -> Row:
    from livingdrug.commands.version import facts

    known = facts()
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {
        "machine": known["processor"],
        "cores": cores(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load": round(load_before, 1),
    }


# The page -----------------------------------------------------------------------------------------------------------------


def page(found: Row) -> str:
    """The text of docs/performance.md with the part between the marks written anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n\n" + "\n".join(lines(found)) + f"\n\n{MARKS[1]}{after}"


def lines(found: Row) -> list[str]:
    of = found["about"]
    return [
        f"{of['date']}: {of['machine']}, {of['cores']} cores, Python {of['python']}; load before the start {of['load']:g}.",
        "",
        "`livingdrug simulate eliana --patients N`, timed from outside, courses of 400 patients and report included:",
        "",
        *grown(found["whole"]),
        "",
        "One thread, per patient enrolled, by step:",
        "",
        *split(found["steps"]),
        "",
        "100,000 patients without a report, by how they are spread:",
        "",
        *spread(found["ways"]),
    ]


def grown(rows: list[Row]) -> list[str]:
    head = ("patients", "whole run", "simulating", "writing", "comparing", "start and report", "memory", "folder", "patients/s")
    found = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    for row in rows:
        rest = row["seconds"] - row["simulate"] - row["write"] - row["compare"]
        times = " | ".join(f"{each:.1f} s" for each in (row["seconds"], row["simulate"], row["write"], row["compare"], rest))
        speed = row["patients"] / row["simulate"]
        found.append(f"| {row['patients']:,} | {times} | {row['memory']:,.0f} MB | {row['disk']:,.0f} MB | {speed:,.0f} |")
    return found


def split(rows: list[Row]) -> list[str]:
    total = sum(row["microseconds"] for row in rows)
    found = ["| step | µs per patient | share |", "|---|---:|---:|"]
    found += [f"| {row['step']} | {row['microseconds']:.2f} | {row['microseconds'] / total:.1%} |" for row in rows]
    return [*found, f"| all | {total:.1f} | {1e6 / total:,.0f} patients/s |"]


def spread(rows: list[Row]) -> list[str]:
    found = ["| way | whole run | simulating |", "|---|---:|---:|"]
    return found + [f"| {row['way']} | {row['seconds']:.1f} s | {row['simulate']:.1f} s |" for row in rows]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--patients", type=int, nargs="*", default=list(COUNTS))
    arguments.add_argument("--page-only", action="store_true", help="write the page from what is stored")
    chosen = arguments.parse_args()
    if not chosen.page_only:
        STORED.write_text(json.dumps(measure(chosen.patients), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(STORED.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"written: {STORED.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
