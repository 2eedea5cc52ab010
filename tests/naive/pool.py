"""Pooling from its definition: list the pixels of a window, then take their maximum or their mean."""
import math

import numpy as np


def max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    return max_over(input, sliding(input.shape, kernel_size, stride, padding, dilation, ceil_mode))


def adaptive_max_pool2d_with_indices(input, output_size):
    return max_over(input, adaptive(input.shape, output_size))


def max_pool2d_backward(grad, indices, input_shape):
    input_grad = np.zeros(input_shape, grad.dtype)
    for n, c, p, q in np.ndindex(grad.shape):
        input_grad[n, c].flat[indices[n, c, p, q]] += grad[n, c, p, q]
    return input_grad


def max_pool2d_gather(input, indices):
    out = np.empty(indices.shape, input.dtype)
    for n, c, p, q in np.ndindex(indices.shape):
        out[n, c, p, q] = input[n, c].flat[indices[n, c, p, q]]
    return out


def avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    windows = sliding(input.shape, kernel_size, stride, padding, (1, 1), ceil_mode)
    return mean_over(input, windows, divisors(input.shape, windows, padding, count_include_pad, divisor_override))


def avg_pool2d_backward(grad, input_shape, kernel_size, stride, padding, ceil_mode, count_include_pad,
                        divisor_override):
    windows = sliding(input_shape, kernel_size, stride, padding, (1, 1), ceil_mode)
    divisor = divisors(input_shape, windows, padding, count_include_pad, divisor_override)
    return mean_over_backward(grad, input_shape, windows, divisor)


def adaptive_avg_pool2d(input, output_size):
    windows = adaptive(input.shape, output_size)
    return mean_over(input, windows, divisors(input.shape, windows, (0, 0), True, None))


def adaptive_avg_pool2d_backward(grad, input_shape):
    windows = adaptive(input_shape, grad.shape[2:])
    return mean_over_backward(grad, input_shape, windows, divisors(input_shape, windows, (0, 0), True, None))


def sliding(shape, kernel_size, stride, padding, dilation, ceil_mode):
    """For either axis a list of windows, a window being the list of its positions, in the padding and beyond it too."""
    axes = []
    for size, kernel, step, pad, gap in zip(shape[2:], kernel_size, stride, padding, dilation):
        windows, start = [], -pad
        slack = step - 1 if ceil_mode else 0          # how far the last window may stick out
        while start + gap * (kernel - 1) < size + pad + slack and (start < size or not ceil_mode):
            windows.append([start + r * gap for r in range(kernel)])
            start += step
        axes.append(windows)
    return axes


def adaptive(shape, output_size):
    return [[list(range(math.floor(p * size / count), math.ceil((p + 1) * size / count))) for p in range(count)]
            for size, count in zip(shape[2:], output_size)]


def pixels(shape, windows, p, q):
    """The pixels of window (p, q) that are in the image."""
    return [(h, w) for h in windows[0][p] for w in windows[1][q] if 0 <= h < shape[2] and 0 <= w < shape[3]]


def max_over(input, windows):
    shape = *input.shape[:2], len(windows[0]), len(windows[1])
    out, indices = np.full(shape, -np.inf), np.zeros(shape, np.int64)
    for n, c, p, q in np.ndindex(shape):
        inside = pixels(input.shape, windows, p, q)
        values = [input[n, c, h, w] for h, w in inside]
        if inside:
            nans = [i for i, value in enumerate(values) if np.isnan(value)]
            best = nans[-1] if nans else values.index(max(values))
            out[n, c, p, q], indices[n, c, p, q] = values[best], inside[best][0] * input.shape[3] + inside[best][1]
    return out.astype(input.dtype), indices


def divisors(shape, windows, padding, count_include_pad, divisor_override):
    divisor = np.empty((len(windows[0]), len(windows[1])))
    for p, q in np.ndindex(divisor.shape):
        padded = [(h, w) for h in windows[0][p] for w in windows[1][q]
                  if h < shape[2] + padding[0] and w < shape[3] + padding[1]]
        counted = padded if count_include_pad else pixels(shape, windows, p, q)
        divisor[p, q] = divisor_override or len(counted)
    return divisor


def mean_over(input, windows, divisor):
    out = np.zeros((*input.shape[:2], *divisor.shape), input.dtype)
    for n, c, p, q in np.ndindex(out.shape):
        out[n, c, p, q] = sum(input[n, c, h, w] for h, w in pixels(input.shape, windows, p, q)) / divisor[p, q]
    return out


def mean_over_backward(grad, input_shape, windows, divisor):
    input_grad = np.zeros(input_shape, grad.dtype)
    for n, c, p, q in np.ndindex(grad.shape):
        for h, w in pixels(input_shape, windows, p, q):
            input_grad[n, c, h, w] += grad[n, c, p, q] / divisor[p, q]
    return input_grad
