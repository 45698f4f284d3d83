"""`livingdrug simulate --journeys` and `livingdrug replay`: the file, the table, and a sentence for each mistake."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livingdrug.cli import ExitStatus, run
from livingdrug.journey.codec import canonical, decode

Say = Callable[..., tuple[ExitStatus, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command; returns its status, its output, and what it said on standard error."""

    def said(*arguments: object) -> tuple[ExitStatus, str, str]:
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 40 patients with their journeys."""
    out = tmp_path_factory.mktemp("runs") / "eliana"
    simulated = ["simulate", "eliana", "--patients", "40", "--journeys", "--no-report", "--quiet", "--out", str(out)]
    assert run(simulated) == ExitStatus.FINE
    return out


def lines(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / "journeys.jsonl.gz", "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


def written(path: Path, content: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in content), encoding="utf-8")
    return path


# Writing ----------------------------------------------------------------------------------------------------------------


def test_the_file_says_what_it_is_and_holds_one_event_on_each_line(folder: Path) -> None:
    header, *events = lines(folder)
    assert (header["therapy"], header["network"], header["scenario"]) == ("tisagenlecleucel", "us-launch-2017", "eliana")
    assert header["patients"] == len({each["journey"] for each in events}) == 40
    assert decode({key: value for key, value in events[0].items() if key != "journey"}).name == "referred"


def test_the_manifest_knows_the_file(folder: Path) -> None:
    assert "journeys.jsonl.gz" in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]


def test_the_same_run_makes_the_same_bytes(folder: Path, tmp_path: Path, say: Say) -> None:
    say("simulate", "eliana", "--patients", 40, "--journeys", "--no-report", "--quiet", "--out", tmp_path)
    assert (tmp_path / "journeys.jsonl.gz").read_bytes() == (folder / "journeys.jsonl.gz").read_bytes()


def test_a_later_run_without_journeys_leaves_none(tmp_path: Path, say: Say) -> None:
    say("simulate", "eliana", "--patients", 5, "--journeys", "--no-report", "--quiet", "--out", tmp_path)
    say("simulate", "eliana", "--patients", 5, "--no-report", "--quiet", "--out", tmp_path)
    assert not (tmp_path / "journeys.jsonl.gz").exists()


def test_size_and_speed_are_said_beside_virtual_trials(tmp_path: Path, say: Say) -> None:
    trials = ("--replicates", 2, "--size", 5)
    status, out, _ = say("simulate", "eliana", "--patients", 20, "--journeys", *trials, "--no-report", "--out", tmp_path)
    assert status == ExitStatus.FINE
    assert "events in journeys.jsonl.gz" in out
    assert "events/s" in out


def test_a_network_without_journeys_or_without_a_file_is_a_sentence(tmp_path: Path, say: Say) -> None:
    status, _, err = say("simulate", "eliana", "--network", "other", "--out", tmp_path)
    assert (status, "ask for them with --journeys" in err) == (ExitStatus.BAD_INPUT, True)
    status, _, err = say("simulate", "eliana", "--journeys", "--network", "us-lunch-2017", "--out", tmp_path)
    assert (status, "nearest: us-launch-2017" in err) == (ExitStatus.BAD_INPUT, True)


# Replaying --------------------------------------------------------------------------------------------------------------


def test_a_log_that_was_written_replays_without_a_refusal(folder: Path, say: Say) -> None:
    status, out, err = say("replay", folder / "journeys.jsonl.gz")
    assert (status, err) == (ExitStatus.FINE, "")
    assert out.split()[-3:] == ["40", f"{len(lines(folder)) - 1:,}", "0"]


def test_an_export_of_the_store_replays_too_its_journeys_side_by_side(folder: Path, tmp_path: Path, say: Say) -> None:
    header, *events = lines(folder)
    rows = [{"livingdrug": "log", "format": 1}, {"definition": "…", "kind": "therapy", "name": header["therapy"], "text": ""}]
    spelled = [(each.pop("journey"), decode(each)) for each in events]
    first = {name: i for i, (name, _) in reversed(list(enumerate(spelled)))}
    mixed = [pair for _, pair in sorted(enumerate(spelled), key=lambda each: each[0] - first[each[1][0]])]
    rows += [{"position": i, "journey": name, "content": canonical(event)} for i, (name, event) in enumerate(mixed, 1)]
    status, out, err = say("replay", written(tmp_path / "log.jsonl", rows))
    assert (status, err) == (ExitStatus.FINE, "")
    assert out.split()[-3:] == ["40", f"{len(events):,}", "0"]


def test_what_breaks_is_named_with_journey_position_and_rule(folder: Path, tmp_path: Path, say: Say) -> None:
    content = [each for each in lines(folder) if each.get("event") != "consent given" or each["journey"][-1] != "0"]
    status, out, _ = say("replay", written(tmp_path / "log.jsonl", content))
    assert status == ExitStatus.BAD_INPUT
    assert "virtual-000000000" in out
    assert "REF-008" in out
    assert "there is no consent to treatment; record it first" in out
    assert "How often each rule refused" in out


def test_the_first_twenty_reasons_are_shown_and_all_are_counted(folder: Path, tmp_path: Path, say: Say) -> None:
    content = [each for each in lines(folder) if each.get("event") != "consent given"]
    _, out, _ = say("replay", written(tmp_path / "log.jsonl", content))
    assert "The first 20 reasons" in out
    shown, counted = out.split("How often each rule refused")
    assert shown.count("\nvirtual-") == 20
    assert int(next(line.split()[1] for line in counted.splitlines() if line.startswith("REF-008"))) > 100


def test_malformed_lines_are_complaints_with_their_numbers_all_at_once(folder: Path, tmp_path: Path, say: Say) -> None:
    path = written(tmp_path / "log.jsonl", lines(folder))
    text = path.read_text(encoding="utf-8").splitlines()
    text[4], text[9], text[14] = "{", "[1]", text[14].replace('"at"', '"att"')
    text[19] = text[19].replace('"journey"', '"jorney"')
    path.write_text("\n".join(text), encoding="utf-8")
    status, out, err = say("replay", path)
    assert status == ExitStatus.BAD_INPUT
    assert out.startswith("journeys")
    for line in (5, 10, 15, 20):
        assert f"log.jsonl: line {line}: " in err
    assert "nearest: at" in err
    assert "Traceback" not in err


def test_a_file_that_is_something_else_is_not_repeated_for_ever(tmp_path: Path, say: Say) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("patient,age\n" * 1000, encoding="utf-8")
    status, _, err = say("replay", path)
    assert status == ExitStatus.BAD_INPUT
    assert "800 more lines cannot be read" in err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("log.jsonl.gz", b"not packed", "cannot be unpacked"),
        ("log.jsonl.gz", gzip.compress(b"{}" * 1000, mtime=0)[:-9], "cannot be unpacked"),
        ("log.jsonl", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("log.jsonl", None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, say: Say, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, _, err = say("replay", tmp_path / name)
    assert (status, says in err) == (ExitStatus.BAD_INPUT, True)


def test_another_therapy_and_network_may_be_named(folder: Path, say: Say) -> None:
    status, out, _ = say("replay", folder / "journeys.jsonl.gz", "--therapy", "axicabtagene-ciloleucel")
    assert (status, "REF-001" in out) == (ExitStatus.BAD_INPUT, True)
    status, _, err = say("replay", folder / "journeys.jsonl.gz", "--network", "us-lunch-2017")
    assert (status, "nearest: us-launch-2017" in err) == (ExitStatus.BAD_INPUT, True)


def test_a_journey_without_referral_and_header_asks_for_the_therapy(folder: Path, tmp_path: Path, say: Say) -> None:
    _, _, second, *_ = lines(folder)
    path = written(tmp_path / "log.jsonl", [second])
    status, _, err = say("replay", path)
    assert (status, "name the therapy with --therapy" in err) == (ExitStatus.BAD_INPUT, True)
    status, out, _ = say("replay", path, "--therapy", "tisagenlecleucel")
    assert (status, "REC-001" in out) == (ExitStatus.BAD_INPUT, True)


def test_settings_of_the_therapy_travel_with_the_log(tmp_path: Path, say: Say) -> None:
    cheaper = ("--set", "therapy.price.list_price=400000")
    say("simulate", "eliana", "--patients", 10, *cheaper, "--journeys", "--no-report", "--quiet", "--out", tmp_path)
    status, _, _ = say("replay", tmp_path / "journeys.jsonl.gz")
    assert status == ExitStatus.FINE
    status, out, _ = say("replay", tmp_path / "journeys.jsonl.gz", "--therapy", "tisagenlecleucel")
    assert (status, "PAY-003" in out) == (ExitStatus.BAD_INPUT, True)


def test_numbers_that_cannot_be_true_are_refused_and_nothing_breaks(folder: Path, tmp_path: Path, say: Say) -> None:
    content = lines(folder)
    for each in content:
        if each.get("event") == "response assessed":
            each["burden"] = 7.0
        if each.get("event") == "vitals charted":
            each["oxygen"] = [9] * len(each["hours"])
    status, out, _ = say("replay", written(tmp_path / "log.jsonl", content))
    assert (status, "RSP-003" in out, "SAF-002" in out) == (ExitStatus.BAD_INPUT, True, True)
