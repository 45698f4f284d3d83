"""The pages of the record are what the code makes, and their example prints what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingdrug.journey.describe import events, renewed, rules
from livingdrug.journey.kinds import BY_NAME
from livingdrug.journey.rules.library import RULES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["rules.md", "events.md"])
def test_the_page_is_what_the_code_makes(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m livingdrug.journey.describe docs/rules.md docs/events.md"


def test_every_rule_and_event_is_on_its_page() -> None:
    assert {row["rule"] for row in rules()} == set(RULES)
    assert [row["event"] for row in events()] == list(BY_NAME)
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert all(f"### {number}:" in text for number in RULES)


def test_the_example_of_the_record_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "record.md").read_text(encoding="utf-8")
    exec(page.split("```python\n")[1].split("```")[0], {})
    assert capsys.readouterr().out == page.split("```text\n")[1].split("```")[0]
