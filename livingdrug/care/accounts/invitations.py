"""Accounts begin with an invitation: a link that is handed over, works once, and only for some days."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from livingdrug.care import clock
from livingdrug.care.access import HERE, Source, audit
from livingdrug.care.accounts.models import OFFICES, Account, Invitation
from livingdrug.care.chain import digest
from livingdrug.care.definitions import current, network
from livingdrug.care.transactions import atomic
from livingdrug.errors import BadInput, Complaint, UnknownName
from livingdrug.network.schema import people

__all__ = [
    "DAYS",
    "accept",
    "create",
    "deactivate",
    "forget_factor",
    "invite",
    "known_people",
    "link_of",
    "path_of",
    "standing",
]

DAYS = 7
"""Days for which a link works."""


def invite(
    email: str,
    name: str,
    *,
    by: str,
    person: str = "",
    extra_roles: Sequence[str] = (),
    now: datetime | None = None,
    source: Source = HERE,
) -> str:
    """The token of a new invitation; for an address that has an account, to a new password and to be opened again.

    Earlier links of the same address stop working. Raises `BadInput`.
    """
    address, at = _checked(email, name, person, extra_roles), now or clock.now()
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(email=address, used=None).update(used=at)
    Invitation.objects.create(
        digest=digest(token), email=address, name=name.strip(), person=person, extra_roles=list(extra_roles),
        made=at, made_by=by, expires=at + timedelta(days=DAYS),
    )  # fmt: skip
    audit(by, "C", f"invitation of {address}", source=source)
    return token


def path_of(token: str) -> str:
    """The address of an invitation on this service."""
    return f"/accounts/invitation/{token}/"


def link_of(token: str) -> str:
    """The whole link, as far as the settings know the name of the service; in a demo, of one on this machine."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    return f"http://{host}:8000{path_of(token)}" if settings.DEMO else f"https://{host}{path_of(token)}"


def standing(token: str, now: datetime | None = None) -> Invitation | None:
    """The invitation of a token, if it still works."""
    at = now or clock.now()
    return Invitation.objects.filter(digest=digest(token), used=None, expires__gt=at).first()


def accept(token: str, password: str, now: datetime | None = None) -> Account:
    """The account, with that password; the link is spent. Raises `BadInput` for a bad link or password."""
    at = now or clock.now()
    found = standing(token, at)
    if found is None:
        raise BadInput.at("invitation", "this link was used, withdrawn, or has expired; ask for a new one")
    _check_password(password, Account(email=found.email, name=found.name))
    with atomic():
        # The row itself decides between two who use one link at once.
        if not Invitation.objects.filter(pk=found.pk, used=None).update(used=at):
            raise BadInput.at("invitation", "this link was used just now; ask for a new one")
        account = _account_of(found)
        account.set_password(password)
        account.save()
    audit(account.email, "U", "invitation accepted")
    return account


def create(
    email: str,
    name: str,
    *,
    by: str,
    password: str | None = None,
    person: str = "",
    extra_roles: Sequence[str] = (),
    check: bool = True,
) -> Account:
    """An account without an invitation; without a password it signs in through the identity provider. Raises `BadInput`."""
    address = _checked(email, name, person, extra_roles)
    if Account.objects.filter(email=address).exists():
        raise BadInput.at(address, "has an account already; invite it to give it a new password")
    if password is not None and check:
        _check_password(password, Account(email=address, name=name))
    about = {"name": name.strip(), "person": person, "extra_roles": list(extra_roles)}
    account = Account.objects.create_user(address, password, **about)
    audit(by, "C", f"account {address}")
    return account


def deactivate(email: str, *, by: str, source: Source = HERE) -> None:
    """Nobody signs in with the account any more, and its sessions end with their next request. Raises `UnknownName`."""
    account = _known(email)
    at = clock.now()
    Invitation.objects.filter(email=account.email, used=None).update(used=at)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    audit(by, "U", f"account {account.email} deactivated", source=source)


def forget_factor(email: str, *, by: str) -> None:
    """Remove a lost second factor with its recovery codes; who signs has to set up a new one. Raises `UnknownName`."""
    account = _known(email)
    Authenticator.objects.filter(user_id=account.pk).delete()
    audit(by, "U", f"second factor of {account.email} removed")


def _known(email: str) -> Account:
    account = Account.objects.filter(email=email.lower()).first()
    if account is None:
        raise UnknownName.among("account", email, Account.objects.values_list("email", flat=True))
    return account


def known_people() -> list[str]:
    """Everybody in the network whose account may be made."""
    return [each.id for _, each in people(network(current("network", settings.LIVINGDRUG_NETWORK)))]


def _account_of(found: Invitation) -> Account:
    """The account that was invited, new or the one of that address, as whoever invited wants it."""
    account = Account.objects.select_for_update().filter(email=found.email).first() or Account(email=found.email)
    account.name, account.person, account.extra_roles = found.name, found.person, found.extra_roles
    account.is_active, account.failed, account.locked_until = True, 0, None
    return account


def _checked(email: str, name: str, person: str, extra_roles: Sequence[str]) -> str:
    """The address as it is stored; raises `BadInput` with every complaint."""
    address, found = email.strip().lower(), list[Complaint]()
    try:
        validate_email(address)
    except ValidationError:
        found.append(Complaint("email", f"{email!r} is no address; write it as name@hospital.example"))
    if not name.strip():
        found.append(Complaint("name", "is empty; it is shown and printed with signatures"))
    found += [Complaint("role", f"{each!r} is none of {', '.join(OFFICES)}") for each in extra_roles if each not in OFFICES]
    if person:
        found += _unknown_person(person)
    if not person and not extra_roles:
        found.append(
            Complaint("person", "is empty, and so are the roles; name a person of the network, or auditor or administrator")
        )
    if found:
        raise BadInput(*found)
    return address


def _unknown_person(person: str) -> list[Complaint]:
    known = known_people()
    return [] if person in known else list(UnknownName.among("person", person, known, where="person").complaints)


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise BadInput(*(Complaint("password", str(each).rstrip(".")) for each in error.messages)) from error
