"""The optimizers' kernels in one pass: to the last bit what the formulas give number by number, short or long."""
import numpy as np
import pytest

from minitorch.kernels.cpu import optimizer
from tests.naive import optimizer as twin

SIZES = [3, 50_000]
ADAM = {"beta1": 0.9, "beta2": 0.999, "step_size": 0.01, "root": 0.3, "eps": 1e-8, "shrink": 0.98}


@pytest.fixture(autouse=True)
def compile_from_ten_elements(monkeypatch):
    monkeypatch.setattr(optimizer, "WORTH_COMPILING", 10)


def vectors(n, count, seed=0):
    """Vectors with a few numbers that are not finite; the last one has no negative number."""
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(n, np.float32) for _ in range(count)]
    arrays[0][:2], arrays[1][1:3] = [np.inf, -0.0], [np.nan, -np.inf]
    return [*arrays[:-1], np.abs(arrays[-1])]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("beta", [1, 0.9])
def test_axpby(n, beta):
    x, y = vectors(n, 2)
    expected = y.copy()
    with np.errstate(all="ignore"):
        twin.axpby(-0.1, x, beta, expected)
        optimizer.axpby(-0.1, x, beta, y)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("dampening", [0, 0.2])
def test_momentum_step(n, nesterov, dampening):
    arrays = vectors(n, 3)
    expected = [x.copy() for x in arrays]
    with np.errstate(all="ignore"):
        twin.momentum_step(*expected, 0.1, 0.9, dampening, nesterov)
        optimizer.momentum_step(*arrays, 0.1, 0.9, dampening, nesterov)
    for ours, theirs in zip(arrays, expected):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("shrink", [1, 0.98])
def test_adam_step(n, shrink):
    arrays = vectors(n, 4)
    expected = [x.copy() for x in arrays]
    with np.errstate(all="ignore"):
        twin.adam_step(*expected, None, **{**ADAM, "shrink": shrink})
        assert optimizer.adam_step(*arrays, None, **{**ADAM, "shrink": shrink}) is None
    for ours, theirs in zip(arrays, expected):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("view", [lambda x: x[::2], lambda x: x.reshape(200, -1).T], ids=["every second", "transposed"])
def test_strided_vectors_are_written_in_place(view):
    x, y = vectors(50_000, 2)
    expected = y.copy()
    with np.errstate(all="ignore"):
        view(expected)[...] = view(expected) + np.float32(2) * view(x)
        optimizer.axpby(2, view(x), 1, view(y))
    np.testing.assert_array_equal(y, expected)


def test_a_strided_gradient_moves_the_right_elements():
    grad, param = np.arange(50_000, dtype=np.float32).reshape(200, 250).T, np.zeros((250, 200), np.float32)
    optimizer.axpby(-1, grad, 1, param)
    np.testing.assert_array_equal(param, -grad)


def test_float64_keeps_its_precision():
    x, y = np.full(100, 1 / 3), np.full(100, 1 / 7)
    optimizer.axpby(0.1, x, 1, y)
    np.testing.assert_array_equal(y, 1 / 7 + 0.1 * (1 / 3))
