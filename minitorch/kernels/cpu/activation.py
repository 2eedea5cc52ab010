"""Activation functions and their gradients, each in one pass over the memory.

A gradient reads the input, or the output where that says enough, and the gradient that comes from above. Short arrays,
and float64 where the formula has an exponential, go by NumPy.
"""
import math

import numpy as np

from . import _math, elementwise
from ._each import block, each, long, single
from ._jit import jit

__all__ = """
relu relu_backward leaky_relu leaky_relu_backward scaled_elu scaled_elu_backward silu silu_backward gelu gelu_backward
gelu_tanh gelu_tanh_backward
""".split()


# --------------------------------------------------------------------------------------------- straight with a kink
def relu(input):
    """max(x, 0): itself multiplied by its own slope."""
    return each(_rectify, input, input) if long(input) else np.asarray(np.maximum(input, 0))


def relu_backward(grad, output):
    """dx = dy where y = relu(x) is positive or NaN, else 0."""
    if long(output, grad):
        return each(_rectify, output, grad)
    return np.asarray(np.where(output <= 0, np.zeros((), grad.dtype), grad))


@jit
def _rectify(item, y, grad, out):
    """out = grad where y > 0 or y is NaN, else 0"""
    y, grad, out = block(item, y), block(item, grad), block(item, out)
    for i in range(out.size):
        out[i] = 0 if y[i] <= 0 else grad[i]


def leaky_relu(input, negative_slope=0.01):
    """x where x > 0, else slope * x: itself multiplied by its own slope."""
    return leaky_relu_backward(input, input, negative_slope)


def leaky_relu_backward(grad, input, negative_slope):
    """dx = dy where x > 0, else slope * dy."""
    if long(input, grad):
        return each(_multiply_negative, input, grad, numbers=(negative_slope,))
    return np.asarray(np.where(input > 0, grad, grad * negative_slope))


@jit
def _multiply_negative(item, x, grad, factor, out):
    """out = grad where x > 0, else grad * factor"""
    x, grad, out = block(item, x), block(item, grad), block(item, out)
    factor = out.dtype.type(factor)
    for i in range(out.size):
        out[i] = grad[i] if x[i] > 0 else grad[i] * factor


# ------------------------------------------------------------------------------------------------------------ smooth
def scaled_elu(input, alpha, scale=1.0, rate=1.0):
    """scale * x where x > 0, else scale * alpha * (e^(x * rate) - 1)."""
    if single(input) and rate > 0:
        return each(_elu, input, numbers=(scale, scale * alpha, rate))
    return elementwise.where(input <= 0, elementwise.expm1(input * rate) * (scale * alpha), input * scale)


def scaled_elu_backward(grad, input, alpha, scale=1.0, rate=1.0):
    """dx = dy * scale where x > 0, else dy * scale * alpha * rate * e^(x * rate)."""
    if single(input, grad) and rate > 0:
        return each(_elu_backward, input, grad, numbers=(scale, scale * alpha * rate, rate))
    slope = elementwise.where(input <= 0, elementwise.exp(input * rate) * (scale * alpha * rate), scale)
    return np.asarray(grad * slope)


@jit
def _elu(item, x, above, below, rate, out):
    x, out = block(item, x), block(item, out)
    above, below, rate = np.float32(above), np.float32(below), np.float32(rate)
    for i in range(out.size):
        out[i] = _math.expm1_of_negative(x[i] * rate) * below if x[i] <= 0 else x[i] * above


@jit
def _elu_backward(item, x, grad, above, below, rate, out):
    x, grad, out = block(item, x), block(item, grad), block(item, out)
    above, below, rate = np.float32(above), np.float32(below), np.float32(rate)
    for i in range(out.size):
        out[i] = grad[i] * (_math.exp_of_negative(x[i] * rate) * below if x[i] <= 0 else above)


