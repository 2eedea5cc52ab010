"""Softmax and its logarithm along a dimension, and their gradients.

The largest element is subtracted first: e^x then cannot overflow, and the quotient is the same. Long float32 rows have
compiled loops, each row by one thread; the others go by NumPy.
"""
import numpy as np

from ._each import long
from ._jit import jit, prange
from ._math import exp

__all__ = "softmax softmax_backward log_softmax log_softmax_backward".split()


def softmax(input, dim):
    """e^x / sum(e^x), in float32 for half precision."""
    if _compiled(dim, input):
        return _each_row(_softmax, input)
    exp = np.exp(_minus_largest(input, dim))
    return (exp / exp.sum(axis=dim, keepdims=True)).astype(input.dtype, copy=False)


def softmax_backward(grad, output, dim):
    """dx = y * (dy - sum(y * dy)), with y = softmax(x)."""
    if _compiled(dim, grad, output):
        return _each_row(_softmax_backward, grad, output)
    weighted = grad * output
    return weighted - output * weighted.sum(axis=dim, keepdims=True)


def log_softmax(input, dim):
    """x - log(sum(e^x)), in float32 for half precision."""
    if _compiled(dim, input):
        return _each_row(_log_softmax, input)
    shifted = _minus_largest(input, dim)
    return (shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))).astype(input.dtype, copy=False)


def log_softmax_backward(grad, output, dim):
    """dx = dy - e^y * sum(dy), with y = log_softmax(x)."""
    if _compiled(dim, grad, output):
        return _each_row(_log_softmax_backward, grad, output)
    return grad - np.exp(output) * grad.sum(axis=dim, keepdims=True)


def _minus_largest(input, dim):
    if input.dtype == np.float16:
        input = input.astype(np.float32)
    return input - input.max(axis=dim, keepdims=True, initial=-np.inf)


def _compiled(dim, *arrays):
    """Whether the loops below take the arrays: float32, and the rows along `dim` are contiguous."""
    return arrays[0].dtype == np.float32 and dim in (-1, arrays[0].ndim - 1) and long(*arrays)


def _each_row(loop, *arrays):
    """loop(a, ..., out) on the arrays as (rows, length), with a new array `out` of their shape."""
    out = np.empty_like(arrays[0])
    loop.for_elements(out.size)(*[array.reshape(-1, out.shape[-1]) for array in (*arrays, out)])
    return out


# --------------------------------------------------------------------------------------------------------------- loops
@jit(parallel=True)
def _softmax(x, out):
    """x (rows, L) -> out (rows, L)"""
    for m in prange(len(x)):
        total = _exponentials(x[m], _largest(x[m], out[m]), out[m])
        _scale(x.dtype.type(1 / total), out[m])


@jit(parallel=True)
def _softmax_backward(grad, y, dx):
    """grad and y (rows, L) -> dx (rows, L)"""
    for m in prange(len(y)):
        _centre(grad[m], y[m], _dot(grad[m], y[m]), dx[m])


@jit(parallel=True)
def _log_softmax(x, out):
    """x (rows, L) -> out (rows, L)"""
    for m in prange(len(x)):
        largest = _largest(x[m], out[m])
        total = _exponentials(x[m], largest, out[m])
        _shift(x[m], largest, x.dtype.type(np.log(total)), out[m])


@jit(parallel=True)
def _log_softmax_backward(grad, y, dx):
    """grad and y (rows, L) -> dx (rows, L)"""
    for m in prange(len(y)):
        _subtract_share(grad[m], y[m], _sum(grad[m]), dx[m])


@jit
def _largest(x, lanes):
    """The largest element of x. Of a row with a NaN, any number: all that is made of it will be NaN.

    A loop over one variable would take the elements one by one, for the order matters to NaN. So there are many: lane j
    gets the largest of x[j], x[j + width], ...
    """
    width = min(x.size, 64)
    lanes = lanes[:width]
    for j in range(width):
        lanes[j] = x[j]
    for first in range(width, x.size, width):
        block = x[min(first, x.size - width):][:width]
        for j in range(width):
            lanes[j] = block[j] if block[j] > lanes[j] else lanes[j]
    largest = lanes[0]
    for j in range(width):
        largest = lanes[j] if lanes[j] > largest else largest
    return largest


@jit(fast=True)
def _exponentials(x, largest, out):
    """out = e^(x - largest), and their sum"""
    total = x.dtype.type(0)
    for i in range(out.size):
        power = exp(x[i] - largest)
        out[i] = power
        total += power
    return total


@jit
def _scale(factor, out):
    for i in range(out.size):
        out[i] *= factor


@jit
def _shift(x, largest, log_total, out):
    for i in range(out.size):
        out[i] = x[i] - largest - log_total


@jit(fast=True)
def _dot(a, b):
    total = a.dtype.type(0)
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@jit
def _centre(grad, y, mean, dx):
    """dx = (grad - mean) * y"""
    for i in range(dx.size):
        dx[i] = (grad[i] - mean) * y[i]


@jit(fast=True)
def _sum(x):
    total = x.dtype.type(0)
    for i in range(x.size):
        total += x[i]
    return total


@jit
def _subtract_share(grad, y, total, dx):
    """dx = grad - e^y * total"""
    for i in range(dx.size):
        dx[i] = grad[i] - exp(y[i]) * total
