"""Elementwise kernels: out[i] = f(a[i], b[i]), broadcast as torch broadcasts.

NumPy's ufuncs are the kernels here, but for long float32 vectors of exponentials and logarithms, and for arithmetic on
large arrays: these are compiled, for all threads.
What this file adds is torch's dtype rules: integers become the default float where the function needs one, mixed dtypes
are promoted by `dtypes.result_type`, and a 0-d result is an array, not a scalar.
"""
import math

import numpy as np

from ... import dtypes
from ..._shapes import broadcast_shapes
from . import _math
from ._each import BLOCK, block, each, long, single
from ._jit import jit

__all__ = """
add sub mul div floor_divide trunc_divide remainder fmod pow atan2 hypot maximum minimum fmax fmin
neg abs sign square reciprocal sqrt rsqrt exp exp2 expm1 log log2 log10 log1p
sin cos tan asin acos atan sinh cosh tanh tanh_backward asinh acosh atanh sigmoid sigmoid_backward
erf erfc erfinv lgamma digamma polygamma xlogy
floor ceil round trunc nan_to_num
eq ne lt le gt ge isnan isinf isfinite logical_and logical_or logical_xor logical_not
bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift
where clamp cast clone contiguous full
""".split()


def _special(name):
    """A function of scipy.special; imported when first needed, for that takes longer than importing minitorch."""
    from scipy import special
    return getattr(special, name)


def _array(out):
    return out if type(out) is np.ndarray else np.asarray(out)  # ufuncs turn 0-d results into scalars


def _broadcast(ufunc, a, b):
    try:
        out = ufunc(a, b)
    except ValueError:
        broadcast_shapes(np.shape(a), np.shape(b))  # raises what torch raises
        raise
    return out if type(out) is np.ndarray else np.asarray(out)


def _binary(ufunc, a, b):
    """ufunc(a, b) in torch's common dtype."""
    if type(a) is not type(b) or a.dtype is not b.dtype:
        a, b = _promoted(a, b)
    return _broadcast(ufunc, a, b)


def _promoted(a, b):
    a_dtype, b_dtype = getattr(a, "dtype", None), getattr(b, "dtype", None)
    if b_dtype is None and a_dtype.kind == "f" or a_dtype is None and b_dtype.kind == "f":
        return a, b  # a Python number takes the array's dtype, here and in NumPy
    if a_dtype is not b_dtype:
        dtype = dtypes.result_type(a, b).numpy
        a, b = np.asarray(a).astype(dtype, copy=False), np.asarray(b).astype(dtype, copy=False)
    return a, b


def _float_binary(ufunc, a, b):
    """As _binary, but integers compute in the default float."""
    dtype, b_dtype = getattr(a, "dtype", None), getattr(b, "dtype", None)
    if not ((dtype is b_dtype or b_dtype is None) and dtype.char in "fd"):
        dtype = dtypes.result_type(a, b)
        dtype = (dtype if dtype.is_floating_point else dtypes.get_default_dtype()).numpy
        a, b = np.asarray(a).astype(dtype, copy=False), np.asarray(b).astype(dtype, copy=False)
    with np.errstate(all="ignore"):
        out = _broadcast(ufunc, a, b)
    return out.astype(dtype, copy=False)  # SciPy computes some functions in a wider dtype


def _float(x):
    return x if x.dtype.kind == "f" else x.astype(dtypes.get_default_dtype().numpy)


def _unary(ufunc, x):
    """ufunc(x) in x's dtype, or in the default float for integers."""
    x = _float(x)
    with np.errstate(all="ignore"):
        return _array(ufunc(x).astype(x.dtype, copy=False))


# ------------------------------------------------------------------------------------------------ arithmetic, compiled
LARGE = 1 << 19  # elements; fewer stay in the cache, where one thread of NumPy's is as quick
ADD, SUB, MUL, DIV, SUB_FROM, DIV_INTO = range(6)
SWAPPED = {ADD: ADD, SUB: SUB_FROM, MUL: MUL, DIV: DIV_INTO}


