"""`livingdrug simulate` and `livingdrug compile`: what they print and write, and one sentence for each mistake beforehand."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from livingdrug.biology.compile import is_cached
from livingdrug.biology.model import Model
from livingdrug.biology.solve import solve
from livingdrug.cli import ExitStatus, run
from livingdrug.commands import progress, simulate, targets
from livingdrug.simulate import body
from livingdrug.simulate.scenario import load
from livingdrug.simulate.scenario import names as scenarios


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]):
    """Run a command; returns its status, its output, and what it said on standard error."""

    def said(*arguments: object) -> tuple[ExitStatus, str, str]:
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return said


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 600 patients with virtual trials of 20 and no report."""
    out = tmp_path_factory.mktemp("runs") / "eliana"
    arguments = [
        "simulate",
        "eliana",
        "--patients",
        600,
        "--replicates",
        8,
        "--size",
        20,
        "--no-report",
        "--quiet",
        "--out",
        out,
    ]
    assert run([str(each) for each in arguments]) == ExitStatus.FINE
    return out


def content(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


# What a run leaves ----------------------------------------------------------------------------------------------------


def test_a_run_leaves_cohort_targets_and_manifest(finished: Path) -> None:
    assert {file.name for file in finished.iterdir()} == {"cohort.parquet", "targets.json", "manifest.json"}
    assert pl.read_parquet(finished / "cohort.parquet").height == 600
    assert set(content(finished / "manifest.json")["files"]) == {"cohort.parquet", "targets.json"}


def test_the_targets_hold_published_simulated_and_predicted(finished: Path) -> None:
    written = content(finished / "targets.json")
    assert (written["replicates"], written["size"], written["patients"]) == (8, 20, 600)
    row = next(each for each in written["targets"] if each["id"] == "remission-63")
    assert (row["low"], row["high"], row["n"], row["group"]) == (0.709, 0.91, 63, "C1")
    assert 0 < row["predicted_low"] <= row["predicted_high"] <= 1
    assert row["inside"] == (row["low"] <= row["simulated"] <= row["high"])


def test_the_trials_are_other_patients_than_the_cohort_and_the_same_beside_any(tmp_path: Path, finished: Path) -> None:
    """So the intervals do not depend on how many patients the main run has, once the share infused is known well enough."""
    from livingdrug.simulate.run import Engine

    trials = targets.replicates_of(load("eliana"), finished, 2, 20, engine=Engine())
    assert trials["patient"].min() == targets.REPLICATES_FROM
    assert (trials["fate"] == "infused").sum() >= 40


def test_the_whole_command_prints_a_table_and_where_the_report_is(say, tmp_path: Path) -> None:
    status, printed, said = say(
        "simulate", "eliana", "--patients", 300, "--trajectories", 60, "--seed", 4, "--out", tmp_path / "x"
    )
    assert (status, said) == (ExitStatus.FINE, "")
    assert "300 virtual patients, seed 4, in " in printed
    assert re.search(r"CR or CRi, 79 infused \(%\) +82\.3 \(72\.0 to 90\.0\) +[\d.]+ [✓✗]", printed)
    assert "calibration targets lie inside their published 95 % interval" in printed
    assert printed.splitlines()[-1] == f"The report: {tmp_path / 'x' / 'report.html'}"
    assert "<html" in (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    assert pl.read_parquet(tmp_path / "x" / "trajectories.parquet")["patient"].max() < 60  # type: ignore[operator]


def test_a_scenario_without_published_results_says_that_it_is_not_calibrated(say, tmp_path: Path) -> None:
    status, printed, _ = say("simulate", "zuma-1", "--patients", 100, "--no-report", "--out", tmp_path)
    assert status == ExitStatus.FINE
    assert "Not calibrated: " in printed
    assert not (tmp_path / "targets.json").exists()


def test_settings_change_the_scenario_and_stand_in_the_manifest(say, tmp_path: Path, finished: Path) -> None:
    say("simulate", "eliana", "--patients", 600, "--set", "policy=current", "--no-report", "--quiet", "--out", tmp_path)
    assert content(tmp_path / "manifest.json")["settings"] == ["policy=current"]
    before, after = (pl.read_parquet(folder / "cohort.parquet") for folder in (finished, tmp_path))
    assert before["infused_day"].equals(after["infused_day"])
    assert before["tocilizumab_doses"].sum() < after["tocilizumab_doses"].sum()


def test_quiet_prints_one_line(say, tmp_path: Path) -> None:
    status, printed, said = say("simulate", "eliana", "--patients", 50, "--no-report", "--quiet", "--out", tmp_path)
    assert (status, printed, said) == (ExitStatus.FINE, f"{tmp_path}\n", "")


def test_resuming_a_finished_run_says_that_it_was_there(say, tmp_path: Path) -> None:
    arguments = ("simulate", "eliana", "--patients", 50, "--no-report", "--out", tmp_path)
    say(*arguments)
    _, printed, _ = say(*arguments, "--resume")
    assert "50 of them from the interrupted run" in printed


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_of_the_library_names_published_results_that_exist(name: str) -> None:
    simulate._published(load(name), 0, None)


# Mistakes -------------------------------------------------------------------------------------------------------------


def test_everything_wrong_with_the_numbers_is_said_at_once(say, tmp_path: Path) -> None:
    status, printed, said = say(
        "simulate",
        "eliana",
        "--patients",
        0,
        "--seed",
        -1,
        "--workers",
        0,
        "--size",
        5,
        "--cluster",
        "myhost",
        "--out",
        tmp_path / "x",
    )
    assert (status, printed) == (ExitStatus.BAD_INPUT, "")
    assert said.startswith("livingdrug: 5 complaints:\n")
    assert "--patients 0: give a whole number from 1 to 100,000,000" in said
    assert "--size: belongs to virtual trials; say how many with --replicates" in said
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("elana",), "no scenario 'elana'; nearest: eliana"),
        (("eliana", "--replicates", 10**7, "--size", 79), "--replicates: 10,000,000 trials are more than 10,000,000 patients"),
        (("zuma-1", "--replicates", 10), "--replicates: zuma-1 names no published results"),
    ],
    ids=["scenario", "too many", "nothing published"],
)
def test_a_mistake_is_one_sentence(say, tmp_path: Path, arguments: tuple[object, ...], sentence: str) -> None:
    status, printed, said = say("simulate", *arguments, "--out", tmp_path / "x")
    assert (status, printed) == (ExitStatus.BAD_INPUT, "")
    assert said.startswith(f"livingdrug: {sentence}")
    assert not (tmp_path / "x").exists()


