"""Chairs and lines that several patients use one after the other; the simulator gives each patient one of their own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from livingdrug.journey.events import Event, ManufactureStarted, SlotHeld

__all__ = ["Places"]


class Places:
    """Who sits where and when, so far."""

    def __init__(self) -> None:
        self._taken: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)

    def moved(self, event: Event) -> Event:
        """The event at the first chair or line that is free then."""
        if isinstance(event, ManufactureStarted):
            return replace(event, line=self._first_free(event.line, event.at, event.at))
        if not isinstance(event, SlotHeld):
            return event
        place = self._first_free(event.resource, event.start, event.end)
        self._taken[place].append((event.start, event.end))
        return replace(event, resource=place)

    def _first_free(self, place: str, start: datetime, end: datetime) -> str:
        kind, number = place.rpartition("-")[0], 1
        while any(begins < end and start < ends for begins, ends in self._taken[f"{kind}-{number}"]):
            number += 1
        return f"{kind}-{number}"
