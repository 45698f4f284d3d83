"""`livingdrug cite`: where the numbers of a therapy, a network or a scenario come from, a row for each source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from livingdrug.errors import BadInput, UnknownName

__all__ = ["cite"]

UNSURE = "?"


class Use(NamedTuple):
    """A key and the full citation of what it states."""

    key: str
    source: str
    confirmed: bool


def cite(
    name: str,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """Print the sources of every number of a therapy, a network or a scenario, and which keys each stands behind.

    Parameters
    ----------
    name
        A therapy, a network or a scenario of the library, or the path of such a file (….toml).
    as_json
        Print one JSON array instead of a table.
    """
    by_source: dict[str, list[Use]] = {}
    for use in _uses(name):
        by_source.setdefault(use.source, []).append(use)
    if as_json:
        print(json.dumps([_as_object(source, uses) for source, uses in by_source.items()], indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    rows = [(source, str(len(uses)), ", ".join(map(_shown, uses))) for source, uses in by_source.items()]
    print_table(("source", "keys", "values"), rows, right=("keys",))
    uses = [each for several in by_source.values() for each in several]
    unsure = sum(not each.confirmed for each in uses)
    print(f"\n{len(uses)} keys from {len(by_source)} sources; {UNSURE} marks the {unsure} that are unconfirmed.")


def _as_object(source: str, uses: list[Use]) -> dict[str, object]:
    return {
        "source": source,
        "keys": [each.key for each in uses],
        "unconfirmed": [each.key for each in uses if not each.confirmed],
    }


def _shown(use: Use) -> str:
    return use.key if use.confirmed else f"{use.key}{UNSURE}"


def _uses(name: str) -> list[Use]:
    """Every key with its source, in the order of the files."""
    kind = _kind(name)
    if kind == "scenario":
        from livingdrug.simulate import scenario

        return [Use(row["key"], row["source"], row["confirmed"]) for row in scenario.load(name).sources()]
    if kind == "network":
        return list(_of_network(name))
    from livingdrug.therapy.files import sources
    from livingdrug.therapy.load import load

    therapy = load(name)
    full = therapy.sources
    return [Use(key, full.get(source.partition(":")[0], source), sure) for key, source, sure in sources(therapy)]


def _of_network(name: str) -> Iterator[Use]:
    """Every place and lane with its sources: what is in it follows from patterns, and would be a thousand keys."""
    from livingdrug.network.load import load
    from livingdrug.therapy.files import sources

    network = load(name)
    unsure: dict[tuple[str, str], bool] = {}
    for key, source, sure in sources(network):
        use = (".".join(key.split(".")[:2]), source)
        unsure[use] = unsure.get(use, False) or not sure
    for (key, source), doubt in unsure.items():
        yield Use(key, network.sources.get(source.partition(":")[0], source), not doubt)


def _kind(name: str) -> str:
    """Whether a name or path is a therapy, a network or a scenario."""
    from livingdrug.network import load as networks
    from livingdrug.therapy import load as therapies

    if name.endswith(".toml"):
        from livingdrug.commands.check import kind_of

        if (kind := kind_of(Path(name))) == "population":
            raise BadInput.at(name, "is a population; cite a therapy or a scenario that uses it")
        return kind
    if name in therapies.names():
        return "therapy"
    if name in networks.names():
        return "network"
    from livingdrug.simulate import scenario

    if name not in scenario.names():
        raise UnknownName.among("therapy or scenario", name, [*therapies.names(), *scenario.names()])
    return "scenario"
