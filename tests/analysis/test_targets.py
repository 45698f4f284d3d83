"""Published targets: read completely or refused completely, intervals as published or exact, and trials of their size."""

import json
import math
import time

import numpy as np
import pytest
from scipy.stats import binomtest

from livingdrug.analysis import targets
from livingdrug.analysis.intervals import DERIVATIONS, exact_interval, median_interval
from livingdrug.analysis.measures import MEASURES, evaluate
from livingdrug.analysis.targets import compare, distance, published, trials
from livingdrug.errors import BadInput, UnknownName
from livingdrug.streams import stream
from tests.synthetic import synthetic_cohort

ELIANA = {each.id: each for each in published("eliana")}
GROUPS = {f"C{number}" for number in range(1, 13)}


def test_every_calibration_group_is_there_and_nothing_else_is_fitted():
    assert {each.group for each in ELIANA.values() if each.role == "calibration"} == GROUPS
    assert {each.group for each in ELIANA.values() if each.role == "shown"} == {"shown"}


def test_the_published_numbers_are_those_of_the_papers():
    assert ELIANA["remission-63"].value == 52 / 63
    assert (ELIANA["remission-63"].low, ELIANA["remission-63"].high) == (0.709, 0.910)
    assert ELIANA["infused"].value == pytest.approx(0.814, abs=0.0005)
    assert (ELIANA["infused"].low, ELIANA["infused"].high) == pytest.approx((0.723, 0.886), abs=0.0005)
    assert [ELIANA[f"efs-{month}"].value for month in (6, 12, 36)] == [0.73, 0.50, 0.44]
    assert [ELIANA[f"os-{month}"].value for month in (6, 12, 18, 36)] == [0.90, 0.76, 0.70, 0.63]
    assert ELIANA["cmax-response-ratio"].value == 1.74
    assert ELIANA["auc-response-ratio"].value == 2.04


@pytest.mark.parametrize(
    ("target", "per_cent", "interval"),
    [  # per infused patient, from the counts of Levine 2021, table 5
        ("crs-137", 78.8, (71.0, 85.3)),
        ("intensive-care", 42.3, (33.9, 51.1)),
        ("tocilizumab", 31.4, (23.7, 39.9)),
        ("hypotension", 43.8, (35.3, 52.5)),
        ("high-dose-vasopressors", 24.1, (17.2, 32.1)),
        ("oxygen", 39.4, (31.2, 48.1)),
        ("intubation", 13.1, (8.0, 20.0)),
        ("dialysis", 8.8, (4.6, 14.8)),
    ],
)
def test_exact_intervals_of_the_component_table(target, per_cent, interval):
    each = ELIANA[target]
    assert round(100 * each.value, 1) == per_cent
    assert (100 * each.low, 100 * each.high) == pytest.approx(interval, abs=0.06)


