"""Pooling layers: the functions of nn.functional with their arguments kept."""
from ..._shapes import tuple_of
from .. import functional as F
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "FractionalMaxPool2d", "FractionalMaxPool3d",
    "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d",
    "MaxUnpool3d"]


class _MaxPoolNd(Module):
    _function = None  # of nn.functional

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.return_indices, self.ceil_mode = padding, dilation, return_indices, ceil_mode

    def forward(self, input):
        return self._function(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
                             self.return_indices)

    def extra_repr(self):
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")


class MaxPool1d(_MaxPoolNd):
    """F.max_pool1d, the largest of every window: (N, C, L) or (C, L) -> (..., P)

    >>> MaxPool1d(3, stride=2)
    MaxPool1d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
    """

    _function = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPoolNd):
    """F.max_pool2d, the largest pixel of every window: (N, C, H, W) or (C, H, W) -> (..., P, Q)

    >>> import minitorch as torch
    >>> MaxPool2d(2)(torch.zeros(64, 6, 28, 28)).shape
    torch.Size([64, 6, 14, 14])
    """

    _function = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPoolNd):
    """F.max_pool3d, the largest of every window: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> MaxPool3d(2)(torch.zeros(64, 6, 8, 28, 28)).shape
    torch.Size([64, 6, 4, 14, 14])
    """

    _function = staticmethod(F.max_pool3d)


class _MaxUnpoolNd(Module):
    _rank = None
    _function = None  # of nn.functional

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = self._tuple("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else self._tuple("stride", stride)
        self.padding = self._tuple("padding", padding)

    def _tuple(self, name, value):
        return tuple_of(value, self._rank, name, type(self).__name__)

    def forward(self, input, indices, output_size=None):
        return self._function(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """F.max_unpool1d, the maxima back in their places: (N, C, P) or (C, P) -> (..., L)

    >>> MaxUnpool1d(3, stride=2)
    MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(0,))
    """

    _rank = 1
    _function = staticmethod(F.max_unpool1d)


class MaxUnpool2d(_MaxUnpoolNd):
    """F.max_unpool2d, the maxima back in their places: (N, C, P, Q) or (C, P, Q) -> (..., H, W)

    >>> import minitorch as torch
    >>> out, indices = MaxPool2d(2, return_indices=True)(torch.arange(4.).view(1, 2, 2))
    >>> MaxUnpool2d(2)(out, indices)
    tensor([[[0., 0.],
             [0., 3.]]])
    """

    _rank = 2
    _function = staticmethod(F.max_unpool2d)


class MaxUnpool3d(_MaxUnpoolNd):
    """F.max_unpool3d, the maxima back in their places: (N, C, O, P, Q) or (C, O, P, Q) -> (..., D, H, W)

    >>> MaxUnpool3d(2)
    MaxUnpool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2), padding=(0, 0, 0))
    """

    _rank = 3
    _function = staticmethod(F.max_unpool3d)


class _FractionalMaxPoolNd(Module):
    _rank = None
    _function = None  # of nn.functional

    def __init__(self, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        super().__init__()
        name = type(self).__name__
        self.kernel_size = self._each(kernel_size)
        self.output_size, self.output_ratio = self._each(output_size), self._each(output_ratio)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio" if output_size is
                             None else "only one of output_size and output_ratio may be specified")
        if output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def _each(self, value):
        return value if value is None or isinstance(value, (tuple, list)) else (value,) * self._rank

    def forward(self, input):
        return self._function(input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
                             _random_samples=self._random_samples)


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """F.fractional_max_pool2d, the largest pixel of windows at random places: (..., H, W) -> (..., P, Q)

    output_size, an int or (P, Q), or output_ratio, a part of (H, W); ValueError unless one of them is given.

    >>> import minitorch as torch
    >>> FractionalMaxPool2d(3, output_ratio=0.7)(torch.zeros(1, 6, 20, 30)).shape
    torch.Size([1, 6, 14, 21])
    """

    _rank = 2
    _function = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """F.fractional_max_pool3d, the largest of windows at random places: (..., D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> FractionalMaxPool3d(2, output_size=5)(torch.zeros(1, 6, 8, 8, 8)).shape
    torch.Size([1, 6, 5, 5, 5])
    """

    _rank = 3
    _function = staticmethod(F.fractional_max_pool3d)


class AvgPool1d(Module):
    """F.avg_pool1d, the mean of every window: (N, C, L) or (C, L) -> (..., P)

    >>> AvgPool1d(3, stride=2)
    AvgPool1d(kernel_size=(3,), stride=(2,), padding=(0,))
    """

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        super().__init__()
        self.kernel_size = tuple_of(kernel_size, 1, "kernel_size", "AvgPool1d")
        self.stride = self.kernel_size if stride is None else tuple_of(stride, 1, "stride", "AvgPool1d")
        self.padding = tuple_of(padding, 1, "padding", "AvgPool1d")
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input):
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPoolNd(Module):
    _function = None  # of nn.functional

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
                 divisor_override=None):
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def forward(self, input):
        return self._function(input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                             self.count_include_pad, self.divisor_override)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPoolNd):
    """F.avg_pool2d, the mean of every window: (N, C, H, W) or (C, H, W) -> (..., P, Q)

    >>> import minitorch as torch
    >>> AvgPool2d(2)(torch.ones(1, 2, 2))
    tensor([[[1.]]])
    """

    _function = staticmethod(F.avg_pool2d)


