"""What nobody should send: every malformed request and file is refused in words, and nothing is written.

Some 1,500 of them every day, 10,000 in a long run.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections
from small import course, open_door
from small import referral as referred
from workers import malformed
from workers.asking import COORDINATOR, referral
from workers.bad_requests import Bad, answered, bad_requests
from workers.noted import LONG, note
from workers.service import tokens_of

from livingdrug.care import database, store, verify
from livingdrug.cli import ExitStatus, run
from livingdrug.errors import BadInput
from livingdrug.journey import codec

TIMES = 7 if LONG else 1


def ended(*arguments: str | Path) -> tuple[ExitStatus, str]:
    """How a command ends, and what it says; an exception is a bug."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = run([str(each) for each in arguments])
    return status, said.getvalue()


def rows() -> dict[str, int]:
    """How many rows every table has."""
    return {each._meta.db_table: each._base_manager.count() for each in apps.get_models() if each._meta.managed}


@pytest.fixture
def log(sqlite: str, tmp_path: Path) -> bytes:
    """A good log, as the store exports it."""
    begun = store.start(referred("1"), "account", door=open_door)
    assert isinstance(begun, store.Appended)
    store.append(begun.journey, course("1"), 1, "account", door=open_door)
    store.export(tmp_path / "good.jsonl")
    return (tmp_path / "good.jsonl").read_bytes()


def test_an_event_that_is_malformed_is_complained_about() -> None:
    dice, count = random.Random(1), 300 * TIMES
    for number in range(count):
        name, text = malformed.bad_json(dice, codec.encode(course("1")[number % 9]))
        with contextlib.suppress(BadInput):
            event = codec.read_json(text)
            assert codec.decode(codec.encode(event)) == event, f"{name}: what was read is not a whole event"
    note("malformed events", "any", tried=count)


def test_a_log_with_a_malformed_line_is_refused_by_replay(log: bytes, tmp_path: Path) -> None:
    before, file = rows(), tmp_path / "log.jsonl"
    for name, content in some(malformed.lines(random.Random(2), log), 100 * TIMES):
        file.write_bytes(content)
        status, says = ended("replay", file)
        assert status in (ExitStatus.FINE, ExitStatus.BAD_INPUT), name
        assert "Traceback" not in says, name
        assert status is ExitStatus.FINE or says.strip(), name
    assert rows() == before
    note("malformed logs to replay", "any", tried=100 * TIMES)


def test_a_log_that_was_changed_is_never_fine(log: bytes, tmp_path: Path) -> None:
    dice, file = random.Random(3), tmp_path / "log.jsonl"
    lines = malformed.lines(dice, log)
    for number in range(250 * TIMES):
        name, content = next(lines) if number % 2 else malformed.bad_bytes(dice, log)
        file.write_bytes(content)
        status, says = ended("verify", file)
        assert says.strip(), name
        if status is ExitStatus.FINE:
            assert covered(content) == covered(log), f"{name}: not what was recorded, and fine"
        else:
            assert status is ExitStatus.BAD_INPUT, name
    note("changed logs to verify", "any", tried=250 * TIMES)


def covered(content: bytes) -> list[object]:
    """What the hashes of a log cover: every event, and the text of every definition."""
    header, *rest = (json.loads(line) for line in content.splitlines() if line.strip())
    texts = [(each["definition"], each["text"]) for each in rest if "definition" in each]
    return [header["events"], header["log_hash"], texts, [each for each in rest if "definition" not in each]]


def test_a_damaged_database_is_read_or_refused_in_words(sqlite: str, log: bytes, tmp_path: Path) -> None:
    source = Path(sqlite.removeprefix("sqlite:///"))
    with contextlib.closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole, dice, file = source.read_bytes(), random.Random(4), tmp_path / "damaged.sqlite3"
    for _ in range(60 * TIMES):
        name, content = malformed.bad_bytes(dice, whole)
        file.write_bytes(content)
        status, says = ended("verify", file)
        assert status in (ExitStatus.FINE, ExitStatus.BAD_INPUT), name
        assert says.strip(), name
    note("damaged databases to verify", "any", tried=60 * TIMES)


