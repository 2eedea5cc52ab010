"""Norms. And normalisation: batch, layer, group and instance norm are one operation, `standardize`, over different
dimensions.

    x (N, C, H, W)    batch norm    over N, H, W: a mean for each channel
                      instance norm over H, W: one for each image and channel
                      group norm    over H, W and the channels of a group
                      layer norm    over the last dimensions
"""
import math

import numpy as np

from .. import dtypes
from ..engine import Op, named
from ..graph import check_tensors
from .elementwise import add, cast, clamp_min, clone, div, mul, neg, pow, rsqrt, square, sub
from .linalg import linalg_matrix_norm
from .padding import pad
from .pool import avg_pool2d
from .reduce import mean, sum_to, var, vector_norm
from .shape import contiguous, reshape, view


class Standardize(Op):
    """y = (x - mean) / sqrt(var + eps) over dim. Returns (y * weight + bias, mean, var); only the first is for others
    to differentiate.   Saves: x, weight.
    """

    def forward(self, x, weight, bias, **form):
        self.form = form
        y, mean, var = self.k.standardize(x, weight=weight, bias=bias, **form)
        self.save(x, mean, var, *(() if weight is None else (weight,)))
        return y, mean, var

    def backward(self, grad, _mean, _var):
        x, mean, var, *weight = self.saved
        return self.k.standardize_backward(grad, x, mean, var, *weight or [None], **self.form)


def standardize(input, dim, eps, weight=None, bias=None, shape=None, like=None):
    """((x - mean) / sqrt(var + eps) * weight + bias, mean, var) over the dimensions `dim`; mean and var are biased and
    without gradient. x is the input, if need be in another `shape`. A weight comes with a bias; both broadcast against
    x, if need be in the shape `like`.
    """
    return Standardize.apply(input, weight, bias, dim=tuple(dim), eps=eps, shape=shape, like=like)


def standardize_backward(grad, input, mean, var, weight, dim, eps, shape=None, like=None):
    """The gradients of `standardize` with respect to input, weight and bias, as functions that have gradients: mean and
    var, those of the input, are computed once more.
    """
    if shape is not None or like is not None:
        ours, w = input.array.shape, weight if weight is None else view(weight, like or weight.array.shape)
        grad, input = [view(contiguous(x), shape or ours) for x in (grad, input)]
        dx, *gradients = standardize_backward(grad, input, mean, var, w, dim, eps)
        return view(dx, ours), *[None if weight is None else view(g, weight.array.shape) for g in gradients]
    scale = rsqrt(add(_variance(input, dim), eps))
    y = mul(sub(input, _average(input, dim)), scale)
    g = grad if weight is None else mul(grad, weight)
    dx = mul(sub(sub(g, _average(g, dim)), mul(y, _average(mul(g, y), dim))), scale)
    if weight is None:
        return dx, None, None
    return dx, sum_to(mul(grad, y), weight.array.shape), sum_to(grad, weight.array.shape)


def _average(x, dim):
    return mean(x, dim, True)


def _variance(x, dim):
    return var(x, dim, 0, True)


def _standardized(input, dim, eps, weight, bias, parameter, shape=None, like=None):
    """(y * weight + bias, mean, var) with y = standardize(x), in one operation where it can be. Viewed as `parameter`
    weight and bias broadcast against the input; the others are as for `standardize`.
    """
    parameters = [p for p in (weight, bias) if p is not None]
    if weight is None or any([p.array.dtype != input.array.dtype for p in parameters]):
        y, *statistics = standardize(input, dim, eps, shape=shape)
        return _scale_and_shift(y, weight, bias, parameter), *statistics
    return standardize(input, dim, eps, weight, bias, shape, like)


def _scale_and_shift(y, weight, bias, shape):
    """y * weight + bias, both viewed in a shape that broadcasts."""
    if weight is not None:
        y = mul(y, view(weight, shape))
    return y if bias is None else add(y, view(bias, shape))


