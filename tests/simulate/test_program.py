"""The virtual program as a whole: the same patients in any company, shared luck between scenarios, and other diseases."""

import numpy as np
import polars as pl
import pytest

from livingdrug.cohort import COLUMNS, frame
from livingdrug.exchange.tables import read_cohort, write_cohort
from livingdrug.simulate import body
from livingdrug.simulate.program import simulate, trajectories
from livingdrug.simulate.scenario import load, names

PATIENTS = range(400)
BEFORE_INFUSION = [each.name for each in COLUMNS[: [column.name for column in COLUMNS].index("cmax")]]


@pytest.fixture(scope="module")
def eliana():
    return simulate(load("eliana"), PATIENTS)


def same(one, other):
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_patients_are_the_same_in_any_range_and_with_any_threads(eliana):
    parts = [simulate(load("eliana"), part, threads=threads) for part, threads in ((range(130), 1), (range(130, 400), 2))]
    for name, values in eliana.items():
        assert same(values, np.concatenate([part[name] for part in parts])), name


def test_every_column_is_filled_by_somebody(eliana):
    cohort = frame(eliana)
    empty = [name for name in cohort.columns if cohort[name].null_count() == cohort.height]
    assert empty == []


def test_another_policy_changes_nothing_before_its_first_use():
    late, early = load("eliana"), load("eliana", ["policy=current"])
    cohorts = [frame(simulate(each, PATIENTS)) for each in (late, early)]
    assert cohorts[0].select(BEFORE_INFUSION).equals(cohorts[1].select(BEFORE_INFUSION))
    courses = [trajectories(each, PATIENTS) for each in (late, early)]
    first = np.fmin(*(each["tocilizumab_day"].to_numpy() for each in cohorts))
    steroids = np.fmin(*(each["steroid_day"].to_numpy() for each in cohorts))
    first = np.nan_to_num(np.fmin(first, steroids), nan=np.inf)
    charted = [each.filter(pl.col("day") <= 60) for each in courses]
    before = [each.filter(each["day"].to_numpy() < first[each["patient"].to_numpy()] - 1.0) for each in charted]
    assert before[0].height > 10_000
    ends = before[0].join(before[1], on=["patient", "day"], how="inner")
    for name in ("transgene", "tumor", "IL6", "temperature"):
        assert (ends[name] == ends[f"{name}_right"]).all(), name
    assert (cohorts[1]["tocilizumab_doses"] > 0).sum() > (cohorts[0]["tocilizumab_doses"] > 0).sum()


def test_a_tighter_tolerance_changes_no_outcome(eliana, monkeypatch):
    monkeypatch.setattr(body, "RTOL", 1e-7)
    exact = simulate(load("eliana"), PATIENTS)
    for name in ("response", "relapse", "crs_penn", "vasoactive", "tocilizumab_doses"):
        assert (eliana[name] != exact[name])[~np.isnan(np.asarray(exact["cmax"]))].mean() < 0.012, name
    np.testing.assert_allclose(eliana["cmax"], exact["cmax"], rtol=0.02)


def test_nobody_is_ill_before_falling_ill(eliana):
    cohort = frame(eliana)
    assert (cohort["relapse_day"] > cohort["response_day"]).drop_nulls().all()
    assert (cohort["death_day"] <= cohort["followed_days"]).drop_nulls().all()
    assert (cohort["b_cell_recovery_day"] <= cohort["followed_days"]).drop_nulls().all()
    assert (
        cohort.filter(cohort["fate"] != "infused").select("cmax", "response", "infused_day", "dose").null_count().row(0)
        == ((cohort["fate"] != "infused").sum(),) * 4
    )


@pytest.mark.parametrize("name", names())
def test_every_scenario_of_the_library_runs(name):
    cohort = frame(simulate(load(name), range(120)))
    infused = cohort.filter(cohort["fate"] == "infused")
    assert infused.height > 60
    assert (infused["solver_status"] == 0).all()
    assert infused["cmax"].is_between(1, 1e7).all()


def test_only_the_scenarios_of_the_calibrated_population_are_calibrated():
    assert {name for name in names() if load(name).calibrated} == {"eliana", "ensign", "launch-2017", "real-world-us"}


def test_trajectories_end_with_the_patient():
    scenario = load("eliana")
    courses = trajectories(scenario, range(60))
    cohort = frame(simulate(scenario, range(60)))
    last = courses.group_by("patient").agg(pl.col("day").max())
    joined = last.join(cohort.select("patient", "followed_days"), on="patient")
    assert (joined["day"] <= joined["followed_days"]).all()
    assert set(courses["patient"].unique()) == set(cohort.filter(cohort["fate"] == "infused")["patient"])


def test_nothing_happens_to_the_dead():
    cohort = frame(simulate(load("eliana"), range(4000))).filter(pl.col("death_day") < 60)
    assert cohort.height > 5
    for day in (
        "tmax",
        "crs_onset",
        "icu_day",
        "severe_onset",
        "tocilizumab_day",
        "steroid_day",
        "response_day",
        "relapse_day",
    ):
        assert (cohort[day] <= cohort["death_day"]).drop_nulls().all(), day
    for day, days in (("crs_onset", "crs_days"), ("icu_day", "icu_days")):
        assert (cohort[day] + cohort[days] <= cohort["death_day"] + 0.5).drop_nulls().all(), days
    early = cohort.filter(pl.col("death_day") <= 28)
    assert early["response"].null_count() == early["neutropenia_d28"].null_count() == early.height


def test_a_simulated_cohort_passes_the_checks_for_recorded_ones(tmp_path):
    cohort = frame(simulate(load("eliana"), range(1500)))
    for name in ("cohort.csv", "cohort.parquet"):
        write_cohort(cohort, tmp_path / name)
        assert read_cohort(tmp_path / name).height == cohort.height


def test_a_range_in_which_nobody_is_infused_is_a_table_too(eliana):
    """The last chunk of a run may be one patient whose cells could not be made."""
    alone = int(np.flatnonzero(eliana["fate"] != 5)[0])
    cohort = frame(simulate(load("eliana"), range(alone, alone + 1)))
    assert cohort.height == 1
    assert cohort["response"].null_count() == 1
    assert trajectories(load("eliana"), range(alone, alone + 1)).height == 0
    assert frame(simulate(load("eliana"), range(5, 5))).height == 0


def test_what_the_dead_needed_is_what_was_charted_before_their_death():
    scenario, some = load("eliana"), range(3000)
    dead = frame(simulate(scenario, some)).filter(pl.col("death_cause") == "toxicity")
    lived = trajectories(scenario, some).filter(pl.col("patient").is_in(dead["patient"].implode()))
    worst = lived.group_by("patient").agg(pl.col("vasoactive", "oxygen", "neurotoxicity").max())
    both = dead.select("patient", pl.col("vasoactive", "oxygen").to_physical(), "neurotoxicity").join(worst, on="patient")
    assert both.height == dead.height > 10
    for need in ("vasoactive", "oxygen", "neurotoxicity"):
        assert (both[need] == both[f"{need}_right"]).all(), need
