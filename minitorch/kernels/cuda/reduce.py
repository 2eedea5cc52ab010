"""Reductions over dimensions. `dim` is None (all), an int or a tuple of ints, as NumPy's axis.

Neighbouring dimensions are reduced as one, the last ones first: x (O, L, I) -> (O, I). There are two kernels for that.
Where I is 1, a block of threads reduces a row; else each thread a column, and the threads beside it those beside. A
long row or column is cut into parts, whose results the next launch reduces: always the same parts, so that results are
always the same too.
"""
import builtins
import functools
import math

import numpy as np

from ... import dtypes
from ..._shapes import normalize_dims
from ..cpu import reduce as cpu
from . import elementwise
from ._block import together
from ._each import each, formula, number_type
from ._memory import empty, to_device
from ._runtime import THREADS, cuda, device, kernel
from ._vector import ALIGNMENT, load4

__all__ = "sum mean prod amax amin max min argmax argmin any all var vector_norm logsumexp sum_to count_nonzero".split()

PART = 1 << 14  # elements of a row that a block reduces
ROWS = 64  # elements of a column that a thread reduces
SHORT = 32  # a row of fewer elements is a column, of one thread


# -------------------------------------------------------------------------------------------------------- reductions
class _Reduction:
    """combine(combine(identity, of(x[0])), of(x[1])) ..., for each type of numbers."""

    def __init__(self, combine, identity, of=lambda x: x):
        self.combine, self.identity, self.of = device(combine), identity, device(of)


def _lowest(dtype):
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _highest(dtype):
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


SUM = _Reduction(lambda a, b: a + b, lambda dtype: 0)
PROD = _Reduction(lambda a, b: a * b, lambda dtype: 1)
AMAX = _Reduction(lambda a, b: a if a >= b or a != a else b, _lowest)
AMIN = _Reduction(lambda a, b: a if a <= b or a != a else b, _highest)
ANY = _Reduction(lambda a, b: a | b, lambda dtype: 0, lambda x: 1 if x != 0 else 0)
ALL = _Reduction(lambda a, b: a & b, lambda dtype: 1, lambda x: 1 if x != 0 else 0)


def _reduce(reduction, input, dim, keepdim, out_dtype, wide=None):
    """Reduce dimensions, computing in the dtype `wide`: by default integers as int64, float16 as float32."""
    dims, wide = set(normalize_dims(dim, input.ndim)), wide or cpu._wide(input)
    shape, x, last = list(input.shape), elementwise.contiguous(input), input.ndim
    identity = np.dtype(wide).type(reduction.identity(np.dtype(wide)))
    while last > 0:
        first = last - 1
        while first > 0 and (first in dims) == (first - 1 in dims):
            first -= 1
        if first in dims:
            x = x.reshape((math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])))
            x = _middle(reduction, x, identity)
            shape[first:last] = [1] * (last - first)
        last = first
    if x.dtype != out_dtype or not dims:
        x = elementwise.cast(x, out_dtype)
    return x.reshape(shape if keepdim else [n for d, n in enumerate(shape) if d not in dims])


