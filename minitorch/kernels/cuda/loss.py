"""The losses of a classifier: softmax, logarithm and the choice of an element in one, for rows of scores."""
import functools

import numpy as np

from . import elementwise
from ._each import number_type
from ._math import exp, log
from ._memory import empty
from ._runtime import THREADS, cuda, kernel
from .softmax import largest_and_total

__all__ = ["class_losses", "class_losses_backward"]


def class_losses(input, index):
    """(losses, log_totals) of scores x (N, C) and classes index (N), where -1 is none:

    losses[n] = log(sum(e^x[n])) - x[n, index[n]] = -log(softmax(x[n])[index[n]]), or 0; and that logarithm.
    """
    N, C = input.shape
    losses, log_totals = empty((N,), input.dtype), empty((N,), input.dtype)
    if N:
        _losses(number_type(input.dtype))[N, THREADS](C, elementwise.contiguous(input), elementwise.contiguous(index),
                                                      losses, log_totals)
    return losses, log_totals


def class_losses_backward(grad, input, log_totals, index):
    """dx[n] = dy[n] * (e^(x[n] - log_totals[n]) - one_hot(index[n])), and 0 where index[n] is -1; grad (N) or ()."""
    dx = empty(input.shape, input.dtype)
    if dx.size:
        one_for_all = not grad.ndim
        _losses_backward(number_type(input.dtype), one_for_all)[-(-dx.size // THREADS), THREADS](
            dx.size, input.shape[1], elementwise.contiguous(grad), elementwise.contiguous(input), log_totals,
            elementwise.contiguous(index), dx)
    return dx


@functools.cache
def _losses(number):
    of_row = largest_and_total(number)

    @kernel
    def class_losses_rows(C, x, index, losses, log_totals):
        """Block n computes the loss of row n."""
        n = np.uint32(cuda.blockIdx.x)
        most, total = of_row(x, n * C, C)
        if cuda.threadIdx.x == 0:
            log_total = log(total) + most
            log_totals[n] = log_total
            losses[n] = log_total - number(x[n * C + index[n]]) if index[n] >= 0 else number(0)

    return class_losses_rows


@functools.cache
def _losses_backward(number, one_for_all):
    @kernel
    def class_losses_gradients(count, C, grad, x, log_totals, index, dx):
        """Thread i computes element i of dx."""
        i = np.uint32(cuda.grid(1))
        if i < count:
            n = np.uint32(i // np.uint32(C))
            chosen = index[n]
            p = exp(number(x[i]) - number(log_totals[n]))
            slope = p - number(1) if i - n * C == chosen else p
            dx[i] = slope * number(grad[0 if one_for_all else n]) if chosen >= 0 else number(0)

    return class_losses_gradients
