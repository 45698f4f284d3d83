"""The board: where every journey stands, what is due and what stops it, as columns that journeys alone determine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Count, Q

from livingdrug.care import chain, clock
from livingdrug.care.models import Claim
from livingdrug.care.models import Journey as Row
from livingdrug.criteria.crs import astct
from livingdrug.errors import BadInput
from livingdrug.journey.events import VitalsCharted
from livingdrug.journey.identity import why_not_chain, why_not_din
from livingdrug.journey.state import Journey, standing
from livingdrug.therapy.schema import Therapy

__all__ = ["COLUMNS", "STAGES", "Board", "Filters", "board", "columns", "counts", "due"]

COLUMNS = ("stage", "center", "site", "payer", "last_at", "due_at", "due", "blocked", "held", "severe")

STAGES = (
    "referred", "eligible", "authorized", "ordered", "collected", "accepted", "in manufacture", "manufactured", "released",
    "on site", "lymphodepletion", "gate passed", "infused", "response assessed", "relapsed", "ended", "died",
)  # fmt: skip
"""Where a journey can stand, in the order of a journey."""

FEVER = 38.0
SEVERE = 3


def columns(therapy: Therapy, journey: Journey) -> dict[str, Any]:
    """What the board shows of a journey. No clock: what is late is a question of the reader's."""
    due, at = min(_due(therapy, journey), key=lambda each: each[1], default=("", None))
    blocked = list(_blocked(journey))
    return {
        "stage": _stage(journey),
        "center": journey.center,
        "site": journey.site,
        "payer": journey.payer,
        "last_at": clock.stamp(max(event.at for event in journey.history)),
        "due_at": clock.stamp(at) if at else "",
        "due": due,
        "blocked": chain.spelled(blocked),
        "held": bool(blocked),
        "severe": _severe(journey),
    }


def _stage(journey: Journey) -> str:
    return next(stage for stage, holds in zip(reversed(STAGES), _holds(journey), strict=True) if holds)


def _holds(journey: Journey) -> Iterator[bool]:
    """Whether each stage was reached, the last one first."""
    products = [each for each in journey.products if not each.rejected]
    running = any(run.status == "running" for run in journey.runs)
    yield journey.died is not None
    yield bool(journey.ended)
    yield journey.relapsed
    yield bool(journey.assessments)
    yield journey.infusion is not None
    yield journey.gate is not None
    yield journey.depletion_started is not None
    yield any(each.released and each.stored_celsius is not None for each in products)
    yield any(each.released for each in products)
    yield bool(products)
    yield running
    yield any(each.accepted for each in journey.collections)
    yield bool(journey.collections)
    yield bool(journey.order)
    yield journey.covered
    yield journey.eligibility is not None
    yield True


def _due(therapy: Therapy, journey: Journey) -> Iterator[tuple[str, datetime]]:
    """What comes next and when."""
    if journey.died or journey.ended:
        return
    if journey.infusion is not None:
        done = {assessment for assessment, _ in journey.assessments}
        for day in therapy.response.assessments:
            if day.value not in done:
                yield f"response at day {day.value:g}", journey.infusion.at + timedelta(days=day.value)
        return
    if journey.depletion_finished is not None:
        longest = timedelta(days=therapy.lymphodepletion.window_maximum.value)
        yield "infusion window closes", journey.depletion_finished + longest
    last = journey.last_act
    for slot in journey.slots:
        if slot.status == "held":
            yield f"book or release {slot.kind}", slot.expires
        elif slot.status == "booked" and (last is None or slot.start > last):
            yield slot.kind, slot.start
    yield from (("product expires", each.expires) for each in journey.products if each.released and not each.rejected)


def _blocked(journey: Journey) -> Iterator[str]:
    """What stops a journey, one sentence each."""
    for position in sorted(journey.mismatches):
        yield f"mismatch at {position} is not resolved"
    yield from (f"deviation {each.deviation} is open" for each in journey.deviations if each.holds)
    if journey.infusion is None:
        yield from (f"contraindication: {each}" for each in journey.contraindications)
    yield from (f"consent to {each} was withdrawn" for each in sorted(journey.withdrawn))


def _severe(journey: Journey) -> bool:
    """Whether a charted hour was ASTCT grade 3 or more; fever counts as ongoing once it was there."""
    fever = False
    if journey.infusion is None:
        return False
    for _, event in standing(journey):
        if isinstance(event, VitalsCharted):
            for warm, pressure, oxygen in zip(event.temperature, event.vasoactive, event.oxygen, strict=False):
                fever = fever or warm >= FEVER
                if max(pressure, oxygen) > 1 and astct(fever=fever, vasoactive=pressure, oxygen=oxygen) >= SEVERE:
                    return True
    return False


