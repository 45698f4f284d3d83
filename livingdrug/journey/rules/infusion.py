"""INF: the infusion gate. Every condition is looked at again at the bedside, shows its evidence, and fails closed.

The conditions judge both the passing of the gate and the infusion itself, so that nothing that changed in between slips by.
None of them can be overridden, except the dose, the window and current training, by name and with a reason.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from livingdrug.journey import events as e
from livingdrug.journey.limits import dose_range, latest, limits_of, missed, untested
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, Verdict, condition, met, rule, unmet
from livingdrug.journey.rules.collection import below_limits
from livingdrug.journey.rules.depletion import arrived, forbidding
from livingdrug.journey.rules.release import exceptional_lacks
from livingdrug.journey.state import Collection, Journey, Product, find, standing, stands
from livingdrug.network import ask

GATE = (e.GatePassed, e.ProductInfused)
LABEL = "The therapy's label, as its file states it"
REMS = "FDA, REMS of the CAR T products: 30 August 2017 to 26 June 2025, when it was eliminated"
REMS_BEGAN, REMS_ENDED = date(2017, 8, 30), date(2025, 6, 26)
GATE_LASTS = timedelta(hours=4)
CELSIUS_ROUNDING = 0.05
Passing = Act[e.GatePassed | e.ProductInfused]


def _product(act: Act[Any]) -> Product | None:
    return find(act.journey.products, act.event.product)


def _at(position: int) -> str:
    return f"(event {position})"


@condition(
    "INF-001",
    GATE,
    early=True,
    why="Consent is given to what happens now, not to what was planned.",
    source="21 CFR 50.20; the law of informed consent",
    example="A patient withdrew yesterday evening, and the ward does not know.",
)
def consent_stands(act: Passing) -> Verdict:
    """Consent to treatment stands."""
    if words.TREATMENT in act.journey.withdrawn:
        return unmet("consent to treatment was withdrawn; do not infuse")
    if words.TREATMENT not in act.journey.consents:
        return unmet("there is no consent to treatment; record it")
    return met("consent to treatment stands")


@condition(
    "INF-002",
    GATE,
    early=True,
    why="The maker delivers only to centers it has trained and audited; a qualification can end between booking and infusion.",
    source="Manufacturer qualification, as the network file states it",
    example="The qualification was revoked in the week of the infusion.",
)
def the_center_is_qualified(act: Passing) -> Verdict:
    """The center is qualified by the manufacturer today."""
    return _certified(act, "manufacturer")


@condition(
    "INF-003",
    GATE,
    early=True,
    why="CRS and neurotoxicity can kill; for eight years only hospitals certified to recognize and treat them might infuse.",
    source=REMS,
    example="A center whose REMS certificate was revoked on 3 June 2019 wants to infuse on 4 June.",
    jurisdiction="US",
    since=REMS_BEGAN,
    until=REMS_ENDED,
)
def the_center_is_certified(act: Passing) -> Verdict:
    """The center is certified under the REMS today."""
    began = act.therapy.certification.required_from
    if began is None or act.day < began:
        return met(f"not required of {act.therapy.name} on {act.day}")
    return _certified(act, "REMS")


def _certified(act: Passing, kind: Any) -> Verdict:
    if says := ask.why_not_certified(act.network, act.journey.center, kind, act.therapy.name, act.day):
        return unmet(f"{says}; the patient must be treated elsewhere, or the certificate renewed")
    held = ask.certificate(act.network, act.journey.center, kind, act.therapy.name, act.day)
    until = held.valid_until if held and held.valid_until else "further notice"
    return met(f"{kind} certificate of {act.journey.center}, valid to {until}")


@condition(
    "INF-004",
    GATE,
    early=True,
    waivers=("quality",),
    why="Whoever infuses must know the next week's dangers.",
    source="The therapy's label and REMS: trained staff; 21 CFR 11.10(i)",
    example="The training of the physician on duty ended last month.",
)
def who_infuses_is_trained(act: Passing) -> Verdict:
    """Whoever passes the gate or infuses is trained for the therapy today."""
    if says := ask.why_not_trained(act.network, act.event.by, act.therapy.name, act.day):
        return unmet(f"{says}; let somebody trained do it")
    return met(f"{act.event.by} is trained for {act.therapy.name}")


@condition(
    "INF-005",
    GATE,
    early=True,
    why="Tocilizumab must be at the bedside within two hours when CRS turns severe; two doses per patient were required.",
    source=REMS,
    example="One dose is left, because the patient next door got two in the night.",
    jurisdiction="US",
    since=REMS_BEGAN,
    until=REMS_ENDED,
)
def tocilizumab_is_on_site(act: Passing) -> Verdict:
    """Two doses of tocilizumab lie at the center for this patient."""
    terms = act.therapy.certification
    if terms.required_from is None or act.day < terms.required_from:
        return met(f"not required of {act.therapy.name} on {act.day}")
    there, needed = act.journey.tocilizumab_reserved, terms.tocilizumab_doses_on_site
    if there < needed:
        return unmet(f"{there} of {needed} doses of tocilizumab are reserved; the pharmacist reserves the rest")
    return met(f"{there} doses of tocilizumab reserved, {needed} required")


@condition(
    "INF-006",
    GATE,
    why="The last chance to see that these cells are this patient's.",
    source="FDA guidance on CAR T products (2024): at least two unique identifiers; ISBT 128 ST-028",
    example="The bag's chain agrees and the wristband does not.",
)
def chain_and_second_identifier_agree(act: Passing) -> Verdict:
    """The chain on the bag and a second identifier agree with the patient."""
    event, journey = act.event, act.journey
    if not journey.chain or event.chain != journey.chain:
        return unmet(
            f"the bag reads {event.chain or 'nothing'}, and the patient's chain is {journey.chain or 'not issued'}; stop"
        )
    if event.second.kind in words.PAPERS[1:]:
        return unmet(f"the {event.second.kind} is read on papers and bags, not on the patient; read the wristband")
    if event.second.kind == "chain" or not event.second.value or event.second not in journey.identifiers:
        return unmet(
            f"the second identifier ({event.second.kind or 'none'} {event.second.value!r}) is not this patient's; stop"
        )
    return met(f"chain {event.chain} and {event.second.kind} agree")


@condition(
    "INF-007",
    GATE,
    why="A right label on wrong cells is only found by following the cells back to the vein they came from.",
    source="21 CFR 1271.290: tracking from donor to recipient",
    example="The product comes from a run of a collection that is not on this journey.",
)
def the_product_was_made_from_this_patient(act: Passing) -> Verdict:
    """The product was made from accepted collections of this patient, under this chain."""
    product, journey = _product(act), act.journey
    if product is None:
        return unmet(f"{act.event.product or 'no product'} is not on this patient's journey; stop")
    run = find(journey.runs, product.run)
    if run is None or run.status != "finished" or not run.collections:
        return unmet(f"{product.product} has no finished run on this journey; stop")
    parts = [part for each in run.collections if (part := find(journey.collections, each)) and part.accepted]
    if len(parts) < len(run.collections):
        return unmet(f"the run {run.run} used a collection that is not on this journey or not accepted; stop")
    if product.release != words.EXCEPTIONAL and (says := below_limits(act.therapy, parts)):
        return unmet(f"{says}, as corrected after acceptance; quality decides again")
    if foreign := _drawn_from_another(journey, parts):
        return unmet(f"{foreign}; keep the identifier that was read then beside the new one, or stop")
    if product.chain != journey.chain:
        return unmet(f"{product.product} was labeled {product.chain}, and the patient's chain is {journey.chain}; stop")
    return met(f"{', '.join(run.collections)} → {run.run} → {product.product}")


def _drawn_from_another(journey: Journey, parts: list[Collection]) -> str | None:
    """The wristband of a collection that is no longer the patient's: an identifier was corrected to somebody else's."""
    for part in parts:
        drawn = stands(journey, part.position)
        if isinstance(drawn, e.CellsCollected) and drawn.patient not in journey.identifiers:
            return f"{part.collection} was drawn from {drawn.patient.kind} {drawn.patient.value!r}, now not this patient's"
    return None


@condition(
    "INF-008",
    GATE,
    why="A release is as good as the results under it; one that was corrected since counts as it is now.",
    source="The release specification of the therapy file; 21 CFR 610.1",
    example="A sterility culture turns positive after a conditional release.",
)
def the_product_is_released(act: Passing) -> Verdict:
    """The product is released, and its results as they stand carry the release."""
    product = _product(act)
    if product is None or not product.released:
        return unmet(f"{act.event.product or 'no product'} is not released; wait for quality")
    if product.rejected:
        return unmet(f"{product.product} was rejected or recalled {_at(product.rejected)}; do not infuse")
    says = _not_carried(act, product)
    return unmet(f"{says}; quality decides again") if says else met(f"released {product.release} {_at(product.released)}")


def _not_carried(act: Passing, product: Product) -> str | None:
    """Why the results do not carry the release, or nothing."""
    outside = missed(act.therapy, act.jurisdiction, act.journey, product)
    if product.release == words.EXCEPTIONAL:
        return exceptional_lacks(act.therapy, act.jurisdiction, act.journey, product)
    if outside:
        limits, found = limits_of(act.therapy, act.jurisdiction, act.journey), latest(product)
        return (
            f"{outside[0]} is {found[outside[0]].value:g}, outside {limits[outside[0]].minimum} to {limits[outside[0]].maximum}"
        )
    lacks = untested(act.therapy, product)
    allowed = product.pending if product.release == "conditional" else ()
    return f"there is no result of {lacks[0]}" if set(lacks) - set(allowed) else None


@condition(
    "INF-009",
    GATE,
    why="Cells that have not arrived, or did not travel cold, are not the cells that were released.",
    source=f"{LABEL} (infusion.storage_maximum); ISO 21973:2020",
    example="The shipper's logger read -80 °C for six hours.",
)
def the_product_is_on_site_and_cold(act: Passing) -> Verdict:
    """The product was received here intact, and was cold on its way and in storage."""
    product, ready = _product(act), arrived(act.journey)
    if product is None or ready is None or ready.product != product.product:
        return unmet(f"{act.event.product or 'no product'} has not been received intact at {act.journey.center}; wait for it")
    parcel = [each for each in act.journey.parcels if product.product in each.items][-1]
    receipt = stands(act.journey, parcel.received)
    if receipt is None or ask.works_at(act.network, receipt.by) != act.journey.center:
        return unmet(f"{parcel.shipment} was not received by anybody of {act.journey.center}; record its receipt there")
    limit = act.therapy.infusion.storage_maximum
    if limit is None:
        return met(f"received intact {_at(parcel.received)}")
    if parcel.warmest is None:
        return unmet(f"there is no temperature log of {parcel.shipment}; read the logger")
    warmest = max(_celsius(act.journey, product))
    if warmest > limit.value + CELSIUS_ROUNDING:
        return unmet(f"it was as warm as {warmest:g} °C, and the limit is {limit.value:g} °C; quality evaluates the excursion")
    return met(f"received intact {_at(parcel.received)}, never warmer than {warmest:g} °C")


def _celsius(journey: Journey, product: Product) -> list[float]:
    """Every temperature of a frozen product: of its parcels, of its places, and of the logs of itself and its bags."""
    parcels = [each.shipment for each in journey.parcels if product.product in each.items]
    own, found = {product.product, *product.bags, *parcels}, list[float]()
    for _, event in standing(journey):
        if product.thawed_at is not None and event.at >= product.thawed_at:
            continue
        if isinstance(event, e.TemperatureLogged) and event.item in own:
            found.extend(event.celsius)
        elif isinstance(event, e.Stored) and event.item in own:
            found.append(event.celsius)
    return found


@condition(
    "INF-010",
    GATE,
    why="Nobody has shown that cells work after their expiry.",
    source="21 CFR 610.53 and 211.137: dating period",
    example="A product made for a patient who was ill for a year expired last week.",
)
def the_product_has_not_expired(act: Passing) -> Verdict:
    """The product has not expired."""
    product = _product(act)
    if product is None:
        return unmet(f"{act.event.product or 'no product'} is not on this patient's journey; stop")
    ends = act.event.ended if isinstance(act.event, e.ProductInfused) else act.event.at
    if ends > product.expires:
        return unmet(f"it expired on {words.clock(product.expires)}; do not infuse")
    return met(f"expires {words.clock(product.expires)}")


@condition(
    "INF-011",
    GATE,
    why="Thawed cells lose their viability by the minute.",
    source=f"{LABEL} (infusion.thaw_maximum)",
    example="The patient vomits, and the bag hangs for an hour.",
)
def the_thaw_is_fresh(act: Passing) -> Verdict:
    """The infusion ends within the thaw time; before the gate, a thaw may still be to come."""
    product, limit = _product(act), act.therapy.infusion.thaw_maximum
    if product is None:
        return unmet(f"{act.event.product or 'no product'} is not on this patient's journey; stop")
    if product.thawed_at is None:
        if isinstance(act.event, e.GatePassed):
            return met("not thawed yet")
        return unmet("the thaw is not recorded; record it")
    if limit is None:
        return met(f"thawed at {words.clock(product.thawed_at)}")
    ends = act.event.ended if isinstance(act.event, e.ProductInfused) else act.event.at
    minutes = (ends - product.thawed_at).total_seconds() / 60
    if minutes < 0 or minutes > limit.value * 60:
        return unmet(f"thawed {minutes:.0f} min before, and the limit is {limit.value * 60:g} min; do not infuse")
    return met(f"thawed {minutes:.0f} min before, {limit.value * 60:g} min allowed")


@condition(
    "INF-012",
    GATE,
    early=True,
    waivers=("physician",),
    why="Too early, the drugs kill the new cells too; too late, the space they made is filled again.",
    source=f"{LABEL} (lymphodepletion.window)",
    example="The infusion slips to day 17 after lymphodepletion, where day 14 is the last.",
)
def the_window_of_lymphodepletion_is_open(act: Passing) -> Verdict:
    """Today is inside the window after lymphodepletion."""
    finished, rules = act.journey.depletion_finished, act.therapy.lymphodepletion
    if finished is None:
        return unmet("lymphodepletion is not over; record its end")
    days = (act.day - ask.day(act.network, act.journey.center, finished)).days
    low, high = rules.window_minimum.value, rules.window_maximum.value
    if not low <= days <= high:
        return unmet(
            f"today is day {days} after lymphodepletion, and the window is day {low:g} to {high:g}; the physician decides"
        )
    return met(f"day {days} after lymphodepletion, window {low:g} to {high:g}")


@condition(
    "INF-013",
    GATE,
    early=True,
    why="Infection, graft-versus-host disease, toxicity of the chemotherapy or rising leukemia turn the infusion deadly.",
    source=f"{LABEL} (infusion.preconditions); boxed warning",
    example="A fever since the morning, and no result of the cultures.",
)
def nothing_forbids_the_infusion(act: Passing) -> Verdict:
    """No contraindication is present."""
    found = forbidding(act.journey)
    return unmet(f"present: {'; '.join(found)}; wait until it is resolved") if found else met("no contraindication is open")


@condition(
    "INF-014",
    GATE,
    waivers=("physician",),
    why="Below the range the cells may not grow, above it they may grow too fast.",
    source=f"{LABEL} (dose)",
    example="2e8 cells for a child of 20 kg, where 1e8 are the most.",
)
def the_dose_fits_the_weight(act: Passing) -> Verdict:
    """The dose is inside the label's range for the weight, and is in the product."""
    event, product = act.event, _product(act)
    if not 1 <= event.weight <= 400:
        return unmet(f"a weight of {event.weight:g} kg cannot be; weigh the patient, in kg")
    low, high = dose_range(act.therapy, event.weight)
    if not low * (1 - ROUNDING) <= event.cells <= high * (1 + ROUNDING):
        return unmet(
            f"{event.cells:.3g} cells at {event.weight:g} kg, and the label allows {low:.3g} to {high:.3g}; check both"
        )
    if product is not None and event.cells > product.cells * (1 + ROUNDING):
        return unmet(f"{event.cells:.3g} cells are more than the product holds, {product.cells:.3g}; check the bag")
    return met(f"{event.cells:.3g} cells at {event.weight:g} kg, label {low:.3g} to {high:.3g}")


