"""Every rule is needed: once it is switched off, nothing else says what it said about its example."""

from __future__ import annotations

import pytest
from rule_examples import EXAMPLES, refusal, switched_off
from story import Story

S = Story()


@pytest.mark.parametrize("number", EXAMPLES)
def test_a_rule_that_is_switched_off_is_missed(number: str) -> None:
    example = EXAMPLES[number](S)
    found = set(refusal(S, example))
    assert number in found
    with switched_off(number):
        assert set(refusal(S, example)) == found - {number}
