"""What a scanner or a keyboard gives: data identifiers are taken off, check characters verified, so that a misread is told at
once from another patient's cells.

The structures are facts of ISBT 128 (ST-001, ST-028), restated: a data identifier, then a content of a known length; a compound
message (structure 023) holds several of them, as the Data Matrix of a label does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from livingdrug.errors import Complaint
from livingdrug.journey.identity import why_not_chain, why_not_din

__all__ = ["COMPOUND", "Scanned", "chain", "cleaned", "din", "item", "parts"]

COMPOUND = re.compile(r"=\+([0-9]{2})[0-9]{3}")
STRUCTURES = (
    ("collection", re.compile(r"=([A-NP-Z1-9][0-9A-Z]{12})([0-9A-Z]{2})")),
    ("chain", re.compile(r"&/(CH[0-9A-Z]{13})")),
    ("product code", re.compile(r"=<([0-9A-Z]{8})")),
    ("expiry", re.compile(r"&>([0-9]{10})")),
    ("collected", re.compile(r"&\*([0-9]{10})")),
    ("division", re.compile(r"=,([0-9A-Z]{6})")),
)
"""Structures by what they tell; the flags of a donation number are no part of it."""

CHAINS, NUMBERS = ("chain",), ("item", "items", "collection", "collections")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read: its value, what is wrong with the reading, and whether a scanner or a check character vouches for it."""

    value: str
    says: str = ""
    sure: bool = False


def parts(text: str) -> dict[str, str]:
    """What a code says, by kind; empty for text that is no code.

    >>> parts("=+02000=A99992600000100&/CHA999926000001")
    {'collection': 'A999926000001', 'chain': 'CHA999926000001'}
    """
    compound, found = COMPOUND.match(text), dict[str, str]()
    rest = text[compound.end() :] if compound else text
    while rest:
        hits = [(kind, hit) for kind, form in STRUCTURES if (hit := form.match(rest)) is not None]
        if not hits:
            return {}
        kind, hit = hits[0]
        found[kind], rest = hit.group(1), rest[hit.end() :]
    return found if compound is None or len(found) == int(compound.group(1)) else {}


def chain(text: str) -> Scanned:
    """A chain of identity as it was read: 15 characters, or why it is a misread. Only a well-formed one can be another's."""
    return _read("chain", text, why_not_chain, 15, "chain of identity")


def din(text: str) -> Scanned:
    """A donation identification number as it was read, without flags and check character."""
    return _read("collection", text, why_not_din, 13, "donation identification number")


def _read(kind: str, text: str, why_not: Callable[[str], str | None], length: int, what: str) -> Scanned:
    typed = "".join(text.split()).upper()
    found = parts(typed)
    if not typed:
        return Scanned("", f"nothing was read; scan or type the {what}")
    if found and kind not in found:
        return Scanned("", f"this code holds the {' and '.join(found)}, not the {what}; read the other one")
    value = found.get(kind, typed)
    says = why_not(value)
    if says:
        return Scanned("", f"{says}; read it again")
    return Scanned(value[:length], sure=bool(found) or len(value) > length)


def item(text: str) -> str:
    """An item as it was read: a donation number without its identifier and flags; anything else as it is."""
    typed = text.strip()
    return parts("".join(typed.split()).upper()).get("collection", typed)


def cleaned(posted: Mapping[str, str]) -> tuple[dict[str, str], tuple[Complaint, ...]]:
    """What was posted, with every scan in it read, and a complaint for each that is missing or was misread."""
    made, says = dict(posted), list[Complaint]()
    for name, text in posted.items():
        if name in CHAINS:
            read = chain(text)
        elif name.endswith(".value"):
            read = _second(posted.get(f"{name[:-6]}.kind", ""), text)
        elif name in NUMBERS:
            read = Scanned("\n".join(item(line) for line in text.splitlines()))
        else:
            continue
        made[name] = read.value or text
        if read.says:
            says.append(Complaint(name.removesuffix(".value"), read.says))
    return made, tuple(says)


def _second(kind: str, text: str) -> Scanned:
    """The second identifier: a donation number is verified, others are taken as they stand."""
    if not kind.strip():
        return Scanned("", "say which identifier was read")
    if kind == "collection":
        return din(text)
    return Scanned(text.strip(), "" if text.strip() else f"nothing was read; scan or type the {kind}")
