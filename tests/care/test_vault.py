"""Who patients are: readable under their key, unreadable for good without it, and never in the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from small import open_door, referral

from livingdrug.care import models, store, verify
from livingdrug.care.store import Source
from livingdrug.errors import BadInput, StoreError

PERSON = {"name": "Emily Example", "born": "2005-05-02", "telephone": "+1 215 555 0100"}


def test_a_person_is_read_back_and_every_look_is_in_the_trail(url: str) -> None:
    store.keep_person("1", PERSON, "coordinator", source=Source("10.0.0.1", "referral"))
    store.keep_person("1", PERSON | {"telephone": "none"}, "coordinator")
    assert store.person("1", "nurse") == PERSON | {"telephone": "none"}
    assert store.person("2", "nurse") is None
    rows = [(row.account, row.action, row.patient, row.outcome, row.ip, row.reason) for row in store.trail()]
    assert rows == [
        ("coordinator", "C", "1", "done", "10.0.0.1", "referral"),
        ("coordinator", "U", "1", "done", "", ""),
        ("nurse", "R", "1", "done", "", ""),
        ("nurse", "R", "2", "not readable", "", ""),
    ]
    assert verify.verify(url).fine


def test_what_lies_in_the_database_is_not_readable(sqlite: str, tmp_path: Path) -> None:
    store.keep_person("1", PERSON, "coordinator")
    files = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite3*"))
    assert not any(value.encode() in files for value in PERSON.values())


def test_a_person_whose_key_was_destroyed_is_gone_and_the_log_is_whole(url: str) -> None:
    begun = store.start(referral("1"), "account", door=open_door)
    assert isinstance(begun, store.Appended)
    store.keep_person("1", PERSON, "coordinator")
    head = store.latest(begun.journey).head
    assert store.shred("1", "privacy officer", source=Source(reason="erasure was asked for"))
    assert store.person("1", "nurse") is None
    assert not store.shred("1", "privacy officer")
    assert store.latest(begun.journey).head == head
    assert verify.verify(url).fine
    with pytest.raises(BadInput, match="the key of this patient was destroyed"):
        store.keep_person("1", PERSON, "coordinator")


def test_a_destroyed_key_leaves_no_bytes_in_the_file(sqlite: str, tmp_path: Path) -> None:
    store.keep_person("1", PERSON, "coordinator")
    wrapped = bytes(models.PatientKey.objects.get().wrapped)
    assert any(wrapped in path.read_bytes() for path in tmp_path.glob("store.sqlite3*"))
    store.shred("1", "privacy officer")
    assert not any(wrapped in path.read_bytes() for path in tmp_path.glob("store.sqlite3*"))


def test_a_person_of_one_patient_is_not_readable_as_another(url: str) -> None:
    store.keep_person("1", PERSON, "coordinator")
    store.keep_person("2", PERSON, "coordinator")
    models.Person.objects.filter(patient="2").update(content=models.Person.objects.get(patient="1").content)
    with pytest.raises(StoreError, match="cannot be opened"):
        store.person("2", "nurse")


def test_another_master_key_opens_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep_person("1", PERSON, "coordinator")
    monkeypatch.setattr(settings, "LIVINGDRUG_KEY", "00" * 32)
    with pytest.raises(StoreError, match="LIVINGDRUG_KEY is not the one"):
        store.person("1", "nurse")
