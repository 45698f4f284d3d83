"""Numbers as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

__all__ = ["count", "less", "money", "register", "within"]

register = template.Library()
MINOR = 100


@register.filter
def money(amount: int | None) -> str:
    """An amount in minor units with its thousands apart; cents only where there are some."""
    if amount is None:
        return ""
    return f"{amount // MINOR:,}" if amount % MINOR == 0 else f"{amount / MINOR:,.2f}"


@register.filter
def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}"


@register.filter
def less(amount: int, other: int) -> int:
    """The difference of two amounts."""
    return amount - other


@register.filter
def within(name: str, mapping: Mapping[str, Any]) -> Any:
    """What a mapping holds under a name that has a space in it."""
    return mapping.get(name)
