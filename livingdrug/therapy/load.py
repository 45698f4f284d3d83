"""The library of therapies, and how a therapy of one's own is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livingdrug.errors import UnknownName
from livingdrug.therapy.files import read
from livingdrug.therapy.schema import Therapy

__all__ = ["LIBRARY", "load", "names", "path_of"]

LIBRARY = Path(__file__).parent / "library"


def names() -> tuple[str, ...]:
    """The therapies of the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def path_of(name: str | Path) -> Path:
    """The file of a therapy of the library, or the path itself; raises `UnknownName`."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    if str(name) not in names():
        raise UnknownName.among("therapy", str(name), names())
    return LIBRARY / f"{name}.toml"


def load(name: str | Path, settings: Sequence[str] = ()) -> Therapy:
    """A therapy by name or path, with `settings` applied; raises `BadInput` with every complaint about it."""
    return read(path_of(name), Therapy, settings)
