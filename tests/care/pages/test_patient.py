"""The patient page: what may happen next, what may not and why, and all that happened, corrected and signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stages import Told


def test_the_patient_page_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told
) -> None:
    page = enter(browser, "physician")
    page.goto(f"/journeys/{store_['response assessed']}")
    assert violations(page) == []
    picture(page, "patient-physician")
    page = enter(browser, "coordinator")
    page.goto(f"/journeys/{store_['swapped']}")
    for each in page.locator("summary").all():
        each.click()
    picture(page, "patient-swapped")
    assert violations(page) == []
