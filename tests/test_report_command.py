"""`livingdrug report`: the page is rebuilt from a run folder, and what is wrong with the folder is said in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingdrug.cli import ExitStatus, run
from tests.report.made_up import run_folder


def test_the_report_of_a_run_is_rebuilt_and_its_path_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run_folder(tmp_path / "run", patients=40, courses=0)
    assert run(["report", str(folder)]) == ExitStatus.FINE
    assert capsys.readouterr().out == f"wrote {folder / 'report.html'}\n"
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", str(tmp_path / "nowhere")]) == ExitStatus.BAD_INPUT
    assert "there is no such folder; livingdrug simulate SCENARIO --out FOLDER makes one" in capsys.readouterr().err


def test_an_unfinished_run_is_told_everything_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", str(tmp_path)]) == ExitStatus.BAD_INPUT
    said = capsys.readouterr().err
    assert "holds no cohort.parquet" in said
    assert "holds no manifest.json" in said
    assert "Traceback" not in said
