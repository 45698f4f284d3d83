"""A reader of the log that trusts nobody: it finds the first row that was changed, moved, added or taken away.

It stands alone, on Python's standard library (and psycopg for PostgreSQL), and uses nothing of livingdrug, so that an auditor
can read it whole and run it anywhere:

    python verify.py log.jsonl.gz --anchors anchors.jsonl
    python verify.py store.sqlite3
    python verify.py postgresql://reader@host/name

Exit status 0: every hash, position and version fits. 2: something does not, and the sentence names the row.

What is hashed, with all hashes as hexadecimal SHA-256 and text in UTF-8:

    hash      = SHA-256( previous + newline + body ), body = JSON with sorted keys and no spaces of
                account, content (text), journey, key, network, recorded, rules, therapy, version (number)
    log_hash  = SHA-256( log_hash before + newline + position + newline + hash )

The first link of each chain follows 64 zeros. In the audit trail, hash = SHA-256( hash before + newline + JSON of the rest ).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sqlite3
import sys
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ZEROS = "0" * 64
COLUMNS = (
    "position", "journey", "version", "name", "at", "recorded", "by", "account", "content", "therapy", "network", "rules",
    "key", "previous", "hash", "log_hash",
)  # fmt: skip
BODY = ("account", "content", "journey", "key", "network", "recorded", "rules", "therapy", "version")
KINDS: dict[str, type] = {"position": int, "version": int}  # all else is text
AUDIT = ("position", "at", "account", "action", "journey", "patient", "what", "outcome", "ip", "reason")

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """The first thing that does not fit: where, which check failed, and what that means."""

    check: str
    says: str
    position: int | None = None
    journey: str = ""
    version: int | None = None

    def __str__(self) -> str:
        where = [f"position {self.position}"] if self.position is not None else []
        where += [f"journey {self.journey}"] if self.journey else []
        where += [f"version {self.version}"] if self.version is not None else []
        return f"{', '.join(where)}: {self.says} [{self.check}]" if where else f"{self.says} [{self.check}]"


@dataclass(frozen=True)
class Report:
    """What was read, and what does not fit, if anything."""

    events: int
    journeys: int
    found: Found | None = None

    @property
    def fine(self) -> bool:
        """Whether everything fits."""
        return self.found is None

    def __str__(self) -> str:
        return f"fine, {self.events} events in {self.journeys} journeys" if self.found is None else f"TAMPERED: {self.found}"


@dataclass
class Source:
    """An export or a database, as a reader sees it; `heads` and `audit` only a database has."""

    definitions: Iterable[tuple[str, str]]
    events: Iterable[Row]
    heads: Iterable[tuple[str, int, str]] = ()
    audit: Iterable[Row] = ()
    header: Row = field(default_factory=dict)


class Tampered(Exception):
    """Carries what was found to the one place that reports it."""

    def __init__(self, found: Found) -> None:
        super().__init__(str(found))
        self.found = found


def verify(place: str, anchors: str | None = None) -> Report:
    """Check an export, a SQLite file or a database's URL; raises OSError or ValueError for what cannot be read at all."""
    marks = _marks(Path(anchors)) if anchors else []
    walk = Walk({mark["position"]: mark["log_hash"] for mark in marks})
    try:
        with closing(_opened(place)) as opened:
            source = next(opened)
            walk.defined = set(_definitions(source.definitions))
            for row in source.events:
                walk.step(row)
            walk.finish(source)
            _audit(source.audit, {mark["audit"]: mark["audit_hash"] for mark in marks})
    except Tampered as tampered:
        return Report(walk.position, len(walk.heads), tampered.found)
    return Report(walk.position, len(walk.heads))


# The log ----------------------------------------------------------------------------------------------------------------


