"""The generated part of docs/therapies.md: the file format key by key, as the schema has it.

Renew it with `python -m livingdrug.therapy.keys docs/therapies.md`, after the schema has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from livingdrug.therapy.measured import Measured
from livingdrug.therapy.schema import Therapy
from livingdrug.therapy.shapes import Shape, below, keys

__all__ = ["MARK", "renewed"]

MARK = "<!-- Generated below: python -m livingdrug.therapy.keys docs/therapies.md -->"
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def renewed(page: str, mark: str = MARK, schema: type[BaseModel] = Therapy) -> str:
    """The page with a new generated part below the mark."""
    before, found, _ = page.partition(mark)
    if not found:
        raise ValueError(f"the page has no line {mark}")
    return f"{before}{mark}\n\n" + "\n\n".join(_parts(schema)) + "\n"


def _parts(schema: type[BaseModel]) -> Iterator[str]:
    yield from _part("A number", Measured)
    yield from _part("At the top of the file", schema)
    yield from _below("", Shape(schema), {Measured})


def _below(path: str, holder: Shape, seen: set[type[BaseModel]]) -> Iterator[str]:
    """The tables below a table, each with its heading; what is the same in two places is told once."""
    for key in keys(holder):
        inner = below(holder, key)
        table = _table_of(inner)
        if table is None or table in seen:
            continue
        seen.add(table)
        head = f"{path}.{key}" if path else key
        many = "[[{}]]" if inner is not None and get_origin(inner.kind) is tuple else "[{}]"
        name = f"{head}.NAME" if inner is not None and get_origin(inner.kind) is dict else head
        yield from _part(f"`{many.format(name)}`", table)
        yield from _below(name, Shape(table), seen)


def _table_of(inner: Shape | None) -> type[BaseModel] | None:
    """The model of a table, of the entries of a list, or of the values of a table of tables."""
    if inner is None:
        return None
    kinds = [inner.kind, *(each for each in get_args(inner.kind) if each is not Ellipsis)]
    return next((each for each in kinds if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _part(head: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"### {head}"
    yield (model.__doc__ or "").strip().partition("\n")[0]
    rows = [
        (
            f"`{key}`",
            _written(below(Shape(model), key)),
            "" if field.is_required() else "may be left out",
            field.description or "",
        )
        for key, field in model.model_fields.items()
        if field.description
    ]
    lines = [("key", "written as", "", "meaning"), ("---",) * 4, *rows]
    yield "\n".join("| " + " | ".join(" ".join(cell.split()) for cell in line) + " |" for line in lines)


def _written(of: Shape | None) -> str:
    if of is None:
        return ""
    if of.is_number:
        return f"number in {of.unit}" if of.unit not in ("", "1") else "plain number"
    if get_origin(of.kind) is Literal:
        return " or ".join(f'"{each}"' for each in get_args(of.kind))
    if get_origin(of.kind) in (tuple, dict):
        entry = Shape(*_entry(of))
        what = "list" if get_origin(of.kind) is tuple else "table"
        return f"{what} of tables" if keys(entry) and not entry.is_number else f"{what} of {_written(entry)}s"
    return "table" if keys(of) else WORDS.get(of.kind, "date")


def _entry(of: Shape) -> tuple[Any, str]:
    inner = below(of, 0 if get_origin(of.kind) is tuple else "")
    return (inner.kind, inner.unit) if inner else (str, "")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        Path(each).write_text(renewed(Path(each).read_text(encoding="utf-8")), encoding="utf-8")
