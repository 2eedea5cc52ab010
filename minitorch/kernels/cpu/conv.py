"""Convolution as a sum of shifted images.

Lay each channel out flat. A tap of the filter then sees the whole image moved by a constant, so that with o for a
position in the output

    output         out[n, k, o]                  = sum_t    weight[k, t] * image[n, o + shift[t]]
    input grad     image_grad[n, o + shift[t]]  += sum_k    weight[k, t] * grad[n, k, o]           for every tap t
    weight grad    weight_grad[k, t]             = sum_n,o  grad[n, k, o] * image[n, o + shift[t]]

Padding, stride and dilation only decide the layout and the shifts (_Layout); the loops know nothing of them, nor of the
rank of the image. They run in parallel over batch and channels, and every item owns what it writes.

Float32 images and sequences go to _direct.py, where the same sums stay in registers, or, with filters of 3 x 3, to
_winograd.py, which needs fewer products. With filters of one pixel a convolution is a product of matrices,
weight (K, C) @ image (C, H*W), which is for matmul.py.

Letters: N batch, C channels, H W image, K out channels, R S filter, P Q output, G groups. For images of any rank, T is
the number of taps (R*S), L the length of a flat channel, O the number of output positions (P*Q).
"""
import functools
import math

import numpy as np

from ..._shapes import conv_output_size
from . import _direct, _winograd
from ._jit import jit, working_arrays
from .matmul import addmm, matmul

__all__ = ["convolution", "convolution_input_grad", "convolution_weight_grad"]


