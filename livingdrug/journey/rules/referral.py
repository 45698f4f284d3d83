"""REF: from referral to order. Who is eligible, has consented, is covered, and where treatment may take place."""

from __future__ import annotations

from typing import Any

from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.network import ask

LABEL = "The therapy's label, as its file states it (eligibility)"
FROZEN = (
    e.CoverageAuthorized, e.TherapyOrdered, e.ChainIssued, e.SlotHeld, e.SlotBooked, e.CellsCollected, e.CollectionAccepted,
    e.ManufactureStarted, e.StepFinished, e.ManufactureFinished, e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved,
    e.ProductReleased, e.Shipped, e.BridgingGiven, e.LymphodepletionStarted, e.LymphodepletionFinished, e.TocilizumabReserved,
    e.ProductThawed, e.GatePassed, e.ProductInfused, e.MilestoneSettled,
)  # fmt: skip
"""What a withdrawn consent to treatment stops; what is found, and care for what was already given, goes on."""
AFTER_CONSENT = (
    e.TherapyOrdered, e.CellsCollected, e.ManufactureStarted, e.LymphodepletionStarted, e.ProductThawed,
)  # fmt: skip
"""Steps that begin something with the patient or the cells; the gate asks again by itself."""


@rule(
    "REF-001",
    on=(e.PatientReferred,),
    why="A journey is judged by one therapy file and by the days of one center.",
    source="21 CFR 11.10(k): the version of what governs an act is known",
    example="A referral for another product reaches this therapy's queue.",
)
def the_referral_names_this_therapy_and_a_center(act: Act[e.PatientReferred]) -> str | None:
    """A referral names this therapy and a center of the network."""
    if act.event.therapy != act.therapy.name:
        return f"it is for {act.event.therapy!r}, and this is {act.therapy.name}; refer to the right therapy"
    if ask.center(act.network, act.event.center) is None:
        return f"the network {act.network.name} has no center {act.event.center!r}; use the identifier of its file"
    return None


@rule(
    "REF-002",
    on=(e.PatientReferred,),
    why="Two people can share a name and a birthday; one identifier alone never tells patients apart.",
    source="FDA guidance on CAR T products (2024): at least two unique identifiers; The Joint Commission NPSG.01.01.01",
    example="A referral brings only a name.",
)
def a_patient_has_two_identifiers(act: Act[e.PatientReferred]) -> str | None:
    """A referral brings a pseudonym and at least two identifiers of different kinds."""
    kinds = {each.kind.strip() for each in act.event.identifiers if each.kind.strip() and each.value.strip()}
    if not act.event.patient.strip():
        return "the patient has no pseudonym; issue one"
    if len(kinds) < 2 or len(kinds) < len(act.event.identifiers):
        there = len(act.event.identifiers)
        return f"it brings {len(kinds)} kinds of identifiers in {there}; give two or more, each kind once, none empty"
    return None


@rule(
    "REF-003",
    on=(e.TherapyOrdered,),
    early=True,
    why="The verdict on eligibility is the reason to order; it comes first, with its facts.",
    source=LABEL,
    example="An order is placed before anybody has looked at the patient.",
)
def eligibility_comes_before_the_order(act: Act[e.TherapyOrdered]) -> str | None:
    """Eligibility is assessed before the order."""
    return None if act.journey.eligibility else "eligibility has not been assessed; let a physician assess it"


@rule(
    "REF-004",
    on=(e.TherapyOrdered,),
    early=True,
    waivers=("physician",),
    why="Outside the ages that were studied, benefit and risk are unknown.",
    source=LABEL,
    example="Tisagenlecleucel is ordered for a patient of 31 years with leukemia.",
)
def the_age_is_inside_the_label(act: Act[e.TherapyOrdered]) -> str | None:
    """The patient's age is inside the therapy's limits, the last year included."""
    facts, limits = act.journey.eligibility, act.therapy.eligibility
    if facts is None:
        return None
    if limits.age_minimum and facts.age < limits.age_minimum.value:
        return f"the age of {facts.age:g} years is below {limits.age_minimum.value:g}; the therapy is not for this age"
    if limits.age_maximum and facts.age >= limits.age_maximum.value + 1:
        return f"the age of {facts.age:g} years is above {limits.age_maximum.value:g}; the therapy is not for this age"
    return None


