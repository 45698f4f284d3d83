"""A virtual journey from referral to the manufacturer's decision about the collection, as events.

The simulator begins with the patient and the collection; days and hours of what surrounds them are the constants below.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta

from livingdrug.journey import events as e
from livingdrug.journey.events import Identifier
from livingdrug.simulate.journey_diary import Case, Diary, clock, local

__all__ = ["ORDERED_BEFORE", "collected", "collection_day", "referred"]

# Days before the last day of collection; the simulator does not model them.
REFERRED, ASSESSED, AUTHORIZED, ORDERED, BOOKED = 18, 16, 14, 12, 11
ORDERED_BEFORE = ORDERED
COVERED = timedelta(days=365)
HOLD = timedelta(days=3)
# Hours of the day at the center.
MORNING, NOON, COLLECTED_FROM, COLLECTED_TO, HANDED_OVER, SHIPPED = 9.0, 12.0, 8.5, 12.5, 15.5, 16.0
DECIDED_AFTER = timedelta(hours=2)
"""At least this long from receipt to the manufacturer's decision."""
VOLUME = 150.0
"""mL of a leukapheresis product, which the simulator does not model."""
CELSIUS = {"vapor phase": -160.0, "2-8 °C": 5.0}
"""°C that a logger shows in each kind of shipper."""
REASON = "fewer T cells than the manufacturer's minimum"


def collection_day(case: Case) -> date:
    """The last day of collection: the latest from which the cells arrive in time for the decision."""
    lane = case.team.out
    latest = local(case.enrolled.astimezone(UTC) - DECIDED_AFTER - timedelta(hours=lane.hours.value), case.team.here)
    day = latest.date()
    return day if latest >= clock(day, SHIPPED, case.team.here) else day - timedelta(days=1)


def referred(case: Case, diary: Diary) -> None:
    """Referral, baseline, eligibility, consent, coverage, order, chain of identity and places."""
    team, row = case.team, case.facts.row
    last = collection_day(case)
    therapy = case.scenario.therapy

    def at(before: int, hour: float = MORNING):
        return clock(last - timedelta(days=before), hour, team.here)

    name = Identifier("name and birth date", f"TOKEN-{case.facts.number:09d}")
    diary.add(
        e.PatientReferred(
            at=at(REFERRED),
            by=team.coordinator,
            patient=case.named("virtual"),
            therapy=therapy.name,
            center=team.center.id,
            identifiers=(case.record, name),
        )
    )
    diary.add(_baseline(case, at(ASSESSED)))
    assessed = e.EligibilityAssessed(
        at=at(ASSESSED, NOON),
        by=team.physician,
        age=row["age"],
        weight=row["weight"],
        disease_status=therapy.eligibility.disease_status[0],
    )
    diary.add(assessed)
    diary.add(e.ConsentGiven(at=at(ASSESSED, NOON + 1), by=team.physician, scope="treatment"))
    diary.add(
        e.CoverageAuthorized(
            at=at(AUTHORIZED),
            by=team.payers,
            payer=team.payer.id,
            reference=case.named("AUTH"),
            until=last + COVERED,
        )
    )
    _ordered(case, diary, last)


def _baseline(case: Case, at) -> e.BaselineDescribed:
    row = case.facts.row
    same = ("age", "weight", "down_syndrome", "prior_transplant", "burden_band", "lymphocytes", "antigen_negative_cells")
    return e.BaselineDescribed(
        at=at,
        by=case.team.physician,
        female=bool(row["female"]),
        prior_lines=int(row["prior_lines"]),
        burden=row["blasts_enrolled"],
        fitness=row["fitness"],
        low_fitness=bool(row["low_fitness"]),
        **{name: row[name] for name in same},
    )


