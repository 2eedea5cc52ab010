"""Pooling: the maximum or the mean over windows of an image, sliding or adaptive. Sequences are images with one row.

Letters: N batch, C channels, H W image, P Q output. Every function also takes a single image, without N.
"""
from .._shapes import adaptive_pool2d_shape, avg_pool2d_shape, max_pool2d_shape, tuple_of
from ..engine import Op
from ..graph import check_tensors
from .shape import squeeze, unsqueeze


# ------------------------------------------------------------------------------------------------------------- maximum
class MaxPool2dWithIndices(Op):
    """(out, indices): the largest pixel of every window, which takes the gradient, and its index.   Saves: indices."""

    torch_name = "MaxPool2DWithIndicesBackward0"

    def forward(self, x, **windows):
        self.shape = x.shape
        out, indices = self.pool(x, **windows)
        self.save(indices)
        return out, indices

    def pool(self, x, **windows):
        return self.k.max_pool2d_with_indices(x, **windows)

    def backward(self, grad, _):
        (indices,) = self.saved
        return self.k.max_pool2d_backward(grad, indices, self.shape)


class AdaptiveMaxPool2d(MaxPool2dWithIndices):
    """The same for windows that share the image out evenly."""

    torch_name = "AdaptiveMaxPool2DBackward0"

    def pool(self, x, **windows):
        return self.k.adaptive_max_pool2d_with_indices(x, **windows)


class MaxPool2dBackward(Op):
    """out = zeros, with the gradient of every window added at its index.   Saves: indices."""

    def forward(self, grad, indices, input_shape):
        self.save(indices)
        return self.k.max_pool2d_backward(grad, indices, input_shape)

    def backward(self, grad):
        (indices,) = self.saved
        return self.k.max_pool2d_gather(grad, indices), None


class MaxPool2dGather(Op):
    """out = the pixel at every index: the transpose of MaxPool2dBackward.   Saves: indices."""

    def forward(self, x, indices):
        self.save(indices)
        self.shape = x.shape
        return self.k.max_pool2d_gather(x, indices)

    def backward(self, grad):
        (indices,) = self.saved
        return self.k.max_pool2d_backward(grad, indices, self.shape), None


def max_pool2d_backward(grad, indices, input_shape):
    """The gradient of max_pool2d and adaptive_max_pool2d."""
    return MaxPool2dBackward.apply(grad, indices, input_shape=input_shape)


def max_pool2d_gather(input, indices):
    """The pixels at the indices that max_pool2d gave: the gradient of its gradient."""
    return MaxPool2dGather.apply(input, indices)


