"""Matrix products: out[..., i, j] = sum_k a[..., i, k] * b[..., k, j], by NumPy's BLAS, or, of small matrices, here.

A large product is shared between the cores: each thread has BLAS compute some rows or columns of `out`, or some of a
batch's products. BLAS reads transposed matrices, and rows that lie apart, where they are.
"""
import math

import numpy as np

from . import _blas
from ._jit import get_num_threads, jit
from ._tile import ROWS, product, turn
from ._vector import lanes, load, store
from .elementwise import add

__all__ = ["addmm", "matmul"]

WORTH_SHARING = 1 << 22  # multiplications: with less, two threads in BLAS cost each other more than they gain
BLOCK = 8  # rows or columns that BLAS computes at a time
SMALL = 1 << 13  # elements of b: with more, BLAS is as quick as our tiles
TALL = 22 * ROWS  # rows of a that a thread takes at a time


def matmul(input, other):
    """(..., i, k) @ (..., k, j) -> (..., i, j); one-dimensional operands as in NumPy. float16 adds up in float32."""
    if input.dtype == np.float16:
        return np.asarray(np.matmul(input, other, dtype=np.float32), np.float16)
    if _worth_tiles(input, other):
        return _in_tiles(input, other, np.zeros(other.shape[-1], np.float32))
    if _worth_sharing(input, other):
        return _share(input, other)
    if input.ndim > 1 < other.ndim and input.shape[-1] == 1 and input.dtype.kind == "f":
        return np.multiply(input, other, order="C")  # (..., i, 1) * (..., 1, j); NumPy's matmul takes longer
    return np.asarray(np.matmul(input, other))


def addmm(input, mat1, mat2):
    """input + mat1 @ mat2: (i, j), or what broadcasts to it, (i, k), (k, j) -> (i, j)"""
    if input.dtype == mat1.dtype and input.shape == mat2.shape[1:] and _worth_tiles(mat1, mat2):
        return _in_tiles(mat1, mat2, np.ascontiguousarray(input))
    if input.dtype == mat1.dtype and _worth_sharing(mat1, mat2):
        return _share(mat1, mat2, input)
    return add(matmul(mat1, mat2), input)


# ------------------------------------------------------------------------------------------------------ small matrices
def _worth_tiles(a, b):
    """Whether _in_tiles takes these: float32, b small, many matrices or rows, all of them without gaps in memory."""
    return (a.ndim > 1 < b.ndim and a.dtype.char == b.dtype.char == "f" and a.size * b.shape[-1] >= WORTH_SHARING
            and a.shape[-2] >= BLOCK and b.shape[-2] * b.shape[-1] <= SMALL
            and b.shape[-2] >= lanes() and b.shape[-1] >= 2 * lanes()
            and (a.shape[:-2] == b.shape[:-2] or b.ndim == 2 and a.flags.c_contiguous)
            and _flat(a) is not None and _flat(b) is not None)


