"""SAF: what is charted and given at the bedside can be true, and rescue drugs keep to their limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from livingdrug.criteria.crs import Oxygen, Vasoactive
from livingdrug.criteria.icans import CAPD_MOST, ICE_FROM_AGE, ICE_MOST, Consciousness, Edema, Motor, Seizure
from livingdrug.journey import events as e
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Journey

COURSE = (
    e.VitalsCharted, e.NeurologyAssessed, e.TocilizumabGiven, e.SteroidsGiven, e.DialysisStarted, e.IntensiveCareEntered,
    e.IntensiveCareLeft, e.GradeOverridden, e.ExposureReported, e.BCellsRecovered, e.ResponseAssessed, e.Relapsed,
)  # fmt: skip
PLAUSIBLE = "Bounds of what a living patient can show: a value beyond is a unit or a typing error"
TOCILIZUMAB = (
    "The therapy's label: tocilizumab 12 mg/kg below 30 kg, 8 mg/kg from 30 kg, 800 mg at most, 8 hours apart, 4 doses"
)
APART = timedelta(hours=8)
MARGIN = 0.1
"""Vials and pumps round a dose by up to a tenth."""


@rule(
    "SAF-001",
    on=COURSE,
    why="The course counts from the infusion; a chart without one belongs to another patient.",
    source="21 CFR 11.10(f)",
    example="Vitals of the neighbor's CRS are charted on a patient who waits for his cells.",
)
def the_course_follows_the_infusion(act: Act[Any]) -> str | None:
    """What belongs to the course comes after the infusion."""
    infusion = act.journey.infusion
    if infusion is None:
        return "the patient has not been infused; check the patient"
    if act.event.at < infusion.at:
        return f"it is dated before the infusion at {words.clock(infusion.at)}; check the date"
    return None


@rule(
    "SAF-002",
    on=(e.VitalsCharted,),
    why="101 is a fever in Fahrenheit and impossible in Celsius; a grade from it would be nonsense.",
    source=PLAUSIBLE,
    example="A temperature of 101.3 is charted.",
)
def vitals_can_be_true(act: Act[e.VitalsCharted]) -> str | None:
    """Vitals are series of equal length, in °C, mmHg and %, in order of time."""
    event = act.event
    if says := _uneven(event):
        return says
    ranges = ((event.temperature, 25, 45, "°C"), (event.systolic, 20, 300, "mmHg"), (event.saturation, 20, 100, "%"))
    for values, low, high, unit in ranges:
        odd = [each for each in values if not low <= each <= high]
        if odd:
            return f"{odd[0]:g} {unit} cannot be; chart values from {low} to {high} {unit}"
    if any(each not in set(Vasoactive) for each in event.vasoactive) or any(each not in set(Oxygen) for each in event.oxygen):
        return "a need is not one of the levels 0 to 4; chart the level"
    return None


def _uneven(event: e.VitalsCharted) -> str | None:
    length = len(event.hours)
    series: tuple[Sequence[float], ...] = (event.temperature, event.vasoactive, event.oxygen)
    optional: tuple[Sequence[float], ...] = (event.systolic, event.saturation)
    if not length:
        return "it holds no measurement; chart one at least"
    if any(len(each) != length for each in series) or any(len(each) not in (0, length) for each in optional):
        return f"the series are not equally long ({length} hours); chart each value at each hour"
    if any(later <= earlier for earlier, later in zip(event.hours, event.hours[1:], strict=False)) or event.hours[0] < 0:
        return "the hours do not ascend from 0; sort them"
    return None


@rule(
    "SAF-003",
    on=(e.NeurologyAssessed,),
    why="Adults count back from a hundred, small children do not; the wrong test gives the wrong grade.",
    source="Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638 (ICE from 12 years on, CAPD below)",
    example="An ICE score for a child of five.",
)
def the_neurological_test_fits_the_age(act: Act[e.NeurologyAssessed]) -> str | None:
    """The test fits the age, its score is in range, and is absent only in a patient who cannot be aroused."""
    event, facts = act.event, act.journey.eligibility
    for value, levels, name in (
        (event.consciousness, Consciousness, "consciousness"),
        (event.seizure, Seizure, "seizure"),
        (event.motor, Motor, "motor"),
        (event.edema, Edema, "edema"),
    ):
        if value not in set(levels):
            return f"{name} is {value}; write one of {', '.join(f'{each.value} ({each.name.lower()})' for each in levels)}"
    for value, most, name in ((event.ice, ICE_MOST, "ICE"), (event.capd, CAPD_MOST, "CAPD")):
        if value is not None and not 0 <= value <= most:
            return f"{name} is {value}; it goes from 0 to {most}"
    score, name = (event.capd, "CAPD") if facts and facts.age < ICE_FROM_AGE else (event.ice, "ICE")
    if score is None and event.consciousness != Consciousness.UNAROUSABLE:
        return f"there is no {name}; assess it, or chart that the patient cannot be aroused"
    return None


@rule(
    "SAF-004",
    on=(e.TocilizumabGiven,),
    waivers=("physician",),
    why="Overdose adds infection and liver injury; a dose too small leaves the storm.",
    source=TOCILIZUMAB,
    example="800 mg for a child of 20 kg.",
)
def tocilizumab_keeps_to_its_dose(act: Act[e.TocilizumabGiven]) -> str | None:
    """Tocilizumab is dosed by weight, at most 800 mg."""
    facts = act.journey.eligibility
    weight = act.journey.infusion.weight if act.journey.infusion else facts.weight if facts else None
    if weight is None:
        return "no weight is known; assess eligibility or infuse first"
    policy = next(iter(act.therapy.toxicity.policies.values()))
    light = weight < policy.weight_limit.value
    right = min((policy.dose_light if light else policy.dose_heavy).value * weight, policy.dose_maximum_mg.value)
    if abs(act.event.mg - right) > MARGIN * right:
        return f"{act.event.mg:g} mg at {weight:g} kg, and the dose is {right:.0f} mg; check dose and weight"
    return None


@rule(
    "SAF-005",
    on=(e.TocilizumabGiven,),
    early=True,
    waivers=("physician",),
    why="More doses, or closer ones, have not been shown to help; something else is needed.",
    source=TOCILIZUMAB,
    example="A fifth dose, or a second one three hours after the first.",
)
def tocilizumab_keeps_to_its_interval(act: Act[e.TocilizumabGiven]) -> str | None:
    """Doses of tocilizumab are eight hours apart, and four at most."""
    given, policies = act.journey.tocilizumab_given, act.therapy.toxicity.policies.values()
    most = max(policy.doses_maximum.value for policy in policies)
    if len(given) >= most:
        return f"{len(given)} doses were given, and the limit is {most:g}; consider other treatment"
    close = [each for each in given if abs(act.event.at - each) < APART]
    if close:
        return f"a dose was given at {words.clock(close[0])}; wait until 8 hours have passed"
    return None


@rule(
    "SAF-006",
    on=(e.IntensiveCareEntered, e.IntensiveCareLeft),
    early=True,
    why="Days in intensive care are counted from door to door.",
    source="21 CFR 11.10(f)",
    example="A patient leaves intensive care twice.",
)
def intensive_care_is_entered_before_it_is_left(act: Act[Any]) -> str | None:
    """Intensive care is entered by one who is not there, and left by one who is."""
    enters, there = isinstance(act.event, e.IntensiveCareEntered), act.journey.intensive_care
    if enters and there:
        return "the patient is in intensive care already"
    return None if enters or there else "the patient is not in intensive care; record the admission first"


@rule(
    "SAF-007",
    on=(e.GradeOverridden,),
    why="A clinician may know better than a rule; then both grades and the reason are worth reading.",
    source="21 CFR 11.10(e): changes do not obscure earlier entries",
    example="A grade 2 is raised to 3 without a word.",
)
def an_overridden_grade_has_a_reason(act: Act[e.GradeOverridden]) -> str | None:
    """An overridden grade differs from the computed one, is from 0 to 5, and gives a reason."""
    event = act.event
    if not 0 <= event.grade <= 5 or not 0 <= event.computed <= 5:
        return f"a grade of {event.grade} beside {event.computed} cannot be; grades go from 0 to 5"
    if event.grade == event.computed:
        return "it is the computed grade; nothing is to be overridden"
    return None if event.reason.strip() else "it gives no reason; say what the rule does not see"


@rule(
    "SAF-008",
    on=(e.AdverseEventReported, e.LaboratoryReported, e.TocilizumabReserved, e.TemperatureLogged, e.Stored),
    why="A grade of 7, a series with a hole or a negative stock is a typing error that would be counted.",
    source=f"{PLAUSIBLE}; CTCAE grades go from 1 to 5",
    example="An adverse event of grade 0.",
)
def observations_can_be_true(act: Act[Any]) -> str | None:
    """Grades, series, stocks and temperatures are of a size that can be."""
    event = act.event
    if isinstance(event, e.AdverseEventReported):
        fine = 1 <= event.grade <= 5 and event.term.strip()
        return (
            None
            if fine
            else f"grade {event.grade} of {event.term!r} cannot be; CTCAE grades go from 1 to 5, and the term is named"
        )
    if isinstance(event, e.LaboratoryReported):
        fine = len(event.days) == len(event.values) > 0 and event.analyte.strip()
        return None if fine else "days and values are not equally long, or there are none; report a value for each day"
    if isinstance(event, e.TocilizumabReserved):
        return None if 0 <= event.doses <= 20 else f"{event.doses} doses cannot be; count again"
    celsius = (event.celsius,) if isinstance(event, e.Stored) else event.celsius
    odd = [each for each in celsius if not -273.15 <= each <= 60]
    if odd or not celsius or (isinstance(event, e.TemperatureLogged) and len(event.hours) != len(celsius)):
        return f"{odd[0]:g} °C cannot be; give °C" if odd else "hours and temperatures are not equally long, or there are none"
    return None


@rule(
    "SAF-009",
    on=(e.TemperatureLogged,),
    why="A log that belongs to nothing leaves a parcel without one.",
    source="ISO 21973:2020: the record of a shipment has its temperatures",
    example="The logger of another parcel is read.",
)
def a_log_belongs_to_a_parcel(act: Act[e.TemperatureLogged]) -> str | None:
    """A temperature log is of a shipment or of cells of this journey."""
    return None if _is_here(act.journey, act.event.item) else f"{act.event.item!r} is not on this journey; check the logger"


def _is_here(journey: Journey, item: str) -> bool:
    named = [each.shipment for each in journey.parcels]
    return item in [*named, *(each.product for each in journey.products), *(each.collection for each in journey.collections)]
