"""Labels of collections, products and shippers: what stands on them, and their codes drawn as SVG.

The structures are facts of ISBT 128 (ST-001 for donation numbers, ST-028 for the chain of identity, structure 023 for compound
messages), restated. Sites that print ISBT 128 labels need to be registered with ICCBBA; `A9999` is its example facility.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from barcode.codex import Code128
from django.utils.safestring import SafeString
from ppf.datamatrix import DataMatrix  # pyright: ignore[reportAttributeAccessIssue]  # its stub is empty

from livingdrug.journey.identity import check_character

__all__ = [
    "Code",
    "Label",
    "Number",
    "chain_code",
    "chain_number",
    "code128",
    "compound",
    "data_matrix",
    "din_code",
    "din_number",
    "moment",
    "statements",
]

QUIET = 10
"""Modules of white beside a Code 128, as its standard asks for."""
MODULE = 0.25
"""Millimeters of one module of Code 128: what common scanners read at arm's length."""
SQUARE = 0.6
"""Millimeters of one module of a Data Matrix."""


@dataclass(frozen=True, slots=True)
class Number:
    """An identifier as it is printed for eyes and keyboards: its groups, its flags, and its check character in a box."""

    kind: str
    groups: tuple[str, ...]
    check: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One code on a label: `symbol` is Code 128 or Data Matrix, `text` what it says to a scanner."""

    symbol: str
    text: str
    about: str

    @property
    def svg(self) -> SafeString:
        """The code as a drawing in millimeters."""
        return code128(self.text, self.about) if self.symbol == "Code 128" else data_matrix(self.text, self.about)


@dataclass(frozen=True, slots=True)
class Label:
    """One label: `kind` is collection, product or shipper; it knows its size from it."""

    kind: str
    title: str
    item: str
    numbers: tuple[Number, ...]
    codes: tuple[Code, ...]
    facts: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    warnings: tuple[str, ...] = ()


# What must be said ----------------------------------------------------------------------------------------------------


def statements(*, autologous: bool, tested: bool, at_risk: bool = False, reactive: Sequence[str] = ()) -> tuple[str, ...]:
    """The statements that 21 CFR 1271.90(c) asks for on a label.

    `tested`: all screening and testing of the donor that would apply was done; `at_risk`: it showed risk factors or evidence of
    a communicable disease; `reactive`: the agents whose tests were reactive.
    """
    found = bool(reactive) or at_risk
    said = [
        ("FOR AUTOLOGOUS USE ONLY", autologous),
        ("NOT EVALUATED FOR INFECTIOUS SUBSTANCES", not tested),
        ("WARNING: Advise recipient of communicable disease risks", not autologous and (found or not tested)),
        ("BIOHAZARD", found),
        (f"WARNING: Reactive test results for {', '.join(reactive)}", bool(reactive)),
    ]
    return tuple(words for words, applies in said if applies)


# Numbers and codes ----------------------------------------------------------------------------------------------------


def din_number(din: str, flags: str = "00") -> Number:
    """A donation number for eyes: facility, year, serial; flags beside it, the check character in its box."""
    return Number("DIN", (din[:5], din[5:7], din[7:]), check_character(din), flags)


def chain_number(chain: str) -> Number:
    """A chain of identity for eyes; its check character is required when it is printed."""
    return Number("Chain of identity", (chain[:2], chain[2:7], chain[7:9], chain[9:]), check_character(chain))


def din_code(din: str, flags: str = "00") -> Code:
    """A donation number for scanners: data structure 001."""
    return Code("Code 128", f"={din}{flags}", "Donation number")


def chain_code(chain: str) -> Code:
    """A chain of identity for scanners: data structure 040."""
    return Code("Code 128", f"&/{chain}", "Chain of identity")


def compound(din: str, chain: str, flags: str = "00") -> Code:
    """Both in one Data Matrix: a compound message, data structure 023, of two structures in this order."""
    return Code("Data Matrix", f"=+02000={din}{flags}&/{chain}", "Donation number and chain of identity")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment as labels show it: on the local clock, with its zone, and in UTC where the parcel may cross a border."""
    local, universal = at.astimezone(zone), at.astimezone(ZoneInfo("UTC"))
    return f"{local:%d %b %Y %H:%M} {local.tzname()} ({universal:%Y-%m-%d %H:%M} UTC)"


# Drawing --------------------------------------------------------------------------------------------------------------


@cache
def code128(text: str, about: str) -> SafeString:
    """A Code 128 with its quiet zones, in millimeters: a path of bars, without any style that a page would have to allow."""
    modules = "".join(Code128(text).build())
    bars = "".join(f"M{QUIET + start} 0h{length}v1h-{length}z" for start, length in _runs(modules))
    width = len(modules) + 2 * QUIET
    return _svg(bars, width, 1, width * MODULE, 10, "code128", about)


@cache
def data_matrix(text: str, about: str) -> SafeString:
    """A Data Matrix with its quiet zone, in millimeters."""
    rows = DataMatrix(text).matrix
    squares = "".join(
        f"M{2 + start} {2 + place}h{length}v1h-{length}z"
        for place, row in enumerate(rows)
        for start, length in _runs("".join("1" if each else "0" for each in row))
    )
    size = len(rows) + 4
    return _svg(squares, size, size, size * SQUARE, size * SQUARE, "matrix", about)


def _runs(modules: str) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many there are."""
    found, start = list[tuple[int, int]](), -1
    for place, module in enumerate(modules + "0"):
        if module == "1" and start < 0:
            start = place
        if module == "0" and start >= 0:
            found.append((start, place - start))
            start = -1
    return found


def _svg(path: str, wide: int, high: int, width: float, height: float, kind: str, about: str) -> SafeString:
    """Made of numbers and of words of our own only."""
    return SafeString(
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{about}" '
        f'width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {wide} {high}" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{wide}v{high}H0z"/><path fill="#000" d="{path}"/></svg>'
    )