def silu(input):
    """x * sigmoid(x)."""
    return each(_silu, input) if single(input) else np.asarray(input * elementwise.sigmoid(input))


def silu_backward(grad, input):
    """dx = dy * (s + x * s * (1 - s)), with s = sigmoid(x)."""
    if single(input, grad):
        return each(_silu_backward, input, grad)
    s = elementwise.sigmoid(input)
    return np.asarray(grad * (s * (input * (1 - s) + 1)))


@jit
def _silu(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        out[i] = x[i] * _math.sigmoid(x[i])


@jit(fused=True)
def _silu_backward(item, x, grad, out):
    x, grad, out = block(item, x), block(item, grad), block(item, out)
    one = np.float32(1)
    for i in range(out.size):
        s = _math.sigmoid(x[i])
        out[i] = grad[i] * (s * (x[i] * (one - s) + one))


def gelu(input):
    """x * Phi(x), with Phi the standard normal's distribution function."""
    return each(_gelu, input) if single(input) else np.asarray(input * _normal_cdf(input))


def gelu_backward(grad, input):
    """dx = dy * (Phi(x) + x * Phi'(x))."""
    if single(input, grad):
        return each(_gelu_backward, input, grad)
    density = elementwise.exp(input * input * -0.5) * (1 / math.sqrt(2 * math.pi))
    return np.asarray(grad * (_normal_cdf(input) + input * density))


def _normal_cdf(x):
    return (elementwise.erf(x * math.sqrt(0.5)) + 1) * 0.5


@jit
def _gelu(item, x, out):
    x, out = block(item, x), block(item, out)
    for i in range(out.size):
        cdf, _ = _math.normal(x[i])
        out[i] = x[i] * cdf


@jit(fused=True)
def _gelu_backward(item, x, grad, out):
    x, grad, out = block(item, x), block(item, grad), block(item, out)
    height = np.float32(1 / math.sqrt(2 * math.pi))
    for i in range(out.size):
        cdf, power = _math.normal(x[i])
        out[i] = grad[i] * (cdf + x[i] * (power * height))


# x/2 * (1 + tanh(u)) with u = sqrt(2/pi) * (x + 0.044715 x^3); and (1 + tanh(u)) / 2 is sigmoid(2u)
CUBE, TWICE = 0.044715, 2 * math.sqrt(2 / math.pi)


def gelu_tanh(input):
    """x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))."""
    return each(_gelu_tanh, input) if single(input) else np.asarray(input * _tanh_cdf(input))


def gelu_tanh_backward(grad, input):
    """dx = dy * (s + x * s * (1 - s) * u'), with gelu_tanh(x) = x * s and s = sigmoid(u)."""
    if single(input, grad):
        return each(_gelu_tanh_backward, input, grad)
    s = _tanh_cdf(input)
    return np.asarray(grad * (s + input * (s * (1 - s)) * ((input * input * (3 * CUBE) + 1) * TWICE)))


def _tanh_cdf(x):
    return elementwise.sigmoid((x * (x * x * CUBE + 1)) * TWICE)


@jit(fused=True)
def _gelu_tanh(item, x, out):
    x, out = block(item, x), block(item, out)
    linear, cubic = np.float32(TWICE), np.float32(TWICE * CUBE)
    for i in range(out.size):
        out[i] = x[i] * _math.sigmoid(x[i] * (linear + cubic * (x[i] * x[i])))


@jit(fused=True)
def _gelu_tanh_backward(item, x, grad, out):
    x, grad, out = block(item, x), block(item, grad), block(item, out)
    linear, cubic = np.float32(TWICE), np.float32(TWICE * CUBE)
    one, three = np.float32(1), np.float32(3)
    for i in range(out.size):
        square = x[i] * x[i]
        s = _math.sigmoid(x[i] * (linear + cubic * square))
        out[i] = grad[i] * (s + x[i] * (s * (one - s)) * (linear + three * cubic * square))
