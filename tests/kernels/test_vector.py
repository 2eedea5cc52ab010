"""The vector instructions do what their meanings say, on registers of any width, and touch nothing else."""
import platform

import numpy as np
import pytest

from minitorch.kernels.cpu import _vector
from minitorch.kernels.cpu._jit import jit
from minitorch.kernels.cpu._vector import (broadcast, evens, gather, keep_apart, keep_rolled, lanes, load, load_first,
                                           odds, select, store, store_first, stream, transpose, zeros, zip_first,
                                           zip_last)
from tests.kernels.process import run

NARROW = [("", 4), ("+avx,+avx2,+fma", 8)]  # NUMBA_CPU_FEATURES, lanes; NEON too has 4


@jit
def scale_and_add(weight, x, y):
    """y += weight[1] * x, with a masked tail"""
    for j in range(0, x.size, lanes()):
        left = x.size - j
        total = load_first(y, j, left) + broadcast(weight, 1) * load_first(x, j, left)
        store_first(y, j, total, left)


@jit
def multiply_and_add(x, y, out):
    total = zeros()
    total += load(x, 1) * load(y, 0)
    store(out, 2, total)


@jit
def copy_first(x, out, count):
    store(out, 0, load_first(x, 1, count))


@jit
def store_part(x, out, count):
    store_first(out, 1, load(x, 0), count)


@jit
def transpose_block(x, out, row, column):
    transpose(x, 1, row, out, 2, column)


@jit
def dot(x, y):
    total = zeros()
    for i in range(x.size // lanes()):
        total += load(x, i * lanes()) * load(y, i * lanes())
    store(y, 0, total)


@jit
def dot_rolled(x, y):
    keep_apart()
    total = zeros()
    for i in range(x.size // lanes()):
        keep_rolled()
        total += load(x, i * lanes()) * load(y, i * lanes())
    store(y, 0, total)


@jit
def split_and_zip(x, out):
    L = lanes()
    a, b = load(x, 0), load(x, L)
    store(out, 0, evens(a, b))
    store(out, L, odds(a, b))
    store(out, 2 * L, zip_first(a, b))
    store(out, 3 * L, zip_last(a, b))
    store(out, 4 * L, b - a)


@jit
def add_two(x, out):
    a, b = load_two(x)
    store(out, 0, a + b)


@jit
def subtract_two(x, out):
    a, b = load_two(x)
    store(out, 0, a - b)


@jit
def load_two(x):
    return load(x, 0), load(x, lanes())


@jit
def compare(x, y, out):
    a, b = load(x, 0), load(y, 0)
    store(out, 0, select(a > b, a, b))
    store(out, lanes(), select((a == b) & (b != b) | (a != a), a, b))


@jit
def pick(x, places, out):
    store(out, 0, gather(x, 1, places, 2))


@jit
def stream_ratio(x, y, out):
    stream(out, lanes(), load(x, 0) / load(y, 0))


def numbers(size):
    return np.arange(1, 1 + size, dtype=np.float32)


def meaning(kernel, *arrays):
    """What the kernel does in Python."""
    copies = [array.copy() if isinstance(array, np.ndarray) else array for array in arrays]
    kernel.__wrapped__(*copies)
    return copies


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 15, 16, 17, 40])
def test_a_loop_with_a_tail(size):
    x, y = numbers(size), numbers(size)[::-1].copy()
    expected = y + 2 * x
    *_, in_python = meaning(scale_and_add, numbers(2), x, y)
    scale_and_add(numbers(2), x, y)
    assert np.array_equal(y, expected) and np.array_equal(in_python, expected)


def test_multiply_and_add():
    L = lanes()
    x, y, out = numbers(L + 1), numbers(L), np.zeros(L + 3, np.float32)
    *_, expected = meaning(multiply_and_add, x, y, out)
    multiply_and_add(x, y, out)
    assert np.array_equal(out, expected) and np.array_equal(out[2:-1], x[1:] * y) and not out[[0, 1, -1]].any()


@pytest.mark.parametrize("kernel", [copy_first, store_part])
def test_counts_end_at_nothing_and_at_the_vector(kernel):
    for count in (-3, 0, 1, 2, 3, lanes() - 1, lanes(), lanes() + 1, 10 ** 10):
        x, out = numbers(lanes() + 1), np.full(lanes() + 2, -1, np.float32)
        _, expected, _ = meaning(kernel, x, out, count)
        kernel(x, out, count)
        assert np.array_equal(out, expected), count


def test_transpose():
    L = lanes()
    x, out = numbers(L * (L + 2)), np.zeros(L * (L + 3), np.float32)
    _, expected, *_ = meaning(transpose_block, x, out, L + 1, L + 2)
    transpose_block(x, out, L + 1, L + 2)
    assert np.array_equal(out, expected) and np.count_nonzero(out) == L * L
    assert out[2 + 3 * (L + 2)] == x[1 + 3] and out[2 + 1] == x[1 + L + 1]


def test_keep_rolled():
    """The loop multiplies in one place; left to itself, the compiler writes it in several, and may inline it."""
    x, y = numbers(5 * lanes()), numbers(5 * lanes())
    _, expected = meaning(dot_rolled, x, y)
    dot_rolled(x, y)
    assert np.array_equal(y, expected)
    import numba
    kept, free = (str(numba.njit("void(f4[::1], f4[::1])")(kernel.__wrapped__).inspect_llvm())
                  for kernel in (dot_rolled, dot))
    assert kept.count("fmul contract <") == 1 < free.count("fmul contract <")
    assert kept.count("noinline") > free.count("noinline")


