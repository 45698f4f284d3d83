"""The chance of a range of patients: each draw is named by what it is for, so that scenarios differ only where they differ."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingdrug.streams import stream

__all__ = ["Columns", "Draws", "Floats", "logistic"]

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
"""Facts about patients by name, each (patients,): numbers, or true and false."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws for consecutive patients under one seed, or for those of them that are `chosen`; results have shape (patients,)."""

    seed: int
    patients: range
    chosen: NDArray[np.intp] | None = None

    def normal(self, purpose: str) -> Floats:
        """Standard normal numbers."""
        return self._of_chosen(stream(self.seed, purpose).normal(patients=self.patients))

    def uniform(self, purpose: str) -> Floats:
        """Uniform numbers between 0 and 1."""
        return self._of_chosen(stream(self.seed, purpose).uniform(patients=self.patients))

    def lognormal(self, purpose: str, median: Floats | float, spread: float) -> Floats:
        """Log-normal numbers; `spread` is the standard deviation of the logarithm."""
        return median * np.exp(spread * self.normal(purpose))

    def happens(self, purpose: str, probability: Floats | float) -> NDArray[np.bool_]:
        """Whether something of that probability happens; more probable keeps everyone to whom it happened."""
        return self.uniform(purpose) < probability

    def _of_chosen(self, numbers: Floats) -> Floats:
        return numbers[:, 0] if self.chosen is None else numbers[self.chosen, 0]


def logistic(x: Floats | float) -> Floats:
    """1 / (1 + e^-x): a share from a number on the whole line."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))
