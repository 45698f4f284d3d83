"""Rows of a cohort from journeys: what was recorded, as the same columns that the simulator writes, corrections applied.

`row` reads what stands in a journey. Grades are computed ones: an override by a clinician stands beside them in the journey
(`livingdrug.journey.grades.crs`) and does not count here. What is not known, or not yet, is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import polars as pl

from livingdrug.cohort.columns import CAUSES, COLUMNS, FATES, OXYGEN, RELAPSES, VASOACTIVE, frame
from livingdrug.journey.events import (
    AdverseEventReported,
    BaselineDescribed,
    BCellsRecovered,
    BridgingGiven,
    CollectionAccepted,
    DialysisStarted,
    EligibilityAssessed,
    Event,
    ExposureReported,
    FurtherTherapyGiven,
    InProcessTested,
    IntensiveCareEntered,
    IntensiveCareLeft,
    LaboratoryReported,
    LymphodepletionFinished,
    MilestoneSettled,
    NotInfused,
    PatientSeen,
    Relapsed,
    ResponseAssessed,
    SteroidsGiven,
    TocilizumabGiven,
)
from livingdrug.journey.grades import (
    Charted,
    charted,
    days_between,
    few_neutrophils,
    few_platelets,
    neurotoxicity,
    responses,
    worst,
)
from livingdrug.journey.state import Journey, Product, stands
from livingdrug.therapy.schema import Therapy

__all__ = ["HARVEST", "HYPOGAMMAGLOBULINEMIA", "PEAKS", "TRANSPLANT", "from_journeys", "row"]

PEAKS = {"il6_peak": "IL-6", "crp_peak": "CRP", "ferritin_peak": "ferritin"}
"""The column of a peak, and the analyte of the laboratory's series that it is read from."""
HYPOGAMMAGLOBULINEMIA = "hypogammaglobulinemia"
"""The adverse event by which low immunoglobulin is told."""
TRANSPLANT = "transplant"
HARVEST = "cells at harvest"
"""The in-process test that counts what a run made; without it, what the product's bags hold."""
MEASURED = {"vector_copies": "vector copies", "transduced": "transduced", "viability": "viability"}
"""The column of a property of the product, and the test that measures it."""
REMISSIONS = ("CR", "CRi")

Row = dict[str, Any]


def from_journeys(therapy: Therapy, journeys: Iterable[Journey]) -> pl.DataFrame:
    """The cohort of these journeys with one therapy, one row each, in their order."""
    rows = [row(therapy, journey) for journey in journeys]
    return frame({each.name: [one[each.name] for one in rows] for each in COLUMNS})


def row(therapy: Therapy, journey: Journey) -> Row:
    """Every column of one patient by name, words as words, None where a fact does not apply or is not known."""
    found = charted(journey)
    enrolled = next((each.at for each in found.all(CollectionAccepted)), None)
    made = EMPTY | _person(journey, found) | _cells(journey, found, enrolled) | _waiting(journey, found, enrolled)
    if found.infused is not None:
        end = _end(journey, found, found.infused)
        made |= _infusion(journey, found) | _kinetics(found, found.infused) | _toxicity(found, found.infused, end)
        made |= _response(therapy, found, found.infused) | _after(journey, found, found.infused, end)
    return made | _paid(therapy, journey, found)


EMPTY: Row = dict.fromkeys(each.name for each in COLUMNS)


