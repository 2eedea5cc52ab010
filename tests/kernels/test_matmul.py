"""The matrix product, shared between threads or not, against its definition and NumPy's."""
import sys

import numpy as np
import pytest

from minitorch.kernels import cpu
from minitorch.kernels.cpu import _blas, _jit
from minitorch.kernels.cpu._vector import lanes
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run
from tests.naive import matmul as naive

matmul = sys.modules["minitorch.kernels.cpu.matmul"]  # the module; the package has the function under this name


@pytest.fixture(params=[1, 3], ids=["one part", "three parts"])
def shared(request, monkeypatch):
    """Every product is worth sharing, in so many parts, whatever the machine has."""
    if _blas.gemm(np.dtype(np.float32)) is None:
        pytest.skip("NumPy was not built with OpenBLAS")
    monkeypatch.setattr(matmul, "_worth_sharing", lambda a, b: a.ndim > 1 < b.ndim and a.dtype.kind == "f")
    monkeypatch.setattr(matmul, "get_num_threads", lambda: request.param)


def normal(*shape, dtype=np.float32):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def operands():
    """Pairs whose matrices lie in memory in all ways, around the sizes at which parts end."""
    yield normal(9, 5), normal(5, 7)
    yield normal(5, 9).T, normal(7, 5).T
    yield normal(1, 5), normal(5, 30)
    yield normal(30, 5), normal(5, 1)
    yield normal(6, 1), normal(1, 6)
    yield normal(1, 1), normal(1, 1)
    yield normal(33, 8)[::-1], normal(8, 40)[:, ::-1]
    yield normal(33, 16)[::2, ::2], normal(9, 40)[1:, 3:]
    yield np.broadcast_to(normal(1, 5), (20, 5)), np.broadcast_to(normal(5, 1), (5, 20))
    yield normal(4, 20, 5), normal(4, 5, 6)
    yield normal(3, 1, 20, 5), normal(4, 6, 5).swapaxes(1, 2)
    yield normal(2, 9, 3, 4).swapaxes(1, 2), normal(2, 9, 3, 4).transpose(0, 2, 3, 1)
    yield normal(2, 1, 5), normal(5, 3)
    yield np.frombuffer(b"-" + normal(4, 3).tobytes(), np.float32, 12, 1).reshape(4, 3), normal(3, 2)  # not aligned


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shared_products(shared, dtype):
    for a, b in operands():
        a, b = (x if dtype == np.float32 else x.astype(dtype) for x in (a, b))
        expected = np.matmul(a.astype(np.float64), b.astype(np.float64))
        out = cpu.matmul(a, b)
        assert out.dtype == dtype and out.flags.c_contiguous
        np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5 if dtype == np.float32 else 1e-12)


def test_definition(shared):
    a, b = normal(9, 5, dtype=np.float64), normal(5, 20, dtype=np.float64)
    np.testing.assert_allclose(cpu.matmul(a, b), naive.matmul(a, b), atol=1e-14)


def test_addmm(shared):
    a, b = normal(9, 5), normal(5, 20)
    for summand in normal(20), normal(9, 1), normal(9, 20), normal(1):
        np.testing.assert_allclose(cpu.addmm(summand, a, b), summand + a @ b, rtol=1e-5, atol=1e-5)


def test_nan_and_inf_stay_in_their_rows_and_columns(shared):
    a, b = normal(9, 5), normal(5, 20)
    a[3, 2], b[1, 4] = np.nan, np.inf
    out = cpu.matmul(a, b)
    assert np.isnan(out[3]).all() and np.isnan(out).sum() == 20 and np.isinf(np.delete(out, 3, 0)[:, 4]).all()
    assert np.isfinite(np.delete(np.delete(out, 3, 0), 4, 1)).all()


def test_large_products_are_shared(monkeypatch):
    """By default, and with the same result."""
    calls = []
    monkeypatch.setattr(matmul, "_share", lambda *args, share=matmul._share: calls.append(args) or share(*args))
    a, b = normal(200, 150), normal(150, 180)
    np.testing.assert_allclose(cpu.matmul(a, b), a @ b, rtol=1e-4, atol=1e-4)
    assert len(calls) == (_jit.get_num_threads() > 1 and _blas.gemm(a.dtype) is not None)


@pytest.mark.parametrize("a, b", [((0, 3), (3, 4)), ((2, 0), (0, 4)), ((2, 3), (3, 0)), ((0, 2, 3), (3, 4)),
                                  ((256, 256), (0, 256, 196))])
def test_empty(a, b):
    np.testing.assert_array_equal(cpu.matmul(normal(*a), normal(*b)), np.matmul(normal(*a), normal(*b)), strict=True)


def test_works_without_the_compiler():
    code = """
import sys
import sys

import numpy as np
import minitorch.kernels.cpu as cpu
matmul = sys.modules["minitorch.kernels.cpu.matmul"]
a, b = np.arange(12.0).reshape(3, 4), np.arange(80.0).reshape(4, 20)
assert (matmul._share(a, b) == a @ b).all()
"""
    run(code, NUMBA_DISABLE_JIT="1")


