"""Every rule of the record: what it holds, why, by which source; each has an address, to which refusals lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingdrug.care.pages.page import Here, page, routes
from livingdrug.journey import describe
from livingdrug.journey.events import BY_NAME

__all__ = ["ROUTES", "rules"]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rules of one prefix."""

    prefix: str
    title: str
    rules: tuple[dict[str, Any], ...]


@page("rules", "care/rules.html")
def rules(here: Here) -> Mapping[str, Any]:
    """All rules, in the order of a journey."""
    rows = [_shown(each) for each in describe.rules()]
    chapters = (
        Chapter(prefix, title, tuple(each for each in rows if each["rule"].startswith(f"{prefix}-")))
        for prefix, title in describe.PREFIXES.items()
    )
    return {"title": "Rules", "chapters": tuple(each for each in chapters if each.rules), "count": len(rows)}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    judged = "every event" if len(row["judges"]) == len(BY_NAME) else ", ".join(row["judges"])
    return {**row, "judged": judged, "in_force": describe.in_force(row)}


ROUTES = routes("rules", rules, "rules")
