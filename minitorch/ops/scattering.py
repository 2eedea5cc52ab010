"""Reducing elements into computed positions, and writing whole slices."""
import numpy as np

from .._shapes import normalize_dim
from ..engine import Op, TensorBase, wrap
from .index import _check_index, _into_corner, index_put, masked_fill, scatter
from .shape import expand, reshape, view


class ScatterReduce(Op):
    """out = x reduced with all src that go to a place, at [index[i][j]][j] for dim 0.   Saves: x, index, src, out."""

    def forward(self, x, index, src, dim, reduce, include_self):
        self.dim, self.reduce, self.include_self = dim, reduce, include_self
        out = self.k.scatter_reduce(x, dim, index, src, reduce, include_self)
        self.save(x, index, src, out)
        return out

    def backward(self, grad):
        x, index, src, out = self.saved
        k, src_shape = self.k, src.shape
        src = k.basic_index(src, tuple(slice(0, n) for n in index.shape))  # a larger src is only read as far as index
        slopes = {"sum": self.of_sum, "mean": self.of_mean, "prod": self.of_prod}.get(self.reduce, self.of_extreme)
        grad_x, grad_src = slopes(grad, x, index, src, out)
        if not self.include_self:
            grad_x = k.scatter(grad_x, self.dim, index, 0.0)
        return grad_x, None, _into_corner(k, grad_src, src_shape) if self.needs_input_grad[2] else None

    def of_sum(self, grad, x, index, src, out):
        return grad, self.k.gather(grad, self.dim, index)

    def of_mean(self, grad, x, index, src, out):
        k = self.k
        count = k.scatter_add(k.full(x.shape, int(self.include_self), grad.dtype), self.dim, index,
                              k.full(index.shape, 1, grad.dtype))
        return self.of_sum(k.div(grad, k.clamp(count, 1)), x, index, src, out)

    def of_extreme(self, grad, x, index, src, out):
        """All that equal the extreme share its gradient."""
        k, dim, dtype = self.k, self.dim, grad.dtype
        x_wins, src_wins = (k.cast(k.eq(a, b), dtype) for a, b in ((x, out), (src, k.gather(out, dim, index))))
        share = k.div(grad, k.scatter_add(x_wins, dim, index, src_wins))
        return k.mul(x_wins, share), k.mul(src_wins, k.gather(share, dim, index))

    def of_prod(self, grad, x, index, src, out):
        """The product of the others: out / x, and where x is 0 what comes out with a 1 in its place."""
        k, dim, reduce, include_self = self.k, self.dim, self.reduce, self.include_self
        x_is_0, src_is_0 = k.eq(x, 0), k.eq(src, 0)
        x_or_1 = k.where(x_is_0, 1.0, x)
        others = k.scatter_reduce(x_or_1, dim, index, src, reduce, include_self)
        grad_x = k.div(k.mul(grad, others), x_or_1)
        zeros = k.scatter_add(k.full(x.shape, 0, grad.dtype), dim, index, k.cast(src_is_0, grad.dtype))
        only_0 = k.logical_and(src_is_0, k.eq(k.gather(zeros, dim, index), 1))
        others = k.scatter_reduce(x, dim, index, k.where(only_0, 1.0, src), reduce, include_self)
        grad_src = k.where(only_0, k.gather(k.mul(grad, others), dim, index),
                           k.div(k.gather(k.mul(grad, out), dim, index), k.where(src_is_0, 1.0, src)))
        return grad_x, grad_src


def scatter_reduce(input, dim, index, src, reduce, include_self=True):
    """A copy of `input` where out[index[i][j]][j] (for dim 0) is reduced with src[i][j], over all that go there.

    `reduce` is "sum", "prod", "mean", "amax" or "amin". With `include_self=False` the old elements do not take part.

    >>> import minitorch as torch
    >>> torch.scatter_reduce(torch.ones(2), 0, torch.tensor([0, 0]), torch.tensor([3., 5.]), "mean")
    tensor([3., 1.])
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    dim = _check_index("scatter", input, dim, index, src)
    return ScatterReduce.apply(input, index, src, dim=dim, reduce=reduce, include_self=include_self)


# --------------------------------------------------------------------------------------------------------- whole slices


def index_reduce(input, dim, index, source, reduce, *, include_self=True):
    """A copy of `input` whose slice index[i] along `dim` is reduced ("prod", "mean", "amax", "amin") with slice i.

    >>> import minitorch as torch
    >>> torch.index_reduce(torch.ones(2), 0, torch.tensor([0, 0]), torch.tensor([3., 5.]), "prod")
    tensor([15.,  1.])
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    dim = _check_slices("index_reduce_", input, dim, index, source, RuntimeError)
    _check_range(index.array, 0, _size(input, dim), "index_reduce_(): index {} out of range in self")
    return scatter_reduce(*_as_scatter(input, dim, index, source), reduce, include_self)


