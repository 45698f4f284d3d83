"""What a product must show: the release specification where and for whom it holds, and the dose for a body weight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from livingdrug.errors import BadInput
from livingdrug.journey.state import Journey, Product, Result
from livingdrug.therapy.release import Specification
from livingdrug.therapy.schema import Therapy
from livingdrug.units import factor

__all__ = ["Limits", "dose_range", "latest", "limits_of", "missed", "same_unit", "untested"]

DOSE = "dose"
"""The release test whose limits follow the patient's weight."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test must show; `lowest_exceptional` is how far below the minimum a product may still be given."""

    test: str
    unit: str
    minimum: float | None
    maximum: float | None
    lowest_exceptional: float | None

    def inside(self, value: float) -> bool:
        """Whether a result meets the specification."""
        return not self._below(value) and not self._above(value)

    def may_be_given(self, value: float) -> bool:
        """Whether a result may be given: inside, or below by no more than the therapy tolerates."""
        lowest = self.lowest_exceptional
        return self.inside(value) or (lowest is not None and value >= lowest and not self._above(value))

    def _below(self, value: float) -> bool:
        return self.minimum is not None and value < self.minimum

    def _above(self, value: float) -> bool:
        return self.maximum is not None and value > self.maximum


def limits_of(therapy: Therapy, jurisdiction: str, journey: Journey) -> dict[str, Limits]:
    """The limits of every release test that hold in a jurisdiction, for the patient's weight."""
    weight = journey.eligibility.weight if journey.eligibility else None
    return {each.test: _limits(therapy, each, jurisdiction, weight) for each in therapy.release}


def _limits(therapy: Therapy, each: Specification, jurisdiction: str, weight: float | None) -> Limits:
    for other in each.elsewhere:
        if other.jurisdiction == jurisdiction:
            return Limits(each.test, each.unit, other.minimum, other.maximum, each.out_of_specification)
    if each.test == DOSE and weight is not None and same_unit(each.unit, "cells/kg"):
        low, high = dose_range(therapy, weight)
        return Limits(DOSE, each.unit, low / weight, high / weight, None)
    return Limits(each.test, each.unit, each.minimum, each.maximum, each.out_of_specification)


def dose_range(therapy: Therapy, weight: float) -> tuple[float, float]:
    """The label's lowest and highest dose for a body weight in kg, in cells: per weight up to the limit, flat above it."""
    dose = therapy.dose
    low, high = dose.per_weight_minimum, dose.per_weight_maximum
    flat = dose.flat_minimum is not None
    heavy = flat and dose.weight_limit is not None and weight > dose.weight_limit.value
    if low is not None and high is not None and not heavy:
        return low.value * weight, high.value * weight
    assert dose.flat_minimum is not None, "a dose has one range at least, as the schema checks"
    assert dose.flat_maximum is not None, "a range has both ends, as the schema checks"
    return dose.flat_minimum.value, dose.flat_maximum.value


def latest(product: Product) -> dict[str, Result]:
    """The result that counts of each test: the last one that was not invalidated."""
    return {each.test: each for each in product.results if each.valid}


def missed(therapy: Therapy, jurisdiction: str, journey: Journey, product: Product) -> tuple[str, ...]:
    """The tests whose results are outside their limits."""
    found, limits = latest(product), limits_of(therapy, jurisdiction, journey)
    return tuple(test for test, each in limits.items() if test in found and not each.inside(found[test].value))


def untested(therapy: Therapy, product: Product) -> tuple[str, ...]:
    """The tests of the specification without a result that counts."""
    found = latest(product)
    return tuple(each.test for each in therapy.release if each.test not in found)


@cache
def same_unit(a: str, b: str) -> bool:
    """Whether two spellings are one unit."""
    try:
        return factor(a, b) == 1
    except BadInput:
        return False
