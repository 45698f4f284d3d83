"""Numbers of cells as people read them: 1.2 × 10⁸."""

from __future__ import annotations

__all__ = ["cells"]

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def cells(count: float) -> str:
    """A number of cells with three digits at most.

    >>> cells(1.25e8), cells(4e9), cells(120)
    ('1.25 × 10⁸', '4 × 10⁹', '120')
    """
    if abs(count) < 10_000:
        return f"{count:g}"
    head, _, power = f"{count:.2e}".partition("e")
    return f"{float(head):g} × 10{str(int(power)).translate(RAISED)}"
