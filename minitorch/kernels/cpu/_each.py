"""Elementwise loops, compiled: out[i] = f(a[i], b[i]) for long vectors."""
import numpy as np

LONG = 2048  # elements; for fewer, NumPy is as quick and nothing has to be compiled


def long(*arrays):
    """Whether compiled loops take these arrays: long ones of one shape and of one dtype, float32 or float64, in C
    order.
    """
    first = arrays[0]
    return (first.size >= LONG and first.dtype.char in "fd"
            and all([x.flags.c_contiguous and x.dtype == first.dtype and x.shape == first.shape for x in arrays]))


def each(loop, *arrays):
    """loop(a, b, ..., out) on the arrays as vectors, with a new array `out` of their shape."""
    out = np.empty_like(arrays[0])
    loop.for_elements(out.size)(*[array.reshape(-1) for array in (*arrays, out)])
    return out
