"""Endpoints by their definitions, and estimators against lifelines and against the textbook's leukemia trial."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from lifelines import AalenJohansenFitter, CoxPHFitter, CoxTimeVaryingFitter, KaplanMeierFitter

from livingdrug.analysis import survival
from livingdrug.analysis.facts import facts
from livingdrug.analysis.survival import MONTH, endpoints, kaplan_meier, survival_at, two_group_hazard_ratio
from livingdrug.cohort import frame
from livingdrug.errors import UnknownName
from livingdrug.streams import stream
from tests.synthetic import synthetic_cohort

# Freireich et al., Blood 1963;21:699: weeks in remission of acute leukemia on 6-mercaptopurine (0: still in remission),
# and on placebo, where all relapsed.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def made_up(n=400, seed=1):
    u = stream(seed, "survival").uniform(patients=range(n), draws=3)
    exposed = u[:, 0] < 0.4
    time = -100 * np.log(u[:, 1]) / np.where(exposed, 2.0, 1.0)
    censored = 250 * u[:, 2]
    return np.minimum(time, censored), time <= censored, exposed


def patients(**columns):
    """A cohort of infused patients, followed for 1,000 days unless it says otherwise."""
    n = len(next(iter(columns.values())))
    start = {"patient": range(n), "fate": ["infused"] * n, "followed_days": [1000.0] * n}
    return frame(start | columns)


# Estimators


def test_the_product_limit_is_that_of_freireich_1963():
    s, se = kaplan_meier(TREATED, RELAPSED, [5, 6, 10, 23, 35])
    assert s == pytest.approx([1, 0.857, 0.753, 0.448, 0.448], abs=0.0005)
    # Greenwood's standard errors as printed in Kalbfleisch and Prentice, table 1.3.
    assert se[[0, 1, 2, 3]] == pytest.approx([0, 0.0764, 0.0963, 0.1346], abs=0.0005)


@pytest.mark.parametrize("rounded", [False, True], ids=["times apart", "times tied"])
def test_the_product_limit_agrees_with_lifelines(rounded):
    time, event, _ = made_up()
    time = np.ceil(time / 5) if rounded else time
    at = np.linspace(0, time.max(), 40)
    theirs = KaplanMeierFitter().fit(time, event).survival_function_at_times(at)
    assert kaplan_meier(time, event, at)[0] == pytest.approx(theirs.to_numpy(), abs=1e-12)


def test_greenwood_gives_the_interval_of_lifelines():
    cohort = synthetic_cohort(300, seed=2)
    for definition in ("efs", "os", "rfs"):
        row = survival.curve(cohort, definition, [12 * MONTH]).to_dicts()[0]
        assert survival.survival_interval(cohort, definition, 12) == pytest.approx((row["low"], row["high"]), abs=1e-9)
        assert survival_at(cohort, definition, 12) == pytest.approx(row["survival"], abs=1e-12)


def test_the_curve_starts_with_everybody_at_risk_and_loses_them():
    cohort = synthetic_cohort(300, seed=2)
    curve = survival.curve(cohort, "os", [0, 365, 1000, 5000])
    infused = cohort.filter(fate="infused")
    assert curve["at_risk"].to_list()[:2] == [infused.height, infused.filter(pl.col("followed_days") >= 365).height]
    assert curve["at_risk"].to_list()[-1] == 0
    assert curve["survival"].is_sorted(descending=True)


def test_a_curve_of_nobody_is_empty_and_no_error():
    nobody = patients(response=["no response"] * 3)
    assert survival.curve(nobody, "rfs", [100.0])["at_risk"].to_list() == [0]
    assert np.isnan(survival_at(nobody, "rfs", 6))


def test_the_cumulative_incidence_agrees_with_aalen_johansen_of_lifelines():
    time, event, exposed = made_up()
    kind = np.where(event, 1 + exposed, 0)
    at = np.linspace(1, 240, 50)
    theirs = AalenJohansenFitter(calculate_variance=False).fit(time, kind, event_of_interest=1).cumulative_density_
    where = np.searchsorted(theirs.index.to_numpy(), at, side="right") - 1
    assert survival.cumulative_incidence(time, kind, at) == pytest.approx(theirs.to_numpy()[where, 0], abs=1e-12)


def test_competing_incidences_and_survival_add_up_to_one_with_ties():
    time, event, exposed = made_up()
    time, kind, at = np.ceil(time / 10), np.where(event, 1 + exposed, 0), np.arange(25.0)
    parts = [survival.cumulative_incidence(time, kind, at, of=of) for of in (1, 2)]
    assert sum(parts) + kaplan_meier(time, event, at)[0] == pytest.approx(np.ones(25), abs=1e-12)


def test_the_hazard_ratio_is_that_of_freireich_1963():
    time, event = TREATED + PLACEBO, RELAPSED + [1] * 21
    placebo = [-np.inf if each >= 21 else np.inf for each in range(42)]
    ratio, se = two_group_hazard_ratio(time, event, placebo)
    # Coefficient 1.572 with standard error 0.412, Efron's ties: as in Therneau and Grambsch and R's coxph.
    assert np.log(ratio) == pytest.approx(1.572, abs=0.0005)
    assert se == pytest.approx(0.412, abs=0.0005)
    theirs = survival.hazard_ratio(time, event, np.isneginf(placebo).astype(float))
    assert theirs.value == pytest.approx(ratio, rel=1e-5)
    assert theirs.low < theirs.value < theirs.high
    assert theirs.events == 30


@pytest.mark.parametrize("rounded", [False, True], ids=["times apart", "times tied"])
def test_the_hazard_ratio_agrees_with_lifelines(rounded):
    time, event, exposed = made_up()
    time = np.ceil(time / 20) if rounded else time
    theirs = CoxPHFitter().fit(pd.DataFrame({"t": time, "e": event, "x": exposed.astype(float)}), "t", "e").summary.loc["x"]
    ratio, se = two_group_hazard_ratio(time, event, np.where(exposed, -np.inf, np.inf))
    assert ratio == pytest.approx(theirs["exp(coef)"], rel=1e-5)
    assert se == pytest.approx(theirs["se(coef)"], rel=1e-4)


def test_a_time_dependent_hazard_ratio_agrees_with_lifelines():
    time, event, _ = made_up(seed=3)
    entry = np.full(len(time), 0.5)
    since = 120 * stream(3, "exposed").uniform(patients=range(len(time)))[:, 0]
    rows = []
    for i, (end, happened, from_day) in enumerate(zip(time, event, since, strict=True)):
        if end <= 0.5:
            continue
        if from_day < end:
            begin = max(0.5, from_day)
            rows += [(i, 0.5, begin, 0, False)] if begin > 0.5 else []
            rows += [(i, begin, end, 1, happened)]
        else:
            rows += [(i, 0.5, end, 0, happened)]
    table = pd.DataFrame.from_records(rows, columns=["id", "start", "stop", "x", "event"])
    theirs = (
        CoxTimeVaryingFitter().fit(table, id_col="id", event_col="event", start_col="start", stop_col="stop").summary.loc["x"]
    )
    ratio, se = two_group_hazard_ratio(time, event, since, entry)
    assert ratio == pytest.approx(theirs["exp(coef)"], rel=1e-4)
    assert se == pytest.approx(theirs["se(coef)"], rel=1e-3)


def test_a_hazard_ratio_without_events_in_a_group_is_not_a_number_or_a_bound():
    assert np.isnan(two_group_hazard_ratio([1, 2, 3], [1, 1, 0], [np.inf] * 3)[0])
    assert two_group_hazard_ratio([1, 2, 3], [1, 1, 0], [np.inf, np.inf, -np.inf])[0] == 0
    assert two_group_hazard_ratio([1, 2, 3], [1, 1, 0], [-np.inf, -np.inf, np.inf])[0] == np.inf


def test_person_time_is_split_at_the_exposure():
    time, event = np.array([10.0, 10.0, 4.0]), np.array([True, True, False])
    parts = survival.person_time(time, event, np.array([6.0, np.inf, 2.0]), np.array([0.0, 0.0, 1.0]))
    assert parts == {"events": (1, 1), "person_days": (4 + 0 + 2, 6 + 10 + 1)}
    assert survival.rate_ratio(**parts) == pytest.approx((1 / 6) / (1 / 17))
    assert np.isnan(survival.rate_ratio((0, 0), (5, 5)))
    assert survival.rate_ratio((1, 0), (5, 5)) == np.inf


# Definitions


def timed(cohort, definition):
    return [(row["time"], row["event"]) for row in endpoints(cohort, definition).to_dicts()]


COURSE = dict(
    #          relapse, transplant then relapse, no remission, early death, other therapy, nothing, died in remission
    response=["CR", "CRi", "no response", None, "CR", "CR", "CR"],
    response_day=[28.0, 28.0, None, None, 90.0, 28.0, 28.0],
    relapse_day=[200.0, 300.0, None, None, None, None, None],
    transplant_day=[None, 100.0, 60.0, None, None, None, None],
    other_therapy_day=[None, None, None, None, 150.0, None, None],
    death_day=[400.0, None, 250.0, 12.0, None, None, 500.0],
    followed_days=[400.0, 1000.0, 250.0, 12.0, 1000.0, 1000.0, 500.0],
)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("efs", [(200, True), (100, False), (28, True), (12, True), (150, False), (1000, False), (500, True)]),
        ("efs uncensored", [(200, True), (300, True), (28, True), (12, True), (1000, False), (1000, False), (500, True)]),
        ("efs strict", [(200, True), (100, True), (28, True), (12, True), (150, True), (1000, False), (500, True)]),
        ("rfs", [(172, True), (72, False), (60, False), (972, False), (472, True)]),
        ("rfs uncensored", [(172, True), (272, True), (910, False), (972, False), (472, True)]),
        ("rfs strict", [(172, True), (72, True), (60, True), (972, False), (472, True)]),
        ("os", [(400, True), (1000, False), (250, True), (12, True), (1000, False), (1000, False), (500, True)]),
    ],
)
def test_an_endpoint_counts_what_its_definition_says(definition, expected):
    assert timed(patients(**COURSE), definition) == expected


def test_survival_of_the_enrolled_counts_those_who_died_waiting():
    cohort = frame(
        {
            "patient": range(4),
            "fate": ["infused", "died waiting", "not infused", "not eligible"],
            "infused_day": [40.0, None, None, None],
            "left_day": [None, 30.0, 50.0, 5.0],
            "death_day": [100.0, None, None, None],
            "followed_days": [100.0, None, None, None],
        }
    )
    assert timed(cohort, "os enrolled") == [(140, True), (30, True), (50, False)]


def test_an_event_on_the_day_follow_up_ends_counts_and_one_behind_it_does_not():
    cohort = patients(
        response=["CR", "CR"], response_day=[28.0, 28.0], relapse_day=[100.0, 101.0], followed_days=[100.0, 100.0]
    )
    assert timed(cohort, "efs") == [(100, True), (100, False)]


def test_who_was_not_evaluable_and_lives_is_censored_as_in_eliana():
    assert timed(patients(followed_days=[70.0]), "efs") == [(70, False)]


def test_survival_is_not_defined_beyond_follow_up():
    cohort = patients(followed_days=[400.0, 410.0], death_day=[400.0, None])
    assert survival_at(cohort, "os", 14) == 0.5
    assert np.isnan(survival_at(cohort, "os", 24))
    assert survival_at(patients(death_day=[10.0], followed_days=[10.0]), "os", 24) == 0


def test_the_median_is_the_first_day_at_one_half():
    cohort = patients(death_day=[10.0, 20.0, None, None])
    assert survival.median_survival(cohort, "os") == 20
    assert np.isnan(survival.median_survival(patients(death_day=[10.0, None, None]), "os"))


def test_every_endpoint_is_documented_and_an_unknown_one_is_refused():
    cohort = synthetic_cohort(100)
    for definition, about in survival.DEFINITIONS.items():
        assert about.endswith(".")
        assert (endpoints(cohort, definition)["time"] >= 0).all()
    with pytest.raises(UnknownName, match="nearest: efs"):
        endpoints(cohort, "efss")


def test_parts_of_a_cohort_have_the_endpoints_of_the_whole():
    cohort = synthetic_cohort(500, seed=9)
    whole = facts(cohort)
    assert survival_at(whole.part(slice(100, 300)), "efs", 12) == survival_at(cohort[100:300], "efs", 12)
