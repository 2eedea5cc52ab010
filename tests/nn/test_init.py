"""nn.init against PyTorch: the same seed gives the same weights."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same


def drawn(fill, *shape, dtype="float32"):
    """Assert that both libraries fill a tensor alike, and that the stream of random numbers has moved as far."""
    def use(T):
        T.manual_seed(5)
        x = T.zeros(shape, dtype=getattr(T, dtype), requires_grad=True)
        assert fill(T.nn.init, x) is x
        return x.detach(), x.is_leaf, x.requires_grad, T.rand(2)

    check_same(use)


@pytest.mark.parametrize("shape", [(4, 3), (30, 20), (6, 3, 5, 5)])
@pytest.mark.parametrize("name, args", [
    ("uniform_", ()), ("uniform_", (-2, 3)), ("normal_", ()), ("normal_", (1.0, 0.1)), ("xavier_uniform_", ()),
    ("xavier_uniform_", (2.0,)), ("xavier_normal_", ()), ("kaiming_uniform_", ()), ("kaiming_uniform_", (5**0.5,)),
    ("kaiming_uniform_", (0, "fan_out", "relu")), ("kaiming_normal_", (0, "fan_in", "tanh")), ("trunc_normal_", ()),
    ("trunc_normal_", (0.5, 0.4, -1.0, 0.6)), ("trunc_normal_", (0.0, 10.0, -1.0, 2.0)), ("constant_", (3.0,)),
    ("ones_", ()), ("zeros_", ())], ids=str)
def test_fillings(name, args, shape):
    drawn(lambda init, x: getattr(init, name)(x, *args), *shape)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 3)])
def test_matrices(shape):
    drawn(lambda init, x: init.eye_(x), *shape)
    drawn(lambda init, x: init.sparse_(x, 0.4), *shape)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 2, 2)])
def test_orthogonal(shape):
    drawn(lambda init, x: init.orthogonal_(x, 2.0), *shape)
    q = minitorch.nn.init.orthogonal_(minitorch.empty(shape)).numpy().reshape(shape[0], -1)
    product = q @ q.T if shape[0] <= q.shape[1] else q.T @ q
    assert np.allclose(product, np.eye(len(product)), atol=1e-6)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("shape", [(4, 3, 3), (4, 2, 3, 2), (2, 4, 1, 3, 3)])
def test_dirac(shape, groups):
    drawn(lambda init, x: init.dirac_(x, groups), *shape)


def test_generators():
    def use(T):
        g = T.Generator().manual_seed(1)
        return [T.nn.init.kaiming_uniform_(T.empty(3, 4), generator=g),
                T.nn.init.trunc_normal_(T.empty(9), generator=g), T.rand(1)]

    minitorch.manual_seed(0)
    ours = use(minitorch)[:2]
    minitorch.manual_seed(99)
    assert all((a == b).all() for a, b in zip(ours, use(minitorch)[:2]))

    def fixed(T):
        T.manual_seed(0)
        return use(T)

    check_same(fixed)


def test_gains():
    names = ["linear", "conv2d", "conv_transpose1d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
    check_same(lambda T: [T.nn.init.calculate_gain(name) for name in names])
    check_same(lambda T: T.nn.init.calculate_gain("leaky_relu", 0.2))


def test_a_tensor_without_elements_warns():
    def use(T):
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            return T.nn.init.kaiming_uniform_(T.empty(0, 3))

    check_same(use)
    drawn(lambda init, x: init.xavier_uniform_(x), 0, 3)
    drawn(lambda init, x: init.orthogonal_(x), 0, 3)


def test_a_mean_far_outside_warns():
    def use(T):
        T.manual_seed(0)
        with pytest.warns(UserWarning, match="mean is more than 2 std from"):
            return T.nn.init.trunc_normal_(T.empty(20), mean=5.0)

    check_same(use)


@pytest.mark.parametrize("use, match", [
    (lambda T, init: init.calculate_gain("x"), "Unsupported nonlinearity x"),
    (lambda T, init: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    (lambda T, init: init.kaiming_uniform_(T.zeros(3)),
     "Fan in and fan out can not be computed"),
    (lambda T, init: init.xavier_normal_(T.zeros(3)), "Fan in and fan out can not be computed"),
    (lambda T, init: init.kaiming_normal_(T.zeros(3, 3), mode="x"), "Mode x not supported, please use one of"),
    (lambda T, init: init.eye_(T.zeros(3)), "Only tensors with 2 dimensions are supported"),
    (lambda T, init: init.dirac_(T.zeros(3, 3)), "Only tensors with 3, 4, or 5 dimensions are supported"),
    (lambda T, init: init.dirac_(T.zeros(3, 3, 3), 2), "dim 0 must be divisible by groups"),
    (lambda T, init: init.orthogonal_(T.zeros(3)), "Only tensors with 2 or more dimensions are supported"),
    (lambda T, init: init.sparse_(T.zeros(3), 0.1), "Only tensors with 2 dimensions are supported"),
    (lambda T, init: init.trunc_normal_(T.zeros(3), a=1, b=-1), "uniform_ expects to return"),
])
def test_errors(use, match):
    check_raises(lambda T: use(T, T.nn.init), match)
