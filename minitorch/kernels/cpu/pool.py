"""Pooling: a maximum or a mean over windows of an image.

On each axis a window is range(start, stop, step) of pixels, already cut to the image. Sliding and adaptive pooling
differ only in these numbers, which NumPy works out first (_sliding_windows, _adaptive_windows), so they share their
loops. Parallel over batch and channels: an item owns one plane of the output.

Letters: N batch, C channels, H W image, P Q output; "..." is N, C, or C alone for one image, M its number of planes.
A NaN in a window is its maximum.
"""
import math

import numpy as np

from ..._shapes import pool_output_size
from ._jit import jit, prange, working_arrays

__all__ = [
    "max_pool2d_with_indices", "max_pool2d_backward", "max_pool2d_gather", "avg_pool2d", "avg_pool2d_backward",
    "adaptive_avg_pool2d", "adaptive_avg_pool2d_backward", "adaptive_max_pool2d_with_indices"]


def max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    """out[n, c, p, q] = max_r,s input[n, c, p*stride + r*dilation - padding, q...], and where in the plane it stood

    input (..., H, W) -> out (..., P, Q), int64 indices (..., P, Q) into the H*W pixels of a plane: the first of equal
    maxima, or the last NaN.
    """
    windows = _sliding_windows(input.shape[-2:], kernel_size, stride, padding, dilation, ceil_mode)
    return _max_pool(input, windows, dilation)


def adaptive_max_pool2d_with_indices(input, output_size):
    """out[n, c, p, q] = max of input[n, c, p*H // P : ceil((p+1)*H / P), q...], and where in the plane it stood

    input (..., H, W), output_size (P, Q) -> out (..., P, Q), int64 indices (..., P, Q)
    """
    return _max_pool(input, _adaptive_windows(input.shape[-2:], output_size), (1, 1))


def _max_pool(input, windows, steps):
    (*planes, H, W), (P, Q), M = input.shape, (len(starts) for starts, _ in windows), math.prod(input.shape[:-2])
    dtype, (input,) = working_arrays(input)
    # What a window without any pixel gives; dilation steps over the whole of a very small image.
    lowest = input.dtype.type(-np.inf if input.dtype.kind == "f" else np.iinfo(dtype).min)
    out, indices = np.empty((M, P, Q), input.dtype), np.empty((M, P, Q), np.int64)
    _max(input.reshape(M, H, W), *windows[0], *windows[1], *steps, lowest, out, indices)
    return out.reshape(*planes, P, Q).astype(dtype, copy=False), indices.reshape(*planes, P, Q)


def max_pool2d_backward(grad, indices, input_shape):
    """input_grad[n, c].flat[indices[n, c, p, q]] += grad[n, c, p, q], for sliding and adaptive windows

    grad (..., P, Q), indices (..., P, Q) as the forward pass gave them -> input_shape (..., H, W)
    """
    (*planes, H, W), (*_, P, Q) = input_shape, grad.shape
    M = math.prod(planes)
    dtype, (grad,) = working_arrays(grad)
    out = np.zeros((M, H * W), grad.dtype)
    _scatter(grad.reshape(M, P * Q), np.ascontiguousarray(indices).reshape(M, P * Q), out)
    return out.reshape(input_shape).astype(dtype, copy=False)


def max_pool2d_gather(input, indices):
    """out[n, c, p, q] = input[n, c].flat[indices[n, c, p, q]], the gradient of max_pool2d_backward

    input (..., H, W), indices (..., P, Q) -> (..., P, Q)
    """
    (*planes, H, W), (*_, P, Q) = input.shape, indices.shape
    flat = np.take_along_axis(input.reshape(*planes, H * W), indices.reshape(*planes, P * Q), axis=-1)  # (..., P*Q)
    return flat.reshape(*planes, P, Q)


def avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """out[n, c, p, q] = sum_r,s input[n, c, p*stride + r - padding, q*stride + s - padding] / divisor[p, q]

    input (..., H, W) -> (..., P, Q). The divisor is divisor_override, or the size of the window, with the padding it
    covers or (count_include_pad=False) without.
    """
    return _avg_pool(input, *_mean_windows(
        input.shape[-2:], kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def avg_pool2d_backward(
        grad, input_shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / divisor[p, q] over the windows (p, q) that cover (h, w)

    grad (..., P, Q) -> input_shape (..., H, W)
    """
    return _avg_pool_backward(grad, input_shape, *_mean_windows(
        tuple(input_shape[-2:]), kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def adaptive_avg_pool2d(input, output_size):
    """out[n, c, p, q] = mean of input[n, c, p*H // P : ceil((p+1)*H / P), q*W // Q : ceil((q+1)*W / Q)]

    input (..., H, W), output_size (P, Q) -> (..., P, Q)
    """
    windows = _adaptive_windows(input.shape[-2:], output_size)
    return _avg_pool(input, windows, _sizes(windows))


def adaptive_avg_pool2d_backward(grad, input_shape):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / size of the window (p, q), over the windows that cover (h, w)

    grad (..., P, Q) -> input_shape (..., H, W)
    """
    windows = _adaptive_windows(input_shape[-2:], grad.shape[-2:])
    return _avg_pool_backward(grad, input_shape, windows, _sizes(windows))


def _avg_pool(input, windows, divisor):
    (*planes, H, W), (P, Q), M = input.shape, divisor.shape, math.prod(input.shape[:-2])
    dtype, (input,) = working_arrays(input)
    out = np.empty((M, P, Q), input.dtype)
    _mean(input.reshape(M, H, W), *windows[0], *windows[1], divisor.astype(input.dtype), out)
    return out.reshape(*planes, P, Q).astype(dtype, copy=False)


def _avg_pool_backward(grad, input_shape, windows, divisor):
    (*planes, H, W), (P, Q) = input_shape, divisor.shape
    M = math.prod(planes)
    dtype, (grad,) = working_arrays(grad)
    out = np.zeros((M, H, W), grad.dtype)
    _mean_backward(grad.reshape(M, P, Q), *windows[0], *windows[1], divisor.astype(grad.dtype), out)
    return out.reshape(input_shape).astype(dtype, copy=False)


# Windows: for each of the two axes the starts (P,) and stops (P,) of its ranges.

def _sliding_windows(image, kernel_size, stride, padding, dilation, ceil_mode, margin=(0, 0)):
    """The windows of a sliding kernel, cut to the image and `margin` pixels around it."""
    windows = []
    for size, kernel, step, pad, gap, edge in zip(image, kernel_size, stride, padding, dilation, margin):
        starts = np.arange(pool_output_size(size, kernel, step, pad, gap, ceil_mode)) * step - pad
        stops = np.minimum(starts + gap * (kernel - 1) + 1, size + edge)
        outside = np.maximum(-edge - starts, 0)
        starts += -(-outside // gap) * gap                      # in whole steps of the dilation
        windows.append((starts, stops))
    return windows


def _adaptive_windows(image, output_size):
    """Windows that share the image out evenly; neighbours overlap where it does not come out even."""
    windows = []
    for size, count in zip(image, output_size):
        edges = np.arange(count + 1) * size
        windows.append((edges[:-1] // max(count, 1), -(-edges[1:] // max(count, 1))))
    return windows


def _mean_windows(image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The windows of avg_pool2d, and its divisor (P, Q)."""
    sliding = image, kernel_size, stride, padding, (1, 1), ceil_mode
    windows = _sliding_windows(*sliding)
    divisor = _sizes(_sliding_windows(*sliding, margin=padding) if count_include_pad else windows)
    return windows, divisor if divisor_override is None else np.full_like(divisor, divisor_override)


def _sizes(windows):
    """The number of pixels in every window (P, Q)."""
    (top, bottom), (left, right) = windows
    return np.outer(bottom - top, right - left)


@jit(parallel=True)
def _max(input, tops, bottoms, lefts, rights, row_step, column_step, lowest, out, indices):
    """input (M, H, W) -> out (M, P, Q), indices (M, P, Q)"""
    M, P, Q = out.shape
    W = input.shape[2]
    for m in prange(M):
        for p in range(P):
            for q in range(Q):
                best, index = lowest, -1
                for h in range(tops[p], bottoms[p], row_step):
                    for w in range(lefts[q], rights[q], column_step):
                        value = input[m, h, w]
                        if index < 0 or value > best or value != value:  # only NaN differs from itself
                            best, index = value, h * W + w
                out[m, p, q] = best
                indices[m, p, q] = max(index, 0)


@jit(parallel=True)
def _scatter(grad, indices, out):
    """grad (M, P*Q), indices (M, P*Q) -> out (M, H*W), zero before"""
    M, O = grad.shape
    for m in prange(M):
        for o in range(O):
            out[m, indices[m, o]] += grad[m, o]


@jit(parallel=True)
def _mean(input, tops, bottoms, lefts, rights, divisor, out):
    """input (M, H, W), divisor (P, Q) -> out (M, P, Q)"""
    M, P, Q = out.shape
    zero = input.dtype.type(0)
    for m in prange(M):
        for p in range(P):
            for q in range(Q):
                total = zero
                for h in range(tops[p], bottoms[p]):
                    for w in range(lefts[q], rights[q]):
                        total += input[m, h, w]
                out[m, p, q] = total / divisor[p, q]


@jit(parallel=True)
def _mean_backward(grad, tops, bottoms, lefts, rights, divisor, out):
    """grad (M, P, Q), divisor (P, Q) -> out (M, H, W), zero before"""
    M, P, Q = grad.shape
    for m in prange(M):
        for p in range(P):
            for q in range(Q):
                share = grad[m, p, q] / divisor[p, q]
                for h in range(tops[p], bottoms[p]):
                    for w in range(lefts[q], rights[q]):
                        out[m, h, w] += share
