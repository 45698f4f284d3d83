"""Measures of the cells in blood: levels, exposure, persistence, and how they go with response, severity and dose."""

from __future__ import annotations

import numpy as np

from livingdrug.analysis.facts import NO_RESPONSE, Facts
from livingdrug.analysis.measures.registry import Array, add, geometric_mean, medians, where

__all__: list[str] = []


medians("kinetics", "copies/ug_DNA", cmax_median=("Highest transgene level in blood, median of infused.", lambda f: f["cmax"]))
medians("kinetics", "days", tmax_median=("Day of the highest transgene level, median of infused.", lambda f: f["tmax"]))
medians(
    "kinetics",
    "days",
    persistence_median=(
        "Last day with transgene above the assay's limit, median of patients in remission; as observed, not estimated.",
        lambda f: where(f["persistence_day"], f["remission"]),
    ),
)


def _ratio(values: Array, one: Array, other: Array) -> float:
    return geometric_mean(values[one]) / geometric_mean(values[other])


def _without_response(f: Facts) -> Array:
    return f["infused"] & (f["response"] == NO_RESPONSE)


def _log_odds_slope(outcome: Array, x: Array) -> float:
    """Slope of a logistic regression of a yes/no outcome on x, by Newton's method; NaN when it has no finite maximum."""
    if not len(x) or outcome.all() or not outcome.any() or x.min() == x.max():
        return np.nan
    centered = x - x.mean()
    a, b = 0.0, 0.0
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(a + b * centered, -30, 30)))
        w, miss = p * (1 - p), outcome - p
        aa, ab, bb = w.sum(), (w * centered).sum(), (w * centered**2).sum()
        determinant = aa * bb - ab**2
        if determinant < 1e-12:
            return np.nan
        by_a, by_b = miss.sum(), (miss * centered).sum()
        da, db = (bb * by_a - ab * by_b) / determinant, (aa * by_b - ab * by_a) / determinant
        a, b = a + da, b + db
        if abs(da) + abs(db) < 1e-9:
            break
    return float(b)


def _dose_toxicity(f: Facts) -> float:
    there = f["infused"] & (f["crs_penn"] >= 0) & (f["dose_per_kg"] > 0)
    return _log_odds_slope((f["crs_penn"][there] >= 3).astype(float), np.log(f["dose_per_kg"][there]))


for _column, _unit, _words in (
    ("cmax", "copies/ug_DNA", "Highest transgene level"),
    ("auc28", "copies/ug_DNA*days", "Transgene exposure from day 0 to 28"),
):
    add(
        "kinetics",
        "geometric mean",
        _unit,
        f"{_column}_responders",
        f"{_words}, geometric mean of patients in remission.",
        lambda f, column=_column: geometric_mean(f[column][f["remission"]]),
    )
    add(
        "kinetics",
        "ratio",
        "1",
        f"{_column}_response_ratio",
        f"{_words}, geometric mean of patients in remission over that of patients assessed without response.",
        lambda f, column=_column: _ratio(f[column], f["remission"], _without_response(f)),
    )
add(
    "kinetics",
    "ratio",
    "1",
    "cmax_severity_ratio",
    "Highest transgene level, geometric mean of patients with Penn grade 3 or 4 over that of patients without CRS.",
    lambda f: _ratio(f["cmax"], f["crs_penn"] >= 3, f["crs_penn"] == 0),
)
add(
    "kinetics",
    "slope",
    "1",
    "dose_toxicity_slope",
    "Change of the log-odds of Penn grade 3 or 4 for each e-fold of dose per kg (logistic regression); 0: no relation.",
    _dose_toxicity,
)
