"""What a form offers to choose from: people, places, lanes, drugs and cells that the journey, therapy and network know."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from livingdrug.care.states import Standing
from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.rules import words
from livingdrug.journey.rules.library import RULES
from livingdrug.journey.rules.manufacture import steps_of
from livingdrug.network.schema import Network

__all__ = ["key", "of"]

SCANNED = (e.HandedOver, e.Received, e.GatePassed, e.ProductInfused, e.CellsCollected)


def key() -> str:
    """A key for one form: sent twice, it is recorded once."""
    return secrets.token_urlsafe(16)


def of(kind: type[Event], standing: Standing, network: Network) -> dict[str, Sequence[str]]:
    """Choices by field. What is scanned is never offered: it must be read."""
    state, therapy = standing.state, standing.therapy
    found: dict[str, Sequence[str]] = {
        "payer": [each.id for each in network.payers],
        "center": [each.id for each in network.centers],
        "site": [each.id for each in network.sites],
        "lane": [each.id for each in network.lanes if {each.origin, each.destination} == {state.center, state.site}],
        "run": [each.run for each in state.runs if each.status == "running"],
        "step": _next_step(standing),
        "test": [each.test for each in therapy.release],
        "slot": [each.slot for each in state.slots if each.status != "released"],
        "shipment": [each.shipment for each in state.parcels if not each.received] if kind is e.Received else [],
        "disease_status": therapy.eligibility.disease_status,
    }
    if kind not in SCANNED:
        found["product"] = [each.product for each in state.products if not each.rejected]
    if kind is e.ManufactureFinished:
        found.pop("product", None)
    found |= {name: values for name, values in _own(kind, standing).items() if values}
    kinds = sorted({each.kind for each in state.identifiers})
    return {name: tuple(values) for name, values in (found | {"second": kinds, "patient": kinds}).items() if values}


def _own(kind: type[Event], standing: Standing) -> dict[str, Sequence[str]]:
    """Choices of one kind of event alone."""
    state, therapy = standing.state, standing.therapy
    forbidding = (*therapy.eligibility.exclusions, *therapy.infusion.preconditions)
    named: dict[type[Event], dict[str, Sequence[str]]] = {
        e.EligibilityAssessed: {"present": therapy.eligibility.exclusions},
        e.ContraindicationFound: {"what": [each for each in forbidding if each not in state.contraindications]},
        e.ContraindicationResolved: {"what": state.contraindications},
        e.LymphodepletionStarted: {"drugs": [each.name for each in therapy.lymphodepletion.drugs]},
        e.CollectionAccepted: {"collections": [each.collection for each in state.collections if each.accepted is None]},
        e.CollectionRejected: {"collections": [each.collection for each in state.collections if each.accepted is None]},
        e.DeviationClosed: {
            "deviation": [each.deviation for each in state.deviations],
            "position": [str(each) for each in sorted(state.mismatches)],
        },
        e.OutOfSpecificationFound: {"tests": [each.test for each in therapy.release]},
        e.ProductReleased: {"pending": words.CULTURES},
        e.ResponseAssessed: {"assessment": [f"{each.value:g}" for each in therapy.response.assessments]},
        e.Overridden: {"rule": [number for number in sorted(RULES) if RULES[number].waivers], "act": list(e.BY_NAME)},
    }
    return named.get(kind, {})


def _next_step(standing: Standing) -> list[str]:
    """The step that comes next in the run that goes on."""
    running = [each for each in standing.state.runs if each.status == "running"]
    steps = steps_of(standing.therapy)
    return [steps[len(running[0].steps)]] if running and len(running[0].steps) < len(steps) else []
