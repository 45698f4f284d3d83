"""What a schema expects at a key: its type, its unit, the keys below it, and an example of how it is written."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel

from livingdrug.therapy.measured import Expected, Measured

__all__ = ["Shape", "at", "below", "example", "is_list", "is_table", "keys", "shape"]


def is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value of a TOML file is a table."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value of a TOML file is a list."""
    return isinstance(value, list)


class Shape(NamedTuple):
    """The type at a key without what wraps it, and the unit that it is kept in ("": any)."""

    kind: Any
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether a number with unit and source is expected."""
        return self.kind is Measured


def shape(annotation: Any) -> Shape:
    """The shape that a type annotation describes; of several types, the first that is not None."""
    unit = ""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            unit = next((each.func.unit for each in get_args(annotation)[1:] if _expects(each)), unit)
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(each for each in get_args(annotation) if each is not types.NoneType)
        else:
            return Shape(annotation, unit)


def _expects(metadata: Any) -> bool:
    return isinstance(metadata, AfterValidator) and isinstance(metadata.func, Expected)


def keys(of: Shape) -> tuple[str, ...]:
    """The keys of a table; none for anything else."""
    return tuple(of.kind.model_fields) if _is_model(of.kind) else ()


def below(of: Shape, key: str | int) -> Shape | None:
    """The shape of a key or position below another; None where there is no such key."""
    if _is_model(of.kind):
        field = of.kind.model_fields.get(str(key))
        return None if field is None else shape(field.rebuild_annotation())
    inner = get_args(of.kind)
    if get_origin(of.kind) is dict:
        return shape(inner[1])
    if get_origin(of.kind) is tuple and isinstance(key, int):
        return shape(inner[0] if inner[-1] is Ellipsis or key >= len(inner) else inner[key])
    return None


def at(schema: type[BaseModel], path: Sequence[str | int]) -> Shape | None:
    """The shape at the end of a path of keys and positions."""
    found: Shape | None = Shape(schema)
    for key in path:
        found = None if found is None else below(found, key)
    return found


def example(key: str, of: Shape | None) -> str:
    """How a key is written, as in `days = 4` with the value left open: `days = …`."""
    if of is not None and _is_model(of.kind) and not of.is_number:
        return f"the table [{key}]"
    return f"{key} = {_value(of)}"


def _value(of: Shape | None) -> str:
    if of is None:
        return "…"
    if of.is_number:
        return f'{{ value = …, unit = "{of.unit or "…"}", source = "…" }}'
    if get_origin(of.kind) is Literal:
        return " or ".join(f'"{each}"' for each in get_args(of.kind))
    if get_origin(of.kind) is tuple:
        return "[ … ]"
    return {str: '"…"', bool: "true or false"}.get(of.kind, "…")


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
