"""The therapies of the library: complete, every number with a source that is listed, and the numbers of their publications."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingdrug.therapy.describe import HEADS, groups
from livingdrug.therapy.files import numbers, sources
from livingdrug.therapy.keys import renewed
from livingdrug.therapy.load import load, names
from livingdrug.therapy.schema import Therapy
from livingdrug.therapy.shapes import Shape, below, keys

PAGE = Path(__file__).parents[2] / "docs/therapies.md"


@pytest.mark.parametrize("name", names())
def test_every_source_is_listed_and_every_listed_source_is_used(name: str) -> None:
    therapy = load(name)
    used = {source.partition(":")[0] for _, source, _ in sources(therapy)}
    assert used == set(therapy.sources)
    assert all(len(citation) > 30 for citation in therapy.sources.values())


@pytest.mark.parametrize("name", names())
def test_a_file_is_named_as_its_therapy(name: str) -> None:
    assert load(name).name == name


@pytest.mark.parametrize("name", names())
def test_every_therapy_has_the_tests_that_are_simulated_and_those_that_are_required(name: str) -> None:
    tests = {each.test for each in load(name).release}
    assert {"viability", "dose", "transduced", "vector copies", "sterility", "mycoplasma", "endotoxin", "potency"} <= tests


@pytest.mark.parametrize("name", names())
def test_practice_is_marked_as_unconfirmed(name: str) -> None:
    """A choice of ours is nobody's number, so no reader may take it for one."""
    assert [key for key, each in numbers(load(name)) if each.source == "practice" and each.confirmed] == []


def value(name: str, key: str) -> float:
    return dict(numbers(load(name)))[key].value


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("eligibility.age_maximum", 25),
        ("dose.weight_limit", 50),
        ("dose.per_weight_minimum", 0.2e6),
        ("dose.per_weight_maximum", 5e6),
        ("dose.flat_minimum", 0.1e8),
        ("dose.flat_maximum", 2.5e8),
        ("lymphodepletion.drugs.fludarabine.dose", 30),
        ("lymphodepletion.drugs.cyclophosphamide.dose", 500),
        ("lymphodepletion.window_minimum", 2),
        ("lymphodepletion.window_maximum", 14),
        ("toxicity.policies.label-2017.dose_light", 12),
        ("toxicity.policies.label-2017.dose_heavy", 8),
        ("toxicity.policies.label-2017.weight_limit", 30),
        ("toxicity.policies.label-2017.dose_maximum_mg", 800),
        ("toxicity.policies.label-2017.doses_maximum", 4),
    ],
)
def test_kymriah_label_2018(key: str, published: float) -> None:
    """United States prescribing information of May 2018: indication, dosage, lymphodepletion, management of CRS."""
    assert value("tisagenlecleucel", key) == published


@pytest.mark.parametrize(
    ("key", "published"),
    [("cd3_minimum", 1e9), ("nucleated_minimum", 2e9), ("cd3_share_minimum", 0.03), ("storage_maximum", 30)],
)
def test_acceptance_of_a_collection_for_tisagenlecleucel(key: str, published: float) -> None:
    """2e9 nucleated cells, 1e9 CD3-positive, 3 % of them: ASH 2021. Storage to 30 months: Blood 2022;140(Suppl 1):12790."""
    assert value("tisagenlecleucel", f"collection.{key}") == published


def test_the_contract_of_2017_charges_only_for_a_response_in_the_first_month() -> None:
    therapy = load("tisagenlecleucel")
    assert (therapy.price.list_price.value, therapy.currency) == (475_000, "USD")
    assert therapy.contract.assessment
    assert (therapy.contract.kind, therapy.contract.assessment.value, therapy.contract.waived_share.value) == (
        "response",
        28,
        1,
    )
    assert not therapy.out_of_specification.billable


def test_the_other_two_are_another_antigen_and_another_tumor() -> None:
    axi, cilta = load("axicabtagene-ciloleucel"), load("ciltacabtagene-autoleucel")
    assert (axi.antigen, axi.tumor, axi.healthy_cells) == ("CD19", "lymphoma", "B cells")
    assert (cilta.antigen, cilta.tumor, cilta.healthy_cells) == ("BCMA", "myeloma", "plasma cells")
    assert value(axi.name, "dose.target_per_weight_minimum") == 2e6  # Neelapu 2017
    assert value(cilta.name, "dose.target_per_weight_minimum") == 0.75e6  # Berdeja 2021
    assert value(axi.name, "price.list_price") == 373_000
    assert value(cilta.name, "price.list_price") == 465_000
    assert value(axi.name, "response.partial_reduction") == value(cilta.name, "response.partial_reduction") == 0.5


def test_what_a_therapy_states_is_described_whole() -> None:
    tables = {key for key in keys(Shape(Therapy)) if keys(below(Shape(Therapy), key) or Shape(str))} | {"release"}
    assert set(HEADS) == tables
    for name in names():
        described = [each for group in groups(load(name)) for each in group.numbers]
        unlimited = sum(each.value != each.value for each in described)
        assert len(described) - unlimited == len(list(numbers(load(name))))


def test_the_page_has_the_format_as_the_schema_has_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m livingdrug.therapy.keys docs/therapies.md"


def test_the_example_of_the_page_is_a_therapy(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    path = tmp_path / "example.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    example = load(path)
    assert dict(numbers(example))["manufacture.steps.release.duration"].value == 7, "one week"
    assert example.response.partial_reduction
    assert example.response.partial_reduction.value == 0.5, "50 %"
    assert not any(each.confirmed for _, each in numbers(example))
    assert load(path, ["dose.flat_maximum=3e8"]).dose.flat_maximum
