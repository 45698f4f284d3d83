"""The triggers and constraints that keep the store from harm, written in `care/sql/guards.VENDOR.sql`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["install", "lifted", "statements"]

SQL = Path(__file__).parent / "sql"
END = re.compile(r"^;$", re.MULTILINE)


def statements(vendor: str) -> list[str]:
    """The statements of one kind of database, in their order."""
    text = (SQL / f"guards.{vendor}.sql").read_text(encoding="utf-8")
    return [each.strip() for each in END.split(text) if each.strip()]


def install(apps: Any, editor: Any) -> None:
    """Create them all; the step of a migration."""
    with editor.connection.cursor() as cursor:
        for each in statements(editor.connection.vendor):
            cursor.execute(each)


@contextmanager
def lifted(connection: Any, triggers: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Without these triggers (table, name) until the end of the block, for the owner of the tables; use it in a transaction."""
    lift, put_back = _switches(connection.vendor)
    with connection.cursor() as cursor:
        for table, name in triggers:
            cursor.execute(lift.format(table=table, name=name))
        yield
        connection.check_constraints()  # PostgreSQL: no trigger may wait for the commit while its table is altered
        for table, name in triggers:
            cursor.execute(put_back.format(table=table, name=name, statement=_creating(connection.vendor, name)))


def _switches(vendor: str) -> tuple[str, str]:
    if vendor == "postgresql":
        return "ALTER TABLE {table} DISABLE TRIGGER {name}", "ALTER TABLE {table} ENABLE TRIGGER {name}"
    return "DROP TRIGGER {name}", "{statement}"


def _creating(vendor: str, name: str) -> str:
    return next(each for each in statements(vendor) if f"CREATE TRIGGER {name} " in each)
