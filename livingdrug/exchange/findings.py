"""Everything that is wrong with a table, by the group it belongs to, so that a long list shows some of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from livingdrug.errors import BadInput, Complaint

__all__ = ["MOST_SHOWN", "Findings"]

MOST_SHOWN = 50
FIRST = ("columns", "rows")
"""Groups about the table as a whole, which are told before those about cells."""


@dataclass
class Findings:
    """Complaints about one `file`, in groups (a column, a rule)."""

    file: str
    groups: dict[str, list[Complaint]] = field(default_factory=lambda: {name: list[Complaint]() for name in FIRST})

    def add(self, group: str, place: str, says: str) -> None:
        """Note one complaint about a `place` in the file, such as "row 12, column age", or the file itself ("")."""
        where = f"{self.file}: {place}" if place else self.file
        self.groups.setdefault(group, []).append(Complaint(where, says))

    @property
    def count(self) -> int:
        return sum(map(len, self.groups.values()))

    def raise_any(self) -> None:
        """Raise `BadInput` with every complaint; beyond `MOST_SHOWN` with as many of each group, and the number of the rest."""
        if not self.count:
            return
        shown = [each for group, most in zip(self.groups.values(), self._shares(), strict=True) for each in group[:most]]
        if left := self.count - len(shown):
            rest = f"{left:,} more complaints are not listed; correct these first"
            shown.append(Complaint(self.file, rest if left > 1 else "1 more complaint is not listed; correct these first"))
        raise BadInput(*shown)

    def _shares(self) -> Sequence[int]:
        """How many complaints of each group are shown: all, or so many of each that no group crowds out another."""
        sizes = [len(group) for group in self.groups.values()]
        shares = [0] * len(sizes)
        left = MOST_SHOWN
        while left and shares != sizes:
            for at in range(len(sizes)):
                if left and shares[at] < sizes[at]:
                    shares[at], left = shares[at] + 1, left - 1
        return shares
