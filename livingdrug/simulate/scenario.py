"""Scenarios: which therapy, which population under which policy, how many patients, which seed, and how far.

A scenario is a file of the library or of your own. `settings` change it for one run: "patients=500", "policy=current",
"population.waiting.slot_median=20" or "therapy.price.list_price=400000".
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from livingdrug.errors import BadInput, Complaints, UnknownName
from livingdrug.simulate import population as populations
from livingdrug.simulate.population import Numbers, Population, numbers_of
from livingdrug.therapy import load as therapies
from livingdrug.therapy.files import numbers as measured_numbers
from livingdrug.therapy.files import read
from livingdrug.therapy.schema import Measured, Policy, Therapy

__all__ = ["LIBRARY", "Scenario", "load", "names", "path_of"]

LIBRARY = Path(__file__).parent / "scenarios"
LONGEST = 3653.0

NOT_MODELED = (
    "Infections, hemorrhage, HLH-like toxicity and late neurological events.",
    "Capacity: chairs, suites, beds and couriers; waiting times are drawn, not queued for.",
    "What later therapies do after failure: survival then is a share who are rescued and a time for the others.",
    "Lineage switch as biology; a stated share of the antigen-negative relapses is named so.",
    "Residual disease between assessments, extramedullary and central nervous disease, genetics of the tumor.",
    "Reinfusion, second cancers, immunoglobulin replacement and its cost.",
    "Hospital costs, discounts and delays of payment; the ledger holds the product only.",
    "Withdrawal from follow-up: every patient is followed to the horizon.",
    "Chance inside a course: it is deterministic; populations die out at a level that is drawn.",
)


class ScenarioFile(BaseModel):
    """A scenario file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["scenario"] = "scenario"
    name: str
    title: str
    about: str = ""
    therapy: str
    population: str
    policy: str
    patients: int = Field(gt=0, le=100_000_000)
    seed: int = Field(ge=0)
    horizon: Measured
    start: Literal["eligible", "enrolled", "infused"]
    published: str = ""
    sources: dict[str, str] = Field(default_factory=dict)
    change: dict[str, dict[str, Measured]] = Field(default_factory=dict)
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A checked scenario: everything a run depends on but the code."""

    name: str
    title: str
    about: str
    therapy: Therapy
    population: Population
    policy: str
    patients: int
    seed: int
    horizon: float
    start: str
    published: str
    changes: tuple[str, ...]
    settings: tuple[str, ...]
    files: tuple[Path, ...]
    own_sources: Mapping[str, str]
    not_modeled: tuple[str, ...] = NOT_MODELED
    replaced: Mapping[str, float] = field(default_factory=dict)

    @property
    def calibrated(self) -> bool:
        """Whether the population was calibrated to this therapy's published results."""
        return self.population.calibrated

    @cached_property
    def numbers(self) -> Numbers:
        """The population's numbers by key; those that a calibration tries in their place come last."""
        return MappingProxyType({**numbers_of(self.population), **self.replaced})

    @property
    def rules(self) -> Policy:
        """The treatment policy in force."""
        return self.therapy.toxicity.policies[self.policy]

    @cached_property
    def fingerprint(self) -> str:
        """A digest of everything a result depends on but the number of patients: therapy, numbers, policy, seed, horizon."""
        facts = [self.therapy.model_dump_json(), sorted(self.numbers.items()), self.policy, self.seed, self.horizon, self.start]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def sources(self) -> list[dict[str, Any]]:
        """Every number of the run with its unit, source in full, and whether it was confirmed."""
        full = {**self.therapy.sources, **self.population.sources, **self.own_sources}
        rows = [(f"therapy.{key}", each) for key, each in measured_numbers(self.therapy)]
        rows += [(f"population.{key}", each) for key, each in self.population.measured.items()]
        return [
            {
                "key": key,
                "value": each.value,
                "unit": each.unit,
                "source": full.get(each.source.partition(":")[0], each.source),
                "confirmed": each.confirmed,
            }
            for key, each in rows
        ]


def names() -> tuple[str, ...]:
    """The scenarios of the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def path_of(name: str | Path) -> Path:
    """The file of a scenario of the library, or the path itself; raises `UnknownName`."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    if str(name) not in names():
        raise UnknownName.among("scenario", str(name), names())
    return LIBRARY / f"{name}.toml"


def load(name: str | Path, settings: Sequence[str] = ()) -> Scenario:
    """A scenario with its therapy and population, all checked; raises `BadInput` with every complaint about all three files."""
    path = path_of(name)
    mine, of_population, of_therapy = _sorted(settings)
    found = Complaints()
    file = _attempt(found, lambda: read(path, ScenarioFile, mine))
    if file is None:
        found.raise_any()
        raise AssertionError("a file that could not be read left a complaint")
    more_of_population, more_of_therapy = _sorted(file.settings)[1:]
    of_population, of_therapy = [*more_of_population, *of_population], [*more_of_therapy, *of_therapy]
    therapy = _attempt(found, lambda: therapies.load(_beside(path, file.therapy), of_therapy))
    changes = {f"{section}.{key}": each for section, keys in file.change.items() for key, each in keys.items()}
    population = _attempt(found, lambda: populations.load(_beside(path, file.population), of_population, changes))
    _check(found, path, file, therapy)
    found.raise_any()
    assert therapy, "a missing therapy left a complaint"
    assert population, "a missing population left a complaint"
    return Scenario(
        file.name,
        file.title,
        file.about,
        therapy,
        population,
        file.policy,
        file.patients,
        file.seed,
        file.horizon.value,
        file.start,
        file.published,
        tuple(changes),
        tuple(settings),
        (path, therapies.path_of(_beside(path, file.therapy)), populations.path_of(_beside(path, file.population))),
        file.sources,
    )


def _sorted(settings: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Settings of the scenario itself, of its population and of its therapy, without their prefixes."""
    groups: dict[str, list[str]] = {"": [], "population": [], "therapy": []}
    for each in settings:
        if "=" not in each:
            raise BadInput.at(f"--set {each}", "has no '='; write path=value")
        head, _, rest = each.partition(".")
        groups[head if head in groups and "=" not in head else ""].append(rest if head in groups and "=" not in head else each)
    return groups[""], groups["population"], groups["therapy"]


def _attempt(found: Complaints, make: Any) -> Any:
    try:
        return make()
    except BadInput as error:
        found.found.extend(error.complaints)
        return None


def _beside(path: Path, name: str) -> str:
    """A file named in a scenario is looked for beside it; a bare name is one of the library."""
    return str(path.parent / name) if name.endswith(".toml") else name


def _check(found: Complaints, path: Path, file: ScenarioFile, therapy: Therapy | None) -> None:
    if therapy and file.policy not in therapy.toxicity.policies:
        found.add_from(f"{path.name}: policy", UnknownName.among("policy", file.policy, therapy.toxicity.policies))
    if not 100 <= file.horizon.value <= LONGEST:
        found.add(
            f"{path.name}: horizon",
            f"{file.horizon.value:g} days is outside 100 to {LONGEST:g}; the second assessment is day 90",
        )
