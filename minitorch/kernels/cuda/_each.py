"""Elementwise kernels: out[i] = f(a[i], b[i], c[i]), broadcast.

There are two kernels. Where all arrays lie in order, without gaps, a thread computes four neighbours, read and written
with one access each: then a kernel is as fast as the memory. For any other strides a thread computes one element, and
finds the place of its operands from its index. Both are compiled anew for each f and each combination of dtypes, with f
inside. Every kernel has three operands; a number takes the place of an array, and of one that f does not have.
"""
import functools
import math
from typing import NamedTuple

import numpy as np

from ..._shapes import broadcast_shapes
from ._memory import CudaArray, empty_like
from ._runtime import THREADS, cuda, device, kernel
from ._vector import ALIGNMENT, load4, store4


def each(f, *operands, dtype, out_dtype=None, out=None):
    """out[i] = f(a[i], b[i], c[i]), with one to three operands: arrays, or numbers. Returns `out`.

    f, a `formula`, computes in the NumPy dtype `dtype` (instead of float16 in float32, instead of bool in uint8). The
    result is `out`, or a new array of `out_dtype` (default: dtype).
    """
    if out is None:
        arrays = [x for x in operands if isinstance(x, CudaArray)]
        shape = broadcast_shapes(*[x.shape for x in arrays])
        out = empty_like(next((x for x in arrays if x.shape == shape), None), out_dtype or dtype, shape)
    if out.size == 0:
        return out
    number = number_type(dtype)
    operands = [_operand(x, number) for x in (*operands, 0, 0)[:3]]
    kernel, blocks, layout = _plan(f, number, *[_form(x) for x in (out, *operands)])
    if layout is None:
        kernel[blocks, THREADS](out.size, *operands, out)
    else:
        shape, *strides = layout
        kernel[blocks, THREADS](out.size, shape, *[x for pair in zip((out, *operands), strides) for x in pair])
    return out


class _Form(NamedTuple):
    """What the choice of a kernel depends on, of an array."""

    shape: tuple
    strides: tuple
    dtype: np.dtype
    offset: int  # of the address from one that is aligned


def _form(x):
    """The form of an array; None for a number."""
    return _Form(x.shape, x.strides, x.dtype, x.address % ALIGNMENT) if isinstance(x, CudaArray) else None


