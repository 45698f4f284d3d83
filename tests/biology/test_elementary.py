"""The kernels' own exp, log and power against extended precision, and their edges."""

import math

import numba as nb
import numpy as np
import pytest

from livingdrug.biology import elementary


@nb.njit(error_model="numpy", fastmath=elementary.FUSED)
def exp_each(x, out):
    for i in range(x.size):
        out[i] = elementary.exp(x[i])


@nb.njit(error_model="numpy", fastmath=elementary.FUSED)
def log_each(x, out):
    for i in range(x.size):
        out[i] = elementary.log(x[i])


@nb.njit(error_model="numpy", fastmath=elementary.FUSED)
def power_each(x, p, out):
    for i in range(x.size):
        out[i] = elementary.power(x[i], p)


def of(function, x, *more):
    x, out = np.asarray(x, dtype=float), np.empty(len(x))
    function(x, *more, out)
    return out


def ulps(found, x, exact):
    """The largest error in units of the last place; the exact value comes from 80-bit arithmetic."""
    true = exact(x.astype(np.longdouble))
    return float(np.max(np.abs(found - true) / np.spacing(np.abs(true).astype(float))))


DRAWS = np.random.default_rng(0).uniform(size=200_000)


def test_exp_is_within_an_ulp():
    x = 1400 * DRAWS - 700
    assert ulps(of(exp_each, x), x, np.exp) <= 1


@pytest.mark.parametrize("x", [np.exp(1400 * DRAWS - 700), 0.5 + DRAWS])
def test_log_is_within_an_ulp(x):
    assert ulps(of(log_each, x), x, np.log) <= 1


@pytest.mark.parametrize("p", [0.5, 2.37, -1.4])
def test_power_is_within_2e_14(p):
    x = np.exp(60 * DRAWS - 30)
    exact = x.astype(np.longdouble) ** np.longdouble(p)
    assert float(np.max(np.abs(of(power_each, x, p) / exact - 1))) < 2e-14


def test_edges():
    assert of(exp_each, [0, -800, 800, math.inf, -math.inf]).tolist() == [1, 0, math.inf, math.inf, 0]
    assert of(log_each, [1, 0, math.inf]).tolist() == [0, -math.inf, math.inf]
    assert np.isnan(of(log_each, [-1, math.nan])).all()
    assert np.isnan(of(exp_each, [math.nan])).all()
    assert of(power_each, [0, -1, 4], 0.5).tolist() == [0, 0, 2]


def test_every_lane_has_the_same_bits():
    for function in (exp_each, log_each):
        for x in (0.1234, 3.7, 512.25):
            assert len(set(of(function, [x] * 19).tolist())) == 1


def test_loop_is_vectorized():
    of(exp_each, [1.0])
    assembly = next(iter(exp_each.inspect_asm().values()))
    assert "vmulpd" in assembly or "mulpd" in assembly
