"""Declare a model as in its paper: states, parameters, rates, observables, doses and events, as plain SymPy expressions.

A model file makes one `Declaration`, writes the paper's table and equations into it, and ends with
`MODEL = declaration.model()`, a frozen `Model` that the rest of livingdrug reads. Time is in days throughout.
"""

# SymPy carries no type information, so pyright guesses its types from the code and guesses wrong.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportOperatorIssue=false
# pyright: reportGeneralTypeIssues=false, reportAssignmentType=false

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Max, Min, Piecewise, Symbol, exp, log, sqrt, sympify
from sympy.logic.boolalg import Boolean

from livingdrug.errors import BadInput, Complaints
from livingdrug.units import parse

__all__ = ["Declaration", "Max", "Min", "Model", "Piecewise", "exp", "hill", "lean", "log", "sqrt"]

TIME = Symbol("t", real=True)
"""Days since the start of the simulation (for CAR-T models: since infusion)."""

Number = float | int | Expr


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the paper: its typical value, unit, between-patient spread and source.

    `spread` is the standard deviation of the logarithm (0: the same for every patient). A draw outside
    [`lowest`, `highest`] is moved to the limit; a value a user gives outside them is refused.
    """

    name: str
    value: float
    unit: str
    about: str = ""
    source: str = ""
    spread: float = 0.0
    lowest: float = float("-inf")
    highest: float = float("inf")


@dataclass(frozen=True, slots=True)
class State:
    """One quantity that changes: its unit, initial value and rate (per day).

    `negligible` is the amount below which the value no longer matters: the solver keeps the error under
    rtol × max(value, negligible). Amounts are never negative; a `signed` state may be.
    """

    name: str
    unit: str
    about: str
    initial: Expr
    rate: Expr
    negligible: float
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A named expression, written once in the paper and used in several equations."""

    name: str
    expression: Expr
    unit: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount added to a state at a time; amount and time may depend on parameters."""

    state: str
    amount: Expr
    at: Expr


@dataclass(frozen=True, slots=True)
class Trigger:
    """When `guard` rises through zero, the states in `sets` take their new values `after` days later, at most `times` times."""

    name: str
    guard: Expr
    sets: tuple[tuple[str, Expr], ...]
    after: Expr
    times: int


@dataclass(frozen=True, slots=True)
class Extinction:
    """A population that falls below `below` is exactly zero from then on."""

    state: str
    below: Expr


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition between parameters without which the model has no meaning, and the sentence that says so."""

    condition: Boolean
    says: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A published set of values for some parameters: one patient, one response class."""

    name: str
    about: str
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A published model: everything its file declares, in the order it declares it."""

    name: str
    title: str
    citation: str
    doi: str
    population: str
    days: float
    parameters: tuple[Parameter, ...]
    states: tuple[State, ...]
    definitions: tuple[Definition, ...]
    observables: tuple[Definition, ...]
    doses: tuple[Dose, ...]
    triggers: tuple[Trigger, ...]
    extinctions: tuple[Extinction, ...]
    requirements: tuple[Requirement, ...]
    variants: tuple[Variant, ...]
    correlations: tuple[tuple[str, str, float], ...]
    deviations: tuple[str, ...]
    states_observed: bool = True

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(state.name for state in self.states)

    @property
    def observable_names(self) -> tuple[str, ...]:
        """What a summary can be taken of: every declared observable, then every state unless the model is lean."""
        return tuple(observable.name for observable in self.observables) + (self.state_names if self.states_observed else ())


def lean(model: Model, observables: Iterable[str]) -> Model:
    """The model with these observables only, for summaries of nothing else: its kernel follows less and is faster.

    Raises `KeyError` for a name that the model does not observe.
    """
    known = {observable.name: observable for observable in model.observables}
    return replace(model, observables=tuple(known[name] for name in observables), states_observed=False)


def symbol(name: str) -> Symbol:
    """The symbol that stands for `name` in every expression of a model."""
    return Symbol(name, real=True)


def hill(amount: Number, half: Number, power: Number = 1) -> Expr:
    """amountᵖ / (amountᵖ + halfᵖ): the saturating signal of pharmacology, 0 at nothing, 1/2 at `half`."""
    return sympify(amount**power / (amount**power + half**power))


