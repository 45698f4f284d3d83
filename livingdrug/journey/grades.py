"""Grades and responses of one journey, read from what was charted: the scales of `criteria` day by day, and the worst.

A need counts as cytokine release syndrome in a patient who has fever at some time of the chart, as the scales count it once
fever has been treated; what else explains it, a clinician says with `GradeOverridden`. That grade stands beside the computed
one and never replaces it. The worst grades are computed ones, of living patients: a death is told by `Died`. Of the organs
dialysis alone is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import NamedTuple, TypeVar, cast

from livingdrug.criteria import cytopenia, response
from livingdrug.criteria.crs import Oxygen, Vasoactive, astct, lee, penn
from livingdrug.criteria.icans import ICE_FROM_AGE, icans
from livingdrug.journey.events import (
    BaselineDescribed,
    DialysisStarted,
    EligibilityAssessed,
    Event,
    GradeOverridden,
    LymphodepletionFinished,
    NeurologyAssessed,
    ResponseAssessed,
    VitalsCharted,
)
from livingdrug.journey.state import Journey, standing
from livingdrug.therapy.schema import Therapy

__all__ = [
    "Charted",
    "Day",
    "Worst",
    "charted",
    "crs",
    "days_between",
    "few_neutrophils",
    "few_platelets",
    "neurotoxicity",
    "responses",
    "worst",
]

FEVER = 38.0
"""°C, as in all three scales."""
LIFE_THREATENING = 4
"""CTCAE grade of the organ toxicity that dialysis stands for."""
SEVERE = 3
"""CTCAE grade: neutrophils below 1,000 and platelets below 50,000 per µL."""
DAY, ZERO = timedelta(days=1), timedelta()

MOST = 4
"""The highest need of circulation and of oxygen."""

AnEvent = TypeVar("AnEvent", bound=Event)


class Point(NamedTuple):
    """One look at the bedside: days from infusion, °C, and the needs as `criteria.crs` orders them."""

    day: float
    temperature: float
    vasoactive: int
    oxygen: int


@dataclass(frozen=True)
class Charted:
    """What stands in a journey, by kind of event, and from the infusion on its bedside chart in the order of time."""

    events: dict[type[Event], list[Event]]
    infused: datetime | None
    points: list[Point] = field(default_factory=list[Point])

    def all(self, kind: type[AnEvent]) -> list[AnEvent]:
        """Every event of a kind that stands."""
        return cast("list[AnEvent]", self.events.get(kind, []))

    def last(self, kind: type[AnEvent]) -> AnEvent | None:
        """The last one in the record."""
        found = self.all(kind)
        return found[-1] if found else None


class Day(NamedTuple):
    """The grades of one day; `day` 0 is the 24 hours from the infusion on. `overridden` holds what a clinician says instead."""

    day: int
    astct: int
    penn: int
    lee: int
    icans: int | None
    overridden: tuple[GradeOverridden, ...] = ()


class Worst(NamedTuple):
    """The whole course; days from infusion, None where there is nothing. `vasoactive` and `oxygen` are the most of each."""

    onset: float | None
    days: float | None
    temperature: float
    vasoactive: int
    oxygen: int
    severe_onset: float | None
    astct: int
    penn: int
    lee: int


def charted(journey: Journey) -> Charted:
    """Read a journey once; everything else here reads this."""
    events: dict[type[Event], list[Event]] = {}
    for _, event in standing(journey):
        events.setdefault(type(event), []).append(event)
    if journey.infusion is None:
        return Charted(events, None)
    infused = journey.infusion.at
    series = cast("list[VitalsCharted]", events.get(VitalsCharted, []))
    return Charted(events, infused, sorted(point for each in series for point in _points(each, infused)))


def days_between(start: datetime, end: datetime) -> float:
    """Days from one moment to another, as a number."""
    passed = end - start
    if start.tzinfo is end.tzinfo:
        # Python subtracts the clocks of one zone, even across a change to summer time.
        passed += (start.utcoffset() or ZERO) - (end.utcoffset() or ZERO)
    return passed / DAY


def _points(series: VitalsCharted, infused: datetime) -> Iterator[Point]:
    first = days_between(infused, series.at)
    columns = zip(series.hours, series.temperature, series.vasoactive, series.oxygen, strict=False)
    for hour, celsius, vasoactive, oxygen in columns:
        # What the rules would refuse can stand in a log from elsewhere: a need that is none is no need that can be graded.
        if 0 <= vasoactive <= MOST and 0 <= oxygen <= MOST:
            yield Point(first + hour / 24, celsius, vasoactive, oxygen)


# Cytokine release and nerves --------------------------------------------------------------------------------------------


def worst(found: Charted) -> Worst | None:
    """Onset, length and worst grades of cytokine release; None where nothing was charted."""
    if not (points := found.points):
        return None
    temperature = max(point.temperature for point in points)
    onset = next((point.day for point in points if point.temperature >= FEVER), None)
    if onset is None:
        return Worst(None, None, temperature, 0, 0, None, 0, 0, 0)
    vasoactive, oxygen = max(point.vasoactive for point in points), max(point.oxygen for point in points)
    organ = LIFE_THREATENING if found.all(DialysisStarted) else 0
    return Worst(
        onset,
        _length(points, onset),
        temperature,
        vasoactive,
        oxygen,
        _severe_onset(points),
        astct(fever=True, vasoactive=vasoactive, oxygen=oxygen),
        penn(fever=True, vasoactive=vasoactive, oxygen=oxygen, organ=organ),
        lee(fever=True, vasoactive=vasoactive, oxygen=oxygen, organ=organ),
    )


def _length(points: list[Point], onset: float) -> float:
    """From the onset to the end of the last interval with fever or a need; the chart's first interval is taken as its step."""
    last = next(point.day for point in reversed(points) if _signs(point))
    step = points[1].day - points[0].day if len(points) > 1 else 0.0
    return last - onset + step


