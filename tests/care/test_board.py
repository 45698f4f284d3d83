"""The board and the books: pages that neither skip nor repeat, filters, counts, the cohort and the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from small import course, day, open_door, referral, seen

from livingdrug.care import models, store
from livingdrug.care.board import STAGES
from livingdrug.care.store import Filters
from livingdrug.errors import BadInput
from livingdrug.journey.events import MilestoneSettled

pytestmark = pytest.mark.usefixtures("url")


def told(patient: str, *events: Any, center: str = "chop") -> str:
    begun = store.start(referral(patient, center), "account", door=open_door, now=day(0))
    assert isinstance(begun, store.Appended)
    if events:
        assert isinstance(store.append(begun.journey, events, 1, "account", door=open_door, now=day(1)), store.Appended)
    return begun.journey


def all_pages(filters: Filters, limit: int, **more: Any) -> list[str]:
    patients: list[str] = []
    page = store.board(filters, limit, **more)
    while True:
        assert len(page.rows) <= limit
        patients += [row.patient for row in page.rows]
        if page.next is None:
            return patients
        page = store.board(filters, limit, page.next, **more)


def test_pages_of_the_board_neither_skip_nor_repeat() -> None:
    for n in range(11):
        told(str(n), seen(n // 4 + 1))
    found = all_pages(Filters(), 3)
    assert sorted(found, key=int) == [str(n) for n in range(11)]
    order = [models.Journey.objects.get(patient=patient).last_at for patient in found]
    assert order == sorted(order, reverse=True)
    assert all_pages(Filters(), 11) == found


def test_filters_and_counts_say_the_same() -> None:
    told("1")
    told("2", center="duke")
    told("3", *course("3"))
    assert [row.patient for row in store.board(Filters(center="duke")).rows] == ["2"]
    assert [row.patient for row in store.board(Filters(stage="infused")).rows] == ["3"]
    assert store.counts() == {("infused", "chop"): 1, ("referred", "chop"): 1, ("referred", "duke"): 1}
    assert store.counts(Filters(center="duke")) == {("referred", "duke"): 1}
    assert set(models.Journey.objects.values_list("stage", flat=True)) <= set(STAGES)


def test_what_is_late_depends_on_the_day_of_the_reader() -> None:
    told("1")
    told("2", *course("2"))
    told("3", *course("3"))
    late = Filters(late=True)
    assert all_pages(late, 1, now=day(60)) == []
    assert sorted(all_pages(late, 1, now=day(70))) == ["2", "3"], "day 28 after an infusion on day 40"
    assert all_pages(Filters(late=False), 1, now=day(70)) == ["1"]


def test_a_cursor_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="'x' is no cursor"):
        store.board(after="x")


def test_the_cohort_has_one_row_for_each_journey() -> None:
    told("1", *course("1"))
    told("2", *course("2"), center="duke")
    told("3", center="duke")
    assert store.cohort("tisagenlecleucel").height == 3
    assert store.cohort("tisagenlecleucel", "duke").height == 1, "journey 2 was ordered for chop"
    assert store.cohort("none").height == 0
    assert (store.cohort("tisagenlecleucel")["fate"] == "infused").sum() == 2


def test_the_ledger_adds_up() -> None:
    for n, billed in enumerate((100, 0, 100)):
        told(
            str(n),
            MilestoneSettled(
                at=day(70), by="payer", milestone="day 28", billed=billed, waived=100 - billed, currency="USD", evidence=(1,)
            ),
        )
    assert [row.billed for row in store.ledger()] == [100, 0, 100]
    assert store.ledger(after=store.ledger()[1].pk)[0].journey.patient == "2"
    assert store.totals() == [store.Total("day 28", "USD", 3, 200, 100, 0)]
    assert store.totals(journey__center="duke") == []
