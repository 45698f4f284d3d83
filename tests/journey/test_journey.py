"""The fold and the door: deterministic, refusing without changing anything, and correcting without forgetting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from story import Story, accepted, events, folded, refused, to_collection, to_gate, to_release

from livingdrug.journey import codec
from livingdrug.journey import events as e
from livingdrug.journey.allowed import allowed
from livingdrug.journey.gate import gate
from livingdrug.journey.kinds import BY_NAME
from livingdrug.journey.record import Refused, record, replay
from livingdrug.journey.rules.base import Act, Verdict, condition
from livingdrug.journey.rules.library import RULES, rules_on
from livingdrug.journey.rules.roles import ROLES
from livingdrug.journey.state import Journey, evolve, find, journey_of, standing, stands

S = Story()
WHOLE = list(events(S))
GATE = next(place for place, each in enumerate(WHOLE) if isinstance(each, e.GatePassed))


def test_a_journey_as_it_should_be_is_accepted_whole() -> None:
    journey = folded(S, WHOLE)
    assert journey.version == len(WHOLE) == 49
    assert journey.settled == ("treatment",)
    assert journey.infusion is not None


def test_the_fold_gives_the_same_journey_every_time_and_in_any_pieces() -> None:
    whole = journey_of(WHOLE)
    assert whole == folded(S, WHOLE)
    for cut in range(len(WHOLE)):
        pieces = journey_of(WHOLE[:cut])
        for event in WHOLE[cut:]:
            pieces = evolve(event, pieces)
        assert pieces == whole


def test_the_fold_of_what_was_stored_is_the_same() -> None:
    assert journey_of(codec.read_json(codec.canonical(each)) for each in WHOLE) == journey_of(WHOLE)


def test_a_refused_event_changes_nothing() -> None:
    before = folded(S, WHOLE[:GATE])
    after = record(S.therapy, S.network, before, replace(WHOLE[GATE], chain="CHA999917999999"))
    assert isinstance(after, Refused)
    assert {"COI-004", "INF-006"} <= {each.rule for each in after.reasons}
    assert "CHA999917999999" in str(after)
    assert before == folded(S, WHOLE[:GATE])


def test_replay_finds_the_position_and_the_rule() -> None:
    broken = [*WHOLE]
    broken[GATE] = replace(WHOLE[GATE], weight=90.0)
    found = replay(S.therapy, S.network, broken)
    assert found.journey.version == len(WHOLE), "the rest is read all the same"
    assert {each.rule for each in found.refused[GATE + 1].reasons} == {"INF-015"}
    assert set(found.refused) == {GATE + 1, GATE + 3}, "the gate, and the infusion that is not what passed it"
    assert not replay(S.therapy, S.network, WHOLE).refused


# Corrections ------------------------------------------------------------------------------------------------------------


def position(kind: type[e.Event], number: int = 0) -> int:
    return [place for place, each in enumerate(WHOLE, 1) if isinstance(each, kind)][number]


def correction(of: int, changed: e.Event | None, by: str = "chop-physician-1", reason: str = "mistyped") -> e.Corrected:
    return e.Corrected(at=S.at(120), by=by, position=of, replacement=changed, reason=reason)


def test_a_correction_keeps_both_and_counts_from_the_start() -> None:
    journey, place = folded(S, WHOLE), position(e.ResponseAssessed)
    right = replace(WHOLE[place - 1], burden=0.2)
    after = accepted(S, journey, correction(place, right))
    assert after.history[: len(WHOLE)] == tuple(WHOLE)
    assert stands(after, place) == right
    assert dict(standing(after))[place] == right
    assert after.version == journey.version + 1


def test_a_corrected_state_is_the_state_of_the_corrected_events() -> None:
    place = position(e.EligibilityAssessed)
    right = replace(WHOLE[place - 1], weight=31.0)
    after = accepted(S, folded(S, WHOLE[:GATE]), correction(place, right))
    before = journey_of([*WHOLE[: place - 1], right, *WHOLE[place:GATE]])
    assert after.eligibility == before.eligibility
    assert (after.products, after.collections, after.parcels) == (before.products, before.collections, before.parcels)


def test_a_result_that_is_corrected_after_the_release_closes_the_gate() -> None:
    place = next(n for n, each in enumerate(WHOLE, 1) if isinstance(each, e.ReleaseTested) and each.test == "viability")
    journey = folded(S, WHOLE[:GATE])
    quality = "morris-plains-quality-1"
    after = accepted(S, journey, correction(place, replace(WHOLE[place - 1], value=0.7), by=quality))
    assert "INF-008" in refused(S, after, WHOLE[GATE])
    assert not refused(S, journey, WHOLE[GATE])


def test_a_collection_that_is_corrected_below_the_limit_closes_the_gate() -> None:
    journey, place = folded(S, WHOLE[:GATE]), position(e.CellsCollected)
    small = replace(WHOLE[place - 1], cd3=5e8, nucleated=2.5e9)
    after = accepted(S, journey, correction(place, small))
    assert refused(S, after, WHOLE[GATE]), "cells that should not have been accepted are not infused unseen"


def test_an_observation_can_be_taken_back_and_an_act_cannot() -> None:
    journey = folded(S, WHOLE)
    vitals = accepted(S, journey, correction(position(e.VitalsCharted), None))
    assert stands(vitals, position(e.VitalsCharted)) is None
    assert refused(S, journey, correction(position(e.ProductInfused), None)) == {"REC-008"}


@pytest.mark.parametrize("name", ["chain", "bags", "product", "second"])
def test_identity_is_never_corrected(name: str) -> None:
    place = position(e.ProductInfused)
    other = {"chain": "CHA999918000002", "bags": ("P-2-1",), "product": "P-2", "second": e.Identifier("record number", "MRN-2")}
    changed = replace(WHOLE[place - 1], **{name: other[name]})
    assert refused(S, folded(S, WHOLE), correction(place, changed)) == {"REC-008"}


# Overrides --------------------------------------------------------------------------------------------------------------


def test_an_override_lets_one_act_through_and_is_spent() -> None:
    late = [each for each in WHOLE[: GATE - 1] if not isinstance(each, e.TocilizumabReserved)]
    journey = folded(S, [*late, replace(WHOLE[GATE - 1], at=WHOLE[GATE].at + timedelta(days=12))])
    gate_late = replace(WHOLE[GATE], at=WHOLE[GATE].at + timedelta(days=13))
    assert refused(S, journey, gate_late) == {"INF-012"}
    allowed_once = e.Overridden(
        at=gate_late.at, by="chop-physician-1", rule="INF-012", act="gate passed", reason="the patient had a cold"
    )
    journey = accepted(S, journey, allowed_once)
    journey = accepted(S, journey, gate_late)
    assert not journey.overrides
    again = replace(gate_late, at=gate_late.at + timedelta(minutes=1))
    assert refused(S, journey, again) == {"INF-012"}


def test_identity_release_and_consent_cannot_be_overridden() -> None:
    for number in ("COI-004", "INF-001", "INF-003", "INF-006", "INF-007", "INF-008", "INF-010", "INF-011", "REL-010"):
        assert not RULES[number].waivers, number
        act = next(kind.name for kind in BY_NAME.values() if issubclass(kind, RULES[number].on))
        asked = e.Overridden(at=WHOLE[GATE].at, by="chop-physician-1", rule=number, act=act, reason="please")
        assert refused(S, folded(S, WHOLE[:GATE]), asked) == {"REC-009"}


# The gate ---------------------------------------------------------------------------------------------------------------


def test_the_gate_and_the_door_agree() -> None:
    journey = folded(S, WHOLE[:GATE])
    event = WHOLE[GATE]
    assert isinstance(event, e.GatePassed)
    for changed in (
        event,
        replace(event, weight=90.0),
        replace(event, chain=""),
        replace(event, product="P-2"),
        replace(event, second=e.Identifier("", "")),
        replace(event, cells=1e9),
        replace(event, by="chop-coordinator-1"),
        replace(event, at=event.at + timedelta(days=30)),
        replace(event, device=""),
    ):
        closed = {each.rule for each in gate(S.therapy, S.network, journey, changed) if not each.met}
        assert closed == refused(S, journey, changed)


def test_the_gate_shows_evidence_for_every_condition() -> None:
    event = WHOLE[GATE]
    assert isinstance(event, e.GatePassed)
    shown = gate(S.therapy, S.network, folded(S, WHOLE[:GATE]), event)
    assert all(each.met and each.says for each in shown)
    assert {each.rule for each in shown} == {each.number for each in rules_on(e.GatePassed)}
    assert "2 doses of tocilizumab" in next(each.says for each in shown if each.rule == "INF-005")


def test_an_empty_gate_is_closed() -> None:
    nothing = e.GatePassed(
        at=WHOLE[GATE].at, by="", product="", chain="", second=e.Identifier("", ""), weight=0.0, cells=0.0, device=""
    )
    for journey in (Journey(), folded(S, WHOLE[:GATE])):
        shown = gate(S.therapy, S.network, journey, nothing)
        assert sum(not each.met for each in shown) > 8


def test_the_gate_fails_closed_when_a_condition_cannot_be_checked() -> None:
    @condition("INF-999", (e.GatePassed,), why="", source="", example="")
    def broken(act: Act[e.GatePassed]) -> Verdict:
        """A condition with a bug."""
        raise ZeroDivisionError("division by zero")

    rules_on.cache_clear()
    try:
        journey, event = folded(S, WHOLE[:GATE]), WHOLE[GATE]
        assert isinstance(event, e.GatePassed)
        assert refused(S, journey, event) == {"INF-999"}
        shown = next(each for each in gate(S.therapy, S.network, journey, event) if each.rule == "INF-999")
        assert not shown.met
        assert "could not be checked" in shown.says
    finally:
        del RULES["INF-999"]
        rules_on.cache_clear()


# What may happen next ---------------------------------------------------------------------------------------------------


def test_what_is_said_in_advance_is_what_the_door_says() -> None:
    journey = Journey()
    for event in WHOLE:
        listed = {each.act: each for each in allowed(S.therapy, S.network, journey, event.at, event.by)}
        assert set(listed) == set(BY_NAME)
        assert not listed[event.name].reasons, "what happened was possible"
        for other in WHOLE:
            moved = replace(other, at=event.at, by=event.by)
            if other.name in ("referred", "ordered"):
                continue
            early = {each.rule for each in listed[other.name].reasons}
            assert early <= refused(S, journey, moved), f"{other.name} after {journey.version} events"
        journey = accepted(S, journey, event)


def test_nothing_but_the_record_is_possible_after_a_death() -> None:
    journey = accepted(S, folded(S, WHOLE), e.Died(at=S.at(130), by="chop-physician-1", cause="disease"))
    listed = allowed(S.therapy, S.network, journey, S.at(131), "chop-physician-1")
    possible = {each.act for each in listed if not each.reasons}
    assert possible <= {"corrected", "overridden", "signed", "not infused", "deviation closed", "milestone settled"}
    reasons = next(each for each in listed if each.act == "vitals charted").reasons
    assert [each.rule for each in reasons] == ["REC-005"]


# The rules themselves ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.number)
def test_every_rule_says_what_why_whence_and_gives_an_example(rule) -> None:
    assert rule.title
    assert rule.why.endswith((".", "!", "?"))
    assert rule.example.endswith(".")
    assert rule.source
    assert rule.number.partition("-")[0] in {"REC", "REF", "COI", "COL", "MFG", "REL", "LD", "INF", "SAF", "RSP", "PAY"}
    assert rule.on


def test_every_event_has_roles_and_every_override_somebody_who_can_give_it() -> None:
    assert set(ROLES) == set(BY_NAME.values())
    for rule in RULES.values():
        assert set(rule.waivers) <= set(ROLES[e.Overridden])


def test_rems_was_required_until_26_june_2025() -> None:
    rule = RULES["INF-003"]
    assert rule.until is not None
    assert not rule.holds(rule.until, "US")
    assert rule.holds(rule.until - timedelta(days=1), "US")
    assert not rule.holds(rule.until - timedelta(days=1), "EU")


def rems(start_day: int) -> set[str]:
    """The rules that refuse the gate at memphis, whose REMS certificate was revoked on 2019-06-03, so many days later."""
    story = replace(S, center="memphis", start=S.start.replace(year=2019, month=4, day=1) + timedelta(days=start_day))
    some = [*to_collection(story), *to_release(story), *to_gate(story)]
    place = next(n for n, each in enumerate(some) if isinstance(each, e.GatePassed))
    return refused(story, folded(story, some[:place]), some[place])


def test_the_same_infusion_is_refused_before_the_rule_ended_and_allowed_after() -> None:
    assert rems(60) == {"INF-003"}
    assert rems(2400) == set(), "after June 2025 the certificate is not asked for"


def test_products_are_found_by_their_number() -> None:
    journey = folded(S, WHOLE)
    assert find(journey.products, S.product) is not None
    assert find(journey.products, "P-2") is None
