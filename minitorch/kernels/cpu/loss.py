"""The losses of a classifier: softmax, logarithm and the choice of an element in one, for rows of scores."""
import numpy as np

from ._each import LONG
from ._jit import jit
from ._math import exp_of_negative, log
from .softmax import largest

__all__ = ["class_losses", "class_losses_backward"]

SHARE = 1 << 14  # elements of the rows that make an item
LANES = 64


def class_losses(input, index):
    """(losses, log_totals) of scores x (N, C) and classes index (N), where -1 is none:

    losses[n] = log(sum(e^x[n])) - x[n, index[n]] = -log(softmax(x[n])[index[n]]), or 0; and that logarithm.
    """
    if input.dtype != np.float32 or input.size < LONG:
        most = np.maximum.reduce(input, 1, initial=-np.inf)
        log_totals = np.log(np.add.reduce(np.exp(input - most[:, None]), 1)) + most
        losses = log_totals - input[np.arange(len(index)), index] if input.size else log_totals.copy()
        losses[index < 0] = 0  # -1 chose the last class
        return losses, log_totals
    losses, log_totals = np.empty((2, len(input)), np.float32)
    _launch(_losses, np.ascontiguousarray(input), index, losses, log_totals)
    return losses, log_totals


def class_losses_backward(grad, input, log_totals, index):
    """dx[n] = dy[n] * (e^(x[n] - log_totals[n]) - one_hot(index[n])), and 0 where index[n] is -1; grad (N) or ()."""
    grad = np.ascontiguousarray(grad) if grad.ndim else np.full(len(index), grad)           # () -> (N)
    if input.dtype != np.float32 or input.size < LONG:
        dx = np.exp(input - log_totals[:, None])
        dx[np.arange(len(index)), index] -= 1
        dx *= grad[:, None]
        dx[index < 0] = 0
        return dx
    dx = np.empty(input.shape, np.float32)
    _launch(_losses_backward, np.ascontiguousarray(input), index, log_totals, grad, dx)
    return dx


def _launch(kernel, x, *arrays):
    """The kernel for all rows of x (N, C); few of them are one item, which needs no loop."""
    rows = max(1, SHARE // x.shape[1])
    items = -(-len(x) // rows)
    scratch = np.empty((items, LANES), np.float32)
    if items == 1:
        kernel(0, rows, scratch, x, *arrays)
    else:
        kernel[items](rows, scratch, x, *arrays)


@jit
def _losses(item, rows, scratch, x, index, losses, log_totals):
    """x (N, C), index (N) -> losses and log_totals (N)"""
    for n in range(item * rows, min((item + 1) * rows, len(x))):
        most = largest(x[n], scratch[item])
        log_totals[n] = log(_sum_of_exponentials(x[n], most)) + most
        losses[n] = log_totals[n] - x[n, index[n]] if index[n] >= 0 else 0


@jit(fast=True)
def _sum_of_exponentials(x, most):
    total = np.float32(0)
    for i in range(x.size):
        total += exp_of_negative(x[i] - most)
    return total


@jit
def _losses_backward(item, rows, _scratch, x, index, log_totals, grad, dx):
    """x (N, C), index, log_totals and grad (N) -> dx (N, C)"""
    for n in range(item * rows, min((item + 1) * rows, len(x))):
        if index[n] < 0:
            dx[n] = 0
        else:
            _multiply_probabilities(x[n], log_totals[n], grad[n], dx[n])
            dx[n, index[n]] -= grad[n]


@jit
def _multiply_probabilities(x, log_total, factor, out):
    for i in range(out.size):
        out[i] = exp_of_negative(x[i] - log_total) * factor
