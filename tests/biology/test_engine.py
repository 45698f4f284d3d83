"""The engine against SciPy, closed forms and itself: accuracy, order, events, independence of batches and threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import trajectory, values_of
from scipy.linalg import expm
from sympy import Symbol

from livingdrug.biology.compile import is_cached, kernel
from livingdrug.biology.model import Declaration, Model, Piecewise
from livingdrug.biology.models import load, names
from livingdrug.biology.parameters import columns
from livingdrug.biology.population import draw
from livingdrug.biology.solve import (
    first_above,
    first_below,
    integral,
    last_above,
    maximum,
    solve,
    time_above,
    value,
)
from livingdrug.errors import BadInput, SolveInterrupted
from livingdrug.units import Quantity

METHODS = ("rosenbrock", "tsitouras")


def admissible(model: Model, patients: int, spread: float) -> dict[str, np.ndarray]:
    """A population with the spread asked for, of patients whose parameters the model accepts."""
    drawn = draw(model, 8 * patients, seed=1, spread=spread)
    kept: list[int] = []
    for i in range(8 * patients):
        try:
            columns(model, {name: float(column[i]) for name, column in drawn.items()})
        except BadInput:
            continue
        kept.append(i)
    return {name: column[kept[:patients]] for name, column in drawn.items()}


def scaled_error(model: Model, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """|ours - theirs| / max(|theirs|, negligible) at each time and state."""
    floors = np.array([state.negligible for state in model.states])
    return np.abs(ours - theirs) / np.maximum(np.abs(theirs), floors)


@pytest.mark.parametrize("name", names())
def test_agrees_with_scipy_within_ten_tolerances(name):
    model = load(name)
    rtol, patients = 1e-6, 4
    values = admissible(model, patients, spread=0.5)
    assert len(next(iter(values.values()))) == patients
    days = min(model.days, 120.0)
    at = np.linspace(0, days, 41)
    solution = solve(model, values, days=days, at=at, rtol=rtol)
    assert solution.ok.all()
    for i in range(patients):
        exact = trajectory(model, at, **{key: float(column[i]) for key, column in values.items()})
        assert scaled_error(model, solution.states[i], exact).max() <= 10 * rtol


def linear(matrix: np.ndarray, start: np.ndarray) -> Model:
    """y' = Ay for a fixed shape; the entries are parameters, so that all examples share one kernel."""
    m = Declaration(name="linear", title="y' = Ay", citation="Duhamel")
    n = len(start)
    a = [[m.parameter(f"a{i}{j}", matrix[i][j], "1/day") for j in range(n)] for i in range(n)]
    y0 = [m.parameter(f"b{i}", start[i], "1") for i in range(n)]
    y = [m.state(f"y{i}", "1", initial=y0[i], negligible=1.0, signed=True) for i in range(n)]
    m.rates({y[i]: sum(a[i][j] * y[j] for j in range(n)) for i in range(n)})
    return m.model()


ENTRIES = st.floats(-2, 2, allow_nan=False, width=32)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(ENTRIES, min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(ENTRIES, min_size=3, max_size=3),
)
def test_linear_systems_agree_with_the_matrix_exponential(matrix, start):
    model = linear(np.zeros((3, 3)), np.zeros(3))
    values = {f"a{i}{j}": matrix[i][j] for i in range(3) for j in range(3)} | {f"b{i}": start[i] for i in range(3)}
    at = np.linspace(0, 2, 5)
    exact = np.array([expm(t * np.array(matrix)) @ np.array(start) for t in at])
    for method in METHODS:
        found = solve(model, values, days=2, at=at, rtol=1e-8, method=method).states[0]
        scale = np.maximum(np.abs(exact).max(), 1.0)
        assert np.abs(found - exact).max() <= 1e-5 * 1e-2 * scale


@pytest.mark.parametrize("method", METHODS)
def test_order_is_five(method):
    """Error ∝ steps⁻⁵ (Steinebach 2023; Tsitouras 2011), measured on an orbit of Lotka and Volterra's equations."""
    m = Declaration(name="lotka", title="predator and prey", citation="Lotka 1920", days=20)
    x = m.state("x", "1", initial=1, signed=True, negligible=1)
    y = m.state("y", "1", initial=2, signed=True, negligible=1)
    m.rates({x: x - x * y, y: x * y - y})
    asked = {"at": np.linspace(0, 20, 41), "method": method}
    exact = solve(m.model(), rtol=1e-12, **asked).states
    runs = [solve(m.model(), rtol=rtol, **asked) for rtol in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10)]
    errors = [np.abs(run.states - exact).max() for run in runs]
    order = -np.polyfit(np.log([run.steps[0] for run in runs]), np.log(errors), 1)[0]
    assert 4.7 < order < 6.3


