"""Reading and writing at computed positions, sorting, searching.

An index outside its dimension raises IndexError; nothing is read or written there.
`indices` of `index` and `index_put` hold an int64 array or None (the whole dimension) for each leading dimension.

Many float32 or float64 elements go by compiled loops, which stand at the end; everything else goes by NumPy.
"""
import math

import numpy as np

from ._each import BLOCK, LONG
from ._jit import WORTH_SHARING, jit, working_arrays

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
    slices = _as_slices(input.shape, indices)
    if slices is None:
        return np.asarray(input[_selection(indices)])
    shape, places, out_shape = slices
    return index_select(input.reshape(shape), 1, places).reshape(out_shape)


def index_put(input, indices, values, accumulate=False):
    """A copy of `input` with values at [indices]; with `accumulate`, positions that come twice add up."""
    _check_all(indices, input.shape)
    slices = _as_slices(input.shape, indices) if accumulate else None
    if slices is not None:
        (O, L, I), places, shape = slices
        values = _expanded(values, shape).reshape(O, places.size, I)
        return index_add(input.reshape(O, L, I), 1, places, values).reshape(input.shape)
    out, where = input.copy(order="K"), _selection(indices)
    values = _expanded(values, out[where].shape)
    if accumulate:
        np.add.at(out, where, values)
    else:
        out[where] = values
    return out


def _expanded(values, shape):
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise RuntimeError(f"shape mismatch: value tensor of shape {list(np.shape(values))} cannot be broadcast to "
                           f"indexing result of shape {list(shape)}") from None


def _as_slices(shape, indices):
    """Indexing as a choice of slices along one dimension, made of all the indexed ones: (shape (O, L, I) of the input,
    places along L, shape of what is chosen). None where another dimension stands between those.
    """
    dims = [d for d, i in enumerate(indices) if i is not None]
    first, last, places = dims[0], dims[-1] + 1, 0
    if last - first > len(dims):
        return None
    for size, i in zip(shape[first:last], indices[first:last]):
        places = places * size + np.where(i < 0, i + size, i)
    form = math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])
    return form, places.reshape(-1), shape[:first] + places.shape + shape[last:]


# ---------------------------------------------------------------------------------------------- along one dimension
def index_select(input, dim, index):
    """The slices input[..., index[i], ...]."""
    shape = (*input.shape[:dim], index.size, *input.shape[dim + 1:])
    if input.dtype.char not in "fd" or math.prod(shape) < WORTH_SHARING:
        _check_slices(index, input.shape[dim])
        return np.take(input, index, axis=dim)
    out = np.empty(shape, input.dtype)
    if not _select(_around(dim, input.shape), input, index, out):
        _check_slices(index, input.shape[dim])
    return out


def index_add(input, dim, index, source):
    """A copy of `input` in which slice index[i] has grown by slice i of `source`."""
    out = input.copy()
    if input.dtype.char not in "fd" or source.size < LONG:
        _check_slices(index, input.shape[dim])
        np.add.at(np.moveaxis(out, dim, 0), index, np.moveaxis(source, dim, 0))
    elif not _add_into(_around(dim, out.shape), out, index, source):
        _check_slices(index, input.shape[dim])
    return out


def _positions(name, dim, index, shape):
    """The full index of `out[i][index[i][j]][j]`: `index` along `dim`, its own place along the others.

    A 0-d tensor counts as a vector of one element, here and below.
    """
    index = np.atleast_1d(index)
    _check_along(name, dim, index, shape)
    if index.size == 0:  # then torch lets it have any rank and dtype
        return (np.zeros(index.shape, np.int64),) * max(len(shape), 1)
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    return tuple(places)


def _check_along(name, dim, index, shape):
    size = shape[dim] if shape else 1
    _check(index, 0, size, f"{name}: index {{}} is out of bounds for dimension {dim} with size {size}", RuntimeError)


def gather(input, dim, index):
    """out[i][j] = input[index[i][j]][j] for dim = 0."""
    if input.dtype.char not in "fd" or index.size < LONG:
        out = np.atleast_1d(input)[_positions("gather", dim, index, input.shape)]
        return out.reshape(index.shape)  # (1) -> () for a 0-d index
    out = np.empty(index.shape, input.dtype)
    if not _by_element(_gather, _around(dim, index.shape), _beside(input, dim, index), index, out):
        _check_along("gather", dim, index, input.shape)
    return out


