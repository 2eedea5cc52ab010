"""Winograd's F(2x2, 3x3) from its matrices, a tile of 2 x 2 outputs after the other."""
import numpy as np

BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
G = np.array([[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]])
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def convolution(input, weight, bias, output, padding):
    out = np.zeros((len(input), len(weight), *output))
    for n, k, i, j, d, y in tiles(input, out, padding):
        for c in range(len(d)):
            y += AT @ ((G @ weight[k, c] @ G.T) * (BT @ d[c] @ BT.T)) @ AT.T
        y += bias[k]
        out[n, k, i:i + 2, j:j + 2] = y[:output[0] - i, :output[1] - j]
    return out


def input_grad(grad, weight, image, padding):
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    return convolution(grad, turned, np.zeros(len(turned)), image, [2 - pad for pad in padding])


def weight_grad(grad, input, padding):
    out = np.zeros((grad.shape[1], input.shape[1], 3, 3))
    for n, k, i, j, d, dy in tiles(input, grad, padding):
        there = grad[n, k, i:i + 2, j:j + 2]
        dy[:there.shape[0], :there.shape[1]] = there
        for c in range(len(d)):
            out[k, c] += G.T @ ((AT.T @ dy @ AT) * (BT @ d[c] @ BT.T)) @ G
    return out


def tiles(input, output, padding):
    """For each tile: image, out channel, row and column of its first output, its pixels (C, 4, 4), zeros (2, 2)."""
    N, K, P, Q = output.shape
    bottom, right = P + 3 - input.shape[2] - padding[0], Q + 3 - input.shape[3] - padding[1]
    padded = np.pad(input, ((0, 0), (0, 0), (padding[0], max(bottom, 0)), (padding[1], max(right, 0))))
    for n, k in np.ndindex(N, K):
        for i in range(0, P, 2):
            for j in range(0, Q, 2):
                yield n, k, i, j, padded[n, :, i:i + 4, j:j + 4], np.zeros((2, 2))
