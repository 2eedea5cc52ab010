"""Resizing images: along each axis, every output pixel is a weighted sum of a few input pixels.

So resizing one axis multiplies by a sparse matrix (P, H), row p holding the weights of output pixel p, and the gradient
multiplies by its transpose. The formulas below fill in the rows; SciPy multiplies.
"""
import functools
import math

import numpy as np

__all__ = ["resample", "resample_backward"]


def resample(input, output_size, scale_factors, mode, align_corners, antialias):
    """out[n, c] = A @ input[n, c] @ B.T, A (P, H) and B (Q, W) being the matrices of the two axes; so for any rank

    input (N, C, *image), output_size (P, Q), scale_factors a number or None (output size / input size) for each axis ->
    (N, C, P, Q). mode: "nearest", "nearest-exact", "linear", "cubic" or "lanczos".
    """
    return _multiply(input, [
        _matrix(size, count, factor, mode, align_corners, antialias, _precision(input.dtype))
        for size, count, factor in zip(input.shape[2:], output_size, scale_factors)])


def resample_backward(grad, image, scale_factors, mode, align_corners, antialias):
    """input_grad[n, c] = A.T @ grad[n, c] @ B, the transpose of resample: grad (N, C, *output) -> (N, C, *image)"""
    return _multiply(grad, [
        _matrix(size, count, factor, mode, align_corners, antialias, _precision(grad.dtype)).T
        for size, count, factor in zip(image, grad.shape[2:], scale_factors)])


def _multiply(input, matrices):
    """Multiply each axis of the image by its matrix."""
    out = input.astype(_precision(input.dtype), copy=False)
    for axis, matrix in enumerate(matrices, 2):
        along = np.moveaxis(out, axis, 0)                                               # (H, N, C, ...)
        product = matrix @ along.reshape(len(along), math.prod(along.shape[1:]))        # (P, N*C*...)
        out = np.moveaxis(product.reshape(len(product), *along.shape[1:]), 0, axis)
    if input.dtype == np.uint8:
        out = np.clip(np.rint(out), 0, 255)
    return np.ascontiguousarray(out, input.dtype)


def _precision(dtype):
    """Positions are computed as precisely as pixels, and it shows: 1.9999999 is not rounded like 2."""
    return np.float64 if dtype == np.float64 else np.float32


@functools.lru_cache(maxsize=256)
def _matrix(size, count, factor, mode, align_corners, antialias, dtype):
    """The matrix (count, size) that resizes an axis."""
    from scipy.sparse import csr_array

    if align_corners:
        step = dtype(size - 1) / dtype(count - 1) if count > 1 else dtype(0)
    else:
        step = dtype(size) / dtype(count) if factor is None else dtype(1 / factor)
    output = np.arange(count, dtype=dtype)
    if antialias:
        pixels, weights = _antialias(size, output, step, mode)
    else:
        pixels, weights = _RULES[mode](size, output, step, align_corners)               # (T, P) each
    rows = np.broadcast_to(np.arange(count), pixels.shape)
    where = np.ravel(rows), np.ravel(np.clip(pixels, 0, size - 1))
    return csr_array((np.ravel(weights).astype(dtype), where), shape=(count, size))


# For output pixels p (P,): the T input pixels that each is made of, and their weights, (T, P). From one output pixel to
# the next it is `step` input pixels. What lies outside the image stands for the pixel at the edge.

def _nearest(size, p, step, align_corners):
    return _one(np.floor(p * step))


def _nearest_exact(size, p, step, align_corners):
    return _one(np.floor((p + 0.5) * step))


def _one(pixels):
    return pixels.astype(np.int64)[None], np.ones_like(pixels)[None]                    # (1, P)


def _source(p, step, align_corners):
    """Where in the input an output pixel lies, if the centres of the corner pixels coincide or the images' corners."""
    return p * step if align_corners else (p + 0.5) * step - 0.5


def _linear(size, p, step, align_corners):
    source = np.clip(_source(p, step, align_corners), 0, size - 1)
    left = np.floor(source)
    part = source - left
    return np.stack([left, left + 1]).astype(np.int64), np.stack([1 - part, part])


def _cubic(size, p, step, align_corners):
    source = _source(p, step, align_corners)
    taps = np.floor(source) + np.arange(-1, 3)[:, None]                                 # (4, P)
    return taps.astype(np.int64), _cubic_filter(source - taps, -0.75)


def _cubic_filter(x, a):
    """Keys' cubic convolution, 0 from distance 2 on; it has slope a at distance 1."""
    x = abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


_RULES = {"nearest": _nearest, "nearest-exact": _nearest_exact, "linear": _linear, "cubic": _cubic}

_FILTERS = {  # mode: (its reach in pixels, its weight at a distance)
    "linear": (1, lambda x: np.maximum(1 - abs(x), 0)),
    "cubic": (2, lambda x: _cubic_filter(x, -0.5)),
    "lanczos": (3, lambda x: np.where(abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0))}


def _antialias(size, p, step, mode):
    """The filter stretched to cover all the pixels that come together in one, so that none is skipped."""
    reach, filter = _FILTERS[mode]
    stretch = max(step, 1)
    centre = (p + 0.5) * step
    first = np.maximum(np.trunc(centre - reach * stretch + 0.5), 0)                     # (P,)
    stop = np.minimum(np.trunc(centre + reach * stretch + 0.5), size)
    taps = first + np.arange(int((stop - first).max()))[:, None]                        # (T, P)
    weights = np.where(taps < stop, filter((taps - centre + 0.5) / stretch), 0)
    return taps.astype(np.int64), weights / weights.sum(0)
