"""What ends at a place and whom that will block: certificates and training against the journeys that still need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from livingdrug.care import clock
from livingdrug.care.board import STAGES
from livingdrug.care.models import Journey as Row
from livingdrug.care.models import Slot
from livingdrug.care.pages import links
from livingdrug.journey.rules.library import RULES
from livingdrug.network import ask, renewals
from livingdrug.network.schema import Center, Network, Person, Site

__all__ = ["Blocked", "Paper", "papers", "under_way"]

DAY = timedelta(days=1)
FAR = 36_500
"""Days within which everything ends that ends."""

BEFORE_INFUSION = frozenset(STAGES[: STAGES.index("infused")])
NEEDED: dict[str, tuple[str, frozenset[str], str]] = {
    "manufacturer": ("REF-012", BEFORE_INFUSION, "order, collect, deplete and infuse"),
    "REMS": ("INF-003", BEFORE_INFUSION, "infuse"),
    "physician": ("INF-004", BEFORE_INFUSION, "order and pass the gate"),
    "collection nurse": ("REC-011", frozenset(STAGES[: STAGES.index("collected")]), "collect"),
    "pharmacist": ("REC-011", BEFORE_INFUSION, "thaw"),
    "bedside nurse": ("REC-011", BEFORE_INFUSION | {"infused"}, "thaw and give tocilizumab"),
    "operator": ("REC-011", frozenset(STAGES[STAGES.index("ordered") : STAGES.index("manufactured")]), "manufacture"),
    "quality": ("REC-011", frozenset(STAGES[STAGES.index("ordered") : STAGES.index("released")]), "release"),
}
"""Certificate or role → the rule that asks for it, the stages in which it is still needed, and for what."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A journey that is planned beyond an end: what, and on which day."""

    patient: str
    what: str
    on: date | None
    href: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate of a place or the training of a person. `state` is valid, ending, ended, or unasked (no rule asks for it).

    `until` is the last day without a gap; `stays` how many others of the role are still trained the day after; `blocked` who
    is planned later, and `others` how many more still need it.
    """

    what: str
    roles: tuple[str, ...]
    state: str
    until: date | None
    days: int | None
    says: str
    rule: str = ""
    needed: str = ""
    stays: int = 0
    blocked: tuple[Blocked, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A journey that is under way: its stage, and the days on which something is planned."""

    id: str
    patient: str
    stage: str
    planned: tuple[tuple[date, str], ...]


def under_way(places: Sequence[Center | Site], therapy: str, within: Q) -> dict[str, list[Way]]:
    """Journeys of a therapy that are not over, by the place where they are treated or made, each with what is planned."""
    stages = BEFORE_INFUSION | {"infused"}
    rows = list(Row.objects.filter(within, therapy=therapy, stage__in=stages).order_by("due_at", "id"))
    booked: dict[str, list[Any]] = {}
    for slot in Slot.objects.filter(journey__therapy=therapy, journey__stage__in=stages, status__in=("held", "booked")):
        booked.setdefault(slot.journey_id, []).append(slot)
    found: dict[str, list[Way]] = {}
    for place in places:
        zone, at = ZoneInfo(place.timezone), "center" if isinstance(place, Center) else "site"
        found[place.id] = [_way(row, booked.get(row.id, ()), zone) for row in rows if getattr(row, at) == place.id]
    return found


def _way(row: Any, booked: Iterable[Any], zone: ZoneInfo) -> Way:
    planned = [*_due(row, zone), *((_day(slot.start, zone), slot.resource) for slot in booked)]
    return Way(row.id, row.patient, row.stage, tuple(sorted(planned)))


def _due(row: Any, zone: ZoneInfo) -> Iterator[tuple[date, str]]:
    if row.due_at and row.stage in BEFORE_INFUSION:
        yield _day(row.due_at, zone), row.due


def _day(stamp: str, zone: ZoneInfo) -> date:
    return clock.moment(stamp).astimezone(zone).date()


