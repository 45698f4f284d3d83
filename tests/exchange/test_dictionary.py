"""The data dictionary: every column, once, on the page, on the command line and in the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livingdrug.cli import ExitStatus, run
from livingdrug.cohort import BY_NAME, COLUMNS
from livingdrug.exchange import dictionary
from livingdrug.exchange.dictionary import LIMITS, SECTIONS, VIRTUAL_ONLY, expected, groups, highest, lowest, renewed
from livingdrug.exchange.tables import read_cohort

PAGE = Path(__file__).parents[2] / "docs/observed-patients.md"


def test_the_page_is_the_dictionary():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m livingdrug.exchange.dictionary docs/observed-patients.md"


def test_a_page_without_the_mark_is_refused():
    with pytest.raises(ValueError, match="the page has no line <!-- Generated below"):
        renewed("# Another page")


def test_the_complaints_on_the_page_are_those_that_the_table_on_it_gets(tmp_path, monkeypatch, capsys):
    rows = [[str(i), "5", "20", "0.5", "28", ""] for i in range(1, 14)]
    rows[3][3], rows[7][5], rows[10][1], rows[12][0] = "85", "20", "twelve", "7"
    text = "patient,age,wieght,blasts_enrolled,response_day,relapse_day\n" + "\n".join(map(",".join, rows)) + "\n"
    monkeypatch.chdir(tmp_path)
    Path("center.csv").write_text(text, encoding="utf-8")
    assert run(["compare", "--observed", "center.csv"]) == ExitStatus.BAD_INPUT
    assert capsys.readouterr().err in PAGE.read_text(encoding="utf-8")


def test_every_column_stands_in_one_section_in_order():
    assert [each for section in groups() for each in section.columns] == list(COLUMNS)
    assert [section.title for section in groups()] == list(SECTIONS.values())


def test_limits_and_marks_name_columns_that_exist():
    assert {*LIMITS, *SECTIONS, *VIRTUAL_ONLY, *dictionary.SHARES, *dictionary.GRADES, *dictionary.CENTS} <= BY_NAME.keys()


@pytest.mark.parametrize("which", COLUMNS, ids=lambda which: which.name)
def test_what_is_expected_says_the_limits_and_the_unit(which):
    says = expected(which)
    if isinstance(which.kind, tuple):
        assert all(word in says for word in which.kind)
    elif dictionary.kind(which) != "true or false":
        assert lowest(which) < highest(which)
        assert which.unit == "1" or which.unit in says


def said(capsys, *arguments):
    assert run(["columns", *arguments]) == ExitStatus.FINE
    return capsys.readouterr()


def test_the_command_lists_every_column_with_values_and_meaning(capsys):
    lines = said(capsys).out.splitlines()
    for each in COLUMNS:
        assert [line for line in lines if line.startswith(f"{each.name} ") and expected(each) in line and each.about in line]


def test_the_command_prints_json(capsys):
    rows = json.loads(said(capsys, "--json").out)
    assert [row["column"] for row in rows] == [each.name for each in COLUMNS]
    assert rows[2] == {
        "column": "age",
        "section": "Who",
        "kind": "number",
        "unit": "years",
        "expected": "years, 0 to 130",
        "observable": True,
        "meaning": "age at enrollment",
    }


def test_the_command_writes_an_empty_table_and_never_over_another(capsys, tmp_path):
    file = tmp_path / "center.csv"
    ended = said(capsys, "--template", str(file))
    assert (ended.out, ended.err) == ("", f"wrote {file}\n")
    assert read_cohort(file).height == 0
    assert run(["columns", "--template", str(file)]) == ExitStatus.BAD_INPUT
    assert capsys.readouterr().err == f"livingdrug: {file}: there is such a file already; give another name\n"
