"""`livingdrug rules`: the rules of a journey, a line each, or one whole."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from cyclopts import App, Parameter

from livingdrug.errors import BadInput, UnknownName

__all__ = ["app"]

app = App(name="rules", help="List the rules of a journey, or show one whole.", help_format="plaintext", version_flags=[])


@app.default
def rules(
    *,
    on: str | None = None,
    act: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """List the rules: number, what it says, what it judges, where and when it holds, who may override it.

    Parameters
    ----------
    on
        Only rules in force on this day, as 2025-06-26.
    act
        Only rules that judge this kind of event, as "infused".
    as_json
        Print one JSON array instead of tables.
    """
    from livingdrug.journey.describe import PREFIXES
    from livingdrug.journey.describe import rules as rows

    chosen = [row for row in rows() if _holds(row, on) and _judges(row, act)]
    if as_json:
        print(json.dumps(chosen, indent=2, ensure_ascii=False))
        return
    for prefix, head in PREFIXES.items():
        if some := [row for row in chosen if row["rule"].startswith(f"{prefix}-")]:
            _print(f"{prefix}: {head}", some)
    print(f"\n{len(chosen)} rules; livingdrug rules show NUMBER prints one whole. * a condition of the infusion gate")


@app.command
def show(
    number: str,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """Print one rule whole: what it says and why, an example, its source, where and when it holds, what it judges.

    Parameters
    ----------
    number
        The number of the rule, as INF-003.
    as_json
        Print one JSON object instead.
    """
    from livingdrug.journey.describe import in_force
    from livingdrug.journey.describe import rules as rows

    found = {row["rule"]: row for row in rows()}
    if number.upper() not in found:
        raise UnknownName.among("rule", number, found)
    row = found[number.upper()]
    if as_json:
        print(json.dumps(row, indent=2, ensure_ascii=False))
        return
    lines = {
        "why": row["why"],
        "example": row["example"],
        "source": row["source"],
        "in force": in_force(row),
        "judges": _listed(row["judges"]),
        "overridden by": ", ".join(row["waivers"]) or "nobody",
        "at the gate": "yes" if row["gate"] else "no",
    }
    print(f"{row['rule']}  {row['title']}\n")
    for head, says in lines.items():
        print(f"  {head:<14}{says}")


def _print(title: str, some: list[dict[str, Any]]) -> None:
    from livingdrug.commands.tables import print_table
    from livingdrug.journey.describe import in_force

    cells = [
        (f"{row['rule']}{'*' if row['gate'] else ''}", row["title"], ", ".join(row["waivers"]), in_force(row)) for row in some
    ]
    print_table(("rule", "title", "overridden by", "when"), cells, title=title)


def _listed(names: list[str]) -> str:
    from livingdrug.journey.events import BY_NAME

    return "every event" if len(names) == len(BY_NAME) else ", ".join(names)


def _holds(row: dict[str, Any], on: str | None) -> bool:
    if on is None:
        return True
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise BadInput.at("--on", f"is {on!r}, not a day; give one like 2025-06-26") from error
    since, until = row["since"], row["until"]
    return (since is None or day >= date.fromisoformat(since)) and (until is None or day < date.fromisoformat(until))


def _judges(row: dict[str, Any], act: str | None) -> bool:
    if act is None:
        return True
    from livingdrug.journey.events import BY_NAME

    if act not in BY_NAME:
        raise UnknownName.among("event", act, BY_NAME)
    return act in row["judges"]
