"""Softmax, the losses of a classifier, activations: the GPU's kernels against the CPU's."""
import numpy as np
import pytest

from tests.cuda.twins import check

rng = np.random.default_rng(0)
X = rng.standard_normal((3, 4, 5)).astype(np.float32) * 3
CLOSE = dict(rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@np.errstate(all="ignore")
def test_softmax(name):
    for dim in (0, 1, -1):
        check(name, X, dim, **CLOSE)
        check(f"{name}_backward", X, np.flip(X).copy(), dim, **CLOSE)
    long = rng.standard_normal((2, 150)).astype(np.float32)  # more than there are threads
    check(name, long, 1, **CLOSE)
    check(f"{name}_backward", long, np.flip(long).copy(), 1, **CLOSE)
    check(name, X.transpose(2, 0, 1), 1, **CLOSE)
    check(name, np.array([[1, np.nan, 2], [np.inf, 0, 1], [-np.inf, 0, 1], [-np.inf] * 3, [1e4, 0, -1e4]], np.float32),
          1, **CLOSE)
    check(name, X[:0], 2)
    check(name, np.array(3, np.float32), 0)
    check(name, X.astype(np.float64), 1)
    check(name, X.astype(np.float16), 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_of_a_classifier(dtype):
    x, index = rng.standard_normal((7, 5)).astype(dtype), np.array([0, 4, -1, 2, 2, 1, 3])
    log_totals = np.log(np.exp(x).sum(1))
    check("class_losses", x, index, **CLOSE)
    check("class_losses", np.asfortranarray(x), index, **CLOSE)
    for grad in (np.array(0.5, dtype), rng.standard_normal(7).astype(dtype)):
        check("class_losses_backward", grad, x, log_totals, index, **CLOSE)
    check("class_losses_backward", np.broadcast_to(np.array(2, dtype), (7,)), x, log_totals, index, **CLOSE)


@pytest.mark.parametrize("name, numbers", [
    ("relu", ()), ("leaky_relu", (0.1,)), ("scaled_elu", (1.5, 1.1, 0.5)), ("silu", ()), ("gelu", ()),
    ("gelu_tanh", ())])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations(name, numbers, dtype):
    x = np.array([0, 1, -1, 0.25, -3, 8, -8, 2.5, -0.5], dtype)
    check(name, x, *numbers, **CLOSE)
    check(f"{name}_backward", rng.standard_normal(9).astype(dtype), x, *numbers, **CLOSE)


def test_relu_of_special_numbers():
    x = np.array([np.nan, np.inf, -np.inf, 3], np.float32)
    check("relu", x)
    check("relu_backward", np.ones(4, np.float32), x)
