"""A journey as people read it: events in phases, with what corrects and signs them beside them, in the center's local time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from livingdrug.care import clock
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.permissions import sees_event
from livingdrug.care.accounts.signing import MEANINGS
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.pages import times
from livingdrug.care.pages.forms import label
from livingdrug.criteria.crs import Oxygen, Vasoactive
from livingdrug.criteria.icans import Consciousness, Edema, Motor, Seizure
from livingdrug.journey import codec
from livingdrug.journey.events import Corrected, Event, Identifier, Overridden, Signed
from livingdrug.journey.state import Journey

__all__ = ["Change", "Correction", "Detail", "Entry", "Phase", "Signature", "details", "phases", "said"]

LATE = timedelta(hours=24)
"""An event that was recorded longer after it happened is marked as a late entry."""

LONGEST = 12
"""Values of a series that are spelled out; the bedside page draws the rest."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One field of an event as words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a correction changed: what was first written, and what stands."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of an event; `retracted`: it never happened."""

    position: int
    at: str
    by: str
    reason: str
    retracted: bool
    changes: tuple[Change, ...]
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """An electronic signature as it is shown and printed: printed name, time, meaning (21 CFR 11.50)."""

    name: str
    by: str
    at: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the timeline; `late` says when it was recorded, where that was long after it happened."""

    position: int
    event: str
    at: str
    moment: str
    by: str
    details: tuple[Detail, ...]
    late: str
    corrections: tuple[Correction, ...]
    signatures: tuple[Signature, ...]
    correctable: bool
    hash: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the journey and its events."""

    title: str
    entries: tuple[Entry, ...]


ANCHORS = {
    "referred": 0, "collected": 1, "manufacture started": 2, "released": 3, "infused": 4, "not infused": 5,
    "response assessed": 5,
}  # fmt: skip
"""Event → the phase that begins with it."""
TITLES = (
    "Referral to order",
    "Collection",
    "Manufacture and release",
    "To the infusion",
    "Infusion and course",
    "Response and after",
)


def phases(
    visitor: Visitor, journey: Journey, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, *, newest: bool
) -> tuple[Phase, ...]:
    """The events that a visitor may see, in phases; `rows` are the journey's rows of the log, oldest first."""
    beside = _Beside(journey, zone)
    found: list[list[Entry]] = [[] for _ in TITLES]
    phase = 0
    for position in sorted(range(1, journey.version + 1), key=lambda each: (journey.history[each - 1].at, each)):
        event = journey.history[position - 1]
        phase = max(phase, ANCHORS.get(event.name, 0))
        if not isinstance(event, Corrected | Signed) and sees_event(visitor, journey, event):
            found[phase].append(_entry(event, position, rows[position - 1], zone, beside))
    made = [Phase(title, tuple(reversed(entries) if newest else entries)) for title, entries in zip(TITLES, found, strict=True)]
    return tuple(each for each in (reversed(made) if newest else made) if each.entries)


class _Beside:
    """What stands beside events: corrections and signatures by the position they are about, and the names of who signed."""

    def __init__(self, journey: Journey, zone: ZoneInfo) -> None:
        self.journey, self.zone = journey, zone
        self.signed: dict[int, list[Signed]] = {}
        self.corrected: dict[int, list[tuple[int, Corrected]]] = {}
        for position, event in enumerate(journey.history, 1):
            if isinstance(event, Signed):
                self.signed.setdefault(event.position, []).append(event)
            elif isinstance(event, Corrected):
                self.corrected.setdefault(event.position, []).append((position, event))
        people = {each.by for several in self.signed.values() for each in several}
        named = Account.objects.filter(person__in=people).values_list("person", "name") if people else ()
        self.names: dict[str, str] = dict(named)

    def signatures(self, position: int) -> tuple[Signature, ...]:
        """The signatures on one event."""
        return tuple(
            Signature(self.names.get(each.by, each.by), each.by, times.shown(each.at, self.zone), _meaning(each.meaning))
            for each in self.signed.get(position, ())
        )

    def corrections(self, position: int) -> Iterator[Correction]:
        """The corrections of one event, each against what stood before it."""
        stood: Event | None = self.journey.history[position - 1]
        for place, each in self.corrected.get(position, ()):
            changes = () if each.replacement is None or stood is None else tuple(_changes(stood, each.replacement, self.zone))
            at = times.shown(each.at, self.zone)
            yield Correction(place, at, each.by, each.reason, each.replacement is None, changes, self.signatures(place))
            stood = each.replacement


