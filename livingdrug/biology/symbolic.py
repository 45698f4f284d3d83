"""A model's expressions as NumPy functions, for what is computed once per request rather than once per step."""

# SymPy carries no type information, so pyright guesses its types from the code and guesses wrong.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportOperatorIssue=false
# pyright: reportGeneralTypeIssues=false, reportAssignmentType=false

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from livingdrug.biology.lower import written_out
from livingdrug.biology.model import TIME, Model, symbol

if TYPE_CHECKING:
    from livingdrug.biology.parameters import Columns

__all__ = ["evaluate", "function", "of_constants"]

Floats = NDArray[np.float64]


@cache
def function(model: Model, expression: sp.Basic) -> Any:
    """The expression as a function f(parameters, states, t) of sequences of arrays that broadcast together."""
    names = [[symbol(name) for name in model.parameter_names], [symbol(name) for name in model.state_names], TIME]
    return sp.lambdify(names, written_out(expression, model.definitions), "numpy", cse=True)


def of_constants(model: Model, expression: sp.Basic, values: Sequence[Floats]) -> Any:
    """An expression of parameters alone, for their values: (patients,) or ()."""
    with np.errstate(all="ignore"):
        return function(model, expression)(values, [np.nan] * len(model.states), 0.0)


def evaluate(model: Model, observable: str, parameters: "Columns", at: Floats, states: Floats) -> Floats:
    """An observable on trajectories: states (patients, times, states) to (patients, times)."""
    expression = next(each.expression for each in model.observables if each.name == observable)
    columns = [np.asarray(column)[..., None] for column in parameters.values]
    with np.errstate(all="ignore"):
        found = function(model, expression)(columns, list(np.moveaxis(states, -1, 0)), at)
    return np.broadcast_to(np.asarray(found, dtype=np.float64), states.shape[:2])
