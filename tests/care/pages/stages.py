"""Journeys for the tests of the pages: the story of `tests/journey` told to a stage, so that its last event was lately."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from livingdrug.care import store
from livingdrug.journey import events as e

__all__ = ["NOW", "STAGES", "Told", "story", "tell", "tell_all"]

NOW = datetime(2026, 3, 2, 15, 20, tzinfo=UTC)
"""The clock of the tests: Monday, 10:20 in Philadelphia."""

ZONES = {"chop": "America/New_York", "mskcc": "America/New_York", "stanford": "America/Los_Angeles"}

STAGES = {
    "referred": "described",
    "eligible": "consent given",
    "authorized": "coverage authorized",
    "ordered": "slot booked",
    "collected": "collected",
    "accepted": "collection accepted",
    "in manufacture": "step finished",
    "manufactured": "release tested",
    "released": "released",
    "on site": "stored",
    "lymphodepletion": "tocilizumab reserved",
    "gate passed": "thawed",
    "infused": "neurology assessed",
    "response assessed": "seen",
    "settled": "milestone settled",
}
"""Where a story can stop: the stage, and the last event that belongs to it."""


def _stories() -> Any:
    """The module of the story, under a name of its own: `tests/care` has a `story` too."""
    path = Path(__file__).parents[2] / "journey" / "story.py"
    spec = importlib.util.spec_from_file_location("journey_story", path)
    assert spec is not None, f"{path} is a module"
    assert spec.loader is not None, f"{path} is a module"
    made = sys.modules.setdefault("journey_story", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(made)
    return made


STORY = _stories()


@dataclass(frozen=True)
class Told:
    """Where the tests find what was told: journeys by name, their stories, and the URL of the store."""

    url: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    stories: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


def story(number: int, stage: str, *, center: str = "chop", ago: float = 0.05, **more: Any) -> tuple[Any, list[e.Event]]:
    """The story of one patient whose stage was reached `ago` days before now, and its events to there."""
    zone = ZoneInfo(ZONES[center])
    told = STORY.Story(number=number, center=center, start=NOW.astimezone(zone), **more)
    last = _to(stage, list(STORY.events(told)))[-1]
    start = (NOW - timedelta(days=ago) - (last.at - told.start)).astimezone(zone)
    told = STORY.Story(number=number, center=center, start=start, **more)
    return told, _to(stage, list(STORY.events(told)))


def _to(stage: str, events: Sequence[e.Event]) -> list[e.Event]:
    """The events up to a stage; each patient has a chair of their own."""
    last = max(place for place, each in enumerate(events) if each.name == STAGES[stage])
    chair = f"{events[0].center}-chair-{events[0].patient.partition('-')[2]}"  # type: ignore[attr-defined]
    return [replace(each, resource=chair) if isinstance(each, e.SlotHeld) else each for each in events[: last + 1]]


def tell(events: Sequence[e.Event], account: str = "teller@example.org") -> str:
    """Record events one by one, each when it happened; the token of the journey."""
    first = events[0]
    assert isinstance(first, e.PatientReferred), "a journey begins with its referral"
    made = store.start(first, account, now=first.at)
    for event in events[1:]:
        assert isinstance(made, store.Appended), f"before {event.name}: {made}"
        made = store.append(made.journey, [event], made.version, account, now=max(event.at, getattr(event, "ended", event.at)))
    assert isinstance(made, store.Appended), made
    return made.journey


def tell_all() -> Told:
    """One patient at every stage at one center, some at others, and some whom something has stopped or who are late."""
    told = Told()
    for name, number, stage, center, ago, more in PATIENTS:
        written, events = story(number, stage, center=center, ago=ago, **more)
        told.ids[name] = tell([*events, *_troubles(name, written)])
        told.stories[name] = written
    return told


PATIENTS: list[tuple[str, int, str, str, float, dict[str, Any]]] = [
    *((stage, number, stage, "chop", 0.05 + number / 10, {}) for number, stage in enumerate(STAGES, 1)),
    ("late", 31, "ordered", "chop", 12, {}),
    ("closing", 32, "lymphodepletion", "chop", 9, {}),
    ("unassessed", 33, "infused", "chop", 29, {}),
    ("swapped", 34, "released", "chop", 1, {}),
    ("deviating", 35, "manufactured", "chop", 2, {}),
    ("severe", 36, "infused", "chop", 1, {}),
    ("elsewhere", 41, "ordered", "stanford", 1, {}),
    ("elsewhere infused", 42, "infused", "mskcc", 2, {}),
]


def _troubles(name: str, s: Any) -> Iterator[e.Event]:
    at = NOW - timedelta(hours=3)
    if name == "swapped":
        yield e.MismatchFound(
            at=at,
            by=s.who("operator", 1, s.site),
            item=s.product,
            expected=s.chain,
            scanned="CHA999926000099",
            device="scanner-2",
        )
    if name == "deviating":
        yield e.DeviationOpened(
            at=at, by=s.who("operator", 1, s.site), deviation="DEV-7", says="incubator alarm for 20 minutes", holds=True
        )
    if name == "severe":
        yield e.VitalsCharted(
            at=at, by=s.who("bedside nurse"), hours=(0.0, 1.0, 2.0), temperature=(39.4, 39.8, 39.1), vasoactive=(1, 3, 3),
            oxygen=(1, 3, 3), systolic=(88.0, 76.0, 82.0), saturation=(93.0, 88.0, 91.0),
        )  # fmt: skip
