"""Random streams: the same bits for any chunking, on any machine, and numbers that are distributed as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from livingdrug.errors import BadInput
from livingdrug.streams import _log, normal_quantile, stream


def philox4x64(counter: list[int], key: list[int], rounds: int = 10) -> list[int]:
    """Philox4x64 as in Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC11), written out plainly."""
    x, k = list(counter), list(key)
    for _ in range(rounds):
        a, b = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        low = 2**64 - 1
        x = [(b >> 64) ^ x[1] ^ k[0], b & low, (a >> 64) ^ x[3] ^ k[1], a & low]
        k = [(k[0] + 0x9E3779B97F4A7C15) & low, (k[1] + 0xBB67AE8584CAA73B) & low]
    return x


ONES = 2**64 - 1
RANDOM123 = [
    ([0] * 4, [0] * 2, "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
    ([ONES] * 4, [ONES] * 2, "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0"),
    (
        [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
        [0x452821E638D01377, 0xBE5466CF34E90C6C],
        "a528f45403e61d95 38c72dbd566e9788 a5a1610e72fd18b5 57bd43b5e52b7fe6",
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), RANDOM123, ids=["zeros", "ones", "pi"])
def test_philox_agrees_with_the_known_answers_of_random123(counter: list[int], key: list[int], expected: str) -> None:
    assert philox4x64(counter, key) == [int(word, 16) for word in expected.split()]


FROZEN_UNIFORMS = [
    ["0x1.6352852713070p-5", "0x1.bd43e3d23d372p-2"],
    ["0x1.fe0afe57fae3ep-2", "0x1.3d35a3164c4a5p-1"],
    ["0x1.85f2aa9771544p-3", "0x1.463d12ebc49f5p-1"],
]
FROZEN_NORMALS = [
    ["-0x1.b67a5149e5d84p+0", "-0x1.500f8e8607537p-3"],
    ["-0x1.39f5dfd778e74p-8", "0x1.379a16040aec6p-2"],
    ["-0x1.c0b87dcb5cb8bp-1", "0x1.675dc9088e5b8p-2"],
]


@given(seed=st.integers(0, 2**70), patient=st.integers(0, 2**40), draw=st.integers(0, 30))
def test_a_draw_is_the_word_at_its_documented_address(seed: int, patient: int, draw: int) -> None:
    s = stream(seed, "address")
    word = philox4x64([patient // 4, draw, 0, 0], [s.key & ONES, s.key >> 64])[patient % 4]
    drawn = s.uniform(patients=range(patient, patient + 1), draws=draw + 1)[0, draw]
    assert drawn == ((word >> 12) + 0.5) / 2**52


def test_draws_stay_what_they_are() -> None:
    """Frozen on purpose: a change here changes the results of every user and belongs into the changelog."""
    drawn = stream(2019, "test").uniform(patients=range(5, 8), draws=2)
    assert [[x.hex() for x in row] for row in drawn.tolist()] == FROZEN_UNIFORMS
    normal = stream(2019, "test").normal(patients=range(5, 8), draws=2)
    assert [[x.hex() for x in row] for row in normal.tolist()] == FROZEN_NORMALS


@given(data=st.data(), draws=st.integers(0, 4))
def test_a_part_of_the_patients_gets_the_numbers_it_gets_among_all(data: st.DataObject, draws: int) -> None:
    start = data.draw(st.integers(0, 60))
    stop = data.draw(st.integers(start, 60))
    s = stream(7, "chunks")
    for sample in (s.uniform, s.normal):
        everybody = sample(patients=range(60), draws=4)
        assert np.array_equal(sample(patients=range(start, stop), draws=draws), everybody[start:stop, :draws])


def test_the_pieces_of_the_work_do_not_show() -> None:
    s = stream(7, "pieces")
    at_once = s.normal(patients=range(40_000), draws=2)
    in_parts = np.concatenate([s.normal(patients=range(i, i + 5_000), draws=2) for i in range(0, 40_000, 5_000)])
    assert np.array_equal(at_once, in_parts)


def test_seeds_and_purposes_are_unrelated() -> None:
    patients = range(20_000)
    drawn = [stream(s, p).normal(patients=patients)[:, 0] for s, p in [(1, "a"), (2, "a"), (1, "b"), (11, "a")]]
    correlation = np.corrcoef(drawn) - np.eye(4)
    assert np.abs(correlation).max() < 4 / np.sqrt(len(patients))
    # The pair is hashed with a separator: no seed and purpose run into each other.
    assert stream(1, "1a").key != stream(11, "a").key
    assert stream(1, "a") == stream(1, "a")


def test_uniforms_are_uniform_and_normals_normal() -> None:
    s = stream(3, "distribution")
    patients = range(100_000)
    assert stats.kstest(s.uniform(patients=patients)[:, 0], "uniform").pvalue > 1e-3
    assert stats.kstest(s.normal(patients=patients)[:, 0], "norm").pvalue > 1e-3


def test_uniforms_never_reach_0_or_1() -> None:
    from livingdrug.streams import _open_unit_interval

    ends = _open_unit_interval(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert ends.tolist() == [2.0**-53, 1 - 2.0**-53]
    assert np.isfinite(normal_quantile(ends)).all()


def test_the_normal_quantile_agrees_with_scipy() -> None:
    tails = 2.0 ** -np.arange(1.001, 60, 0.01)
    p = np.concatenate([tails, 1 - tails[tails > 2.0**-50], np.linspace(1e-6, 1 - 1e-6, 9_998)])
    expected = stats.norm.ppf(p)
    assert np.abs(normal_quantile(p) / expected - 1).max() < 1e-14


def test_the_normal_quantile_agrees_with_wichura_1988() -> None:
    """The check values of AS 241: z at p = 0.25, 0.001 and 1e-20."""
    p = np.array([0.25, 0.001, 1e-20, 0.5])
    assert normal_quantile(p) == pytest.approx([-0.6744897501960817, -3.090232306167814, -9.262340089798408, 0.0], rel=2e-16)


def test_the_normal_quantile_keeps_the_shape_and_works_on_any_order() -> None:
    p = stream(1, "shape").uniform(patients=range(5), draws=3)
    expected = normal_quantile(p.ravel()).reshape(5, 3)
    for each in (p, np.ascontiguousarray(p), p.tolist()):
        assert np.array_equal(normal_quantile(np.asarray(each)), expected)
    assert np.array_equal(normal_quantile(p[::2, ::2]), expected[::2, ::2])


def test_our_logarithm_is_within_two_units_in_the_last_place() -> None:
    x = np.concatenate([2.0 ** -np.arange(0.01, 1000, 0.37), np.linspace(0.01, 0.99, 999)])
    assert np.abs(_log(x) / np.log(x) - 1).max() < 2 * np.finfo(float).eps


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, None])
def test_a_seed_that_is_none_is_bad_input(seed: object) -> None:
    with pytest.raises(BadInput, match="seed: is a whole number from 0 on"):
        stream(seed, "x")  # pyright: ignore[reportArgumentType]


def test_slips_of_the_programmer_are_value_errors() -> None:
    with pytest.raises(ValueError, match="purpose"):
        stream(1, "")
    for patients in (range(0, 10, 2), range(-1, 3), range(5, 3), range(0, 2**64)):
        with pytest.raises(ValueError, match=r"patients|patient and draw"):
            stream(1, "x").uniform(patients=patients)
    with pytest.raises(ValueError, match="draw numbers"):
        stream(1, "x").uniform(patients=range(3), draws=-1)