@pytest.mark.parametrize("method", METHODS)
def test_bits_do_not_depend_on_batch_order_or_threads(method):
    model = load("leon-triana-2021")
    values = draw(model, 700, seed=3, spread=0.4)
    asked = {"days": 60, "at": np.arange(0, 61.0), "summaries": [maximum("C"), integral("L", 0, 28)], "method": method}
    whole = solve(model, values, threads=1, **asked)
    assert np.array_equal(whole.states, solve(model, values, threads=2, **asked).states)
    order = np.random.default_rng(0).permutation(700)
    shuffled = solve(model, {name: column[order] for name, column in values.items()}, **asked)
    assert np.array_equal(whole.states[order], shuffled.states)
    assert np.array_equal(whole.totals[order], shuffled.totals)
    for some in (slice(0, 1), slice(5, 12), slice(698, 700)):
        alone = solve(model, {name: column[some] for name, column in values.items()}, **asked)
        assert np.array_equal(whole.states[some], alone.states)
        assert np.array_equal(whole.totals[some], alone.totals)


def decline() -> tuple[Declaration, Symbol]:
    m = Declaration(name="decline", title="decline", citation="closed form")
    a = m.parameter("a", 1.0, "1/day", lowest=0)
    x = m.state("x", "cells", initial=m.parameter("x0", 100.0, "cells"))
    m.rates({x: -a * x})
    return m, x


@pytest.mark.parametrize("method", METHODS)
def test_summaries_agree_with_closed_forms(method):
    """x = 100 e⁻ᵗ with a dose of 50 on day 2: every summary by hand."""
    m, x = decline()
    m.dose(x, 50, at=2)
    m.observe("twice", 2 * x, "cells")
    found = solve(
        m.model(), days=5, rtol=1e-9, method=method,
        summaries=[
            maximum("twice"), integral("x", 0, 1), integral("x", 1, 3), value("x", 2), value("x", 5), first_below("x", 50),
            first_above("x", 60), last_above("x", 50), time_above("x", 50), first_above("x", 1000), value("x", 0),
        ],
    ).summary  # fmt: skip
    e = np.exp
    after = 100 * e(-2) + 50
    expected = {
        "twice.max": 200, "twice.tmax": 0, "x.integral_0_1": 100 * (1 - e(-1)),
        "x.integral_1_3": 100 * (e(-1) - e(-2)) + after * (1 - e(-1)), "x.at_2": after, "x.at_5": after * e(-3),
        "x.first_below_50": np.log(2), "x.first_above_60": 0, "x.last_above_50": 2 + np.log(after / 50),
        "x.time_above_50": np.log(2) + np.log(after / 50), "x.at_0": 100,
    }  # fmt: skip
    for name, number in expected.items():
        assert found[name][0] == pytest.approx(number, rel=1e-7, abs=1e-7), name
    assert np.isnan(found["x.first_above_1000"][0])


