"""Stores to test on: an empty one in SQLite, and one in PostgreSQL where there is a server; each test has its own."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

os.environ.setdefault("LIVINGDRUG_DEMO", "1")

from livingdrug.care import database

database.start()

SERVER = os.environ.get("LIVINGDRUG_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REQUIRED = os.environ.get("LIVINGDRUG_REQUIRE_POSTGRES") == "1"


def _server_says() -> str | None:
    """Why there is no server, or None."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error)
    return None


def _execute(statement: sql.Composed) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)


def _create(name: str) -> str:
    _execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return SERVER.rpartition("/")[0] + f"/{name}"


def _drop(name: str) -> None:
    _execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _initialize(url: str) -> None:
    from django.core.management import call_command

    database.use(url)
    call_command("migrate", verbosity=0)
    _define()
    _close()


def _define() -> None:
    """What the journeys of the tests are judged by."""
    from livingdrug.care import definitions

    definitions.define("therapy", "tisagenlecleucel")
    definitions.define("network", "us-launch-2017")


def _close() -> None:
    from django.db import connections

    connections.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """A migrated store in a file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite3"
    with django_db_blocker.unblock():
        _initialize(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The URL of a migrated store in a database of this run, which is dropped at its end."""
    if says := _server_says():
        assert not REQUIRED, f"LIVINGDRUG_REQUIRE_POSTGRES=1, and there is no server at {SERVER}: {says}"
        pytest.skip(f"no PostgreSQL at {SERVER}; start one, or set LIVINGDRUG_POSTGRES")
    name = f"livingdrug_{uuid.uuid4().hex[:12]}"
    url = _create(name)
    try:
        with django_db_blocker.unblock():
            _initialize(url)
        yield url
    finally:
        _drop(name)


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The URL of an empty store in SQLite, which is in use."""
    path = tmp_path / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    with django_db_blocker.unblock():
        database.use(f"sqlite:///{path}")
        yield f"sqlite:///{path}"
        _close()


@pytest.fixture
def postgresql(postgresql_server: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The URL of an empty store in PostgreSQL, which is in use."""
    _empty(postgresql_server)
    with django_db_blocker.unblock():
        database.use(postgresql_server)
        _define()
        yield postgresql_server
        _close()


KEPT = ("django_migrations", "django_content_type", "auth_permission")


def _empty(url: str) -> None:
    """Delete every row, as only a superuser can, whom the guards do not stop: faster than a new database for each test."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = [sql.Identifier(name) for (name,) in found if name not in KEPT]
        deleting = [sql.SQL("DELETE FROM {}").format(name) for name in names]
        connection.execute(sql.SQL("; ").join([sql.SQL("SET session_replication_role = replica"), *deleting]))


@pytest.fixture
def postgresql_empty(postgresql: str) -> Iterator[str]:
    """The URL of a store in PostgreSQL without even definitions."""
    from django.core.management import call_command

    name = f"livingdrug_{uuid.uuid4().hex[:12]}"
    url = _create(name)
    try:
        database.use(url)
        call_command("migrate", verbosity=0)
        yield url
    finally:
        _close()
        _drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty store that is in use, on one kind of database after the other."""
    return request.getfixturevalue(request.param)
