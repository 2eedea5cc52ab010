"""Padding layers: F.pad in one mode. padding is an int for all sides, or (left, right, top, bottom, front, back)."""
from .. import functional as F
from .module import Module

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d",
    "ZeroPad1d", "ZeroPad2d", "ZeroPad3d"]


class _PadNd(Module):
    _rank = None
    _mode = "constant"
    value = None

    def __init__(self, padding):
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self._rank)

    def forward(self, input):
        return F.pad(input, self.padding, self._mode, self.value)

    def extra_repr(self):
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """A border of `value` around sequences (..., L); see ConstantPad2d."""

    _rank = 1


class ConstantPad2d(_ConstantPadNd):
    """A border of `value` around images (..., H, W).

    >>> import minitorch as torch
    >>> ConstantPad2d((1, 0, 0, 1), 7.)(torch.zeros(1, 2))
    tensor([[7., 0., 0.],
            [7., 7., 7.]])
    """

    _rank = 2


class ConstantPad3d(_ConstantPadNd):
    """A border of `value` around volumes (..., D, H, W); see ConstantPad2d."""

    _rank = 3


class _ZeroPadNd(_PadNd):
    value = 0.0


class ZeroPad1d(_ZeroPadNd):
    """A border of zeros around sequences (..., L); see ZeroPad2d."""

    _rank = 1


class ZeroPad2d(_ZeroPadNd):
    """A border of zeros around images (..., H, W).

    >>> import minitorch as torch
    >>> ZeroPad2d(1)(torch.ones(1, 2))
    tensor([[0., 0., 0., 0.],
            [0., 1., 1., 0.],
            [0., 0., 0., 0.]])
    """

    _rank = 2


class ZeroPad3d(_ZeroPadNd):
    """A border of zeros around volumes (..., D, H, W); see ZeroPad2d."""

    _rank = 3


class _ReflectionPadNd(_PadNd):
    _mode = "reflect"


class ReflectionPad1d(_ReflectionPadNd):
    """A border that mirrors sequences, (C, L) or (N, C, L), at their ends.

    >>> import minitorch as torch
    >>> ReflectionPad1d(2)(torch.tensor([[0., 1., 2., 3.]]))
    tensor([[2., 1., 0., 1., 2., 3., 2., 1.]])
    """

    _rank = 1


class ReflectionPad2d(_ReflectionPadNd):
    """A border that mirrors images, (C, H, W) or (N, C, H, W), at their edges; see ReflectionPad1d."""

    _rank = 2


class ReflectionPad3d(_ReflectionPadNd):
    """A border that mirrors volumes, (C, D, H, W) or (N, C, D, H, W), at their faces; see ReflectionPad1d."""

    _rank = 3


class _ReplicationPadNd(_PadNd):
    _mode = "replicate"


class ReplicationPad1d(_ReplicationPadNd):
    """A border that repeats the ends of sequences, (C, L) or (N, C, L).

    >>> import minitorch as torch
    >>> ReplicationPad1d(2)(torch.tensor([[0., 1., 2., 3.]]))
    tensor([[0., 0., 0., 1., 2., 3., 3., 3.]])
    """

    _rank = 1


class ReplicationPad2d(_ReplicationPadNd):
    """A border that repeats the edges of images, (C, H, W) or (N, C, H, W); see ReplicationPad1d."""

    _rank = 2


class ReplicationPad3d(_ReplicationPadNd):
    """A border that repeats the faces of volumes, (C, D, H, W) or (N, C, D, H, W); see ReplicationPad1d."""

    _rank = 3


class _CircularPadNd(_PadNd):
    _mode = "circular"

    def forward(self, input):
        ndim, rank = input.dim(), self._rank
        if ndim not in (rank + 1, rank + 2):
            raise ValueError(f"expected {rank + 1}D or {rank + 2}D input (got {ndim}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPadNd):
    """A border that continues sequences, (C, L) or (N, C, L), at their other end.

    >>> import minitorch as torch
    >>> CircularPad1d(2)(torch.tensor([[0., 1., 2., 3.]]))
    tensor([[2., 3., 0., 1., 2., 3., 0., 1.]])
    """

    _rank = 1


class CircularPad2d(_CircularPadNd):
    """A border that continues images, (C, H, W) or (N, C, H, W), at their other edge; see CircularPad1d."""

    _rank = 2


class CircularPad3d(_CircularPadNd):
    """A border that continues volumes, (C, D, H, W) or (N, C, D, H, W), at their other face; see CircularPad1d."""

    _rank = 3
