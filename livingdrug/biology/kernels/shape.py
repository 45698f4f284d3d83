"""What a generated kernel defines before the text of this folder: sizes, rows of the work array, generated functions.

Values here only let the folder's files be linted and imported; no kernel ever runs with them. `emit.layout` says
how long each row is, the functions that fill it what it holds.
"""

from collections.abc import Callable
from typing import Any

LANES = 8
EXPLICIT = False
EXTINCTS = TOGGLES = LINEAR = (0,)
STATES = PARAMETERS = OBSERVABLES = BREAKS = GUARDS = BLOCK = SIZE = 1
GAMMA = 0.0
T = H = TRY = NEXT = END = TU = RTOL = ERR = OK = THETA = STIFF = 0
MADE = EVENT = DUE = TRIED = TROUBLE = FLOOR = LOWEST = M1 = M2 = M3 = M4 = WIDTH = 0
Y = YN = U = F = R = K = Q = P = BREAK = GUARD = GUARD_OLD = GUARD_NEW = LEFT = 0
BEND = BEND_OLD = BEND_NEW = 0
OBS = OBS_OLD = OBS_NEW = SLOPE = SLOPE_OLD = SLOPE_NEW = 0


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that other functions of the kernel call."""
    return function


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile the function Python calls: without the interpreter's lock, kept on disk."""
    return function


def _generated(*arguments: Any) -> Any:
    raise NotImplementedError("defined by each kernel")


begin = crossed = fired = increment = factor = stage = judge = stiffness = commit = _generated
observe = observe_one = slopes = slopes_one = guards = guards_one = _generated
interpolate = interpolate_one = average = keep = keep_guards = step = dense = exp = log = _generated
