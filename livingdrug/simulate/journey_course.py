"""A virtual journey from infusion to settlement, or to the end without an infusion, as events.

Everything has the day that the simulator gives it. What it gives none is written down on the days of the constants below.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import pairwise

from livingdrug.cohort.journeys import HYPOGAMMAGLOBULINEMIA, PEAKS, TRANSPLANT
from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.simulate.journey_diary import Case, Diary, local
from livingdrug.simulate.journey_facts import ANALYTE_UNITS, Course, scores

__all__ = ["followed", "lost", "settled"]

STRETCHES = (0.0, 14.0, 30.0, 61.0)
"""Days at which one charted series ends and the next begins."""
STAY = 14.0
"""Days in the hospital at least; and so many after the last sign of toxicity."""
RECOVERING = 2.0
APART = 8.0 / 24
"""Days between two doses of tocilizumab that the simulator's half-daily look saw at once."""
STEROID = "dexamethasone"
"""The simulator gives steroids without a name."""
LOW_GLOBULIN_GRADE = 2
"""Of hypogammaglobulinemia: replacement is considered. The simulator knows no grade."""
VISITS_FROM = 28.0
SETTLED_AFTER = timedelta(days=14)
CLOSED_AFTER = 3.0
"""Days from the last thing that happened to the closing of a journey without an infusion."""
WAITING_DEATH = "other"
"""The simulator does not say of what those die who wait."""


def followed(case: Case, diary: Diary) -> None:
    """The course of one who was infused, to death or the end of follow-up."""
    course = case.facts.course
    assert course is not None, "only for who was infused"
    _charted(case, diary, course)
    _treated(case, diary, course)
    _measured(case, diary, course)
    _assessed(case, diary, course)
    _after(case, diary, course)


# Toxicity -----------------------------------------------------------------------------------------------------------------


def _charted(case: Case, diary: Diary, course: Course) -> None:
    """The chart in a few long series, and the nervous system whenever it is found otherwise than before."""
    for start, end in pairwise(STRETCHES):
        some = [i for i, day in enumerate(course.days) if start <= day < end]
        if some:
            series = e.VitalsCharted(
                at=case.since(start),
                by=case.team.bedside,
                hours=tuple((course.days[i] - start) * 24 for i in some),
                temperature=tuple(course.temperature[i] for i in some),
                vasoactive=tuple(course.vasoactive[i] for i in some),
                oxygen=tuple(course.oxygen[i] for i in some),
            )
            diary.add(series, case.since(course.days[some[-1]]))
    for day, level in course.neurological:
        ice, capd = scores(case.facts.row["age"], level)
        found = e.NeurologyAssessed(at=case.since(day), by=case.team.bedside, ice=ice, capd=capd, consciousness=level)
        diary.add(found)


def _treated(case: Case, diary: Diary, course: Course) -> None:
    team, row = case.team, case.facts.row
    earliest = 0.0
    for day in course.tocilizumab:
        earliest = max(day, earliest)
        diary.add(e.TocilizumabGiven(at=case.since(earliest), by=team.bedside, mg=course.tocilizumab_mg))
        earliest += APART
    if row["steroid_day"] is not None:
        diary.add(e.SteroidsGiven(at=case.since(row["steroid_day"]), by=team.bedside, drug=STEROID))
    if course.dialysis is not None:
        diary.add(e.DialysisStarted(at=case.since(course.dialysis), by=team.physician))
    if row["icu_day"] is not None:
        diary.add(e.IntensiveCareEntered(at=case.since(row["icu_day"]), by=team.physician))
        if row["icu_day"] + row["icu_days"] < row["followed_days"]:
            diary.add(e.IntensiveCareLeft(at=case.since(row["icu_day"] + row["icu_days"]), by=team.physician))
    if (home := _discharge(case, course)) < row["followed_days"]:
        diary.add(e.PatientDischarged(at=case.since(home), by=team.physician))


def _discharge(case: Case, course: Course) -> float:
    """The day the patient goes home: after the least stay, the last sign of toxicity, and intensive care."""
    row = case.facts.row
    release = 0.0 if row["crs_onset"] is None else row["crs_onset"] + row["crs_days"]
    intensive = 0.0 if row["icu_day"] is None else row["icu_day"] + row["icu_days"]
    nerves = course.neurological[-1][0] if course.neurological else 0.0
    return max(STAY, max(release, intensive, nerves) + RECOVERING)


# Laboratory and response --------------------------------------------------------------------------------------------------


