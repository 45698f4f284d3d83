"""The virtual program: what happens to a range of patients from collection to settlement, step by step, as columns.

`simulate` is a pure function of the scenario and the patient numbers: the same patients get the same numbers in any range,
with any number of threads, and beside any others. The order of the steps:

    patient → collection → manufacture → waiting → dose → course (with rescue) → toxicity → response → after → settlement
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from livingdrug.biology.models import load
from livingdrug.biology.solve import Solution
from livingdrug.cohort import BY_NAME
from livingdrug.simulate import body, collection, manufacture, response, settlement, toxicity, waiting
from livingdrug.simulate.dose import infused_dose
from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.patient import enroll
from livingdrug.simulate.scenario import Scenario

__all__ = ["INFUSED", "STEPS", "Story", "simulate", "tell", "trajectories"]

STEPS = ("patient", "collection", "manufacture", "waiting", "course", "toxicity", "response", "settlement")
NOT_COLLECTED, NOT_MADE, DIED, LEFT, INFUSED = 1.0, 2.0, 3.0, 4.0, 5.0
"""Positions in `cohort.FATES`."""
TRAJECTORY_DAYS = np.concatenate([body.CHART, np.arange(67.0, 366.0, 7.0), np.arange(379.0, 3654.0, 14.0)])
MONTH = 28.0
PEAKS = {"il6_peak": "IL6", "crp_peak": "CRP", "ferritin_peak": "FER"}
"""Columns of a highest level, and the states they are read from."""
AFTER_COLLECTION = ("manufactures", "vector_copies", "transduced", "viability", "product_cells", "release", "released_day")


@dataclass(frozen=True)
class Story:
    """Everything that `simulate` worked out on the way to its `columns`. `before` is the way to infusion of all patients, with
    its hidden columns; the rest has one row for each of those who are `infused`, as positions among the patients."""

    columns: Columns
    before: Columns
    infused: NDArray[np.intp]
    chart: toxicity.Chart
    levels: Columns
    drawn: dict[str, Any]
    solution: Solution
    recovery: Columns
    start: Floats


def simulate(
    scenario: Scenario, patients: range, *, threads: int | None = None, timings: dict[str, float] | None = None
) -> Columns:
    """The cohort columns of these patients, each (patients,): words as positions (-1: none), NaN where a fact does not apply.

    `timings` gathers the seconds spent in each of `STEPS`.
    """
    return tell(scenario, patients, threads=threads, timings=timings).columns


def tell(scenario: Scenario, patients: range, *, threads: int | None = None, timings: dict[str, float] | None = None) -> Story:
    """The cohort columns of these patients, and what they come from."""
    clock = _Clock({} if timings is None else timings)
    numbers, draws = scenario.numbers, Draws(scenario.seed, patients)
    patient = _before(scenario, draws, clock)
    infused = np.flatnonzero(patient["fate"] == INFUSED)
    with clock.step("course"):
        levels, drawn, solution = _solved(scenario, draws, patient, infused, _visits(scenario), threads)
    own = replace(draws, chosen=infused)
    some = {name: values[infused] for name, values in patient.items()}
    with clock.step("toxicity"):
        charted = toxicity.chart(solution, drawn, levels, np.isin(solution.at, body.CHART))
        fatal = toxicity.fatal_day(numbers, own, charted)
        charted = toxicity.until(charted, fatal)
        kinetics = _kinetics(solution, fatal, drawn["S_q"])
    with clock.step("response"):
        recovery = response.counts(numbers, own, some, kinetics["ferritin_peak"])
        start = drawn["P0"] / numbers["tumor.capacity"]
        found = response.respond(numbers, scenario.therapy, solution, recovery, start, fatal)
        after = response.follow(numbers, own, solution, found, fatal, (_assessments(scenario)[0], scenario.horizon))
        found = response.lived_through(scenario.therapy, found, after["death_day"])
    with clock.step("toxicity"):
        charted = toxicity.until(charted, after["death_day"])
        toxic = toxicity.toxicity(numbers, charted, levels, some["age"])
        _lower(kinetics, solution, after["followed_days"])
    with clock.step("settlement"):
        paid = settlement.settle(scenario.therapy, some["release"], found["response_day28"])
    late = _censored({**kinetics, **toxic, **found}, after["followed_days"])
    filled = {name: _spread(values, infused, len(patients)) for name, values in {**late, **after, **paid}.items()}
    columns = _typed({"patient": np.arange(patients.start, patients.stop), **patient, **filled})
    return Story(columns, patient, infused, charted, levels, drawn, solution, recovery, start)


def trajectories(scenario: Scenario, patients: range, *, threads: int | None = None) -> pl.DataFrame:
    """The courses of those of these patients who are infused: one row per patient and day, to death or the horizon."""
    draws = Draws(scenario.seed, patients)
    patient = _before(scenario, draws, _Clock({}))
    infused = np.flatnonzero(patient["fate"] == INFUSED)
    days = TRAJECTORY_DAYS[scenario.horizon >= TRAJECTORY_DAYS]
    levels, drawn, solution = _solved(scenario, draws, patient, infused, days, threads)
    charted = toxicity.chart(solution, drawn, levels)
    cells = {
        "transgene": "transgene", "car_t": "car_t", "tumor": "tumor", "tumor_negative": "N", "b_cells": "healthy",
        "IL6": "IL6", "IL6_signal": "il6_signal", "CRP": "CRP", "ferritin": "FER",
    }  # fmt: skip
    whole = replace(solution, model=load("course"))
    found = {name: whole.trajectory(of) for name, of in cells.items()}
    needs = {"vasoactive": charted.vasoactive, "oxygen": charted.oxygen, "neurotoxicity": charted.neurological}
    table = pl.DataFrame({
        "patient": np.repeat(patients.start + infused, len(days)),
        "day": np.tile(days, len(infused)),
        **{name: values.ravel() for name, values in found.items()},
        "temperature": charted.temperature.ravel(),
        **{name: values.ravel().astype(np.int32) for name, values in needs.items()},
    })  # fmt: skip
    ends = simulate(scenario, patients, threads=threads)["followed_days"]
    followed = pl.DataFrame({"patient": np.arange(patients.start, patients.stop), "end": ends})
    return table.join(followed, on="patient", how="left").filter(pl.col("day") <= pl.col("end")).drop("end")


# The way to infusion -------------------------------------------------------------------------------------------------------


def _before(scenario: Scenario, draws: Draws, clock: "_Clock") -> Columns:
    """Everything up to the infusion, and `fate`."""
    numbers, therapy = scenario.numbers, scenario.therapy
    with clock.step("patient"):
        patient: Columns = enroll(numbers, draws)
    with clock.step("collection"):
        patient |= collection.collect(numbers, therapy, draws, patient)
    with clock.step("manufacture"):
        patient |= manufacture.make(numbers, therapy, draws, patient)
    with clock.step("waiting"):
        planned = waiting.infusion_day(numbers, therapy, draws, patient["released_day"])
        patient |= waiting.wait(numbers, draws, patient, planned)
        patient["fate"] = _fate(patient)
        infused = patient["fate"] == INFUSED
        patient["infused_day"] = np.where(infused, planned, np.nan)
        patient |= infused_dose(numbers, therapy, draws, patient)
    return _held_back(patient)


def _fate(patient: Mapping[str, NDArray[Any]]) -> Floats:
    fate = np.where(patient["lost"], np.where(patient["died"], DIED, LEFT), INFUSED)
    fate = np.where(np.isnan(patient["released_day"]), NOT_MADE, fate)
    return np.where(patient["collection_accepted"], fate, NOT_COLLECTED)


def _held_back(patient: Columns) -> Columns:
    """Facts of a step only for those who came to it."""
    collected, infused = patient["fate"] > NOT_COLLECTED, patient["fate"] == INFUSED
    lost = (patient["fate"] == DIED) | (patient["fate"] == LEFT)
    for name in AFTER_COLLECTION:
        patient[name] = np.where(collected, patient[name], -1.0 if name == "release" else np.nan)
    for name in ("blasts_infused", "fludarabine_auc", "dose", "dose_per_kg"):
        patient[name] = np.where(infused, patient[name], np.nan)
    patient["left_day"] = np.where(lost, patient["left_day"], np.nan)
    return _stopped(patient)


def _stopped(patient: Columns) -> Columns:
    """Manufacture ends with the patient: nothing is started, made or released after the death or withdrawal."""
    starts = [values for name, values in patient.items() if name.startswith("run.")]
    begun = sum((start <= patient["left_day"]) * 1.0 for start in starts)
    lost = np.isfinite(patient["left_day"])
    patient["manufactures"] = np.where(lost, begun, patient["manufactures"])
    late = patient["left_day"] < patient["released_day"]
    for name in AFTER_COLLECTION[1:]:
        patient[name] = np.where(late, -1.0 if name == "release" else np.nan, patient[name])
    return patient


# The course ----------------------------------------------------------------------------------------------------------------


def _solved(
    scenario: Scenario, draws: Draws, patient: Columns, infused: NDArray[np.intp], days: Floats, threads: int | None
) -> tuple[Columns, dict[str, Any], Solution]:
    """Levels of need, parameters and solution of those who are infused."""
    some = {name: values[infused] for name, values in patient.items()}
    own = replace(draws, chosen=infused)
    levels = toxicity.need_levels(scenario.numbers, own, scenario.rules)
    drawn = body.parameters(scenario.numbers, scenario.therapy, scenario.rules, own, some, levels)
    return levels, drawn, body.course(drawn, scenario.horizon, chart=days, threads=threads)


def _visits(scenario: Scenario) -> Floats:
    """The days on which the states are kept: the chart, and the assessments of response."""
    return np.union1d(body.CHART, _assessments(scenario))


def _assessments(scenario: Scenario) -> list[float]:
    return [each.value for each in scenario.therapy.response.assessments]


def _kinetics(solution: Solution, fatal: Floats, signal: Floats) -> Columns:
    """Exact extremes of the transgene; of the others what half-daily samples show, as a laboratory would.

    Of those who died of toxicity nothing after their death: what they would have shown is held at its last value.
    """
    found = solution.summary
    _hold(solution, fatal, signal)
    states = {name: solution.states[:, :, i] for i, name in enumerate(solution.model.state_names)}
    doses = states["DOSES"].max(axis=1)
    return {
        "cmax": found["transgene.max"],
        "tmax": found["transgene.tmax"],
        "auc28": found["transgene.integral_0_28"],
        "persistence_day": found["transgene.last_above_50"],
        "b_cell_recovery_day": found["recovered.first_above_0.05"],
        **{column: states[name].max(axis=1) for column, name in PEAKS.items()},
        "tocilizumab_doses": np.nan_to_num(doses),
        "tocilizumab_day": _first_day(states["DOSES"] > 0.5, solution.at),
        "steroid_day": _first_day(states["S"] > 0, solution.at),
        "solver_status": solution.status.astype(np.float64),
    }


def _hold(solution: Solution, fatal: Floats, signal: Floats) -> None:
    """Hold the states of the dead after their last day, and take their transgene's summaries from the samples before it."""
    cells = [solution.model.state_names.index(name) for name in ("E", "M", "X")]
    month = solution.at <= MONTH
    for row in np.flatnonzero(fatal < solution.at[-1]):
        last = int(np.searchsorted(solution.at, fatal[row], side="right")) - 1
        solution.states[row, last + 1 :] = solution.states[row, last]
        transgene = signal[row] * solution.states[row][:, cells].sum(axis=1)
        peak = int(transgene[: last + 1].argmax())
        lived = month & (solution.at <= solution.at[last])
        solution.summary["transgene.max"][row], solution.summary["transgene.tmax"][row] = transgene[peak], solution.at[peak]
        solution.summary["transgene.integral_0_28"][row] = np.trapezoid(transgene[lived], solution.at[lived])


