"""The course model: the reference model where its own terms are off, and rescue on need where they are on."""

import numpy as np
import pytest

from livingdrug.biology.models import load
from livingdrug.biology.solve import first_above, maximum, solve

DAYS = np.arange(0.0, 101.0)


def course(**parameters):
    wanted = [maximum("R"), first_above("DOSES", 0.5), first_above("S", 0.01)]
    return solve(load("course"), parameters, days=100, at=DAYS, summaries=wanted, method="rosenbrock")


def test_without_its_own_terms_the_course_is_the_reference_model():
    alone = course(Q0=0, w_I=0)
    reference = solve(load("reference"), days=100, at=DAYS, method="rosenbrock")
    for ours, theirs in {"E": "E", "M": "M", "X": "X", "P": "Lp", "B": "B", "IL6": "IL6", "CRP": "CRP", "FER": "FER"}.items():
        ours, theirs = alone.trajectory(ours)[0], reference.trajectory(theirs)[0]
        alive = theirs > 10.0
        np.testing.assert_allclose(ours[alive], theirs[alive], rtol=2e-5)


def test_tocilizumab_comes_when_the_organ_response_reaches_this_patients_level_and_raises_serum_il6():
    with_rescue = course(toci_level=[1e12, 150.0])
    assert np.isnan(with_rescue.summary["DOSES.first_above_0.5"][0])
    day = with_rescue.summary["DOSES.first_above_0.5"][1]
    response = course(toci_level=1e12).trajectory("R")[0]
    assert response[int(day)] <= 160 <= response[int(day) + 1] + 40
    il6 = with_rescue.trajectory("IL6")
    assert il6[1].max() > 1.5 * il6[0].max(), "blocked receptors no longer clear IL-6 (Nishimoto 2008)"
    assert with_rescue.summary["R.max"][1] < with_rescue.summary["R.max"][0]


def test_cells_and_tumor_do_not_notice_tocilizumab():
    rescued = course(toci_level=[1e12, 150.0])
    for name in ("E", "M", "X", "P", "B"):
        without, given = rescued.trajectory(name)
        np.testing.assert_allclose(given, without, rtol=1e-4, atol=1.0)


def test_a_dose_that_does_not_help_is_repeated_at_most_twice_and_steroids_follow():
    deaf = course(toci_level=150.0, w_I=0.9)
    helped = course(toci_level=150.0, w_I=0.0)
    doses = [each.trajectory("DOSES")[0].max() for each in (deaf, helped)]
    assert doses == [3.0, 1.0]
    assert deaf.summary["S.first_above_0.01"][0] > deaf.summary["DOSES.first_above_0.5"][0]
    assert np.isnan(helped.summary["S.first_above_0.01"][0])


@pytest.mark.parametrize("level", [120.0, 200.0])
def test_nothing_before_the_first_dose_depends_on_the_trigger(level):
    rescued = course(toci_level=[1e12, level])
    day = rescued.summary["DOSES.first_above_0.5"][1]
    before = day >= DAYS
    for name in load("course").state_names:
        without, given = rescued.trajectory(name)
        np.testing.assert_allclose(given[before], without[before], rtol=1e-4, atol=1e-3, err_msg=name)
