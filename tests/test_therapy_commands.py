"""`livingdrug therapies`, `show`, `check` and `cite`: what they print, and one sentence for each mistake."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from livingdrug.cli import ExitStatus, run
from livingdrug.commands.check import KINDS
from livingdrug.network import load as networks
from livingdrug.simulate import population, scenario
from livingdrug.therapy.files import numbers
from livingdrug.therapy.load import load, names, path_of


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]):
    """Run a command; returns its status, its output, and what it said on standard error."""

    def said(*arguments: object) -> tuple[ExitStatus, str, str]:
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return said


def broken(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = path_of("tisagenlecleucel").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


# therapies ------------------------------------------------------------------------------------------------------------------


def test_the_list_names_every_therapy_with_its_price(say) -> None:
    status, printed, said = say("therapies")
    assert (status, said) == (ExitStatus.FINE, "")
    rows = printed.splitlines()
    assert [row.split()[0] for row in rows[2 : 2 + len(names())]] == list(names())
    assert any(re.search(r"^tisagenlecleucel .* CD19 +leukemia +475,000 USD", row) for row in rows)


def test_the_list_as_json_counts_what_is_unconfirmed(say) -> None:
    _, printed, _ = say("therapies", "--json")
    rows = {row["name"]: row for row in json.loads(printed)}
    assert tuple(rows) == names()
    for name, row in rows.items():
        stated = [each for _, each in numbers(load(name))]
        assert (row["numbers"], row["unconfirmed"]) == (len(stated), sum(not each.confirmed for each in stated))
    assert rows["tisagenlecleucel"]["policies"] == ["label-2017", "current"]


# show -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_a_therapy_is_shown_whole(say, name: str) -> None:
    status, printed, _ = say("show", name)
    assert status == ExitStatus.FINE
    therapy = load(name)
    for citation in therapy.sources.values():
        assert citation in printed
    for words in (
        *therapy.infusion.preconditions,
        *therapy.deviations,
        therapy.receptor.binder,
        therapy.out_of_specification.path,
    ):
        assert words in printed
    rows = re.findall(r"^.+?  +([\d.,e–-]+)   \S", printed, re.MULTILINE)
    assert len(rows) >= len(list(numbers(therapy)))


def test_a_number_is_shown_with_unit_meaning_and_source(say) -> None:
    _, printed, _ = say("show", "tisagenlecleucel")
    assert re.search(
        r"^weight_limit +50   kg +up to this weight the dose is per weight, above it flat +label2018$", printed, re.M
    )
    assert re.search(r"^list_price +475,000   1 .* biocentury2017$", printed, re.M)
    assert re.search(r"^expansion +7   day +tyagarajan2020, unconfirmed$", printed, re.M)
    assert re.search(r"^potency +– +1 +no limit; .* oos2019, unconfirmed$", printed, re.M)


def test_tables_line_up(say) -> None:
    """The unit stands in one column, whatever the number to its left."""
    _, printed, _ = say("show", "tisagenlecleucel")
    dose = printed[printed.index("Dose [dose]") : printed.index("Lymphodepletion [")]
    rows = [line for line in dose.splitlines() if " cells" in line or " kg " in line]
    assert len(rows) == 9
    assert len({re.search(r"(?<=\d   )\S", row).start() for row in rows}) == 1  # type: ignore[union-attr]


def test_a_therapy_as_json_is_its_file(say) -> None:
    _, printed, _ = say("show", "tisagenlecleucel", "--json", "--set", "dose.weight_limit=40")
    found = json.loads(printed)
    assert found["dose"]["weight_limit"] == {
        "value": 40,
        "unit": "kg",
        "source": "set for this run",
        "confirmed": True,
        "about": "",
    }
    assert found["certification"]["required_until"] == "2025-06-26"


def test_a_therapy_as_toml_is_a_file_to_start_from(say, tmp_path: Path) -> None:
    _, printed, _ = say("show", "axicabtagene-ciloleucel", "--toml")
    (tmp_path / "mine.toml").write_text(printed, encoding="utf-8")
    assert load(tmp_path / "mine.toml") == load("axicabtagene-ciloleucel")
    status, printed, _ = say("show", tmp_path / "mine.toml")
    assert (status, printed.splitlines()[0].split(":")[0]) == (ExitStatus.FINE, "Axicabtagene ciloleucel (Yescarta)")


def test_an_unknown_therapy_or_setting_is_bad_input(say) -> None:
    assert say("show", "tisagen")[::2] == (
        ExitStatus.BAD_INPUT,
        "livingdrug: no therapy 'tisagen'; nearest: tisagenlecleucel\n",
    )
    status, _, said = say("show", "tisagenlecleucel", "--set", "dose.weight_limt=4")
    assert status == ExitStatus.BAD_INPUT
    assert said.startswith("livingdrug: --set dose.weight_limt=4: no key 'weight_limt'; nearest: weight_limit")


# check ----------------------------------------------------------------------------------------------------------------------


def test_every_file_of_the_libraries_is_fine(say) -> None:
    folders = (path_of("tisagenlecleucel").parent, networks.LIBRARY, scenario.LIBRARY, population.LIBRARY)
    files = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    status, printed, said = say("check", *files)
    assert (status, said) == (ExitStatus.FINE, "")
    assert len(printed.splitlines()) == len(files)
    assert re.search(r"tisagenlecleucel\.toml: fine, a therapy with \d+ numbers, \d+ of them unconfirmed", printed)
    for kind in KINDS:
        assert f": fine, a {kind} with " in printed


def test_a_file_with_mistakes_ends_in_a_line_for_each(say, tmp_path: Path) -> None:
    path = broken(tmp_path, ("billable = false", 'billable = "no"'), ("value = 50,", "value = -50,"), ("[price]", "[prices]"))
    status, printed, said = say("check", path)
    assert (status, printed) == (ExitStatus.BAD_INPUT, "")
    assert said.splitlines() == [
        "livingdrug: 3 complaints:",
        "  mine.toml: out_of_specification.billable: 'no' is not true or false; write one of them without quotes",
        "  mine.toml: dose.weight_limit: -50 kg is not above 0; give more",
        "  mine.toml: prices: no key 'prices'; nearest: price, sources",
    ]


def test_several_files_are_checked_together(say, tmp_path: Path) -> None:
    path = broken(tmp_path, ("billable = false", 'billable = "no"'))
    status, printed, said = say("check", path, path_of("tisagenlecleucel"), tmp_path / "nowhere.toml")
    assert status == ExitStatus.BAD_INPUT
    assert "tisagenlecleucel.toml: fine" in printed
    assert "billable" in said
    assert "nowhere.toml: there is no such file; check the path" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'kind: is missing; write kind = "therapy" or "network" or "scenario" or "population"'),
        ('kind = "therapie"', "kind: no kind of file 'therapie'; nearest: therapy"),
        ("kind = ", "last line: is not TOML: invalid value; correct it"),
        ('kind = "scenario"', "title: is missing"),
        ('kind = "population"', "numbers: is missing"),
    ],
)
def test_a_file_that_says_too_little_is_told_what_to_write(say, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    status, _, said = say("check", path)
    assert status == ExitStatus.BAD_INPUT
    assert f"mine.toml: {sentence}" in said


def test_check_without_a_file_says_so(say) -> None:
    assert say("check") == (ExitStatus.BAD_INPUT, "", "livingdrug: check: needs a file; write livingdrug check FILE.toml\n")


# cite -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_the_sources_of_a_therapy_stand_behind_every_number(say, name: str) -> None:
    _, printed, _ = say("cite", name, "--json")
    rows = json.loads(printed)
    assert {row["source"] for row in rows} == set(load(name).sources.values())
    keys = [key for row in rows for key in row["keys"]]
    assert len(keys) == len(set(keys))
    stated = {
        re.sub(r"\.(minimum|maximum|out_of_specification)$", "", key) for key, _ in numbers(load(name)) if "release" in key
    }
    assert stated | {key for key, _ in numbers(load(name)) if "release" not in key} <= set(keys)


def test_cite_marks_what_is_unconfirmed(say) -> None:
    status, printed, _ = say("cite", "tisagenlecleucel")
    assert status == ExitStatus.FINE
    assert re.search(r"^Ceppi F et al\. .* 1   collection\.volume_per_weight\?$", printed, re.M)
    assert re.search(r"^\d+ keys from 20 sources; \? marks the \d+ that are unconfirmed\.$", printed, re.M)


def test_cite_of_a_scenario_has_therapy_and_population(say) -> None:
    _, printed, _ = say("cite", "eliana", "--json")
    keys = [key for row in json.loads(printed) for key in row["keys"]]
    assert sorted(keys) == sorted(row["key"] for row in scenario.load("eliana").sources())
    assert "therapy.dose.weight_limit" in keys
    assert "population.course.rho" in keys


def test_cite_takes_paths(say, tmp_path: Path) -> None:
    assert say("cite", broken(tmp_path))[0] == ExitStatus.FINE
    assert say("cite", scenario.path_of("eliana"))[0] == ExitStatus.FINE
    status, _, said = say("cite", population.path_of("pediatric-b-all"))
    assert status == ExitStatus.BAD_INPUT
    assert "is a population; cite a therapy or a scenario that uses it" in said


def test_cite_of_something_else_names_the_nearest(say) -> None:
    assert say("cite", "elianna")[2] == "livingdrug: no therapy or scenario 'elianna'; nearest: eliana\n"


# Start-up -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "not_loaded"),
    [(["--help"], ["pydantic"]), (["show", "--help"], ["pydantic"]), (["therapies"], ["numpy", "polars"])],
)
def test_a_command_imports_no_more_than_it_needs(arguments: list[str], not_loaded: list[str]) -> None:
    script = (
        f"import sys\nfrom livingdrug.cli import run\nrun({arguments})\nprint('loaded:', set({not_loaded}) & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout.splitlines()[-1] == "loaded: set()"