def test_split_and_zip():
    L = lanes()
    x, out = numbers(2 * L), np.zeros(5 * L, np.float32)
    *_, expected = meaning(split_and_zip, x, out)
    split_and_zip(x, out)
    assert np.array_equal(out, expected)
    assert np.array_equal(out[:2 * L].reshape(2, L).T.ravel(), x)
    assert np.array_equal(out[2 * L:4 * L].reshape(L, 2).T.ravel(), x)
    assert np.array_equal(out[4 * L:], np.full(L, L))


def test_compare_and_select():
    L = lanes()
    x, y, out = numbers(L), numbers(L)[::-1].copy(), np.zeros(2 * L, np.float32)
    x[0] = y[1] = np.nan
    *_, expected = meaning(compare, x, y, out)
    compare(x, y, out)
    assert np.array_equal(out, expected, equal_nan=True)
    assert np.array_equal(out[:L], np.where(x > y, x, y), equal_nan=True) and np.isnan(out[1])
    assert np.array_equal(out[L:], np.where(np.isnan(x), x, y), equal_nan=True)


def test_gather():
    L = lanes()
    x, out, places = numbers(4 * L), np.zeros(L, np.float32), np.arange(L + 2)[::-1] * 3
    places[-1] = -1
    *_, expected = meaning(pick, x, places, out)
    pick(x, places, out)
    assert np.array_equal(out, expected) and np.array_equal(out, x[1 + places[2:]])


def test_stream():
    """Results go past the caches, to a place that is a multiple of 16 bytes."""
    L = lanes()
    x, y, out = numbers(L), numbers(L)[::-1].copy(), np.zeros(3 * L, np.float32)
    *_, expected = meaning(stream_ratio, x, y, out)
    stream_ratio(x, y, out)
    assert np.array_equal(out, expected) and np.array_equal(out[L:2 * L], x / y) and not out[[*range(L), -L]].any()
    import numba
    assert "movnt" in str(next(iter(numba.njit("void(f4[::1], f4[::1], f4[::1])")(
        stream_ratio.__wrapped__).inspect_asm().values()))) or platform.machine() != "x86_64"


def test_python_stops_outside_of_an_array():
    x = numbers(lanes())
    for call in (lambda: load(x, 1), lambda: load(x, -1), lambda: store(x, 1, zeros()), lambda: broadcast(x, x.size),
                 lambda: load_first(x, x.size - 1, 2), lambda: store_first(x, -1, zeros(), 1)):
        with pytest.raises(IndexError, match="is not inside of"):
            call()
    assert np.array_equal(load_first(x, x.size, 0), zeros())


def test_only_contiguous_vectors_of_float32_compile():
    import numba
    for x in numbers(99).astype(np.float64), numbers(99)[::2], numbers(99).reshape(3, 33):
        with pytest.raises(numba.TypingError):
            multiply_and_add(x, numbers(99), numbers(99))


@pytest.mark.parametrize("features, count", NARROW)
def test_narrower_registers(features, count, tmp_path):
    """The same loops and the same convolution, compiled for less than this machine has."""
    host = _vector.host_features()
    if not set(filter(None, features.split(","))) <= set(host):
        pytest.skip("this machine has no such registers")
    run("import sys; from tests.kernels import test_vector as t; assert t.lanes() == int(sys.argv[1])\n"
        "for size in (1, 4, 9, 40): t.test_a_loop_with_a_tail(size)\n"
        "t.test_multiply_and_add(); t.test_transpose(); t.test_split_and_zip()\n"
        "t.test_compare_and_select(); t.test_gather()\n"
        "for kernel in t.copy_first, t.store_part: t.test_counts_end_at_nothing_and_at_the_vector(kernel)\n"
        "from tests.kernels import test_conv\n"
        "test_conv.check_float32(2, 3, 20, (9, 8), (3, 2), (1, 2), (1, 0), (1, 1), 1)\n"
        "from tests.kernels import test_winograd as w; w.check(w.Direct, 2, 9, 7, (30, 41), (1, 1), 0)\n",
        count, NUMBA_CPU_FEATURES=features, NUMBA_CACHE_DIR=str(tmp_path))


def test_a_kernel_from_the_cache_returns_vectors_to_a_new_one(tmp_path):
    first, then = (run("import numpy as np; from minitorch.kernels.cpu import _jit; _jit.on_compile(print)\n"
                       "from tests.kernels import test_vector as t; x = t.numbers(2 * t.lanes())\n"
                       f"t.{kernel}(x, x.copy())", NUMBA_CACHE_DIR=str(tmp_path))
                   for kernel in ("add_two", "subtract_two"))
    assert first.stdout.split() == ["add_two", "load_two"]
    assert then.stdout.split() == ["subtract_two"]


def test_found_in_the_cache(tmp_path):
    code = ("from minitorch.kernels.cpu import _jit; _jit.on_compile(print)\n"
            "from tests.kernels import test_vector as t; t.test_a_loop_with_a_tail(9)")
    cold, warm = (run(code, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert cold.stdout == "scale_and_add\n"
    assert warm.stdout == ""
