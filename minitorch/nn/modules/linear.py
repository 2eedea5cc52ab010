"""Linear, Bilinear, Identity."""
import math

from ... import creation
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """y = x; takes and ignores any arguments.

    >>> Identity(20, bias=False)
    Identity()
    """

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class Linear(Module):
    """y = x @ weight^T + bias: (..., in_features) -> (..., out_features).

    weight (out_features, in_features) and bias (out_features) start uniform on [-b, b), b = 1 / sqrt(in_features).

    >>> import minitorch as torch
    >>> layer = Linear(20, 30); layer
    Linear(in_features=20, out_features=30, bias=True)
    >>> layer(torch.zeros(128, 20)).shape
    torch.Size([128, 30])
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(creation.empty(out_features, in_features, device=device, dtype=dtype))
        first_bias = Parameter(creation.empty(out_features, device=device, dtype=dtype)) if bias else None
        self.register_parameter("bias", first_bias)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new parameters."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # bound: sqrt(2 / (1 + 5)) * sqrt(3 / in) = 1 / sqrt(in)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y[k] = x1^T weight[k] x2 + bias[k]: (..., in1_features), (..., in2_features) -> (..., out_features).

    weight (out, in1, in2) and bias (out) start uniform on [-b, b), b = 1 / sqrt(in1_features).
    ValueError unless in1_features > 0.

    >>> Bilinear(20, 30, 40)
    Bilinear(in1_features=20, in2_features=30, out_features=40, bias=True)
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(creation.empty(out_features, in1_features, in2_features, device=device, dtype=dtype))
        first_bias = Parameter(creation.empty(out_features, device=device, dtype=dtype)) if bias else None
        self.register_parameter("bias", first_bias)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new parameters."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
                f"out_features={self.out_features}, bias={self.bias is not None}")