def _lower(kinetics: Columns, solution: Solution, end: Floats) -> None:
    """Peaks and treatments of those who died before the last sample: of the samples before the death only."""
    for row in np.flatnonzero(end < solution.at[-1]):
        lived = solution.at <= end[row]
        for column, name in (PEAKS | {"tocilizumab_doses": "DOSES"}).items():
            kinetics[column][row] = solution.states[row, lived, solution.model.state_names.index(name)].max()
    for column in ("tocilizumab_day", "steroid_day"):
        kinetics[column] = np.where(kinetics[column] > end, np.nan, kinetics[column])


def _first_day(is_so: NDArray[np.bool_], days: Floats) -> Floats:
    return np.where(is_so.any(axis=1), days[is_so.argmax(axis=1)], np.nan)


def _censored(columns: Columns, end: Floats) -> Columns:
    """Nothing after the end of follow-up: what the course would have brought after a death did not happen."""
    recovery = columns["b_cell_recovery_day"]
    return columns | {
        "persistence_day": np.minimum(columns["persistence_day"], end),
        "b_cell_recovery_day": np.where(recovery > end, np.nan, recovery),
        "icu_days": np.minimum(columns["icu_days"], end - columns["icu_day"]),
        "crs_days": np.minimum(columns["crs_days"], end - columns["crs_onset"]),
    }


# Columns -------------------------------------------------------------------------------------------------------------------


def _spread(values: NDArray[Any], infused: NDArray[np.intp], patients: int) -> NDArray[Any]:
    """Values of infused patients among all, nothing for the others."""
    if values.dtype.kind == "i":
        full = np.zeros(patients, dtype=values.dtype)
    else:
        full = np.full(patients, np.nan)
    full[infused] = values
    return full


def _typed(columns: Columns) -> Columns:
    """In the order and of the kinds of `COLUMNS`; hidden columns are left out."""
    typed: Columns = {}
    for name, column in BY_NAME.items():
        if name not in columns:
            continue
        values = columns[name]
        words = isinstance(column.kind, tuple)
        typed[name] = np.nan_to_num(values, nan=-1.0).astype(np.int32) if words else values
    return typed


class _Clock:
    """Seconds by step."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
