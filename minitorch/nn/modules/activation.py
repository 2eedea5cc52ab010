"""Activation functions as modules: each applies the function of its name from nn.functional."""
from ... import creation
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = """
CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish PReLU RReLU ReLU ReLU6
SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold
""".split()


class _InPlace(Module):
    """The base of activations that can overwrite their input: `inplace`."""

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""

    def _repr_with(self, parameters):
        return f"{parameters}, inplace=True" if self.inplace else parameters


class ReLU(_InPlace):
    """max(x, 0).

    >>> import minitorch as torch
    >>> ReLU()(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """

    def forward(self, input):
        return F.relu(input, self.inplace)


class RReLU(_InPlace):
    """x where x > 0, else slope * x; the slope is random of [lower, upper) in training, their mean in evaluation.

    >>> import minitorch as torch
    >>> RReLU(0.1, 0.3).eval()(torch.tensor([-1., 2.]))
    tensor([-0.2000,  2.0000])
    """

    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        super().__init__(inplace)
        self.lower, self.upper = lower, upper

    def forward(self, input):
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        return self._repr_with(f"lower={self.lower}, upper={self.upper}")


class Hardtanh(_InPlace):
    """min(max(x, min_val), max_val). AssertionError unless min_val < max_val.

    >>> import minitorch as torch
    >>> Hardtanh()(torch.tensor([-3., 0.5]))
    tensor([-1.0000,  0.5000])
    """

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__(inplace)
        self.min_val, self.max_val = min_val, max_val
        if max_val <= min_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")

    def forward(self, input):
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self):
        return self._repr_with(f"min_val={self.min_val}, max_val={self.max_val}")


class ReLU6(Hardtanh):
    """min(max(x, 0), 6).

    >>> import minitorch as torch
    >>> ReLU6()(torch.tensor([-1., 8.]))
    tensor([0., 6.])
    """

    def __init__(self, inplace=False):
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Threshold(_InPlace):
    """x where x > threshold, else value.

    >>> import minitorch as torch
    >>> Threshold(0.5, 9)(torch.tensor([0.2, 2.]))
    tensor([9., 2.])
    """

    def __init__(self, threshold, value, inplace=False):
        super().__init__(inplace)
        self.threshold, self.value = threshold, value

    def forward(self, input):
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self):
        return self._repr_with(f"threshold={self.threshold}, value={self.value}")


class LeakyReLU(_InPlace):
    """x where x > 0, else negative_slope * x.

    >>> import minitorch as torch
    >>> LeakyReLU(0.1)(torch.tensor([-1., 2.]))
    tensor([-0.1000,  2.0000])
    """

    def __init__(self, negative_slope=1e-2, inplace=False):
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input):
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self):
        return self._repr_with(f"negative_slope={self.negative_slope}")


class PReLU(Module):
    """x where x > 0, else weight * x; the weight is learned, one for all or `num_parameters` for the channels (N, C,
    ...).

    >>> import minitorch as torch
    >>> PReLU()(torch.tensor([-1., 2.]))
    tensor([-0.2500,  2.0000], grad_fn=<PreluKernelBackward0>)
    """

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(creation.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self):
        """Set the weight to its first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


class ELU(_InPlace):
    """x where x > 0, else alpha * (e^x - 1).

    >>> import minitorch as torch
    >>> ELU()(torch.tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input):
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return self._repr_with(f"alpha={self.alpha}")


class CELU(ELU):
    """x where x > 0, else alpha * (e^(x / alpha) - 1).

    >>> import minitorch as torch
    >>> CELU(2.)(torch.tensor([-1., 2.]))
    tensor([-0.7869,  2.0000])
    """

    def forward(self, input):
        return F.celu(input, self.alpha, self.inplace)


class SELU(_InPlace):
    """scale * elu(x, alpha), with the constants that keep mean 0 and variance 1.

    >>> import minitorch as torch
    >>> SELU()(torch.tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """

    def forward(self, input):
        return F.selu(input, self.inplace)


