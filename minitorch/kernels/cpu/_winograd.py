"""Winograd's convolution with filters of 3 x 3: 16 multiplications where _direct.py needs 36.

Two neighbouring outputs of a filter g of three taps need 6 multiplications:

    y0 = d0 g0 + d1 g1 + d2 g2              y = A' [(G g) * (B' d)]        ' transposes, * multiplies number by number
    y1 = d1 g0 + d2 g1 + d3 g2

Here are 4, and some additions, of which those of g are done once for all of an image:

    m0 = (d0 - d2) g0                       m1 = (d1 + d2) (g0 + g1 + g2) / 2
    m3 = (d1 - d3) g2                       m2 = (d2 - d1) (g0 - g1 + g2) / 2
    y0 = m0 + m1 + m2                       y1 = m1 - m2 - m3

B', G and A' are the matrices of these three sets of additions. In two dimensions, across and then down, a *tile* of
2 x 2 outputs is made of 4 x 4 pixels d and a filter g of 3 x 3 (Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", 2015: F(2x2, 3x3)):

    y = A' M A,    M = U * V,    U = G g G',    V = B' d B

With channels, M is a sum over them: for each of the 16 numbers e of a tile, a product of matrices,

    output         M[e, k, t]   = sum_c  U[e, k, c] * V[e, c, t]                        t counts tiles
    weight grad    dU[e, k, c]  = sum_t dM[e, k, t] * V[e, c, t],    dM = A dy A',    dg = G' dU G

The gradient of the input is a convolution too, of the output's gradient with the turned filter.

A part of the tiles at a time goes through all three steps, so few that V and M stay in the cache. A vector holds one
number of neighbouring tiles: transforms are plain additions of vectors.

An inf in one pixel would make nan of all 4 outputs of a tile, for inf - inf is nan. Hence outputs are watched, and
where one is not finite, the launchers return None: the caller does it in another way.

Letters: as in conv.py; a *run* is some tiles of a part that are neighbours in a row of tiles.
"""
import functools
import types

import numpy as np

from ._jit import get_num_threads, jit
from ._vector import (broadcast, evens, keep_rolled, lanes, load, load_first, odds, store, store_first, transpose,
                      zeros, zip_first, zip_last)

__all__ = ["convolution", "input_grad", "settings", "takes", "weight_grad"]

G = np.array([[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]], np.float32)
FILTER = np.kron(G, G)                                                                  # U = FILTER @ g: (16, 9)

ROWS = 6        # of a tile of sums, in registers, as in _direct.py
PIECES = 8      # a thread gets so many items, if there are so many parts

FEWEST_CHANNELS, FEWEST_PIXELS = 16, 500    # of a layer; with fewer, transforms cost more than they spare

settings = types.SimpleNamespace(enabled=True)


# ------------------------------------------------------------------------------------------------------------ launchers
def takes(image, channels, filter, stride, padding, dilation, groups):
    """Whether these are float32 images and 3 x 3 filters, with so many channels and tiles that fewer products pay."""
    return (settings.enabled and image.dtype == np.float32 and tuple(filter) == (3, 3) and max(padding) <= 2
            and tuple(stride) == tuple(dilation) == (1, 1) and groups == 1
            and min(image.shape[1], channels) >= FEWEST_CHANNELS and image[:, 0].size >= FEWEST_PIXELS)


def convolution(input, weight, bias, output, padding):
    """input (N, C, H, W), weight (K, C, 3, 3), bias (K,) -> (N, K, P, Q), or None"""
    (N, C, H, W), K, (P, Q) = input.shape, len(weight), output
    U = FILTER @ _in_blocks(weight).reshape(-1, 9).T                                    # (16, K/6 * C * 6)
    plan = _plan(N, P, Q, get_num_threads(), PIECES)
    out, suspects = np.empty((N, K, P, Q), np.float32), np.empty((plan.items, lanes()), np.float32)
    _convolution[plan.items](input.ravel(), C, H, W, *padding, U.ravel(), K, P, Q, bias, plan.runs, plan.parts,
                             plan.bounds, plan.size, plan.width, suspects.ravel(), out.ravel())
    return None if suspects.any() else out


