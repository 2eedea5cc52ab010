"""Activation functions and their gradients, each in one pass over the memory."""
import numpy as np

from ._each import each, long
from ._jit import jit, prange

__all__ = "relu relu_backward".split()


def relu(input):
    """max(x, 0): itself multiplied by its own slope."""
    return each(_rectify, input, input) if long(input) else np.asarray(np.maximum(input, 0))


def relu_backward(grad, output):
    """dx = dy where y = relu(x) is positive or NaN, else 0."""
    if long(grad, output):
        return each(_rectify, grad, output)
    return np.asarray(np.where(output <= 0, grad.dtype.type(0), grad))


@jit(parallel=True)
def _rectify(grad, y, out):
    """out = grad where y > 0 or y is NaN, else 0"""
    for i in prange(out.size):
        out[i] = 0 if y[i] <= 0 else grad[i]
