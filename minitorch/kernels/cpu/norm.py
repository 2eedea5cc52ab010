"""Standardising: mean 0 and variance 1 over some dimensions. All normalisation layers are this and a scale and
shift.
"""
import numpy as np

__all__ = "standardize standardize_backward".split()


def standardize(input, dim, eps):
    """y = (x - mean) / sqrt(var + eps) over the dimensions `dim`: (y, mean, var), of which the last two keep
    dimensions.
    """
    x = _single(input)
    count = np.prod([x.shape[d] for d in dim], dtype=np.int64)
    mean = np.true_divide(x.sum(axis=dim, keepdims=True), count, dtype=x.dtype)
    centred = x - mean
    var = np.true_divide(np.square(centred).sum(axis=dim, keepdims=True), count, dtype=x.dtype)
    centred /= np.sqrt(var + x.dtype.type(eps))
    return centred.astype(input.dtype, copy=False), mean, var


def standardize_backward(grad, input, mean, var, dim, eps):
    """dx = (dy - mean(dy) - y * mean(dy * y)) / sqrt(var + eps)."""
    g, x = _single(grad), _single(input)
    count = np.prod([x.shape[d] for d in dim], dtype=np.int64)
    scale = 1 / np.sqrt(var + x.dtype.type(eps))
    y = x - mean
    y *= scale
    product = g * y
    y *= np.true_divide(product.sum(axis=dim, keepdims=True), count, dtype=x.dtype)
    out = np.subtract(g, np.true_divide(g.sum(axis=dim, keepdims=True), count, dtype=x.dtype), out=product)
    out -= y
    out *= scale
    return out.astype(grad.dtype, copy=False)


def _single(x):
    """Half precision computes in float32."""
    return x.astype(np.float32) if x.dtype == np.float16 else x