class GELU(Module):
    """x * Phi(x), with Phi the standard normal's distribution function, or its approximation by "tanh".

    >>> import minitorch as torch
    >>> GELU()(torch.tensor([-1., 2.]))
    tensor([-0.1587,  1.9545])
    """

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def forward(self, input):
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class SiLU(_InPlace):
    """x * sigmoid(x).

    >>> import minitorch as torch
    >>> SiLU()(torch.tensor([-1., 2.]))
    tensor([-0.2689,  1.7616])
    """

    def forward(self, input):
        return F.silu(input, self.inplace)


class Mish(_InPlace):
    """x * tanh(softplus(x)).

    >>> import minitorch as torch
    >>> Mish()(torch.tensor([-1., 2.]))
    tensor([-0.3034,  1.9440])
    """

    def forward(self, input):
        return F.mish(input, self.inplace)


class Hardsigmoid(_InPlace):
    """min(max(x / 6 + 1/2, 0), 1).

    >>> import minitorch as torch
    >>> Hardsigmoid()(torch.tensor([-4., 0.]))
    tensor([0.0000, 0.5000])
    """

    def forward(self, input):
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self):
        return ""


class Hardswish(Hardsigmoid):
    """x * hardsigmoid(x).

    >>> import minitorch as torch
    >>> Hardswish()(torch.tensor([0., 3.]))
    tensor([0., 3.])
    """

    def forward(self, input):
        return F.hardswish(input, self.inplace)


class Sigmoid(Module):
    """1 / (1 + e^-x).

    >>> import minitorch as torch
    >>> Sigmoid()(torch.tensor([0., 2.]))
    tensor([0.5000, 0.8808])
    """

    def forward(self, input):
        return F.sigmoid(input)


class LogSigmoid(Module):
    """log(sigmoid(x))."""

    def forward(self, input):
        return F.logsigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input):
        return F.tanh(input)


class Tanhshrink(Module):
    """x - tanh(x)."""

    def forward(self, input):
        return F.tanhshrink(input)


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input):
        return F.softsign(input)


class Softplus(Module):
    """log(1 + e^(beta x)) / beta; x itself where beta x > threshold.

    >>> import minitorch as torch
    >>> Softplus()(torch.tensor([-1., 30.]))
    tensor([ 0.3133, 30.0000])
    """

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input):
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardshrink(Module):
    """0 where |x| <= lambd, else x.

    >>> import minitorch as torch
    >>> Hardshrink()(torch.tensor([-1., 0.25]))
    tensor([-1.,  0.])
    """

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return F.hardshrink(input, self.lambd)

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(Hardshrink):
    """x moved towards 0 by lambd, and 0 where |x| <= lambd.

    >>> import minitorch as torch
    >>> Softshrink()(torch.tensor([-1., 0.25]))
    tensor([-0.5000,  0.0000])
    """

    def forward(self, input):
        return F.softshrink(input, self.lambd)


class GLU(Module):
    """The first half along `dim`, times the sigmoid of the second.

    >>> import minitorch as torch
    >>> GLU()(torch.tensor([2., 4., 0., 0.]))
    tensor([1., 2.])
    """

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.glu(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax(Module):
    """e^x / sum(e^x) along `dim`.

    >>> import minitorch as torch
    >>> Softmax(dim=0)(torch.tensor([1., 1., 2.]))
    tensor([0.2119, 0.2119, 0.5761])
    """

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(Softmax):
    """softmax(-x)."""

    def forward(self, input):
        return F.softmin(input, self.dim, _stacklevel=5)


class LogSoftmax(Softmax):
    """log(softmax(x)), without overflow."""

    def forward(self, input):
        return F.log_softmax(input, self.dim, _stacklevel=5)


class Softmax2d(Module):
    """softmax over the channels of (N, C, H, W) or (C, H, W). ValueError for other shapes."""

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3)
