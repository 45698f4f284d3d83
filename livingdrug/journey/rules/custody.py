"""COI: one chain of identity from before collection to infusion, and a known holder at every moment."""

from __future__ import annotations

from typing import Any

from livingdrug.journey import events as e
from livingdrug.journey.events import Event, Identifier
from livingdrug.journey.identity import why_not_chain, why_not_din
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Collection, Journey, Product, find
from livingdrug.network import ask

ST028 = "ISBT 128 ST-028 (December 2022): chain of identity"
TWO = "FDA guidance on CAR T products (2024): at least two unique identifiers from collection to administration"
ANOTHER = "these may be another patient's cells"
CARRIES_CHAIN = (
    e.CellsCollected, e.HandedOver, e.Shipped, e.Received, e.ManufactureStarted, e.ManufactureFinished, e.GatePassed,
    e.ProductInfused,
)  # fmt: skip
NAMES_CELLS = (
    e.HandedOver, e.Shipped, e.Received, e.Stored, e.ReleaseTested, e.ResultInvalidated, e.OutOfSpecificationFound,
    e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved, e.ProductReleased, e.ProductRejected, e.ProductThawed,
    e.GatePassed, e.ProductInfused, e.CollectionAccepted, e.CollectionRejected, e.ManufactureStarted,
)  # fmt: skip
MOVES_CELLS = (
    e.HandedOver, e.Shipped, e.ManufactureStarted, e.ManufactureFinished, e.ProductReleased, e.LymphodepletionStarted,
    e.ProductThawed, e.GatePassed, e.ProductInfused,
)  # fmt: skip


@rule(
    "COI-001",
    on=(e.ChainIssued,),
    why="A chain that is misread or mistyped must be visible as such at the first look.",
    source=f"{ST028}; check character by ISO/IEC 7064 MOD 37-2",
    example="CHA999925AB0001M: the check character would be N.",
)
def the_chain_is_well_formed(act: Act[e.ChainIssued]) -> str | None:
    """A chain of identity has 15 characters: CH, facility, year, serial."""
    chain = act.event.chain
    if len(chain) != 15:
        return f"{chain!r} has {len(chain)} characters, and a chain of identity has 15; leave out the check character"
    says = why_not_chain(chain)
    return f"{says}; issue a new one" if says else None


@rule(
    "COI-002",
    on=(e.ChainIssued,),
    early=True,
    why="The chain belongs to an order and is there before the first cell leaves the patient; it is never issued again.",
    source=ST028,
    example="A chain is issued in the evening after the collection, from memory.",
)
def the_chain_is_issued_once_before_collection(act: Act[e.ChainIssued]) -> str | None:
    """The chain of identity is issued once, after the order and before the first collection."""
    journey = act.journey
    if journey.chain:
        return f"the chain {journey.chain} was issued already; a journey has one"
    if not journey.order:
        return "there is no order yet; the chain belongs to an order"
    if journey.collections:
        return f"cells were collected already ({journey.collections[0].collection}); the chain comes first"
    return None


@rule(
    "COI-003",
    on=(e.CellsCollected, e.ManufactureStarted),
    early=True,
    why="Cells without a chain are anonymous, and anonymous cells can go to anybody.",
    source=ST028,
    example="A collection starts before the chain of identity was issued.",
)
def cells_have_a_chain(act: Act[Event]) -> str | None:
    """No cells are collected or changed without a chain of identity."""
    return None if act.journey.chain else "there is no chain of identity; issue it before anything is collected"


@rule(
    "COI-004",
    on=CARRIES_CHAIN,
    why="The label on the bag and the patient's journey carry the same chain at every step, or the bag is somebody else's.",
    source=f"{ST028}; {TWO}",
    example="At the bedside the bag reads CHA999917000018, and the patient's chain is CHA999917000017.",
)
def the_label_carries_the_patients_chain(act: Act[Any]) -> str | None:
    """The chain that was read on the label is the patient's."""
    read, own = act.event.chain, act.journey.chain
    if read == own and own:
        return None
    return f"the label reads {read!r}, and the patient's chain is {own or 'not issued'}; stop: {ANOTHER}"


