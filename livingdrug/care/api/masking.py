"""How much of how a patient is whom is told: staff of the center and auditors all, others no more than on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from livingdrug.care import clock
from livingdrug.care.accounts.permissions import sees_clinical
from livingdrug.care.accounts.scope import scope
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.board import Filters, columns
from livingdrug.care.pages.attention import AFTER_INFUSION
from livingdrug.care.states import Standing

__all__ = ["asked", "journey", "row"]

SHOWN = ("id", "patient", "therapy", "network", "version", "center", "site", "last_at", "held")
OF_OUTCOMES = "response"
"""What is due after the infusion begins with this word."""


def row(visitor: Visitor, each: Any) -> dict[str, Any]:
    """A journey on the board."""
    clinical = sees_clinical(visitor)
    due = each.due if clinical or not each.due.startswith(OF_OUTCOMES) else ""
    return {name: getattr(each, name) for name in SHOWN} | {
        "stage": _stage(each.stage, clinical),
        "due": due,
        "due_at": each.due_at if due else "",
        "severe": clinical and each.severe,
        "blocked": list(_blocked(json.loads(each.blocked), clinical)),
    }


def journey(visitor: Visitor, standing: Standing) -> dict[str, Any]:
    """Where a journey stands."""
    state, clinical = standing.state, sees_clinical(visitor)
    shown = columns(standing.therapy, state)
    held = _blocked(json.loads(shown["blocked"]), clinical)
    return {
        "id": standing.id, "patient": state.patient, "therapy": state.therapy, "definition": standing.definition,
        "network": standing.network, "version": standing.version, "head": standing.head,
        "stage": _stage(shown["stage"], clinical), "center": state.center, "site": state.site, "chain": state.chain,
        "order": state.order, "payer": state.payer if clinical else "", "consents": sorted(state.consents) if clinical else [],
        "held": list(held), "infused": state.infusion.at if state.infusion else None,
        "died": state.died if clinical else None, "ended": state.ended if clinical else "",
    }  # fmt: skip


def _stage(stage: str, clinical: bool) -> str:
    return stage if clinical or stage not in AFTER_INFUSION else AFTER_INFUSION[0]


def _blocked(says: list[str], clinical: bool) -> Iterator[str]:
    for each in says:
        yield each if clinical or not each.startswith("contraindication") else "the center has stopped it"


def asked(
    visitor: Visitor, filters: Filters, *, stage: str | None, held: bool | None, late: bool | None, now: datetime
) -> tuple[Filters, Q]:
    """The filters, and what else narrows the board: nobody finds by a filter what they are not told."""
    within: Any = scope(visitor)
    if sees_clinical(visitor):
        return replace(filters, stage=stage, held=held, late=late), within
    if stage is not None:
        within &= Q(stage__in=AFTER_INFUSION if stage == AFTER_INFUSION[0] else {stage} - set(AFTER_INFUSION))
    if held:
        within &= ~Q(blocked__contains="contraindication")
    if late is not None:
        within &= ~Q(due__startswith=OF_OUTCOMES) if late else _not_late(now)
    return replace(filters, held=held, late=late or None), within


def _not_late(now: datetime) -> Any:
    """Late is what was due before now; what is due after the infusion is never late to those who are not told of it."""
    fine: Any = Q(due_at="") | Q(due_at__gte=clock.stamp(now))
    return fine | Q(due__startswith=OF_OUTCOMES)
