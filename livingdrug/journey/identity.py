"""Identifiers on labels: the donation identification number (DIN), the chain of identity, and their check character.

The structures are facts of ISBT 128 (ST-001 for the DIN, ST-028 for the chain of identity), restated; the check character is
ISO/IEC 7064 MOD 37-2. Sites that print such labels need to be registered with ICCBBA; `A9999` is its example facility.
"""

from __future__ import annotations

import re

__all__ = ["chain", "check_character", "din", "why_not_chain", "why_not_din", "with_check"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
FACILITY = r"[A-NP-Z1-9][0-9A-NP-Z]{2}[0-9]{2}"
DIN = re.compile(rf"{FACILITY}[0-9]{{2}}[0-9]{{6}}")
CHAIN = re.compile(rf"CH{FACILITY}[0-9]{{2}}[0-9A-Z]{{6}}")


def check_character(text: str) -> str:
    """The MOD 37-2 check character of digits and capitals; it may be an asterisk.

    >>> check_character("G123498654321")
    'H'
    """
    total = 0
    for letter in text:
        total = (total + ALPHABET.index(letter)) * 2 % 37
    return ALPHABET[(38 - total) % 37]


def with_check(text: str) -> str:
    """The identifier as a keyboard takes it: with its check character at the end."""
    return text + check_character(text)


def din(facility: str, year: int, serial: int) -> str:
    """A donation identification number of 13 characters: facility (5), year (2 digits), serial (6 digits)."""
    return _matching(DIN, f"{facility}{year % 100:02d}{serial:06d}", "donation identification number")


def chain(facility: str, year: int, serial: str) -> str:
    """A chain of identity of 15 characters: CH, facility (5), year (2 digits), serial (6 digits or capitals)."""
    return _matching(CHAIN, f"CH{facility}{year % 100:02d}{serial:0>6}", "chain of identity")


def why_not_din(text: str) -> str | None:
    """Nothing, or what is wrong with a donation identification number of 13 characters, or 14 with its check character."""
    return _why_not(DIN, text, 13, "donation identification number")


def why_not_chain(text: str) -> str | None:
    """Nothing, or what is wrong with a chain of identity of 15 characters, or 16 with its check character."""
    return _why_not(CHAIN, text, 15, "chain of identity")


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is no {what}: facility, year and serial do not fit")
    return text


def _why_not(pattern: re.Pattern[str], text: str, length: int, what: str) -> str | None:
    if len(text) not in (length, length + 1):
        return f"{text!r} has {len(text)} characters, and a {what} has {length}"
    if not pattern.fullmatch(text[:length]):
        return f"{text!r} is not built like a {what}"
    if len(text) > length and text[length] != (right := check_character(text[:length])):
        return f"{text!r} ends in the check character {text[length]}, and {text[:length]} has {right}: it was misread"
    return None
