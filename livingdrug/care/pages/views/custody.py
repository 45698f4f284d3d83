"""Collection and hand-over: for whoever holds the cells. Two identifiers are read, or nothing moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase

from livingdrug.care.pages import amounts, desk, forms, readings, stops, times
from livingdrug.care.pages.acts import Outcome
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.page import Here, Shown, network_of, page, routes
from livingdrug.errors import BadInput
from livingdrug.journey import events as e
from livingdrug.journey.state import Collection, Journey, Parcel, Product, find, standing
from livingdrug.network import ask

__all__ = ["ROUTES", "custody"]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of the patient: a collection or a product, who has them, and what is known of how they are."""

    item: str
    what: str
    holder: str
    place: str
    says: str


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the chain of custody."""

    at: datetime
    what: str
    item: str
    by: str
    says: str
    when: str = ""
    """`at` on the clock of the center."""


@page("custody", "care/custody.html", journey=True)
def custody(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """Where the cells are, and the next act with them."""
    offers = _in_order(here)
    made = _logged(here) or desk.sent(here, offers)
    if made and made[0].done:
        return desk.filled(here, "custody")
    content = {
        "title": "Collection and hand-over",
        "cells": _cells(here),
        "moves": _moves(here),
        "stop": stops.stop(here) if made and made[0].stopped else None,
        "held": stops.held(here),
        "uploads": readings.SIZE,
        "log": made[1].get("readings", "") if made else "",
        "log_says": forms.complaints_at(made[0].complaints, "readings") if made else (),
        **desk.desk(here, "custody", offers, made),
    }
    return Shown(content, made[0].status) if made else content


# What there is --------------------------------------------------------------------------------------------------------


def _cells(here: Here) -> tuple[Cells, ...]:
    state = here.journey.state
    collections = [Cells(each.collection, "collection", *_where(here, each), _material(each)) for each in state.collections]
    products = [Cells(each.product, "product", *_where(here, each), _product(each)) for each in state.products]
    return (*collections, *products)


def _where(here: Here, part: Collection | Product) -> tuple[str, str]:
    """Who has it, and where that is: a parcel that travels, or a person at a place."""
    state, network = here.journey.state, network_of(here)
    parcel = find(state.parcels, part.holder)
    if parcel is not None:
        lane = ask.lane(network, parcel.lane)
        return part.holder, f"on its way to {lane.destination}" if lane else "on its way"
    place = ask.works_at(network, part.holder) or ""
    return part.holder, "with the courier" if place == "couriers" else place


def _material(each: Collection) -> str:
    decided = {None: "not accepted yet", True: "accepted", False: "rejected"}[each.accepted]
    return f"{len(each.bags)} {'bag' if len(each.bags) == 1 else 'bags'}, {decided}"


def _product(each: Product) -> str:
    if each.rejected:
        return "rejected"
    stored = f", stored at {each.stored_celsius:g} °C" if each.stored_celsius is not None else ""
    return (f"released {each.release}" if each.released else "not released") + stored


def _moves(here: Here) -> tuple[Move, ...]:
    """The chain of custody, the latest first."""
    found = [move for _, event in standing(here.journey.state) if (move := _move(event))]
    return tuple(replace(each, when=times.shown(each.at, desk.zone(here))) for each in reversed(found))


def _move(event: e.Event) -> Move | None:
    match event:
        case e.CellsCollected():
            return Move(event.at, "collected", event.collection, event.by, f"{amounts.cells(event.cd3)} CD3⁺ cells")
        case e.HandedOver():
            return Move(event.at, "handed over", event.item, event.by, f"from {event.giver}; {event.second.kind} read")
        case e.Shipped():
            return Move(
                event.at, "shipped", ", ".join(event.items), event.by, f"{event.shipment}, {event.lane}, {event.status}"
            )
        case e.Received():
            says = "intact" if event.intact else "not intact"
            return Move(event.at, "received", ", ".join(event.items), event.by, f"{event.shipment}, {says}")
        case e.TemperatureLogged() if event.celsius:
            span = f"{min(event.celsius):g} to {max(event.celsius):g} °C in {len(event.celsius)} readings"
            return Move(event.at, "temperature", event.item, event.by, span)
        case e.Stored():
            return Move(event.at, "stored", event.item, event.by, f"{event.place}, {event.celsius:g} °C")
        case e.MismatchFound():
            return Move(event.at, "mismatch", event.item, event.by, f"read {event.scanned}")
        case _:
            return None


# What may be done -----------------------------------------------------------------------------------------------------


def _in_order(here: Here) -> tuple[Offer, ...]:
    """The acts, the likeliest next one first: the desk opens the first that is possible."""
    state, first = here.journey.state, list[type[e.Event]]()
    if state.mismatches or state.deviations:
        first.append(e.DeviationClosed)
    if any(not each.received for each in state.parcels) and here.visitor.kind != "courier":
        first.append(e.Received)
    mine = [each for each in (*state.collections, *state.products) if each.holder == here.visitor.person]
    if mine and here.visitor.kind == "courier":
        first.append(e.Shipped)
    if any(each.received and each.warmest is None for each in state.parcels):
        first.append(e.TemperatureLogged)
    if state.products and state.parcels and state.products[-1].stored_celsius is None and mine:
        first.append(e.Stored)
    if not mine and (state.collections or state.products):
        first.append(e.HandedOver)
    ranked = {kind: rank for rank, kind in enumerate(first)}
    return tuple(sorted(OFFERS, key=lambda each: ranked.get(each.kind, len(ranked))))


def _at_rest(state: Journey) -> list[Collection | Product]:
    """What is in somebody's hands, the latest last."""
    traveling = {item for each in state.parcels if not each.received for item in each.items}
    used = {name for run in state.runs for name in run.collections}
    parts = [*(each for each in state.collections if each.collection not in used), *state.products]
    return [each for each in parts if _name(each) not in traveling]


