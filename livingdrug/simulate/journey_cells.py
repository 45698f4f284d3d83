"""A virtual journey from manufacture to infusion, as events.

The simulator gives the start and the end of each run, its product and the day of infusion. What it gives no time for (the
tests, the papers of an exceptional release) is written down in the last hours before the end of the run; a run during which
the patient is lost goes no further.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from livingdrug.cohort.journeys import HARVEST
from livingdrug.journey import events as e
from livingdrug.simulate.journey_before import CELSIUS
from livingdrug.simulate.journey_diary import INFUSION_HOUR, Case, Diary, clock, local
from livingdrug.simulate.journey_facts import Run
from livingdrug.simulate.manufacture import FAILED, OUT

__all__ = ["LAST_DOSE", "bridged", "infused", "made", "prepared", "shipped"]

CLOSING = 3.0 / 24
"""Days before the end of a run when its product is labeled; tests and papers follow until the end."""
SHELF_LIFE = timedelta(days=365)
"""From label to expiry; assumed, as the simulator's products do not expire."""
BRIDGED_AFTER = 1.0
"""Days from enrollment to bridging, which the simulator gives no day."""
STORED = CELSIUS["vapor phase"]

STERILITY = "sterility"
# Hours of the day at the center, and minutes around the infusion.
FIRST_DOSE, LAST_DOSE = 9.0, INFUSION_HOUR
GATE, TAKEN, THAWED, TAKES = (timedelta(minutes=each) for each in (25, 15, 5, 15))
RESERVED, ADMITTED = timedelta(hours=20), timedelta(hours=19)
"""Before the infusion: tocilizumab is set aside, the patient comes in."""
DOSES = 2
"""Doses of tocilizumab set aside where no rule says how many."""


def made(case: Case, diary: Diary, collections: tuple[str, ...]) -> str | None:
    """The runs of a patient, until one makes a product that is released; returns its number."""
    left, released = _left(case), None
    for number, run in enumerate(case.facts.runs, 1):
        name = case.named("RUN", number)
        team = case.team
        start = e.ManufactureStarted(
            at=case.at_site(run.start),
            by=team.operator,
            run=name,
            collections=collections,
            chain=case.chain,
            site=team.site.id,
            line=f"{team.site.id}-line-{case.facts.number}",
        )
        diary.add(start)
        _steps(case, diary, run, name, min(left, run.end - CLOSING))
        if run.end <= left:
            released = _closed(case, diary, run, number)
    return released


def _left(case: Case) -> float:
    """The day on which the patient was lost, from enrollment."""
    day = case.facts.row["left_day"]
    return float("inf") if day is None else day


def _steps(case: Case, diary: Diary, run: Run, name: str, until: float) -> None:
    """The steps of a run in the order of the therapy, their durations stretched to that of the run."""
    steps = case.scenario.therapy.manufacture.steps
    stretch = (run.end - run.start) / sum(each.duration.value for each in steps)
    day = run.start
    for step in steps:
        day += step.duration.value * stretch
        done = min(day, run.end - CLOSING)
        if "release" not in step.name and done <= until:
            diary.add(e.StepFinished(at=case.at_site(done), by=case.team.operator, run=name, step=step.name))


def _closed(case: Case, diary: Diary, run: Run, number: int) -> str | None:
    """What a run ends with: a released product, a rejected one, or none at all."""
    name, product = case.named("RUN", number), case.named("PRODUCT", number)
    label = case.at_site(run.end - CLOSING)
    _in_process(case, diary, run, name, label)
    if _has_no_dose(case, run) or (run.contaminated and STERILITY not in _tests(case)):
        reason = "fewer cells than a dose" if _has_no_dose(case, run) else "contaminated"
        diary.add(e.ManufactureFailed(at=case.at_site(run.end), by=case.team.operator, run=name, reason=reason))
        return None
    diary.add(
        e.ManufactureFinished(
            at=label,
            by=case.team.operator,
            run=name,
            product=product,
            chain=case.chain,
            bags=(f"{product}-1",),
            cells=run.dose,
            expires=label + SHELF_LIFE,
        )
    )
    _tested(case, diary, run, product, label)
    return _decided(case, diary, run, product)


def _has_no_dose(case: Case, run: Run) -> bool:
    """Whether the run failed because it grew less than the smallest dose: a formulated dose is then more than there is."""
    return run.verdict == FAILED and run.dose > run.cells


def _tests(case: Case) -> list[str]:
    return [each.test for each in case.scenario.therapy.release]


def _in_process(case: Case, diary: Diary, run: Run, name: str, at: datetime) -> None:
    """The harvest, and what was measured of a run that is not, or not that way, tested for release."""
    found = {HARVEST: (run.cells, "cells")}
    measured = {"viability": run.viability, "transduced": run.transduced, "vector copies": run.copies}
    untested = [test for test in measured if _has_no_dose(case, run) or test not in _tests(case)]
    for test, (value, unit) in (found | {test: (measured[test], "1") for test in untested}).items():
        diary.add(e.InProcessTested(at=at, by=case.team.operator, run=name, test=test, value=value, unit=unit))


def _tested(case: Case, diary: Diary, run: Run, product: str, label: datetime) -> None:
    """Every test of the specification. One that the simulator does not model shows what is just inside its limits."""
    values = {
        "viability": run.viability,
        "transduced": run.transduced,
        "vector copies": run.copies,
        "dose": run.dose / case.facts.row["weight"],
        STERILITY: float(run.contaminated),
    }
    for each in case.scenario.therapy.release:
        value = values.get(each.test, each.minimum or 0.0)
        diary.add(e.ReleaseTested(at=label, by=case.team.quality, product=product, test=each.test, value=value, unit=each.unit))


