"""The log as others read it: since a position, of one journey, as a file, and as anchors kept outside the database.

Positions have no gaps and follow the order of commits, so a reader that remembers the last position misses nothing.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from livingdrug.care import chain, clock
from livingdrug.care.models import Access, Definition, Event
from livingdrug.care.transactions import reading
from livingdrug.errors import BadInput, StoreError

__all__ = ["COLUMNS", "anchor", "end", "export", "rows", "since"]

COLUMNS = (
    "position", "journey", "version", "name", "at", "recorded", "by", "account", "content", "therapy", "network", "rules",
    "key", "previous", "hash", "log_hash",
)  # fmt: skip
"""What a row of the log holds; `content` is the event's canonical JSON as text, as it was hashed."""

CHUNK = 2000


def since(position: int, limit: int = 1000) -> list[dict[str, Any]]:
    """Rows of the log after a position, oldest first; 0 is the beginning."""
    return list(_dicts(Event.objects.filter(position__gt=position).order_by("position")[:limit]))


def rows(journey: str, after: int = 0) -> list[dict[str, Any]]:
    """Rows of one journey after a version, oldest first."""
    return list(_dicts(Event.objects.filter(journey_id=journey, version__gt=after).order_by("version")))


def end() -> tuple[int, str]:
    """The last position of the log and its hash; 0 and zeros while it is empty."""
    return Event.objects.order_by("-position").values_list("position", "log_hash").first() or (0, chain.NOTHING)


def _dicts(found: Any) -> Iterator[dict[str, Any]]:
    for values in found.values_list(*(f"{name}_id" if name == "journey" else name for name in COLUMNS)):
        yield dict(zip(COLUMNS, values, strict=True))


# Files ------------------------------------------------------------------------------------------------------------------


def export(path: Path) -> int:
    """Write the whole log as JSON lines (gzipped for .gz): a header, the definitions, the events; returns how many events.

    The file holds pseudonyms only. `livingdrug verify FILE` checks it without this database.
    """
    with _refusing(path), reading(), _opened(path) as file:
        position, log_hash = end()
        header = {"livingdrug": "log", "format": 1, "exported": clock.stamp(clock.now())}
        _line(file, header | {"events": position, "log_hash": log_hash})
        for each in Definition.objects.order_by("id").values("digest", "kind", "name", "text", "defined"):
            _line(file, {"definition": each.pop("digest"), **each})
        for first in range(0, position, CHUNK):
            for row in _dicts(Event.objects.filter(position__gt=first, position__lte=first + CHUNK).order_by("position")):
                _line(file, row)
    return position


def anchor(path: Path) -> dict[str, Any]:
    """Add a line to a file of anchors: how far log and audit trail reach, and their hashes. Keep the file elsewhere.

    Whoever rewrites the whole database, hashes and all, or cuts off its end, no longer agrees with an anchor.
    """
    with reading():
        position, log_hash = end()
        last = Access.objects.order_by("-position").values_list("position", "hash").first()
    audit, audit_hash = last or (0, chain.NOTHING)
    made = {"position": position, "log_hash": log_hash, "audit": audit, "audit_hash": audit_hash}
    made |= {"at": clock.stamp(clock.now())}
    with _refusing(path), path.open("a", encoding="utf-8") as file:
        _line(file, made)
        file.flush()
        os.fsync(file.fileno())
    return made


def _line(file: IO[str], value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False) + "\n")


def _opened(path: Path) -> IO[str]:
    opened = gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8")
    return cast("IO[str]", opened)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadInput.at(str(path), f"cannot be written: {error.strerror}; choose another path") from error
    except OSError as error:
        raise StoreError(f"{path} could not be written ({error.strerror}); make room and try again") from error
