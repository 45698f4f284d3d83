"""The generated part of docs/measures.md: every endpoint, measure and published target as it stands in the code.

Renew it with `python -m livingdrug.analysis.describe docs/measures.md`, after a measure or a target has changed.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from livingdrug.analysis.measures import MEASURES
from livingdrug.analysis.survival import DEFINITIONS
from livingdrug.analysis.targets import Published, Target, names, read

__all__ = ["MARK", "generated", "renewed"]

MARK = "<!-- Generated below: python -m livingdrug.analysis.describe docs/measures.md -->"
UNITS = {"1": "", "money": "currency"}


def renewed(page: str) -> str:
    """The page with a new generated part below the mark."""
    before, mark, _ = page.partition(MARK)
    if not mark:
        raise ValueError(f"the page has no line {MARK}")
    return f"{before}{MARK}\n\n{generated()}"


def generated() -> str:
    """Endpoints, measures by group, and each file of published targets."""
    parts = ["## Endpoints", _table(("endpoint", "what counts"), [(f"`{name}`", about) for name, about in DEFINITIONS.items()])]
    parts.append("## Measures")
    for group in dict.fromkeys(each.group for each in MEASURES.values()):
        those = [each for each in MEASURES.values() if each.group == group]
        rows = [(f"`{each.name}`", each.kind, UNITS.get(each.unit, f"`{each.unit}`"), each.about) for each in those]
        parts += [f"### {group.capitalize()}", _table(("measure", "kind", "unit", "meaning"), rows)]
    for name in names():
        parts += _published(read(name))
    return "\n\n".join(parts) + "\n"


def _published(file: Published) -> list[str]:
    columns = ("target", "measure", "published", "95 % interval", "patients", "basis", "role", "source")
    numbers = {citation: i for i, citation in enumerate(file.sources.values(), start=1)}
    rows = [_target(each, numbers[each.source]) for each in file.targets]
    notes = [f"- **{each.label}** (`{each.id}`): {each.note}" for each in file.targets if each.note]
    sources = [f"{i}. {citation}" for citation, i in numbers.items()]
    return [
        f"## Published: {file.title}",
        file.about,
        _table(columns, rows),
        "### Notes",
        "\n".join(notes),
        "### Sources",
        "\n".join(sources),
    ]


def _target(target: Target, source: int) -> tuple[str, ...]:
    low, high = (_shown(each, target) for each in (target.low, target.high))
    interval = (
        "" if not low and not high else f"at least {low}" if not high else f"at most {high}" if not low else f"{low} to {high}"
    )
    name = f"{target.group} {target.label}" if target.role == "calibration" else target.label
    role = target.role if target.weight == 1 or target.role == "shown" else f"{target.role}, weight {target.weight:g}"
    basis = target.basis if target.confirmed else f"{target.basis} (unconfirmed)"
    return name, f"`{target.measure}`", _shown(target.value, target), interval, str(target.n), basis, role, str(source)


def _shown(value: float, target: Target) -> str:
    if not math.isfinite(value):
        return ""
    if MEASURES[target.measure].kind == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    for each in sys.argv[1:]:
        Path(each).write_text(renewed(Path(each).read_text(encoding="utf-8")), encoding="utf-8")
