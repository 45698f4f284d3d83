"""What a result comes from beside its scenario: versions of the libraries, and a digest of the code that simulates."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from livingdrug import __version__

__all__ = ["code_digest", "digest", "versions"]

PACKAGE = Path(__file__).parent.parent
PARTS = ("biology", "cohort", "criteria", "simulate", "streams.py", "therapy", "units.py")
"""The parts of the package that decide what a virtual patient's numbers are."""


def versions() -> dict[str, str]:
    """Name and version of everything that decides the last bit of a result, but the processor."""
    libraries = {name: version(name) for name in ("numpy", "numba", "polars")}
    return {"livingdrug": __version__, "python": platform.python_version(), **libraries}


@cache
def code_digest() -> str:
    """SHA-256 of the Python files that simulate; two machines with the same digest simulate the same patients."""
    found = hashlib.sha256()
    for part in PARTS:
        place = PACKAGE / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(file.relative_to(PACKAGE).as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
