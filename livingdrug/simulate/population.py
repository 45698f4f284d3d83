"""Population files: every number of `numbers.py` with unit and source, and which of them a calibration may move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from livingdrug.errors import Complaints, UnitError, UnknownName
from livingdrug.simulate.numbers import KNOWN
from livingdrug.therapy.files import read
from livingdrug.therapy.schema import Measured
from livingdrug.units import convert

__all__ = ["LIBRARY", "Numbers", "Population", "Provenance", "load", "names", "numbers_of", "path_of"]

LIBRARY = Path(__file__).parent / "populations"

Numbers = Mapping[str, float]
"""Values by key, each in the unit that `numbers.KNOWN` names."""


class Provenance(BaseModel):
    """How the calibrated numbers came about; written by `livingdrug calibrate`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    targets: str
    patients: int
    seed: int
    evaluations: int
    misfit: float
    livingdrug: str
    command: str


class PopulationFile(BaseModel):
    """A population file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = "population"
    name: str
    title: str
    calibrated: bool
    sources: dict[str, str] = Field(default_factory=dict)
    numbers: dict[str, dict[str, Measured]]
    calibration: dict[str, tuple[float, float, float]] = Field(default_factory=dict)
    provenance: Provenance | None = None


@dataclass(frozen=True)
class Population:
    """A checked population: its numbers by key, and lowest, starting and highest value of each that may be calibrated."""

    name: str
    title: str
    calibrated: bool
    sources: Mapping[str, str]
    measured: Mapping[str, Measured]
    calibration: Mapping[str, tuple[float, float, float]]
    provenance: Provenance | None


def names() -> tuple[str, ...]:
    """The populations of the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def path_of(name: str | Path) -> Path:
    """The file of a population of the library, or the path itself; raises `UnknownName`."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    if str(name) not in names():
        raise UnknownName.among("population", str(name), names())
    return LIBRARY / f"{name}.toml"


def load(name: str | Path, settings: Sequence[str] = (), change: Mapping[str, Measured] = MappingProxyType({})) -> Population:
    """A population by name or path; raises `BadInput` with every complaint about the file.

    `change` replaces numbers by key, as a scenario does; `settings` are "key=value", as a user does, and come last.
    """
    path = path_of(name)
    touched = {each.partition("=")[0].strip() for each in settings}
    found = read(path, PopulationFile, [f"numbers.{each}" for each in settings])
    measured = {f"{section}.{key}": each for section, keys in found.numbers.items() for key, each in keys.items()}
    measured |= {key: each for key, each in change.items() if key not in touched}
    _check(path, measured, found.calibration)
    return Population(
        found.name,
        found.title,
        found.calibrated,
        found.sources,
        MappingProxyType(measured),
        MappingProxyType(found.calibration),
        found.provenance,
    )


def numbers_of(population: Population) -> Numbers:
    """The values in the units of `KNOWN`."""
    return MappingProxyType({key: convert(each.value, each.unit, KNOWN[key].unit) for key, each in population.measured.items()})


def _check(path: Path, measured: Mapping[str, Measured], free: Mapping[str, tuple[float, float, float]]) -> None:
    found = Complaints()
    for key in measured:
        if key not in KNOWN:
            found.add_from(f"{path.name}: numbers.{key}", UnknownName.among("number", key, KNOWN))
    for key, known in KNOWN.items():
        if key not in measured:
            found.add(f"{path.name}: numbers.{key}", f"is missing; state {known.about}, in {known.unit}")
        elif complaint := _complaint(key, measured[key]):
            found.add(f"{path.name}: numbers.{key}", complaint)
    for key, (low, start, high) in free.items():
        place = f"{path.name}: calibration.{key}"
        if key not in KNOWN:
            found.add_from(place, UnknownName.among("number", key, KNOWN))
        elif not low <= start <= high or low == high:
            found.add(place, f"{low:g}, {start:g}, {high:g} is no range; give the lowest, the starting and the highest value")
        elif key in measured and not low <= measured[key].value <= high:
            found.add(
                place, f"the value {measured[key].value:g} lies outside {low:g} to {high:g}; widen the range or move the value"
            )
    found.raise_any()


def _complaint(key: str, each: Measured) -> str:
    known = KNOWN[key]
    try:
        value = convert(each.value, each.unit, known.unit)
    except UnitError as error:
        return f"{error}; give {known.about} in {known.unit}"
    if known.kind == "share" and not 0 <= value <= 1:
        return f"{value:g} is not a share; give a number from 0 to 1"
    if known.kind == "positive" and not value > 0:
        return f"{value:g} is not above 0; {known.about} must be"
    return ""
