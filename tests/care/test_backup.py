"""A backup restores into either database, and proves that nothing changed."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from small import course, open_door, referral, seen

from livingdrug.care import database, models, store, verify
from livingdrug.errors import BadInput


def filled() -> str:
    begun = store.start(referral("1"), "account", door=open_door, key="k")
    assert isinstance(begun, store.Appended)
    store.append(begun.journey, course("1"), 1, "account", door=open_door)
    store.keep_person("1", {"name": "Zoë Ångström"}, "account")
    get_user_model().objects.create_user("nurse", password="secret")
    return begun.journey


def emptied(path: Path) -> str:
    """A new store without definitions."""
    url = f"sqlite:///{path}"
    database.use(url)
    call_command("migrate", verbosity=0)
    return url


def test_a_restored_store_is_the_same_store(url: str, tmp_path: Path) -> None:
    journey = filled()
    manifest = store.backup(tmp_path / "store.tar.gz")
    before = [
        list(table.objects.order_by("pk").values()) for table in (models.Event, models.Journey, models.Access, models.Claim)
    ]
    restored = emptied(tmp_path / "other.sqlite3")
    assert store.restore(tmp_path / "store.tar.gz") == manifest
    after = [
        list(table.objects.order_by("pk").values()) for table in (models.Event, models.Journey, models.Access, models.Claim)
    ]
    assert after == before
    assert verify.verify(restored).fine
    assert store.person("1", "account") == {"name": "Zoë Ångström"}
    assert get_user_model().objects.get().check_password("secret")
    more = store.append(journey, [seen(50)], 10, "account", door=open_door)
    assert isinstance(more, store.Appended), "life goes on"
    assert verify.verify(restored).fine


def test_a_backup_moves_from_sqlite_to_postgresql(sqlite: str, postgresql_empty: str, tmp_path: Path) -> None:
    database.use(sqlite)
    filled()
    manifest = store.backup(tmp_path / "store.tar.gz")
    database.use(postgresql_empty)
    assert store.restore(tmp_path / "store.tar.gz") == manifest
    assert verify.verify(postgresql_empty).fine
    begun = store.start(referral("2"), "account", door=open_door)
    assert isinstance(begun, store.Appended), "counters go on behind the restored rows"
    assert isinstance(store.append(begun.journey, course("2"), 1, "account", door=open_door), store.Appended)


def test_a_store_that_holds_something_is_not_restored_over(sqlite: str, tmp_path: Path) -> None:
    filled()
    store.backup(tmp_path / "store.tar.gz")
    with pytest.raises(BadInput, match="rows in care_event already"):
        store.restore(tmp_path / "store.tar.gz")
    with pytest.raises(BadInput, match="is there already"):
        store.backup(tmp_path / "store.tar.gz")


def changed(path: Path, member: str, change: Any) -> Path:
    """A copy of a backup with one member changed."""
    other = path.with_name("changed.tar.gz")
    with tarfile.open(path) as old:
        old.extractall(path.parent / "unpacked", filter="data")
    file = path.parent / "unpacked" / member
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with tarfile.open(other, "w:gz") as new:
        for each in sorted(file.parent.iterdir()):
            new.add(each, each.name)
    return other


def test_a_backup_that_was_damaged_or_is_none_is_refused(sqlite: str, tmp_path: Path) -> None:
    filled()
    good = tmp_path / "store.tar.gz"
    store.backup(good)
    emptied(tmp_path / "other.sqlite3")
    damaged = changed(good, "care_event.jsonl", lambda text: text.replace("chop", "duke"))
    with pytest.raises(BadInput, match="care_event: is not what the manifest says"):
        store.restore(damaged)
    other = changed(good, "manifest.json", lambda text: json.dumps(json.loads(text) | {"format": 9}))
    with pytest.raises(BadInput, match="is no backup of format 1"):
        store.restore(other)
    (tmp_path / "half.tar.gz").write_bytes(good.read_bytes()[:2000])
    for name in ("half.tar.gz", "none.tar.gz"):
        with pytest.raises(BadInput, match="is no backup that can be read"):
            store.restore(tmp_path / name)
    assert models.Event.objects.count() == 0
