"""Wrong passwords and codes are counted, on the account itself, whatever asked: sign-in, a signature, a second process.

After `TRIES` in a row no password is right for `LOCK_MINUTES`. Nothing tells who is outside whether there is such an account:
a wrong password, a locked account and an unknown address take the same time and get the same sentence.
"""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import datetime, timedelta

from django.db.models import F

from livingdrug.care import clock
from livingdrug.care.accounts.models import Account

__all__ = ["LOCK_MINUTES", "TRIES", "count", "forgive", "is_right", "left", "waste"]

TRIES = 5
LOCK_MINUTES = 15


def is_right(account: Account, password: str, *, forgiving: bool = True) -> bool:
    """Whether a password is the account's. A wrong one counts; the right one forgives the wrong ones before it.

    Signing in forgives only once it is complete: the right password must not buy more guesses at a code.
    """
    now = clock.now()
    account.refresh_from_db(fields=["password", "failed", "locked_until", "is_active"])
    # Computed where the account is locked, so that nothing can be told from the time of the answer.
    known = forgiving and not account.is_locked(now) and _is_known(account, password)
    right = known or account.check_password(password)
    if account.is_locked(now):
        return False
    if right:
        if forgiving:
            forgive(account)
            _remember(account, password)
        return account.is_active
    count(account, now)
    return False


def left(account: Account, now: datetime) -> int:
    """How many wrong passwords are left before the account is locked; 0 while it is."""
    return 0 if account.is_locked(now) else TRIES - account.failed


def waste(password: str) -> None:
    """Compute as long as for a password of somebody, for nobody."""
    Account().set_password(password)


def forgive(account: Account) -> None:
    """Forget what was wrong before."""
    if account.failed or account.locked_until:
        Account.objects.filter(pk=account.pk).update(failed=0, locked_until=None)
        account.failed, account.locked_until = 0, None


def count(account: Account, now: datetime) -> None:
    """One more wrong one; counted by the database, so that guesses that are made at once all count."""
    Account.objects.filter(pk=account.pk).update(failed=F("failed") + 1)
    account.refresh_from_db(fields=["failed"])
    if account.failed >= TRIES:
        until = now + timedelta(minutes=LOCK_MINUTES)
        Account.objects.filter(pk=account.pk).update(failed=0, locked_until=until)
        account.failed, account.locked_until = 0, until


# Whoever signs a lot -------------------------------------------------------------------------------------------------------

KEPT_SECONDS = 300
"""For so long a password that was right need not be computed again for the next signature: that takes a fifth of a second of a
processor on purpose, and somebody who releases product after product would keep the service busy with nothing else."""

_process_key = secrets.token_bytes(32)
_known: dict[int, tuple[float, bytes]] = {}


def _digest(account: Account, password: str) -> bytes:
    """Of this process alone, and of the stored hash too: a password that is changed is no longer known."""
    return hmac.digest(_process_key, f"{account.password}\n{password}".encode(errors="surrogatepass"), "sha256")


def _is_known(account: Account, password: str) -> bool:
    until, digest = _known.get(account.pk, (0.0, b""))
    return time.monotonic() < until and hmac.compare_digest(digest, _digest(account, password))


def _remember(account: Account, password: str) -> None:
    if len(_known) > 10_000:
        _known.clear()
    _known[account.pk] = (time.monotonic() + KEPT_SECONDS, _digest(account, password))
