"""Draw a population from a model's typical values and spreads: log-normal, correlated as declared, moved to the limits."""

import numpy as np
from numpy.typing import NDArray

from livingdrug.biology.model import Model, Parameter
from livingdrug.biology.parameters import columns
from livingdrug.errors import BadInput
from livingdrug.streams import stream

__all__ = ["draw"]

Floats = NDArray[np.float64]


def draw(
    model: Model,
    patients: range | int,
    seed: int,
    *,
    spread: float | None = None,
    reading: str = "sd",
    variant: str | None = None,
) -> dict[str, Floats]:
    """Parameters of virtual patients, by name, for those parameters that vary.

    patients: a number, or a range to draw just those; the same patient gets the same draws in any range. spread: one
    log-SD for every positive parameter in place of the declared ones. reading: papers disagree whether their ω is an SD or
    a variance ("variance" takes its root). Draws outside a parameter's limits are moved to the limit; pairs that break a
    requirement of the model are left to `solve`, which names them.
    """
    if reading not in ("sd", "variance"):
        raise BadInput.at("reading", f"{reading!r} is neither 'sd' nor 'variance'")
    chosen = range(patients) if isinstance(patients, int) else patients
    typical = columns(model, None, variant).values
    varied = [(each, float(value)) for each, value in zip(model.parameters, typical, strict=True) if _sd(each, spread)]
    normal = stream(seed, f"{model.name} parameters").normal(patients=chosen, draws=max(len(varied), 1))
    normal = normal[:, : len(varied)] @ _correlation(model, [each.name for each, _ in varied]).T
    drawn: dict[str, Floats] = {}
    for (parameter, value), deviate in zip(varied, normal.T, strict=True):
        sd = _sd(parameter, spread)
        factor = np.exp((np.sqrt(sd) if reading == "variance" else sd) * deviate)
        drawn[parameter.name] = np.clip(value * factor, parameter.lowest, parameter.highest)
    return drawn


def _sd(parameter: Parameter, spread: float | None) -> float:
    if spread is None:
        return parameter.spread
    return spread if parameter.value > 0 and parameter.unit != "1" else 0.0


def _correlation(model: Model, names: list[str]) -> Floats:
    """The Cholesky factor of the declared correlations."""
    matrix = np.eye(len(names))
    for one, other, correlation in model.correlations:
        if one in names and other in names:
            i, j = names.index(one), names.index(other)
            matrix[i, j] = matrix[j, i] = correlation
    return np.linalg.cholesky(matrix).astype(np.float64)
