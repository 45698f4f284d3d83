"""What a rule is: a small function with a number, a reason, a source, an example, and the days and places where it holds.

A rule looks at the journey as it was before the event and answers with nothing or with a sentence that says what is wrong
and what would clear it. A condition of the infusion gate answers with a verdict, because the gate shows its evidence too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from livingdrug.journey import codec
from livingdrug.journey.events import Event, PatientReferred, TherapyOrdered
from livingdrug.journey.state import Journey
from livingdrug.network import ask
from livingdrug.network.schema import Network
from livingdrug.therapy.schema import Therapy

__all__ = [
    "RULES",
    "TIMES",
    "Act",
    "Rule",
    "Verdict",
    "act_of",
    "condition",
    "met",
    "objections",
    "rule",
    "rules_on",
    "unmet",
    "without_zone",
]

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Act(Generic[E]):
    """An event at the door: what it would be recorded under. `day` and `jurisdiction` are those of the treating center."""

    therapy: Therapy
    network: Network
    journey: Journey
    event: E
    day: date
    jurisdiction: str
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition of the gate holds, and the evidence, or what is wrong and what would clear it."""

    met: bool
    says: str


def met(evidence: str) -> Verdict:
    """The condition holds, as this shows."""
    return Verdict(True, evidence)


def unmet(says: str) -> Verdict:
    """The condition does not hold, or is not known to."""
    return Verdict(False, says)


Check = Callable[[Act[Any]], str | None]


@dataclass(frozen=True)
class Rule:
    """One rule. `early` says that it looks only at who and when, not at the details of the event, so that it can tell in
    advance whether an act is possible. `waivers` are the roles that may override it; none: nobody."""

    number: str
    title: str
    why: str
    source: str
    example: str
    on: tuple[type[Event], ...]
    check: Check
    condition: Callable[[Act[Any]], Verdict] | None = None
    early: bool = False
    waivers: tuple[str, ...] = ()
    jurisdiction: str = ""
    since: date | None = None
    until: date | None = None

    def holds(self, day: date, jurisdiction: str) -> bool:
        """Whether the rule is in force there and then: from `since`, its first day, to the day before `until`."""
        if self.jurisdiction and self.jurisdiction != jurisdiction:
            return False
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


TIMES = "REC-002"
"""The rule that times have a zone."""

RULES: dict[str, Rule] = {}
"""Every rule by its number; `rules.library` imports all of them."""


def rule(number: str, on: tuple[type[Event], ...], **about: Any) -> Callable[[Check], Check]:
    """Make a function the rule of that number on these events; its docstring's first line is the title."""

    def register(check: Check) -> Check:
        _add(Rule(number, _title(check), on=on, check=check, **about))
        return check

    return register


def condition(number: str, on: tuple[type[Event], ...], **about: Any) -> Callable[[Callable[..., Verdict]], Any]:
    """Make a function a condition of the infusion gate: a rule whose evidence is shown as well."""

    def register(looks: Callable[[Act[Any]], Verdict]) -> Callable[[Act[Any]], Verdict]:
        def check(act: Act[Any]) -> str | None:
            verdict = _closed(looks, act)
            return None if verdict.met else verdict.says

        def closed(act: Act[Any]) -> Verdict:
            return _closed(looks, act)

        _add(Rule(number, _title(looks), on=on, check=check, condition=closed, **about))
        return looks

    return register


def _closed(looks: Callable[[Act[Any]], Verdict], act: Act[Any]) -> Verdict:
    """The gate fails closed: a condition that cannot be looked at does not hold."""
    try:
        return looks(act)
    except Exception as error:
        return unmet(f"could not be checked ({type(error).__name__}: {error}), so it does not hold; report this as a bug")


def _add(made: Rule) -> None:
    if made.number in RULES:
        raise ValueError(f"rule {made.number} is there twice; give each its own number")
    RULES[made.number] = made
    rules_on.cache_clear()


def _title(check: Callable[..., Any]) -> str:
    return (check.__doc__ or "").strip().partition("\n")[0].rstrip(".")


@cache
def rules_on(kind: type[Event]) -> tuple[Rule, ...]:
    """The rules on one kind of event, in the order of their numbers."""
    return tuple(RULES[number] for number in sorted(RULES) if issubclass(kind, RULES[number].on))


def act_of(therapy: Therapy, network: Network, journey: Journey, event: Event, now: datetime | None = None) -> Act[Event]:
    """The event at the door. An event without a known center is judged by the day of its own clock, everywhere's rules."""
    place = event.center if isinstance(event, PatientReferred | TherapyOrdered) else journey.center
    center = ask.center(network, place)
    if center is None or event.at.tzinfo is None:
        return Act(therapy, network, journey, event, event.at.date(), "", now)
    return Act(therapy, network, journey, event, ask.day(network, place, event.at), center.jurisdiction, now)


@cache
def _times(kind: type[Event]) -> tuple[str, ...]:
    """The fields that hold a time."""
    return tuple(name for name, of in codec.typed_fields(kind).items() if of is datetime)


def without_zone(event: Event) -> str | None:
    """The first field of an event that holds a time without a zone."""
    return next((name for name in _times(type(event)) if getattr(event, name).tzinfo is None), None)


def objections(act: Act[Event], *, early: bool = False) -> dict[str, str]:
    """What the rules in force on the day of the act say against it, by number; `early`: only what needs no details.

    A time without a zone cannot be compared with others, so that it is the only objection to its event.
    """
    found: dict[str, str] = {}
    rules = rules_on(act.event.__class__)
    if not early and TIMES in RULES and without_zone(act.event):
        rules = (RULES[TIMES],)
    for each in rules:
        if (each.early or not early) and each.holds(act.day, act.jurisdiction) and (says := each.check(act)):
            found[each.number] = says
    return found
