"""Reducing elements into computed positions."""
import numpy as np

from ... import dtypes
from .index import _corner, _positions

__all__ = ["scatter_reduce"]

_REDUCE = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def scatter_reduce(input, dim, index, src, reduce, include_self=True):
    """out[index[i][j]][j] = the sum, mean, prod, amax or amin of all src[i][j] that go there, and of input, for dim 0.

    Without `include_self`, input only stays where nothing goes.
    """
    out, places = np.atleast_1d(input.copy()), _positions("scatter", dim, index, input.shape)
    if not include_self:
        out[places] = _neutral(reduce, input.dtype)
    _REDUCE[reduce].at(out, places, np.asarray(_corner(src, index.shape)).astype(out.dtype))
    if reduce == "mean":
        count = np.full(out.shape, int(include_self))
        np.add.at(count, places, 1)
        divide = np.true_divide if input.dtype.kind in dtypes.FLOATS else np.floor_divide
        out = divide(out, np.maximum(count, 1)).astype(input.dtype)
    return out.reshape(input.shape)  # (1) -> () for a 0-d input


def _neutral(reduce, dtype):
    """The number that changes no result."""
    if reduce in ("sum", "mean", "prod"):
        return int(reduce == "prod")
    if dtype.kind == "b":
        return reduce == "amin"
    if dtype.kind in dtypes.FLOATS:
        return -np.inf if reduce == "amax" else np.inf
    return np.iinfo(dtype).min if reduce == "amax" else np.iinfo(dtype).max