# ------------------------------------------------------------------------------------------------------ small matrices
def small_operands(prepare=lambda x: x):
    """Pairs for the tiles, around the sizes at which vectors, tiles and blocks end; `prepare` gets them as they lie in
    memory.
    """
    def turned(*shape):
        return prepare(normal(*shape).swapaxes(-2, -1).copy()).swapaxes(-2, -1)

    L = lanes()
    for I, K, J in [(8, L, 2 * L), (matmul.TALL + 1, L + 1, 2 * L + 1), (2 * matmul.TALL - 1, 3 * L - 1, 4 * L)]:
        for left in prepare(normal(I, K)), turned(I, K):
            yield left, prepare(normal(K, J))
            yield left, turned(K, J)
        for left in prepare(normal(3, I, K)), turned(3, I, K):
            yield left, prepare(normal(3, K, J))
            yield left, turned(3, K, J)
        yield prepare(normal(2, 1, I, K)), turned(K, J)


def check_tiles(a, b):
    summand = normal(b.shape[-1])
    assert matmul._worth_tiles(a, b)
    out, expected = cpu.matmul(a, b), np.matmul(a.astype(np.float64), b.astype(np.float64))
    assert out.dtype == np.float32 and out.shape == expected.shape and out.flags.c_contiguous
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(matmul._in_tiles(a, b, summand), expected + summand, rtol=1e-5, atol=2e-5)


@pytest.fixture
def tiles(monkeypatch):
    """Tiles are worth it for few products, too."""
    monkeypatch.setattr(matmul, "WORTH_SHARING", 1)


def test_tiles(tiles):
    for a, b in small_operands():
        check_tiles(a, b)


def test_tiles_definition(tiles):
    a, b = normal(9, 17), normal(17, 2 * lanes() + 3)
    assert matmul._worth_tiles(a, b)
    np.testing.assert_allclose(cpu.matmul(a, b), naive.matmul(a, b), rtol=1e-5, atol=1e-5)


def test_tiles_begin_with_a_bias(tiles, monkeypatch):
    (a, b), calls, in_tiles = next(small_operands()), [], matmul._in_tiles
    monkeypatch.setattr(matmul, "_in_tiles", lambda *args: calls.append(args) or in_tiles(*args))
    for summand in normal(b.shape[1]), normal(2 * b.shape[1])[::2], normal(len(a), 1), normal(1):
        np.testing.assert_allclose(cpu.addmm(summand, a, b), summand + a @ b, rtol=1e-5, atol=1e-5)
    assert len(calls) == 2  # the first two are a bias


def test_tiles_only_where_they_can(tiles):
    a, b = normal(3, 20, 16), normal(3, 16, 64)
    aside = np.frombuffer(b"-" + b.tobytes(), np.float32, b.size, 1).reshape(b.shape)  # not aligned
    for a, b in [(a, b[:1]), (a[:1], b), (a[:, ::2], b), (a, b[..., ::2]), (a, b[:, ::-1]), (a, aside), (a[:, :4], b),
                 (a.astype(np.float64), b), (a, b.astype(np.float64)), (a.transpose(1, 0, 2), b[0]),
                 (a[..., :2].copy(), b[:, :2].copy()), (a, b[..., :2].copy()), (a[:, :, :0], b[:, :0]), (a[0, 0], b),
                 (a, b[0, :, 0]), (normal(20, 1000), normal(1000, 64))]:
        assert not matmul._worth_tiles(a, b)
        np.testing.assert_allclose(cpu.matmul(a, b), np.matmul(a, b), rtol=1e-4, atol=1e-4)


def test_tiles_by_default():
    assert matmul._worth_tiles(normal(64, 64, 64), normal(64, 64, 64))
    assert not matmul._worth_tiles(normal(64, 64), normal(64, 64))


def test_nan_and_inf_stay_in_their_rows_and_columns_of_tiles(tiles):
    a, b = normal(20, 16), normal(16, 2 * lanes() + 3)
    a[3, 2], b[1, 4] = np.nan, np.inf
    assert matmul._worth_tiles(a, b)
    out = cpu.matmul(a, b)
    np.testing.assert_array_equal(np.isnan(out), np.isnan(a @ b))
    np.testing.assert_array_equal(np.isinf(out), np.isinf(a @ b))
    assert np.isnan(out[3]).all() and np.isinf(np.delete(out, 3, 0)[:, 4]).all()


def test_tiles_are_the_same_for_all_numbers_of_threads(tiles):
    threads = _jit.get_num_threads()
    for a, b in small_operands():
        expected = cpu.matmul(a, b)
        try:
            _jit.set_num_threads(1)
            np.testing.assert_array_equal(cpu.matmul(a, b), expected)
        finally:
            _jit.set_num_threads(threads)


def test_tiles_without_the_compiler():
    run("from tests.kernels.test_matmul import check_tiles, matmul, normal\n"
        "matmul.WORTH_SHARING = 1\n"
        "for a, b in [((2, 8, 17), (2, 17, 35)), ((2, 9, 16), (16, 32))]:\n"
        "    check_tiles(normal(*a), normal(*b))\n"
        "check_tiles(normal(17, 9).T, normal(35, 17).T)", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_tiles_do_not_look_beyond_the_arrays():
    run("from tests.kernels.test_matmul import check_tiles, matmul, small_operands\n"
        "from tests.kernels.guarded import guarded\n"
        "matmul.WORTH_SHARING = 1\n"
        "for a, b in small_operands(guarded):\n"
        "    check_tiles(a, b)")
