"""Numbers as a reader of the report expects them: shares in per cent, counts with thin spaces, money in whole units."""

from __future__ import annotations

import math

from livingdrug.report.figures import readable_unit

__all__ = ["amount", "bare", "count", "days", "listed", "money", "named", "number", "percent", "unit_of"]

NOTHING = "–"
THIN_SPACE = "\u202f"
"""Narrow, and no place to break a line."""


def percent(share: float | None, digits: int = 0) -> str:
    """0.826 is 83 %; a share that would print as 0 or 100 without being it gets the digits that show the difference."""
    if share is None or math.isnan(share):
        return NOTHING
    while 0 < share < 1 and digits < 3 and f"{100 * share:.{digits}f}" in (f"{0:.{digits}f}", f"{100:.{digits}f}"):
        digits += 1
    return f"{100 * share:.{digits}f}{THIN_SPACE}%"


def count(number: float) -> str:
    """10000 is 10 000, with thin spaces that do not read as a decimal sign anywhere."""
    return f"{number:,.0f}".replace(",", THIN_SPACE)


def number(value: float | None, digits: int = 3) -> str:
    """A number to a few significant digits, without a power of ten between 0.001 and a million."""
    if value is None or math.isnan(value):
        return NOTHING
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
        rounded = round(value, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0.0
        return f"{rounded:,.{decimals}f}".replace(",", THIN_SPACE).replace("-", "−")
    power = math.floor(math.log10(abs(value)) + 1e-9)
    return f"{value / 10.0**power:.{digits - 1}f}·10{str(power).translate(_RAISED)}".replace("-", "−")


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def days(value: float | None) -> str:
    """A number of days to a tenth, whole where it is whole."""
    if value is None or math.isnan(value):
        return NOTHING
    return f"{value:.1f}".removesuffix(".0")


def amount(value: float | None, unit: str) -> str:
    """A value of a target without its unit: a share in per cent, days to a tenth, money whole."""
    if unit == "1":
        return percent(value)
    if unit == "days":
        return days(value)
    return (NOTHING if value is None else count(value)) if unit == "money" else number(value)


def bare(value: float | None, unit: str, digits: int = 0) -> str:
    """The same without the sign of per cent, for intervals and for columns that name the unit."""
    if value is None or math.isnan(value):
        return ""
    return f"{100 * value:.{digits}f}" if unit == "1" else amount(value, unit)


def unit_of(unit: str, currency: str = "") -> str:
    """A unit of a target for people: "1" is a share in per cent, a ratio has none."""
    return {"1": "%", "money": currency, "ratio": "ratio", "slope": "slope"}.get(unit) or readable_unit(unit)


def money(cents: float | None, currency: str = "") -> str:
    """Cents in whole units of the currency."""
    return NOTHING if cents is None or math.isnan(cents) else f"{count(cents / 100)} {currency}".strip()


def listed(parts: list[str]) -> str:
    """One, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def named(number: int, one: str, many: str = "") -> str:
    """1 patient, 2 patients."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
