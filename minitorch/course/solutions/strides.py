"""Shapes, strides and views."""
import math

import numpy as np

from minitorch.engine import Op
from minitorch.kernels.cpu._memory import owner_of
from minitorch.kernels.cpu.shape import as_strided


def broadcast_shapes(*shapes):
    result = []
    for dim in range(1, max(map(len, shapes), default=0) + 1):  # from the last
        sizes = {shape[-dim] for shape in shapes if len(shape) >= dim}
        grown = sizes - {1}
        if len(grown) > 1:
            raise RuntimeError(f"shapes {shapes} do not fit")
        result.insert(0, grown.pop() if grown else 1)
    return tuple(result)


def view_shape(size, numel):
    known = math.prod([n for n in size if n != -1])
    if any(n < -1 for n in size) or list(size).count(-1) > 1:
        raise RuntimeError(f"{size} is no shape")
    if -1 in size:
        if known == 0 or numel % known != 0:
            raise RuntimeError(f"no shape {size} has {numel} elements")
        return tuple([numel // known if n == -1 else n for n in size])
    if known != numel:
        raise RuntimeError(f"shape {size} has {known} elements, and not {numel}")
    return tuple(size)


def geometry_of(array):
    offset = array.__array_interface__["data"][0] - owner_of(array).__array_interface__["data"][0]
    strides = tuple([step // array.itemsize for step in array.strides])
    return array.shape, strides, offset // array.itemsize


def expand(input, size):
    shape, strides, offset = geometry_of(input)
    expanded = [0] * (len(size) - len(shape))
    for n, wanted, step in zip(shape, size[len(expanded):], strides):
        expanded.append(0 if n == 1 and wanted != 1 else step)
    return as_strided(input, size, expanded, offset)


class Permute(Op):
    def backward(self, grad):
        inverse = [0] * len(self.dims)
        for new, old in enumerate(self.dims):
            inverse[old] = new
        return self.k.permute(grad, tuple(inverse))


def basic_index_backward(grad, index, input_shape):
    out = np.zeros(input_shape, grad.dtype)
    out[index] = grad
    return out


def sliding_window_backward(grad, input_shape, dim, size, step):
    out = np.zeros(input_shape, grad.dtype)
    along, windows = np.moveaxis(out, dim, -1), np.moveaxis(grad, dim, -2)
    for number in range(windows.shape[-2]):
        start = number * step
        along[..., start : start + size] += windows[..., number, :]
    return out
