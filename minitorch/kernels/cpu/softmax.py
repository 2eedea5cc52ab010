"""Softmax and its logarithm along a dimension, and their gradients.

The largest element is subtracted first: e^x then cannot overflow, and the quotient is the same.

Long float32 arrays have compiled loops. In them x is (O, L, I), with a softmax along L for each of the others. Where I
is 1, an item is a row of L neighbours; otherwise it is a slab (L, up to WIDTH), whose columns go side by side in SIMD
lanes. The other arrays go by NumPy.
"""
import math

import numpy as np

from ._each import single
from ._jit import jit
from ._math import dot, exp_of_negative, log, scale_by
from ._vector import lanes, load, select, store

__all__ = "softmax softmax_backward log_softmax log_softmax_backward".split()

WIDTH = 256  # columns of a slab: a few of its rows stay in the cache


def softmax(input, dim):
    """e^x / sum(e^x), in float32 for half precision."""
    if single(input):
        return _along(dim, _softmax, _softmax_slab, input)
    exp = np.exp(_minus_largest(input, dim))
    return (exp / exp.sum(axis=dim, keepdims=True)).astype(input.dtype, copy=False)


def softmax_backward(grad, output, dim):
    """dx = y * (dy - sum(y * dy)), with y = softmax(x)."""
    if single(output, grad):
        return _along(dim, _softmax_backward, _softmax_backward_slab, output, grad)
    weighted = grad * output
    return weighted - output * weighted.sum(axis=dim, keepdims=True)


def log_softmax(input, dim):
    """x - log(sum(e^x)), in float32 for half precision."""
    if single(input):
        return _along(dim, _log_softmax, _log_softmax_slab, input)
    shifted = _minus_largest(input, dim)
    return (shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))).astype(input.dtype, copy=False)


def log_softmax_backward(grad, output, dim):
    """dx = dy - e^y * sum(dy), with y = log_softmax(x)."""
    if single(output, grad):
        return _along(dim, _log_softmax_backward, _log_softmax_backward_slab, output, grad)
    return grad - np.exp(output) * grad.sum(axis=dim, keepdims=True)


def _minus_largest(input, dim):
    if input.dtype == np.float16:
        input = input.astype(np.float32)
    return input - input.max(axis=dim, keepdims=True, initial=-np.inf)


