"""Standardising: mean 0 and variance 1 over some dimensions, then a scale and a shift. All normalisation layers are
this.

Three forms have compiled loops, which read the input as often as there is something new to know of it and no oftener:

    channels    x (N, G, L): a mean over n and l, a scale and a shift for each g: batch norm. With N = 1 and no scale or
                shift, all other norms
    rows        x (G, L): a mean for each g, a scale and a shift for each l: layer norm
    groups      x (N, G, K, L): a mean for each n and g, a scale and a shift for each g and k: group norm, with K
                channels in a group of L pixels each

Everything else, small or strided arrays too, goes by NumPy.
"""
import math

import numpy as np

from ._each import long
from ._jit import jit

__all__ = "standardize standardize_backward".split()

PARTS = 16  # in which the rows are shared out: always as many, so that sums do not depend on the number of threads


def standardize(input, dim, eps, weight=None, bias=None, shape=None, like=None):
    """y = (x - mean) / sqrt(var + eps) over the dimensions `dim`: (y * weight + bias, mean, var), of which the last two
    keep dimensions. x is the input in this `shape`; weight and bias, in the shape `like`, broadcast against it.
    """
    x, (weight, bias) = _single(_shaped(input, shape)), [_shaped(p, like) for p in (weight, bias)]
    kept = tuple([1 if d in dim else n for d, n in enumerate(x.shape)])
    form = _form(x, dim, weight, bias)
    if form is None:
        count = math.prod([x.shape[d] for d in dim])
        mean = np.true_divide(x.sum(axis=dim, keepdims=True), count, dtype=x.dtype)
        y = x - mean
        var = np.true_divide(np.square(y).sum(axis=dim, keepdims=True), count, dtype=x.dtype)
        y /= np.sqrt(var + x.dtype.type(eps))
        if weight is not None:
            y *= weight
        if bias is not None:
            y += bias
        return y.reshape(input.shape).astype(input.dtype, copy=False), mean, var
    loops, shape, parameter = form
    y, (mean, var) = np.empty(input.shape, x.dtype), np.empty((2, math.prod(kept)), x.dtype)
    w = np.ones(parameter, x.dtype) if weight is None else np.ascontiguousarray(weight).reshape(parameter)
    b = np.zeros(parameter, x.dtype) if bias is None else np.ascontiguousarray(bias).reshape(parameter)
    loops[0][mean.size, x.size](x.reshape(shape), w, b, eps, y.reshape(shape), mean, var)
    return y.astype(input.dtype, copy=False), mean.reshape(kept), var.reshape(kept)


def _shaped(x, shape):
    return x if x is None or shape is None else x.reshape(shape)


def standardize_backward(grad, input, mean, var, weight, dim, eps, shape=None, like=None):
    """(dx, dweight, dbias), with dx = (g - mean(g) - y * mean(g * y)) / sqrt(var + eps) and g = dy * weight;
    dweight = dy * y and dbias = dy, summed over the dimensions in which a weight broadcasts, or None without a weight.
    """
    g, x, w = _single(_shaped(grad, shape)), _single(_shaped(input, shape)), _shaped(weight, like)
    form = _form(x, dim, w, None, g)
    if form is None:
        dx, dw, db = _by_numpy(g, x, mean, var, w, dim, eps)
        dx = dx.astype(grad.dtype, copy=False)
        return _shaped(dx, input.shape), *[None if weight is None else d.reshape(weight.shape) for d in (dw, db)]
    loops, shape, parameter = form
    w = np.ones(parameter, x.dtype) if weight is None else np.ascontiguousarray(weight).reshape(parameter)
    dx = np.empty(input.shape, x.dtype)
    # The gradients of the parameters: rows and groups first sum up parts of them, so that their items are apart.
    items = PARTS if loops is ROWS else mean.size
    parts = 1 if loops is CHANNELS else PARTS if loops is ROWS else shape[0]
    dw, db = np.zeros((2, parts, *parameter), x.dtype)
    loops[1][items, x.size](np.ascontiguousarray(g).reshape(shape), x.reshape(shape), mean.reshape(-1), var.reshape(-1),
                            w, eps, dx.reshape(shape), dw, db)
    if weight is None:
        return dx, None, None
    return dx, dw.sum(axis=0).reshape(weight.shape), db.sum(axis=0).reshape(weight.shape)   # (parts, ...) -> (...)


