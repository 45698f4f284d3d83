"""`livingdrug therapies`: the library of therapies, a line each."""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import Parameter

__all__ = ["therapies"]

COLUMNS = ("name", "title", "antigen", "tumor", "price", "numbers", "unconfirmed")


def therapies(
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """List the therapies: name, antigen, tumor, price, and how many numbers each states.

    Parameters
    ----------
    as_json
        Print one JSON array instead of a table.
    """
    from livingdrug.therapy.load import names

    rows = [_in_brief(name) for name in names()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    cells = [tuple(_shown(row, column) for column in COLUMNS) for row in rows]
    print_table(COLUMNS, cells, right=("price", "numbers", "unconfirmed"))
    print("\nlivingdrug show NAME prints a therapy whole; livingdrug cite NAME the sources of its numbers.")


def _in_brief(name: str) -> dict[str, Any]:
    from livingdrug.therapy.files import numbers
    from livingdrug.therapy.load import load

    therapy = load(name)
    stated = [each for _, each in numbers(therapy)]
    return {
        "name": name,
        "title": therapy.title,
        "disease": therapy.disease,
        "antigen": therapy.antigen,
        "tumor": therapy.tumor,
        "price": therapy.price.list_price.value,
        "currency": therapy.currency,
        "policies": list(therapy.toxicity.policies),
        "numbers": len(stated),
        "unconfirmed": sum(not each.confirmed for each in stated),
    }


def _shown(row: dict[str, Any], column: str) -> str:
    return f"{row['price']:,.0f} {row['currency']}" if column == "price" else str(row[column])
