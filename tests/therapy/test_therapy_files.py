"""Reading a therapy file: every mistake is one sentence with its place and a way out, and units are read into the key's own."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from livingdrug import cohort
from livingdrug.errors import BadInput, UnknownName
from livingdrug.therapy.files import numbers, read, sources
from livingdrug.therapy.kinds import Days, Share
from livingdrug.therapy.load import LIBRARY, load, path_of
from livingdrug.therapy.policy import OxygenNeed, VasoactiveNeed
from livingdrug.therapy.schema import Measured, Therapy
from livingdrug.therapy.shapes import shape

Broken = Callable[..., Path]


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    """Tisagenlecleucel with pieces of its text replaced, as a path."""

    def made(*changes: tuple[str, str], name: str = "mine.toml") -> Path:
        text = path_of("tisagenlecleucel").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return made


def complaints(path: Path | str, *settings: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load(path, settings)
    return [str(each) for each in caught.value.complaints]


# A file with mistakes -------------------------------------------------------------------------------------------------------

TEN = (
    ('currency = "USD"', 'currency = "dollars"', "mine.toml: currency: 'dollars' is not three capital letters"),
    (
        'healthy_cells = "B cells"',
        'healthy_cells = "b cells"',
        "healthy_cells: 'b cells' is not known here; write B cells or plasma",
    ),
    (
        'value = 25, unit = "years"',
        'value = 25, unit = "yeers"',
        "age_maximum.unit: 'yeers' is not a unit: no symbol 'yeers'; nearest: years",
    ),
    ('hinge = "CD8α"\n', "", 'mine.toml: receptor.hinge: is missing; write hinge = "…"'),
    (
        'cd3_minimum = { value = 1e9, unit = "cells"',
        'cd3_minimum = { value = 1e9, unit = "mL"',
        "collection.cd3_minimum: mL measures volume",
    ),
    ("days_maximum = {", "day_maximum = {", "mine.toml: collection.day_maximum: no key 'day_maximum'; nearest: days_maximum"),
    ("billable = false", 'billable = "no"', "out_of_specification.billable: 'no' is not true or false"),
    (
        "window_minimum = { value = 2,",
        "window_minimum = { value = 20,",
        "lymphodepletion.window_minimum: 20 is above the maximum 14; swap them",
    ),
    (
        'mrd = { value = 1e-4, unit = "1", source = "maude2018"',
        'mrd = { value = 1e-4, unit = "1", source = "maud2018"',
        "no source 'maud2018'; nearest: maude2018",
    ),
    (
        "waived_share = { value = 1,",
        "waived_share = { value = 1.5,",
        "contract.waived_share: 1.5 is above 1; give a number from 0 to 1",
    ),
)


def test_a_file_with_ten_mistakes_gets_ten_sentences(broken: Broken) -> None:
    path = broken(*((old, new) for old, new, _ in TEN))
    said = complaints(path)
    assert len(said) == 10, "\n".join(said)
    for _, _, sentence in TEN:
        assert [each for each in said if sentence in each], (sentence, said)
    assert all(each.startswith("mine.toml: ") for each in said)


@pytest.mark.parametrize(("old", "new", "sentence"), TEN)
def test_each_mistake_alone_gets_its_sentence(broken: Broken, old: str, new: str, sentence: str) -> None:
    assert any(sentence in each for each in complaints(broken((old, new))))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "attempts_maximum = { value = 2",
            "attempts_maximum = { value = nan",
            "attempts_maximum.value: nan is not a finite number",
        ),
        (
            "attempts_maximum = { value = 2",
            'attempts_maximum = { value = "2"',
            "attempts_maximum.value: '2' is not a number; write it without",
        ),
        ("attempts_maximum = { value = 2", "attempts_maximum = { value = true", "attempts_maximum.value: True is not a number"),
        ("attempts_maximum = { value = 2", "attempts_maximum = { value = 0", "attempts_maximum: 0 is below 1; give 1 or more"),
        (
            'weight_limit = { value = 50, unit = "kg", source = "label2018" }',
            "weight_limit = 50",
            'dose.weight_limit: 50 has no unit and source; write { value = …, unit = "kg", source = "…" }',
        ),
        ("days = 4 },", "days = 2.5 },", "lymphodepletion.drugs.fludarabine.days: 2.5 is not a whole number"),
        ("days = 4 },", "days = 0 },", "lymphodepletion.drugs.fludarabine.days: 0 is out of range; give a number from 1"),
        ("days = 4 },", "days = 5 },", "lymphodepletion.days: 4 is less than the 5 days of fludarabine"),
        (
            'premedication = ["acetaminophen", "H1 antihistamine"]',
            'premedication = "none"',
            "infusion.premedication: 'none' is not a list",
        ),
        (
            'disease_status = ["refractory", "second or later relapse"]',
            "disease_status = []",
            "disease_status: is empty; state at least one",
        ),
        ('test = "viability"', 'test = ""', "release.0.test: is empty; write something"),
        ('test = "mycoplasma"', 'test = "sterility"', "release: 'sterility' is there twice"),
        (
            "required_from = 2017-08-30",
            'required_from = "2017-08-30"',
            "certification.required_from: '2017-08-30' is not a date",
        ),
        ("required_until = 2025-06-26", "required_until = 2015-06-26", "required_until: 2015-06-26 is before 2017-08-30"),
        ('tocilizumab_oxygen = "high flow"', 'tocilizumab_oxygen = "highflow"', "or ventilator; nearest: high flow"),
        ('tocilizumab_oxygen = "high flow"', 'tocilizumab_oxygen = "none"', "'none' is not known here; write never, low flow"),
        ("minimum = 0.8", "minimum = 0.8\nmaximum = 0.7", "release.viability.minimum: 0.8 is above the maximum 0.7"),
        ("out_of_specification = 0.6", "out_of_specification = 0.9", "0.9 leaves no such lot: it is not below the minimum 0.8"),
        (
            'about = "required; its limit is not public"\n\n[[release]]\ntest = "potency"',
            '[[release]]\ntest = "potency"',
            "a test without limits says why",
        ),
        ("weight_limit = { value = 50", "# weight_limit = { value = 50", "dose.weight_limit: is missing; with two ranges"),
        ("flat_maximum = { value", "# flat_maximum = { value", "dose.flat_maximum: is missing; a range has both ends"),
        ("target_flat_maximum = { value = 2.5e8", "target_flat_maximum = { value = 3e8", "leaves the label's 1e+07 to 2.5e+08"),
        (
            "flat_minimum = { value = 1e7",
            "flat_minimum = { value = 1e9",
            "dose.flat_minimum: 1e+09 is above the maximum 2.5e+08; swap them",
        ),
        ('{ value = 28, unit = "day", source = "maude2018" },\n', "", "response.assessments: has 1 entry; state at least 2"),
        ('{ value = 90, unit = "day"', '{ value = 20, unit = "day"', "response.assessments: days 28, 20 do not ascend"),
        (
            "assessment = { value = 28",
            "# assessment = { value = 28",
            "contract.assessment: is missing; a response contract names the day",
        ),
        ("[price]\nlist_price", "[pricing]\nlist_price", "mine.toml: pricing: no key 'pricing'"),
        ('kind = "therapy"', 'kind = "scenario"', "kind: 'scenario' is not known here; write therapy"),
    ],
)
def test_a_mistake_gets_a_sentence_with_a_way_out(broken: Broken, old: str, new: str, sentence: str) -> None:
    said = complaints(broken((old, new)))
    assert any(sentence in each for each in said), said


def test_a_misspelled_key_is_one_mistake_and_not_also_a_missing_one(broken: Broken) -> None:
    (said,) = complaints(broken(("cd3_minimum = {", "cd3_minimun = {")))
    assert (
        said
        == "mine.toml: collection.cd3_minimun: no key 'cd3_minimun'; nearest: cd3_minimum, cd3_share_minimum, nucleated_minimum"
    )


def test_a_missing_table_says_what_belongs_there(broken: Broken) -> None:
    text = path_of("tisagenlecleucel").read_text(encoding="utf-8")
    table = text[text.index("[contract]") : text.index("[certification]")]
    (said,) = complaints(broken((table, "")))
    assert said == "mine.toml: contract: is missing; write the table [contract]"


def test_a_file_that_is_not_toml_names_the_line(broken: Broken) -> None:
    (said,) = complaints(broken(('antigen = "CD19"', 'antigen = CD19"')))
    assert said == "mine.toml: line 6: is not TOML: invalid value; correct it"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "mine.toml: is not a text file in UTF-8"), (None, "there is no such file; check the path")],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    (said,) = complaints(path)
    assert sentence in said


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    (said,) = complaints(tmp_path / "mine.toml")
    assert "cannot be read" in said


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no therapy 'tisagenlecleucil'; nearest: tisagenlecleucel"):
        load("tisagenlecleucil")


# Units and words ------------------------------------------------------------------------------------------------------------


def test_a_number_is_read_into_the_unit_of_its_key(broken: Broken) -> None:
    changed = load(
        broken(
            ('window_maximum = { value = 14, unit = "day"', 'window_maximum = { value = 2, unit = "weeks"'),
            ('cd3_share_minimum = { value = 0.03, unit = "1"', 'cd3_share_minimum = { value = 3, unit = "%"'),
            ('delay = { value = 2, unit = "hour"', 'delay = { value = 120, unit = "minutes"'),
        )
    )
    assert changed.lymphodepletion.window_maximum == load("tisagenlecleucel").lymphodepletion.window_maximum
    assert changed.collection.cd3_share_minimum == load("tisagenlecleucel").collection.cd3_share_minimum
    assert changed.toxicity.policies["label-2017"].delay.value == pytest.approx(2)
    assert changed.toxicity.policies["label-2017"].delay.unit == "hour"


def test_cells_are_not_copies_and_a_dose_per_weight_is_no_flat_one(broken: Broken) -> None:
    said = complaints(
        broken(('flat_minimum = { value = 1e7, unit = "cells"', 'flat_minimum = { value = 1e7, unit = "cells/kg"'))
    )
    assert "cells/kg measures a count of cells per body weight" in said[0]


def test_the_needs_of_a_policy_are_those_of_a_cohort() -> None:
    """The first word of a cohort, "none", calls for nothing: a policy says "never" instead."""
    assert ("never", *cohort.VASOACTIVE[1:]) == VasoactiveNeed.__args__
    assert ("never", *cohort.OXYGEN[1:]) == OxygenNeed.__args__


def test_dates_are_dates() -> None:
    certified = load("tisagenlecleucel").certification
    assert certified.required_from == datetime.date(2017, 8, 30)
    assert certified.required_until == datetime.date(2025, 6, 26)


# Numbers and sources --------------------------------------------------------------------------------------------------------


def test_every_number_is_listed_once_with_its_key() -> None:
    listed = list(numbers(load("tisagenlecleucel")))
    keys = [key for key, _ in listed]
    assert len(keys) == len(set(keys))
    found = dict(listed)
    assert found["dose.weight_limit"].value == 50
    assert found["manufacture.steps.expansion.duration"].value == 7
    assert found["lymphodepletion.drugs.cyclophosphamide.dose"].value == 500
    assert found["toxicity.policies.label-2017.dose_light"].value == 12
    assert found["response.assessments.1"].value == 90
    assert (found["release.viability.minimum"].value, found["release.viability.out_of_specification"].value) == (0.8, 0.6)
    text = path_of("tisagenlecleucel").read_text(encoding="utf-8")
    limits = len(re.findall(r"(?:^|, )(?:minimum|maximum|out_of_specification) = ", text, re.M))
    assert len(listed) == text.count("{ value = ") + limits


def test_words_have_sources_too() -> None:
    found = {key: source for key, source, _ in sources(load("tisagenlecleucel"))}
    assert found["receptor"] == "milone2009"
    assert found["toxicity.policies.current"] == "asco2021"
    assert {key for key, _ in numbers(load("tisagenlecleucel")) if not key.startswith("release.")} <= set(found)


def test_a_place_within_a_source_may_follow_it(broken: Broken) -> None:
    changed = load(
        broken(
            ('value = 25, unit = "years", source = "oleary2019"', 'value = 25, unit = "years", source = "oleary2019: table 1"')
        )
    )
    assert changed.eligibility.age_maximum
    assert changed.eligibility.age_maximum.source == "oleary2019: table 1"


# Other schemas --------------------------------------------------------------------------------------------------------------


class Small(BaseModel):
    """A schema of someone else's."""

    model_config = {"extra": "forbid"}
    many: dict[str, Days]
    pair: tuple[float, float] = (0.0, 1.0)
    share: Share | None = None


def test_any_schema_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text('pair = [1, 2]\n[many]\na = { value = 1, unit = "week", source = "x" }\n', encoding="utf-8")
    assert read(path, Small).many["a"].value == 7
    assert read(path, Small, ["many.a=3", "share=20 %"]).many["a"].value == 3
    with pytest.raises(BadInput, match="no key 'b'; known: a"):
        read(path, Small, ["many.b=3"])


def test_the_shape_of_an_optional_number_is_that_number() -> None:
    assert shape(Share | None) == (Measured, "1")
    assert shape(Therapy.model_fields["dose"].annotation).kind.__name__ == "Dose"


def test_the_library_is_part_of_the_package() -> None:
    assert LIBRARY.is_relative_to(Path(cohort.__file__).parent.parent)
