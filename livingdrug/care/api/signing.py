"""Signatures over the API: the scope, the account's password again, and the service's own event for each act that is signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from livingdrug.care import clock
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.signing import SIGNED_ACTS, signed, why_not_signed
from livingdrug.care.api.acts import SIGNS
from livingdrug.care.api.gatekeeper import refuse
from livingdrug.care.api.tokens import Caller
from livingdrug.care.models import Outcome
from livingdrug.journey.events import Event

__all__ = ["authorize", "time_of", "with_signatures"]


def authorize(request: HttpRequest, who: Caller, events: Sequence[Event], password: str | None, journey: str) -> None:
    """Nothing where no event is signed, or all may be; asked once a request. Raises `HttpError` 403."""
    wanted = dict.fromkeys(each.name for each in events if each.name in SIGNS)
    if not wanted:
        return
    listed = ", ".join(wanted)
    if "sign" not in who.scopes:
        refuse(request, who, f"{listed} is signed, and the token has no scope sign; make one with it", journey=journey)
    if password is None:
        says = f'{listed} is signed: send the password of the account beside the events, as "password"'
        refuse(request, who, says, journey=journey)
    account = Account.objects.filter(email=who.visitor.account).first()
    if account is None or (wrong := why_not_signed(account, password)):
        refuse(request, who, f"password: {wrong if account else 'there is no such account'}", journey=journey)


def with_signatures(events: Sequence[Event], version: int, by: str, at: datetime) -> list[Event]:
    """The events, each act that takes a signature followed by it; `version` is the journey's before them."""
    made: list[Event] = []
    for each in events:
        made.append(each)
        if each.name in SIGNED_ACTS:
            made.append(signed(each, version + len(made), SIGNED_ACTS[each.name], by, at))
    return made


def time_of(account: str, key: str) -> datetime:
    """When a request was first recorded, or now: sent again with its key, it is the same to the last byte."""
    found = Outcome.objects.filter(account=account, key=key).values_list("recorded", flat=True).first()
    return clock.moment(found) if found else clock.now()
