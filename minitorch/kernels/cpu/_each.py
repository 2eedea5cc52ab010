"""Elementwise loops, compiled: out[i] = f(a[i], b[i]) for long vectors, which the cores share in blocks.

    @jit
    def _loop(item, a, b, out):
        a, b, out = block(item, a), block(item, b), block(item, out)
        for i in range(out.size):
            out[i] = f(a[i], b[i])
"""
import numpy as np

from ._jit import jit

LONG = 2048  # elements; for fewer, NumPy is as quick and nothing has to be compiled
BLOCK = 1 << 14  # elements


def long(first, *others):
    """Whether compiled loops take these arrays: long ones of one shape and of one dtype, float32 or float64; the first
    in C order, and so is the result.
    """
    if first.size < LONG or first.dtype.char not in "fd" or not first.flags.c_contiguous:
        return False
    for x in others:
        if x.dtype != first.dtype or x.shape != first.shape:
            return False
    return True


def single(first, *others):
    """The same for loops in float32 only; for float64 NumPy and SciPy have functions of its precision."""
    return first.dtype.char == "f" and long(first, *others)


@jit
def block(item, x):
    """This item's part of the vector x. Numba's loops over a part of their own, from 0, run in SIMD lanes."""
    return x[item * BLOCK:(item + 1) * BLOCK]


def each(loop, *arrays, numbers=()):
    """loop(item, a, b, ..., *numbers, out) for all blocks of the arrays, seen as vectors, with a new array `out` of the
    shape of the first.
    """
    out = np.empty_like(arrays[0])
    arguments = *[array.ravel() for array in arrays], *numbers, out.ravel()
    if out.size <= BLOCK:
        loop(0, *arguments)
    else:
        loop[-(-out.size // BLOCK), out.size](*arguments)
    return out
