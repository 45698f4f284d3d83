"""The infusion gate: every condition with its verdict and evidence, for what was scanned at the bedside. It fails closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from livingdrug.journey.events import Event, GatePassed
from livingdrug.journey.rules.library import Act, Rule, act_of, rules_on
from livingdrug.journey.state import Journey
from livingdrug.network.schema import Network
from livingdrug.therapy.schema import Therapy

__all__ = ["Condition", "gate"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule at the gate: whether it is met, with the evidence, or what is wrong and what would clear it."""

    rule: str
    title: str
    met: bool
    says: str


def gate(
    therapy: Therapy, network: Network, journey: Journey, event: GatePassed, *, now: datetime | None = None
) -> tuple[Condition, ...]:
    """Every condition of infusion for what was scanned, the conditions of the gate first, then the rules of the record.

    The gate is open when all are met, and then `record` accepts the event: both ask the same rules. What cannot be checked
    is not met.
    """
    act = act_of(therapy, network, journey, event, now)
    waived = {number for number, name in journey.overrides if name == event.name}
    rules = sorted(rules_on(GatePassed), key=lambda each: (each.condition is None, each.number))
    return tuple(_looked_at(each, act, waived) for each in rules)


def _looked_at(rule: Rule, act: Act[Event], waived: set[str]) -> Condition:
    if not rule.holds(act.day, act.jurisdiction):
        return Condition(rule.number, rule.title, True, f"not in force here on {act.day}")
    if rule.condition is not None:
        verdict = rule.condition(act)
        met, says = verdict.met, verdict.says
    else:
        met, says = _objection(rule, act)
    if not met and rule.number in waived:
        return Condition(rule.number, rule.title, True, f"overridden: {says}")
    return Condition(rule.number, rule.title, met, says)


def _objection(rule: Rule, act: Act[Event]) -> tuple[bool, str]:
    try:
        says = rule.check(act)
    except Exception as error:
        return False, f"could not be checked ({type(error).__name__}: {error}), so it does not hold; report this as a bug"
    return says is None, says or "fine"
