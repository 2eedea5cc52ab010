"""Products within a kernel, of float32 matrices: out[i, j] = begin[i, j] + sum_k a[i, k] * b[k, j].

A processor multiplies and adds faster than it loads. So a number that is loaded has to meet many others while it is in
a register. A *tile* of out, 6 rows of two vectors, stays in registers while a loop runs over k:

    tile[i, j] += a[i, k] * b[k, j]        6 numbers of a, each in all lanes, times 2 vectors of b

Each step loads 8 registers and multiplies and adds 12 times (Goto and van de Geijn, "Anatomy of High-Performance Matrix
Multiplication", 2008). So that it finds them side by side, a `b` that is used many times is cut beforehand into
*panels* as wide as a tile; each meets all rows of `a` while it is in the innermost cache.

Where columns are left for less than a panel, the last panel begins earlier, and repeats some of the one before; where
rows are left for less than a tile, the last row is repeated. What is computed twice is the same twice: for this, where
panels overlap, `out` must not be `begin`.
"""
import numpy as np

from ._jit import jit
from ._vector import broadcast, keep_apart, keep_rolled, lanes, load, store, transpose

__all__ = ["ROWS", "multiply", "panels_of", "product", "turn"]

ROWS = 6  # of a tile; it is two vectors wide, so that its 12 sums leave room for 3 more vectors in 16 registers


def panels_of(b):
    """b (K, J) -> (panels, K, wide), flat; there are at least as many columns as a panel is wide"""
    wide, J = 2 * lanes(), b.shape[1]
    return np.stack([b[:, min(j, J - wide):][:, :wide] for j in range(0, J, wide)]).reshape(-1)


@jit
def turn(x, at, W, D, out):
    """x (W, D), which begins at this place, -> out (D, W); W is a multiple of lanes(), D at least as large"""
    for i in range(0, W, lanes()):
        for j in range(0, D, lanes()):
            j = min(j, D - lanes())
            transpose(x, at + i * D + j, D, out, j * W + i, W)


@jit(fused=True)
def multiply(a, i, K, panels, J, begin, begin_at, begin_row, out, o, rows):
    """out[i, j] = begin[i, j] + sum_k a[i, k] * b[k, j] for so many rows

    a, begin and out are flat; there the rows are K, begin_row and J apart, and the first ones begin at these places.
    """
    wide = 2 * lanes()
    for panel in range(0, J, wide):
        j = min(panel, J - wide)
        for tile in range(0, rows, ROWS):
            _tile(a, i + tile * K, K, 1, K, panels, panel * K, wide, begin, begin_at + tile * begin_row + j, begin_row,
                  out, o + tile * J + j, J, rows - tile - 1)


@jit(fused=True)
def product(a, i, row, column, rows, K, b, k, b_row, J, begin, begin_at, begin_row, out, o, out_row):
    """The same where the numbers of a are `row` and `column` apart, b is a small matrix, with the rows b_row apart, and
    J a multiple of the width of a panel. `begin` may be `out`.
    """
    keep_apart()
    for j in range(0, J, 2 * lanes()):
        for tile in range(0, rows, ROWS):
            _tile(a, i + tile * row, row, column, K, b, k + j, b_row, begin, begin_at + tile * begin_row + j, begin_row,
                  out, o + tile * out_row + j, out_row, rows - tile - 1)


@jit(fused=True)
def _tile(a, a0, a_row, column, K, b, at, b_row, begin, begin_at, begin_row, out, o, J, last):
    """The product of rows 0 to 5 of a, or up to the last that there is, with a panel"""
    L, r1, r2, r3, r4, r5 = lanes(), min(1, last), min(2, last), min(3, last), min(4, last), min(5, last)
    a1, a2, a3, a4, a5 = a0 + r1 * a_row, a0 + r2 * a_row, a0 + r3 * a_row, a0 + r4 * a_row, a0 + r5 * a_row
    x, y, row = begin_at, begin_at + L, begin_row
    c00, c01, c10, c11 = load(begin, x), load(begin, y), load(begin, x + r1 * row), load(begin, y + r1 * row)
    c20, c21 = load(begin, x + r2 * row), load(begin, y + r2 * row)
    c30, c31 = load(begin, x + r3 * row), load(begin, y + r3 * row)
    c40, c41 = load(begin, x + r4 * row), load(begin, y + r4 * row)
    c50, c51 = load(begin, x + r5 * row), load(begin, y + r5 * row)
    for k in range(0, K * column, column):
        keep_rolled()
        b0, b1 = load(b, at), load(b, at + L)
        at += b_row
        w = broadcast(a, a0 + k)
        c00 += w * b0
        c01 += w * b1
        w = broadcast(a, a1 + k)
        c10 += w * b0
        c11 += w * b1
        w = broadcast(a, a2 + k)
        c20 += w * b0
        c21 += w * b1
        w = broadcast(a, a3 + k)
        c30 += w * b0
        c31 += w * b1
        w = broadcast(a, a4 + k)
        c40 += w * b0
        c41 += w * b1
        w = broadcast(a, a5 + k)
        c50 += w * b0
        c51 += w * b1
    x, y = o, o + L
    store(out, x, c00)
    store(out, y, c01)
    store(out, x + r1 * J, c10)
    store(out, y + r1 * J, c11)
    store(out, x + r2 * J, c20)
    store(out, y + r2 * J, c21)
    store(out, x + r3 * J, c30)
    store(out, y + r3 * J, c31)
    store(out, x + r4 * J, c40)
    store(out, y + r4 * J, c41)
    store(out, x + r5 * J, c50)
    store(out, y + r5 * J, c51)
