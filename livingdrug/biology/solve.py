"""Solve a model for one patient or a population: `solve(model, parameters, days=…, at=…, summaries=…)`.

Every patient gets a status; a failed one is a row of NaN with advice, never the end of the run. A patient's numbers are the
same bits for any number of threads, any batch and any order.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livingdrug.biology.compile import METHODS, kernel
from livingdrug.biology.emit import LANES
from livingdrug.biology.kernels import driver
from livingdrug.biology.kernels import summaries as kinds
from livingdrug.biology.method import chosen_method
from livingdrug.biology.model import Model
from livingdrug.biology.parameters import Columns, columns
from livingdrug.biology.symbolic import evaluate
from livingdrug.errors import BadInput, Complaints, SolveInterrupted, UnknownName
from livingdrug.units import Quantity

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ADVICE",
    "Solution",
    "Summary",
    "first_above",
    "first_below",
    "integral",
    "last_above",
    "maximum",
    "solve",
    "time_above",
    "value",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BATCH = 512
"""Patients per call of a kernel, at most: some 20 ms, so that a stop is obeyed and progress is shown at once."""

RTOL_LIMITS = (1e-12, 0.1)
"""Smallest and largest rtol: rounding forbids less, more is no answer."""

PER_STEP = 0.3
"""Share of rtol that one step may err by: errors add up, and after a year the sum should still be a few rtol."""

ADVICE = {
    driver.OKAY: "solved",
    driver.STEP_LIMIT: "needed more steps than allowed; raise step_limit, loosen rtol, or look for a rate that is far too fast",
    driver.NOT_FINITE: "a rate became infinite or undefined; look for a division by zero or an overflow in the equations",
    driver.STALLED: "the step size fell to nothing; look for a discontinuity that is not written as a Piecewise condition",
    driver.TOO_STIFF: "too stiff for the explicit method; use method='rosenbrock' or 'auto'",
}
"""What each status means and what to do about it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One number per patient (two for a maximum) to compute while solving; made by the functions below."""

    kind: int
    of: str
    low: float = 0.0
    high: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in the result."""
        low, high = f"{self.low:g}", f"{self.high:g}"
        ends = {
            kinds.MAXIMUM: ("max", "tmax"),
            kinds.INTEGRAL: (f"integral_{low}_{high}",),
            kinds.VALUE: (f"at_{low}",),
            kinds.FIRST_ABOVE: (f"first_above_{low}",),
            kinds.FIRST_BELOW: (f"first_below_{low}",),
            kinds.LAST_ABOVE: (f"last_above_{low}",),
            kinds.TIME_ABOVE: (f"time_above_{low}",),
        }[self.kind]
        return tuple(f"{self.of}.{end}" for end in ends)


def maximum(of: str) -> Summary:
    """The largest value of an observable and its day: columns `….max`, `….tmax`."""
    return Summary(kinds.MAXIMUM, of)


def integral(of: str, start: float, end: float) -> Summary:
    """The integral of an observable from day `start` to day `end` (its AUC)."""
    return Summary(kinds.INTEGRAL, of, float(start), float(end))


def value(of: str, at: float) -> Summary:
    """The value of an observable on day `at`."""
    return Summary(kinds.VALUE, of, float(at))


def first_above(of: str, level: float) -> Summary:
    """The first day an observable reaches `level`; NaN when it never does."""
    return Summary(kinds.FIRST_ABOVE, of, float(level))


def first_below(of: str, level: float) -> Summary:
    """The first day an observable falls below `level`; NaN when it never does."""
    return Summary(kinds.FIRST_BELOW, of, float(level))


def last_above(of: str, level: float) -> Summary:
    """The last day an observable is at or above `level`; NaN when it never is."""
    return Summary(kinds.LAST_ABOVE, of, float(level))


def time_above(of: str, level: float) -> Summary:
    """The number of days an observable spends at or above `level`."""
    return Summary(kinds.TIME_ABOVE, of, float(level))


