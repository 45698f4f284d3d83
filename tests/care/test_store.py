"""What else holds of the store: pinned therapies, reading along, a full disk, refusals in the trail, settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from small import day, open_door, referral, seen

from livingdrug.care import definitions, models, states, store, transactions, verify
from livingdrug.errors import BadInput, StoreError, UnknownName
from livingdrug.journey.events import Identifier, PatientReferred
from livingdrug.therapy import load as therapies


def begun(patient: str = "1", **more: Any) -> str:
    made = store.start(referral(patient), "account", door=open_door, now=day(0), **more)
    assert isinstance(made, store.Appended)
    return made.journey


def test_a_journey_is_judged_by_the_therapy_as_it_was_at_referral(url: str, tmp_path: Path) -> None:
    old = begun("old")
    file = tmp_path / "tisagenlecleucel.toml"
    text = therapies.path_of("tisagenlecleucel").read_text(encoding="utf-8")
    file.write_text(text.replace("Tisagenlecleucel (Kymriah)", "Another title"), encoding="utf-8")
    digest = store.define("therapy", file)
    new = begun("new")
    titles: list[str] = []

    def door(therapy: Any, *rest: Any, **more: Any) -> Any:
        titles.append(therapy.title)
        return open_door(therapy, *rest, **more)

    definitions.forget()
    states.forget()
    for journey in (old, new):
        store.append(journey, [seen()], 1, "account", door=door)
    assert titles == ["Tisagenlecleucel (Kymriah)", "Another title"]
    assert store.text_of(store.latest(old).definition) == text
    assert store.latest(new).definition == digest == store.current("therapy", "tisagenlecleucel")
    assert {row["therapy"] for row in store.rows(old)} == {store.latest(old).definition}
    assert verify.verify(url).fine


def test_the_rules_refuse_and_the_trail_says_so(url: str) -> None:
    unknown = PatientReferred(
        at=day(0), by="nobody", patient="1", therapy="tisagenlecleucel", center="nowhere",
        identifiers=(Identifier("record number", "R-1"),),
    )  # fmt: skip
    refused = store.start(unknown, "account", source=store.Source("10.0.0.1"))
    assert not isinstance(refused, store.Appended | store.Conflict)
    assert models.Event.objects.count() == 0
    (row,) = store.trail()
    assert row.outcome.startswith("refused ")
    assert (row.what, row.patient, row.ip) == ("referred", "1", "10.0.0.1")


def test_a_reader_along_the_log_misses_nothing(url: str) -> None:
    journey = begun()
    store.append(journey, [seen(1), seen(2), seen(3)], 1, "account", door=open_door)
    first = store.since(0, limit=3)
    assert [row["position"] for row in first] == [1, 2, 3]
    assert [row["position"] for row in store.since(3)] == [4]
    assert [row["version"] for row in store.rows(journey, after=2)] == [3, 4]


def test_what_is_not_there_is_named(url: str) -> None:
    with pytest.raises(UnknownName, match="no journey 'x'"):
        store.append("x", [seen()], 1, "account", door=open_door)
    other = PatientReferred(at=day(0), by="a", patient="1", therapy="tisagenlecleucle", center="chop", identifiers=())
    with pytest.raises(UnknownName, match="nearest: tisagenlecleucel"):
        store.start(other, "account", door=open_door)
    with pytest.raises(BadInput, match="there are none"):
        store.append(begun(), [], 1, "account")


def test_an_identifier_that_is_too_long_is_refused_on_either_database(url: str) -> None:
    with pytest.raises(BadInput, match="has 300 characters; the store takes 100 at most"):
        store.start(referral("1" * 300), "account", door=open_door)
    with pytest.raises(BadInput, match="the store takes 200 at most"):
        store.append(begun(), [seen()], 1, "account" * 50, door=open_door)


def test_a_full_disk_is_a_sentence_and_the_store_is_whole(sqlite: str) -> None:
    journey = begun()
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 2}")
    version, said = 1, ""
    for _ in range(50):
        try:
            answer = store.append(journey, [seen(version)], version, "account", door=open_door)
            assert isinstance(answer, store.Appended)
            version = answer.version
        except StoreError as error:
            said = str(error)
            break
    assert said.startswith("the disk of the store is full (database or disk is full); nothing was written, make room")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count=1073741823")
    states.forget()
    assert store.latest(journey).version == version
    assert isinstance(store.append(journey, [seen()], version, "account", door=open_door), store.Appended)
    assert verify.verify(sqlite).fine


def test_a_full_disk_of_a_server_is_the_same_sentence() -> None:
    def work() -> None:
        raise OperationalError(
            'could not extend file "base/16384/16385": No space left on device\nHINT: Check free disk space.'
        )

    with pytest.raises(StoreError, match=r"^the disk of the store is full \(could not extend file"):
        transactions.tried_again(work)


def test_a_lost_connection_is_tried_again_and_nothing_is_written_twice(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit happened, and the answer was lost on the way."""
    journey = begun()
    monkeypatch.setattr(transactions, "PAUSE", 0.0)
    kept, lost = transactions.writing, iter([True])

    def losing(*locks: int) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def writing() -> Any:
            with kept(*locks):
                yield
            if next(lost, False):
                raise OperationalError("server closed the connection unexpectedly")

        return writing()

    monkeypatch.setattr("livingdrug.care.keep.writing", losing)
    answer = store.append(journey, [seen(), seen(2)], 1, "account", door=open_door)
    assert answer == store.Appended(journey, 3, (2, 3), store.latest(journey).head)
    assert models.Event.objects.count() == 3
    assert verify.verify(url).fine


def test_the_service_does_not_start_insecurely() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("LIVINGDRUG", "DJANGO"))}
    command = [sys.executable, "-c", "from livingdrug.care import database; database.start()"]
    ended = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    for name in ("LIVINGDRUG_SECRET_KEY", "LIVINGDRUG_KEY", "LIVINGDRUG_ALLOWED_HOSTS"):
        assert f"{name}: is not set" in ended.stderr


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///", "sqlite:///:memory:", "store.db"])
def test_a_database_that_is_none_is_refused_with_a_way_out(url: str) -> None:
    from livingdrug.care.database import options

    with pytest.raises(BadInput, match="write sqlite:///PATH"):
        options(url)


def test_the_models_and_the_migrations_agree(sqlite: str) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "care", check=True, dry_run=True, verbosity=0)
