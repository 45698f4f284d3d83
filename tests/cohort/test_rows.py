"""Rows of a cohort from journeys as a center records them: unfinished, corrected, and without what nobody measured."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from livingdrug.cohort import COLUMNS, schema
from livingdrug.cohort.journeys import from_journeys, row
from livingdrug.journey import events as e
from livingdrug.journey.events import Event, Identifier
from livingdrug.journey.state import Journey, evolve, journey_of
from livingdrug.network.load import load as load_network
from livingdrug.simulate.journeys import journeys
from livingdrug.simulate.scenario import load as load_scenario
from livingdrug.therapy.load import load

THERAPY = load("tisagenlecleucel")
START = datetime(2018, 3, 1, 11, tzinfo=UTC)
RECORD = Identifier("record number", "1")


def at(day: float) -> datetime:
    """Days from enrollment, the acceptance of the collection."""
    return START + timedelta(days=day)


def collected() -> list[Event]:
    return [
        e.PatientReferred(
            at=at(-20), by="c", patient="chop-0012", therapy=THERAPY.name, center="chop", identifiers=(RECORD,)
        ),
        e.EligibilityAssessed(at=at(-18), by="p", age=9.0, weight=30.0, disease_status="refractory"),
        e.CellsCollected(
            at=at(-1), by="n", collection="D1", chain="CH", patient=RECORD, device="d", started=at(-1.2), volume=150.0,
            cd3=2e9, bags=("D1-1",),
        ),
        e.CollectionAccepted(at=at(0), by="q", collections=("D1",)),
    ]  # fmt: skip


def manufactured() -> list[Event]:
    return [
        e.ManufactureStarted(at=at(2), by="o", run="R1", collections=("D1",), chain="CH", site="s", line="1"),
        e.ManufactureFinished(
            at=at(12), by="o", run="R1", product="P1", chain="CH", bags=("P1-1",), cells=2e8, expires=at(300)
        ),
        e.ReleaseTested(at=at(13), by="q", product="P1", test="viability", value=0.7, unit="1"),
    ]


def infused() -> list[Event]:
    return [
        e.ProductReleased(at=at(20), by="q", product="P1", release="in specification"),
        e.ProductInfused(
            at=at(30), by="p", product="P1", bags=("P1-1",), chain="CH", second=RECORD, weight=25.0, cells=1e8, ended=at(30),
            witness="n", device="d",
        ),
    ]  # fmt: skip


def made(*events: Event) -> Journey:
    return journey_of([*collected(), *manufactured(), *events])


def test_a_row_has_every_column_and_a_new_journey_hardly_any_fact() -> None:
    found = row(THERAPY, journey_of(collected()[:1]))
    assert list(found) == [each.name for each in COLUMNS]
    assert {name for name, value in found.items() if value is not None} == {"patient"}


def test_every_prefix_of_a_journey_makes_a_row() -> None:
    events = [*collected(), *manufactured(), *infused()]
    table = from_journeys(THERAPY, [journey_of(events[:length]) for length in range(1, len(events) + 1)])
    assert table.schema == pl.Schema(schema())
    assert table["fate"].cast(pl.String).to_list() == [None] * (len(events) - 1) + ["infused"]


def test_no_journeys_are_an_empty_cohort() -> None:
    assert from_journeys(THERAPY, []).schema == pl.Schema(schema())


def test_days_count_from_the_acceptance_and_the_dose_from_the_weight_at_infusion() -> None:
    found = row(THERAPY, made(*infused()))
    assert (found["patient"], found["age"], found["weight"]) == (12, 9.0, 30.0)
    assert (found["released_day"], found["infused_day"], found["dose_per_kg"]) == (20.0, 30.0, 4e6)
    assert (found["product_cells"], found["viability"], found["vector_copies"]) == (2e8, 0.7, None)


def test_what_is_owed_and_not_settled_is_not_known_yet() -> None:
    assert row(THERAPY, made(*infused()))["billed"] is None
    settlement = e.MilestoneSettled(
        at=at(60), by="payer", milestone="treatment", billed=47_500_000, waived=0, currency="USD", evidence=(9,)
    )
    assert row(THERAPY, made(*infused(), settlement))["billed"] == 47_500_000


def test_nothing_is_owed_for_a_journey_that_ended_without_cells() -> None:
    found = row(THERAPY, made(e.NotInfused(at=at(25), by="c", reason="withdrawn")))
    assert (found["fate"], found["left_day"], found["billed"]) == ("not infused", 25.0, 0)


def test_a_death_while_waiting_is_a_fate_and_no_death_after_infusion() -> None:
    found = row(THERAPY, made(e.Died(at=at(14), by="p", cause="disease")))
    assert (found["fate"], found["left_day"], found["death_day"], found["death_cause"]) == ("died waiting", 14.0, None, None)


def test_a_rejected_product_and_a_failed_run_are_failed_releases() -> None:
    assert row(THERAPY, made(e.ProductRejected(at=at(20), by="q", product="P1", reason="viability")))["release"] == "failed"
    failed = [manufactured()[0], e.ManufactureFailed(at=at(9), by="o", run="R1", reason="no growth")]
    assert row(THERAPY, journey_of([*collected(), *failed]))["release"] == "failed"


def test_an_invalidated_result_does_not_count() -> None:
    later = e.ReleaseTested(at=at(15), by="q", product="P1", test="viability", value=0.9, unit="1", retest=True)
    invalid = e.ResultInvalidated(at=at(14), by="q", product="P1", test="viability", position=7, reason="wrong dye")
    assert row(THERAPY, made(invalid))["viability"] is None
    assert row(THERAPY, made(invalid, later))["viability"] == 0.9


def test_a_correction_counts_from_then_on() -> None:
    journey = made(*infused())
    right = collected()[2]
    assert isinstance(right, e.CellsCollected)
    fewer = replace(right, cd3=1e9)
    corrected = evolve(e.Corrected(at=at(31), by="q", position=3, replacement=fewer, reason="units"), journey)
    assert (row(THERAPY, journey)["collected_cd3"], row(THERAPY, corrected)["collected_cd3"]) == (2e9, 1e9)


def test_follow_up_lasts_to_the_last_look_and_an_open_stay_with_it() -> None:
    entered, seen = e.IntensiveCareEntered(at=at(33), by="p"), e.PatientSeen(at=at(40), by="p")
    found = row(THERAPY, made(*infused(), entered, seen))
    assert (found["followed_days"], found["icu_day"], found["icu_days"]) == (10.0, 3.0, 7.0)
    left, again = e.IntensiveCareLeft(at=at(35), by="p"), e.IntensiveCareEntered(at=at(39), by="p")
    assert row(THERAPY, made(*infused(), entered, left, again, seen))["icu_days"] == 3.0


def test_the_computed_grade_counts_and_the_override_does_not() -> None:
    chart = e.VitalsCharted(at=at(32), by="n", hours=(0.0, 12.0), temperature=(39.0, 37.0), vasoactive=(1, 0), oxygen=(0, 0))
    says = e.GradeOverridden(at=at(33), by="p", scale="ASTCT", day=2, computed=2, grade=1, reason="dehydration")
    assert row(THERAPY, made(*infused(), chart, says))["crs_astct"] == 2


def test_a_row_is_quick_enough_for_every_append() -> None:
    """Three hundred microseconds for eighty events, on one core that has nothing else to do; here ten times as much."""
    found = journeys(load_scenario("eliana"), range(40), load_network("us-launch-2017"))
    long = max((events for _, events in found), key=len)
    journey = journey_of(long)
    assert journey.version >= 75
    took = []
    for _ in range(20):
        began = time.perf_counter()
        row(THERAPY, journey)
        took.append(time.perf_counter() - began)
    assert min(took) < 3e-3
