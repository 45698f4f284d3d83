"""Where a journey stands: a frozen value that a pure fold builds from events. No clock, no chance, no I/O, no refusals.

`evolve(event, journey)` is the journey after one more event; `journey_of(events)` folds many. What only later readers need
(charts, series, assessments) stays in `history` and is not copied into the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from livingdrug.journey.events import (
    CellsCollected,
    ChainIssued,
    CollectionAccepted,
    CollectionRejected,
    ConsentGiven,
    ConsentWithdrawn,
    ContraindicationFound,
    ContraindicationResolved,
    Corrected,
    CoverageAuthorized,
    CoverageDenied,
    DeviationClosed,
    DeviationOpened,
    Died,
    EligibilityAssessed,
    Event,
    ExceptionalReleaseApproved,
    ExceptionalReleaseRequested,
    GatePassed,
    HandedOver,
    Identifier,
    IntensiveCareEntered,
    IntensiveCareLeft,
    LymphodepletionFinished,
    LymphodepletionStarted,
    ManufactureFailed,
    ManufactureFinished,
    ManufactureStarted,
    MilestoneSettled,
    MismatchFound,
    NotInfused,
    OutOfSpecificationFound,
    Overridden,
    PatientReferred,
    ProductInfused,
    ProductRejected,
    ProductReleased,
    ProductThawed,
    Received,
    Relapsed,
    ReleaseTested,
    ResponseAssessed,
    ResultInvalidated,
    Shipped,
    SlotBooked,
    SlotHeld,
    SlotReleased,
    StepFinished,
    Stored,
    TemperatureLogged,
    TherapyOrdered,
    TocilizumabGiven,
    TocilizumabReserved,
)

__all__ = [
    "Collection",
    "Journey",
    "Parcel",
    "Product",
    "Result",
    "Run",
    "Slot",
    "evolve",
    "find",
    "journey_of",
    "standing",
    "stands",
]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that was held; `status` is held, booked or released."""

    slot: str
    kind: str
    resource: str
    start: datetime
    end: datetime
    expires: datetime
    status: str = "held"