def _signs(point: Point) -> bool:
    return point.temperature >= FEVER or point.vasoactive > 0 or point.oxygen > 0


def _severe_onset(points: list[Point]) -> float | None:
    severe = (point.day for point in points if point.vasoactive >= Vasoactive.HIGH_DOSE or point.oxygen >= Oxygen.VENTILATOR)
    return next(severe, None)


def crs(journey: Journey) -> tuple[Day, ...]:
    """The grades of every day from infusion on which something was charted, computed and, beside them, overridden."""
    found = charted(journey)
    if found.infused is None:
        return ()
    febrile = any(point.temperature >= FEVER for point in found.points)
    neurology = _by_day(found)
    dialysis = [floor(days_between(found.infused, each.at)) for each in found.all(DialysisStarted)]
    by_day: dict[int, list[Point]] = {day: [] for day in (*neurology, *dialysis)}
    for point in found.points:
        by_day.setdefault(floor(point.day), []).append(point)
    return tuple(
        _day(day, by_day[day], febrile, day in dialysis, neurology.get(day), found.all(GradeOverridden))
        for day in sorted(by_day)
    )


def _day(
    day: int, points: list[Point], febrile: bool, dialysis: bool, icans: int | None, overridden: list[GradeOverridden]
) -> Day:
    fever = any(point.temperature >= FEVER for point in points)
    vasoactive = max((point.vasoactive for point in points if febrile), default=0)
    oxygen = max((point.oxygen for point in points if febrile), default=0)
    organ = LIFE_THREATENING if dialysis and febrile else 0
    return Day(
        day,
        astct(fever=fever, vasoactive=vasoactive, oxygen=oxygen, treated=febrile),
        penn(fever=fever, vasoactive=vasoactive, oxygen=oxygen, organ=organ),
        lee(fever=fever, vasoactive=vasoactive, oxygen=oxygen, organ=organ),
        icans,
        tuple(each for each in overridden if each.day == day),
    )


