"""Every role, every page, own and other center: who may open, see, name and record what. A table, and nothing besides it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from livingdrug.care.accounts.models import OFFICES
from livingdrug.care.accounts.permissions import (
    PAGES,
    first_page,
    may_break_glass,
    may_open,
    may_record,
    may_see,
    sees_clinical,
    sees_event,
    sees_names,
)
from livingdrug.care.accounts.who import Kind, Visitor
from livingdrug.journey import events as e
from livingdrug.journey.rules.roles import ROLES
from livingdrug.journey.state import Collection, Journey, Product, evolve
from livingdrug.network.kinds import Role

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)

KINDS: dict[str, tuple[Kind, str, str]] = {
    "coordinator": ("center", "chop", "chop-coordinator-1"),
    "collection nurse": ("center", "chop", "chop-collection-nurse-1"),
    "physician": ("center", "chop", "chop-physician-1"),
    "bedside nurse": ("center", "chop", "chop-bedside-nurse-1"),
    "pharmacist": ("center", "chop", "chop-pharmacist-1"),
    "operator": ("site", "morris-plains", "morris-plains-operator-1"),
    "quality": ("site", "morris-plains", "morris-plains-quality-1"),
    "qualified person": ("site", "morris-plains", "morris-plains-quality-2"),
    "courier": ("courier", "couriers", "courier-1"),
    "payer": ("payer", "medicare", "medicare-payer-1"),
    "system": ("office", "systems", "logger-1"),
    "auditor": ("office", "", ""),
    "administrator": ("office", "", ""),
}

# One letter a page, in the order of the heading; a dot is a page that is shut.
HEADING = (
    "board patient act collection custody manufacture release gate bedside response ledger "
    "centers slots cohort audit labels refer names accounts rules"
)
OPEN = {
    "coordinator":      "b p a c c . . g . r l c s c . l r n . r",
    "collection nurse": "b p a c c . . . . . . c s . . l . n . r",
    "physician":        "b p a c c . r g b r . c s c . l r n . r",
    "bedside nurse":    "b p a c c . . g b r . c . . . l . n . r",
    "pharmacist":       "b p a c c . . g b . . c . c . l . n . r",
    "operator":         "b p a . c m r . . . . c s . . l . . . r",
    "quality":          "b p a c c m r . . . . c s c . l . . . r",
    "qualified person": "b p a c c m r . . . . c s c . l . . . r",
    "courier":          "b . a . c . . . . . . . . . . . . . . r",
    "payer":            ". . a . . . . . . . l . . . . . . . . r",
    "system":           ". . . . . . . . . . . . . . . . . . . .",
    "auditor":          "b p . c c m r g b r l c s c a . . . . r",
    "administrator":    ". . . . . . . . . . . . . . . . . . a r",
}  # fmt: skip


def visitor(role: str, place: str | None = None, **more: object) -> Visitor:
    kind, own, person = KINDS[role]
    made = Visitor(f"{role}@example.org", role, person, frozenset({role}), own if place is None else place, kind)
    return replace(made, **more)


def journey(center: str = "chop", site: str = "morris-plains", payer: str = "medicare") -> Journey:
    return Journey(patient="P-1", therapy="tisagenlecleucel", center=center, site=site, payer=payer)


def test_the_table_has_every_role_and_every_page() -> None:
    assert set(OPEN) == {*get_args(Role), *OFFICES} == set(KINDS)
    assert sorted(HEADING.split()) == sorted(PAGES)


@pytest.mark.parametrize("role", OPEN)
@pytest.mark.parametrize("page", HEADING.split())
def test_a_page_is_open_to_the_roles_of_the_table(role: str, page: str) -> None:
    cell = OPEN[role].split()[list[str](HEADING.split()).index(page)]
    assert may_open(visitor(role), page) == (cell != "."), f"{role}, {page}"


@pytest.mark.parametrize("role", OPEN)
@pytest.mark.parametrize("page", ["", "Board", "board ", "admin", "export", "../board", "*"])
def test_an_unknown_page_is_shut_to_everybody(role: str, page: str) -> None:
    assert not may_open(visitor(role), page)


@pytest.mark.parametrize("role", OPEN)
def test_whoever_has_no_roles_opens_and_sees_nothing(role: str) -> None:
    left = visitor(role, roles=frozenset())
    assert not any(may_open(left, page) for page in PAGES)
    assert not may_see(left, "j", carried())
    assert not sees_names(left, journey())
    assert not sees_clinical(left)
    assert not may_break_glass(left)
    assert first_page(left) == ""


# Whose journeys ---------------------------------------------------------------------------------------------------------


def carried() -> Journey:
    """Collected, accepted by nobody yet: it waits for a courier, in every place of the table."""
    waiting = Collection("C-1", 1, AT, 2e9, None, ("a",), "chop-collection-nurse-1")
    return replace(journey(), collections=(waiting,))


OWN = {
    "coordinator": True, "collection nurse": True, "physician": True, "bedside nurse": True, "pharmacist": True,
    "operator": True, "quality": True, "qualified person": True, "courier": True, "payer": True,
    "system": False, "auditor": True, "administrator": False,
}  # fmt: skip


@pytest.mark.parametrize("role", OPEN)
def test_a_journey_of_their_own_place_is_seen_as_the_table_says(role: str) -> None:
    assert may_see(visitor(role), "j", carried()) == OWN[role]


@pytest.mark.parametrize("role", OPEN)
def test_a_journey_of_another_place_is_seen_by_the_auditor_alone(role: str) -> None:
    other = journey(center="stanford", site="los-angeles", payer="commercial")
    assert may_see(visitor(role), "j", other) == (role == "auditor")


@pytest.mark.parametrize("role", OPEN)
def test_a_journey_that_has_no_place_yet_is_not_everybodys(role: str) -> None:
    nowhere = visitor(role, place="")
    assert may_see(nowhere, "j", journey(center="", site="", payer="")) == (role == "auditor")


@pytest.mark.parametrize("role", OPEN)
@pytest.mark.parametrize("center", ["chop", "stanford"])
def test_names_are_for_staff_of_the_treating_center_alone(role: str, center: str) -> None:
    staff = KINDS[role][0] == "center" and center == "chop"
    assert sees_names(visitor(role), journey(center=center)) == staff


def test_a_role_counts_only_at_its_own_kind_of_place() -> None:
    """A payer's office that hires a physician does not treat, and a physician at a site is no staff of a center."""
    assert not may_see(visitor("payer", roles=frozenset({"physician"})), "j", journey())
    assert not may_see(visitor("operator", roles=frozenset({"physician"})), "j", journey())
    assert not may_break_glass(visitor("operator", roles=frozenset({"physician"})))


