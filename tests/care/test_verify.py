"""The stand-alone reader names the exact row of any tampering, in an export and in a database."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from small import course, open_door, referral, seen

from livingdrug.care import guards, store, verify
from livingdrug.care.chain import linked, log_linked, spelled


@pytest.fixture
def filled(url: str) -> str:
    """Two journeys that take turns: the first has positions 1, 3, 4, 7, 8 and 11 to 15, the second the others to 20."""
    one, other = (_begun(patient) for patient in ("1", "2"))
    for first, end in ((0, 2), (2, 4), (4, 9)):
        for journey, events in ((one, course("1")), (other, course("2"))):
            kept = store.append(journey, events[first:end], first + 1, "account", door=open_door)
            assert isinstance(kept, store.Appended)
    return url


def _begun(patient: str) -> str:
    begun = store.start(referral(patient), "account", door=open_door)
    assert isinstance(begun, store.Appended)
    return begun.journey


def test_an_untouched_store_and_its_export_are_fine(filled: str, tmp_path: Path) -> None:
    assert str(verify.verify(filled)) == "fine, 20 events in 2 journeys"
    store.export(tmp_path / "log.jsonl.gz")
    store.anchor(tmp_path / "anchors")
    assert str(verify.verify(str(tmp_path / "log.jsonl.gz"), str(tmp_path / "anchors"))) == "fine, 20 events in 2 journeys"
    assert verify.verify(filled, str(tmp_path / "anchors")).fine


def test_the_reader_stands_alone() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {"psycopg"}


# In a database ----------------------------------------------------------------------------------------------------------


def tamper(*statements: str) -> None:
    """Change rows as somebody would who may switch off the guards."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for line in "\n".join(guards.statements("sqlite")).splitlines():
                if line.startswith("CREATE TRIGGER"):
                    cursor.execute(f"DROP TRIGGER {line.split()[2]}")
            cursor.execute("PRAGMA foreign_keys=OFF")
        else:
            cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


SWAP = "UPDATE care_event SET position = {} WHERE position = {}"
DATABASE = {
    "content": (["UPDATE care_event SET content = replace(content, '250.0', '240.0') WHERE position = 7"], 7, "hash"),
    "by": (["UPDATE care_event SET by = 'somebody' WHERE position = 7"], 7, "column"),
    "name": (["UPDATE care_event SET name = 'seen' WHERE position = 7"], 7, "column"),
    "account": (["UPDATE care_event SET account = 'somebody' WHERE position = 7"], 7, "hash"),
    "recorded": (["UPDATE care_event SET recorded = '2017-01-01T00:00:00.000000Z' WHERE position = 7"], 7, "hash"),
    "swapped": ([SWAP.format(-1, 7), SWAP.format(7, 8), SWAP.format(8, -1)], 7, "version"),
    "swapped between journeys": ([SWAP.format(-1, 6), SWAP.format(6, 7), SWAP.format(7, -1)], 6, "log hash"),
    "deleted": (["DELETE FROM care_event WHERE position = 7"], 8, "position"),
    "last deleted": (["DELETE FROM care_event WHERE position = 20"], None, "head"),
    "hash": (["UPDATE care_event SET hash = log_hash WHERE position = 7"], 7, "hash"),
    "log hash": (["UPDATE care_event SET log_hash = hash WHERE position = 7"], 7, "log hash"),
    "previous": (["UPDATE care_event SET previous = hash WHERE position = 7"], 7, "hash"),
    "definition": (["UPDATE care_definition SET text = text || ' ' WHERE kind = 'therapy'"], None, "definition"),
    "definition deleted": (["DELETE FROM care_definition WHERE kind = 'network'"], 1, "definition"),
    "audit": (["UPDATE care_access SET account = 'x' WHERE position = 3"], None, "audit hash"),
    "audit deleted": (["DELETE FROM care_access WHERE position = 3"], None, "audit position"),
    "journey deleted": (["DELETE FROM care_journey WHERE patient = '2'"], None, "head"),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "position", "check"), DATABASE.values(), ids=DATABASE)
def test_tampering_with_a_database_is_found_at_its_row(
    filled: str, statements: list[str], position: int | None, check: str
) -> None:
    tamper(*statements)
    found = verify.verify(filled).found
    assert found is not None
    assert (found.position, found.check) == (position, check), str(found)


