"""Tables of observed patients: what is written is read back, and everything wrong is named at once and never used."""

from __future__ import annotations

import datetime
import os
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livingdrug.cohort import COLUMNS, FLAG, REAL, frame, schema
from livingdrug.errors import BadInput
from livingdrug.exchange.dictionary import VIRTUAL_ONLY, highest, lowest
from livingdrug.exchange.files import ENDINGS
from livingdrug.exchange.findings import MOST_SHOWN
from livingdrug.exchange.rules import EVENTS
from livingdrug.exchange.tables import read_cohort, template, write_cohort
from tests.synthetic import synthetic_cohort

both = pytest.mark.parametrize("kind", ENDINGS)


def table(folder, text, name="center.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def parquet(folder, columns):
    file = folder / "center.parquet"
    pl.DataFrame(columns).write_parquet(file)
    return file


def complaints(file):
    """What is said about a file, without its name."""
    with pytest.raises(BadInput) as refused:
        read_cohort(file)
    return [str(each).removeprefix(f"{file}: ") for each in refused.value.complaints]


def complaint(file):
    (only,) = complaints(file)
    return only


# Round trips ----------------------------------------------------------------------------------------------------------


def alive(cohort):
    """The made-up patients to whom nothing happens after death."""
    last = pl.max_horizontal(*EVENTS)
    return cohort.filter((last <= pl.col("death_day")).fill_null(True))


@both
def test_a_whole_cohort_is_read_back_as_it_was_written(tmp_path, kind):
    cohort = alive(synthetic_cohort(400, seed=3, start="eligible"))
    file = tmp_path / f"cohort{kind}"
    write_cohort(cohort, file)
    assert read_cohort(file).equals(cohort)
    assert list(tmp_path.iterdir()) == [file]


def values(which):
    """Anything that the column may hold, empty included; for patients no number twice."""
    if isinstance(which.kind, tuple):
        possible = st.sampled_from(which.kind)
    elif which.kind == FLAG:
        possible = st.booleans()
    elif which.kind == REAL:
        possible = st.floats(max(lowest(which), -1e300), min(highest(which), 1e300))
    else:
        possible = st.integers(0, int(min(highest(which), 2**63 - 1 if which.kind == pl.Int64 else 2**31 - 1)))
    return st.one_of(st.none(), possible)


# One column at a time beside the patient, so that no rule between columns is broken by chance.
cohorts = st.sampled_from(COLUMNS[1:]).flatmap(
    lambda which: st.lists(values(which), min_size=1, max_size=8).map(
        lambda cells: frame({"patient": range(2**62, 2**62 + len(cells)), which.name: cells})
    )
)


@both
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cohort=cohorts)
def test_every_value_a_column_may_hold_survives_the_round_trip(tmp_path, kind, cohort):
    file = tmp_path / f"cohort{kind}"
    write_cohort(cohort, file)
    assert read_cohort(file).equals(cohort)


@both
def test_a_subset_in_another_order_becomes_a_whole_cohort(tmp_path, kind):
    some = frame({"patient": [3, 1], "response": ["CR", None], "age": [7.5, 12.0]}).select("age", "response", "patient")
    file = tmp_path / f"some{kind}"
    write_cohort(some, file)
    found = read_cohort(file)
    assert found.schema == pl.Schema(schema())
    assert found["patient"].to_list() == [3, 1]
    assert found["response"].to_list() == ["CR", None]
    assert found["weight"].null_count() == 2


def test_what_a_spreadsheet_does_to_a_table_changes_nothing(tmp_path):
    """A byte-order mark, spaces, Windows line ends, quotes, an empty line, and empty cells to the right and below."""
    text = '\ufeffpatient, "response ",age,\r\n 1 ,CR, 7.5,\r\n\r\n"2.0",CRi,1e1,\r\n,,,\r\n'.replace(
        ', "response "', ",response "
    )
    found = read_cohort(table(tmp_path, text))
    assert found.select("patient", "response", "age").rows() == [(1, "CR", 7.5), (2, "CRi", 10.0)]


def test_true_and_false_may_be_written_as_yes_and_no_or_one_and_zero(tmp_path):
    found = read_cohort(table(tmp_path, "patient,female\n1,TRUE\n2,no\n3,1\n4,0\n5,\n6,Yes\n7,false\n"))
    assert found["female"].to_list() == [True, False, True, False, None, True, False]
    found = read_cohort(parquet(tmp_path, {"patient": [1, 2, 3], "female": [1, 0, None]}))
    assert found["female"].to_list() == [True, False, None]


