"""Population and scenario files: everything wrong with them is said at once, with its place, before anything runs."""

import re
from pathlib import Path

import pytest

from livingdrug.errors import BadInput, UnknownName
from livingdrug.simulate import population, scenario
from livingdrug.simulate.numbers import KNOWN


def broken(tmp_path, *changes):
    """The pediatric population with some of its lines replaced, as a path."""
    text = population.path_of("pediatric-b-all").read_text(encoding="utf-8")
    for old, new in changes:
        assert re.search(old, text, re.MULTILINE), old
        text = re.sub(old, new, text, count=1, flags=re.MULTILINE)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(each) for each in caught.value.complaints]


@pytest.mark.parametrize("name", population.names())
def test_every_population_states_every_number_with_a_known_source(name):
    found = population.load(name)
    assert set(found.measured) == set(KNOWN)
    assert {each.source for each in found.measured.values()} <= set(found.sources)


def test_each_mistake_in_a_population_is_a_sentence_with_its_key(tmp_path):
    path = broken(
        tmp_path,
        (r"^age_spread = \{ value = [^,]+", "age_spread = { value = -1"),
        (r"^female = \{ value = [^,]+", "female = { value = 1.4"),
        (r"^slot_median = (\{.*), unit = \"day\"", r'slot_median = \1, unit = "kg"'),
        (r"^rho = ", "rhoo = "),
        (r'^"course.kap" = .*', '"course.kap" = [3, 2, 1]'),
    )
    said = "\n".join(complaints(lambda: population.load(path)))
    for piece in (
        "mine.toml: numbers.patient.age_spread: -1 is not above 0",
        "mine.toml: numbers.patient.female: 1.4 is not a share; give a number from 0 to 1",
        "mine.toml: numbers.manufacture.slot_median: kg measures",
        "no number 'course.rhoo'; nearest: course.rho",
        "mine.toml: numbers.course.rho: is missing; state expansion at full antigen, in 1/day",
        "mine.toml: calibration.course.kap: 3, 2, 1 is no range",
    ):
        assert piece in said


def test_units_are_converted_and_settings_come_last():
    found = scenario.load("ensign", ["population.manufacture.slot_median=9"])
    assert found.numbers["manufacture.slot_median"] == 9
    assert scenario.load("ensign").numbers["manufacture.slot_median"] == 5, "the scenario's own change"
    assert scenario.load("eliana", ["patients=7", "policy=current"]).patients == 7


def test_settings_reach_the_therapy():
    changed = scenario.load("eliana", ["therapy.price.list_price=400000"])
    assert changed.therapy.price.list_price.value == 400_000
    assert changed.fingerprint != scenario.load("eliana").fingerprint


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("patients", "PATH=VALUE|path=value"),
        ("patients=0", "above 0|greater than 0"),
        ("policy=sooner", "no policy 'sooner'"),
        ("population.course.kapp=1", "nearest: kap"),
        ("horizon=5", "outside 100"),
        ("start=someday", "eligible, enrolled or infused"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(setting, sentence):
    assert re.search(sentence, "\n".join(complaints(lambda: scenario.load("eliana", [setting]))))


def test_an_unknown_scenario_names_the_nearest():
    with pytest.raises(UnknownName, match="nearest: eliana"):
        scenario.load("elianna")


def test_a_scenario_of_ones_own_finds_its_population_beside_it(tmp_path):
    broken(tmp_path, (r"^age_median = \{ value = [^,]+", "age_median = { value = 9"))
    text = scenario.path_of("eliana").read_text(encoding="utf-8").replace('"pediatric-b-all"', '"mine.toml"')
    (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
    assert scenario.load(tmp_path / "trial.toml").numbers["patient.age_median"] == 9


def test_mistakes_in_scenario_and_population_are_told_together(tmp_path):
    broken(tmp_path, (r"^female = \{ value = [^,]+", "female = { value = 1.4"))
    text = scenario.path_of("eliana").read_text(encoding="utf-8").replace('"pediatric-b-all"', '"mine.toml"')
    text = text.replace('policy = "label-2017"', 'policy = "none"')
    (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
    said = "\n".join(complaints(lambda: scenario.load(tmp_path / "trial.toml")))
    assert "no policy 'none'" in said
    assert "1.4 is not a share" in said


def test_every_number_of_a_run_has_a_source_in_full():
    rows = scenario.load("eliana").sources()
    assert len(rows) > len(KNOWN)
    assert all(len(row["source"]) > 12 for row in rows), [row for row in rows if len(row["source"]) <= 12]


def test_the_scenario_on_the_page_is_one(tmp_path):
    page = (Path(__file__).parents[2] / "docs/simulation.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    (tmp_path / "ours.toml").write_text(example[1], encoding="utf-8")
    ours = scenario.load(tmp_path / "ours.toml")
    assert ours.therapy.dose.target_flat_maximum
    assert ours.therapy.dose.target_flat_maximum.value == 2e8
    assert ours.numbers["patient.burden_above_50"] == 0.2
