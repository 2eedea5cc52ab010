"""A product of float32 matrices within a kernel: out[i, j] = sum_k a[i, k] * b[k, j], for a `b` that is used many times.

A processor multiplies and adds faster than it loads. So a number that is loaded has to meet many others while it is in
a register. A *tile* of out, 6 rows of two vectors, stays in registers while a loop runs over k:

    tile[i, j] += a[i, k] * b[k, j]        6 numbers of a, each in all lanes, times 2 vectors of b

Each step loads 8 registers and multiplies and adds 12 times (Goto and van de Geijn, "Anatomy of High-Performance Matrix
Multiplication", 2008). So that it finds them side by side, `b` is cut beforehand into *panels* as wide as a tile.
"""
import numpy as np

from ._jit import jit
from ._vector import broadcast, lanes, load, store, zeros

__all__ = ["ROWS", "multiply", "panels_of"]

ROWS = 6  # of a tile; it is two vectors wide, so that its 12 sums leave room for 3 more vectors in 16 registers


def panels_of(b):
    """b (K, J) -> (J / wide, K, wide), flat; zeros after the last column"""
    (K, J), wide = b.shape, 2 * lanes()
    padded = np.zeros((K, -(-J // wide) * wide), np.float32)
    padded[:, :J] = b
    return padded.reshape(K, -1, wide).swapaxes(0, 1).ravel()  # (K, J / wide, wide) -> (J / wide, K, wide)


@jit
def multiply(a, rows, K, panels, out):
    """a (rows, K) @ b (K, J) -> out (rows, J), all flat: `rows` in whole tiles, J in whole panels"""
    J, wide = panels.size // K, 2 * lanes()
    for j in range(0, J, wide):
        for i in range(0, rows, ROWS):
            _tile(a, i * K, K, panels, j * K, out, i * J + j, J)


@jit
def _tile(a, i, K, b, panel, out, o, J):
    """out[i, j] = sum_k a[i, k] * b[k, j] for 6 rows i and two vectors of j"""
    L = lanes()
    a0, a1, b0, b1, c0, c1 = zeros(), zeros(), zeros(), zeros(), zeros(), zeros()
    d0, d1, e0, e1, f0, f1 = zeros(), zeros(), zeros(), zeros(), zeros(), zeros()
    for k in range(i, i + K):
        x0, x1 = load(b, panel), load(b, panel + L)
        panel += 2 * L
        w = broadcast(a, k)
        a0 += w * x0
        a1 += w * x1
        w = broadcast(a, k + K)
        b0 += w * x0
        b1 += w * x1
        w = broadcast(a, k + 2 * K)
        c0 += w * x0
        c1 += w * x1
        w = broadcast(a, k + 3 * K)
        d0 += w * x0
        d1 += w * x1
        w = broadcast(a, k + 4 * K)
        e0 += w * x0
        e1 += w * x1
        w = broadcast(a, k + 5 * K)
        f0 += w * x0
        f1 += w * x1
    _store_row(out, o, a0, a1)
    _store_row(out, o + J, b0, b1)
    _store_row(out, o + 2 * J, c0, c1)
    _store_row(out, o + 3 * J, d0, d1)
    _store_row(out, o + 4 * J, e0, e1)
    _store_row(out, o + 5 * J, f0, f1)


@jit
def _store_row(out, place, left, right):
    store(out, place, left)
    store(out, place + lanes(), right)