def test_a_file_in_the_place_of_the_folder_is_one_sentence(say, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    status, _, said = say("simulate", "eliana", "--patients", 10, "--out", tmp_path / "x")
    assert (status, said) == (
        ExitStatus.BAD_INPUT,
        f"livingdrug: {tmp_path / 'x'}: is a file, not a folder; choose another with --out\n",
    )


# The short table ------------------------------------------------------------------------------------------------------


def row(**facts: Any) -> dict[str, Any]:
    usual = {"id": "a", "label": "A", "measure": "crs", "unit": "1", "role": "calibration", "n": 10}
    numbers = {"published": 0.5, "low": 0.25, "high": 0.75, "simulated": 0.6, "predicted_low": 0.2, "predicted_high": 0.9}
    return usual | numbers | {"inside": True} | facts


def test_of_several_cuts_of_a_trial_the_largest_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    targets.print_targets([row(label="small", n=60), row(label="large", n=79)], None)
    printed = capsys.readouterr().out
    assert "large (%)" in printed
    assert "small (%)" not in printed
    assert "2 of 2 calibration targets lie inside" in printed


def test_open_intervals_and_missing_numbers_are_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {"simulated": None, "inside": None, "predicted_low": None, "predicted_high": None}
    targets.print_targets([row(**missing), row(measure="os_6", unit="days", low=None)], 79)
    printed = capsys.readouterr().out
    assert re.search(r"A \(%\) +50\.0 \(25\.0 to 75\.0\) +– +–", printed)
    assert "0.5 (– to 0.8)" in printed
    assert "trial of 79" in printed


def test_the_first_targets_outside_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    targets.print_targets([row(label=f"L{i}", inside=False) for i in range(7)], None)
    assert "outside: L0; L1; L2; L3; L4; and 2 more" in capsys.readouterr().out


def test_the_table_shows_measures_that_exist() -> None:
    from livingdrug.analysis.measures import MEASURES

    assert set(targets.SHOWN) <= set(MEASURES)


# Progress and compiling -----------------------------------------------------------------------------------------------


def test_the_bar_is_silent_when_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.bar("eliana") as tell:
        tell(5, 10)
    assert capsys.readouterr() == ("", "")


def test_the_bar_shows_patients_in_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with progress.bar("eliana") as tell:
        tell(5_000, 10_000)
        tell(10_000, 10_000)
    said = capsys.readouterr().err
    assert "eliana" in said
    assert "10,000 patients" in said


def test_compiling_twice_compiles_once(say) -> None:
    say("compile")
    status, printed, _ = say("compile")
    assert (status, printed) == (ExitStatus.FINE, "course: compiled before\n")


def test_what_is_compiled_is_what_scenarios_solve(say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `livingdrug compile` a run finds the kernel that it solves with, not that of a model like it."""
    solved: list[Model] = []
    monkeypatch.setattr(body, "solve", lambda model, *given, **named: solved.append(model) or solve(model, *given, **named))
    say("compile")
    _, _, said = say("simulate", "eliana", "--patients", 10, "--threads", 1, "--no-report", "--out", tmp_path)
    assert solved
    assert all(is_cached(model, body.METHOD) for model in solved)
    assert "compiling" not in said


def test_a_model_that_is_not_there_is_one_sentence(say) -> None:
    status, _, said = say("compile", "cuorse")
    assert (status, said.strip()) == (ExitStatus.BAD_INPUT, "livingdrug: no model 'cuorse'; nearest: course")
