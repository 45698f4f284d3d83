"""Response: both sides of every limit, all categories, and a worse finding never makes a better response."""

from itertools import product
from math import inf, nan, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug import cohort
from livingdrug.criteria.response import LYMPHOMA, RESPONSES, Limits, best, best_of, mrd_negative

REMISSION: Any = {"blasts": 0.01, "neutrophils": 1500.0, "platelets": 150_000.0}


def rank(**findings: Any) -> int:
    return RESPONSES.index(best(**findings).response)


def test_the_words_are_those_of_a_cohort_best_first():
    assert RESPONSES == cohort.RESPONSES


@pytest.mark.parametrize(
    ("finding", "response"),
    [
        ({}, "CR"),
        ({"blasts": 0.05}, "no response"),  # remission is less than 5 %
        ({"blasts": nextafter(0.05, 0)}, "CR"),
        ({"neutrophils": 1000.0}, "CRi"),  # recovery is more than 1,000 …
        ({"neutrophils": nextafter(1000, inf)}, "CR"),
        ({"platelets": 100_000.0}, "CRi"),  # … and more than 100,000
        ({"platelets": nextafter(1e5, inf)}, "CR"),
        ({"neutrophils": 0.0, "platelets": 0.0}, "CRi"),
        ({"elsewhere": True}, "no response"),
        ({"blasts": 0.9, "neutrophils": 0.0}, "no response"),
    ],
)
def test_leukemia_agrees_with_the_criteria_of_maude_2018(finding, response):
    assert best(**REMISSION | finding).response == response


def test_unknown_counts_cannot_make_a_complete_remission():
    assert best(blasts=0.0).response == "CRi"


def test_all_categories_of_leukemia_and_no_partial():
    grid = product((0.0, 0.04, 0.05, 1.0), (0, 1000, 1001), (0, 100_000, 100_001))
    found = {best(blasts=b, neutrophils=n, platelets=p, before=1.0).response for b, n, p in grid}
    assert found == {"CR", "CRi", "no response"}


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "response"),
    [
        (0.8, 0.0, False, "CR"),
        (0.8, 0.4, False, "partial"),  # exactly half is gone
        (0.8, 0.41, False, "no response"),
        (0.8, 0.01, True, "partial"),
        (0.04, 0.03, False, "CR"),  # below the limit from the start
        (0.0, 0.0, True, "no response"),
    ],
)
def test_lymphoma_and_myeloma_know_a_partial_response_and_no_cri(before, after, elsewhere, response):
    assert best(blasts=after, before=before, elsewhere=elsewhere, limits=LYMPHOMA).response == response


def test_a_partial_response_needs_the_burden_before():
    with pytest.raises(ValueError, match="needs the burden before treatment"):
        best(blasts=0.5, limits=LYMPHOMA)


def test_residual_disease_is_judged_at_one_in_ten_thousand():
    assert mrd_negative(nextafter(1e-4, 0))
    assert not mrd_negative(1e-4)
    assert mrd_negative(1e-5, Limits(mrd=1e-4))
    assert not mrd_negative(1e-5, Limits(mrd=1e-6))


def test_only_a_remission_is_mrd_negative_and_what_was_not_measured_is_unknown():
    assert best(**REMISSION, mrd=0.0).mrd_negative is True
    assert best(**REMISSION, mrd=1e-3).mrd_negative is False
    assert best(**REMISSION, mrd=0.0, elsewhere=True).mrd_negative is False
    assert best(**REMISSION).mrd_negative is None


shares = st.floats(0, 1)
counts = st.floats(0, 1e6)


@given(shares, shares, counts, counts, counts, counts, shares, st.booleans(), st.booleans())
def test_a_worse_finding_never_makes_a_better_response(b1, b2, n1, n2, p1, p2, before, e1, e2):
    for limits in (Limits(), LYMPHOMA):
        better = rank(blasts=b1, neutrophils=n1, platelets=p1, before=before, elsewhere=e1, limits=limits)
        worse = rank(
            blasts=max(b1, b2),
            neutrophils=min(n1, n2),
            platelets=min(p1, p2),
            before=before,
            elsewhere=e1 or e2,
            limits=limits,
        )
        assert worse >= better


@given(st.lists(st.sampled_from([*RESPONSES, None])))
def test_the_best_of_several_assessments_is_one_of_them_and_none_is_better(responses):
    found = best_of(responses)
    made = [each for each in responses if each]
    assert found is None if not made else all(RESPONSES.index(found) <= RESPONSES.index(each) for each in made)
    assert found in responses or not made


def test_a_word_that_is_no_response_is_refused():
    with pytest.raises(ValueError, match="a response is one of CR, CRi, partial, no response, not 'PD'"):
        best_of(["CR", "PD"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"blasts": 1.2}, "the burden is a number, from 0 to 1, not 1.2"),
        ({"blasts": nan}, "not nan"),
        ({"neutrophils": -1}, "neutrophils is a number of cells/uL, 0 or more, not -1"),
        ({"platelets": inf}, "platelets is a number of cells/uL, 0 or more, not inf"),
        ({"mrd": 2}, "residual disease is a number, from 0 to 1, not 2"),
        ({"before": -0.1, "limits": LYMPHOMA, "blasts": 0.5}, "the burden before treatment is a number, from 0 to 1"),
    ],
)
def test_what_cannot_be_assessed_is_refused_with_a_sentence(bad, says):
    with pytest.raises(ValueError, match=says):
        best(**REMISSION | bad)


@pytest.mark.parametrize("limit", ["blasts", "mrd", "neutrophils", "platelets", "partial_reduction"])
def test_a_negative_limit_is_refused(limit):
    with pytest.raises(ValueError, match="not -1"):
        Limits(**{limit: -1})
