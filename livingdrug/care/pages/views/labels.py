"""Labels to print: for every bag of a collection or product, and for every shipper. Each comes on a page of its own size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingdrug.care.labels import Code, Label, chain_code, chain_number, compound, din_code, din_number, moment, statements
from livingdrug.care.pages import amounts, desk, scans
from livingdrug.care.pages.page import Here, network_of, page, routes
from livingdrug.journey import events as e
from livingdrug.journey.state import Collection, Journey, Parcel, Product, find, stands
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["ROUTES", "labels"]

KINDS = {"": "all", "collection": "collection", "product": "product", "shipper": "shipper"}
AGENTS = ("HIV", "HBV", "HCV", "syphilis", "HTLV", "CMV")
"""What donors of cells are tested for (21 CFR 1271.85)."""


@page("labels", "care/labels.html", journey=True)
def labels(here: Here) -> Mapping[str, Any]:
    """The labels of what there is; before the collection, those of a donation number that is typed."""
    asked = {key: str(value) for key, value in here.request.GET.items()}
    din = scans.din(asked["din"]) if asked.get("din") else None
    reactive = tuple(each for each in AGENTS if each in (here.request.GET.getlist("reactive") or ()))
    said = statements(autologous=True, tested="tested" in asked, at_risk="at_risk" in asked, reactive=reactive)
    made = [*_collections(here, said, din.value if din else ""), *_products(here, said), *_shippers(here, said)]
    kind = asked.get("kind", "") if asked.get("kind", "") in KINDS else ""
    return {
        "title": "Labels",
        "labels": tuple(each for each in made if not kind or each.kind == kind),
        "kind": kind,
        "kinds": tuple(KINDS.items()),
        "tested": "tested" in asked,
        "at_risk": "at_risk" in asked,
        "agents": AGENTS,
        "reactive": reactive,
        "statements": said,
        "din": asked.get("din", ""),
        "says": din.says if din else "",
        "chain": here.journey.state.chain,
    }


def _who(state: Journey) -> tuple[tuple[str, str], ...]:
    """Who the cells are for, without a name: two more identifiers."""
    return (("Patient", state.patient), ("Order", state.order))


# Collections ----------------------------------------------------------------------------------------------------------


def _collections(here: Here, said: tuple[str, ...], din: str) -> list[Label]:
    state = here.journey.state
    if not state.chain:
        return []
    made = [_collection(here, each, bag, said) for each in state.collections for bag in each.bags]
    known = {each.collection for each in state.collections}
    return [*made, _blank(here, din, said)] if din and din not in known else made


def _collection(here: Here, part: Collection, bag: str, said: tuple[str, ...]) -> Label:
    state, event = here.journey.state, stands(here.journey.state, part.position)
    volume = f"{event.volume:g} mL, {len(part.bags)} bags" if isinstance(event, e.CellsCollected) else ""
    facts = (
        *_who(state), ("Bag", bag), ("Collected", moment(part.at, desk.zone(here))), ("Volume", volume),
        ("CD3⁺ cells", amounts.cells(part.cd3)), ("At", _title(network_of(here), state.center)),
    )  # fmt: skip
    return _of_collection(part.collection, state.chain, bag, facts, said)


def _blank(here: Here, din: str, said: tuple[str, ...]) -> Label:
    """The label that is printed before the collection; what is measured is written on it by hand."""
    state = here.journey.state
    line = "_" * 14
    facts = (
        *_who(state), ("Bag", f"{din}-____"), ("Collected", line), ("Volume", f"{line} mL"),
        ("At", _title(network_of(here), state.center)),
    )  # fmt: skip
    return _of_collection(din, state.chain, din, facts, said)


def _of_collection(din: str, chain: str, item: str, facts: tuple[tuple[str, str], ...], said: tuple[str, ...]) -> Label:
    return Label(
        kind="collection",
        title="MNC, Apheresis",
        item=item,
        numbers=(din_number(din), chain_number(chain)),
        codes=(din_code(din), chain_code(chain), compound(din, chain)),
        facts=facts,
        statements=said,
        warnings=("For further processing", "Do not irradiate"),
    )


# Products -------------------------------------------------------------------------------------------------------------


def _products(here: Here, said: tuple[str, ...]) -> list[Label]:
    state = here.journey.state
    return [_product(here, each, bag, said) for each in state.products for bag in each.bags]


def _product(here: Here, part: Product, bag: str, said: tuple[str, ...]) -> Label:
    state, therapy = here.journey.state, here.journey.therapy
    run = find(state.runs, part.run)
    dins = run.collections if run else ()
    cold = therapy.infusion.storage_maximum
    facts = (
        *_who(state), ("Product", part.product), ("Bag", bag),
        ("Cells", f"{amounts.cells(part.cells)} CAR-positive viable, all bags"),
        ("Expires", moment(part.expires, desk.zone(here))),
        ("Store", f"at {cold.value:g} °C or colder" if cold else ""),
        ("From", ", ".join(dins)), ("Made at", _title(network_of(here), state.site)),
    )  # fmt: skip
    return Label(
        kind="product",
        title=therapy.title,
        item=bag,
        numbers=(chain_number(part.chain), *(din_number(each) for each in dins[:1])),
        codes=(
            chain_code(part.chain), Code("Code 128", bag, "Bag"),
            compound(dins[0], part.chain) if dins else _square(part.chain),
        ),
        facts=facts,
        statements=said,
        warnings=(_release(part), "Rx only", "Do not irradiate"),
    )  # fmt: skip


def _release(part: Product) -> str:
    """Whether it may be given, in capitals where it may not."""
    if part.rejected:
        return "REJECTED: DO NOT USE"
    if not part.released:
        return "QUARANTINE: NOT RELEASED"
    if part.release == "conditional":
        return f"CONDITIONALLY RELEASED: PENDING {', '.join(part.pending) or 'nothing'}"
    return "OUT OF SPECIFICATION: EXCEPTIONAL RELEASE" if part.release == "exceptional" else "Released in specification"


# Shippers -------------------------------------------------------------------------------------------------------------


def _shippers(here: Here, said: tuple[str, ...]) -> list[Label]:
    return [_shipper(here, each, said) for each in here.journey.state.parcels]


def _shipper(here: Here, parcel: Parcel, said: tuple[str, ...]) -> Label:
    state, network = here.journey.state, network_of(here)
    lane, event = ask.lane(network, parcel.lane), stands(state, parcel.position)
    ends = (_title(network, lane.origin), _title(network, lane.destination)) if lane else ("", "")
    logger = event.logger if isinstance(event, e.Shipped) else ""
    facts = (
        ("From", ends[0]), ("To", ends[1]), ("Shipment", parcel.shipment), ("Holds", ", ".join(parcel.items)),
        ("As", parcel.status), ("Left", moment(parcel.at, desk.zone(here))), ("Keep", lane.shipper if lane else ""),
        ("Logger", logger), *_who(state),
    )  # fmt: skip
    return Label(
        kind="shipper",
        title="Human cells for administration" if parcel.status != "starting material" else "Human cells for manufacture",
        item=parcel.shipment,
        numbers=(chain_number(state.chain),),
        codes=(chain_code(state.chain), Code("Code 128", parcel.shipment, "Shipment"), _square(state.chain)),
        facts=facts,
        statements=said,
        warnings=("Do not X-ray", "Do not open on the way"),
    )


def _square(chain: str) -> Code:
    """The chain alone as a Data Matrix."""
    return Code("Data Matrix", f"&/{chain}", "Chain of identity")


def _title(network: Network, id: str) -> str:
    place = ask.place(network, id)
    if place is None:
        return id
    town, _, rest = place.city.partition(", ")
    return f"{place.title}, {rest if town in place.title and rest else place.city}"


ROUTES = routes("journeys/<str:id>/labels", labels, "labels")
