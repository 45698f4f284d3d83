"""`livingdrug columns`: what a table of patients may hold, and an empty one to fill in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

__all__ = ["columns"]


def columns(
    *,
    template: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """List the columns of a table of patients: what a cell is, its unit and limits, what it means.

    Parameters
    ----------
    template
        Write an empty table with these columns into this .csv file, instead of the list.
    as_json
        Print one JSON array instead of tables.
    """
    from livingdrug.exchange.dictionary import rows
    from livingdrug.exchange.tables import template as write_template

    if template:
        write_template(template)
        print(f"wrote {template}", file=sys.stderr)
    if as_json:
        print(json.dumps(list(rows()), indent=2, ensure_ascii=False))
    elif not template:
        _print()


def _print() -> None:
    from livingdrug.commands.tables import print_table
    from livingdrug.exchange.dictionary import VIRTUAL_ONLY, expected, groups

    print("A table of patients is a CSV or Parquet file with `patient` and any of these columns, one row for each patient.")
    for section in groups():
        cells = [
            (each.name, expected(each), each.about + (" (virtual patients only)" if each.name in VIRTUAL_ONLY else ""))
            for each in section.columns
        ]
        print_table(("column", "values", "meaning"), cells, title=section.title)
    print("\nA number may carry another unit, in its column's name: crp_peak [mg/dL], blasts_enrolled [%].")
    print("livingdrug columns --template FILE writes an empty table; livingdrug compare --observed FILE reads a filled one.")