def _along(dim, row_loop, slab_loop, *arrays):
    """The loop for all rows or slabs of the arrays along `dim`, with a new array `out` of their shape."""
    shape = arrays[0].shape
    out = np.empty_like(arrays[0])
    dim %= len(shape)
    L, columns = shape[dim], math.prod(shape[dim + 1:])
    if columns == 1:
        row_loop[out.size // L, out.size](*[array.reshape(-1, L) for array in (*arrays, out)])
    else:
        slabs = -(-columns // WIDTH)
        items = slabs * math.prod(shape[:dim])
        slab_loop[items, out.size](*[array.reshape(-1, L, columns) for array in (*arrays, out)],
                                   np.empty((items, 2, WIDTH), np.float32))
    return out


# ---------------------------------------------------------------------------------------------------------------- rows
@jit
def _softmax(item, x, out):
    """x (rows, L) -> out (rows, L)"""
    x, out = x[item], out[item]
    scale_by(np.float32(1 / exponentials(x, largest(x, out), out)), out)


@jit
def _softmax_backward(item, y, grad, dx):
    """y and grad (rows, L) -> dx (rows, L)"""
    _centre(grad[item], y[item], dot(grad[item], y[item]), dx[item])


@jit
def _log_softmax(item, x, out):
    """x (rows, L) -> out (rows, L)"""
    x, out = x[item], out[item]
    most = largest(x, out)
    _shift(x, most, np.float32(np.log(exponentials(x, most, out))), out)


@jit
def _log_softmax_backward(item, y, grad, dx):
    """y and grad (rows, L) -> dx (rows, L)"""
    _subtract_share(grad[item], y[item], _sum(grad[item]), dx[item])


@jit
def largest(x, scratch):
    """The largest element of x. Of a row with a NaN, any number: all that is made of it will be NaN.

    A loop over one variable would take the elements one by one, for the order matters to NaN. So there are many: each
    lane of four vectors gets the largest of its own elements. `scratch` is not shorter than x, or holds 64 numbers.
    """
    most, width, block = x[0], lanes(), 4 * lanes()
    if x.size < block:
        for i in range(x.size):
            most = x[i] if x[i] > most else most
        return most
    a, b, c, d = load(x, 0), load(x, width), load(x, 2 * width), load(x, 3 * width)
    for first in range(block, x.size, block):
        i = min(first, x.size - block)
        a, b = _larger(load(x, i), a), _larger(load(x, i + width), b)
        c, d = _larger(load(x, i + 2 * width), c), _larger(load(x, i + 3 * width), d)
    store(scratch, 0, _larger(_larger(a, b), _larger(c, d)))
    for j in range(width):
        most = scratch[j] if scratch[j] > most else most
    return most


@jit
def _larger(a, b):
    return select(a > b, a, b)


@jit(fast=True)
def exponentials(x, most, out):
    """out = e^(x - most), and their sum"""
    total = np.float32(0)
    for i in range(out.size):
        power = exp_of_negative(x[i] - most)
        out[i] = power
        total += power
    return total


@jit
def _shift(x, most, log_total, out):
    for i in range(out.size):
        out[i] = x[i] - most - log_total


@jit
def _centre(grad, y, mean, dx):
    """dx = (grad - mean) * y"""
    for i in range(dx.size):
        dx[i] = (grad[i] - mean) * y[i]


@jit(fast=True)
def _sum(x):
    total = np.float32(0)
    for i in range(x.size):
        total += x[i]
    return total


@jit
def _subtract_share(grad, y, total, dx):
    """dx = grad - e^y * total"""
    for i in range(dx.size):
        dx[i] = grad[i] - exp_of_negative(y[i]) * total


# --------------------------------------------------------------------------------------------------------------- slabs
@jit
def _place(item, x):
    """Where this item's slab of x (O, L, I) is: (o, its first column)"""
    slabs = (x.shape[2] + WIDTH - 1) // WIDTH
    return item // slabs, item % slabs * WIDTH


@jit
def _row(x, o, i, first):
    """The i-th row of a slab"""
    return x[o, i][first:first + WIDTH]


@jit
def _softmax_slab(item, x, out, scratch):
    """x (O, L, I) -> out (O, L, I); scratch (items, 2, WIDTH) is for the largest and the sum of each column"""
    o, first = _place(item, x)
    most, total = scratch[item]
    _column_exponentials(x, o, first, most, total, out)
    for j in range(WIDTH):
        total[j] = 1 / total[j]
    for i in range(x.shape[1]):
        _scale_each(total, _row(out, o, i, first))


@jit
def _scale_each(factors, out):
    for j in range(out.size):
        out[j] *= factors[j]


@jit
def _log_softmax_slab(item, x, out, scratch):
    """x (O, L, I) -> out (O, L, I)"""
    o, first = _place(item, x)
    most, total = scratch[item]
    _column_exponentials(x, o, first, most, total, out)
    for j in range(WIDTH):
        total[j] = log(total[j])
    for i in range(x.shape[1]):
        _shift_each(_row(x, o, i, first), most, total, _row(out, o, i, first))


@jit
def _shift_each(x, most, log_total, out):
    for j in range(out.size):
        out[j] = x[j] - most[j] - log_total[j]


@jit
def _column_exponentials(x, o, first, most, total, out):
    """out = e^(x - most), with the largest element and the sum of each column"""
    most[:] = -np.inf
    total[:] = 0
    for i in range(x.shape[1]):
        _raise(_row(x, o, i, first), most)
    for i in range(x.shape[1]):
        _add_exponentials(_row(x, o, i, first), most, total, _row(out, o, i, first))


@jit
def _raise(x, most):
    for j in range(x.size):
        most[j] = x[j] if x[j] > most[j] else most[j]


@jit
def _add_exponentials(x, most, total, out):
    for j in range(out.size):
        power = exp_of_negative(x[j] - most[j])
        out[j] = power
        total[j] += power


@jit
def _softmax_backward_slab(item, y, grad, dx, scratch):
    """y and grad (O, L, I) -> dx (O, L, I)"""
    o, first = _place(item, y)
    mean = scratch[item, 0]
    mean[:] = 0
    for i in range(y.shape[1]):
        _add_product(_row(grad, o, i, first), _row(y, o, i, first), mean)
    for i in range(y.shape[1]):
        _centre_each(_row(grad, o, i, first), _row(y, o, i, first), mean, _row(dx, o, i, first))


@jit
def _add_product(a, b, total):
    for j in range(a.size):
        total[j] += a[j] * b[j]


@jit
def _centre_each(grad, y, mean, dx):
    for j in range(dx.size):
        dx[j] = (grad[j] - mean[j]) * y[j]


@jit
def _log_softmax_backward_slab(item, y, grad, dx, scratch):
    """y and grad (O, L, I) -> dx (O, L, I)"""
    o, first = _place(item, y)
    total = scratch[item, 0]
    total[:] = 0
    for i in range(y.shape[1]):
        _add(_row(grad, o, i, first), total)
    for i in range(y.shape[1]):
        _subtract_share_each(_row(grad, o, i, first), _row(y, o, i, first), total, _row(dx, o, i, first))


@jit
def _add(x, total):
    for j in range(x.size):
        total[j] += x[j]


@jit
def _subtract_share_each(grad, y, total, dx):
    for j in range(dx.size):
        dx[j] = grad[j] - exp_of_negative(y[j]) * total[j]
