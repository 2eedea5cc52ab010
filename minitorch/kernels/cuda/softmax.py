"""Softmax and its logarithm along one dimension: a block of threads for each row, which stays in the cache."""
import functools

import numpy as np

from . import elementwise
from ._block import together
from ._each import number_type
from ._math import exp, log
from ._memory import empty
from ._runtime import THREADS, cuda, device, kernel

__all__ = "softmax softmax_backward log_softmax log_softmax_backward".split()


def softmax(input, dim):
    """e^x / sum(e^x), in float32 for half precision."""
    return _along(dim, _softmax, input)


def softmax_backward(grad, output, dim):
    """dx = y * (dy - sum(y * dy)), with y = softmax(x)."""
    return _along(dim, _softmax_backward, output, grad)


def log_softmax(input, dim):
    """x - log(sum(e^x)), in float32 for half precision."""
    return _along(dim, _log_softmax, input)


def log_softmax_backward(grad, output, dim):
    """dx = dy - e^y * sum(dy), with y = log_softmax(x)."""
    return _along(dim, _log_softmax_backward, output, grad)


def _along(dim, make_kernel, *arrays):
    """The kernel for all rows along `dim`, of arrays that may lie in memory in any order."""
    if arrays[0].ndim == 0:
        return _along(0, make_kernel, *[x.reshape((1,)) for x in arrays]).reshape(())
    last = arrays[0].ndim - 1
    order = [d for d in range(last + 1) if d != dim % (last + 1)] + [dim % (last + 1)]
    rows = [elementwise.contiguous(x.transpose(order)) for x in arrays]                     # (..., L)
    out = empty(rows[0].shape, rows[0].dtype)
    if out.size:
        L = out.shape[-1]
        make_kernel(number_type(out.dtype))[out.size // L, THREADS](L, *rows, out)
    return out.transpose(sorted(range(last + 1), key=order.__getitem__))


@device
def larger(a, b):
    """NaN wins."""
    return a if a >= b or a != a else b


@device
def plus(a, b):
    return a + b


@functools.cache
def largest_and_total(number):
    """A @device function for blocks: the largest of L numbers from x[start] on, and the sum of e^(x - largest)."""
    largest, total = together(larger, number), together(plus, number)
    lowest = number(-np.inf)

    @device
    def of_row(x, start, L):
        most = lowest
        for j in range(cuda.threadIdx.x, L, THREADS):
            most = larger(most, number(x[start + j]))
        most = largest(most, lowest)
        part = number(0)
        for j in range(cuda.threadIdx.x, L, THREADS):
            part += exp(number(x[start + j]) - most)
        return most, total(part, number(0))

    return of_row


@functools.cache
def _softmax(number):
    of_row = largest_and_total(number)

    @kernel
    def softmax_rows(L, x, out):
        """Block n computes row n, thread t every THREADS-th number of it."""
        start = np.uint32(cuda.blockIdx.x) * L
        most, total = of_row(x, start, L)
        for j in range(cuda.threadIdx.x, L, THREADS):
            out[start + j] = exp(number(x[start + j]) - most) / total

    return softmax_rows


@functools.cache
def _log_softmax(number):
    of_row = largest_and_total(number)

    @kernel
    def log_softmax_rows(L, x, out):
        """Block n computes row n, thread t every THREADS-th number of it."""
        start = np.uint32(cuda.blockIdx.x) * L
        most, total = of_row(x, start, L)
        log_total = log(total)
        for j in range(cuda.threadIdx.x, L, THREADS):
            out[start + j] = number(x[start + j]) - most - log_total

    return log_softmax_rows


@functools.cache
def _softmax_backward(number):
    total = together(plus, number)

    @kernel
    def softmax_backward_rows(L, y, grad, out):
        """Block n computes row n, thread t every THREADS-th number of it."""
        start = np.uint32(cuda.blockIdx.x) * L
        part = number(0)
        for j in range(cuda.threadIdx.x, L, THREADS):
            part += number(grad[start + j]) * number(y[start + j])
        dot = total(part, number(0))
        for j in range(cuda.threadIdx.x, L, THREADS):
            out[start + j] = number(y[start + j]) * (number(grad[start + j]) - dot)

    return softmax_backward_rows


@functools.cache
def _log_softmax_backward(number):
    total = together(plus, number)

    @kernel
    def log_softmax_backward_rows(L, y, grad, out):
        """Block n computes row n, thread t every THREADS-th number of it."""
        start = np.uint32(cuda.blockIdx.x) * L
        part = number(0)
        for j in range(cuda.threadIdx.x, L, THREADS):
            part += number(grad[start + j])
        share = total(part, number(0))
        for j in range(cuda.threadIdx.x, L, THREADS):
            out[start + j] = number(grad[start + j]) - exp(number(y[start + j])) * share

    return log_softmax_backward_rows
