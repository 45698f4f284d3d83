"""Grades as the bedside shows them: of one look, with what makes them and why the scales differ; of today, and the worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import floor

from livingdrug.care.pages.charting import LEVELS, Look
from livingdrug.criteria.crs import astct, lee, penn
from livingdrug.criteria.icans import ICE_FROM_AGE, Consciousness, icans
from livingdrug.journey.events import DialysisStarted
from livingdrug.journey.grades import FEVER, LIFE_THREATENING, Charted, Day, days_between

__all__ = ["Grade", "Graded", "Standing", "day_of", "grade_of", "graded", "since", "words"]

SCALES: dict[str, Callable[..., int]] = {
    "ASTCT": lambda fever, vasoactive, oxygen, organ, treated: astct(
        fever=fever, vasoactive=vasoactive, oxygen=oxygen, treated=treated
    ),
    "Penn": lambda fever, vasoactive, oxygen, organ, treated: penn(
        fever=fever, vasoactive=vasoactive, oxygen=oxygen, organ=organ
    ),
    "Lee": lambda fever, vasoactive, oxygen, organ, treated: lee(
        fever=fever, vasoactive=vasoactive, oxygen=oxygen, organ=organ
    ),
}


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade on one scale: None where nothing says it yet; `at_least` while something is missing; `makes` is what makes it."""

    scale: str
    grade: int | None
    at_least: bool = False
    makes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """The state that color and mark show: severe grades stop, moderate ones ask for attention."""
        return "stop" if (self.grade or 0) >= 3 else "attention" if (self.grade or 0) >= 1 else ""


