"""Pooling: a maximum or a mean over windows of an image.

On each axis a window is range(start, stop, step) of pixels, already cut to the image. Sliding, adaptive and fractional
pooling differ only in these numbers, which NumPy works out first, so they share their loops: those of a volume, of
which an image is one slice. Parallel over batch and channels: an item owns one plane of the output.

Letters: N batch, C channels, D H W image, O P Q output; "..." is N, C, or C alone for one image, M the number of its
planes. The rank of an image is the number of entries of kernel_size, output_size or `image`, which is its shape. A NaN
in a window is its maximum.
"""
import functools
import math

import numpy as np

from ..._shapes import pool_output_size
from ._jit import jit, prange, working_arrays

__all__ = """
max_pool_with_indices adaptive_max_pool_with_indices fractional_max_pool_with_indices max_pool_backward max_pool_gather
max_unpool avg_pool avg_pool_backward adaptive_avg_pool adaptive_avg_pool_backward
""".split()


# ------------------------------------------------------------------------------------------------------------- maximum
def max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    """out[n, c, p, q] = max_r,s input[n, c, p*stride + r*dilation - padding, q...], and where in the plane it stood

    input (..., H, W) -> out (..., P, Q), int64 indices (..., P, Q) into the H*W pixels of a plane: the first of equal
    maxima, or the last NaN.
    """
    image = input.shape[-len(kernel_size):]
    return _max_pool(input, _sliding_windows(image, kernel_size, stride, padding, dilation, ceil_mode), dilation)


def adaptive_max_pool_with_indices(input, output_size):
    """out[n, c, p, q] = max of input[n, c, p*H // P : ceil((p+1)*H / P), q...], and where in the plane it stood

    input (..., H, W), output_size (P, Q) -> out (..., P, Q), int64 indices (..., P, Q)
    """
    rank = len(output_size)
    return _max_pool(input, _adaptive_windows(input.shape[-rank:], output_size), (1,) * rank)


def fractional_max_pool_with_indices(input, random_samples, kernel_size, output_size):
    """out[n, c, p, q] = max_r,s input[n, c, start[n, c, p] + r, ...], and where in the plane it stood

    input (..., H, W), random_samples (N, C, rank), one number of [0, 1) for each axis -> out (..., P, Q), int64 indices
    (..., P, Q). For the sample u of an axis and a = (H - kernel_size) / (P - 1), window p starts at
    floor((p + u) * a) - floor(u * a), but the last one ends with the axis.
    """
    rank = len(output_size)
    samples = random_samples.reshape(-1, rank, 1)                                       # (M, rank, 1)
    if rank == 2:  # torch takes the first number for the columns, but for volumes the first for the slices
        samples = samples[:, ::-1]
    windows = []
    for axis, (size, kernel, count) in enumerate(zip(input.shape[-rank:], kernel_size, output_size)):
        step = samples.dtype.type(size - kernel) / samples.dtype.type(max(count - 1, 1))
        places = np.arange(count, dtype=samples.dtype) + samples[:, axis]               # (M, P)
        starts = ((places * step).astype(np.int64) - (samples[:, axis] * step).astype(np.int64))
        starts[:, -1] = size - kernel
        windows.append((starts, starts + kernel))
    return _max_pool(input, windows, (1,) * rank)


def _max_pool(input, windows, steps):
    """The windows are the same for all planes, (P,), or each plane has its own, (M, P)."""
    output = tuple(starts.shape[-1] for starts, _ in windows)
    planes, image = _split(input.shape, len(output))
    M, volume = math.prod(planes), _volume(output)
    dtype, (input,) = working_arrays(input)
    # What a window without any pixel gives; dilation steps over the whole of a very small image.
    lowest = input.dtype.type(-np.inf if input.dtype.kind == "f" else np.iinfo(dtype).min)
    out, indices = np.empty((M, *volume), input.dtype), np.empty((M, *volume), np.int64)
    edges = [np.atleast_2d(edge) for edge in _edges(windows)]                           # (1, P) or (M, P)
    _max(input.reshape(M, *_volume(image)), *edges, *_volume(steps), lowest, out, indices)
    return out.reshape(*planes, *output).astype(dtype, copy=False), indices.reshape(*planes, *output)


