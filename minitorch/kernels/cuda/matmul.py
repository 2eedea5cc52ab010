"""Matrix products: out[..., i, j] = sum_k a[..., i, k] * b[..., k, j].

A block of threads computes a tile of `out`. It walks along k in steps of DEPTH: all threads together bring a tile of a
and one of b into shared memory, and then each thread reads from there what its own SIDE x SIDE numbers of `out` need:
SIDE numbers of a and SIDE of b for SIDE^2 multiplications, that is how it comes to compute more than it reads. While it
computes, the next two tiles are on their way: they are read into registers before, and written into the other half of
shared memory after.
"""
import functools
import math

import numpy as np

from ..._shapes import broadcast_shapes
from . import elementwise
from ._each import number_type
from ._memory import empty
from ._runtime import cuda, device, kernel
from ._vector import ALIGNMENT, load4, store4

__all__ = ["addmm", "matmul"]

THREADS = 256  # 16 x 16 of them compute a tile
LARGE, SMALL = (128, 8), (64, 16)  # (rows and columns of a tile of out, depth): the tiles of a and b have 1024 numbers
ENOUGH = 132  # large tiles, with which every multiprocessor has something to do


def matmul(input, other):
    """(..., i, k) @ (..., k, j) -> (..., i, j); one-dimensional operands as in NumPy. float16 adds up in float32."""
    a = input if input.ndim > 1 else input[None]                                    # (k) -> (1, k)
    b = other if other.ndim > 1 else other[:, None]                                 # (k) -> (k, 1)
    if input.dtype != other.dtype or a.shape[-1] != b.shape[-2]:
        np.matmul(*[np.ones((0,) * (x.ndim - 2) + x.shape[-2:], x.dtype) for x in (input, other)])
    out = _product(a, b)                                                            # (..., i, j)
    shape = out.shape[:-2] + (() if input.ndim == 1 else out.shape[-2:-1]) + (() if other.ndim == 1 else out.shape[-1:])
    return out.reshape(shape)


def addmm(input, mat1, mat2):
    """input + mat1 @ mat2: (i, j), or what broadcasts to it, (i, k), (k, j) -> (i, j)"""
    return elementwise.add(matmul(mat1, mat2), input)


