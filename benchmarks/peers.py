"""Other programs that solve the same declared model, each behind the same function: parameters in, daily states out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from livingdrug.biology.lower import written_out
from livingdrug.biology.model import TIME, Model, symbol

Floats = NDArray[np.float64]
Solver = Callable[[Floats, Floats, float], Floats]
"""(parameters (patients, parameters), at (times,), rtol) to states (patients, times, states)."""


def odeint(model: Model) -> Solver:
    """SciPy's LSODA through `odeint`, with a right-hand side in plain Python floats: what a user of SciPy writes."""
    from scipy.integrate import odeint as integrate

    rates, initial, floors = _python_rates(model), _python_initial(model), _floors(model)

    def solve(parameters: Floats, at: Floats, rtol: float) -> Floats:
        solved = [
            integrate(rates, initial(*row), at, args=tuple(row), tfirst=True, rtol=rtol, atol=rtol * floors, mxstep=100_000)
            for row in parameters.tolist()
        ]
        return np.array(solved)

    return solve


def lsoda(model: Model) -> Solver:
    """SciPy's newer interface to LSODA, `solve_ivp`, with the same right-hand side."""
    from scipy.integrate import solve_ivp

    rates, initial, floors = _python_rates(model), _python_initial(model), _floors(model)

    def solve(parameters: Floats, at: Floats, rtol: float) -> Floats:
        solved = []
        for row in parameters.tolist():
            span = (float(at[0]), float(at[-1]))
            found = solve_ivp(rates, span, initial(*row), "LSODA", t_eval=at, args=tuple(row), rtol=rtol, atol=rtol * floors)
            solved.append(found.y.T)
        return np.array(solved)

    return solve


def roadrunner(model: Model) -> Solver:
    """libRoadRunner: the model as Antimony, compiled to machine code by LLVM, solved by CVODE."""
    import antimony
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(antimony_text(model)) < 0:
        raise RuntimeError(antimony.getLastError())
    machine: Any = roadrunner.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
    names, states = list(model.parameter_names), list(model.state_names)
    machine.timeCourseSelections = states
    initial, floors = _python_initial(model), _floors(model)
    ids = list(machine.model.getGlobalParameterIds())
    places = np.array([ids.index(name) for name in [*names, *states] if name in ids], dtype=np.int32)

    def solve(parameters: Floats, at: Floats, rtol: float) -> Floats:
        machine.integrator.setValue("relative_tolerance", rtol)
        for name, floor in zip(states, floors, strict=True):
            machine.integrator.setIndividualTolerance(name, float(rtol * floor))
        machine.integrator.setValue("maximum_num_steps", 100_000)
        solved = []
        for row in parameters:
            machine.reset()
            machine.model.setGlobalParameterValues(places, np.concatenate([row, initial(*row)]))
            try:
                solved.append(np.array(machine.simulate(float(at[0]), float(at[-1]), len(at))))
            except RuntimeError:  # CVODE gave up on this patient
                solved.append(np.full((len(at), len(states)), np.nan))
        return np.array(solved)

    return solve


def diffrax(model: Model) -> Solver:
    """diffrax: Kvaerno5 under `vmap` on the CPU in float64, the whole population in one call."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import diffrax as dx
    import jax.numpy as jnp

    names = [*_symbols(model.state_names), *_symbols(model.parameter_names), TIME]
    expressions = [written_out(state.rate, model.definitions) for state in model.states]
    rates = sp.lambdify(names, expressions, "jax", cse=True)
    initial, floors = _python_initial(model), jnp.array(_floors(model))

    def field(t: Any, y: Any, row: Any) -> Any:
        return jnp.stack([jnp.asarray(rate) for rate in rates(*y, *row, t)])

    def one(row: Any, start: Any, at: Any, rtol: Any) -> Any:
        return dx.diffeqsolve(
            dx.ODETerm(field), dx.Kvaerno5(), at[0], at[-1], None, start, row, saveat=dx.SaveAt(ts=at), max_steps=100_000,
            stepsize_controller=dx.PIDController(rtol=rtol, atol=rtol * floors), throw=False,
        ).ys  # fmt: skip

    many = jax.jit(jax.vmap(one, in_axes=(0, 0, None, None)))

    def solve(parameters: Floats, at: Floats, rtol: float) -> Floats:
        start = jnp.array([initial(*row) for row in parameters])
        return np.asarray(many(jnp.array(parameters), start, jnp.array(at), rtol))

    return solve


PEERS: dict[str, Callable[[Model], Solver]] = {
    "SciPy odeint": odeint,
    "SciPy solve_ivp LSODA": lsoda,
    "libRoadRunner (CVODE)": roadrunner,
    "diffrax Kvaerno5 vmap": diffrax,
}


def antimony_text(model: Model) -> str:
    """The model's rates as Antimony rate rules, without events."""
    lines = ["model benchmark()"]
    lines += [f"  {parameter.name} = {parameter.value!r};" for parameter in model.parameters]
    for state in model.states:
        rate = sp.sstr(written_out(state.rate, model.definitions).subs(TIME, sp.Symbol("time"))).replace("**", "^")
        lines += [f"  {state.name} = 0;", f"  {state.name}' = {rate};"]
    return "\n".join([*lines, "end"])


def _symbols(names: tuple[str, ...]) -> list[sp.Symbol]:
    return [symbol(name) for name in names]


def _floors(model: Model) -> Floats:
    return np.array([state.negligible for state in model.states])


def _python_rates(model: Model) -> Callable[..., Any]:
    arguments = [TIME, _symbols(model.state_names), *_symbols(model.parameter_names)]
    return sp.lambdify(arguments, [written_out(s.rate, model.definitions) for s in model.states], "math", cse=True)


def _python_initial(model: Model) -> Callable[..., Any]:
    initial = [written_out(state.initial, model.definitions) for state in model.states]
    return sp.lambdify(_symbols(model.parameter_names), initial, "math")