def _middle(reduction, x, identity):
    """x (O, L, I) -> (O, I), in as many launches as it takes."""
    O, L, I = x.shape
    by_rows = I == 1 and L >= SHORT
    part = PART if by_rows else ROWS
    parts = builtins.max(-(-L // part), 1)
    out = empty((O, parts, I), identity.dtype)
    if out.size == 0:
        return out.reshape((O, I))
    how = reduction, number_type(x.dtype), identity.dtype.type
    if by_rows:
        aligned = L % 4 == 0 and x.address % builtins.min(ALIGNMENT, 4 * x.itemsize) == 0
        _rows(*how, aligned)[O * parts, THREADS](L, part, parts, identity, x, out)
    else:
        _columns(*how)[-(-out.size // THREADS), THREADS](out.size, L, I, part, parts, identity, x, out)
    return _middle(_again(reduction), out, identity) if parts > 1 else out.reshape((O, I))


@functools.cache
def _again(reduction):
    """The reduction of results of its own."""
    again = _Reduction(lambda a, b: a, reduction.identity)
    again.combine = reduction.combine
    return again


@functools.cache
def _rows(reduction, element, number, aligned):
    """The kernel that reduces rows x (O, L), of numbers of one type, to out (O, parts), of another."""
    combine, of, block = reduction.combine, reduction.of, together(reduction.combine, number)

    @device
    def step(total, x):
        return number(combine(total, number(of(element(x)))))

    @kernel
    def reduce_rows(L, part, parts, identity, x, out):
        """Block (row, p) reduces part p of its row: thread t every THREADS-th number, or four of them at once."""
        block_nr = np.uint32(cuda.blockIdx.x)
        row = np.uint32(block_nr // np.uint32(parts))
        start = (block_nr - row * parts) * part
        end = start + part if start + part < L else L
        total = identity
        if aligned:
            total1 = total2 = total3 = identity
            for j in range(start + 4 * cuda.threadIdx.x, end, 4 * THREADS):
                a, b, c, d = load4(x, row * L + j)
                total, total1, total2, total3 = step(total, a), step(total1, b), step(total2, c), step(total3, d)
            total = number(combine(number(combine(total, total1)), number(combine(total2, total3))))
        else:
            for j in range(start + cuda.threadIdx.x, end, THREADS):
                total = step(total, x[row * L + j])
        total = block(total, identity)
        if cuda.threadIdx.x == 0:
            out[block_nr] = total

    return reduce_rows


@functools.cache
def _columns(reduction, element, number):
    """The same for columns: x (O, L, I) to out (O, parts, I)."""
    combine, of = reduction.combine, reduction.of

    @kernel
    def reduce_columns(n, L, I, part, parts, identity, x, out):
        """Thread (o, p, i) reduces part p of column i of o, from the first element to the last."""
        t = np.uint32(cuda.grid(1))
        if t < n:
            rest = np.uint32(t // np.uint32(I))  # divisions of 32 bits; one of 64 is a function call
            o = np.uint32(rest // np.uint32(parts))
            i, p = t - rest * I, rest - o * parts
            start = p * part
            total = identity
            for j in range(start, start + part if start + part < L else L):
                total = number(combine(total, number(of(element(x[(o * L + j) * I + i])))))
            out[t] = total

    return reduce_columns


def _total_dtype(input):
    """The dtype of a sum: integers add up as int64."""
    return input.dtype if input.dtype.kind == "f" else np.int64


def sum(input, dim=None, keepdim=False):
    """Integers and bools add up as int64."""
    return _reduce(SUM, input, dim, keepdim, _total_dtype(input))


def mean(input, dim=None, keepdim=False):
    """sum / count; NaN over no elements, as torch."""
    total = _reduce(SUM, input, dim, keepdim, cpu._wide(input))
    return elementwise.cast(elementwise.div(total, int(cpu._count(input, dim))), input.dtype)


def prod(input, dim=None, keepdim=False):
    """Integers and bools multiply as int64."""
    return _reduce(PROD, input, dim, keepdim, _total_dtype(input))


def amax(input, dim=None, keepdim=False):
    """The largest value; NaN wins."""
    return _reduce(AMAX, input, dim, keepdim, input.dtype)


def amin(input, dim=None, keepdim=False):
    """The smallest value; NaN wins."""
    return _reduce(AMIN, input, dim, keepdim, input.dtype)


def argmax(input, dim=None, keepdim=False):
    """Where the largest value is: the first of equals, the first NaN if there is one."""
    return _place_of(amax, input, dim, keepdim)


def argmin(input, dim=None, keepdim=False):
    """Where the smallest value is: the first of equals, the first NaN if there is one."""
    return _place_of(amin, input, dim, keepdim)


_found = formula(2, lambda x, best: x == best or x != x)


def _place_of(extreme, input, dim, keepdim):
    """The smallest index of an element that is equal to the extreme one."""
    along = input if dim is not None else elementwise.contiguous(input).reshape((input.size,))
    if along.ndim == 0:
        return elementwise.full((), 0, np.int64)
    d = 0 if dim is None else dim % input.ndim
    n = along.shape[d]
    found = each(_found, along, extreme(along, d, keepdim=True), dtype=input.dtype, out_dtype=np.bool_)
    places = to_device(np.arange(n).reshape([-1 if k == d else 1 for k in range(along.ndim)]))
    out = amin(elementwise.where(found, places, n), d, keepdim)
    return out.reshape((1,) * input.ndim) if dim is None and keepdim else out


def max(input, dim, keepdim=False):
    """(values, indices) along one dimension."""
    return amax(input, dim, keepdim), argmax(input, dim, keepdim)


def min(input, dim, keepdim=False):
    """(values, indices) along one dimension."""
    return amin(input, dim, keepdim), argmin(input, dim, keepdim)


def _truth_dtype(input):
    return np.uint8 if input.dtype == np.uint8 else np.bool_  # uint8 masks are torch's old bools


def any(input, dim=None, keepdim=False):
    """Is one element not zero?"""
    return _reduce(ANY, input, dim, keepdim, _truth_dtype(input), wide=np.int64)


def all(input, dim=None, keepdim=False):
    """Are all elements not zero?"""
    return _reduce(ALL, input, dim, keepdim, _truth_dtype(input), wide=np.int64)


def var(input, dim=None, correction=1, keepdim=False):
    """sum((x - mean)^2) / max(count - correction, 0)."""
    wide = elementwise.cast(input, cpu._wide(input))
    centred = elementwise.sub(wide, mean(wide, dim, keepdim=True))
    total = sum(elementwise.mul(centred, centred), dim, keepdim)
    count = builtins.max(cpu._count(input, dim) - correction, 0)
    return elementwise.cast(elementwise.div(total, count), input.dtype)


def vector_norm(input, ord=2, dim=None, keepdim=False):
    """(sum |x|^ord)^(1/ord); the largest |x| for inf, the smallest for -inf, the count of non-zeros for 0."""
    size = elementwise.cast(elementwise.abs(input), cpu._wide(input))
    if ord in (np.inf, -np.inf):
        out = (amax if ord > 0 else amin)(size, dim, keepdim)
    elif ord == 0:
        out = sum(elementwise.ne(size, 0), dim, keepdim)
    elif ord == 1:
        out = sum(size, dim, keepdim)
    else:
        out = elementwise.pow(sum(elementwise.pow(size, ord), dim, keepdim), 1 / ord)
    return elementwise.cast(out, input.dtype)


def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(x))), computed from the largest x so that nothing overflows."""
    input = input if input.dtype.kind == "f" else elementwise.cast(input, dtypes.get_default_dtype().numpy)
    largest = amax(input, dim, keepdim=True)
    largest = elementwise.where(elementwise.isinf(largest), 0.0, largest)
    total = sum(elementwise.exp(elementwise.sub(input, largest)), dim, keepdim=True)
    out = elementwise.add(elementwise.log(total), largest)
    dims = set(normalize_dims(dim, input.ndim))
    return out if keepdim else out.reshape([n for d, n in enumerate(out.shape) if d not in dims])


def sum_to(input, shape):
    """The transpose of broadcasting: sum `input` over the dimensions in which `shape` was expanded."""
    extra = input.ndim - len(shape)
    ones = tuple(d for d, n in enumerate(shape, extra) if n == 1 and input.shape[d] != 1)
    return sum(input, tuple(range(extra)) + ones, keepdim=True).reshape(shape)  # (1, ..., 1, *shape) -> shape


def count_nonzero(input, dim=None):
    return sum(elementwise.ne(input, 0), dim)
