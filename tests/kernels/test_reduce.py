"""The sums against their twin: by NumPy, and compiled."""
import itertools

import numpy as np
import pytest

from minitorch.kernels import cpu
from tests.naive import reduce as naive

SHAPES = (4, 3, 5, 2), (3, 80, 9, 20), (40000,), (2, 33000), (300, 130), (3, 700, 16), (5000, 3, 3)


@pytest.mark.parametrize("dtype, tolerance", [("float32", 5e-6), ("float64", 1e-13)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_equal_their_definition(shape, dtype, tolerance):
    x = np.random.default_rng(0).uniform(0, 1, shape).astype(dtype)
    for count in range(1, len(shape) + 1):
        for dim in itertools.combinations(range(len(shape)), count):
            out = cpu.sum(x, dim, True)
            exact = naive.sum(x, dim) if x.size < 1000 else x.astype(float).sum(axis=dim, keepdims=True)
            np.testing.assert_allclose(out, exact.astype(dtype), rtol=tolerance, strict=True)
            np.testing.assert_array_equal(cpu.sum(x, tuple(d - len(shape) for d in dim)), out.squeeze(dim), strict=True)
    np.testing.assert_allclose(cpu.mean(x), x.astype(float).mean(), rtol=tolerance)


@pytest.mark.parametrize("shape, dim", [((1 << 20,), 0), ((1 << 14, 64), 0), ((64, 1 << 14), 1)], ids=str)
def test_long_sums_lose_few_digits(shape, dim):
    x = np.full(shape, 0.1, np.float32)
    np.testing.assert_allclose(cpu.sum(x, dim), x.astype(float).sum(axis=dim), rtol=3e-6)  # one by one: 2e-3


def test_a_sum_of_what_is_not_finite():
    x = np.ones((3, 20000), np.float32)
    x[0, 7], x[1, 9], x[2, 11] = np.nan, np.inf, -np.inf
    np.testing.assert_array_equal(cpu.sum(x, 1), [np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(cpu.sum(x, 0)[[7, 9, 11, 0]], [np.nan, np.inf, -np.inf, 3])


def test_sums_of_strided_and_of_empty_arrays():
    x = np.random.default_rng(0).uniform(0, 1, (300, 400)).astype(np.float32)
    np.testing.assert_allclose(cpu.sum(x.T, 0), cpu.sum(x, 1), rtol=1e-6)
    np.testing.assert_array_equal(cpu.sum(x[:0], 0), np.zeros(400, np.float32))


@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-7), ("float64", 1e-13)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_running_sums_equal_their_definition(shape, dtype, tolerance):
    x = np.random.default_rng(0).uniform(0, 1, shape).astype(dtype)
    x[(0,) * len(shape)], x[(1,) * len(shape)] = np.nan, np.inf
    for dim in range(len(shape)):
        exact = naive.cumsum(x, dim)
        for x_strided in x, np.repeat(x, 2, axis=-1)[..., ::2]:
            out = cpu.cumsum(x_strided, dim)
            assert out.dtype == dtype
            np.testing.assert_allclose(out, exact, rtol=4 * tolerance if x.size < 2048 else tolerance)
