"""PAY: money moves on evidence, once, by the contract."""

from __future__ import annotations

from dataclasses import dataclass

from livingdrug.journey import events as e
from livingdrug.journey.grades import charted, responses
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Journey, find, stands
from livingdrug.therapy.schema import Therapy

CONTRACT = "The contract of the therapy file (contract, price, out_of_specification)"
TREATMENT = "treatment"
MINOR = 100
"""Minor units of a currency, as cents of a dollar."""
REMISSIONS = ("CR", "CRi")


@dataclass(frozen=True, slots=True)
class Due:
    """What a milestone is worth, in minor units, and the evidence for it; `waiting` says what is not known yet."""

    billed: int
    waived: int
    evidence: tuple[int, ...]
    waiting: str = ""


def due(therapy: Therapy, journey: Journey) -> Due:
    """What the contract says about the treatment, as far as the journey has come.

    One invoice at the list price on infusion; out-of-specification products are billed only where the therapy says so; under
    a response contract the stated share is waived unless there is a remission at the assessment that the contract names. A
    patient who died before that assessment has not responded.
    """
    if journey.infusion is None:
        return Due(0, 0, (), "the patient has not been infused")
    product = find(journey.products, journey.infusion.product)
    exceptional = product is not None and product.release == "exceptional"
    billable = not exceptional or therapy.out_of_specification.billable
    billed = round(therapy.price.list_price.value * MINOR) if billable else 0
    evidence = (journey.infusion_position,)
    contract = therapy.contract
    if contract.kind != "response" or contract.assessment is None:
        return Due(billed, 0, evidence)
    day = round(contract.assessment.value)
    places = [place for name, place in journey.assessments if name == day]
    if not places and journey.died is None:
        return Due(billed, 0, evidence, f"the assessment of day {day} is not recorded")
    responded = bool(places) and response_of(therapy, journey, day) in REMISSIONS
    waived = 0 if responded else round(billed * contract.waived_share.value)
    return Due(billed, waived, (*evidence, *(places[:1] or _death(journey))))


def response_of(therapy: Therapy, journey: Journey, day: int) -> str | None:
    """The category of the assessment of that day."""
    return next((found.response for event, found in responses(therapy, charted(journey)) if event.assessment == day), None)


def _death(journey: Journey) -> tuple[int, ...]:
    return tuple(place for place, each in enumerate(journey.history, 1) if isinstance(each, e.Died))[-1:]


@rule(
    "PAY-001",
    on=(e.MilestoneSettled,),
    early=True,
    why="What is not known yet is neither yes nor no; missing evidence waits.",
    source=CONTRACT,
    example="An invoice on day 10 under a contract that looks at day 28.",
)
def there_is_evidence(act: Act[e.MilestoneSettled]) -> str | None:
    """A milestone is settled when its evidence is there: the infusion, and the assessment that the contract names."""
    waiting = due(act.therapy, act.journey).waiting
    return f"{waiting}; there is nothing to settle yet" if waiting else None


@rule(
    "PAY-002",
    on=(e.MilestoneSettled,),
    why="A settlement that does not say what it rests on cannot be checked or contested.",
    source=CONTRACT,
    example="A waiver is entered with the number of another patient's assessment.",
)
def the_evidence_is_named(act: Act[e.MilestoneSettled]) -> str | None:
    """A settlement names as evidence the positions of the infusion and of the assessment or the death."""
    right, named = due(act.therapy, act.journey).evidence, act.event.evidence
    if any(stands(act.journey, place) is None for place in named):
        return f"it names a position that is not there; the evidence is at {', '.join(map(str, right)) or 'none yet'}"
    if set(right) <= set(named) and right:
        return None
    rests, is_at = ", ".join(map(str, named)) or "nothing", ", ".join(map(str, right)) or "none yet"
    return f"it rests on {rests}, and the evidence is at {is_at}"


@rule(
    "PAY-003",
    on=(e.MilestoneSettled,),
    why="The contract is arithmetic; whoever types the amounts can be wrong.",
    source=CONTRACT,
    example="475,000 dollars are billed for an out-of-specification product.",
)
def the_amounts_are_the_contracts(act: Act[e.MilestoneSettled]) -> str | None:
    """Billed and waived amounts are those of the contract, in the therapy's currency."""
    event, right = act.event, due(act.therapy, act.journey)
    if event.currency != act.therapy.currency:
        return f"it is in {event.currency}, and the contract is in {act.therapy.currency}; convert it"
    if (event.billed, event.waived) != (right.billed, right.waived):
        return (
            f"it bills {event.billed / MINOR:,.2f} and waives {event.waived / MINOR:,.2f}, and the contract says "
            f"{right.billed / MINOR:,.2f} and {right.waived / MINOR:,.2f} {event.currency}"
        )
    return None


@rule(
    "PAY-004",
    on=(e.MilestoneSettled,),
    why="A treatment is paid once.",
    source=CONTRACT,
    example="Two clerks settle the same patient.",
)
def a_milestone_is_settled_once(act: Act[e.MilestoneSettled]) -> str | None:
    """A milestone is the treatment, and is settled once."""
    if act.event.milestone != TREATMENT:
        return f"the contract has no milestone {act.event.milestone!r}; it has: {TREATMENT}"
    return "it is settled already" if TREATMENT in act.journey.settled else None


@rule(
    "PAY-005",
    on=(e.MilestoneDisputed,),
    why="Only what was settled can be contested, and a reason is what the other side answers to.",
    source=CONTRACT,
    example="A payer contests an invoice that was never sent.",
)
def a_dispute_has_an_object_and_a_reason(act: Act[e.MilestoneDisputed]) -> str | None:
    """A dispute is about a settled milestone, and gives a reason."""
    if act.event.milestone not in act.journey.settled:
        return f"{act.event.milestone!r} is not settled; there is nothing to contest"
    return None if act.event.reason.strip() else "it gives no reason; say what is contested"
