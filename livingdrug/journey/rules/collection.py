"""COL: leukapheresis, and what the manufacturer accepts as starting material."""

from __future__ import annotations

from collections.abc import Sequence

from livingdrug.journey import events as e
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Collection, find
from livingdrug.therapy.schema import Therapy

MAKER = "The manufacturer's limits of starting material, as the therapy file states them (collection)"
PLAUSIBLE = "Bounds of what leukapheresis can yield, wide enough for any patient: a value beyond is a unit that is wrong"


@rule(
    "COL-001",
    on=(e.CellsCollected,),
    why="A count in millions or a volume in liters is a thousand patients' worth, or none.",
    source=PLAUSIBLE,
    example="CD3-positive cells of 2,500, where 2,500 million were meant.",
)
def collected_numbers_can_be_true(act: Act[e.CellsCollected]) -> str | None:
    """Volume in mL and counts in cells are of a size that a collection can have."""
    event = act.event
    if not 1 <= event.volume <= 2000:
        return f"a volume of {event.volume:g} mL cannot be; give the product's volume in mL"
    if not 1e6 <= event.cd3 <= 1e12:
        return f"{event.cd3:g} CD3-positive cells cannot be; give the number of cells, not millions"
    if event.nucleated is not None and not event.cd3 <= event.nucleated <= 1e13:
        return f"{event.nucleated:g} nucleated cells with {event.cd3:g} CD3-positive ones cannot be; check both counts"
    if event.processed is not None and not 100 <= event.processed <= 60_000:
        return f"{event.processed:g} mL of blood processed cannot be; give it in mL"
    if not event.bags:
        return "there is no bag; list the labels of all bags"
    return None if event.started < event.at else "it starts after it ends; correct the times"


@rule(
    "COL-002",
    on=(e.CellsCollected,),
    early=True,
    waivers=("physician",),
    why="More days burden the patient and the veins, and rarely change the outcome.",
    source=MAKER,
    example="A fourth day of leukapheresis, where three are the limit.",
)
def days_of_collection_are_limited(act: Act[e.CellsCollected]) -> str | None:
    """There are no more days of leukapheresis than the therapy allows for one manufacture."""
    waiting = sum(each.accepted is not False for each in act.journey.collections if not _spent(act, each))
    limit = act.therapy.collection.days_maximum.value
    return (
        f"there were {waiting} days already, and the limit is {limit:g}; let the physician decide" if waiting >= limit else None
    )


def _spent(act: Act[e.CellsCollected], each: Collection) -> bool:
    """A collection that went into a failed run does not count against a second attempt."""
    return any(each.collection in run.collections and run.status == "failed" for run in act.journey.runs)


@rule(
    "COL-003",
    on=(e.CollectionAccepted,),
    why="Below these numbers manufacture usually fails, and weeks are lost that the patient does not have.",
    source=MAKER,
    example="8e8 CD3-positive cells are accepted, where 1e9 are the limit.",
)
def accepted_material_meets_the_limits(act: Act[e.CollectionAccepted]) -> str | None:
    """What is accepted meets the manufacturer's limits, all its days together."""
    parts = [part for name in act.event.collections if (part := find(act.journey.collections, name))]
    if not parts:
        return "it names no collection; list what is accepted"
    says = below_limits(act.therapy, parts)
    return f"{says}; collect again, or reject it" if says else None


def below_limits(therapy: Therapy, parts: Sequence[Collection]) -> str | None:
    """Which of the manufacturer's limits these collections together miss, or nothing. The gate asks this again."""
    limits, cd3 = therapy.collection, sum(part.cd3 for part in parts)
    if cd3 < limits.cd3_minimum.value:
        return f"{cd3:.3g} CD3-positive cells are below {limits.cd3_minimum.value:.3g}"
    counted = [part.nucleated for part in parts if part.nucleated is not None]
    if len(counted) < len(parts):
        return None
    nucleated = sum(counted)
    least = limits.nucleated_minimum.value if limits.nucleated_minimum else 0.0
    if nucleated < least:
        return f"{nucleated:.3g} nucleated cells are below {least:.3g}"
    share = limits.cd3_share_minimum.value if limits.cd3_share_minimum else 0.0
    if cd3 < share * nucleated:
        return f"a CD3-positive share of {cd3 / nucleated:.3g} is below {share:g}"
    return None


@rule(
    "COL-004",
    on=(e.CollectionAccepted, e.CollectionRejected),
    why="A decision is taken once; a second one would hide the first.",
    source="21 CFR 211.84: components are approved or rejected before use",
    example="A rejected collection is accepted a week later, without a word.",
)
def a_collection_is_decided_once(act: Act[e.CollectionAccepted | e.CollectionRejected]) -> str | None:
    """A collection is accepted or rejected once."""
    for name in act.event.collections:
        part = find(act.journey.collections, name)
        if part is not None and part.accepted is not None:
            return f"{name} was {'accepted' if part.accepted else 'rejected'} already; collect again"
    return None


@rule(
    "COL-005",
    on=(e.ManufactureStarted,),
    why="A run from material that was not accepted starts with its failure.",
    source="21 CFR 211.84: components are approved or rejected before use",
    example="The line is free, and acceptance is still open.",
)
def manufacture_uses_accepted_material(act: Act[e.ManufactureStarted]) -> str | None:
    """A run uses collections that were accepted, and at least one."""
    if not act.event.collections:
        return "it names no collection; list what goes into the run"
    for name in act.event.collections:
        part = find(act.journey.collections, name)
        if part is not None and not part.accepted:
            return f"{name} is {'rejected' if part.accepted is False else 'not accepted yet'}; only accepted material is used"
    return None


@rule(
    "COL-006",
    on=(e.ManufactureStarted,),
    waivers=("quality",),
    why="Frozen cells do not keep for ever; beyond this nobody has shown that they grow.",
    source=MAKER,
    example="Cells collected three years ago are taken out of the freezer.",
)
def stored_material_is_not_too_old(act: Act[e.ManufactureStarted]) -> str | None:
    """Frozen starting material is used within its storage time."""
    limit = act.therapy.collection.storage_maximum
    if limit is None:
        return None
    for name in act.event.collections:
        part = find(act.journey.collections, name)
        months = (act.event.at - part.at).days / MONTH if part else 0.0
        if months > limit.value:
            return f"{name} was stored for {months:.0f} months, and the limit is {limit.value:g}; collect again"
    return None


MONTH = 365.25 / 12
"""Days."""
