"""Models that need no integration: the Stein 2019 curve and the areas below it, for arrays of times and patients.

All arguments broadcast. Times are days after infusion, levels copies per µg DNA, rates 1/day; a comedication time of
infinity (or 1e9) means that it was not given. The formulas are those of `livingdrug.biology.models.stein_2019`.
"""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["stein_area", "stein_area_forever", "stein_curve", "stein_peak"]


def stein_curve(
    t: ArrayLike,
    Cmax: ArrayLike,
    Tmax: ArrayLike,
    foldx: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    FB: ArrayLike,
    *,
    F_toci: ArrayLike = 1.2,
    F_ster: ArrayLike = 1.0,
    t_toci: ArrayLike = np.inf,
    t_ster: ArrayLike = np.inf,
) -> np.ndarray:
    """f(t): R0·exp(ρ·t) until Tmax, then peak·((1-FB)·exp(-α·d) + FB·exp(-β·d)) with d = t - Tmax."""
    t, Tmax = np.asarray(t, float), np.asarray(Tmax, float)
    comedication = (F_toci, F_ster, t_toci, t_ster)
    rising = stein_peak(Cmax, np.minimum(t, Tmax), foldx, *comedication, Tmax=Tmax)
    d = np.maximum(t - Tmax, 0)
    return rising * ((1 - np.asarray(FB)) * np.exp(-alpha * d) + FB * np.exp(-beta * d))


def stein_peak(
    Cmax: ArrayLike,
    t: ArrayLike,
    foldx: ArrayLike,
    F_toci: ArrayLike = 1.2,
    F_ster: ArrayLike = 1.0,
    t_toci: ArrayLike = np.inf,
    t_ster: ArrayLike = np.inf,
    *,
    Tmax: ArrayLike,
) -> np.ndarray:
    """The level at a time `t` up to Tmax; at Tmax it is Cmax unless a comedication multiplied ρ before."""
    stretched = _stretched(np.asarray(t, float), F_toci, F_ster, t_toci, t_ster)
    return Cmax / np.asarray(foldx, float) * np.exp(np.log(foldx) / Tmax * stretched)


def stein_area(
    t: ArrayLike,
    Cmax: ArrayLike,
    Tmax: ArrayLike,
    foldx: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    FB: ArrayLike,
) -> np.ndarray:
    """AUC(0, t) in copies·day per µg DNA, without comedication."""
    t, Tmax = np.asarray(t, float), np.asarray(Tmax, float)
    rho = np.log(foldx) / Tmax
    rise = Cmax / np.asarray(foldx, float) / rho * np.expm1(rho * np.minimum(t, Tmax))
    d = np.maximum(t - Tmax, 0)
    return rise - Cmax * ((1 - np.asarray(FB)) / alpha * np.expm1(-alpha * d) + FB / beta * np.expm1(-beta * d))


def stein_area_forever(
    Cmax: ArrayLike, Tmax: ArrayLike, foldx: ArrayLike, alpha: ArrayLike, beta: ArrayLike, FB: ArrayLike
) -> np.ndarray:
    """AUC(0, ∞) in copies·day per µg DNA, without comedication."""
    rho = np.log(foldx) / np.asarray(Tmax, float)
    return np.asarray(Cmax) * ((1 - 1 / np.asarray(foldx)) / rho + (1 - np.asarray(FB)) / alpha + FB / np.asarray(beta))


def _stretched(t: np.ndarray, F_toci: ArrayLike, F_ster: ArrayLike, t_toci: ArrayLike, t_ster: ArrayLike) -> np.ndarray:
    """∫₀ᵗ F ds: the time of growth that has passed, where each comedication speeds it up from its first dose."""
    toci, ster = np.asarray(F_toci, float) - 1, np.asarray(F_ster, float) - 1
    after_both = np.maximum(t - np.maximum(t_toci, t_ster), 0)
    return t + toci * np.maximum(t - t_toci, 0) + ster * np.maximum(t - t_ster, 0) + toci * ster * after_both
