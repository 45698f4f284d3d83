"""Arguments of a scale, checked alike: whatever cannot be graded is a `ValueError` with a sentence."""

import math
from enum import IntEnum
from typing import TypeVar

__all__ = ["amount", "level", "score"]

Level = TypeVar("Level", bound=IntEnum)


def level(kind: type[Level], value: int, what: str) -> Level:
    """`value` as a level of `kind`."""
    if value not in tuple(kind):
        known = ", ".join(f"{each.value} ({each.name.lower().replace('_', ' ')})" for each in kind)
        raise ValueError(f"{what} is one of {known}, not {value!r}")
    return kind(value)


def score(value: int, most: int, what: str) -> int:
    """`value`, a whole number from 0 to `most`."""
    if value not in range(most + 1):
        raise ValueError(f"{what} is a whole number from 0 to {most}, not {value!r}")
    return int(value)


def amount(value: float, what: str, *, unit: str = "", most: float = math.inf) -> float:
    """`value`, a finite number from 0 to `most`, in `unit`."""
    if not (math.isfinite(value) and 0 <= value <= most):
        limits = "0 or more" if math.isinf(most) else f"from 0 to {most:g}"
        raise ValueError(f"{what} is a number{f' of {unit}' if unit else ''}, {limits}, not {value!r}")
    return value