@dataclass(frozen=True)
class Solution:
    """What `solve` found. `states` is (patients, times, states), with no times when none were asked for."""

    model: Model
    days: float
    parameters: Columns
    at: Floats
    states: Floats
    totals: Floats
    names: tuple[str, ...]
    status: Integers
    steps: Integers
    methods: tuple[str, ...]

    @property
    def ok(self) -> NDArray[np.bool_]:
        """Whether each patient was solved."""
        return self.status == driver.OKAY

    def advice(self, patient: int) -> str:
        """The status of a patient in one sentence."""
        return ADVICE[int(self.status[patient])]

    @cached_property
    def summary(self) -> dict[str, Floats]:
        """Each summary's column by name, one number per patient."""
        return {name: self.totals[:, i] for i, name in enumerate(self.names)}

    def trajectory(self, of: str) -> Floats:
        """A state or an observable at the output times: (patients, times)."""
        if self.at.size == 0:
            raise BadInput.at(of, "no trajectory was kept; pass the output times as at=…")
        if of in self.model.state_names:
            return self.states[:, :, self.model.state_names.index(of)]
        if of not in self.model.observable_names:
            raise UnknownName.among("state or observable", of, self.model.observable_names)
        return evaluate(self.model, of, self.parameters, self.at, self.states)

    def frame(self) -> "pl.DataFrame":
        """One row per patient: status, steps and every summary."""
        import polars as pl

        facts = {"patient": np.arange(len(self.status)), "status": self.status, "steps": self.steps}
        return pl.DataFrame({**facts, **self.summary})

    def trajectories_frame(self) -> "pl.DataFrame":
        """One row per patient and output time, one column per observable and state."""
        import polars as pl

        patients, times = len(self.status), len(self.at)
        facts = {"patient": np.repeat(np.arange(patients), times), "day": np.tile(self.at, patients)}
        return pl.DataFrame(facts | {name: self.trajectory(name).ravel() for name in self.model.observable_names})


def solve(
    model: Model,
    parameters: Mapping[str, ArrayLike | Quantity] | ArrayLike | None = None,
    *,
    days: float | None = None,
    at: Iterable[float] = (),
    summaries: Sequence[Summary] = (),
    variant: str | None = None,
    rtol: float = 1e-6,
    method: str = "auto",
    threads: int | None = None,
    step_limit: int = 100_000,
    progress: Callable[[int, int], None] | None = None,
) -> Solution:
    """Solve `model` for every patient of `parameters` from day 0 to `days`.

    parameters: None for the typical patient; a mapping of names to numbers (in the parameter's unit), quantities (in any unit
    that measures the same) or arrays (patients,), the rest typical; or an array (patients, parameters) in the order of
    `model.parameter_names`. variant: start from a published set of values.
    at: output times in days, for trajectories. summaries: what to compute per patient while solving.
    rtol: wanted error relative to max(value, the state's negligible amount); a step may err by 0.3 rtol.
    method: "rosenbrock" (stiff), "tsitouras" (explicit) or "auto". progress: called with (patients done, patients).

    Raises `BadInput` with every complaint about the request at once, `SolveInterrupted` on Ctrl-C.
    """
    days = float(model.days if days is None else days)
    times = np.array(list(at), dtype=np.float64)
    _check_request(model, days, times, summaries, rtol, method)
    table = columns(model, parameters, variant)
    typical = chosen_method(model) if method == "auto" else method
    job = _Job(model, table, days, times, tuple(summaries), rtol, step_limit)
    _run(job, typical, np.arange(table.patients), threads, progress)
    methods = np.full(table.patients, typical, dtype=object)
    if method == "auto" and typical == "tsitouras":
        again = np.flatnonzero(np.isin(job.status, (driver.TOO_STIFF, driver.STEP_LIMIT)))
        methods[again] = "rosenbrock"
        _run(job, "rosenbrock", again, threads, None)
    return Solution(
        model,
        days,
        table,
        times,
        job.states,
        job.totals,
        job.names,
        job.status,
        job.steps,
        tuple(methods),
    )


