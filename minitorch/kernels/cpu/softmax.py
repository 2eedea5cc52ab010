"""Softmax and its logarithm along a dimension, and their gradients.

The largest element is subtracted first: e^x then cannot overflow, and the quotient is the same.
"""
import numpy as np

__all__ = "softmax softmax_backward log_softmax log_softmax_backward".split()


def softmax(input, dim):
    """e^x / sum(e^x), in float32 for half precision."""
    exp = np.exp(_minus_largest(input, dim))
    return (exp / exp.sum(axis=dim, keepdims=True)).astype(input.dtype, copy=False)


def softmax_backward(grad, output, dim):
    """dx = y * (dy - sum(y * dy)), with y = softmax(x)."""
    weighted = grad * output
    return weighted - output * weighted.sum(axis=dim, keepdims=True)


def log_softmax(input, dim):
    """x - log(sum(e^x)), in float32 for half precision."""
    shifted = _minus_largest(input, dim)
    return (shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))).astype(input.dtype, copy=False)


def log_softmax_backward(grad, output, dim):
    """dx = dy - e^y * sum(dy), with y = log_softmax(x)."""
    return grad - np.exp(output) * grad.sum(axis=dim, keepdims=True)


def _minus_largest(input, dim):
    if input.dtype == np.float16:
        input = input.astype(np.float32)
    return input - input.max(axis=dim, keepdims=True, initial=-np.inf)