def test_exact_intervals_agree_with_scipy():
    for events, n in ((0, 75), (52, 63), (79, 79), (8, 97)):
        theirs = binomtest(events, n).proportion_ci(method="exact")
        assert exact_interval(events, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_cuts_of_one_trial_weigh_as_one_target():
    for measure in ("remission", "crs", "crs_penn_3"):
        cuts = [each.weight for each in ELIANA.values() if each.measure == measure and each.role == "calibration"]
        assert sum(cuts) == pytest.approx(1)


def test_every_interval_holds_its_value_and_says_whose_it_is():
    for each in ELIANA.values():
        assert math.isnan(each.value) or each.low <= each.value <= each.high, each.id
        assert each.basis.split(":")[0] in ("published", "exact from counts", "derived", "direction published", "not published")
        assert each.source
        assert each.measure in MEASURES


def test_what_nobody_printed_is_marked_as_derived_or_unconfirmed():
    assert all(ELIANA[f"{each}-response-ratio"].basis.startswith("derived") for each in ("cmax", "auc"))
    assert not ELIANA["aplasia-6"].confirmed
    assert ELIANA["rfs-12"].weight == 0  # another cut than the curve that is fitted
    assert "misprint" in ELIANA["os-24"].note


def test_derived_intervals_shrink_with_the_number_of_patients():
    few = DERIVATIONS["ratio of geometric means"](1.74, 70, [62, 8], [1.5, 0.7])
    many = DERIVATIONS["ratio of geometric means"](1.74, 700, [620, 80], [1.5, 0.7])
    assert few[0] < many[0] < 1.74 < many[1] < few[1]


def test_the_interval_of_a_median_covers_as_often_as_it_says():
    samples = stream(1, "median").uniform(patients=range(4000), draws=25)
    covered = [low <= 0.5 <= high for low, high in map(median_interval, samples)]
    assert 0.95 <= np.mean(covered) <= 0.99
    assert all(math.isnan(each) for each in median_interval([1, 2, 3]))


# Comparing


def test_a_comparison_is_what_targets_json_holds():
    cohort = synthetic_cohort(4000, seed=1)
    rows = compare(cohort, published("eliana"), trials(cohort, 20, 79))
    row = next(row for row in rows if row["id"] == "remission-79")
    assert row["simulated"] == evaluate(cohort, ["remission"])["remission"]
    assert row["predicted_low"] < row["simulated"] < row["predicted_high"]
    assert row["inside"] is True
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    keys = {"id", "group", "label", "measure", "unit", "published", "low", "high", "n", "role", "source", "note"}
    assert keys | {"simulated", "predicted_low", "predicted_high", "inside"} <= set(row)


def test_what_is_not_published_is_neither_inside_nor_outside():
    rows = {row["id"]: row for row in compare(synthetic_cohort(500), published("eliana"))}
    assert rows["crs-astct-3"]["inside"] is None
    assert rows["crs-astct-3"]["published"] is None
    assert rows["crs-astct-3"]["simulated"] > 0
    assert rows["cmax-severity-ratio"]["inside"] is True  # a direction can be inside


def test_a_trial_infuses_its_size_and_holds_everybody_enrolled_on_the_way():
    cohort = synthetic_cohort(2000, seed=2)
    slices = trials(cohort, 10, 79)
    assert [cohort[each].filter(fate="infused").height for each in slices] == [79] * 10
    assert all(cohort["fate"][each.stop - 1] == "infused" for each in slices)
    assert [each.start for each in slices[1:]] == [each.stop for each in slices[:-1]]
    assert len(trials(cohort, 1000, 79)) == cohort.filter(fate="infused").height // 79


def test_a_cohort_without_room_for_one_trial_is_refused():
    with pytest.raises(BadInput, match="needs 79 infused patients"):
        trials(synthetic_cohort(50), 10, 79)
    with pytest.raises(BadInput, match="ascending"):
        trials(synthetic_cohort(200).reverse(), 1, 79)


def test_prediction_intervals_of_a_share_are_binomial():
    cohort = synthetic_cohort(97_000, seed=1)
    start = time.perf_counter()
    slices = trials(cohort, 1000, 79)
    low, high = targets.prediction_intervals(cohort, published("eliana"), slices)["remission-79"]
    assert time.perf_counter() - start < 20  # 1.2 s on a quiet machine
    assert (low, high) == pytest.approx((58.5 / 79, 71.5 / 79), abs=1.6 / 79)
    assert len(slices) >= 990


def test_each_target_can_have_trials_of_its_own_size():
    cohort = synthetic_cohort(20_000, seed=1)
    some = [ELIANA["crs-75"], ELIANA["crs-137"]]
    found = targets.prediction_intervals(cohort, some, {each.n: trials(cohort, 150, each.n) for each in some})
    width = {name: high - low for name, (low, high) in found.items()}
    assert width["crs-137"] < width["crs-75"]


def test_distance_is_one_at_the_bounds_and_zero_at_the_value():
    for name in ("remission-63", "cmax-response-ratio", "crs-onset", "dose-toxicity"):
        each = ELIANA[name]
        assert distance(each, each.value) == 0
        assert distance(each, each.low) == pytest.approx(1)
        assert distance(each, each.high) == pytest.approx(1)
    assert distance(ELIANA["cmax-severity-ratio"], 3) == 0
    assert distance(ELIANA["cmax-severity-ratio"], 0.5) > 1
    assert distance(ELIANA["neurotoxicity-4"], 0) == 0
    assert distance(ELIANA["crs-137"], math.nan) == math.inf


# Reading


def test_a_file_of_ones_own_is_read(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        """
        [sources]
        us = "our registry"
        [[target]]
        id = "cr"
        group = "C1"
        label = "CR"
        measure = "complete_remission"
        role = "calibration"
        events = 5
        n = 10
        source = "us"
        """
    )
    (target,) = published(file)
    assert target.value == 0.5
    assert target.basis == "exact from counts"


def test_every_mistake_of_a_file_is_named_at_once(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text(
        """
        titel = "x"
        [sources]
        us = "our registry"
        [[target]]
        id = "a"
        group = "C1"
        label = "A"
        measure = "remision"
        role = "calibrate"
        events = 5
        n = 10
        source = "them"
        [[target]]
        id = "a"
        group = "C1"
        label = "A"
        measure = "remission"
        role = "shown"
        value = 0.5
        interval = [0.6, 0.7]
        n = 10
        source = "us"
        [[target]]
        id = "b"
        group = "C1"
        label = "B"
        measure = "remission"
        role = "shown"
        value = "half"
        n = 10
        source = "us"
        [[target]]
        id = "c"
        """
    )
    with pytest.raises(BadInput) as refusal:
        published(file)
    says = str(refusal.value)
    for part in (
        "no key 'titel'; nearest: title",
        "no measure 'remision'; nearest: remission",
        "'calibrate' is not one of calibration, shown",
        "no source 'them'",
        "target a: is there twice",
        "the value 0.5 lies outside its interval 0.6 to 0.7",
        "target b: value: 'half' is not what belongs there",
        "target c: measure is missing",
    ):
        assert part in says


def test_a_file_that_is_not_there_or_not_toml_is_one_sentence(tmp_path):
    with pytest.raises(UnknownName, match="nearest: eliana"):
        published("elianna")
    with pytest.raises(BadInput, match="cannot be read"):
        published(tmp_path / "nowhere.toml")
    (tmp_path / "x.toml").write_text("a = = 1")
    with pytest.raises(BadInput, match="is not TOML"):
        published(tmp_path / "x.toml")
