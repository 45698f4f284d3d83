"""Times as people at a center read and type them: in the center's zone, named."""

from __future__ import annotations

from datetime import UTC as GREENWICH
from datetime import datetime
from zoneinfo import ZoneInfo

from livingdrug.errors import BadInput, LivingdrugError
from livingdrug.journey.state import Journey
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = ["UTC", "ago", "shown", "typed", "zone_of"]

UTC = ZoneInfo("UTC")


def zone_of(network: Network, journey: Journey, place: str = "") -> ZoneInfo:
    """The zone of a place, or of the journey's center; UTC where neither is known."""
    try:
        return ask.zone(network, place or journey.center)
    except LivingdrugError:
        return UTC


def shown(at: datetime | str | None, zone: ZoneInfo = UTC) -> str:
    """A moment on the clock of a zone, to the minute, with the zone's name: 2018-04-12 09:35 EDT."""
    if at in (None, ""):
        return ""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    assert moment is not None, "nothing was answered above"
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def typed(text: str, zone: ZoneInfo) -> datetime:
    """The moment that a date-and-time field holds, which has no zone of its own: the center's. Raises `BadInput`.

    The hour that a clock repeats in autumn is taken the first time round; one that it skips in spring is refused.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput.at("at", f"{text!r} is not a time; give one like 2018-04-12T09:35") from error
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(GREENWICH).astimezone(zone).replace(tzinfo=None) != moment:
        raise BadInput.at("at", f"{text} does not exist in {zone.key}: the clock skips it; give the time after the change")
    return local


def ago(at: datetime, now: datetime) -> str:
    """How long ago, or in how long, in words of one unit."""
    seconds = (now - at).total_seconds()
    size, unit = next((size, unit) for size, unit in UNITS if abs(seconds) >= size or size == 1)
    count = round(abs(seconds) / size)
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
