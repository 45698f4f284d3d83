"""Changes to a file for one run, "path=value": applied to its tables before they are checked, so that checks see them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any, Literal, get_origin

from pydantic import BaseModel

from livingdrug.errors import BadInput, Complaints, UnknownName
from livingdrug.therapy.measured import SET
from livingdrug.therapy.shapes import Shape, below, is_list, is_table, keys

__all__ = ["CALLED_BY", "Path", "apply", "called"]

Path = tuple[str | int, ...]
NUMBER = re.compile(r"([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)")
MISSING = object()
CALLED_BY = ("name", "test", "id", "jurisdiction")
"""Keys that name an entry of a list."""
BESIDE = ("unit", "source", "confirmed", "about", "title")
"""Keys of a sourced table that say something about it: setting one leaves what the source states as it was."""


def apply(tree: dict[str, Any], schema: type[BaseModel], settings: Sequence[str], found: Complaints) -> dict[Path, str]:
    """Change `tree` by every setting; gives the path that each changed. What cannot be applied is a complaint.

    A number is in the unit that the key is kept in, unless one is given ("window_minimum=1 week"). An entry of a list is called
    by its position, or by its name or test ("release.viability.minimum=0.7"). The source of what was changed becomes `SET`.
    """
    changed: dict[Path, str] = {}
    for setting in settings:
        try:
            path = _apply(tree, schema, setting)
        except BadInput as error:
            found.add_from(f"--set {setting}", error)
            continue
        if path in changed:
            found.add(f"--set {setting}", f"was set already, by {changed[path]!r}; keep one of the two")
        changed[path] = setting
    return changed


def _position(entries: Sequence[Any], name: str) -> int | None:
    """Where in a list the entry of that position, name or test stands."""
    if name.isdecimal() and int(name) < len(entries):
        return int(name)
    return next((i for i, each in enumerate(entries) if name in called(each)), None)


def called(entry: Any) -> tuple[str, ...]:
    """What an entry of a list is called: its name, test or id, or nothing."""
    if not is_table(entry):
        return ()
    return tuple(entry[key] for key in CALLED_BY if isinstance(entry.get(key), str) and entry[key])


def _apply(tree: dict[str, Any], schema: type[BaseModel], setting: str) -> Path:
    key, equals, text = setting.partition("=")
    names = [each.strip() for each in key.split(".")]
    if not equals or not all(names):
        raise BadInput.at("", "is not PATH=VALUE; write for example dose.weight_limit=40")
    path: Path = ()
    holder: Any = None
    node: Any = tree
    step: str | int = ""
    expected: Shape | None = Shape(schema)
    for name in names:
        holder = _table(node, path)
        step, node, expected = _step(holder, expected, name)
        path = (*path, step)
    _put(holder, step, node, expected, text.strip())
    return path


def _table(node: Any, path: Path) -> dict[str, Any] | list[Any]:
    if is_table(node) or is_list(node):
        return node
    where = ".".join(map(str, path))
    raise BadInput.at("", f"there is no table {where}; add it to the file" if node is MISSING else f"{where} is no table")


def _step(holder: dict[str, Any] | list[Any], expected: Shape | None, name: str) -> tuple[str | int, Any, Shape | None]:
    """The key or position that `name` means in a table or list, what stands there now, and what is expected there."""
    if isinstance(holder, list):
        at = _position(holder, name)
        if at is None:
            known = [word for each in holder for word in called(each)]
            raise UnknownName.among("entry", name, known or map(str, range(len(holder))))
        return at, holder[at], None if expected is None else below(expected, at)
    inner = None if expected is None else below(expected, name)
    may_be_new = expected is not None and name in keys(expected)
    if name not in holder and not may_be_new:
        raise UnknownName.among("key", name, {*holder, *(keys(expected) if expected else ())})
    return name, holder.get(name, MISSING), inner


def _put(holder: Any, key: str | int, old: Any, expected: Shape | None, text: str) -> None:
    number = old if is_table(old) and "value" in old else {}
    if (number or (expected is not None and expected.is_number)) and not text.startswith("{"):
        _put_number(holder, key, number, expected, text)
        return
    holder[key] = _value(text, expected)
    if "source" in holder and key not in BESIDE:
        holder["source"] = SET


def _put_number(holder: Any, key: str | int, old: dict[str, Any], expected: Shape | None, text: str) -> None:
    """A number that keeps the unit it is read in, or brings its own."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise BadInput.at("", f"{text!r} is not a number; write one, with or without a unit, as in 3 or 3 days")
    unit = match[2] or (expected.unit if expected else "") or old.get("unit", "")
    if not unit:
        raise BadInput.at("", f"has no unit; write one, as in {match[1]} days, or 1 for a plain number")
    holder[key] = {**old, "value": float(match[1]), "unit": unit, "source": SET}


def _value(text: str, expected: Shape | None) -> Any:
    """A TOML value, or the text itself where text is expected: policy=current needs no quotes."""
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
    wants_text = expected is not None and (expected.kind is str or get_origin(expected.kind) is Literal)
    return text if wants_text and not isinstance(value, str) else value
