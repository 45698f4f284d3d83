"""Who is in the demo: how many patients stand where, since when, what is special about them, and what has gone wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livingdrug.care.board import SEVERE
from livingdrug.criteria.crs import astct
from livingdrug.journey import events as e
from livingdrug.journey.events import Event

__all__ = ["PLANS", "Plan", "place_of"]

Like = Callable[[Sequence[Event]], bool]


def infused(events: Sequence[Event]) -> bool:
    """Whether the patient gets cells, and a course is known."""
    return _has(events, e.ProductInfused) and _has(events, e.VitalsCharted)


def young(events: Sequence[Event]) -> bool:
    """A course that is mild so far: no grade 3, nothing that ends it within two months."""
    return infused(events) and not severe(events) and not _ends_early(events)


def severe(events: Sequence[Event]) -> bool:
    """Cytokine release syndrome of grade 3 or more within the first ten days."""
    return infused(events) and any(_severe(each) for each in events if isinstance(each, e.VitalsCharted))


def exceptional(events: Sequence[Event]) -> bool:
    """A product out of its specification."""
    return _has(events, e.OutOfSpecificationFound)


def never_infused(events: Sequence[Event]) -> bool:
    """The journey ends without cells."""
    return _has(events, e.NotInfused)


def relapsing(events: Sequence[Event]) -> bool:
    """The disease comes back."""
    return infused(events) and _has(events, e.Relapsed)


def dying(events: Sequence[Event]) -> bool:
    """The patient dies after an infusion."""
    return infused(events) and _has(events, e.Died)


@dataclass(frozen=True, slots=True)
class Plan:
    """Patients who stand at one place: the event at which the story is `cut`, and how many days `ago` that was.

    `own` of them are treated at the center of the demo's accounts, `others` elsewhere; their days are spread over `ago`.
    With `goes_on`, nothing is cut after the event but the future. `first`: of several such events the first one counts.
    """

    cut: type[Event]
    ago: tuple[float, float]
    own: int
    others: int
    like: Like = infused
    goes_on: bool = False
    first: bool = False
    trouble: str = ""


PLANS = (
    # Where nothing is wrong, in the order of a journey.
    Plan(e.PatientReferred, (0.1, 2), 1, 4),
    Plan(e.ConsentGiven, (0.1, 2), 1, 4, first=True),
    Plan(e.CoverageAuthorized, (0.2, 2), 1, 4),
    Plan(e.SlotBooked, (0.5, 8), 2, 9),
    Plan(e.CellsCollected, (0, 1), 3, 10, goes_on=True),
    Plan(e.CollectionAccepted, (0.2, 5), 1, 6),
    Plan(e.ManufactureStarted, (0.5, 16), 3, 14, goes_on=True, first=True),
    Plan(e.ReleaseTested, (0.2, 5), 2, 5),
    Plan(e.ProductReleased, (0, 0.1), 1, 2),
    Plan(e.Shipped, (0, 0.3), 1, 4, goes_on=True),
    Plan(e.Stored, (0.3, 4), 1, 5),
    Plan(e.LymphodepletionStarted, (0.3, 2), 1, 3),
    Plan(e.LymphodepletionFinished, (0.5, 3), 1, 3),
    Plan(e.PatientAdmitted, (0, 0), 2, 1),
    Plan(e.GatePassed, (0, 0), 0, 1),
    Plan(e.ProductInfused, (0.1, 8), 3, 10, young, goes_on=True),
    Plan(e.ProductInfused, (8, 27), 2, 10, young, goes_on=True),
    Plan(e.ProductInfused, (29, 90), 2, 15, goes_on=True),
    Plan(e.ProductInfused, (90, 360), 3, 18, goes_on=True),
    Plan(e.Relapsed, (1, 30), 1, 3, relapsing, goes_on=True),
    Plan(e.Died, (2, 40), 1, 2, dying, goes_on=True),
    Plan(e.NotInfused, (1, 60), 1, 3, never_infused, goes_on=True),
    # Late.
    Plan(e.Shipped, (1.3, 1.3), 1, 1),
    Plan(e.SlotBooked, (13, 16), 1, 1),
    Plan(e.LymphodepletionFinished, (9, 13), 1, 1),
    Plan(e.ProductInfused, (30, 34), 1, 2, young, goes_on=True, trouble="nobody assessed"),
    Plan(e.ProductInfused, (4, 6), 1, 1, young, goes_on=True, trouble="nobody charted"),
    # Severe.
    Plan(e.ProductInfused, (8, 11), 2, 3, severe, goes_on=True),
    # Out of specification: found, and on its way.
    Plan(e.OutOfSpecificationFound, (0.3, 2), 1, 1, exceptional),
    Plan(e.ExceptionalReleaseRequested, (0.1, 1), 0, 1, exceptional),
    Plan(e.ExceptionalReleaseApproved, (0.1, 1), 0, 1, exceptional),
    # Stopped.
    Plan(e.Stored, (1, 3), 1, 1, trouble="swapped bag"),
    Plan(e.Received, (0, 1), 0, 1, first=True, trouble="swapped bag"),
    Plan(e.ReleaseTested, (1, 3), 1, 1, trouble="incubator alarm"),
    Plan(e.LymphodepletionFinished, (2, 3), 1, 1, trouble="infection"),
    Plan(e.CollectionAccepted, (2, 4), 1, 0, trouble="withdrawn consent"),
    # Contested.
    Plan(e.MilestoneSettled, (3, 20), 1, 1, goes_on=True, trouble="disputed"),
)


def place_of(events: Sequence[Event], plan: Plan) -> int | None:
    """Where the plan's event is among the events; None where there is none."""
    found = [place for place, each in enumerate(events) if isinstance(each, plan.cut)]
    return None if not found else found[0] if plan.first else found[-1]


def _has(events: Sequence[Event], kind: type[Event]) -> bool:
    return any(isinstance(each, kind) for each in events)


WATCHED = 24.0 * 9
EARLY = 60


def _severe(chart: e.VitalsCharted) -> bool:
    rows = zip(chart.hours, chart.temperature, chart.vasoactive, chart.oxygen, strict=True)
    needs = [(pressure, oxygen) for hour, _, pressure, oxygen in rows if hour < WATCHED]
    return any(max(each) > 1 and astct(fever=True, vasoactive=each[0], oxygen=each[1]) >= SEVERE for each in needs)


def _ends_early(events: Sequence[Event]) -> bool:
    given = next(each.at for each in events if isinstance(each, e.ProductInfused))
    return any(isinstance(each, e.Died | e.Relapsed) and (each.at - given).days < EARLY for each in events)
