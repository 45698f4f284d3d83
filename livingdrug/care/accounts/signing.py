"""Electronic signatures (21 CFR 11.50, 11.70, 11.200): the password again, a meaning, and a digest of what was signed."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from livingdrug.care import clock
from livingdrug.care.accounts import attempts
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.who import account_of
from livingdrug.journey import codec
from livingdrug.journey import events as e
from livingdrug.journey.events import Event, Signed

__all__ = ["MEANINGS", "SIGNED_ACTS", "sign_again", "signed", "why_not_signed"]

MEANINGS = {
    "approval": "I approve what is recorded here.",
    "rejection": "I reject what is recorded here.",
    "review": "I have reviewed what is recorded here.",
    "responsibility": "I take responsibility for what is recorded here.",
    "authorship": "I wrote what is recorded here, and it is true.",
}
"""What a signature can mean, in the words that are shown and printed with it (21 CFR 11.50(a)(3))."""

SIGNED_ACTS: dict[str, str] = {
    e.ExceptionalReleaseApproved.name: "approval",
    e.ProductReleased.name: "approval",
    e.ProductRejected.name: "rejection",
    e.GatePassed.name: "responsibility",
    e.DeviationClosed.name: "review",
    e.ResultInvalidated.name: "responsibility",
    e.Corrected.name: "authorship",
    e.Overridden.name: "responsibility",
    e.GradeOverridden.name: "responsibility",
    e.MilestoneSettled.name: "approval",
}
"""Acts that are not recorded without a signature, by stored name, and what it means."""


def sign_again(request: HttpRequest, password: str) -> str | None:
    """None where the password is that of who is signed in; else a sentence, and it counts towards the lock-out."""
    account = account_of(request)
    return "sign in first" if account is None else why_not_signed(account, password)


def why_not_signed(account: Account, password: str) -> str | None:
    """None where the password is that of the account; else a sentence, and it counts towards the lock-out."""
    if not account.has_usable_password():
        return "your account has no password to sign with; choose one under My account"
    if attempts.is_right(account, password):
        return None
    left = attempts.left(account, clock.now())
    if left:
        return f"this is not your password; {left} {'attempt is' if left == 1 else 'attempts are'} left"
    return f"too many wrong passwords; signing is locked for {attempts.LOCK_MINUTES} minutes"


def signed(event: Event, position: int, meaning: str, by: str, at: datetime) -> Signed:
    """The signature on an event that is to stand at that position; append both in one transaction."""
    return Signed(at=at, by=by, position=position, meaning=meaning, digest=codec.digest(event))