def _measured(case: Case, diary: Diary, course: Course) -> None:
    row, team = case.facts.row, case.team
    for column, analyte in PEAKS.items():
        days, values = course.series[column]
        at, unit = case.since(days[-1]), ANALYTE_UNITS[column]
        series = {"days": tuple(days), "values": tuple(values)}
        diary.add(e.LaboratoryReported(at=at, by=team.physician, analyte=analyte, unit=unit, **series))
    same = {name: row[name] for name in ("cmax", "tmax", "auc28", "persistence_day")}
    diary.add(e.ExposureReported(at=case.since(row["followed_days"]), by=team.physician, **same))
    if row["b_cell_recovery_day"] is not None:
        diary.add(e.BCellsRecovered(at=case.since(row["b_cell_recovery_day"]), by=team.physician))
    if row["hypogammaglobulinemia"]:
        day = min(case.facts.globulin_day, row["followed_days"])
        known = {"term": HYPOGAMMAGLOBULINEMIA, "grade": LOW_GLOBULIN_GRADE}
        diary.add(e.AdverseEventReported(at=case.since(day), by=team.physician, **known))


def _assessed(case: Case, diary: Diary, course: Course) -> None:
    for look in course.looks:
        diary.add(
            e.ResponseAssessed(
                at=case.since(look.day),
                by=case.team.physician,
                assessment=look.day,
                burden=look.burden,
                mrd=look.burden,
                neutrophils=look.neutrophils,
                platelets=look.platelets,
                counts_recovered=look.recovered,
                before=course.before,
            )
        )


def _after(case: Case, diary: Diary, course: Course) -> None:
    """Relapse, further therapy, visits, and death or the last visit."""
    row, by = case.facts.row, case.team.physician
    if row["transplant_day"] is not None:
        diary.add(e.FurtherTherapyGiven(at=case.since(row["transplant_day"]), by=by, therapy=TRANSPLANT))
    if row["other_therapy_day"] is not None:
        diary.add(e.FurtherTherapyGiven(at=case.since(row["other_therapy_day"]), by=by, therapy="other"))
    if row["relapse_day"] is not None:
        diary.add(e.Relapsed(at=case.since(row["relapse_day"]), by=by, relapse=row["relapse"]))
    end, assessed = row["followed_days"], {float(look.day) for look in course.looks}
    visits = [day for day in case.scenario.therapy.monitoring.days if VISITS_FROM < day < end and day not in assessed]
    for day in visits:
        diary.add(e.PatientSeen(at=case.since(day), by=by))
    if row["death_day"] is None:
        diary.add(e.PatientSeen(at=case.since(end), by=by))
    else:
        diary.add(e.Died(at=case.since(row["death_day"]), by=by, cause=row["death_cause"]))


# Payment ------------------------------------------------------------------------------------------------------------------


def settled(case: Case, events: list[Event]) -> list[Event]:
    """The journey with its settlement, two weeks after the last of its evidence."""
    evidence = [i for i, event in enumerate(events) if _is_evidence(case, event)]
    if not any(isinstance(events[i], e.ProductInfused) for i in evidence):
        return events
    if case.scenario.therapy.contract.kind == "response":
        evidence = evidence[:2]
    at = local(events[evidence[-1]].at.astimezone(UTC) + SETTLED_AFTER, case.team.here)
    row = case.facts.row
    settlement = e.MilestoneSettled(
        at=at,
        by=case.team.payers,
        milestone="treatment",
        billed=int(row["billed"]),
        waived=int(row["waived"]),
        currency=case.scenario.therapy.currency,
        evidence=tuple(i + 1 for i in evidence),
    )
    later = next((i for i, event in enumerate(events) if i > evidence[-1] and event.at > at), len(events))
    return [*events[:later], settlement, *events[later:]]


def _is_evidence(case: Case, event: Event) -> bool:
    contract = case.scenario.therapy.contract
    if isinstance(event, e.ProductInfused):
        return True
    if contract.kind != "response" or contract.assessment is None:
        return False
    named = isinstance(event, e.ResponseAssessed) and event.assessment == round(contract.assessment.value)
    return named or isinstance(event, e.Died)


# Without an infusion ------------------------------------------------------------------------------------------------------


def lost(case: Case, diary: Diary) -> None:
    """The end of a journey without an infusion."""
    row, team, fate = case.facts.row, case.team, case.facts.row["fate"]
    if fate == "died waiting":
        at = case.after(row["left_day"])
        diary.add(e.Died(at=at, by=team.physician, cause=WAITING_DEATH))
        diary.add(e.NotInfused(at=at + timedelta(days=CLOSED_AFTER), by=team.coordinator, reason=fate))
    elif fate == "not infused":
        at = case.after(row["left_day"])
        diary.add(e.ConsentWithdrawn(at=at, by=team.physician, scope="treatment"))
        diary.add(e.NotInfused(at=at, by=team.coordinator, reason="withdrawn"))
    else:
        last = max((run.end for run in case.facts.runs), default=0.0)
        diary.add(e.NotInfused(at=case.after(max(last, 1.0) + CLOSED_AFTER), by=team.coordinator, reason=fate))
