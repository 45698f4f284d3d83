"""Mix-ups of what the patient agreed to, is allowed, weighs and gets, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from faults_base import Plan, Step, at_center, edited, kind, known, shifted, single, some_base
from faults_cells import TISAGENLECLEUCEL
from faults_identity import BEDSIDE, correction

from livingdrug.journey import events as e

REMS = {"tisagenlecleucel": (2018, 2020, 2023), "axicabtagene-ciloleucel": (2019, 2024), "ciltacabtagene-autoleucel": (2023,)}
"""Years in which the REMS was in force for each therapy."""


# Consent, eligibility, cover --------------------------------------------------------------------------------------------


@kind("consent withdrawn", "REF-009", "INF-001")
def withdrawn(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.randrange(b.place(e.ConsentGiven) + 1, b.place(e.ProductInfused) + 1)
    fact = e.ConsentWithdrawn(at=b.clock(place), by=b.s.who(dice.choice(["physician", "coordinator"])), scope="treatment")
    return known(b, place, fact)


@kind("consent missing or to something else", "REF-008")
def no_consent(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.ConsentGiven)
    event: Any = b.events[place]
    scopes = [None, "research", "data sharing", "out-of-specification product"]
    scope = dice.choice(scopes)
    facts = () if scope is None else (replace(event, scope=scope),)
    plan = known(b, place, *facts, skip=1)
    return replace(plan, steps=tuple(_wrong_from(plan, e.TherapyOrdered)))


def _wrong_from(plan: Plan, of: type[e.Event]) -> list[Step]:
    """The same steps, those before an act of a kind being right."""
    first = next(n for n, each in enumerate(plan.steps) if isinstance(each.event, of))
    return [replace(each, wrong=each.wrong and n >= first) for n, each in enumerate(plan.steps)]


@kind("patient outside the label", "REF-004", "REF-005", "REF-006")
def outside_the_label(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.EligibilityAssessed)
    event: Any = b.events[place]
    wrong_age = 31.0 if b.s.therapy.name in TISAGENLECLEUCEL else 17.0
    facts = [{"age": wrong_age}, {"disease_status": "first remission"}, {"present": b.s.therapy.eligibility.exclusions[:1]}]
    plan = known(b, place, replace(event, **dice.choice(facts)), skip=1)
    return replace(plan, steps=tuple(_wrong_from(plan, e.TherapyOrdered)))


@kind("ordered before eligibility", "REF-003")
def not_assessed(dice: Random) -> Plan:
    b = some_base(dice)
    plan = known(b, b.place(e.EligibilityAssessed), skip=1)
    return replace(plan, steps=tuple(_wrong_from(plan, e.TherapyOrdered)))


@kind("cover missing or ended", "REF-010")
def not_covered(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.CoverageAuthorized)
    event: Any = b.events[place]
    denied = e.CoverageDenied(at=event.at, by=event.by, payer=event.payer, reason="no benefit")
    ended = replace(event, until=event.at.date() + timedelta(days=1))
    facts = dice.choice([(), (ended,), (event, denied)])
    plan = known(b, place, *facts, skip=1)
    return replace(plan, steps=tuple(_wrong_from(plan, e.CellsCollected)))


@kind("payer nobody knows", "REF-011")
def unknown_payer(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.get(e.CoverageAuthorized)
    return single(b, b.place(e.CoverageAuthorized), replace(event, payer=dice.choice(["medicair", "", "Medicare"])))


@kind("order for a wrong place", "REF-012", "REF-013")
def wrong_place(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.get(e.TherapyOrdered)
    sites = [each for each in ("raritan", "el-segundo", "chop", "nowhere") if each != b.s.site]
    changes = dice.choice([{"site": dice.choice(sites)}, {"center": "philadelphia"}])
    return single(b, b.place(e.TherapyOrdered), replace(event, **changes))


@kind("referral for another therapy", "REF-001")
def other_therapy(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[0]
    return single(b, 0, replace(event, **dice.choice([{"therapy": "brexucabtagene"}, {"center": "philadelphia"}])))


# Center and window ------------------------------------------------------------------------------------------------------


@kind("REMS certificate revoked between booking and infusion", "INF-003")
def rems_revoked(dice: Random) -> Plan:
    start = date(2019, 4, 28) + timedelta(days=dice.randrange(25))
    b = at_center(2, "memphis", (start.year, start.month, start.day))
    return Plan(b, b.place(e.GatePassed), tuple(Step(each, True) for each in b.events[b.place(e.GatePassed) :]))


@kind("qualification ended between booking and infusion", "INF-002", "REF-012")
def qualification_ended(dice: Random) -> Plan:
    start = date(2021, 11, 26) + timedelta(days=dice.randrange(25))
    b = at_center(2, "honolulu", (start.year, start.month, start.day))
    last = date(2021, 12, 31)
    steps = (
        Step(each, wrong=each.at.date() > last and isinstance(each, (*BEDSIDE, e.LymphodepletionStarted)))
        for each in b.events[2:]
    )
    return Plan(b, 2, tuple(steps))


@kind("order from a center that lost its qualification", "REF-012")
def lost_qualification(dice: Random) -> Plan:
    b = at_center(2, "honolulu", (2022, dice.randrange(1, 13), dice.randrange(1, 28)))
    place = b.place(e.TherapyOrdered)
    return Plan(b, place, tuple(Step(each, True) for each in b.events[place:]))


@kind("too little tocilizumab", "INF-005")
def too_little_tocilizumab(dice: Random) -> Plan:
    therapy = dice.choice([*REMS])
    b = some_base(dice, (therapy,), REMS[therapy])
    place = b.place(e.TocilizumabReserved)
    event: Any = b.events[place]
    facts = dice.choice([(), (replace(event, doses=1),), (event, replace(event, at=event.at, doses=1))])
    return known(b, place, *facts, skip=1)


@kind("window of lymphodepletion missed", "INF-012")
def window_missed(dice: Random) -> Plan:
    b = some_base(dice)
    by = timedelta(days=dice.randrange(15, 60), hours=dice.randrange(5))
    return edited(b, b.place(e.GatePassed), lambda each: shifted(each, by), spoils=True)


@kind("infused too early after lymphodepletion", "INF-012")
def too_early(dice: Random) -> Plan:
    b = some_base(dice)
    finished: Any = b.get(e.LymphodepletionFinished)
    by = finished.at + timedelta(hours=dice.randrange(1, 10)) - b.get(e.GatePassed).at
    return edited(
        b, b.place(e.TocilizumabReserved), lambda each: _near(each, by, b.clock(b.place(e.TocilizumabReserved))), spoils=True
    )


def _near(event: e.Event, by: timedelta, first: Any) -> e.Event:
    return replace(event, at=first) if isinstance(event, e.TocilizumabReserved) else shifted(event, by)


@kind("lymphodepletion before the product is there", "LD-001")
def before_the_product(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.choice([b.place(e.Shipped, 1), b.place(e.Received, 1), b.place(e.ProductReleased)])
    event = b.get(e.LymphodepletionStarted)
    return single(b, place, replace(event, at=b.clock(place)), instead=False)


@kind("other drugs for lymphodepletion", "LD-003")
def other_drugs(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.get(e.LymphodepletionStarted)
    drugs = dice.choice([("bendamustine",), (), event.drugs[:1], (*event.drugs, "alemtuzumab")])
    return edited(b, b.place(e.LymphodepletionStarted), lambda each: replace(each, drugs=drugs) if each is event else each)


@kind("contraindication", "LD-002", "INF-013")
def contraindication(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.TherapyOrdered) + 1, b.place(e.ProductInfused) + 1)
    at = max(b.clock(place), b.get(e.TherapyOrdered).at + timedelta(seconds=1))
    what = s.therapy.eligibility.exclusions[0]
    facts: Any = b.get(e.EligibilityAssessed)
    found_again = replace(facts, at=at, present=(what,))
    charted = e.ContraindicationFound(at=at, by=s.who("bedside nurse"), what=what)
    return known(b, place, dice.choice([found_again, charted]))


@kind("contraindication resolved in other words", "INF-021")
def other_words(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = b.place(dice.choice(BEDSIDE))
    found = e.ContraindicationFound(at=b.clock(place), by=s.who("physician"), what="active uncontrolled infection")
    resolved = e.ContraindicationResolved(at=b.clock(place), by=s.who("physician"), what="infection")
    plan = known(b, place, found, resolved)
    return replace(plan, steps=(plan.steps[0], replace(plan.steps[1], wrong=True), *plan.steps[2:]))


# Dose, gate, end --------------------------------------------------------------------------------------------------------


@kind("wrong dose for the weight", "INF-014")
def wrong_dose(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[-1]
    cells = event.cells * dice.choice([0.01, 0.02, 2.0, 5.0, 10.0])
    return edited(b, b.place(e.GatePassed), lambda each: _field(each, cells=cells))


def _field(event: Any, **changes: Any) -> Any:
    return replace(event, **changes) if isinstance(event, BEDSIDE) else event


@kind("more cells than the product holds", "INF-014")
def more_than_there_is(dice: Random) -> Plan:
    b = some_base(dice)
    place = b.place(e.ManufactureFinished)
    event: Any = b.events[place]
    return known(b, place, replace(event, cells=b.s.cells * dice.choice([0.2, 0.5, 0.9])), skip=1)


@kind("weight of another patient", "INF-015")
def other_weight(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[-1]
    weight = event.weight * dice.choice([0.5, 0.65, 1.4, 2.0])
    return edited(b, b.place(dice.choice(BEDSIDE)), lambda each: _field(each, weight=weight))


@kind("gate skipped", "INF-018")
def gate_skipped(dice: Random) -> Plan:
    b = some_base(dice)
    return known(b, b.place(e.GatePassed), skip=1)


@kind("gate stale", "INF-018")
def gate_stale(dice: Random) -> Plan:
    b = some_base(dice)
    by = timedelta(minutes=dice.randrange(206, 800))
    return edited(b, b.place(e.ProductThawed), lambda each: shifted(each, by), spoils=True)


@kind("gate for another dose", "INF-018")
def gate_for_another_dose(dice: Random) -> Plan:
    b = some_base(dice)
    event: Any = b.events[-1]
    changes = dice.choice([{"cells": event.cells * 0.9}, {"weight": event.weight * 1.05}])
    return single(b, len(b.events) - 1, replace(event, **changes))


@kind("patient has died", "REC-005")
def died(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.randrange(1, b.place(e.ProductInfused) + 1)
    after = [each for each in b.events[place:] if each.kind == "act"]
    fact = e.Died(at=b.clock(place), by=b.s.who("physician"), cause="disease")
    return Plan(b, place, (Step(fact), *(Step(each, wrong=True) for each in after)))


@kind("journey was closed", "REF-017", "INF-017")
def closed(dice: Random) -> Plan:
    b = some_base(dice)
    place = dice.randrange(3, b.place(e.ProductInfused) + 1)
    reason = dice.choice(["not eligible", "withdrawn", "other"])
    fact = e.NotInfused(at=b.clock(place), by=b.s.who("coordinator"), reason=reason)
    return known(b, place, fact)


@kind("infused patient closed as not infused", "REF-016")
def closed_after_all(dice: Random) -> Plan:
    b = some_base(dice)
    at = b.events[-1].at + timedelta(days=dice.randrange(1, 40))
    wrong = e.NotInfused(at=at, by=b.s.who("coordinator"), reason="withdrawn")
    return Plan(b, len(b.events), (Step(wrong, wrong=True),))


@kind("contraindication tidied away by the office", "REC-008")
def tidied(dice: Random) -> Plan:
    b, s = (found := some_base(dice)), found.s
    place = dice.randrange(b.place(e.TherapyOrdered) + 1, b.place(e.ProductInfused) + 1)
    fact = e.ContraindicationFound(at=b.clock(place), by=s.who("physician"), what=s.therapy.eligibility.exclusions[0])
    tidied = replace(correction(b, place, place, None, s.who("coordinator")), position=place + 1)
    plan = known(b, place, fact)
    return replace(plan, steps=(plan.steps[0], Step(tidied, wrong=True), *plan.steps[1:]))
