"""The main menu: what a visitor may open of the pages that belong to no journey."""

from __future__ import annotations

from dataclasses import dataclass

from livingdrug.care.accounts.permissions import may_open
from livingdrug.care.accounts.who import Visitor
from livingdrug.care.pages import links

__all__ = ["Entry", "menu", "parts"]

PAGES = {
    "board": "Board",
    "refer": "Refer",
    "slots": "Slots",
    "centers": "Centers",
    "ledger": "Ledger",
    "cohort": "Cohort",
    "audit": "Audit",
    "accounts": "Accounts",
}
PARTS = {
    "patient": ("", "Timeline"),
    "custody": ("custody", "Collection and hand-over"),
    "manufacture": ("manufacture", "Manufacture"),
    "release": ("release", "Release"),
    "gate": ("gate", "Infusion gate"),
    "bedside": ("bedside", "Bedside"),
    "response": ("response", "Response"),
    "labels": ("labels", "Labels"),
}
"""Pages of one journey: where each is, and its name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of a menu."""

    label: str
    href: str
    here: bool


def menu(visitor: Visitor, page: str) -> tuple[Entry, ...]:
    """The pages that a visitor may open, the present one marked."""
    return tuple(Entry(label, links.page(name), name == page) for name, label in PAGES.items() if may_open(visitor, name))


def parts(visitor: Visitor, journey: str, page: str) -> tuple[Entry, ...]:
    """The pages of one journey that a visitor may open, the present one marked."""
    return tuple(
        Entry(label, links.journey(journey, where), name == page)
        for name, (where, label) in PARTS.items()
        if may_open(visitor, name)
    )