ROUNDING = 1e-9
"""Cells are counted in hundreds of millions: the last digit of a float is no dose error."""


@condition(
    "INF-015",
    GATE,
    why="A weight that changed by a third is another patient's, another unit's or another illness's.",
    source="Program policy: the weight of eligibility against that of the gate",
    example="A weight of 44 in pounds is read as 44 kg for a child of 20 kg.",
)
def the_weight_is_the_patients(act: Passing) -> Verdict:
    """The weight at the gate is near that of eligibility."""
    facts = act.journey.eligibility
    if facts is None:
        return unmet("no weight is known from eligibility; assess it")
    change = act.event.weight / facts.weight - 1 if facts.weight > 0 else 1.0
    if abs(change) > WEIGHT_CHANGE:
        return unmet(
            f"{act.event.weight:g} kg is {change:+.0%} from {facts.weight:g} kg at eligibility; weigh again, or assess again"
        )
    return met(f"{act.event.weight:g} kg, {change:+.0%} from eligibility")


WEIGHT_CHANGE = 0.3


@condition(
    "INF-016",
    GATE,
    early=True,
    why="What is held is held for a reason that somebody wrote down.",
    source="21 CFR 211.192 and 1271.320: deviations are investigated before the product goes on",
    example="A hand-over scan did not agree, and nobody has found out why.",
)
def nothing_holds_the_cells(act: Passing) -> Verdict:
    """No mismatch is unresolved and no deviation holds the cells."""
    journey = act.journey
    if journey.mismatches:
        return unmet(f"the mismatch at event {min(journey.mismatches)} is unresolved; quality resolves it")
    holding = [each.deviation for each in journey.deviations if each.holds]
    return (
        unmet(f"the deviation {holding[0]} holds the cells; quality closes it") if holding else met("nothing holds the cells")
    )


