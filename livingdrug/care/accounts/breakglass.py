"""Break-glass: a clinician opens one journey of another center, with a reason, for an hour; the audit page shows it."""

from __future__ import annotations

from datetime import datetime, timedelta

from livingdrug.care import clock
from livingdrug.care.access import HERE, Source, audit
from livingdrug.care.accounts.models import Account, Glass
from livingdrug.care.accounts.permissions import may_break_glass
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.models import Journey
from livingdrug.errors import BadInput

__all__ = ["MINUTES", "REASON", "found", "glasses", "open_glass"]

MINUTES = 60
REASON = 10
"""Characters that a reason has at least."""


def open_glass(visitor: Visitor, journey: str, reason: str, *, now: datetime | None = None, source: Source = HERE) -> Glass:
    """Open a journey for an hour. Raises `BadInput` where they may not, there is none, or the reason says nothing."""
    at, said = now or clock.now(), reason.strip()
    if not may_break_glass(visitor):
        audit(visitor.account, "E", "break glass", outcome="refused", source=source)
        raise BadInput.at("journey", "break-glass is for physicians and nurses of a center")
    if len(said) < REASON:
        raise BadInput.at("reason", f"says too little; write at least {REASON} characters: it will be read and asked about")
    known = found(journey)
    if known is None:
        audit(visitor.account, "E", "break glass", outcome="no such journey", source=Source(source.ip, said))
        raise BadInput.at("journey", "there is no such journey; check the token or the pseudonym")
    audit(visitor.account, "E", "break glass", journey=known.id, patient=known.patient, source=Source(source.ip, said))
    account = Account.objects.get(email=visitor.account)
    return Glass.objects.create(
        account=account, journey=known.id, reason=said[:400], opened=at, until=at + timedelta(minutes=MINUTES)
    )


def glasses(limit: int = 100) -> list[Glass]:
    """Whose glass was opened, latest first: for the audit page."""
    return list(Glass.objects.select_related("account").order_by("-opened")[:limit])


def found(name: str) -> Journey | None:
    """The journey of a token, or the latest of a pseudonym."""
    name = name.strip()
    by_token = Journey.objects.filter(id=name).first()
    return by_token or Journey.objects.filter(patient=name).order_by("-last_at").first()
