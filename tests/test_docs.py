"""Documentation that cannot rot: what exists is documented, and the commands that are documented exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from livingdrug.cli import ExitStatus, app

ROOT = Path(__file__).parent.parent
COMMAND_LINE = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def verbs(of: App, before: str = "livingdrug") -> Iterator[str]:
    """Every verb as it is typed: "livingdrug version", "livingdrug models show"."""
    for name in of:
        if not name.startswith("-"):
            yield f"{before} {name}"
            yield from verbs(of[name], f"{before} {name}")


def code(page: Path) -> list[str]:
    """The lines of the fenced blocks and the inline code of a page."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    return [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()] + inline


def words_of(page: Path, command: str) -> list[list[str]]:
    """The words that follow `command` wherever code on the page calls it."""
    return [
        line.removeprefix(".venv/bin/").split("#")[0].split()[1:]
        for line in code(page)
        if re.match(rf"(\.venv/bin/)?{command}( |$)", line)
    ]


@pytest.mark.parametrize("verb", list(verbs(app)))
def test_every_verb_has_a_heading_in_the_command_line_page(verb: str) -> None:
    assert re.search(rf"^##+ `{re.escape(verb)}`", COMMAND_LINE, re.MULTILINE), f"docs/command-line.md: add ## `{verb}`"


def test_every_exit_status_is_documented_with_its_meaning() -> None:
    rows = re.findall(r"^\| (\d+) +\|", COMMAND_LINE, re.MULTILINE)
    assert [int(row) for row in rows] == [status.value for status in ExitStatus]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_make_targets_on_a_page_exist(page: Path) -> None:
    missing = [words[0] for words in words_of(page, "make") if words and "=" not in words[0] and words[0] not in TARGETS]
    assert not missing, f"{page.name} mentions make targets that do not exist: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_on_a_page_exist(page: Path) -> None:
    known = {*verbs(app), "livingdrug"}
    for words in words_of(page, "livingdrug"):
        verb = " ".join(["livingdrug", *(word for word in words[:1] if re.fullmatch(r"[a-z][a-z-]*", word))])
        assert verb in known, f"{page.name} shows {verb!r}, which is no command"


def test_every_make_target_says_what_it_does() -> None:
    explained = re.findall(r"^([a-z]+):.*## \S", MAKEFILE, re.MULTILINE)
    assert explained == TARGETS