@rule(
    "COI-005",
    on=(e.CellsCollected,),
    why="The number on the bag is how a laboratory, a courier and a nurse mean the same bag.",
    source="ISBT 128 ST-001: donation identification number",
    example="A donation number of 12 digits, written by hand.",
)
def the_donation_number_is_well_formed(act: Act[e.CellsCollected]) -> str | None:
    """A collection has a donation identification number of 13 characters."""
    if len(act.event.collection) != 13:
        return (
            f"{act.event.collection!r} has {len(act.event.collection)} characters, and a donation identification number has 13"
        )
    return why_not_din(act.event.collection)


@rule(
    "COI-006",
    on=(e.CellsCollected,),
    why="The wristband is read before the needle goes in: whose blood this is cannot be found out afterwards.",
    source=TWO,
    example="The wristband read at the chair is that of the patient in the next chair.",
)
def the_wristband_is_the_patients(act: Act[e.CellsCollected]) -> str | None:
    """The identifier read at the wristband is one of the patient's."""
    read = act.event.patient
    if read.kind in words.PAPERS:
        return f"the wristband is missing, and the {read.kind} is read on papers; read the patient's wristband"
    return _not_the_patients(act.journey, read, "wristband")


@rule(
    "COI-007",
    on=(e.HandedOver, e.Received, e.GatePassed, e.ProductInfused),
    why="One identifier can be misread in the same way twice; a second of another kind cannot.",
    source=TWO,
    example="Name and birth date agree, because another patient has the same; the chain does not.",
)
def a_second_identifier_agrees(act: Act[Any]) -> str | None:
    """A second identifier, of another kind than the chain, was read and is the patient's."""
    return _not_the_patients(act.journey, act.event.second, "second identifier")


def _not_the_patients(journey: Journey, read: Identifier, what: str) -> str | None:
    if not read.kind.strip() or not read.value.strip() or read.kind == "chain":
        return f"the {what} is missing or is the chain again; read one of another kind"
    if read in journey.identifiers:
        return None
    if read.kind not in {each.kind for each in journey.identifiers}:
        return f"the {what} is of a kind that this patient has none of ({read.kind!r}); read another"
    return f"the {what} ({read.kind} {read.value!r}) is not this patient's; stop: {ANOTHER}"


@rule(
    "COI-008",
    on=NAMES_CELLS,
    why="What is not on the patient's journey was not made from the patient.",
    source="21 CFR 1271.290: tracking from donor to recipient and back",
    example="A product with another patient's number is about to be released on this journey.",
)
def the_cells_are_on_this_journey(act: Act[Any]) -> str | None:
    """Collections, products and bags that an event names are this patient's."""
    for item in _named(act.event):
        if not words.has_cells(act.journey, item):
            return f"{item!r} is not on this patient's journey; stop: {ANOTHER}"
    return None


def _named(event: Any) -> tuple[str, ...]:
    """The items that an event names."""
    if isinstance(event, e.Received):
        return (event.shipment, *event.items)
    found = [getattr(event, name) for name in ("item", "product") if hasattr(event, name)]
    return (*found, *getattr(event, "items", ()), *getattr(event, "collections", ()), *getattr(event, "bags", ()))


@rule(
    "COI-009",
    on=(e.HandedOver,),
    why="Custody goes from the one who has the cells to somebody else, so that there is always exactly one who has them.",
    source="FACT-JACIE: chain of custody; 21 CFR 1271.290",
    example="A courier signs for a bag that is still in the laboratory's freezer.",
)
def custody_goes_from_the_holder(act: Act[e.HandedOver]) -> str | None:
    """Custody goes from the person who holds the item to somebody else."""
    event = act.event
    part = _part(act.journey, event.item)
    if part is None:
        return None
    if event.giver == event.by:
        return f"{event.by} hands over to themselves; giver and receiver are two people"
    if ask.person(act.network, event.giver) is None:
        return f"{event.giver!r} is nobody in the network; use the identifier of its file"
    if part.holder != event.giver:
        return f"{event.item} is held by {part.holder}, not by {event.giver}; record what happened in between"
    return None


