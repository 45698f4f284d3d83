"""docs/criteria.md shows the grades that the code gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from livingdrug.criteria.crs import Oxygen, Vasoactive, astct, lee, penn
from livingdrug.criteria.cytopenia import HEMATOTOX_STATUS, neutropenia, thrombocytopenia

PAGE = (Path(__file__).parents[2] / "docs/criteria.md").read_text(encoding="utf-8")
ALONE: Any = {"fever": True, "vasoactive": 0, "oxygen": 0}
BEDSIDES: dict[str, list[dict[str, Any]]] = {
    "fever, supportive care only": [{}],
    "in hospital for CRS, febrile neutropenia included": [{"hospitalized": True}],
    "fluids for hypotension": [{"vasoactive": Vasoactive.FLUIDS}],
    "low-dose vasopressor": [{"vasoactive": Vasoactive.LOW_DOSE}],
    "high-dose vasopressor": [{"vasoactive": Vasoactive.HIGH_DOSE}],
    "several vasopressors": [{"vasoactive": Vasoactive.SEVERAL}],
    "oxygen, low flow": [{"oxygen": Oxygen.LOW_FLOW}],
    "oxygen, high flow": [{"oxygen": Oxygen.HIGH_FLOW}],
    "CPAP, BiPAP": [{"oxygen": Oxygen.POSITIVE_PRESSURE}],
    "ventilator": [{"oxygen": Oxygen.VENTILATOR}],
    "organ toxicity of CTCAE grade 2, 3, 4": [{"organ": grade} for grade in (2, 3, 4)],
    "liver tests of CTCAE grade 2, 3, 4": [{"liver": grade} for grade in (2, 3, 4)],
    "coagulopathy needing plasma, cryoprecipitate, fibrinogen": [{"coagulopathy": True}],
}


def rows(title: str) -> dict[str, list[str]]:
    """The rows of the table whose first heading begins with `title`: first cell, and the others."""
    after = PAGE[PAGE.index(f"| {title}") :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in after[2:]]
    return {first: rest for first, *rest in cells}


@pytest.mark.parametrize("finding", BEDSIDES)
@pytest.mark.parametrize("scale", ["astct", "penn", "lee"])
def test_each_cell_of_the_crs_table_on_the_page_is_the_grade(finding, scale):
    cell = rows("finding |")[finding][["astct", "penn", "lee"].index(scale)]
    rule, start = {"astct": (astct, ALONE), "penn": (penn, ALONE | {"hospitalized": False}), "lee": (lee, ALONE)}[scale]
    if cell:
        written = [1 if each == "–" else int(each) for each in cell.split(", ")]
        assert [rule(**start | bedside) for bedside in BEDSIDES[finding]] == written


def test_the_page_has_no_other_rows():
    assert set(rows("finding |")) == set(BEDSIDES)


@pytest.mark.parametrize(("what", "scale"), [("neutrophils, per µL", neutropenia), ("platelets, per µL", thrombocytopenia)])
def test_the_limits_of_ctcae_on_the_page_are_those_of_the_code(what, scale):
    limits = [int(re.sub(r"\D", "", cell)) for cell in rows("CTCAE")[what][1:]]
    assert [(scale(limit), scale(limit - 1)) for limit in limits] == [(0, 2), (2, 3), (3, 4)]


def test_the_page_says_that_the_hematotoxicity_score_is_not_confirmed():
    assert HEMATOTOX_STATUS.startswith("unconfirmed")
    assert "The points are **unconfirmed**" in PAGE