def convolution(input, weight, bias, stride, padding, dilation, groups):
    """out[n, k, p, q] = bias[k] + sum_c,r,s weight[k, c, r, s] * input[n, c, p*stride + r*dilation - padding, q...]

    input (N, C, *image), weight (K, C/G, *filter), bias (K,) or None -> (N, K, *output); stride, padding and dilation
    have one int for each axis of the image.
    """
    (N, C, *image), (K, _, *filter) = input.shape, weight.shape
    output = tuple(map(conv_output_size, image, filter, stride, padding, dilation))
    dtype, (input, weight) = working_arrays(input, weight)
    if bias is not None:
        bias = np.ascontiguousarray(bias, input.dtype)
    if _mixes_channels(input, image, filter, stride, padding, output):
        pixels, weight = _matrices(input, groups), weight.reshape(groups, K // groups, C // groups)
        out = matmul(weight, pixels) if bias is None else addmm(bias.reshape(groups, -1, 1), weight, pixels)
        return out.reshape(N, K, *output).astype(dtype, copy=False)                     # (N, G, K/G, P*Q) -> ...
    bias = np.zeros(K, input.dtype) if bias is None else bias
    if _winograd.takes(input, K, filter, stride, padding, dilation, groups):
        out = _winograd.convolution(input, weight, bias, output, padding)
        if out is not None:
            return out.astype(dtype, copy=False)
    if _direct.takes(input, weight, output):
        out = _direct.convolution(input, weight, bias, output, stride, padding, dilation, groups)
        return out.astype(dtype, copy=False)

    layout = _layout(tuple(image), tuple(filter), output, stride, padding, dilation)
    L, T, O = layout.sizes
    image = layout.flatten(input).reshape(N, groups, C // groups * L)                   # (N, C, L) -> (N, G, C/G*L)
    shifts = _offsets(C // groups, L)[:, None] + layout.shifts                          # (C/G, T)
    out = np.empty((N, K, O), input.dtype)
    _convolution[N * K, out.size * T](image, weight.reshape(K, C // groups * T), bias, shifts.ravel(), layout.rows,
                                      out)
    return out.reshape(N, K, *layout.output).astype(dtype, copy=False)                  # (N, K, O) -> (N, K, P, Q)


def convolution_input_grad(grad, weight, input_shape, stride, padding, dilation, groups):
    """input_grad[n, c, p*stride + r*dilation - padding, q...] += sum_k weight[k, c, r, s] * grad[n, k, p, q]

    grad (N, K, *output), weight (K, C/G, *filter) -> input_shape (N, C, *image). As a forward pass this is transposed
    convolution; pixels that no window touches are zero.
    """
    (N, K, *output), (_, _, *filter), (_, C, *image) = grad.shape, weight.shape, input_shape
    dtype, (grad, weight) = working_arrays(grad, weight)
    if _mixes_channels(grad, image, filter, stride, padding, output):
        weight = weight.reshape(groups, K // groups, C // groups).swapaxes(1, 2)        # (G, C/G, K/G)
        out = matmul(weight, _matrices(grad, groups))                                   # (N, G, C/G, H*W)
        return out.reshape(input_shape).astype(dtype, copy=False)
    if _winograd.takes(grad, C, filter, stride, padding, dilation, groups):
        out = _winograd.input_grad(grad, weight, image, padding)
        if out is not None:
            return out.astype(dtype, copy=False)
    # _direct.py multiplies with padding too, and inf * 0 is nan.
    if _direct.takes(grad, weight, image) and math.isfinite(np.vdot(weight, weight)):
        out = _direct.input_grad(grad, weight, tuple(image), stride, padding, dilation, groups)
        return out.astype(dtype, copy=False)

    layout = _layout(tuple(image), tuple(filter), tuple(output), stride, padding, dilation)
    L, T, O = layout.sizes
    weight = weight.reshape(groups, K // groups, C // groups, T).transpose(0, 2, 3, 1)  # (G, C/G, T, K/G)
    weight = np.ascontiguousarray(weight).reshape(C, T, K // groups)                    # (C, T, K/G)
    flat = np.zeros((N, C, L), grad.dtype)
    _input_grad[N * C, grad.size * T](grad.reshape(N, groups, K // groups * O), weight, _offsets(K // groups, O),
                                      layout.shifts, layout.rows, flat)
    return layout.unflatten(flat).astype(dtype, copy=False)                             # (N, C, L) -> (N, C, H, W)


def convolution_weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    """weight_grad[k, c, r, s] = sum_n,p,q grad[n, k, p, q] * input[n, c, p*stride + r*dilation - padding, q...]

    grad (N, K, *output), input (N, C, *image) -> weight_shape (K, C/G, *filter).
    """
    (N, K, *output), (_, C, *image), (_, _, *filter) = grad.shape, input.shape, weight_shape
    dtype, (grad, input) = working_arrays(grad, input)
    if _winograd.takes(grad, C, filter, stride, padding, dilation, groups):
        out = _winograd.weight_grad(grad, input, padding)
        if out is not None:
            return out.astype(dtype, copy=False)
    if _direct.takes(grad, input, filter):
        out = _direct.weight_grad(grad, input, tuple(weight_shape), stride, padding, dilation, groups)
        return out.astype(dtype, copy=False)

    layout = _layout(tuple(image), tuple(filter), tuple(output), stride, padding, dilation)
    L, T, O = layout.sizes
    out = np.zeros((C, T, K // groups), grad.dtype)
    _weight_grad[C * T, grad.size * T](layout.flatten(input), grad.reshape(N, groups, K // groups * O),
                                       _offsets(K // groups, O), layout.shifts, layout.rows, out)
    out = out.reshape(groups, C // groups, T, K // groups).transpose(0, 3, 1, 2)        # (G, K/G, C/G, T)
    return np.ascontiguousarray(out, dtype).reshape(weight_shape)                       # (K, C/G, R, S)


def _mixes_channels(input, image, filter, stride, padding, output):
    """Whether an output is made of one pixel of each channel, the one in its place."""
    return (input.dtype.kind == "f" and math.prod(filter) == math.prod(stride) == 1 and not any(padding)
            and tuple(image) == tuple(output))


def _matrices(image, groups):
    """(N, C, H, W) -> (N, G, C/G, H*W)"""
    N, C, *size = image.shape
    return image.reshape(N, groups, C // groups, math.prod(size))


def _offsets(count, size):
    """Where each of `count` flat blocks of `size` elements begins."""
    return np.arange(count) * size


class _Layout:
    """How images lie flat, and which shift makes a tap of the filter meet the pixel it belongs to.

    With stride 1 a flat image is the padded image, row after row. With stride 2 its even rows come first and then the
    odd ones: windows that lie two rows apart meet the same kind of row, one row apart. In general there are `stride`
    *phases* of each axis, and window p meets tap r in phase r*dilation % stride, at p + r*dilation // stride.

    shifts (T,)  the distance from an output position to the pixel under each tap
    rows (P,)    where the rows of the output begin; positions of one row are neighbours
    """

    def __init__(self, image, filter, output, stride, padding, dilation):
        self.image, self.output, self.stride, self.padding = image, output, stride, padding
        self.phase = tuple(-(-(size + 2 * pad) // step) for size, pad, step in zip(image, padding, stride))
        column = np.array((stride, dilation))[:, :, None]                               # (2, rank, 1)
        taps = np.indices(filter).reshape(len(filter), -1)                              # (rank, T)
        steps, phases = np.divmod(taps * column[1], column[0])                          # (rank, T) each
        self.shifts = np.ravel_multi_index((*phases, *steps), (*stride, *self.phase))   # (T,)
        windows = np.indices((*output[:-1], 1)).reshape(len(output), -1)                # (rank, P), q = 0
        self.rows = np.ravel_multi_index(tuple(windows), self.phase)                    # (P,)
        self.sizes = math.prod(stride + self.phase), math.prod(filter), math.prod(output)

    @property
    def _padded(self):
        """The shape of a padded image, of whole phases, and where in it the image lies."""
        shape = tuple(step * size for step, size in zip(self.stride, self.phase))
        return shape, (..., *(slice(pad, pad + size) for pad, size in zip(self.padding, self.image)))

    def flatten(self, image):
        """(N, C, H, W) -> (N, C, L)"""
        shape, inside = self._padded
        if shape != self.image:
            padded = np.zeros(image.shape[:2] + shape, image.dtype)
            padded[inside] = image
            image = padded
        N, C, rank = *image.shape[:2], len(shape)
        pairs = [size for pair in zip(self.phase, self.stride) for size in pair]
        axes = 0, 1, *range(3, 2 + 2 * rank, 2), *range(2, 2 + 2 * rank, 2)
        split = image.reshape(N, C, *pairs).transpose(axes)                             # (N, C, *stride, *phase)
        return np.ascontiguousarray(split).reshape(N, C, self.sizes[0])

    def unflatten(self, flat):
        """(N, C, L) -> (N, C, H, W), without the padding"""
        shape, inside = self._padded
        N, C, rank = *flat.shape[:2], len(shape)
        axes = 0, 1, *(axis for i in range(rank) for axis in (2 + rank + i, 2 + i))
        pairs = flat.reshape(N, C, *self.stride, *self.phase).transpose(axes)           # (N, C, phase, stride, ...)
        return np.ascontiguousarray(pairs.reshape(N, C, *shape)[inside])


_layout = functools.lru_cache(maxsize=256)(_Layout)


@jit(fast=True)
def _convolution(item, image, weight, bias, shifts, rows, out):
    """image (N, G, C/G*L), weight (K, C/G*T), bias (K,), shifts (C/G*T,), rows (P,) -> out (N, K, P*Q)

    An item is a channel of an image of the output.
    """
    N, K, O = out.shape
    P, K_per_group = rows.size, K // image.shape[1]
    Q = O // P
    n, k = divmod(item, K)
    # One run over the flat image also visits the positions between two rows, where a window would stick out.
    run = np.empty(rows[P - 1] + Q, out.dtype)
    for j in range(run.size):
        run[j] = bias[k]
    _add_shifted(run, image[n, k // K_per_group], shifts, weight[k])
    for p in range(P):
        source, target = run[rows[p]:rows[p] + Q], out[n, k, p * Q:(p + 1) * Q]
        for q in range(Q):
            target[q] = source[q]


@jit(fast=True)
def _input_grad(item, grad, weight, channels, shifts, rows, out):
    """grad (N, G, K/G*O), weight (C, T, K/G), channels (K/G,), shifts (T,), rows (P,) -> out (N, C, L), zero before

    An item is a channel of an image.
    """
    N, C, _ = out.shape
    T, P, C_per_group = shifts.size, rows.size, C // grad.shape[1]
    O = grad.shape[2] // channels.size
    Q = O // P
    n, c = divmod(item, C)
    product = np.empty(O, out.dtype)
    for t in range(T):
        for o in range(O):
            product[o] = 0
        _add_shifted(product, grad[n, c // C_per_group], channels, weight[c, t])
        for p in range(P):
            start = shifts[t] + rows[p]
            source, target = product[p * Q:(p + 1) * Q], out[n, c, start:start + Q]
            for q in range(Q):
                target[q] += source[q]


@jit(fast=True)
def _weight_grad(item, image, grad, channels, shifts, rows, out):
    """image (N, C, L), grad (N, G, K/G*O), channels (K/G,), shifts (T,), rows (P,) -> out (C, T, K/G), zero before

    An item is a tap of a channel.
    """
    N, C, _ = image.shape
    T, P, C_per_group = shifts.size, rows.size, C // grad.shape[1]
    O = grad.shape[2] // channels.size
    Q = O // P
    c, t = divmod(item, T)
    pixels = np.empty(O, out.dtype)
    for n in range(N):
        for p in range(P):
            start = shifts[t] + rows[p]
            source, target = image[n, c, start:start + Q], pixels[p * Q:(p + 1) * Q]
            for q in range(Q):
                target[q] = source[q]
        _add_dots(out[c, t], grad[n, c // C_per_group], channels, pixels)


# The two inner loops are each other's transpose. Both take four shifts at a time, which then share the loads and stores
# of `total` and `pixels`: memory is the narrow place. Each slice is indexed from 0, because in an index like shift + j
# Numba would look out for negative values, and a loop with that test does not become SIMD code.

@jit(fast=True)
def _add_shifted(total, source, shifts, weights):
    """total[j] += sum_t weights[t] * source[shifts[t] + j]"""
    J, T = total.size, shifts.size
    for t in range(0, T - 3, 4):
        w0, w1, w2, w3 = weights[t], weights[t + 1], weights[t + 2], weights[t + 3]
        s0 = source[shifts[t]:shifts[t] + J]
        s1 = source[shifts[t + 1]:shifts[t + 1] + J]
        s2 = source[shifts[t + 2]:shifts[t + 2] + J]
        s3 = source[shifts[t + 3]:shifts[t + 3] + J]
        for j in range(J):
            total[j] += w0 * s0[j] + w1 * s1[j] + w2 * s2[j] + w3 * s3[j]
    for t in range(T // 4 * 4, T):
        w0, s0 = weights[t], source[shifts[t]:shifts[t] + J]
        for j in range(J):
            total[j] += w0 * s0[j]


@jit(fast=True)
def _add_dots(total, source, shifts, pixels):
    """total[t] += sum_j pixels[j] * source[shifts[t] + j]"""
    J, T = pixels.size, shifts.size
    zero = total.dtype.type(0)
    for t in range(0, T - 3, 4):
        s0 = source[shifts[t]:shifts[t] + J]
        s1 = source[shifts[t + 1]:shifts[t + 1] + J]
        s2 = source[shifts[t + 2]:shifts[t + 2] + J]
        s3 = source[shifts[t + 3]:shifts[t + 3] + J]
        dot0 = dot1 = dot2 = dot3 = zero
        for j in range(J):
            dot0 += pixels[j] * s0[j]
            dot1 += pixels[j] * s1[j]
            dot2 += pixels[j] * s2[j]
            dot3 += pixels[j] * s3[j]
        total[t] += dot0
        total[t + 1] += dot1
        total[t + 2] += dot2
        total[t + 3] += dot3
    for t in range(T // 4 * 4, T):
        dot0, s0 = zero, source[shifts[t]:shifts[t] + J]
        for j in range(J):
            dot0 += pixels[j] * s0[j]
        total[t] += dot0
