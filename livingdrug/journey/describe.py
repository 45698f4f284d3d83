"""The rules and the events in words: rows for the command and the API, and the pages of the documentation.

Renew the pages with `python -m livingdrug.journey.describe docs/rules.md docs/events.md`, after a rule or an event has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livingdrug.journey import codec
from livingdrug.journey.events import BY_NAME, Event
from livingdrug.journey.rules.library import RULES, Rule
from livingdrug.journey.rules.roles import ROLES

__all__ = ["MARK", "PREFIXES", "events", "in_force", "renewed", "rules"]

MARK = "<!-- Generated below: python -m livingdrug.journey.describe docs/rules.md docs/events.md -->"
PREFIXES = {
    "REC": "The record itself",
    "REF": "From referral to order",
    "COI": "Chain of identity and custody",
    "COL": "Collection",
    "MFG": "Manufacture",
    "REL": "Release",
    "LD": "Lymphodepletion",
    "INF": "Infusion: the gate and the act",
    "SAF": "The course at the bedside",
    "RSP": "Response",
    "PAY": "Payment",
}
"""The prefix of a rule's number and what it stands for, in the order of a journey."""


def rules() -> Iterator[dict[str, Any]]:
    """Every rule as plain values, in the order of a journey."""
    for prefix in PREFIXES:
        for number in sorted(RULES):
            if number.startswith(f"{prefix}-"):
                yield _rule(RULES[number])


def _rule(each: Rule) -> dict[str, Any]:
    return {
        "rule": each.number,
        "title": each.title,
        "why": each.why,
        "source": each.source,
        "example": each.example,
        "judges": [kind.name for kind in BY_NAME.values() if issubclass(kind, each.on)],
        "gate": each.condition is not None,
        "in_advance": each.early,
        "waivers": list(each.waivers),
        "jurisdiction": each.jurisdiction,
        "since": each.since.isoformat() if each.since else None,
        "until": each.until.isoformat() if each.until else None,
    }


def in_force(row: dict[str, Any]) -> str:
    """Where and when a rule holds, in words."""
    where = row["jurisdiction"] or "everywhere"
    if row["since"] is None and row["until"] is None:
        return where
    return f"{where}, from {row['since'] or 'the beginning'} to the day before {row['until'] or 'no end'}"


def events() -> Iterator[dict[str, Any]]:
    """Every kind of event as plain values: name, meaning, fields with their types, who may record it, rules that judge it."""
    for name, kind in BY_NAME.items():
        yield {
            "event": name,
            "about": " ".join((kind.__doc__ or "").split()),
            "kind": kind.kind,
            "version": kind.version,
            "fields": {field: codec.type_name(of) for field, of in codec.typed_fields(kind).items() if field not in HEAD},
            "roles": list(ROLES.get(kind, ())),
            "rules": [number for number in sorted(RULES) if issubclass(kind, RULES[number].on) and not _universal(number)],
        }


HEAD = ("at", "by")


def _universal(number: str) -> bool:
    return Event in RULES[number].on or number == "REC-015"


# Pages ------------------------------------------------------------------------------------------------------------------


def renewed(page: str) -> str:
    """A page with its generated part as it is now: which one, the first heading says."""
    intro = page.partition(MARK)[0]
    made = _rules_page() if intro.startswith("# The rules") else _events_page()
    return f"{intro}{MARK}\n\n" + "\n\n".join(made) + "\n"


def _rules_page() -> Iterator[str]:
    for prefix, head in PREFIXES.items():
        yield f"## {prefix}: {head.lower() if prefix != 'LD' else 'lymphodepletion'}"
        for row in rules():
            if row["rule"].startswith(f"{prefix}-"):
                yield from _one(row)


def _one(row: dict[str, Any]) -> Iterator[str]:
    yield f"### {row['rule']}: {_lower(row['title'])}"
    yield row["why"]
    yield f"*For example:* {row['example']}"
    facts = [f"Source: {row['source']}.", f"In force: {in_force(row)}.", f"Judges: {_judged(row['judges'])}."]
    if row["gate"]:
        facts.append("A condition of the infusion gate.")
    if row["waivers"]:
        facts.append(f"May be overridden by: {', '.join(row['waivers'])}.")
    yield " ".join(fact.replace("..", ".") for fact in facts)


def _judged(names: list[str]) -> str:
    return "every event" if len(names) == len(BY_NAME) else ", ".join(names)


def _events_page() -> Iterator[str]:
    for row in events():
        yield f"## {row['event']}"
        yield row["about"]
        lines = [("field", "holds"), ("---", "---"), *((f"`{name}`", of) for name, of in row["fields"].items())]
        if row["fields"]:
            yield "\n".join(f"| {a} | {b} |" for a, b in lines)
        else:
            yield "No fields besides `at` and `by`."
        judged = f" Rules: {', '.join(row['rules'])}." if row["rules"] else ""
        yield f"{row['kind'].capitalize()}. Recorded by: {', '.join(row['roles'])}.{judged}"


def _lower(title: str) -> str:
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


if __name__ == "__main__":
    for each in sys.argv[1:]:
        Path(each).write_text(renewed(Path(each).read_text(encoding="utf-8")), encoding="utf-8")
