"""The softmax kernels against their twins: by NumPy, and compiled for one thread and for all."""
import numpy as np
import pytest

from minitorch.kernels import cpu as kernels
from minitorch.kernels.cpu._math import exp
from minitorch.kernels.cpu.softmax import largest
from tests.kernels.guarded import guarded, needs_guards
from tests.kernels.process import run
from tests.naive import softmax as naive


@pytest.mark.parametrize("shape", [(3, 5), (700, 3), (2, 30, 64), (9, 333), (2, 20000), (300, 129), (3000, 1)], ids=str)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-14)])
def test_softmax_equals_its_definition(name, shape, dtype, tolerance):
    rng = np.random.default_rng(0)
    x, grad = rng.uniform(-20, 20, shape).astype(dtype), rng.standard_normal(shape).astype(dtype)
    rows = [v.astype(float) for v in x.reshape(-1, shape[-1])[:30]]
    exact = np.array([getattr(naive, name)(row) for row in rows])
    out = getattr(kernels, name)(x, len(shape) - 1)
    assert out.dtype == dtype and out.shape == shape
    np.testing.assert_allclose(out.reshape(-1, shape[-1])[:30], exact, rtol=tolerance, atol=tolerance)
    if shape[-1] < 1000:  # the twin's matrix of derivatives is of that size squared
        dx = getattr(kernels, name + "_backward")(grad, out, len(shape) - 1)
        exact = [getattr(naive, name + "_backward")(g.astype(float), y)
                 for g, y in zip(grad.reshape(-1, shape[-1]), exact)]
        np.testing.assert_allclose(dx.reshape(-1, shape[-1])[:30], exact, rtol=tolerance, atol=40 * tolerance)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_rows_that_are_not_finite(name):
    x = np.random.default_rng(0).standard_normal((8, 300)).astype(np.float32)
    x[1, 200], x[2, 7], x[3, 299], x[4] = np.nan, np.inf, -np.inf, -np.inf
    x[5, ::2], x[6] = -np.inf, np.nan
    out = getattr(kernels, name)(x, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = np.array([getattr(naive, name)(row) for row in x.astype(float)])
    exact[2] = np.nan  # the twin
    np.testing.assert_allclose(out, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape, dim", [((40, 60), 0), ((4, 30, 64), 1), ((3, 20, 700), 1), ((5, 9, 2, 33), 1)],
                         ids=str)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_dimension_before_the_last(name, shape, dim):
    rng = np.random.default_rng(0)
    x, grad = rng.uniform(-20, 20, shape).astype(np.float32), rng.standard_normal(shape).astype(np.float32)
    x[(0,) * len(shape)], x[(1,) * len(shape)] = np.nan, np.inf
    x[..., 5] = -np.inf
    x_last, grad_last = (np.ascontiguousarray(np.moveaxis(a, dim, -1)) for a in (x, grad))
    out, out_last = getattr(kernels, name)(x, dim), getattr(kernels, name)(x_last, -1)
    np.testing.assert_allclose(out, np.moveaxis(out_last, -1, dim), rtol=2e-6, atol=1e-6)
    backward = getattr(kernels, name + "_backward")
    dx, dx_last = backward(grad, out, dim), backward(grad_last, out_last, -1)
    np.testing.assert_allclose(dx, np.moveaxis(dx_last, -1, dim), rtol=1e-5, atol=2e-5)


def test_exp():
    x = np.concatenate([np.linspace(-110, 95, 20001), [np.inf, -np.inf, np.nan, 0, -0.0]]).astype(np.float32)
    with np.errstate(over="ignore", under="ignore"):
        exact = np.exp(x.astype(float)).astype(np.float32)
    np.testing.assert_allclose([exp(v) for v in x], exact, rtol=2e-7, atol=2e-45)


def find_the_largest(array=np.array):
    rng = np.random.default_rng(0)
    for size in range(1, 150):
        x, scratch = array(rng.permutation(size).astype(np.float32)), array(np.zeros(64, np.float32))
        assert largest(x, scratch) == size - 1
        x[rng.integers(size)] = -np.inf if size > 1 else 0
        assert largest(x, scratch[:size]) == np.max(x)


def test_the_largest_of_a_row_is_found_wherever_it_is():
    find_the_largest()


def test_it_is_looked_for_inside_of_the_row():
    """Every index is looked at, in Python."""
    run("from tests.kernels import test_softmax; test_softmax.find_the_largest()", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_nothing_behind_a_row_is_read():
    find_the_largest(guarded)
