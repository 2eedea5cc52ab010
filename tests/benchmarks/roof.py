"""What this machine can do at most: float32 arithmetic, and numbers to and from memory."""
import time

import numpy as np

from minitorch.kernels.cpu._jit import get_num_threads, jit, prange
from minitorch.kernels.cpu._vector import lanes, load, store

CHAINS, STEPS = 10, 1 << 20


def arithmetic():
    """Additions and multiplications a second, all threads together."""
    parts, numbers = get_num_threads(), np.full(16, 0.5, np.float32)
    flops = 2 * CHAINS * STEPS * parts * lanes()
    return flops / _least_seconds(_multiply_add, numbers, STEPS, np.empty((parts, 16), np.float32))


def memory():
    """Bytes a second that go to and from memory when two long vectors are added."""
    x, y, out = (np.ones((1 << 25,), np.float32) for _ in range(3))  # 128 MiB each
    return 3 * x.nbytes / _least_seconds(_add, x, y, out, get_num_threads())


def _least_seconds(kernel, *args):
    def seconds():
        start = time.perf_counter()
        kernel(*args)
        return time.perf_counter() - start
    kernel(*args)
    return min(seconds() for _ in range(7))


@jit(parallel=True)
def _multiply_add(numbers, steps, out):
    """Ten sums that do not wait for each other and stay in registers, so that the multipliers always have work."""
    for part in prange(len(out)):
        _chains(numbers, steps, out[part])


@jit
def _chains(numbers, steps, out):
    x = load(numbers, 0)
    a = b = c = d = e = f = g = h = i = j = x
    for _ in range(steps):
        a, b, c, d, e = a * x + x, b * x + x, c * x + x, d * x + x, e * x + x
        f, g, h, i, j = f * x + x, g * x + x, h * x + x, i * x + x, j * x + x
    store(out, 0, a + b + c + d + e + f + g + h + i + j)


@jit(parallel=True)
def _add(x, y, out, parts):
    for part in prange(parts):
        start, end = part * x.size // parts, (part + 1) * x.size // parts
        _add_part(x[start:end], y[start:end], out[start:end])


@jit
def _add_part(x, y, out):
    for i in range(out.size):
        out[i] = x[i] + y[i]
