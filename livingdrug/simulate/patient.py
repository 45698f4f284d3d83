"""Step 1, the patient: age, weight, burden, history and the fitness of the T cells, before anything is collected.

Modeled: the joint distribution that the population file states; weight follows age; fitness falls with every line of
therapy and raises growth and killing of the CAR-T cells together. Not modeled: organ function, infections at enrollment,
extramedullary disease, genetics of the tumor, what the earlier lines were.
"""

import numpy as np

from livingdrug.simulate.draws import Columns, Draws, Floats, logistic
from livingdrug.simulate.population import Numbers

__all__ = ["enroll"]

WEIGHT_FOR_AGE = np.array([
    (0, 3.5), (1, 9.8), (2, 12.4), (3, 14.2), (4, 16.2), (5, 18.3), (6, 20.6), (7, 23.0), (8, 25.6), (9, 28.6), (10, 32.2),
    (11, 36.4), (12, 40.9), (13, 45.6), (14, 50.1), (15, 54.2), (16, 57.5), (17, 60.2), (18, 62.4), (20, 65.0), (25, 70.0),
    (40, 77.0), (60, 78.0), (90, 70.0),
])  # fmt: skip
"""Age in years and median weight in kg: CDC growth charts 2000, 50th percentile, mean of both sexes; adults NHANES, rounded."""


def enroll(numbers: Numbers, draws: Draws) -> Columns:
    """The columns known before collection, and the hidden ones of the biology (names with a dot)."""
    age = _between(numbers, "patient.age", draws)
    weight = np.interp(age, *WEIGHT_FOR_AGE.T) * np.exp(numbers["patient.weight_spread"] * draws.normal("patient: weight"))
    lines = _lines(numbers, draws)
    blasts, band = _burden(numbers, draws)
    return {
        "age": age,
        "weight": np.maximum(weight, 3.0),
        "female": draws.happens("patient: sex", numbers["patient.female"]),
        "down_syndrome": draws.happens("patient: Down syndrome", numbers["patient.down_syndrome"]),
        "prior_transplant": draws.happens("patient: prior transplant", numbers["patient.prior_transplant"]),
        "prior_lines": lines,
        "blasts_enrolled": blasts,
        "burden_band": band,
        "antigen_negative_cells": _antigen_negative(numbers, draws, blasts),
        "lymphocytes": draws.lognormal(
            "patient: lymphocytes", numbers["patient.lymphocytes_median"], numbers["patient.lymphocytes_spread"]
        ),
        "fitness": draws.normal("patient: fitness") - numbers["patient.fitness_per_line"] * (lines - 3.0),
        "low_fitness": draws.happens("patient: low fitness", numbers["patient.low_fitness"]),
        "tumor.growth": draws.lognormal(
            "patient: tumor growth", numbers["tumor.growth_median"], numbers["tumor.growth_spread"]
        ),
    }


def _between(numbers: Numbers, name: str, draws: Draws) -> Floats:
    """A logit-normal number between `name`_lowest and _highest with the stated median: bounded, and monotone in its draw."""
    low, high, median = (numbers[f"{name}_{which}"] for which in ("lowest", "highest", "median"))
    share = (median - low) / (high - low)
    center = np.log(share / (1 - share))
    spread = numbers[f"{name}_spread"]
    return low + (high - low) * logistic(center + spread * draws.normal(name.replace(".", ": ")))


def _lines(numbers: Numbers, draws: Draws) -> Floats:
    """One line and a Poisson number more, at most eight in all."""
    mean = numbers["patient.prior_lines_mean"] - 1.0
    more = np.arange(7)
    weights = np.cumsum(np.exp(-mean) * mean**more / np.array([1, 1, 2, 6, 24, 120, 720]))
    return 1.0 + np.searchsorted(weights, draws.uniform("patient: prior lines")).clip(0, 7).astype(np.float64)


def _burden(numbers: Numbers, draws: Draws) -> tuple[Floats, Floats]:
    """Blast fraction and its band. A higher draw is a higher burden, so that a shift of the shares moves patients least.

    Within the two low bands and 5-50 % the logarithm is uniform; above 50 % marrows are packed: the distance from 0.5 is a
    power below 1 of a uniform number.
    """
    edges = [numbers["patient.blasts_lowest"], 1e-4, 0.05, 0.5, 0.99]
    shares = np.array([numbers[f"patient.burden_{band}"] for band in ("undetectable", "below_5", "5_to_50", "above_50")])
    upto = np.concatenate([[0.0], np.cumsum(shares / shares.sum())])
    u = draws.uniform("patient: burden")
    band = np.searchsorted(upto[1:-1], u, side="right")
    within = (u - upto[band]) / np.maximum(upto[band + 1] - upto[band], 1e-12)
    low, high = np.log(np.array(edges[:-1]))[band], np.log(np.array(edges[1:]))[band]
    packed = 0.5 + 0.49 * within ** numbers["patient.burden_packed"]
    return np.where(band == 3, packed, np.exp(low + (high - low) * within)), band.astype(np.float64)


def _antigen_negative(numbers: Numbers, draws: Draws, blasts: Floats) -> Floats:
    """Cells without the antigen: more cells have had more chances to lose it, so a clone is there with a Poisson probability.

    The stated share is that at 50 % blasts; the size is log-uniform, within a thousandth of the tumor.
    """
    share = -np.expm1(np.log1p(-numbers["tumor.negative_share"]) * blasts / 0.5)
    present = draws.happens("patient: antigen-negative clone", share)
    size = 10.0 ** (numbers["tumor.negative_decades"] * draws.uniform("patient: size of the antigen-negative clone"))
    return np.where(present, np.minimum(size, blasts * numbers["tumor.capacity"] * 1e-3), 0.0)
