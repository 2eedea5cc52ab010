"""The matrix product, shared between threads or not, against its definition and NumPy's."""
import sys

import numpy as np
import pytest

from minitorch.kernels import cpu
from minitorch.kernels.cpu import _blas, _jit
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
