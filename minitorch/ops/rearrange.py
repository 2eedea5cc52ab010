"""Splitting, turning and combining tensors, and copies in which one view is overwritten: made of other operations."""
import builtins
import itertools
import math

import numpy as np

from .._shapes import normalize_dim
from ..engine import TensorBase, wrap
from .elementwise import clone
from .index import index_select
from .inplace import copy_
from .shape import (
    _some_tensors, as_strided, basic_index, cat, chunk, diag_embed, diagonal, flip, meshgrid, narrow, reshape,
    select, split, split_with_sizes, stack, tensor_split, transpose)

# ------------------------------------------------------------------------------------------------------------ splitting


def hsplit(input, indices_or_sections):
    """Equal pieces along dimension 1 (0 of a vector), or pieces that end at the listed positions.

    >>> import minitorch as torch
    >>> torch.hsplit(torch.tensor([1, 2, 3, 4]), 2)
    (tensor([1, 2]), tensor([3, 4]))
    """
    return _even_split("hsplit", input, indices_or_sections, 1, builtins.min(1, input.array.ndim - 1))


def vsplit(input, indices_or_sections):
    """Equal pieces along dimension 0 of a tensor with at least two, or pieces that end at the listed positions."""
    return _even_split("vsplit", input, indices_or_sections, 2, 0)


def dsplit(input, indices_or_sections):
    """Equal pieces along dimension 2, or pieces that end at the listed positions."""
    return _even_split("dsplit", input, indices_or_sections, 3, 2)


def _even_split(name, input, at, ndim, dim):
    """tensor_split, but equal pieces only."""
    if not isinstance(at, (int, tuple, list)):
        raise TypeError(f"{name}() received an invalid combination of arguments. It takes (Tensor input, int sections) "
                        f"or (Tensor input, tuple of ints indices), but got (Tensor, {type(at).__name__})")
    shape = input.array.shape
    if len(shape) < ndim:
        raise RuntimeError(f"torch.{name} requires a tensor with at least {ndim} dimension, but got a tensor with "
                           f"{len(shape)} dimensions!")
    if isinstance(at, int) and (at == 0 or shape[dim] % at):
        raise RuntimeError(f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
                           f"{shape[dim]} is not divisible by the split_size {at}!")
    return tensor_split(input, at, dim)


unsafe_split, unsafe_split_with_sizes, unsafe_chunk = split, split_with_sizes, chunk


def narrow_copy(input, dim, start, length):
    """A copy of the `length` slices of a dimension from `start` on."""
    return clone(narrow(input, dim, start, length))


# -------------------------------------------------------------------------------------------------------------- turning


