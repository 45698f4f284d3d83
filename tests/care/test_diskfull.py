"""A disk that is full: the store says so in a sentence, keeps what it has, and goes on when there is room."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker
from small import day, open_door, referral, seen
from workers.private import private

from livingdrug.care import database, definitions, models, states, store, verify
from livingdrug.errors import StoreError
from livingdrug.journey.events import LaboratoryReported

OPTIONS = ("-t", "tmpfs", "-o")
SAYS = r"the disk of the store is full \(.*\); nothing was written, make room and try again"
LONG = LaboratoryReported(
    at=day(1),
    by="nurse",
    analyte="CRP",
    unit="mg/L",
    days=tuple(n / 7 for n in range(4000)),
    values=tuple(n**0.5 for n in range(4000)),
)
"""An event of a size that soon fills a disk."""


def fill(most: int = 400) -> str:
    """Append until it is refused; the sentence. The journey is then as long as it was acknowledged."""
    begun = store.start(referral("full"), "account", door=open_door, now=day(0))
    assert isinstance(begun, store.Appended)
    version = begun.version
    for _ in range(most):
        try:
            answer = store.append(begun.journey, [LONG], version, "account", door=open_door, now=day(1))
        except StoreError as error:
            assert store.latest(begun.journey).version == version
            return str(error)
        assert isinstance(answer, store.Appended)
        version = answer.version
    raise AssertionError(f"{version} events were written, and the disk is not full")


def goes_on(url: str) -> None:
    """The store is whole, and takes the next event."""
    states.forget()
    before = models.Event.objects.count()
    assert str(verify.verify(url)) == f"fine, {before} events in {models.Journey.objects.count()} journeys"
    journey = models.Journey.objects.get()
    answer = store.append(journey.id, [seen(2)], journey.version, "account", door=open_door, now=day(2))
    assert isinstance(answer, store.Appended)
    assert verify.verify(url).events == before + 1


def test_sqlite_that_may_not_grow_says_so_and_stays_whole(sqlite: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 100}")
        says = fill()
        cursor.execute("PRAGMA max_page_count = 1000000")
    assert re.fullmatch(SAYS, says)
    goes_on(sqlite)


def test_sqlite_on_a_full_disk_says_so_and_stays_whole(sqlite_template: Path, django_db_blocker: DjangoDbBlocker) -> None:
    with small_disk(4) as disk, django_db_blocker.unblock():
        url = f"sqlite:///{shutil.copy(sqlite_template, disk / 'store.sqlite3')}"
        database.use(url)
        assert re.fullmatch(SAYS, fill())
        make_room(disk)
        goes_on(url)
        connections.close_all()


def test_postgresql_on_a_full_disk_says_so_and_stays_whole(django_db_blocker: DjangoDbBlocker) -> None:
    with small_disk(20) as disk, private() as server, django_db_blocker.unblock():
        place = disk / "tables"
        place.mkdir()
        shutil.chown(place, "postgres")
        with psycopg.connect(server.url(), autocommit=True) as administrator:
            administrator.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
            administrator.execute(b"CREATE DATABASE store TEMPLATE template0 TABLESPACE small")
        database.use(url := server.url("store"))
        database.migrate()
        define()
        assert re.fullmatch(SAYS, fill())
        make_room(disk)
        goes_on(url)
        connections.close_all()


def test_postgresql_that_reports_a_full_disk_is_told_in_a_sentence(postgresql: str) -> None:
    """Where no disk can be made small: the error that PostgreSQL gives, raised by a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.position > 20 THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF;
            RETURN NEW; END $$"""
        )
        cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON care_event FOR EACH ROW EXECUTE FUNCTION full_disk()")
        says = fill()
        cursor.execute("DROP TRIGGER full_disk ON care_event")
    assert re.fullmatch(SAYS, says)
    goes_on(postgresql)


def define() -> None:
    definitions.define("therapy", "tisagenlecleucel")
    definitions.define("network", "us-launch-2017")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A folder that is a file system in memory of that size; skips the test where we may not mount one."""
    path = Path(tempfile.mkdtemp(prefix="livingdrug-", dir="/var/tmp"))
    path.chmod(0o755)
    if subprocess.run(["mount", *OPTIONS, f"size={megabytes}m", "none", str(path)], capture_output=True).returncode:
        path.rmdir()
        pytest.skip("only root may mount the small disk of this test")
    try:
        yield path
    finally:
        connections.close_all()
        subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.rmdir()


def make_room(path: Path) -> None:
    """Make the small disk larger."""
    subprocess.run(["mount", "-o", "remount,size=128m", str(path)], check=True)
