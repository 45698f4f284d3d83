"""Kernels: one per equations and method, kept on disk, found again by whoever asks for the same."""

from dataclasses import replace

from livingdrug.biology import compile as kernels
from livingdrug.biology.cache import cache_folder
from livingdrug.biology.model import Declaration, Model


def decay(rate_value: float = 1.0, power: int = 1) -> Model:
    m = Declaration(name="Decay of x!", title="decay", citation="none")
    a = m.parameter("a", rate_value, "1/day", "how fast")
    x = m.state("x", "1", initial=1)
    m.rates({x: -a * x**power})
    return m.model()


def test_values_and_prose_do_not_recompile_but_equations_do():
    same = kernels.fingerprint(decay(), "rosenbrock")
    assert kernels.fingerprint(decay(rate_value=2.0), "rosenbrock") == same
    assert kernels.fingerprint(replace(decay(), title="something else"), "rosenbrock") == same
    assert kernels.fingerprint(decay(power=2), "rosenbrock") != same
    assert kernels.fingerprint(decay(), "tsitouras") != same


def test_kernel_is_a_readable_file_in_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVINGDRUG_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    assert not kernels.is_cached(decay(), "rosenbrock")
    compiled = kernels.kernel(decay(), "rosenbrock")
    assert compiled.path.parent == tmp_path
    assert compiled.path.name.startswith("decay_of_x_rosenbrock_")
    text = compiled.path.read_text()
    assert "def stage(w, time, weight)" in text
    assert "from livingdrug.biology.kernels" not in text
    assert list(tmp_path.glob("*.tmp")) == []


def test_source_is_the_same_text_every_time():
    assert kernels.source(decay(), "tsitouras") == kernels.source(decay(), "tsitouras")