def test_anchors_that_are_malformed_are_refused(log: bytes, tmp_path: Path) -> None:
    store.anchor(tmp_path / "anchors.jsonl")
    good, dice, file = (tmp_path / "anchors.jsonl").read_bytes(), random.Random(6), tmp_path / "bad.jsonl"
    for _, (name, content) in zip(range(50 * TIMES), malformed.lines(dice, good), strict=False):
        file.write_bytes(content)
        status, says = ended("verify", tmp_path / "good.jsonl", "--anchors", file)
        assert status in (ExitStatus.FINE, ExitStatus.BAD_INPUT), name
        assert says.strip(), name
    note("malformed anchors", "any", tried=50 * TIMES)


def test_a_backup_that_is_damaged_is_not_restored(log: bytes, tmp_path: Path) -> None:
    store.backup(tmp_path / "good.tar.gz")
    whole, dice, file = (tmp_path / "good.tar.gz").read_bytes(), random.Random(5), tmp_path / "bad.tar.gz"
    new, empty = tmp_path / "new.sqlite3", tmp_path / "empty.sqlite3"
    database.use(f"sqlite:///{new}")
    database.migrate()
    before = rows()
    connections.close_all()
    shutil.copy(new, empty)
    for number in range(60 * TIMES):
        name, content = malformed.bad_bytes(dice, whole) if number % 2 else repacked(dice, whole)
        file.write_bytes(content)
        status, says = ended("store", "restore", file, "--database", f"sqlite:///{empty}")
        assert says.strip(), name
        if status is ExitStatus.FINE:  # what was changed is a word about the backup, not what it holds
            assert verify.verify(str(empty)).events == 10, name
            connections.close_all()
            shutil.copy(new, empty)
        else:
            assert status is ExitStatus.BAD_INPUT, name
            assert rows() == before, name
    note("damaged backups to restore", "any", tried=60 * TIMES)


def repacked(dice: random.Random, whole: bytes) -> tuple[str, bytes]:
    """The backup with one of its files gone bad."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole)) as old, tarfile.open(fileobj=made, mode="w:gz") as new:
        members = old.getmembers()
        bad = members[0] if dice.random() < 0.7 else dice.choice(members)
        said = ""
        for member in members:
            content = reader.read() if (reader := old.extractfile(member)) else b""
            if member is bad:
                manifest = member.name == "manifest.json"
                said, content = malformed.bad_json(dice, json.loads(content)) if manifest else ("longer", content + b"[]\n")
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return f"{bad.name}: {said}", made.getvalue()


# Requests -----------------------------------------------------------------------------------------------------------------

NOTED = {"care_access", "api_token"}
"""What is written of a refused request too: the trail, and when the token was used."""


def recorded() -> dict[str, int]:
    """How many rows every table has, but for those of the trail."""
    return {name: count for name, count in rows().items() if name not in NOTED}


def test_malformed_requests_are_refused_in_words_and_nothing_is_written(url: str) -> None:
    from livingdrug.care.wsgi import application

    token, count = tokens_of([COORDINATOR])[COORDINATOR], 400 * TIMES
    good = Bad("", "POST", "/api/v1/journeys", json.dumps(referral("patient-1")).encode(), keyed(token))
    status, headers, body = answered(application, good)
    assert status == 201, body
    id, before, refused, fine = json.loads(body)["journey"], recorded(), 0, 0
    bad = bad_requests(random.Random(7), token, id, headers["etag"])
    for number in range(count):
        each = next(bad)
        status, headers, body = answered(application, each)
        assert status < 500, f"{each.wrong}: {each.method} {each.path[:80]} → {status} {body[:200]!r}"
        if status >= 400:
            refused += 1
            assert_in_words(each, headers, body)
        else:  # what is wrong with it does not matter, or is only in our eyes
            fine += 1
            before = recorded()
        assert number % 20 or recorded() == before, each
    assert recorded() == before
    assert refused > 0.7 * count
    note("malformed requests", url, tried=count, refused=refused, harmless=fine, written=0)


def keyed(token: str) -> dict[str, str]:
    """Headers of a good request."""
    return {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": "a-key-of-mine"}


def assert_in_words(bad: Bad, headers: dict[str, str], body: bytes) -> None:
    """The answer has the one shape of an error, and says something."""
    assert headers["content-type"] == "application/problem+json", bad
    problem = json.loads(body)
    assert len(problem["detail"]) > 10, bad
    assert "Traceback" not in problem["detail"], bad


def some(found: Iterator[tuple[str, bytes]], count: int) -> Iterator[tuple[str, bytes]]:
    return (next(found) for _ in range(count))
