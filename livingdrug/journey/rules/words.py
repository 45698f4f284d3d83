"""Words that fields of events may hold, and small questions that several rules ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from livingdrug.journey.events import Event
from livingdrug.journey.state import Journey, Product, find

__all__ = [
    "CAUSES",
    "CLOSE",
    "CONSENTS",
    "CULTURES",
    "EXCEPTIONAL",
    "NOT_INFUSED",
    "OWN",
    "PAPERS",
    "PARCELS",
    "RELAPSES",
    "RELEASES",
    "SCALES",
    "SLOTS",
    "TREATMENT",
    "clock",
    "has_cells",
    "last_product",
    "listed",
    "when",
]

TREATMENT, OWN = "treatment", "out-of-specification product"
CONSENTS = (TREATMENT, OWN, "research", "data sharing")
SLOTS = ("collection", "manufacture", "bed", "infusion")
PARCELS = ("starting material", "released", "conditional")
RELEASES = ("in specification", "conditional", "exceptional")
EXCEPTIONAL = "exceptional"
CULTURES = ("sterility", "mycoplasma")
"""Tests that take days of culture: the only ones that may be pending in a conditional release."""
NOT_INFUSED = ("not eligible", "not collected", "manufacturing failure", "died waiting", "withdrawn", "other")
RELAPSES = ("antigen-positive", "antigen-negative", "lineage switch")
CAUSES = ("disease", "toxicity", "other")
SCALES = ("ASTCT", "Penn", "Lee 2014", "ICANS")
PAPERS = ("chain", "order", "collection", "product")
"""Kinds of identifiers that are read on papers and labels: they agree with the bag, whoever lies in the bed."""
CLOSE = timedelta(minutes=5)
"""How far two clocks may disagree."""


def listed(words: tuple[str, ...]) -> str:
    """Words as a sentence names them."""
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else "".join(words)


def when(event: Event) -> str:
    """Day and minute of an event in its own time zone."""
    return clock(event.at)


def clock(at: datetime) -> str:
    """Day and minute, in its own time zone."""
    return at.isoformat(sep=" ", timespec="minutes")


def has_cells(journey: Journey, item: str) -> bool:
    """Whether an item is this patient's: a collection or a product by its number, a bag of one, or a shipment."""
    if find(journey.collections, item) or find(journey.products, item) or find(journey.parcels, item):
        return True
    return any(item in part.bags for part in (*journey.collections, *journey.products))


def last_product(journey: Journey) -> Product | None:
    """The product that was made last."""
    return journey.products[-1] if journey.products else None
