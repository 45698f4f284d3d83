"""Virtual populations of parameters: addressable, with the spreads, correlations and limits a model declares."""

import numpy as np
import pytest

from livingdrug.biology.model import Declaration
from livingdrug.biology.models import load
from livingdrug.biology.population import draw
from livingdrug.errors import BadInput


def small():
    m = Declaration(name="small", title="two correlated rates", citation="none")
    a = m.parameter("a", 2.0, "1/day", spread=0.5)
    b = m.parameter("b", 3.0, "1/day", spread=0.3)
    m.parameter("c", 5.0, "1/day", spread=1.0, highest=6.0)
    m.parameter("fixed", 1.0, "1/day")
    m.correlate(a, b, 0.8)
    x = m.state("x", "1", initial=1)
    m.rates({x: -a * x})
    return m.model()


def test_a_patient_is_the_same_in_every_range():
    whole = draw(load("reference"), 1000, seed=7)
    some = draw(load("reference"), range(400, 410), seed=7)
    assert whole.keys() == some.keys()
    for name, column in some.items():
        assert np.array_equal(whole[name][400:410], column)


def test_spreads_and_correlation_are_those_declared():
    drawn = draw(small(), 200_000, seed=1)
    assert "fixed" not in drawn
    logs = {name: np.log(column) for name, column in drawn.items()}
    assert logs["a"].mean() == pytest.approx(np.log(2), abs=0.005)
    assert logs["a"].std() == pytest.approx(0.5, rel=0.01)
    assert logs["b"].std() == pytest.approx(0.3, rel=0.01)
    assert np.corrcoef(logs["a"], logs["b"])[0, 1] == pytest.approx(0.8, abs=0.005)
    assert np.corrcoef(logs["a"], logs["c"])[0, 1] == pytest.approx(0, abs=0.01)
    assert drawn["c"].max() == 6.0


def test_omega_can_be_read_as_a_variance():
    """Stein 2019 prints ω without saying which; as a variance 0.25, the log-SD is 0.5."""
    as_sd, as_variance = (draw(small(), 50_000, seed=1, reading=reading) for reading in ("sd", "variance"))
    assert np.log(as_sd["a"]).std() == pytest.approx(0.5, rel=0.02)
    assert np.log(as_variance["a"]).std() == pytest.approx(np.sqrt(0.5), rel=0.02)
    with pytest.raises(BadInput, match="neither 'sd' nor 'variance'"):
        draw(small(), 1, seed=1, reading="cv")


def test_one_spread_for_every_parameter():
    drawn = draw(small(), 50_000, seed=1, spread=0.2)
    assert np.log(drawn["fixed"]).std() == pytest.approx(0.2, rel=0.02)
    assert np.log(drawn["a"]).std() == pytest.approx(0.2, rel=0.02)