@dataclass
class Declaration:
    """A model while its file is being read; every call adds one line of the paper."""

    name: str
    title: str
    citation: str
    doi: str = ""
    population: str = ""
    days: float = 365.0
    deviations: tuple[str, ...] = ()
    time: Symbol = TIME
    _names: set[str] = field(default_factory=lambda: {TIME.name})
    _complaints: Complaints = field(default_factory=Complaints)
    _parameters: list[Parameter] = field(default_factory=list)
    _states: dict[str, dict[str, Any]] = field(default_factory=dict)
    _definitions: list[Definition] = field(default_factory=list)
    _observables: list[Definition] = field(default_factory=list)
    _doses: list[Dose] = field(default_factory=list)
    _triggers: list[Trigger] = field(default_factory=list)
    _extinctions: list[Extinction] = field(default_factory=list)
    _requirements: list[Requirement] = field(default_factory=list)
    _variants: list[Variant] = field(default_factory=list)
    _correlations: list[tuple[str, str, float]] = field(default_factory=list)

    def parameter(
        self,
        name: str,
        value: float,
        unit: str,
        about: str = "",
        *,
        source: str = "",
        spread: float = 0.0,
        lowest: float = float("-inf"),
        highest: float = float("inf"),
    ) -> Symbol:
        """A number of the paper; returns the symbol to write equations with."""
        self._parameters.append(Parameter(name, float(value), unit, about, source, spread, lowest, highest))
        if not lowest <= value <= highest:
            self._complain(name, f"its typical value {value:g} is outside its own limits {lowest:g} to {highest:g}")
        return self._new_symbol(name, unit)

    def adopt(self, other: Model, names: str) -> tuple[Symbol, ...]:
        """Parameters exactly as another model declares them (value, unit, spread, source), by names between spaces."""
        known = {parameter.name: parameter for parameter in other.parameters}
        for name in names.split():
            self._parameters.append(known[name])
        return tuple(self._new_symbol(name, known[name].unit) for name in names.split())

    def define(self, name: str, expression: Number, unit: str = "", about: str = "") -> Symbol:
        """A named expression of parameters, states, time and earlier definitions."""
        self._definitions.append(Definition(name, sympify(expression), unit, about))
        return self._new_symbol(name, unit)

    def state(
        self,
        name: str,
        unit: str,
        about: str = "",
        *,
        initial: Number = 0,
        negligible: float | None = None,
        signed: bool = False,
    ) -> Symbol:
        """A quantity that changes; its rate follows in `rates`. `negligible` is 1 for cells, else 1e-6 of its unit."""
        if negligible is None:
            negligible = 1.0 if unit == "cells" else 1e-6
        facts = {"unit": unit, "about": about, "initial": sympify(initial), "negligible": negligible, "signed": signed}
        self._states[name] = facts
        return self._new_symbol(name, unit)

    def rates(self, equations: Mapping[Symbol, Number]) -> None:
        """The right-hand sides: {E: growth * E - alpha * E, …} means dE/dt = …, per day."""
        for state, rate in equations.items():
            if state.name not in self._states:
                self._complain(state.name, "has a rate but was not declared as a state")
            elif "rate" in self._states[state.name]:
                self._complain(state.name, "has two rates; each state takes one")
            else:
                self._states[state.name]["rate"] = sympify(rate)

    def observe(self, name: str, expression: Number, unit: str, about: str = "") -> None:
        """What an assay or a monitor would read: an expression of states, parameters and time."""
        self._observables.append(Definition(name, sympify(expression), unit, about))
        self._new_symbol(name, unit)

    def dose(self, state: Symbol, amount: Number, at: Number = 0) -> None:
        """Add `amount` to `state` at time `at` (days; may depend on parameters)."""
        self._doses.append(Dose(state.name, sympify(amount), sympify(at)))

    def when(self, name: str, rising: Number, then: Mapping[Symbol, Number], *, after: Number = 0, times: int = 1) -> None:
        """When `rising` passes zero from below, the states in `then` take their new values `after` days later."""
        sets = tuple((state.name, sympify(value)) for state, value in then.items())
        self._triggers.append(Trigger(name, sympify(rising), sets, sympify(after), times))

    def extinct(self, state: Symbol, below: Number = 1) -> None:
        """Once `state` falls below `below` it is exactly zero from then on."""
        self._extinctions.append(Extinction(state.name, sympify(below)))

    def require(self, condition: Boolean, says: str) -> None:
        """Refuse patients whose parameters break `condition`; `says` tells them why in one sentence."""
        self._requirements.append(Requirement(condition, says))

    def variant(self, name: str, about: str = "", **values: float) -> None:
        """Published values for one patient or class, by parameter name."""
        self._variants.append(Variant(name, about, tuple((key, float(value)) for key, value in values.items())))

    def correlate(self, one: Symbol, other: Symbol, correlation: float) -> None:
        """The correlation between the logarithms of two parameters across patients."""
        self._correlations.append((one.name, other.name, correlation))

    def model(self) -> Model:
        """The finished model, or `BadInput` with everything that is wrong with it."""
        self._check()
        self._complaints.raise_any()
        states = tuple(State(name=name, **facts) for name, facts in self._states.items())
        return Model(
            name=self.name,
            title=self.title,
            citation=self.citation,
            doi=self.doi,
            population=self.population,
            days=self.days,
            parameters=tuple(self._parameters),
            states=states,
            definitions=tuple(self._definitions),
            observables=tuple(self._observables),
            doses=tuple(self._doses),
            triggers=tuple(self._triggers),
            extinctions=tuple(self._extinctions),
            requirements=tuple(self._requirements),
            variants=tuple(self._variants),
            correlations=tuple(self._correlations),
            deviations=self.deviations,
        )

    def _new_symbol(self, name: str, unit: str) -> Symbol:
        if name in self._names:
            self._complain(name, "is declared twice")
        self._names.add(name)
        try:
            parse(unit or "1")
        except BadInput as refusal:
            self._complain(name, str(refusal))
        return symbol(name)

    def _complain(self, name: str, says: str) -> None:
        self._complaints.add(f"model {self.name}, {name}", says)

    def _check(self) -> None:
        constants = {parameter.name for parameter in self._parameters}
        constants |= {definition.name for definition in self._constant_definitions(constants)}
        known = self._names - {observable.name for observable in self._observables}
        for name, state in self._states.items():
            if "rate" not in state:
                self._complain(name, "is a state without a rate; add it to rates()")
            else:
                self._check_symbols(name, state["rate"], known, "its rate")
            self._check_symbols(name, state["initial"], constants, "its initial value")
        for definition in (*self._definitions, *self._observables):
            self._check_symbols(definition.name, definition.expression, known, "its expression")
        for dose in self._doses:
            self._check_symbols(dose.state, dose.amount, constants, "its dose")
            self._check_symbols(dose.state, dose.at, constants, "the time of its dose")
        for trigger in self._triggers:
            self._check_symbols(trigger.name, trigger.guard, known, "its condition")
            self._check_symbols(trigger.name, trigger.after, constants, "its delay")
            for _, value in trigger.sets:
                self._check_symbols(trigger.name, value, known, "its action")
        targets = [dose.state for dose in self._doses] + [extinction.state for extinction in self._extinctions]
        targets += [state for trigger in self._triggers for state, _ in trigger.sets]
        for target in targets:
            if target not in self._states:
                self._complain(target, "is changed by a dose or an event but is not a state")
        for variant in self._variants:
            for name, _ in variant.values:
                if name not in constants:
                    self._complain(f"variant {variant.name}", f"sets {name}, which is not a parameter")

    def _constant_definitions(self, constants: set[str]) -> list[Definition]:
        fixed = set(constants)
        found: list[Definition] = []
        for definition in self._definitions:
            if {part.name for part in definition.expression.free_symbols} <= fixed:
                fixed.add(definition.name)
                found.append(definition)
        return found

    def _check_symbols(self, name: str, expression: Expr, known: set[str], which: str) -> None:
        for part in sorted({part.name for part in expression.free_symbols} - known):
            self._complain(name, f"{which} uses {part}, which is not known there")