@dataclass(frozen=True, slots=True)
class Collection:
    """One day's collection; `accepted` is None until the manufacturer has decided. `holder` is the person who has it."""

    collection: str
    position: int
    at: datetime
    cd3: float
    nucleated: float | None
    bags: tuple[str, ...]
    holder: str
    accepted: bool | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A manufacturing run; `status` is running, failed or finished."""

    run: str
    position: int
    collections: tuple[str, ...]
    site: str
    at: datetime
    operators: tuple[str, ...]
    steps: tuple[str, ...] = ()
    status: str = "running"


@dataclass(frozen=True, slots=True)
class Result:
    """A release test's result; `position` is its place in the journey."""

    test: str
    value: float
    unit: str
    position: int
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    """What a run made, what was found about it, and where it is; positions are places in the journey (0: not there)."""

    product: str
    position: int
    run: str
    chain: str
    bags: tuple[str, ...]
    cells: float
    expires: datetime
    holder: str
    made: datetime
    results: tuple[Result, ...] = ()
    missed: tuple[str, ...] = ()
    requested: int = 0
    approved: int = 0
    released: int = 0
    release: str = ""
    pending: tuple[str, ...] = ()
    rejected: int = 0
    stored_celsius: float | None = None
    thawed_at: datetime | None = None
    thawed_bags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment: `received` is the position of its receipt, 0 while it travels."""

    shipment: str
    position: int
    items: tuple[str, ...]
    lane: str
    status: str
    at: datetime
    received: int = 0
    received_at: datetime | None = None
    intact: bool = True
    warmest: float | None = None
    coldest: float | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """One patient's way with one therapy. `history` holds every event; a position is an index into it, from 1."""

    history: tuple[Event, ...] = ()
    corrections: int = 0
    last_act: datetime | None = None
    # Who and where
    patient: str = ""
    therapy: str = ""
    center: str = ""
    site: str = ""
    identifiers: tuple[Identifier, ...] = ()
    eligibility: EligibilityAssessed | None = None
    consents: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    payer: str = ""
    covered_until: date | None = None
    covered: bool = False
    order: str = ""
    chain: str = ""
    slots: tuple[Slot, ...] = ()
    # Cells
    collections: tuple[Collection, ...] = ()
    runs: tuple[Run, ...] = ()
    products: tuple[Product, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    mismatches: frozenset[int] = frozenset()
    """Positions of mismatches that are not resolved."""
    deviations: tuple[DeviationOpened, ...] = ()
    """Deviations that are open."""
    # Patient
    contraindications: tuple[str, ...] = ()
    depletion_started: datetime | None = None
    depletion_finished: datetime | None = None
    tocilizumab_reserved: int = 0
    tocilizumab_given: tuple[datetime, ...] = ()
    gate: GatePassed | None = None
    gate_position: int = 0
    infusion: ProductInfused | None = None
    infusion_position: int = 0
    ended: str = ""
    """Why there was no infusion, once that is certain."""
    intensive_care: bool = False
    assessments: tuple[tuple[int, int], ...] = ()
    """Assessment of response (its day in the therapy) and its position."""
    relapsed: bool = False
    died: datetime | None = None
    cause: str = ""
    settled: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    """Overrides that are not spent: rule and act."""

    @property
    def version(self) -> int:
        """How many events there are; the store expects it with every append."""
        return len(self.history)


# Reading ----------------------------------------------------------------------------------------------------------------

Part = TypeVar("Part", Collection, Run, Product, Parcel, Slot)


def find(parts: Iterable[Part], name: str) -> Part | None:
    """The collection, run, product, parcel or slot of that identifier, or None."""
    for part in parts:
        if _key(part) == name:
            return part
    return None


def standing(journey: Journey) -> Iterator[tuple[int, Event]]:
    """Position and event of everything that stands: corrections applied, what never happened left out."""
    for position, event in enumerate(_corrected(journey) if journey.corrections else journey.history, 1):
        if event is not None:
            yield position, event


def stands(journey: Journey, position: int) -> Event | None:
    """The event that stands at a position; None where there is none, or it was said never to have happened."""
    if not 1 <= position <= journey.version:
        return None
    return (_corrected(journey) if journey.corrections else journey.history)[position - 1]


def _corrected(journey: Journey) -> tuple[Event | None, ...]:
    events: list[Event | None] = list(journey.history)
    for event in journey.history:
        if isinstance(event, Corrected) and 1 <= event.position <= len(events):
            events[event.position - 1] = event.replacement
    return tuple(events)


# The fold ---------------------------------------------------------------------------------------------------------------


def journey_of(events: Iterable[Event]) -> Journey:
    """The journey that these events make."""
    journey = Journey()
    for event in events:
        journey = evolve(event, journey)
    return journey


def evolve(event: Event, journey: Journey) -> Journey:
    """The journey after the event. Never refuses: what the rules let through is folded, and so is a log from elsewhere."""
    grown = (*journey.history, event)
    if isinstance(event, Corrected):
        return _refolded(replace(journey, history=grown, corrections=journey.corrections + 1))
    step = STEPS.get(type(event))
    changes = step(event, journey) if step else {}
    if event.kind == "act" and (journey.last_act is None or event.at > journey.last_act):
        changes["last_act"] = event.at
    if journey.overrides:
        changes["overrides"] = _unspent(event, changes.get("overrides", journey.overrides))
    return replace(journey, history=grown, **changes)


def _refolded(journey: Journey) -> Journey:
    """The state as it is when what was corrected had been right from the start; the history keeps both."""
    state = Journey()
    for position, event in enumerate(_corrected(journey), 1):
        if event is None or isinstance(event, Corrected):
            # A place-holder: positions of later events must not move.
            state = replace(state, history=(*state.history, journey.history[position - 1]))
        else:
            state = evolve(event, state)
    return replace(state, history=journey.history, corrections=journey.corrections)


def _unspent(event: Event, overrides: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """An override is spent by the next act of its kind, whatever came of it."""
    if isinstance(event, Overridden):
        return overrides
    return tuple(each for each in overrides if each[1] != event.name)


Changes = dict[str, Any]
STEPS: dict[type[Event], Callable[[Any, Journey], Changes]] = {}
Step = TypeVar("Step", bound=Callable[[Any, Journey], Changes])


def _on(*kinds: type[Event]) -> Callable[[Step], Step]:
    def register(step: Step) -> Step:
        STEPS.update(dict.fromkeys(kinds, step))
        return step

    return register


def _position(journey: Journey) -> int:
    """The position that the event being folded takes."""
    return journey.version + 1


def _key(part: Collection | Run | Product | Parcel | Slot) -> str:
    if isinstance(part, Product):
        return part.product
    if isinstance(part, Collection):
        return part.collection
    if isinstance(part, Run):
        return part.run
    return part.shipment if isinstance(part, Parcel) else part.slot


def _changed(parts: tuple[Part, ...], names: Iterable[str], **changes: Any) -> tuple[Part, ...]:
    """The same parts, those of these names changed."""
    chosen = set(names)
    return tuple(replace(part, **changes) if _key(part) in chosen else part for part in parts)


@_on(PatientReferred)
def _referred(event: PatientReferred, journey: Journey) -> Changes:
    return {
        "patient": event.patient,
        "therapy": event.therapy,
        "center": event.center,
        "identifiers": event.identifiers,
    }


@_on(EligibilityAssessed)
def _assessed(event: EligibilityAssessed, journey: Journey) -> Changes:
    return {"eligibility": event}


@_on(ConsentGiven)
def _consented(event: ConsentGiven, journey: Journey) -> Changes:
    return {"consents": journey.consents | {event.scope}, "withdrawn": journey.withdrawn - {event.scope}}


@_on(ConsentWithdrawn)
def _withdrew(event: ConsentWithdrawn, journey: Journey) -> Changes:
    return {"consents": journey.consents - {event.scope}, "withdrawn": journey.withdrawn | {event.scope}}


@_on(CoverageAuthorized)
def _authorized(event: CoverageAuthorized, journey: Journey) -> Changes:
    return {"payer": event.payer, "covered": True, "covered_until": event.until}


@_on(CoverageDenied)
def _denied(event: CoverageDenied, journey: Journey) -> Changes:
    return {"payer": event.payer, "covered": False}


@_on(TherapyOrdered)
def _ordered(event: TherapyOrdered, journey: Journey) -> Changes:
    order = Identifier("order", event.order)
    return {
        "order": event.order,
        "center": event.center,
        "site": event.site,
        "identifiers": (*journey.identifiers, order),
    }


@_on(ChainIssued)
def _issued(event: ChainIssued, journey: Journey) -> Changes:
    return {"chain": event.chain}


@_on(SlotHeld)
def _held(event: SlotHeld, journey: Journey) -> Changes:
    slot = Slot(event.slot, event.kind_of, event.resource, event.start, event.end, event.expires)
    return {"slots": (*journey.slots, slot)}


@_on(SlotBooked)
def _booked(event: SlotBooked, journey: Journey) -> Changes:
    return {"slots": _changed(journey.slots, [event.slot], status="booked")}


@_on(SlotReleased)
def _freed(event: SlotReleased, journey: Journey) -> Changes:
    return {"slots": _changed(journey.slots, [event.slot], status="released")}


# Cells


@_on(CellsCollected)
def _collected(event: CellsCollected, journey: Journey) -> Changes:
    made = Collection(event.collection, _position(journey), event.at, event.cd3, event.nucleated, event.bags, holder=event.by)
    number = Identifier("collection", event.collection)
    return {"collections": (*journey.collections, made), "identifiers": (*journey.identifiers, number)}


@_on(CollectionAccepted)
def _accepted(event: CollectionAccepted, journey: Journey) -> Changes:
    return {"collections": _changed(journey.collections, event.collections, accepted=True)}


@_on(CollectionRejected)
def _refused(event: CollectionRejected, journey: Journey) -> Changes:
    return {"collections": _changed(journey.collections, event.collections, accepted=False)}


@_on(HandedOver)
def _handed_over(event: HandedOver, journey: Journey) -> Changes:
    return _with_holder(journey, [event.item], event.by)


def _with_holder(journey: Journey, items: Iterable[str], holder: str) -> Changes:
    items = list(items)
    return {
        "collections": _changed(journey.collections, items, holder=holder),
        "products": _changed(journey.products, items, holder=holder),
    }


@_on(Shipped)
def _shipped(event: Shipped, journey: Journey) -> Changes:
    parcel = Parcel(event.shipment, _position(journey), event.items, event.lane, event.status, event.at)
    return {"parcels": (*journey.parcels, parcel), **_with_holder(journey, event.items, event.shipment)}


@_on(Received)
def _received(event: Received, journey: Journey) -> Changes:
    parcels = _changed(
        journey.parcels,
        [event.shipment],
        received=_position(journey),
        received_at=event.at,
        intact=event.intact,
    )
    return {"parcels": parcels, **_with_holder(journey, event.items, event.by)}


@_on(TemperatureLogged)
def _logged(event: TemperatureLogged, journey: Journey) -> Changes:
    parcel = find(journey.parcels, event.item)
    if parcel is None or not event.celsius:
        return {}
    warmest = max((*event.celsius, *(() if parcel.warmest is None else (parcel.warmest,))))
    coldest = min((*event.celsius, *(() if parcel.coldest is None else (parcel.coldest,))))
    return {"parcels": _changed(journey.parcels, [event.item], warmest=warmest, coldest=coldest)}


@_on(Stored)
def _stored(event: Stored, journey: Journey) -> Changes:
    return {"products": _changed(journey.products, [event.item], stored_celsius=event.celsius)}


@_on(MismatchFound)
def _mismatched(event: MismatchFound, journey: Journey) -> Changes:
    return {"mismatches": journey.mismatches | {_position(journey)}}


@_on(DeviationOpened)
def _opened(event: DeviationOpened, journey: Journey) -> Changes:
    return {"deviations": (*journey.deviations, event)}


@_on(DeviationClosed)
def _closed(event: DeviationClosed, journey: Journey) -> Changes:
    open_ones = tuple(each for each in journey.deviations if each.deviation != event.deviation)
    return {"deviations": open_ones, "mismatches": journey.mismatches - {event.position}}


# Manufacture and release


@_on(ManufactureStarted)
def _started(event: ManufactureStarted, journey: Journey) -> Changes:
    run = Run(event.run, _position(journey), event.collections, event.site, event.at, (event.by,))
    return {"runs": (*journey.runs, run)}


@_on(StepFinished)
def _stepped(event: StepFinished, journey: Journey) -> Changes:
    run = find(journey.runs, event.run)
    if run is None:
        return {}
    operators = run.operators if event.by in run.operators else (*run.operators, event.by)
    return {"runs": _changed(journey.runs, [event.run], operators=operators, steps=(*run.steps, event.step))}


@_on(ManufactureFailed)
def _failed(event: ManufactureFailed, journey: Journey) -> Changes:
    return {"runs": _changed(journey.runs, [event.run], status="failed")}


@_on(ManufactureFinished)
def _finished(event: ManufactureFinished, journey: Journey) -> Changes:
    product = Product(
        event.product,
        _position(journey),
        event.run,
        event.chain,
        event.bags,
        event.cells,
        event.expires,
        holder=event.by,
        made=event.at,
    )
    run = find(journey.runs, event.run)
    operators = () if run is None else tuple(dict.fromkeys((*run.operators, event.by)))
    number = Identifier("product", event.product)
    return {
        "products": (*journey.products, product),
        "runs": _changed(journey.runs, [event.run], status="finished", operators=operators),
        "identifiers": (*journey.identifiers, number),
    }


@_on(ReleaseTested)
def _tested(event: ReleaseTested, journey: Journey) -> Changes:
    product = find(journey.products, event.product)
    if product is None:
        return {}
    result = Result(event.test, event.value, event.unit, _position(journey))
    pending = tuple(each for each in product.pending if each != event.test)
    results = (*product.results, result)
    return {"products": _changed(journey.products, [event.product], results=results, pending=pending)}


@_on(ResultInvalidated)
def _invalidated(event: ResultInvalidated, journey: Journey) -> Changes:
    product = find(journey.products, event.product)
    if product is None:
        return {}
    results = tuple(replace(each, valid=each.valid and each.position != event.position) for each in product.results)
    return {"products": _changed(journey.products, [event.product], results=results)}


@_on(OutOfSpecificationFound)
def _missed(event: OutOfSpecificationFound, journey: Journey) -> Changes:
    return {"products": _changed(journey.products, [event.product], missed=event.tests)}


@_on(ExceptionalReleaseRequested)
def _requested(event: ExceptionalReleaseRequested, journey: Journey) -> Changes:
    return {"products": _changed(journey.products, [event.product], requested=_position(journey))}


@_on(ExceptionalReleaseApproved)
def _approved(event: ExceptionalReleaseApproved, journey: Journey) -> Changes:
    return {"products": _changed(journey.products, [event.product], approved=_position(journey))}


@_on(ProductReleased)
def _released(event: ProductReleased, journey: Journey) -> Changes:
    changed = _changed(
        journey.products,
        [event.product],
        released=_position(journey),
        release=event.release,
        pending=event.pending,
    )
    return {"products": changed}


@_on(ProductRejected)
def _rejected(event: ProductRejected, journey: Journey) -> Changes:
    return {"products": _changed(journey.products, [event.product], rejected=_position(journey))}


# Patient


@_on(ContraindicationFound)
def _forbidden(event: ContraindicationFound, journey: Journey) -> Changes:
    return {"contraindications": (*journey.contraindications, event.what)}


@_on(ContraindicationResolved)
def _allowed(event: ContraindicationResolved, journey: Journey) -> Changes:
    return {"contraindications": tuple(each for each in journey.contraindications if each != event.what)}


@_on(LymphodepletionStarted)
def _depleting(event: LymphodepletionStarted, journey: Journey) -> Changes:
    return {"depletion_started": event.at, "depletion_finished": None}


@_on(LymphodepletionFinished)
def _depleted(event: LymphodepletionFinished, journey: Journey) -> Changes:
    return {"depletion_finished": event.at}


@_on(TocilizumabReserved)
def _reserved(event: TocilizumabReserved, journey: Journey) -> Changes:
    return {"tocilizumab_reserved": event.doses}


@_on(ProductThawed)
def _thawed(event: ProductThawed, journey: Journey) -> Changes:
    product = find(journey.products, event.product)
    if product is None:
        return {}
    bags = tuple(dict.fromkeys((*product.thawed_bags, *event.bags)))
    first = product.thawed_at or event.at
    return {"products": _changed(journey.products, [event.product], thawed_at=min(first, event.at), thawed_bags=bags)}


@_on(GatePassed)
def _passed(event: GatePassed, journey: Journey) -> Changes:
    return {"gate": event, "gate_position": _position(journey)}


@_on(ProductInfused)
def _infused(event: ProductInfused, journey: Journey) -> Changes:
    return {"infusion": event, "infusion_position": _position(journey)}


@_on(NotInfused)
def _ended(event: NotInfused, journey: Journey) -> Changes:
    return {"ended": event.reason}


@_on(TocilizumabGiven)
def _rescued(event: TocilizumabGiven, journey: Journey) -> Changes:
    return {"tocilizumab_given": (*journey.tocilizumab_given, event.at)}


@_on(IntensiveCareEntered)
def _entered(event: IntensiveCareEntered, journey: Journey) -> Changes:
    return {"intensive_care": True}


@_on(IntensiveCareLeft)
def _left(event: IntensiveCareLeft, journey: Journey) -> Changes:
    return {"intensive_care": False}


@_on(ResponseAssessed)
def _response(event: ResponseAssessed, journey: Journey) -> Changes:
    return {"assessments": (*journey.assessments, (event.assessment, _position(journey)))}


@_on(Relapsed)
def _relapse(event: Relapsed, journey: Journey) -> Changes:
    return {"relapsed": True}


@_on(Died)
def _died(event: Died, journey: Journey) -> Changes:
    return {"died": event.at, "cause": event.cause}


# Payment and record


@_on(MilestoneSettled)
def _settled(event: MilestoneSettled, journey: Journey) -> Changes:
    return {"settled": (*journey.settled, event.milestone)}


@_on(Overridden)
def _overridden(event: Overridden, journey: Journey) -> Changes:
    return {"overrides": (*journey.overrides, (event.rule, event.act))}