class Walk:
    """A walk along the log, position by position; `step` raises `Tampered` at the first row that does not fit."""

    def __init__(self, anchors: dict[int, str]) -> None:
        self.anchors = anchors
        self.defined: set[str] = set()
        self.position, self.log_hash = 0, ZEROS
        self.heads: dict[str, tuple[int, str, str]] = {}

    def step(self, row: Row) -> None:
        """The next row."""
        if odd := _odd(row, COLUMNS):
            raise Tampered(Found("row", f"{odd}, so it is no row of a log: it was changed", self.position + 1))

        def refuse(check: str, says: str) -> None:
            raise Tampered(Found(check, says, row["position"], row["journey"], row["version"]))

        version, head, therapy = self.heads.get(row["journey"], (0, ZEROS, row["therapy"]))
        if row["position"] != self.position + 1:
            gap = f"row {self.position + 1} is missing" if row["position"] > self.position else "the row is there twice"
            refuse("position", f"{gap}: the one before is at {self.position}")
        if row["hash"] != _sha(f"{row['previous']}\n{_json({name: row[name] for name in BODY})}"):
            refuse("hash", "the row is not what was recorded: its content, account, time or hash was changed")
        if row["version"] != version + 1:
            refuse("version", f"the journey's event before is number {version}: one was taken away, added or moved")
        if row["previous"] != head:
            refuse("previous", "the row does not follow the journey's event before: one was taken away, added or moved")
        if row["log_hash"] != _sha(f"{self.log_hash}\n{row['position']}\n{row['hash']}"):
            refuse("log hash", "the row does not follow the log before it: a row was changed, added, moved or taken away")
        if name := _unlike(row):
            refuse("column", f"the column {name!r} does not say what the content says")
        if row["therapy"] != therapy:
            refuse("definition", "the journey is judged by another therapy than its first event")
        for name in ("therapy", "network", "rules"):
            if row[name] not in self.defined:
                refuse("definition", f"the {name} {row[name]} that judged it is missing")
        if self.anchors.get(row["position"], row["log_hash"]) != row["log_hash"]:
            refuse("anchor", "the log was otherwise when this position was anchored: it was rewritten up to here")
        self.position, self.log_hash = row["position"], row["log_hash"]
        self.heads[row["journey"]] = (row["version"], row["hash"], therapy)

    def finish(self, source: Source) -> None:
        """Nothing may be missing at the end: not what was anchored, what the header announced, or what a head names."""
        if self.anchors and (last := max(self.anchors)) > self.position:
            says = f"the log ends at {self.position}, and an anchor was set at {last}: its end was cut off"
            raise Tampered(Found("anchor", says, self.position + 1))
        if source.header and (source.header["events"], source.header["log_hash"]) != (self.position, self.log_hash):
            says = f"the file ends at {self.position}, and its header says {source.header['events']}"
            raise Tampered(Found("header", says, self.position + 1))
        heads = {journey: (version, head) for journey, version, head in source.heads}
        for journey in heads if heads or not source.header else ():
            version, head, _ = self.heads.get(journey, (0, ZEROS, ""))
            if (version, head) != heads[journey]:
                says = f"the journey ends at {version}, and its head says {heads[journey][0]}: its end was cut off or added"
                raise Tampered(Found("head", says, None, journey, min(version, heads[journey][0]) + 1))
        if not source.header and (loose := sorted(set(self.heads) - set(heads))):
            raise Tampered(
                Found("head", "the journey has events and no head: it was added or its head taken away", None, loose[0])
            )


def _odd(row: Any, names: tuple[str, ...]) -> str | None:
    """What is not of the kind that stands in every row, in words."""
    if not isinstance(row, dict) or set(row) != set(names):
        return "a column is missing or too many"
    return next((f"its {name} is {row[name]!r:.40}" for name in names if type(row[name]) is not KINDS.get(name, str)), None)


