"""A number as a file states it, with unit and source, and what a key expects of it; read into the unit that the key names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator

from livingdrug.errors import BadInput, Complaint, UnitError
from livingdrug.units import convert, parse

__all__ = ["SET", "Expected", "Measured", "Several", "Stated", "a_unit"]

SET = "set for this run"
"""The source of a number that a setting changed: no publication states it."""


class Several(ValueError):
    """More than one thing that is wrong with a table: key below the table (may be empty) and sentence."""

    def __init__(self, found: Sequence[Complaint]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.found = tuple(found)


class Stated(BaseModel):
    """Base of everything that a file states: frozen, nothing converted from text, and no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Measured(Stated):
    """A number with its unit, where it was published, and whether that was confirmed."""

    value: float = Field(allow_inf_nan=False)
    """The number."""
    unit: str
    """Its unit, as in "cells/kg"; "1" for a plain number."""
    source: str = Field(min_length=1)
    """A key of the file's table of sources; a place in it may follow, as in "label2018: section 2.2"."""
    confirmed: bool = True
    """False for a number that was not checked against the source, or that no source states."""
    about: str = ""
    """What the reader should know besides."""

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        return a_unit(unit)


def a_unit(unit: str) -> str:
    """The unit itself; raises `ValueError` with the place of the trouble when it cannot be read."""
    try:
        parse(unit)
    except BadInput as error:
        raise ValueError(str(error)) from error
    return unit


@dataclass(frozen=True)
class Expected:
    """What a key expects of a number: the unit it is kept in, and limits.

    Called with a number, gives it in that unit; raises `ValueError` with a sentence when it measures something else or is
    beyond a limit.
    """

    unit: str
    lowest: float | None = None
    highest: float | None = None
    above: float | None = None

    def __call__(self, stated: Measured) -> Measured:
        try:
            value = convert(stated.value, stated.unit, self.unit)
        except UnitError as error:
            raise ValueError(f"{error}; give it in {self.unit}") from error
        if complaint := self._beyond(value):
            raise ValueError(complaint)
        return stated if stated.unit == self.unit else stated.model_copy(update={"value": value, "unit": self.unit})

    def _beyond(self, value: float) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.above is not None and not value > self.above:
            return f"{value:g}{unit} is not above {self.above:g}; give more"
        if self.lowest is not None and value < self.lowest:
            return f"{value:g}{unit} is below {self.lowest:g}; give {self._range()}"
        if self.highest is not None and value > self.highest:
            return f"{value:g}{unit} is above {self.highest:g}; give {self._range()}"
        return ""

    def _range(self) -> str:
        if self.lowest is not None and self.highest is not None:
            return f"a number from {self.lowest:g} to {self.highest:g}"
        return f"{self.lowest:g} or more" if self.lowest is not None else f"{self.highest:g} or less"
