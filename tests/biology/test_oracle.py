"""The oracle against answers known in closed form: switches of time, doses, triggers with delay, extinction."""

import numpy as np
import pytest
from oracle import observables, trajectory

from livingdrug.biology.model import Declaration, Model, Piecewise

AT = np.linspace(0, 10, 41)


def small(build) -> Model:
    """A model of one state x that starts at `x0` and decays at rate `a`, with what `build` adds."""
    m = Declaration("small", "Small", "none")
    a = m.parameter("a", 1.0, "1/day")
    x0 = m.parameter("x0", 100.0, "cells")
    x = m.state("x", "cells", initial=x0)
    build(m, a, x)
    return m.model()


def decay(m, a, x):
    m.rates({x: -a * x})


def test_decay_to_ten_digits():
    found = trajectory(small(decay), AT, a=0.7)[:, 0]
    np.testing.assert_allclose(found, 100 * np.exp(-0.7 * AT), rtol=1e-10)


def test_switch_of_time_is_met_exactly():
    def build(m, a, x):
        m.rates({x: Piecewise((a, m.time < 3.3), (0, m.time < 5), (-2 * a, True))})
        m.observe("late", Piecewise((0, m.time < 5), (1, True)), "1")

    model = small(build)
    found = trajectory(model, AT, x0=0)
    expected = np.minimum(AT, 3.3) - 2 * np.maximum(AT - 5, 0)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(observables(model, AT, found)["late"], AT >= 5)


def test_doses_show_from_their_time_on():
    def build(m, a, x):
        decay(m, a, x)
        m.dose(x, 10)
        m.dose(x, 50, at=2 + a)
        m.dose(x, 50, at=1e9)

    found = trajectory(small(build), AT)[:, 0]
    expected = 110 * np.exp(-AT) + np.where(AT >= 3, 50 * np.exp(-np.maximum(AT - 3, 0)), 0)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(("times", "jumps"), [(1, 1), (2, 2), (99, 4)])
def test_trigger_acts_after_its_delay_and_at_most_so_often(times, jumps):
    # x rises from 0 by 1 a day; half a day after it passes 1.5 it starts again from 0: at days 2, 4, 6, 8.
    def build(m, a, x):
        m.rates({x: a})
        m.when("again", x - 1.5, then={x: 0}, after=0.5, times=times)

    found = trajectory(small(build), np.linspace(0, 9.9, 100), x0=0)[:, 0]
    assert (np.diff(found) < 0).sum() == jumps
    first = np.linspace(0, 9.9, 100) < 2
    np.testing.assert_allclose(found[first], np.linspace(0, 9.9, 100)[first], atol=1e-9)


def test_trigger_that_is_above_zero_from_the_start_waits_for_a_rise():
    def build(m, a, x):
        decay(m, a, x)
        m.dose(x, 1000, at=5)
        m.when("high", x - 50, then={x: 0})

    found = trajectory(small(build), AT)[:, 0]
    np.testing.assert_allclose(found[AT < 5], 100 * np.exp(-AT[AT < 5]), rtol=1e-10)
    assert (found[AT >= 5] == 0).all()


def test_extinction_is_exactly_zero_until_a_dose():
    def build(m, a, x):
        decay(m, a, x)
        m.extinct(x, below=1)
        m.dose(x, 100, at=8)

    found = trajectory(small(build), AT)[:, 0]
    assert (found[(AT > np.log(100)) & (AT < 8)] == 0).all()
    np.testing.assert_allclose(found[AT >= 8], 100 * np.exp(-(AT[AT >= 8] - 8)), rtol=1e-10)
    assert (trajectory(small(build), AT[AT < 8], x0=0.5) == 0).all()


def test_population_that_starts_at_zero_is_left_to_its_rate():
    def build(m, a, x):
        m.rates({x: a})
        m.extinct(x, below=1)

    np.testing.assert_allclose(trajectory(small(build), AT, x0=0)[:, 0], AT, atol=1e-12)
