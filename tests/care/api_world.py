"""What the tests of the API have in common: journeys that were told, callers of every kind, and requests as they send them."""

from __future__ import annotations

import importlib.util
import json
import sys
import uuid
from pathlib import Path
from typing import Any

from django.test import Client

from livingdrug.care import store

__all__ = ["PASSWORD", "SCOPES", "account", "client", "get", "key", "post", "put", "story", "tag", "token", "told"]

PASSWORD = "quiet-harbor-lantern-7"
SCOPES = ("read", "act", "sign", "export", "names", "audit")


def _story() -> Any:
    """The module of the story of `tests/journey`, under a name of its own."""
    path = Path(__file__).parents[1] / "journey" / "story.py"
    spec = importlib.util.spec_from_file_location("journey_story", path)
    assert spec is not None
    assert spec.loader is not None
    if spec.name not in sys.modules:
        made = sys.modules.setdefault("journey_story", importlib.util.module_from_spec(spec))
        spec.loader.exec_module(made)
    return sys.modules["journey_story"]


story = _story()


def told(number: int = 1, until: int | None = None, **about: Any) -> tuple[str, Any]:
    """A journey in the store, of so many events of the story; its id, and the story."""
    whole = story.Story(number=number, **about)
    events = list(story.events(whole))[:until]
    begun = store.start(events[0], "test")
    assert isinstance(begun, store.Appended), begun
    if len(events) > 1:
        done = store.append(begun.journey, events[1:], 1, "test")
        assert isinstance(done, store.Appended), done
    return begun.journey, whole


def account(name: str, password: str | None = None) -> Any:
    """The account of a person of the network, or of an office, made where there is none."""
    from livingdrug.care.accounts.models import OFFICES, Account

    email = f"{name}@example.org"
    found = Account.objects.filter(email=email).first()
    if found is None:
        office = name in OFFICES
        about = {"email": email, "name": name, "person": "" if office else name, "extra_roles": [name] if office else []}
        found = Account(password="!", **about)  # a real password takes long to make
        found.save()
    if password is not None:
        found.set_password(password)
        found.save()
    return found


def token(name: str, *scopes: str, days: int = 1) -> str:
    """The secret of a new token of somebody; with every scope, if none is named."""
    from livingdrug.care.api import tokens

    return tokens.create(account(name).email, scopes or SCOPES, days=days)


def get(path: str, secret: str, **headers: str) -> Any:
    """One reading."""
    return client().get(f"/api/v1{path}", headers=_headers(secret, headers))


def post(path: str, secret: str, content: Any, **headers: str) -> Any:
    """One writing, with a key of its own where none is given."""
    given = {"Idempotency-Key": key(), **_headers(secret, headers)}
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return client().post(f"/api/v1{path}", text, content_type="application/json", headers=given)


def put(path: str, secret: str, content: Any) -> Any:
    """One writing over what was there."""
    return client().put(f"/api/v1{path}", json.dumps(content), content_type="application/json", headers=_headers(secret, {}))


def tag(id: str, secret: str) -> str:
    """The ETag of a journey as it is now."""
    return get(f"/journeys/{id}", secret).headers["ETag"]


def key() -> str:
    """A key that no request had."""
    return uuid.uuid4().hex


def client() -> Any:
    """Sends requests to the service within this process; what would be a bug is an answer."""
    return Client(raise_request_exception=False)


def _headers(secret: str, more: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): value for name, value in more.items()}}