def max_pool2d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """(out, indices): as max_pool2d with return_indices=True."""
    _check_dtype("max_pool2d", input, "Bool")
    kernel_size, stride, padding = _window("max_pool2d", 2, kernel_size, stride, padding)
    dilation = tuple_of(dilation, 2, "dilation", "max_pool2d")
    max_pool2d_shape(input.array.shape, kernel_size, stride, padding, dilation, ceil_mode)
    return MaxPool2dWithIndices.apply(input, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation,
                                      ceil_mode=ceil_mode)


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
    out, indices = max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (out, indices) if return_indices else out


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of every window of a sequence: (N, C, L) or (C, L) -> (..., P); see max_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2, stride=1)
    tensor([[3., 3., 2.]])
    """
    kernel_size, stride, padding = _window("max_pool1d", 1, kernel_size, stride, padding)
    dilation = tuple_of(dilation, 1, "dilation", "max_pool1d")
    row = _as_row(input, "max_pool1d")
    out, indices = max_pool2d_with_indices(
        row, (1, *kernel_size), (1, *stride), (0, *padding), (1, *dilation), ceil_mode)
    return (squeeze(out, -2), squeeze(indices, -2)) if return_indices else squeeze(out, -2)


def adaptive_max_pool2d_with_indices(input, output_size):
    """(out, indices): as adaptive_max_pool2d with return_indices=True."""
    _check_dtype("adaptive_max_pool2d", input, *_INTEGERS)
    return AdaptiveMaxPool2d.apply(input, output_size=_output_size("adaptive_max_pool2d", input, output_size))


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The largest pixel of each of P x Q windows, which share the image out evenly.

    input (N, C, H, W) or (C, H, W) -> (..., P, Q). output_size is an int or (P, Q), where None keeps the size of the
    image. With return_indices also the int64 index into H*W of each maximum. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_max_pool2d(torch.arange(9.).view(1, 3, 3), (1, None))
    tensor([[[6., 7., 8.]]])
    """
    out, indices = adaptive_max_pool2d_with_indices(input, output_size)
    return (out, indices) if return_indices else out


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest of each of P windows, which share a sequence out evenly: (N, C, L) or (C, L) -> (..., P)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[3., 2.]])
    """
    output_size = tuple_of(output_size, 1, "output_size", "adaptive_max_pool1d")
    out, indices = adaptive_max_pool2d_with_indices(_as_row(input, "adaptive_max_pool1d"), (1, *output_size))
    return (squeeze(out, -2), squeeze(indices, -2)) if return_indices else squeeze(out, -2)


# ---------------------------------------------------------------------------------------------------------------- mean
class AvgPool2d(Op):
    """out = the mean of every window. Linear: the gradient of its gradient is pooling again."""

    torch_name = "AvgPool2DBackward0"

    def forward(self, x, **windows):
        self.shape, self.windows = x.shape, windows
        return self.k.avg_pool2d(x, **windows)

    def backward(self, grad):
        return self.k.avg_pool2d_backward(grad, self.shape, **self.windows)


class AvgPool2dBackward(Op):
    """out = the gradient of every window shared out between its pixels."""

    def forward(self, grad, input_shape, **windows):
        self.windows = windows
        return self.k.avg_pool2d_backward(grad, input_shape, **windows)

    def backward(self, grad):
        return self.k.avg_pool2d(grad, **self.windows)


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
    _check_dtype("avg_pool2d", input, "Bool", "Byte", "Char", "Short", "Int")
    kernel_size, stride, padding = _window("avg_pool2d", 2, kernel_size, stride, padding)
    avg_pool2d_shape(input.array.shape, kernel_size, stride, padding, ceil_mode, divisor_override)
    return AvgPool2d.apply(input, kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
                           count_include_pad=count_include_pad, divisor_override=divisor_override)


def avg_pool2d_backward(
        grad, input_shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The gradient of avg_pool2d."""
    return AvgPool2dBackward.apply(
        grad, input_shape=input_shape, kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of every window of a sequence: (N, C, L) or (C, L) -> (..., P); see avg_pool2d.

    >>> import minitorch as torch
    >>> torch.nn.functional.avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2, stride=1)
    tensor([[2.0000, 2.5000, 1.0000]])
    """
    kernel_size, stride, padding = _window("avg_pool1d", 1, kernel_size, stride, padding)
    row = _as_row(input, "avg_pool1d")
    return squeeze(avg_pool2d(row, (1, *kernel_size), (1, *stride), (0, *padding), ceil_mode, count_include_pad), -2)


class AdaptiveAvgPool2d(Op):
    """out = the mean of every window, where the windows share the image out evenly."""

    torch_name = "AdaptiveAvgPool2DBackward0"

    def forward(self, x, output_size):
        self.shape = x.shape
        return self.k.adaptive_avg_pool2d(x, output_size)

    def backward(self, grad):
        return self.k.adaptive_avg_pool2d_backward(grad, self.shape)


class AdaptiveAvgPool2dBackward(Op):
    """out = the gradient of every window shared out between its pixels."""

    def forward(self, grad, input_shape):
        self.output_size = grad.shape[-2:]
        return self.k.adaptive_avg_pool2d_backward(grad, input_shape)

    def backward(self, grad):
        return self.k.adaptive_avg_pool2d(grad, self.output_size)


def adaptive_avg_pool2d(input, output_size):
    """The mean of each of P x Q windows, which share the image out evenly.

    input (N, C, H, W) or (C, H, W) -> (..., P, Q). output_size is an int or (P, Q), where None keeps the size of the
    image. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.arange(9.).view(1, 3, 3), (1, None))
    tensor([[[3., 4., 5.]]])
    """
    _check_dtype("adaptive_avg_pool2d", input, *_INTEGERS)
    return AdaptiveAvgPool2d.apply(input, output_size=_output_size("adaptive_avg_pool2d", input, output_size))


def adaptive_avg_pool2d_backward(grad, input_shape):
    """The gradient of adaptive_avg_pool2d."""
    return AdaptiveAvgPool2dBackward.apply(grad, input_shape=input_shape)


def adaptive_avg_pool1d(input, output_size):
    """The mean of each of P windows, which share a sequence out evenly: (N, C, L) or (C, L) -> (..., P)

    >>> import minitorch as torch
    >>> torch.nn.functional.adaptive_avg_pool1d(torch.tensor([[1., 3., 2., 0.]]), 2)
    tensor([[2., 1.]])
    """
    output_size = tuple_of(output_size, 1, "output_size", "adaptive_avg_pool1d")
    return squeeze(adaptive_avg_pool2d(_as_row(input, "adaptive_avg_pool1d"), (1, *output_size)), -2)


# ----------------------------------------------------------------------------------------------------------- arguments
_INTEGERS = "Bool", "Byte", "Char", "Short", "Int", "Long"


def _check_dtype(name, input, *refused):
    check_tensors(name, input=input)
    if input.dtype.scalar_name in refused:
        raise NotImplementedError(f"\"{name}\" not implemented for '{input.dtype.scalar_name}'")


def _window(name, rank, kernel_size, stride, padding):
    """kernel_size, stride and padding as tuples; stride is kernel_size where it is None or ()."""
    kernel_size = tuple_of(kernel_size, rank, "kernel_size", name)
    stride = kernel_size if stride is None or stride == () else tuple_of(stride, rank, "stride", name)
    return kernel_size, stride, tuple_of(padding, rank, "padding", name)


def _output_size(name, input, output_size):
    """(P, Q) from an int or a pair, in which None keeps the size of the input."""
    pair = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    if len(pair) != 2:
        raise RuntimeError(f"{name}: output_size must be 2 sizes, but got {list(pair)}")
    return adaptive_pool2d_shape(input.array.shape, pair, name)[-2:]


def _as_row(input, name):
    """A sequence as an image of one row: (..., L) -> (..., 1, L)"""
    check_tensors(name, input=input)
    shape = input.array.shape
    if len(shape) not in (2, 3):
        raise RuntimeError(f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor of size {list(shape)} "
                           f"(while checking arguments for {name})")
    return unsqueeze(input, -2)
