"""Reading and writing at computed positions, sorting, searching.

Positions are checked by the launchers here: an index outside the dimension raises IndexError before anything is read.
`indices` of `index` and `index_put` hold an int64 array or None (the whole dimension) for each leading dimension.
"""
import numpy as np

from ._jit import jit, working_arrays

__all__ = """
index index_put index_select index_add gather scatter scatter_add masked_fill masked_select masked_scatter nonzero
embedding embedding_backward sort topk searchsorted bincount isin unique_dim
""".split()


def _selection(indices):
    return tuple(np.s_[:] if i is None else i for i in indices)


def _check(index, lowest, size, message, error=IndexError):
    """Raise error(message), with the first bad index for its {}, unless lowest <= index < size everywhere."""
    if index.size and (index.min() < lowest or index.max() >= size):
        raise error(message.format(index[(index < lowest) | (index >= size)].flat[0]))


def _check_all(indices, shape):
    """IndexError for an index outside its dimension; negative ones count from the end."""
    for dim, i in enumerate(indices):
        if i is not None:
            size = shape[dim]
            _check(i, -size, size, f"index {{}} is out of bounds for dimension {dim} with size {size}")


def _check_slices(index, size):
    _check(index, 0, size, f"index out of range in self: {{}} is not among the {size} slices")


# ------------------------------------------------------------------------------------------------- advanced indexing
def index(input, indices):
    """input[i, j, ...] for integer arrays that broadcast together."""
    _check_all(indices, input.shape)
    return np.asarray(input[_selection(indices)])


def index_put(input, indices, values, accumulate=False):
    """A copy of `input` with values at [indices]; with `accumulate`, positions that come twice add up."""
    _check_all(indices, input.shape)
    out, where = input.copy(order="K"), _selection(indices)
    try:
        if accumulate:
            np.add.at(out, where, values)
        else:
            out[where] = values
    except ValueError:
        raise RuntimeError(f"shape mismatch: value tensor of shape {list(np.shape(values))} cannot be broadcast to "
                           f"indexing result of shape {list(out[where].shape)}") from None
    return out


# ---------------------------------------------------------------------------------------------- along one dimension
def index_select(input, dim, index):
    """The slices input[..., index[i], ...]."""
    _check_slices(index, input.shape[dim])
    return np.take(input, index, axis=dim)


def index_add(input, dim, index, source):
    """A copy of `input` in which slice index[i] has grown by slice i of `source`."""
    _check_slices(index, input.shape[dim])
    out = input.copy()
    np.add.at(np.moveaxis(out, dim, 0), index, np.moveaxis(source, dim, 0))
    return out


def _positions(name, dim, index, shape):
    """The full index of `out[i][index[i][j]][j]`: `index` along `dim`, its own place along the others.

    A 0-d tensor counts as a vector of one element, here and below.
    """
    index = np.atleast_1d(index)
    size = shape[dim] if shape else 1
    _check(index, 0, size, f"{name}: index {{}} is out of bounds for dimension {dim} with size {size}", RuntimeError)
    if index.size == 0:  # then torch lets it have any rank and dtype
        return (np.zeros(index.shape, np.int64),) * max(len(shape), 1)
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    return tuple(places)


def gather(input, dim, index):
    """out[i][j] = input[index[i][j]][j] for dim = 0."""
    out = np.atleast_1d(input)[_positions("gather", dim, index, input.shape)]
    return out.reshape(index.shape)  # (1) -> () for a 0-d index


def scatter(input, dim, index, src):
    """A copy of `input` with out[index[i][j]][j] = src[i][j] for dim = 0; the last of several writes wins."""
    out = input.copy()
    np.atleast_1d(out)[_positions("scatter", dim, index, input.shape)] = _corner(src, index.shape)
    return out


def scatter_add(input, dim, index, src):
    """A copy of `input` with out[index[i][j]][j] += src[i][j] for dim = 0."""
    out = input.copy()
    np.add.at(np.atleast_1d(out), _positions("scatter_add", dim, index, input.shape), _corner(src, index.shape))
    return out


def _corner(src, shape):
    """torch reads the first elements of a `src` that is larger than the index."""
    return np.atleast_1d(src)[tuple(np.s_[:n] for n in shape)] if isinstance(src, np.ndarray) else src


