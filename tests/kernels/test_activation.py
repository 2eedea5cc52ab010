"""The activation kernels against their twins, on arrays long enough to be compiled and on short ones."""
import numpy as np
import pytest

from minitorch.kernels.cpu import activation
from tests.naive import activation as naive

LENGTHS = 3, 5000, 40000  # by NumPy, compiled for one thread, compiled for all


def numbers(length, dtype):
    """Numbers between -8 and 8; not finite ones and the borders of the range of e^x among them."""
    x = np.random.default_rng(length).uniform(-8, 8, length).astype(dtype)
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 88.5, 89, -87, -100, -104, 1e-30, 700, -745][:length]
    x[-len(special):] = special
    return x


PARAMETERS = {"leaky_relu": (0.1,), "scaled_elu": (1.7, 1.1, 0.5)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name, tolerance", [("relu", 0), ("leaky_relu", 1e-7), ("scaled_elu", 5e-7), ("silu", 5e-7),
                                             ("gelu", 5e-7), ("gelu_tanh", 2e-6)])
def test_functions_and_gradients_equal_their_definitions(name, tolerance, length, dtype):
    x, grad = numbers(length, dtype), np.random.default_rng(0).standard_normal(length).astype(dtype)
    grad[:2] = np.nan, np.inf
    parameters = PARAMETERS.get(name, ())
    for kernel, arrays in ((name, (x,)), (name + "_backward", (grad, x))):
        ours = getattr(activation, kernel)(*arrays, *parameters)
        exact = np.array([getattr(naive, kernel)(*numbers) for numbers in zip(*[a.tolist() for a in arrays])])
        relative, absolute = (tolerance, 3 * tolerance) if dtype == "float32" else (1e-14, 1e-13)
        np.testing.assert_allclose(ours, exact.astype(dtype), rtol=relative, atol=absolute, strict=True)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "silu", "gelu", "gelu_tanh"])
def test_a_gradient_that_is_one_number(name):
    x = numbers(5000, np.float32).reshape(50, 100)
    grad = np.broadcast_to(np.float32(2), x.shape)  # as from a sum
    backward, parameters = getattr(activation, name + "_backward"), PARAMETERS.get(name, ())
    np.testing.assert_array_equal(backward(grad, x, *parameters), backward(grad.copy(), x, *parameters))


def test_arrays_of_any_strides_and_dtypes():
    x = np.random.default_rng(0).integers(-9, 9, (60, 70)).T
    for x in (x, x.astype(np.float32), x.astype(np.float16), x.astype(float)[::2]):
        y = activation.relu(x)
        np.testing.assert_array_equal(y, np.where(x > 0, x, 0))
        assert y.dtype == x.dtype
        np.testing.assert_array_equal(activation.relu_backward(np.ones_like(x), y), x > 0)
        np.testing.assert_array_equal(activation.relu_backward(np.broadcast_to(x.dtype.type(1), y.shape), y), x > 0)
