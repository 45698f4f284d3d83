"""The role of the service in PostgreSQL can do its work and no more."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from small import open_door, referral, seen

from livingdrug.care import database, guards, store, verify

ROLE_FILE = guards.SQL / "role.postgresql.sql"


@pytest.fixture
def service(postgresql: str) -> Iterator[str]:
    """The URL of the store for a role that the file has made, under another name."""
    name = f"service_{uuid.uuid4().hex[:8]}"
    text = Path(ROLE_FILE).read_text(encoding="utf-8").replace("livingdrug_service", name).replace(":password", "'secret'")
    with psycopg.connect(postgresql, autocommit=True) as owner:
        owner.execute(text.encode())
    rest = postgresql.rpartition("@")[2]
    yield f"postgresql://{name}:secret@{rest}"
    database.use(postgresql)
    with psycopg.connect(postgresql, autocommit=True) as owner:
        owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_the_service_works_with_its_own_role(service: str) -> None:
    database.use(service)
    begun = store.start(referral("1"), "account", door=open_door, key="k")
    assert isinstance(begun, store.Appended)
    assert isinstance(store.append(begun.journey, [seen()], 1, "account", door=open_door), store.Appended)
    store.keep_person("1", {"name": "Emily Example"}, "account")
    assert store.person("1", "account") == {"name": "Emily Example"}
    assert store.shred("1", "account")
    assert verify.verify(service).fine


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE care_event SET account = 'x'",
        "DELETE FROM care_event",
        "TRUNCATE care_event",
        "DELETE FROM care_access",
        "UPDATE care_definition SET text = ''",
        "DELETE FROM care_journey",
        "ALTER TABLE care_event DISABLE TRIGGER ALL",
        "DROP TRIGGER care_event_change ON care_event",
        "SET session_replication_role = replica",
        "CREATE ROLE other",
    ],
)
def test_the_service_may_not_touch_the_record_or_its_guards(service: str, statement: str) -> None:
    with psycopg.connect(service) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
