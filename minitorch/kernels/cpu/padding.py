"""Padding: an image with a border around it, and the way back for gradients.

Along each axis, padding that repeats the image reads pixel source[i] for position i of the result: one formula a mode.
Going back, what was read several times is added up.

Everywhere `pad` lists (before, after) from the last axis back; negative widths cut pixels off.
"""
import numpy as np

__all__ = ["pad", "pad_backward"]


def pad(input, pad, mode, value):
    """Add pixels at both ends of the last axes; mode: "constant" (of `value`), "reflect", "replicate" or "circular"."""
    if mode == "constant":
        return _pad_constant(input, pad, value)
    for axis, before, after in _widths(pad):
        input = np.take(input, _source(mode, input.shape[axis], before, after), axis)
    return input


def _pad_constant(input, pad, value):
    shape, kept, inside = list(input.shape), [slice(None)] * input.ndim, [slice(None)] * input.ndim
    for axis, before, after in _widths(pad):
        size = shape[axis]
        kept[axis] = slice(max(-before, 0), size - max(-after, 0))
        inside[axis] = slice(max(before, 0), size + before + min(after, 0))
        shape[axis] = size + before + after
    out = np.full(shape, value, input.dtype)
    out[tuple(inside)] = input[tuple(kept)]
    return out


def pad_backward(grad, pad, mode):
    """Add the gradient of every padded pixel to that of the pixel it repeats; for the modes other than "constant"."""
    for axis, before, after in _widths(pad):
        size = grad.shape[axis] - before - after
        along = np.moveaxis(grad, axis, 0)                               # (before + size + after, ...), this axis first
        total = np.zeros((size, *along.shape[1:]), grad.dtype)
        for position, pixel in enumerate(_source(mode, size, before, after)):
            total[pixel] += along[position]
        grad = np.moveaxis(total, 0, axis)                               # (..., size, ...)
    return grad


def _widths(pad):
    """(axis, before, after) of every padded axis, the last one first, counted from the end."""
    return [(-1 - i, before, after) for i, (before, after) in enumerate(zip(pad[::2], pad[1::2]))]


def _source(mode, size, before, after):
    """The pixel of range(size) that each of the positions range(-before, size + after) shows."""
    i = np.arange(-before, size + after)
    if mode == "reflect":  # 2 1 | 0 1 2 3 | 2 1
        return size - 1 - abs(size - 1 - abs(i))
    if mode == "replicate":  # 0 0 | 0 1 2 3 | 3 3
        return np.clip(i, 0, size - 1)
    start, stop = max(-before, 0), size - max(-after, 0)  # circular: 2 3 | 0 1 2 3 | 0 1
    return start + (i - start) % (stop - start)