@rule(
    "REF-005",
    on=(e.TherapyOrdered,),
    early=True,
    waivers=("physician",),
    why="The therapy is approved for these states of the disease and no others.",
    source=LABEL,
    example="A patient in first remission is put forward for a therapy of second relapse.",
)
def the_disease_status_is_one_of_the_label(act: Act[e.TherapyOrdered]) -> str | None:
    """The state of the disease is one that the therapy is for."""
    facts, states = act.journey.eligibility, act.therapy.eligibility.disease_status
    if facts is None or facts.disease_status in states:
        return None
    return f"the disease is {facts.disease_status!r}; the therapy is for {words.listed(tuple(states))}"


@rule(
    "REF-006",
    on=(e.TherapyOrdered,),
    early=True,
    waivers=("physician",),
    why="Some conditions make the therapy more dangerous than the disease, for now.",
    source=LABEL,
    example="An uncontrolled infection is present at the assessment.",
)
def no_exclusion_is_present(act: Act[e.TherapyOrdered]) -> str | None:
    """None of the therapy's exclusions is present."""
    facts = act.journey.eligibility
    if facts is None or not facts.present:
        return None
    return f"present: {'; '.join(facts.present)}; treat it and assess again"


@rule(
    "REF-007",
    on=(e.EligibilityAssessed,),
    why="A verdict can only be given on words that the therapy knows, and on numbers that can be true.",
    source=LABEL,
    example="A weight of 0 kg, or an exclusion that the label does not name.",
)
def eligibility_facts_are_readable(act: Act[e.EligibilityAssessed]) -> str | None:
    """Eligibility is assessed with an age, a weight, and exclusions in the therapy's own words."""
    event, known = act.event, (*act.therapy.eligibility.exclusions,)
    if not 0 <= event.age <= 120:
        return f"an age of {event.age:g} years cannot be; give it in years"
    if not 1 <= event.weight <= 400:
        return f"a weight of {event.weight:g} kg cannot be; give it in kg"
    strange = [each for each in event.present if each not in known]
    return f"{strange[0]!r} is no exclusion of this therapy; it has: {'; '.join(known) or 'none'}" if strange else None


@rule(
    "REF-008",
    on=AFTER_CONSENT,
    early=True,
    why="Nobody is treated who has not agreed to it.",
    source="21 CFR 50.20 and the law of informed consent",
    example="A collection is booked while the consent form is still unsigned.",
)
def consent_comes_first(act: Act[Event]) -> str | None:
    """There is a consent to treatment before anything begins."""
    if words.TREATMENT in act.journey.consents or words.TREATMENT in act.journey.withdrawn:
        return None
    return "there is no consent to treatment; record it first"


@rule(
    "REF-009",
    on=FROZEN,
    early=True,
    why="A withdrawn consent stops patient, cells and money at once; what was found stays on record.",
    source="21 CFR 50.25(a)(8): participation may be discontinued at any time",
    example="A family withdraws while the product is being made: it is not shipped.",
)
def a_withdrawn_consent_freezes(act: Act[Event]) -> str | None:
    """Nothing goes on after the consent to treatment was withdrawn."""
    if words.TREATMENT not in act.journey.withdrawn:
        return None
    if isinstance(act.event, e.MilestoneSettled) and act.journey.infusion is not None:
        return None
    return "the consent to treatment was withdrawn; nothing goes on unless the patient consents again"


@rule(
    "REF-010",
    on=(e.CellsCollected,),
    early=True,
    waivers=("physician",),
    why="A collection that nobody pays for ends in cells that nobody may use, or in a bill for a family.",
    source="Program policy; payers require authorization before the first claim",
    example="The authorization ended last month, and the collection is today.",
)
def the_payer_has_authorized(act: Act[e.CellsCollected]) -> str | None:
    """A payer has authorized the treatment, and the authorization is valid on the day of collection."""
    journey = act.journey
    if not journey.covered:
        return "no payer has authorized the treatment; record the authorization"
    if journey.covered_until and act.day > journey.covered_until:
        return f"the authorization of {journey.payer} ended on {journey.covered_until}; have it renewed"
    return None


@rule(
    "REF-011",
    on=(e.CoverageAuthorized,),
    why="A settlement goes to somebody; a payer outside the network cannot be billed.",
    source="Program policy",
    example="The name of a payer is misspelled.",
)
def the_payer_is_known(act: Act[e.CoverageAuthorized]) -> str | None:
    """The payer is one of the network."""
    if ask.payer(act.network, act.event.payer) is None:
        return f"the network {act.network.name} has no payer {act.event.payer!r}; use the identifier of its file"
    return None


