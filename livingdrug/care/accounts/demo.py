"""One account for each role, for a demo: they are listed on its sign-in page, with a password that everybody knows."""

from __future__ import annotations

from django.conf import settings

from livingdrug.care.accounts.models import Account
from livingdrug.care.definitions import current, network
from livingdrug.errors import BadInput
from livingdrug.network.schema import Network, people

__all__ = ["PASSWORD", "listed", "make"]

PASSWORD = "demo-livingdrug"

ORDER = (
    "coordinator", "collection nurse", "courier", "operator", "quality", "qualified person", "physician", "bedside nurse",
    "pharmacist", "payer", "auditor", "administrator",
)  # fmt: skip
"""Roles in the order of a journey, then offices."""


def make(center: str = "chop", site: str = "") -> list[Account]:
    """One account for each role: at that center, at that site (else the network's first), and elsewhere the first person."""
    if not settings.DEMO:
        raise BadInput.at("demo", "accounts with a known password are for a demo; start with LIVINGDRUG_DEMO=1")
    known = network(current("network", settings.LIVINGDRUG_NETWORK))
    wanted = (center, site or known.sites[0].id, *(each.id for each in known.payers), "couriers")
    made = [_account(role, _first(known, role, wanted)) for role in ORDER[:-2]]
    return [*(each for each in made if each), *(_office(role) for role in ORDER[-2:])]


def listed() -> list[tuple[str, Account]]:
    """The accounts of a demo with their roles, in the order of a journey; none outside one."""
    if not settings.DEMO:
        return []
    by_email = {each.email: each for each in Account.objects.filter(email__endswith="@demo.example", is_active=True)}
    return [(role, by_email[_email(role)]) for role in ORDER if _email(role) in by_email]


def _first(known: Network, role: str, places: tuple[str, ...]) -> str:
    found = [(place, each.id) for place, each in people(known) if role in each.roles and place in places and each.until is None]
    return min(found, key=lambda each: places.index(each[0]), default=("", ""))[1]


def _account(role: str, person: str) -> Account | None:
    return _made(role, {"name": _named(role), "person": person}) if person else None


def _office(role: str) -> Account:
    return _made(role, {"name": _named(role), "extra_roles": [role]})


def _made(role: str, about: dict[str, object]) -> Account:
    there = Account.objects.filter(email=_email(role)).first()
    return there or Account.objects.create_user(_email(role), PASSWORD, **about)


def _named(role: str) -> str:
    return f"Demo {role}"


def _email(role: str) -> str:
    return f"{role.replace(' ', '-')}@demo.example"
