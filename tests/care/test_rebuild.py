"""Projections are made of events alone: made anew, they are what they were, bit for bit."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection
from small import course, day, open_door, referral, seen, slot

from livingdrug.care import models, store
from livingdrug.journey.events import Corrected, DeviationOpened, MilestoneDisputed, MilestoneSettled, VitalsCharted

pytestmark = pytest.mark.usefixtures("url")

SURROGATES = {models.Claim: "id", models.Milestone: "id", models.Slot: "id"}
TABLES = (models.Journey, models.Milestone, models.CohortRow, models.Claim, models.Slot)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the projections, without numbers that only count rows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        rows = [{k: v for k, v in row.items() if k != SURROGATES.get(table)} for row in table.objects.values()]
        found[table.__name__] = sorted(rows, key=str)
    return found


def begun(patient: str) -> str:
    made = store.start(referral(patient), "account", door=open_door, now=day(0))
    assert isinstance(made, store.Appended)
    return made.journey


def told() -> None:
    """Three journeys: one infused, charted and settled; one corrected; two after the same chair."""
    one, two, three = begun("1"), begun("2"), begun("3")
    vitals = VitalsCharted(at=day(43), by="nurse", hours=(0.0, 4.0), temperature=(39.5, 38.0), vasoactive=(0, 3), oxygen=(0, 2))
    settled = MilestoneSettled(
        at=day(70), by="payer", milestone="day 28", billed=47_500_000, waived=0, currency="USD", evidence=(3,)
    )
    later = [vitals, settled, MilestoneDisputed(at=day(71), by="payer", milestone="day 28", reason="no evidence")]
    wrong = Corrected(at=day(5), by="doctor", position=2, replacement=None, reason="wrong patient")
    deviation = DeviationOpened(at=day(6), by="quality", deviation="D-1", says="late", holds=True)
    for journey, at, events in [
        (one, 1, [*course("1"), *later]),
        (two, 1, [course("9")[0], course("9")[1], wrong, deviation, slot(expires=3)]),
        (three, 1, [course("9")[0], slot("S-2", expires=30)]),
        (three, 3, [seen(9)]),
    ]:
        made = store.append(journey, events, at, "account", door=open_door, now=day(8))
        assert isinstance(made, store.Appended), made


def test_projections_made_anew_are_what_they_were() -> None:
    told()
    before = everything()
    assert store.rebuild() == 3
    assert everything() == before
    board = {row["patient"]: row for row in before["Journey"]}
    assert (board["1"]["stage"], board["1"]["severe"], board["2"]["held"]) == ("infused", True, True)
    assert board["1"]["due"].startswith("response at day")
    assert [row["disputed"] for row in before["Milestone"]] == ["no evidence"]
    assert {(row["slot"], row["status"]) for row in before["Slot"]} == {("S-1", "expired"), ("S-2", "held")}
    assert [row["value"] for row in before["Claim"] if row["released"]] == ["O-9"]


def test_projections_that_were_damaged_are_mended() -> None:
    told()
    before = everything()
    models.CohortRow.objects.update(row="{}")
    models.Milestone.objects.all().delete()
    models.Journey.objects.update(stage="ended", center="", held=False)
    assert everything() != before
    store.rebuild()
    assert everything() == before


def test_the_guards_are_back_after_making_anew() -> None:
    told()
    store.rebuild()
    for table in ("claim", "slot"):
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM care_{table}")
