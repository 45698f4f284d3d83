"""Named statements of the SQL files, and how several of them go to the database in one go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from livingdrug.care.database import is_postgresql

__all__ = ["Statement", "run", "statement"]

SQL = Path(__file__).parent / "sql"
NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)

Statement = tuple[str, Sequence[Any]]
"""SQL, and its values."""


@cache
def _named(file: str) -> dict[str, str]:
    parts = NAME.split((SQL / f"{file}.sql").read_text(encoding="utf-8"))[1:]
    texts = ("\n".join(line for line in text.splitlines() if not line.startswith("--")) for text in parts[1::2])
    return dict(zip(parts[::2], (text.strip() for text in texts), strict=True))


def statement(name: str, values: Sequence[Any], file: str = "append") -> Statement:
    """The statement of that name, with its values."""
    return _named(file)[name], values


def run(*statements: Statement) -> None:
    """Run statements one after the other: on PostgreSQL in one message, because the way there takes longer than the work."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(";\n".join(sql for sql, _ in statements), [value for _, values in statements for value in values])
        else:
            for sql, values in statements:
                cursor.execute(sql, values)
