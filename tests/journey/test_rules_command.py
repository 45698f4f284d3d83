"""`livingdrug rules`: a list by day and act, one rule whole, and sentences for what is not there."""

from __future__ import annotations

import json

import pytest

from livingdrug.cli import run
from livingdrug.commands.ending import ExitStatus
from livingdrug.journey.rules.library import RULES


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]):
    def saying(*arguments: str) -> tuple[ExitStatus, str, str]:
        status = run(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return saying


def test_the_list_has_every_rule(say) -> None:
    status, out, _ = say("rules")
    assert status == ExitStatus.FINE
    assert all(number in out for number in RULES)
    assert f"{len(RULES)} rules" in out


def test_rules_of_a_day_and_an_act(say) -> None:
    def numbers(*arguments: str) -> set[str]:
        return {row["rule"] for row in json.loads(say("rules", "--json", *arguments)[1])}

    before, after = numbers("--act", "infused", "--on", "2025-06-25"), numbers("--act", "infused", "--on", "2025-06-26")
    assert before - after == {"INF-003", "INF-005"}
    assert not after - before


def test_one_rule_whole(say) -> None:
    _, out, _ = say("rules", "show", "inf-003")
    assert "from 2017-08-30 to the day before 2025-06-26" in out
    assert RULES["INF-003"].example in out
    assert json.loads(say("rules", "show", "INF-003", "--json")[1])["waivers"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rules", "show", "INF-999"), "no rule 'INF-999'"),
        (("rules", "--on", "June"), "not a day"),
        (("rules", "--act", "infusd"), "nearest: infused"),
    ],
)
def test_what_is_not_there_gets_a_sentence(say, arguments: tuple[str, ...], says: str) -> None:
    status, _, err = say(*arguments)
    assert status == ExitStatus.BAD_INPUT
    assert says in err
