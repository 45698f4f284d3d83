"""A backup is one file that either kind of database can be restored from, with the proof that nothing changed on the way.

    backup.tar.gz
    ├── manifest.json           when, which livingdrug, end of log and trail, and of each table: rows, columns, SHA-256
    └── care_event.jsonl …      one line for each row, in the order of its key

A backup is taken at one moment, while the service runs. Restoring writes into an empty, initialized store, reads every table
back, and fails unless rows and digests are those of the manifest. It holds wrapped keys: guard it as you guard the store, and
keep `LIVINGDRUG_KEY` elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection
from django.db.models.functions import Collate

from livingdrug import __version__
from livingdrug.care import clock, log
from livingdrug.care.database import is_postgresql
from livingdrug.care.models import Access
from livingdrug.care.transactions import ACCESS, LOG, reading, writing
from livingdrug.errors import BadInput, StoreError

__all__ = ["backup", "restore"]

FORMAT = 1
CHUNK = 1000
# What Django makes by itself in every database, or is not worth keeping.
LEFT_OUT = {"django_content_type", "auth_permission", "django_session", "auth_group_permissions", "auth_user_user_permissions"}
# Tables whose rows are looked at by the guards of another table come first.
FIRST = ("care_event",)


def backup(path: Path) -> dict[str, Any]:
    """Write the whole store into one new file; its manifest. Raises `BadInput` when the file is there already."""
    if path.exists():
        raise BadInput.at(str(path), "is there already; choose another name, so that no backup is lost")
    if not path.parent.is_dir():
        raise BadInput.at(str(path), f"there is no folder {path.parent}; make it first")
    part = path.with_name(f"{path.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder, reading():
            manifest = _dumped(Path(folder))
            with tarfile.open(part, "w:gz", compresslevel=6) as tar:
                _add(tar, "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False).encode())
                for table in manifest["tables"]:
                    tar.add(Path(folder) / f"{table}.jsonl", f"{table}.jsonl")
        part.rename(path)  # a file of that name is a whole backup
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{path} could not be written ({error.strerror}); make room and try again") from error
    return manifest


def restore(path: Path) -> dict[str, Any]:
    """Fill an empty store from a backup; its manifest. Raises `BadInput` for a store that is not empty or a file that is none,
    and `StoreError` if what was read back is not what the backup holds; then nothing was written."""
    if (rows := _filled()) is not None:
        raise BadInput.at("store", f"holds {rows} already; restore into a new one, after `livingdrug store init --empty`")
    with tempfile.TemporaryDirectory() as folder:
        manifest = _unpacked(path, Path(folder))
        try:
            with writing(LOG, ACCESS):
                for table in _tables():
                    if table._meta.db_table in manifest["tables"]:
                        _load(table, Path(folder) / f"{table._meta.db_table}.jsonl")
                _prove(manifest, Path(folder) / "again")
                _set_counters()
        except DatabaseError as error:
            raise StoreError(f"{path.name} could not be restored ({error}); nothing was written".replace("\\n", " ")) from error
    return manifest


# Tables -----------------------------------------------------------------------------------------------------------------


def _tables() -> list[Any]:
    """Every table of ours and of the accounts, the log first."""
    found: list[Any] = [each for each in apps.get_models(include_auto_created=True) if each._meta.managed]
    kept = [each for each in found if each._meta.db_table not in LEFT_OUT and not each._meta.proxy]
    return sorted(kept, key=lambda each: (each._meta.db_table not in FIRST, each._meta.db_table))


def _filled() -> str | None:
    """A table that holds rows, in words; None for an empty store."""
    rows = ((each._meta.db_table, each._base_manager.count()) for each in _tables())
    return next((f"{count} rows in {table}" for table, count in rows if count), None)


def _columns(table: Any) -> list[Any]:
    return list(table._meta.concrete_fields)


def _lines(table: Any) -> Iterator[bytes]:
    """Rows as lines, in the order of their key as its bytes, whatever the database thinks of letters."""
    key = table._meta.pk
    by = Collate(key.attname, "C") if is_postgresql() and key.get_internal_type() == "CharField" else key.attname
    names = [each.attname for each in _columns(table)]
    for values in table._base_manager.order_by(by).values_list(*names).iterator(chunk_size=CHUNK):
        yield json.dumps([_to_json(each) for each in values], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _dumped(folder: Path) -> dict[str, Any]:
    """Write every table into a file of a folder; the manifest."""
    position, log_hash = log.end()
    trail = Access.objects.order_by("-position").values_list("position", "hash").first()
    tables: dict[str, Any] = {}
    for table in _tables():
        name = table._meta.db_table
        with (folder / f"{name}.jsonl").open("wb") as file:
            rows, digest = 0, hashlib.sha256()
            for line in _lines(table):
                file.write(line)
                digest.update(line)
                rows += 1
        tables[name] = {"rows": rows, "columns": [each.attname for each in _columns(table)], "sha256": digest.hexdigest()}
    return {
        "livingdrug": "backup",
        "format": FORMAT,
        "version": __version__,
        "made": clock.stamp(clock.now()),
        "log": [position, log_hash],
        "audit": list(trail or (0, "")),
        "tables": tables,
    }


def _load(table: Any, path: Path) -> None:
    """Rows as they are in the file: past Django's own saving, which sets times and fills in what it thinks is missing."""
    fields = _columns(table)
    quoted = connection.ops.quote_name
    names, marks = ", ".join(quoted(each.column) for each in fields), ", ".join("%s" for _ in fields)
    insert = f"INSERT INTO {quoted(table._meta.db_table)} ({names}) VALUES ({marks})"
    with path.open("rb") as file, connection.cursor() as cursor:
        for chunk in _chunks(file):
            cursor.executemany(insert, [_row(fields, json.loads(line)) for line in chunk])


