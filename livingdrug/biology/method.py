"""Which method suits a model: the explicit one where stability lets it take steps as large as accuracy does."""

import hashlib
from collections.abc import Callable

import numpy as np
import sympy as sp

from livingdrug.biology.compile import kernel
from livingdrug.biology.emit import LANES
from livingdrug.biology.lower import written_out
from livingdrug.biology.model import Model, symbol
from livingdrug.biology.symbolic import function

__all__ = ["chosen_method"]

STABLE = 3.3  # h |λ| at the edge of Tsit5's stability region on the negative axis
WORTH = 1.0  # stability may not cost more steps than accuracy does
LOOKS = 200


def chosen_method(model: Model) -> str:
    """ "rosenbrock" or "tsitouras", decided once per model from its typical patient and kept beside the kernel."""
    compiled = kernel(model, "rosenbrock")
    note = compiled.path.with_suffix(f".{_values_digest(model)}.method")
    if note.exists():
        return note.read_text().strip()
    chosen = _compare(model, compiled.run)
    note.write_text(chosen)
    return chosen


def _values_digest(model: Model) -> str:
    values = repr([*(parameter.value for parameter in model.parameters), model.days, STABLE, WORTH, LOOKS]).encode()
    return hashlib.blake2b(values, digest_size=6).hexdigest()


def _compare(model: Model, run: Callable[..., None]) -> str:
    typical = np.array([[parameter.value for parameter in model.parameters]])
    at = np.linspace(0, model.days, LOOKS)
    states, steps = np.empty((1, LOOKS, len(model.states))), np.empty(1, np.int64)
    floors = np.array([state.negligible for state in model.states])
    run(
        LANES, typical, 0, 1, model.days, 1e-6, 100_000, floors, at, states,
        np.empty((5, 0)), np.empty((1, 0)), np.empty(1, np.int64), steps,
    )  # fmt: skip
    fastest = _spectral_radii(model, typical[0], at, states[0])
    explicit_steps = np.nansum(fastest) * (at[1] - at[0]) / STABLE
    return "tsitouras" if explicit_steps <= WORTH * steps[0] else "rosenbrock"


def _spectral_radii(model: Model, values: np.ndarray, at: np.ndarray, states: np.ndarray) -> np.ndarray:
    rates = sp.Matrix([written_out(state.rate, model.definitions) for state in model.states])
    jacobian = function(model, rates.jacobian([symbol(name) for name in model.state_names]).as_immutable())
    radii = np.full(len(at), np.nan)
    with np.errstate(all="ignore"):
        for i, (t, y) in enumerate(zip(at, states, strict=True)):
            entries = np.array(jacobian(list(values), list(y), t), dtype=np.float64)
            if np.isfinite(entries).all():
                radii[i] = np.abs(np.linalg.eigvals(entries)).max()
    return radii