def test_an_administrator_who_treats_sees_as_one_who_treats() -> None:
    both = visitor("physician", roles=frozenset({"physician", "administrator"}))
    assert may_see(both, "j", journey())
    assert not may_see(both, "j", journey(center="stanford"))


# Couriers ---------------------------------------------------------------------------------------------------------------


def test_a_courier_sees_cells_that_wait_or_travel_and_no_others() -> None:
    courier = visitor("courier")
    assert not may_see(courier, "j", journey())
    assert may_see(courier, "j", carried())
    accepted = replace(carried(), collections=(replace(carried().collections[0], accepted=True),))
    assert not may_see(courier, "j", accepted)


def test_a_courier_sees_a_product_from_release_to_storage() -> None:
    courier = visitor("courier")
    product = Product("PR-1", 5, "M-1", "CH-1", ("x",), 1e8, AT, "quality", AT)
    assert not may_see(courier, "j", replace(journey(), products=(product,)))
    assert may_see(courier, "j", replace(journey(), products=(replace(product, released=6),)))
    assert not may_see(courier, "j", replace(journey(), products=(replace(product, released=6, rejected=7),)))
    assert not may_see(courier, "j", replace(journey(), products=(replace(product, released=6, stored_celsius=-150.0),)))


def test_a_courier_sees_what_they_have_carried_until_the_infusion() -> None:
    courier, another = visitor("courier"), visitor("courier", person="courier-2")
    second = e.Identifier("order", "O-1")
    handed = e.HandedOver(at=AT, by="courier-1", item="C-1", chain="CH-1", second=second, giver="nurse", device="scanner")
    held = evolve(handed, journey())
    assert may_see(courier, "j", held)
    assert not may_see(another, "j", held)
    assert not may_see(courier, "j", replace(held, died=AT))
    assert not may_see(courier, "j", replace(held, ended="withdrawn"))


