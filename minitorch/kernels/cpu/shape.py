"""Views (no data moves: only shape and strides change), and copies that rearrange elements."""
import functools

import numpy as np

from ... import dtypes
from ._memory import geometry_of, memory_of

__all__ = """
view permute expand as_strided basic_index diagonal sliding_window
empty_strided relayout basic_index_backward diagonal_backward sliding_window_backward cat flip roll tril triu
""".split()


# ------------------------------------------------------------------------------------------------------------ views
def view(input, size):
    """The same memory in another shape. ValueError where no strides can describe that."""
    return np.reshape(input, size, copy=False)


def permute(input, dims):
    """The dimensions in the order `dims`."""
    return input.transpose(dims)


def expand(input, size):
    """Broadcast to `size`: new and expanded dimensions have stride 0."""
    if input.size == 1 and input.ndim <= len(size):  # the gradient of a sum, for one: NumPy's function takes longer
        return np.ndarray(size, input.dtype, input, 0, (0,) * len(size))
    out = np.broadcast_to(input, size)
    out.flags.writeable = input.flags.writeable  # in-place operations check for strides of 0 themselves
    return out


def as_strided(input, size, stride, storage_offset):
    """Any view of the memory that `input` lives in; offset and strides in elements, counted from the memory's start.

    RuntimeError where that reaches outside the memory.
    """
    if len(size) > 64:
        raise RuntimeError(f"only tensors with up to 64 dims are supported, but as_strided got {len(size)}")
    memory, itemsize = memory_of(input), input.itemsize
    try:
        if storage_offset < 0 or min(stride, default=0) < 0:
            raise ValueError("negative")
        if 0 in size:
            return memory[:0].reshape(size)
        return np.ndarray(size, input.dtype, memory, storage_offset * itemsize, [s * itemsize for s in stride])
    except (ValueError, TypeError):
        raise RuntimeError(f"as_strided: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset} "
                           f"and itemsize {itemsize} are out of bounds for storage of size {memory.nbytes}") from None


def empty_strided(size, stride, dtype):
    """Uninitialised memory, just large enough, with these strides in elements."""
    memory = np.empty(_extent(size, stride, 0), dtype)
    return as_strided(memory, size, stride, 0)


def basic_index(input, index):
    """input[index] for integers, slices, None and ...: always a view, also when it shows one element."""
    return input[index if Ellipsis in index else (*index, ...)]


def diagonal(input, offset=0, dim1=0, dim2=1):
    """The elements [..., i, i + offset] of two dimensions, as a view with the diagonal last."""
    out = np.diagonal(input, offset, dim1, dim2)
    out.flags.writeable = input.flags.writeable
    return out


def sliding_window(input, dim, size, step):
    """Windows along one dimension, as a view: (..., L, ...) -> (..., (L - size) // step + 1, ..., size)."""
    shape, stride, storage_offset = geometry_of(input)
    if not shape:  # a 0-d tensor counts as a vector of one element
        return as_strided(input, (size,), (1,), storage_offset)
    count = (shape[dim] - size) // step + 1
    return as_strided(input, (*shape[:dim], count, *shape[dim + 1 :], size),
                      (*stride[:dim], stride[dim] * step, *stride[dim + 1 :], stride[dim]), storage_offset)


# ------------------------------------------------------------------------------------------ the transposes of the views
def relayout(input, source, target):
    """Lay `input` into zeroed memory by `source`, a (size, strides, offset) in elements, and read it by `target`.

    Where the source puts several elements in one place they add up: so this is the transpose of reading by a geometry.
    """
    start = min(source[2], target[2])
    (*source, source_offset), (*target, target_offset) = source, target
    source, target = (*source, source_offset - start), (*target, target_offset - start)
    memory = np.zeros(max(_extent(*source), _extent(*target)), input.dtype)
    if _overlaps(*source):
        np.add.at(memory, as_strided(np.arange(memory.size), *source), input)
    else:
        as_strided(memory, *source)[...] = input
    return as_strided(memory, *target).copy()


def _overlaps(size, stride, offset):
    """May two elements share a place? Not if each dimension steps over all that the finer ones reach."""
    reach = 0
    for step, n in sorted((step, n) for step, n in zip(stride, size) if n > 1):
        if step <= reach:
            return True
        reach += step * (n - 1)
    return False


def _extent(size, stride, offset):
    """How many elements of memory a geometry reaches over."""
    return offset + 1 + sum((n - 1) * s for n, s in zip(size, stride)) if 0 not in size else offset


def basic_index_backward(grad, index, input_shape):
    """Zeros with `grad` at [index]."""
    out = np.zeros(input_shape, grad.dtype)
    out[index] = grad
    return out


def diagonal_backward(grad, input_shape, offset=0, dim1=0, dim2=1):
    """Zeros with `grad` on the diagonal."""
    out = np.zeros(input_shape, grad.dtype)
    diagonal(out, offset, dim1, dim2)[...] = grad
    return out


def sliding_window_backward(grad, input_shape, dim, size, step):
    """Add every window back where it came from."""
    out = np.zeros(input_shape, grad.dtype)
    if not input_shape:
        out[...] = grad.sum()
        return out
    along = np.moveaxis(out, dim, -1)  # (..., L)
    windows = np.moveaxis(grad, dim, -2)  # (..., windows, size)
    for i in range(size):
        along[..., i : i + step * windows.shape[-2] : step] += windows[..., i]
    return out


# ----------------------------------------------------------------------------------------------------------- copies
def cat(tensors, dim=0):
    """One after another along a dimension, in their common dtype."""
    dtype = functools.reduce(dtypes.promote_types, [dtypes.of_numpy(x.dtype) for x in tensors])
    return np.concatenate(tensors, axis=dim, dtype=dtype.numpy)


def flip(input, dims):
    """The order of elements along `dims` reversed."""
    return np.flip(input, dims).copy()


def roll(input, shifts, dims):
    """Shifted along `dims`; what leaves at the end comes back at the start."""
    return np.roll(input, shifts, dims)


def tril(input, diagonal=0):
    """The lower triangle, zeros above."""
    return np.tril(input, diagonal)


def triu(input, diagonal=0):
    """The upper triangle, zeros below."""
    return np.triu(input, diagonal)
