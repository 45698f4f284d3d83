"""The unfinished part of a run: finished chunks of patients as files of their own, and joining them into one table.

A chunk file is whole or not there, so a run that was interrupted, killed or cut off goes on with the chunks that are missing.
The joined table depends on its rows alone: row groups and compression are the same for any size of the chunks.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from livingdrug.errors import BadInput
from livingdrug.simulate.disk import whole, write

__all__ = ["CHUNK", "Shelf", "as_bytes", "chunk_size", "from_bytes", "join", "only_here", "parts", "shelf"]

CHUNK = 4096
"""Patients in a chunk, at most: a third of a second of one core, and 0.1 GB while they are simulated."""
ROW_GROUP = 65_536
"""Rows in a row group of the joined table; its bytes depend on this number, so changing it changes every digest."""
FOLDER = ".partial"
DIGEST = 64


def chunk_size(patients: int, lanes: int) -> int:
    """Patients per chunk, so that all `lanes` have work until the end."""
    return max(1, min(CHUNK, -(-patients // (4 * lanes))))


def parts(patients: range, size: int) -> list[range]:
    """Consecutive ranges of at most `size` patients."""
    return [range(start, min(start + size, patients.stop)) for start in range(patients.start, patients.stop, size)]


def as_bytes(table: pl.DataFrame) -> bytes:
    """A table as it travels from a worker and lies in a chunk file."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="lz4")
    return buffer.getvalue()


def from_bytes(content: bytes) -> pl.DataFrame:
    """The table of `as_bytes`."""
    return pl.read_parquet(io.BytesIO(content))


def join(files: list[Path], path: Path, draft_in: Path) -> None:
    """All rows of the files in their order as one Parquet file, streamed: memory does not grow with the number of rows."""
    with whole(path, draft_in) as draft, _errors_of_the_system():
        pl.scan_parquet(files).sink_parquet(draft, compression="zstd", row_group_size=ROW_GROUP, maintain_order=True)


@contextmanager
def _errors_of_the_system() -> Iterator[None]:
    """What the disk refuses to Polars, as the same `OSError` that it is elsewhere."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        if number := re.search(r"os error (\d+)", str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1]))) from error
        raise


# The shelf ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """The folder of finished chunks of one run, `size` patients each."""

    folder: Path
    size: int

    def file(self, kind: str, patients: range) -> Path:
        """Where the chunk of these patients lies or will lie."""
        return self.folder / f"{kind}-{patients.start:012d}.parquet"

    def put(self, kind: str, patients: range, content: bytes) -> None:
        """Keep a finished chunk."""
        write(self.file(kind, patients), content)

    def missing(self, kind: str, wanted: Sequence[range]) -> list[range]:
        """Those of the `wanted` chunks that are not there, or cannot be read."""
        return [patients for patients in wanted if not _readable(self.file(kind, patients))]

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _readable(file: Path) -> bool:
    if not file.exists():
        return False
    try:
        pl.read_parquet_schema(file)
    except (OSError, pl.exceptions.PolarsError):
        return False
    return True


def shelf(out: Path, facts: Mapping[str, Any], size: int, *, resume: bool) -> Shelf:
    """The shelf of an interrupted run of these `facts` when resuming, else an empty one.

    Raises `BadInput` naming every fact in which the interrupted run differs.
    """
    folder = out / FOLDER
    note = folder / "run.json"
    before = _read(note)
    if resume and before is not None:
        _check_same(out, before["facts"], facts)
        return Shelf(folder, before["size"])
    for file in folder.glob("*.parquet"):
        file.unlink()
    for file in folder.glob(".*.draft"):
        file.unlink()
    write(note, json.dumps({"facts": dict(facts), "size": size}, indent=1).encode())
    return Shelf(folder, size)


def _read(note: Path) -> dict[str, Any] | None:
    """What an interrupted run noted about itself; None where there is none that can be read."""
    with suppress(OSError, ValueError):
        content = json.loads(note.read_text(encoding="utf-8"))
        if isinstance(content, dict) and isinstance(content.get("facts"), dict) and isinstance(content.get("size"), int):
            return content
    return None


def _check_same(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    differing = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if differing:
        told = [_difference(name, before.get(name), now.get(name)) for name in differing]
        raise BadInput.at(
            str(out),
            f"holds an interrupted run of something else ({'; '.join(told)}); "
            "ask for the same again, or leave --resume out to start over",
        )


def _difference(name: str, there: Any, now: Any) -> str:
    """A digest says nothing to a reader; the name of what it is a digest of does."""
    return name if isinstance(now, str) and len(now) == DIGEST else f"{name} {there} there, {now} now"


@contextmanager
def only_here(out: Path) -> Iterator[None]:
    """The folder for this process alone; raises `BadInput` when another run is writing into it. A killed run lets go."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        if not _locked(lock):
            raise BadInput.at(str(out), "another run is writing there; wait for it, or choose another folder with --out")
        yield


def _locked(lock: Any) -> bool:
    try:
        import fcntl
    except ImportError:  # not on Windows; there two runs in one folder are the user's to avoid
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
