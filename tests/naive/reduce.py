"""Sums over dimensions, as they are defined."""
import numpy as np


def sum(x, dim):
    """out[...] = the sum of x[..., i, ..., j, ...] over i, j, ..., the indices of the dimensions `dim`"""
    out = np.zeros([1 if d in dim else n for d, n in enumerate(x.shape)])
    for place, number in np.ndenumerate(x):
        out[tuple(0 if d in dim else i for d, i in enumerate(place))] += number
    return out
