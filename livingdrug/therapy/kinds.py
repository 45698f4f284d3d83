"""The kinds of values that a therapy file holds, each with unit and limits, and checks that look at more than one key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from livingdrug.errors import Complaint
from livingdrug.therapy.measured import Expected, Measured, Several

__all__ = [
    "Age",
    "Cells",
    "CellsPerVolume",
    "CellsPerWeight",
    "Celsius",
    "Count",
    "Days",
    "Hours",
    "Many",
    "Milligrams",
    "Money",
    "Months",
    "Name",
    "PerArea",
    "PerWeight",
    "Share",
    "Some",
    "Text",
    "VolumePerWeight",
    "Weight",
    "checked",
    "span",
    "twice",
    "whole",
]

# A list of a file is a tuple here; what is in it is as strict as everything else.
T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
Some = Annotated[tuple[T, ...], Field(strict=False, min_length=1)]

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, pattern=r"^[^.=]+$")]
"""What is named in a list can be named in a setting ("steps.expansion.duration=9"), so it has no dot and no equals sign."""

Age = Annotated[Measured, AfterValidator(Expected("years", lowest=0, highest=120))]
Cells = Annotated[Measured, AfterValidator(Expected("cells", above=0))]
CellsPerWeight = Annotated[Measured, AfterValidator(Expected("cells/kg", above=0))]
CellsPerVolume = Annotated[Measured, AfterValidator(Expected("cells/uL", above=0))]
Celsius = Annotated[Measured, AfterValidator(Expected("1", lowest=-273.15, highest=100))]
"""Degrees Celsius, which are no multiple of a unit; they are stated as plain numbers."""
Count = Annotated[Measured, AfterValidator(Expected("1", lowest=1))]
Days = Annotated[Measured, AfterValidator(Expected("day", lowest=0))]
Hours = Annotated[Measured, AfterValidator(Expected("hour", lowest=0))]
Milligrams = Annotated[Measured, AfterValidator(Expected("mg", above=0))]
Money = Annotated[Measured, AfterValidator(Expected("1", lowest=0))]
Months = Annotated[Measured, AfterValidator(Expected("month", above=0))]
PerArea = Annotated[Measured, AfterValidator(Expected("mg/m^2", above=0))]
PerWeight = Annotated[Measured, AfterValidator(Expected("mg/kg", above=0))]
Share = Annotated[Measured, AfterValidator(Expected("1", lowest=0, highest=1))]
VolumePerWeight = Annotated[Measured, AfterValidator(Expected("mL/kg", above=0))]
Weight = Annotated[Measured, AfterValidator(Expected("kg", above=0))]


# Checks across keys ---------------------------------------------------------------------------------------------------


def checked(value: T, found: Iterable[Complaint]) -> T:
    """The value itself when nothing was found; raises `Several`."""
    if listed := list(found):
        raise Several(listed)
    return value


def span(name: str, low: Measured | None, high: Measured | None) -> list[Complaint]:
    """Nothing, or that the ends of a range are the wrong way round."""
    if low and high and low.value > high.value:
        return [Complaint(f"{name}_minimum", f"{low.value:g} is above the maximum {high.value:g}; swap them")]
    return []


def whole(name: str, low: Measured | None, high: Measured | None) -> list[Complaint]:
    """A range with both ends or none, in order."""
    if (low is None) != (high is None):
        lacks = "minimum" if low is None else "maximum"
        return [Complaint(f"{name}_{lacks}", "is missing; a range has both ends")]
    return span(name, low, high)


def twice(key: str, names: Sequence[str]) -> list[Complaint]:
    """One complaint for each name that is there more than once."""
    doubled = sorted({each for each in names if names.count(each) > 1})
    return [Complaint(key, f"{name!r} is there twice; give each its own name") for name in doubled]