# Reading ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the board; None: all. `late` are those whose next thing was due before `now`; `search` finds the beginning
    of a pseudonym, or a chain, order, collection or product number as a label has it."""

    stage: str | None = None
    center: str | None = None
    site: str | None = None
    therapy: str | None = None
    patient: str | None = None
    held: bool | None = None
    severe: bool | None = None
    late: bool | None = None
    search: str | None = None


ALL = Q()


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the board: rows, latest first (of late ones, longest due first), and the cursor of the next page."""

    rows: tuple[Row, ...]
    next: str | None


def board(
    filters: Filters = Filters(), limit: int = 50, after: str | None = None, now: datetime | None = None, within: Q = ALL
) -> Board:
    """Journeys that fit, `limit` at a time; `after` is the cursor of the page before, `within` what the reader may see.

    Raises `BadInput` for a bad cursor.
    """
    found = _filtered(filters, now or clock.now()).filter(within)
    key, back = ("due_at", "") if filters.late else ("last_at", "-")
    if after is not None:
        at, id = _cursor(after)
        step = "gt" if not back else "lt"
        # The row comparison of the page, spelled so that both databases walk the index: at least, and beyond.
        found = found.filter(**{f"{key}__{step}e": at}).exclude(**{key: at, f"id__{'lte' if not back else 'gte'}": id})
    rows = tuple(found.order_by(f"{back}{key}", f"{back}id")[: limit + 1])
    more = rows[limit - 1] if len(rows) > limit else None
    return Board(rows[:limit], f"{getattr(more, key)}~{more.id}" if more else None)


def counts(filters: Filters = Filters(), now: datetime | None = None, within: Q = ALL) -> Mapping[tuple[str, str], int]:
    """How many journeys there are, by stage and center; `within` is what the reader may see."""
    fitting = _filtered(filters, now or clock.now()).filter(within)
    found = fitting.values("stage", "center").annotate(n=Count("*")).order_by("stage", "center")
    return {(each["stage"], each["center"]): each["n"] for each in found}


def due(until: datetime, filters: Filters = Filters(), limit: int = 200, within: Q = ALL) -> tuple[Row, ...]:
    """Journeys whose next thing is due before a moment, longest due first."""
    found = _filtered(filters, until).filter(within).exclude(due_at="").filter(due_at__lt=clock.stamp(until))
    return tuple(found.order_by("due_at", "id")[:limit])


def _filtered(filters: Filters, now: datetime) -> Any:
    equal = {each.name: getattr(filters, each.name) for each in fields(filters) if each.name not in ("late", "search")}
    found = Row.objects.filter(**{name: value for name, value in equal.items() if value is not None})
    if filters.search:
        found = found.filter(_named(filters.search.strip()))
    if filters.late is None:
        return found
    late = found.filter(due_at__lt=clock.stamp(now)).exclude(due_at="")
    return late if filters.late else found.exclude(pk__in=late.values("pk"))


def _named(text: str) -> Q:
    """What a person types who looks for one patient, or a scanner that reads a label."""
    labels = Claim.objects.filter(value__in=_read(text), released=None).exclude(kind="gate")
    return cast(Q, Q(patient__istartswith=text) | Q(id__in=labels.values("journey_id")))


def _read(text: str) -> set[str]:
    """The identifiers that a label may mean: as it stands, and without data identifier, check character or flags.

    What is no well-formed number is never shortened: an order 41 without its last digit would be another's order 4.
    """
    bare = text.upper().lstrip("=&/")
    found = {text, text.upper(), bare}
    if why_not_chain(bare) is None:
        found.add(bare[:CHAIN])
    if why_not_din(bare) is None or (text.startswith("=") and len(bare) == DIN + FLAGS and why_not_din(bare[:DIN]) is None):
        found.add(bare[:DIN])
    return found


CHAIN, DIN, FLAGS = 15, 13, 2
"""Characters of a chain of identity, of a donation number, and of the flags behind it in a code."""


def _cursor(text: str) -> tuple[str, str]:
    at, tilde, id = text.partition("~")
    if not tilde:
        raise BadInput.at("after", f"{text!r} is no cursor; take it from the page before")
    return at, id
