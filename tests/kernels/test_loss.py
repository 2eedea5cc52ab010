"""The classification loss against its twin: by NumPy, compiled for few rows and for many."""
import numpy as np
import pytest

from minitorch.kernels import cpu as kernels
from tests.naive import loss as naive


@pytest.mark.parametrize("shape", [(64, 10), (1, 1), (5, 3000), (900, 65), (3, 40000)], ids=str)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 3e-6), ("float64", 1e-13)])
def test_losses_and_gradients_equal_their_definitions(shape, dtype, tolerance):
    rng = np.random.default_rng(0)
    x, grad = rng.uniform(-20, 20, shape).astype(dtype), rng.standard_normal(shape[0]).astype(dtype)
    index = rng.integers(-1, shape[1], shape[0])
    losses, log_totals = kernels.class_losses(x, index)
    exact = [naive.class_loss(row.astype(float), i) for row, i in zip(x, index)]
    assert losses.dtype == dtype
    np.testing.assert_allclose(losses, exact, rtol=tolerance, atol=10 * tolerance)
    for grad in (grad, grad[0]):
        grad = np.asarray(grad)
        dx = kernels.class_losses_backward(grad, x, log_totals, index)
        exact = [naive.class_loss_backward(float(g), row.astype(float), i)
                 for g, row, i in zip(np.broadcast_to(grad, len(x)), x, index)]
        assert dx.dtype == dtype
        np.testing.assert_allclose(dx, exact, rtol=10 * tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("C", [300, 3000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_that_are_not_finite(dtype, C):
    x = np.zeros((5, C), dtype)
    x[0, 7], x[1, 7], x[2, 7], x[3] = np.nan, np.inf, -np.inf, -np.inf
    losses, log_totals = kernels.class_losses(x, np.full(5, 7))
    np.testing.assert_allclose(losses, [np.nan, np.nan, np.inf, np.nan, np.log(C)], rtol=1e-6)
    dx = kernels.class_losses_backward(np.ones((), dtype), x, log_totals, np.full(5, 7))
    assert np.isnan(dx[[0, 3]]).all() and dx[2, 7] == -1
    np.testing.assert_allclose(dx[4], 1 / C - (np.arange(C) == 7), rtol=1e-4)


def test_strided_scores_and_none_at_all():
    x = np.random.default_rng(0).standard_normal((90, 40)).astype(np.float32)
    index = np.arange(40)
    losses, log_totals = kernels.class_losses(x.T, index)
    np.testing.assert_array_equal(losses, kernels.class_losses(x.T.copy(), index)[0])
    grad = np.ones(80, np.float32)[::2]
    np.testing.assert_array_equal(kernels.class_losses_backward(grad, x.T, log_totals, index),
                                  kernels.class_losses_backward(grad.copy(), x.T.copy(), log_totals, index))
    assert kernels.class_losses(x[:0], index[:0])[0].shape == (0,)
    assert kernels.class_losses_backward(grad[:0], x[:0], log_totals[:0], index[:0]).shape == (0, 40)
