"""Make, find and take back tokens. A secret is shown once; its digest is kept, and no answer tells two wrong ones apart."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from livingdrug.care import clock
from livingdrug.care.access import noted
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.who import Visitor, visitor_of
from livingdrug.care.api.models import SCOPES, Token
from livingdrug.care.transactions import ACCESS, tried_again, writing
from livingdrug.errors import BadInput, UnknownName

__all__ = ["Caller", "create", "find", "forget", "listed", "revoke", "why_not"]

PREFIX = "ld_"
"""A secret that is found lying around is known for what it is."""
KEPT_SECONDS = 5.0
"""How long a found token is not looked up again; a revoked one may work this much longer."""
USED = timedelta(minutes=1)
"""How exactly it is known when a token was last used."""
HERE = "command line"
"""Who makes and takes back tokens, as the trail names them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request of the API comes from: a token, and the visitor that its account is today."""

    token: int
    visitor: Visitor
    scopes: frozenset[str]

    @property
    def account(self) -> str:
        """How the trail names the caller: the account, and the token that spoke for it."""
        return f"{self.visitor.account} (token {self.token})"


def create(email: str, scopes: Sequence[str], *, days: int = 90, about: str = "", by: str = HERE) -> str:
    """A new token of an account; returns the secret, which is not kept. Raises `UnknownName` or `BadInput`."""
    account = Account.objects.filter(email=email.lower(), is_active=True).first()
    if account is None:
        raise UnknownName.among("account", email, Account.objects.values_list("email", flat=True))
    unknown = [each for each in scopes if each not in SCOPES]
    if unknown or not scopes:
        raise UnknownName.among("scope", unknown[0] if unknown else "", SCOPES)
    if not 1 <= days <= 366:
        raise BadInput.at("days", f"{days} is outside 1 to 366; a token that lives longer is a password that nobody changes")
    secret = PREFIX + secrets.token_urlsafe(32)
    _kept_and_noted(account, secret, sorted(set(scopes)), about, clock.now() + timedelta(days=days), by)
    return secret


def _kept_and_noted(account: Account, secret: str, scopes: list[str], about: str, expires: datetime, by: str) -> None:
    def work() -> None:
        with writing(ACCESS):
            row = Token.objects.create(digest=_digest(secret), account=account, scopes=scopes, about=about, expires=expires)
            noted(by, "C", f"token {row.id} of {account.email}: {', '.join(scopes)} until {expires:%Y-%m-%d}")

    tried_again(work)


def listed() -> list[Token]:
    """All tokens, oldest first."""
    return list(Token.objects.select_related("account"))


def revoke(number: int, by: str = HERE) -> None:
    """Take a token back. Raises `UnknownName`."""

    def work() -> bool:
        with writing(ACCESS):
            there = bool(Token.objects.filter(id=number, revoked=None).update(revoked=clock.now()))
            if there:
                noted(by, "U", f"token {number} revoked")
            return there

    if not tried_again(work):
        known = Token.objects.filter(revoked=None).values_list("id", flat=True)
        raise UnknownName.among("token", str(number), [str(each) for each in known])
    forget()


_kept: dict[str, tuple[float, Caller]] = {}
_lock = threading.Lock()


def find(secret: str) -> Caller | None:
    """The caller whose secret this is; None for any other, an expired or a revoked one."""
    digest, now = _digest(secret), time.monotonic()
    with _lock:
        kept = _kept.get(digest)
    if kept and now - kept[0] < KEPT_SECONDS:
        return kept[1]
    row = Token.objects.filter(digest=digest, revoked=None, expires__gt=clock.now()).select_related("account").first()
    visitor = visitor_of(row.account) if row else None
    if row is None or visitor is None:
        return None
    _used(row)
    caller = Caller(row.id, visitor, frozenset(row.scopes))
    with _lock:
        if len(_kept) > 10_000:
            _kept.clear()
        _kept[digest] = (now, caller)
    return caller


def why_not(secret: str) -> tuple[str, str]:
    """Whose token a secret is that `find` does not know, as the trail names it, and why it opens nothing."""
    row = Token.objects.filter(digest=_digest(secret)).select_related("account").first()
    if row is None:
        return "", "no such token"
    why = "revoked" if row.revoked else "expired" if row.expires <= clock.now() else "the account is not active"
    return f"{row.account.email} (token {row.id})", why


def _used(row: Any) -> None:
    now = clock.now()
    if row.last_used is None or now - row.last_used >= USED:
        Token.objects.filter(id=row.id).update(last_used=now)


def forget() -> None:
    """Look every token up again."""
    with _lock:
        _kept.clear()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
