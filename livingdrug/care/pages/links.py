"""Every link of the pages, built in one place."""

from __future__ import annotations

from urllib.parse import quote, urlencode

__all__ = ["act", "bedside", "board", "gate", "glass", "journey", "labels", "page", "slug", "unslugged"]


def page(name: str, **query: str | int | None) -> str:
    """A page that belongs to no journey: board, slots, centers, ledger, cohort, audit."""
    asked = {key: value for key, value in query.items() if value not in (None, "")}
    return f"/{name}" + (f"?{urlencode(asked)}" if asked else "")


def board(**query: str | int | None) -> str:
    """The board with filters."""
    return page("board", **query)


def journey(id: str, part: str = "") -> str:
    """A journey, or one of its pages: custody, manufacture, release, gate, bedside, response, labels."""
    return f"/journeys/{quote(id, safe='')}" + (f"/{part}" if part else "")


def act(id: str, event: str) -> str:
    """The form of one act on a journey."""
    return journey(id, f"act/{slug(event)}")


def gate(id: str) -> str:
    """The infusion gate of a journey."""
    return journey(id, "gate")


def glass(id: str) -> str:
    """Where a clinician opens a journey of another center, with a reason."""
    return f"/break-glass?{urlencode({'journey': id})}"


def bedside(id: str) -> str:
    """The bedside chart of a journey."""
    return journey(id, "bedside")


def labels(id: str) -> str:
    """The labels of a journey."""
    return journey(id, "labels")


def slug(event: str) -> str:
    """The stored name of an event as it stands in an address."""
    return event.replace("-", "_").replace(" ", "-")


def unslugged(text: str) -> str:
    """The stored name again."""
    return text.replace("-", " ").replace("_", "-")
