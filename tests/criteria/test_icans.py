"""ICANS grades: every cell of the two published tables, and worse is never better."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.criteria.icans import CAPD_MOST, ICE_MOST, Consciousness, Edema, Motor, Seizure, icans, ice_score

ADULT: Any = {"age": 30, "ice": 10}
CHILD: Any = {"age": 8, "capd": 0}

OTHER_DOMAINS = [
    ("not depressed", {"consciousness": Consciousness.AWAKE}, 0),
    ("awakens spontaneously", {"consciousness": Consciousness.SPONTANEOUS}, 1),
    ("awakens to voice", {"consciousness": Consciousness.VOICE}, 2),
    ("awakens only to touch", {"consciousness": Consciousness.TOUCH}, 3),
    ("unarousable, stupor or coma", {"consciousness": Consciousness.UNAROUSABLE}, 4),
    ("seizure that resolves", {"seizure": Seizure.RESOLVING}, 3),
    ("seizure longer than 5 minutes", {"seizure": Seizure.LASTING}, 4),
    ("deep focal weakness", {"motor": Motor.FOCAL_WEAKNESS}, 4),
    ("focal edema", {"edema": Edema.FOCAL}, 3),
    ("diffuse edema", {"edema": Edema.DIFFUSE}, 4),
    ("death", {"died": True}, 5),
]


@pytest.mark.parametrize("patient", [ADULT, CHILD], ids=["adult", "child"])
@pytest.mark.parametrize(("finding", "grade"), [pytest.param(f, g, id=name) for name, f, g in OTHER_DOMAINS])
def test_each_domain_alone_makes_the_grade_of_its_column_in_lee_2019(patient, finding, grade):
    assert icans(**patient | finding) == grade


def test_every_ice_score_has_the_grade_of_the_adult_table():
    grades = {ice: icans(age=30, ice=ice) for ice in range(ICE_MOST + 1)}
    assert grades == {0: 3, 1: 3, 2: 3, 3: 2, 4: 2, 5: 2, 6: 2, 7: 1, 8: 1, 9: 1, 10: 0}


def test_every_capd_score_has_the_grade_of_the_children_table():
    assert icans(age=8, capd=0) == 0
    assert {icans(age=8, capd=capd) for capd in range(1, 9)} == {1}
    assert {icans(age=8, capd=capd, consciousness=Consciousness.VOICE) for capd in range(1, 9)} == {2}
    assert {icans(age=8, capd=capd) for capd in range(9, CAPD_MOST + 1)} == {3}


def test_an_ice_of_0_is_grade_3_awake_and_grade_4_unarousable():
    assert icans(age=30, ice=0) == 3
    assert icans(age=30, ice=0, consciousness=Consciousness.UNAROUSABLE) == 4


@pytest.mark.parametrize("age", [3, 30])
def test_who_cannot_take_the_test_is_grade_4(age):
    assert icans(age=age, consciousness=Consciousness.UNAROUSABLE) == 4


@pytest.mark.parametrize(("age", "test"), [(8, "CAPD"), (30, "ICE")])
def test_a_missing_test_is_refused_in_one_who_can_be_aroused(age, test):
    for awake in (Consciousness.AWAKE, Consciousness.SPONTANEOUS, Consciousness.VOICE, Consciousness.TOUCH):
        with pytest.raises(ValueError, match=f"{test} is needed to grade a patient of this age who can be aroused"):
            icans(age=age, consciousness=awake)


def test_the_test_changes_on_the_twelfth_birthday_and_the_other_one_is_ignored():
    both: Any = {"ice": 10, "capd": 20}
    assert icans(age=11.99, **both) == 3
    assert icans(age=12, **both) == 0
    assert icans(age=40, developmental_delay=True, **both) == 3


def test_an_ice_of_3_with_a_seizure_is_grade_3_as_in_the_note_below_the_table():
    assert icans(age=30, ice=3, seizure=Seizure.RESOLVING) == 3


def test_the_worst_domain_sets_the_grade_in_every_combination():
    for ice, awake, seizure, motor, edema in product(range(ICE_MOST + 1), Consciousness, Seizure, Motor, Edema):
        alone = (
            icans(age=30, ice=ice),
            icans(age=30, ice=10, consciousness=awake),
            icans(age=30, ice=10, seizure=seizure),
            icans(age=30, ice=10, motor=motor),
            icans(age=30, ice=10, edema=edema),
        )
        assert icans(age=30, ice=ice, consciousness=awake, seizure=seizure, motor=motor, edema=edema) == max(alone)


findings = st.fixed_dictionaries(
    {
        "capd": st.integers(0, CAPD_MOST),
        "consciousness": st.sampled_from(Consciousness),
        "seizure": st.sampled_from(Seizure),
        "motor": st.sampled_from(Motor),
        "edema": st.sampled_from(Edema),
        "died": st.booleans(),
    }
)


@given(one=findings, other=findings, lost=st.integers(0, ICE_MOST), more=st.integers(0, ICE_MOST))
def test_a_worse_finding_never_lowers_the_grade(one, other, lost, more):
    worse = {key: max(one[key], other[key]) for key in one}
    assert icans(age=5, **worse) >= icans(age=5, **one)
    points = {"ice": ICE_MOST - max(lost, more)}, {"ice": ICE_MOST - lost}
    assert icans(age=50, **worse | points[0]) >= icans(age=50, **one | points[1])


def test_ice_counts_ten_points():
    full: Any = {"orientation": 4, "naming": 3, "commands": True, "writing": True, "attention": True}
    assert ice_score(**full) == ICE_MOST
    for item in full:
        assert ice_score(**full | {item: 0}) == ICE_MOST - full[item]
    assert ice_score(orientation=0, naming=0, commands=False, writing=False, attention=False) == 0


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"ice": 11}, "ICE is a whole number from 0 to 10, not 11"),
        ({"ice": 7.5}, "not 7.5"),
        ({"age": -1}, "age is a number of years, from 0 to 130, not -1"),
        ({"age": float("nan")}, "age is a number of years, from 0 to 130, not nan"),
        ({"age": 8, "capd": 33}, "CAPD is a whole number from 0 to 32, not 33"),
        ({"seizure": 2}, r"seizure is one of 0 \(none\), 3 \(resolving\), 4 \(lasting\), not 2"),
        ({"motor": 1}, r"motor is one of 0 \(none\), 4 \(focal weakness\), not 1"),
        ({"edema": 1}, r"edema is one of 0 \(none\), 3 \(focal\), 4 \(diffuse\), not 1"),
        ({"consciousness": 5}, r"consciousness is one of 0 \(awake\), .*not 5"),
    ],
)
def test_what_cannot_be_graded_is_refused_with_a_sentence(bad, says):
    with pytest.raises(ValueError, match=says):
        icans(**ADULT | bad)


@pytest.mark.parametrize(("item", "most"), [("orientation", 4), ("naming", 3)])
def test_an_impossible_ice_item_is_refused(item, most):
    full: Any = {"orientation": 4, "naming": 3, "commands": True, "writing": True, "attention": True}
    with pytest.raises(ValueError, match=f"{item} is a whole number from 0 to {most}, not {most + 1}"):
        ice_score(**full | {item: most + 1})
