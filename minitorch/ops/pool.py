"""Pooling: the maximum or the mean over windows of an image or a volume: sliding, adaptive, or at random places.

Letters: N batch, C channels, D H W image, O P Q output. Every function also takes a single image, without N. Operations
work on images (2-d) and volumes (3-d); a sequence (1-d) is an image with one row.
"""
import math

from .. import dtypes
from .. import random as _random
from .._shapes import (
    adaptive_pool_shape, avg_pool_shape, max_pool1d_shape, max_pool_shape, max_unpool_shape, tuple_of)
from ..engine import Op
from ..graph import check_tensors, wrap
from .activation import relu
from .elementwise import abs, cast, mul, neg, pow, sign
from .shape import narrow, squeeze, unsqueeze


# ------------------------------------------------------------------------------------------------------------- maximum
class MaxPoolWithIndices(Op):
    """(out, indices): the largest pixel of every window, which takes the gradient, and its index.   Saves: indices."""

    def forward(self, x, kernel_size, stride, padding, dilation, ceil_mode):
        pooled = self.k.max_pool_with_indices(x, kernel_size, stride, padding, dilation, ceil_mode)
        return self.keep(x, len(kernel_size), "MaxPool{}DWithIndicesBackward0", *pooled)

    def keep(self, x, rank, torch_name, out, indices):
        self.save(indices)
        self.image, self.torch_name = x.shape[-rank:], torch_name.format(rank)
        return out, indices

    def backward(self, grad, _):
        (indices,) = self.saved
        return self.k.max_pool_backward(grad, indices, self.image)


class AdaptiveMaxPoolWithIndices(MaxPoolWithIndices):
    """The same for windows that share the image out evenly."""

    def forward(self, x, output_size):
        pooled = self.k.adaptive_max_pool_with_indices(x, output_size)
        return self.keep(x, len(output_size), "AdaptiveMaxPool{}DBackward0", *pooled)


class FractionalMaxPoolWithIndices(MaxPoolWithIndices):
    """The same for windows at random places."""

    def forward(self, x, random_samples, kernel_size, output_size):
        pooled = self.k.fractional_max_pool_with_indices(x, random_samples, kernel_size, output_size)
        return self.keep(x, len(output_size), "FractionalMaxPool{}DBackward0", *pooled)

    def backward(self, grad, _):
        return super().backward(grad, _), None


class MaxPoolBackward(Op):
    """out = zeros, with the gradient of every window added at its index.   Saves: indices."""

    def forward(self, grad, indices, image):
        self.save(indices)
        self.image = image
        return self.k.max_pool_backward(grad, indices, image)

    def backward(self, grad):
        (indices,) = self.saved
        return self.k.max_pool_gather(grad, indices, self.image), None


class MaxPoolGather(Op):
    """out = the pixel at every index: the transpose of MaxPoolBackward.   Saves: indices."""

    def forward(self, x, indices, image):
        self.save(indices)
        self.image = image
        return self.k.max_pool_gather(x, indices, image)

    def backward(self, grad):
        (indices,) = self.saved
        return self.k.max_pool_backward(grad, indices, self.image), None


class MaxUnpool(Op):
    """out = zeros, with every pixel written at its index; there it looks for its gradient.   Saves: indices."""

    def forward(self, x, indices, image):
        self.save(indices)
        self.image, self.torch_name = image, f"MaxUnpool{len(image)}DBackward0"
        return self.k.max_unpool(x, indices, image)

    def backward(self, grad):
        (indices,) = self.saved
        return self.k.max_pool_gather(grad, indices, self.image), None


def max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    """The kernel with a gradient, for arguments that are already checked: tuples of 2 or 3 numbers."""
    return MaxPoolWithIndices.apply(input, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
                                    ceil_mode=ceil_mode)


def adaptive_max_pool_with_indices(input, output_size):
    """The kernel with a gradient, for arguments that are already checked."""
    return AdaptiveMaxPoolWithIndices.apply(input, output_size=output_size)