def _in_tiles(a, b, begin):
    """a (..., I, K) @ b (..., K, J) or (K, J) + begin (J,), in tiles of out that stay in registers.

    Each call of BLAS copies both matrices into an order of its own, which for small ones takes a good part of the time.
    Here only b is copied; each panel of it meets many rows of a where they are.
    """
    I, K, J = a.shape[-2] if b.ndim > 2 else a.size // a.shape[-1], *b.shape[-2:]
    out = np.empty((*a.shape[:-1], J), np.float32)
    (a, *a_steps), (b, *b_steps), blocks = _flat(a), _flat(b), -(-I // TALL)
    _multiply_tiles[out.size // (I * J) * blocks](blocks, I, K, J, a, *a_steps, b, *b_steps, begin, out.reshape(-1))
    return out


def _flat(x):
    """x (..., rows, columns), or its transpose, as a vector, and the steps there from one row, and column, to the next;
    None if that takes a copy.
    """
    turned = x.swapaxes(-2, -1)
    if not x.flags.aligned or not (x.flags.c_contiguous or turned.flags.c_contiguous):
        return None
    return (x.reshape(-1), x.shape[-1], 1) if x.flags.c_contiguous else (turned.reshape(-1), 1, x.shape[-2])


@jit
def _multiply_tiles(item, blocks, I, K, J, a, a_row, a_column, b, b_row, b_column, begin, out):
    """out (I, J) = a (I, K) @ b (K, J) + begin (J,), for a block of the rows of one product of the batch

    One panel of b after the other is copied, (K, wide), to lie in the innermost cache in the order of its use.
    """
    index, block = divmod(item, blocks)
    wide, first = 2 * lanes(), block * TALL
    rows, panel = min(TALL, I - first), np.empty(K * wide, np.float32)
    a_at, b_at, out_at = index * I * K + first * a_row, index * K * J, (index * I + first) * J
    for j in range(0, J, wide):
        j = min(j, J - wide)
        if b_column == 1:
            for k in range(K):
                for half in range(0, wide, lanes()):
                    store(panel, k * wide + half, load(b, b_at + k * b_row + j + half))
        else:
            turn(b, b_at + j * K, wide, K, panel)                                       # (wide, K) -> (K, wide)
        product(a, a_at, a_row, a_column, rows, K, panel, 0, wide, wide, begin, j, 0, out, out_at + j, J)


# ------------------------------------------------------------------------------------------------------ large products
def _worth_sharing(a, b):
    return (a.dtype == b.dtype and a.dtype.char in "fd" and a.ndim > 1 < b.ndim
            and a.size and b.size and max(a.size * b.shape[-1], b.size * a.shape[-2]) >= WORTH_SHARING
            and a.shape[-2] >= BLOCK <= b.shape[-1]
            and get_num_threads() > 1 and _blas.gemm(a.dtype) is not None)


def _share(a, b, summand=None):
    """a (..., I, K) @ b (..., K, J) + summand: every product of a batch, or part of one, is for BLAS on some thread."""
    (I, K), J = a.shape[-2:], b.shape[-1]
    (a, *a_layout), (b, *b_layout) = _readable(a), _readable(b)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2]) if a.ndim + b.ndim > 4 else ()
    out = np.empty((*batch, I, J), a.dtype)
    if summand is not None:
        out[...] = summand
    products = math.prod(batch)
    parts = -(-get_num_threads() // products)
    by_rows = I > J
    step, out_step = (a.strides[-2], out.strides[-2]) if by_rows else (b.strides[-1], out.strides[-1])
    places = np.array([[x.__array_interface__["data"][0], *_batch_strides(x, batch)] for x in (a, b, out)])
    _multiply[products * parts](_blas.gemm(a.dtype), places, np.array(batch, np.int64), *a_layout, *b_layout, I, J, K,
                                parts, by_rows, step, out_step, float(summand is not None))
    return out


def _readable(x):
    """x (..., rows, columns), or a copy; how its matrices lie in memory, and the step between two rows or columns.

    BLAS reads matrices whose rows or columns are contiguous.
    """
    (rows, columns), (down, right), size = x.shape[-2:], x.strides[-2:], x.itemsize
    if x.flags.aligned:
        if right == size and down >= columns * size:
            return x, _blas.NORMAL, down // size
        if down == size and right >= rows * size:
            return x, _blas.TRANSPOSED, right // size
    return np.array(x, order="C"), _blas.NORMAL, columns


def _batch_strides(x, batch):
    """How many bytes lie between the matrices of x (..., rows, columns) along each dimension of the batch."""
    strides = [step if n > 1 else 0 for n, step in zip(x.shape[:-2], x.strides)]
    return [0] * (len(batch) - len(strides)) + strides


@jit
def _multiply(item, gemm, places, batch, a_layout, a_row, b_layout, b_row, I, J, K, parts, by_rows, step, out_step,
              beta):
    """out = a @ b + beta * out for one part of the rows or columns of one product of the batch

    places: of a, b and out, each its address and its strides along the batch, in bytes.
    step: bytes from one row of a, or column of b, to the next; out_step: of out.
    """
    product, part = divmod(item, parts)
    count, out_row = I if by_rows else J, J
    blocks = -(-count // BLOCK)
    first, last = part * blocks // parts * BLOCK, min((part + 1) * blocks // parts * BLOCK, count)
    a, b, out = places[0, 0], places[1, 0], places[2, 0] + first * out_step
    for d in range(batch.size, 0, -1):
        product, index = divmod(product, batch[d - 1])
        a, b, out = a + index * places[0, d], b + index * places[1, d], out + index * places[2, d]
    if by_rows:
        a, I = a + first * step, last - first
    else:
        b, J = b + first * step, last - first
    gemm(_blas.ROW_MAJOR, a_layout, b_layout, I, J, K, 1.0, a, a_row, b, b_row, beta, out, out_row)
