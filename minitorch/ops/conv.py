"""Convolution, transposed convolution, and their gradients.

Convolution is linear in the image and in the weight. So there are three maps, and the gradients of each are the others:

    convolution              (image, weight)  -> output
    convolution_input_grad   (output, weight) -> image      forward, this is transposed convolution
    convolution_weight_grad  (output, image)  -> weight

Letters: N batch, C channels, K out channels, G groups; image, filter and output stand for any number of axes.
"""
from .._shapes import conv_transpose_shape, convolution_shape, tuple_of
from ..autocast import in_lower_precision
from ..engine import Op, named
from ..graph import check_tensors
from .padding import pad
from .shape import permute, squeeze, unsqueeze


class Convolution(Op):
    """(N, C, *image), weight (K, C/G, *filter), bias (K,) -> (N, K, *output).   Saves: input, weight."""

    def forward(self, input, weight, bias, how):
        self.save(input, weight)
        self.how = how  # stride, padding, dilation, groups
        return self.k.convolution(input, weight, bias, *how)

    def backward(self, grad):
        input, weight = self.saved
        k, (wants_input, wants_weight, wants_bias) = self.k, self.needs_input_grad
        return (k.convolution_input_grad(grad, weight, input.shape, *self.how) if wants_input else None,
                k.convolution_weight_grad(grad, input, weight.shape, *self.how) if wants_weight else None,
                _bias_grad(k, grad) if wants_bias else None)


class TransposedConvolution(Op):
    """(N, C, *output), weight (C, K/G, *filter), bias (K,) -> (N, K, *image).   Saves: input, weight."""

    torch_name = "ConvolutionBackward0"

    def forward(self, input, weight, bias, image_shape, how):
        self.save(input, weight)
        self.how = how
        out = self.k.convolution_input_grad(input, weight, image_shape, *how)
        if bias is None:
            return out
        return self.k.add(out, self.k.view(bias, (-1, *[1] * (out.ndim - 2))))  # (K,) -> (K, 1, 1)

    def backward(self, grad):
        input, weight = self.saved
        k, (wants_input, wants_weight, wants_bias) = self.k, self.needs_input_grad
        return (_convolution_to(k, grad, weight, input.shape, self.how) if wants_input else None,
                k.convolution_weight_grad(input, grad, weight.shape, *self.how) if wants_weight else None,
                _bias_grad(k, grad) if wants_bias else None)


class ConvolutionWeightGrad(Op):
    """grad (N, K, *output), input (N, C, *image) -> (K, C/G, *filter).   Saves: both."""

    def forward(self, grad, input, weight_shape, how):
        self.save(grad, input)
        self.how = how
        return self.k.convolution_weight_grad(grad, input, weight_shape, *how)

    def backward(self, weight):
        grad, input = self.saved
        k, (wants_grad, wants_input) = self.k, self.needs_input_grad
        return (_convolution_to(k, input, weight, grad.shape, self.how) if wants_grad else None,
                k.convolution_input_grad(grad, weight, input.shape, *self.how) if wants_input else None)


def _bias_grad(k, grad):
    """(N, K, *output) -> (K,)"""
    return k.sum(grad, (0, *range(2, len(grad.shape))))


def _convolution_to(k, image, weight, shape, how):
    """The convolution, cut to `shape`: an output_padding not below the stride makes room for too many windows."""
    out = k.convolution(image, weight, None, *how)
    return out if tuple(out.shape) == tuple(shape) else k.basic_index(out, tuple(slice(n) for n in shape))


# ----------------------------------------------------------------------------------------- the kernels, differentiable
def convolution(input, weight, bias, stride, padding, dilation, groups):
    """The kernel `convolution` with a gradient, for arguments that are already checked."""
    return Convolution.apply(input, weight, bias, how=(stride, padding, dilation, groups))