def fliplr(input):
    """The columns in reverse order.

    >>> import minitorch as torch
    >>> torch.fliplr(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if input.array.ndim < 2:
        raise RuntimeError(f"Input must be >= 2-d., but fliplr got {input.array.ndim} dimensions")
    return flip(input, (1,))


def flipud(input):
    """The rows in reverse order."""
    if input.array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d., but flipud got a 0-d tensor")
    return flip(input, (0,))


def rot90(input, k=1, dims=(0, 1)):
    """The plane of two dimensions turned k times by 90 degrees, from the first towards the second.

    >>> import minitorch as torch
    >>> torch.rot90(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    ndim = input.array.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    if dims[0] == dims[1] or builtins.abs(dims[0] - dims[1]) == ndim:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    first, second = (normalize_dim(d, ndim) for d in dims)
    turns = k % 4
    if turns == 0:
        return clone(input)
    if turns == 2:
        return flip(input, (first, second))
    return flip(transpose(input, first, second), (first if turns == 1 else second,))


# ------------------------------------------------------------------------------------------------------------ combining


def column_stack(tensors):
    """Joined along dimension 1; vectors are columns.

    >>> import minitorch as torch
    >>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    # () -> (1, 1), (n) -> (n, 1)
    return cat([reshape(x, (x.array.size, 1)) if x.array.ndim < 2 else x
                for x in _some_tensors("column_stack", tensors)], 1)


def diagflat(input, offset=0):
    """A matrix with all elements of `input` on its diagonal.

    >>> import minitorch as torch
    >>> torch.diagflat(torch.tensor([[1], [2]]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(reshape(input, (-1,)), offset)  # (...) -> (elements) -> (elements, elements)


def block_diag(*tensors):
    """A matrix with these matrices along its diagonal, zeros elsewhere; vectors count as rows.

    >>> import minitorch as torch
    >>> torch.block_diag(torch.tensor([1, 2]), torch.tensor([[3], [4]]))
    tensor([[1, 2, 0],
            [0, 0, 3],
            [0, 0, 4]])
    """
    for i, x in enumerate(tensors):
        if x.array.ndim > 2:
            raise RuntimeError(f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has "
                               f"{x.array.ndim} dimensions")
    # () -> (1, 1), (n) -> (1, n)
    blocks = [x if x.array.ndim == 2 else reshape(x, (1, x.array.size)) for x in tensors]
    width = builtins.sum(x.array.shape[1] for x in blocks)
    rows, left = [wrap(np.zeros((0 if blocks else 1, width), blocks[0].array.dtype if blocks else np.float32))], 0
    for x in blocks:
        n, m = x.array.shape
        zeros = [wrap(np.zeros((n, columns), x.array.dtype)) for columns in (left, width - left - m)]
        rows.append(cat([zeros[0], x, zeros[1]], 1))  # (n, left + m + right)
        left += m
    return cat(rows, 0)


def combinations(input, r=2, with_replacement=False):
    """All choices of r elements of a vector, in order, one a row.

    >>> import minitorch as torch
    >>> torch.combinations(torch.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    shape = input.array.shape
    if len(shape) != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return wrap(np.empty(0, input.array.dtype))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(choose(range(*shape), r)), np.int64).reshape(-1)
    return reshape(index_select(input, 0, wrap(places)), (len(places) // r, r))  # (count * r) -> (count, r)


def cartesian_prod(*tensors):
    """All choices of one element of each vector, in order, one a row; one vector comes back itself.

    >>> import minitorch as torch
    >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    for x in tensors:
        if x.array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(grid, (-1,)) for grid in meshgrid(*tensors)], 1)  # (n, m, ...) -> (n * m * ..., vectors)


# ----------------------------------------------------------------------------------------- a copy with one view written


def _written(copy, view, src):
    """`copy` after its `view` became `src`. RuntimeError unless their shapes agree."""
    if view.array.shape != src.array.shape:
        raise RuntimeError("expected src to have a size equal to the slice of self. src size = "
                           f"{list(src.array.shape)}, slice size = {list(view.array.shape)}")
    copy_(view, src)
    return copy


def select_scatter(input, src, dim, index):
    """A copy of `input` with `src` as the slice number `index` of a dimension.

    >>> import minitorch as torch
    >>> torch.select_scatter(torch.zeros(2, 2), torch.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    out = clone(input)
    return _written(out, select(out, dim, index), src)


def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """A copy of `input` with `src` in the slices start : end : step of a dimension.

    >>> import minitorch as torch
    >>> torch.slice_scatter(torch.zeros(4), torch.ones(2), start=2)
    tensor([0., 0., 1., 1.])
    """
    if step <= 0:
        raise RuntimeError(f"slice step must be positive, but got {step}")
    out, dim = clone(input), normalize_dim(dim, input.array.ndim)
    return _written(out, basic_index(out, (slice(None),) * dim + (slice(start, end, step),)), src)


def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """A copy of `input` with `src` on a diagonal.

    >>> import minitorch as torch
    >>> torch.diagonal_scatter(torch.zeros(2, 2), torch.tensor([1., 2.]))
    tensor([[1., 0.],
            [0., 2.]])
    """
    out = clone(input)
    return _written(out, diagonal(out, offset, dim1, dim2), src)


def as_strided_scatter(input, src, size, stride, storage_offset=None):
    """A copy of `input` with `src` in the view that as_strided gives.

    >>> import minitorch as torch
    >>> torch.as_strided_scatter(torch.zeros(4), torch.ones(2), (2,), (2,), 1)
    tensor([0., 1., 0., 1.])
    """
    out = clone(input)
    return _written(out, as_strided(out, size, stride, storage_offset), src)


# ---------------------------------------------------------------------------------------------------- numbers of places


def unravel_index(indices, shape):
    """The position in a tensor of `shape` of each place of the flattened tensor: one tensor a dimension.

    >>> import minitorch as torch
    >>> torch.unravel_index(torch.tensor([1, 5]), (2, 3))
    (tensor([0, 1]), tensor([1, 2]))
    """
    if not isinstance(indices, TensorBase) or indices.array.dtype.kind not in "iu":
        found = indices.dtype if isinstance(indices, TensorBase) else type(indices).__name__
        raise TypeError(f"expected 'indices' to be integer dtype, but got {found}")
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if builtins.min(shape, default=0) < 0:
        raise ValueError(f"'shape' cannot have negative values, but got {shape}")
    steps = [math.prod(shape[d + 1 :]) for d in range(len(shape))]
    return tuple(wrap(np.asarray(indices.array // step % n)) for step, n in zip(steps, shape))


def nonzero_static(input, *, size, fill_value=-1):
    """(size, dims): the first `size` rows of nonzero, filled up with `fill_value`.

    >>> import minitorch as torch
    >>> torch.nonzero_static(torch.tensor([0, 7]), size=2)
    tensor([[ 1],
            [-1]])
    """
    if size < 0:
        raise RuntimeError(f"nonzero_static: 'size' must be an non-negative integer, but got {size}")
    found = np.argwhere(input.array)[:size]
    out = np.full((size, input.array.ndim), fill_value, np.int64)
    out[: len(found)] = found
    return wrap(out)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements (or, with `dim`, the slices) that differ from the one before; as `unique` otherwise.

    >>> import minitorch as torch
    >>> torch.unique_consecutive(torch.tensor([1, 1, 2, 1]), return_counts=True)
    (tensor([1, 2, 1]), tensor([2, 1, 1]))
    """
    rows = input if dim is not None else reshape(input, (-1,))  # (...) -> (elements)
    along = 0 if dim is None else normalize_dim(dim, input.array.ndim)
    slices = np.moveaxis(rows.array, along, 0)  # (n, ...)
    starts = np.ones(len(slices), bool)
    starts[1:] = (slices[1:] != slices[:-1]).any(tuple(range(1, slices.ndim)))  # (n - 1, ...) -> (n - 1)
    first = np.flatnonzero(starts)
    inverse = np.cumsum(starts) - 1
    out = [index_select(rows, along, wrap(first))]
    if return_inverse:
        out.append(wrap(inverse.reshape(input.array.shape if dim is None else -1)))
    if return_counts:
        out.append(wrap(np.diff(first, append=len(slices))))
    return tuple(out) if len(out) > 1 else out[0]
