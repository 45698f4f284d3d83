"""The course at a glance, drawn on the server: temperature as a line, needs as bands, doses as marks, grades as numbers.

Colors are classes of the stylesheet, so that the picture is light, dark or printed as the page is. The page has the same
numbers in a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor

from django.utils.safestring import SafeString

from livingdrug.journey.events import IntensiveCareEntered, IntensiveCareLeft, SteroidsGiven, TocilizumabGiven
from livingdrug.journey.grades import FEVER, Charted, Day, Point, days_between

__all__ = ["Course", "Mark", "course"]

BAND = 0.5
"""Days for which a need is drawn at most, when nothing is charted after it."""
WIDE, NARROW = 960, 360
LOW, HIGH = 36.0, 41.0
"""°C of the axis, at least."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One dose: a letter at a day."""

    day: float
    letter: str
    says: str


@dataclass(frozen=True, slots=True)
class Course:
    """What was charted since the infusion, in days from it; `stays` are the times in intensive care."""

    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    stays: tuple[tuple[float, float], ...]
    grades: tuple[Day, ...]
    now: float

    @property
    def wide(self) -> SafeString:
        """The picture for a screen."""
        return _svg(self, WIDE)

    @property
    def narrow(self) -> SafeString:
        """The picture for a phone."""
        return _svg(self, NARROW)


def course(found: Charted, grades: Sequence[Day], now: float) -> Course:
    """The course of one patient to now, in days from the infusion."""
    assert found.infused is not None, "a course begins with the infusion"
    marks = [
        Mark(days_between(found.infused, each.at), "T", f"tocilizumab {each.mg:g} mg") for each in found.all(TocilizumabGiven)
    ]
    marks += [Mark(days_between(found.infused, each.at), "S", each.drug) for each in found.all(SteroidsGiven)]
    entered = [days_between(found.infused, each.at) for each in found.all(IntensiveCareEntered)]
    left = [days_between(found.infused, each.at) for each in found.all(IntensiveCareLeft)]
    stays = [(day, min((end for end in left if end >= day), default=now)) for day in entered]
    return Course(tuple(found.points), tuple(sorted(marks, key=lambda each: each.day)), tuple(stays), tuple(grades), now)


# Drawing ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paper:
    """Where days fall on the picture."""

    width: int
    days: float

    def x(self, day: float) -> float:
        """Pixels from the left."""
        return round(LEFT + (self.width - LEFT - RIGHT) * min(max(day, 0), self.days) / self.days, 1)


LEFT, RIGHT, TOP, PLOT, ROW, STEP = 34, 12, 12, 130, 15, 20
ROWS = (("vasoactive", "Fluids and pressors"), ("oxygen", "Oxygen"))


def _svg(course: Course, width: int) -> SafeString:
    paper = Paper(width, _days(course))
    rows, bottom = _rows(course, paper)
    height = bottom + 30
    body = "".join([*_temperature(course, paper), *rows, *_days_axis(paper, bottom)])
    label = "Temperature, needs, doses and grades by day from the infusion; the same numbers stand in the table"
    # Every text in it is escaped where it is written, and numbers are numbers.
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return SafeString(f'<svg class="course" role="img" aria-label="{label}" {size}>{body}</svg>')


def _days(course: Course) -> float:
    """How many days the picture shows: a week at least, and to the last chart."""
    ends = [each.day for each in (*course.points[-1:], *course.marks[-1:])] + [each.day + 1.0 for each in course.grades[-1:]]
    return float(max(7, ceil(max([*ends, min(course.now, 14.0)]))))


def _temperature(course: Course, paper: Paper) -> Iterator[str]:
    warmest = max((each.temperature for each in course.points), default=HIGH)
    coolest = min((each.temperature for each in course.points), default=LOW)
    low, high = min(LOW, float(int(coolest))), max(HIGH, float(ceil(warmest)))

    def y(celsius: float) -> float:
        return round(TOP + PLOT * (high - celsius) / (high - low), 1)

    for celsius in range(int(low), int(high) + 1):
        kind = "limit" if celsius == FEVER else "rule"
        yield f'<line class="{kind}" x1="{LEFT}" x2="{paper.width - RIGHT}" y1="{y(celsius)}" y2="{y(celsius)}"/>'
        yield _text(LEFT - 5, y(celsius) + 4, f"{celsius}", "end")
    yield _text(LEFT, TOP - 2, "°C", "start")
    yield _text(paper.width - RIGHT, y(FEVER) - 3, "fever from 38.0", "end")
    line = " ".join(f"{paper.x(each.day)},{y(each.temperature)}" for each in course.points)
    if len(course.points) > 1:
        yield f'<polyline class="line" points="{line}"/>'
    for each in course.points:
        yield f'<circle class="dot" cx="{paper.x(each.day)}" cy="{y(each.temperature)}" r="2.5"/>'


