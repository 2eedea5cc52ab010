"""Matrix products: out[..., i, j] = sum_k a[..., i, k] * b[..., k, j], by NumPy's BLAS.

A large product is shared between the cores: each thread has BLAS compute some rows or columns of `out`, or some of a
batch's products. BLAS reads transposed matrices, and rows that lie apart, where they are.
"""
import math

import numpy as np

from . import _blas
from ._jit import get_num_threads, jit
from .elementwise import add

__all__ = ["addmm", "matmul"]

WORTH_SHARING = 1 << 22  # multiplications: with less, two threads in BLAS cost each other more than they gain
BLOCK = 8  # rows or columns that BLAS computes at a time


def matmul(input, other):
    """(..., i, k) @ (..., k, j) -> (..., i, j); one-dimensional operands as in NumPy. float16 adds up in float32."""
    if input.dtype == np.float16:
        return np.asarray(np.matmul(input, other, dtype=np.float32), np.float16)
    if _worth_sharing(input, other):
        return _share(input, other)
    if input.ndim > 1 < other.ndim and input.shape[-1] == 1 and input.dtype.kind == "f":
        return np.multiply(input, other, order="C")  # (..., i, 1) * (..., 1, j); NumPy's matmul takes longer
    return np.asarray(np.matmul(input, other))


def addmm(input, mat1, mat2):
    """input + mat1 @ mat2: (i, j), or what broadcasts to it, (i, k), (k, j) -> (i, j)"""
    if input.dtype == mat1.dtype and _worth_sharing(mat1, mat2):
        return _share(mat1, mat2, input)
    return add(matmul(mat1, mat2), input)


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
