"""Every requirement has its tests, every rule its requirement, and the validation page says what ran."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path

import pytest

from livingdrug.journey.rules.library import RULES

HERE = Path(__file__).parent
ROOT = HERE.parent

spec = importlib.util.spec_from_file_location("validate", ROOT / "docs" / "validate.py")
assert spec
assert spec.loader
validate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(validate)

TREE = validate.stories()
STORIES = {story["id"]: story for story in TREE["story"]}


def names_of(file: Path) -> set[str]:
    """The tests of a file, those of state machines included."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name.startswith("test")}
    assigned = [target for each in tree.body if isinstance(each, ast.Assign) for target in each.targets]
    return named | {each.id for each in assigned if isinstance(each, ast.Name) and each.id.startswith("Test")}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_requirement_of_high_risk_has_tests_and_every_test_it_names_is_there(story) -> None:
    assert story["tests"] or story["risk"] != "high", f"{story['id']} is of high risk and has no test"
    for named in story["tests"]:
        file, _, name = named.partition("::")
        assert (ROOT / file).is_file(), f"{story['id']} names {file}, which is not there"
        assert name in ("", *names_of(ROOT / file)), f"{story['id']} names {named}, which is not there"
        assert names_of(ROOT / file), f"{file} holds no test"


def test_every_rule_has_a_requirement_and_every_pattern_means_a_rule() -> None:
    held = {number for story in STORIES.values() for number in validate.rules_of(story)}
    assert held == set(RULES), f"no requirement names {sorted(set(RULES) - held)}"
    for story in STORIES.values():
        for pattern in story["rules"]:
            assert validate.rules_of({"rules": [pattern]}), f"{story['id']} names {pattern}, which is no rule"


def test_requirements_are_complete_and_have_one_number_each() -> None:
    assert len(STORIES) == len(TREE["story"])
    for story in STORIES.values():
        assert set(story) == {"id", "title", "who", "need", "risk", "rules", "tests", "clauses"}
        assert story["risk"] in ("high", "medium", "low")


def test_every_clause_of_part_11_is_held_or_said_to_be_open() -> None:
    for clause in TREE["clause"]:
        held = [story["id"] for story in TREE["story"] if clause["id"] in story["clauses"]]
        assert held or clause.get("open"), f"{clause['id']} is neither held nor said to be open"


def test_the_page_is_what_the_stories_and_the_stored_run_make() -> None:
    run = json.loads(validate.RUN.read_text(encoding="utf-8"))
    assert validate.PAGE.read_text(encoding="utf-8") == validate.page(TREE, run), "run: python docs/validate.py"


def test_the_stored_run_has_every_test_that_a_requirement_names_and_none_failed() -> None:
    run = json.loads(validate.RUN.read_text(encoding="utf-8"))
    for story in STORIES.values():
        for named in story["tests"]:
            counted = validate.ran(run, named)
            assert counted["passed"], f"{named} of {story['id']} is not in the stored run; run: make validation"
            assert not counted["failure"] + counted["error"], f"{named} failed in the stored run"
