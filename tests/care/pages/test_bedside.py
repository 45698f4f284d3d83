"""The bedside: a look is charted in seconds on a phone, graded as it is typed, and refused where it cannot be true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from stages import Told

from livingdrug.care import store
from livingdrug.journey import events as e


def where(told: Told, name: str = "infused", twin: bool = False) -> str:
    return f"/journeys/{told[name]}/bedside" + (".json" if twin else "")


def shown(client: Client, told: Told, name: str = "infused") -> dict[str, Any]:
    return client.get(where(told, name, twin=True)).json()


def form(client: Client, told: Told, name: str = "infused", **typed: Any) -> dict[str, Any]:
    """A look without fault, changed by what is given; None takes a field away."""
    content = shown(client, told, name)
    start = {"do": "chart", "version": content["version"], "key": content["key"], "temperature": "38.9", "vasoactive": "3",
             "oxygen": "1", "consciousness": "0", "capd": "4"}  # fmt: skip
    return {key: value for key, value in (start | typed).items() if value is not None}


def last(told: Told, name: str = "infused") -> e.Event:
    return store.latest(told[name]).state.history[-1]


def test_the_bedside_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "bedside nurse")
    for name in ("infused", "severe", "released"):
        page.goto(where(store_, name))
        assert violations(page) == []
        picture(page, f"bedside-{name}")
