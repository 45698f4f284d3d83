"""REC-016: an act has something to act on. With it, a list of what may happen next can be told from the state alone."""

from __future__ import annotations

from collections.abc import Callable

from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.rules.depletion import arrived
from livingdrug.journey.state import Journey

Needs = Callable[[Journey], str | None]


def _some(there: Callable[[Journey], object], lacking: str) -> Needs:
    return lambda journey: None if there(journey) else lacking


def _undecided(journey: Journey) -> bool:
    return any(each.accepted is None for each in journey.collections)


def _usable(journey: Journey) -> bool:
    return any(each.accepted for each in journey.collections)


def _running(journey: Journey) -> bool:
    return any(each.status == "running" for each in journey.runs)


def _standing_product(journey: Journey) -> bool:
    product = words.last_product(journey)
    return product is not None and not product.rejected


def _unreleased(journey: Journey) -> bool:
    product = words.last_product(journey)
    return product is not None and not product.rejected and not (product.released and product.release != "conditional")


def _missed(journey: Journey) -> bool:
    product = words.last_product(journey)
    return product is not None and bool(product.missed)


CELLS = _some(lambda journey: journey.collections, "there are no cells yet; collect first")
RUN = _some(_running, "no run goes on; start one first")
PRODUCT = _some(_standing_product, "there is no product; make one first")
INFUSED = _some(lambda journey: journey.infusion, "the patient has not been infused")
ON_SITE = _some(arrived, "no released product is at the center; wait for it")
MISSED = _some(_missed, "no product is out of specification")
HELD = _some(lambda journey: any(each.status != "released" for each in journey.slots), "there is no slot; hold one first")

NEEDS: dict[type[Event], Needs] = {
    e.SlotBooked: HELD,
    e.SlotReleased: HELD,
    e.CollectionAccepted: _some(_undecided, "no collection waits for a decision"),
    e.CollectionRejected: _some(_undecided, "no collection waits for a decision"),
    e.HandedOver: CELLS,
    e.Shipped: CELLS,
    e.Stored: CELLS,
    e.TemperatureLogged: CELLS,
    e.Received: _some(lambda journey: any(not each.received for each in journey.parcels), "no shipment is on its way"),
    e.DeviationClosed: _some(lambda journey: journey.deviations or journey.mismatches, "no deviation and no mismatch is open"),
    e.ManufactureStarted: _some(_usable, "there is no accepted collection; collect first"),
    e.StepFinished: RUN,
    e.InProcessTested: RUN,
    e.ManufactureFailed: RUN,
    e.ManufactureFinished: RUN,
    e.ReleaseTested: PRODUCT,
    e.ResultInvalidated: PRODUCT,
    e.OutOfSpecificationFound: PRODUCT,
    e.ExceptionalReleaseRequested: MISSED,
    e.ExceptionalReleaseApproved: MISSED,
    e.ProductReleased: _some(_unreleased, "no product waits for its release"),
    e.ProductRejected: PRODUCT,
    e.ContraindicationResolved: _some(lambda journey: journey.contraindications, "no contraindication is open"),
    e.ProductThawed: ON_SITE,
    e.GatePassed: ON_SITE,
    e.ProductInfused: _some(lambda journey: journey.gate, "the gate was not passed; pass it first"),
    e.VitalsCharted: INFUSED,
    e.NeurologyAssessed: INFUSED,
    e.TocilizumabGiven: INFUSED,
    e.SteroidsGiven: INFUSED,
    e.DialysisStarted: INFUSED,
    e.IntensiveCareEntered: INFUSED,
    e.IntensiveCareLeft: INFUSED,
    e.GradeOverridden: INFUSED,
    e.ExposureReported: INFUSED,
    e.ResponseAssessed: INFUSED,
    e.BCellsRecovered: INFUSED,
    e.Relapsed: INFUSED,
    e.MilestoneSettled: INFUSED,
    e.MilestoneDisputed: _some(lambda journey: journey.settled, "nothing is settled yet"),
}


@rule(
    "REC-016",
    on=tuple(NEEDS),
    early=True,
    why="What is to be released, shipped or infused must be there; an act without its object belongs to another patient.",
    source="21 CFR 11.10(f): operational checks enforce the sequence of steps",
    example="A receipt is recorded, and nothing was shipped.",
)
def an_act_has_an_object(act: Act[Event]) -> str | None:
    """What an act is about is there."""
    return NEEDS[type(act.event)](act.journey)