def test_a_log_whose_end_was_cut_off_everywhere_is_found_by_its_anchor(filled: str, tmp_path: Path) -> None:
    store.anchor(tmp_path / "anchors")
    before = "(SELECT hash FROM care_event WHERE position = 19)"
    tamper(
        "DELETE FROM care_event WHERE position = 20",
        f"UPDATE care_journey SET version = 9, head = {before} WHERE patient = '2'",
    )
    assert verify.verify(filled).fine, "nothing inside the database shows it"
    found = verify.verify(filled, str(tmp_path / "anchors")).found
    assert found is not None
    assert (found.position, found.check) == (20, "anchor")
    assert "its end was cut off" in str(found)


# In an export -----------------------------------------------------------------------------------------------------------

Lines = list[dict[str, Any]]


def _changed(lines: Lines) -> None:
    lines[6]["content"] = lines[6]["content"].replace("250.0", "240.0")


def _signed_by_another(lines: Lines) -> None:
    lines[6]["by"] = "somebody"


def _moved(lines: Lines) -> None:
    lines[6], lines[7] = lines[7], lines[6]


def _moved_and_renumbered(lines: Lines) -> None:
    _moved(lines)
    lines[6]["position"], lines[7]["position"] = 7, 8


def _without_one(lines: Lines) -> None:
    del lines[6]


def _without_the_last(lines: Lines) -> None:
    del lines[-1]


def _with_one_more(lines: Lines) -> None:
    """The row itself is perfect, and all behind it is renumbered."""
    row = lines[5] | {"position": 7, "version": 4, "previous": lines[5]["hash"]}
    row["hash"] = linked(row["previous"], spelled({name: row[name] for name in verify.BODY}))
    row["log_hash"] = log_linked(lines[5]["log_hash"], 7, row["hash"])
    for each in lines[6:]:
        each["position"] += 1
    lines.insert(6, row)


EXPORT: dict[str, tuple[Callable[[Lines], None], int, str]] = {
    "content": (_changed, 7, "hash"),
    "by": (_signed_by_another, 7, "column"),
    "moved": (_moved, 8, "position"),
    "moved and renumbered": (_moved_and_renumbered, 7, "version"),
    "deleted": (_without_one, 8, "position"),
    "last deleted": (_without_the_last, 20, "header"),
    "inserted": (_with_one_more, 8, "log hash"),
}


def rewritten(path: Path, change: Callable[[Lines], None]) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    head = [line for line in lines if "position" not in line]
    events = lines[len(head) :]
    change(events)
    path.write_text("\n".join(map(json.dumps, head + events)), encoding="utf-8")


@pytest.mark.parametrize(("change", "position", "check"), EXPORT.values(), ids=EXPORT)
def test_tampering_with_an_export_is_found_at_its_row(
    filled: str, tmp_path: Path, change: Callable[[Lines], None], position: int, check: str
) -> None:
    path = tmp_path / "log.jsonl"
    store.export(path)
    rewritten(path, change)
    found = verify.verify(str(path)).found
    assert found is not None
    assert (found.position, found.check) == (position, check), str(found)


def test_a_log_that_was_rewritten_with_all_its_hashes_is_found_by_an_anchor(sqlite: str, tmp_path: Path) -> None:
    journey = _begun("1")
    store.append(journey, [seen()], 1, "account", door=open_door)
    path, anchors = tmp_path / "log.jsonl", tmp_path / "anchors"
    store.anchor(anchors)

    def rewrite(lines: Lines) -> None:
        previous = log = "0" * 64
        for line in lines:
            line |= {"account": "somebody", "previous": previous}
            line["hash"] = previous = linked(previous, spelled({name: line[name] for name in verify.BODY}))
            line["log_hash"] = log = log_linked(log, line["position"], line["hash"])

    store.export(path)
    rewritten(path, rewrite)
    text = path.read_text(encoding="utf-8").splitlines()
    header = json.loads(text[0]) | {"log_hash": json.loads(text[-1])["log_hash"]}
    path.write_text("\n".join([json.dumps(header), *text[1:]]), encoding="utf-8")
    assert verify.verify(str(path)).fine
    found = verify.verify(str(path), str(anchors)).found
    assert found is not None
    assert (found.position, found.check) == (2, "anchor")


def test_the_exit_status_says_whether_it_is_fine(filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.jsonl"
    store.export(path)
    assert verify.main([str(path)]) == 0
    rewritten(path, _changed)
    assert verify.main([str(path)]) == 2
    assert capsys.readouterr().out.splitlines()[1].startswith("TAMPERED: position 7, journey ")