def _ordered(case: Case, diary: Diary, last: date) -> None:
    team, here = case.team, case.team.here
    day, booked = last - timedelta(days=ORDERED), last - timedelta(days=BOOKED)
    for rule in _outside_the_label(case):
        says = "the scenario treats this age; the physician answers for it"
        diary.add(e.Overridden(at=clock(day, MORNING, here), by=team.physician, rule=rule, act="ordered", reason=says))
    diary.add(
        e.TherapyOrdered(
            at=clock(day, MORNING, here),
            by=team.physician,
            order=case.named("ORDER"),
            center=team.center.id,
            site=team.site.id,
        )
    )
    diary.add(e.ChainIssued(at=clock(day, MORNING + 0.5, here), by=team.coordinator, chain=case.chain))
    days = int(case.facts.row["collection_days"])
    start = clock(last - timedelta(days=days - 1), COLLECTED_FROM, here)
    places = {
        "collection": (f"{team.center.id}-chair-{case.facts.number}", start, clock(last, COLLECTED_TO, here)),
        "manufacture": (f"{team.site.id}-line-{case.facts.number}", case.enrolled, case.enrolled + timedelta(days=1)),
    }
    for kind, (resource, begins, ends) in places.items():
        held, slot = clock(day, NOON, here), case.named(f"SLOT-{kind}")
        diary.add(
            e.SlotHeld(
                at=held,
                by=team.coordinator,
                slot=slot,
                kind_of=kind,
                resource=resource,
                start=begins,
                end=ends,
                expires=held + HOLD,
            )
        )
        diary.add(e.SlotBooked(at=clock(booked, NOON, here), by=team.coordinator, slot=slot))


def _outside_the_label(case: Case) -> list[str]:
    """The rule of the age, where the scenario treats an age that the label does not name."""
    age, limits = case.facts.row["age"], case.scenario.therapy.eligibility
    young = limits.age_minimum is not None and age < limits.age_minimum.value
    old = limits.age_maximum is not None and age >= limits.age_maximum.value + 1
    return ["REF-004"] if young or old else []


def collected(case: Case, diary: Diary) -> tuple[str, ...]:
    """Leukapheresis, the way to the site, and the manufacturer's decision; returns the donation numbers."""
    team, row, here = case.team, case.facts.row, case.team.here
    last, days = collection_day(case), int(row["collection_days"])
    numbers = tuple(case.din(day) for day in range(days))
    for day, number in enumerate(numbers):
        on = last - timedelta(days=days - 1 - day)
        diary.add(
            e.CellsCollected(
                at=clock(on, COLLECTED_TO, here),
                by=team.nurse,
                collection=number,
                chain=case.chain,
                patient=case.record,
                device=f"{team.center.id}-scanner-1",
                started=clock(on, COLLECTED_FROM, here),
                volume=VOLUME,
                processed=case.scenario.therapy.collection.volume_per_weight.value * row["weight"],
                cd3=row["collected_cd3"] / days,
                bags=(f"{number}-1",),
            )
        )
    _sent(case, diary, numbers, last)
    decision = {"at": local(case.enrolled, team.there), "by": team.quality, "collections": numbers}
    accepted = row["collection_accepted"]
    diary.add(e.CollectionAccepted(**decision) if accepted else e.CollectionRejected(**decision, reason=REASON))
    return numbers


def _sent(case: Case, diary: Diary, numbers: tuple[str, ...], last: date) -> None:
    team, here = case.team, case.team.here
    left, parcel = clock(last, SHIPPED, here), case.named("PARCEL", 1)
    arrived = local(left.astimezone(UTC) + timedelta(hours=team.out.hours.value), team.there)
    for number in numbers:
        diary.add(
            e.HandedOver(
                at=clock(last, HANDED_OVER, here),
                by=team.courier,
                item=number,
                chain=case.chain,
                second=case.record,
                giver=team.nurse,
                device=f"{team.center.id}-scanner-1",
            )
        )
    diary.add(
        e.Shipped(
            at=left,
            by=team.courier,
            shipment=parcel,
            items=numbers,
            chain=case.chain,
            lane=team.out.id,
            shipper=team.out.shipper,
            logger=case.named("LOGGER", 1),
            status="starting material",
        )
    )
    hours = team.out.hours.value
    celsius = CELSIUS[team.out.shipper]
    diary.add(
        e.TemperatureLogged(at=left, by=team.courier, item=parcel, hours=(0.0, hours / 2, hours), celsius=(celsius,) * 3),
        arrived,
    )
    diary.add(
        e.Received(
            at=arrived,
            by=team.operator,
            shipment=parcel,
            items=numbers,
            chain=case.chain,
            second=case.record,
            intact=True,
            device=f"{team.site.id}-scanner-1",
        )
    )
