"""The triggers and constraints that keep the store from harm, written in `care/sql/guards.VENDOR.sql`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

__all__ = ["install", "statements"]

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
