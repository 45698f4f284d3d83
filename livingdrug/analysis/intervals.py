"""Intervals: exact ones from counts and samples, and derived ones for published numbers that came without any.

A derived interval says how it was made, takes only published numbers, and is never narrower than the reporting of the
number allows. All are two-sided 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrik, betaincinv, ndtri

from livingdrug.analysis.facts import Facts, facts
from livingdrug.analysis.measures.registry import Measure
from livingdrug.analysis.survival import survival_interval

__all__ = ["DERIVATIONS", "exact_interval", "measure_interval", "median_interval"]

Z = float(ndtri(0.975))


def exact_interval(events: float, n: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share, Biometrika 1934;26:404; `events` need not be whole."""
    low = float(betaincinv(events, n - events + 1, 0.025)) if events > 0 else 0.0
    high = float(betaincinv(events + 1, n - events, 0.975)) if events < n else 1.0
    return low, high


def median_interval(values: ArrayLike) -> tuple[float, float]:
    """Distribution-free interval of a median from two order statistics, at least 95 %; NaN below 6 values."""
    ordered = np.sort(np.asarray(values, float))
    ordered = ordered[~np.isnan(ordered)]
    n = len(ordered)
    if n < 6:
        return math.nan, math.nan
    k = _binomial_quantile(0.025, n)
    return float(ordered[k - 1]), float(ordered[n - k])


def _binomial_quantile(probability: float, n: int) -> int:
    """The smallest k that at most so many of `n` fair coins show with that probability; scipy.stats takes 0.3 s to import."""
    k = math.ceil(bdtrik(probability, n, 0.5))
    return k - 1 if k > 0 and bdtr(k - 1, n, 0.5) >= probability else k


def measure_interval(measure: Measure, cohort: pl.DataFrame | Facts) -> tuple[float, float]:
    """What a cohort's size lets one say: exact for shares and medians, log-log Greenwood for survival, NaN for the rest."""
    f = facts(cohort)
    if measure.counts:
        events, n = measure.counts(f)
        return exact_interval(events, n) if n else (math.nan, math.nan)
    if measure.sample:
        return median_interval(measure.sample(f))
    return survival_interval(f, *measure.survival) if measure.survival else (math.nan, math.nan)


# Derived --------------------------------------------------------------------------------------------------------------


def _log_sd(lowest: float, highest: float, n: int) -> float:
    """Standard deviation of the logarithm from a range: n normals are expected to span twice Blom's largest score."""
    return math.log(highest / lowest) / (2 * float(ndtri((n - 0.375) / (n + 0.25))))


def median_of_log_normal(value: float, n: int, lowest: float, highest: float, resolution: float) -> tuple[float, float, str]:
    """A median published with its range: its standard error on the logarithm is 1.2533 sd/sqrt(n), widened by rounding."""
    factor = math.exp(Z * math.sqrt(math.pi / 2) * _log_sd(lowest, highest, n) / math.sqrt(n))
    says = f"spread from the range {lowest:g} to {highest:g} of {n} patients (log-normal), rounded to {resolution:g}"
    return (value - resolution / 2) / factor, (value + resolution / 2) * factor, says


def binomial_of_effective_size(value: float, n: int, size: int, why: str) -> tuple[float, float, str]:
    """A survival probability published bare: exact interval of so many patients as its neighbors' intervals are worth."""
    return *exact_interval(value * size, size), f"exact for {size} of {n} patients, {why}"


def _log_variance(gcv: float) -> float:
    return math.log1p(gcv**2)


def ratio_of_geometric_means(value: float, n: int, sizes: list[int], gcv: list[float]) -> tuple[float, float, str]:
    """From the patients in each group and the geometric coefficients of variation, normal on the logarithm."""
    se = math.sqrt(sum(_log_variance(cv) / size for cv, size in zip(gcv, sizes, strict=True)))
    says = f"{sizes[0]} and {sizes[1]} patients with geometric variation {gcv[0]:.0%} and {gcv[1]:.0%}".replace("%", " %")
    return value * math.exp(-Z * se), value * math.exp(Z * se), says


def geometric_mean(value: float, n: int, gcv: float) -> tuple[float, float, str]:
    """From the number of patients and the geometric coefficient of variation, normal on the logarithm."""
    se = math.sqrt(_log_variance(gcv) / n)
    return value * math.exp(-Z * se), value * math.exp(Z * se), f"{n} patients with geometric variation {100 * gcv:.0f} %"


def slope_of_logistic_regression(value: float, n: int, share: float, lowest: float, highest: float) -> tuple[float, float, str]:
    """Standard error of a slope at a flat relation: 1/sqrt(n p (1 - p)) over the spread of the logarithm of the covariate."""
    se = 1 / (math.sqrt(n * share * (1 - share)) * _log_sd(lowest, highest, n))
    return value - Z * se, value + Z * se, f"what {n} patients with doses from {lowest:g} to {highest:g} can tell"


def share_of_a_price(value: float, n: int, events: int, price: float) -> tuple[float, float, str]:
    """What is paid per patient when a share of patients is paid for: the exact interval of the share, times the price."""
    low, high = exact_interval(events, n)
    return price * low, price * high, f"{events} of {n} patients pay {price:,.0f}"


DERIVATIONS: dict[str, Callable[..., tuple[float, float, str]]] = {
    "median of a log-normal": median_of_log_normal,
    "binomial of an effective size": binomial_of_effective_size,
    "ratio of geometric means": ratio_of_geometric_means,
    "geometric mean": geometric_mean,
    "slope of a logistic regression": slope_of_logistic_regression,
    "share of a price": share_of_a_price,
}
