"""Elementwise kernels: out[i] = f(a[i], b[i]), broadcast as torch broadcasts.

Each is a formula for one element, of which _each.py makes kernels. What dtype comes out, and which dtypes are an error,
the CPU's kernel says: it is asked with empty arrays.
"""
import functools

import numpy as np

from ... import dtypes
from ..cpu import elementwise as cpu
from . import _math
from ._each import each, formula, typed
from ._memory import empty
from ._runtime import device

__all__ = """
add sub mul div floor_divide trunc_divide remainder fmod pow atan2 hypot maximum minimum fmax fmin
neg abs sign square reciprocal sqrt rsqrt exp exp2 expm1 log log2 log10 log1p
sin cos tan asin acos atan sinh cosh tanh tanh_backward asinh acosh atanh sigmoid sigmoid_backward
erf erfc erfinv lgamma xlogy
floor ceil round trunc nan_to_num
eq ne lt le gt ge isnan isinf isfinite logical_and logical_or logical_xor logical_not
bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift
where clamp cast clone contiguous full
""".split()


def result_dtype(kernel, *operands):
    """The dtype of what a kernel of the CPU makes of arrays and numbers like these; raises what it raises."""
    return _result_dtype(kernel, *[(x.dtype, x.ndim > 0) if hasattr(x, "dtype") else type(x) for x in operands])


@functools.cache
def _result_dtype(kernel, *kinds):
    return kernel(*[kind(1) if isinstance(kind, type) else _stand_in(*kind) for kind in kinds]).dtype


def _stand_in(dtype, has_dims):
    return np.ones((0,) if has_dims else (), dtype)


def compute(f, reference, *operands):
    """each(f, *operands), with the dtypes of the CPU's kernel `reference`."""
    out_dtype = result_dtype(reference, *operands)
    dtype = dtypes.result_type(*operands).numpy if out_dtype == np.bool_ else out_dtype
    return each(f, *operands, dtype=dtype, out_dtype=out_dtype)


def _unary(name, body):
    """The kernel out = body(x)."""
    f, reference = formula(1, body), getattr(cpu, name)

    def kernel(input):
        return compute(f, reference, input)

    kernel.__name__ = kernel.__qualname__ = name
    return kernel


def _binary(name, body):
    """The kernel out = body(a, b)."""
    f, reference = formula(2, body), getattr(cpu, name)

    def kernel(input, other):
        return compute(f, reference, input, other)

    kernel.__name__ = kernel.__qualname__ = name
    return kernel


def _whole(T):
    """Is it a type of integers?"""
    return issubclass(T, np.integer)