def _per_channel(ndim):
    """(C) viewed as this broadcasts against (N, C, ...)."""
    return (-1, *(1,) * (ndim - 2))


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """(x - mean) / sqrt(var + eps) * weight + bias with a mean and variance for each channel of x (N, C, ...).

    In training they are the batch's own, and the running ones become (1 - momentum) * running + momentum * batch's
    (with the unbiased variance); otherwise they are the running ones.
    ValueError if training on one value per channel, RuntimeError for statistics or parameters that are not of length C.

    >>> import minitorch as torch
    >>> torch.nn.functional.batch_norm(torch.tensor([[1.], [3.]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    check_tensors("batch_norm", input=input)
    if not input.is_floating_point():
        raise dtypes.not_implemented("batch_norm", input.dtype)
    shape = input.array.shape
    if shape == (0,):
        return clone(input)  # torch lets an empty vector through
    if len(shape) < 2:
        raise IndexError("Dimension out of range: batch_norm expected at least 2 dimensions (N, C, ...), but got "
                         f"{list(shape)}")
    channels, dim = shape[1], (0, *range(2, len(shape)))
    if training and math.prod(shape[d] for d in dim) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if eps < 0 or training and eps == 0:
        wanted = "positive during training" if training else "non-negative"
        raise ValueError(f"batch_norm eps must be {wanted}, but got {eps}")
    for name, x in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if x is not None and x.array.size != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {x.array.size}")
        if x is None and name[0] == "r" and not training:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
    like = _per_channel(len(shape))
    if training:
        y, batch_mean, batch_var = _standardized(input, dim, eps, weight, bias, like, like=like)
        if input.array.size:
            _update_running(running_mean, running_var, batch_mean.array.reshape(-1), batch_var.array.reshape(-1),
                            input.array.size // channels, momentum)
    else:
        scale = rsqrt(add(running_var, eps))
        if weight is not None:
            scale = mul(scale, weight)
        shift = neg(mul(running_mean, scale))
        if bias is not None:
            shift = add(shift, bias)
        y = add(mul(input, view(scale, like)), view(shift, like))
        if y.dtype != input.dtype:
            y = cast(y, input.dtype)
    return named(y, "NativeBatchNormBackward0")


def _update_running(running_mean, running_var, mean, var, count, momentum):
    """running = (1 - momentum) * running + momentum * batch, where there are running statistics."""
    if running_mean is not None:
        _move(running_mean, mean, momentum)
    if running_var is not None:
        _move(running_var, var * (count / (count - 1)), momentum)


def _move(running, batch, momentum):
    running.array[...] = (1 - momentum) * running.array + momentum * batch
    running.version()[0] += 1


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True,
                  momentum=0.1, eps=1e-5):
    """batch_norm for each sample of (N, C, ...) alone; the running statistics move to the samples' average.

    ValueError for a single spatial element.

    >>> import minitorch as torch
    >>> torch.nn.functional.instance_norm(torch.tensor([[[1., 3.]]]))
    tensor([[[-1.0000,  1.0000]]])
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    shape = input.array.shape
    spatial = math.prod(shape[2:])
    if spatial == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    y, means, variances = standardize(input, range(2, len(shape)), eps)
    _update_running(running_mean, running_var, means.array.reshape(shape[:2]).mean(axis=0),
                    variances.array.reshape(shape[:2]).mean(axis=0), spatial, momentum)
    return _scale_and_shift(y, weight, bias, _per_channel(len(shape)))


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(var + eps) * weight + bias with a mean and variance for each sample and group of channels.

    input (N, C, ...), weight and bias (C). RuntimeError unless num_groups divides C.

    >>> import minitorch as torch
    >>> torch.nn.functional.group_norm(torch.tensor([[1., 3., 0., 8.]]), 2)
    tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    """
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if shape[1] % num_groups:
        raise RuntimeError("Expected number of channels in input to be divisible by num_groups, but got input of shape "
                           f"{list(shape)} and num_groups={num_groups}")
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.array.shape != (shape[1],):
            raise RuntimeError(f"Expected {name} to be a vector of size equal to the number of channels in input, but "
                               f"got {name} of shape {list(x.array.shape)} and input of shape {list(shape)}")
    N, C, image = *shape[:2], math.prod(shape[2:])
    if N * C * image == num_groups:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(shape)}")
    y, _, _ = _standardized(input, (2, 3), eps, weight, bias, _per_channel(len(shape)),
                            (N, num_groups, C // num_groups, image), (num_groups, C // num_groups, 1))
    return named(y, "NativeGroupNormBackward0")


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(var + eps) * weight + bias over the last dimensions, which are `normalized_shape`, as are the
    parameters.

    RuntimeError if the input does not end in `normalized_shape`.

    >>> import minitorch as torch
    >>> torch.nn.functional.layer_norm(torch.tensor([[1., 3.], [0., 8.]]), (2,))
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    """
    dim = _normalized_dims("layer_norm", input, normalized_shape, weight, bias)
    y, _, _ = _standardized(input, dim, eps, weight, bias, tuple(normalized_shape))
    return named(y, "NativeLayerNormBackward0")


