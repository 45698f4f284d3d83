"""From the declaration to what a kernel needs: definitions written out, conditions turned into flags, constants named.

Inside one step of the solver every right-hand side must be smooth. So each condition of a `Piecewise` becomes a flag that
is constant during a step: a condition on time changes its flag at a break (a time the step ends on exactly), a condition on
states at a guard (a value whose sign change is located). Doses are breaks, extinctions and triggers are guards.
"""

# SymPy carries no type information, so pyright guesses its types from the code and guesses wrong.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportOperatorIssue=false
# pyright: reportGeneralTypeIssues=false, reportAssignmentType=false

from dataclasses import dataclass, replace
from itertools import count

import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.core.relational import Relational

from livingdrug.biology.model import TIME, Definition, Model, symbol
from livingdrug.errors import BadInput

__all__ = ["Break", "Guard", "Lowered", "lower", "power"]


class power(sp.Function):
    """xᵖ for a real exponent, 0 at x ≤ 0; SymPy's own derivative of x**p divides by x and fails at 0."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        base, exponent = self.args
        if argindex == 1:
            return exponent * power(base, exponent - 1)
        raise ArgumentIndexError(self, argindex)


@dataclass(frozen=True, slots=True)
class Break:
    """A time at which a patient's step ends: there the flag `flag` becomes 1, and `sets` gives states new values."""

    at: sp.Expr
    flag: sp.Symbol | None
    sets: tuple[tuple[int, sp.Expr], ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """A value whose rise through zero is located.

    kind "toggle": `flag` is 1 while the value is not negative. "trigger": break number `breaks` is set `after` days ahead,
    at most `times` times. "extinction": state number `state` becomes 0 and its flag 0.
    """

    kind: str
    value: sp.Expr
    flag: sp.Symbol | None = None
    state: int = -1
    breaks: int = -1
    after: sp.Expr | None = None
    times: int = 1
    slope: sp.Expr | None = None


@dataclass(frozen=True, slots=True)
class Lowered:
    """A model in the form a kernel is printed from; all symbols are states, parameters, constants, flags or time."""

    states: tuple[sp.Symbol, ...]
    parameters: tuple[sp.Symbol, ...]
    flags: tuple[sp.Symbol, ...]
    constants: tuple[tuple[sp.Symbol, sp.Expr], ...]
    initial: tuple[sp.Expr, ...]
    rates: tuple[sp.Expr, ...]
    jacobian: dict[tuple[int, int], sp.Expr]
    time_derivative: dict[int, sp.Expr]
    observables: tuple[sp.Expr, ...]
    slopes: tuple[sp.Expr, ...]
    breaks: tuple[Break, ...]
    guards: tuple[Guard, ...]
    signed: tuple[bool, ...]

    def is_linear(self, expression: sp.Expr) -> bool:
        """Whether an expression is a sum of states with constant coefficients, at all times."""
        varying = {*self.states, *self.flags, TIME}
        parts = [sp.diff(expression, state) for state in self.states]
        rest = sp.expand(expression - sum(part * state for part, state in zip(parts, self.states, strict=True)))
        return not any(part.free_symbols & varying for part in [*parts, rest])


def written_out(expression: sp.Expr, definitions: tuple[Definition, ...]) -> sp.Expr:
    """The expression with every definition replaced by what it stands for."""
    for definition in reversed(definitions):
        expression = expression.subs(symbol(definition.name), definition.expression)
    return expression


class _Conditions:
    """The flags, breaks and guards that a model's conditions turn into, each distinct condition once."""

    def __init__(self, model: Model, states: tuple[sp.Symbol, ...]) -> None:
        self.name = model.name
        self.states = set(states)
        self.flags: list[sp.Symbol] = []
        self.breaks: list[Break] = []
        self.guards: list[Guard] = []
        self._seen: dict[sp.Expr, sp.Symbol] = {}

    def flag(self) -> sp.Symbol:
        self.flags.append(sp.Symbol(f"·flag{len(self.flags)}", real=True))
        return self.flags[-1]

    def smooth(self, expression: sp.Expr) -> sp.Expr:
        """The expression with every condition on time or states replaced by a question about its flag."""
        relations = {r for p in expression.atoms(sp.Piecewise) for _, c in p.args for r in c.atoms(Relational)}
        # A condition holds in several derivatives of one expression; one order for all runs keeps the flags' numbers.
        asked = {r: self._question(r) for r in sorted(relations, key=sp.default_sort_key)}
        return expression.xreplace(asked).replace(sp.Max, _maximum).replace(sp.Min, _minimum)

    def _question(self, relation: Relational) -> sp.Basic:
        margin = sp.expand(relation.gts - relation.lts) if relation.is_Relational else relation
        if not isinstance(relation, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
            raise BadInput.at(f"model {self.name}", f"the condition {relation} is not an inequality")
        if TIME in margin.free_symbols:
            return self._time_question(relation, margin)
        if margin.free_symbols & self.states:
            return self._state_question(margin)
        return relation

    def _time_question(self, relation: Relational, margin: sp.Expr) -> sp.Basic:
        slope = sp.diff(margin, TIME)
        at = sp.simplify(TIME - margin / slope) if slope != 0 else margin
        if not slope.is_number or at.free_symbols & (self.states | {TIME}):
            raise BadInput.at(
                f"model {self.name}", f"the condition {relation} must compare time with parameters, or states alone"
            )
        if at not in self._seen:
            self._seen[at] = self.flag()
            self.breaks.append(Break(at, self._seen[at], ()))
        after = sp.Gt(self._seen[at], sp.Rational(1, 2))
        return after if slope > 0 else sp.Not(after)

    def _state_question(self, margin: sp.Expr) -> sp.Basic:
        if -margin in self._seen:
            return sp.Not(sp.Gt(self._seen[-margin], sp.Rational(1, 2)))
        if margin not in self._seen:
            self._seen[margin] = self.flag()
            self.guards.append(Guard("toggle", margin, flag=self._seen[margin]))
        return sp.Gt(self._seen[margin], sp.Rational(1, 2))


def _maximum(*values: sp.Expr) -> sp.Expr:
    first, *rest = values
    for other in rest:
        first = sp.Piecewise((first, first >= other), (other, True))
    return first


def _minimum(*values: sp.Expr) -> sp.Expr:
    first, *rest = values
    for other in rest:
        first = sp.Piecewise((first, first <= other), (other, True))
    return first


def lower(model: Model) -> Lowered:
    """The model's numeric form."""
    states = tuple(symbol(name) for name in model.state_names)
    parameters = tuple(symbol(name) for name in model.parameter_names)
    number = {name: i for i, name in enumerate(model.state_names)}
    conditions = _Conditions(model, states)

    def out(expression: sp.Expr) -> sp.Expr:
        return conditions.smooth(_real_powers(written_out(expression, model.definitions), {*states, TIME}))

    rates = [out(state.rate) for state in model.states]
    observables = [out(observable.expression) for observable in model.observables]
    observables += list(states) if model.states_observed else []
    for dose in model.doses:
        i = number[dose.state]
        conditions.breaks.append(Break(out(dose.at), None, ((i, states[i] + out(dose.amount)),)))
    for trigger in model.triggers:
        sets = tuple((number[name], out(value)) for name, value in trigger.sets)
        conditions.guards.append(
            Guard(
                "trigger",
                out(trigger.guard),
                breaks=len(conditions.breaks),
                after=out(trigger.after),
                times=trigger.times,
            )
        )
        conditions.breaks.append(Break(sp.oo, None, sets))
    for extinction in model.extinctions:
        i, alive = number[extinction.state], conditions.flag()
        rates[i] = alive * rates[i]
        conditions.guards.append(Guard("extinction", out(extinction.below) - states[i], flag=alive, state=i))

    def slope(value: sp.Expr) -> sp.Expr:
        return sp.Add(sp.diff(value, TIME), *(sp.diff(value, y) * rate for y, rate in zip(states, rates, strict=True)))

    jacobian = {(i, j): sp.diff(rate, y) for i, rate in enumerate(rates) for j, y in enumerate(states)}
    time_derivative = {i: sp.diff(rate, TIME) for i, rate in enumerate(rates)}
    constants = _Constants(set(parameters))
    return Lowered(
        states=states,
        parameters=parameters,
        flags=tuple(conditions.flags),
        initial=tuple(out(state.initial) for state in model.states),
        rates=tuple(constants.name(rate) for rate in rates),
        jacobian={place: constants.name(entry) for place, entry in jacobian.items() if entry != 0},
        time_derivative={i: constants.name(entry) for i, entry in time_derivative.items() if entry != 0},
        observables=tuple(constants.name(observable) for observable in observables),
        slopes=tuple(constants.name(slope(observable)) for observable in observables),
        breaks=tuple(conditions.breaks),
        guards=tuple(replace(guard, slope=constants.name(slope(guard.value))) for guard in conditions.guards),
        signed=tuple(state.signed for state in model.states),
        constants=tuple((name, expression) for expression, name in constants.named.items()),
    )


def _real_powers(expression: sp.Expr, varying: set[sp.Symbol]) -> sp.Expr:
    def is_real_power(part: sp.Basic) -> bool:
        return isinstance(part, sp.Pow) and not part.exp.is_Integer and part.exp != sp.Rational(1, 2) and part.base is not sp.E

    def rewritten(part: sp.Pow) -> sp.Expr:
        return power(part.base, part.exp) if part.free_symbols & varying else part

    return expression.replace(is_real_power, rewritten)


class _Constants:
    """Subexpressions of parameters alone, computed once per patient instead of at every step."""

    def __init__(self, fixed: set[sp.Symbol]) -> None:
        self.fixed = fixed
        self.named: dict[sp.Expr, sp.Symbol] = {}
        self._numbers = count()

    def name(self, expression: sp.Expr) -> sp.Expr:
        if expression.is_Atom:
            return expression
        if self._is_constant(expression):
            return self._symbol(expression)
        if isinstance(expression, (sp.Add, sp.Mul)):
            constant = [part for part in expression.args if self._is_constant(part)]
            varying = [self.name(part) for part in expression.args if part not in constant]
            if constant:
                return expression.func(self._symbol(expression.func(*constant)), *varying)
            return expression.func(*varying)
        return expression.func(*(self.name(part) for part in expression.args))

    def _is_constant(self, expression: sp.Basic) -> bool:
        return bool(expression.free_symbols) and expression.free_symbols <= self.fixed and isinstance(expression, sp.Expr)

    def _symbol(self, expression: sp.Expr) -> sp.Expr:
        if expression.is_Symbol:
            return expression
        if expression not in self.named:
            self.named[expression] = sp.Symbol(f"·constant{next(self._numbers)}", real=True)
        return self.named[expression]