def max_pool_backward(grad, indices, image):
    """input_grad[n, c].flat[indices[n, c, p, q]] += grad[n, c, p, q], for windows of any kind

    grad (..., P, Q), indices (..., P, Q) as the forward pass gave them -> (..., *image)
    """
    planes, output = _split(grad.shape, len(image))
    M, O = math.prod(planes), math.prod(output)
    dtype, (grad,) = working_arrays(grad)
    out = np.zeros((M, math.prod(image)), grad.dtype)
    _scatter(grad.reshape(M, O), np.ascontiguousarray(indices).reshape(M, O), out)
    return out.reshape(*planes, *image).astype(dtype, copy=False)


def max_pool_gather(input, indices, image):
    """out[n, c, p, q] = input[n, c].flat[indices[n, c, p, q]], the gradient of max_pool_backward and of max_unpool

    input (..., *image), indices (..., P, Q) -> (..., P, Q)
    """
    planes, output = _split(indices.shape, len(image))
    M, O = math.prod(planes), math.prod(output)
    dtype, (input,) = working_arrays(input)
    out = np.empty((M, O), input.dtype)
    _gather(input.reshape(M, math.prod(image)), np.ascontiguousarray(indices).reshape(M, O), out)
    return out.reshape(indices.shape).astype(dtype, copy=False)


def max_unpool(input, indices, image):
    """out[n, c].flat[indices[n, c, p, q]] = input[n, c, p, q], zero elsewhere; the last of several wins

    input (..., P, Q), indices (..., P, Q) -> (..., *image). IndexError for an index outside the image.
    """
    planes, output = _split(input.shape, len(image))
    O, size = math.prod(output), math.prod(image)
    if indices.size and not 0 <= indices.min() <= indices.max() < size:
        bad = indices[(indices < 0) | (indices >= size)].flat[0]
        raise RuntimeError(f"Found an invalid max index: {bad} (output volumes are of size {'x'.join(map(str, image))}")
    out = np.zeros((*planes, size), input.dtype)                                        # (..., H*W)
    np.put_along_axis(out, indices.reshape(*planes, O), input.reshape(*planes, O), axis=-1)
    return out.reshape(*planes, *image)


