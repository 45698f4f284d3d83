"""`livingdrug calibrate`: fit a scenario's population to published targets, and store it with how that was done."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from livingdrug.commands.ending import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from livingdrug.fit.calibrate import Calibration
    from livingdrug.simulate.scenario import Scenario

__all__ = ["calibrate"]

DIGITS = 4
"""Significant digits that are kept of a calibrated number; its interval is far wider."""


def calibrate(
    scenario: str,
    *,
    targets: str | None = None,
    patients: int = 2000,
    evaluations: int = 3000,
    seed: int = 1,
    out: Path | None = None,
    set_: Annotated[list[str] | None, Parameter(name="--set")] = None,
    quiet: bool = False,
) -> ExitStatus:
    """Fit the numbers that a population file frees to published results, by simulation.

    Writes the population with its provenance; the same arguments give the same file. Targets that are only shown are never
    used.

    Parameters
    ----------
    scenario
        A scenario of the library, or a file.
    targets
        A file of targets, or one of the library; without it, those that the scenario names.
    patients
        Virtual patients per evaluation; always the same ones.
    evaluations
        How many sets of numbers to try.
    seed
        Of the search and of the patients.
    out
        The population file to write; without it, NAME-calibrated.toml in the current folder.
    set_
        Change something of the scenario first, as PATH=VALUE; may be repeated.
    quiet
        Show no progress.
    """
    from livingdrug.analysis.targets import published
    from livingdrug.errors import BadInput
    from livingdrug.fit.calibrate import Range
    from livingdrug.fit.calibrate import calibrate as search
    from livingdrug.simulate.scenario import load

    chosen = load(scenario, tuple(set_ or ()))
    named = targets or chosen.published
    if not named:
        raise BadInput.at(scenario, "names no published results; give a file with --targets")
    aims = published(named)
    free = {key: Range(low, high) for key, (low, _, high) in chosen.population.calibration.items()}
    if not free:
        raise BadInput.at(chosen.files[2].name, "frees no number; list keys with their limits under [calibration]")
    if patients < 200 or evaluations < 1:
        raise BadInput.at("--patients, --evaluations", f"{patients} and {evaluations} are too few; at least 200 and 1")
    path = out or Path(f"{chosen.population.name}-calibrated.toml")
    if not path.parent.is_dir():
        raise BadInput.at(str(path), f"there is no folder {path.parent}")
    start = {key: start for key, (_, start, _) in chosen.population.calibration.items()}
    with _progress(evaluations, quiet) as tell:
        found = search(_simulator(chosen, patients, seed), start, free, aims, evaluations=evaluations, seed=seed, progress=tell)
    facts = {"scenario": chosen.name, "targets": named, "patients": patients, "seed": seed}
    path.write_text(_written(chosen, found, facts), encoding="utf-8")
    print(f"misfit {found.misfit_at_start:.2f} at the start, {found.misfit:.2f} after {found.evaluations:,} evaluations")
    print(f"wrote {path}")
    return ExitStatus.FINE


def _simulator(scenario: Scenario, patients: int, seed: int) -> Callable[[Mapping[str, float]], pl.DataFrame]:
    """Numbers that replace those of the population, to the cohort of always the same patients."""
    from livingdrug.cohort import frame
    from livingdrug.simulate.program import simulate

    def cohort(numbers: Mapping[str, float]) -> pl.DataFrame:
        other = replace(scenario, seed=seed, replaced=MappingProxyType({**numbers}))
        return frame(simulate(other, range(patients)))

    return cohort


def _written(scenario: Scenario, found: Calibration, facts: dict[str, Any]) -> str:
    """The population file with the numbers found, its comments and order kept, and the provenance at its end."""
    import tomlkit

    from livingdrug import __version__
    from livingdrug.simulate.numbers import KNOWN
    from livingdrug.units import convert

    text = tomlkit.parse(scenario.files[2].read_text(encoding="utf-8"))
    numbers: Any = text["numbers"]
    for key, value in found.numbers.items():
        section, name = key.split(".", 1)
        entry = numbers[section][name]
        entry["value"] = float(f"{convert(value, KNOWN[key].unit, str(entry['unit'])):.{DIGITS}g}")
    text["calibrated"] = True
    text.pop("provenance", None)
    provenance = tomlkit.table()
    command = f"livingdrug calibrate {scenario.name} --patients {facts['patients']} --evaluations {found.evaluations - 1}"
    provenance.update(facts | {"evaluations": found.evaluations, "misfit": round(found.misfit, 3), "livingdrug": __version__})
    provenance["command"] = f"{command} --seed {facts['seed']}"
    text["provenance"] = provenance
    return tomlkit.dumps(text)


class _progress:
    """A bar on standard error with the best misfit so far; silent when that is no terminal."""

    def __init__(self, evaluations: int, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("misfit {task.fields[misfit]:.2f}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        silent = quiet or not sys.stderr.isatty()
        self.bar = Progress(*columns, console=Console(stderr=True), disable=silent)
        self.task = self.bar.add_task("", total=evaluations, misfit=float("nan"))

    def __enter__(self) -> Callable[[int, float], None]:
        self.bar.__enter__()
        return lambda done, misfit: self.bar.update(self.task, completed=done, misfit=misfit)

    def __exit__(self, *ended: Any) -> None:
        self.bar.__exit__(*ended)
