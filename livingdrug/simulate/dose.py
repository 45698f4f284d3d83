"""The dose: formulated around the middle of the intended range, never more than was made or than the label allows."""

import numpy as np

from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Dose, Measured, Therapy

__all__ = ["infused_dose"]


def infused_dose(numbers: Numbers, therapy: Therapy, draws: Draws, patient: Columns) -> Columns:
    """Cells infused, and per body weight: log-normal around the geometric mean of the intended range, held in the label's."""
    weight = patient["weight"]
    low, high, intended = _range(therapy.dose, weight)
    wanted = draws.lognormal("dose: formulation", intended, numbers["dose.spread"])
    given = np.minimum(np.clip(wanted, low, high), np.maximum(patient["product_cells"], low))
    return {"dose": given, "dose_per_kg": given / weight}


def _range(rules: Dose, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Lowest, highest and intended dose in cells for each body weight, by the label's rule."""
    flat = _band(rules.flat_minimum, rules.flat_maximum, rules.target_flat_minimum, rules.target_flat_maximum)
    per_weight = _band(
        rules.per_weight_minimum, rules.per_weight_maximum, rules.target_per_weight_minimum, rules.target_per_weight_maximum
    )
    if per_weight is None:
        assert flat, "a dose rule states a flat range or one per weight"
        low, high, intended = (np.full(len(weight), each) for each in flat)
        return low, high, intended
    by_weight = [each * weight for each in per_weight]
    if flat is None:
        return by_weight[0], by_weight[1], by_weight[2]
    light = weight <= (rules.weight_limit.value if rules.weight_limit else np.inf)
    low, high, intended = (np.where(light, each, other) for each, other in zip(by_weight, flat, strict=True))
    return low, high, intended


def _band(
    low: Measured | None, high: Measured | None, aim: Measured | None, aim_high: Measured | None
) -> tuple[float, float, float] | None:
    """Lowest, highest and intended dose; the intended one is the geometric middle of its range, else of the label's."""
    if low is None or high is None:
        return None
    first, last = (aim.value, aim_high.value) if aim and aim_high else (low.value, high.value)
    return low.value, high.value, (first * last) ** 0.5
