"""Every rule has an example that it refuses, and says so in a sentence that tells what would clear it."""

from __future__ import annotations

import pytest
from rule_examples import EXAMPLES, refusal
from story import Story

from livingdrug.journey.rules.library import RULES

S = Story()


def test_there_is_an_example_of_every_rule() -> None:
    assert sorted(EXAMPLES) == sorted(RULES)


@pytest.mark.parametrize("number", EXAMPLES)
def test_a_rule_refuses_its_example_in_words(number: str) -> None:
    found = refusal(S, EXAMPLES[number](S))
    assert number in found, f"refused by {sorted(found) or 'nothing'}"
    assert len(found[number].split()) > 3, found[number]
    assert not found[number].endswith(".")
