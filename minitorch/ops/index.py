"""Indexing, gathering and scattering, masks, sorting and searching."""
import builtins
import math
import operator
import warnings

import numpy as np

from .. import return_types
from .._shapes import broadcast_shapes, normalize_dim
from ..engine import Op, TensorBase, compute, named, unwrap, wrap
from ..graph import check_tensors
from .elementwise import cast
from .reduce import Pick
from .shape import basic_index, expand, view

# ------------------------------------------------------------------------------------------------------- x[index]


def getitem(input, index):
    """input[index]: a view for integers, slices, None and ...; a copy where a tensor, a list or a mask takes part.

    >>> import minitorch as torch
    >>> x = torch.arange(6).view(2, 3)
    >>> x[:, 1], x[x > 3], x[torch.tensor([1, 0]), 2]
    (tensor([1, 4]), tensor([4, 5]), tensor([5, 2]))
    """
    basic, indices = split_index(input.array.shape, index)
    out = basic_index(input, basic)
    return index_(out, indices) if indices else out


def split_index(shape, index):
    """What x[index] does, in two steps: (a basic index, then the list of index tensors for the result's dimensions).

    IndexError for an index that does not fit, ValueError for a negative step.
    """
    items = [_item(i) for i in (index if isinstance(index, tuple) else (index,))]
    used = builtins.sum(map(_width, items))
    if used > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    first = next((n for n, i in enumerate(items) if i is Ellipsis), None)
    if first is not None:  # it stands for the dimensions that are left, a further one for none
        items[first:] = [slice(None)] * (len(shape) - used) + [i for i in items[first:] if i is not Ellipsis]
    basic, indices = [], []
    dim = out_dim = 0  # the dimension of x that the next item is about, and where it lands in x[basic]
    for i in items:
        for part, tensor in _steps(i, shape, dim):
            basic.append(part)
            if tensor is not None:
                indices += [None] * (out_dim - len(indices)) + [tensor]
            out_dim += not isinstance(part, int)
        dim += _width(i)
    return tuple(basic), indices


def _width(i):
    """How many dimensions of x an index item is about."""
    if i is None or i is Ellipsis or isinstance(i, bool):
        return 0
    return i.array.ndim if _is_mask(i) else 1


def _steps(i, shape, dim):
    """An index item at dimension `dim` as [(its part of the basic index, then an index tensor or None)]."""
    if isinstance(i, bool):  # True adds a dimension of size 1, False one of size 0
        return [(None, wrap(np.zeros(int(i), np.int64)))]
    if isinstance(i, int) and not -shape[dim] <= i < shape[dim]:
        raise IndexError(f"index {i} is out of bounds for dimension {dim} with size {shape[dim]}")
    if isinstance(i, slice) and i.step is not None and i.step <= 0:
        raise ValueError("step must be greater than zero")
    if not isinstance(i, TensorBase):
        return [(i, None)]
    return [(slice(None), n) for n in (_mask_to_indices(i, shape, dim) if _is_mask(i) else [i])]


def _is_mask(i):
    return isinstance(i, TensorBase) and i.array.dtype.kind == "b"


