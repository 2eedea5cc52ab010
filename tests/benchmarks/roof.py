"""What this machine can do at most: float32 arithmetic, and numbers to and from memory."""
import time

import numpy as np

from minitorch.kernels.cpu._jit import jit
from minitorch.kernels.cpu._vector import lanes, load, store

CHAINS, STEPS = 10, 1 << 17
PARTS = 64  # the threads share them


def arithmetic():
    """Additions and multiplications a second, all threads together."""
    numbers, out = np.full(lanes(), 0.5, np.float32), np.empty((PARTS, lanes()), np.float32)
    return 2 * CHAINS * STEPS * out.size / _least_seconds(_multiply_add, numbers, STEPS, out)


def memory():
    """Bytes a second that go to and from memory when two long vectors are added."""
    x, y, out = (np.ones((PARTS, 1 << 19), np.float32) for _ in range(3))  # 128 MiB each
    return 3 * x.nbytes / _least_seconds(_add, x, y, out)


def _least_seconds(kernel, *args):
    def seconds():
        start = time.perf_counter()
        kernel[PARTS](*args)
        return time.perf_counter() - start
    return min(seconds() for _ in range(7))


@jit
def _multiply_add(part, numbers, steps, out):
    """Ten sums that do not wait for each other and stay in registers, so that the multipliers always have work."""
    x = load(numbers, 0)
    a = b = c = d = e = f = g = h = i = j = x
    for _ in range(steps):
        a, b, c, d, e = a * x + x, b * x + x, c * x + x, d * x + x, e * x + x
        f, g, h, i, j = f * x + x, g * x + x, h * x + x, i * x + x, j * x + x
    store(out[part], 0, a + b + c + d + e + f + g + h + i + j)


@jit
def _add(part, x, y, out):
    x, y, out = x[part], y[part], out[part]
    for i in range(out.size):
        out[i] = x[i] + y[i]
