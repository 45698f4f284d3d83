"""Models that need no integration: the Stein 2019 curve and the areas below it, for arrays of times and patients.

All arguments broadcast. Times are days after infusion, levels copies per µg DNA, rates 1/day; a comedication time of
infinity (or 1e9) means that it was not given. The formulas are those of `livingdrug.biology.models.stein_2019`.
"""

import numpy as np

Values = float | np.ndarray

__all__ = ["stein_area", "stein_area_forever", "stein_curve"]


def stein_curve(
    t: Values,
    Cmax: Values,
    Tmax: Values,
    foldx: Values,
    alpha: Values,
    beta: Values,
    FB: Values,
    *,
    F_toci: Values = 1.2,
    F_ster: Values = 1.0,
    t_toci: Values = np.inf,
    t_ster: Values = np.inf,
) -> np.ndarray:
    """f(t): R0·exp(ρ·t) until Tmax, then that level times (1-FB)·exp(-α·d) + FB·exp(-β·d) with d = t - Tmax.

    A comedication multiplies ρ from its first dose, so that the level at Tmax is then no longer Cmax.
    """
    t, Tmax, foldx = np.asarray(t, float), np.asarray(Tmax, float), np.asarray(foldx, float)
    growth = np.log(foldx) / Tmax * _stretched(np.minimum(t, Tmax), F_toci, F_ster, t_toci, t_ster)
    d = np.maximum(t - Tmax, 0)
    return Cmax / foldx * np.exp(growth) * ((1 - np.asarray(FB)) * np.exp(-alpha * d) + FB * np.exp(-beta * d))


def stein_area(
    t: Values,
    Cmax: Values,
    Tmax: Values,
    foldx: Values,
    alpha: Values,
    beta: Values,
    FB: Values,
) -> np.ndarray:
    """AUC(0, t) in copies·day per µg DNA, without comedication."""
    t, Tmax = np.asarray(t, float), np.asarray(Tmax, float)
    rho = np.log(foldx) / Tmax
    rise = Cmax / np.asarray(foldx, float) / rho * np.expm1(rho * np.minimum(t, Tmax))
    d = np.maximum(t - Tmax, 0)
    return rise - Cmax * ((1 - np.asarray(FB)) / alpha * np.expm1(-alpha * d) + FB / beta * np.expm1(-beta * d))


def stein_area_forever(Cmax: Values, Tmax: Values, foldx: Values, alpha: Values, beta: Values, FB: Values) -> np.ndarray:
    """AUC(0, ∞) in copies·day per µg DNA, without comedication."""
    rho = np.log(foldx) / np.asarray(Tmax, float)
    return np.asarray(Cmax) * ((1 - 1 / np.asarray(foldx)) / rho + (1 - np.asarray(FB)) / alpha + FB / np.asarray(beta))


def _stretched(t: np.ndarray, F_toci: Values, F_ster: Values, t_toci: Values, t_ster: Values) -> np.ndarray:
    """∫₀ᵗ F ds: the time of growth that has passed, where each comedication speeds it up from its first dose."""
    toci, ster = np.asarray(F_toci, float) - 1, np.asarray(F_ster, float) - 1
    after_both = np.maximum(t - np.maximum(t_toci, t_ster), 0)
    return t + toci * np.maximum(t - t_toci, 0) + ster * np.maximum(t - t_ster, 0) + toci * ster * after_both
