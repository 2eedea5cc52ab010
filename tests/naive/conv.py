"""Convolution from its definition: one product after the other, for images of any rank.

Every product pairs a pixel of the input, a weight and a position of the output. The three functions go through the same
products; each adds, to one of the three, the product of the other two.
"""
import numpy as np


def convolution(input, weight, bias, stride, padding, dilation, groups):
    reach = [d * (r - 1) + 1 for r, d in zip(weight.shape[2:], dilation)]
    output = [(h + 2 * pad - window) // step + 1
              for h, pad, window, step in zip(input.shape[2:], padding, reach, stride)]
    out = np.zeros((len(input), len(weight), *output), np.result_type(input, weight))
    for i, w, o in products(input.shape, weight.shape, out.shape, stride, padding, dilation, groups):
        out[o] += input[i] * weight[w]
    return out if bias is None else out + bias.reshape(-1, *[1] * len(output))


def convolution_input_grad(grad, weight, input_shape, stride, padding, dilation, groups):
    input_grad = np.zeros(input_shape, np.result_type(grad, weight))
    for i, w, o in products(input_shape, weight.shape, grad.shape, stride, padding, dilation, groups):
        input_grad[i] += weight[w] * grad[o]
    return input_grad


def convolution_weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    weight_grad = np.zeros(weight_shape, np.result_type(grad, input))
    for i, w, o in products(input.shape, weight_shape, grad.shape, stride, padding, dilation, groups):
        weight_grad[w] += grad[o] * input[i]
    return weight_grad


def products(input_shape, weight_shape, output_shape, stride, padding, dilation, groups):
    """The indices (n, c, *pixel), (k, c in its group, *tap) and (n, k, *position) of every product."""
    (_, _, *image), (K, C_per_group, *filter), (N, _, *output) = input_shape, weight_shape, output_shape
    for n, k, c in np.ndindex(N, K, C_per_group):
        channel = k // (K // groups) * C_per_group + c
        for position in np.ndindex(*output):
            for tap in np.ndindex(*filter):
                pixel = [p * step + r * gap - pad
                         for p, r, step, gap, pad in zip(position, tap, stride, dilation, padding)]
                if all(0 <= h < size for h, size in zip(pixel, image)):
                    yield (n, channel, *pixel), (k, c, *tap), (n, k, *position)