def test_maximum_inside_a_step_is_found():
    """Bateman's curve: the peak of a one-compartment model with absorption lies at ln(ka/ke)/(ka - ke)."""
    m = Declaration(name="bateman", title="absorption", citation="Bateman 1910")
    gut = m.state("gut", "mg", initial=1)
    blood = m.state("blood", "mg")
    m.rates({gut: -1.5 * gut, blood: 1.5 * gut - 0.2 * blood})
    found = solve(m.model(), days=30, summaries=[maximum("blood"), time_above("blood", 0.5)], rtol=1e-8)
    peak = np.log(1.5 / 0.2) / 1.3
    assert found.summary["blood.tmax"][0] == pytest.approx(peak, rel=1e-6)
    assert found.summary["blood.max"][0] == pytest.approx(1.5 / 1.3 * (np.exp(-0.2 * peak) - np.exp(-1.5 * peak)), rel=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_extinction_is_exact_zero(method):
    m, x = decline()
    y = m.state("y", "cells", initial=1000)
    m.rates({y: 0.5 * x})
    m.extinct(x, below=1)
    found = solve(m.model(), days=20, at=np.arange(0, 20.5, 0.5), method=method, summaries=[first_below("x", 1)], rtol=1e-8)
    gone = np.log(100)
    assert found.summary["x.first_below_1"][0] == pytest.approx(gone, rel=1e-7)
    assert (found.trajectory("x")[0, found.at > gone] == 0.0).all()
    assert (found.trajectory("x")[0, found.at < gone] >= 1).all()
    assert found.trajectory("y")[0, -1] == pytest.approx(1000 + 0.5 * 99, rel=1e-7)


def test_population_below_its_level_at_the_start_is_extinct_and_one_at_zero_is_left_alone():
    m, x = decline()
    z = m.state("z", "cells", initial=0)
    m.rates({z: 1 + 0.1 * z})
    m.extinct(x, below=1)
    m.extinct(z, below=1)
    found = solve(m.model(), {"x0": [0.5, 0.0]}, days=3, at=[0, 3])
    assert (found.trajectory("x") == 0).all()
    assert found.trajectory("z")[0, -1] == pytest.approx(10 * (np.exp(0.3) - 1), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("times", [1, 3])
def test_trigger_acts_after_its_delay_and_at_most_so_often(method, times):
    """x = t² is set back to 0 half a day after it passes 4: at 2.5, then 5, 7.5 …"""
    m = Declaration(name="sawtooth", title="sawtooth", citation="closed form")
    x = m.state("x", "1")
    age = m.state("age", "day")
    m.rates({x: 2 * age, age: 1})
    m.when("reset", x - 4, then={x: 0, age: 0}, after=0.5, times=times)
    found = solve(m.model(), days=12, at=[2.4, 2.6, 5.1, 7.6, 12], method=method, rtol=1e-9).trajectory("age")[0]
    expected = [2.4, 0.1, 2.6, 5.1, 9.5] if times == 1 else [2.4, 0.1, 0.1, 0.1, 4.5]
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_event_that_comes_and_goes_within_one_step_is_found(method):
    """x = 1 - (t - 5)²/100 is a polynomial that both methods cross in a few large steps; it is above 0.9999 for 0.2 days."""
    m = Declaration(name="hump", title="hump", citation="closed form")
    x = m.state("x", "1", initial=0.75, signed=True)
    hits = m.state("hits", "1")
    m.rates({x: -(m.time - 5) / 50, hits: 0 * x})
    m.when("touch", x - 0.9999, then={hits: hits + 1})
    found = solve(m.model(), days=50, at=[4.8, 4.91, 50], method=method)
    assert found.steps[0] < 25
    assert found.trajectory("hits")[0].tolist() == [0, 1, 1]


@pytest.mark.parametrize("method", METHODS)
def test_switch_of_time_is_met_exactly(method):
    m = Declaration(name="ramp", title="ramp", citation="closed form")
    at = m.parameter("at", 3.7, "day")
    x = m.state("x", "1", initial=1)
    m.rates({x: Piecewise((x, m.time < at), (-2 * x, True))})
    found = solve(m.model(), {"at": [0.0, 3.7, 100.0]}, days=5, at=[3.7, 5], method=method, rtol=1e-10)
    expected = [[np.exp(-7.4), np.exp(-10)], [np.exp(3.7), np.exp(3.7 - 2.6)], [np.exp(3.7), np.exp(5)]]
    assert found.trajectory("x") == pytest.approx(np.array(expected), rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_switch_of_state_is_located(method):
    """x rises at 1 a day to 2, from where it decays to the level it crossed and stays about: a thermostat's first switch."""
    m = Declaration(name="thermostat", title="switch", citation="closed form")
    x = m.state("x", "1", initial=0)
    y = m.state("y", "1", initial=0)
    m.rates({x: 1, y: Piecewise((10, x > 2.123456), (0, True))})
    found = solve(m.model(), days=4, at=[4], method=method, rtol=1e-8).trajectory("y")[0, 0]
    assert found == pytest.approx(10 * (4 - 2.123456), rel=1e-9)


def test_one_bad_patient_is_one_row_with_advice():
    m = Declaration(name="blowup", title="x' = x²", citation="closed form: x = 1/(1/x0 - t)")
    x = m.state("x", "1", initial=m.parameter("x0", 0.1, "1"))
    m.rates({x: x**2})
    found = solve(m.model(), {"x0": [0.1, 0.5, 0.1]}, days=4, at=[4], summaries=[maximum("x")], rtol=1e-8)
    assert found.ok.tolist() == [True, False, True]
    assert found.trajectory("x")[[0, 2], 0] == pytest.approx(1 / 6, rel=1e-6)
    assert np.isnan(found.trajectory("x")[1]).all()
    assert np.isnan(found.summary["x.max"][1])
    assert "step" in found.advice(1) or "infinite" in found.advice(1)


def test_explicit_method_hands_stiff_patients_over():
    m = Declaration(name="relaxing", title="stiff for large k", citation="Prothero & Robinson 1974", days=50)
    k = m.parameter("k", 1.0, "1/day")
    x = m.state("x", "1", initial=0)
    m.rates({x: k * (1 - x)})
    found = solve(m.model(), {"k": [1.0, 1e6]}, days=50, at=[50], step_limit=2000)
    assert found.ok.all()
    assert found.methods == ("tsitouras", "rosenbrock")


def test_tocilizumab_leaves_the_cells_identical_and_raises_il6():
    asked = {"days": 60, "at": np.arange(61.0), "summaries": [maximum("IL6"), maximum("CRP")], "rtol": 1e-9}
    without, given = solve(load("reference"), **asked), solve(load("reference"), {"t_toci": 6.0}, **asked)
    for cells in ("E", "M", "X", "Lp", "B"):
        assert given.trajectory(cells)[0] == pytest.approx(without.trajectory(cells)[0], rel=1e-6)
    assert given.summary["IL6.max"][0] > 2 * without.summary["IL6.max"][0]
    assert given.summary["CRP.max"][0] < without.summary["CRP.max"][0]


def test_reference_model_invariants():
    model = load("reference")
    patients = draw(model, 200, seed=5)
    patients["beta"] = np.minimum(patients["beta"], 0.9 * patients["alpha"])
    found = solve(model, patients, at=np.arange(366.0))
    assert found.ok.all()
    assert (found.states >= 0).all()
    nothing = solve(model, {"dose": 0.0}, at=[0, 30, 365])
    assert (nothing.trajectory("car_t") == 0).all()
    once, twice = (solve(model, {"dose": dose}, summaries=[maximum("transgene")]) for dose in (1.2e8, 2.4e8))
    assert twice.summary["transgene.max"][0] == pytest.approx(once.summary["transgene.max"][0], rel=0.05)


def test_typical_variant_solves_as_its_values():
    model = load("hardiansyah-2019")
    by_name = solve(model, variant="UPN3", days=10, at=[10])
    by_value = solve(model, values_of(model, "UPN3"), days=10, at=[10])
    assert np.array_equal(by_name.states, by_value.states)


def test_bad_requests_are_refused_all_at_once():
    model = load("reference")
    with pytest.raises(BadInput) as refusal:
        solve(model, {"rhoo": 1, "kap": "much"})
    assert "rho" in str(refusal.value)
    assert "kap" in str(refusal.value)
    with pytest.raises(BadInput) as refusal:
        solve(model, {"rho": [1.0, np.nan, 1.0], "L0": [1e11, 1e11, -1.0]})
    assert "parameter rho, patient 1" in str(refusal.value)
    assert "parameter L0, patient 2" in str(refusal.value)
    with pytest.raises(BadInput, match=r"beta .* must be below alpha"):
        solve(model, {"beta": 0.2})
    with pytest.raises(BadInput, match=r"\(patients, \d+\)"):
        solve(model, np.ones((3, 4)))
    with pytest.raises(BadInput, match="different lengths: 2, 3"):
        solve(model, {"rho": [1, 1], "kap": [1, 1, 1]})
    with pytest.raises(BadInput) as refusal:
        solve(model, days=-1, rtol=1, method="euler", at=[2, 1], summaries=[maximum("cars"), integral("E", 5, 3)])
    assert len(refusal.value.complaints) == 6


def test_quantities_are_converted_and_wrong_units_refused():
    model = load("reference")
    weeks, days = ({"tau_r": tau} for tau in (Quantity(3, "week"), 21.0))
    assert np.array_equal(solve(model, weeks, days=9, at=[9]).states, solve(model, days, days=9, at=[9]).states)
    with pytest.raises(BadInput, match=r"parameter tau_r: mg measures .* no factor"):
        solve(model, {"tau_r": Quantity(3, "mg")})


def test_interruption_keeps_nothing():
    model = load("leon-triana-2021")

    def interrupt(done: int, patients: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(SolveInterrupted):
        solve(model, draw(model, 2000, seed=1, spread=0.1), threads=2, progress=interrupt)


def test_progress_counts_every_patient():
    model, seen = load("leon-triana-2021"), []
    solve(model, draw(model, 1000, seed=1, spread=0.1), progress=lambda done, patients: seen.append((done, patients)))
    assert seen[-1] == (1000, 1000)


def test_kernel_is_found_on_disk_by_a_second_process():
    import subprocess
    import sys

    model = load("leon-triana-2021")
    path = kernel(model, "rosenbrock").path
    solve(model, method="rosenbrock")
    assert is_cached(model, "rosenbrock")
    before = sorted(path.parent.rglob(f"{path.stem}*"))
    code = "from livingdrug.biology.models import load; from livingdrug.biology.solve import solve\n"
    code += "solve(load('leon-triana-2021'), method='rosenbrock')"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert sorted(path.parent.rglob(f"{path.stem}*")) == before
