"""Which database the store is in: one URL, SQLite or PostgreSQL, and how Django is started on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from livingdrug.errors import BadInput

__all__ = ["DEFAULT", "is_postgresql", "migrate", "missing", "options", "start", "use"]

DEFAULT = "sqlite:///livingdrug.sqlite3"

BUSY_SECONDS = 20
"""How long a writer waits for another one before it is told that the store is busy."""

SQLITE = {
    # FULL: an append is on the disk before it is acknowledged. secure_delete: a destroyed key leaves no bytes in the file.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; "
        "PRAGMA cache_size=-65536;"
    ),
    # A transaction that writes takes the lock at its start, so that what it read is still true when it writes.
    "transaction_mode": "IMMEDIATE",
    "timeout": BUSY_SECONDS,
}


def options(url: str) -> dict[str, Any]:
    """Django's settings of one database; raises `BadInput` for a URL that is neither SQLite nor PostgreSQL."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(url, parts.path)
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,  # a connection that a restarted server has dropped is replaced
        }
    where = "LIVINGDRUG_DATABASE"
    raise BadInput.at(where, f"{url!r} is no database; write sqlite:///PATH or postgresql://USER@HOST/NAME")


def _sqlite(url: str, path: str) -> dict[str, Any]:
    """Three slashes are a path from here, four a path from the root, as everywhere."""
    name = unquote(path[1:])
    if not name or name == ":memory:":
        raise BadInput.at("LIVINGDRUG_DATABASE", f"{url!r} names no file; write sqlite:///PATH")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(name).absolute()),
        "OPTIONS": dict(SQLITE),
        "CONN_MAX_AGE": None,
    }


def start(url: str | None = None) -> None:
    """Start Django, on the database of the environment or on another one. May be called again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livingdrug.care.settings")
    import django

    django.setup()
    if url is not None:
        use(url)


def use(url: str) -> None:
    """Point the service at another database: what was cached of the old one is forgotten. For commands and tests."""
    from django.db import connections

    from livingdrug.care import definitions, states

    connections.close_all()
    settings: Any = connections.databases
    settings["default"] = connections.configure_settings({"default": options(url)})["default"]
    connections["default"] = connections.create_connection("default")
    states.forget()
    definitions.forget()


def migrate() -> None:
    """Make the tables, or bring them up to date."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def missing(*, tables: bool = True) -> str | None:
    """Why the store cannot be used: it does not answer, or its tables are not there or not those of this livingdrug."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection) if tables else None
        behind = executor is not None and executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return f"does not answer: {str(error).strip().partition(chr(10))[0]}; check LIVINGDRUG_DATABASE"
    return "has no tables, or older ones; run livingdrug store init" if behind else None


def is_postgresql() -> bool:
    """Whether the store is in PostgreSQL; else it is in SQLite."""
    from django.db import connection

    return connection.vendor == "postgresql"
