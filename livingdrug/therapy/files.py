"""Read a TOML file into a schema, with every complaint at once, each with file, key and way out; and the numbers in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from livingdrug.errors import BadInput, Complaints, UnknownName
from livingdrug.therapy import settings as changes
from livingdrug.therapy.measured import SET, Measured
from livingdrug.therapy.release import Elsewhere, Specification
from livingdrug.therapy.sentences import sentences, spelled
from livingdrug.therapy.shapes import is_list, is_table

__all__ = ["content", "numbers", "read", "sources"]

Schema = TypeVar("Schema", bound=BaseModel)


def read(path: Path | str, schema: type[Schema], settings: Sequence[str] = ()) -> Schema:
    """The file at `path` as `schema`, with `settings` ("a.b.c=value", see `settings.apply`) applied first.

    Raises `BadInput` with everything that is wrong: syntax, keys that are missing or unknown, values of the wrong kind or
    beyond a limit, units that measure something else, sources that the file does not list, settings that name nothing.
    """
    path = Path(path)
    tree = content(path)
    found = Complaints()
    changed = changes.apply(tree, schema, settings, found)

    def complain(key: changes.Path, says: str) -> None:
        by = next((setting for place, setting in changed.items() if key[: len(place)] == place), "")
        found.add(f"--set {by}" if by else f"{path.name}: {spelled(key, tree)}".removesuffix(": "), says)

    made = None
    try:
        made = schema.model_validate(tree)
    except ValidationError as error:
        for key, says in sentences(error, schema):
            complain(key, says)
    for key, says in _unknown_sources(tree):
        complain(key, says)
    found.raise_any()
    assert made is not None, "a file that does not fit left a complaint"
    return made


def content(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; raises `BadInput` when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from error
    except UnicodeDecodeError as error:
        raise BadInput.at(path.name, "is not a text file in UTF-8; save it as UTF-8") from error
    except FileNotFoundError as error:
        raise BadInput.at(str(path), "there is no such file; check the path") from error
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error


def _not_toml(path: Path, says: str) -> BadInput:
    """The complaint with its line, which Python puts at the end: "… (at line 3, column 7)"."""
    place = re.search(r" \(at (line \d+), column \d+\)$| \(at end of document\)$", says)
    line = (place[1] or "last line") if place else ""
    what = says[: place.start()] if place else says
    return BadInput.at(f"{path.name}: {line}".removesuffix(": "), f"is not TOML: {what[:1].lower()}{what[1:]}; correct it")


def numbers(model: BaseModel, before: str = "") -> Iterator[tuple[str, Measured]]:
    """Every number of a model with its dotted key, in the order of the schema; limits of release tests are numbers too."""
    for key, each in _walk(model, before):
        if isinstance(each, Measured):
            yield key, each
        elif isinstance(each, Specification):
            for part, stated in [(key, each), *((f"{key}.elsewhere.{other.jurisdiction}", other) for other in each.elsewhere)]:
                yield from _limits(part, each.unit, stated)


def _limits(key: str, unit: str, stated: Specification | Elsewhere) -> Iterator[tuple[str, Measured]]:
    for name in ("minimum", "maximum", "out_of_specification"):
        if (limit := getattr(stated, name, None)) is not None:
            about, confirmed = stated.about, stated.confirmed
            yield f"{key}.{name}", Measured(value=limit, unit=unit, source=stated.source, confirmed=confirmed, about=about)


def sources(model: BaseModel) -> Iterator[tuple[str, str, bool]]:
    """Every key that names a source, with that source and whether it was confirmed: numbers, and tables of words."""
    for key, each in _walk(model, ""):
        if isinstance(source := getattr(each, "source", None), str):
            yield key, source, bool(getattr(each, "confirmed", True))


def _walk(value: Any, key: str) -> Iterator[tuple[str, BaseModel]]:
    """Every model within a value, with its key; entries of a list go by their names."""
    if isinstance(value, BaseModel):
        if key:
            yield key.rstrip("."), value
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), _joined(key, name))
    elif is_table(value):
        for name, each in value.items():
            yield from _walk(each, _joined(key, name))
    elif isinstance(value, tuple):
        for i, each in enumerate(cast("tuple[Any, ...]", value)):
            called = next((name for key in changes.CALLED_BY if (name := getattr(each, key, None))), str(i))
            yield from _walk(each, _joined(key, str(called)))


def _joined(key: str, name: str) -> str:
    return f"{key.rstrip('.')}.{name}" if key else name


def _unknown_sources(tree: Mapping[str, Any]) -> Iterator[tuple[changes.Path, str]]:
    """A source is a key of the file's table of sources; a colon and a place within the source may follow."""
    known = tree.get("sources")
    if not is_table(known) or not known:
        return
    for path, source in _stated_sources({key: value for key, value in tree.items() if key != "sources"}, ()):
        if source != SET and (key := source.partition(":")[0].strip()) not in known:
            yield path, UnknownName.among("source", key, known).complaints[0].says


def _stated_sources(tree: Any, path: changes.Path) -> Iterator[tuple[changes.Path, str]]:
    if is_table(tree):
        for key, value in tree.items():
            if key == "source" and isinstance(value, str):
                yield (*path, "source"), value
            else:
                yield from _stated_sources(value, (*path, key))
    elif is_list(tree):
        for i, each in enumerate(tree):
            yield from _stated_sources(each, (*path, i))
