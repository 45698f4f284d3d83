"""Follow-up: which assessments are due within which windows, what has happened since the infusion, and whether it is an event.

Event-free survival is counted as in ELIANA (`analysis.survival`): relapse, death, or no remission at the first assessment is an
event; another anticancer therapy in remission ends the follow-up that counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.grades import Charted, charted, days_between, responses
from livingdrug.journey.state import Journey, standing
from livingdrug.network import ask
from livingdrug.network.schema import Network
from livingdrug.therapy.schema import Therapy

__all__ = ["Due", "EventFree", "Fact", "assessments", "due_now", "event_free", "facts"]

REMISSIONS = ("CR", "CRi")


@dataclass(frozen=True, slots=True)
class Due:
    """One assessment of the therapy: `state` is not yet, open, late (past its day, before it closes), missed or done."""

    day: int
    opens: date
    due: date
    closes: date | None
    state: str
    left: int | None
    """Days to the end of the window, while it is open."""
    response: str = ""
    mrd: str = ""
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened since the infusion; `ends` says that it is an event or ends the follow-up that counts."""

    day: int
    date: date
    what: str
    ends: str = ""


@dataclass(frozen=True, slots=True)
class EventFree:
    """Event-free survival so far: to which day, and by what it ended, or until when the patient was followed."""

    day: int
    says: str
    state: str


def assessments(therapy: Therapy, network: Network, journey: Journey, now: datetime) -> tuple[Due, ...]:
    """Every assessment of the therapy with its window, in days of the center's calendar, as the rules count them."""
    if journey.infusion is None:
        return ()
    infused, today = ask.day(network, journey.center, journey.infusion.at), ask.day(network, journey.center, now)
    graded = {event.assessment: (event, found) for event, found in responses(therapy, charted(journey))}
    windows = therapy.response.windows or (None,) * len(therapy.response.assessments)
    made = list[Due]()
    for each, window in zip(therapy.response.assessments, windows, strict=True):
        day, due = round(each.value), infused + timedelta(days=each.value)
        width = timedelta(days=window.value) if window else None
        opens, closes = (due - width, due + width) if width else (infused, None)
        event, found = graded.get(day, (None, None))
        if event is not None and found is not None:
            done = ask.day(network, journey.center, event.at)
            mrd = {None: "not measured", True: "negative", False: "positive"}[found.mrd_negative]
            made.append(Due(day, opens, due, closes, "done", None, found.response, mrd, done))
            continue
        state = _state(today, opens, due, closes)
        left = (closes - today).days if closes and state in ("open", "late") else None
        made.append(Due(day, opens, due, closes, state, left))
    return tuple(made)


def _state(today: date, opens: date, due: date, closes: date | None) -> str:
    if today < opens:
        return "not yet"
    if closes is not None and today > closes:
        return "missed"
    return "open" if today <= due else "late"


def due_now(those: tuple[Due, ...]) -> Due | None:
    """The assessment that is to be made now: the first whose window is open."""
    return next((each for each in those if each.state in ("late", "open")), None)


# Since the infusion -----------------------------------------------------------------------------------------------------


def facts(therapy: Therapy, network: Network, journey: Journey) -> tuple[Fact, ...]:
    """What matters for survival and response, in the order of time."""
    if journey.infusion is None:
        return ()
    found, infused = charted(journey), journey.infusion.at
    categories = {id(event): f"{made.response}{_mrd(made.mrd_negative)}" for event, made in responses(therapy, found)}
    first, made = round(therapy.response.assessments[0].value), list[Fact]()
    seen = [each for _, each in standing(journey) if each.at >= infused]
    for each in sorted(seen, key=lambda each: each.at):
        if says := _says(each, categories.get(id(each), "")):
            ends = _ends(each, categories.get(id(each), ""), first)
            made.append(Fact(int(days_between(infused, each.at)), ask.day(network, journey.center, each.at), says, ends))
    return tuple(_without_visits_between(made))


def _mrd(negative: bool | None) -> str:
    return "" if negative is None else f", MRD {'negative' if negative else 'positive'}"


def _says(event: Event, category: str) -> str:
    if isinstance(event, e.ResponseAssessed):
        return f"response of day {event.assessment}: {category or 'not graded'}"
    if isinstance(event, e.Relapsed):
        return f"relapse, {event.relapse}"
    if isinstance(event, e.FurtherTherapyGiven):
        return f"further therapy: {event.therapy}"
    if isinstance(event, e.Died):
        return f"died: {event.cause}"
    words: dict[type[Event], str] = {e.ProductInfused: "infused", e.BCellsRecovered: "B cells recovered", e.PatientSeen: SEEN}
    return words.get(type(event), "")


SEEN = "seen alive"


def _ends(event: Event, category: str, first: int) -> str:
    if isinstance(event, e.Relapsed | e.Died):
        return "event"
    if isinstance(event, e.ResponseAssessed) and event.assessment == first and category:
        return "" if category.startswith(REMISSIONS) else "event"
    return "censors" if isinstance(event, e.FurtherTherapyGiven) else ""


def _without_visits_between(made: list[Fact]) -> Iterator[Fact]:
    """Of the visits only the last one says something: to when the patient is known to live."""
    last = max((place for place, each in enumerate(made) if each.what == SEEN), default=-1)
    yield from (each for place, each in enumerate(made) if each.what != SEEN or place == last)


def event_free(journey: Journey, those: tuple[Fact, ...]) -> EventFree | None:
    """How long the patient has lived without an event, as far as it is recorded; None before the infusion."""
    if journey.infusion is None:
        return None
    for each in those:
        if each.ends == "event":
            return EventFree(each.day, f"to {each.what}", "stop")
        if each.ends == "censors":
            return EventFree(each.day, f"followed to {each.what}", "attention")
    return EventFree(_known(charted(journey)), "no event so far; followed to the last time that the patient was seen", "fine")


def _known(found: Charted) -> int:
    """The last day on which somebody saw the patient."""
    assert found.infused is not None, "days count from the infusion"
    kinds = (e.PatientSeen, e.ResponseAssessed, e.VitalsCharted, e.NeurologyAssessed, e.BCellsRecovered, e.ProductInfused)
    return int(max(days_between(found.infused, each.at) for kind in kinds for each in found.all(kind)))
