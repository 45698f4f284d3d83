"""Cohorts of observed patients as CSV and Parquet: everything that is wrong is named at once, and nothing wrong is used.

A table holds any subset of the columns of `livingdrug.cohort.COLUMNS`, `patient` among them, one row for each patient. The
name of a number may carry another unit, as in `crp_peak [mg/dL]` or `blasts_enrolled [%]`.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from livingdrug.cohort import BY_NAME, REAL, Column, frame
from livingdrug.errors import BadInput, Complaints, UnitError, UnknownName
from livingdrug.exchange.cells import read_cells
from livingdrug.exchange.dictionary import expected, observable, unit
from livingdrug.exchange.files import Table, ending, read_table
from livingdrug.exchange.findings import Findings
from livingdrug.exchange.rules import check_rows
from livingdrug.units import factor

__all__ = ["read_cohort", "template", "write_cohort"]

HEADING = re.compile(r"(?P<name>[^\[(]*?)\s*(?:[\[(](?P<unit>.*)[\])])?")


def read_cohort(path: str | Path) -> pl.DataFrame:
    """The cohort in a .csv or .parquet file, with every column of `COLUMNS`; those that the file does not have are null.

    Raises `BadInput` with every complaint about the file: unknown columns, cells that are no value of their column, facts
    that exclude each other, patients who stand there twice. Beyond 50 it shows some of each kind and counts the rest.
    """
    file = Path(path)
    found = Findings(str(path))
    table = read_table(file, found)
    cohort, refused = _typed(table, found)
    if "patient" in refused:
        check_rows(cohort, table.rows, refused, found)
    found.raise_any()
    return cohort


def write_cohort(cohort: pl.DataFrame, path: str | Path) -> None:
    """Write a cohort as .csv or .parquet, its columns as they are; `read_cohort` reads the same values back.

    Raises `BadInput` for a column that is not one of `COLUMNS`, another ending, or a file that cannot be written. The file
    has its name only when it is complete.
    """
    file = Path(path)
    kind = ending(file)
    _known(cohort.columns, str(path))
    named = frame({name: cohort[name] for name in cohort.columns}).select(cohort.columns)
    _write(file, named.write_parquet if kind == ".parquet" else named.write_csv)


def template(path: str | Path) -> None:
    """Write a CSV file with the names of all columns a center can fill in, and no patient.

    Raises `BadInput` when the file exists already, has another ending, or cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ".csv":
        raise BadInput.at(str(path), "the empty table is a .csv file; give a name that ends in .csv")
    if file.exists():
        raise BadInput.at(str(path), "there is such a file already; give another name")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(each.name for each in observable())
    _write(file, lambda to: Path(to).write_text(text.getvalue(), encoding="utf-8"))


# Reading --------------------------------------------------------------------------------------------------------------


def _typed(table: Table, found: Findings) -> tuple[pl.DataFrame, dict[str, set[int]]]:
    """The cells in their types, and for each column of the file the places of the refused ones."""
    refused: dict[str, set[int]] = {}
    columns: dict[str, pl.Series] = {"patient": pl.Series("patient", [None] * len(table.rows), dtype=pl.Int64)}
    for place, (heading, cells) in enumerate(table.columns, 1):
        which, by = _column(heading, place, found)
        if which and which.name in refused:
            found.add("columns", f"column {heading}", f"{which.name} stands in the table twice; keep one of them")
        elif which:
            columns[which.name], refused[which.name] = read_cells(which, cells, by, table.rows, found)
    _check_patient(columns["patient"], table, refused, found)
    return frame(columns), refused


def _column(heading: str, place: int, found: Findings) -> tuple[Column | None, float]:
    """The column that a heading names, and the factor from the unit it gives to the column's own."""
    parts = HEADING.fullmatch(heading)
    name, written = (parts["name"], parts["unit"]) if parts else (heading, None)
    if not heading:
        found.add("columns", f"column {place}", "has cells but no name in the first row")
        return None, 1
    if name not in BY_NAME:
        found.add("columns", f"column {heading}", _unknown(name))
        return None, 1
    which = BY_NAME[name]
    if not written or written in (which.unit, unit(which)):
        return which, 1
    return which, _factor(which, heading, written, found)


def _unknown(name: str) -> str:
    """What to call a column instead; a name that differs in capitals and spaces only is meant."""
    plain = re.sub(r"[\s.-]+", "_", name.strip().lower())
    if plain in BY_NAME:
        return f"no column {name!r}; write {plain}"
    says = UnknownName.among("column", plain, BY_NAME).complaints[0].says.replace(repr(plain), repr(name))
    return says if "nearest" in says else f"no column {name!r}; livingdrug columns lists those there are, remove the others"


def _factor(which: Column, heading: str, written: str, found: Findings) -> float:
    if which.kind != REAL:
        found.add("columns", f"column {heading}", f"{which.name} takes no unit; expected {expected(which)}")
        return 1
    try:
        return factor(written, which.unit)
    except UnitError as refusal:
        says = refusal.complaints[0].says
        found.add("columns", f"column {heading}", f"{says}; expected {unit(which) or 'a plain number'}")
        return 1


def _check_patient(cells: pl.Series, table: Table, refused: dict[str, set[int]], found: Findings) -> None:
    if "patient" not in refused:
        found.add("columns", "", "has no column patient, which numbers the patients")
        return
    for at in cells.is_null().arg_true():
        if at not in refused["patient"]:
            says = f"is empty; expected {expected(BY_NAME['patient'])}, another for each patient"
            found.add("patient", f"row {table.rows[at]}, column patient", says)


# Writing --------------------------------------------------------------------------------------------------------------


def _known(names: Iterable[str], where: str) -> None:
    found = Complaints()
    for name in names:
        if name not in BY_NAME:
            found.add_from(where, UnknownName.among("column", name, BY_NAME))
    found.raise_any()


def _write(file: Path, write: Callable[[Path], object]) -> None:
    """Write under another name first: an interrupted run leaves no half of a table under the final one."""
    if not file.parent.is_dir():
        raise BadInput.at(str(file), f"there is no folder {file.parent}")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        write(unfinished)
        unfinished.replace(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        says = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise BadInput.at(str(file), f"cannot be written: {says}") from None
    finally:
        unfinished.unlink(missing_ok=True)
