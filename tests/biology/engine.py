"""The engine behind the oracle's two functions, so that a test can be run on either."""

import numpy as np
from numpy.typing import ArrayLike

from livingdrug.biology.model import Model
from livingdrug.biology.parameters import columns
from livingdrug.biology.solve import solve
from livingdrug.biology.symbolic import evaluate

RTOL = 1e-9


def trajectory(model: Model, at: ArrayLike, **values: float) -> np.ndarray:
    """The states of one patient: (times, states)."""
    times = np.asarray(at, dtype=float)
    solution = solve(model, values, days=max(times[-1], 1e-3), at=times, rtol=RTOL)
    assert solution.ok.all(), solution.advice(0)
    return solution.states[0]


def observables(model: Model, at: ArrayLike, states: np.ndarray, **values: float) -> dict[str, np.ndarray]:
    """Every observable on a trajectory, by name."""
    table, times = columns(model, values), np.asarray(at, dtype=float)
    return {each.name: evaluate(model, each.name, table, times, states[None])[0] for each in model.observables}
