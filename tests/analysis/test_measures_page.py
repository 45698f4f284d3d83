"""docs/measures.md shows the endpoints, measures and targets that are in the code."""

from pathlib import Path

from livingdrug.analysis.describe import renewed
from livingdrug.analysis.measures import MEASURES

PAGE = Path(__file__).parents[2] / "docs/measures.md"


def test_the_page_is_as_generated():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m livingdrug.analysis.describe docs/measures.md"


def test_the_page_names_every_measure():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in MEASURES if f"| `{name}` |" not in page] == []
