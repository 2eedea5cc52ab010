"""Views: only the geometry changes, as NumPy changes it. And copies that rearrange elements."""
import functools

import numpy as np

from ... import dtypes
from ..cpu import shape as cpu
from ._memory import CudaArray, empty, to_device
from .elementwise import clone, full, where
from .inplace import add_, copy_

__all__ = """
view permute expand as_strided basic_index diagonal sliding_window
empty_strided relayout basic_index_backward diagonal_backward sliding_window_backward cat roll tril triu
""".split()


# ------------------------------------------------------------------------------------------------------------ views

def view(input, size):
    """The same memory in another shape. ValueError where no strides can describe that."""
    return CudaArray(cpu.view(input.geometry, size))


def permute(input, dims):
    """The dimensions in the order `dims`."""
    return CudaArray(cpu.permute(input.geometry, dims))


def expand(input, size):
    """Broadcast to `size`: new and expanded dimensions have stride 0."""
    return CudaArray(cpu.expand(input.geometry, size))


def as_strided(input, size, stride, storage_offset):
    """Any view of the memory that `input` lives in; offset and strides in elements, counted from the memory's start."""
    return CudaArray(cpu.as_strided(input.geometry, size, stride, storage_offset))


def basic_index(input, index):
    """input[index] for integers, slices, None and ...: always a view, also when it shows one element."""
    return CudaArray(cpu.basic_index(input.geometry, index))


def diagonal(input, offset=0, dim1=0, dim2=1):
    """The elements [..., i, i + offset] of two dimensions, as a view with the diagonal last."""
    return CudaArray(cpu.diagonal(input.geometry, offset, dim1, dim2))


def sliding_window(input, dim, size, step):
    """Windows along one dimension, as a view: (..., L, ...) -> (..., (L - size) // step + 1, ..., size)."""
    return CudaArray(cpu.sliding_window(input.geometry, dim, size, step))


def empty_strided(size, stride, dtype):
    """Uninitialised memory, just large enough, with these strides in elements."""
    return as_strided(empty((cpu._extent(size, stride, 0),), dtype), size, stride, 0)


# ------------------------------------------------------------------------------------------ the transposes of the views
def relayout(input, source, target):
    """Lay `input` into zeroed memory by `source`, a (size, strides, offset) in elements, and read it by `target`."""
    if cpu._overlaps(*source):
        raise NotImplementedError("'relayout' of overlapping elements has no CUDA kernel yet: move its inputs to the "
                                  "CPU (x.cpu())")
    start = min(source[2], target[2])
    (*source, source_offset), (*target, target_offset) = source, target
    source, target = (*source, source_offset - start), (*target, target_offset - start)
    memory = full((max(cpu._extent(*source), cpu._extent(*target)),), 0, input.dtype)
    copy_(as_strided(memory, *source), input)
    return clone(as_strided(memory, *target))


def basic_index_backward(grad, index, input_shape):
    """Zeros with `grad` at [index]."""
    out = full(input_shape, 0, grad.dtype)
    copy_(basic_index(out, index), grad)
    return out


def diagonal_backward(grad, input_shape, offset=0, dim1=0, dim2=1):
    """Zeros with `grad` on the diagonal."""
    out = full(input_shape, 0, grad.dtype)
    copy_(diagonal(out, offset, dim1, dim2), grad)
    return out


def sliding_window_backward(grad, input_shape, dim, size, step):
    """Add every window back where it came from: an element of each window at a time, for these lie apart."""
    out = full(input_shape or (1,), 0, grad.dtype)
    windows = grad.shape[dim] if input_shape else 1
    along = dim % out.ndim
    for i in range(size):
        places = slice(i, i + step * (windows - 1) + 1, step)
        elements = grad[..., i] if input_shape else grad[i : i + 1]
        add_(basic_index(out, (*[slice(None)] * along, places)), elements)
    return out.reshape(input_shape)


# ----------------------------------------------------------------------------------------------------------- copies
def cat(tensors, dim=0):
    """One after another along a dimension, in their common dtype."""
    dtype = functools.reduce(dtypes.promote_types, [dtypes.of_numpy(x.dtype) for x in tensors])
    shape = list(tensors[0].shape)
    dim %= len(shape)
    shape[dim] = sum(x.shape[dim] for x in tensors)
    out, start = empty(shape, dtype.numpy), 0
    for x in tensors:
        end = start + x.shape[dim]
        copy_(basic_index(out, (*[slice(None)] * dim, slice(start, end))), x)
        start = end
    return out


def roll(input, shifts, dims):
    """Shifted along `dims`; what leaves at the end comes back at the start."""
    out = clone(input)
    for shift, dim in zip(shifts, dims):
        n = out.shape[dim]
        if n:
            before = (slice(None),) * (dim % out.ndim)
            cut = -shift % n
            out = cat([out[(*before, slice(cut, None))], out[(*before, slice(None, cut))]], dim)
    return out


def tril(input, diagonal=0):
    """The lower triangle, zeros above."""
    return where(_is_below(input, diagonal), input, 0)


def triu(input, diagonal=0):
    """The upper triangle, zeros below."""
    return where(_is_below(input, diagonal - 1), 0, input)


def _is_below(input, diagonal):
    """A mask (rows, columns): is it on this diagonal or below?"""
    return to_device(np.tri(*input.shape[-2:], diagonal, dtype=np.bool_))