def _item(i):
    """One index item as None, Ellipsis, bool, int, slice (of ints) or an index tensor."""
    if i is None or i is Ellipsis or isinstance(i, bool):
        return i
    if isinstance(i, slice):
        return slice(*(None if x is None else operator.index(x) for x in (i.start, i.stop, i.step)))
    if isinstance(i, (list, range, tuple)):
        i = wrap(np.asarray([unwrap(x) for x in i]) if len(i) else np.zeros(0, np.int64))
    elif isinstance(i, np.ndarray):
        i = wrap(i)
    if isinstance(i, TensorBase):
        if i.array.dtype == np.uint8:
            warnings.warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
                          stacklevel=2)
            i = cast(i, np.dtype(np.bool_))
        kind = i.array.dtype.kind
        if i.is_floating_point():
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        if i.array.ndim == 0:
            return i.array.item()
        return i if kind == "b" else cast(i, np.dtype(np.int64)) if i.array.dtype != np.int64 else i
    try:
        return operator.index(i)
    except TypeError:
        error = TypeError if isinstance(i, str) else IndexError
        raise error("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                        f"(got {type(i).__name__})") from None


def _mask_to_indices(mask, shape, dim):
    """A mask over some dimensions is one index tensor for each of them: where it is True."""
    for d, n in enumerate(mask.array.shape):
        if n != shape[dim + d]:
            raise IndexError(f"The shape of the mask {list(mask.array.shape)} at index {d} does not match the shape of "
                             f"the indexed tensor {list(shape)} at index {dim + d}")
    return [wrap(np.ascontiguousarray(i)) for i in mask.array.nonzero()]


class Index(Op):
    """out = x[i, j, ...] for index arrays: a gradient is added where its value was read.   Saves: indices."""

    def forward(self, x, indices):
        self.form, self.indices = (x.shape, x.dtype), indices
        return self.k.index(x, indices)

    def backward(self, grad):
        shape, dtype = self.form
        k = self.k
        return k.index_put(k.expand(k.full((), 0, dtype), shape), self.indices, grad, accumulate=True)


def index(input, indices):
    """input[i, j, ...]: one int64 array, or None, for each leading dimension. Index tensors broadcast together."""
    return Index.apply(input, indices=_index_arrays(indices))


index_ = index  # split_index's argument is called `index`, as torch calls it


def _index_arrays(indices):
    indices = [unwrap(i) for i in indices]
    if any(i is not None and i.dtype.kind == "b" for i in indices):  # a mask is one index for each of its dimensions
        indices = [n for i in indices for n in (i.nonzero() if i is not None and i.dtype.kind == "b" else [i])]
    try:
        broadcast_shapes(*(i.shape for i in indices if i is not None))
    except RuntimeError:
        raise IndexError("shape mismatch: indexing tensors could not be broadcast together with shapes "
                         + ", ".join(str(list(i.shape)) for i in indices if i is not None)) from None
    return indices


class IndexPut(Op):
    """out = x with out[i, j, ...] = values, or += values.   Saves: nothing but indices."""

    def forward(self, x, values, indices, accumulate):
        self.indices, self.accumulate = indices, accumulate
        return self.k.index_put(x, indices, values, accumulate)

    def backward(self, grad):
        k = self.k
        grad_values = k.index(grad, self.indices) if self.needs_input_grad[1] else None
        if not self.accumulate:
            grad = k.index_put(grad, self.indices, k.full((), 0, grad.dtype))
        return grad, grad_values


def index_put(input, indices, values, accumulate=False):
    """A copy of `input` with `values` at input[i, j, ...]; `accumulate` adds, also where a position comes twice.

    >>> import minitorch as torch
    >>> torch.index_put(torch.zeros(3), [torch.tensor([0, 0])], torch.ones(2), accumulate=True)
    tensor([2., 0., 0.])
    """
    indices = _index_arrays(indices)
    if input.array.dtype != values.array.dtype:
        raise RuntimeError(f"Index put requires the source and destination dtypes match, got {input.dtype.scalar_name} "
                           f"for the destination and {values.dtype.scalar_name} for the source.")
    return IndexPut.apply(input, values, indices=indices, accumulate=accumulate)


# ---------------------------------------------------------------------------------------------- along one dimension


class IndexSelect(Op):
    """out = slices number index[i] of x along dim.   Saves: index."""

    def forward(self, x, index, dim):
        self.form, self.dim = (x.shape, x.dtype), dim
        self.save(index)
        return self.k.index_select(x, dim, index)

    def backward(self, grad):
        (index,) = self.saved
        k, (shape, dtype) = self.k, self.form
        return k.index_add(k.expand(k.full((), 0, dtype), shape), self.dim, index, grad), None


def index_select(input, dim, index):
    """The slices of `input` along `dim` with the numbers in the vector `index`.

    >>> import minitorch as torch
    >>> torch.index_select(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([1, 1]))
    tensor([[2, 2],
            [4, 4]])
    """
    if index.array.dtype.kind != "i":
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if index.array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    dim = normalize_dim(dim, input.array.ndim)
    if input.array.ndim == 0:  # () -> (1) -> ()
        return view(IndexSelect.apply(view(input, (1,)), index, dim=0), ())
    return IndexSelect.apply(input, view(index, (-1,)) if index.array.ndim == 0 else index, dim=dim)


class IndexAdd(Op):
    """out = x with slice index[i] of dim increased by slice i of source.   Saves: index."""

    def forward(self, x, index, source, dim):
        self.dim = dim
        self.save(index)
        return self.k.index_add(x, dim, index, source)

    def backward(self, grad):
        (index,) = self.saved
        return grad, None, self.k.index_select(grad, self.dim, index)


def index_add(input, dim, index, source, *, alpha=1):
    """A copy of `input` in which slice index[i] along `dim` has grown by alpha * slice i of `source`.

    >>> import minitorch as torch
    >>> torch.index_add(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.tensor([1., 2., 3.]))
    tensor([3., 0., 3.])
    """
    dim = normalize_dim(dim, input.array.ndim)
    if input.array.dtype != source.array.dtype:
        raise RuntimeError(f"index_add_(): self ({input.dtype.scalar_name}) and source ({source.dtype.scalar_name}) "
                           "must have the same scalar type")
    if index.array.ndim > 1:
        raise IndexError(f"index_add_(): Index is supposed to be a vector, but got dim: {index.array.ndim} with type: "
                         f"{index.dtype.scalar_name} and size: {list(index.array.shape)}")
    if index.array.dtype not in (np.int32, np.int64):
        raise RuntimeError(f"index_add_(): Expected dtype int32/int64 for index but got: {index.dtype.scalar_name}")
    shapes = [x.array.shape[:dim] + x.array.shape[dim + 1 :] for x in (input, source)]
    if shapes[0] != shapes[1] or input.array.ndim != source.array.ndim:
        raise RuntimeError("source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                           f"self.shape = {list(input.array.shape)} source.shape = {list(source.array.shape)}")
    slices = source.array.shape[dim] if source.array.ndim else 1
    if index.array.size != slices:
        raise RuntimeError(f"index_add_(): Number of indices ({index.array.size}) should be equal to source.size(dim): "
                           f"({slices}), for dim: {dim}")
    source = source if alpha == 1 else source * alpha
    if input.array.ndim == 0:  # () -> (1) -> ()
        return view(IndexAdd.apply(view(input, (1,)), view(index, (1,)), view(source, (1,)), dim=0), ())
    return IndexAdd.apply(input, view(index, (-1,)) if index.array.ndim == 0 else index, source, dim=dim)


class Gather(Op):
    """out[i][j] = x[index[i][j]][j] for dim 0.   Saves: index."""

    def forward(self, x, index, dim):
        self.form, self.dim = (x.shape, x.dtype), dim
        self.save(index)
        return self.k.gather(x, dim, index)

    def backward(self, grad):
        (index,) = self.saved
        k, (shape, dtype) = self.k, self.form
        return k.scatter_add(k.expand(k.full((), 0, dtype), shape), self.dim, index, grad), None


def gather(input, dim, index):
    """out[i][j] = input[index[i][j]][j] for dim 0, and likewise along other dimensions; shaped as `index`.

    >>> import minitorch as torch
    >>> torch.gather(torch.tensor([[1., 2.], [3., 4.]]), 1, torch.tensor([[0], [1]]))
    tensor([[1.],
            [4.]])
    """
    dim = _check_index("gather", input, dim, index)
    return Gather.apply(input, index, dim=dim)


def _check_index(name, input, dim, index, src=None):
    """The rules for an index that walks along `dim`: integers, of the input's rank, not larger elsewhere."""
    dim = normalize_dim(dim, input.array.ndim)
    if index.array.size and index.array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    shape, index_shape = input.array.shape, index.array.shape
    if index_shape == shape and src is None:
        return dim
    if index.array.size and max(len(shape), 1) != max(len(index_shape), 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as "
                           f"{'input' if name == 'gather' else 'self'} tensor")
    fits = all(m <= n or d == dim for d, (n, m) in enumerate(zip(shape, index_shape)))
    if index.array.size and not fits and name == "gather":
        wrong = next(d for d, (n, m) in enumerate(zip(shape, index_shape)) if m > n and d != dim)
        raise RuntimeError(f"Size does not match at dimension {wrong} expected index {list(index_shape)} to be no "
                           f"larger than self {list(shape)} apart from dimension {dim}")
    if isinstance(src, TensorBase):
        src_shape = src.array.shape
        if src.array.dtype != input.array.dtype:
            raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
        if index.array.size and max(len(src_shape), 1) != max(len(index_shape), 1):
            raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
        fits = fits and all(m <= n for n, m in zip(src_shape, index_shape))
    if index.array.size and not fits:
        than_src = f" and to be no larger size than src {list(src_shape)}" if isinstance(src, TensorBase) else ""
        raise RuntimeError(f"Expected index {list(index_shape)} to be no larger than self {list(shape)} apart from "
                           f"dimension {dim}{than_src}")
    return dim


class Scatter(Op):
    """out = x with out[index[i][j]][j] = src[i][j] for dim 0.   Saves: index."""

    def forward(self, x, index, src, dim):
        self.dim, self.src_shape = dim, getattr(src, "shape", None)
        self.save(index)
        return self.k.scatter(x, dim, index, src)

    def backward(self, grad):
        (index,) = self.saved
        k = self.k
        grad_src = None
        if self.needs_input_grad[2]:
            grad_src = _into_corner(k, k.gather(grad, self.dim, index), self.src_shape)
        return k.scatter(grad, self.dim, index, 0.0), None, grad_src


def _into_corner(k, grad, shape):
    """The gradient of reading only the first elements of a larger tensor, or the one of a 0-d tensor."""
    if grad.shape == shape:
        return grad
    if not shape or not grad.shape:  # (1) -> () or () -> (1)
        return k.view(grad, shape)
    return k.basic_index_backward(grad, tuple(slice(0, n) for n in grad.shape), shape)


class ScatterAdd(Op):
    """out = x with out[index[i][j]][j] += src[i][j] for dim 0.   Saves: index."""

    def forward(self, x, index, src, dim):
        self.dim, self.src_shape = dim, src.shape
        self.save(index)
        return self.k.scatter_add(x, dim, index, src)

    def backward(self, grad):
        (index,) = self.saved
        k = self.k
        grad_src = None
        if self.needs_input_grad[2]:
            grad_src = _into_corner(k, k.gather(grad, self.dim, index), self.src_shape)
        return grad, None, grad_src


def scatter(input, dim, index, src=None, *, reduce=None, value=None):
    """A copy of `input` with out[index[i][j]][j] = src[i][j] (for dim 0); `src`, or `value`, may be a number.

    `reduce` "add" or "multiply" computes with the old element, without a gradient: scatter_reduce has one.

    >>> import minitorch as torch
    >>> torch.scatter(torch.zeros(3), 0, torch.tensor([2, 0]), torch.tensor([5., 6.]))
    tensor([6., 0., 5.])
    """
    src = value if src is None else src
    dim = _check_index("scatter", input, dim, index, src)
    if reduce is None:
        return Scatter.apply(input, index, src, dim=dim)
    if reduce not in ("add", "multiply"):
        raise RuntimeError(f"reduce argument must be either add or multiply, but got {reduce}")
    return compute("scatter_reduce", input, dim, index, src, reduce="sum" if reduce == "add" else "prod")


def scatter_add(input, dim, index, src):
    """A copy of `input` with src[i][j] added at [index[i][j]][j] (for dim 0).

    >>> import minitorch as torch
    >>> torch.scatter_add(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.ones(3))
    tensor([2., 0., 1.])
    """
    dim = _check_index("scatter_add", input, dim, index, src)
    return ScatterAdd.apply(input, index, src, dim=dim)


def take(input, index):
    """The elements of the flattened input at `index`.

    >>> import minitorch as torch
    >>> torch.take(torch.tensor([[4, 5], [6, 7]]), torch.tensor([0, 3]))
    tensor([4, 7])
    """
    if index.array.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    return named(index_(input.reshape(-1), [index]), "TakeBackward0")  # (...) -> (elements) -> index's shape


def take_along_dim(input, indices, dim=None):
    """gather, with `input` and `indices` broadcast against each other except along `dim`.

    >>> import minitorch as torch
    >>> torch.take_along_dim(torch.tensor([[3, 1, 2]]), torch.tensor([[1, 2, 0]]), dim=1)
    tensor([[1, 2, 3]])
    """
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))  # (...) -> (elements)
    dim = normalize_dim(dim, input.array.ndim)
    if input.array.ndim != indices.array.ndim:
        raise RuntimeError("torch.take_along_dim(): input and indices should have the same number of dimensions, but "
                           f"got {input.array.ndim} dimensions for input, and {indices.array.ndim} dimensions for "
                           "indices")
    if indices.array.dtype.kind != "i":
        raise RuntimeError("torch.take_along_dim(): dtype of indices should be Long but got "
                           f"{indices.dtype.scalar_name}")
    indices = wrap(np.where(indices.array < 0, indices.array + input.array.shape[dim], indices.array))
    # input (n0, ..., n_dim, ...) and indices (m0, ..., m_dim, ...): all but n_dim and m_dim broadcast
    rest = ([n for d, n in enumerate(x.array.shape) if d != dim] for x in (input, indices))
    common = list(broadcast_shapes(*rest))
    shapes = [common[:dim] + [x.array.shape[dim]] + common[dim:] for x in (input, indices)]
    return gather(expand(input, shapes[0]), dim, expand(indices, shapes[1]))  # (common..., n_dim), (common..., m_dim)