def scatter(input, dim, index, src):
    """A copy of `input` with out[index[i][j]][j] = src[i][j] for dim = 0; the last of several writes wins."""
    out = input.copy()
    np.atleast_1d(out)[_positions("scatter", dim, index, input.shape)] = _corner(src, index.shape)
    return out


def scatter_add(input, dim, index, src):
    """A copy of `input` with out[index[i][j]][j] += src[i][j] for dim = 0."""
    out, src = input.copy(), _corner(src, index.shape)
    if input.dtype.char not in "fd" or index.size < LONG:
        np.add.at(np.atleast_1d(out), _positions("scatter_add", dim, index, input.shape), src)
        return out
    part = _beside(out, dim, index)
    sums = np.ascontiguousarray(part)
    if not _by_element(_scatter_add, _around(dim, index.shape), sums, index, src):
        _check_along("scatter_add", dim, index, input.shape)
    if sums is not part:
        part[...] = sums
    return out


def _corner(src, shape):
    """torch reads the first elements of a `src` that is larger than the index."""
    if getattr(src, "shape", None) == shape:
        return src
    return np.atleast_1d(src)[tuple([np.s_[:n] for n in shape])] if isinstance(src, np.ndarray) else src


def _beside(x, dim, index):
    """All of x along `dim`, and as much as there is of the index along the others."""
    if x.shape == index.shape:
        return x
    return np.atleast_1d(x)[tuple([np.s_[:] if d == dim else np.s_[:n] for d, n in enumerate(index.shape)])]


def embedding(weight, indices):
    """weight (V, E), indices (...) -> (..., E)."""
    V, E = weight.shape
    message = f"index out of range in self: embedding got index {{}} for a table of {V} rows"
    if weight.dtype.char not in "fd" or indices.size * E < WORTH_SHARING:
        _check(indices, 0, V, message)
        return weight.take(indices, axis=0)
    out = np.empty((*indices.shape, E), weight.dtype)
    if not _select((1, V, E), weight, indices, out):
        _check(indices, 0, V, message)
    return out


def embedding_backward(grad, indices, num_embeddings, padding_idx=None):
    """Add grad (..., E) into the rows of (V, E) that were read; the padding row gets nothing."""
    dtype, (grad,) = working_arrays(grad)
    E = grad.shape[-1]
    out = np.zeros((num_embeddings, E), grad.dtype)
    _add_into((1, num_embeddings, E), out, indices, grad)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out.astype(dtype, copy=False)


# ------------------------------------------------------------------------- along one dimension: the loops, compiled
# Arrays are (O, L, I): for each of the O there are L slices of I neighbours. A loop notes whether every place was
# there: a look at all of them beforehand would take as long as the loop itself.
COLUMNS, SLICES = 64, 64  # of an item


def _around(dim, shape):
    """(..., L, ...) as (O, L, I)"""
    return math.prod(shape[:dim]), shape[dim], math.prod(shape[dim + 1:])


def _places(index):
    """The index as unsigned numbers, of which the negative ones, too, are larger than any place there is."""
    return np.ascontiguousarray(index, np.int64).view(np.uint64)


def _launch(loop, items, elements, *args):
    """Run the items of a loop. Were all the places there?"""
    inside = np.ones(items, np.bool_)
    loop[items, elements](*args, inside)
    return inside.all()


