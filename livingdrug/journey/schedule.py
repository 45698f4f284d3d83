"""When a patient is to be looked at after the infusion, and which look was missed.

The days are those of the therapy (`monitoring.days`). While they follow one another day by day, vitals and a neurological
assessment are charted every 24 hours (labels and REMS: daily during the first week); of a patient who shows fever, a need or a
neurological finding every 12 hours, in the hospital (program policy: twice a day, as wards assess ICE). A later day is a visit,
made by anything that shows the patient was seen, from halfway since the day before it to halfway to the day after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from livingdrug.journey.events import (
    Event,
    LaboratoryReported,
    NeurologyAssessed,
    PatientAdmitted,
    PatientDischarged,
    PatientSeen,
    ResponseAssessed,
    VitalsCharted,
)
from livingdrug.journey.grades import FEVER, charted, neurotoxicity
from livingdrug.journey.state import Journey, standing
from livingdrug.therapy.schema import Therapy

__all__ = ["DAILY", "SICK", "Expected", "expected", "missed", "rule"]

DAILY, SICK = timedelta(hours=24), timedelta(hours=12)
"""How far apart charts may be, of a patient who is well, and of one who is not."""
KINDS: tuple[tuple[str, type[Event]], ...] = (("vitals", VitalsCharted), ("neurology", NeurologyAssessed))
LOOKS = (VitalsCharted, NeurologyAssessed, PatientSeen, ResponseAssessed, LaboratoryReported)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be charted, "vitals", "neurology" or "visit of day 14", until when, and the time it is counted from."""

    what: str
    due: datetime
    last: datetime

    def late(self, now: datetime) -> timedelta:
        """How long it has been due; negative while there is time."""
        return now - self.due


def missed(therapy: Therapy, journey: Journey, now: datetime) -> tuple[Expected, ...]:
    """What should have been charted by now and was not, longest due first."""
    return tuple(sorted((each for each in expected(therapy, journey, now) if each.due < now), key=lambda each: each.due))


def expected(therapy: Therapy, journey: Journey, now: datetime) -> tuple[Expected, ...]:
    """What is to be charted next; nothing before the infusion, after a death, and when the last visit is over."""
    if journey.infusion is None or journey.died is not None or now < journey.infusion.at:
        return ()
    infused = journey.infusion.at.astimezone(UTC)
    events = [each for _, each in standing(journey) if each.at >= infused and each.at <= now]
    if _is_sick(journey, events) and now < infused + timedelta(days=therapy.monitoring.stay_near_center.value):
        return tuple(_chart(what, kind, events, infused, SICK) for what, kind in KINDS)
    days, daily = therapy.monitoring.days, _daily(therapy)
    after = next((day for day in days if day > daily), None)
    if daily and (after is None or now < infused + timedelta(days=(daily + after) / 2)):
        last = infused + timedelta(days=daily)
        charts = (_chart(what, kind, events, infused, DAILY) for what, kind in KINDS)
        return tuple(each for each in charts if each.due <= last)
    return _visits([day for day in days if day > daily], daily, events, infused, now)


def rule(therapy: Therapy) -> str:
    """The rule that holds for a therapy, in a sentence."""
    daily = _daily(therapy)
    charts = f"Vitals and neurology every {DAILY // HOUR} hours to day {daily:g}" if daily else "Vitals and neurology"
    visits = [f"{day:g}" for day in therapy.monitoring.days if day > daily]
    seen = f"; seen on days {', '.join(visits)}" if visits else ""
    return f"{charts}, every {SICK // HOUR} hours while there is fever, a need or a neurological finding{seen}."


HOUR = timedelta(hours=1)


def _daily(therapy: Therapy) -> float:
    """The last of the days that follow one another day by day from the infusion on; 0 without any."""
    last = 0.0
    for day in therapy.monitoring.days:
        if day - last > 1:
            break
        last = day
    return last


def _chart(what: str, kind: type[Event], events: list[Event], infused: datetime, every: timedelta) -> Expected:
    last = max((_end(each) for each in events if isinstance(each, kind)), default=infused)
    return Expected(what, last + every, last)


def _end(event: Event) -> datetime:
    """When a look ended: a series lasts to its last hour."""
    at = event.at.astimezone(UTC)
    hours = event.hours if isinstance(event, VitalsCharted) else ()
    return at + timedelta(hours=max(hours, default=0.0))


def _is_sick(journey: Journey, events: list[Event]) -> bool:
    """Whether the last look showed fever, a need or a neurological finding, in a patient who was not sent home since."""
    stays = [each for each in events if isinstance(each, PatientDischarged | PatientAdmitted)]
    if stays and isinstance(stays[-1], PatientDischarged):
        return False
    vitals = max((each for each in events if isinstance(each, VitalsCharted)), key=_end, default=None)
    neurology = max((each for each in events if isinstance(each, NeurologyAssessed)), key=_end, default=None)
    if vitals is not None and vitals.hours and _signs(vitals):
        return True
    if neurology is None:
        return False
    found = charted(journey)
    return bool(neurotoxicity(replace(found, events={**found.events, NeurologyAssessed: [neurology]}))[0])


def _signs(vitals: VitalsCharted) -> bool:
    fever = bool(vitals.temperature) and vitals.temperature[-1] >= FEVER
    return fever or any(series[-1] > 0 for series in (vitals.vasoactive, vitals.oxygen) if series)


def _visits(days: list[float], before: float, events: list[Event], infused: datetime, now: datetime) -> tuple[Expected, ...]:
    """The visit whose time it is, unless it was made."""
    for place, day in enumerate(days):
        opens = infused + timedelta(days=(before + day) / 2)
        after = days[place + 1] if place + 1 < len(days) else 2 * day - before
        if opens <= now < infused + timedelta(days=(day + after) / 2):
            seen = any(isinstance(each, LOOKS) and _end(each) >= opens for each in events)
            return () if seen else (Expected(f"visit of day {day:g}", infused + timedelta(days=day + 1), opens),)
        before = day
    return ()
