"""How cytokine release syndrome is treated: the least need that calls for a drug, its dose, and what follows."""

from __future__ import annotations

from typing import Literal

from livingdrug.therapy.kinds import Count, Days, Hours, Milligrams, PerWeight, Text, Weight
from livingdrug.therapy.measured import Stated

__all__ = ["OxygenNeed", "Policy", "VasoactiveNeed"]

VasoactiveNeed = Literal["never", "fluids", "low-dose vasopressor", "high-dose vasopressor", "several vasopressors"]
OxygenNeed = Literal["never", "low flow", "high flow", "positive pressure", "ventilator"]


class Policy(Stated):
    """When and how cytokine release syndrome is treated: the least need that calls for a drug, and what follows."""

    title: Text
    """The policy in a line."""
    tocilizumab_vasoactive: VasoactiveNeed
    """The least that hypotension needs when tocilizumab is given for it."""
    tocilizumab_oxygen: OxygenNeed
    """The least that hypoxia needs when tocilizumab is given for it."""
    tocilizumab_fever_days: Days | None = None
    """Fever of this length calls for tocilizumab too; not simulated."""
    delay: Hours
    """From the need to the dose."""
    dose_light: PerWeight
    """Dose of tocilizumab below the weight limit."""
    dose_heavy: PerWeight
    """Dose of tocilizumab from the weight limit on."""
    weight_limit: Weight
    """Where one turns into the other."""
    dose_maximum_mg: Milligrams
    """Highest single dose."""
    doses_maximum: Count
    """Highest number of doses."""
    repeat_after: Hours
    """From a dose to the look that may repeat it."""
    steroid_vasoactive: VasoactiveNeed
    """The least that hypotension needs when steroids are given at once."""
    steroid_oxygen: OxygenNeed
    """The least that hypoxia needs when steroids are given at once."""
    steroid_after: Hours
    """Without improvement for this long after tocilizumab, steroids are added."""
    source: Text
    """Source of the needs."""
    confirmed: bool = True
    """False where the needs are a reading of the source rather than its words."""