def fractional_max_pool_with_indices(input, random_samples, kernel_size, output_size):
    """The kernel with a gradient, for arguments that are already checked."""
    return FractionalMaxPoolWithIndices.apply(input, random_samples, kernel_size=kernel_size, output_size=output_size)


def max_pool_backward(grad, indices, image):
    """The gradient of all max poolings of an image of this shape."""
    return MaxPoolBackward.apply(grad, indices, image=image)


def max_pool_gather(input, indices, image):
    """The pixels at the indices that max pooling gave: the gradient of its gradient."""
    return MaxPoolGather.apply(input, indices, image=image)


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of every window of a sequence: (N, C, L) or (C, L) -> (..., P); see max_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2, stride=1)
    tensor([[3., 3., 2.]])
    """
    windows = _windows("max_pool1d", 1, kernel_size, stride, padding)
    dilation = tuple_of(dilation, 1, "dilation", "max_pool1d")
    if return_indices:
        out, indices = _max_pool("max_pool2d", _as_row(input, "max_pool1d"), *map(_with_row, windows, (1, 1, 0)),
                                 _with_row(dilation, 1), ceil_mode, True)
        return squeeze(out, -2), squeeze(indices, -2)
    _check_dtype("max_pool1d", input, *_INTEGERS)
    max_pool1d_shape(input.array.shape, *(number for (number,) in (*windows, dilation)), ceil_mode)
    out, _ = max_pool_with_indices(
        unsqueeze(input, -2), *map(_with_row, windows, (1, 1, 0)), _with_row(dilation, 1), ceil_mode)
    return squeeze(out, -2)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """out[n, c, p, q] = max_r,s input[n, c, p*stride + r*dilation - padding, q...], where padding never wins

    input (N, C, H, W) or (C, H, W) -> (..., P, Q), P = (H + 2*padding - dilation*(kernel_size-1) - 1) // stride + 1,
    rounded up in ceil_mode; with return_indices also the int64 index into H*W of each maximum. Arguments are an int or
    one for each axis; stride is kernel_size unless given. The first of equal pixels takes the gradient; NaN is the
    largest. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_pool2d(torch.arange(16.).view(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """
    return _max_pool("max_pool2d", input, *_windows("max_pool2d", 2, kernel_size, stride, padding),
                     tuple_of(dilation, 2, "dilation", "max_pool2d"), ceil_mode, return_indices)


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of every window of a volume: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q); see max_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_pool3d(torch.arange(16.).view(1, 4, 2, 2), 2)
    tensor([[[[ 7.]],
    <BLANKLINE>
             [[15.]]]])
    """
    return _max_pool("max_pool3d", input, *_windows("max_pool3d", 3, kernel_size, stride, padding),
                     tuple_of(dilation, 3, "dilation", "max_pool3d"), ceil_mode, return_indices)


def _max_pool(name, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    _check_dtype(name, input, "Bool")
    max_pool_shape(input.array.shape, kernel_size, stride, padding, dilation, ceil_mode)
    pooled = max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return _with_indices(pooled, return_indices)


def _with_indices(pooled, return_indices):
    """The maxima; with their indices as int64, the dtype of indices, if they are asked for. Kernels need no more than
    int32, of which half as much has to move through memory."""
    out, indices = pooled
    return (out, cast(indices, dtypes.int64)) if return_indices else out


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest of each of P windows, which share a sequence out evenly: (N, C, L) or (C, L) -> (..., P)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    output_size = tuple_of(output_size, 1, "output_size", "adaptive_max_pool1d")
    row = _as_row(input, "adaptive_max_pool1d")
    out, indices = adaptive_max_pool2d(row, _with_row(output_size, 1), return_indices=True)
    return (squeeze(out, -2), squeeze(indices, -2)) if return_indices else squeeze(out, -2)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The largest pixel of each of P x Q windows, which share the image out evenly.

    input (N, C, H, W) or (C, H, W) -> (..., P, Q). output_size is an int or (P, Q), where None keeps the size of the
    image. With return_indices also the int64 index into H*W of each maximum. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_max_pool2d(torch.arange(9.).view(1, 3, 3), (1, None))
    tensor([[[6., 7., 8.]]])
    """
    output_size = _adaptive("adaptive_max_pool2d", 2, input, output_size)
    return _with_indices(adaptive_max_pool_with_indices(input, output_size), return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """The largest of each of O x P x Q windows, which share a volume out evenly: (..., D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_max_pool3d(torch.arange(8.).view(1, 2, 2, 2), (2, 1, 1)).flatten()
    tensor([3., 7.])
    """
    output_size = _adaptive("adaptive_max_pool3d", 3, input, output_size)
    return _with_indices(adaptive_max_pool_with_indices(input, output_size), return_indices)


def fractional_max_pool2d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
                          _random_samples=None):
    """The largest pixel of each of P x Q windows, whose distances are random but even on average (Graham, 2014).

    input (N, C, H, W) or (C, H, W) -> (..., P, Q): output_size is an int or (P, Q), or a part output_ratio of (H, W).
    _random_samples (N, C, 2) in [0, 1) decide; by default they are drawn. RuntimeError where sizes do not fit,
    ValueError without a size.

    >>> import minitorch as torch
    >>> torch.nn.functional.fractional_max_pool2d(torch.arange(16.).view(1, 4, 4), 2, output_size=1)
    tensor([[[15.]]])
    """
    return _fractional_max_pool(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
                          _random_samples=None):
    """fractional_max_pool2d for volumes: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q), samples (N, C, 3).

    >>> import minitorch as torch
    >>> torch.nn.functional.fractional_max_pool3d(torch.arange(64.).view(1, 4, 4, 4), 2, output_size=1).item()
    63.0
    """
    return _fractional_max_pool(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _fractional_max_pool(rank, input, kernel_size, output_size, output_ratio, return_indices, random_samples):
    name = f"fractional_max_pool{rank}d"
    _check_dtype(name, input, *_INTEGERS)
    shape = input.array.shape
    if output_size is None:
        if output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * rank
        if len(ratios) != rank:
            raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
        output_size = tuple(int(size * ratio) for size, ratio in zip(shape[-rank:], ratios))
    kernel_size = tuple_of(kernel_size, rank, "kernel_size", name)
    output_size = tuple_of(output_size, rank, "output_size", name)
    if len(shape) not in (rank + 1, rank + 2) or 0 in shape[-rank - 1:]:
        raise RuntimeError(f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor with non-zero size for non-batch "
                           f"dimensions, but got {list(shape)}")
    for size, kernel, count in zip(shape[-rank:], kernel_size, output_size):
        if not 1 <= kernel <= size - count + (rank == 2) or count < 1:  # a volume has to have a pixel more
            raise RuntimeError(f"{name}(): kernel_size {list(kernel_size)} and output_size {list(output_size)} do not "
                               f"fit an input of size {list(shape)}")
    planes = (*shape[:-rank - 1], 1)[0], shape[-rank - 1]                                  # (N, C)
    if random_samples is None:
        random_samples = wrap(_random.default_generator.uniform((*planes, rank), dtype=input.array.dtype))
    if random_samples.array.dtype != input.array.dtype:
        raise RuntimeError(f"{name}: Expect _random_samples to have the same dtype as input, but got "
                           f"{random_samples.dtype} and {input.dtype}")
    batch, *others = random_samples.array.shape
    if batch < planes[0] or others != [planes[1], rank]:
        raise RuntimeError(f"{name}: Expect _random_samples of shape {[*planes, rank]}, but got {[batch, *others]}")
    random_samples = narrow(random_samples, 0, 0, planes[0])
    pooled = fractional_max_pool_with_indices(input, random_samples, kernel_size, output_size)
    return _with_indices(pooled, return_indices)


# ----------------------------------------------------------------------------------------------------- back to an image
def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The sequence that max_pool1d may have come from: (N, C, P) or (C, P) -> (..., L); see max_unpool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_unpool1d(torch.tensor([[3., 4.]]), torch.tensor([[1, 2]]), 2)
    tensor([[0., 3., 4., 0.]])
    """
    image = max_unpool_shape(
        input.array.shape, *_windows("max_unpool1d", 1, kernel_size, stride, padding), output_size)
    return squeeze(max_unpool(unsqueeze(input, -1), unsqueeze(indices, -1), (*image, 1)), -1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """An image of zeros with the maxima back in their places: out[n, c].flat[indices[n, c, p, q]] = input[n, c, p, q]

    input and int64 indices (N, C, P, Q) or (C, P, Q) as max_pool2d gave them -> (..., H, W) with
    H = (P-1)*stride - 2*padding + kernel_size, unless output_size names another that pools to P.
    ValueError for an output_size that does not, RuntimeError for indices outside the image.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_unpool2d(torch.tensor([[[5.]]]), torch.tensor([[[3]]]), 2)
    tensor([[[0., 0.],
             [0., 5.]]])
    """
    windows = _windows("max_unpool2d", 2, kernel_size, stride, padding)
    return max_unpool(input, indices, max_unpool_shape(input.array.shape, *windows, output_size))


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """The volume that max_pool3d may have come from: (N, C, O, P, Q) or (C, O, P, Q) -> (..., D, H, W)

    >>> import minitorch as torch
    >>> torch.nn.functional.max_unpool3d(torch.ones(1, 1, 1, 1), torch.tensor([[[[6]]]]), 2).flatten()
    tensor([0., 0., 0., 0., 0., 0., 1., 0.])
    """
    windows = _windows("max_unpool3d", 3, kernel_size, stride, padding)
    if min(windows[1]) <= 0:
        raise RuntimeError(f"strides should be greater than zero, but got stride: {windows[1]}")
    return max_unpool(input, indices, max_unpool_shape(input.array.shape, *windows, output_size))


def max_unpool(input, indices, image):
    """Zeros of the shape `image` with the pixels of `input` written at `indices`."""
    rank, shape = len(image), input.array.shape
    if indices.dtype.scalar_name != "Long":
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"Input to max_unpooling{rank}d should be a {rank + 1}d or {rank + 2}d Tensor, but got a "
                           f"tensor with {len(shape)} dimensions.")
    if indices.array.shape != shape:
        raise RuntimeError(f"Expected shape of indices to be same as that of the input tensor ({list(shape)}) but got "
                           f"indices tensor with shape: {list(indices.array.shape)}")
    if 0 in shape[-rank - 1:]:
        raise RuntimeError(f"max_unpooling{rank}d(): Expected input to have non-zero size for non-batch dimensions, "
                           f"but got {list(shape)}")
    _check_dtype(f"max_unpool{rank}d", input, *_INTEGERS)
    return MaxUnpool.apply(input, indices, image=image)


# ---------------------------------------------------------------------------------------------------------------- mean
class AvgPool(Op):
    """out = the mean of every window. Linear: the gradient of its gradient is pooling again."""

    def forward(self, x, kernel_size, **windows):
        rank = len(kernel_size)
        self.image, self.windows, self.torch_name = x.shape[-rank:], (kernel_size, windows), f"AvgPool{rank}DBackward0"
        return self.k.avg_pool(x, kernel_size, **windows)

    def backward(self, grad):
        kernel_size, windows = self.windows
        return self.k.avg_pool_backward(grad, self.image, kernel_size, **windows)


class AvgPoolBackward(Op):
    """out = the gradient of every window shared out between its pixels."""

    def forward(self, grad, image, **windows):
        self.windows = windows
        return self.k.avg_pool_backward(grad, image, **windows)

    def backward(self, grad):
        return self.k.avg_pool(grad, **self.windows)


class AdaptiveAvgPool(Op):
    """out = the mean of every window, where the windows share the image out evenly."""

    def forward(self, x, output_size):
        rank = len(output_size)
        self.image, self.torch_name = x.shape[-rank:], f"AdaptiveAvgPool{rank}DBackward0"
        return self.k.adaptive_avg_pool(x, output_size)

    def backward(self, grad):
        return self.k.adaptive_avg_pool_backward(grad, self.image)


class AdaptiveAvgPoolBackward(Op):
    """out = the gradient of every window shared out between its pixels."""

    def forward(self, grad, image):
        self.output_size = grad.shape[-len(image):]
        return self.k.adaptive_avg_pool_backward(grad, image)

    def backward(self, grad):
        return self.k.adaptive_avg_pool(grad, self.output_size)


def avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The kernel with a gradient, for arguments that are already checked: tuples of 2 or 3 numbers."""
    return AvgPool.apply(input, kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
                         count_include_pad=count_include_pad, divisor_override=divisor_override)


def avg_pool_backward(grad, image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The gradient of avg_pool with respect to an image of this shape."""
    return AvgPoolBackward.apply(
        grad, image=image, kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override)


def adaptive_avg_pool(input, output_size):
    """The kernel with a gradient, for arguments that are already checked."""
    return AdaptiveAvgPool.apply(input, output_size=output_size)


def adaptive_avg_pool_backward(grad, image):
    """The gradient of adaptive_avg_pool with respect to an image of this shape."""
    return AdaptiveAvgPoolBackward.apply(grad, image=image)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of every window of a sequence: (N, C, L) or (C, L) -> (..., P); see avg_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2, stride=1)
    tensor([[2.0000, 2.5000, 1.0000]])
    """
    windows = _windows("avg_pool1d", 1, kernel_size, stride, padding)
    row = _as_row(input, "avg_pool1d")
    return squeeze(avg_pool2d(row, *map(_with_row, windows, (1, 1, 0)), ceil_mode, count_include_pad), -2)


def avg_pool2d(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """out[n, c, p, q] = sum_r,s input[n, c, p*stride + r - padding, q*stride + s - padding] / divisor

    input (N, C, H, W) or (C, H, W) -> (..., P, Q), with P = (H + 2*padding - kernel_size) // stride + 1, rounded up in
    ceil_mode. Arguments are an int or one for each axis; stride is kernel_size unless given. The divisor is
    divisor_override, or the size of the window, with the padding in it or (count_include_pad=False) without.
    RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.avg_pool2d(torch.arange(16.).view(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])
    """
    return _avg_pool("avg_pool2d", input, *_windows("avg_pool2d", 2, kernel_size, stride, padding), ceil_mode,
                     count_include_pad, divisor_override)


def avg_pool3d(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """The mean of every window of a volume: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q); see avg_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.avg_pool3d(torch.arange(8.).view(1, 2, 2, 2), 2)
    tensor([[[[3.5000]]]])
    """
    return _avg_pool("avg_pool3d", input, *_windows("avg_pool3d", 3, kernel_size, stride, padding), ceil_mode,
                     count_include_pad, divisor_override)


def _avg_pool(name, input, kernel_size, stride, padding, *options):
    ceil_mode, _, divisor_override = options
    _check_dtype(name, input, "Bool", "Byte", "Char", "Short", "Int")
    avg_pool_shape(input.array.shape, kernel_size, stride, padding, ceil_mode, divisor_override)
    return avg_pool(input, kernel_size, stride, padding, *options)


def adaptive_avg_pool1d(input, output_size):
    """The mean of each of P windows, which share a sequence out evenly: (N, C, L) or (C, L) -> (..., P)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    output_size = tuple_of(output_size, 1, "output_size", "adaptive_avg_pool1d")
    return squeeze(adaptive_avg_pool2d(_as_row(input, "adaptive_avg_pool1d"), _with_row(output_size, 1)), -2)


def adaptive_avg_pool2d(input, output_size):
    """The mean of each of P x Q windows, which share the image out evenly.

    input (N, C, H, W) or (C, H, W) -> (..., P, Q). output_size is an int or (P, Q), where None keeps the size of the
    image. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.arange(9.).view(1, 3, 3), (1, None))
    tensor([[[3., 4., 5.]]])
    """
    return adaptive_avg_pool(input, _adaptive("adaptive_avg_pool2d", 2, input, output_size))


def adaptive_avg_pool3d(input, output_size):
    """The mean of each of O x P x Q windows, which share a volume out evenly: (..., D, H, W) -> (..., O, P, Q)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_avg_pool3d(torch.arange(8.).view(1, 2, 2, 2), (2, 1, 1)).flatten()
    tensor([1.5000, 5.5000])
    """
    return adaptive_avg_pool(input, _adaptive("adaptive_avg_pool3d", 3, input, output_size))


# --------------------------------------------------------------------------------------------------------------- norms
def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of every window of a sequence: (N, C, L) or (C, L) -> (..., P); see lp_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.lp_pool1d(torch.tensor([[3., 4., 1.]]), 2, 2)
    tensor([[5.]])
    """
    return _lp_pool(1, avg_pool1d, max_pool1d, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """out[n, c, p, q] = (sum over the window of x**p) ** (1/p), p being norm_type: (..., H, W) -> (..., P, Q)

    Where the sum is 0 the gradient is 0 as well. For norm_type inf the largest absolute value, for -inf the smallest.

    >>> import minitorch as torch
    >>> torch.nn.functional.lp_pool2d(torch.ones(1, 2, 2), 2, 2)
    tensor([[[2.]]])
    """
    return _lp_pool(2, avg_pool2d, max_pool2d, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm of every window of a volume: (N, C, D, H, W) or (C, D, H, W) -> (..., O, P, Q); see lp_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.lp_pool3d(torch.ones(1, 2, 2, 2), 3, 2)
    tensor([[[[2.]]]])
    """
    return _lp_pool(3, avg_pool3d, max_pool3d, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(rank, mean, maximum, input, norm_type, kernel_size, stride, ceil_mode):
    if norm_type == math.inf:
        return maximum(abs(input), kernel_size, stride, ceil_mode=ceil_mode)
    if norm_type == -math.inf:
        return neg(maximum(neg(abs(input)), kernel_size, stride, ceil_mode=ceil_mode))
    size = math.prod(tuple_of(kernel_size, rank, "kernel_size", f"lp_pool{rank}d"))
    total = mean(pow(input, norm_type), kernel_size, stride, ceil_mode=ceil_mode)
    return pow(mul(mul(sign(total), relu(abs(total))), size), 1.0 / norm_type)  # relu: no gradient where the sum is 0


# ----------------------------------------------------------------------------------------------------------- arguments
_INTEGERS = "Bool", "Byte", "Char", "Short", "Int", "Long"


def _check_dtype(name, input, *refused):
    check_tensors(name, input=input)
    if input.dtype.scalar_name in refused:
        raise dtypes.not_implemented(name, input.dtype)


def _windows(name, rank, kernel_size, stride, padding):
    """kernel_size, stride and padding as tuples; stride is kernel_size where it is None or ()."""
    kernel_size = tuple_of(kernel_size, rank, "kernel_size", name)
    stride = kernel_size if stride is None or stride == () else tuple_of(stride, rank, "stride", name)
    return kernel_size, stride, tuple_of(padding, rank, "padding", name)


def _adaptive(name, rank, input, output_size):
    """The sizes of the output from an int or one number for each axis, in which None keeps the size of the input."""
    _check_dtype(name, input, *_INTEGERS)
    sizes = (output_size,) * rank if hasattr(output_size, "__index__") else output_size
    if sizes is output_size and len(input.array.shape) <= len(sizes):
        raise ValueError(f"Input dimension should be at least {len(sizes) + 1} for {name}, but got "
                         f"{list(input.array.shape)}")
    if len(sizes) != rank:
        internal = "(): internal error: output_size.size()" if "max" in name else ": output_size"
        raise RuntimeError(f"{name}{internal} must be {rank}, but got {list(sizes)}")
    return adaptive_pool_shape(input.array.shape, sizes, name)[-rank:]


def _as_row(input, name):
    """A sequence as an image of one row: (..., L) -> (..., 1, L)"""
    check_tensors(name, input=input)
    shape = input.array.shape
    if len(shape) not in (2, 3):
        raise RuntimeError(f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor of size {list(shape)} "
                           f"(while checking arguments for {name})")
    return unsqueeze(input, -2)


def _with_row(size, row):
    """The size of windows on the one row, before that along the sequence."""
    return row, *size
