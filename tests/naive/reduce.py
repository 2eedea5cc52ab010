"""Sums over dimensions, as they are defined."""
import numpy as np


def sum(x, dim):
    """out[...] = the sum of x[..., i, ..., j, ...] over i, j, ..., the indices of the dimensions `dim`"""
    out = np.zeros([1 if d in dim else n for d, n in enumerate(x.shape)])
    for place, number in np.ndenumerate(x):
        out[tuple(0 if d in dim else i for d, i in enumerate(place))] += number
    return out


def cumsum(x, dim):
    """out[..., i, ...] = the sum of x[..., j, ...] over j <= i"""
    out = np.moveaxis(x.astype(float), dim, 0)
    for i in range(1, len(out)):
        out[i] += out[i - 1]
    return np.moveaxis(out, 0, dim)
