"""Activation functions and their gradients, each in one pass over the memory."""
import math

from ..cpu import activation as cpu
from . import _math, elementwise
from ._each import each, formula, typed

__all__ = """
relu relu_backward leaky_relu leaky_relu_backward scaled_elu scaled_elu_backward silu silu_backward gelu gelu_backward
gelu_tanh gelu_tanh_backward
""".split()


def _each(f, input, *others):
    """f of arrays of one dtype, and of numbers."""
    return each(f, input, *others, dtype=input.dtype)


# --------------------------------------------------------------------------------------------- straight with a kink
_rectify = formula(2, typed(lambda T: lambda grad, y: T(0) if y <= 0 else grad))
_multiply_negative = formula(3, lambda grad, x, factor: grad if x > 0 else grad * factor)


def relu(input):
    """max(x, 0): itself multiplied by its own slope."""
    return _each(_rectify, input, input)


def relu_backward(grad, output):
    """dx = dy where y = relu(x) is positive or NaN, else 0."""
    return _each(_rectify, grad, output)


def leaky_relu(input, negative_slope=0.01):
    """x where x > 0, else slope * x: itself multiplied by its own slope."""
    return leaky_relu_backward(input, input, negative_slope)


def leaky_relu_backward(grad, input, negative_slope):
    """dx = dy where x > 0, else slope * dy."""
    return _each(_multiply_negative, grad, input, negative_slope)


# ------------------------------------------------------------------------------------------------------------ smooth
_SQRT_HALF, _DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)  # the standard normal's: Phi(x), Phi'(x)
_silu = formula(1, typed(lambda T: lambda x: x / (T(1) + _math.exp(-x))))


def _silu_slope(T):
    def slope(grad, x):
        s = T(1) / (T(1) + _math.exp(-x))
        return grad * (s * (x * (T(1) - s) + T(1)))
    return slope


def _gelu_slope(T):
    def slope(grad, x):
        cdf = T(0.5) * (T(1) + _math.erf(x * T(_SQRT_HALF)))
        return grad * (cdf + x * (_math.exp(x * x * T(-0.5)) * T(_DENSITY)))
    return slope


def _gelu_tanh(T):
    def value(x):
        u = x * (T(cpu.TWICE) + T(cpu.TWICE * cpu.CUBE) * (x * x))
        return x / (T(1) + _math.exp(-u))
    return value


def _gelu_tanh_slope(T):
    def slope(grad, x):
        u = x * (T(cpu.TWICE) + T(cpu.TWICE * cpu.CUBE) * (x * x))
        s = T(1) / (T(1) + _math.exp(-u))
        return grad * (s + x * (s * (T(1) - s)) * (T(cpu.TWICE) + T(3 * cpu.TWICE * cpu.CUBE) * (x * x)))
    return slope


_gelu = formula(1, typed(lambda T: lambda x: x * (T(0.5) * (T(1) + _math.erf(x * T(_SQRT_HALF))))))
_silu_backward, _gelu_backward = formula(2, typed(_silu_slope)), formula(2, typed(_gelu_slope))
_gelu_tanh_forward, _gelu_tanh_backward = formula(1, typed(_gelu_tanh)), formula(2, typed(_gelu_tanh_slope))


def scaled_elu(input, alpha, scale=1.0, rate=1.0):
    """scale * x where x > 0, else scale * alpha * (e^(x * rate) - 1)."""
    below = elementwise.mul(elementwise.expm1(elementwise.mul(input, rate)), scale * alpha)
    return elementwise.where(elementwise.le(input, 0), below, elementwise.mul(input, scale))


def scaled_elu_backward(grad, input, alpha, scale=1.0, rate=1.0):
    """dx = dy * scale where x > 0, else dy * scale * alpha * rate * e^(x * rate)."""
    below = elementwise.mul(elementwise.exp(elementwise.mul(input, rate)), scale * alpha * rate)
    return elementwise.mul(grad, elementwise.where(elementwise.le(input, 0), below, scale))


def silu(input):
    """x * sigmoid(x)."""
    return _each(_silu, input)


def silu_backward(grad, input):
    """dx = dy * (s + x * s * (1 - s)), with s = sigmoid(x)."""
    return _each(_silu_backward, grad, input)


def gelu(input):
    """x * Phi(x), with Phi the standard normal's distribution function."""
    return _each(_gelu, input)


def gelu_backward(grad, input):
    """dx = dy * (Phi(x) + x * Phi'(x))."""
    return _each(_gelu_backward, grad, input)


def gelu_tanh(input):
    """x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))."""
    return _each(_gelu_tanh_forward, input)


def gelu_tanh_backward(grad, input):
    """dx = dy * (s + x * s * (1 - s) * u'), with gelu_tanh(x) = x * s and s = sigmoid(u)."""
    return _each(_gelu_tanh_backward, grad, input)
