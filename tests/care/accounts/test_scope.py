"""Lists hold exactly what may be seen: the restriction in SQL and the pure function agree, for every visitor and journey."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from livingdrug.care import states, store
from livingdrug.care.accounts.permissions import may_see
from livingdrug.care.accounts.scope import scope, within
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.models import CohortRow
from livingdrug.care.models import Journey as Row
from livingdrug.journey import events as e
from livingdrug.journey.state import Journey, evolve

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
THERAPY = "tisagenlecleucel"


def everything(therapy: Any, network: Any, journey: Journey, event: e.Event, *, now: datetime | None = None) -> Journey:
    """Stands in for the rules: this is about who sees what is there."""
    return evolve(event, journey)


def told(number: int, center: str, payer: str, site: str, *, more: int) -> str:
    """A journey with the first `more` of these events behind its referral; its token."""
    chain, tag, second = f"A99992600000{number}", f"{number}", e.Identifier("order", f"O-{number}")
    referred = e.PatientReferred(at=AT, by="d", patient=f"P-{tag}", therapy=THERAPY, center=center, identifiers=(second,))
    events: list[e.Event] = [
        e.CoverageAuthorized(at=AT, by="c", payer=payer, reference=f"R-{tag}"),
        e.TherapyOrdered(at=AT, by="d", order=f"O-{tag}", center=center, site=site),
        e.ChainIssued(at=AT, by="c", chain=chain),
        e.CellsCollected(
            at=AT, by="n", collection=f"C-{tag}", chain=chain, patient=second, device="scanner", started=AT, volume=250.0,
            cd3=2e9, bags=("a",),
        ),
        e.HandedOver(
            at=AT, by="courier-1", item=f"C-{tag}", chain=chain, second=second, giver="n", device="scanner"
        ),
        e.CollectionAccepted(at=AT + timedelta(days=1), by="q", collections=(f"C-{tag}",)),
        e.Died(at=AT + timedelta(days=2), by="d", cause="disease"),
    ]  # fmt: skip
    begun = store.start(referred, "test", door=everything)
    assert isinstance(begun, store.Appended)
    if more:
        assert isinstance(store.append(begun.journey, events[:more], 1, "test", door=everything), store.Appended)
    return begun.journey


PLACES = (
    ("chop", "medicare", "morris-plains"),
    ("stanford", "commercial", "morris-plains"),
    ("chop", "commercial", "los-angeles"),
)

VISITORS = [
    Visitor("a", "a", "chop-coordinator-1", frozenset({"coordinator"}), "chop", "center"),
    Visitor("a", "a", "stanford-physician-1", frozenset({"physician"}), "stanford", "center"),
    Visitor("a", "a", "morris-plains-operator-1", frozenset({"operator"}), "morris-plains", "site"),
    Visitor("a", "a", "los-angeles-quality-1", frozenset({"quality"}), "los-angeles", "site"),
    Visitor("a", "a", "medicare-payer-1", frozenset({"payer"}), "medicare", "payer"),
    Visitor("a", "a", "commercial-payer-1", frozenset({"payer"}), "commercial", "payer"),
    Visitor("a", "a", "courier-1", frozenset({"courier"}), "couriers", "courier"),
    Visitor("a", "a", "courier-2", frozenset({"courier"}), "couriers", "courier"),
    Visitor("a", "a", "", frozenset({"auditor"}), "", "office"),
    Visitor("a", "a", "", frozenset({"administrator"}), "", "office"),
    Visitor("a", "a", "chop-physician-9", frozenset(), "chop", "center"),
    Visitor("a", "a", "", frozenset(), "", "office"),
]


@pytest.fixture
def journeys(store: str) -> list[str]:
    """One journey at each of seven points, in each of three combinations of places."""
    return [told(n * 10 + more, *places, more=more) for n, places in enumerate(PLACES) for more in range(1, 8)]


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda each: each.person or "-".join(each.roles) or "nobody")
def test_a_list_holds_what_may_be_seen_and_nothing_else(journeys: list[str], visitor: Visitor) -> None:
    may = {id for id in journeys if may_see(visitor, id, states.latest(id).state)}
    assert set(Row.objects.filter(scope(visitor)).values_list("id", flat=True)) == may
    assert {id for id in (*journeys, "none", "") if within(visitor, id)} == may
    rows = CohortRow.objects.filter(scope(visitor, "journey__")).values_list("journey_id", flat=True)
    assert set(rows) == may
    if visitor.roles and visitor.roles != {"administrator"}:
        assert may, "a test in which nobody sees anything tests nothing"


def test_an_open_glass_adds_its_journey_to_the_list_of_a_clinician_alone(journeys: list[str]) -> None:
    other = journeys[0]
    physician, coordinator = (replace(each, glass=frozenset({other})) for each in (VISITORS[1], VISITORS[0]))
    elsewhere = replace(coordinator, place="stanford")
    assert Row.objects.filter(scope(physician), id=other).exists()
    assert not Row.objects.filter(scope(elsewhere), id=other).exists()


def test_a_payer_whose_name_is_part_of_another_payers_sees_only_their_own(journeys: list[str]) -> None:
    for place in ("medi", "care", "%", "medicar_", ""):
        visitor = replace(VISITORS[4], place=place)
        assert not Row.objects.filter(scope(visitor)).exists()


def test_the_words_of_a_payer_in_another_field_open_nothing(store: str) -> None:
    """A reference that reads like a payer's name is text, and its quotes are escaped."""
    id = told(1, "chop", "commercial", "morris-plains", more=0)
    trick = e.CoverageAuthorized(at=AT, by="c", payer="commercial", reference='"payer":"medicare"')
    from livingdrug.care import store as record

    assert isinstance(record.append(id, [trick], 1, "test", door=everything), record.Appended)
    assert json.dumps('"payer":"medicare"') != '"payer":"medicare"'
    assert not Row.objects.filter(scope(VISITORS[4])).exists()
    assert Row.objects.filter(scope(VISITORS[5])).exists()


def test_a_journey_of_somebody_else_is_refused_without_being_read(journeys: list[str], django_assert_num_queries: Any) -> None:
    """As many queries as for one that is not there: the time of a refusal tells nothing."""
    states.forget()
    for id in (journeys[7], "none"):
        with django_assert_num_queries(1):
            assert not within(VISITORS[0], id)
