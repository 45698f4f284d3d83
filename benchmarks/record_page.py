"""The section of docs/performance.md about the record, from what `record.py` stored: `python benchmarks/record_page.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
STORED = ROOT / "benchmarks" / "record.json"
PAGE = ROOT / "docs" / "performance.md"
MARKS = ("<!-- record: written by benchmarks/record.py -->", "<!-- end of the record -->")
NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "any": ""}

Row = dict[str, Any]


def write() -> None:
    """Write the part between the marks anew."""
    text, found = PAGE.read_text(encoding="utf-8"), json.loads(STORED.read_text(encoding="utf-8"))
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    made = "\n\n".join("\n".join(part(found[name])) for name, part in PARTS.items() if name in found)
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{made}\n\n{MARKS[1]}{after}", encoding="utf-8")


def of_floor(found: Row) -> list[str]:
    said = ", ".join(
        f"{NAMES[kind]} {each['commits/s']:,.0f} (median {each['median']:.1f} ms, 99 % under {each['p99']:.1f} ms)"
        for kind, each in found.items()
        if kind in NAMES
    )
    return [*facts(found), f"Commits of one small row a second, one connection, each on the disk before the next: {said}."]


def of_store(found: Row) -> list[str]:
    head = ("database", "processes × threads", "events/s", "median", "99 %", "largest")
    lines = [*facts(found), "Through the rules into the store, without the API, one event an append:", "", *table(head)]
    for kind, rows in ((kind, rows) for kind, rows in found.items() if kind in NAMES):
        for row in rows:
            lines.append(cells(NAMES[kind], f"{row['processes']} × {row['threads']}", f"{row['events/s']:,.0f}", *times(row)))
    return lines


def of_api(found: Row) -> list[str]:
    head = ("database", "pace", "events/s", "reads/s", "acts: median", "99 %", "largest", "signed acts: 99 %", "reads: 99 %")
    lines = [*facts(found), f"`livingdrug serve`, two processes of eight threads, {CLIENTS}:", "", *table(head)]
    for kind, rows in ((kind, rows) for kind, rows in found.items() if kind in NAMES):
        for row in rows:
            pace = row["pace"] if isinstance(row["pace"], str) else f"{row['pace']:g} acts/s"
            rates = (f"{row['events/s']:,.0f}", f"{row['reads/s']:,.0f}")
            more = (f"{row['signed']['p99']:,.0f} ms", f"{row['reads']['p99']:,.0f} ms")
            lines.append(cells(NAMES[kind], pace, *rates, *times(row["acts"]), *more))
    return lines


CLIENTS = "32 clients that record whole journeys of virtual patients, one act a request, and read after every eighth"


def of_large(found: Row) -> list[str]:
    load = found["load"]
    how = f", loaded in {load['seconds']:,.0f} s" if isinstance(load, dict) else ""
    lines = [*facts(found), f"{found['journeys']:,} journeys with {found['events']:,} events in PostgreSQL{how}:", ""]
    lines += table(("what is asked", "first time", "median", "99 %", "largest"))
    for says, row in found["ms"].items():
        lines.append(cells(says, f"{row['first']:,.1f} ms", *(f"{row[name]:,.1f} ms" for name in ("median", "p99", "largest"))))
    lines += [
        "",
        f"The whole cohort as Parquet: {found['cohort_seconds']:,.1f} s. `livingdrug verify`, every hash of every event: ",
    ]
    lines[-1] += f"{found['verify']['seconds']:,.0f} s, “{found['verify']['says']}”."
    return lines


def of_faults(found: Row) -> list[str]:
    lines = [
        "Faults, counted by `LIVINGDRUG_LONG=1 pytest tests/care`:",
        "",
        *table(("what was done", "database", "counted"), 0),
    ]
    for fault, rows in found.items():
        for kind, row in rows.items():
            counted = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in row.items() if name != "date")
            lines.append(cells(fault, NAMES.get(kind, kind), counted))
    return lines


PARTS = {"floor": of_floor, "store": of_store, "api": of_api, "large": of_large, "faults": of_faults}


def facts(found: Row) -> list[str]:
    of = found["about"]
    first = ", measured before other work of the machine" if of.get("first") else ""
    where = f"{of['machine']}, {of['cores']} cores, Python {of['python']}; load before the start {of['load'][0]:g}{first}"
    return [f"{of['date']}: {where}.", ""]


def times(row: Row) -> tuple[str, ...]:
    return tuple(f"{row[name]:,.1f} ms" if row[name] < 10 else f"{row[name]:,.0f} ms" for name in ("median", "p99", "largest"))


def table(head: tuple[str, ...], numbers: int = 1) -> list[str]:
    return [cells(*head), "|" + "---|" + ("---:|" if numbers else "---|") * (len(head) - 1)]


def cells(*values: str) -> str:
    return f"| {' | '.join(values)} |"


if __name__ == "__main__":
    write()
