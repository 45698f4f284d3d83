"""Facts that cannot both be true of one patient, each named in a sentence; a possible patient breaks none of the rules."""

from __future__ import annotations

from typing import Any

import pytest

from livingdrug.cohort import BY_NAME, frame
from livingdrug.errors import BadInput
from livingdrug.exchange.rules import AFTER_INFUSION, EVENTS, RULES
from livingdrug.exchange.tables import read_cohort, write_cohort

POSSIBLE: dict[str, Any] = {
    "patient": 7,
    "fate": "infused",
    "age": 9.0,
    "weight": 30.0,
    "blasts_enrolled": 0.6,
    "burden_band": "50 % or more",
    "release": "in specification",
    "released_day": 25.0,
    "infused_day": 40.0,
    "dose": 9e7,
    "dose_per_kg": 3e6,
    "cmax": 2e4,
    "crs_onset": 3.0,
    "severe_onset": 5.0,
    "icu_day": 5.0,
    "icu_days": 4.0,
    "crs_penn": 4,
    "crs_lee": 3,
    "crs_astct": 3,
    "tocilizumab_doses": 1,
    "tocilizumab_day": 5.0,
    "steroid_day": 6.0,
    "neurotoxicity": 1,
    "neurotoxicity_onset": 7.0,
    "response": "CR",
    "response_day28": "CRi",
    "response_day": 28.0,
    "mrd_negative": True,
    "transplant_day": 90.0,
    "other_therapy_day": 95.0,
    "relapse_day": 200.0,
    "relapse": "antigen-negative",
    "death_day": 300.0,
    "death_cause": "disease",
    "followed_days": 300.0,
    "billed": 47_500_000,
    "waived": 0,
}
NO_RESPONSE = {
    "response": "no response",
    "response_day28": "no response",
    "response_day": None,
    "mrd_negative": False,
    "relapse_day": None,
    "relapse": None,
}


def said(folder, **changes):
    """What is said about one patient who differs from the possible one, who stands in the table beside."""
    patient = POSSIBLE | changes
    file = folder / "two.parquet"
    other = POSSIBLE | {"patient": 8}
    write_cohort(frame({name: [value, other.get(name)] for name, value in patient.items()}), file)
    try:
        read_cohort(file)
    except BadInput as refusal:
        return [str(each).removeprefix(f"{file}: row 1, ") for each in refusal.complaints]
    return []


def test_a_possible_patient_breaks_no_rule(tmp_path):
    assert said(tmp_path) == []
    assert said(tmp_path, **NO_RESPONSE) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"released_day": 50.0}, "infused_day: 40 is before 50 in column released_day; expected the same day or later"),
        (
            {"left_day": 30.0},
            "left_day: 30 is the day of one who was not infused, but column infused_day says day 40; keep one of them",
        ),
        (
            {"left_day": 30.0, "infused_day": None},
            "left_day: 30 is the day of one who was not infused, but column fate says infused; expected an empty cell",
        ),
        (
            {"burden_band": "below 5 %"},
            "burden_band: below 5 % does not fit the 0.6 in column blasts_enrolled",
        ),
        (
            {"dose": 3e6},
            "dose: 3e+06 is not 3e+06 per kg at 30 kg (columns dose_per_kg, weight), not even within a factor of 2; "
            "expected cells, not millions of them",
        ),
        (
            {"crs_penn": 0},
            "crs_penn: 0 means no CRS, but column crs_onset says it began on day 3; expected 1 to 5, or no day",
        ),
        (
            {"tocilizumab_doses": 0},
            "tocilizumab_doses: 0 doses, but column tocilizumab_day says day 5; expected 1 or more, or no day",
        ),
        (
            {"response": "CRi", "response_day28": "CR"},
            "response: CRi is worse than CR in column response_day28; the best response is at least as good",
        ),
        (
            NO_RESPONSE | {"response_day": 28.0},
            "response_day: 28 is the day of a response, but column response says no response; expected an empty cell",
        ),
        (
            NO_RESPONSE | {"mrd_negative": True},
            "mrd_negative: true, but column response says no response; only a response is free of residual disease",
        ),
        (
            NO_RESPONSE | {"relapse_day": 100.0},
            "relapse_day: 100 is the day of a relapse, but column response says no response; expected an empty cell",
        ),
        ({"relapse_day": 20.0}, "relapse_day: 20 is before 28 in column response_day; expected the same day or later"),
        ({"relapse_day": 310.0}, "relapse_day: 310 is after the death on day 300 in column death_day"),
        (
            {"transplant_day": 400.0, "death_day": None, "death_cause": None},
            "transplant_day: 400 is after the end of follow-up on day 300 in column followed_days",
        ),
        ({"death_day": 301.0}, "death_day: 301 is after the end of follow-up on day 300 in column followed_days"),
        (
            {"followed_days": 400.0},
            "followed_days: 400 is after the death on day 300 in column death_day; follow-up ends with death",
        ),
        (
            {"relapse_day": None},
            "relapse: antigen-negative relapsed, but column relapse_day has no day; give it, or leave this cell empty",
        ),
        (
            {"death_day": None},
            "death_cause: disease caused a death, but column death_day has no day; give it, or leave this cell empty",
        ),
        ({"waived": 50_000_000}, "waived: 50000000 is more than the 47500000 in column billed"),
    ],
)
def test_each_impossible_patient_is_named_in_a_sentence(tmp_path, changes, says):
    assert said(tmp_path, **changes) == [f"column {says}"]


