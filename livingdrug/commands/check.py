"""`livingdrug check`: everything that is wrong with a therapy, network, scenario or population file, before anything runs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from livingdrug.errors import BadInput, Complaints, UnknownName

__all__ = ["KINDS", "check", "kind_of"]

KINDS = {
    "therapy": "livingdrug.therapy.load",
    "network": "livingdrug.network.load",
    "scenario": "livingdrug.simulate.scenario",
    "population": "livingdrug.simulate.population",
}
"""What the key `kind` of a file says, and the module whose `load` reads such a file with every complaint at once."""


def check(*files: Path) -> None:
    """Check files: every mistake is one line, with file, key and a way out. The key `kind` says what a file is.

    Parameters
    ----------
    files
        Therapy, network, scenario and population files (….toml).
    """
    if not files:
        raise BadInput.at("check", "needs a file; write livingdrug check FILE.toml")
    found = Complaints()
    fine: list[str] = []
    for file in files:
        try:
            fine.append(_checked(file))
        except BadInput as error:
            found.found.extend(error.complaints)
    print(*fine, sep="\n", end="\n" if fine else "")
    found.raise_any()


def kind_of(file: Path) -> str:
    """What a file says it is; raises `BadInput` when it cannot be read or says nothing known."""
    from livingdrug.therapy.files import content

    kind = content(file).get("kind")
    if kind is None:
        raise BadInput.at(f"{file.name}: kind", f"is missing; write kind = {' or '.join(map(repr, KINDS))}".replace("'", '"'))
    if kind not in KINDS:
        raise UnknownName.among("kind of file", str(kind), KINDS, where=f"{file.name}: kind")
    return str(kind)


def _checked(file: Path) -> str:
    kind = kind_of(file)
    return f"{file}: fine, a {kind}{_counted(kind, import_module(KINDS[kind]).load(file))}"


def _counted(kind: str, found: Any) -> str:
    """How many numbers were read, and how many of them are unconfirmed."""
    from livingdrug.therapy.files import numbers

    if kind == "network":
        return f" with {len(found.centers)} centers, {len(found.sites)} sites and {len(found.lanes)} lanes"
    if kind == "scenario":
        stated = [row["confirmed"] for row in found.sources()]
    else:
        read = found.measured.values() if kind == "population" else (each for _, each in numbers(found))
        stated = [each.confirmed for each in read]
    return f" with {len(stated)} numbers, {stated.count(False)} of them unconfirmed"