# ---------------------------------------------------------------------------------------------------------------- mean
def avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """out[n, c, p, q] = sum_r,s input[n, c, p*stride + r - padding, q*stride + s - padding] / divisor[p, q]

    input (..., H, W) -> (..., P, Q). The divisor is divisor_override, or the size of the window, with the padding it
    covers or (count_include_pad=False) without.
    """
    image = input.shape[-len(kernel_size):]
    return _avg_pool(input, *_mean_windows(
        image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def avg_pool_backward(grad, image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / divisor[p, q] over the windows (p, q) that cover (h, w)

    grad (..., P, Q) -> (..., *image)
    """
    return _avg_pool_backward(grad, image, *_mean_windows(
        image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def adaptive_avg_pool(input, output_size):
    """out[n, c, p, q] = mean of input[n, c, p*H // P : ceil((p+1)*H / P), q*W // Q : ceil((q+1)*W / Q)]

    input (..., H, W), output_size (P, Q) -> (..., P, Q)
    """
    windows = _adaptive_windows(input.shape[-len(output_size):], output_size)
    return _avg_pool(input, windows, _sizes(windows))


def adaptive_avg_pool_backward(grad, image):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / size of the window (p, q), over the windows that cover (h, w)

    grad (..., P, Q) -> (..., *image)
    """
    windows = _adaptive_windows(image, grad.shape[-len(image):])
    return _avg_pool_backward(grad, image, windows, _sizes(windows))


def _avg_pool(input, windows, divisor):
    planes, image = _split(input.shape, divisor.ndim)
    M, volume = math.prod(planes), _volume(divisor.shape)
    dtype, (input,) = working_arrays(input)
    out = np.empty((M, *volume), input.dtype)
    _mean(input.reshape(M, *_volume(image)), *_edges(windows), divisor.astype(input.dtype).reshape(volume), out)
    return out.reshape(*planes, *divisor.shape).astype(dtype, copy=False)


def _avg_pool_backward(grad, image, windows, divisor):
    planes, output = _split(grad.shape, divisor.ndim)
    M, volume = math.prod(planes), _volume(output)
    dtype, (grad,) = working_arrays(grad)
    out = np.zeros((M, *_volume(image)), grad.dtype)
    _mean_backward(grad.reshape(M, *volume), *_edges(windows), divisor.astype(grad.dtype).reshape(volume), out)
    return out.reshape(*planes, *image).astype(dtype, copy=False)


# ------------------------------------------------------------------------------------------------------------- windows
# For each axis the starts (P,) and stops (P,) of its ranges.

@functools.lru_cache(maxsize=256)
def _sliding_windows(image, kernel_size, stride, padding, dilation, ceil_mode, margin=(0, 0, 0)):
    """The windows of a sliding kernel, cut to the image and `margin` pixels around it."""
    windows = []
    for size, kernel, step, pad, gap, edge in zip(image, kernel_size, stride, padding, dilation, margin):
        starts = np.arange(pool_output_size(size, kernel, step, pad, gap, ceil_mode)) * step - pad
        stops = np.minimum(starts + gap * (kernel - 1) + 1, size + edge)
        outside = np.maximum(-edge - starts, 0)
        starts += -(-outside // gap) * gap                      # in whole steps of the dilation
        windows.append((starts, stops))
    return windows


@functools.lru_cache(maxsize=256)
def _adaptive_windows(image, output_size):
    """Windows that share the image out evenly; neighbours overlap where it does not come out even."""
    windows = []
    for size, count in zip(image, output_size):
        edges = np.arange(count + 1) * size
        windows.append((edges[:-1] // max(count, 1), -(-edges[1:] // max(count, 1))))
    return windows


@functools.lru_cache(maxsize=256)
def _mean_windows(image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The windows of avg_pool, and its divisor (P, Q)."""
    sliding = image, kernel_size, stride, padding, (1, 1, 1), ceil_mode
    windows = _sliding_windows(*sliding)
    divisor = _sizes(_sliding_windows(*sliding, margin=padding) if count_include_pad else windows)
    return windows, divisor if divisor_override is None else np.full_like(divisor, divisor_override)


def _sizes(windows):
    """The number of pixels in every window (P, Q)."""
    return math.prod(np.ix_(*(stops - starts for starts, stops in windows)))


def _split(shape, rank):
    """The shape of the planes, "...", and that of the image."""
    return shape[:-rank], shape[-rank:]


def _volume(sizes):
    """Three numbers for one, two or three: an image is a volume of one slice. (H, W) -> (1, H, W)"""
    return (1,) * (3 - len(sizes)) + tuple(sizes)


def _edges(windows):
    """The starts and stops of three axes in a row, as the loops take them."""
    slice = (np.zeros(1, np.int64), np.ones(1, np.int64))
    return [edge for axis in [slice] * (3 - len(windows)) + windows for edge in axis]


# --------------------------------------------------------------------------------------------------------------- loops
# A window of a volume is a window of each of its slices. One slice has loops of its own, so that images, which are one
# slice, take no longer than they must.

@jit(parallel=True)
def _max(input, fronts, backs, tops, bottoms, lefts, rights, slice_step, row_step, column_step, lowest, out, indices):
    """input (M, D, H, W), edges (1 or M, O), (1 or M, P), (1 or M, Q) -> out (M, O, P, Q), indices (M, O, P, Q)"""
    M, O = out.shape[:2]
    H, W = input.shape[2:]
    for m in prange(M):
        depth, row, column = m % len(fronts), m % len(tops), m % len(lefts)  # 0 where planes share their windows
        for o in range(O):
            _fill(out[m, o], lowest)
            _fill(indices[m, o], 0)
            for d in range(fronts[depth, o], backs[depth, o], slice_step):
                _max_slice(input[m, d], d * H * W, d == fronts[depth, o], tops[row], bottoms[row], lefts[column],
                           rights[column], row_step, column_step, out[m, o], indices[m, o])


@jit
def _max_slice(input, offset, first, tops, bottoms, lefts, rights, row_step, column_step, out, indices):
    """input (H, W), offset: its place in the volume -> out (P, Q), indices (P, Q)"""
    P, Q = out.shape
    W = input.shape[1]
    for p in range(P):
        for q in range(Q):
            best, index = out[p, q], indices[p, q]
            if first and tops[p] < bottoms[p] and lefts[q] < rights[q]:
                index = offset + tops[p] * W + lefts[q]
            for h in range(tops[p], bottoms[p], row_step):
                for w in range(lefts[q], rights[q], column_step):
                    value = input[h, w]
                    if value > best or value != value:  # only NaN differs from itself
                        best, index = value, offset + h * W + w
            out[p, q] = best
            indices[p, q] = index


@jit
def _fill(out, value):
    """out (P, Q)"""
    P, Q = out.shape
    for p in range(P):
        for q in range(Q):
            out[p, q] = value


@jit(parallel=True)
def _scatter(grad, indices, out):
    """grad (M, O*P*Q), indices (M, O*P*Q) -> out (M, D*H*W), zero before"""
    M, places = grad.shape
    for m in prange(M):
        for i in range(places):
            out[m, indices[m, i]] += grad[m, i]


@jit(parallel=True)
def _gather(input, indices, out):
    """input (M, D*H*W), indices (M, O*P*Q) -> out (M, O*P*Q)"""
    M, places = out.shape
    for m in prange(M):
        for i in range(places):
            out[m, i] = input[m, indices[m, i]]


@jit(parallel=True)
def _mean(input, fronts, backs, tops, bottoms, lefts, rights, divisor, out):
    """input (M, D, H, W), divisor (O, P, Q) -> out (M, O, P, Q)"""
    M, O = out.shape[:2]
    for m in prange(M):
        for o in range(O):
            _fill(out[m, o], 0)
            for d in range(fronts[o], backs[o]):
                _add_slice(input[m, d], tops, bottoms, lefts, rights, out[m, o])
            _divide(out[m, o], divisor[o])


@jit
def _add_slice(input, tops, bottoms, lefts, rights, out):
    """input (H, W) -> out (P, Q)"""
    P, Q = out.shape
    for p in range(P):
        for q in range(Q):
            total = out[p, q]
            for h in range(tops[p], bottoms[p]):
                for w in range(lefts[q], rights[q]):
                    total += input[h, w]
            out[p, q] = total


@jit
def _divide(out, divisor):
    """out (P, Q), divisor (P, Q)"""
    P, Q = out.shape
    for p in range(P):
        for q in range(Q):
            out[p, q] /= divisor[p, q]


@jit(parallel=True)
def _mean_backward(grad, fronts, backs, tops, bottoms, lefts, rights, divisor, out):
    """grad (M, O, P, Q), divisor (O, P, Q) -> out (M, D, H, W), zero before"""
    M, O = grad.shape[:2]
    for m in prange(M):
        for o in range(O):
            for d in range(fronts[o], backs[o]):
                _mean_slice_backward(grad[m, o], tops, bottoms, lefts, rights, divisor[o], out[m, d])


@jit
def _mean_slice_backward(grad, tops, bottoms, lefts, rights, divisor, out):
    """grad (P, Q), divisor (P, Q) -> out (H, W)"""
    P, Q = grad.shape
    for p in range(P):
        for q in range(Q):
            share = grad[p, q] / divisor[p, q]
            for h in range(tops[p], bottoms[p]):
                for w in range(lefts[q], rights[q]):
                    out[h, w] += share
