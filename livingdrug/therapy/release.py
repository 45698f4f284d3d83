"""Release tests: the limits of a lot, how far it may miss them and still be given, and what becomes of it then."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from livingdrug.errors import Complaint
from livingdrug.therapy.kinds import Many, Name, Text, checked
from livingdrug.therapy.measured import Stated, a_unit

__all__ = ["Elsewhere", "OutOfSpecification", "Specification"]


class Elsewhere(Stated):
    """Limits that hold in one jurisdiction instead of the general ones."""

    jurisdiction: Text
    """Where, as in "EU"."""
    minimum: float | None = Field(default=None, allow_inf_nan=False)
    """Lowest result in specification."""
    maximum: float | None = Field(default=None, allow_inf_nan=False)
    """Highest result in specification."""
    source: Text
    """Source of the limits."""
    confirmed: bool = True
    """False where a limit was not checked, is borrowed or assumed."""
    about: str = ""
    """What the reader should know besides."""


class Specification(Stated):
    """A release test: a lot inside the limits is in specification, one inside `out_of_specification` may still be given."""

    test: Name
    """What is measured; `viability`, `transduced` and `vector copies` are simulated by these names."""
    unit: str
    """Unit of the limits."""
    minimum: float | None = Field(default=None, allow_inf_nan=False)
    """Lowest result in specification."""
    maximum: float | None = Field(default=None, allow_inf_nan=False)
    """Highest result in specification."""
    out_of_specification: float | None = Field(default=None, allow_inf_nan=False)
    """Lowest result of a lot that may still be given, out of specification; without it, no lot below the minimum may."""
    elsewhere: Many[Elsewhere] = ()
    """Where other limits hold; simulations use the general ones."""
    source: Text
    """Source of the limits, or of the test where no limit is public."""
    confirmed: bool = True
    """False where a limit was not checked, is borrowed or assumed."""
    about: str = ""
    """What the reader should know besides."""

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        return a_unit(unit)

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Specification:
        low, high, out = self.minimum, self.maximum, self.out_of_specification
        found: list[Complaint] = []
        if low is not None and high is not None and low > high:
            found.append(Complaint("minimum", f"{low:g} is above the maximum {high:g}; swap them"))
        if out is not None and (low is None or out >= low):
            limit = "there is no minimum" if low is None else f"it is not below the minimum {low:g}"
            found.append(Complaint("out_of_specification", f"{out:g} leaves no such lot: {limit}; lower it or leave it out"))
        if low is None and high is None and not self.about:
            found.append(
                Complaint("about", 'is missing; a test without limits says why, as in "required; its limit is not public"')
            )
        return checked(self, found)


class OutOfSpecification(Stated):
    """What happens to a lot that misses a specification and may still be given."""

    path: Text
    """The legal way to the patient."""
    billable: bool
    """Whether it is invoiced."""
    source: Text
    """Source of both."""
