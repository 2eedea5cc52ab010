"""Activation functions against PyTorch: values, gradients, second gradients; kinks, NaN and infinities; errors."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same

CASES = {  # name: positional arguments after the input
    "relu": (), "relu6": (), "leaky_relu": (0.2,), "elu": (0.7,), "selu": (), "celu": (2.0,), "gelu": (), "silu": (),
    "mish": (), "softplus": (2.0, 3.0), "softsign": (), "hardtanh": (-0.5, 1.2), "hardsigmoid": (), "hardswish": (),
    "logsigmoid": (), "tanhshrink": (), "softshrink": (0.4,), "hardshrink": (0.6,), "threshold": (0.1, 20.0),
    "rrelu": (0.1, 0.4), "glu": (1,)}
INEXACT = {"hardsigmoid": {"rtol": 1e-6, "second": False}}  # torch divides by a float32 6, and has no second gradient
IN_PLACE = ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "hardtanh", "hardsigmoid",
            "hardswish", "threshold", "rrelu"]
EDGES = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, 100.0, -100.0], np.float32)


def call(name, *args, **options):
    return lambda T, x: getattr(T.nn.functional, name)(x, *args, **options)


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name):
    check_op([(3, 4)], call(name, *CASES[name]), low=-5.0, high=5.0, **INEXACT.get(name, {}))


@pytest.mark.parametrize("name", CASES)
def test_float32_and_the_name_of_the_node(name):
    check_op([(2, 6)], call(name, *CASES[name]), dtype="float32", second=False)
    check_same(lambda T: call(name, *CASES[name])(T, T.ones(2, 6, requires_grad=True)).grad_fn.name())


@pytest.mark.parametrize("name", [name for name in CASES if name != "glu"])
def test_empty_and_zero_dimensional(name):
    check_op([(0, 3)], call(name, *CASES[name]), **INEXACT.get(name, {}))
    check_op([()], call(name, *CASES[name]), **INEXACT.get(name, {}))


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("glu", "softsign", "tanhshrink")])
def test_kinks_infinities_and_nan(name):
    """The same defaults as torch, too: no arguments but the input."""
    check_op([EDGES], call(name, *((0.5, 9.0) if name == "threshold" else ())), second=False)


def test_gelu_with_tanh():
    check_op([(3, 4)], call("gelu", approximate="tanh"), low=-5.0, high=5.0)
    check_op([EDGES], call("gelu", approximate="tanh"), second=False)


@pytest.mark.parametrize("shape, weights", [((4,), 1), ((2, 3), 3), ((2, 3, 4), 3), ((2, 3, 4, 2), 1), ((), 1)])
def test_prelu(shape, weights):
    check_op([shape, (weights,)], lambda T, x, w: T.prelu(x, w))


def test_prelu_with_a_number_of_dimensions_0():
    check_op([(2, 3), ()], lambda T, x, w: T.nn.functional.prelu(x, w))


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    """The input holds the result, and gradients pass through it."""
    def use(T, x):
        y = x * 2
        z = getattr(T.nn.functional, name)(y, *CASES[name], inplace=True)
        assert z is y
        return y * 3

    check_op([(3, 4)], use, **INEXACT.get(name, {"second": False}))


@pytest.mark.parametrize("name", ["relu_", "leaky_relu_", "elu_", "selu_", "celu_", "rrelu_", "hardtanh_",
                                  "threshold_"])
def test_underscore(name):
    def use(T):
        x = T.tensor([-3.0, -0.5, 0.5, 3.0])
        getattr(T.nn.functional, name)(x, *CASES[name[:-1]])
        return x

    check_same(use)


def test_top_level_names():
    def use(T):
        x = T.tensor([-1.0, 2.0])
        return [T.relu(x), x.relu(), T.relu_(x.clone()), x.clone().relu_(), T.selu(x), T.celu(x, 2.0), T.rrelu(x),
                T.threshold(x, 0.0, 1.0), T.hardshrink(x, 1.5), x.hardshrink(), x.prelu(T.tensor([0.5]))]

    check_same(use)


def test_rrelu_draws_as_torch():
    def use(T):
        T.manual_seed(3)
        x = T.linspace(-2, 1, 12).reshape(3, 4).requires_grad_()
        y = T.nn.functional.rrelu(x, 0.1, 0.4, training=True)
        y.sum().backward()
        return y, x.grad, T.rand(2)

    check_same(use)


@pytest.mark.parametrize("name", ["gelu", "softplus", "silu", "elu", "leaky_relu", "mish", "hardswish", "logsigmoid",
                                  "softshrink"])
def test_integers_are_refused(name):
    check_raises(lambda T: call(name)(T, T.tensor([1, -1])), match="not implemented for 'Long'")


def test_integers_where_torch_takes_them():
    check_same(lambda T: [T.relu(T.tensor([1, -1])), T.nn.functional.hardtanh(T.tensor([3, -3])),
                          T.nn.functional.relu6(T.tensor([9])), T.nn.functional.threshold(T.tensor([1, -1]), 0, 7)])


@pytest.mark.parametrize("use, match", [
    (lambda T: T.relu(T.tensor([True])), "Boolean inputs not supported for relu"),
    (lambda T: T.nn.functional.hardtanh(T.ones(2), 1, -1), "min_val cannot be greater than max_val"),
    (lambda T: T.nn.functional.gelu(T.ones(2), approximate="x"), "approximate argument must be either none or tanh"),
    (lambda T: T.nn.functional.softshrink(T.ones(2), -1.0), "lambda must be in range"),
    (lambda T: T.nn.functional.celu(T.ones(2), 0.0), "alpha cannot be 0 for CELU"),
    (lambda T: T.nn.functional.glu(T.tensor(1.0)), "glu does not support scalars"),
    (lambda T: T.nn.functional.glu(T.ones(3)), "Halving dimension must be even, but dimension 0 is size 3"),
    (lambda T: T.nn.functional.glu(T.ones(2), 1), "Dimension out of range"),
    (lambda T: T.prelu(T.ones(2, 3), T.ones(2)), "Found parameter numbers = 2 and channel size = 3"),
    (lambda T: T.prelu(T.tensor(1.0), T.ones(2)), "Not allow zero-dim input tensor"),
    (lambda T: T.prelu(T.ones(2), T.ones(1, 1)), "Expected `weight` to be a scalar or 1D tensor"),
    (lambda T: T.prelu(T.ones(2), T.ones(1).double()), "Type promoting not supported. Got Float and Double"),
    (lambda T: T.rrelu(T.ones(2), 2, 1), "Lower bound should be less than or equal to the upper bound"),
    (lambda T: T.nn.functional.relu(T.ones(2, requires_grad=True), inplace=True), "a leaf Variable that requires grad"),
])
def test_errors(use, match):
    check_raises(use, match)


def test_a_failing_in_place_call_changes_nothing():
    x = minitorch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError):
        minitorch.relu_(x)
    assert x.tolist() == [1, 1] and x.is_leaf
