"""torch.masked: reductions and normalisations of those elements that a mask keeps.

Every function takes `mask`, a bool tensor that broadcasts to the input: True keeps an element. What it drops is
replaced by the number that does not matter to the function (0 in a sum, 1 in a product, -inf in a maximum).
"""
import builtins
import math

import numpy as np

from . import dtypes, ops


def _keep(input, mask, otherwise, dtype=None):
    """The input, in `dtype`, with another number where the mask drops an element."""
    if dtype is not None and input.dtype is not dtype:
        input = ops.cast(input, dtypes.to_numpy(dtype))
    return input if mask is None else ops.where(ops.expand(mask, input.array.shape), input, otherwise)


def _lowest(dtype):
    """The number below all others of a dtype; `_lowest` is what a maximum starts with, `_highest` a minimum."""
    return -math.inf if dtype.is_floating_point else int(np.iinfo(dtype.numpy).min)


def _highest(dtype):
    return math.inf if dtype.is_floating_point else int(np.iinfo(dtype.numpy).max)


def _float(input, dtype):
    """The dtype of a result that is no integer."""
    return dtype or (input.dtype if input.dtype.is_floating_point else dtypes.get_default_dtype())


def sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The sum of what is kept.

    >>> import minitorch as torch
    >>> torch.masked.sum(torch.tensor([1, 2, 3]), mask=torch.tensor([True, False, True]))
    tensor(4)
    """
    return ops.sum(_keep(input, mask, 0, dtype), dim, keepdim)


def prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The product of what is kept."""
    if dtype is None and not input.dtype.is_floating_point:
        dtype = dtypes.int64
    out = _keep(input, mask, 1, dtype)
    if dim is None or isinstance(dim, int):
        return ops.prod(out, dim, keepdim)
    for d in sorted((d % builtins.max(input.array.ndim, 1) for d in dim), reverse=True):
        out = ops.prod(out, d, keepdim)
    return out


def cumsum(input, dim, *, dtype=None, mask=None):
    """The running sum of what is kept."""
    return ops.cumsum(_keep(input, mask, 0, dtype), dim)


def cumprod(input, dim, *, dtype=None, mask=None):
    """The running product of what is kept."""
    return ops.cumprod(_keep(input, mask, 1, dtype), dim)


def amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The largest of what is kept.

    >>> import minitorch as torch
    >>> torch.masked.amax(torch.tensor([1., 2., 3.]), mask=torch.tensor([True, True, False]))
    tensor(2.)
    """
    return ops.amax(_keep(input, mask, _lowest(dtype or input.dtype), dtype), dim, keepdim)


def amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The smallest of what is kept."""
    return ops.amin(_keep(input, mask, _highest(dtype or input.dtype), dtype), dim, keepdim)


def argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the largest of what is kept is; in the input's dtype, as in torch."""
    kept = _keep(input, mask, _lowest(dtype or input.dtype), dtype)
    return ops.argmax(kept, dim, keepdim).to(kept.dtype)


def argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the smallest of what is kept is; in the input's dtype, as in torch."""
    kept = _keep(input, mask, _highest(dtype or input.dtype), dtype)
    return ops.argmin(kept, dim, keepdim).to(kept.dtype)


def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The mean of what is kept, NaN of nothing.

    >>> import minitorch as torch
    >>> torch.masked.mean(torch.tensor([1., 2., 3.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    dtype = _float(input, dtype)
    return ops.div(sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask), _count(input, dim, keepdim, mask))


def _count(input, dim, keepdim, mask):
    """How many elements of the input are kept."""
    return sum(ops.full(input.array.shape, 1, np.dtype(np.int64)), dim, keepdim=keepdim, mask=mask)


def median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    """The middle value (the lower of two) of what is kept, NaN of nothing."""
    if not (dtype or input.dtype).is_floating_point:
        raise ValueError(f"masked median does not support integers, but got {input.dtype}")
    kept = _keep(input, mask, math.nan, dtype)
    return (ops.median if mask is None else ops.nanmedian)(kept, dim, keepdim).values


def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The vector norm of what is kept."""
    return ops.vector_norm(_keep(input, mask, math.inf if ord == -math.inf else 0, dtype), ord, dim, keepdim)


def var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The variance of what is kept: the sum of squared differences from the mean / (count - correction)."""
    dtype = _float(input, dtype)
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    centred = ops.sub(input, mean(input, dim, keepdim=True, dtype=dtype, mask=mask))
    total = sum(ops.mul(centred, centred), dim, keepdim=keepdim, dtype=dtype, mask=mask)
    return ops.div(total, ops.clamp(ops.sub(_count(input, dim, keepdim, mask), correction), min=0))


def std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """The square root of the variance of what is kept."""
    return ops.sqrt(var(input, dim, unbiased, correction=correction, keepdim=keepdim, dtype=dtype, mask=mask))


def softmax(input, dim, *, dtype=None, mask=None):
    """softmax of what is kept; 0 for what is not.

    >>> import minitorch as torch
    >>> torch.masked.softmax(torch.tensor([0., 0., 5.]), 0, mask=torch.tensor([True, True, False]))
    tensor([0.5000, 0.5000, 0.0000])
    """
    return ops.softmax(_keep(input, mask, _lowest(dtype or input.dtype), dtype), dim)


def log_softmax(input, dim, *, dtype=None, mask=None):
    """log_softmax of what is kept; -inf for what is not."""
    return ops.log_softmax(_keep(input, mask, _lowest(dtype or input.dtype), dtype), dim)


def softmin(input, dim, *, dtype=None, mask=None):
    """softmax of the negative of what is kept; 0 for what is not."""
    return ops.softmax(ops.neg(_keep(input, mask, _highest(dtype or input.dtype), dtype)), dim)


def normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    """What is kept, divided by its norm (at least eps); 0 for what is not."""
    size = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return ops.div(_keep(input, mask, 0), ops.clamp(size, min=eps))


def logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """log(sum(exp(x))) of what is kept."""
    dim = tuple(range(input.array.ndim)) if dim is None else dim
    kept = _keep(input, mask, _lowest(dtype or input.dtype), dtype)
    return ops.logsumexp(kept, dim, keepdim).to(kept.dtype)


def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """log(exp(input) + exp(other)), where each has a mask of its own."""
    return ops.logaddexp(*(_keep(x, mask, _lowest(dtype or x.dtype), dtype)
                           for x, mask in ((input, input_mask), (other, other_mask))))
