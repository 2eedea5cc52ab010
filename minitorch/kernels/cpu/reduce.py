"""Reductions over dimensions, and scans along one. `dim` is None (all), an int or a tuple of ints, as NumPy's axis.

NumPy's reductions are the kernels here, but for sums of large arrays, which are compiled, for all threads.
"""
import builtins
import math

import numpy as np

from ... import dtypes
from ._each import LONG
from ._jit import WORTH_SHARING, jit

__all__ = """
sum mean prod amax amin max min argmax argmin any all var vector_norm logsumexp sum_to
cumsum cumprod cummax cummin count_nonzero
""".split()


def _wide(input):
    """The dtype to add up in: integers as int64, half precision as float32."""
    return {"b": np.int64, "i": np.int64, "u": np.int64}.get(input.dtype.kind) or (
        np.float32 if input.dtype == np.float16 else input.dtype)


def _narrow(result, input):
    """A result that was computed in the wide dtype, in the one that torch gives it: int64 or the input's."""
    return np.asarray(result, input.dtype if input.dtype.kind == "f" else np.int64)


def _count(input, dim):
    """How many elements make one result."""
    return input.size if dim is None else np.prod([input.shape[d] for d in np.atleast_1d(dim)], dtype=np.int64)


def sum(input, dim=None, keepdim=False):
    """Integers and bools add up as int64."""
    if input.size < WORTH_SHARING and input.dtype.char in "fd":
        return np.asarray(np.add.reduce(input, dim, None, None, keepdim))
    return _narrow(_sum(input, dim, keepdim), input)


def mean(input, dim=None, keepdim=False):
    """sum / count; NaN over no elements, as torch."""
    with np.errstate(all="ignore"):
        return np.asarray(np.true_divide(_sum(input, dim, keepdim), _count(input, dim)), input.dtype)


def _sum(input, dim, keepdim):
    """The sum in the wide dtype. Dimensions that are neighbours are summed as one, the last ones first."""
    if input.size < WORTH_SHARING or input.dtype.char not in "fd" or not input.flags.c_contiguous:
        return np.add.reduce(input, dim, _wide(input), None, keepdim)
    shape = list(input.shape)
    dims = {*range(len(shape))} if dim is None else {d % len(shape) for d in np.atleast_1d(dim)}
    x, last = input, len(shape)
    while last > 0:
        first = last - 1
        while first > 0 and (first in dims) == (first - 1 in dims):
            first -= 1
        if first in dims:
            x = _sum_middle(x.reshape(math.prod(shape[:first]), math.prod(shape[first:last]), -1))
            shape[first:last] = [1] * (last - first)
        last = first
    return x.reshape(shape if keepdim else [n for d, n in enumerate(shape) if d not in dims])