# ------------------------------------------------------------------------------------------------------- arithmetic
add = _binary("add", lambda a, b: a + b)
sub = _binary("sub", lambda a, b: a - b)
mul = _binary("mul", lambda a, b: a * b)
div = _binary("div", lambda a, b: a / b)
trunc_divide = _binary("trunc_divide", typed(
    lambda T: (lambda a, b: -(-a // b) if (a < 0) != (b < 0) else a // b) if _whole(T)
    else (lambda a, b: _math.trunc(a / b))))


@device
def _remainder_of_floats(a, b):
    """The remainder of a rounded division, exactly, moved to the divisor's side of 0."""
    rest = _math.fmod(a, b)
    if rest == 0:
        return _math.copysign(rest, b)
    return rest + b if (rest < 0) != (b < 0) else rest


def _floor_of_quotient(a, b):
    """floor(a / b) of the exact quotient: a / b may have been rounded up to the next integer."""
    if b == 0:
        return a / b
    quotient = (a - _remainder_of_floats(a, b)) / b  # an integer, but for rounding
    return _math.rint(quotient) if quotient != 0 else _math.copysign(quotient, a / b)


floor_divide = _binary("floor_divide", typed(lambda T: (lambda a, b: a // b) if _whole(T) else _floor_of_quotient))
remainder = _binary("remainder", typed(
    lambda T: (lambda a, b: a % b) if _whole(T) else (lambda a, b: _remainder_of_floats(a, b))))
fmod = _binary("fmod", typed(
    lambda T: (lambda a, b: -(-a % b if b > 0 else -a % -b) if a < 0 else (a % b if b > 0 else a % -b)) if _whole(T)
    else (lambda a, b: _math.fmod(a, b))))
atan2 = _binary("atan2", lambda a, b: _math.atan2(a, b))
hypot = _binary("hypot", lambda a, b: _math.hypot(a, b))
maximum = _binary("maximum", lambda a, b: a if a >= b or a != a else b)
minimum = _binary("minimum", lambda a, b: a if a <= b or a != a else b)
fmax = _binary("fmax", lambda a, b: a if a >= b or b != b else b)
fmin = _binary("fmin", lambda a, b: a if a <= b or b != b else b)
xlogy = _binary("xlogy", typed(lambda T: lambda a, b: b if b != b else T(0) if a == 0 else a * _math.log(b)))


def _power_of_integers(a, b):
    """a^b = a^(1 + 4 + ...), by the binary digits of b. A negative power is rounded to 0, but that of 1 and -1."""
    if b < 0:
        return a if a == 1 or a == -1 and b & 1 else -a if a == -1 else a - a
    result, square = a * 0 + 1, a
    while b > 0:
        if b & 1:
            result = result * square
        square = square * square
        b >>= 1
    return result


_power = formula(2, typed(lambda T: _power_of_integers if _whole(T) else lambda a, b: _math.pow(a, b)))


def pow(input, exponent):
    """a ** b. Raises RuntimeError for an integer base with a negative number as exponent, as torch does."""
    if not hasattr(exponent, "dtype"):
        cpu.pow(_stand_in(input.dtype, input.ndim > 0), exponent)  # raises what is wrong with this exponent
        if exponent in (0.5, -0.5):
            return sqrt(input) if exponent == 0.5 else rsqrt(input)
        if exponent == 2:
            return square(input)
    return compute(_power, cpu.pow, input, exponent)


# -------------------------------------------------------------------------------------------------- unary functions
neg = _unary("neg", lambda x: -x)
abs = _unary("abs", typed(lambda T: (lambda x: -x if x < 0 else x) if _whole(T) else lambda x: _math.copysign(x, T(1))))
sign = _unary("sign", lambda x: 1 if x > 0 else -1 if x < 0 else 0)
square = _unary("square", lambda x: x * x)
reciprocal = _unary("reciprocal", typed(lambda T: lambda x: T(1) / x))
sqrt, rsqrt = _unary("sqrt", lambda x: _math.sqrt(x)), _unary("rsqrt", lambda x: _math.rsqrt(x))
exp, exp2 = _unary("exp", lambda x: _math.exp(x)), _unary("exp2", lambda x: _math.exp2(x))
expm1, log1p = _unary("expm1", lambda x: _math.expm1(x)), _unary("log1p", lambda x: _math.log1p(x))
log, log2 = _unary("log", lambda x: _math.log(x)), _unary("log2", lambda x: _math.log2(x))
log10, lgamma = _unary("log10", lambda x: _math.log10(x)), _unary("lgamma", lambda x: _math.lgamma(x))
sin, sinh = _unary("sin", lambda x: _math.sin(x)), _unary("sinh", lambda x: _math.sinh(x))
cos, cosh = _unary("cos", lambda x: _math.cos(x)), _unary("cosh", lambda x: _math.cosh(x))
tan, tanh = _unary("tan", lambda x: _math.tan(x)), _unary("tanh", lambda x: _math.tanh(x))
asin, asinh = _unary("asin", lambda x: _math.asin(x)), _unary("asinh", lambda x: _math.asinh(x))
acos, acosh = _unary("acos", lambda x: _math.acos(x)), _unary("acosh", lambda x: _math.acosh(x))
atan, atanh = _unary("atan", lambda x: _math.atan(x)), _unary("atanh", lambda x: _math.atanh(x))
erf, erfc = _unary("erf", lambda x: _math.erf(x)), _unary("erfc", lambda x: _math.erfc(x))
erfinv = _unary("erfinv", lambda x: _math.erfinv(x))
sigmoid = _unary("sigmoid", typed(lambda T: lambda x: T(1) / (T(1) + _math.exp(-x))))
_tanh_backward = formula(2, typed(lambda T: lambda grad, y: grad * (T(1) - y * y)))
_sigmoid_backward = formula(2, typed(lambda T: lambda grad, y: grad * (y * (T(1) - y))))


def tanh_backward(grad, output):
    """dx = dy * (1 - y^2), with y = tanh(x)."""
    return compute(_tanh_backward, cpu.tanh_backward, grad, output)


def sigmoid_backward(grad, output):
    """dx = dy * y * (1 - y), with y = sigmoid(x)."""
    return compute(_sigmoid_backward, cpu.sigmoid_backward, grad, output)


# --------------------------------------------------------------------------------------------------------- rounding
def _rounding(function):
    return typed(lambda T: (lambda x: x) if _whole(T) else (lambda x: function(x)))


floor, ceil = _unary("floor", _rounding(_math.floor)), _unary("ceil", _rounding(_math.ceil))
trunc, _rint = _unary("trunc", _rounding(_math.trunc)), _unary("round", _rounding(_math.rint))


def round(input, decimals=0):
    """To the nearest; halves to the even neighbour."""
    if decimals == 0 or input.dtype.kind != "f":
        return _rint(input)
    scale = 10.0 ** np.abs(decimals)
    return div(_rint(mul(input, scale)), scale) if decimals > 0 else mul(_rint(div(input, scale)), scale)


_replace_nan = formula(2, lambda x, nan: nan if x != x else x)
_replace_beyond = formula(3, lambda x, low, high: low if x + x == x and x < 0 else high if x + x == x and x > 0 else x)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """NaN -> nan, inf -> posinf, -inf -> neginf (defaults: the largest and smallest number of the dtype)."""
    if input.dtype.kind != "f":
        return clone(input)
    limits = np.finfo(input.dtype)
    out = each(_replace_beyond, input, limits.min if neginf is None else neginf,
               limits.max if posinf is None else posinf, dtype=input.dtype)
    return each(_replace_nan, out, nan or 0.0, dtype=input.dtype)


# ---------------------------------------------------------------------------------------------- comparison and logic
eq, ne = _binary("eq", lambda a, b: a == b), _binary("ne", lambda a, b: a != b)
lt, le = _binary("lt", lambda a, b: a < b), _binary("le", lambda a, b: a <= b)
gt, ge = _binary("gt", lambda a, b: a > b), _binary("ge", lambda a, b: a >= b)
isnan = _unary("isnan", lambda x: x != x)
isinf = _unary("isinf", lambda x: x == x and x - x != x - x)
isfinite = _unary("isfinite", lambda x: x - x == x - x)
logical_and = _binary("logical_and", lambda a, b: a != 0 and b != 0)
logical_or = _binary("logical_or", lambda a, b: a != 0 or b != 0)
logical_xor = _binary("logical_xor", lambda a, b: (a != 0) != (b != 0))
logical_not = _unary("logical_not", lambda x: x == 0)
bitwise_and = _binary("bitwise_and", lambda a, b: a & b)
bitwise_or = _binary("bitwise_or", lambda a, b: a | b)
bitwise_xor = _binary("bitwise_xor", lambda a, b: a ^ b)
bitwise_left_shift = _binary("bitwise_left_shift", lambda a, b: a << b)
bitwise_right_shift = _binary("bitwise_right_shift", lambda a, b: a >> b)
_invert = _unary("bitwise_not", lambda x: ~x)


def bitwise_not(input):
    return logical_not(input) if input.dtype == np.bool_ else _invert(input)


# ------------------------------------------------------------------------------------------- choosing, casting, filling
_where = formula(3, lambda condition, a, b: a if condition != 0 else b)
plus, copy = formula(2, lambda a, b: a + b), formula(1, lambda x: x)


def where(condition, input, other):
    """input where the condition holds, else other."""
    return each(_where, condition, input, other, dtype=dtypes.result_type(input, other).numpy)


def clamp(input, min=None, max=None):
    """min(max(x, min), max), in the common dtype; NaN stays NaN."""
    if min is not None:
        input = maximum(input, min)
    return input if max is None else minimum(input, max)


def cast(input, dtype):
    """x as a new array of this NumPy dtype. Floats outside an integer's range become what the hardware makes."""
    return each(copy, input, dtype=input.dtype, out_dtype=dtype)


def clone(input):
    """A copy with the same strides where the input is dense."""
    return each(copy, input, dtype=input.dtype)


def contiguous(input):
    """The input if it is C-contiguous, else a C-contiguous copy."""
    if input.flags.c_contiguous:
        return input
    return each(copy, input, dtype=input.dtype, out=empty(input.shape, input.dtype))


def full(size, fill_value, dtype):
    out = empty(size if isinstance(size, (tuple, list)) else (size,), dtype)
    return each(copy, fill_value, dtype=dtype, out=out)