class AvgPool3d(_AvgPoolNd):
    """F.avg_pool3d, the mean of every window: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> AvgPool3d(2)(torch.ones(1, 2, 2, 2))
    tensor([[[[1.]]]])
    """

    _function = staticmethod(F.avg_pool3d)


class _LPPoolNd(Module):
    _function = None  # of nn.functional

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input):
        return self._function(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self):
        return (f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
                f"ceil_mode={self.ceil_mode}")


class LPPool1d(_LPPoolNd):
    """F.lp_pool1d, the p-norm of every window: (N, C, L) or (C, L) -> (..., P)

    >>> LPPool1d(2, 3)
    LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)
    """

    _function = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPoolNd):
    """F.lp_pool2d, the p-norm of every window: (N, C, H, W) or (C, H, W) -> (..., P, Q)

    >>> import minitorch as torch
    >>> LPPool2d(2, (1, 2))(torch.tensor([[[3., 4.]]]))
    tensor([[[5.]]])
    """

    _function = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPoolNd):
    """F.lp_pool3d, the p-norm of every window: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> LPPool3d(3, 2)(torch.ones(1, 2, 2, 2))
    tensor([[[[2.]]]])
    """

    _function = staticmethod(F.lp_pool3d)


class _AdaptiveAvgPoolNd(Module):
    _function = None  # of nn.functional

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, input):
        return self._function(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """F.adaptive_avg_pool1d, the mean of each of P windows that share a sequence out evenly: (..., L) -> (..., P)

    >>> AdaptiveAvgPool1d(5)
    AdaptiveAvgPool1d(output_size=5)
    """

    _function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """F.adaptive_avg_pool2d, the mean of each of P x Q windows that share an image out evenly.

    >>> import minitorch as torch
    >>> AdaptiveAvgPool2d((5, None))(torch.zeros(1, 64, 8, 9)).shape
    torch.Size([1, 64, 5, 9])
    """

    _function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """F.adaptive_avg_pool3d, the mean of each of O x P x Q windows that share a volume out evenly.

    >>> import minitorch as torch
    >>> AdaptiveAvgPool3d((5, None, 2))(torch.zeros(1, 64, 8, 9, 10)).shape
    torch.Size([1, 64, 5, 9, 2])
    """

    _function = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMaxPoolNd(Module):
    _function = None  # of nn.functional

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input):
        return self._function(input, self.output_size, self.return_indices)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """F.adaptive_max_pool1d, the largest of each of P windows that share a sequence out evenly: (..., L) -> (..., P)

    >>> AdaptiveMaxPool1d(5)
    AdaptiveMaxPool1d(output_size=5)
    """

    _function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """F.adaptive_max_pool2d, the largest pixel of each of P x Q windows that share an image out evenly.

    >>> import minitorch as torch
    >>> AdaptiveMaxPool2d((5, None))(torch.zeros(1, 64, 8, 9)).shape
    torch.Size([1, 64, 5, 9])
    """

    _function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """F.adaptive_max_pool3d, the largest of O x P x Q windows that share a volume out evenly.

    >>> import minitorch as torch
    >>> AdaptiveMaxPool3d((5, None, 2))(torch.zeros(1, 64, 8, 9, 10)).shape
    torch.Size([1, 64, 5, 9, 2])
    """

    _function = staticmethod(F.adaptive_max_pool3d)