@dataclass(frozen=True, slots=True)
class Graded:
    """The grades of one look: ASTCT, Penn, Lee and ICANS; `differ` says why the first two are not the same."""

    grades: tuple[Grade, ...]
    differ: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a scale stands: the worst of today, the worst so far and its day, and what a clinician said instead."""

    scale: str
    today: int | None
    worst: int | None
    day: int | None
    overridden: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """As for a grade."""
        return Grade(self.scale, self.today).state


# One look ---------------------------------------------------------------------------------------------------------------


def graded(look: Look, found: Charted, now: datetime, *, by_ice: bool) -> Graded:
    """The grades of a look as far as it has come, on what is charted already."""
    warm = look.numbers.get("temperature")
    fever = warm is not None and warm >= FEVER
    before = any(point.temperature >= FEVER for point in found.points)
    febrile = fever or before
    organ = LIFE_THREATENING if febrile and _dialysis(found, now) else 0
    needs = {name: look.levels.get(name, 0) if febrile else 0 for name in ("vasoactive", "oxygen")}
    whole = warm is not None and {"vasoactive", "oxygen"} <= set(look.levels)
    begun = bool(look.numbers) or bool({"vasoactive", "oxygen"} & set(look.levels))
    made = tuple(_grade(scale, fever, needs, organ, febrile, whole, begun) for scale in SCALES)
    note = ""
    if not febrile and any(look.levels.get(name) for name in ("vasoactive", "oxygen")):
        note = "No fever so far: a need without fever is no CRS. Override the grade if you know better."
    return Graded((*made, _neurology(look, by_ice)), _differ(made, fever, needs, organ), note)


def _dialysis(found: Charted, now: datetime) -> bool:
    infused = found.infused
    return infused is not None and any(
        floor(days_between(infused, each.at)) == floor(days_between(infused, now)) for each in found.all(DialysisStarted)
    )


def _grade(scale: str, fever: bool, needs: dict[str, int], organ: int, febrile: bool, whole: bool, begun: bool) -> Grade:
    if not begun:
        return Grade(scale, None)
    total = SCALES[scale](fever, needs["vasoactive"], needs["oxygen"], organ, febrile)
    makes = tuple(words for words, alone in _alone(scale, fever, needs, organ) if alone == total) if total else ()
    return Grade(scale, total, not whole, makes)


def _alone(scale: str, fever: bool, needs: dict[str, int], organ: int) -> Iterator[tuple[str, int]]:
    """Each sign, and the grade that it makes by itself on a scale."""
    grade = SCALES[scale]
    if organ:
        yield "dialysis", grade(True, 0, 0, organ, True)
    for name, level in needs.items():
        if level:
            pair = {"vasoactive": 0, "oxygen": 0} | {name: level}
            yield words(name, level), grade(True, pair["vasoactive"], pair["oxygen"], 0, True)
    if fever:
        yield "fever", grade(True, 0, 0, 0, True)


def words(name: str, level: int) -> str:
    """How a level is called in a sentence."""
    option = next(each for each in LEVELS[name] if each.value == level)
    return option.says or option.label.lower()


def _differ(made: tuple[Grade, ...], fever: bool, needs: dict[str, int], organ: int) -> str:
    """Why ASTCT and Penn are not the same, sign by sign."""
    one, other = made[0], made[1]
    if one.grade == other.grade or one.grade is None:
        return ""
    theirs = dict(_alone("Penn", fever, needs, organ))
    ours = _alone("ASTCT", fever, needs, organ)
    pairs = [(sign, mine, theirs[sign]) for sign, mine in ours if theirs[sign] != mine and theirs[sign] == other.grade]
    return "; ".join(_difference(*each) for each in pairs)


def _difference(sign: str, astct: int, penn: int) -> str:
    if sign == "dialysis":
        return f"organs do not count in ASTCT, and dialysis is {penn} in Penn"
    return f"{sign} is {astct} in ASTCT and {penn} in Penn{', for a patient in hospital' if sign == 'fever' else ''}"


DOMAINS = ("consciousness", "seizure", "motor", "edema")


def _neurology(look: Look, by_ice: bool) -> Grade:
    levels = {name: look.levels[name] for name in DOMAINS if name in look.levels}
    if look.score is None and not any(levels.values()) and "consciousness" not in levels:
        return Grade("ICANS", None)
    # Each finding is the grade that it makes, and the worst one counts.
    signs = {words(name, level): level for name, level in levels.items() if level}
    if look.score is not None:
        tested = icans(age=ICE_FROM_AGE, ice=look.score) if by_ice else icans(age=0, capd=look.score)
        signs[f"{'ICE' if by_ice else 'CAPD'} {look.score}"] = tested
    complete = look.score is not None or levels.get("consciousness") == Consciousness.UNAROUSABLE
    total = max(signs.values(), default=0)
    makes = tuple(sign for sign, grade in signs.items() if grade == total) if total else ()
    return Grade("ICANS", total, not (complete and "consciousness" in levels), makes)


# What is charted --------------------------------------------------------------------------------------------------------


def day_of(found: Charted, now: datetime) -> int:
    """The day of the course: 0 is the 24 hours from the infusion on."""
    return 0 if found.infused is None else floor(days_between(found.infused, now))


NAMES = {"ASTCT": "astct", "Penn": "penn", "Lee": "lee", "ICANS": "icans"}


def grade_of(found: Charted, day: Day, name: str) -> int | None:
    """The grade of a day on a scale: None where nobody charted what it takes, which is not the same as 0."""
    grade: int | None = getattr(day, name)
    looked = name == "icans" or grade or any(floor(point.day) == day.day for point in found.points)
    return grade if looked else None


def since(found: Charted, days: tuple[Day, ...], today: int) -> tuple[Standing, ...]:
    """Every scale, today and at its worst since the infusion, by the chart."""
    return tuple(_standing(found, scale, name, days, today) for scale, name in NAMES.items())


def _standing(found: Charted, scale: str, name: str, days: tuple[Day, ...], today: int) -> Standing:
    made = [(grade_of(found, each, name), each.day) for each in days]
    grades = [(grade, day) for grade, day in made if grade is not None]
    worst = max(grades, key=lambda each: each[0], default=(None, None))
    now = next((grade for grade, day in grades if day == today), None)
    said = tuple(
        f"{each.grade} instead of {each.computed} on day {each.day}"
        for day in days
        for each in day.overridden
        if each.scale.startswith(scale)
    )
    return Standing(scale, now, worst[0], worst[1] if worst[0] else None, said)
