"""The library of therapies, and how a therapy of one's own is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livingdrug.errors import Complaints, UnitError, UnknownName
from livingdrug.therapy.files import read
from livingdrug.therapy.schema import Measured, Therapy
from livingdrug.units import same_dimension

__all__ = ["LIBRARY", "load", "names", "path_of"]

LIBRARY = Path(__file__).parent / "library"

UNITS = {
    "eligibility.age_minimum": "years",
    "eligibility.age_maximum": "years",
    "collection.cd3_minimum": "cells",
    "collection.nucleated_minimum": "cells",
    "collection.volume_per_weight": "mL/kg",
    "collection.days_maximum": "1",
    "dose.weight_limit": "kg",
    "dose.per_weight_minimum": "cells/kg",
    "dose.per_weight_maximum": "cells/kg",
    "dose.flat_minimum": "cells",
    "dose.flat_maximum": "cells",
    "lymphodepletion.window_minimum": "day",
    "lymphodepletion.window_maximum": "day",
    "response.remission_burden": "1",
    "response.mrd": "1",
    "price.list_price": "1",
}
"""What these numbers are read in; another unit is refused, so that no factor is ever applied unseen."""


def names() -> tuple[str, ...]:
    """The therapies of the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def path_of(name: str | Path) -> Path:
    """The file of a therapy of the library, or the path itself; raises `UnknownName`."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    if str(name) not in names():
        raise UnknownName.among("therapy", str(name), names())
    return LIBRARY / f"{name}.toml"


def load(name: str | Path, settings: Sequence[str] = ()) -> Therapy:
    """A therapy by name or path, with `settings` applied; raises `BadInput` with every complaint about it."""
    path = path_of(name)
    therapy = read(path, Therapy, settings)
    _check(path, therapy)
    return therapy


def _check(path: Path, therapy: Therapy) -> None:
    found = Complaints()
    for key, unit in UNITS.items():
        part, name = key.split(".")
        _check_unit(found, f"{path.name}: {key}", getattr(getattr(therapy, part), name), unit)
    _check_dose(found, path, therapy)
    days = [each.value for each in therapy.response.assessments]
    if days != sorted(set(days)):
        found.add(f"{path.name}: response.assessments", f"{days} is not in ascending order; sort the days")
    if therapy.contract.kind == "response" and therapy.contract.assessment is None:
        found.add(f"{path.name}: contract.assessment", "is missing; a response contract names the day it looks at")
    found.raise_any()


def _check_unit(found: Complaints, place: str, each: Measured | None, unit: str) -> None:
    if each is None or each.unit == unit:
        return
    try:
        alike = same_dimension(each.unit, unit)
    except UnitError as error:
        found.add(place, str(error))
        return
    says = f"{each.unit} must be converted to {unit} in the file" if alike else f"{each.unit} does not measure what {unit} does"
    found.add(f"{place}.unit", f"{says}; give {unit}")


def _check_dose(found: Complaints, path: Path, therapy: Therapy) -> None:
    dose = therapy.dose
    ranges = {
        "per_weight": (dose.per_weight_minimum, dose.per_weight_maximum),
        "flat": (dose.flat_minimum, dose.flat_maximum),
        "target_per_weight": (dose.target_per_weight_minimum, dose.target_per_weight_maximum),
        "target_flat": (dose.target_flat_minimum, dose.target_flat_maximum),
    }
    if all(low is None or high is None for low, high in list(ranges.values())[:2]):
        found.add(f"{path.name}: dose", "has neither a range per weight nor a flat one; give minimum and maximum of one of them")
    for name, (low, high) in ranges.items():
        if (low is None) != (high is None):
            found.add(f"{path.name}: dose.{name}", "has only one end; give minimum and maximum")
        elif low and high and not low.value <= high.value:
            found.add(f"{path.name}: dose.{name}", f"the minimum {low.value:g} is above the maximum {high.value:g}; swap them")
