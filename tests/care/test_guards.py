"""What the database refuses by itself: raw SQL cannot change, delete, skip or double anything that matters."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from small import course, day, open_door, referral, slot

from livingdrug.care import store
from livingdrug.care.transactions import atomic


@pytest.fixture
def filled(url: str) -> None:
    fill()


def fill() -> str:
    """A store that has a row in every table of the record."""
    begun = store.start(referral("1"), "account", door=open_door, key="k", now=day(0))
    assert isinstance(begun, store.Appended)
    kept = store.append(begun.journey, [slot(), *course("1")], 1, "account", door=open_door, now=day(1))
    assert isinstance(kept, store.Appended)
    return begun.journey


def run(statement: str) -> None:
    with atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["event", "definition", "outcome", "access", "claim"])
def test_rows_of_the_record_cannot_be_changed_or_deleted(filled: None, table: str) -> None:
    column = {"claim": "position = position + 1", "access": "account = 'x'", "outcome": "answer = 'x'"}
    with pytest.raises(IntegrityError):
        run(f"UPDATE care_{table} SET {column.get(table, 'name = name')}")
    with pytest.raises(IntegrityError):
        run(f"DELETE FROM care_{table}")


@pytest.mark.parametrize("table", ["event", "definition", "outcome", "access", "claim", "journey", "slot"])
def test_tables_of_the_record_cannot_be_emptied(postgresql: str, table: str) -> None:
    fill()
    with pytest.raises(IntegrityError):
        run(f"TRUNCATE care_{table} CASCADE")


@pytest.mark.parametrize(
    "change",
    ["version = version + 1", "version = version - 1", "patient = 'x'", "definition = 'x'", "head = 'x'", "therapy = 'x'"],
)
def test_the_head_of_a_journey_is_its_last_event(filled: None, change: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"UPDATE care_journey SET {change}")


def test_a_journey_and_a_slot_that_is_held_cannot_be_deleted(filled: None) -> None:
    for table in ("journey", "slot"):
        with pytest.raises(IntegrityError):
            run(f"DELETE FROM care_{table}")


COLUMNS = (
    "journey_id, version, name, at, recorded, by, account, content, therapy, network, rules, key, previous, hash, log_hash"
)


@pytest.mark.parametrize(("position", "version"), [("position + 2", "version + 1"), ("position + 1", "version + 2")])
def test_the_log_and_a_journey_have_no_gaps(filled: None, position: str, version: str) -> None:
    with pytest.raises(IntegrityError):
        run(
            f"INSERT INTO care_event (position, {COLUMNS}) SELECT {position}, {COLUMNS.replace('version', version)} "
            "FROM care_event ORDER BY position DESC LIMIT 1"
        )


def test_an_identifier_and_a_time_cannot_be_taken_twice_even_by_hand(filled: None) -> None:
    with pytest.raises(IntegrityError):
        run("INSERT INTO care_claim (kind, value, journey_id, position) SELECT kind, value, journey_id, 99 FROM care_claim")
    with pytest.raises(IntegrityError, match="care_slot_overlap"):
        run(
            'INSERT INTO care_slot (journey_id, slot, resource, start, "end", expires, status, position) '
            "SELECT journey_id, 'other', resource, start, \"end\", expires, 'booked', 99 FROM care_slot"
        )


def test_a_claim_is_given_back_once(filled: None) -> None:
    run("UPDATE care_claim SET released = 99 WHERE kind = 'order'")
    with pytest.raises(IntegrityError):
        run("UPDATE care_claim SET released = 100 WHERE kind = 'order'")
