"""softmax and its relatives against PyTorch."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same

FUNCTIONS = ["softmax", "log_softmax", "softmin"]
INF, NAN = np.inf, np.nan


def call(name, *args, **options):
    return lambda T, x: getattr(T.nn.functional, name)(x, *args, **options)


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(name, dim):
    check_op([(2, 3, 4)], call(name, dim), low=-5.0, high=5.0)


@pytest.mark.parametrize("shape, dim", [((), 0), ((), -1), ((0, 3), 1), ((3, 0), 1), ((3, 0), 0), ((1,), 0),
                                        ((2, 3, 2, 2), 1)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_shapes_at_the_edge(name, shape, dim):
    check_op([shape], call(name, dim))


@pytest.mark.parametrize("row", [[-INF, -INF], [-INF, 0.0], [INF, 0.0], [NAN, 0.0], [1e30, -1e30], [1000.0, 1000.0]])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_infinities_and_nan(name, row):
    check_op([np.array([row, [1.0, 2.0]], np.float32)], call(name, 1), second=False)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_dtypes(name, dtype):
    check_op([(3, 50)], call(name, 1), dtype=dtype, second=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dtype_argument(name):
    check_op([(2, 3)], lambda T, x: getattr(T.nn.functional, name)(x, 1, dtype=T.float64), dtype="float32",
             second=False)
    check_same(lambda T: getattr(T.nn.functional, name)(T.tensor([1, 2]), 0, dtype=T.float32))


def test_the_names_of_nodes():
    def names(T):
        x = T.ones(2, 3, requires_grad=True)
        return [f(x, 1).grad_fn.name() for f in (T.softmax, T.log_softmax, T.nn.functional.softmin)]

    check_same(names)


def test_methods():
    check_same(lambda T: [T.tensor([1.0, 2.0]).softmax(0), T.tensor([1.0, 2.0]).log_softmax(dim=0)])


def test_third_gradients():
    def use(T, x, weight):
        y = (T.softmax(x, 1) * weight).sum() + (T.log_softmax(x, 1) * weight).exp().sum()
        g, = T.autograd.grad(y, x, create_graph=True)
        return (g * g * weight).sum()

    check_op([(2, 3), (2, 3)], use)


def test_errors():
    check_raises(lambda T: T.softmax(T.tensor([1, 2]), 0), match="not implemented for 'Long'")
    check_raises(lambda T: T.log_softmax(T.ones(2, 2), 2), match="Dimension out of range")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_a_dimension_left_out_warns(name, shape):
    def use(T):
        with pytest.warns(UserWarning, match=f"Implicit dimension choice for {name} has been deprecated"):
            return getattr(T.nn.functional, name)(T.arange(float(np.prod(shape))).reshape(shape))

    check_same(use)


@pytest.mark.parametrize("hard", [False, True])
def test_gumbel_softmax_draws_as_torch(hard):
    def use(T):
        T.manual_seed(0)
        x = T.linspace(-1, 1, 12).reshape(3, 4).requires_grad_()
        y = T.nn.functional.gumbel_softmax(x, tau=0.5, hard=hard, dim=0)
        (y * T.arange(12.0).reshape(3, 4)).sum().backward()
        return y.detach(), x.grad

    check_same(use)


def test_rows_add_up_to_one():
    x = minitorch.randn(5, 1000) * 20
    assert np.allclose(minitorch.softmax(x, 1).sum(1).numpy(), 1, atol=1e-6)
