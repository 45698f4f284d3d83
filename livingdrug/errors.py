"""Every exception livingdrug raises on purpose, sorted by what a reader can do about it.

    LivingdrugError                     anything below; the command line prints its message and no traceback
    ├── BadInput                        correct the input: the message lists every complaint at once
    │   ├── UnknownName                 pick another name: the message suggests the nearest
    │   └── UnitError                   correct the unit: it cannot be read, or does not measure the same thing
    ├── StoreError                      mend the store, then try again: nothing of what was asked was written
    └── SolveInterrupted                nothing to correct: the run was stopped on request and can be started again

A programmer's slip (a negative count, a range with a step) is a plain `ValueError` or `TypeError`. A numerical failure
is no exception at all but a status in the result: one stiff virtual patient is one row, not the end of a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

__all__ = [
    "BadInput",
    "Complaint",
    "Complaints",
    "LivingdrugError",
    "SolveInterrupted",
    "StoreError",
    "UnitError",
    "UnknownName",
]


class LivingdrugError(Exception):
    """Base of every exception that livingdrug raises on purpose."""


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with an input: where it stands, and what is wrong, with a way out.

    `where` names a file, key, row, column or patient ("therapy.toml: dose.max", "row 12, column age"); it may be empty
    when there is only one place. `says` is a clause without a final period.
    """

    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.where}: {self.says}" if self.where else self.says


class BadInput(LivingdrugError):
    """The input cannot be used; `complaints` holds every reason, in the order they were found."""

    def __init__(self, *complaints: Complaint) -> None:
        if not complaints:
            raise ValueError("BadInput needs at least one complaint")
        super().__init__(*complaints)  # the complaints are the args, so that the error survives pickling
        self.complaints = complaints

    @classmethod
    def at(cls, where: str, says: str) -> BadInput:
        """The error for a single complaint, as its own class: `UnitError.at("dose", "…")` is a `UnitError`."""
        return cls(Complaint(where, says))

    def __str__(self) -> str:
        if len(self.complaints) == 1:
            return str(self.complaints[0])
        return "\n".join([f"{len(self.complaints)} complaints:", *(f"  {each}" for each in self.complaints)])


class UnknownName(BadInput):
    """A name that nothing carries, such as a model, a verb or a parameter."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], *, where: str = "") -> UnknownName:
        """The error for `name`, suggesting the nearest of the `known` names of that `kind`.

        >>> str(UnknownName.among("model", "stien-2019", ["stein-2019", "liu-2021"]))
        "no model 'stien-2019'; nearest: stein-2019"
        """
        names = sorted(known)
        nearest = get_close_matches(name, names, n=3, cutoff=0.6)
        if nearest:
            hint = f"nearest: {', '.join(nearest)}"
        else:
            hint = f"known: {_shortened(names)}" if names else "none is known"
        return cls(Complaint(where, f"no {kind} {name!r}; {hint}"))


class UnitError(BadInput):
    """A unit that cannot be read, or a conversion between units that do not measure the same thing."""


class StoreError(LivingdrugError):
    """The store could not write or read (disk full, database away); what it holds is as it was before."""


class SolveInterrupted(LivingdrugError):
    """A run was stopped on request before it was complete; nothing of it was kept."""


@dataclass
class Complaints:
    """A collector, so that a check reports everything at once instead of the first thing it meets.

    >>> found = Complaints()
    >>> found.add("dose.max", "is below dose.min")
    >>> found.raise_any()
    Traceback (most recent call last):
    livingdrug.errors.BadInput: dose.max: is below dose.min
    """

    found: list[Complaint] = field(default_factory=list[Complaint])

    def add(self, where: str, says: str) -> None:
        """Note one complaint."""
        self.found.append(Complaint(where, says))

    def add_from(self, where: str, error: BadInput) -> None:
        """Note every complaint of an `error` that a part of the check raised, each below the place `where`."""
        for each in error.complaints:
            self.add(f"{where}: {each.where}" if each.where else where, each.says)

    def raise_any(self, kind: type[BadInput] = BadInput) -> None:
        """Raise one `kind` with all complaints, or do nothing when there are none."""
        if self.found:
            raise kind(*self.found)


def _shortened(names: list[str], limit: int = 10) -> str:
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
