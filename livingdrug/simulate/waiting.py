"""Step 4, waiting: bridging, tumor that grows or shrinks, loss of patients, lymphodepletion and the dose that is given.

Modeled: logistic growth of the tumor at a net rate that bridging lowers; a hazard of death or withdrawal that rises with the
burden; the fludarabine exposure; a kill of tumor by lymphodepletion. Not modeled: infections by name, choice of bridging drugs,
transfusions, distance from the center. The time to infusion is not lengthened by anything that happens to the patient.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Therapy

__all__ = ["infusion_day", "rest", "wait"]

BISECTIONS = 40


def infusion_day(numbers: Numbers, therapy: Therapy, draws: Draws, released: Floats) -> Floats:
    """Days from enrollment to infusion: release, the center gets ready, lymphodepletion, rest inside the label's window."""
    ready = draws.lognormal("waiting: getting ready", numbers["waiting.ready_median"], numbers["waiting.ready_spread"])
    return released + ready + therapy.lymphodepletion.days + rest(numbers, therapy, draws)


def rest(numbers: Numbers, therapy: Therapy, draws: Draws) -> Floats:
    """Days from the end of lymphodepletion to infusion."""
    low, high = therapy.lymphodepletion.window_minimum.value, therapy.lymphodepletion.window_maximum.value
    return low + (high - low) * draws.uniform("waiting: rest") ** numbers["waiting.rest_power"]


def wait(numbers: Numbers, draws: Draws, patient: Columns, until: Floats) -> Columns:
    """What happens from enrollment to the planned infusion day `until` (NaN: no product came, the patient waits no longer)."""
    bridged = draws.happens("waiting: bridging", numbers["waiting.bridging_share"])
    slowed = numbers["waiting.bridging_kill"] * np.exp(
        numbers["waiting.bridging_spread"] * draws.normal("waiting: bridging effect")
    )
    net = patient["tumor.growth"] - np.where(bridged, slowed, 0.0)
    net = np.where(np.abs(net) < 1e-6, 1e-6, net)
    full = patient["tumor.growth"]
    threshold = -np.log(draws.uniform("waiting: loss"))
    risk = _Risk(numbers["waiting.hazard"], numbers["waiting.hazard_burden"], patient["blasts_enrolled"], net, full)
    planned = np.nan_to_num(until, nan=0.0)
    lost = _hazard(risk, planned) > threshold
    left = np.full(len(planned), np.nan)
    left[lost] = _reached(risk, lost, threshold[lost], planned[lost])
    died = draws.happens("waiting: death rather than withdrawal", numbers["waiting.death_share"])
    exposure = draws.lognormal(
        "waiting: fludarabine exposure",
        numbers["lymphodepletion.fludarabine_auc_median"],
        numbers["lymphodepletion.fludarabine_auc_spread"],
    )
    return {
        "bridging": bridged,
        "lost": lost,
        "left_day": left,
        "died": died,
        "blasts_infused": _burden(patient["blasts_enrolled"], net, full, planned),
        "fludarabine_auc": exposure,
    }


class _Risk(NamedTuple):
    """A hazard `base` + `slope` × burden, per day, while the burden grows logistically at `net`, or `full` without bridging."""

    base: float
    slope: float
    burden: Floats
    net: Floats
    full: Floats


def _hazard(risk: _Risk, day: Floats) -> Floats:
    """The hazard summed up to `day`: ∫ burden = ln(1 + burden × full/net × (e^(net t) - 1)) / full."""
    grown = 1.0 + risk.burden * risk.full / risk.net * np.expm1(risk.net * day)
    return risk.base * day + risk.slope * np.log(grown) / risk.full


def _reached(risk: _Risk, which: NDArray[np.bool_], threshold: Floats, until: Floats) -> Floats:
    """The day before `until` on which the sum reaches `threshold`, by bisection, for those patients who are `which`."""
    some = risk._replace(burden=risk.burden[which], net=risk.net[which], full=risk.full[which])
    low, high = np.zeros_like(threshold), until
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        over = _hazard(some, middle) > threshold
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return high


def _burden(burden: Floats, net: Floats, full: Floats, day: Floats) -> Floats:
    """The solution of b' = net b - full b²."""
    grown = np.exp(net * day)
    return burden * grown / (1.0 + burden * full / net * (grown - 1.0))
