"""Activation functions and their gradients, number by number, as they are defined."""
import math

from .elementwise import exp, sigmoid


def relu(x):
    return 0.0 if x <= 0 else x  # NaN is not <= 0


def relu_backward(grad, y):
    return 0.0 if y <= 0 else grad


def leaky_relu(x, slope=0.1):
    return x if x > 0 else slope * x


def leaky_relu_backward(grad, x, slope=0.1):
    return grad if x > 0 else slope * grad


def scaled_elu(x, alpha=1.7, scale=1.1, rate=0.5):
    return scale * alpha * math.expm1(x * rate) if x <= 0 else scale * x


def scaled_elu_backward(grad, x, alpha=1.7, scale=1.1, rate=0.5):
    return grad * (scale * alpha * rate * exp(x * rate) if x <= 0 else scale)


def silu(x):
    return x * sigmoid(x)


def silu_backward(grad, x):
    s = sigmoid(x)
    return grad * (s + x * s * (1 - s))


def gelu(x):
    return x * _normal_cdf(x)


def gelu_backward(grad, x):
    return grad * (_normal_cdf(x) + x * exp(-x * x / 2) / math.sqrt(2 * math.pi))


def _normal_cdf(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def gelu_tanh(x):
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_tanh_backward(grad, x):
    t = math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    return grad * ((1 + t) / 2 + x / 2 * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x))
