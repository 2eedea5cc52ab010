"""Functions of one float32 that are arithmetic only: loops that call them run in SIMD lanes, as calls of libm do not.

They err by one to three units in the last place, and are right at 0, -0, inf and NaN. Then products of vectors.
"""
import numpy as np

from ._jit import jit

HALF, ONE, TWO = np.float32(0.5), np.float32(1), np.float32(2)
LOG2_E = np.float32(1.44269504)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)  # ln 2 is their sum; n * LN2_HIGH is exact
BIAS, MANTISSA_BITS = np.int32(127), np.int32(23)  # of a float32, as IEEE 754 has it

# --------------------------------------------------------------------------------------------------------- exponentials
LOWEST, HIGHEST = np.float32(-104), np.float32(89)  # beyond them e^x is 0 and inf
NO_POWER = np.float32(-88)  # beyond it 2^-127, which has no bits
# Adding this number rounds to an integer, for it leaves no bits for a fraction; the integer is in the lowest bits.
ROUNDER, ROUNDER_BITS = np.float32(1.5 * 2**23), np.float32(1.5 * 2**23).view(np.int32)
# e^r = 1 + r + r^2 * (C0 r^5 + ... + C5) for |r| <= ln(2) / 2, to 8e-8 (Moshier's Cephes library, 1989)
C0, C1, C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
C3, C4, C5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)


@jit(fused=True)
def _split(x):
    """(n, e^r - 1), with n = round(x / ln 2) and r = x - n ln 2: so e^x = 2^n * e^r."""
    rounded = np.float32(x * LOG2_E + ROUNDER)
    n = rounded - ROUNDER
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = ((((C0 * r + C1) * r + C2) * r + C3) * r + C4) * r + C5
    return np.int32(rounded.view(np.int32) - ROUNDER_BITS), p * (r * r) + r


@jit
def _power_of_2(n):
    """2^n for -126 <= n <= 127, 0 for -127: a float32 of which only the exponent has bits."""
    return np.int32((np.int32(n) + BIAS) << MANTISSA_BITS).view(np.float32)


@jit(fused=True)
def exp(x):
    """e^x"""
    x = HIGHEST if x > HIGHEST else x
    x = LOWEST if x < LOWEST else x
    n, q = _split(x)
    half = n >> np.int32(1)  # 2^n in two factors, as n goes from -150 to 128
    return (q + ONE) * _power_of_2(half) * _power_of_2(n - half)


@jit(fused=True)
def exp_of_negative(x):
    """e^x for x <= 0, in one factor less: below 2^-126 it is 0."""
    n, q = _split(NO_POWER if x < NO_POWER else x)
    return (q + ONE) * _power_of_2(n)


@jit(fused=True)
def expm1_of_negative(x):
    """e^x - 1 for x <= 0, exact around 0 too."""
    n, q = _split(NO_POWER if x < NO_POWER else x)
    power = _power_of_2(n)
    return q * power + (power - ONE)


@jit(fused=True)
def sigmoid(x):
    """1 / (1 + e^-x), or, which is the same, e^x / (1 + e^x): the one whose exponential cannot overflow"""
    e = exp_of_negative(-abs(x))
    return (e if x < 0 else ONE) / (ONE + e)


@jit(fused=True)
def tanh(x):
    """(1 - e^-2x) / (1 + e^-2x), for |x| and with the sign of x"""
    m = expm1_of_negative(-TWO * abs(x))
    return np.copysign(m / (m + TWO), x)


# -------------------------------------------------------------------------------------------------- normal distribution
NEAR = np.float32(0.3)
# (1 - Phi(z)) * e^(z^2 / 2) = (B0 t^7 + ... + B7) * t with t = 1 / (1 + 0.3 z), for z >= 0: a fit to 1.5e-7, relatively
B0, B1, B2 = np.float32(3.5675165155e-2), np.float32(-1.5720474583e-1), np.float32(2.0635642461e-1)
B3, B4, B5 = np.float32(-5.3686373255e-2), np.float32(1.2856309025e-1), np.float32(9.9913043499e-2)
B6, B7 = np.float32(1.2075402856e-1), np.float32(1.1962929407e-1)


@jit(fused=True)
def normal(x):
    """(Phi(x), e^(-x^2 / 2)): the distribution function of the standard normal, and its density times sqrt(2 pi)"""
    e = exp_of_negative(-HALF * (x * x))
    t = ONE / (ONE + NEAR * abs(x))
    tail = (((((((B0 * t + B1) * t + B2) * t + B3) * t + B4) * t + B5) * t + B6) * t + B7) * t * e
    return (tail if x < 0 else ONE - tail), e


# ------------------------------------------------------------------------------------------------------------ logarithm
TINY, LIFT = np.float32(2.0**-126), np.float32(2.0**23)  # smaller numbers are short of bits: they are multiplied first
SQRT_HALF_BITS = np.float32(0.5**0.5).view(np.int32)
ZERO, INFINITY = np.float32(0), np.float32(np.inf)
# log(1 + r) = r - r^2 / 2 + r^3 * (D0 r^8 + ... + D8) for sqrt(1/2) <= 1 + r <= sqrt(2) (Cephes)
D0, D1, D2 = np.float32(7.0376836292e-2), np.float32(-1.1514610310e-1), np.float32(1.1676998740e-1)
D3, D4, D5 = np.float32(-1.2420140846e-1), np.float32(1.4249322787e-1), np.float32(-1.6668057665e-1)
D6, D7, D8 = np.float32(2.0000714765e-1), np.float32(-2.4999993993e-1), np.float32(3.3333331174e-1)


@jit(fused=True)
def log(x):
    """log(x) = n ln 2 + log(1 + r), with x = 2^n * (1 + r)"""
    small = x < TINY
    bits = np.float32(x * LIFT if small else x).view(np.int32)
    n = np.int32(bits - SQRT_HALF_BITS) >> MANTISSA_BITS
    r = np.int32(bits - (n << MANTISSA_BITS)).view(np.float32) - ONE
    n = np.float32(n - MANTISSA_BITS if small else n)
    p = (((((((D0 * r + D1) * r + D2) * r + D3) * r + D4) * r + D5) * r + D6) * r + D7) * r + D8
    y = n * LN2_HIGH + (r + (p * r * (r * r) - HALF * (r * r) + n * LN2_LOW))
    y = y if x > 0 else -INFINITY if x == 0 else (x - x) / ZERO
    return y if x < INFINITY else x


# ------------------------------------------------------------------------------------------------------------- products
@jit(fast=True)
def dot(a, b):
    """sum_i a[i] * b[i], of float32 vectors"""
    total = np.float32(0)
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@jit
def scale_by(factor, x):
    """x *= factor"""
    for i in range(x.size):
        x[i] *= factor
