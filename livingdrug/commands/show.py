"""`livingdrug show`: one therapy whole, in the order in which a patient meets it, or one network whole."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from livingdrug.network.schema import Network
    from livingdrug.therapy.describe import Group, Number
    from livingdrug.therapy.schema import Therapy

__all__ = ["show"]


def show(
    therapy: str,
    /,
    *,
    settings: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    as_toml: Annotated[bool, Parameter(name="--toml", negative="", show_default=False)] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """Print one therapy or network whole: every word and number that its file states, with units and sources.

    Parameters
    ----------
    therapy
        A therapy or network of the library, or the path of such a file (….toml).
    settings
        Change something first, as in --set dose.weight_limit=40; may be repeated.
    as_toml
        Print a file instead, to start one of your own from.
    as_json
        Print one JSON object instead of tables.
    """
    found = _loaded(therapy, tuple(settings or ()))
    if as_toml:
        from livingdrug.therapy.write import toml

        print(toml(found), end="")
    elif as_json:
        print(json.dumps(found.model_dump(mode="json"), indent=2, ensure_ascii=False))
    elif found.kind == "network":
        from livingdrug.commands.networks import print_network

        print_network(found)
    else:
        _print(found)


def _loaded(name: str, settings: tuple[str, ...]) -> Therapy | Network:
    """A therapy, or a network where a name or a file says so."""
    from livingdrug.network import load as networks
    from livingdrug.therapy.load import load

    if name in networks.names() or (name.endswith(".toml") and _kind(name) == "network"):
        return networks.load(name, settings)
    return load(name, settings)


def _kind(path: str) -> object:
    from livingdrug.therapy.files import content

    return content(Path(path)).get("kind")


def _print(therapy: Therapy) -> None:
    from livingdrug.commands.tables import print_table
    from livingdrug.therapy.describe import groups

    shown = list(groups(therapy))
    print(f"{therapy.title}: {therapy.disease}")
    approved = f", approved {therapy.approved}" if therapy.approved else ""
    print(f"\nAntigen {therapy.antigen}, which {therapy.healthy_cells} carry too{approved}. Prices in {therapy.currency}.")
    for each in shown:
        _print_group(each)
    if therapy.deviations:
        print("\nAssumptions and deviations\n")
    for each in therapy.deviations:
        print(f"  - {each}")
    print_table(("key", "source"), list(therapy.sources.items()), title="Sources")
    stated = [number for each in shown for number in each.numbers]
    unsure = sum(not each.confirmed for each in stated)
    print(f"\n{unsure} of {len(stated)} rows with a number are unconfirmed: check them before you rely on them.")


def _print_group(group: Group) -> None:
    from livingdrug.commands.tables import print_table

    title = f"{group.head} [{group.key}]"
    if group.facts:
        source = group.source
        rows = [(each.key, each.says, source) for each in group.facts]
        columns = ("key", "values", "source") if source else ("key", "values")
        print_table(columns, [row[: len(columns)] for row in rows], title=title)
        title = ""
    if group.numbers:
        if not title:
            print()
        columns = ("key", "value", "unit", "meaning", "source")
        print_table(columns, [_cells(each) for each in group.numbers], right=("value",), title=title)


def _cells(number: Number) -> tuple[str, ...]:
    from livingdrug.commands.tables import shown

    money = number.key == "list_price"
    value = f"{number.value:,.0f}" if money else "–" if math.isnan(number.value) else shown(number.value, 6)
    return number.key, value, number.unit, number.meaning, number.source + ("" if number.confirmed else ", unconfirmed")
