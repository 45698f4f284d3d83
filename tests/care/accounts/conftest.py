"""Accounts to test with: a store with the network of the library, and visitors of every role who sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from entrance import PASSWORD, Clock

from livingdrug.care import clock


@pytest.fixture
def time_(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the service, standing at `NOW`."""
    made = Clock()
    monkeypatch.setattr(clock, "now", made)
    return made


@pytest.fixture
def store(sqlite: str, settings: Any) -> Iterator[str]:
    """An empty store in use, with quick passwords, and nothing remembered of earlier tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LIVINGDRUG_IDLE_SECONDS, settings.LIVINGDRUG_SESSION_SECONDS = 15 * 60, 12 * 3600
    cache.clear()
    yield sqlite
    cache.clear()


MakeAccount = Callable[..., Any]


@pytest.fixture
def account(store: str) -> MakeAccount:
    """The account of a person of the network, or of an office: `account("chop-physician-1")`, `account(office="auditor")`."""
    from livingdrug.care.accounts.models import Account

    def made(person: str = "", *, office: str = "", password: str | None = PASSWORD, **more: Any) -> Any:
        about = {"name": (person or office).capitalize(), "person": person, "extra_roles": [office] if office else []}
        return Account.objects.create_user(f"{person or office}@example.org", password, **(about | more))

    return made
