"""The parts of numbers (sign, mantissa, exponent), their neighbours and divisors, and sums of logarithms."""
import numpy as np

from ... import dtypes
from .elementwise import _binary, _broadcast, _float, _float_binary

__all__ = "copysign heaviside signbit angle frexp nextafter gcd lcm logaddexp logaddexp2".split()


def copysign(input, other):
    """|input| with the sign of other; integers compute in the default float."""
    return _float_binary(np.copysign, input, other)


def heaviside(input, values):
    """0 below zero, 1 above, `values` at zero; 0 for NaN."""
    return _broadcast(lambda x, at_zero: np.where(x == 0, at_zero, (x > 0).astype(x.dtype)), input, values)


def signbit(input):
    """Is the sign a minus? Also of -0."""
    return np.asarray(np.signbit(input) if input.dtype.kind in dtypes.FLOATS else input < 0)


def angle(input):
    """pi below zero, 0 above; NaN for NaN."""
    input = _float(input)
    return np.where(np.isnan(input), input, np.where(input < 0, np.pi, 0)).astype(input.dtype)


def frexp(input):
    """(mantissa, exponent) with input = mantissa * 2^exponent and 0.5 <= |mantissa| < 1."""
    mantissa, exponent = np.frexp(input)
    return np.asarray(mantissa), np.asarray(exponent, np.int32)


def nextafter(input, other):
    """The next floating-point number after input on the way to other."""
    return _float_binary(np.nextafter, input, other)


def gcd(input, other):
    return _binary(np.gcd, input, other)


def lcm(input, other):
    """The least common multiple; it wraps round, as all integer arithmetic."""
    return np.abs(_binary(np.lcm, input, other))


def logaddexp(input, other):
    """log(exp(a) + exp(b)), without overflow."""
    return _float_binary(np.logaddexp, input, other)


def logaddexp2(input, other):
    """log2(2^a + 2^b), without overflow."""
    return _float_binary(np.logaddexp2, input, other)
