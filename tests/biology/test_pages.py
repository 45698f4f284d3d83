"""Each shipped model has a page whose generated parts are those of the model file, and the list of models names it."""

from pathlib import Path

import pytest

from livingdrug.biology.describe import describe, formula, number, page_parts
from livingdrug.biology.model import Declaration, Max, Piecewise
from livingdrug.biology.models import load, names

PAGES = Path(__file__).parents[2] / "docs" / "models"


@pytest.mark.parametrize("name", names())
def test_page_says_what_the_model_file_says(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    for part in page_parts(load(name)):
        assert part in page, f"docs/models/{name}.md is out of date: run python docs/models/generate.py"
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["## Population", "## Source trace", "## Replication", "## Assumptions and deviations"]


def test_index_lists_every_model_and_nothing_else():
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    listed = index.split("```{toctree}")[1].split("```")[0].split("\n\n")[1].split()
    assert sorted(listed) == sorted(names())
    assert {path.stem for path in PAGES.glob("*.md")} == {"index", *names()}


@pytest.mark.parametrize("name", names())
def test_every_parameter_has_a_source(name):
    assert [each.name for each in load(name).parameters if not each.source] == []


@pytest.mark.parametrize("name", names())
def test_every_model_states_its_deviations_and_population(name):
    model = load(name)
    assert model.deviations
    assert model.population
    assert model.citation


def test_formula_reads_in_words():
    m = Declaration("small", "Small", "nowhere")
    a = m.parameter("a", 2, "1")
    assert formula(Piecewise((a**2, m.time < a), (0, True))) == "(a^2 if t < a, else 0)"
    assert formula(Piecewise((1, a > 0), (2, a < -1))) == "(1 if a > 0, 2 if a < -1)"
    assert formula(Max(a, 3)) == "max(3, a)"


def test_number_is_short():
    texts = ["0", "24000", "0.0079", "1.2e8", "5e-13", "-3e6", "0.01666666667"]
    assert [number(float(text)) for text in texts] == texts


def test_description_of_a_small_model():
    m = Declaration("small", "Small", "nowhere", doi="10.1/2", population="nobody", deviations=("none",))
    a = m.parameter("a", 2, "1/day", "rate", highest=3, source="guess", spread=0.5)
    x = m.state("x", "cells", "cells", initial=10)
    m.rates({x: a * x})
    m.when("much", x - 100, then={x: 0}, after=2, times=3)
    described = describe(m.model())
    assert [table.title for table in described.tables] == ["Equations", "Doses and events", "Parameters"]
    assert described.tables[0].rows == (("dx/dt = a*x", "cells", "cells", "10"),)
    assert described.tables[1].rows == (("much", "x - 100 rises through 0, at most 3 times; 2 days later", "x = 0"),)
    assert described.tables[2].rows == (("a", "2", "1/day", "0.5", "≤ 3", "rate", "guess"),)