# The glass --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", OPEN)
def test_the_glass_is_for_clinicians_and_for_one_journey(role: str) -> None:
    clinician = role in ("physician", "bedside nurse")
    opened = visitor(role, glass=frozenset({"j"}))
    other = journey(center="stanford", site="los-angeles", payer="commercial")
    assert may_break_glass(opened) == clinician
    assert may_see(opened, "j", other) == (clinician or role == "auditor")
    assert may_see(opened, "k", other) == (role == "auditor")
    assert not sees_names(opened, other)


# Acts -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", OPEN)
def test_an_act_is_recorded_by_its_roles_in_their_own_place_and_by_nobody_else(role: str) -> None:
    other = journey(center="stanford", site="los-angeles", payer="commercial")
    for kind, roles in ROLES.items():
        assert may_record(visitor(role), carried(), kind.name) == (role in roles and OWN[role]), f"{role}, {kind.name}"
        assert not may_record(visitor(role, glass=frozenset({"j"})), other, kind.name), f"{role}, {kind.name}, elsewhere"
    assert not may_record(visitor(role), carried(), "invented")


# Events -----------------------------------------------------------------------------------------------------------------

VITALS = e.VitalsCharted(at=AT, by="nurse", hours=(0.0,), temperature=(39.0,), vasoactive=(0,), oxygen=(0,))
DENIED = e.CoverageDenied(at=AT, by="payer", payer="medicare", reason="no")


@pytest.mark.parametrize("role", OPEN)
def test_vital_signs_are_for_the_center_and_the_auditor(role: str) -> None:
    treats = KINDS[role][0] == "center" or role == "auditor"
    assert sees_clinical(visitor(role)) == treats
    assert sees_event(visitor(role), journey(), VITALS) == treats


def test_a_payer_sees_the_evidence_and_no_identifier() -> None:
    payer, state = visitor("payer"), journey()
    assert sees_event(payer, state, DENIED)
    referred = e.PatientReferred(at=AT, by="doctor", patient="P-1", therapy="t", center="chop", identifiers=())
    assert not sees_event(payer, state, referred)


def test_a_correction_a_signature_and_an_override_are_seen_with_their_act() -> None:
    state = evolve(DENIED, evolve(VITALS, journey()))
    signed = e.Signed(at=AT, by="nurse", position=1, meaning="review", digest="0")
    for position, payer_sees in ((1, False), (2, True)):
        assert sees_event(visitor("payer"), state, replace(signed, position=position)) == payer_sees
        corrected = e.Corrected(at=AT, by="nurse", position=position, reason="typed wrongly", replacement=None)
        assert sees_event(visitor("payer"), evolve(corrected, state), corrected) == payer_sees
    override = e.Overridden(at=AT, by="doctor", rule="REL-001", act="released", reason="no other way")
    assert sees_event(visitor("operator"), state, override)
    assert not sees_event(visitor("courier"), state, override)


def test_everybody_has_a_first_page_that_is_open_to_them() -> None:
    first = {role: first_page(visitor(role)) for role in OPEN}
    assert first["payer"] == "ledger"
    assert (first["auditor"], first["administrator"], first["system"]) == ("audit", "accounts", "")
    assert all(may_open(visitor(role), page) for role, page in first.items() if page)
