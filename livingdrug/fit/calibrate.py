"""Calibrate numbers to published targets by simulation, with common random numbers and CMA-ES; the same seed, the same answer.

The misfit of a set of numbers is the sum over the calibration targets of weight × d², with d the distance from the published
value in half-widths of its interval, plus a steep term outside the interval, plus a weak pull to the starting values that keeps
numbers about which the targets say nothing where biology put them. Targets whose role is "shown" are never looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cma
import numpy as np
import polars as pl
from numpy.typing import NDArray

from livingdrug.analysis.measures import evaluate
from livingdrug.analysis.targets import Target, distance

__all__ = ["Calibration", "Range", "calibrate", "misfit"]

Simulate = Callable[[Mapping[str, float]], pl.DataFrame]

OUTSIDE = 4.0
"""Weight of the square by which a value lies outside its interval."""
PULL = 0.2
"""Weight of the squared distance from the start, in ranges."""
WORST = 4.0
"""Distance at which a target counts no further: one hopeless target must not rule the others."""
FIRST_STEP = 0.12
"""Standard deviation of the first proposals, in ranges."""


@dataclass(frozen=True, slots=True)
class Range:
    """The values a number may take; positive ranges wider than a factor of three are searched on the logarithm."""

    low: float
    high: float

    @property
    def by_logarithm(self) -> bool:
        return self.low > 0 and self.high / self.low > 3

    def value(self, share: float) -> float:
        if self.by_logarithm:
            return float(self.low * (self.high / self.low) ** share)
        return float(self.low + (self.high - self.low) * share)

    def share(self, value: float) -> float:
        if self.by_logarithm:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return float((value - self.low) / (self.high - self.low))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration found: the numbers, their misfit and that of the start, and how often the cohort was simulated."""

    numbers: Mapping[str, float]
    misfit: float
    misfit_at_start: float
    evaluations: int


def misfit(cohort: pl.DataFrame, targets: Sequence[Target]) -> float:
    """How badly a cohort agrees with the calibration targets; 0 is every published value at once."""
    fitted = [each for each in targets if each.role == "calibration"]
    found = evaluate(cohort, dict.fromkeys(each.measure for each in fitted))
    return sum(each.weight * _penalty(distance(each, found[each.measure])) for each in fitted)


def _penalty(away: float) -> float:
    away = min(away, WORST)
    return away**2 + OUTSIDE * max(away - 1.0, 0.0) ** 2


def calibrate(
    simulate: Simulate,
    start: Mapping[str, float],
    ranges: Mapping[str, Range],
    targets: Sequence[Target],
    *,
    evaluations: int,
    seed: int,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """The numbers within `ranges` whose simulated cohort agrees best with the calibration targets.

    simulate: numbers that replace those of the population, to the cohort. start: values of the keys of `ranges`.
    progress: called with the evaluations done and the best misfit so far. Deterministic in `seed`.
    """
    keys = list(ranges)
    first = np.array([ranges[key].share(start[key]) for key in keys])

    def numbers(shares: NDArray[np.float64]) -> dict[str, float]:
        return {key: ranges[key].value(float(share)) for key, share in zip(keys, shares, strict=True)}

    def cost(shares: NDArray[np.float64]) -> float:
        return misfit(simulate(numbers(shares)), targets) + PULL * float(np.sum((shares - first) ** 2))

    # Its own clock and files are off: the answer depends on the seed alone. Seed 0 would mean the time of day.
    options = {"bounds": [0, 1], "seed": seed + 1, "verbose": -9, "maxfevals": evaluations, "tolfun": 1e-3, "CMA_diagonal": 40}
    search = cma.CMAEvolutionStrategy(first, FIRST_STEP, options)
    at_start = cost(first)
    best, lowest = first, at_start
    while not search.stop() and search.countevals < evaluations:
        proposals = search.ask()
        costs = [cost(np.clip(each, 0, 1)) for each in proposals]
        search.tell(proposals, costs)
        if min(costs) < lowest:
            best, lowest = np.clip(proposals[int(np.argmin(costs))], 0, 1), min(costs)
        if progress:
            progress(search.countevals, lowest)
    return Calibration(numbers(best), lowest, at_start, int(search.countevals) + 1)