@condition(
    "INF-017",
    GATE,
    early=True,
    why="The cells are given once, to the living, before the journey is closed.",
    source="21 CFR 11.10(f): operational checks enforce the sequence of steps",
    example="The infusion is recorded a second time from another tablet.",
)
def the_patient_was_not_infused(act: Passing) -> Verdict:
    """The patient lives, was not infused, and the journey is open."""
    journey = act.journey
    if journey.infusion is not None:
        return unmet(f"the cells were given already {_at(journey.infusion_position)}")
    if journey.died is not None:
        return unmet("the patient has died")
    return unmet(f"the journey was closed ({journey.ended})") if journey.ended else met("not infused before")


@rule(
    "INF-018",
    on=(e.ProductInfused,),
    why="There is one way to the patient, and it leads through the gate.",
    source="21 CFR 11.10(f); our own: a gate is worth what its bypasses are worth",
    example="An infusion is recorded, and the gate was never passed.",
)
def the_gate_was_passed(act: Act[e.ProductInfused]) -> str | None:
    """The gate was passed for this product, dose and weight, no more than four hours before."""
    event, gate = act.event, act.journey.gate
    if gate is None:
        return "the gate was not passed; pass it first"
    if (gate.product, gate.cells, gate.weight) != (event.product, event.cells, event.weight):
        passed = f"{gate.product}, {gate.cells:.3g} cells at {gate.weight:g} kg"
        return f"the gate was passed for {passed}; pass it again for this infusion"
    if not timedelta(0) <= event.at - gate.at <= GATE_LASTS:
        return f"the gate was passed at {words.when(gate)}, more than {GATE_LASTS.seconds // 3600} hours before; pass it again"
    return None


