"""What the simulator knows of each patient of a range, as plain numbers: what virtual events are written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingdrug.cohort import BY_NAME
from livingdrug.cohort.journeys import PEAKS
from livingdrug.criteria.icans import ICE_FROM_AGE
from livingdrug.simulate import manufacture, program, waiting
from livingdrug.simulate.dose import infused_dose
from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.program import Story, tell
from livingdrug.simulate.scenario import Scenario
from livingdrug.simulate.toxicity import CAPD, ICE

__all__ = ["ANALYTE_UNITS", "Course", "Facts", "Look", "Run", "facts", "scores"]

ANALYTE_UNITS = {"il6_peak": "pg/mL", "crp_peak": "mg/L", "ferritin_peak": "ng/mL"}
SAMPLED = 28.0
"""Days of daily laboratory samples; a later peak is sampled on its day."""
NEUTROPHILS = (500.0, 1500.0)
PLATELETS = (25_000.0, 75_000.0, 150_000.0)
"""Counts per µL that stand for what the simulator knows: below or above 1,000; below 50,000, below or above 100,000."""


@dataclass(frozen=True)
class Run:
    """One manufacturing run; days from enrollment. `dose` is what its cells would be filled as."""

    start: float
    end: float
    cells: float
    viability: float
    transduced: float
    copies: float
    contaminated: bool
    verdict: int
    dose: float


@dataclass(frozen=True)
class Look:
    """One assessment of response: its day, tumor burden, counts, and whether they make a CR rather than a CRi."""

    day: int
    burden: float
    neutrophils: float
    platelets: float
    recovered: bool


@dataclass(frozen=True)
class Course:
    """The course of one infused patient, days from infusion: the chart, what was given, measured and assessed."""

    days: list[float]
    temperature: list[float]
    vasoactive: list[int]
    oxygen: list[int]
    neurological: list[tuple[float, int]]
    """Days on which consciousness was found otherwise than before, and how deep it was depressed."""
    tocilizumab: list[float]
    tocilizumab_mg: float
    dialysis: float | None
    series: dict[str, tuple[list[float], list[float]]]
    """Days and values of each analyte, by the column of its peak."""
    before: float
    looks: list[Look]


@dataclass(frozen=True)
class Facts:
    """One patient: the row of the cohort, words as words and None for nothing, and what stands behind it."""

    number: int
    row: dict[str, Any]
    runs: list[Run]
    planned: float | None
    """Day of the planned infusion, from enrollment; None without a product."""
    rest: float
    globulin_day: float
    course: Course | None
    """None without an infusion, and of one on whose course the solver gave up."""


def facts(scenario: Scenario, patients: range, threads: int | None = None) -> Iterator[Facts]:
    """The patients of a range, in order."""
    story, draws = tell(scenario, patients, threads=threads), Draws(scenario.seed, patients)
    runs = _runs(scenario, draws, story.before)
    made = manufacture.make(scenario.numbers, scenario.therapy, draws, story.before)
    planned = waiting.infusion_day(scenario.numbers, scenario.therapy, draws, made["released_day"])
    rest = waiting.rest(scenario.numbers, scenario.therapy, draws)
    rows = _rows(story.columns)
    where = {int(patient): row for row, patient in enumerate(story.infused)}
    courses = _Courses(scenario, story)
    for i, number in enumerate(patients):
        row = rows[i]
        yield Facts(
            number,
            row,
            runs[i][: int(row["manufactures"] or 0)],
            None if np.isnan(planned[i]) else float(planned[i]),
            float(rest[i]),
            scenario.numbers["response.globulin_days"],
            courses.of(where[i], row) if i in where and not row["solver_status"] else None,
        )


def _rows(columns: Columns) -> list[dict[str, Any]]:
    """The columns turned into rows, as a cohort has them."""
    plain = {name: _plain(name, values) for name, values in columns.items()}
    return [dict(zip(plain, values, strict=True)) for values in zip(*plain.values(), strict=True)]


def _plain(name: str, values: NDArray[Any]) -> list[Any]:
    kind = BY_NAME[name].kind
    if isinstance(kind, tuple):
        return [kind[i] if i >= 0 else None for i in values.tolist()]
    return [None if each != each else each for each in values.tolist()]


# Manufacture --------------------------------------------------------------------------------------------------------------


def _runs(scenario: Scenario, draws: Draws, patient: Columns) -> list[list[Run]]:
    """Every run that the therapy allows, for each patient; how many of them happened, the cohort says."""
    start, runs = manufacture.attempts(scenario.numbers, scenario.therapy, draws, patient)
    found: list[list[Run]] = [[] for _ in draws.patients]
    for run in runs:
        end = start + run["days"]
        cells = {"weight": patient["weight"], "product_cells": run["product_cells"]}
        dose = infused_dose(scenario.numbers, scenario.therapy, draws, cells)["dose"]
        names = ("product_cells", "viability", "transduced", "vector_copies", "contaminated", "release")
        columns = (start, end, *(run[name] for name in names), dose)
        for own, values in zip(found, zip(*(each.tolist() for each in columns), strict=True), strict=True):
            own.append(Run(*values))
        start = end
    return found


# The course ---------------------------------------------------------------------------------------------------------------


class _Courses:
    """The courses of a range, cut out patient by patient."""

    def __init__(self, scenario: Scenario, story: Story) -> None:
        self.story = story
        self.index = {name: i for i, name in enumerate(story.solution.model.state_names)}
        self.at = story.solution.at
        self.looks = self._looks(scenario)
        self.mg = np.broadcast_to(np.asarray(story.drawn["toci_mg"], dtype=np.float64), (len(story.infused),))

    def of(self, r: int, row: dict[str, Any]) -> Course:
        chart, end = self.story.chart, row["followed_days"]
        charted = int(np.searchsorted(chart.days, end, side="right"))
        days = chart.days[:charted].tolist()
        return Course(
            days,
            chart.temperature[r, :charted].tolist(),
            chart.vasoactive[r, :charted].tolist(),
            chart.oxygen[r, :charted].tolist(),
            _changes(days, chart.neurological[r, :charted].tolist()),
            self._doses(r, row["tocilizumab_doses"]),
            float(self.mg[r]),
            self._dialysis(r) if row["dialysis"] else None,
            {column: self._series(r, name, end) for column, name in program.PEAKS.items()},
            float(self.story.start[r]),
            [look for look in self.looks[r] if look.day <= end and (row["response_day28"] is not None)],
        )

    def _state(self, r: int, name: str) -> Floats:
        return self.story.solution.states[r, :, self.index[name]]

    def _doses(self, r: int, doses: float) -> list[float]:
        """The day of each dose: the look at which its number was first seen, as the cohort has it."""
        given = self._state(r, "DOSES")
        return [float(self.at[np.argmax(given > dose - 0.5)]) for dose in range(1, int(doses) + 1)]

    def _dialysis(self, r: int) -> float:
        chart = self.story.chart
        return float(chart.days[np.argmax(chart.response[r] >= self.story.levels["kidney"][r])])

    def _series(self, r: int, name: str, end: float) -> tuple[list[float], list[float]]:
        """Daily values of a state for four weeks, and its peak while the patient lived."""
        values = self._state(r, name)
        wanted = (self.at <= min(SAMPLED, end)) & (self.at % 1.0 == 0.0)
        wanted[int(np.where(self.at <= end, values, -np.inf).argmax())] = True
        return self.at[wanted].tolist(), values[wanted].tolist()

    def _looks(self, scenario: Scenario) -> list[list[Look]]:
        """The assessments that the simulator judges: the first and the last."""
        days = [each.value for each in scenario.therapy.response.assessments]
        found: list[list[Look]] = [[] for _ in self.story.infused]
        tumor = [self.index[name] for name in ("P", "PQ", "N")]
        recovery = self.story.recovery
        for day in dict.fromkeys((days[0], days[-1])):
            cells = self.story.solution.states[:, int(np.searchsorted(self.at, day)), tumor].sum(axis=1)
            burden = cells / scenario.numbers["tumor.capacity"]
            for r, own in enumerate(found):
                neutrophils = NEUTROPHILS[int(recovery["neutrophils"][r] <= day)]
                passed = (recovery["platelets_50"][r] <= day, recovery["platelets_100"][r] <= day)
                full = max(recovery["neutrophils"][r], recovery["platelets_100"][r]) <= day
                own.append(Look(round(day), float(burden[r]), neutrophils, PLATELETS[sum(map(int, passed))], bool(full)))
        return found


def _changes(days: list[float], levels: list[int]) -> list[tuple[float, int]]:
    """The first level, and every later one that differs from the one before."""
    before = [None, *levels]
    return [(day, level) for day, level, last in zip(days, levels, before, strict=False) if level != last]


def scores(age: float, level: int) -> tuple[int | None, int | None]:
    """ICE and CAPD at a depth of depressed consciousness, as the simulator grades it; the one of another age is None."""
    return (ICE[level], None) if age >= ICE_FROM_AGE else (None, CAPD[level])


assert set(program.PEAKS) == set(PEAKS) == set(ANALYTE_UNITS), "every peak has a state and a unit"