def _row(fields: list[Any], values: list[Any]) -> list[Any]:
    pairs = zip(fields, values, strict=True)
    return [field.get_db_prep_save(_from_json(value), connection) for field, value in pairs]


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _prove(manifest: dict[str, Any], folder: Path) -> None:
    """Read everything back; raises `StoreError` at the first table that is not what was written."""
    folder.mkdir()
    again = _dumped(folder)
    for name, table in manifest["tables"].items():
        if again["tables"].get(name) != table:
            raise StoreError(f"{name} was not restored as it is in the backup; nothing was written, report this as a bug")
    if again["log"] != manifest["log"] or again["audit"] != manifest["audit"]:
        raise StoreError("the log does not end as in the backup; nothing was written, report this as a bug")


def _set_counters() -> None:
    """Numbers that a table counts go on behind the last row."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _tables()):
            cursor.execute(statement)


# The file ---------------------------------------------------------------------------------------------------------------


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _unpacked(path: Path, folder: Path) -> dict[str, Any]:
    """The files of a backup in a folder; the manifest, after every file was compared with it."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        manifest = _manifest(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, tarfile.TarError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise BadInput.at(str(path), f"is no backup that can be read ({error}); take another one") from error
    if manifest.get("livingdrug") != "backup" or manifest.get("format") != FORMAT:
        raise BadInput.at(str(path), f"is no backup of format {FORMAT}; restore it with the livingdrug that made it")
    known = {each._meta.db_table: [field.attname for field in _columns(each)] for each in _tables()}
    for name, table in manifest["tables"].items():
        if name not in known or known[name] != table["columns"]:
            raise BadInput.at(f"{path}: {name}", f"has other columns here; restore it with livingdrug {manifest['version']}")
        file = folder / f"{name}.jsonl"
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != table["sha256"]:
            raise BadInput.at(f"{path}: {name}", "is not what the manifest says: the backup is damaged; take another one")
    return manifest


def _manifest(read: Any) -> dict[str, Any]:
    """A manifest that has everything in it that is read of it; raises ValueError."""
    wanted = {"version": str, "log": list, "audit": list, "tables": dict}
    if not isinstance(read, dict) or any(not isinstance(read.get(name), kind) for name, kind in wanted.items()):
        raise ValueError("its manifest does not say what it holds")
    for name, table in read["tables"].items():
        if not isinstance(table, dict) or {"rows", "columns", "sha256"} - set(table):
            raise ValueError(f"its manifest does not say what {name} holds")
    return read


# Values -----------------------------------------------------------------------------------------------------------------


def _to_json(value: Any) -> Any:
    """A value of any column; what JSON has no word for is an object with one key, its kind."""
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal | UUID):
        return {type(value).__name__.lower(): str(value)}
    return {"json": value} if isinstance(value, dict | list) else value


READ = {
    "bytes": base64.b64decode,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
    "json": lambda value: value,
}


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return READ[kind](content)
