"""Every step has a page that says what its module says, with the numbers it reads."""

import importlib.util
from pathlib import Path

import pytest

from livingdrug.simulate.numbers import KNOWN

PAGES = Path(__file__).parents[2] / "docs" / "steps"
SPEC = importlib.util.spec_from_file_location("generate_steps", PAGES / "generate.py")
assert SPEC
assert SPEC.loader
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)


@pytest.mark.parametrize("step", generate.STEPS)
def test_a_page_says_what_is_and_is_not_modeled(step):
    text = (PAGES / f"{step}.md").read_text(encoding="utf-8")
    assert text == generate.page(step), f"docs/steps/{step}.md is out of date: run python docs/steps/generate.py"
    assert "**Modeled:**" in text
    assert "**Not modeled:**" in text


def test_every_number_stands_on_a_page():
    sections = {section for each in generate.STEPS.values() for section in each}
    assert {key.partition(".")[0] for key in KNOWN} == sections
