"""What tests of the accounts share: a password, a clock that is moved by hand, and the way in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import test

PASSWORD = "lapwing-granite-orbit-7"
NOW = datetime(2026, 3, 2, 15, 20, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Later by that much: `move(minutes=15)`."""
        self.at += timedelta(**by)


def Client(**more: Any) -> Any:
    """A browser without a window; Django does not say what its answers have, so its type is left open."""
    return test.Client(**more)


def sign_in(client: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    """What the sign-in page answers."""
    return client.post("/accounts/login/", {"login": email, "password": password, **more})