def _part(journey: Journey, item: str) -> Collection | Product | None:
    return find(journey.collections, item) or find(journey.products, item)


@rule(
    "COI-010",
    on=(e.Shipped,),
    why="A parcel goes along a way that is known, from where its content is.",
    source="ISO 21973:2020: transport of cells, by qualified lanes and shippers",
    example="A product that is still traveling is put into a second parcel.",
)
def what_is_shipped_is_at_hand(act: Act[e.Shipped]) -> str | None:
    """A shipment holds something that is at hand, and goes along a lane of the network."""
    event, journey = act.event, act.journey
    lane = ask.lane(act.network, event.lane)
    if lane is None:
        return f"the network {act.network.name} has no lane {event.lane!r}; use the identifier of its file"
    if not event.items:
        return "it holds nothing; list what is in it"
    traveling = [item for parcel in journey.parcels if not parcel.received for item in parcel.items]
    if away := [item for item in event.items if item in traveling]:
        return f"{away[0]} is traveling already; record its receipt first"
    ends = {journey.center, journey.site}
    if not {lane.origin, lane.destination} <= ends:
        return f"the lane {lane.id} does not join {journey.center} and {journey.site}; pick one that does"
    return _wrong_way(act, lane.destination)


def _wrong_way(act: Act[e.Shipped], destination: str) -> str | None:
    """Starting material goes to the site; a product comes from it."""
    product = any(find(act.journey.products, item) for item in act.event.items)
    right = act.journey.center if product else act.journey.site
    if destination != right:
        return f"the lane leads to {destination}, and this belongs to {right}; pick the lane that leads there"
    if product == (act.event.status == "starting material"):
        holds = "a product" if product else "starting material"
        return f"its status is {act.event.status!r}, and it holds {holds}; correct the status"
    return None


@rule(
    "COI-011",
    on=(e.Received,),
    why="What arrives is what left, once, or the cells are somewhere else.",
    source="ISO 21973:2020; 21 CFR 1271.265: receipt",
    example="Two bags left and one arrives.",
)
def what_arrives_is_what_left(act: Act[e.Received]) -> str | None:
    """A receipt is of a shipment that is traveling, with the same items."""
    parcel = find(act.journey.parcels, act.event.shipment)
    if parcel is None:
        return None
    if parcel.received:
        return f"{parcel.shipment} was received already, at position {parcel.received}"
    if sorted(parcel.items) != sorted(act.event.items):
        return f"{', '.join(parcel.items)} left, and {', '.join(act.event.items) or 'nothing'} arrived; open a deviation"
    return None


@rule(
    "COI-012",
    on=MOVES_CELLS,
    early=True,
    why="After a mismatch nobody knows whose cells these are, until quality has found out.",
    source="21 CFR 211.192 and 1271.320: deviations are investigated before the product goes on",
    example="A hand-over scan did not agree, and the bag is thawed all the same.",
)
def a_mismatch_stops_the_cells(act: Act[Event]) -> str | None:
    """Cells stand still while a mismatch is unresolved, or a deviation that holds them is open."""
    journey = act.journey
    if journey.mismatches:
        place = min(journey.mismatches)
        return f"a scan did not agree (position {place}); quality resolves it with a closed deviation for that position"
    holding = [each.deviation for each in journey.deviations if each.holds]
    return f"the deviation {holding[0]} holds the cells; quality closes it first" if holding else None


@rule(
    "COI-013",
    on=(e.DeviationClosed,),
    why="A deviation is closed by a decision that can be read later.",
    source="21 CFR 211.192: the record of an investigation has its conclusions",
    example="A mismatch is closed without a word.",
)
def a_deviation_is_closed_with_words(act: Act[e.DeviationClosed]) -> str | None:
    """Closing names an open deviation or an unresolved mismatch, and says what was found."""
    event, journey = act.event, act.journey
    open_ones = {each.deviation for each in journey.deviations}
    if event.deviation not in open_ones and event.position not in journey.mismatches:
        return f"there is no open deviation {event.deviation!r} and no mismatch at that position; name what is closed"
    return None if event.says.strip() else "it says nothing; write what was found and decided"
