"""The bedside on a phone: a look charted in seconds and graded as it is typed, the course, rescue drugs, missed looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import render

from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.pages import charting, choices, desk, grading, rescue, times
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.charting import CAPD, CAPD_ANSWERS, ICE, LEVELS, Look, Option
from livingdrug.care.pages.charts import course
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.page import Here, Shown, page, routes
from livingdrug.care.pages.views.act import meanwhile
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import events as e
from livingdrug.journey.grades import Charted, Day, Point, charted, crs, days_between
from livingdrug.journey.schedule import missed, rule

__all__ = ["ROUTES", "bedside"]

SCALES = {"ASTCT": "astct", "Penn": "penn", "Lee 2014": "lee", "ICANS": "icans"}
STEROIDS = ("dexamethasone", "methylprednisolone", "hydrocortisone", "prednisolone")


@dataclass(frozen=True, slots=True)
class Late:
    """A look that was missed."""

    what: str
    since: str
    due: str


@dataclass(frozen=True, slots=True)
class Row:
    """What was charted on one day, in words."""

    day: int
    date: str
    celsius: float | None
    vasoactive: str
    oxygen: str
    astct: int | None
    penn: int | None
    lee: int | None
    icans: int | None
    given: str
    overridden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taps:
    """A row of levels of which one is tapped; `last` is what was charted before."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: str
    says: str = ""
    last: str = ""