def neurotoxicity(found: Charted) -> tuple[int | None, float | None]:
    """The worst grade of neurotoxicity and the first day with one, from infusion; None where nobody looked, and for none."""
    if found.infused is None or not found.all(NeurologyAssessed):
        return None, None
    graded = [(days_between(found.infused, each.at), _icans(each, found)) for each in found.all(NeurologyAssessed)]
    grades = [(day, grade) for day, grade in graded if grade is not None]
    return max((grade for _, grade in grades), default=None), min((day for day, grade in grades if grade), default=None)


def _by_day(found: Charted) -> dict[int, int]:
    """The worst neurological grade of each day on which somebody looked."""
    worst: dict[int, int] = {}
    assert found.infused is not None, "days count from the infusion"
    for each in found.all(NeurologyAssessed):
        day = floor(days_between(found.infused, each.at))
        worst[day] = max(worst.get(day, 0), _icans(each, found) or 0)
    return worst


def _icans(event: NeurologyAssessed, found: Charted) -> int | None:
    """The grade of one assessment, None where it cannot be graded; without a known age, the test that was taken says it."""
    age = _age(found)
    if age is None:
        age = float(0 if event.ice is None and event.capd is not None else ICE_FROM_AGE)
    findings = {name: getattr(event, name) for name in ("consciousness", "seizure", "motor", "edema")}
    try:
        return icans(age=age, ice=event.ice, capd=event.capd, **findings)
    except ValueError:
        return None


def _age(found: Charted) -> float | None:
    described = found.last(BaselineDescribed) or found.last(EligibilityAssessed)
    return None if described is None else described.age


# Response ---------------------------------------------------------------------------------------------------------------


def responses(therapy: Therapy, found: Charted) -> list[tuple[ResponseAssessed, response.Assessment]]:
    """Every assessment that can be graded, with its category, in the order of the days that the therapy names."""
    limits = _limits(therapy)
    made = sorted(found.all(ResponseAssessed), key=lambda each: each.assessment)
    graded = ((each, _category(each, found, limits)) for each in made)
    return [(each, category) for each, category in graded if category is not None]


def _limits(therapy: Therapy) -> response.Limits:
    rules = therapy.response
    return response.Limits(
        blasts=rules.remission_burden.value,
        mrd=rules.mrd.value,
        neutrophils=rules.neutrophils.value if rules.neutrophils else 0.0,
        platelets=rules.platelets.value if rules.platelets else 0.0,
        partial_reduction=rules.partial_reduction.value if rules.partial_reduction else None,
    )


def _category(event: ResponseAssessed, found: Charted, limits: response.Limits) -> response.Assessment | None:
    """None for numbers that cannot be true, which the rules refuse and a log from elsewhere may hold."""
    neutrophils, platelets = event.neutrophils or 0.0, event.platelets or 0.0
    if event.counts_recovered is not None:
        # A verdict without numbers: what is just enough for it, or nothing.
        neutrophils, platelets = ((limits.neutrophils + 1, limits.platelets + 1), (0.0, 0.0))[not event.counts_recovered]
    try:
        return response.best(
            blasts=event.burden,
            mrd=event.mrd,
            neutrophils=neutrophils,
            platelets=platelets,
            before=_before(event, found),
            elsewhere=event.extramedullary,
            limits=limits,
        )
    except ValueError:
        return None


def _before(event: ResponseAssessed, found: Charted) -> float:
    """The burden that a partial response is measured against; from an unknown one nothing can shrink."""
    depleted, described = found.last(LymphodepletionFinished), found.last(BaselineDescribed)
    known = (event.before, depleted and depleted.burden, described and described.burden)
    return next((each for each in known if each is not None), 0.0)


def few_neutrophils(event: ResponseAssessed) -> bool | None:
    """Whether neutrophils were below 1,000 per µL at an assessment; None where they were not counted."""
    return None if event.neutrophils is None else cytopenia.neutropenia(event.neutrophils) >= SEVERE


def few_platelets(event: ResponseAssessed) -> bool | None:
    """Whether platelets were below 50,000 per µL at an assessment; None where they were not counted."""
    return None if event.platelets is None else cytopenia.thrombocytopenia(event.platelets) >= SEVERE
