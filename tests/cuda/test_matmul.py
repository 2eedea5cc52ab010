"""Matrix products of the GPU against those of the CPU: shapes, layouts, batches, dtypes."""
import sys

import numpy as np
import pytest

from tests.cuda.twins import check, raises_on_both

rng = np.random.default_rng(0)
CLOSE = dict(rtol=2e-5, atol=2e-5)


def random(*shape):
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("I, K, J", [(1, 1, 1), (4, 8, 4), (5, 7, 3), (64, 16, 64), (65, 17, 66), (3, 40, 70),
                                     (70, 3, 2)])
def test_shapes(I, K, J):
    check("matmul", random(I, K), random(K, J), **CLOSE)


@pytest.mark.parametrize("a", [random(12, 20), random(20, 12).T, random(13, 21)[1:, 1:], random(12, 40)[:, ::2],
                               random(24, 20)[::2], random(20, 13).T[1:]], ids=range(6))
@pytest.mark.parametrize("b", [random(20, 8), random(8, 20).T, random(20, 9)[:, 1:], random(9, 20).T[:, 1:]],
                         ids=range(4))
def test_layouts(a, b):
    check("matmul", a, b, **CLOSE)


@pytest.mark.parametrize("a, b", [
    ((2, 3, 4, 5), (2, 3, 5, 6)), ((3, 4, 5), (5, 6)), ((4, 5), (3, 5, 6)), ((2, 1, 4, 5), (3, 5, 6)), ((5,), (5, 3)),
    ((4, 5), (5,)), ((5,), (5,)), ((2, 4, 5), (5,)), ((5,), (2, 5, 3)), ((0, 5), (5, 3)), ((4, 0), (0, 3)),
    ((0, 4, 5), (5, 3))])
def test_batches_and_vectors(a, b):
    check("matmul", random(*a), random(*b), **CLOSE)


def test_batches_of_transposed_matrices():
    check("matmul", random(2, 5, 4).transpose(0, 2, 1), random(2, 6, 5).transpose(0, 2, 1), **CLOSE)
    check("matmul", random(4, 2, 5).transpose(1, 0, 2), random(5, 2, 6).transpose(1, 0, 2), **CLOSE)
    check("matmul", np.broadcast_to(random(4, 5), (3, 4, 5)), random(3, 5, 2), **CLOSE)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int64, np.int32, np.uint8])
def test_dtypes(dtype):
    check("matmul", (np.arange(63).reshape(7, 9) % 5).astype(dtype), (np.arange(54).reshape(9, 6) % 4).astype(dtype))


@pytest.mark.parametrize("I, K, J", [(128, 8, 128), (130, 9, 129)])
def test_large_tiles(I, K, J, monkeypatch):
    monkeypatch.setattr(sys.modules["minitorch.kernels.cuda.matmul"], "ENOUGH", 0)
    check("matmul", random(I, K), random(K, J), **CLOSE)
    check("matmul", random(K, I).T, random(J, K).T, **CLOSE)


def test_addmm():
    for summand in (random(5, 7), random(7), random(1, 1)):
        check("addmm", summand, random(5, 6), random(6, 7), **CLOSE)


def test_what_does_not_fit_is_said_as_on_the_cpu():
    raises_on_both(ValueError, "matmul", random(2, 3), random(4, 5))
