"""The way from eligible to response: every patient stands in one place, and losses have reasons."""

import numpy as np
import pytest

from livingdrug.analysis import waiting
from livingdrug.cohort import frame
from tests.synthetic import synthetic_cohort


def test_the_flow_loses_patients_and_never_finds_any():
    flow = waiting.flow(synthetic_cohort(2000, seed=1, start="eligible"))
    assert flow["stage"].to_list()[:4] == ["eligible", "enrolled", "released", "infused"]
    assert flow["patients"].is_sorted(descending=True)
    assert flow["lost"].min() == 0
    assert flow["patients"][0] - flow["lost"].sum() == flow["patients"][-1]


def test_every_loss_before_infusion_has_a_reason():
    cohort = synthetic_cohort(2000, seed=1, start="eligible")
    losses = {row["fate"]: row for row in waiting.losses(cohort).to_dicts()}
    flow = {row["stage"]: row for row in waiting.flow(cohort).to_dicts()}
    waited = ("manufacturing failure", "died waiting", "not infused")
    assert sum(losses[fate]["patients"] for fate in waited) == flow["released"]["lost"] + flow["infused"]["lost"]
    assert losses["not collected"]["patients"] == flow["enrolled"]["lost"]
    assert losses["not collected"]["of_enrolled"] is None
    assert sum(losses[fate]["of_enrolled"] for fate in waited) == pytest.approx(1 - flow["infused"]["of_enrolled"])


def test_while_waiting_all_end_up_infused_or_lost():
    cohort = synthetic_cohort(500, seed=1)
    table = waiting.while_waiting(cohort, np.array([0.0, 20.0, 200.0]))
    assert table.row(0) == (0, 0, 0, 1)
    assert table["infused"][2] == pytest.approx(cohort.filter(fate="infused").height / 500)
    assert table["waiting"][2] == pytest.approx(0, abs=1e-9)


def test_delays_are_quantiles_of_days():
    cohort = frame(
        {"patient": range(3), "fate": ["infused"] * 3, "released_day": [20.0, 21.0, 25.0], "infused_day": [40.0, 43.0, 50.0]}
    )
    rows = {row["interval"]: row for row in waiting.delays(cohort).to_dicts()}
    assert rows["enrollment to infusion"]["median"] == 43
    assert rows["release to infusion"]["median"] == 22
    assert rows["infusion to remission"] == {
        "interval": "infusion to remission",
        "patients": 0,
        "median": None,
        "low": None,
        "high": None,
    }


def test_nobody_flows_without_an_error():
    assert waiting.flow(frame({}))["patients"].to_list() == [0] * 7
    assert waiting.losses(frame({}))["patients"].sum() == 0