def _by_element(loop, form, x, index, y):
    """_gather or _scatter_add, for index and y of the form (O, M, I); or for an index (M), and (O, M, 1)."""
    O, M, I = form
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    row = (M, I) if I > 1 else (1, M)  # (M, 1) is a row, too
    width = COLUMNS if I > 1 else BLOCK if loop is _gather else M
    return _launch(loop, O * -(-row[1] // width), y.size,
                   width, I, x.reshape(O, -1), _places(index).reshape(-1, *row), y.reshape(O, *row))


@jit
def _gather(item, width, I, x, index, out, inside):
    """x (O, L * I), index (O or 1, M, I) -> out (O, M, I): a `width` of the columns"""
    parts = (out.shape[2] + width - 1) // width
    o, first = item // parts, item % parts * width
    for m in range(out.shape[1]):
        row = index[o % len(index), m][first:first + width]
        inside[item] &= _read(x[o], row, first, I, out[o, m][first:first + width])


@jit
def _read(x, index, first, I, out):
    """out[i] = x[index[i], first + i], x (L, I) being a vector, or x[index[i]] if I is 1; were they all there?"""
    L, stride, step, inside = np.uint64(x.size // I), np.uint64(I), np.uint64(I > 1), True
    place = np.uint64(first) * step
    for i in range(out.size):
        if index[i] < L:
            out[i] = x[index[i] * stride + place]
        else:
            inside = False
        place += step
    return inside


@jit
def _scatter_add(item, width, I, out, index, src, inside):
    """index (O or 1, M, I), src (O, M, I) -> out (O, L * I): a `width` of the columns, where nobody else adds"""
    parts = (src.shape[2] + width - 1) // width
    o, first = item // parts, item % parts * width
    for m in range(src.shape[1]):
        row = index[o % len(index), m][first:first + width]
        inside[item] &= _add_at(src[o, m][first:first + width], row, first, I, out[o])


@jit
def _add_at(src, index, first, I, out):
    """out[index[i], first + i] += src[i], out (L, I) being a vector, or out[index[i]] if I is 1"""
    L, stride, step, inside = np.uint64(out.size // I), np.uint64(I), np.uint64(I > 1), True
    place = np.uint64(first) * step
    for i in range(src.size):
        if index[i] < L:
            out[index[i] * stride + place] += src[i]
        else:
            inside = False
        place += step
    return inside


def _select(form, x, index, out):
    """out (O, M, I) = the slices number index (M) of x, which is of the form (O, L, I)"""
    (O, _, I), M = form, index.size
    if I == 1:
        return _by_element(_gather, (O, M, I), x, index, out)
    return _launch(_copy_slices, O * -(-M // SLICES), out.size,
                   np.ascontiguousarray(x).reshape(form), _places(index).reshape(M), out.reshape(O, M, I))


@jit
def _copy_slices(item, x, index, out, inside):
    """x (O, L, I), index (M) -> out (O, M, I): SLICES of the M"""
    parts = (index.size + SLICES - 1) // SLICES
    o, first = item // parts, item % parts * SLICES
    for m in range(first, min(first + SLICES, index.size)):
        if index[m] < np.uint64(x.shape[1]):
            _copy(x[o, index[m]], out[o, m])
        else:
            inside[item] = False


@jit
def _copy(x, out):
    for i in range(out.size):
        out[i] = x[i]


def _add_into(form, out, index, source):
    """Add source (O, M, I) to the slices number index (M) of out, which is of the form (O, L, I)"""
    (O, _, I), M = form, index.size
    if I == 1:
        return _by_element(_scatter_add, (O, M, I), out, index, source)
    return _launch(_add_slices, O * -(-I // COLUMNS), source.size,
                   out.reshape(form), _places(index).reshape(M), np.ascontiguousarray(source).reshape(O, M, I))


@jit
def _add_slices(item, out, index, source, inside):
    """index (M), source (O, M, I) -> out (O, L, I): COLUMNS of the I"""
    parts = (out.shape[2] + COLUMNS - 1) // COLUMNS
    o, first = item // parts, item % parts * COLUMNS
    for m in range(index.size):
        if index[m] < np.uint64(out.shape[1]):
            _add(source[o, m][first:first + COLUMNS], out[o, index[m]][first:first + COLUMNS])
        else:
            inside[item] = False


@jit
def _add(x, total):
    for i in range(total.size):
        total[i] += x[i]


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
    if input.ndim == 0 or k == input.shape[dim]:
        return sort(input, dim, descending=largest)
    size, some = input.shape[dim], [np.s_[:]] * input.ndim
    some[dim] = np.s_[size - k:] if largest else np.s_[:k]
    kth = min(size - k if largest else k, size - 1)
    found = np.sort(np.argpartition(input, kth, axis=dim)[tuple(some)], axis=dim)  # sorted by place, for equal ones
    values, order = sort(np.take_along_axis(input, found, dim), dim, descending=largest)
    return values, np.take_along_axis(found, order, dim)


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
