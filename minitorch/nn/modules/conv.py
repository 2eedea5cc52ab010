"""Convolution layers: one N-dimensional class, one more for the transpose, and a thin face for each rank."""
import math

from ... import creation
from ..._shapes import tuple_of
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _ConvNd(Module):
    """What all have: the arguments, checked and as tuples of `_rank` ints, the parameters and the repr."""

    _rank = None
    _function = None  # of nn.functional
    transposed = False

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None, output_padding=0):
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = self._tuple("kernel_size", kernel_size), self._tuple("stride", stride)
        named = isinstance(padding, str) and not self.transposed
        self.padding, self.padding_mode = padding if named else self._tuple("padding", padding), padding_mode
        self.output_padding = self._tuple("output_padding", output_padding)
        self.dilation = self._tuple("dilation", dilation)
        self._check()
        form = {"device": device, "dtype": dtype}
        self.weight = Parameter(creation.empty(self._weight_shape(), **form))
        self.register_parameter("bias", Parameter(creation.empty(out_channels, **form)) if bias else None)
        self.reset_parameters()

    def _tuple(self, name, value):
        return tuple_of(value, self._rank, name, type(self).__name__)

    def _check(self):
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        if self.out_channels % self.groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(self.padding, str):
            if self.padding not in ("valid", "same"):
                raise ValueError(f"Invalid padding string '{self.padding}', should be one of {{'valid', 'same'}}")
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError("padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
                             f"but got padding_mode='{self.padding_mode}'")

    def _weight_shape(self):
        channels = self.out_channels, self.in_channels // self.groups
        if self.transposed:
            channels = self.in_channels, self.out_channels // self.groups
        return *channels, *self.kernel_size

    def reset_parameters(self):
        """Draw new parameters: uniform on [-b, b), b = 1 / sqrt(weight.size(1) * size of the kernel)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = self.weight.size(1) * math.prod(self.kernel_size)
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input, weight, bias):
        """The layer with other parameters, as subclasses that change their weight call it."""
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._border(), self.padding_mode), 0
        return self._function(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def _border(self):
        """The padding as F.pad wants it: (before, after) from the last axis back."""
        if self.padding == "valid":
            return (0, 0) * self._rank
        if self.padding == "same":
            total = [gap * (taps - 1) for gap, taps in zip(self.dilation, self.kernel_size)]
        else:
            total = [2 * width for width in self.padding]
        return tuple(width for size in reversed(total) for width in (size // 2, size - size // 2))

    def extra_repr(self):
        zeros, ones = (0,) * self._rank, (1,) * self._rank
        optional = {
            "padding": (self.padding, zeros), "dilation": (self.dilation, ones),
            "output_padding": (self.output_padding, zeros), "groups": (self.groups, 1),
            "bias": (self.bias is not None, True), "padding_mode": (self.padding_mode, "zeros")}
        required = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return required + "".join(f", {name}={value}" for name, (value, usual) in optional.items() if value != usual)


class Conv1d(_ConvNd):
    """F.conv1d with a weight (out_channels, in_channels/groups, R) and a bias; see Conv2d.

    >>> Conv1d(16, 33, 3, stride=2)
    Conv1d(16, 33, kernel_size=(3,), stride=(2,))
    """

    _rank = 1
    _function = staticmethod(F.conv1d)


class Conv2d(_ConvNd):
    """F.conv2d with a weight (out_channels, in_channels/groups, R, S) and a bias: (N, C, H, W) -> (N, K, P, Q)

    Weight and bias start uniform on [-b, b), b = 1 / sqrt(in_channels/groups * R * S). padding may be "same" or
    "valid"; padding_mode "reflect", "replicate" or "circular" fills the border from the image. ValueError for arguments
    that do not fit together.

    >>> import minitorch as torch
    >>> layer = Conv2d(1, 6, 5); layer
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
    >>> layer(torch.zeros(64, 1, 32, 32)).shape
    torch.Size([64, 6, 28, 28])
    """

    _rank = 2
    _function = staticmethod(F.conv2d)


class Conv3d(_ConvNd):
    """F.conv3d with a weight (out_channels, in_channels/groups, R, S, T) and a bias; see Conv2d.

    >>> Conv3d(16, 33, (3, 5, 2), padding="same", bias=False)
    Conv3d(16, 33, kernel_size=(3, 5, 2), stride=(1, 1, 1), padding=same, bias=False)
    """

    _rank = 3
    _function = staticmethod(F.conv3d)


class _ConvTransposeNd(_ConvNd):
    """The transpose: another order of arguments, and an output whose size is not determined by that of the input."""

    transposed = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
                         device, dtype, output_padding)

    def forward(self, input, output_size=None):
        output_padding = self.output_padding if output_size is None else self._padding_for(input.shape, output_size)
        return self._function(input, self.weight, self.bias, self.stride, self.padding, output_padding, self.groups,
                             self.dilation)

    def _padding_for(self, shape, output_size):
        """The output_padding that makes the output of an input of this shape as large as `output_size`, if one does."""
        others = len(shape) - self._rank  # the batch and channel dimensions
        size = tuple(output_size[others:] if len(output_size) == len(shape) else output_size)
        if len(size) != self._rank:
            raise ValueError(f"ConvTranspose{self._rank}D: for {len(shape)}D input, output_size must have {self._rank} "
                             f"or {len(shape)} elements (got {len(size)})")
        least = [(n - 1) * step - 2 * pad + gap * (taps - 1) + 1 for n, step, pad, gap, taps in
                 zip(shape[others:], self.stride, self.padding, self.dilation, self.kernel_size)]
        most = [n + step - 1 for n, step in zip(least, self.stride)]
        if not all(low <= n <= high for low, n, high in zip(least, size, most)):
            raise ValueError(f"requested an output size of {size}, but valid sizes range from {least} to {most} "
                             f"(for an input of {shape[others:]})")
        return tuple(n - low for n, low in zip(size, least))


class ConvTranspose1d(_ConvTransposeNd):
    """F.conv_transpose1d with a weight (in_channels, out_channels/groups, R) and a bias; see ConvTranspose2d.

    >>> ConvTranspose1d(16, 33, 3, stride=2, output_padding=1)
    ConvTranspose1d(16, 33, kernel_size=(3,), stride=(2,), output_padding=(1,))
    """

    _rank = 1
    _function = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """F.conv_transpose2d with a weight (in_channels, out_channels/groups, R, S) and a bias: (..., P, Q) -> (..., H, W)

    Weight and bias start uniform on [-b, b), b = 1 / sqrt(out_channels/groups * R * S). Where a stride lets images of
    several sizes have a convolution of the input's size, calling the layer with output_size=(H, W) chooses one.
    ValueError for arguments that do not fit together.

    >>> import minitorch as torch
    >>> layer = ConvTranspose2d(8, 4, 3, stride=2, padding=1)
    >>> layer(torch.zeros(1, 8, 7, 7)).shape, layer(torch.zeros(1, 8, 7, 7), output_size=(14, 14)).shape
    (torch.Size([1, 4, 13, 13]), torch.Size([1, 4, 14, 14]))
    """

    _rank = 2
    _function = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """F.conv_transpose3d with a weight (in_channels, out_channels/groups, R, S, T) and a bias; see ConvTranspose2d.

    >>> ConvTranspose3d(16, 33, 2, stride=2)
    ConvTranspose3d(16, 33, kernel_size=(2, 2, 2), stride=(2, 2, 2))
    """

    _rank = 3
    _function = staticmethod(F.conv_transpose3d)