def _name(part: Collection | Product) -> str:
    return part.collection if isinstance(part, Collection) else part.product


def _hand_over(here: Here) -> dict[str, str]:
    parts = _at_rest(here.journey.state)
    if not parts:
        return {}
    return {"item": _name(parts[-1]), "giver": parts[-1].holder, "second.kind": _kind(parts[-1])}


def _kind(part: Collection | Product) -> str:
    return "collection" if isinstance(part, Collection) else "product"


def _items(here: Here) -> dict[str, list[str]]:
    return {"item": [_name(each) for each in _at_rest(here.journey.state)]}


def _shipping(here: Here) -> dict[str, str]:
    state = here.journey.state
    parts = [each for each in _at_rest(state) if each.holder == here.visitor.person] or _at_rest(state)
    product = next((each for each in parts if isinstance(each, Product)), None)
    status = "starting material" if product is None else ("conditional" if product.release == "conditional" else "released")
    lanes = [each.id for each in network_of(here).lanes if (each.origin, each.destination) == _ends(state, product)]
    return {"items": "\n".join(map(_name, parts)), "status": status, "lane": lanes[0] if lanes else ""}


def _ends(state: Journey, product: Product | None) -> tuple[str, str]:
    return (state.center, state.site) if product is None else (state.site, state.center)


def _lanes(here: Here) -> dict[str, list[str]]:
    ends = {here.journey.state.center, here.journey.state.site}
    return {"lane": [each.id for each in network_of(here).lanes if {each.origin, each.destination} == ends]}


def _receipt(here: Here) -> dict[str, str]:
    parcel = _traveling(here.journey.state)
    product = parcel is not None and any(find(here.journey.state.products, item) for item in parcel.items)
    return {"shipment": parcel.shipment if parcel else "", "second.kind": "product" if product else "collection"}


def _traveling(state: Journey) -> Parcel | None:
    return next((each for each in reversed(state.parcels) if not each.received), None)


def _storing(here: Here) -> dict[str, str]:
    parts = _at_rest(here.journey.state)
    return {"item": _name(parts[-1])} if parts else {}


def _wristband(here: Here) -> dict[str, str]:
    return {"patient.kind": "record number"}


def _wristbands(here: Here) -> dict[str, list[str]]:
    """Only what is read on people."""
    papers = ("order", "collection", "product", "chain")
    return {"patient": sorted({each.kind for each in here.journey.state.identifiers if each.kind not in papers})}


def _logs(here: Here) -> dict[str, str]:
    parcels = here.journey.state.parcels
    unread = [each for each in parcels if each.warmest is None] or list(parcels)
    return {"item": unread[-1].shipment} if unread else {}


def _logged_items(here: Here) -> dict[str, list[str]]:
    state = here.journey.state
    return {"item": [*(each.shipment for each in state.parcels), *(each.product for each in state.products)]}


def _closing(here: Here) -> dict[str, str]:
    state = here.journey.state
    if state.mismatches:
        position = min(state.mismatches)
        return {"deviation": f"MISMATCH-{position}", "position": str(position)}
    return {"deviation": state.deviations[0].deviation} if state.deviations else {}


OFFERS = (
    Offer(e.CellsCollected, "Collect", _wristband, _wristbands, {"collection": "Donation number (DIN)", "at": "Ended"}),
    Offer(e.HandedOver, "Take over", _hand_over, _items, {"item": "Item"}),
    Offer(e.Shipped, "Ship", _shipping, _lanes, {"shipment": "Shipment number", "logger": "Temperature logger"}),
    Offer(e.Received, "Receive", _receipt, labels={"intact": "It arrived intact"}),
    Offer(e.TemperatureLogged, "Temperature log", _logs, _logged_items, {"item": "Of", "at": "First reading"}),
    Offer(e.Stored, "Store", _storing, _items, {"place": "Storage position"}),
    Offer(e.DeviationOpened, "Open a deviation", labels={"deviation": "Number", "holds": "It holds the cells"}, opens=False),
    Offer(e.DeviationClosed, "Close a deviation", _closing, labels={"says": "What was found and decided"}),
)  # fmt: skip


# Temperature logs -----------------------------------------------------------------------------------------------------


def _logged(here: Here) -> tuple[Outcome, Mapping[str, str]] | None:
    """A log that was pasted or uploaded, put into the fields of its event; None where the form is another or already right."""
    if here.request.POST.get("act") != e.TemperatureLogged.name:
        return None
    typed = desk.posted(here)
    try:
        log = readings.of(here.request.FILES.get("file"), typed.get("readings", ""))
    except BadInput as error:
        return Outcome(False, complaints=error.complaints), typed
    typed |= {"hours": " ".join(map(repr, log.hours)), "celsius": " ".join(map(repr, log.celsius))}
    typed |= {name: "\n".join(typed[name].split()) for name in ("hours", "celsius")}
    if log.start is not None:
        typed["at"] = log.start.isoformat()
    desk.put(here, typed)
    return desk.sent(here, OFFERS)


ROUTES = routes("journeys/<str:id>/custody", custody, "custody")