def test_numbers_in_other_units_are_converted(tmp_path):
    text = "patient,crp_peak [mg/dL],blasts_enrolled [%],relapse_day (weeks),weight [kg],temperature_peak [°C],response\n"
    found = read_cohort(table(tmp_path, text + "1,25,80,10,30,39.5,CR\n"))
    row = found.row(0, named=True)
    assert row["crp_peak"] == 250
    assert row["blasts_enrolled"] == pytest.approx(0.8)
    assert (row["relapse_day"], row["weight"], row["temperature_peak"]) == (70, 30, 39.5)


def test_types_of_other_programs_are_read_from_parquet(tmp_path):
    """Floats where a whole number is meant (pandas with empty cells), NaN, narrow types, categories."""
    columns = {
        "patient": [1.0, 2.0],
        "age": pl.Series([7, 8], dtype=pl.Int8),
        "weight": pl.Series([20.5, float("nan")], dtype=pl.Float32),
        "response": pl.Series(["CR", "no response"], dtype=pl.Categorical),
        "relapse": [None, None],
    }
    found = read_cohort(parquet(tmp_path, columns))
    assert found.select(list(columns)).rows() == [(1, 7.0, 20.5, "CR", None), (2, 8.0, None, "no response", None)]


# Cells ----------------------------------------------------------------------------------------------------------------


def test_a_bad_cell_is_named_with_file_row_column_value_and_what_was_expected(tmp_path):
    file = table(tmp_path, "patient,age\n" + "".join(f"{i},7\n" for i in range(10)) + "10,twelve\n")
    with pytest.raises(BadInput) as refused:
        read_cohort(file)
    assert str(refused.value) == f"{file}: row 12, column age: 'twelve' is not a number; expected years, 0 to 130"


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("age", "-1", "'-1' is below what is possible; expected years, 0 to 130"),
        ("age", "1e3", "'1e3' is above what is possible; expected years, 0 to 130"),
        ("age", "inf", "'inf' is not a number; expected years, 0 to 130"),
        ("age", "1_0", "'1_0' is not a number; expected years, 0 to 130"),
        ("age", "1e999", "'1e999' is not a number; expected years, 0 to 130"),
        (
            "age",
            '"7,5"',
            "'7,5' is not a number; expected years, 0 to 130; write a decimal point and no separators of thousands",
        ),
        ("age", "NA", "'NA' is not a number; expected years, 0 to 130; leave the cell empty where it is not known"),
        ("age", "nan", "'nan' is not a number; expected years, 0 to 130; leave the cell empty where it is not known"),
        ("infused_day", "2021-03-04", "'2021-03-04' is not a number; expected days, 0 or more; give days, not dates"),
        (
            "blasts_enrolled",
            "85",
            "'85' is above what is possible; expected a share, 0 to 1; for per cent, name the column blasts_enrolled [%]",
        ),
        ("temperature_peak", "103", "'103' is above what is possible; expected °C, 30 to 45"),
        ("dose", "2.5", "'2.5' is below what is possible; expected cells, 1000 to 1e12"),
        ("prior_lines", "2.5", "'2.5' is not a whole number; expected a whole number, 0 or more"),
        ("prior_lines", "3000000000", "'3000000000' is above what is possible; expected a whole number, 0 or more"),
        ("crs_penn", "6", "'6' is above what is possible; expected a grade, 0 to 5"),
        ("crs_penn", "three", "'three' is not a number; expected a grade, 0 to 5"),
        ("billed", "-5", "'-5' is below what is possible; expected cents, 0 or more"),
        ("female", "2", "'2' is neither true nor false; expected true or false"),
        ("female", "F", "'F' is neither true nor false; expected true or false"),
        ("response", "cri", "'cri' is not a word of this column; expected one of CR, CRi, partial, no response; nearest: CRi"),
        ("response", "PD", "'PD' is not a word of this column; expected one of CR, CRi, partial, no response"),
        (
            "relapse",
            "unknown",
            "'unknown' is not a word of this column; expected one of antigen-positive, antigen-negative, lineage switch; "
            "leave the cell empty where it is not known",
        ),
        ("fitness", "x", "'x' is not a number; expected a number"),
    ],
)
def test_each_kind_of_bad_cell_has_its_sentence_and_advice(tmp_path, column, cell, says):
    assert complaint(table(tmp_path, f"patient,{column}\n1,{cell}\n")) == f"row 2, column {column}: {says}"