class _Job:
    """The arrays one call of `solve` fills, and the tables its kernels read."""

    def __init__(
        self,
        model: Model,
        table: Columns,
        days: float,
        at: Floats,
        asked: tuple[Summary, ...],
        rtol: float,
        step_limit: int,
    ) -> None:
        self.model, self.table, self.days, self.at, self.rtol, self.step_limit = (
            model,
            table,
            days,
            at,
            rtol,
            step_limit,
        )
        self.names = tuple(name for summary in asked for name in summary.columns)
        self.states = np.empty((table.patients, at.size, len(model.states)))
        self.totals = np.empty((table.patients, len(self.names)))
        self.status = np.full(table.patients, -1, dtype=np.int64)
        self.steps = np.zeros(table.patients, dtype=np.int64)
        self.floors = np.array([state.negligible for state in model.states])
        widths = [len(summary.columns) for summary in asked]
        observables = model.observable_names
        facts = [(each.kind, observables.index(each.of), each.low, each.high) for each in asked]
        places = [sum(widths[:i]) for i in range(len(widths))]
        rows = [(*fact, place) for fact, place in zip(facts, places, strict=True)]
        self.plan = np.ascontiguousarray(np.array(rows, dtype=np.float64).reshape(-1, 5).T)

    def batch(self, run: Callable[..., None], patients: Integers) -> int:
        """Solve these patients; returns how many."""
        filled = (self.states, self.totals, self.status, self.steps)
        in_place = patients[-1] - patients[0] == patients.size - 1
        chosen = slice(int(patients[0]), int(patients[-1]) + 1) if in_place else patients
        # a slice is written in place (a year of days for many patients is too much to copy); a selection is a copy
        parts = [array[chosen] for array in filled]
        rows, tolerance = self.table.rows(patients), PER_STEP * self.rtol
        states, totals, status, steps = parts
        run(
            LANES, rows, 0, patients.size, self.days, tolerance, self.step_limit, self.floors, self.at, states, self.plan,
            totals, status, steps,
        )  # fmt: skip
        for array, part in zip(filled, parts, strict=True):
            if not in_place:
                array[patients] = part
        return patients.size


def _run(job: _Job, method: str, patients: Integers, threads: int | None, progress: Callable[[int, int], None] | None) -> None:
    """Solve the patients in batches over threads; a stop is obeyed after the batches in hand."""
    if patients.size == 0:
        return
    run = kernel(job.model, method).run
    threads = threads or os.cpu_count() or 1
    size = int(np.clip(patients.size // (4 * threads), 16, BATCH))
    batches = np.split(patients, range(size, patients.size, size))
    todo: SimpleQueue[Integers] = SimpleQueue()
    finished: SimpleQueue[int | Exception] = SimpleQueue()
    stop = Event()
    for batch in batches:
        todo.put(batch)

    def work() -> None:
        try:
            while not stop.is_set():
                finished.put(job.batch(run, todo.get_nowait()))
        except Empty:
            return
        except Exception as error:
            finished.put(error)

    # Plain threads and queues: a stop that arrives inside concurrent.futures.wait leaves its locks held for ever.
    workers = [Thread(target=work, daemon=True) for _ in range(min(threads, len(batches)))]
    try:
        for worker in workers:
            worker.start()
        done = 0
        while done < patients.size:
            count = finished.get()
            if isinstance(count, Exception):
                raise count
            done += count
            if progress:
                progress(done, patients.size)
    except KeyboardInterrupt:
        raise SolveInterrupted("stopped on request; nothing of this run was kept") from None
    finally:
        stop.set()
        for worker in workers:
            if worker.ident is not None:
                worker.join()


def _check_request(model: Model, days: float, at: Floats, summaries: Sequence[Summary], rtol: float, method: str) -> None:
    found = Complaints()
    if not 0 < days < np.inf:
        found.add("days", f"{days:g} is not a length of time; give a positive number of days")
    if at.size and (np.isnan(at).any() or (np.diff(at) < 0).any()):
        found.add("at", "the output times are not in ascending order")
    elif at.size and (at[0] < 0 or at[-1] > days):
        found.add("at", f"the output times {at[0]:g} to {at[-1]:g} are not all between day 0 and day {days:g}")
    if not RTOL_LIMITS[0] <= rtol <= RTOL_LIMITS[1]:
        found.add("rtol", f"{rtol:g} is outside {RTOL_LIMITS[0]:g} to {RTOL_LIMITS[1]:g}")
    if method not in ("auto", *METHODS):
        found.add_from("", UnknownName.among("method", method, ("auto", *METHODS)))
    for summary in summaries:
        if summary.of not in model.observable_names:
            found.add_from("summaries", UnknownName.among("state or observable", summary.of, model.observable_names))
        if summary.kind == kinds.INTEGRAL and not 0 <= summary.low < summary.high <= days:
            found.add("summaries", f"the window {summary.low:g} to {summary.high:g} is not within day 0 to {days:g}")
        if summary.kind == kinds.VALUE and not 0 <= summary.low <= days:
            found.add("summaries", f"day {summary.low:g} is not within day 0 to {days:g}")
    found.raise_any()