def _meaning(word: str) -> str:
    """A meaning in the words that were on the screen."""
    return MEANINGS.get(word, word)


def _entry(event: Event, position: int, row: Mapping[str, Any], zone: ZoneInfo, beside: _Beside) -> Entry:
    recorded = clock.moment(row["recorded"])
    corrections = tuple(beside.corrections(position))
    return Entry(
        position=position,
        event=event.name,
        at=times.shown(event.at, zone),
        moment=event.at.isoformat(),
        by=event.by,
        details=details(event, zone),
        late=times.shown(recorded, zone) if recorded - event.at > LATE else "",
        corrections=corrections,
        signatures=beside.signatures(position),
        correctable=not isinstance(event, Overridden) and not (corrections and corrections[-1].retracted),
        hash=row["hash"][:12],
    )


# Fields as words ----------------------------------------------------------------------------------------------------------


def details(event: Event, zone: ZoneInfo) -> tuple[Detail, ...]:
    """What an event says, besides when and by whom; what is empty is left out."""
    shown = ((name, getattr(event, name)) for name in codec.typed_fields(type(event)) if name not in ("at", "by"))
    return tuple(
        Detail(_label(name), said(value, zone, name)) for name, value in shown if not _says_nothing(event, name, value)
    )


def _says_nothing(event: Event, name: str, value: Any) -> bool:
    """Whether a field is empty, has no unit, or was left at no."""
    usual = type(event).__dataclass_fields__[name].default
    return value is None or value in ("", ()) or (name == "unit" and value == "1") or (value is False and usual is False)


def _changes(before: Event, after: Event, zone: ZoneInfo) -> Iterator[Change]:
    for name in codec.typed_fields(type(after)):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(_label(name), said(old, zone, name) or "nothing", said(new, zone, name) or "nothing")


def _label(name: str) -> str:
    """The words of a field without how to type it."""
    return SHORT.get(name) or label(name).partition(":")[0].removesuffix(", one a line")


SHORT = {
    "chain": "chain of identity",
    "second": "second identifier",
    "says": "says",
    "hours": "hours after",
    "ice": "ICE",
    "capd": "CAPD",
}

WORDS: dict[str, type[IntEnum]] = {
    "vasoactive": Vasoactive, "oxygen": Oxygen, "consciousness": Consciousness, "seizure": Seizure, "motor": Motor,
    "edema": Edema,
}  # fmt: skip
"""Fields that hold a level, and the names of its levels."""


def said(value: Any, zone: ZoneInfo, name: str = "") -> str:
    """A value of a field as words."""
    if isinstance(value, tuple):
        head = ", ".join(said(each, zone, name) for each in value[:LONGEST])
        return f"{head} … ({len(value)} values)" if len(value) > LONGEST else head
    if isinstance(value, Identifier):
        return f"{value.kind} {value.value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return times.shown(value, zone)
    if isinstance(value, int) and name in WORDS:
        return _level(WORDS[name], value)
    if isinstance(value, float):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def _level(levels: type[IntEnum], value: int) -> str:
    try:
        return levels(value).name.lower().replace("_", " ")
    except ValueError:
        return str(value)


def _number(value: float) -> str:
    """Up to six digits as they are; larger ones as a power of ten: 1.2 × 10⁸."""
    if abs(value) < 1e6:
        return f"{value:.6g}" if value == 0 or abs(value) >= 1e-4 else f"{value:.2g}"
    mantissa, _, power = f"{value:.3g}".partition("e") if abs(value) >= 1e3 else (f"{value:g}", "", "")
    return f"{mantissa} × 10{str(int(power)).translate(RAISED)}"


RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
