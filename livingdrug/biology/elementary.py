"""exp, log and powers that vectorize: plain arithmetic on float64 bits, no library call, the same bits in every lane.

LLVM can only call the C library's functions one lane at a time. These inline into a kernel's lane loop and become vector
instructions. Largest errors, measured in `tests/biology/test_elementary.py`: exp 1 ulp, log 1 ulp, power 2e-14 relative.
"""

# An intrinsic is called without its typing context.
# pyright: reportCallIssue=false

import numba as nb
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

__all__ = ["exp", "log", "power"]

FUSED = {"contract", "nsz"}
"""Multiply-add may fuse; nothing else is relaxed, so that NaN and infinity keep their meaning."""

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
SQRT2 = 1.4142135623730951
ROUND = 6755399441055744.0  # 1.5 × 2⁵²: adding it leaves the nearest integer in the low bits
TWO52 = 4503599627370496.0


@intrinsic
def _bits(typing, x):
    def emit(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def _float(typing, x):
    def emit(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), emit


@nb.njit(forceinline=True, error_model="numpy", fastmath=FUSED)
def exp(x):
    """eˣ; 0 below -708, infinity above 709.7."""
    shifted = x * LOG2_E + ROUND
    k = shifted - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    # Taylor to degree 13: the remainder is below 1e-17 for |r| ≤ ln2 / 2
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 1.984126984126984e-04
    p = p * r + 1.3888888888888889e-03
    p = p * r + 8.333333333333333e-03
    p = p * r + 4.1666666666666664e-02
    p = p * r + 1.6666666666666666e-01
    p = p * r + 0.5
    p = (p * r) * r + r
    scaled = _float(_bits(p + 1.0) + (_bits(shifted) << 52))
    scaled = 0.0 if x < -708.0 else scaled
    scaled = scaled if x < 709.7 else x * 1e308
    return scaled if x == x else x


@nb.njit(forceinline=True, error_model="numpy", fastmath=FUSED)
def log(x):
    """ln x; minus infinity at 0 and below the smallest normal number, NaN below 0."""
    bits = _bits(x)
    mantissa = _float((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000)
    exponent = _float((bits >> 52) | 0x4330000000000000) - TWO52 - 1023.0
    large = mantissa > SQRT2
    m = mantissa * 0.5 if large else mantissa
    k = exponent + 1.0 if large else exponent
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    # ln((1+s)/(1-s)) = 2s + s·R(z), with the minimax coefficients of fdlibm's e_log.c (Sun Microsystems, 1993)
    r = 1.479819860511658591e-01
    r = r * z + 1.531383769920937332e-01
    r = r * z + 1.818357216161805012e-01
    r = r * z + 2.222219843214978396e-01
    r = r * z + 2.857142874366239149e-01
    r = r * z + 3.999999999940941908e-01
    r = r * z + 6.666666666666735130e-01
    r = r * z
    half = 0.5 * f * f
    result = k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f)
    result = result if x >= 2.2250738585072014e-308 else -1e308 * 10.0
    result = result if x >= 0.0 else 0.0 * (1e308 * 10.0)
    return result if x <= 1.7976931348623157e308 else x


@nb.njit(forceinline=True, error_model="numpy", fastmath=FUSED)
def power(x, exponent):
    """xᵖ; 0 at x ≤ 0, whatever the exponent (the kernels use it for amounts, which are never negative)."""
    return exp(exponent * log(x)) if x > 0.0 else 0.0