@page("bedside", "care/bedside.html", journey=True)
def bedside(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The bedside of one patient, or what became of what was charted."""
    asked = desk.posted(here).get("do", "") if here.request.method == "POST" else ""
    if asked and here.journey.state.infusion is not None:
        return _looked(here, asked)
    offers = _offers(here)
    _compute(here)
    made = desk.sent(here, offers)
    if made and made[0].done:
        return desk.filled(here, "bedside")
    content = _content(here, {}, None, made, offers)
    return Shown(content, made[0].status) if made else content


# A look -----------------------------------------------------------------------------------------------------------------


def _looked(here: Here, asked: str) -> Shown | HttpResponseBase:
    """Grade what was typed so far, or chart it; `asked` is grade, chart, or the temperature to use instead."""
    typed = desk.posted(here)
    if asked == "celsius":
        typed["temperature"] = typed.get("use", "")
    look, at = _read(here, typed)
    if asked == "chart" and not look.complaints:
        outcome = perform(here, look.events, expected=_version(typed), key=typed.get("key", ""))
        if outcome.done:
            messages.success(here.request, _charted(here, look, at))
            return desk.filled(here, "bedside")
        return Shown(_content(here, typed, look, (outcome, typed)), outcome.status)
    if getattr(here.request, "htmx", False):
        graded = grading.graded(look, charted(here.journey.state), at, by_ice=charting.takes_ice(here.journey.state))
        return render(here.request, "care/_bedside_grades.html", {"graded": graded, "warm": _warm(look, typed), "live": True})
    told = look if asked == "chart" else replace(look, complaints=_odd(look, typed))
    return Shown(_content(here, typed, told), 422 if asked == "chart" else 200)


def _odd(look: Look, typed: Mapping[str, str]) -> tuple[Complaint, ...]:
    """What is wrong already, while the rest is still to be typed."""
    return tuple(each for each in look.complaints if each.where in charting.VITALS and typed.get(each.where, "").strip())


def _read(here: Here, typed: Mapping[str, str]) -> tuple[Look, datetime]:
    """The look, and when it was: now, unless another time is given."""
    by_ice = charting.takes_ice(here.journey.state)
    try:
        text = typed.get("charted_at", "").strip()
        at = times.typed(text, desk.zone(here)) if text else here.now
    except BadInput as error:
        look = charting.read(typed, at=here.now, by=here.visitor.person, by_ice=by_ice)
        return replace(look, complaints=(*look.complaints, Complaint("charted_at", error.complaints[0].says))), here.now
    return charting.read(typed, at=at, by=here.visitor.person, by_ice=by_ice), at


def _version(typed: Mapping[str, str]) -> int:
    text = typed.get("version", "")
    return int(text) if text.isdecimal() else 0


def _charted(here: Here, look: Look, at: datetime) -> str:
    """What was charted, in a sentence."""
    made = grading.graded(look, charted(here.journey.state), at, by_ice=charting.takes_ice(here.journey.state))
    told = ", ".join(f"{each.scale} {each.grade}" for each in made.grades if each.grade is not None)
    return f"Charted: {told}." if told else "Charted."


def _warm(look: Look, typed: Mapping[str, str]) -> dict[str, Any]:
    """What is said beside the temperature: it is the one field that is checked while it is typed."""
    says = [each.says for each in look.complaints if each.where == "temperature" and typed.get("temperature", "").strip()]
    return {"says": says[:1], "celsius": look.celsius}


# The page ---------------------------------------------------------------------------------------------------------------


def _content(
    here: Here,
    typed: Mapping[str, str],
    look: Look | None,
    made: tuple[Outcome, Mapping[str, str]] | None = None,
    offers: Sequence[Offer] | None = None,
) -> dict[str, Any]:
    state, therapy = here.journey.state, here.journey.therapy
    if state.infusion is None:
        return {"title": "Bedside", "infused": False, "version": state.version}
    zone, found, days = desk.zone(here), charted(state), crs(state)
    by_ice = charting.takes_ice(state)
    rescued = rescue.rescue(therapy, state, here.now, zone, found.points[-1] if found.points else None)
    read = look or charting.read({}, at=here.now, by=here.visitor.person, by_ice=by_ice)
    outcome = made[0] if made and look is not None else Outcome(True)
    complaints = look.complaints if look is not None else ()
    chart = desk.desk(here, "bedside", offers or _offers(here), made if look is None else None)
    return {
        "title": "Bedside",
        "infused": True,
        "day": grading.day_of(found, here.now),
        "since": times.shown(state.infusion.at, zone),
        "intensive_care": state.intensive_care,
        "died": times.shown(state.died, zone),
        "late": tuple(
            Late(each.what, times.ago(each.due, here.now).removesuffix(" ago"), times.shown(each.due, zone))
            for each in missed(therapy, state, here.now)
        ),
        "rule": rule(therapy),
        "since_infusion": grading.since(found, days, grading.day_of(found, here.now)),
        "may_chart": may_record(here.visitor, state, e.VitalsCharted.name) and state.died is None,
        "by_ice": by_ice,
        "typed": {name: text for name, text in typed.items() if name != "csrfmiddlewaretoken"},
        "last": (last_ones := _last(found, here.now)),
        "taps": {each.name: each for each in _taps(by_ice, typed, complaints, last_ones)},
        "graded": grading.graded(read, found, here.now, by_ice=by_ice),
        "warm": _warm(read, typed),
        "says": {each.where: each.says for each in complaints},
        "refused": {"reasons": outcome.reasons, "conflict": outcome.conflict, "meanwhile": meanwhile(here, outcome, typed)},
        "weight": rescue.weight_of(state),
        "rescue": rescued,
        "reached": any(each.reached for each in rescued.policies),
        "course": course(found, days, days_between(state.infusion.at, here.now)),
        "rows": tuple(_row(here, found, each) for each in reversed(days)),
        **chart,
        "version": state.version,
        "key": choices.key() if outcome.conflict else typed.get("key") or choices.key(),
    }


LABELS = {
    "vasoactive": "Fluids and pressors", "oxygen": "Oxygen", "consciousness": "Consciousness: wakes", "seizure": "Seizure",
    "motor": "Motor", "edema": "Cerebral edema",
}  # fmt: skip


def _taps(by_ice: bool, typed: Mapping[str, str], complaints: Sequence[Complaint], last: Mapping[str, str]) -> Iterator[Taps]:
    """Every row of the form that is tapped."""
    says = {each.where: each.says for each in complaints}
    for name, label in LABELS.items():
        start = "0" if name in charting.BY_EXCEPTION else ""
        yield Taps(name, label, LEVELS[name], typed.get(name, start), says.get(name, ""), last.get(name, ""))
    for name, label, most in ICE if by_ice else ():
        words = ("No", "Yes") if most == 1 else tuple(map(str, range(most + 1)))
        options = tuple(Option(points, word) for points, word in enumerate(words))
        yield Taps(name, label, options, typed.get(name, ""), says.get(name, ""))
    for name, label, _ in () if by_ice else CAPD:
        options = tuple(Option(points, word) for points, word in enumerate(CAPD_ANSWERS))
        yield Taps(name, label, options, typed.get(name, ""), says.get(name, ""))


def _last(found: Charted, now: datetime) -> dict[str, str]:
    """What was charted last, by field, in words."""
    made = dict[str, str]()
    if vitals := found.last(e.VitalsCharted):
        ago = times.ago(vitals.at + timedelta(hours=vitals.hours[-1]), now)
        made |= {name: f"{getattr(vitals, name)[-1]:.3g} {unit}" for name, unit in UNITS.items() if getattr(vitals, name)}
        made |= {name: grading.words(name, getattr(vitals, name)[-1]) for name in charting.NEEDS}
        made = {name: f"last {says}, {ago}" for name, says in made.items()}
    if neurology := found.last(e.NeurologyAssessed):
        ago = times.ago(neurology.at, now)
        made["test"] = f"last {_score(neurology)}, {ago}"
        made["consciousness"] = f"last {grading.words('consciousness', neurology.consciousness)}, {ago}"
    return made


UNITS = {"temperature": "°C", "systolic": "mmHg", "saturation": "%"}


def _score(event: e.NeurologyAssessed) -> str:
    if event.ice is not None:
        return f"ICE {event.ice}"
    return f"CAPD {event.capd}" if event.capd is not None else "not testable"


def _row(here: Here, found: Charted, day: Day) -> Row:
    """One day of the table."""
    assert found.infused is not None, "days count from the infusion"
    points = [each for each in found.points if floor(each.day) == day.day]
    doses = [each for each in (*found.all(e.TocilizumabGiven), *found.all(e.SteroidsGiven)) if _on(found, each, day.day)]
    starts = found.infused.astimezone(UTC) + timedelta(days=day.day)
    return Row(
        day=day.day,
        date=starts.astimezone(desk.zone(here)).strftime("%Y-%m-%d"),
        celsius=max((each.temperature for each in points), default=None),
        vasoactive=_most(points, "vasoactive"),
        oxygen=_most(points, "oxygen"),
        astct=grading.grade_of(found, day, "astct"),
        penn=grading.grade_of(found, day, "penn"),
        lee=grading.grade_of(found, day, "lee"),
        icans=day.icans,
        given="; ".join(_dose(each) for each in doses),
        overridden=tuple(f"{each.scale} {each.grade}, not {each.computed}: {each.reason}" for each in day.overridden),
    )


def _on(found: Charted, event: e.Event, day: int) -> bool:
    assert found.infused is not None, "days count from the infusion"
    return floor(days_between(found.infused, event.at)) == day


def _dose(event: e.TocilizumabGiven | e.SteroidsGiven) -> str:
    drug = event.drug if isinstance(event, e.SteroidsGiven) else "tocilizumab"
    return drug if event.mg is None else f"{drug} {event.mg:g} mg"


def _most(points: Sequence[Point], name: str) -> str:
    return grading.words(name, max(getattr(each, name) for each in points)) if points else ""


# Other acts at the bedside --------------------------------------------------------------------------------------------


def _offers(here: Here) -> tuple[Offer, ...]:
    """None of them opens by itself: the chart comes first."""
    care = e.IntensiveCareLeft if here.journey.state.intensive_care else e.IntensiveCareEntered
    override = {"computed": "Computed from the chart", "day": "Day from the infusion"}
    return (
        Offer(e.TocilizumabGiven, "Tocilizumab", _dose_now, opens=False),
        Offer(e.SteroidsGiven, "Steroids", choices=lambda _: {"drug": STEROIDS}, opens=False),
        Offer(care, "Leaves intensive care" if here.journey.state.intensive_care else "Into intensive care", opens=False),
        Offer(e.DialysisStarted, "Dialysis", opens=False),
        Offer(e.AdverseEventReported, "Adverse event", opens=False),
        Offer(e.GradeOverridden, "Override a grade", _computed, labels=override, opens=False),
    )


def _dose_now(here: Here) -> Mapping[str, str]:
    """The dose for the weight, as the form starts."""
    mg, _ = rescue.dose(here.journey.therapy, here.journey.state)
    return {"mg": "" if mg is None else f"{mg:g}"}


def _computed(here: Here) -> Mapping[str, str]:
    """The grade that a clinician may disagree with: of today, on the scale that is asked for."""
    found = charted(here.journey.state)
    day, scale = grading.day_of(found, here.now), str(here.request.GET.get("scale", "ASTCT"))
    return {"scale": scale, "day": str(day), "computed": _grade(here, scale, day)}


def _grade(here: Here, scale: str, day: int) -> str:
    made = next((each for each in crs(here.journey.state) if each.day == day), None)
    grade = getattr(made, SCALES.get(scale, ""), None)
    return "0" if grade is None else str(grade)


def _compute(here: Here) -> None:
    """What the computed grade is, the chart says, whatever was typed."""
    typed = desk.posted(here)
    if typed.get("act") == e.GradeOverridden.name and typed.get("day", "").isdecimal():
        desk.put(here, {**typed, "computed": _grade(here, typed.get("scale", ""), int(typed["day"]))})


ROUTES = routes("journeys/<str:id>/bedside", bedside, "bedside")
