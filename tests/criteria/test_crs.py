"""CRS grades: every cell of the published tables, everything a bedside can show, and worse is never better."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.cohort import OXYGEN, VASOACTIVE
from livingdrug.criteria.crs import Oxygen, Vasoactive, astct, lee, penn

V, D = Vasoactive, Oxygen  # the circulation's needs, and the lungs' devices
FEVER: Any = {"fever": True, "vasoactive": V.NONE, "oxygen": D.NONE}
SUPPORTIVE: Any = {**FEVER, "hospitalized": False}

# One line per cell of the published table: what stands in it, the bedside, the grade.
ASTCT = [
    ("fever alone", {}, 1),
    ("hypotension not requiring vasopressors", {"vasoactive": V.FLUIDS}, 2),
    ("low-flow nasal cannula or blow-by", {"oxygen": D.LOW_FLOW}, 2),
    ("one vasopressor", {"vasoactive": V.LOW_DOSE}, 3),
    ("one vasopressor, whatever its dose", {"vasoactive": V.HIGH_DOSE}, 3),
    ("high-flow cannula, face mask, non-rebreather, Venturi", {"oxygen": D.HIGH_FLOW}, 3),
    ("multiple vasopressors", {"vasoactive": V.SEVERAL}, 4),
    ("CPAP, BiPAP", {"oxygen": D.POSITIVE_PRESSURE}, 4),
    ("intubation", {"oxygen": D.VENTILATOR}, 4),
    ("death", {"died": True}, 5),
]
PENN = [
    ("supportive care only", {}, 1),
    ("hospitalized, febrile neutropenia included", {"hospitalized": True}, 2),
    ("grade 1 creatinine is no organ dysfunction", {"organ": 1}, 1),
    ("grade 2 creatinine", {"organ": 2}, 2),
    ("grade 2 liver tests are no organ dysfunction", {"liver": 2}, 1),
    ("grade 3 liver tests", {"liver": 3}, 2),
    ("grade 3 creatinine", {"organ": 3}, 3),
    ("grade 4 liver tests", {"liver": 4}, 3),
    ("multiple fluid boluses", {"vasoactive": V.FLUIDS}, 3),
    ("low-dose vasopressors", {"vasoactive": V.LOW_DOSE}, 3),
    ("coagulopathy requiring plasma", {"coagulopathy": True}, 3),
    ("nasal cannula", {"oxygen": D.LOW_FLOW}, 3),
    ("high-flow oxygen", {"oxygen": D.HIGH_FLOW}, 3),
    ("CPAP or BiPAP", {"oxygen": D.POSITIVE_PRESSURE}, 3),
    ("high-dose vasopressors", {"vasoactive": V.HIGH_DOSE}, 4),
    ("several vasopressors", {"vasoactive": V.SEVERAL}, 4),
    ("mechanical ventilation", {"oxygen": D.VENTILATOR}, 4),
    ("death", {"died": True}, 5),
]
LEE = [
    ("symptoms only", {}, 1),
    ("less than 40 % oxygen", {"oxygen": D.LOW_FLOW}, 2),
    ("hypotension responsive to fluids", {"vasoactive": V.FLUIDS}, 2),
    ("one low-dose vasopressor", {"vasoactive": V.LOW_DOSE}, 2),
    ("grade 2 organ toxicity", {"organ": 2}, 2),
    ("grade 2 transaminitis", {"liver": 2}, 2),
    ("40 % oxygen or more", {"oxygen": D.HIGH_FLOW}, 3),
    ("CPAP or BiPAP is no ventilator", {"oxygen": D.POSITIVE_PRESSURE}, 3),
    ("high-dose vasopressor", {"vasoactive": V.HIGH_DOSE}, 3),
    ("multiple vasopressors", {"vasoactive": V.SEVERAL}, 3),
    ("grade 3 organ toxicity", {"organ": 3}, 3),
    ("grade 3 transaminitis", {"liver": 3}, 3),
    ("grade 4 transaminitis", {"liver": 4}, 3),
    ("ventilator", {"oxygen": D.VENTILATOR}, 4),
    ("grade 4 organ toxicity", {"organ": 4}, 4),
    ("death", {"died": True}, 5),
]
SCALES: Any = {"astct": astct, "penn": penn, "lee": lee}


def cells(table):
    return pytest.mark.parametrize(("bedside", "grade"), [pytest.param(b, g, id=name) for name, b, g in table])


@cells(ASTCT)
def test_astct_agrees_with_table_2_of_lee_2019(bedside, grade):
    assert astct(**FEVER | bedside) == grade


@cells(PENN)
def test_penn_agrees_with_the_scale_of_porter_2018(bedside, grade):
    assert penn(**SUPPORTIVE | bedside) == grade


@cells(LEE)
def test_lee_agrees_with_lee_2014(bedside, grade):
    assert lee(**FEVER | bedside) == grade


def test_two_liters_of_oxygen_and_boluses_are_penn_3_but_astct_2():
    bedside: Any = {"fever": True, "vasoactive": V.FLUIDS, "oxygen": D.LOW_FLOW}
    assert (penn(**bedside), astct(**bedside), lee(**bedside)) == (3, 2, 2)


def test_a_ventilator_is_grade_4_everywhere_and_bipap_only_in_astct():
    grades = {device: [scale(**FEVER | {"oxygen": device}) for scale in (astct, penn, lee)] for device in D}
    assert grades[D.VENTILATOR] == [4, 4, 4]
    assert grades[D.POSITIVE_PRESSURE] == [4, 3, 3]


def test_a_high_dose_of_one_vasopressor_is_grade_4_in_penn_alone():
    bedside = FEVER | {"vasoactive": V.HIGH_DOSE}
    assert (penn(**bedside), astct(**bedside), lee(**bedside)) == (4, 3, 3)


# By hand from the tables: rows are needs of the circulation, columns of the lungs, both in rising order.
EVERYTHING = {
    "astct": [[1, 2, 3, 4, 4], [2, 2, 3, 4, 4], [3, 3, 3, 4, 4], [3, 3, 3, 4, 4], [4, 4, 4, 4, 4]],
    "penn": [[2, 3, 3, 3, 4], [3, 3, 3, 3, 4], [3, 3, 3, 3, 4], [4, 4, 4, 4, 4], [4, 4, 4, 4, 4]],
    "lee": [[1, 2, 3, 3, 4], [2, 2, 3, 3, 4], [2, 2, 3, 3, 4], [3, 3, 3, 3, 4], [3, 3, 3, 3, 4]],
}


@pytest.mark.parametrize("name", SCALES)
def test_every_combination_of_needs_is_graded_as_written_out_by_hand(name):
    found = [[SCALES[name](fever=True, vasoactive=v, oxygen=o) for o in D] for v in V]
    assert found == EVERYTHING[name]


@pytest.mark.parametrize("name", SCALES)
def test_nothing_wrong_is_grade_0(name):
    assert SCALES[name](fever=False, vasoactive=0, oxygen=0) == 0


def test_astct_needs_fever_until_something_was_given_against_it():
    for v, o in product(V, D):
        bedside: Any = {"vasoactive": v, "oxygen": o}
        untreated, treated, feverish = (
            astct(fever=False, **bedside),
            astct(fever=False, treated=True, **bedside),
            astct(fever=True, **bedside),
        )
        assert untreated == 0
        assert treated == (feverish if v or o else 0)


def test_organs_do_not_make_an_astct_grade():
    with pytest.raises(TypeError, match="organ"):
        astct(**FEVER, organ=4)  # type: ignore[call-arg]


def test_penn_and_lee_do_not_wait_for_fever():
    for scale in (penn, lee):
        assert scale(fever=False, vasoactive=V.LOW_DOSE, oxygen=0) == scale(fever=True, vasoactive=V.LOW_DOSE, oxygen=0)


levels = st.integers(0, 4)
bedsides = st.fixed_dictionaries(
    {
        "fever": st.booleans(),
        "vasoactive": levels,
        "oxygen": levels,
        "treated": st.booleans(),
        "organ": levels,
        "liver": levels,
        "coagulopathy": st.booleans(),
        "hospitalized": st.booleans(),
        "died": st.booleans(),
    }
)
LOOKS_AT = {
    "astct": ("fever", "vasoactive", "oxygen", "treated", "died"),
    "penn": ("fever", "vasoactive", "oxygen", "organ", "liver", "coagulopathy", "hospitalized", "died"),
    "lee": ("fever", "vasoactive", "oxygen", "organ", "liver", "died"),
}


@pytest.mark.parametrize("name", SCALES)
@given(one=bedsides, other=bedsides)
def test_a_worse_bedside_never_has_a_lower_grade(name, one, other):
    worse = {key: max(one[key], other[key]) for key in LOOKS_AT[name]}
    better = {key: one[key] for key in LOOKS_AT[name]}
    assert SCALES[name](**worse) >= SCALES[name](**better)


@pytest.mark.parametrize("name", SCALES)
@given(bedside=bedsides)
def test_grades_are_whole_numbers_from_0_to_5_and_5_is_death(name, bedside):
    grade = SCALES[name](**{key: bedside[key] for key in LOOKS_AT[name]})
    assert type(grade) is int
    assert (grade == 5) is bedside["died"]
    assert 0 <= grade <= 5


def test_the_words_of_a_cohort_are_the_levels_in_order():
    assert [word.replace("-", " ").split()[0] for word in VASOACTIVE] == [each.name.lower().split("_")[0] for each in V]
    assert [word.replace(" ", "_") for word in OXYGEN] == [each.name.lower() for each in D]


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"vasoactive": 5}, r"vasoactive is one of 0 \(none\), 1 \(fluids\), .* 4 \(several\), not 5"),
        ({"vasoactive": -1}, "not -1"),
        ({"oxygen": 9}, r"oxygen is one of .*4 \(ventilator\), not 9"),
        ({"oxygen": 1.5}, "not 1.5"),
        ({"oxygen": "low flow"}, "not 'low flow'"),
    ],
)
def test_a_need_that_does_not_exist_is_refused_with_those_that_do(name, bad, says):
    with pytest.raises(ValueError, match=says):
        SCALES[name](**FEVER | bad)


@pytest.mark.parametrize("scale", [penn, lee])
@pytest.mark.parametrize("bad", [{"organ": 5}, {"liver": -1}, {"organ": 2.5}])
def test_an_organ_grade_outside_ctcae_is_refused(scale, bad):
    with pytest.raises(ValueError, match="a CTCAE grade of an organ is a whole number from 0 to 4, not"):
        scale(**FEVER, **bad)
