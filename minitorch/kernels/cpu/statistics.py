"""Statistics of vectors: the most frequent element, counts in bins; and the running log-sum-exp."""
import math

import numpy as np

__all__ = ["mode", "count_in_boxes", "histc", "logcumsumexp"]


def mode(input, dim, keepdim=False):
    """(value, index): the most frequent element along dim, the smallest of several, and the last place where it is."""
    if input.ndim == 0:
        return input.copy(), np.zeros((), np.int64)
    rows = np.moveaxis(input, dim, -1)  # (..., n)
    indices = np.empty(rows.shape[:-1], np.int64)
    for place in np.ndindex(indices.shape):
        order = np.argsort(rows[place], kind="stable")
        row = rows[place][order]
        ends = np.flatnonzero(np.append(row[1:] != row[:-1], True))  # where each run of equals ends
        indices[place] = order[ends[np.argmax(np.diff(ends, prepend=-1))]]
    indices = np.expand_dims(indices, dim)
    values = np.take_along_axis(input, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def count_in_boxes(input, edges, weight=None, density=False):
    """Counts (or sums of weights) of points input (N, D) in the boxes that D vectors of edges make."""
    shape = tuple(len(e) - 1 for e in edges)
    inside = np.ones(len(input), bool)
    box = np.zeros(len(input), np.int64)  # the number of a point's box in the flattened result
    for e, n, x in zip(edges, shape, input.T):
        inside &= (x >= e[0]) & (x <= e[-1])
        box = box * n + np.minimum(np.searchsorted(e, x, "right") - 1, n - 1)
    out = np.zeros(math.prod(shape), input.dtype)
    np.add.at(out, box[inside], 1 if weight is None else weight[inside])
    out = out.reshape(shape)  # (boxes) -> (n0, n1, ...)
    if density:
        out /= out.sum()
        for d, e in enumerate(edges):
            out /= np.diff(e).reshape([-1 if d == axis else 1 for axis in range(len(edges))])
    return out


def histc(input, bins, min, max):
    """How many elements fall into each of `bins` equal parts of [min, max]."""
    inside = input[(input >= min) & (input <= max)]
    places = np.minimum(((inside - min) / (max - min) * bins).astype(np.int64), bins - 1)
    return np.bincount(places, minlength=bins).astype(input.dtype)


def logcumsumexp(input, dim):
    """out[i] = log(exp(x[0]) + ... + exp(x[i])), without overflow."""
    return np.logaddexp.accumulate(input, axis=dim)