def convolution_input_grad(grad, weight, input_shape, stride, padding, dilation, groups):
    """The gradient of `convolution` with respect to its input."""
    how = stride, padding, dilation, groups
    return TransposedConvolution.apply(grad, weight, None, image_shape=tuple(input_shape), how=how)


def convolution_weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    """The gradient of `convolution` with respect to its weight."""
    how = stride, padding, dilation, groups
    return ConvolutionWeightGrad.apply(grad, input, weight_shape=tuple(weight_shape), how=how)


# --------------------------------------------------------------------------------------------------------- convolution
@in_lower_precision
def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters along a sequence; see conv2d.

    input (N, C, L) or (C, L), weight (K, C/groups, R), bias (K,) -> (N, K, P)

    >>> import minitorch as torch
    >>> torch.nn.functional.conv1d(torch.tensor([[1., 2., 4.]]), torch.tensor([[[-1., 1.]]]))
    tensor([[1., 2.]])
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


@in_lower_precision
def conv_tbc(input, weight, bias, pad=0):
    """conv1d with the sequence first: input (T, N, C), weight (R, C, K), bias (K,) -> (P, N, K)

    >>> import minitorch as torch
    >>> torch.conv_tbc(torch.tensor([[[1.]], [[2.]], [[4.]]]), torch.ones(2, 1, 1), torch.zeros(1)).flatten()
    tensor([3., 6.])
    """
    out = conv1d(permute(input, (1, 2, 0)), permute(weight, (2, 1, 0)), bias, padding=pad)  # (N, K, P)
    return named(permute(out, (2, 0, 1)), "ConvTbcBackward0")


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """out[n, k, p, q] = bias[k] + sum_c,r,s weight[k, c, r, s] * input[n, c, p*stride + r*dilation - padding, q...]

    input (N, C, H, W) or (C, H, W), weight (K, C/groups, R, S), bias (K,) -> (N, K, P, Q), with
    P = (H + 2*padding - dilation*(R-1) - 1) // stride + 1. stride, padding and dilation are an int, or one for each
    axis; padding may also be "valid" (none) or "same" (as much as keeps the size; stride 1 only). RuntimeError where
    sizes or dtypes do not fit.

    >>> import minitorch as torch
    >>> image, blur = torch.ones(1, 1, 3, 3), torch.full((1, 1, 2, 2), 0.25)
    >>> torch.nn.functional.conv2d(image, blur, stride=2, padding=1)
    tensor([[[[0.2500, 0.5000],
              [0.5000, 1.0000]]]])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


@in_lower_precision
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters through a volume; see conv2d.

    input (N, C, D, H, W) or (C, D, H, W), weight (K, C/groups, R, S, T), bias (K,) -> (N, K, P, Q, O)

    >>> import minitorch as torch
    >>> torch.nn.functional.conv3d(torch.ones(1, 4, 4, 4), torch.ones(2, 1, 3, 3, 3)).shape
    torch.Size([2, 2, 2, 2])
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def _conv(rank, input, weight, bias, stride, padding, dilation, groups):
    name = f"conv{rank}d"
    check_tensors(name, input=input, weight=weight)
    stride, dilation = tuple_of(stride, rank, "stride", name), tuple_of(dilation, rank, "dilation", name)
    batch = _batch(input, rank, name)
    if not isinstance(padding, str):
        padding = tuple_of(padding, rank, "padding", name)
    elif padding == "valid":
        padding = (0,) * rank
    elif padding == "same":
        batch, padding = _pad_to_same(batch, weight, stride, dilation)
    else:
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    _check_dtypes(batch, weight, bias)
    bias_shape = None if bias is None else bias.array.shape
    convolution_shape(batch.array.shape, weight.array.shape, bias_shape, stride, padding, dilation, groups)
    out = convolution(batch, weight, bias, stride, padding, dilation, groups)
    return out if batch.array.ndim == input.array.ndim else squeeze(out, 0)


def _pad_to_same(input, weight, stride, dilation):
    """padding="same": what to pad on both sides, and the input, with what an odd total asks for besides at its end."""
    if any(step != 1 for step in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    if any(gap <= 0 for gap in dilation):
        raise RuntimeError("non-positive dilation is not supported")
    total = [gap * (taps - 1) for taps, gap in zip(weight.array.shape[2:], dilation)]
    if any(size % 2 for size in total):
        input = pad(input, [width for size in reversed(total) for width in (0, size % 2)])
    return input, tuple(size // 2 for size in total)


def _batch(input, rank, name):
    """The input with a batch dimension: (C, *image) -> (1, C, *image)"""
    ndim = input.array.ndim
    if ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, "
                           f"but got input of size: {list(input.array.shape)}")
    return input if ndim == rank + 2 else unsqueeze(input, 0)


def _check_dtypes(input, weight, bias):
    if input.array.dtype != weight.array.dtype:
        raise RuntimeError(f"Input type (torch.{input.dtype.scalar_name}Tensor) and weight type "
                           f"(torch.{weight.dtype.scalar_name}Tensor) should be the same")
    if bias is not None and input.array.dtype != bias.array.dtype:
        raise RuntimeError(f"Input type ({input.dtype.c_name}) and bias type ({bias.dtype.c_name}) should be the same")
    if input.array.dtype == bool:
        raise NotImplementedError("convolution is not implemented for 'Bool'")


# ---------------------------------------------------------------------------------------------- transposed convolution
@in_lower_precision
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of conv1d; see conv_transpose2d.

    input (N, C, P) or (C, P), weight (C, K/groups, R), bias (K,) -> (N, K, L)

    >>> import minitorch as torch
    >>> torch.nn.functional.conv_transpose1d(torch.tensor([[1., 2.]]), torch.tensor([[[1., 10.]]]), stride=2)
    tensor([[ 1., 10.,  2., 20.]])
    """
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@in_lower_precision
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """out[n, k, p*stride + r*dilation - padding, q...] = bias[k] + sum_c weight[c, k, r, s] * input[n, c, p, q]

    The map that takes a conv2d's gradients back to its input: every pixel stamps the filter into a larger image.
    input (N, C, P, Q) or (C, P, Q), weight (C, K/groups, R, S), bias (K,) -> (N, K, H, W), with
    H = (P-1)*stride - 2*padding + dilation*(R-1) + output_padding + 1. RuntimeError where sizes or dtypes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.conv_transpose2d(torch.tensor([[[1., 2.]]]), torch.ones(1, 1, 2, 2), stride=2)
    tensor([[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]])
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@in_lower_precision
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of conv3d; see conv_transpose2d.

    input (N, C, P, Q, O) or (C, P, Q, O), weight (C, K/groups, R, S, T), bias (K,) -> (N, K, D, H, W)

    >>> import minitorch as torch
    >>> torch.nn.functional.conv_transpose3d(torch.ones(1, 2, 2, 2), torch.ones(1, 3, 2, 2, 2), stride=2).shape
    torch.Size([3, 4, 4, 4])
    """
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _conv_transpose(rank, input, weight, bias, stride, padding, output_padding, groups, dilation):
    name = f"conv_transpose{rank}d"
    check_tensors(name, input=input, weight=weight)
    stride, padding, output_padding, dilation = (
        tuple_of(value, rank, argument, name) for value, argument in (
            (stride, "stride"), (padding, "padding"), (output_padding, "output_padding"), (dilation, "dilation")))
    batch = _batch(input, rank, name)
    _check_dtypes(batch, weight, bias)
    bias_shape = None if bias is None else bias.array.shape
    image_shape = conv_transpose_shape(
        batch.array.shape, weight.array.shape, bias_shape, stride, padding, output_padding, dilation, groups)
    how = stride, padding, dilation, groups
    out = TransposedConvolution.apply(batch, weight, bias, image_shape=image_shape, how=how)
    return out if batch.array.ndim == input.array.ndim else squeeze(out, 0)
