"""An independent answer to every declared model: SymPy to NumPy, integrated by SciPy's LSODA at a tolerance of 1e-12.

It shares no code with the engine it checks. Slow and exact: the integration stops at every switch of time, dose and
event, and starts anew behind it. A time that coincides with a jump shows the values after the jump.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from sympy import Expr, Max, Piecewise, Pow, lambdify
from sympy.core.relational import Relational

from livingdrug.biology.model import TIME, Model, symbol

RTOL = 1e-12
PHASE = symbol("phase of the integration")
"""Stands for the time inside conditions: constant between two switches, so that no step sees both sides of one."""


def trajectory(model: Model, at: ArrayLike, **values: float) -> np.ndarray:
    """The states (columns) at the times `at` (rows, ascending days from 0), with `values` for some parameters."""
    body, given = _compiled(model), _given(model, values)
    with np.errstate(all="ignore"):
        return _Run(model, body, given).trajectory(np.asarray(at, float))


def observables(model: Model, at: ArrayLike, states: np.ndarray, **values: float) -> dict[str, np.ndarray]:
    """Every declared observable at the times of a trajectory, by name."""
    body, given, t = _compiled(model), _given(model, values), np.asarray(at, float)
    with np.errstate(all="ignore"):
        found = body.observables(t, t, *np.transpose(states), *given)
    return {each.name: found[i] + np.zeros(t.shape) for i, each in enumerate(model.observables)}


def values_of(model: Model, variant: str) -> dict[str, float]:
    """The parameter values of a declared variant."""
    return dict(next(each.values for each in model.variants if each.name == variant))


@dataclass(frozen=True)
class _Body:
    """The model as functions of (time, phase, states…, parameters…); the last four of parameters only."""

    rates: Callable
    guards: Callable
    actions: list[Callable]
    observables: Callable
    initial: Callable
    switches: Callable
    doses: Callable
    levels: Callable


@lru_cache(maxsize=64)
def _compiled(model: Model) -> _Body:
    changing = [TIME, PHASE, *map(symbol, model.state_names), *map(symbol, model.parameter_names)]
    constant = changing[2 + len(model.states) :]

    def written_out(expression: Any) -> Any:
        for each in reversed(model.definitions):
            expression = expression.xreplace({symbol(each.name): each.expression})
        return expression

    def function(expressions: list[Expr], arguments: list) -> Callable:
        held = [written_out(each).replace(_is_condition, lambda each: each.xreplace({TIME: PHASE})) for each in expressions]
        safe = [each.replace(_is_root, lambda each: Max(each.base, 0) ** each.exp) for each in held]
        return lambdify(arguments, safe, modules="numpy", cse=True)

    rates = [written_out(each.rate) for each in model.states]
    return _Body(
        rates=function(rates, changing),
        guards=function([each.guard for each in model.triggers], changing),
        actions=[function([value for _, value in each.sets], changing) for each in model.triggers],
        observables=function([each.expression for each in model.observables], changing),
        initial=function([each.initial for each in model.states], constant),
        switches=function(_switches(rates), constant),
        doses=function([part for each in model.doses for part in (each.at, each.amount)], constant),
        levels=function([each.below for each in model.extinctions] + [each.after for each in model.triggers], constant),
    )


def _is_condition(expression: Expr) -> bool:
    return isinstance(expression, Relational)


def _is_root(expression: Expr) -> bool:
    """xᵖ with a real p is 0 at x <= 0 by convention: an integrator strays below an empty compartment now and then."""
    return isinstance(expression, Pow) and not expression.exp.is_integer and not expression.base.is_number


def _switches(rates: list[Expr]) -> list[Expr]:
    """The times at which a condition of a `Piecewise` changes: conditions linear in time and free of states."""
    pieces: list[Any] = [piece for rate in rates for each in rate.atoms(Piecewise) for piece in each.args]
    relations = {each for _, condition in pieces for each in condition.atoms(Relational)}
    conditions = {each for each in relations if TIME in each.free_symbols}
    found = []
    for condition in sorted(conditions, key=str):
        difference = condition.lhs - condition.rhs
        slope = difference.diff(TIME)
        assert TIME not in slope.free_symbols, f"{condition} is not linear in time"
        found.append(-difference.xreplace({TIME: 0}) / slope)
    return found


def _given(model: Model, values: dict[str, float]) -> list[np.float64]:
    unknown = set(values) - set(model.parameter_names)
    assert not unknown, f"{model.name} has no parameter {', '.join(sorted(unknown))}"
    return [np.float64(values.get(each.name, each.value)) for each in model.parameters]


class _Run:
    """One patient: the state vector `y` at time `t`, what is dead, armed and pending."""

    def __init__(self, model: Model, body: _Body, given: list[np.float64]) -> None:
        self.model, self.body, self.given = model, body, given
        levels = [float(each) for each in body.levels(*given)]
        self.level = {model.state_names.index(each.state): levels[i] for i, each in enumerate(model.extinctions)}
        self.delay = levels[len(model.extinctions) :]
        doses = [float(each) for each in body.doses(*given)]
        self.due = [(at, i) for i, at in enumerate(doses[::2])]
        self.amount = doses[1::2]
        self.switches = [float(each) for each in body.switches(*given)]
        self.pending: list[tuple[float, int]] = []
        self.fired = [0] * len(model.triggers)
        self.t, self.y = 0.0, np.array([float(each) for each in body.initial(*given)])
        self.tiny = 1e-12 * np.array([each.negligible for each in model.states])
        self.dead = {i for i in self.level if 0 < self.y[i] + self._dosed_now(i) < self.level[i]}
        self.armed = [False] * len(model.triggers)

    def trajectory(self, at: np.ndarray) -> np.ndarray:
        out = np.empty((at.size, self.y.size))
        self._jump()
        self.armed = [guard < 0 for guard in self._guards(self.t, self.y)]
        out[at <= 0] = self.y
        while self.t < at[-1]:
            start, found = self.t, self._integrate(self._next_stop(at[-1]))
            inside = (at > start) & (at < found.t[-1])
            out[inside] = found.sol(at[inside]).T if inside.any() else out[inside]
            self.t, self.y = float(found.t[-1]), found.y[:, -1].copy()
            self._events([len(each) > 0 for each in found.t_events])
            self._jump()
            out[at == self.t] = self.y
        return out

    def _integrate(self, stop: float):
        phase = (self.t + stop) / 2
        alive = np.array([i not in self.dead for i in range(self.y.size)], float)
        self.y *= alive
        watched = [_event(self._margin(i), -1) for i in self.level]
        watched += [_event(self._guard(i), +1 if armed else -1) for i, armed in enumerate(self.armed)]

        def rates(t: float, y: np.ndarray) -> np.ndarray:
            return alive * np.array(self.body.rates(np.float64(t), phase, *(y * alive), *self.given), float)

        found = solve_ivp(
            rates, (self.t, stop), self.y, method="LSODA", rtol=RTOL, atol=self.tiny, dense_output=True, events=watched
        )
        assert found.status >= 0, f"{self.model.name}: {found.message}"
        return found

    def _events(self, happened: list[bool]) -> None:
        self.dead |= {i for i, happens in zip(self.level, happened[: len(self.level)], strict=True) if happens}
        for i, happens in enumerate(happened[len(self.level) :]):
            if happens and self.armed[i]:
                self._fire(i)
            elif happens:
                self.armed[i] = True

    def _fire(self, i: int) -> None:
        self.armed[i] = False
        if self.fired[i] < self.model.triggers[i].times:
            self.fired[i] += 1
            self.pending.append((self.t + self.delay[i], i))

    def _jump(self) -> None:
        """Extinctions, then doses and actions that are due, then the triggers that these set off."""
        before = self.y.copy()
        self.y[list(self.dead)] = 0.0
        due, self.due = _now(self.due, self.t)
        for i in due:
            self.y[self.model.state_names.index(self.model.doses[i].state)] += self.amount[i]
        due, self.pending = _now(self.pending, self.t)
        for i in due:
            new = self.body.actions[i](self.t, self.t, *self.y, *self.given)
            for (name, _), value in zip(self.model.triggers[i].sets, new, strict=True):
                self.y[self.model.state_names.index(name)] = value
        for i, low in self.level.items():
            if self.y[i] != before[i]:
                self.dead = self.dead - {i} if self.y[i] >= low else self.dead | {i}
        self.y[list(self.dead)] = 0.0
        if (self.y != before).any():
            for i, guard in enumerate(self._guards(self.t, self.y)):
                if self.armed[i] and guard >= 0:
                    self._fire(i)
                    self._jump()
                elif guard < 0:
                    self.armed[i] = True

    def _guards(self, t: float, y: np.ndarray) -> list[float]:
        return [float(each) for each in self.body.guards(np.float64(t), t, *y, *self.given)]

    def _guard(self, i: int) -> Callable:
        return lambda t, y: self._guards(t, y)[i]

    def _margin(self, i: int) -> Callable:
        return lambda t, y: 1.0 if i in self.dead else y[i] - self.level[i]

    def _next_stop(self, end: float) -> float:
        later = self.switches + [at for at, _ in self.due + self.pending]
        return min([each for each in later if self.t < each < end], default=end)

    def _dosed_now(self, i: int) -> float:
        doses = [(at, self.amount[k]) for at, k in self.due if self.model.doses[k].state == self.model.state_names[i]]
        return sum(amount for at, amount in doses if at == 0)


def _now(due: list[tuple[float, int]], t: float) -> tuple[list[int], list[tuple[float, int]]]:
    return [i for at, i in due if at == t], [each for each in due if each[0] > t]


def _event(function: Callable, direction: int) -> Callable:
    function.terminal, function.direction = True, direction
    return function