@pytest.mark.parametrize("event", EVENTS)
def test_nothing_happens_after_death_or_after_the_end_of_follow_up(tmp_path, event):
    dead = said(tmp_path, **{event: 1000.0})
    assert f"column {event}: 1000 is after the death on day 300 in column death_day" in dead
    alive = said(tmp_path, **{"death_day": None, "death_cause": None, event: 1000.0})
    assert f"column {event}: 1000 is after the end of follow-up on day 300 in column followed_days" in alive


@pytest.mark.parametrize("name", AFTER_INFUSION)
def test_one_who_was_not_infused_has_no_course(tmp_path, name):
    found = said(tmp_path, fate="died waiting")
    assert [each for each in found if each.startswith(f"column {name}: ") and "column fate says died waiting" in each]


@pytest.mark.parametrize(
    ("blasts", "bands"),
    [
        (0.0, {"undetectable", "below 5 %"}),
        (0.049, {"undetectable", "below 5 %"}),
        (0.05, {"5 to 50 %"}),
        (0.49, {"5 to 50 %"}),
        (0.5, {"50 % or more"}),
        (1.0, {"50 % or more"}),
    ],
)
def test_a_blast_fraction_fits_its_band_and_no_other(tmp_path, blasts, bands):
    words = BY_NAME["burden_band"].kind
    assert isinstance(words, tuple)
    assert {band for band in words if not said(tmp_path, blasts_enrolled=blasts, burden_band=band)} == bands


def test_a_rule_about_an_empty_cell_needs_a_column_that_is_filled_in_and_is_silent_where_the_cell_was_refused(tmp_path):
    file = tmp_path / "a.csv"
    for header in ("patient,relapse\n1,", "patient,relapse_day,relapse\n1,,"):
        file.write_text(f"{header}antigen-positive\n", encoding="utf-8")
        assert read_cohort(file)["relapse"].to_list() == ["antigen-positive"]
    file.write_text("patient,relapse,relapse_day\n1,antigen-positive,later\n", encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        read_cohort(file)
    assert [each.where for each in refusal.value.complaints] == [f"{file}: row 2, column relapse_day"]


def test_rules_name_columns_that_exist():
    for rule in RULES:
        named = {rule.column, *rule.needs, *rule.broken.meta.root_names()}
        assert named <= BY_NAME.keys()
        rule.says.format(**dict.fromkeys(BY_NAME))


def test_an_empty_row_breaks_no_rule():
    nobody = frame({"patient": [1]})
    for rule in RULES:
        if not rule.needs:
            assert nobody.select(rule.broken.fill_null(False)).to_series().to_list() == [False]


def test_the_possible_patient_touches_every_column_of_every_rule():
    """So that no rule is silent here only because a cell is empty."""
    assert {name for rule in RULES for name in rule.broken.meta.root_names()} - {"left_day"} <= POSSIBLE.keys()
