"""The steps of the virtual program, each against a closed form, a published figure, or a rule that must hold."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from livingdrug.cohort import FATES, RESPONSES
from livingdrug.criteria import response as criteria
from livingdrug.criteria.crs import Oxygen, Vasoactive, astct, lee, penn
from livingdrug.simulate import manufacture, patient, response, settlement, toxicity, waiting
from livingdrug.simulate.draws import Draws
from livingdrug.simulate.scenario import load
from livingdrug.therapy.load import load as load_therapy

SOME = range(3000)


@pytest.fixture(scope="module")
def eliana():
    return load("eliana")


@pytest.fixture(scope="module")
def enrolled(eliana):
    return patient.enroll(eliana.numbers, Draws(1, SOME))


# Patient --------------------------------------------------------------------------------------------------------------------


def test_grupp_2018_baseline(enrolled):
    """Median age 11 (3-24) years, 61 % transplanted before, three lines (1-8): Grupp 2018."""
    assert np.median(enrolled["age"]) == pytest.approx(11, abs=0.6)
    assert enrolled["age"].min() >= 3
    assert enrolled["age"].max() <= 25
    assert enrolled["prior_transplant"].mean() == pytest.approx(0.61, abs=0.03)
    assert np.median(enrolled["prior_lines"]) == 3
    assert set(np.unique(enrolled["prior_lines"])) <= set(range(1, 9))


def test_stein_2019_weight(enrolled):
    """Median 39 kg at a median age of 12 years (Stein 2019)."""
    assert np.median(enrolled["weight"]) == pytest.approx(39, rel=0.12)


def test_blasts_lie_in_their_band(enrolled):
    edges = np.array([0, 1e-4, 0.05, 0.5, 0.99])
    band = enrolled["burden_band"].astype(int)
    assert (enrolled["blasts_enrolled"] >= edges[band] - 1e-12).all()
    assert (enrolled["blasts_enrolled"] <= edges[band + 1] + 1e-12).all()
    assert band.min() >= 2, "ELIANA enrolled nobody below 5 % blasts"


def test_a_shift_to_lower_burden_moves_nobody_up():
    trial, practice = load("eliana").numbers, load("real-world-us").numbers
    high, low = (patient.enroll(numbers, Draws(5, SOME))["blasts_enrolled"] for numbers in (trial, practice))
    assert (low <= high).all()


def test_more_tumor_has_more_often_an_antigen_negative_clone(enrolled):
    clone = enrolled["antigen_negative_cells"] > 0
    dense = enrolled["blasts_enrolled"] > 0.7
    assert clone[dense].mean() > clone[~dense].mean() + 0.05


# Manufacture ----------------------------------------------------------------------------------------------------------------


def test_vector_copies_are_poisson(eliana):
    """Copies per transduced cell × share of transduced cells is the multiplicity: the mean of a Poisson number."""
    draws = Draws(2, SOME)
    made = manufacture.make(eliana.numbers, eliana.therapy, draws, _collected(eliana, draws))
    multiplicity = -np.log1p(-made["transduced"])
    np.testing.assert_allclose(made["vector_copies"] * made["transduced"], multiplicity, rtol=1e-9)


def test_released_product_meets_the_specification_and_failed_product_has_no_day(eliana):
    draws = Draws(2, SOME)
    made = manufacture.make(eliana.numbers, eliana.therapy, draws, _collected(eliana, draws))
    viability = next(each for each in eliana.therapy.release if each.test == "viability")
    assert (made["viability"][made["release"] == 0] >= viability.minimum).all()
    assert np.isnan(made["released_day"][made["release"] == 2]).all()
    assert np.isfinite(made["released_day"][made["release"] < 2]).all()
    assert made["manufactures"].max() <= eliana.therapy.manufacture.attempts_maximum.value


def _collected(scenario, draws):
    found = patient.enroll(scenario.numbers, draws)
    return found | {"collected_cd3": np.full(len(found["age"]), 2e9)}


# Waiting --------------------------------------------------------------------------------------------------------------------


def test_burden_and_hazard_while_waiting_agree_with_the_differential_equations():
    burden, net, full, base, slope, until = 0.4, 0.03, 0.08, 0.001, 0.01, 50.0

    def rates(_, y):
        return [net * y[0] - full * y[0] ** 2, base + slope * y[0]]

    found = solve_ivp(rates, (0, until), [burden, 0.0], rtol=1e-10, atol=1e-12).y[:, -1]
    one = np.ones(1)
    risk = waiting._Risk(base, slope, burden * one, net * one, full * one)
    assert waiting._hazard(risk, until * one)[0] == pytest.approx(found[1], rel=1e-7)
    assert waiting._burden(burden * one, net * one, full * one, until * one)[0] == pytest.approx(found[0], rel=1e-7)


def test_the_day_of_loss_is_where_the_hazard_reaches_the_draw():
    one = np.ones(1)
    risk = waiting._Risk(0.001, 0.01, 0.4 * one, 0.03 * one, 0.08 * one)
    day = waiting._reached(risk, np.ones(1, bool), waiting._hazard(risk, 20 * one), 50 * one)
    assert day[0] == pytest.approx(20, abs=1e-6)


# Toxicity -------------------------------------------------------------------------------------------------------------------


def test_grades_are_those_of_the_criteria():
    needs = [(v, o) for v in Vasoactive for o in Oxygen]
    sick = np.ones(len(needs), bool)
    v, o = (np.array(column, dtype=np.int8) for column in zip(*needs, strict=True))
    found = toxicity._grades(sick, v, o, np.zeros(len(needs), bool))
    for scale, rule in {"penn": penn, "lee": lee, "astct": astct}.items():
        assert found[f"crs_{scale}"].tolist() == [rule(fever=True, vasoactive=a, oxygen=b) for a, b in needs]


def test_needs_never_fall_when_the_drive_rises(eliana):
    levels = toxicity.need_levels(eliana.numbers, Draws(3, range(200)), eliana.rules)
    drive = np.geomspace(1, 1e5, 60)[None, :].repeat(200, axis=0)
    for ladder in (toxicity.VASOACTIVE_LEVELS, toxicity.OXYGEN_LEVELS):
        steps = toxicity._steps(drive, levels, ladder)
        assert (np.diff(steps, axis=1) >= 0).all()
        assert steps.max() == 4


def test_current_practice_gives_tocilizumab_at_a_lower_need_than_the_label_of_2017(eliana):
    policies = eliana.therapy.toxicity.policies
    late, early = (
        toxicity.need_levels(eliana.numbers, Draws(3, range(500)), policies[name])["tocilizumab"]
        for name in ("label-2017", "current")
    )
    assert (early < late).all()


def test_nothing_is_charted_after_a_death_and_grades_are_those_before_it(eliana):
    levels = toxicity.need_levels(eliana.numbers, Draws(3, range(2)), eliana.rules)
    days = np.arange(6.0)
    needs = np.array([[0, 1, 1, 2, 4, 4]] * 2, dtype=np.int8)
    hot, quiet = np.full((2, 6), 39.0), np.zeros((2, 6), dtype=np.int8)
    charted = toxicity.Chart(days, np.zeros((2, 6)), hot, needs.copy(), quiet.copy(), needs.copy())
    charted = toxicity.until(charted, np.array([2.0, np.nan]))
    assert charted.vasoactive.tolist() == [[0, 1, 1, 0, 0, 0], needs[1].tolist()]
    found = toxicity.toxicity(eliana.numbers, charted, levels, np.array([10.0, 10.0]))
    assert found["vasoactive"].tolist() == [1, 4]
    assert found["crs_penn"].tolist() == [3, 4]
    assert found["crs_days"].tolist() == [3, 6]
    assert found["neurotoxicity"].tolist() == [1, 4]


def test_fever_is_a_quarter_of_the_hottest():
    assert toxicity.NORMAL + toxicity.HOTTEST / 4 == toxicity.FEVER


# Response -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tisagenlecleucel", "axicabtagene-ciloleucel"])
def test_categories_of_response_are_those_of_the_criteria(name):
    therapy = load_therapy(name)
    rules, start = therapy.response, 0.4
    reduction = rules.partial_reduction.value if rules.partial_reduction else None
    limits = criteria.Limits(blasts=rules.remission_burden.value, mrd=rules.mrd.value, partial_reduction=reduction)
    burdens = np.array([1e-7, 0.004, 0.04, 0.06, 0.19, 0.21, 0.9])
    for recovered in (True, False):
        found = response._category(therapy, burdens, np.full(7, start), np.full(7, recovered), np.zeros(7, bool))
        cells, platelets = (5_000, 300_000) if recovered else (100, 9_000)
        expected = [
            criteria.best(blasts=each, mrd=each, neutrophils=cells, platelets=platelets, before=start, limits=limits).response
            for each in burdens
        ]
        assert [RESPONSES[int(each)] for each in found] == expected


# Settlement -----------------------------------------------------------------------------------------------------------------


def test_holes_2017_payment_for_52_of_63():
    """At $475,000 and 52 of 63 in remission the expected payment is $392,063 per infused patient."""
    therapy = load_therapy("tisagenlecleucel")
    response = np.array(
        [RESPONSES.index("CR")] * 40 + [RESPONSES.index("CRi")] * 12 + [RESPONSES.index("no response")] * 10 + [-1.0]
    )
    paid = settlement.settle(therapy, np.zeros(63), response)
    assert round((paid["billed"] - paid["waived"]).mean() / 100) == 392_063


def test_out_of_specification_product_is_not_billed():
    therapy = load_therapy("tisagenlecleucel")
    paid = settlement.settle(therapy, np.array([0.0, 1.0]), np.zeros(2))
    assert paid["billed"].tolist() == [47_500_000, 0]


def test_the_words_of_the_cohort_stand_where_the_steps_think(eliana):
    from livingdrug.simulate import program

    assert FATES[int(program.INFUSED)] == "infused"
    assert FATES[int(program.NOT_MADE)] == "manufacturing failure"
    assert [RESPONSES[int(each)] for each in (response.CR, response.CRI, response.PARTIAL, response.NONE)] == list(RESPONSES)
