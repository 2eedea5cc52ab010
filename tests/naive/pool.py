"""Pooling from its definition: list the pixels of a window, then take their maximum or their mean."""
import itertools
import math

import numpy as np


def max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    return max_over(input, sliding(input.shape[2:], kernel_size, stride, padding, dilation, ceil_mode))


def adaptive_max_pool_with_indices(input, output_size):
    return max_over(input, adaptive(input.shape[2:], output_size))


def max_pool_backward(grad, indices, image):
    input_grad = np.zeros((*grad.shape[:2], *image), grad.dtype)
    for n, c, *place in np.ndindex(grad.shape):
        input_grad[n, c].flat[indices[(n, c, *place)]] += grad[(n, c, *place)]
    return input_grad


def max_pool_gather(input, indices, image):
    out = np.empty(indices.shape, input.dtype)
    for n, c, *place in np.ndindex(indices.shape):
        out[(n, c, *place)] = input[n, c].flat[indices[(n, c, *place)]]
    return out


def max_unpool(input, indices, image):
    out = np.zeros((*input.shape[:2], *image), input.dtype)
    for n, c, *place in np.ndindex(input.shape):
        out[n, c].flat[indices[(n, c, *place)]] = input[(n, c, *place)]
    return out


def fractional_max_pool_with_indices(input, random_samples, kernel_size, output_size):
    out = np.empty((*input.shape[:2], *output_size)), np.empty((*input.shape[:2], *output_size), np.int32)
    for n, c in np.ndindex(input.shape[:2]):
        samples = random_samples[n, c][::-1] if len(output_size) == 2 else random_samples[n, c]
        axes = zip(input.shape[2:], kernel_size, output_size, samples)
        windows = [[range(start, start + kernel) for start in fractional(size, kernel, count, sample)]
                   for size, kernel, count, sample in axes]
        out[0][n, c], out[1][n, c] = (result[0, 0] for result in max_over(input[n:n + 1, c:c + 1], windows))
    return out


def fractional(size, kernel, count, sample):
    """The starts of windows that are (size - kernel) / (count - 1) apart on average."""
    step = (size - kernel) / max(count - 1, 1)
    return [int((p + sample) * step) - int(sample * step) for p in range(count - 1)] + [size - kernel]


def avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    windows = sliding(input.shape[2:], kernel_size, stride, padding, (1, 1, 1), ceil_mode)
    return mean_over(input, windows, divisors(input.shape[2:], windows, padding, count_include_pad, divisor_override))


def avg_pool_backward(grad, image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    windows = sliding(image, kernel_size, stride, padding, (1, 1, 1), ceil_mode)
    divisor = divisors(image, windows, padding, count_include_pad, divisor_override)
    return mean_over_backward(grad, image, windows, divisor)


def adaptive_avg_pool(input, output_size):
    image = input.shape[2:]
    windows = adaptive(image, output_size)
    return mean_over(input, windows, divisors(image, windows, (0, 0, 0), True, None))


def adaptive_avg_pool_backward(grad, image):
    windows = adaptive(image, grad.shape[2:])
    return mean_over_backward(grad, image, windows, divisors(image, windows, (0, 0, 0), True, None))


def sliding(image, kernel_size, stride, padding, dilation, ceil_mode):
    """For each axis a list of windows, a window being the list of its positions, in the padding and beyond it too."""
    axes = []
    for size, kernel, step, pad, gap in zip(image, kernel_size, stride, padding, dilation):
        windows, start = [], -pad
        slack = step - 1 if ceil_mode else 0          # how far the last window may stick out
        while start + gap * (kernel - 1) < size + pad + slack and (start < size or not ceil_mode):
            windows.append([start + r * gap for r in range(kernel)])
            start += step
        axes.append(windows)
    return axes


def adaptive(image, output_size):
    return [[list(range(math.floor(p * size / count), math.ceil((p + 1) * size / count))) for p in range(count)]
            for size, count in zip(image, output_size)]


def pixels(image, windows, place):
    """The pixels of the window at `place`, (p, q), that are in the image."""
    positions = itertools.product(*(axis[p] for axis, p in zip(windows, place)))
    return [pixel for pixel in positions if all(0 <= h < size for h, size in zip(pixel, image))]


def max_over(input, windows):
    image = input.shape[2:]
    shape = *input.shape[:2], *map(len, windows)
    out, indices = np.full(shape, -np.inf), np.zeros(shape, np.int32)
    for n, c, *place in np.ndindex(shape):
        inside = pixels(image, windows, place)
        values = [input[(n, c, *pixel)] for pixel in inside]
        if inside:
            nans = [i for i, value in enumerate(values) if np.isnan(value)]
            best = nans[-1] if nans else values.index(max(values))
            out[(n, c, *place)] = values[best]
            indices[(n, c, *place)] = np.ravel_multi_index(inside[best], image)
    return out.astype(input.dtype), indices


def divisors(image, windows, padding, count_include_pad, divisor_override):
    divisor = np.empty(tuple(map(len, windows)))
    for place in np.ndindex(divisor.shape):
        positions = itertools.product(*(axis[p] for axis, p in zip(windows, place)))
        padded = [pixel for pixel in positions if all(h < size + pad for h, size, pad in zip(pixel, image, padding))]
        counted = padded if count_include_pad else pixels(image, windows, place)
        divisor[place] = divisor_override or len(counted)
    return divisor


def mean_over(input, windows, divisor):
    out = np.zeros((*input.shape[:2], *divisor.shape), input.dtype)
    for n, c, *place in np.ndindex(out.shape):
        inside = pixels(input.shape[2:], windows, place)
        out[(n, c, *place)] = sum(input[(n, c, *pixel)] for pixel in inside) / divisor[tuple(place)]
    return out


def mean_over_backward(grad, image, windows, divisor):
    input_grad = np.zeros((*grad.shape[:2], *image), grad.dtype)
    for n, c, *place in np.ndindex(grad.shape):
        for pixel in pixels(image, windows, place):
            input_grad[(n, c, *pixel)] += grad[(n, c, *place)] / divisor[tuple(place)]
    return input_grad