def _normalized_dims(name, input, normalized_shape, *parameters):
    """The last dimensions, if they are `normalized_shape`; otherwise RuntimeError."""
    shape, normalized = input.array.shape, tuple(normalized_shape)
    if not normalized:
        raise RuntimeError("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
                           f"element, but got normalized_shape = {list(normalized)}")
    for which, x in zip(("weight", "bias"), parameters):
        if x is not None and x.array.shape != normalized:
            raise RuntimeError(f"Expected {which} to be of same shape as normalized_shape, but got {which} of shape "
                               f"{list(x.array.shape)} and normalized_shape = {list(normalized)}")
    if shape[len(shape) - len(normalized):] != normalized or len(shape) < len(normalized):
        raise RuntimeError(f"Given normalized_shape={list(normalized)}, expected input with shape [*, "
                           f"{str(list(normalized))[1:]}, but got input of size{list(shape)}")
    return tuple(range(len(shape) - len(normalized), len(shape)))


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean(x^2) + eps) * weight over the last dimensions, which are `normalized_shape`.

    `eps` is the dtype's resolution by default. RuntimeError if the input does not end in `normalized_shape`.

    >>> import minitorch as torch
    >>> torch.nn.functional.rms_norm(torch.tensor([3., 4.]), (2,))
    tensor([0.8485, 1.1314])
    """
    dim = _normalized_dims("rms_norm", input, normalized_shape, weight)
    if eps is None:
        eps = float(np.finfo(input.array.dtype).eps)
    y = mul(input, rsqrt(add(mean(square(input), dim, True), eps)))
    return y if weight is None else mul(y, weight)


def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """torch.norm: a vector norm of all elements, or along `dim`, also of several ("fro" is p = 2); p="nuc" is the
    matrix norm.

    >>> import minitorch as torch
    >>> torch.tensor([3., 4.]).norm()
    tensor(5.)
    """
    if p in ("fro", None):
        return vector_norm(input, 2, dim, keepdim, dtype=dtype)
    if isinstance(p, str):
        return linalg_matrix_norm(input, p, range(input.array.ndim) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, p, dim, keepdim, dtype=dtype)


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """x / max(norm(x, p), eps) over `dim`.

    >>> import minitorch as torch
    >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    result = div(input, clamp_min(vector_norm(input, p, dim, keepdim=True), eps))
    return result if out is None else out.copy_(result)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + alpha * mean of x^2 over `size` neighbouring channels)^beta, for (N, C, ...) with at least 3 dimensions.

    >>> import minitorch as torch
    >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 2, alpha=1., beta=1.)
    tensor([[[0.6667],
             [0.5000]]])
    """
    ndim = input.array.ndim
    if ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {ndim} dimensions)")
    if input.array.size == 0:
        return input
    N, C, *image = input.array.shape
    column = reshape(square(input), (N, 1, C, math.prod(image)))
    column = avg_pool2d(pad(column, (0, 0, size // 2, (size - 1) // 2)), (size, 1), stride=1)
    return div(input, pow(add(mul(reshape(column, (N, C, *image)), alpha), k), beta))
