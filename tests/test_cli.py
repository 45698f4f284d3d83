"""The command line: quick to start, one sentence for bad input, and an exit status that scripts can rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from livingdrug import __version__, cli
from livingdrug.cli import ExitStatus, run
from livingdrug.commands.version import _processor
from livingdrug.errors import BadInput, Complaint, SolveInterrupted

HEAVY = ["numpy", "numba", "scipy", "sympy", "polars", "altair", "vl_convert"]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["version", "--json"], ["no-such-verb"]])
def test_quick_answers_import_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom livingdrug.cli import run\n"
        f"run({arguments})\n"
        f"print('imported:', sorted(set({HEAVY}) & set(sys.modules)))"
    )
    assert python("-c", script).stdout.splitlines()[-1] == "imported: []"


def test_help_starts_within_a_small_multiple_of_bare_python() -> None:
    """Measured: 10 to 12 bare starts of Python. Importing NumPy and Numba would be 26 more."""

    def quickest(*arguments: str) -> float:
        took: list[float] = []
        for _ in range(5):
            start = time.perf_counter()
            python(*arguments)
            took.append(time.perf_counter() - start)
        return min(took)

    assert quickest("-m", "livingdrug.cli", "--help") < 25 * quickest("-c", "pass")


def test_help_names_every_verb_and_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == ExitStatus.FINE
    printed = " ".join(capsys.readouterr().out.split())
    assert "version" in printed
    assert all(f"{status.value} " in printed for status in ExitStatus)


def test_version_tells_what_a_bug_report_needs(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--version"])
    lines = capsys.readouterr().out
    run(["version", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert facts["livingdrug"] == __version__
    assert facts["numpy"][0].isdigit()
    assert [line.split("  ")[0] for line in lines.splitlines()] == list(facts)


def test_a_machine_that_does_not_describe_itself_is_no_error(tmp_path) -> None:
    assert _processor(tmp_path / "no cpuinfo")["vectors"] == "unknown"
    (tmp_path / "cpuinfo").write_text("model name\t: A Processor\nflags\t\t: sse2 avx2\n", encoding="utf-8")
    assert _processor(tmp_path / "cpuinfo") == {"processor": "A Processor", "vectors": "avx2"}


def ending_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def verb(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", verb)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BadInput(Complaint("dose", "is negative")), ExitStatus.BAD_INPUT, "livingdrug: dose: is negative\n"),
        (SolveInterrupted("stopped"), ExitStatus.INTERRUPTED, "livingdrug: stopped\n"),
        (KeyboardInterrupt(), ExitStatus.INTERRUPTED, "livingdrug: interrupted\n"),
    ],
)
def test_an_error_ends_in_a_sentence_and_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: ExitStatus,
    said: str,
) -> None:
    ending_with(monkeypatch, error)
    assert run([]) == status
    assert capsys.readouterr().err == said


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    ending_with(monkeypatch, ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        run([])


def test_a_wrong_verb_or_option_is_bad_input_with_a_suggestion() -> None:
    for arguments in (["versoin"], ["version", "--jsn"]):
        ended = python("-m", "livingdrug.cli", *arguments)
        assert ended.returncode == ExitStatus.BAD_INPUT
        assert ended.stdout == ""
        assert ended.stderr.startswith("livingdrug: Unknown")
        assert "Traceback" not in ended.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes are closed differently elsewhere")
def test_a_reader_that_has_enough_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, "-m", "livingdrug.cli", "version"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")