@functools.lru_cache(1 << 14)
def _plan(f, number, out, *operands):
    """(kernel, blocks, what the strided kernel needs to know) for operands of these forms."""
    count, is_array = math.prod(out.shape), tuple([x is not None for x in operands])
    how = f(number), is_array, number, np.bool_ if out.dtype == np.bool_ else out.dtype.type
    layout = _collapsed(out.shape, [_strides(x, out.shape) for x in (out, *operands)])
    arrays = [(x, strides) for x, strides in zip((out, *operands), layout[1:]) if x is not None]
    if all([strides == (1,) and x.offset % (4 * x.dtype.itemsize) == 0 for x, strides in arrays]):
        return _vectors(*how), -(-count // (4 * THREADS)), None
    return _elements(*how), -(-count // THREADS), layout


def number_type(dtype):
    """The type in which kernels compute with numbers of a dtype: instead of float16 float32, instead of bool uint8."""
    return np.dtype({"e": np.float32, "?": np.uint8}.get(np.dtype(dtype).char, dtype)).type


def _operand(x, number):
    return x if isinstance(x, CudaArray) else number(x.item() if isinstance(x, np.ndarray) else x)


def _strides(x, shape):
    """The strides of the form x broadcast to a shape, in elements: 0 along dimensions in which it is repeated."""
    if x is None:
        return [0] * len(shape)
    strides = [stride // x.dtype.itemsize if n > 1 else 0 for n, stride in zip(x.shape, x.strides)]
    return [0] * (len(shape) - len(strides)) + strides


def _collapsed(shape, strides):
    """The same places with as few dimensions as possible: (shape, strides of the output, of a, of b, ...) as tuples.

    First the dimensions are put in the order in which the output lies in memory. Then two neighbours are one where in
    every array a step along the first is as long as all steps along the second: (2, 3) with strides (3, 1) is (6,) with
    strides (1,).
    """
    dims = []  # [size, stride of the output, stride of a, ...]
    for n, *steps in sorted(zip(shape, *strides), key=lambda dim: -dim[1]):
        if n == 1:
            continue
        if dims and all([outer == inner * n for outer, inner in zip(dims[-1][1:], steps)]):
            dims[-1] = [dims[-1][0] * n, *steps]
        else:
            dims.append([n, *steps])
    return tuple(zip(*dims)) or ((1,),) + ((0,),) * len(strides)


# ---------------------------------------------------------------------------------------------------------- kernels
def _takes(is_array, number):
    """How a kernel takes an operand's element i, and its elements i to i + 3, as numbers of this type."""
    if not is_array:
        return device(lambda x, i: x), device(lambda x, i: (x, x, x, x))

    @device
    def one(x, i):
        return number(x[i])

    @device
    def four(x, i):
        a, b, c, d = load4(x, i)
        return number(a), number(b), number(c), number(d)

    return one, four


def _puts(out_type):
    """How a result becomes an element of the output: a bool is a byte in memory."""
    return device(lambda x: np.uint8(x != 0)) if out_type is np.bool_ else device(lambda x: out_type(x))


@functools.cache
def _vectors(f, arrays, number, out_type):
    """The kernel for arrays that lie in order."""
    (a_one, a_four), (b_one, b_four), (c_one, c_four) = [_takes(is_array, number) for is_array in arrays]
    put = _puts(out_type)

    @kernel
    def elementwise_vectors(n, a, b, c, out):
        """Thread i computes elements 4i to 4i + 3."""
        i = np.uint32(4 * cuda.grid(1))
        if i + 4 <= n:
            a0, a1, a2, a3 = a_four(a, i)
            b0, b1, b2, b3 = b_four(b, i)
            c0, c1, c2, c3 = c_four(c, i)
            store4(out, i, put(f(a0, b0, c0)), put(f(a1, b1, c1)), put(f(a2, b2, c2)), put(f(a3, b3, c3)))
        else:
            for j in range(i, n):
                out[j] = put(f(a_one(a, j), b_one(b, j), c_one(c, j)))

    return elementwise_vectors


@functools.cache
def _elements(f, arrays, number, out_type):
    """The kernel for any strides: an element of array x is x[i_1 * stride_1 + ... + i_D * stride_D]."""
    (a_one, _), (b_one, _), (c_one, _) = [_takes(is_array, number) for is_array in arrays]
    put = _puts(out_type)

    @kernel
    def elementwise_strided(n, shape, out, out_strides, a, a_strides, b, b_strides, c, c_strides):
        """Thread i computes element i of the output; its index along each dimension is a digit of i, the last first."""
        i = cuda.grid(1)
        if i < n:
            rest = np.uint32(i)
            in_a = in_b = in_c = in_out = np.uint32(0)
            for d in range(len(shape) - 1, -1, -1):
                count = np.uint32(shape[d])
                quotient = np.uint32(rest // count)  # of 32 bits: a signed one of 64 bits is a function call
                index = np.uint32(rest - np.uint32(quotient * count))
                rest = quotient
                in_a = np.uint32(in_a + np.uint32(index * np.uint32(a_strides[d])))
                in_b = np.uint32(in_b + np.uint32(index * np.uint32(b_strides[d])))
                in_c = np.uint32(in_c + np.uint32(index * np.uint32(c_strides[d])))
                in_out = np.uint32(in_out + np.uint32(index * np.uint32(out_strides[d])))
            out[in_out] = put(f(a_one(a, in_a), b_one(b, in_b), c_one(c, in_c)))

    return elementwise_strided


def formula(arity, body):
    """The f of `each` from a Python function of one to three numbers: a @device function for each type of numbers.

    A `body` that says `@typed` is itself a function of that type, T, and returns the function of numbers: in a kernel 1
    is an int64, and 1 + x in float64 where x is in float32; so it has to say T(1) + x.
    """
    @functools.cache
    def of_type(number):
        f = device(body.of_type(number) if isinstance(body, typed) else body)
        if arity == 1:
            return device(lambda a, b, c: f(a))
        return device(lambda a, b, c: f(a, b)) if arity == 2 else f

    return of_type


class typed:
    """Marks the body of a formula that depends on the type of the numbers."""

    def __init__(self, of_type):
        self.of_type = of_type
