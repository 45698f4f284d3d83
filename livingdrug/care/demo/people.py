"""Names of the demo's patients, which nobody bears: given names of everywhere, surnames that say what they are."""

from __future__ import annotations

from datetime import date, timedelta

__all__ = ["Person", "invented"]

Person = dict[str, str]

GIVEN = (
    "Ada", "Bao", "Carmen", "Dmitri", "Esi", "Farid", "Greta", "Hana", "Idris", "Jonas", "Keiko", "Lucia", "Mateo", "Noor",
    "Oluwaseun", "Priya", "Quinn", "Rosa", "Samir", "Tomasz", "Uma", "Viktor", "Wren", "Ximena", "Yusuf", "Zoë", "Anneli",
)  # fmt: skip
SURNAMES = (
    "Placeholder", "Exampleton", "Samplewood", "Madeup", "Fictively", "Inventson", "Nobodóttir", "Testwell", "Mockridge",
    "Pretendergast", "Imaginero", "Notarealo", "Dummylowe",
)  # fmt: skip


def invented(number: int, age: float, today: date) -> Person:
    """Somebody of that age in years, as a referral asks for them."""
    given, surname = GIVEN[number * 7 % len(GIVEN)], SURNAMES[number * 5 % len(SURNAMES)]
    born = today - timedelta(days=round(age * 365.25) + number % 28)
    return {
        "name": f"{surname}, {given}",
        "born": born.isoformat(),
        "record_number": f"DEMO-{number:06d}",
        "contact": "parent, 555-0100",
    }