def test_the_patient_is_a_number_in_every_row_and_stands_there_once(tmp_path):
    assert complaints(table(tmp_path, "patient,age\nCHOP-012,7\n,8\n3,9\n3,10\n-1,2\n1.5,2\n")) == [
        "row 2, column patient: 'CHOP-012' is not a number; expected a whole number, 0 or more; "
        "number your patients, and keep the list of their identifiers apart",
        "row 6, column patient: '-1' is below what is possible; expected a whole number, 0 or more",
        "row 7, column patient: '1.5' is not a whole number; expected a whole number, 0 or more",
        "row 3, column patient: is empty; expected a whole number, 0 or more, another for each patient",
        "row 5, column patient: 3 stands in row 4 already; expected one row for each patient",
    ]


def test_a_parquet_table_is_checked_like_a_csv(tmp_path):
    columns = {
        "patient": [1, 2, 2],
        "age": [-1.0, float("inf"), 7.0],
        "prior_lines": [1.0, 2.5, None],
        "female": [0, 1, 2],
        "response": ["CR", "PD", None],
        "weight": [datetime.date(2020, 1, 1)] * 3,
        "release": [0, 1, 2],
        "fitness": [[1.0]] * 3,
    }
    assert complaints(parquet(tmp_path, columns)) == [
        "row 1, column age: -1 is below what is possible; expected years, 0 to 130",
        "row 2, column age: inf is not a number; expected years, 0 to 130",
        "row 2, column prior_lines: 2.5 is not a whole number; expected a whole number, 0 or more",
        "row 3, column female: 2 is neither true nor false; expected true or false",
        "row 2, column response: 'PD' is not a word of this column; expected one of CR, CRi, partial, no response",
        "column weight: holds Date values; expected kg, 0.5 to 650",
        "column release: holds Int64 values; expected one of in specification, out of specification, failed",
        "column fitness: holds List(Float64) values; expected a number",
        "row 3, column patient: 2 stands in row 2 already; expected one row for each patient",
    ]


# Columns and files ----------------------------------------------------------------------------------------------------


def test_an_unknown_column_is_named_with_the_nearest(tmp_path):
    text = "patient,wieght,Crs Penn,hospital number,age [kg],response [%],age,,billed [USD]\n1,2,3,4,5,CR,7,8,9\n"
    assert complaints(table(tmp_path, text)) == [
        "column wieght: no column 'wieght'; nearest: weight",
        "column Crs Penn: no column 'Crs Penn'; write crs_penn",
        "column hospital number: no column 'hospital number'; livingdrug columns lists those there are, remove the others",
        "column age [kg]: kg measures mass, years measures time: no factor converts one into the other; expected years",
        "column response [%]: response takes no unit; expected one of CR, CRi, partial, no response",
        "column age: age stands in the table twice; keep one of them",
        "column 8: has cells but no name in the first row",
        "column billed [USD]: billed takes no unit; expected cents, 0 or more",
    ]


def test_a_table_without_patients_numbers_is_refused_and_its_cells_are_checked_all_the_same(tmp_path):
    assert complaints(table(tmp_path, "age\nx\n")) == [
        "has no column patient, which numbers the patients",
        "row 2, column age: 'x' is not a number; expected years, 0 to 130",
    ]