def _product(a, b):
    """a (..., I, K) @ b (..., K, J) -> (..., I, J)"""
    (I, K), J = a.shape[-2:], b.shape[-1]
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = empty((*batch, I, J), a.dtype)
    if out.size == 0 or K == 0:
        return elementwise.full(out.shape, 0, out.dtype)
    a, b = _readable(a), _readable(b)
    tiles = math.prod(batch) * -(-I // LARGE[0]) * -(-J // LARGE[0])
    side, depth = LARGE if tiles >= ENOUGH and a.itemsize <= 4 else SMALL  # of numbers that take one register
    number = number_type(a.dtype)
    (a_step, a_along), (b_step, b_along) = _layout(a), _layout(b.transpose(*range(b.ndim - 2), -1, -2))
    how = number, side, depth, a_along, _four_at_once(a), b_along, _four_at_once(b), J % 4 == 0
    down, across = -(-I // side), -(-J // side)
    _tiled(*how)[math.prod(batch) * down * across, THREADS](
        I, J, K, (*batch, down, across), a, a_step, _batch_strides(a, batch), b, b_step, _batch_strides(b, batch), out)
    return out


def _readable(x):
    """x, or a copy: rows or columns of its matrices are contiguous."""
    (rows, columns), (down, right) = x.shape[-2:], x.strides[-2:]
    if (right == x.itemsize or columns == 1) or (down == x.itemsize or rows == 1):
        return x
    return elementwise.contiguous(x)


def _layout(x):
    """Of x (..., W, K): the elements from one row, or column, to the next, and whether rows are what is contiguous."""
    down, right = [stride // x.itemsize for stride in x.strides[-2:]]
    along = x.strides[-1] == x.itemsize or x.shape[-1] == 1
    return (down, True) if along else (right, False)


def _four_at_once(x):
    """Do all groups of four neighbours, from the start of each row (or column), have an address for load4?"""
    size, alignment = x.itemsize, min(ALIGNMENT, 4 * x.itemsize)
    along = -1 if x.strides[-1] == size or x.shape[-1] == 1 else -2
    others = [step for d, step in enumerate(x.strides) if d != x.ndim + along and x.shape[d] > 1]
    return x.shape[along] % 4 == 0 and all([step % alignment == 0 for step in (x.address, *others)])


def _batch_strides(x, batch):
    """How many elements lie between the matrices of x (..., rows, columns) along each dimension of the batch."""
    strides = [step // x.itemsize if n > 1 else 0 for n, step in zip(x.shape[:-2], x.strides)]
    return (0,) * (len(batch) - len(strides)) + (*strides, 0, 0)  # and none along the tiles


# ---------------------------------------------------------------------------------------------------------- the kernel
def _mover(number, side, depth, along, four):
    """Two @device functions that move a tile of an operand x (W, K) to shared memory: DEPTH rows of SIDE numbers.

    Neighbours in memory lie along K (`along`) or along W. Each thread moves four of them, which it can read at once
    (`four`) or not. What lies outside x is 0.
    """
    @device
    def place(t):
        """(w, k) of this thread's first number in the tile"""
        first = np.uint32(4 * t)
        if along:
            return np.uint32(first // np.uint32(depth)), np.uint32(first % np.uint32(depth))
        return np.uint32(first % np.uint32(side)), np.uint32(first // np.uint32(side))

    @device
    def read(x, start, step, W, K, w0, k0, t):
        w, k = place(t)
        w, k = np.uint32(w + w0), np.uint32(k + k0)
        zero = number(0)
        if four:
            if w < W and k < K:
                a, b, c, d = load4(x, start + (w * step + k if along else k * step + w))
                return number(a), number(b), number(c), number(d)
            return zero, zero, zero, zero
        if along:
            at = start + w * step + k
            inside = w < W
            return (number(x[at]) if inside and k < K else zero, number(x[at + 1]) if inside and k + 1 < K else zero,
                    number(x[at + 2]) if inside and k + 2 < K else zero,
                    number(x[at + 3]) if inside and k + 3 < K else zero)
        at = start + k * step + w
        inside = k < K
        return (number(x[at]) if inside and w < W else zero, number(x[at + 1]) if inside and w + 1 < W else zero,
                number(x[at + 2]) if inside and w + 2 < W else zero,
                number(x[at + 3]) if inside and w + 3 < W else zero)

    @device
    def write(tile, base, t, a, b, c, d):
        w, k = place(t)
        at = base + k * side + w
        if along:
            tile[at], tile[at + side], tile[at + 2 * side], tile[at + 3 * side] = a, b, c, d
        else:
            store4(tile, at, a, b, c, d)

    return read, write


@functools.cache
def _tiled(number, side, depth, a_along, a_four, b_along, b_four, out_four):
    """The kernel for operands that lie in memory in this way."""
    read_a, write_a = _mover(number, side, depth, a_along, a_four)
    read_b, write_b = _mover(number, side, depth, b_along, b_four)
    groups = side // 64  # a thread's rows are 4 of every 64, and so are its columns: neighbours read neighbours
    own, size = 4 * groups, 16 * groups * groups
    tile_size, two_tiles = side * depth, 2 * side * depth

    @device
    def step(a_tile, b_tile, at, ty, tx, a_own, b_own, sums):
        """sums += a row of one tile, times a row of the other: own x own products"""
        for g in range(groups):
            a_own[4 * g], a_own[4 * g + 1], a_own[4 * g + 2], a_own[4 * g + 3] = load4(a_tile, at + 64 * g + 4 * ty)
            b_own[4 * g], b_own[4 * g + 1], b_own[4 * g + 2], b_own[4 * g + 3] = load4(b_tile, at + 64 * g + 4 * tx)
        for i in range(own):
            for j in range(own):
                sums[i * own + j] += a_own[i] * b_own[j]

    @device
    def multiply(a_tile, b_tile, base, ty, tx, a_own, b_own, sums):
        """sums += the product of the tiles in one half of shared memory: eight steps, written out, in one go"""
        for k in range(0, depth, 8):
            at = base + k * side
            step(a_tile, b_tile, at, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 2 * side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 3 * side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 4 * side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 5 * side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 6 * side, ty, tx, a_own, b_own, sums)
            step(a_tile, b_tile, at + 7 * side, ty, tx, a_own, b_own, sums)

    @device
    def write_row(out, at, j, J, sums, i):
        """Row i of this thread's sums"""
        for g in range(groups):
            s = i * own + 4 * g
            if out_four:
                if j + 64 * g < J:
                    store4(out, at + 64 * g, put(sums[s]), put(sums[s + 1]), put(sums[s + 2]), put(sums[s + 3]))
            else:
                for q in range(4):
                    if j + 64 * g + q < J:
                        out[at + 64 * g + q] = put(sums[s + q])

    put = device(lambda x: x)

    @kernel(launch_bounds=(THREADS, 2))
    def matmul_tiled(I, J, K, grid, a, a_step, a_strides, b, b_step, b_strides, out):
        """Block (batch..., y, x) computes tile (y, x) of a product; thread (ty, tx) four rows and columns of every 64.

        The blocks are numbered; their indices in `grid` are the digits of the number, the last first.
        """
        a_tile, b_tile = cuda.shared.array(two_tiles, number), cuda.shared.array(two_tiles, number)
        a_own, b_own = cuda.local.array(own, number), cuda.local.array(own, number)
        sums = cuda.local.array(size, number)
        for s in range(size):
            sums[s] = 0
        t = np.uint32(cuda.threadIdx.x)
        ty, tx = t // np.uint32(16), t % np.uint32(16)
        rest = np.uint32(np.uint32(cuda.blockIdx.x) // np.uint32(grid[-1]))
        product = np.uint32(rest // np.uint32(grid[-2]))
        i0 = np.uint32(side * np.uint32(rest - product * grid[-2]))
        j0 = np.uint32(side * np.uint32(cuda.blockIdx.x - rest * grid[-1]))
        a_start = b_start = np.uint32(0)
        rest = product
        for d in range(len(grid) - 3, -1, -1):
            quotient = np.uint32(rest // np.uint32(grid[d]))
            index = np.uint32(rest - np.uint32(quotient * np.uint32(grid[d])))
            rest = quotient
            a_start = np.uint32(a_start + index * a_strides[d])
            b_start = np.uint32(b_start + index * b_strides[d])
        base = 0
        a0, a1, a2, a3 = read_a(a, a_start, a_step, I, K, i0, 0, t)
        b0, b1, b2, b3 = read_b(b, b_start, b_step, J, K, j0, 0, t)
        k = np.uint32(0)
        while k < K:
            write_a(a_tile, base, t, a0, a1, a2, a3)
            write_b(b_tile, base, t, b0, b1, b2, b3)
            cuda.syncthreads()
            k = np.uint32(k + depth)
            a0, a1, a2, a3 = read_a(a, a_start, a_step, I, K, i0, k, t)
            b0, b1, b2, b3 = read_b(b, b_start, b_step, J, K, j0, k, t)
            multiply(a_tile, b_tile, base, ty, tx, a_own, b_own, sums)
            base = tile_size - base
        for g in range(groups):
            for q in range(4):
                i = i0 + 64 * g + 4 * ty + q
                if i < I:
                    j = j0 + 4 * tx
                    write_row(out, (product * I + i) * J + j, j, J, sums, 4 * g + q)

    return matmul_tiled
