"""The board: who is stopped, late or about to miss a window comes first, and everybody sees only what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from stages import Told


def sections(client: Client, where: str = "/board.json") -> dict[str, list[str]]:
    """The patients in each section of the board."""
    content = client.get(where).json()
    return {each["id"]: [line["patient"] for line in each["lines"]] for each in content["sections"]}


def patients(client: Client, where: str = "/board.json") -> list[str]:
    return [each["patient"] for each in client.get(where).json()["rows"]]


def test_the_start_page_is_the_board_of_a_coordinator(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("coordinator").get("/", follow=True)
    assert answer.status_code == 200
    assert "patient-34" in answer.content.decode()


def test_the_board_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any) -> None:
    page = enter(browser, "coordinator")
    page.goto("/board")
    assert page.locator("h1").inner_text() == "Board"
    assert violations(page) == []
    picture(page, "board")
