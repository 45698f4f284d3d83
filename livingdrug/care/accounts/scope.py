"""The same scope in SQL, so that a list holds only what its reader may see, and no more than a page of it is read."""

from __future__ import annotations

from typing import cast

from django.db.models import Q

from livingdrug.care import states
from livingdrug.care.accounts.permissions import is_auditor, may_break_glass, may_see, works_there
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.models import Journey as Row

__all__ = ["scope", "within"]

ON_THE_WAY = (
    "collected",
    "accepted",
    "in manufacture",
    "manufactured",
    "released",
    "on site",
    "lymphodepletion",
    "gate passed",
)
"""Stages in which cells wait or travel."""

NOTHING = Q(pk__in=())


def scope(visitor: Visitor, prefix: str = "") -> Q:
    """What restricts journeys to those that `may_see` lets through; with "journey__", rows that belong to journeys."""
    if is_auditor(visitor):
        return Q()
    if not works_there(visitor):
        return NOTHING
    if visitor.kind in ("center", "site", "payer"):
        own = Q((f"{prefix}{visitor.kind}", visitor.place))
        return cast(Q, own | Q((f"{prefix}id__in", visitor.glass))) if may_break_glass(visitor) and visitor.glass else own
    return Q((f"{prefix}id__in", _carried(visitor)))


def within(visitor: Visitor, id: str) -> bool:
    """Whether a journey is within the scope, asked of the database alone.

    Asked before a journey is read, it makes one that is somebody else's and one that is not there take the same time.
    """
    return Row.objects.filter(scope(visitor), id=id).exists()


def _carried(visitor: Visitor) -> list[str]:
    """Journeys that a courier has to do with: few are on their way at a time, and their states are kept."""
    under_way = Row.objects.filter(stage__in=ON_THE_WAY).values_list("id", flat=True)
    return [id for id in under_way if may_see(visitor, id, states.latest(id).state)]
