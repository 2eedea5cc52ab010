"""The standardising kernels against their twins: by NumPy, and compiled for one thread and for all."""
import numpy as np
import pytest

from minitorch.kernels.cpu import norm
from tests.naive import norm as naive

EPS = 0.01
CASES = {  # name: (shape, dim, shape of the parameters)
    "rows": ((600, 8), (1,), (8,)), "many rows": ((3000, 4, 3), (1, 2), (4, 3)), "long rows": ((3, 900), (1,), (900,)),
    "few": ((5, 6), (1,), (6,)), "channels": ((5, 7, 6, 10), (0, 2, 3), (7, 1, 1)),
    "many channels": ((3, 600, 20), (0, 2), (600, 1)), "one channel": ((2, 1, 1100), (0, 2), (1, 1)),
    "groups": ((4, 3, 5, 60), (2, 3), (3, 5, 1)), "one sample": ((1, 2, 3, 700), (2, 3), (2, 3, 1)),
    "small": ((2, 3, 4), (0, 2), (3, 1)), "no image": ((500, 6), (0,), (6,)),
}


def each_group(function, dim, *arrays):
    """Call function(vector, ...) for all vectors along `dim`, and put the vectors that it returns in their places."""
    others = [d for d in range(arrays[0].ndim) if d not in dim]
    order = [*others, *dim]
    size = np.prod([arrays[0].shape[d] for d in dim])
    groups = zip(*[array.astype(float).transpose(order).reshape(-1, size) for array in arrays])         # (G, L) each
    out = np.array([function(*vectors) for vectors in groups])
    return out.reshape([arrays[0].shape[d] for d in order]).transpose(np.argsort(order))


@pytest.mark.parametrize("dtype, tolerance", [("float32", 3e-5), ("float64", 1e-11)])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("scaled", [False, True])
def test_standardize_equals_its_definition(name, scaled, dtype, tolerance):
    shape, dim, parameters = CASES[name]
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(3, 2, shape).astype(dtype) for _ in range(2))
    weight, bias = (rng.normal(1, 1, parameters).astype(dtype) if scaled else None for _ in range(2))
    scale, shift = (weight, bias) if scaled else (1, 0)
    exact = each_group(lambda x: naive.standardize(x, EPS), dim, x)
    out, mean, var = norm.standardize(x, dim, EPS, weight, bias)
    assert out.dtype == mean.dtype == var.dtype == dtype
    same = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(out, exact * scale + shift, **same)
    np.testing.assert_allclose(mean, x.astype(float).mean(axis=dim, keepdims=True), **same)
    np.testing.assert_allclose(var, x.astype(float).var(axis=dim, keepdims=True), **same)
    dx, dweight, dbias = norm.standardize_backward(grad, x, mean, var, weight, dim, EPS)
    assert dx.dtype == dtype
    expected = each_group(lambda g, x: naive.standardize_backward(g, x, EPS), dim, grad * scale, x)
    np.testing.assert_allclose(dx, expected, **same)
    if scaled:
        over = tuple(d for d, n in enumerate((1,) * (x.ndim - weight.ndim) + parameters) if n == 1)
        over = over or tuple(range(x.ndim - weight.ndim))
        size = np.sqrt(x.size / weight.size)
        for ours, theirs in ((dweight, (grad * exact).sum(axis=over)), (dbias, grad.astype(float).sum(axis=over))):
            assert ours.shape == parameters
            np.testing.assert_allclose(ours, theirs.reshape(parameters), rtol=tolerance, atol=tolerance * size)


@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_group(special):
    x, ones = np.random.default_rng(0).normal(size=(3, 900)), np.ones(900)
    x[1, 5] = special
    for out in norm.standardize(x, (1,), EPS, ones, ones)[0], norm.standardize(x, (1,), EPS)[0]:
        assert np.isnan(out[1]).all() and np.isfinite(out[::2]).all()
