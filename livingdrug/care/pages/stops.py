"""What holds the cells of a journey, and what to do about it: the same words on every page that touches cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingdrug.care import store
from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.pages import links, times
from livingdrug.care.pages.page import Here, network_of
from livingdrug.journey import events as e
from livingdrug.journey.state import Journey, stands
from livingdrug.network import ask

__all__ = ["Held", "held", "stop"]


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that holds the cells: a mismatch at a position, or a deviation that is open. `href` closes it."""

    what: str
    says: str
    at: str
    by: str
    href: str


def held(here: Here, state: Journey | None = None) -> tuple[Held, ...]:
    """Everything that holds the cells now."""
    state = state or here.journey.state
    zone = times.zone_of(network_of(here), state)
    closes = may_record(here.visitor, state, e.DeviationClosed.name)
    href = links.journey(here.journey.id, "custody") + f"?act={links.slug(e.DeviationClosed.name)}" if closes else ""
    found = [(position, event) for position in sorted(state.mismatches) if (event := stands(state, position))]
    mismatches = [
        Held("A scan did not agree", f"{_read(event)} was read on {_item(event)}", times.shown(event.at, zone), event.by, href)
        for _, event in found
    ]
    deviations = [
        Held(f"Deviation {each.deviation}", each.says, times.shown(each.at, zone), each.by, href)
        for each in state.deviations
        if each.holds
    ]
    return (*mismatches, *deviations)


def _read(event: e.Event) -> str:
    return event.scanned if isinstance(event, e.MismatchFound) else ""


def _item(event: e.Event) -> str:
    return event.item if isinstance(event, e.MismatchFound) else ""


def stop(here: Here) -> Mapping[str, Any]:
    """What the red page says after a mismatch: what was read, and whom to call."""
    standing, network = store.latest(here.journey.id), network_of(here)
    site = ask.site(network, standing.state.site)
    return {
        "held": held(here, standing.state),
        "call": tuple(each.id for each in site.staff if "quality" in each.roles) if site else (),
        "site": site.title if site else standing.state.site,
    }
