"""out=: results written into tensors that are there already."""
import warnings

import pytest

import minitorch
from tests.oracle import check_raises, check_same


def test_the_result_is_out_itself_and_an_empty_one_is_resized():
    out = minitorch.empty(0)
    assert minitorch.exp(minitorch.zeros(2, 3), out=out) is out
    assert out.tolist() == [[1.0] * 3] * 2


def test_out_may_be_an_input():
    x = minitorch.tensor([[1.0, 2.0], [3.0, 4.0]])
    minitorch.mm(x, x, out=x)
    assert x.tolist() == [[7.0, 10.0], [15.0, 22.0]]


def test_a_view_writes_into_its_base():
    def run(T):
        base = T.zeros(2, 3)
        T.add(T.ones(2), 1, out=base[:, 1])
        return base
    check_same(run)


def test_several_results():
    check_same(lambda T: tuple(T.max(T.tensor([[1.0, 3.0], [2.0, 0.0]]), 1,
                                     out=(T.empty(0), T.empty(0, dtype=T.int64)))))


@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_the_result_is_cast_or_refused(dtype):
    def run(T):
        return T.add(T.ones(2), 1, out=T.empty(2, dtype=getattr(T, dtype)))
    check_same(run) if dtype == "float64" else check_raises(run, match="result type Float can't be cast")


def test_another_shape_warns():
    with pytest.warns(UserWarning, match=r"it had shape \[2\], which does not match the required output shape \[3\]"):
        assert minitorch.add(minitorch.ones(3), 1, out=minitorch.empty(2)).shape == (3,)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        minitorch.add(minitorch.ones(3), 1, out=minitorch.empty(0))


@pytest.mark.parametrize("which", ["input", "out"])
def test_there_is_no_gradient_through_out(which):
    check_raises(lambda T: T.exp(T.ones(2, requires_grad=which == "input"),
                                 out=T.empty(2, requires_grad=which == "out")),
                 match="functions with out=... arguments don't support automatic differentiation")


def test_without_grad_mode_it_may_be_asked_for():
    def run(T):
        with T.no_grad():
            return T.exp(T.ones(2, requires_grad=True), out=T.empty(2))
    check_same(run)


@pytest.mark.parametrize("out", [3, "x", [1]])
def test_something_else_than_a_tensor(out):
    with pytest.raises(TypeError, match="argument 'out' must be Tensor, not"):
        minitorch.exp(minitorch.ones(2), out=out)


def test_functions_of_nn_take_it_too():
    check_same(lambda T: T.nn.functional.softplus(T.ones(2), out=T.empty(2)))