def test_a_row_with_too_few_or_too_many_cells_is_named_and_never_shifted(tmp_path):
    assert complaints(table(tmp_path, "patient,age,weight\n1,7\n2,7,20,3\n3,7,20\n4,x,20,,\n")) == [
        "row 2: has 2 cells, but there are 3 columns",
        "row 3: has 4 cells, but there are 3 columns; put quotation marks around a text with a comma",
        "row 5, column age: 'x' is not a number; expected years, 0 to 130",
    ]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("no.csv", None, "there is no such file"),
        ("center.xlsx", b"PK", "a table of patients is a .csv or .parquet file, not .xlsx; save the sheet as CSV (UTF-8)"),
        ("center.json", b"[]", "a table of patients is a .csv or .parquet file, not .json"),
        ("center", b"", "a table of patients is a .csv or .parquet file, not a file without an ending"),
        ("center.csv", b"", "is empty; expected a first row with the names of the columns"),
        ("center.csv", b"patient;age\n1;7\n", "the columns are separated by semicolons; separate them by commas"),
        ("center.csv", b"patient\tage\n1\t7\n", "the columns are separated by tabs; separate them by commas"),
        ("center.csv", b"patient\n1\n\xff\n", "line 3 is not UTF-8; save the table as CSV (UTF-8)"),
        ("center.csv", b"patient\n\0\n", "holds binary data, not text; save the table as CSV (UTF-8)"),
        ("center.csv", b'patient\n"1\n', "is a quotation mark not closed?"),
        ("center.parquet", b"patient\n1\n", "is not a Parquet file, or a damaged one"),
        ("center.parquet", b"", "is not a Parquet file, or a damaged one"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(tmp_path, name, data, says):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    only = complaint(tmp_path / name)
    assert says in only
    assert "\n" not in only


def test_a_folder_with_the_name_of_a_table_is_one_sentence(tmp_path):
    (tmp_path / "a.csv").mkdir()
    assert complaint(tmp_path / "a.csv") == "is a folder, not a file"


def test_a_long_list_shows_some_of_each_kind_and_counts_the_rest(tmp_path):
    rows = "".join(f"{i},{'x'},{50 + i},7\n" for i in range(100))
    file = table(tmp_path, "patient,age,blasts_enrolled,wieght\n" + rows + "3,7,0.5,7\n")
    shown = complaints(file)
    assert len(shown) == MOST_SHOWN + 1
    assert shown[0] == "column wieght: no column 'wieght'; nearest: weight"
    assert sum("column age" in each for each in shown) == 24
    assert sum("column blasts_enrolled" in each for each in shown) == 24
    assert shown[-2] == "row 102, column patient: 3 stands in row 5 already; expected one row for each patient"
    assert shown[-1] == "152 more complaints are not listed; correct these first"


def test_fifty_complaints_are_listed_in_full(tmp_path):
    assert len(complaints(table(tmp_path, "patient,age\n" + "".join(f"{i},x\n" for i in range(50))))) == 50
    assert complaints(table(tmp_path, "patient,age\n" + "".join(f"{i},x\n" for i in range(51))))[-1].startswith("1 more")


# Writing --------------------------------------------------------------------------------------------------------------


def test_the_empty_table_has_every_column_a_center_knows_and_is_read_back_as_no_patients(tmp_path):
    template(tmp_path / "empty.csv")
    header = (tmp_path / "empty.csv").read_text(encoding="utf-8").strip().split(",")
    assert header == [each.name for each in COLUMNS if each.name not in VIRTUAL_ONLY]
    assert read_cohort(tmp_path / "empty.csv").height == 0


def refused(act: Any, *arguments: Any) -> str:
    with pytest.raises(BadInput) as error:
        act(*arguments)
    return str(error.value)


def test_the_empty_table_overwrites_nothing(tmp_path):
    file = table(tmp_path, "mine")
    assert refused(template, file) == f"{file}: there is such a file already; give another name"
    assert file.read_text(encoding="utf-8") == "mine"
    assert "give a name that ends in .csv" in refused(template, tmp_path / "empty.xlsx")


def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path):
    cohort = frame({"patient": [1]})
    assert "there is no folder" in refused(write_cohort, cohort, tmp_path / "nowhere" / "a.csv")
    assert "a .csv or .parquet file, not .xlsx" in refused(write_cohort, cohort, tmp_path / "a.xlsx")
    assert "no column 'wieght'; nearest: weight" in refused(
        write_cohort, cohort.select("patient").with_columns(wieght=1), tmp_path / "a.csv"
    )
    assert list(tmp_path.iterdir()) == []


@both
def test_a_full_disk_is_one_sentence_and_the_old_table_stays(tmp_path, kind, monkeypatch):
    file = tmp_path / f"a{kind}"
    write_cohort(frame({"patient": [1]}), file)
    before = file.read_bytes()

    def full(self, *_):
        self.touch() if hasattr(self, "touch") else None
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    assert refused(write_cohort, frame({"patient": [2]}), file) == f"{file}: cannot be written: No space left on device"
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == before
