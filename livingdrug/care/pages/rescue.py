"""Tocilizumab for one patient: dose for the weight, doses given, when the next may be, what is left, and the policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from livingdrug.care.pages import times
from livingdrug.journey.events import SteroidsGiven, TocilizumabGiven, TocilizumabReserved
from livingdrug.journey.grades import Point
from livingdrug.journey.rules.safety import APART
from livingdrug.journey.state import Journey, standing
from livingdrug.therapy.policy import OxygenNeed, Policy, VasoactiveNeed
from livingdrug.therapy.schema import Therapy

__all__ = ["Given", "Rescue", "dose", "rescue", "weight_of"]


@dataclass(frozen=True, slots=True)
class Given:
    """One dose of a drug."""

    drug: str
    mg: float | None
    at: str
    ago: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A policy of the therapy: from which need on it gives tocilizumab, and whether the last chart has reached that."""

    title: str
    says: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Rescue:
    """What the ward asks about tocilizumab. `mg` is None where no weight is known; `next` says from when on."""

    mg: float | None
    how: str
    given: tuple[Given, ...]
    steroids: tuple[Given, ...]
    most: int
    left: int
    next: str
    may: bool
    policies: tuple[Threshold, ...]


def rescue(therapy: Therapy, journey: Journey, now: datetime, zone: ZoneInfo, last: Point | None) -> Rescue:
    """Tocilizumab now, for a journey whose last look was `last`."""
    events = [each for _, each in standing(journey)]
    given = [each for each in events if isinstance(each, TocilizumabGiven)]
    most = round(max(each.doses_maximum.value for each in therapy.toxicity.policies.values()))
    mg, how = dose(therapy, journey)
    free = max((each.at for each in given), default=None)
    may_from = free + APART if free else None
    may = len(given) < most and (may_from is None or may_from <= now)
    return Rescue(
        mg=mg,
        how=how,
        given=tuple(_given("tocilizumab", each.mg, each.at, now, zone) for each in given),
        steroids=tuple(_given(each.drug, each.mg, each.at, now, zone) for each in events if isinstance(each, SteroidsGiven)),
        most=most,
        left=_left(journey),
        next=_next(len(given), most, may_from, now, zone),
        may=may,
        policies=tuple(_threshold(each, last) for each in therapy.toxicity.policies.values()),
    )


def weight_of(journey: Journey) -> float | None:
    """The weight in kg that doses go by: of the infusion, or of eligibility."""
    if journey.infusion is not None:
        return journey.infusion.weight
    return journey.eligibility.weight if journey.eligibility else None


def dose(therapy: Therapy, journey: Journey) -> tuple[float | None, str]:
    """The dose of tocilizumab for the weight, in mg, and how it is computed; None where no weight is known."""
    policy, weight = next(iter(therapy.toxicity.policies.values())), weight_of(journey)
    if weight is None:
        return None, "no weight is known"
    light = weight < policy.weight_limit.value
    each = (policy.dose_light if light else policy.dose_heavy).value
    mg, most = each * weight, policy.dose_maximum_mg.value
    side = "below" if light else "from"
    how = f"{each:g} mg/kg ({side} {policy.weight_limit.value:g} kg) × {weight:g} kg"
    return min(mg, most), f"{how} = {mg:.0f} mg, {most:g} mg at most" if mg > most else how


def _given(drug: str, mg: float | None, at: datetime, now: datetime, zone: ZoneInfo) -> Given:
    return Given(drug, mg, times.shown(at, zone), times.ago(at, now))


def _left(journey: Journey) -> int:
    """Doses reserved for this patient that were not given since they were counted."""
    left = 0
    for _, each in standing(journey):
        if isinstance(each, TocilizumabReserved):
            left = each.doses
        elif isinstance(each, TocilizumabGiven):
            left = max(left - 1, 0)
    return left


def _next(given: int, most: int, may_from: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if given >= most:
        return f"none: {given} of {most} doses were given"
    if may_from is None or may_from <= now:
        return "now"
    return f"{times.ago(may_from, now)}, at {times.shown(may_from, zone)}: 8 hours apart"


VASOACTIVE, OXYGEN = get_args(VasoactiveNeed), get_args(OxygenNeed)


def _threshold(policy: Policy, last: Point | None) -> Threshold:
    needs = ((policy.tocilizumab_vasoactive, VASOACTIVE, "vasoactive"), (policy.tocilizumab_oxygen, OXYGEN, "oxygen"))
    named = [need for need, _, _ in needs if need != "never"]
    reached = last is not None and any(
        need != "never" and getattr(last, name) >= order.index(need) for need, order, name in needs
    )
    return Threshold(policy.title, f"tocilizumab from {' or '.join(named)} on" if named else "no tocilizumab", reached)
