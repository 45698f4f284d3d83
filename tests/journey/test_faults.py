"""Of more than ten thousand mix-ups none reaches a patient, and each is refused by the rule that is there for it."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import pytest
from faults import KINDS, mixups, play, wrong_with
from faults_base import CENTERS, SITES, YEARS, Base, Mixup, Plan, Step, at_center, some_base

from livingdrug.journey import events as e
from livingdrug.journey.record import Refused, record
from livingdrug.journey.rules.library import RULES

COUNT = 11_000
ROUND = len(KINDS)


def test_no_mixup_reaches_a_patient_and_each_is_refused_by_its_rule() -> None:
    failed, counted = dict[str, str](), Counter[str]()
    for mixup in mixups(COUNT):
        counted[mixup.kind] += 1
        if says := wrong_with(mixup, play(mixup)):
            failed[mixup.kind] = says
    assert not failed
    assert sum(counted.values()) == COUNT
    assert min(counted.values()) >= 90


def test_mixups_are_the_same_for_the_same_seed() -> None:
    assert _told(ROUND, 7) == _told(ROUND, 7)
    assert _told(ROUND, 7) != _told(ROUND, 8)
    assert _told(ROUND, 7) == _told(2 * ROUND, 7)[:ROUND]


def _told(count: int, seed: int) -> list[tuple[str, int, tuple[Step, ...]]]:
    return [(each.kind, each.plan.start, each.plan.steps) for each in mixups(count, seed)]


def test_mixups_name_rules_that_are_there() -> None:
    assert {number for each in KINDS.values() for number in each.expected} <= set(RULES)


# Controls: the same journeys without a fault are accepted in full, so that a refusal is the fault's -----------------------


@pytest.mark.parametrize("therapy", SITES)
def test_journeys_without_a_fault_are_accepted_whole(therapy: str) -> None:
    for center in CENTERS:
        for year in YEARS[therapy]:
            _accepted(at_center(2, center, (year, 3, 5), therapy))


def _accepted(b: Base) -> None:
    journey = b.journeys[0]
    for event in b.events:
        after = record(b.s.therapy, b.s.network, journey, event, now=event.at if event is not b.events[-1] else None)
        assert not isinstance(after, Refused), f"{b.s.center} {b.s.therapy.name} {b.s.start:%Y}: {event.name}: {after}"
        journey = after
    assert journey.infusion is not None


def test_mixups_begin_in_journeys_that_are_right() -> None:
    for mixup in islice(mixups(ROUND), ROUND):
        b, place = mixup.plan.base, mixup.plan.start
        journey = b.journeys[0]
        for event in b.events[:place]:
            after = record(b.s.therapy, b.s.network, journey, event)
            assert not isinstance(after, Refused), f"{mixup.kind}: {event.name}: {after}"
            journey = after


def test_true_findings_are_recorded() -> None:
    """What is found is never refused: a record that does not take bad news is no record."""
    findings = (e.ConsentWithdrawn, e.MismatchFound, e.ContraindicationFound, e.Died, e.ProductRejected, e.DeviationOpened)
    for mixup in mixups(3 * ROUND):
        b, journey = mixup.plan.base, mixup.plan.base.journeys[mixup.plan.start]
        for step in mixup.plan.steps:
            after = record(b.s.therapy, b.s.network, journey, step.event, now=step.now)
            if isinstance(step.event, findings) and not step.wrong:
                assert not isinstance(after, Refused), f"{mixup.kind}: {after}"
            journey = journey if isinstance(after, Refused) else after


# A rule that ended --------------------------------------------------------------------------------------------------------


def infusion(b: Base) -> set[str]:
    """The rules against gate and infusion."""
    found, journey = set[str](), b.journeys[b.place(e.GatePassed)]
    for event in b.events[b.place(e.GatePassed) :]:
        after = record(b.s.therapy, b.s.network, journey, event)
        found |= {each.rule for each in after.reasons} if isinstance(after, Refused) else set()
        journey = journey if isinstance(after, Refused) else after
    return found


def test_after_june_2025_a_lapsed_rems_certificate_and_a_short_stock_refuse_nothing() -> None:
    assert infusion(at_center(2, "memphis", (2019, 5, 10))) == {"INF-003", "INF-018", "REC-016"}
    assert infusion(at_center(2, "memphis", (2025, 5, 10))) == {"INF-003", "INF-018", "REC-016"}, "infused on 17 June 2025"
    assert infusion(at_center(2, "memphis", (2025, 5, 20))) == set(), "infused on 27 June 2025"
    b = at_center(2, "chop", (2026, 1, 5))
    few = tuple(event for event in b.events if not isinstance(event, e.TocilizumabReserved))
    assert infusion(Base(b.s, few)) == set()


def test_what_must_not_be_is_seen_even_when_it_comes_last() -> None:
    """The suite is awake: a mix-up whose wrong act is accepted counts as one that reached the patient."""
    b = some_base(Random(1))
    unseen = Plan(b, len(b.events) - 1, (Step(b.events[-1], wrong=True),))
    mixup = Mixup("nothing wrong, called wrong", frozenset({"INF-006"}), unseen)
    assert wrong_with(mixup, play(mixup)) == "reached the patient"
