"""Read a TOML file into a schema: every complaint at once, each with file and key and a way out; and the numbers of what was read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from livingdrug.errors import BadInput, Complaints, UnknownName
from livingdrug.therapy.schema import Measured

__all__ = ["content", "numbers", "read"]

Schema = TypeVar("Schema", bound=BaseModel)


def read(path: Path | str, schema: type[Schema], settings: Sequence[str] = ()) -> Schema:
    """The file at `path` as `schema`, with `settings` ("a.b.0.c=value") applied first.

    A setting that names a number sets its value and keeps unit and source. Raises `BadInput` with everything that is wrong: syntax, keys
    that are missing or unknown, values of the wrong kind, units that cannot be read, sources that the file does not list.
    """
    path = Path(path)
    tree = content(path)
    found = Complaints()
    for setting in settings:
        _apply(tree, setting, found)
    try:
        made = schema.model_validate(tree)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            found.add(_place(path, each["loc"]), _says(each, schema))
        found.raise_any()
        raise
    _check_sources(path, made, found)
    found.raise_any()
    return made


def content(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; raises `BadInput` when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput.at(path.name, f"is not TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise BadInput.at(path.name, "is not a text file in UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error


def numbers(model: BaseModel, before: str = "") -> Iterator[tuple[str, Measured]]:
    """Every number of a model with its dotted key, in the order of the schema."""
    for name in type(model).model_fields:
        yield from _numbers(getattr(model, name), f"{before}{name}")


def _numbers(value: Any, key: str) -> Iterator[tuple[str, Measured]]:
    if isinstance(value, Measured):
        yield key, value
    elif isinstance(value, BaseModel):
        yield from numbers(value, f"{key}.")
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _numbers(each, f"{key}.{name}")
    elif isinstance(value, tuple):
        for i, each in enumerate(value):
            yield from _numbers(each, f"{key}.{i}")


# Settings -------------------------------------------------------------------------------------------------------------------


def _apply(tree: dict[str, Any], setting: str, found: Complaints) -> None:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        found.add(f"setting {setting!r}", "is not PATH=VALUE; write for example patients=500")
        return
    *way, last = key.strip().split(".")
    place: Any = tree
    for name in way:
        place = _step(place, name, f"setting {key.strip()}", found)
        if place is None:
            return
    old = _step(place, last, f"setting {key.strip()}", found, missing_is_fine=not way)
    value = _value(text.strip())
    if isinstance(old, dict) and "value" in old and not isinstance(value, dict):
        old["value"] = value
    elif isinstance(place, list):
        place[int(last)] = value
    elif old is not None or not way:
        place[last] = value


def _step(place: Any, name: str, where: str, found: Complaints, *, missing_is_fine: bool = False) -> Any:
    if isinstance(place, list) and name.isdecimal() and int(name) < len(place):
        return place[int(name)]
    if isinstance(place, dict) and name in place:
        return place[name]
    if missing_is_fine and isinstance(place, dict):
        return None
    if isinstance(place, dict):
        found.add_from(where, UnknownName.among("key", name, place))
    elif isinstance(place, list):
        found.add(where, f"{name} is not a position from 0 to {len(place) - 1}")
    else:
        found.add(where, f"there is nothing below {place!r}")
    return None


def _value(text: str) -> Any:
    """A TOML value, or the text itself: policy=current needs no quotes."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


# Complaints -----------------------------------------------------------------------------------------------------------------


def _place(path: Path, location: Sequence[int | str]) -> str:
    return f"{path.name}: {'.'.join(map(str, location))}" if location else path.name


def _says(error: ErrorDetails, schema: type[BaseModel]) -> str:
    """One of Pydantic's errors as our sentence: the value, the limit and the way out."""
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        near = get_close_matches(name, _keys(schema, error["loc"][:-1]), n=1)
        return f"is not a key here; {f'did you mean {near[0]}?' if near else 'remove it'}"
    if kind == "literal_error":
        return f"{value!r} is not one of {context['expected']}"
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        word, limit = next((word, context[key]) for key, word in LIMITS.items() if key in context)
        return f"{value!r} is out of range; give a number {word} {limit:g}"
    if kind in ("too_short", "string_too_short"):
        return "is empty; state at least one"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    expected = next((words for start, words in EXPECTED.items() if kind.startswith(start)), error["msg"].lower())
    return f"{_short(value)} is not {expected}"


LIMITS = {"gt": "above", "ge": "from", "lt": "below", "le": "up to"}
EXPECTED = {
    "float": "a number",
    "finite_number": "a finite number",
    "int": "a whole number",
    "string": "a text; put it in quotes",
    "bool": "true or false",
    "tuple": "a list; put it in [ ]",
    "dict": "a table",
    "model": 'a table such as { value = 1, unit = "day", source = "…" }',
    "date": "a date; write it as 2017-08-30",
}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _keys(schema: Any, location: Sequence[int | str]) -> list[str]:
    """The keys a schema knows at a place, for a suggestion."""
    for step in location:
        fields = getattr(schema, "model_fields", {})
        schema = fields[step].annotation if step in fields else schema
        inner = [each for each in getattr(schema, "__args__", ()) if isinstance(each, type) and issubclass(each, BaseModel)]
        schema = inner[0] if inner else schema
    return list(getattr(schema, "model_fields", {}))


def _check_sources(path: Path, made: BaseModel, found: Complaints) -> None:
    """A source is a key of the file's table of sources; a colon and a place within the source may follow."""
    known = getattr(made, "sources", None)
    if not isinstance(known, Mapping) or not known:
        return
    for key, source in _sources(made):
        if source.partition(":")[0] not in known:
            found.add_from(f"{path.name}: {key}", UnknownName.among("source", source, known))


def _sources(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            each = getattr(value, name)
            if name == "source" and isinstance(each, str):
                yield f"{key}.source".lstrip("."), each
            else:
                yield from _sources(each, f"{key}.{name}".lstrip("."))
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _sources(each, f"{key}.{name}".lstrip("."))
    elif isinstance(value, tuple):
        for i, each in enumerate(value):
            yield from _sources(each, f"{key}.{i}")
