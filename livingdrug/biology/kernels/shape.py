"""What a generated kernel defines before the text of this folder: sizes, rows of the work array, generated functions.

Values here only let the folder's files be linted and imported; no kernel ever runs with them. Rows are described in
`docs/engine.md`.
"""

from collections.abc import Callable
from typing import Any

LANES = 8
EXPLICIT = False
EXTINCTS = TOGGLES = (0,)
STATES = PARAMETERS = OBSERVABLES = BREAKS = GUARDS = BLOCK = SIZE = 1
GAMMA = 0.0
T = H = TRY = NEXT = END = TU = WEIGHT = RTOL = ERR = OK = THETA = STIFF = FLOOR = 0
Y = YN = U = F = R = K = Q = P = BREAK = GUARD = GUARD_OLD = GUARD_NEW = LEFT = OBS = OBS_OLD = OBS_NEW = SLOPE = SLOPE_OLD = SLOPE_NEW = 0


def lane(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of one lane so that it melts into the loop over lanes that calls it."""
    return function


def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that is called as it is."""
    return function


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile the function Python calls: without the interpreter's lock, kept on disk."""
    return function


def _generated(*arguments: Any) -> Any:
    raise NotImplementedError("defined by each kernel")


begin = increment = factor = stage = observe = slopes = guards = crossed = fired = step = dense = _generated
judge = stiffness = commit = interpolate = exp = log = power = _generated