def _in_blocks(weight):
    """(K, C, 3, 3) -> (K/6, C, 6, 3, 3), as tiles of sums meet the filters"""
    K, C, *filter = weight.shape
    blocks = np.zeros((-(-K // ROWS), C, ROWS, *filter), np.float32)
    for row in range(min(ROWS, K)):
        rows = weight[row::ROWS]
        blocks[:len(rows), :, row] = rows
    return blocks


def input_grad(grad, weight, image, padding):
    """grad (N, K, P, Q), weight (K, C, 3, 3) -> (N, C, H, W), or None"""
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)                                    # (C, K, 3, 3)
    return convolution(grad, turned, np.zeros(len(turned), np.float32), image, (2 - padding[0], 2 - padding[1]))


def weight_grad(grad, input, padding):
    """grad (N, K, P, Q), input (N, C, H, W) -> (K, C, 3, 3), or None"""
    (N, K, P, Q), (_, C, H, W) = grad.shape, input.shape
    plan = _plan(N, P, Q, get_num_threads(), 1)
    wide, rows = 2 * lanes(), -(-K // ROWS) * ROWS
    panels = -(-C // wide)
    sums = np.empty((plan.items * 16, panels * rows * wide), np.float32)
    _weight_grad[plan.items](input.ravel(), C, H, W, *padding, grad.ravel(), K, P, Q, plan.runs, plan.parts,
                             plan.bounds, plan.size, plan.width, sums.ravel())
    out = sums.T @ np.tile(FILTER, (plan.items, 1))                                     # (panels * rows * wide, 9)
    out = out.reshape(panels, rows, wide, 9).swapaxes(0, 1)                             # (rows, panels, wide, 9)
    out = out.reshape(rows, panels * wide, 3, 3)[:K, :C]                                # (K, C, 3, 3)
    return np.ascontiguousarray(out) if np.isfinite(out).all() else None


@functools.lru_cache(maxsize=64)
def _plan(N, P, Q, threads, pieces):
    """How N images of P x Q outputs are cut into tiles and the tiles into runs, parts and items.

    runs (s*5,)     for each run: image n, row i and column j of its first tile, its place in the part, its tiles
    parts (p,)      the first run of each part; one more at the end
    bounds (i,)     the first part of each item; one more at the end
    size            of a part, in tiles; the last one may have fewer
    width           of a row of M: one vector may begin at the last tile of a part
    """
    grid = N, -(-P // 2), -(-Q // 2)
    tiles = N * grid[1] * grid[2]
    sizes = [panels * 2 * lanes() for panels in (7, 6, 5)]
    size = min(sizes, key=lambda size: -(-tiles // size // threads) * size)  # threads have about as many tiles each
    starts = np.append(np.arange(0, tiles, size), tiles)
    first = np.unique(np.concatenate((starts, np.arange(0, tiles, grid[2]))))           # tile of each run
    runs = *np.unravel_index(first[:-1], grid), first[:-1] % size, np.diff(first)
    parts = len(starts) - 1
    items = min(parts, threads * pieces)
    return types.SimpleNamespace(
        runs=np.stack(runs, 1).ravel(), parts=np.searchsorted(first, starts), items=items,
        bounds=np.arange(items + 1) * parts // items, size=size, width=size + 2 * lanes())


# -------------------------------------------------------------------------------------------------------------- kernels
# Arrays are flat here, with the sizes beside them: a slice of an array counts who holds it, and the cores would wait
# for each other at that counter.

@jit(fast=True)
def _convolution(item, image, C, H, W, top, left, U, K, P, Q, bias, runs, parts, bounds, size, width, suspects, out):
    """image (N, C, H, W), U (16, K/6, C, 6), bias (K,) -> parts bounds[item] to bounds[item + 1] of out (N, K, P, Q)

    V (16, panels, C, wide), M (16, K, width)
    """
    L, wide, rows = lanes(), 2 * lanes(), -(-K // ROWS) * ROWS
    V_size, M_size = C * size, rows * width
    length = max(Q + 1, left + W) + 2 * L
    lines, channel, V, M = _zeros(4 * length), _zeros(16 * width), _zeros(16 * V_size), _zeros(16 * M_size)
    suspect = zeros()
    for part in range(bounds[item], bounds[item + 1]):
        first, last = parts[part], parts[part + 1]
        tiles = runs[5 * last - 2] + runs[5 * last - 1]
        for c in range(C):
            _transform_image(image, C, H, W, top, left, c, c + 1, runs, first, last, lines, length, channel, width)
            for e in range(16):
                for t in range(0, tiles, wide):
                    keep_rolled()
                    store(V, e * V_size + t * C + c * wide, load(channel, e * width + t))
                    store(V, e * V_size + t * C + c * wide + L, load(channel, e * width + t + L))
        for e in range(16):
            for t in range(0, tiles, wide):
                for k in range(0, K, ROWS):
                    _tile(U, (e * rows + k) * C, 1, ROWS, V, e * V_size + t * C, C, False,
                          M, e * M_size + k * width + t, width)
        suspect += _transform_back(M, width, M_size, bias, K, P, Q, runs, first, last, out)
    store(suspects, item * L, suspect)


@jit(fast=True)
def _weight_grad(item, image, C, H, W, top, left, grad, K, P, Q, runs, parts, bounds, size, width, out):
    """image (N, C, H, W), grad (N, K, P, Q) -> out[item] (16, panels, K, wide)

    M (16, K, width), V (16, panels, tiles, wide)
    """
    L, wide, rows = lanes(), 2 * lanes(), -(-K // ROWS) * ROWS
    panels = -(-C // wide)
    V_size, M_size, add = panels * size * wide, rows * width, False
    length = max(Q + 1, left + W) + 2 * L
    lines, channels, V, M = _zeros(6 * length), _zeros(L * 16 * width), _zeros(16 * V_size), _zeros(16 * M_size)
    for part in range(bounds[item], bounds[item + 1]):
        first, last = parts[part], parts[part + 1]
        tiles = runs[5 * last - 2] + runs[5 * last - 1]
        for c in range(0, C, L):
            _transform_image(image, C, H, W, top, left, c, min(c + L, C), runs, first, last, lines, length, channels,
                             width)
            for e in range(16):
                for t in range(0, tiles, L):
                    transpose(channels, e * width + t, 16 * width,
                              V, e * V_size + (c // wide * size + t) * wide + c % wide, wide)
        _transform_grad(grad, K, P, Q, runs, first, last, lines, length, M, width, M_size)
        for e in range(16):
            for panel in range(panels):
                for k in range(0, K, ROWS):
                    _tile(M, e * M_size + k * width, width, 1, V, e * V_size + panel * size * wide, tiles, add,
                          out, (((item * 16 + e) * panels + panel) * rows + k) * wide, wide)
        add = True


@jit
def _zeros(size):
    """So many zeros, and a few more up to a whole vector."""
    array = np.empty(-(-size // lanes()) * lanes(), np.float32)
    for i in range(0, size, lanes()):
        keep_rolled()
        store(array, i, zeros())
    return array


# ----------------------------------------------------------------------------------------------------------- transforms
@jit(fast=True)
def _transform_image(image, C, H, W, top, left, c_first, c_last, runs, first, last, lines, length, V, width):
    """V[c, e, t] = (B' d B)[e] for the tiles t of the runs first to last; d are 4 x 4 pixels of channel c"""
    for c in range(c_first, c_last):
        for s in range(5 * first, 5 * last, 5):
            n, i, j, t, count = runs[s], runs[s + 1], runs[s + 2], runs[s + 3], runs[s + 4]
            for r in range(4):
                keep_rolled()
                _copy_line(image, (n * C + c) * H * W, H, W, 2 * i + r - top, lines, r * length + left)
            for q in range(0, count, lanes()):  # what the last vector writes beyond the run, the next run overwrites
                x, v = 2 * (j + q), (c - c_first) * 16 * width + t + q
                a0, a1, a2, a3 = _image_across(lines, x)
                b0, b1, b2, b3 = _image_across(lines, x + length)
                c0, c1, c2, c3 = _image_across(lines, x + 2 * length)
                d0, d1, d2, d3 = _image_across(lines, x + 3 * length)
                _image_down(a0, b0, c0, d0, V, v, width)
                _image_down(a1, b1, c1, d1, V, v + width, width)
                _image_down(a2, b2, c2, d2, V, v + 2 * width, width)
                _image_down(a3, b3, c3, d3, V, v + 3 * width, width)


@jit(fast=True)
def _image_across(lines, x):
    """d B, for one row d of each tile"""
    L = lanes()
    near, far = load(lines, x), load(lines, x + L)
    d0, d1 = evens(near, far), odds(near, far)
    near, far = load(lines, x + 2), load(lines, x + 2 + L)
    d2, d3 = evens(near, far), odds(near, far)
    return d0 - d2, d1 + d2, d2 - d1, d1 - d3


@jit(fast=True)
def _image_down(d0, d1, d2, d3, V, v, width):
    """B' d, for one column d of each tile"""
    store(V, v, d0 - d2)
    store(V, v + 4 * width, d1 + d2)
    store(V, v + 8 * width, d2 - d1)
    store(V, v + 12 * width, d1 - d3)


@jit(fast=True)
def _transform_grad(grad, K, P, Q, runs, first, last, lines, length, M, width, size):
    """M[e, k, t] = (A dy A')[e], the same for tiles dy of 2 x 2 gradients"""
    L = lanes()
    for k in range(K):
        for s in range(5 * first, 5 * last, 5):
            n, i, j, t, count = runs[s], runs[s + 1], runs[s + 2], runs[s + 3], runs[s + 4]
            for r in range(2):
                keep_rolled()
                _copy_line(grad, (n * K + k) * P * Q, P, Q, 2 * i + r, lines, (4 + r) * length)
            for q in range(0, count, L):
                keep_rolled()
                x, m = 4 * length + 2 * (j + q), k * width + t + q
                near, far = load(lines, x), load(lines, x + L)
                a0, a1 = evens(near, far), odds(near, far)
                near, far = load(lines, x + length), load(lines, x + length + L)
                b0, b1 = evens(near, far), odds(near, far)
                _grad_down(a0, b0, M, m, size)
                _grad_down(a0 + a1, b0 + b1, M, m + size, size)
                _grad_down(a0 - a1, b0 - b1, M, m + 2 * size, size)
                _grad_down(zeros() - a1, zeros() - b1, M, m + 3 * size, size)


@jit(fast=True)
def _grad_down(y0, y1, M, m, size):
    """A dy, for one column dy of each tile"""
    store(M, m, y0)
    store(M, m + 4 * size, y0 + y1)
    store(M, m + 8 * size, y0 - y1)
    store(M, m + 12 * size, zeros() - y1)


@jit(fast=True)
def _transform_back(M, width, size, bias, K, P, Q, runs, first, last, out):
    """y = A' M A + bias, to where it belongs in out; returns a vector of 0, and nan if an output is not finite"""
    L, suspect = lanes(), zeros()
    for k in range(K):
        offset = broadcast(bias, k)
        for s in range(5 * first, 5 * last, 5):
            n, i, j, t, count = runs[s], runs[s + 1], runs[s + 2], runs[s + 3], runs[s + 4]
            o = ((n * K + k) * P + 2 * i) * Q + 2 * j
            for q in range(0, count, L):
                keep_rolled()
                m = k * width + t + q
                a0, b0 = _back_down(M, m, size)
                a1, b1 = _back_down(M, m + size, size)
                a2, b2 = _back_down(M, m + 2 * size, size)
                a3, b3 = _back_down(M, m + 3 * size, size)
                a0, a1 = a0 + a1 + a2 + offset, a1 - a2 - a3 + offset
                b0, b1 = b0 + b1 + b2 + offset, b1 - b2 - b3 + offset
                suspect += zeros() * (a0 + a1 + b0 + b1)  # inf * 0 is nan
                reach = min(2 * (count - q), Q - 2 * (j + q))
                _store_line(out, o + 2 * q, a0, a1, reach)
                if 2 * i + 1 < P:
                    _store_line(out, o + 2 * q + Q, b0, b1, reach)
    return suspect


@jit(fast=True)
def _back_down(M, m, size):
    """A' M, for one column of each tile"""
    m0, m1, m2, m3 = load(M, m), load(M, m + 4 * size), load(M, m + 8 * size), load(M, m + 12 * size)
    return m0 + m1 + m2, m1 - m2 - m3


@jit
def _store_line(out, o, even, odd, count):
    """out[o : o + count], of which two vectors have the even and the odd ones"""
    L = lanes()
    if count >= 2 * L:
        store(out, o, zip_first(even, odd))
        store(out, o + L, zip_last(even, odd))
    else:
        store_first(out, o, zip_first(even, odd), count)
        if count > L:
            store_first(out, o + L, zip_last(even, odd), count - L)


@jit
def _copy_line(image, start, H, W, h, lines, place):
    """Row h of an image (H, W) to its place in lines; zeros if there is no such row"""
    L = lanes()
    if h < 0 or h >= H:
        for q in range(0, W, L):
            keep_rolled()
            store(lines, place + q, zeros())
    elif W < L:
        store_first(lines, place, load_first(image, start + h * W, W), W)
    else:
        start += h * W
        for q in range(0, W - L, L):
            keep_rolled()
            store(lines, place + q, load(image, start + q))
        store(lines, place + W - L, load(image, start + W - L))  # this one may write some numbers again


# ------------------------------------------------------------------------------------------------------------- products
@jit(fast=True)
def _tile(A, start, row, column, B, x, J, add, out, o, o_row):
    """out[i, t] = sum_j A[i, j] * B[j, t], or += if `add`, for 6 rows i and the two vectors t of a panel B (J, wide)"""
    L = lanes()
    a, b, c = start, start + row, start + 2 * row
    d, e, f = start + 3 * row, start + 4 * row, start + 5 * row
    p, q, r, s, t = o + o_row, o + 2 * o_row, o + 3 * o_row, o + 4 * o_row, o + 5 * o_row
    if add:
        a0, a1, b0, b1 = load(out, o), load(out, o + L), load(out, p), load(out, p + L)
        c0, c1, d0, d1 = load(out, q), load(out, q + L), load(out, r), load(out, r + L)
        e0, e1, f0, f1 = load(out, s), load(out, s + L), load(out, t), load(out, t + L)
    else:
        a0, a1, b0, b1 = zeros(), zeros(), zeros(), zeros()
        c0, c1, d0, d1 = zeros(), zeros(), zeros(), zeros()
        e0, e1, f0, f1 = zeros(), zeros(), zeros(), zeros()
    for j in range(0, J * column, column):
        keep_rolled()
        x0, x1 = load(B, x), load(B, x + L)
        x += 2 * L
        w = broadcast(A, a + j)
        a0 += w * x0
        a1 += w * x1
        w = broadcast(A, b + j)
        b0 += w * x0
        b1 += w * x1
        w = broadcast(A, c + j)
        c0 += w * x0
        c1 += w * x1
        w = broadcast(A, d + j)
        d0 += w * x0
        d1 += w * x1
        w = broadcast(A, e + j)
        e0 += w * x0
        e1 += w * x1
        w = broadcast(A, f + j)
        f0 += w * x0
        f1 += w * x1
    store(out, o, a0)
    store(out, o + L, a1)
    store(out, p, b0)
    store(out, p + L, b1)
    store(out, q, c0)
    store(out, q + L, c1)
    store(out, r, d0)
    store(out, r + L, d1)
    store(out, s, e0)
    store(out, s + L, e1)
    store(out, t, f0)
    store(out, t + L, f1)