def embedding(weight, indices):
    """weight (V, E), indices (...) -> (..., E)."""
    rows = len(weight)
    _check(indices, 0, rows, f"index out of range in self: embedding got index {{}} for a table of {rows} rows")
    return np.take(weight, indices, axis=0)


def embedding_backward(grad, indices, num_embeddings, padding_idx=None):
    """Add grad (..., E) into the rows of (V, E) that were read; the padding row gets nothing."""
    dtype, (grad,) = working_arrays(grad)
    E = grad.shape[-1]
    out = np.zeros((num_embeddings, E), grad.dtype)
    _add_rows(out, np.ascontiguousarray(indices, np.int64).reshape(-1), grad.reshape(indices.size, E))
    if padding_idx is not None:
        out[padding_idx] = 0
    return out.astype(dtype, copy=False)


@jit
def _add_rows(out, indices, rows):
    for i in range(len(indices)):
        row = out[indices[i]]
        for e in range(len(row)):
            row[e] += rows[i, e]


# ------------------------------------------------------------------------------------------------------------ masks
def masked_fill(input, mask, value):
    """value where mask, else input, in input's dtype."""
    return np.where(mask, np.asarray(value).astype(input.dtype), input)


def masked_select(input, mask):
    """The elements where mask, as a vector."""
    input, mask = np.broadcast_arrays(input, mask)
    return input[mask]


def masked_scatter(input, mask, source):
    """A copy of `input` in which the masked elements are the first ones of `source`, in order."""
    mask = np.broadcast_to(mask, input.shape)
    out = input.copy()
    out[mask] = source.reshape(-1)[: np.count_nonzero(mask)]
    return out


def nonzero(input):
    """(count, dims): the position of every element that is not zero, in row-major order."""
    if input.ndim == 0:
        return np.zeros((int(bool(input)), 0), np.int64)
    return np.ascontiguousarray(np.argwhere(input))


# ------------------------------------------------------------------------------------------------ sorting, searching
def sort(input, dim=-1, descending=False):
    """(values, indices), stable; NaN counts as the largest."""
    if input.ndim == 0:
        return input.copy(), np.zeros((), np.int64)
    if descending:  # a stable descending order is the mirror image of a stable ascending order of the mirror image
        indices = input.shape[dim] - 1 - np.flip(np.argsort(np.flip(input, dim), axis=dim, kind="stable"), dim)
    else:
        indices = np.argsort(input, axis=dim, kind="stable")
    return np.take_along_axis(input, indices, axis=dim), np.ascontiguousarray(indices)


def topk(input, k, dim=-1, largest=True):
    """(values, indices) of the k largest (or smallest), sorted."""
    values, indices = sort(input, dim, descending=largest)
    if input.ndim == 0:
        return values, indices
    first = [np.s_[:]] * input.ndim
    first[dim] = np.s_[:k]
    return values[tuple(first)].copy(), indices[tuple(first)].copy()


def searchsorted(sorted_sequence, input, right=False):
    """Where each element would be inserted into its (last-dimension) sorted row."""
    side = "right" if right else "left"
    if sorted_sequence.ndim == 1:
        return np.asarray(np.searchsorted(sorted_sequence, input, side), np.int64)
    out = np.empty(input.shape, np.int64)
    for row in np.ndindex(input.shape[:-1]):
        out[row] = np.searchsorted(sorted_sequence[row], input[row], side)
    return out


def bincount(input, weights=None, minlength=0):
    """How often each of 0, 1, ... comes, or the sum of its weights."""
    counts = np.bincount(input, weights, minlength)
    return counts.astype(np.float32) if weights is not None and weights.dtype == np.float32 else counts


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Which elements are among test_elements (or, inverted, are not)."""
    return np.asarray(np.isin(elements, test_elements, assume_unique, invert))


def unique_dim(input, dim=None):
    """(the different values in order, where each element went, how often each comes); with `dim`, of slices."""
    values, inverse, counts = np.unique(input, return_inverse=True, return_counts=True, axis=dim)
    return values, inverse.reshape(input.shape if dim is None else -1), counts
