"""A model back as the text of a TOML file: reading the text gives the same model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, cast

from pydantic import BaseModel

from livingdrug.therapy.shapes import is_list, is_table

__all__ = ["toml"]

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 128


def toml(model: BaseModel) -> str:
    """The file that reads as `model`; what has its default is left out, the kind of file is not."""
    tree = model.model_dump(exclude_defaults=True, exclude_none=True)
    if kind := getattr(model, "kind", None):
        tree = {"kind": kind, **tree}
    return "\n".join(_table(tree, "")).strip() + "\n"


def _table(tree: Mapping[str, Any], path: str) -> Iterator[str]:
    """Lines of a table: what fits in a line first, then the tables below it."""
    inside = {key: value for key, value in tree.items() if _has_own_head(value)}
    for key, value in tree.items():
        if key not in inside:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inside.items():
        head = f"{path}.{_key(key)}" if path else _key(key)
        if any(not _has_own_head(each) for each in value.values()) or not value:
            yield from ("", f"[{head}]")
        yield from _table(value, head)


def _has_own_head(value: Any) -> bool:
    """A table that is no number with unit and source."""
    return is_table(value) and not {"value", "unit"} <= set(value)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if is_table(value):
        return f"{{ {', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())} }}"
    if is_list(value) or isinstance(value, tuple):
        return _list([_value(each) for each in cast("Iterable[Any]", value)])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    short = f"{value:g}" if isinstance(value, float) else ""
    return short if short and float(short) == value else repr(value)


def _list(entries: list[str]) -> str:
    line = f"[{', '.join(entries)}]"
    return line if len(line) < WIDTH - 24 else "\n".join(["[", *(f"    {each}," for each in entries), "]"])


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for one character that TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