def _sum_middle(x):
    """x (O, L, I) -> (O, I)"""
    O, L, I = x.shape
    if x.size < WORTH_SHARING or 1 < I < FEW:
        return np.add.reduce(x, axis=1)
    if I == 1:
        parts = -(-L // PART)
        out = np.empty((O, parts), x.dtype)
        _add_neighbours[O * parts](x.reshape(O, L), out)
    else:
        parts = -(-L // ROWS)
        out = np.empty((O, parts, I), x.dtype)
        _add_rows[O * parts](x, out)
    return _sum_middle(out.reshape(O, parts, I)) if parts > 1 else out.reshape(O, I)


# Sums lose digits where a long sum takes in one small number after the other. Hence sums of sums: of a few numbers in
# each SIMD lane, of ROWS rows, of parts. Parts are always the same, so that a sum does not depend on the threads.
FEW, BLOCK, PART, ROWS = 16, 1 << 10, 1 << 15, 64


@jit
def _add_neighbours(item, x, out):
    """x (O, L) -> out (O, parts): sums of PART numbers"""
    o, part = item // out.shape[1], item % out.shape[1]
    total = 0.0
    for first in range(part * PART, builtins.min((part + 1) * PART, x.shape[1]), BLOCK):
        total += _sum_block(x[o][first:builtins.min(first + BLOCK, (part + 1) * PART)])
    out[o, part] = total


@jit(fast=True)
def _sum_block(x):
    total = x.dtype.type(0)
    for i in range(x.size):
        total += x[i]
    return total


@jit
def _add_rows(item, x, out):
    """x (O, L, I) -> out (O, parts, I): sums of ROWS rows"""
    o, part = item // out.shape[1], item % out.shape[1]
    total = out[o, part]
    total[:] = 0
    for i in range(part * ROWS, builtins.min((part + 1) * ROWS, x.shape[1])):
        _add(x[o, i], total)


@jit
def _add(x, total):
    for j in range(total.size):
        total[j] += x[j]


@np.errstate(all="ignore")
def prod(input, dim=None, keepdim=False):
    """Integers and bools multiply as int64."""
    return _narrow(np.prod(input, axis=dim, keepdims=keepdim, dtype=_wide(input)), input)


def amax(input, dim=None, keepdim=False):
    """The largest value; NaN wins."""
    return np.asarray(np.max(input, axis=dim, keepdims=keepdim))


def amin(input, dim=None, keepdim=False):
    """The smallest value; NaN wins."""
    return np.asarray(np.min(input, axis=dim, keepdims=keepdim))


def argmax(input, dim=None, keepdim=False):
    """Where the largest value is: the first of equals, the first NaN if there is one."""
    return np.asarray(np.argmax(input, axis=dim, keepdims=keepdim))


def argmin(input, dim=None, keepdim=False):
    """Where the smallest value is: the first of equals, the first NaN if there is one."""
    return np.asarray(np.argmin(input, axis=dim, keepdims=keepdim))


def max(input, dim, keepdim=False):
    """(values, indices) along one dimension."""
    return _pick(input, dim, keepdim, np.argmax)


def min(input, dim, keepdim=False):
    """(values, indices) along one dimension."""
    return _pick(input, dim, keepdim, np.argmin)


def _pick(input, dim, keepdim, argument):
    if input.ndim == 0:
        return input.copy(), np.zeros((), np.int64)
    indices = argument(input, axis=dim, keepdims=True)
    values = np.take_along_axis(input, indices, axis=dim)
    if keepdim:
        return values, indices
    return values.squeeze(dim), indices.squeeze(dim)


def _truth(result, input):
    return np.asarray(result, np.uint8 if input.dtype == np.uint8 else np.bool_)  # uint8 masks are torch's old bools


def any(input, dim=None, keepdim=False):
    """Is one element not zero?"""
    return _truth(np.any(input, axis=dim, keepdims=keepdim), input)


def all(input, dim=None, keepdim=False):
    """Are all elements not zero?"""
    return _truth(np.all(input, axis=dim, keepdims=keepdim), input)


@np.errstate(all="ignore")
def var(input, dim=None, correction=1, keepdim=False):
    """sum((x - mean)^2) / max(count - correction, 0)."""
    centred = input - np.mean(input, axis=dim, keepdims=True, dtype=_wide(input))
    total = np.sum(centred * centred, axis=dim, keepdims=keepdim)
    return np.asarray(np.true_divide(total, builtins.max(_count(input, dim) - correction, 0)), input.dtype)


@np.errstate(all="ignore")
def vector_norm(input, ord=2, dim=None, keepdim=False):
    """(sum |x|^ord)^(1/ord); the largest |x| for inf, the smallest for -inf, the count of non-zeros for 0."""
    if ord == 2:
        return np.asarray(np.sqrt(_sum(np.square(input, dtype=_wide(input)), dim, keepdim)), input.dtype)
    size = np.abs(input)
    if ord == np.inf:
        out = np.max(size, axis=dim, keepdims=keepdim, initial=0)
    elif ord == -np.inf:
        out = np.min(size, axis=dim, keepdims=keepdim)
    elif ord == 0:
        out = np.count_nonzero(size, axis=dim, keepdims=keepdim)
    elif ord == 1:
        out = np.sum(size, axis=dim, keepdims=keepdim, dtype=_wide(input))
    else:
        out = np.power(np.sum(np.power(size, ord), axis=dim, keepdims=keepdim, dtype=_wide(input)), 1 / ord)
    return np.asarray(out, input.dtype)


@np.errstate(all="ignore")
def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(x))), computed from the largest x so that nothing overflows."""
    if input.dtype.kind != "f":
        input = input.astype(dtypes.get_default_dtype().numpy)
    if input.size == 0:
        return np.asarray(np.log(np.sum(np.exp(input), axis=dim, keepdims=keepdim)))
    largest = np.max(input, axis=dim, keepdims=True)
    largest = np.where(np.isinf(largest), input.dtype.type(0), largest)
    total = np.sum(np.exp(input - largest), axis=dim, keepdims=True)
    out = np.log(total) + largest
    return np.asarray(out if keepdim else out.squeeze(dim))


def sum_to(input, shape):
    """The transpose of broadcasting: sum `input` over the dimensions in which `shape` was expanded."""
    if input.size == math.prod(shape):  # (1, ..., 1, *shape) -> shape
        return input.reshape(shape)
    extra = input.ndim - len(shape)
    ones = tuple(d for d, n in enumerate(shape, extra) if n == 1 and input.shape[d] != 1)
    return sum(input, tuple(range(extra)) + ones, keepdim=True).reshape(shape)  # (1, ..., 1, *shape) -> shape


def cumsum(input, dim):
    """out[i] = x[0] + ... + x[i], long ones in float64."""
    if input.size < LONG or input.dtype.char not in "fd":
        return _scan(np.add, input, dim)
    shape, out = input.shape, np.empty(input.shape, input.dtype)
    O, L, I = math.prod(shape[:dim]), shape[dim], math.prod(shape[dim + 1:])
    x = np.ascontiguousarray(input)
    if I == 1:
        _add_up[O, x.size](x.reshape(O, L), out.reshape(O, L))
    else:
        items = O * -(-I // COLUMNS)
        _add_up_columns[items, x.size](x.reshape(O, L, I), out.reshape(O, L, I), np.empty((items, COLUMNS)))
    return out


COLUMNS = 64  # of an item


@jit
def _add_up(o, x, out):
    """x (O, L) -> out (O, L)"""
    total = 0.0
    for i in range(x.shape[1]):
        total += x[o, i]
        out[o, i] = total


@jit
def _add_up_columns(item, x, out, totals):
    """x (O, L, I) -> out (O, L, I): COLUMNS of the I"""
    parts = (x.shape[2] + COLUMNS - 1) // COLUMNS
    o, first = item // parts, item % parts * COLUMNS
    totals[item] = 0
    for i in range(x.shape[1]):
        _add_to(totals[item], x[o, i][first:first + COLUMNS], out[o, i][first:first + COLUMNS])


@jit
def _add_to(totals, x, out):
    """totals += x, and out = totals"""
    for j in range(out.size):
        totals[j] += x[j]
        out[j] = totals[j]


@np.errstate(all="ignore")
def cumprod(input, dim):
    """out[i] = x[0] * ... * x[i]."""
    return _scan(np.multiply, input, dim)


def _scan(ufunc, input, dim):
    if input.ndim == 0:
        return _narrow(input.copy(), input)
    return _narrow(ufunc.accumulate(input, axis=dim, dtype=_wide(input)), input)


def cummax(input, dim):
    """(running maximum, where it is): the last of equals, NaN wins and stays."""
    return _running(input, dim, np.maximum)


def cummin(input, dim):
    """(running minimum, where it is): the last of equals, NaN wins and stays."""
    return _running(input, dim, np.minimum)


def _running(input, dim, extreme):
    if input.ndim == 0:
        return input.copy(), np.zeros((), np.int64)
    values = extreme.accumulate(input, axis=dim)
    steps = np.arange(input.shape[dim]).reshape([-1 if d == dim % input.ndim else 1 for d in range(input.ndim)])
    reached = (input == values) | np.isnan(input)
    return values, np.maximum.accumulate(np.where(reached, steps, 0), axis=dim)


def count_nonzero(input, dim=None):
    return np.asarray(np.count_nonzero(input, axis=dim), np.int64)
