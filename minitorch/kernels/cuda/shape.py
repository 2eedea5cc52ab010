"""Views: only the geometry changes, as NumPy changes it. And copies that rearrange elements."""
from ..cpu import shape as cpu
from ._memory import CudaArray

__all__ = "view permute expand as_strided basic_index diagonal sliding_window".split()


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