class Embedding(Op):
    """out = rows of weight (V, E) numbered by indices (...): (..., E).   Saves: indices, how often each was read."""

    def forward(self, weight, indices, padding_idx, scale_grad_by_freq):
        self.rows, self.padding_idx = len(weight), padding_idx
        out = self.k.embedding(weight, indices)
        times_read = None
        if scale_grad_by_freq:  # (..., 1)
            times_read = self.k.bincount(indices.reshape(-1), minlength=len(weight))[indices][..., None]
        self.save(indices, times_read)
        return out

    def backward(self, grad):
        indices, times_read = self.saved
        if times_read is not None:
            grad = self.k.div(grad, times_read)
        return self.k.embedding_backward(grad, indices, self.rows, self.padding_idx), None


def embedding(weight, indices, padding_idx=None, scale_grad_by_freq=False):
    """Rows of a table: weight (V, E), indices (...) -> (..., E). The padding row gets no gradient.

    With `scale_grad_by_freq`, the gradient of a row is divided by how often it was read.
    IndexError for an index outside the table. torch.nn.functional.embedding has the arguments the other way round.

    >>> import minitorch as torch
    >>> torch.nn.functional.embedding(torch.tensor([2, 0]), torch.eye(3))
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    return Embedding.apply(weight, indices, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)


class EmbeddingBackward(Op):
    """Gradients (..., E) added into the rows of (V, E) that were read.   Saves: indices."""

    def forward(self, grad, indices, num_embeddings, padding_idx):
        self.padding_idx = padding_idx
        self.save(indices)
        return self.k.embedding_backward(grad, indices, num_embeddings, padding_idx)

    def backward(self, grad):
        (indices,) = self.saved
        k = self.k
        out = k.embedding(grad, indices)
        if self.padding_idx is not None:  # (...) -> (..., 1)
            is_padding = k.eq(indices, self.padding_idx)
            out = k.where(k.view(is_padding, (*indices.shape, 1)), 0.0, out)
        return out, None


def embedding_backward(grad, indices, num_embeddings, padding_idx=None):
    """The gradient of `embedding` with respect to its table."""
    return EmbeddingBackward.apply(grad, indices, num_embeddings=num_embeddings, padding_idx=padding_idx)


# ------------------------------------------------------------------------------------------------------------ masks


class MaskedFill(Op):
    """out = value where mask, else x.   Saves: mask."""

    def forward(self, x, mask, value):
        self.save(mask)
        return self.k.masked_fill(x, mask, value)

    def backward(self, grad):
        (mask,) = self.saved
        k = self.k
        return (k.where(mask, 0.0, grad) if self.needs_input_grad[0] else None, None,
                k.sum(k.where(mask, grad, 0.0)) if self.needs_input_grad[2] else None)


def masked_fill(input, mask, value):
    """`value` where the mask is True, `input` elsewhere.

    >>> import minitorch as torch
    >>> torch.ones(2).masked_fill(torch.tensor([True, False]), -1)
    tensor([-1.,  1.])
    """
    if mask.array.dtype != np.bool_:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if isinstance(value, TensorBase) and value.array.ndim:
        raise RuntimeError("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                           f"{value.array.ndim} dimension(s).")
    return MaskedFill.apply(input, mask, value)


class MaskedSelect(Op):
    """out = the elements of x where mask, in order.   Saves: mask."""

    def forward(self, x, mask):
        self.form = (np.broadcast_shapes(x.shape, mask.shape), x.dtype)
        self.save(mask)
        return self.k.masked_select(x, mask)

    def backward(self, grad):
        (mask,) = self.saved
        k, (shape, dtype) = self.k, self.form
        return k.masked_scatter(k.full(shape, 0, dtype), mask, grad), None


def masked_select(input, mask):
    """The elements where the mask is True, as a vector.

    >>> import minitorch as torch
    >>> torch.masked_select(torch.tensor([1, 2, 3]), torch.tensor([True, False, True]))
    tensor([1, 3])
    """
    if mask.array.dtype != np.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    broadcast_shapes(input.array.shape, mask.array.shape)
    return MaskedSelect.apply(input, mask)


class MaskedScatter(Op):
    """out = x, with the masked elements taken from source in order.   Saves: mask."""

    def forward(self, x, mask, source):
        self.source_shape = source.shape
        self.save(mask)
        return self.k.masked_scatter(x, mask, source)

    def backward(self, grad):
        (mask,) = self.saved
        k = self.k
        used = k.masked_select(grad, mask)
        # (selected) -> (all elements of source, those not used with 0) -> source's shape
        flat = k.basic_index_backward(used, (slice(0, used.shape[0]),), (math.prod(self.source_shape),))
        return k.where(mask, 0.0, grad), None, k.view(flat, self.source_shape)


def masked_scatter(input, mask, source):
    """A copy of `input` whose masked elements are the first elements of `source`, in order."""
    if mask.array.dtype != np.bool_:
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if input.array.dtype != source.array.dtype:
        raise RuntimeError("masked_scatter: expected self and source to have same dtypes but got "
                           f"{input.dtype.scalar_name} and {source.dtype.scalar_name}")
    input = expand(input, broadcast_shapes(input.array.shape, mask.array.shape))
    if np.count_nonzero(np.broadcast_to(mask.array, input.array.shape)) > source.array.size:
        raise RuntimeError("masked_scatter: Number of elements of source < number of ones in mask: the mask of shape "
                           f"{list(mask.array.shape)} selects more than the {source.array.size} elements of source")
    return MaskedScatter.apply(input, mask, source)


def nonzero(input, *, as_tuple=False):
    """(count, dims): where the elements are not zero; with `as_tuple`, one vector a dimension.

    >>> import minitorch as torch
    >>> torch.nonzero(torch.tensor([[0, 1], [2, 0]]))
    tensor([[0, 1],
            [1, 0]])
    """
    if as_tuple:
        array = input.array if input.array.ndim else input.array.reshape(1)
        return tuple(wrap(i) for i in array.nonzero())
    return compute("nonzero", input)


def argwhere(input):
    """Another name of nonzero."""
    return nonzero(input)


# ------------------------------------------------------------------------------------------------ sorting, searching


class Sort(Pick):
    """x in order along dim."""

    def pick(self, x, descending):
        return self.k.sort(x, self.dim, descending)


def sort(input, dim=-1, descending=False, stable=True):
    """(values, indices) in order along `dim`. Always stable; NaN counts as the largest.

    >>> import minitorch as torch
    >>> torch.sort(torch.tensor([3., 1., 2.])).indices
    tensor([1, 2, 0])
    """
    return return_types.sort(*Sort.apply(input, dim=normalize_dim(dim, input.array.ndim), descending=descending))


def argsort(input, dim=-1, descending=False, stable=True):
    """The indices that put `input` in order along `dim`.

    >>> import minitorch as torch
    >>> torch.argsort(torch.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """
    return sort(input, dim, descending).indices


def msort(input):
    """The values in order along the first dimension."""
    return sort(input, 0).values


class Topk(Pick):
    """The k largest or smallest of x along dim."""

    def pick(self, x, k, largest):
        return self.k.topk(x, k, self.dim, largest)


def topk(input, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest (or smallest) elements along `dim`, in order.

    >>> import minitorch as torch
    >>> torch.topk(torch.tensor([3, 1, 2]), 2).values
    tensor([3, 2])
    """
    dim = normalize_dim(dim, input.array.ndim)
    if not 0 <= k <= (input.array.shape[dim] if input.array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    return return_types.topk(*Topk.apply(input, dim=dim, k=int(k), largest=largest))


class Kthvalue(Pick):
    """The element at `place` (counted from 0) of the order of x along dim."""

    def pick(self, x, place):
        kept = tuple(1 if d == self.dim else n for d, n in enumerate(x.shape))
        return self.at(x, self.k.full(kept, place, np.int64))

    def at(self, x, places):
        """(values, indices): one of each vector along dim. `places` is shaped as x, with size 1 at dim."""
        k, dim = self.k, self.dim
        chosen = [k.gather(part, dim, places) for part in k.sort(x, dim)]
        if not self.keepdim and x.shape:  # (..., 1, ...) -> (..., ...)
            chosen = [k.view(part, x.shape[:dim] + x.shape[dim + 1 :]) for part in chosen]
        return tuple(chosen)


def kthvalue(input, k, dim=-1, keepdim=False):
    """(value, index) of the k-th smallest element along `dim`, counted from 1.

    >>> import minitorch as torch
    >>> torch.tensor([4., 2., 3.]).kthvalue(2).values
    tensor(3.)
    """
    shape, dim = input.array.shape, normalize_dim(dim, input.array.ndim)
    if not 1 <= k <= (shape[dim] if shape else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    return return_types.kthvalue(*Kthvalue.apply(input, dim=dim, keepdim=keepdim, place=k - 1))


class Median(Kthvalue):
    """The lower middle of x along dim, or its first NaN: NaNs are last in the order."""

    torch_name = "MedianBackward1"

    def pick(self, x):
        k, n = self.k, x.shape[self.dim] if x.shape else 1
        nans = k.sum(k.isnan(x), self.dim, True)
        return self.at(x, k.where(k.gt(nans, 0), k.sub(n, nans), (n - 1) // 2))


def median(input, dim=None, keepdim=False):
    """The middle value (the lower of two): of all elements, or (values, indices) along `dim`; NaN if there is one.

    >>> import minitorch as torch
    >>> torch.tensor([4., 1., 3., 2.]).median()
    tensor(2.)
    """
    if dim is None:
        if input.array.size == 0:
            nothing = np.nan if input.is_floating_point() else np.iinfo(input.array.dtype).min
            return wrap(np.asarray(nothing, input.array.dtype))
        return named(Median.apply(input.reshape(-1), dim=0, keepdim=False)[0], "MedianBackward0")
    shape, dim = input.array.shape, normalize_dim(dim, input.array.ndim)
    if shape and shape[dim] == 0:
        raise IndexError(f"median(): Expected reduction dim {dim} to have non-zero size.")
    return return_types.median(*Median.apply(input, dim=dim, keepdim=keepdim))


def searchsorted(sorted_sequence, input, right=False, *, out_int32=False, side=None, sorter=None):
    """Where `input` would be inserted into the last dimension of `sorted_sequence`, sorted or put in order by `sorter`.

    >>> import minitorch as torch
    >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([0, 3, 9]))
    tensor([0, 1, 3])
    """
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while "
                           "right was True")
    if not isinstance(input, TensorBase):
        input = wrap(np.asarray(input, sorted_sequence.array.dtype))
    if sorter is not None:
        sorted_sequence = _sorted_by(sorter, sorted_sequence)
    if sorted_sequence.array.ndim == 0:
        raise RuntimeError("torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 "
                           "dimension")
    if sorted_sequence.array.ndim > 1 and sorted_sequence.array.shape[:-1] != input.array.shape[:-1]:
        raise RuntimeError("torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions "
                           "of boundaries tensor and input value tensor must match, but we got boundaries tensor "
                           f"{list(sorted_sequence.array.shape)} and input value tensor {list(input.array.shape)}")
    out = compute("searchsorted", sorted_sequence, input, right=right or side == "right")
    return cast(out, np.dtype(np.int32)) if out_int32 else out


def _sorted_by(sorter, sequence):
    """The last dimension of `sequence` in the order that `sorter`, what argsort gives, says."""
    if sorter.array.shape != sequence.array.shape:
        raise RuntimeError("torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
                           f"{list(sequence.array.shape)} and got sorter tensor {list(sorter.array.shape)}")
    if sorter.array.dtype != np.int64:
        raise RuntimeError("torch.searchsorted(): sorter must be a tensor of long dtype but got dtype "
                           f"{sorter.dtype.scalar_name}")
    if sorter.array.size and not 0 <= sorter.array.min() <= sorter.array.max() < sequence.array.shape[-1]:
        raise RuntimeError("torch.searchsorted(): sorter index out of range")
    return gather(sequence, -1, sorter)


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """The number of the bucket, between sorted `boundaries`, into which each element falls.

    >>> import minitorch as torch
    >>> torch.bucketize(torch.tensor([0, 3, 9]), torch.tensor([1, 3, 5]))
    tensor([0, 1, 3])
    """
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, right, out_int32=out_int32)


def bincount(input, weights=None, minlength=0):
    """How often each non-negative integer comes (or the sum of its weights).

    >>> import minitorch as torch
    >>> torch.bincount(torch.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    if input.array.ndim != 1 or input.array.dtype.kind not in "iu" or (input.array.size and input.array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is not None and weights.array.shape != input.array.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input, but got shapes "
                           f"{list(weights.array.shape)} and {list(input.array.shape)}")
    if minlength < 0:
        raise RuntimeError(f"minlength should be >= 0, but got {minlength}")
    return compute("bincount", input, weights, minlength=minlength)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Which elements are among `test_elements`.

    >>> import minitorch as torch
    >>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2]))
    tensor([False,  True, False])
    """
    if isinstance(elements, (builtins.bool, int, float)):
        check_tensors("isin", test_elements=test_elements)
        elements = wrap(np.asarray(elements))
    return compute("isin", elements, test_elements, assume_unique=assume_unique, invert=invert)


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The different values in order; also where each element went, and how often each comes.

    >>> import minitorch as torch
    >>> torch.unique(torch.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    values, inverse, counts = unique_dim(input, dim)
    out = (values, *([inverse] * return_inverse), *([counts] * return_counts))
    return out if len(out) > 1 else values


def unique_dim(input, dim=None):
    """(the different values in order, where each element went, how often each comes); with `dim`, of slices."""
    return compute("unique_dim", input, dim=dim)


def repeat_interleave(input, repeats, dim=None, *, output_size=None):
    """Each slice repeated so many times: one number, or one for each slice.

    >>> import minitorch as torch
    >>> torch.repeat_interleave(torch.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    if dim is None:
        input, dim = input.reshape(-1), 0  # (...) -> (elements)
    dim = normalize_dim(dim, input.array.ndim)
    counts = unwrap(repeats)
    if np.any(np.less(counts, 0)):
        raise RuntimeError("repeats can not be negative")
    n = input.array.shape[dim]
    if np.size(counts) not in (1, n):
        raise RuntimeError("repeats must have the same size as input along dim, but got repeats.size(0) = "
                           f"{np.size(counts)} and input.size({dim}) = {n}")
    return index_select(input, dim, wrap(np.repeat(np.arange(n), counts)))