def _by_numpy(grad, x, mean, var, weight, dim, eps):
    scale = 1 / np.sqrt(var + x.dtype.type(eps))
    count = math.prod([x.shape[d] for d in dim])
    y = x - mean
    y *= scale
    dw = db = None
    g = grad
    if weight is not None:
        over = tuple([d for d, n in enumerate((1,) * (x.ndim - weight.ndim) + weight.shape) if n != x.shape[d]])
        dw, db = [t.sum(axis=over) for t in (grad * y, grad)]
        g = grad * weight
    product = g * y
    y *= np.true_divide(product.sum(axis=dim, keepdims=True), count, dtype=x.dtype)
    out = np.subtract(g, np.true_divide(g.sum(axis=dim, keepdims=True), count, dtype=x.dtype), out=product)
    out -= y
    out *= scale
    return out, dw, db


def _form(x, dim, weight, bias, *others):
    """(the loops for these arrays, the shape they see of x, that of the scale), or None where there are none."""
    first = min(dim, default=0)
    parameters = [p for p in (weight, bias) if p is not None]
    if not long(x, *others) or any([p.dtype != x.dtype for p in parameters]):
        return None
    if dim == tuple(range(first, x.ndim)):
        G, L = math.prod(x.shape[:first]), math.prod(x.shape[first:])
        if not parameters:
            return CHANNELS, (1, G, L), (G,)
        if all([p.size == L for p in parameters]):
            return ROWS, (G, L), (L,)
        if first == 2 and x.ndim == 4 and all([p.shape == (*x.shape[1:3], 1) for p in parameters]):
            return GROUPS, x.shape, x.shape[1:3]
    if dim == (0, *range(2, x.ndim)) and x.ndim > 2:
        N, C, *image = x.shape
        if all([p.size == C for p in parameters]):
            return CHANNELS, (N, C, math.prod(image)), (C,)
    return None


