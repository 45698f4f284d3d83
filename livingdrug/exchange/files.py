"""A table as it stands in a CSV or Parquet file: names, cells and what each row is called; nothing is interpreted yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from livingdrug.errors import BadInput
from livingdrug.exchange.findings import Findings

__all__ = ["ENDINGS", "Table", "ending", "read_table"]

ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True)
class Table:
    """Columns in the order of the file, as (name, cells), all as long as `rows`, which says what each row is called.

    Rows of a CSV file are numbered as a spreadsheet shows them: the header is row 1. Those of a Parquet file begin at 1.
    """

    columns: Sequence[tuple[str, pl.Series]]
    rows: Sequence[int]


def ending(path: Path) -> str:
    """Which of the `ENDINGS` the file has; raises `BadInput` for any other."""
    found = path.suffix.lower()
    if found not in ENDINGS:
        says = f"a table of patients is a .csv or .parquet file, not {found or 'a file without an ending'}"
        advice = "; save the sheet as CSV (UTF-8)" if found in (".xlsx", ".xls", ".ods") else ""
        raise BadInput.at(str(path), says + advice)
    return found


def read_table(path: Path, found: Findings) -> Table:
    """The table in the file; rows that do not fit go into `found`. Raises `BadInput` when there is no table at all."""
    kind = ending(path)
    if not path.is_file():
        raise BadInput.at(str(path), "is a folder, not a file" if path.is_dir() else "there is no such file")
    try:
        return _read_csv(path, found) if kind == ".csv" else _read_parquet(path)
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror or error}") from None


def _read_parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise BadInput.at(str(path), f"is not a Parquet file, or a damaged one: {str(error).splitlines()[0]}") from None
    return Table([(each.name, each) for each in frame.get_columns()], range(1, frame.height + 1))


def _read_csv(path: Path, found: Findings) -> Table:
    records = _records(path)
    if not records or not any(records[0]):
        raise BadInput.at(str(path), "is empty; expected a first row with the names of the columns")
    header = [name.strip() for name in records[0]]
    _one_column(path, header)
    numbered = [(row, record) for row, record in enumerate(records[1:], 2) if any(cell.strip() for cell in record)]
    fitting = [(row, record) for row, record in numbered if _fits(row, record, len(header), found)]
    columns = list(zip(*(record for _, record in fitting), strict=True)) or [()] * len(header)
    named = [(name, pl.Series(name, cells, dtype=pl.String)) for name, cells in zip(header, columns, strict=True)]
    return Table([(name, cells) for name, cells in named if name or _anything(cells)], [row for row, _ in fitting])


def _records(path: Path) -> list[list[str]]:
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        says = f"cannot be read as CSV near line {reader.line_num}: {error}; is a quotation mark not closed?"
        raise BadInput.at(str(path), says) from None


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput.at(str(path), f"line {line} is not UTF-8; save the table as CSV (UTF-8)") from None
    if "\0" in text:
        raise BadInput.at(str(path), "holds binary data, not text; save the table as CSV (UTF-8)")
    return text


def _one_column(path: Path, header: list[str]) -> None:
    """Refuse a table whose columns are separated by something else than commas."""
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            raise BadInput.at(str(path), f"the columns are separated by {name}; separate them by commas")


def _fits(row: int, record: list[str], width: int, found: Findings) -> bool:
    """Whether a record has a cell for every name. Empty cells at its end are nothing."""
    while len(record) > width and not record[-1].strip():
        record.pop()
    if len(record) == width:
        return True
    comma = "; put quotation marks around a text with a comma" if len(record) > width else ""
    found.add("rows", f"row {row}", f"has {len(record)} cells, but there are {width} columns{comma}")
    return False


def _anything(cells: pl.Series) -> bool:
    return bool((cells.str.strip_chars() != "").any())
