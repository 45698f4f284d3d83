"""Calibration: the misfit, the search, and the command that stores what it found."""

import tomllib

import numpy as np
import polars as pl
import pytest

from livingdrug.analysis.targets import Target, published
from livingdrug.cohort import frame
from livingdrug.commands.calibrate import calibrate as command
from livingdrug.errors import BadInput
from livingdrug.fit.calibrate import WORST, Range, calibrate, misfit


def target(measure: str, value: float, low: float, high: float, role: str = "calibration") -> Target:
    return Target(measure, "C", measure, measure, "1", role, value, low, high, 100, "published", "nobody", "", True, 1.0)


def cohort(share_female: float, median_age: float) -> pl.DataFrame:
    """A hundred infused patients of whom so many reached a remission, with that median age."""
    responding = np.arange(100) < round(100 * share_female)
    return frame({
        "patient": np.arange(100),
        "fate": np.full(100, 5),
        "age": np.full(100, median_age),
        "response": np.where(responding, 0, 3),
    })  # fmt: skip


AIMS = [target("remission", 0.6, 0.5, 0.7), target("age_median", 11.0, 10.0, 12.0)]


def test_the_misfit_is_zero_at_the_published_values_and_one_at_a_bound():
    assert misfit(cohort(0.6, 11.0), AIMS) == pytest.approx(0.0)
    assert misfit(cohort(0.6, 12.0), AIMS) == pytest.approx(1.0)


def test_outside_an_interval_the_misfit_is_steep_and_a_hopeless_target_counts_no_further():
    two = misfit(cohort(0.6, 13.0), AIMS)
    assert two == pytest.approx(2**2 + 4 * 1**2)
    assert misfit(cohort(0.6, 500.0), AIMS) == misfit(cohort(0.6, 11.0 + WORST), AIMS)


def test_shown_targets_are_never_looked_at():
    shown = target("age_median", 99.0, 98.0, 100.0, role="shown")
    assert misfit(cohort(0.6, 11.0), [*AIMS, shown]) == pytest.approx(0.0)


def test_the_search_finds_known_numbers_and_the_same_ones_again():
    def simulate(numbers):
        return cohort(numbers["share"], numbers["age"])

    ranges = {"share": Range(0.05, 0.95), "age": Range(3.0, 25.0)}
    start = {"share": 0.4, "age": 14.0}
    found = calibrate(simulate, start, ranges, AIMS, evaluations=300, seed=3)
    assert found.numbers["share"] == pytest.approx(0.6, abs=0.06)
    assert found.numbers["age"] == pytest.approx(11.0, abs=0.6)
    assert found.misfit < found.misfit_at_start
    assert calibrate(simulate, start, ranges, AIMS, evaluations=300, seed=3) == found


@pytest.mark.parametrize(("low", "high"), [(0.1, 10.0), (-1.0, 1.0), (2.0, 3.0)])
def test_a_range_maps_to_shares_and_back(low, high):
    which = Range(low, high)
    assert which.by_logarithm == (low == 0.1)
    for share in (0.0, 0.3, 1.0):
        assert which.share(which.value(share)) == pytest.approx(share)


def test_the_targets_of_eliana_are_those_of_groups_c1_to_c12():
    groups = {each.group for each in published("eliana") if each.role == "calibration"}
    assert groups == {f"C{i}" for i in range(1, 13)}


def test_the_command_writes_a_population_with_provenance_and_the_same_one_again(tmp_path):
    files = [tmp_path / "one.toml", tmp_path / "two.toml"]
    for file in files:
        command("eliana", patients=200, evaluations=20, out=file, quiet=True)
    assert files[0].read_bytes() == files[1].read_bytes()
    written = tomllib.loads(files[0].read_text(encoding="utf-8"))
    assert written["calibrated"] is True
    assert written["provenance"]["scenario"] == "eliana"
    assert written["provenance"]["command"].startswith("livingdrug calibrate eliana")
    low, _, high = written["calibration"]["course.kap"]
    assert low <= written["numbers"]["course"]["kap"]["value"] <= high


def test_what_cannot_be_calibrated_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="names no published results"):
        command("zuma-1", out=tmp_path / "x.toml")
    with pytest.raises(BadInput, match="there is no folder"):
        command("eliana", out=tmp_path / "nowhere" / "x.toml")
    with pytest.raises(BadInput, match="too few"):
        command("eliana", patients=5, out=tmp_path / "x.toml")