def _rows(course: Course, paper: Paper) -> tuple[list[str], int]:
    """The rows under the temperature, and where they end."""
    made, y = list[str](), TOP + PLOT + 22
    for name, label in ROWS:
        made += [_text(LEFT, y, f"{label} (0 to 4)", "start"), *_bands(course, name, paper, y + 5)]
        y += STEP + ROW + 10
    if course.stays:
        made += [_text(LEFT, y, "Intensive care", "start")]
        made += [_rect(paper, first, last, y + 5, 6, "stay") for first, last in course.stays]
        y += STEP + 10
    if course.marks:
        made += [_text(LEFT, y, _given(course.marks), "start"), *(_mark(each, paper, y + 15) for each in course.marks)]
        y += STEP + ROW + 5
    for name, label in (("astct", "ASTCT"), ("icans", "ICANS")):
        made += [_text(LEFT, y, f"{label}, worst of the day", "start"), *_numbers(course, name, paper, y + 16)]
        y += STEP + ROW
    return made, y - 8


def _given(marks: Sequence[Mark]) -> str:
    letters = {each.letter for each in marks}
    return ", ".join(says for letter, says in (("T", "T tocilizumab"), ("S", "S steroids")) if letter in letters)


def _bands(course: Course, name: str, paper: Paper, y: int) -> Iterator[str]:
    """A need as steps: from where it was charted to the next chart, to now, or for half a day at most."""
    yield f'<line class="rule" x1="{LEFT}" x2="{paper.width - RIGHT}" y1="{y + STEP}" y2="{y + STEP}"/>'
    days = [each.day for each in course.points]
    changes, before = list[tuple[float, int]](), 0
    for each, after in zip(course.points, [*days[1:], max(course.now, *days[-1:], 0.0)], strict=True):
        level = getattr(each, name)
        if level:
            height = STEP * level / 4
            yield _rect(paper, each.day, min(after, each.day + BAND), y + STEP - height, height, "band")
        if level != before:
            changes.append((paper.x(each.day), level))
        before = level
    for place, (x, level) in enumerate(changes):
        if level and (place + 1 == len(changes) or changes[place + 1][0] - x >= APART):
            yield _text(x + 2, y + STEP + 11, str(level), "start", "value")


APART = 12
"""Pixels between two numbers that can be told apart; of closer ones the last is written."""


def _rect(paper: Paper, first: float, last: float, y: float, height: float, kind: str) -> str:
    wide = max(round(paper.x(last) - paper.x(first), 1), 3)
    return f'<rect class="{kind}" x="{paper.x(first)}" y="{y:g}" width="{wide:g}" height="{height:g}"/>'


def _mark(mark: Mark, paper: Paper, y: int) -> str:
    x, letter = paper.x(mark.day), _text(paper.x(mark.day), y + 4, mark.letter, "middle")
    return f'<g class="mark"><title>{escape(mark.says)}</title><circle cx="{x}" cy="{y}" r="8"/>{letter}</g>'


def _numbers(course: Course, name: str, paper: Paper, y: int) -> Iterator[str]:
    looked = {floor(each.day) for each in course.points}
    for each in course.grades:
        grade = getattr(each, name)
        if grade is not None and 0 <= each.day < paper.days and (grade or name == "icans" or each.day in looked):
            kind = "severe" if grade >= 3 else "value"
            yield _text((paper.x(each.day) + paper.x(each.day + 1)) / 2, y, str(grade), "middle", kind)


def _days_axis(paper: Paper, bottom: int) -> Iterator[str]:
    yield f'<line class="axis" x1="{LEFT}" x2="{paper.width - RIGHT}" y1="{bottom}" y2="{bottom}"/>'
    room = (paper.width - LEFT - RIGHT) / paper.days
    every = next(step for step in (1, 2, 7, 14, 28, 91, 365, 10_000) if step * room >= 22)
    for day in range(0, int(paper.days) + 1, every):
        yield f'<line class="rule" x1="{paper.x(day)}" x2="{paper.x(day)}" y1="{TOP}" y2="{bottom}"/>'
        yield _text(paper.x(day), bottom + 13, str(day), "middle")
    yield _text(paper.width - RIGHT, bottom + 26, "days from the infusion", "end")


def _text(x: float, y: float, says: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(says)}</text>'
