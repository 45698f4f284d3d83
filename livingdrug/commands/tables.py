"""Tables of text on standard output: aligned in a terminal, and one line per row when piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["print_table", "shown"]

# Columns that may break over lines in a narrow terminal; names, units and numbers never do.
PROSE = {"title", "meaning", "source", "rate", "definition", "observable", "condition", "why", "values", "when", "then"}
LONGEST_RULE = 200
PIPED_WIDTH = 100_000  # wider than any row, so that `| grep` finds whole rows


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), title: str = "") -> None:
    """Print rows below a thin rule; the columns named in `right` are numbers and line up on the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        side = "right" if column in right else "left"
        table.add_column(column, justify=side, overflow="fold", no_wrap=column not in PROSE)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if title:
        print(f"\n{title}\n")
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else PIPED_WIDTH, highlight=False, markup=False)
    if terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    print("\n".join(_trimmed(line) for line in captured.get().rstrip("\n").split("\n")))


def _trimmed(line: str) -> str:
    """A piped line without the blanks at its end; a rule below a very wide column is cut to a readable length."""
    line = line.rstrip()
    return line[:LONGEST_RULE] if line.strip("─") == "" else line


def shown(value: float, digits: int = 4) -> str:
    """A number for people, to a few digits: 23910, 1.2e8, 0.0079; a dash where there is none."""
    if value != value:
        return "–"
    plain = f"{value:.{digits}g}"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return plain if "e" not in plain else f"{float(plain):.0f}"
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
