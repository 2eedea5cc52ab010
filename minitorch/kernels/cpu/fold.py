"""Cutting images into blocks, and adding blocks up to images.

Letters: N batch, C channels, H W image, R S block, P Q blocks along the height and the width.
"""
import math

import numpy as np

from ..._shapes import conv_output_size

__all__ = ["col2im", "im2col"]


def im2col(input, kernel_size, dilation, padding, stride):
    """out[n, (c, r, s), (p, q)] = input[n, c, p*stride + r*dilation - padding, q...], 0 in the padding

    input (N, C, H, W) -> (N, C*R*S, P*Q)
    """
    N, C, *image = input.shape
    padded = np.zeros((N, C, *(size + 2 * pad for size, pad in zip(image, padding))), input.dtype)
    padded[_inside(image, padding)] = input
    blocks, places = _places(image, kernel_size, dilation, padding, stride)
    out = np.empty((N, C, *kernel_size, *blocks), input.dtype)                          # (N, C, R, S, P, Q)
    for (r, s), place in places:
        out[:, :, r, s] = padded[place]
    return out.reshape(N, C * math.prod(kernel_size), math.prod(blocks))


def col2im(input, output_size, kernel_size, dilation, padding, stride):
    """out[n, c, p*stride + r*dilation - padding, q...] += input[n, (c, r, s), (p, q)], the transpose of im2col

    input (N, C*R*S, P*Q) -> (N, C, *output_size)
    """
    N, C = len(input), input.shape[1] // math.prod(kernel_size)
    padded = np.zeros((N, C, *(size + 2 * pad for size, pad in zip(output_size, padding))), input.dtype)
    blocks, places = _places(output_size, kernel_size, dilation, padding, stride)
    columns = input.reshape(N, C, *kernel_size, *blocks)                                # (N, C, R, S, P, Q)
    for (r, s), place in places:
        padded[place] += columns[:, :, r, s]
    return padded[_inside(output_size, padding)].copy()


def _inside(image, padding):
    """Where in a padded image the image lies."""
    return (..., *(slice(pad, pad + size) for size, pad in zip(image, padding)))


def _places(image, kernel_size, dilation, padding, stride):
    """(P, Q), and for each pixel (r, s) of a block the places in the padded image where all blocks have it."""
    blocks = tuple(map(conv_output_size, image, kernel_size, stride, padding, dilation))
    return blocks, [(pixel, (..., *(slice(r * gap, r * gap + count * step, step)
                                    for r, gap, count, step in zip(pixel, dilation, blocks, stride))))
                    for pixel in np.ndindex(*kernel_size)]