def _decided(case: Case, diary: Diary, run: Run, product: str) -> str | None:
    end, quality = case.at_site(run.end), case.team.quality
    if run.verdict == FAILED:
        diary.add(e.ProductRejected(at=end, by=quality, product=product, reason="out of the specification"))
        return None
    release = "in specification"
    if run.verdict == OUT:
        _exceptional(case, diary, run, product)
        release = "exceptional"
    diary.add(e.ProductReleased(at=end, by=quality, product=product, release=release))
    return product


def _exceptional(case: Case, diary: Diary, run: Run, product: str) -> None:
    """The papers of a product out of specification: finding, consent, request, approval."""
    team = case.team

    def hours(before: float) -> datetime:
        return case.after(run.end - before / 24)

    found = local(hours(2.5), team.there)
    diary.add(e.OutOfSpecificationFound(at=found, by=team.quality, product=product, tests=("viability",)))
    diary.add(e.ConsentGiven(at=hours(2), by=team.physician, scope="out-of-specification product"))
    reason = "no other product can be made in time"
    diary.add(e.ExceptionalReleaseRequested(at=hours(1.5), by=team.physician, product=product, reason=reason))
    diary.add(
        e.ExceptionalReleaseApproved(
            at=local(hours(1), team.there),
            by=team.quality,
            product=product,
            authority=case.scenario.therapy.out_of_specification.path,
            reference=case.named("IND"),
        )
    )


def shipped(case: Case, diary: Diary, product: str) -> datetime | None:
    """The product's way to the center; the moment of its receipt, or None when the patient was lost before."""
    team, day = case.team, case.facts.row["released_day"]
    left = case.at_site(day + 1 / 24)
    hours = team.back.hours.value
    if day + (1 + hours) / 24 + 0.5 / 24 > _left(case):
        return None
    parcel, celsius = case.named("PARCEL", 2), CELSIUS[team.back.shipper]
    common = {"chain": case.chain, "second": case.record}
    device = f"{team.site.id}-scanner-1"
    diary.add(e.HandedOver(at=left, by=team.courier, item=product, giver=team.operator, device=device, **common))
    diary.add(
        e.Shipped(
            at=left,
            by=team.courier,
            shipment=parcel,
            items=(product,),
            chain=case.chain,
            lane=team.back.id,
            shipper=team.back.shipper,
            logger=case.named("LOGGER", 2),
            status="released",
        )
    )
    arrived = local(left.astimezone(UTC) + timedelta(hours=hours), team.here)
    log = e.TemperatureLogged(at=left, by=team.courier, item=parcel, hours=(0.0, hours / 2, hours), celsius=(celsius,) * 3)
    diary.add(log, arrived)
    diary.add(
        e.Received(
            at=arrived,
            by=team.pharmacist,
            shipment=parcel,
            items=(product,),
            intact=True,
            device=f"{team.center.id}-scanner-2",
            **common,
        )
    )
    place = f"{team.center.id}-tank-1"
    diary.add(e.Stored(at=arrived + timedelta(minutes=20), by=team.pharmacist, item=product, place=place, celsius=STORED))
    return arrived + timedelta(minutes=20)


# The patient --------------------------------------------------------------------------------------------------------------


def bridged(case: Case, diary: Diary) -> None:
    """Bridging, of those who got it."""
    if case.facts.row["bridging"]:
        day = min(BRIDGED_AFTER, _left(case) / 2)
        diary.add(e.BridgingGiven(at=case.after(day), by=case.team.physician))


def prepared(case: Case, diary: Diary, there: datetime) -> None:
    """Lymphodepletion, as far as the patient comes; it starts once the product is `there`."""
    assert case.infused is not None, "only for a product that was released"
    team, row, rules = case.team, case.facts.row, case.scenario.therapy.lymphodepletion
    last = local(case.infused.astimezone(UTC) - timedelta(days=case.facts.rest), team.here).date()
    started = max(clock(last - timedelta(days=rules.days - 1), FIRST_DOSE, team.here), there)
    finished = clock(last, LAST_DOSE, team.here)
    lost = None if row["left_day"] is None else case.after(row["left_day"])
    if lost is None or started < lost:
        drugs = tuple(each.name for each in rules.drugs)
        diary.add(e.LymphodepletionStarted(at=started, by=team.physician, drugs=drugs))
    if lost is None or finished < lost:
        known = {"fludarabine_auc": row["fludarabine_auc"], "burden": row["blasts_infused"]}
        diary.add(e.LymphodepletionFinished(at=finished, by=team.physician, **known))


def infused(case: Case, diary: Diary, product: str) -> None:
    """From the evening before to the infusion: tocilizumab set aside, thaw, gate, cells."""
    team, row, at = case.team, case.facts.row, case.infused
    assert at is not None, "only for a product that was released"
    doses = case.scenario.therapy.certification.tocilizumab_doses_on_site or DOSES
    bags, device = (f"{product}-1",), f"{team.center.id}-scanner-3"
    read = {"chain": case.chain, "second": case.record, "device": device}
    given = {"product": product, "weight": row["weight"], "cells": row["dose"]}
    diary.add(e.TocilizumabReserved(at=at - RESERVED, by=team.pharmacist, doses=doses))
    diary.add(e.PatientAdmitted(at=at - ADMITTED, by=team.bedside, reason="infusion"))
    diary.add(e.GatePassed(at=at - GATE, by=team.physician, **read, **given))
    diary.add(e.HandedOver(at=at - TAKEN, by=team.bedside, item=product, giver=team.pharmacist, **read))
    diary.add(e.ProductThawed(at=at - THAWED, by=team.bedside, product=product, bags=bags))
    diary.add(e.ProductInfused(at=at, by=team.physician, bags=bags, ended=at + TAKES, witness=team.bedside, **read, **given))
