"""The chance of a range of patients: each draw is named by what it is for, so that scenarios differ only where they differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingdrug.streams import stream

__all__ = ["Draws", "Floats", "logistic"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws for consecutive patients under one seed; every result has shape (patients,)."""

    seed: int
    patients: range

    def normal(self, purpose: str) -> Floats:
        """Standard normal numbers."""
        return stream(self.seed, purpose).normal(patients=self.patients)[:, 0]

    def uniform(self, purpose: str) -> Floats:
        """Uniform numbers between 0 and 1."""
        return stream(self.seed, purpose).uniform(patients=self.patients)[:, 0]

    def lognormal(self, purpose: str, median: Floats | float, spread: float) -> Floats:
        """Log-normal numbers; `spread` is the standard deviation of the logarithm."""
        return median * np.exp(spread * self.normal(purpose))

    def happens(self, purpose: str, probability: Floats | float) -> NDArray[np.bool_]:
        """Whether something of that probability happens; more probable keeps everyone to whom it happened."""
        return self.uniform(purpose) < probability


def logistic(x: Floats | float) -> Floats:
    """1 / (1 + e^-x): a share from a number on the whole line."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))
