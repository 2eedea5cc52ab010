"""Activation functions: elementwise and nonlinear. What happens at a kink, and to NaN, is torch's choice.

Functions with `inplace` write the result into their input if it is True.
"""
import math

import numpy as np

from .. import dtypes
from .. import random as _random
from .._shapes import normalize_dim
from ..engine import Op, named, wrap
from ..graph import check_tensors
from .elementwise import Clamp, add, div, erf, exp, gt, le, mul, sigmoid, sub, tanh, where
from .elementwise import abs as _abs
from .inplace import assign
from .shape import narrow, view


def _result(out, input, inplace):
    return assign(input, out) if inplace else out


def _floating(input, kernel):
    """The input. NotImplementedError, naming torch's kernel, for integers and bools."""
    if not input.dtype.is_floating_point:
        raise dtypes.not_implemented(kernel, input.dtype)
    return input


# --------------------------------------------------------------------------------------------- straight with a kink


class Relu(Op):
    """out = max(x, 0).   Saves: out."""

    def forward(self, x):
        out = self.k.relu(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.relu_backward(grad, out)


def relu_backward(grad, output):
    """The gradient of relu, given its output: grad where the output is positive or NaN, else 0."""
    return named(where(le(output, 0), 0.0, grad), "ThresholdBackwardBackward0")


def relu(input, inplace=False):
    """max(x, 0); the gradient at 0 is 0.

    >>> import minitorch as torch
    >>> torch.relu(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """
    check_tensors("relu", input=input)
    if input.array.dtype == np.bool_:
        raise RuntimeError("Boolean inputs not supported for relu")
    return _result(Relu.apply(input), input, inplace)


class Hardtanh(Clamp):
    """out = min(max(x, low), high): as clamp, but a gradient strictly between the bounds only.   Saves: x."""

    torch_name = "HardtanhBackward0"

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.where(k.logical_or(k.le(x, self.low), k.ge(x, self.high)), 0.0, grad)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """min(max(x, min_val), max_val). ValueError if min_val > max_val.

    >>> import minitorch as torch
    >>> torch.nn.functional.hardtanh(torch.tensor([-3., 0.5, 2.]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val: hardtanh got min_val={min_val}, max_val={max_val}")
    if not input.dtype.is_floating_point:
        min_val, max_val = int(min_val), int(max_val)
    return _result(Hardtanh.apply(input, low=min_val, high=max_val), input, inplace)


def relu6(input, inplace=False):
    """min(max(x, 0), 6).

    >>> import minitorch as torch
    >>> torch.nn.functional.relu6(torch.tensor([-1., 2., 8.]))
    tensor([0., 2., 6.])
    """
    return hardtanh(input, 0.0, 6.0, inplace)


class LeakyRelu(Op):
    """out = x where x > 0, else slope * x.   Saves: x."""

    def forward(self, x, slope):
        self.slope = slope
        self.save(x)
        return self.k.leaky_relu(x, slope)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.leaky_relu_backward(grad, x, self.slope)


def leaky_relu_backward(grad, input, negative_slope):
    """The gradient of leaky_relu: grad where the input is positive, else negative_slope * grad."""
    return named(where(gt(input, 0), grad, mul(grad, negative_slope)), "LeakyReluBackwardBackward0")


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where x > 0, else negative_slope * x.

    >>> import minitorch as torch
    >>> torch.nn.functional.leaky_relu(torch.tensor([-1., 2.]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    return _result(LeakyRelu.apply(_floating(input, "leaky_relu_cpu"), slope=negative_slope), input, inplace)


class Prelu(Op):
    """out = x where x > 0, else weight * x.   Saves: x, weight."""

    torch_name = "PreluKernelBackward0"

    def forward(self, x, weight):
        self.save(x, weight)
        k = self.k
        return k.where(k.gt(x, 0), x, k.mul(x, weight))

    def backward(self, grad):
        x, weight = self.saved
        k = self.k
        positive = k.gt(x, 0)
        return k.where(positive, grad, k.mul(grad, weight)), k.where(positive, 0.0, k.mul(grad, x))


def prelu(input, weight):
    """x where x > 0, else weight * x; `weight` has one element, or one for each channel (N, C, ...).

    >>> import minitorch as torch
    >>> torch.prelu(torch.tensor([-2., 4.]), torch.tensor([0.25]))
    tensor([-0.5000,  4.0000])
    """
    shape, w = input.array.shape, weight.array
    if w.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.ndim}")
    if w.dtype != input.array.dtype:
        raise RuntimeError("prelu: Type promoting not supported. "
                           f"Got {input.dtype.scalar_name} and {weight.dtype.scalar_name}")
    if w.size != 1:
        if not shape:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = shape[1] if len(shape) > 1 else 1
        if channels != w.size:
            raise RuntimeError("Mismatch of parameter numbers and input channel size. "
                               f"Found parameter numbers = {w.size} and channel size = {channels}.")
    ones = (1,) * (len(shape) - 2)
    return Prelu.apply(input, view(weight, (w.size, *ones) if len(shape) > 1 else (1,) * len(shape)))  # (C, 1, ...)


class RreluWithNoise(Op):
    """out = x where x > 0, else slope * x, a slope for each element.   Saves: x, slope."""

    def forward(self, x, slope):
        self.save(x, slope)
        k = self.k
        return k.where(k.gt(x, 0), x, k.mul(x, slope))

    def backward(self, grad):
        x, slope = self.saved
        k = self.k
        return k.where(k.gt(x, 0), grad, k.mul(grad, slope)), None


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False, *, generator=None):
    """x where x > 0, else slope * x; the slope is drawn from [lower, upper) for each element, or the middle in
    evaluation.

    >>> import minitorch as torch
    >>> torch.rrelu(torch.tensor([-1., 2.]), 0.1, 0.3)
    tensor([-0.2000,  2.0000])
    """
    if lower > upper:
        raise RuntimeError(f"Lower bound should be less than or equal to the upper bound: rrelu got {lower} and "
                           f"{upper}")
    x = _floating(input, "rrelu_with_noise_out_cpu").array
    slope = np.full(x.shape, (lower + upper) / 2, x.dtype)
    if training:  # one draw for each element that needs one
        drawn = (generator or _random.default_generator).uniform((np.count_nonzero(x <= 0),), lower, upper, np.float64)
        slope[x <= 0] = drawn
    return _result(RreluWithNoise.apply(input, wrap(slope)), input, inplace)


class Threshold(Op):
    """out = x where x > threshold, else value.   Saves: x."""

    def forward(self, x, threshold, value):
        self.threshold = threshold
        self.save(x)
        k = self.k
        return k.where(k.le(x, threshold), k.full((), value, x.dtype), x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.where(k.le(x, self.threshold), 0.0, grad)


def threshold(input, threshold, value, inplace=False):
    """x where x > threshold, else value.

    >>> import minitorch as torch
    >>> torch.nn.functional.threshold(torch.tensor([0.5, 2.]), 1, 9)
    tensor([9., 2.])
    """
    return _result(Threshold.apply(input, threshold=threshold, value=value), input, inplace)


class Hardshrink(Op):
    """out = 0 where |x| <= lambd, else x.   Saves: x."""

    def forward(self, x, lambd):
        self.lambd = lambd
        self.save(x)
        k = self.k
        return k.where(k.le(k.abs(x), lambd), 0.0, x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.where(k.le(k.abs(x), self.lambd), 0.0, grad)


def hardshrink(input, lambd=0.5):
    """0 where |x| <= lambd, else x.

    >>> import minitorch as torch
    >>> torch.nn.functional.hardshrink(torch.tensor([-1., 0.25]))
    tensor([-1.,  0.])
    """
    return Hardshrink.apply(_floating(input, "hardshrink_cpu"), lambd=lambd)


class Softshrink(Hardshrink):
    """out = sign(x) * max(|x| - lambd, 0).   Saves: x."""

    def forward(self, x, lambd):
        self.lambd = lambd
        self.save(x)
        k = self.k
        return k.sub(x, k.clamp(x, -lambd, lambd))


def softshrink(input, lambd=0.5):
    """x moved towards 0 by lambd, and 0 where |x| <= lambd. RuntimeError if lambd < 0.

    >>> import minitorch as torch
    >>> torch.nn.functional.softshrink(torch.tensor([-1., 0.25]))
    tensor([-0.5000,  0.0000])
    """
    if lambd < 0:
        raise RuntimeError(f"lambda must be in range [0, inf) for input dtype {input.dtype.scalar_name}, but found "
                           f"{lambd}")
    return Softshrink.apply(_floating(input, "softshrink_cpu"), lambd=lambd)


def tanhshrink(input):
    """x - tanh(x)."""
    return sub(input, tanh(input))


class Hardsigmoid(Op):
    """out = min(max(x / 6 + 1/2, 0), 1).   Saves: x."""

    def forward(self, x):
        self.save(x)
        k = self.k
        return k.div(k.clamp(k.add(x, 3.0), 0.0, 6.0), 6.0)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.where(k.lt(k.abs(x), 3.0), k.div(grad, 6.0), 0.0)


def hardsigmoid(input, inplace=False):
    """min(max(x / 6 + 1/2, 0), 1).

    >>> import minitorch as torch
    >>> torch.nn.functional.hardsigmoid(torch.tensor([-4., 0., 3.]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return _result(Hardsigmoid.apply(_floating(input, "hardsigmoid_cpu")), input, inplace)


class Hardswish(Op):
    """out = x * min(max(x / 6 + 1/2, 0), 1).   Saves: x."""

    def forward(self, x):
        self.save(x)
        k = self.k
        return k.div(k.mul(x, k.clamp(k.add(x, 3.0), 0.0, 6.0)), 6.0)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        inside = k.where(k.lt(x, 3.0), k.mul(grad, k.add(k.div(x, 3.0), 0.5)), grad)
        return k.where(k.le(x, -3.0), 0.0, inside)


def hardswish(input, inplace=False):
    """x * hardsigmoid(x).

    >>> import minitorch as torch
    >>> torch.nn.functional.hardswish(torch.tensor([-4., 0., 3.]))
    tensor([-0., 0., 3.])
    """
    return _result(Hardswish.apply(_floating(input, "hardswish_cpu")), input, inplace)


# ------------------------------------------------------------------------------------------------------------ smooth


class Elu(Op):
    """out = scale * x where x > 0, else scale * alpha * (e^(x * rate) - 1).   Saves: x."""

    def forward(self, x, alpha, scale=1.0, rate=1.0):
        self.alpha, self.scale, self.rate = alpha, scale, rate
        self.save(x)
        return self.k.scaled_elu(x, alpha, scale, rate)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.scaled_elu_backward(grad, x, self.alpha, self.scale, self.rate)


def scaled_elu(input, alpha, scale=1.0, rate=1.0):
    """scale * x where x > 0, else scale * alpha * (e^(x * rate) - 1): what elu, selu and celu have in common."""
    return Elu.apply(_floating(input, "elu_cpu"), alpha=alpha, scale=scale, rate=rate)


def scaled_elu_backward(grad, input, alpha, scale=1.0, rate=1.0):
    """The gradient of scaled_elu: grad times scale where the input is positive, else times the exponential's slope."""
    below = mul(exp(mul(input, rate)), scale * alpha * rate)
    return named(mul(grad, where(le(input, 0), below, scale)), "EluBackwardBackward0")


def elu(input, alpha=1.0, inplace=False):
    """x where x > 0, else alpha * (e^x - 1).

    >>> import minitorch as torch
    >>> torch.nn.functional.elu(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return _result(scaled_elu(input, alpha), input, inplace)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # keep mean 0 and variance 1 (Klambauer et al., 2017)


def selu(input, inplace=False):
    """scale * elu(x, alpha), with the constants that keep mean 0 and variance 1 from layer to layer.

    >>> import minitorch as torch
    >>> torch.selu(torch.tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """
    return _result(scaled_elu(input, SELU_ALPHA, SELU_SCALE), input, inplace)


def celu(input, alpha=1.0, inplace=False):
    """x where x > 0, else alpha * (e^(x / alpha) - 1). RuntimeError if alpha is 0.

    >>> import minitorch as torch
    >>> torch.celu(torch.tensor([-1., 2.]), 2.)
    tensor([-0.7869,  2.0000])
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _result(named(scaled_elu(input, alpha, rate=1.0 / alpha), "CeluBackward0"), input, inplace)


class Gelu(Op):
    """out = x * Phi(x), where Phi is the standard normal's distribution function.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.gelu(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.gelu_backward(grad, x)


def gelu_backward(grad, input):
    """The gradient of gelu: grad * (Phi(x) + x * Phi'(x))."""
    cdf = mul(add(erf(mul(input, math.sqrt(0.5))), 1.0), 0.5)
    density = mul(exp(mul(mul(input, input), -0.5)), 1 / math.sqrt(2 * math.pi))
    return named(mul(grad, add(cdf, mul(input, density))), "GeluBackwardBackward0")


class GeluTanh(Op):
    """out = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).   Saves: x."""

    torch_name = "GeluBackward0"

    def forward(self, x):
        self.save(x)
        return self.k.gelu_tanh(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.gelu_tanh_backward(grad, x)


def gelu_tanh_backward(grad, input):
    """The gradient of gelu_tanh, which is x * s with s = sigmoid(u): grad * (s + x * s * (1 - s) * u')."""
    square, twice = mul(input, input), 2 * math.sqrt(2 / math.pi)
    s = sigmoid(mul(mul(input, add(mul(square, 0.044715), 1.0)), twice))
    slope = mul(add(mul(square, 3 * 0.044715), 1.0), twice)
    return named(mul(grad, add(s, mul(mul(input, mul(s, sub(1.0, s))), slope))), "GeluBackwardBackward0")


def gelu_tanh(input):
    """BERT's approximation of gelu: what gelu(approximate="tanh") computes."""
    return GeluTanh.apply(_floating(input, "GeluKernelImpl"))


def gelu(input, *, approximate="none"):
    """x * Phi(x), with Phi the standard normal's distribution function; `approximate="tanh"` is BERT's approximation.

    >>> import minitorch as torch
    >>> torch.nn.functional.gelu(torch.tensor([-1., 2.]))
    tensor([-0.1587,  1.9545])
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh: gelu got approximate={approximate!r}")
    return gelu_tanh(input) if approximate == "tanh" else Gelu.apply(_floating(input, "GeluKernelImpl"))


class Silu(Op):
    """out = x * sigmoid(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.silu(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.silu_backward(grad, x)


def silu_backward(grad, input):
    """The gradient of silu: grad * (s + x * s * (1 - s)), with s = sigmoid(x)."""
    s = sigmoid(input)
    return named(mul(grad, mul(s, add(mul(input, sub(1.0, s)), 1.0))), "SiluBackwardBackward0")


def silu(input, inplace=False):
    """x * sigmoid(x), also called swish.

    >>> import minitorch as torch
    >>> torch.nn.functional.silu(torch.tensor([-1., 2.]))
    tensor([-0.2689,  1.7616])
    """
    return _result(Silu.apply(_floating(input, "silu_cpu")), input, inplace)


class Softplus(Op):
    """out = log(1 + e^(beta x)) / beta, and x itself where beta x > threshold.   Saves: x."""

    def forward(self, x, beta, threshold):
        self.beta, self.threshold = beta, threshold
        self.save(x)
        k = self.k
        z = k.mul(x, beta)
        return k.where(k.gt(z, threshold), x, k.div(k.log1p(k.exp(z)), beta))

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        z = k.mul(x, self.beta)
        return k.where(k.gt(z, self.threshold), grad, k.mul(grad, k.sigmoid(z)))


def softplus(input, beta=1, threshold=20):
    """log(1 + e^(beta x)) / beta, a smooth relu; x itself where beta x > threshold.

    >>> import minitorch as torch
    >>> torch.nn.functional.softplus(torch.tensor([-1., 30.]))
    tensor([ 0.3133, 30.0000])
    """
    return Softplus.apply(_floating(input, "softplus_cpu"), beta=beta, threshold=threshold)


class Mish(Op):
    """out = x * tanh(softplus(x)).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.mul(x, self.gate(self.k, x))

    def backward(self, grad):  # t + x * (1 - t^2) * sigmoid(x)
        (x,) = self.saved
        k = self.k
        t = self.gate(k, x)
        return k.mul(grad, k.add(t, k.mul(k.mul(x, k.sigmoid(x)), k.sub(1.0, k.mul(t, t)))))

    def gate(self, k, x):  # log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow
        return k.tanh(k.add(k.clamp(x, 0), k.log1p(k.exp(k.neg(k.abs(x))))))


def mish(input, inplace=False):
    """x * tanh(softplus(x)).

    >>> import minitorch as torch
    >>> torch.nn.functional.mish(torch.tensor([-1., 2.]))
    tensor([-0.3034,  1.9440])
    """
    return _result(Mish.apply(_floating(input, "mish_cpu")), input, inplace)


class LogSigmoid(Op):
    """out = log(sigmoid(x)) = min(x, 0) - log(1 + e^-|x|).   Saves: x."""

    def forward(self, x):
        self.save(x)
        k = self.k
        return k.sub(k.clamp(x, None, 0), k.log1p(k.exp(k.neg(k.abs(x)))))

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.sigmoid(k.neg(x)))


def logsigmoid(input):
    """log(sigmoid(x)), without overflow.

    >>> import minitorch as torch
    >>> torch.nn.functional.logsigmoid(torch.tensor([-1000., 0.]))
    tensor([-1.0000e+03, -6.9315e-01])
    """
    return LogSigmoid.apply(_floating(input, "log_sigmoid_cpu"))


def softsign(input):
    """x / (1 + |x|)."""
    return div(input, add(_abs(input), 1))


def glu(input, dim=-1):
    """The first half along `dim`, times the sigmoid of the second. RuntimeError if there is no half.

    >>> import minitorch as torch
    >>> torch.nn.functional.glu(torch.tensor([2., 4., 0., 0.]))
    tensor([1., 2.])
    """
    shape = input.array.shape
    if not shape:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    dim = normalize_dim(dim, len(shape))
    if shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {shape[dim]}")
    half = shape[dim] // 2
    return named(mul(narrow(input, dim, 0, half), sigmoid(narrow(input, dim, half, half))), "GluBackward0")
