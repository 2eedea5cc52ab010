"""The compiled elementwise kernels against their twins: by NumPy, and compiled for one thread and for all."""
import numpy as np
import pytest

from minitorch.kernels import cpu
from tests.naive import elementwise as naive


@pytest.mark.parametrize("length", [12, 5000, 40000])
@pytest.mark.parametrize("name", ["exp", "log", "sigmoid", "tanh"])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 3e-7), ("float64", 1e-15)])
def test_functions_equal_their_definitions(name, length, dtype, tolerance):
    x = np.random.default_rng(length).uniform(-110, 110, length).astype(dtype)
    x[length // 2:] /= 100
    x[:12] = np.nan, np.inf, -np.inf, 0, -0.0, 1e-30, 88.7, 88.8, -103.9, -104.1, 1e-40, -1e-40
    with np.errstate(over="ignore", under="ignore"):
        exact = np.array([getattr(naive, name)(float(v)) for v in x]).astype(dtype)
    ours = getattr(cpu, name)(x)
    np.testing.assert_allclose(ours, exact, rtol=tolerance, atol=np.finfo(dtype).tiny, strict=True)


@pytest.mark.parametrize("length", [12, 5000, 40000])
@pytest.mark.parametrize("name", ["sigmoid_backward", "tanh_backward"])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 3e-7), ("float64", 1e-15)])
def test_gradients_equal_their_definitions(name, length, dtype, tolerance):
    rng = np.random.default_rng(length)
    grad, y = rng.standard_normal(length).astype(dtype), rng.uniform(0, 1, length).astype(dtype)
    grad[:3], y[2:5] = (np.nan, np.inf, 0), (np.inf, np.nan, 1)
    with np.errstate(invalid="ignore"):
        exact = getattr(naive, name)(grad.astype(float), y.astype(float)).astype(dtype)
    np.testing.assert_allclose(getattr(cpu, name)(grad, y), exact, rtol=tolerance, atol=tolerance, strict=True)
    ones = np.broadcast_to(np.ones((), dtype), y.shape)
    np.testing.assert_array_equal(getattr(cpu, name)(ones, y), getattr(cpu, name)(ones.copy(), y))


def test_a_result_has_the_shape_of_its_input():
    x = np.random.default_rng(0).standard_normal((50, 60, 2)).astype(np.float32)
    for name in ("exp", "tanh", "sigmoid"):
        np.testing.assert_allclose(getattr(cpu, name)(x), getattr(cpu, name)(x.astype(float)), rtol=3e-7)


@pytest.mark.parametrize("shape", [(), (33,), (64, 1, 1), (16, 1, 1, 1), (32, 33), (16, 64, 32, 33), (16, 1, 32, 1)],
                         ids=str)
@pytest.mark.parametrize("name, ufunc", [("add", np.add), ("sub", np.subtract), ("mul", np.multiply),
                                         ("div", np.true_divide)])
@np.errstate(all="ignore")
def test_arithmetic_on_a_large_array_is_that_of_numpy(name, ufunc, shape):
    rng, function = np.random.default_rng(0), getattr(cpu, name)
    for dtype in (np.float32, np.float64):
        a, b = (np.asarray(rng.uniform(0.5, 2, s), dtype) for s in ((16, 64, 32, 33), shape))
        a[0, 0, 0, :3] = np.nan, np.inf, -0.0
        for x, y in ((a, b), (b, a), (a, 3), (2.5, a)):
            np.testing.assert_array_equal(function(x, y), ufunc(x, y), strict=True)
    outer = function(a[..., :1], b.astype(np.float32)), function(a.transpose(0, 1, 3, 2), 2)
    np.testing.assert_array_equal(outer[0], ufunc(a[..., :1], b.astype(np.float32)))
    np.testing.assert_array_equal(outer[1], ufunc(a.transpose(0, 1, 3, 2), 2))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bounds", [(-1, 0.5), (None, 0), (0.1, None), (1, -1), (np.nan, 1), (0, np.nan)], ids=str)
def test_clamp(bounds, dtype):
    x = np.random.default_rng(0).normal(size=3000).astype(dtype)
    x[:5] = np.nan, np.inf, -np.inf, 0, -0.0
    exact = x
    for bound, nearer in zip(bounds, (np.maximum, np.minimum)):
        exact = exact if bound is None else nearer(exact, x.dtype.type(bound))
    np.testing.assert_array_equal(cpu.clamp(x, *bounds), exact, strict=True)