def _unlike(row: Row) -> str | None:
    """The column that only repeats the content, and does not."""
    try:
        content = json.loads(row["content"])
        at = datetime.fromisoformat(content["at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return "content"
    said = {"name": content.get("event"), "by": content.get("by"), "at": at}
    return next((name for name, value in said.items() if row[name] != value), None)


def _definitions(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for digest, text in pairs:
        if not isinstance(text, str) or _sha(text) != digest:
            raise Tampered(Found("definition", f"the text of definition {digest} was changed"))
        yield digest


def _audit(rows: Iterable[Row], anchors: dict[int, str]) -> None:
    position, before = 0, ZEROS
    for row in rows:
        if odd := _odd(row, (*AUDIT, "hash")):
            raise Tampered(Found("audit row", f"{odd}, so row {position + 1} is none of the audit trail: it was changed"))
        if row["position"] != position + 1:
            raise Tampered(Found("audit position", f"row {position + 1} of the audit trail is missing"))
        if row["hash"] != _sha(f"{before}\n{_json({name: row[name] for name in AUDIT})}"):
            raise Tampered(Found("audit hash", f"row {row['position']} of the audit trail was changed, added or moved"))
        if anchors.get(row["position"], row["hash"]) != row["hash"]:
            raise Tampered(Found("audit anchor", f"the audit trail was rewritten up to row {row['position']}"))
        position, before = row["position"], row["hash"]
    if rows and anchors and (last := max(anchors)) > position:
        raise Tampered(Found("audit anchor", f"the audit trail ends at {position}, and an anchor was set at {last}"))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _json(value: Row) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Where the log is -------------------------------------------------------------------------------------------------------


def _opened(place: str) -> Generator[Source, None, None]:
    if place.startswith(("postgresql://", "postgres://")):
        return _postgresql(place)
    path = Path(unquote(place.removeprefix("sqlite:///"))) if place.startswith("sqlite:") else Path(place)
    with path.open("rb") as file:
        return _sqlite(path) if file.read(15) == b"SQLite format 3" else _export(path)


def _export(path: Path) -> Generator[Source, None, None]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        lines = _lines(path, file)
        header = next(lines, {})
        if header.get("livingdrug") != "log" or header.get("format") != 1:
            raise ValueError(f"{path} is no log of format 1; write one with `livingdrug store export`")
        if type(header.get("events")) is not int or type(header.get("log_hash")) is not str:
            raise ValueError(f"{path} does not say in its first line how many events it holds; export it again")
        definitions: list[tuple[str, str]] = []
        first: list[Row] = []
        for line in lines:
            if "definition" not in line:
                first.append(line)
                break
            definitions.append((line["definition"], line.get("text", "")))
        yield Source(definitions, (row for part in (first, lines) for row in part), header=header)


def _marks(path: Path) -> list[Row]:
    """The lines of a file of anchors."""
    with path.open(encoding="utf-8") as file:
        marks = list(_lines(path, file))
    kinds = {"position": int, "log_hash": str, "audit": int, "audit_hash": str}
    if any(type(mark.get(name)) is not kind for mark in marks for name, kind in kinds.items()):
        raise ValueError(f"{path} is no file of anchors; write one with `livingdrug store anchor`")
    return marks


def _lines(path: Path, file: Iterable[str]) -> Iterator[Row]:
    """The objects of a file, one on each line; raises ValueError for one that is none, and names it."""
    number = 0
    try:
        for line in file:
            number += 1
            if line.strip():
                content = json.loads(line)
                if not isinstance(content, dict):
                    raise ValueError(f"{content!r:.40} is no object")
                yield content
    except (ValueError, RecursionError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} cannot be read at or after line {max(number, 1)}: {error}") from error


EVENTS = f"""SELECT {", ".join("journey_id" if name == "journey" else f'"{name}"' for name in COLUMNS)}
FROM care_event ORDER BY position"""
TRAIL = f"SELECT {', '.join(AUDIT)}, hash FROM care_access ORDER BY position"
DEFINITIONS = "SELECT digest, text FROM care_definition"
HEADS = "SELECT id, version, head FROM care_journey ORDER BY id"


def _sqlite(path: Path) -> Generator[Source, None, None]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        run = connection.execute
        yield Source(run(DEFINITIONS), _rows(COLUMNS, run(EVENTS)), run(HEADS), _rows((*AUDIT, "hash"), run(TRAIL)))


def _postgresql(url: str) -> Generator[Source, None, None]:
    import psycopg

    with psycopg.connect(url) as connection, ExitStack() as cursors:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        def run(name: str, query: str) -> Any:
            cursor = cursors.enter_context(connection.cursor(name))  # on the server: a log is larger than memory
            cursor.itersize = 2000
            return cursor.execute(query.encode())

        events, trail = run("events", EVENTS), run("trail", TRAIL)
        yield Source(
            run("definitions", DEFINITIONS), _rows(COLUMNS, events), run("heads", HEADS), _rows((*AUDIT, "hash"), trail)
        )


def _rows(names: tuple[str, ...], found: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    return (dict(zip(names, values, strict=True)) for values in found)


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; the exit status."""
    parser = argparse.ArgumentParser(description="Check the log of livingdrug.")
    parser.add_argument("place", help="an export (.jsonl, .jsonl.gz), a SQLite file, or a database's URL")
    parser.add_argument("--anchors", help="the file of anchors that was kept outside the database")
    asked = parser.parse_args(arguments)
    report = verify(asked.place, asked.anchors)
    print(report)
    return 0 if report.fine else 2


if __name__ == "__main__":
    sys.exit(main())
