"""The README keeps its word: its Python runs and prints what it shows, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from livingdrug.biology.models import names

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_prints_what_the_readme_shows(capsys: pytest.CaptureFixture[str]) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    [output] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    exec(compile(program, "README.md", "exec"), {})
    rows = [re.findall(r"[│┆] (\S+(?: \S+)*) +(?=[│┆])", row) for row in capsys.readouterr().out.splitlines()]
    shown = [re.findall(r"[│┆] (\S+(?: \S+)*) +(?=[│┆])", row) for row in output.splitlines()]
    assert len(shown) > 6
    for printed, told in zip(rows, shown, strict=True):
        assert len(printed) == len(told)
        for one, other in zip(printed, told, strict=True):
            # Another processor may round a patient across a limit.
            assert one == other or int(one) == pytest.approx(int(other), abs=5)


def test_the_readme_counts_the_models() -> None:
    assert f"{len(names())} models" in README


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