def _days(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else days_between(start, end)


def _first(events: list[Any], start: datetime) -> float | None:
    """The day of the earliest of these events."""
    return days_between(start, min(each.at for each in events)) if events else None


# The way to infusion ----------------------------------------------------------------------------------------------------


def _person(journey: Journey, found: Charted) -> Row:
    described, assessed = found.last(BaselineDescribed), found.last(EligibilityAssessed)
    who: Row = {"patient": _number(journey.patient), "fate": _fate(journey)}
    if described is None:
        return who if assessed is None else who | {"age": assessed.age, "weight": assessed.weight}
    same = ("age", "weight", "female", "down_syndrome", "prior_transplant", "prior_lines", "burden_band")
    virtual = ("antigen_negative_cells", "lymphocytes", "fitness", "low_fitness")
    return who | {name: getattr(described, name) for name in (*same, *virtual)} | {"blasts_enrolled": described.burden}


def _number(patient: str) -> int | None:
    """The number at the end of a pseudonym; whoever joins two lists of patients keeps their numbers apart."""
    ending = re.search(r"[0-9]{1,18}$", patient)
    return int(ending[0]) if ending else None


def _fate(journey: Journey) -> str | None:
    """None while the way is still open."""
    if journey.infusion is not None:
        return "infused"
    if journey.ended:
        return journey.ended if journey.ended in FATES else "not infused"
    return "died waiting" if journey.died is not None else None


def _cells(journey: Journey, found: Charted, enrolled: datetime | None) -> Row:
    collections = journey.collections
    if not collections:
        return {}
    decided = {each.accepted for each in collections} - {None}
    made: Row = {
        "collection_days": len(collections),
        "collected_cd3": sum(each.cd3 for each in collections),
        "collection_accepted": (True in decided) if decided else None,
    }
    return made if enrolled is None else made | {"manufactures": len(journey.runs)} | _product(journey, found, enrolled)


def _product(journey: Journey, found: Charted, enrolled: datetime) -> Row:
    """The last run and its product; a run that ended without one is a failed release."""
    if not journey.runs:
        return {}
    run = journey.runs[-1]
    product = next((each for each in journey.products if each.run == run.run), None)
    results = {each.test: each.value for each in found.all(InProcessTested) if each.run == run.run}
    made: Row = {"product_cells": results.get(HARVEST), "release": "failed" if run.status == "failed" else None}
    if product is not None:
        released = stands(journey, product.released)
        results |= {each.test: each.value for each in product.results if each.valid}
        made = {
            "product_cells": results.get(HARVEST, product.cells),
            "release": _release(product),
            "released_day": _days(enrolled, released.at) if released else None,
        }
    return made | {column: results.get(test) for column, test in MEASURED.items()}


def _release(product: Product) -> str | None:
    if product.rejected:
        return "failed"
    if not product.released:
        return None
    return "out of specification" if product.release == "exceptional" else "in specification"


def _waiting(journey: Journey, found: Charted, enrolled: datetime | None) -> Row:
    fate = _fate(journey)
    bridged = bool(found.all(BridgingGiven))
    over = fate is not None or journey.depletion_started is not None
    left = {"died waiting": journey.died, "not infused": _left(found)}.get(fate or "")
    return {"bridging": bridged if bridged or over else None, "left_day": _days(enrolled, left)}


def _left(found: Charted) -> datetime | None:
    ended = found.last(NotInfused)
    return None if ended is None else ended.at


def _infusion(journey: Journey, found: Charted) -> Row:
    given, depleted = journey.infusion, found.last(LymphodepletionFinished)
    assert given is not None, "only for who was infused"
    enrolled = next((each.at for each in found.all(CollectionAccepted)), None)
    return {
        "infused_day": _days(enrolled, given.at),
        "blasts_infused": depleted and depleted.burden,
        "fludarabine_auc": depleted and depleted.fludarabine_auc,
        "dose": given.cells,
        "dose_per_kg": given.cells / given.weight if given.weight > 0 else None,
    }


# The course -------------------------------------------------------------------------------------------------------------


def _end(journey: Journey, found: Charted, infused: datetime) -> float:
    """The end of follow-up: death, or the last day on which somebody saw the patient."""
    if journey.died is not None:
        return days_between(infused, journey.died)
    seen = [each.at for kind in SEEN for each in found.all(kind)]
    last = max((point.day for point in found.points[-1:]), default=0.0)
    return max([last, *(days_between(infused, each) for each in seen)])


SEEN: tuple[type[Event], ...] = (PatientSeen, ResponseAssessed, Relapsed, BCellsRecovered, FurtherTherapyGiven)
"""What shows that a patient is alive, beside the chart."""


def _kinetics(found: Charted, infused: datetime) -> Row:
    reported = found.last(ExposureReported)
    peaks = {column: _peak(found, analyte) for column, analyte in PEAKS.items()}
    made: Row = peaks | {"b_cell_recovery_day": _first(found.all(BCellsRecovered), infused)}
    if reported is None:
        return made
    return made | {name: getattr(reported, name) for name in ("cmax", "tmax", "auc28", "persistence_day")}


def _peak(found: Charted, analyte: str) -> float | None:
    values = (max(each.values) for each in found.all(LaboratoryReported) if each.analyte == analyte and each.values)
    return max(values, default=None)


def _toxicity(found: Charted, infused: datetime, end: float) -> Row:
    rescue, steroids, entered = found.all(TocilizumabGiven), found.all(SteroidsGiven), found.all(IntensiveCareEntered)
    neurological, first = neurotoxicity(found)
    return _release_syndrome(found, end) | {
        "icu_day": _first(entered, infused),
        "icu_days": sum(_stays(found, infused, end)) if entered else None,
        "dialysis": bool(found.all(DialysisStarted)),
        "tocilizumab_doses": len(rescue),
        "tocilizumab_day": _first(rescue, infused),
        "steroid_day": _first(steroids, infused),
        "neurotoxicity": neurological,
        "neurotoxicity_onset": first,
    }


def _release_syndrome(found: Charted, end: float) -> Row:
    seen = worst(found)
    if seen is None:
        return {}
    return {
        "crs_onset": seen.onset,
        "crs_days": None if seen.onset is None or seen.days is None else min(seen.days, end - seen.onset),
        "temperature_peak": seen.temperature,
        "vasoactive": VASOACTIVE[seen.vasoactive],
        "oxygen": OXYGEN[seen.oxygen],
        "severe_onset": seen.severe_onset,
        "crs_penn": seen.penn,
        "crs_lee": seen.lee,
        "crs_astct": seen.astct,
    }


def _stays(found: Charted, infused: datetime, end: float) -> Iterator[float]:
    """Days of each stay in intensive care; one that was not left lasts to the end of follow-up."""
    left = sorted(days_between(infused, each.at) for each in found.all(IntensiveCareLeft))
    for entered in sorted(days_between(infused, each.at) for each in found.all(IntensiveCareEntered)):
        yield next((each for each in left if each >= entered), end) - entered


# Response and after -----------------------------------------------------------------------------------------------------


def _response(therapy: Therapy, found: Charted, infused: datetime) -> Row:
    month = round(therapy.response.assessments[0].value)
    made = responses(therapy, found)
    if not made:
        return {}
    first = next(((event, result) for event, result in made if event.assessment == month), None)
    best = min((result.response for _, result in made), key=ORDER.__getitem__)
    return {"response": best, "mrd_negative": _clear(best, made), "response_day": _responded(made, infused)} | (
        {} if first is None else _month(found, *first)
    )


ORDER = {"CR": 0, "CRi": 1, "partial": 2, "no response": 3}


def _clear(best: str, made: list[Any]) -> bool | None:
    """Residual disease at the first remission; without a remission there is some."""
    if best not in REMISSIONS:
        return False
    return next(result.mrd_negative for _, result in made if result.response in REMISSIONS)


def _responded(made: list[Any], infused: datetime) -> float | None:
    return next((days_between(infused, event.at) for event, result in made if result.response != "no response"), None)


def _month(found: Charted, event: ResponseAssessed, result: Any) -> Row:
    """What the end of the first month says."""
    return {
        "response_day28": result.response,
        "blasts_day28": event.burden,
        "neutropenia_d28": few_neutrophils(event),
        "thrombocytopenia_d28": few_platelets(event),
        "hypogammaglobulinemia": any(each.term == HYPOGAMMAGLOBULINEMIA for each in found.all(AdverseEventReported)),
    }


def _after(journey: Journey, found: Charted, infused: datetime, end: float) -> Row:
    relapses, further = found.all(Relapsed), found.all(FurtherTherapyGiven)
    return {
        "relapse_day": _first(relapses, infused),
        "relapse": _word(relapses[0].relapse, RELAPSES) if relapses else None,
        "transplant_day": _first([each for each in further if each.therapy == TRANSPLANT], infused),
        "other_therapy_day": _first([each for each in further if each.therapy != TRANSPLANT], infused),
        "death_day": _days(infused, journey.died),
        "death_cause": _word(journey.cause, CAUSES),
        "followed_days": end,
    }


def _word(word: str, known: tuple[str, ...]) -> str | None:
    return word if word in known else None


def _paid(therapy: Therapy, journey: Journey, found: Charted) -> Row:
    """What was settled; nothing is owed without an infusion, and what is owed and not settled is not known yet."""
    settled = found.all(MilestoneSettled)
    if not settled and (_fate(journey) is None or (journey.infusion is not None and _billable(therapy, journey))):
        return {}
    return {"billed": sum(each.billed for each in settled), "waived": sum(each.waived for each in settled)}


def _billable(therapy: Therapy, journey: Journey) -> bool:
    return therapy.out_of_specification.billable or all(each.release != "exceptional" for each in journey.products)
