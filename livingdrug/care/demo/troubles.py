"""What has gone wrong for some patients of the demo, so that there is something to put right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from livingdrug.journey import events as e
from livingdrug.journey.events import Event

__all__ = ["TROUBLES"]

Trouble = Callable[[list[Event], datetime], list[Event]]


def _at(events: Sequence[Event], now: datetime, hours: float) -> datetime:
    """So many hours ago, but after the last thing that happened."""
    zone = events[-1].at.tzinfo
    return max(now - timedelta(hours=hours), events[-1].at + timedelta(minutes=10)).astimezone(zone)


def swapped_bag(events: list[Event], now: datetime) -> list[Event]:
    """A scan reads the label of somebody else."""
    chain = next(each.chain for each in events if isinstance(each, e.ChainIssued))
    read = next(each for each in reversed(events) if isinstance(each, e.Received))
    other = chain[:-1] + ("3" if chain[-1] != "3" else "4")
    found = e.MismatchFound(
        at=_at(events, now, 5), by=read.by, item=read.items[0], expected=chain, scanned=other, device=read.device
    )
    return [*events, found]


def incubator_alarm(events: list[Event], now: datetime) -> list[Event]:
    """A deviation that holds the product until quality has decided."""
    by = next(each.by for each in reversed(events) if isinstance(each, e.StepFinished))
    number = next(each.run for each in reversed(events) if isinstance(each, e.StepFinished))
    says = "CO₂ of the incubator was at 3.1 % for 40 minutes during expansion"
    return [*events, e.DeviationOpened(at=_at(events, now, 9), by=by, deviation=f"DEV-{number}", says=says, holds=True)]


def infection(events: list[Event], now: datetime) -> list[Event]:
    """The patient may not be infused for now."""
    by = next(each.by for each in events if isinstance(each, e.LymphodepletionFinished))
    return [*events, e.ContraindicationFound(at=_at(events, now, 4), by=by, what="active uncontrolled infection")]


def withdrawn_consent(events: list[Event], now: datetime) -> list[Event]:
    """The family has changed its mind."""
    by = next(each.by for each in events if isinstance(each, e.ConsentGiven))
    return [*events, e.ConsentWithdrawn(at=_at(events, now, 20), by=by, scope="treatment", reason="the family decided so")]


def disputed(events: list[Event], now: datetime) -> list[Event]:
    """The payer contests what was settled."""
    made = next(each for each in events if isinstance(each, e.MilestoneSettled))
    reason = "the assessment of day 28 was read twice; the second reading is asked for"
    return [*events, e.MilestoneDisputed(at=_at(events, now, 30), by=made.by, milestone=made.milestone, reason=reason)]


def nobody_assessed(events: list[Event], now: datetime) -> list[Event]:
    """The assessment of day 28 is overdue."""
    return [each for each in events if not isinstance(each, e.ResponseAssessed | e.MilestoneSettled)]


UNSEEN = timedelta(hours=40)


def nobody_charted(events: list[Event], now: datetime) -> list[Event]:
    """The last look was almost two days ago."""
    looks = (e.VitalsCharted, e.NeurologyAssessed, e.LaboratoryReported)
    return [each for each in events if not isinstance(each, looks) or each.at < now - UNSEEN]


TROUBLES: dict[str, Trouble] = {
    "swapped bag": swapped_bag,
    "incubator alarm": incubator_alarm,
    "infection": infection,
    "withdrawn consent": withdrawn_consent,
    "disputed": disputed,
    "nobody assessed": nobody_assessed,
    "nobody charted": nobody_charted,
}
"""By the name that a plan calls them."""
