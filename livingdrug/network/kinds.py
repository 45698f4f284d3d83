"""The kinds of values that a network file holds besides those of a therapy file: roles, certificates, countries, time zones."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator

from livingdrug.errors import Complaint

__all__ = ["CertificateKind", "Country", "Jurisdiction", "Mode", "Role", "Shipper", "Timezone", "in_order"]

CertificateKind = Literal["REMS", "manufacturer", "FACT", "JACIE"]
Jurisdiction = Literal["US", "EU", "UK", "CA", "JP", "AU"]
Mode = Literal["road", "air"]
Shipper = Literal["2-8 °C", "vapor phase"]
Role = Literal[
    "coordinator",
    "collection nurse",
    "physician",
    "bedside nurse",
    "pharmacist",
    "operator",
    "quality",
    "qualified person",
    "courier",
    "payer",
    "system",
]


def _country(code: str) -> str:
    if len(code) == 2 and code.isascii() and code.isupper() and code.isalpha():
        return code
    raise ValueError(f'{code!r} is not two capital letters of ISO 3166-1; write for example "US"')


def _timezone(key: str) -> str:
    try:
        ZoneInfo(key)
    except (KeyError, ValueError, OSError) as error:
        near = get_close_matches(key, sorted(available_timezones()), n=1, cutoff=0.6)
        hint = f"nearest: {near[0]}" if near else 'write one as "America/New_York"'
        raise ValueError(f"no time zone {key!r}; {hint}") from error
    return key


Country = Annotated[str, AfterValidator(_country)]
"""ISO 3166-1, two letters."""
Timezone = Annotated[str, AfterValidator(_timezone)]
"""A name of the IANA time zone database."""


def in_order(key: str, begins: date, ends: date | None) -> list[Complaint]:
    """Nothing, or that something ends before it begins."""
    if ends is not None and ends < begins:
        return [Complaint(key, f"{ends} is before {begins}, when it begins; correct one of them")]
    return []
