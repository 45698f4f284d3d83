"""The audit trail: who read or wrote what of which patient, when, from where and why. Rows are chained and never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livingdrug.care import chain, clock
from livingdrug.care.models import Access
from livingdrug.care.statements import Statement, run, statement
from livingdrug.care.transactions import ACCESS, tried_again, writing

__all__ = ["HERE", "Source", "audit", "noted", "row_after", "trail"]

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


def noted(account: str, action: str, what: str, **about: Any) -> None:
    """Add one row within the transaction of the caller, who holds the lock of the trail; arguments as of `audit`."""
    last = Access.objects.order_by("-position").values_list("position", "hash").first()
    run(row_after(last or (0, chain.NOTHING), account, action, what, **about))


def row_after(
    last: tuple[int, str],
    account: str,
    action: str,
    what: str,
    *,
    journey: str = "",
    patient: str = "",
    outcome: str = "done",
    source: Source = HERE,
) -> Statement:
    """The statement that adds a row behind the last one, of which position and hash are given."""
    position, previous = last
    short = (account[:200], action, journey[:32], patient[:100], what[:200], outcome[:200], source.ip[:45], source.reason[:400])
    values = (position + 1, clock.stamp(clock.now()), *short)
    hash_ = chain.linked(previous, chain.spelled(dict(zip(COVERED, values, strict=True))))
    return statement("access", (*values, hash_))


def trail(after: int = 0, limit: int = 100, **equal: str) -> list[Access]:
    """Rows after a position, oldest first; `equal` narrows to a patient, journey or account."""
    return list(Access.objects.filter(position__gt=after, **equal).order_by("position")[:limit])
