"""The library of networks, and how a network of one's own is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livingdrug.errors import UnknownName
from livingdrug.network.schema import Network
from livingdrug.therapy.files import read

__all__ = ["LIBRARY", "load", "names", "path_of"]

LIBRARY = Path(__file__).parent / "library"


def names() -> tuple[str, ...]:
    """The networks of the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def path_of(name: str | Path) -> Path:
    """The file of a network of the library, or the path itself; raises `UnknownName`."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    if str(name) not in names():
        raise UnknownName.among("network", str(name), names())
    return LIBRARY / f"{name}.toml"


def load(name: str | Path, settings: Sequence[str] = ()) -> Network:
    """A network by name or path, patterns written out, `settings` applied; raises `BadInput` with every complaint about it."""
    return read(path_of(name), Network, settings)
