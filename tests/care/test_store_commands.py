"""The verbs `livingdrug store` and `livingdrug verify`, from an empty folder to a restored store."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker
from small import course, open_door, referral

from livingdrug.care import database, store
from livingdrug.cli import ExitStatus, run
from livingdrug.therapy import load as therapies


def test_from_an_empty_folder_to_a_restored_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], django_db_blocker: DjangoDbBlocker
) -> None:
    monkeypatch.chdir(tmp_path)
    with django_db_blocker.unblock():
        database.use("sqlite:///one.sqlite3")
        assert run(["store", "backup", "b.tar.gz"]) == ExitStatus.BAD_INPUT
        assert "run livingdrug store init" in capsys.readouterr().err
        assert run(["store", "init"]) == ExitStatus.FINE
        begun = store.start(referral("1"), "account", door=open_door, network="us-launch-2017")
        assert isinstance(begun, store.Appended)
        store.append(begun.journey, course(), 1, "account", door=open_door)
        store.keep_person("1", {"name": "Emily Example"}, "account")
        for words in (
            "store rebuild", "store anchor anchors", "store export log.jsonl.gz", "store backup b.tar.gz",
            "store shred 1 --reason erasure", "verify log.jsonl.gz --anchors anchors", "verify one.sqlite3 --anchors anchors",
            "store init --empty --database sqlite:///two.sqlite3", "store restore b.tar.gz --database sqlite:///two.sqlite3",
            "verify sqlite:///two.sqlite3 --anchors anchors",
        ):  # fmt: skip
            assert run(words.split()) == ExitStatus.FINE, (words, capsys.readouterr())
        said = capsys.readouterr().out
        database.use("sqlite:///one.sqlite3")
    assert said.count("fine, 10 events in 1 journeys") == 3
    assert "10 events of 1 journeys," in said
    assert "restored; every table is as in the backup" in said


def test_files_are_defined_anew_and_other_files_are_refused(
    sqlite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    text = therapies.path_of("tisagenlecleucel").read_text(encoding="utf-8")
    file.write_text(text + "# mine\n", encoding="utf-8")
    assert run(["store", "define", str(file)]) == ExitStatus.FINE
    assert store.text_of(store.current("therapy", "tisagenlecleucel")).endswith("# mine\n")
    file.write_text('kind = "scenario"', encoding="utf-8")
    assert run(["store", "define", str(file)]) == ExitStatus.BAD_INPUT
    assert "is a scenario" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("verify nowhere.jsonl", "nowhere.jsonl: cannot be read"),
        ("verify {here}/junk.jsonl", "is no log"),
        ("verify {here}/junk.sqlite3", "is no store that can be read"),
        ("verify postgresql://127.0.0.1:1/x", "is no store that can be read"),
        ("store backup {here}/none/b.tar.gz", "there is no folder"),
        ("store export {here}/none/log.jsonl", "cannot be written"),
        ("store shred nobody --reason x", "has no key"),
        ("store restore {here}/junk.jsonl", "holds"),
        ("store rebuild --database mysql://x", "write sqlite:///PATH"),
        ("store rebuild --database sqlite:///{here}/none/x", "does not answer"),
        ("store define", "needs a file"),
    ],
)
def test_mistakes_are_sentences(sqlite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, says: str) -> None:
    (tmp_path / "junk.jsonl").write_text("{}\nx", encoding="utf-8")
    (tmp_path / "junk.sqlite3").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    assert run(words.format(here=tmp_path).split()) == ExitStatus.BAD_INPUT
    assert says in capsys.readouterr().err
