"""Who may import whom: the walls of the house, held for every file, lazy imports inside functions included."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "livingdrug"

# Lowest first: part → (parts of ours it may import, packages outside the standard library it may import).
# Four absences carry the idea: analysis imports neither care nor simulate, journey and simulate know no storage,
# biology knows no journeys. Moving a wall is a decision: change the line here and say why in docs/design.md.
MAY_IMPORT: dict[str, tuple[str, str]] = {
    "errors": ("", ""),
    "units": ("errors", ""),
    "streams": ("errors", "numpy"),
    "criteria": ("errors", ""),
    "therapy": ("errors units criteria", "pydantic pydantic_core"),
    "network": ("errors units criteria therapy", "pydantic pydantic_core"),
    "journey": ("errors units criteria therapy network", ""),
    "biology": ("errors units streams", "numpy numba llvmlite sympy polars"),
    "cohort": ("errors units therapy journey", "polars"),
    "simulate": (
        "errors units streams criteria therapy network journey biology cohort",
        "numpy numba polars pydantic dask distributed",
    ),
    "analysis": ("errors units criteria therapy network cohort", "numpy scipy polars pandas lifelines"),
    "fit": ("errors units streams therapy biology cohort analysis", "numpy scipy polars cma"),
    "exchange": ("errors units therapy network journey cohort", "polars"),
    "report": ("errors units therapy network cohort analysis", "altair vl_convert jinja2 numpy polars"),
    "client": ("errors units therapy network journey cohort", "httpx polars"),
    "care": ("*", "django ninja pydantic allauth psycopg cryptography polars gunicorn barcode ppf altair vl_convert numpy"),
    "commands": ("*", "cyclopts rich numpy polars tomlkit"),
    "cli": ("*", "cyclopts rich"),
    # The package itself holds the version, which any part may read, and imports nothing.
    "livingdrug": ("", ""),
}


def parts_below(part: str) -> list[str]:
    """The parts of ours that `part` may import; "*" means every part further down the house."""
    ours = MAY_IMPORT[part][0]
    return list(MAY_IMPORT)[: list(MAY_IMPORT).index(part)] if ours == "*" else ours.split()


def part_of(file: Path, package: Path) -> str:
    first = file.relative_to(package).parts[0].removesuffix(".py")
    return "livingdrug" if first == "__init__" else first


def imported_modules(file: Path, package: Path) -> Iterator[str]:
    """Every module that `file` imports anywhere, as an absolute dotted name."""
    here = ("livingdrug", *file.relative_to(package).parts[:-1])
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            # `from livingdrug import units` imports the part units, `from livingdrug import __version__` none.
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "livingdrug" else [module]


def complaints(file: Path, package: Path) -> list[str]:
    """One sentence for each import in `file` that the table does not allow."""
    part, place = part_of(file, package), file.relative_to(package)
    if part not in MAY_IMPORT:
        return [f"{place} belongs to no part: add {part!r} to MAY_IMPORT, lowest first"]
    below, outside = parts_below(part), MAY_IMPORT[part][1].split()
    found: list[str] = []
    for module in imported_modules(file, package):
        top, _, rest = module.partition(".")
        name = rest.split(".")[0]
        if top == "livingdrug" and name in MAY_IMPORT and name not in (part, *below):
            found.append(f"{place} may not import {name}: {part} may import {', '.join(below) or 'nothing of ours'}")
        elif top != "livingdrug" and top not in (*sys.stdlib_module_names, *outside):
            found.append(f"{place} may not import {top}: {part} may use {', '.join(outside) or 'no outside package'}")
    return found


def test_the_table_only_looks_down() -> None:
    order = list(MAY_IMPORT)
    for part in order:
        for below in parts_below(part):
            assert order.index(below) < order.index(part), f"{part} looks up to {below}"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_part_may(file: Path) -> None:
    assert not (found := complaints(file, PACKAGE)), "\n".join(found)


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        ("journey/record.py", "from livingdrug.care import store", "journey/record.py may not import care"),
        ("journey/record.py", "from ..care.store import append", "journey/record.py may not import care"),
        ("journey/record.py", "import livingdrug.biology.solve", "journey/record.py may not import biology"),
        ("analysis/value.py", "from livingdrug import simulate", "analysis/value.py may not import simulate"),
        ("units.py", "def late():\n    import numpy.random", "units.py may not import numpy: units may use no outside"),
        ("gadgets.py", "", "gadgets.py belongs to no part"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, place: str, text: str, sentence: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert [found for found in complaints(file, tmp_path) if found.startswith(sentence)]


def test_the_sentence_names_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "units.py").write_text("import livingdrug.care", encoding="utf-8")
    assert complaints(tmp_path / "units.py", tmp_path) == ["units.py may not import care: units may import errors"]
