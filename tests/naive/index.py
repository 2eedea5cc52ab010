"""Reading and adding at computed positions, as it is defined."""
import numpy as np


def _along(place, dim, j):
    return place[:dim] + (j,) + place[dim + 1:]


def gather(x, dim, index):
    """out[..., i, ...] = x[..., index[..., i, ...], ...]"""
    out = np.empty(index.shape, x.dtype)
    for place, j in np.ndenumerate(index):
        out[place] = x[_along(place, dim, j)]
    return out


def scatter_add(x, dim, index, src):
    """out = x, and then out[..., index[..., i, ...], ...] += src[..., i, ...]"""
    out = x.copy()
    for place, j in np.ndenumerate(index):
        out[_along(place, dim, j)] += src[place]
    return out


def index_select(x, dim, index):
    """Slice i of out is slice index[i] of x."""
    return np.stack([x.take(j, dim) for j in index], dim)


def index_add(x, dim, index, source):
    """out = x, and then slice i of source is added to slice index[i]"""
    out = np.moveaxis(x.copy(), dim, 0)
    for i, j in enumerate(index):
        out[j] += source.take(i, dim)
    return np.moveaxis(out, 0, dim)
