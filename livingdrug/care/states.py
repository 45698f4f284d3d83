"""Journeys as states, read once and kept: a server that has just recorded an event does not read the journey again."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from livingdrug.care import chain, definitions, models
from livingdrug.errors import UnknownName
from livingdrug.journey.codec import decode
from livingdrug.journey.events import Event
from livingdrug.journey.state import Journey, evolve
from livingdrug.therapy.schema import Therapy

__all__ = ["NEW", "Standing", "at_version", "events", "forget", "keep", "latest"]

KEPT = 2000
"""States that are kept; one of a finished journey takes some ten kilobytes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A journey at one version: `head` is the hash of its last event, `definition` the therapy that it is pinned to."""

    id: str
    definition: str
    network: str
    state: Journey = field(repr=False)
    head: str

    @property
    def version(self) -> int:
        """How many events there are."""
        return self.state.version

    @property
    def therapy(self) -> Therapy:
        """The therapy that the journey is judged by."""
        return definitions.therapy(self.definition)


NEW = Journey()

_kept: OrderedDict[str, Standing] = OrderedDict()
_lock = threading.Lock()


def latest(id: str) -> Standing:
    """The journey as it is now; raises `UnknownName`."""
    row = models.Journey.objects.filter(id=id).values_list("definition", "network", "version", "head").first()
    if row is None:
        raise UnknownName.among("journey", id, ())
    definition, network, version, head = row
    found = _found(id)
    if found is not None and found.version == version and found.head == head:
        return found
    if found is None or found.version > version:
        found = Standing(id, definition, network, NEW, chain.NOTHING)
    return keep(_grown(found, version, head))


def at_version(id: str, version: int) -> Standing:
    """The journey at the version that the caller expects, without asking the database where it is known; else as it is now."""
    found = _found(id)
    return found if found is not None and found.version == version else latest(id)


def keep(standing: Standing) -> Standing:
    """Remember a state."""
    with _lock:
        _kept[standing.id] = standing
        _kept.move_to_end(standing.id)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return standing


def forget(id: str | None = None) -> None:
    """Forget one journey, or all."""
    with _lock:
        if id is None:
            _kept.clear()
        else:
            _kept.pop(id, None)


def events(id: str, after: int = 0, until: int | None = None) -> Iterator[Event]:
    """Events of a journey in their order, from the one after `after` on."""
    rows = models.Event.objects.filter(journey_id=id, version__gt=after).order_by("version")
    if until is not None:
        rows = rows.filter(version__lte=until)
    for content in rows.values_list("content", flat=True):
        yield decode(json.loads(content))


def _found(id: str) -> Standing | None:
    with _lock:
        if id in _kept:
            _kept.move_to_end(id)
        return _kept.get(id)


def _grown(standing: Standing, version: int, head: str) -> Standing:
    state = standing.state
    for event in events(standing.id, state.version, version):
        state = evolve(event, state)
    return Standing(standing.id, standing.definition, standing.network, state, head)