@rule(
    "REF-012",
    on=(e.TherapyOrdered, e.CellsCollected, e.LymphodepletionStarted),
    why="The maker delivers only to centers it has trained and audited; one that lost its qualification starts nothing new.",
    source="Manufacturer qualification, as the network file states it; FACT-JACIE asks for the agreement",
    example="A center's qualification was revoked on Monday, and a collection is planned on Tuesday.",
)
def the_center_is_qualified(act: Act[Any]) -> str | None:
    """The center is qualified by the manufacturer on that day."""
    center = act.event.center if isinstance(act.event, e.TherapyOrdered) else act.journey.center
    return ask.why_not_certified(act.network, center, "manufacturer", act.therapy.name, act.day)


@rule(
    "REF-013",
    on=(e.TherapyOrdered,),
    why="An order sent to a site that does not make the therapy is lost time for a patient who has none.",
    source="The network file",
    example="The order names a center where a manufacturing site should stand.",
)
def the_site_makes_this_therapy(act: Act[e.TherapyOrdered]) -> str | None:
    """The order names a center, and a site that makes the therapy."""
    site = ask.site(act.network, act.event.site)
    if ask.center(act.network, act.event.center) is None:
        return f"the network {act.network.name} has no center {act.event.center!r}; use the identifier of its file"
    if site is None or act.therapy.name not in site.therapies:
        return f"{act.event.site!r} is no site that makes {act.therapy.name}; name one that does"
    return None


@rule(
    "REF-014",
    on=(e.TherapyOrdered,),
    early=True,
    why="One order has one chain of identity; a second infusion is a second order, and a journey of its own.",
    source="ISBT 128 ST-028: one chain of identity for each therapy event",
    example="The order is sent twice under two numbers.",
)
def there_is_one_order(act: Act[e.TherapyOrdered]) -> str | None:
    """A journey has one order."""
    if act.journey.order:
        return f"the therapy is ordered already, as {act.journey.order}; a second treatment is a second journey"
    return None


@rule(
    "REF-015",
    on=(e.SlotBooked, e.SlotReleased, e.SlotHeld),
    why="A place is held, then booked in time, then used or given back; two patients cannot have one.",
    source="Program policy; the store keeps a place unique between patients",
    example="A hold ran out at noon and is booked at one.",
)
def slots_go_in_order(act: Act[Any]) -> str | None:
    """A slot is held for a time that makes sense, booked while the hold lasts, and released once."""
    event = act.event
    if isinstance(event, e.SlotHeld):
        fine = event.start < event.end and event.at <= event.expires
        return None if fine else "it ends before it starts, or its hold ran out before it began; correct the times"
    slot = next((each for each in act.journey.slots if each.slot == event.slot), None)
    if slot is None or slot.status == "released":
        return f"there is no slot {event.slot!r} to speak of; hold one first"
    if isinstance(event, e.SlotBooked):
        if slot.status == "booked":
            return f"the slot {event.slot} is booked already"
        if event.at > slot.expires:
            return f"the hold of {event.slot} ran out at {words.clock(slot.expires)}; hold it again"
    return None


@rule(
    "REF-016",
    on=(e.NotInfused,),
    why="A journey ends without cells only once, and only while there was no infusion.",
    source="Program policy: every patient who enrolled is accounted for",
    example="A patient who was infused in May is closed as withdrawn in June.",
)
def a_journey_ends_once(act: Act[e.NotInfused]) -> str | None:
    """A journey without infusion is closed once; that of somebody who died waiting, after the death."""
    if act.journey.infusion is not None:
        return "the patient was infused; follow-up goes on"
    if act.journey.ended:
        return f"the journey is closed already ({act.journey.ended})"
    if act.event.reason == "died waiting" and act.journey.died is None:
        return "no death is recorded; record it first"
    return None


@rule(
    "REF-017",
    on=FROZEN,
    early=True,
    why="A closed journey has given its places and cells back; to go on is a new referral.",
    source="Program policy",
    example="A collection is recorded for a patient whose journey was closed as not eligible.",
)
def a_closed_journey_stays_closed(act: Act[Event]) -> str | None:
    """Nothing begins on a journey that was closed without infusion."""
    if act.journey.ended and not isinstance(act.event, e.MilestoneSettled):
        return f"the journey was closed ({act.journey.ended}); refer the patient again"
    return None