@rule(
    "INF-019",
    on=(e.ProductInfused,),
    why="Two people see more than one.",
    source="The Joint Commission NPSG.01.01.01 and FACT-JACIE: two-person verification at the bedside",
    example="One nurse at night signs as both.",
)
def two_people_verify(act: Act[e.ProductInfused]) -> str | None:
    """Two people of the ward verify the infusion."""
    event = act.event
    if event.witness == event.by:
        return f"{event.by} is witness to their own act; a second person verifies"
    if not any(ask.has_role(act.network, event.witness, role, act.day) for role in ("physician", "bedside nurse")):
        return f"{event.witness!r} is no physician or bedside nurse on {act.day}; a second person of the ward verifies"
    if (place := ask.works_at(act.network, event.witness)) != act.journey.center:
        return f"{event.witness} works at {place}, and this is {act.journey.center}; a second person of this ward verifies"
    return None


@rule(
    "INF-020",
    on=(e.ProductInfused,),
    why="A bag that hangs unrecorded is a dose unrecorded.",
    source="The therapy's label: all bags, within the thaw time",
    example="The second bag is not on the list of what was thawed.",
)
def the_bags_are_the_products(act: Act[e.ProductInfused]) -> str | None:
    """The bags are the product's, were thawed, and the infusion ends after it starts."""
    event, product = act.event, _product(act)
    if event.ended < event.at:
        return "it ends before it starts; correct the times"
    if product is None:
        return None
    foreign = [bag for bag in event.bags if bag not in product.bags]
    if foreign or not event.bags:
        return f"the bag {foreign[0]!r} is not one of {product.product}; stop" if foreign else "it names no bag"
    unthawed = [bag for bag in event.bags if bag not in product.thawed_bags]
    return f"the thaw of {unthawed[0]} is not recorded" if unthawed else None


@rule(
    "INF-021",
    on=(e.ContraindicationFound, e.ContraindicationResolved),
    why="What forbids an infusion is spelled as the label spells it, so that it can be resolved under the same words.",
    source=LABEL,
    example='An "infection" is found, and an "active uncontrolled infection" is resolved.',
)
def contraindications_are_the_labels(act: Act[e.ContraindicationFound | e.ContraindicationResolved]) -> str | None:
    """A contraindication has words, and one that is resolved was found."""
    what = act.event.what
    if not what.strip():
        return "it says nothing; name what forbids the infusion"
    if isinstance(act.event, e.ContraindicationResolved) and what not in act.journey.contraindications:
        return f"{what!r} is not open; open are: {'; '.join(act.journey.contraindications) or 'none'}"
    return None