def index_copy(input, dim, index, source):
    """A copy of `input` whose slice index[i] along `dim` is slice i of `source`.

    >>> import minitorch as torch
    >>> torch.index_copy(torch.zeros(3), 0, torch.tensor([2, 0]), torch.tensor([1., 2.]))
    tensor([2., 0., 1.])
    """
    dim = _check_slices("index_copy_", input, dim, index, source, IndexError)
    if index.array.dtype != np.int64:
        raise RuntimeError(f"index_copy_(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    size = _size(input, dim)
    _check_range(index.array, 0, size,
                 f"index_copy_(): index {{}} is out of bounds for dimension {dim} with size {size}")
    return scatter(*_as_scatter(input, dim, index, source))


def _check_slices(name, input, dim, index, source, error):
    """The rules for a source whose slices are numbered by a vector; the dimension, counted from the front."""
    x, i, slices = input.array, index.array, source.array
    dim = normalize_dim(dim, x.ndim)
    if i.ndim > 1:
        raise IndexError(f"{name}(): Index should have dimension 1 or 0 (got {i.ndim})")
    if x.dtype != slices.dtype:
        raise RuntimeError(f"{name}(): self and source expected to have the same dtype, but got (self) "
                           f"{input.dtype.scalar_name} and (source) {source.dtype.scalar_name}")
    if x.ndim and slices.ndim and x.ndim != slices.ndim:
        raise IndexError(f"{name}(): When source and destination are not scalars, their dimensionality must match. "
                         f"Source dimensionality ({slices.ndim}), destination dimensionality ({x.ndim})")
    shapes = [shape[:dim] + shape[dim + 1 :] for shape in (x.shape, slices.shape)]
    if shapes[0] != shapes[1]:
        raise RuntimeError(f"{name}(): Source/destination tensor must have same slice shapes. Destination slice shape: "
                           f"{list(shapes[0])} at dimension {dim} and source slice shape: {list(shapes[1])} at "
                           f"dimension {dim}.")
    count = slices.shape[dim] if slices.ndim else 1
    if i.size != count:
        raise error(f"{name}(): Number of indices ({i.size}) should be equal to source.size(dim): ({count}), for dim: "
                    f"{dim}")
    return dim


def _as_scatter(input, dim, index, source):
    """The arguments (input, dim, index, src) of the scatter that writes whole slices: one index for each element."""
    shape = source.array.shape
    column = [-1 if d == dim else 1 for d in range(len(shape))]
    return input, dim, expand(reshape(index, column), shape), source  # (n) -> (1, ..., n, ..., 1) -> source's shape


def _size(input, dim):
    """How many slices there are along a dimension."""
    return input.array.shape[dim] if input.array.ndim else 1


def _check_range(index, least, size, message):
    """IndexError, with the first bad index for the {} of the message, unless least <= index < size."""
    bad = index[(index < least) | (index >= size)]
    if bad.size:
        raise IndexError(message.format(bad.flat[0]))


def index_fill(input, dim, index, value):
    """A copy of `input` with a number, or a 0-d tensor, in the slices of `dim` that `index` names.

    >>> import minitorch as torch
    >>> torch.index_fill(torch.zeros(3), 0, torch.tensor([0, 2]), 5.)
    tensor([5., 0., 5.])
    """
    shape, i = input.array.shape, index.array
    dim = normalize_dim(dim, len(shape))
    if i.dtype != np.int64:
        raise IndexError(f"index_fill_(): Expected dtype int64 for index, but got {index.dtype}.")
    if i.ndim > 1:
        raise RuntimeError(f"Index has to be a vector/scalar, but index_fill got {list(i.shape)}")
    if isinstance(value, TensorBase) and value.array.ndim:
        raise RuntimeError("index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                           f"{value.array.ndim} dimension(s).")
    size = _size(input, dim)
    _check_range(i, -size, size, f"index {{}} is out of bounds for dimension {dim} with size {size}")
    mask = np.zeros(size, bool)
    mask[i] = True
    return masked_fill(input, wrap(mask.reshape([-1 if d == dim else 1 for d in range(len(shape))])), value)


def put(input, index, source, accumulate=False):
    """A copy of `input` with source[i] at place index[i] of the flattened tensor; `accumulate` adds.

    >>> import minitorch as torch
    >>> torch.put(torch.zeros(2, 2), torch.tensor([1, 2]), torch.tensor([5., 6.]))
    tensor([[0., 5.],
            [6., 0.]])
    """
    if input.array.dtype != source.array.dtype:
        raise RuntimeError("put_(): self and source expected to have the same dtype, but got self.dtype = "
                           f"{input.dtype.scalar_name} and source.dtype = {source.dtype.scalar_name}")
    if index.array.dtype != np.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if index.array.size != source.array.size:
        raise IndexError("put_(): Expected source and index to have the same number of elements, but got "
                         f"source.numel() = {source.array.size}, index.numel() = {index.array.size}")
    size = input.array.size
    _check_range(index.array, -size, size, f"out of range: tried to access index {{}} on a tensor of {size} elements.")
    flat, places, elements = (reshape(x, (-1,)) for x in (input, index, source))  # (...) -> (elements)
    return view(index_put(flat, [places], elements, accumulate), input.array.shape)  # (elements) -> (...)
