"""The audit trail: who read or wrote what of which patient, when, from where and why. Rows are chained and never change."""

from __future__ import annotations

from dataclasses import dataclass

from livingdrug.care import chain, clock
from livingdrug.care.models import Access
from livingdrug.care.transactions import ACCESS, tried_again, writing

__all__ = ["HERE", "Source", "audit", "noted", "trail"]

COVERED = ("position", "at", "account", "action", "journey", "patient", "what", "outcome", "ip", "reason")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, and the reason that was given."""

    ip: str = ""
    reason: str = ""


HERE = Source()


def audit(
    account: str,
    action: str,
    what: str,
    *,
    journey: str = "",
    patient: str = "",
    outcome: str = "done",
    source: Source = HERE,
) -> None:
    """Add one row to the trail, in a transaction of its own. `action`: C create, R read, U update, E execute."""

    def work() -> None:
        with writing(ACCESS):
            noted(account, action, what, journey=journey, patient=patient, outcome=outcome, source=source)

    tried_again(work)


def noted(
    account: str,
    action: str,
    what: str,
    *,
    journey: str = "",
    patient: str = "",
    outcome: str = "done",
    source: Source = HERE,
) -> None:
    """Add one row within the transaction of the caller, who holds the lock of the trail."""
    last = Access.objects.order_by("-position").values_list("position", "hash").first()
    position, previous = last or (0, chain.NOTHING)
    row = Access(
        position=position + 1,
        at=clock.stamp(clock.now()),
        account=account[:200],
        action=action,
        journey=journey[:32],
        patient=patient[:100],
        what=what[:200],
        outcome=outcome[:200],
        ip=source.ip[:45],
        reason=source.reason[:400],
    )
    row.hash = chain.linked(previous, chain.spelled({name: getattr(row, name) for name in COVERED}))
    row.save(force_insert=True)


def trail(after: int = 0, limit: int = 100, **equal: str) -> list[Access]:
    """Rows after a position, oldest first; `equal` narrows to a patient, journey or account."""
    return list(Access.objects.filter(position__gt=after, **equal).order_by("position")[:limit])
