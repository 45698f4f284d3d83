"""Moments as the store writes them: UTC, to the microsecond, always of the same length, so that text sorts as time."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["moment", "now", "stamp"]


def now() -> datetime:
    """The time of this machine's clock."""
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """The moment as text; the offset of its zone stays in the content of the event."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; give one")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stamped: str) -> datetime:
    """The text as a moment."""
    return datetime.fromisoformat(stamped)