def _calculate(ufunc, operation, a, b):
    """ufunc(a, b) in the common dtype, or the same by all threads where one of them is large."""
    if type(a) is np.ndarray and a.size >= LARGE or type(b) is np.ndarray and b.size >= LARGE:
        out = _shared(operation, a, b)
        if out is not None:
            return out
    return (_float_binary if operation == DIV else _binary)(ufunc, a, b)


def _shared(operation, a, b):
    """a + b, a - b, a * b or a / b by all threads, or None where these arrays have no loop.

    One of them is large. The other one has its shape, or is a number, or lies along neighbouring dimensions of it: as a
    row, a column or the channels of images do.
    """
    if type(a) is not np.ndarray or a.size < LARGE:
        operation, a, b = SWAPPED[operation], b, a
    if isinstance(b, (int, float)):
        b = np.array(b, a.dtype)
    if a.dtype.char not in "fd" or b.dtype != a.dtype or not a.flags.c_contiguous or not b.flags.c_contiguous:
        return None
    run = _run(a.shape, b.shape)
    if run is None:
        return None
    out = np.empty_like(a)
    _arithmetic[-(-a.size // BLOCK)](operation, a.ravel(), b.ravel(), run, out.ravel())
    return out


def _run(shape, other):
    """How many neighbours of an array of this shape meet the same element of the other one, or None if it is not so."""
    if len(other) > len(shape):
        return None
    other = (1,) * (len(shape) - len(other)) + other
    kept = [d for d, n in enumerate(other) if n != 1]
    if not kept:
        return math.prod(shape)
    first, last = kept[0], kept[-1] + 1
    return math.prod(shape[last:]) if other[first:last] == shape[first:last] else None


@jit
def _arithmetic(item, operation, a, b, run, out):
    """out[i] = a[i] + b[i // run % b.size], or another operation"""
    i, end = item * BLOCK, min((item + 1) * BLOCK, out.size)
    while i < end:
        m = i // run % b.size
        if run == 1:
            count = min(b.size - m, end - i)
            _by_vector(operation, a[i:i + count], b[m:m + count], out[i:i + count])
        else:
            count = min(run - i % run, end - i)
            _by_number(operation, a[i:i + count], b[m], out[i:i + count])
        i += count


@jit
def _by_vector(operation, a, b, out):
    if operation == ADD:
        for i in range(out.size):
            out[i] = a[i] + b[i]
    elif operation == SUB:
        for i in range(out.size):
            out[i] = a[i] - b[i]
    elif operation == MUL:
        for i in range(out.size):
            out[i] = a[i] * b[i]
    elif operation == DIV:
        for i in range(out.size):
            out[i] = a[i] / b[i]
    elif operation == SUB_FROM:
        for i in range(out.size):
            out[i] = b[i] - a[i]
    else:
        for i in range(out.size):
            out[i] = b[i] / a[i]


@jit
def _by_number(operation, a, b, out):
    if operation == ADD:
        for i in range(out.size):
            out[i] = a[i] + b
    elif operation == SUB:
        for i in range(out.size):
            out[i] = a[i] - b
    elif operation == MUL:
        for i in range(out.size):
            out[i] = a[i] * b
    elif operation == DIV:
        for i in range(out.size):
            out[i] = a[i] / b
    elif operation == SUB_FROM:
        for i in range(out.size):
            out[i] = b - a[i]
    else:
        for i in range(out.size):
            out[i] = b / a[i]


# ------------------------------------------------------------------------------------------------- functions, compiled
@jit
def _clamp(item, x, low, high, out):
    x, out = block(item, x), block(item, out)
    low, high = out.dtype.type(low), out.dtype.type(high)
    for i in range(out.size):
        y = low if x[i] < low else x[i]
        out[i] = high if y > high else y


@jit
def _exp(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        out[i] = _math.exp(x[i])


@jit
def _log(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        out[i] = _math.log(x[i])


@jit
def _sigmoid(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        out[i] = _math.sigmoid(x[i])


@jit
def _sigmoid_backward(item, y, grad, out):
    y, grad, out = block(item, y), block(item, grad), block(item, out)
    one = out.dtype.type(1)
    for i in range(out.size):
        out[i] = grad[i] * (y[i] * (one - y[i]))


@jit
def _tanh(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        out[i] = _math.tanh(x[i])


@jit(fused=True)
def _tanh_backward(item, y, grad, out):
    y, grad, out = block(item, y), block(item, grad), block(item, out)
    one = out.dtype.type(1)
    for i in range(out.size):
        out[i] = grad[i] * (one - y[i] * y[i])


# ------------------------------------------------------------------------------------------------------- arithmetic
def add(input, other):
    return _calculate(np.add, ADD, input, other)


def sub(input, other):
    bools = [isinstance(x, bool) or getattr(x, "dtype", None) == np.bool_ for x in (input, other)]
    if all(bools):
        raise RuntimeError("Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                           "`logical_xor()` operator instead.")
    if any(bools):
        raise RuntimeError("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
                           "invert a mask, use the `~` or `logical_not()` operator instead.")
    return _calculate(np.subtract, SUB, input, other)


def mul(input, other):
    return _calculate(np.multiply, MUL, input, other)


def div(input, other):
    return _calculate(np.true_divide, DIV, input, other)


def floor_divide(input, other):
    """floor(a / b); integers raise RuntimeError on a zero divisor."""
    _check_division("div_floor_cpu", input, other)
    return _binary(np.floor_divide, input, other)


def trunc_divide(input, other):
    """a / b rounded towards zero, in the common dtype."""
    dtype = dtypes.result_type(input, other)
    if dtype.is_floating_point:
        return trunc(_binary(np.true_divide, input, other))
    _check_division("div_trunc_cpu", input, other)
    remainder = _binary(np.fmod, input, other)
    return _binary(np.floor_divide, sub(input, remainder), other)


def remainder(input, other):
    """a - b * floor(a / b): the sign of the divisor, as Python's %."""
    _check_division("remainder_cpu", input, other)
    return _binary(np.remainder, input, other)


def fmod(input, other):
    """a - b * trunc(a / b): the sign of the dividend, as C's fmod."""
    _check_division("fmod_cpu", input, other)
    return _binary(np.fmod, input, other)


def _check_division(name, input, other):
    """Integers have no answer to a division by zero, and bools to none."""
    dtype = dtypes.result_type(input, other)
    _check_not_bool(name, dtype.numpy)
    if dtype.category == 1 and np.any(np.equal(other, 0)):
        raise RuntimeError("ZeroDivisionError")


def _check_not_bool(name, dtype):
    if dtype == np.bool_:
        raise NotImplementedError(f"\"{name}\" not implemented for 'Bool'")


def pow(input, exponent):
    """a ** b. Raises RuntimeError for an integer base with a negative number as exponent, as torch does."""
    dtype = dtypes.result_type(input, exponent)
    if not hasattr(exponent, "dtype"):
        if dtype.category < 2 and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        if exponent in (0.5, -0.5):  # differs from np.power at -0 and -inf
            return sqrt(input) if exponent == 0.5 else rsqrt(input)
    elif dtype.category == 0:
        _check_not_bool("pow", dtype.numpy)
    if dtype.category < 2 and np.any(np.less(exponent, 0)):  # 1, -1 and 0 are the bases whose answer is an integer
        base, exponent = np.asarray(input, dtype.numpy), np.asarray(exponent, dtype.numpy)
        sign = np.where(exponent % 2 == 0, 1, base)
        inverse = np.where(np.abs(base) == 1, sign, 0).astype(dtype.numpy)
        return np.where(exponent < 0, inverse, np.power(base, np.maximum(exponent, 0)))
    return _binary(np.power, input, exponent).astype(dtype.numpy, copy=False)


def atan2(input, other):
    return _float_binary(np.arctan2, input, other)


def hypot(input, other):
    return _float_binary(np.hypot, input, other)


def maximum(input, other):
    return _binary(np.maximum, input, other)


def minimum(input, other):
    return _binary(np.minimum, input, other)


def fmax(input, other):
    return _binary(np.fmax, input, other)


def fmin(input, other):
    return _binary(np.fmin, input, other)


def xlogy(input, other):
    """a * log(b), and 0 where a is 0."""
    return _float_binary(_special("xlogy"), input, other)


# -------------------------------------------------------------------------------------------------- unary functions
def neg(input):
    if input.dtype == np.bool_:
        raise RuntimeError("Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert "
                           "a mask, use the `~` or `logical_not()` operator instead.")
    return _array(np.negative(input))


def abs(input):
    _check_not_bool("abs_cpu", input.dtype)
    return _array(np.abs(input))


def sign(input):
    """-1, 0 or 1; 0 for NaN, as torch."""
    if input.dtype == np.bool_:
        return input.copy()
    return _array((input > 0).astype(input.dtype) - (input < 0).astype(input.dtype))


def square(input):
    return mul(input, input) if input.dtype.kind == "f" else pow(input, 2)


def reciprocal(input):
    return div(1.0, input)


def sqrt(input):
    return _unary(np.sqrt, input)


def rsqrt(input):
    return _unary(lambda x: np.reciprocal(np.sqrt(x)), input)


def exp(input):
    return each(_exp, input) if single(input) else _unary(np.exp, input)


def exp2(input):
    return _unary(np.exp2, input)


def expm1(input):
    return _unary(np.expm1, input)


def log(input):
    return each(_log, input) if single(input) else _unary(np.log, input)


def log2(input):
    return _unary(np.log2, input)


def log10(input):
    return _unary(np.log10, input)


def log1p(input):
    return _unary(np.log1p, input)


def sin(input):
    return _unary(np.sin, input)


def cos(input):
    return _unary(np.cos, input)


def tan(input):
    return _unary(np.tan, input)


def asin(input):
    return _unary(np.arcsin, input)


def acos(input):
    return _unary(np.arccos, input)


def atan(input):
    return _unary(np.arctan, input)


def sinh(input):
    return _unary(np.sinh, input)


def cosh(input):
    return _unary(np.cosh, input)


def tanh(input):
    return each(_tanh, input) if single(input) else _unary(np.tanh, input)


def tanh_backward(grad, output):
    """dx = dy * (1 - y^2), with y = tanh(x)."""
    return each(_tanh_backward, output, grad) if long(output, grad) else _array(grad * (1 - output * output))


def asinh(input):
    return _unary(np.arcsinh, input)


def acosh(input):
    return _unary(np.arccosh, input)


def atanh(input):
    return _unary(np.arctanh, input)


def sigmoid(input):
    """1 / (1 + exp(-x))."""
    return each(_sigmoid, input) if single(input) else _unary(_special("expit"), input)


def sigmoid_backward(grad, output):
    """dx = dy * y * (1 - y), with y = sigmoid(x)."""
    return each(_sigmoid_backward, output, grad) if long(output, grad) else _array(grad * (output * (1 - output)))


def erf(input):
    return _unary(_special("erf"), input)


def erfc(input):
    return _unary(_special("erfc"), input)


def erfinv(input):
    return _unary(_special("erfinv"), input)


def lgamma(input):
    input = _float(input)
    return _unary(_special("gammaln"), np.where(np.isinf(input), np.abs(input), input))  # SciPy says -inf at -inf


def digamma(input):
    return _unary(_special("psi"), input)


def polygamma(n, input):
    """The n-th derivative of digamma."""
    function = _special("polygamma")
    return _unary(lambda x: function(n, x), input)


# --------------------------------------------------------------------------------------------------------- rounding
def _rounded(ufunc, name, input):
    _check_not_bool(name, input.dtype)
    return _array(ufunc(input)) if input.dtype.kind == "f" else input.copy()


def floor(input):
    return _rounded(np.floor, "floor_vml_cpu", input)


def ceil(input):
    return _rounded(np.ceil, "ceil_vml_cpu", input)


def round(input, decimals=0):
    """To the nearest; halves to the even neighbour."""
    if decimals == 0 or input.dtype.kind != "f":
        return _rounded(np.rint, "round_vml_cpu", input)
    scale = input.dtype.type(10.0 ** np.abs(decimals))
    return _array(np.rint(input * scale) / scale if decimals > 0 else np.rint(input / scale) * scale)


def trunc(input):
    return _rounded(np.trunc, "trunc_vml_cpu", input)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """NaN -> nan, inf -> posinf, -inf -> neginf (defaults: the largest and smallest number of the dtype)."""
    if input.dtype.kind != "f":
        return input.copy()
    return _array(np.nan_to_num(input, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf))


# ---------------------------------------------------------------------------------------------- comparison and logic
def eq(input, other):
    return _binary(np.equal, input, other)


def ne(input, other):
    return _binary(np.not_equal, input, other)


def lt(input, other):
    return _binary(np.less, input, other)


def le(input, other):
    return _binary(np.less_equal, input, other)


def gt(input, other):
    return _binary(np.greater, input, other)


def ge(input, other):
    return _binary(np.greater_equal, input, other)


def isnan(input):
    return _array(np.isnan(input))


def isinf(input):
    return _array(np.isinf(input))


def isfinite(input):
    return _array(np.isfinite(input))


def logical_and(input, other):
    return _broadcast(np.logical_and, input, other)


def logical_or(input, other):
    return _broadcast(np.logical_or, input, other)


def logical_xor(input, other):
    return _broadcast(np.logical_xor, input, other)


def logical_not(input):
    return _array(np.logical_not(input))


def bitwise_and(input, other):
    return _binary(np.bitwise_and, input, other)


def bitwise_or(input, other):
    return _binary(np.bitwise_or, input, other)


def bitwise_xor(input, other):
    return _binary(np.bitwise_xor, input, other)


def bitwise_not(input):
    return _array(np.bitwise_not(input))


def bitwise_left_shift(input, other):
    return _binary(np.left_shift, input, other)


def bitwise_right_shift(input, other):
    return _binary(np.right_shift, input, other)


# ------------------------------------------------------------------------------------------- choosing, casting, filling
def where(condition, input, other):
    """input where the condition holds, else other."""
    dtype = dtypes.result_type(input, other).numpy
    return _array(np.where(condition, np.asarray(input).astype(dtype, copy=False),
                           np.asarray(other).astype(dtype, copy=False)))


def clamp(input, min=None, max=None):
    """min(max(x, min), max), in the common dtype; NaN stays NaN."""
    low, high = -math.inf if min is None else min, math.inf if max is None else max
    if long(input) and all([isinstance(bound, (int, float)) and bound == bound for bound in (low, high)]):
        return each(_clamp, input, numbers=(float(low), float(high)))
    if min is not None:
        input = _binary(np.maximum, input, min)
    return input if max is None else _binary(np.minimum, input, max)


def cast(input, dtype):
    """x as a new array of this NumPy dtype. Floats outside an integer's range become what the hardware makes."""
    return input.astype(dtype)


def clone(input):
    """A copy with the same strides where the input is dense."""
    return input.copy(order="K")


def contiguous(input):
    """The input if it is C-contiguous, else a C-contiguous copy."""
    return np.ascontiguousarray(input) if input.ndim else input


def full(size, fill_value, dtype):
    return np.full(size, fill_value, dtype)