def papers(
    network: Network, place: Center | Site, therapy: str, now: datetime, soon: int, ways: Sequence[Way]
) -> tuple[Paper, ...]:
    """Everything that a place has to show for a therapy, what ended and ends first at the top."""
    on = now.astimezone(ZoneInfo(place.timezone)).date()
    stands = renewals.standing(network, place, therapy, on, FAR)  # type: ignore[arg-type]  # a site has the same fields
    ends = dict(stands.ending)
    kinds = list(dict.fromkeys(each.kind for each in place.certificates if each.therapy in (None, therapy)))
    found = [_certificate(network, place, therapy, on, soon, kind, ends, ways) for kind in kinds]
    here = [each for each in place.staff if each.until is None or on <= each.until]
    found += [_training(network, each, here, therapy, on, soon, ends, ways) for each in here]
    return tuple(sorted(found, key=_urgency))


def _urgency(paper: Paper) -> tuple[Any, ...]:
    return ("ended", "ending", "valid", "unasked").index(paper.state), paper.until or date.max, bool(paper.roles), paper.what


def _certificate(
    network: Network,
    place: Center | Site,
    therapy: str,
    on: date,
    soon: int,
    kind: str,
    ends: dict[str, date],
    ways: Sequence[Way],
) -> Paper:
    says = ask.why_not_certified(network, place.id, kind, therapy, on) or ""
    until = ends.get(f"{kind} certificate") if not says else None
    if not _asked(kind, place.jurisdiction, until + DAY if until else on):
        rule = RULES[NEEDED[kind][0]] if kind in NEEDED else None
        ended = f"not asked for since {rule.until}" if rule and rule.until and rule.until <= on else "no rule asks for it"
        return Paper(f"{kind} certificate", (), "unasked", until, _left(until, on), ended)
    blocked, others = _hit(kind, until, ways)
    rule, _, needed = NEEDED[kind]
    return Paper(
        f"{kind} certificate",
        (),
        _state(says, until, on, soon),
        until,
        _left(until, on),
        says,
        rule,
        needed,
        0,
        blocked,
        others,
    )


def _asked(kind: str, jurisdiction: str, day: date) -> bool:
    """Whether a rule asks for that certificate on the first day without it."""
    return kind in NEEDED and RULES[NEEDED[kind][0]].holds(day, jurisdiction)


def _training(
    network: Network,
    who: Person,
    staff: Sequence[Person],
    therapy: str,
    on: date,
    soon: int,
    ends: dict[str, date],
    ways: Sequence[Way],
) -> Paper:
    says = ask.why_not_trained(network, who.id, therapy, on) or ""
    until = ends.get(who.id) if not says else None
    role = next((each for each in who.roles if each in NEEDED), "")
    if not role:
        return Paper(who.id, tuple(who.roles), "unasked", until, _left(until, on), "no rule asks for training")
    after = until + DAY if until else on
    stays = sum(role in each.roles and each.id != who.id and ask.trained(network, each.id, therapy, after) for each in staff)
    blocked, others = _hit(role, until, ways) if not stays and (says or until) else ((), 0)
    rule, _, needed = NEEDED[role]
    state = _state(says, until, on, soon)
    return Paper(who.id, tuple(who.roles), state, until, _left(until, on), says, rule, needed, stays, blocked, others)


def _state(says: str, until: date | None, on: date, soon: int) -> str:
    if says:
        return "ended"
    return "ending" if until is not None and until <= on + soon * DAY else "valid"


def _left(until: date | None, on: date) -> int | None:
    return (until - on).days if until else None


def _hit(need: str, until: date | None, ways: Iterable[Way]) -> tuple[tuple[Blocked, ...], int]:
    """Who is planned after the last day, and how many more still need it; what has ended stops everybody who needs it."""
    stages = NEEDED[need][1]
    concerned = [each for each in ways if each.stage in stages]
    found: list[Blocked] = []
    for way in concerned:
        later = next(((on, what) for on, what in way.planned if until is None or on > until), None)
        if later or until is None:
            on, what = later or (None, way.stage)
            found.append(Blocked(way.patient, what, on, links.journey(way.id)))
    return tuple(found), len(concerned) - len(found)
