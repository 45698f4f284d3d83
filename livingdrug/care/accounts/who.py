"""Who a request comes from: the roles of that person on that day, and where they work. Nobody is somebody by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, cast

from django.conf import settings
from django.http import HttpRequest

from livingdrug.care import clock, definitions
from livingdrug.care.accounts.models import Account, Glass
from livingdrug.errors import UnknownName
from livingdrug.network import ask
from livingdrug.network.schema import Network

__all__ = [
    "CLINICIANS",
    "SIGNING",
    "Kind",
    "Visitor",
    "account_of",
    "forget",
    "needs_second_factor",
    "visitor",
    "visitor_of",
]

Kind = Literal["center", "site", "courier", "payer", "office"]

CLINICIANS = frozenset({"physician", "bedside nurse"})
"""Roles that may look behind the glass: at one journey of another center, with a reason."""

SIGNING = frozenset({"physician", "quality", "qualified person", "pharmacist"})
"""Roles that sign; they need a second factor."""

NOT_HERE = frozenset({"system"})
"""Roles of programs: they record through the API and open no pages."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in: `account` is the address, `person` the id in the network, `place` where they work.

    `kind` says how far they see: their center, their site, what they carry, whom they pay for, or an office.
    """

    account: str
    name: str
    person: str
    roles: frozenset[str]
    place: str
    kind: Kind
    glass: frozenset[str] = field(default=frozenset())
    """Journeys of other centers that they opened with a reason, and that are still open."""


def visitor(request: HttpRequest) -> Visitor | None:
    """Who the request comes from; None for nobody, and for a signing role without its second factor. Read once a request."""
    kept = cast(Any, request)
    if not hasattr(kept, "_visitor"):
        kept._visitor = _signed_in(request)
    return kept._visitor


def account_of(request: HttpRequest) -> Account | None:
    """The account that is signed in, whatever it may do."""
    account = getattr(request, "user", None)
    return account if isinstance(account, Account) else None


def forget(request: HttpRequest) -> None:
    """Read the visitor again: somebody has signed in or out, or opened a glass, within this request."""
    cast(Any, request).__dict__.pop("_visitor", None)


def visitor_of(account: Account, now: datetime | None = None) -> Visitor | None:
    """The visitor that an account is, as for a token of the API; None for an account that is not active."""
    if not account.is_active:
        return None
    at = now or clock.now()
    roles, place, kind = _in_network(account.person, at)
    roles |= account.offices
    opened = frozenset(_open(account, at)) if roles & CLINICIANS else frozenset[str]()
    return Visitor(account.email, account.name, account.person, roles, place, kind, opened)


def needs_second_factor(account: Account, now: datetime | None = None) -> bool:
    """Whether the account has a signing role and no second factor yet; never in a demo."""
    if settings.DEMO:
        return False
    from allauth.mfa.utils import is_mfa_enabled

    roles, _, _ = _in_network(account.person, now or clock.now())
    return bool(roles & SIGNING) and not is_mfa_enabled(account)


def _signed_in(request: HttpRequest) -> Visitor | None:
    account = account_of(request)
    if account is None or needs_second_factor(account):
        return None
    return visitor_of(account)


def _in_network(person: str, at: datetime) -> tuple[frozenset[str], str, Kind]:
    """Roles on the day that it is where the person works, the place, and what kind of place it is."""
    network = _network()
    place = ask.works_at(network, person) if network and person else None
    if network is None or place is None:
        return frozenset(), "", "office"
    known = ask.place(network, place)
    on = ask.day(network, place, at) if known else at.astimezone(UTC).date()
    someone = ask.person(network, person)
    stated = frozenset[str](someone.roles if someone else ()) - NOT_HERE
    roles = frozenset(each for each in stated if ask.has_role(network, person, each, on))
    return roles, place, _kind(network, place)


def _kind(network: Network, place: str) -> Kind:
    if ask.center(network, place):
        return "center"
    if ask.site(network, place):
        return "site"
    if ask.payer(network, place):
        return "payer"
    return "courier" if place == "couriers" else "office"


def _network() -> Network | None:
    try:
        return definitions.network(definitions.current("network", settings.LIVINGDRUG_NETWORK))
    except UnknownName:
        return None  # an empty store: only offices can sign in, and they see that it is empty


def _open(account: Account, at: datetime) -> list[str]:
    return list(Glass.objects.filter(account=account, until__gt=at).values_list("journey", flat=True))
