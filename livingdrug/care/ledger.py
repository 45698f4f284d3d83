"""The ledger: what was billed, waived and disputed, milestone by milestone, as the journeys' settlements say it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from livingdrug.care import states
from livingdrug.care.models import Event, Milestone
from livingdrug.journey.events import Corrected, CoverageAuthorized, CoverageDenied

__all__ = ["Total", "ledger", "payers", "totals"]

COVERAGE = (CoverageAuthorized.name, CoverageDenied.name)
AT_ONCE = 500
"""Journeys that are asked for in one question; databases allow so many values."""


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of one milestone in one currency, in minor units."""

    milestone: str
    currency: str
    settled: int
    billed: int
    waived: int
    disputed: int


def ledger(after: int = 0, limit: int = 100, **equal: str) -> list[Milestone]:
    """Rows after a row's id, in the order in which they were written; `equal` narrows, as in `journey_id="…"`."""
    found = Milestone.objects.filter(id__gt=after, **equal).select_related("journey").order_by("id")
    return list(found[:limit])


def totals(**equal: str) -> list[Total]:
    """Sums for each milestone and currency; `equal` narrows, as in `journey__center="chop"`."""
    sums = {
        "settled": Count("id"),
        "billed": Sum("billed"),
        "waived": Sum("waived"),
        "disputed": Count("id", filter=~Q(disputed="")),
    }
    # Named apart from the columns they add up, which Django would take for them.
    named = {f"{name}_": each for name, each in sums.items()}
    rows = Milestone.objects.filter(**equal).values("milestone", "currency").annotate(**named).order_by("milestone", "currency")
    return [Total(row["milestone"], row["currency"], *(row[name] for name in named)) for row in rows]


def payers(journeys: Collection[str]) -> dict[str, str]:
    """Who pays for each of these journeys, as its last coverage says; only a journey whose coverage was corrected is read."""
    found: dict[str, str] = {}
    named = sorted(journeys)
    for first in range(0, len(named), AT_ONCE):
        rows = Event.objects.filter(journey_id__in=named[first : first + AT_ONCE], name__in=(*COVERAGE, Corrected.name))
        for journey, name, content in rows.order_by("position").values_list("journey_id", "name", "content"):
            if name in COVERAGE:
                found[journey] = json.loads(content)["payer"]
            elif json.loads(content).get("replacement") is None or '"payer"' in content:
                found[journey] = states.latest(journey).state.payer
    return found
