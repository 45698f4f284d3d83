"""Named random streams: a draw is a pure function of (seed, purpose, patient number, draw number).

Nothing in livingdrug draws chance from anywhere else. So patients 200…299 get the same draws whether they are computed
alone, in a chunk or among a million; two scenarios that share a seed differ only where they differ; and a purpose that
is added later disturbs no other (common random numbers).

The address. Draw `d` of patient `p` is 64-bit word `p mod 4` of

    philox4x64-10(counter = (p div 4, d, 0, 0), key = blake2b-128(seed, purpose))

with counter words lowest first (Salmon et al., SC11, 2011). Any implementation of Philox, in a compiled kernel or on
a GPU, reaches the same word without generating the others. Uniforms take its upper 52 bits; normals are the inverse of
the normal distribution function at that uniform, one for one, so that quantiles are shared between scenarios.

The bits are the same on every machine: integers below, and above them only + - * / and square root, which IEEE 754
rounds one way. That is why the logarithm is our own and not NumPy's, whose last bit depends on the processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from livingdrug.errors import BadInput

__all__ = ["Stream", "normal_quantile", "stream"]

Floats = NDArray[np.float64]

# Work on pieces that stay in the processor's second-level cache; no effect on results.
_BLOCK = 16_384


@dataclass(frozen=True)
class Stream:
    """The random numbers of one purpose under one seed; made by `stream`. Equal streams give equal numbers."""

    seed: int
    purpose: str

    def uniform(self, *, patients: range, draws: int = 1) -> Floats:
        """Uniform numbers in the open interval (0, 1).

        Args:
            patients: patient numbers, as `range(first, last + 1)`.
            draws: numbers per patient; asking for more leaves the first ones as they are.

        Returns:
            Array of shape (len(patients), draws), one contiguous column per draw.

        Raises:
            ValueError: `patients` is not a plain ascending range from 0 on, or `draws` is negative.
        """
        _check(patients, draws)
        columns = np.empty((draws, len(patients)))
        for draw, column in enumerate(columns):
            column[:] = _open_unit_interval(self._words(patients, draw))
        return columns.T

    def normal(self, *, patients: range, draws: int = 1) -> Floats:
        """Standard normal numbers, shape (len(patients), draws): `normal_quantile(uniform(...))`.

        |z| is at most 8.21, as there are 2^52 uniforms.
        """
        return normal_quantile(self.uniform(patients=patients, draws=draws))

    @cached_property
    def key(self) -> int:
        """The 128-bit Philox key, low word first: for kernels that draw by themselves."""
        text = f"{self.seed}\0{self.purpose}".encode()
        return int.from_bytes(blake2b(text, digest_size=16, person=b"livingdrug").digest(), "little")

    def _words(self, patients: range, draw: int) -> NDArray[np.uint64]:
        """The 64-bit words of one draw, one per patient."""
        skipped = patients.start % 4
        address = (draw << 64) + patients.start // 4
        # NumPy's Philox steps its counter before the first block, hence the step back (with wrap-around at 0).
        generator = np.random.Philox(key=self.key, counter=(address - 1) % 2**256)
        return generator.random_raw(skipped + len(patients))[skipped:]


def stream(seed: int, purpose: str) -> Stream:
    """The stream of a `purpose` ("course: log10 Cmax") under a `seed`, any integer from 0 on.

    Seed and purpose are hashed together, so neighboring seeds give unrelated streams. Raises `BadInput` for the seed,
    which a user chooses, and `ValueError` for an empty purpose, which a programmer chooses.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise BadInput.at("seed", f"is a whole number from 0 on, not {seed!r}")
    if not purpose:
        raise ValueError("a stream needs a purpose: name what the numbers are for")
    return Stream(int(seed), purpose)


def _check(patients: range, draws: int) -> None:
    if patients.step != 1 or patients.start < 0 or patients.stop < patients.start:
        raise ValueError(f"patients are an ascending range from 0 on without a step, not {patients!r}")
    if patients.stop > 2**63 or not 0 <= draws < 2**63:
        raise ValueError(f"patient and draw numbers lie in 0…2^63, not {patients!r} with {draws} draws")


def _open_unit_interval(words: NDArray[np.uint64]) -> Floats:
    """Midpoints of 2^52 equal cells of (0, 1). With 53 bits the last midpoint would round to 1."""
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


# The normal quantile ------------------------------------------------------------------------------------------------
#
# Algorithm AS 241, PPND16: Wichura MJ, The percentage points of the normal distribution, Appl Statist 37:477-484
# (1988), relative accuracy about 1e-16. Coefficients of numerator and denominator, highest power first.

# fmt: off
_CENTER = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)
_TAIL = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)
_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)
# fmt: on


def normal_quantile(p: Floats) -> Floats:
    """The z with Φ(z) = `p`, elementwise for 0 < p < 1, in the shape of `p`.

    Relative error below 1e-15 except next to p = 1/2, where z passes through 0 (there the absolute error counts).
    """
    p = np.asarray(p, dtype=np.float64)
    if not p.flags.forc:
        p = np.ascontiguousarray(p)
    z = np.empty_like(p)
    # Order "A" flattens rows or columns, whichever are contiguous, without a copy: writing to flat_z fills z.
    flat_p, flat_z = p.reshape(-1, order="A"), z.reshape(-1, order="A")
    for start in range(0, flat_p.size, _BLOCK):
        flat_z[start : start + _BLOCK] = _quantile(flat_p[start : start + _BLOCK])
    return z


def _quantile(p: Floats) -> Floats:
    q = p - 0.5
    z = q * _ratio(_CENTER, 0.180625 - q * q)
    outer = np.flatnonzero(np.abs(q) > 0.425)
    p_outer = p[outer]
    r = np.sqrt(-_log(np.minimum(p_outer, 1.0 - p_outer)))
    size = np.where(r <= 5.0, _ratio(_TAIL, r - 1.6), _ratio(_FAR_TAIL, r - 5.0))
    z[outer] = np.copysign(size, q[outer])
    return z


def _ratio(coefficients: tuple[Sequence[float], Sequence[float]], x: Floats) -> Floats:
    above, below = (_polynomial(each, x) for each in coefficients)
    return above / below


def _polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    """Horner's rule, one rounded operation at a time: a fused multiply-add would change the last bit."""
    found = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        found *= x
        found += each
    return found


def _log(x: Floats) -> Floats:
    """The natural logarithm of positive numbers, from + - * / alone, within about 2 units in the last place.

    x = m 2^e with m in [√½, √2), and log m = 2 artanh s with s = (m - 1)/(m + 1), |s| < 0.172: twelve odd terms of
    its Taylor series leave less than 1e-19.
    """
    m, e = np.frexp(x)
    low = m < 0.7071067811865476
    m = np.where(low, 2.0 * m, m)
    e = e - low
    s = (m - 1.0) / (m + 1.0)
    return e * 0.6931471805599453 + s * _polynomial(_ARTANH, s * s)


# 2/23, 2/21 … 2/1: twice the Taylor coefficients of artanh, highest power first.
_ARTANH = tuple(2.0 / n for n in range(23, 0, -2))
