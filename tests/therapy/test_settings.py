"""Settings change a file for one run: by key, by name within a list, in any fitting unit; what is written reads the same."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from livingdrug.errors import BadInput
from livingdrug.therapy.files import numbers, read
from livingdrug.therapy.load import load, names, path_of
from livingdrug.therapy.measured import SET
from livingdrug.therapy.schema import Therapy
from livingdrug.therapy.write import toml

THERAPY = load("tisagenlecleucel")
FREE: dict[str, tuple[float, float]] = {
    "eligibility.age_maximum": (0, 120),
    "collection.cd3_minimum": (1e6, 1e10),
    "collection.cd3_share_minimum": (0, 1),
    "collection.volume_per_weight": (1, 500),
    "manufacture.steps.expansion.duration": (0, 100),
    "dose.weight_limit": (1, 200),
    "lymphodepletion.drugs.fludarabine.dose": (1, 100),
    "lymphodepletion.window_minimum": (0, 2),
    "toxicity.policies.label-2017.delay": (0, 1000),
    "toxicity.policies.current.dose_maximum_mg": (1, 2000),
    "response.assessments.0": (0, 89),
    "response.remission_burden": (0, 1),
    "price.list_price": (0, 1e7),
    "contract.waived_share": (0, 1),
}
"""Numbers that may take any value within these limits, whatever the others are."""


def complaint(*given: str) -> str:
    with pytest.raises(BadInput) as caught:
        load("tisagenlecleucel", given)
    return "\n".join(str(each) for each in caught.value.complaints)


# There and back -------------------------------------------------------------------------------------------------------------


def chosen(base: str) -> st.SearchStrategy[tuple[str, dict[str, float]]]:
    """A therapy and some of its numbers, each with a new value."""
    stated = {key for key, _ in numbers(load(base))} & set(FREE)
    some = st.lists(st.sampled_from(sorted(stated)), unique=True, max_size=8)
    return some.flatmap(lambda keys: st.fixed_dictionaries({key: st.floats(*FREE[key]) for key in keys})).map(
        lambda values: (base, values)
    )


@given(drawn=st.sampled_from(names()).flatmap(chosen))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_set_is_read_and_what_is_written_reads_the_same(tmp_path: Path, drawn: tuple[str, dict[str, float]]) -> None:
    base, values = drawn
    changed = load(base, [f"{key}={value!r}" for key, value in values.items()])
    before, after = dict(numbers(load(base))), dict(numbers(changed))
    for key, each in after.items():
        set_ = key in values
        assert each.value == (values[key] if set_ else before[key].value)
        assert each.unit == before[key].unit
        assert (each.source == SET) == set_
    path = tmp_path / "again.toml"
    path.write_text(toml(changed), encoding="utf-8")
    assert load(path) == changed


class Anything(BaseModel):
    """All that a file can hold."""

    words: dict[str, str]
    numbers: list[float]
    yes: bool
    day: datetime.date
    inner: dict[str, dict[str, int]]


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), st.text(st.characters(codec="utf-8")), max_size=4),
    st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    st.dictionaries(
        st.text("ab.\"' ", max_size=4), st.dictionaries(st.text("xyz", min_size=1), st.integers(-9, 9)), max_size=3
    ),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_and_number_survives_writing(
    tmp_path: Path, words: dict[str, str], many: list[float], inner: dict[str, dict[str, int]]
) -> None:
    model = Anything(words=words, numbers=many, yes=True, day=datetime.date(2017, 8, 30), inner=inner)
    path = tmp_path / "anything.toml"
    path.write_bytes(toml(model).encode())
    assert read(path, Anything) == model


@pytest.mark.parametrize("name", names())
def test_a_therapy_of_the_library_survives_writing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "again.toml"
    path.write_text(toml(load(name)), encoding="utf-8")
    assert load(path) == load(name)


# What a setting may say -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "key", "value", "unit"),
    [
        ("dose.weight_limit=40", "dose.weight_limit", 40, "kg"),
        ("dose.weight_limit = 40 kg", "dose.weight_limit", 40, "kg"),
        ("lymphodepletion.window_maximum=1 week", "lymphodepletion.window_maximum", 7, "day"),
        ("toxicity.policies.current.delay=0.5 day", "toxicity.policies.current.delay", 12, "hour"),
        ("contract.waived_share=25 %", "contract.waived_share", 0.25, "1"),
        ("release.viability.minimum=0.7", "release.viability.minimum", 0.7, "1"),
        ("release.0.minimum=0.7", "release.viability.minimum", 0.7, "1"),
        ("release.vector copies.maximum=7", "release.vector copies.maximum", 7, "1"),
        ("collection.cd3_minimum.value=2e9", "collection.cd3_minimum", 2e9, "cells"),
        ("response.assessments.1=60", "response.assessments.1", 60, "day"),
        ('price.list_price={ value = 1, unit = "1", source = "practice" }', "price.list_price", 1, "1"),
    ],
)
def test_a_number_is_set(setting: str, key: str, value: float, unit: str) -> None:
    found = dict(numbers(load("tisagenlecleucel", [setting])))[key]
    assert (found.value, found.unit) == (pytest.approx(value), unit)


def test_a_number_that_was_set_no_longer_names_a_publication() -> None:
    changed = load("tisagenlecleucel", ["dose.weight_limit=40", "collection.cd3_minimum.value=2e9"])
    assert changed.dose.weight_limit
    assert changed.dose.weight_limit.source == SET
    assert changed.collection.cd3_minimum.source == SET
    assert changed.dose.per_weight_minimum == THERAPY.dose.per_weight_minimum


def test_a_number_that_the_file_leaves_out_can_be_set() -> None:
    assert THERAPY.eligibility.age_minimum is None
    changed = load("tisagenlecleucel", ["eligibility.age_minimum=3", "response.partial_reduction=50 %"])
    assert changed.eligibility.age_minimum
    assert (changed.eligibility.age_minimum.value, changed.eligibility.age_minimum.unit) == (3, "years")
    assert changed.response.partial_reduction
    assert changed.response.partial_reduction.value == 0.5


def test_a_table_whose_words_or_limits_were_set_no_longer_names_a_publication() -> None:
    changed = load("tisagenlecleucel", ["release.viability.minimum=0.7", "toxicity.policies.current.tocilizumab_oxygen=never"])
    assert (changed.release[0].source, changed.toxicity.policies["current"].source) == (SET, SET)
    assert load("tisagenlecleucel", ["toxicity.policies.current.title=mine"]).toxicity.policies["current"].source == "asco2021"


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("toxicity.policies.current.tocilizumab_oxygen=high flow", "high flow"),
        ('toxicity.policies.current.tocilizumab_oxygen="never"', "never"),
        ("contract.kind=on infusion", "on infusion"),
        ("disease=5", "5"),
        ("out_of_specification.billable=true", True),
        ("certification.required_until=2024-01-01", datetime.date(2024, 1, 1)),
        ("infusion.premedication=[]", ()),
    ],
)
def test_words_need_no_quotes(setting: str, found: Any) -> None:
    value: Any = load("tisagenlecleucel", [setting])
    for name in setting.partition("=")[0].split("."):
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    assert value == found


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("dose.weight_limit", "--set dose.weight_limit: is not PATH=VALUE; write for example"),
        ("=5", "--set =5: is not PATH=VALUE"),
        ("dose.=5", "is not PATH=VALUE"),
        ("dose.weight_limt=5", "--set dose.weight_limt=5: no key 'weight_limt'; nearest: weight_limit"),
        ("doses.weight_limit=5", "no key 'doses'; nearest: dose"),
        ("dose.weight_limit=heavy", "--set dose.weight_limit=heavy: 'heavy' is not a number; write one"),
        ("dose.weight_limit=-4", "--set dose.weight_limit=-4: -4 kg is not above 0; give more"),
        ("dose.weight_limit=4 days", "--set dose.weight_limit=4 days: days measures time"),
        ("dose.weight_limit=4 stones", "'stones' is not a unit"),
        ("release.viabilty.minimum=0.7", "no entry 'viabilty'; nearest: viability"),
        ("release.99.minimum=0.7", "no entry '99'"),
        ("response.assessments.2=5", "no entry '2'; known: 0, 1"),
        ("eligibility.age_minimum.value=5", "there is no table eligibility.age_minimum; add it to the file"),
        ("disease.name=5", "disease is no table"),
        ("contract.kind=never", "--set contract.kind=never: 'never' is not known here; write response or on infusion"),
        ("price=5", "--set price=5: 5 is not a table"),
        ("dose.flat_minimum=1e10", "--set dose.flat_minimum=1e10: 1e+10 is above the maximum 2.5e+08"),
        ("price.list_price={ value = 1 }", "--set price.list_price={ value = 1 }: is missing; write unit"),
    ],
)
def test_a_setting_that_cannot_be_is_named_as_it_was_typed(setting: str, sentence: str) -> None:
    assert sentence in complaint(setting)


def test_settings_and_file_are_complained_about_together(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = path_of("tisagenlecleucel").read_text(encoding="utf-8")
    path.write_text(text.replace("billable = false", 'billable = "no"'), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(path, ["dose.weight_limt=5", "contract.waived_share=2"])
    places = [each.where for each in caught.value.complaints]
    assert places == ["--set dose.weight_limt=5", "mine.toml: out_of_specification.billable", "--set contract.waived_share=2"]


def test_the_same_key_twice_is_refused() -> None:
    assert "was set already, by 'dose.weight_limit=40'; keep one" in complaint("dose.weight_limit=40", "dose.weight_limit=50")


def test_a_setting_changes_nothing_else() -> None:
    changed = load("tisagenlecleucel", ["dose.weight_limit=40"])
    assert changed.model_copy(update={"dose": THERAPY.dose}) == THERAPY
    assert isinstance(changed, Therapy)
    assert not math.isnan(changed.price.list_price.value)