def _single(x):
    """Half precision computes in float32."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


# --------------------------------------------------------------------------------------------------------------- loops
@jit(fast=True)
def _sum(x):
    total = x.dtype.type(0)
    for i in range(x.size):
        total += x[i]
    return total


@jit(fast=True)
def _sum_of_squares(x, mean):
    total = x.dtype.type(0)
    for i in range(x.size):
        total += (x[i] - mean) * (x[i] - mean)
    return total


@jit(fast=True)
def _product(g, x, mean):
    """The sum of g * (x - mean)."""
    total = x.dtype.type(0)
    for i in range(x.size):
        total += g[i] * (x[i] - mean)
    return total


@jit
def _channels(g, x, weight, bias, eps, out, means, variances):
    """x (N, G, L), weight and bias (G) -> out (N, G, L), means and variances (G)"""
    N, _, L = x.shape
    total = squares = 0.0
    for n in range(N):
        total += _sum(x[n, g])
    mean = x.dtype.type(total / (N * L))
    for n in range(N):
        squares += _sum_of_squares(x[n, g], mean)
    means[g], variances[g] = mean, squares / (N * L)
    scale = x.dtype.type(weight[g] / np.sqrt(variances[g] + eps))
    for n in range(N):
        _shift_and_scale(x[n, g], mean, scale, bias[g], out[n, g])


@jit
def _shift_and_scale(x, mean, scale, bias, out):
    for i in range(x.size):
        out[i] = (x[i] - mean) * scale + bias


@jit
def _channels_backward(g, grad, x, means, variances, weight, eps, dx, dweight, dbias):
    """grad and x (N, G, L), means, variances and weight (G) -> dx (N, G, L), dweight and dbias (1, G)"""
    N, _, L = x.shape
    mean, scale = means[g], 1 / np.sqrt(variances[g] + eps)
    total = product = 0.0
    for n in range(N):
        total += _sum(grad[n, g])
        product += _product(grad[n, g], x[n, g], mean)
    dweight[0, g], dbias[0, g] = product * scale, total
    # dx = w * scale * (dy - mean(dy) - y * mean(dy * y)), with y = (x - mean) * scale
    of_g = x.dtype.type(weight[g] * scale)
    of_x = x.dtype.type(-weight[g] * scale**3 * product / (N * L))
    constant = x.dtype.type(-weight[g] * scale * total / (N * L))
    for n in range(N):
        _combine_centred(grad[n, g], x[n, g], mean, of_g, of_x, constant, dx[n, g])


@jit(fast=True)
def _combine_centred(g, x, mean, of_g, of_x, constant, out):
    """out = of_g * g + of_x * (x - mean) + constant"""
    for i in range(x.size):
        out[i] = of_g * g[i] + of_x * (x[i] - mean) + constant


@jit
def _rows(g, x, weight, bias, eps, out, means, variances):
    """x (G, L), weight and bias (L) -> out (G, L), means and variances (G)"""
    L = x.shape[1]
    mean = x.dtype.type(_sum(x[g]) / L)
    means[g], variances[g] = mean, _sum_of_squares(x[g], mean) / L
    _shift_and_scale_each(x[g], mean, x.dtype.type(1 / np.sqrt(variances[g] + eps)), weight, bias, out[g])


@jit
def _shift_and_scale_each(x, mean, scale, weight, bias, out):
    for i in range(x.size):
        out[i] = (x[i] - mean) * scale * weight[i] + bias[i]


@jit
def _rows_backward(part, grad, x, means, variances, weight, eps, dx, dweight, dbias):
    """grad and x (G, L), means and variances (G), weight (L) -> dx (G, L), dweight and dbias (PARTS, L), zero before"""
    G, L = x.shape
    for g in range(part * G // PARTS, (part + 1) * G // PARTS):
        mean, scale = means[g], x.dtype.type(1 / np.sqrt(variances[g] + eps))
        total, product = _weighted_sum(grad[g], weight), _weighted_product(grad[g], weight, x[g], mean)
        _add_parameter_gradients(grad[g], x[g], mean, scale, dweight[part], dbias[part])
        of_x = x.dtype.type(-scale * scale * scale * product / L)
        _combine_weighted(grad[g], weight, x[g], mean, scale, of_x, x.dtype.type(-scale * total / L), dx[g])


@jit(fast=True)
def _weighted_sum(g, weight):
    total = g.dtype.type(0)
    for i in range(g.size):
        total += g[i] * weight[i]
    return total


@jit(fast=True)
def _weighted_product(g, weight, x, mean):
    """The sum of g * weight * (x - mean)."""
    total = g.dtype.type(0)
    for i in range(g.size):
        total += g[i] * weight[i] * (x[i] - mean)
    return total


@jit(fast=True)
def _combine_weighted(g, weight, x, mean, of_g, of_x, constant, out):
    """out = of_g * g * weight + of_x * (x - mean) + constant"""
    for i in range(x.size):
        out[i] = of_g * g[i] * weight[i] + of_x * (x[i] - mean) + constant


@jit(fast=True)
def _add_parameter_gradients(grad, x, mean, scale, dweight, dbias):
    for i in range(x.size):
        dweight[i] += grad[i] * ((x[i] - mean) * scale)
        dbias[i] += grad[i]


@jit
def _groups(item, x, weight, bias, eps, out, means, variances):
    """x (N, G, K, L), weight and bias (G, K) -> out (N, G, K, L), means and variances (N * G)"""
    _, G, K, L = x.shape
    n, g = item // G, item % G
    total = squares = 0.0
    for k in range(K):
        total += _sum(x[n, g, k])
    mean = x.dtype.type(total / (K * L))
    for k in range(K):
        squares += _sum_of_squares(x[n, g, k], mean)
    means[item], variances[item] = mean, squares / (K * L)
    scale = 1 / np.sqrt(variances[item] + eps)
    for k in range(K):
        _shift_and_scale(x[n, g, k], mean, x.dtype.type(weight[g, k] * scale), bias[g, k], out[n, g, k])


@jit
def _groups_backward(item, grad, x, means, variances, weight, eps, dx, dweight, dbias):
    """grad, x (N, G, K, L), means, variances (N * G), weight (G, K) -> dx (N, G, K, L), dweight, dbias (N, G, K)"""
    _, G, K, L = x.shape
    n, g = item // G, item % G
    mean, scale = means[item], 1 / np.sqrt(variances[item] + eps)
    total = product = 0.0
    for k in range(K):
        dbias[n, g, k] = _sum(grad[n, g, k])
        dweight[n, g, k] = _product(grad[n, g, k], x[n, g, k], mean) * scale
        total += weight[g, k] * dbias[n, g, k]
        product += weight[g, k] * dweight[n, g, k]
    # dx = scale * (w * dy - mean(w * dy) - y * mean(w * dy * y)), with y = (x - mean) * scale
    of_x = x.dtype.type(-scale * scale * product / (K * L))
    constant = x.dtype.type(-scale * total / (K * L))
    for k in range(K):
        of_g = x.dtype.type(weight[g, k] * scale)
        _combine_centred(grad[n, g, k], x[n, g, k], mean, of_g, of_x, constant, dx[n, g, k])


CHANNELS, ROWS, GROUPS = (_channels, _channels_backward), (_rows, _rows_backward), (_groups, _groups_backward)
