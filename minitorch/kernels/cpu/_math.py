"""Functions of one float32 that are arithmetic only: loops that call them run in SIMD lanes, as calls of libm do not.

Numba's cache does not notice an edit of this file: delete `__pycache__` after one.
"""
import numpy as np

from ._jit import jit

LOG2_E = np.float32(1.44269504)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)  # ln 2 is their sum; n * LN2_HIGH is exact
LOWEST, HIGHEST = np.float32(-104), np.float32(89)  # beyond them e^x is 0 and inf
# e^r = 1 + r + r^2 * (C0 r^5 + ... + C5) for |r| <= ln(2) / 2, to 8e-8 (Moshier's Cephes library, 1989)
C0, C1, C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
C3, C4, C5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
ONE, BIAS, MANTISSA_BITS = np.float32(1), np.int32(127), np.int32(23)


@jit(fused=True)
def exp(x):
    """e^x = 2^n * e^r, with n = round(x / ln 2) and r = x - n ln 2. Relative error 1e-7; inf, NaN and 0 as they should.
    """
    z = x if x < HIGHEST else HIGHEST  # NaN too; the last line brings it back
    z = z if z > LOWEST else LOWEST
    n = np.rint(z * LOG2_E)
    r = z - n * LN2_HIGH - n * LN2_LOW
    p = ((((C0 * r + C1) * r + C2) * r + C3) * r + C4) * r + C5
    p = p * r * r + r + ONE
    whole = np.int32(n)
    half = whole >> np.int32(1)  # 2^n in two factors, as n goes from -150 to 128, and exponents from -126 to 127
    p = p * _power_of_2(half) * _power_of_2(whole - half)
    return p if x == x else x


@jit
def _power_of_2(n):
    """2^n for -126 <= n <= 127: a float32 of which only the exponent has bits."""
    return np.int32((np.int32(n) + BIAS) << MANTISSA_BITS).view(np.float32)
