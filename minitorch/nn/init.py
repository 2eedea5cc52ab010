"""torch.nn.init: the first values of parameters. Each function fills its tensor in place and returns it.

They write to `tensor.detach()`, the same memory outside the graph: so a parameter may be written, and nothing is
recorded.

The fans of a weight (out, in, *filter) are the numbers of inputs and outputs of a unit: in * filter and out * filter.
"""
import math
import warnings

import numpy as np

from .. import ops, random
from ..engine import wrap

_LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
           "sigmoid")


def calculate_gain(nonlinearity, param=None):
    """The factor by which weights should be larger before this nonlinearity; `param` is leaky_relu's slope (default
    0.01).

    ValueError for a nonlinearity that is not listed.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _calculate_fan_in_and_fan_out(tensor):
    """ValueError for fewer than 2 dimensions."""
    shape = tensor.array.shape
    if len(shape) < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    taps = math.prod(shape[2:])
    return shape[1] * taps, shape[0] * taps


def _fan(tensor, mode):
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode.lower() == "fan_out"]


def _write(tensor, array):
    ops.copy_(tensor.detach(), wrap(array))
    return tensor


# ----------------------------------------------------------------------------------------------- simple fillings


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Uniform on [a, b)."""
    ops.uniform_(tensor.detach(), a, b, generator=generator)
    return tensor


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Normal."""
    ops.normal_(tensor.detach(), mean, std, generator=generator)
    return tensor


def constant_(tensor, val):
    """One value everywhere."""
    ops.fill_(tensor.detach(), val)
    return tensor


def ones_(tensor):
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """Zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor):
    """The identity matrix. ValueError unless the tensor has 2 dimensions.

    >>> import minitorch as torch
    >>> eye_(torch.empty(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if tensor.array.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return _write(tensor, np.eye(*tensor.array.shape))


def dirac_(tensor, groups=1):
    """Filters (out, in, *filter) that pass their input on: a 1 in the middle, from each input channel to one output
    channel.

    ValueError unless there are 3, 4 or 5 dimensions and `groups` divides the first.
    """
    shape = tensor.array.shape
    if len(shape) not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    out_per_group = shape[0] // groups
    filters = np.zeros(shape, tensor.array.dtype)
    channel = np.arange(min(out_per_group, shape[1]))
    middle = [n // 2 for n in shape[2:]]
    for g in range(groups):
        filters[(g * out_per_group + channel, channel, *middle)] = 1
    return _write(tensor, filters)


# ---------------------------------------------------------------------------------- variance kept from layer to layer


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Uniform on [-a, a), a = gain * sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> xavier_uniform_(torch.empty(1, 2))
    tensor([[-0.0106,  0.7586]])
    """
    std = gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Normal with std = gain * sqrt(2 / (fan_in + fan_out))."""
    std = gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Uniform on [-b, b), b = gain * sqrt(3 / fan); `a` is the slope of leaky_relu (He et al., 2015).

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> kaiming_uniform_(torch.empty(1, 3), nonlinearity="relu")
    tensor([[-0.0106,  0.7586, -1.1640]])
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    if std is None:
        return tensor
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Normal with std = gain / sqrt(fan)."""
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else normal_(tensor, 0.0, std, generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    if 0 in tensor.array.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return None
    return calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))


# ------------------------------------------------------------------------------------------------------------ others


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Normal, redrawn until all values are in [a, b].

    UserWarning if the mean is more than 2 std outside [a, b].

    >>> import minitorch as torch
    >>> bool(trunc_normal_(torch.empty(1000)).abs().max() <= 2)
    True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn("mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
                      "The distribution of values may be incorrect.", stacklevel=2)
    inside = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    if inside > 0.3:  # most draws fit
        def propose():
            x = ops.normal_(wrap(np.empty_like(tensor.array)), mean, std, generator=generator).array
            return x, (x < x.dtype.type(a)) | (x > x.dtype.type(b))
    else:  # draw uniformly, and keep x with probability density(x) / the largest density in [a, b]
        log_peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2

        def propose():
            x = ops.uniform_(wrap(np.empty_like(tensor.array)), a, b, generator=generator)
            log_density = x.sub(mean).div_(std).pow_(2).mul_(-0.5).sub_(log_peak)
            log_u = ops.uniform_(wrap(np.empty_like(tensor.array)), generator=generator).log_()
            return x.array, log_u.gt(log_density).array
    values, rejected = propose()
    while rejected.any():
        again, still = propose()  # of the full shape each time, as torch draws
        values = np.where(rejected, again, values)
        rejected = rejected & still
    return _write(tensor, values)


def _normal_cdf(x):
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def orthogonal_(tensor, gain=1, generator=None):
    """A matrix (rows, the rest) with orthonormal rows or columns, times `gain`. ValueError for fewer than 2
    dimensions.
    """
    if tensor.array.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.array.size == 0:
        return tensor
    shape, dtype = (tensor.array.shape[0], -1), tensor.array.dtype
    # (rows, columns)
    x = (generator or random.default_generator).normal(tensor.array.reshape(shape).shape, dtype=dtype)
    wide = x.shape[0] < x.shape[1]
    q, r = np.linalg.qr(x.T if wide else x)
    q = q * np.sign(np.diag(r))  # makes the matrix uniform among the orthogonal ones (Mezzadri, 2007)
    return _write(tensor, (q.T if wide else q).reshape(tensor.array.shape) * dtype.type(gain))


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Normal, with a fraction `sparsity` of each column zero. ValueError unless the tensor has 2 dimensions."""
    if tensor.array.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.array.shape
    values = normal_(tensor, 0, std, generator).array.copy()
    zeros = math.ceil(sparsity * rows)
    for column in range(columns):
        values[random.default_generator.permutation(rows)[:zeros], column] = 0
    return _write(tensor, values)
