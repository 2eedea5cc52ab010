"""Distances against PyTorch: where they are 0, and errors."""
import numpy as np
import pytest

import minitorch
from minitorch.autograd import gradgradcheck
from tests.oracle import check_op, check_raises

SAME = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [1.0, 2.0]])


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, float("inf")])
def test_the_slope_is_0_where_the_distance_is(p):
    check_op([SAME, SAME[1:3]], lambda T, a, b: T.cdist(a, b, p), second=False)
    check_op([SAME], lambda T, a: T.pdist(a, p), second=False)
    if p:
        check_op([SAME, SAME[:1]], lambda T, a, b: [T.dist(a, b, p), T.dist(a, a, p)], second=False)


def test_second_gradients_of_euclidean_distance():
    rows = [minitorch.rand(shape).double().requires_grad_() for shape in ((2, 3, 2), (4, 2))]
    assert gradgradcheck(minitorch.cdist, rows)


def test_batches():
    check_op([(2, 1, 3, 2), (4, 5, 2)], lambda T, a, b: T.cdist(a, b), second=False)
    check_op([(3, 0), (5, 0)], lambda T, a, b: [T.cdist(a, b), T.cdist(a, b, 1)], second=False)
    check_op([(0, 2), (5, 2)], lambda T, a, b: T.cdist(a, b), second=False)
    check_op([(1, 2)], lambda T, a: T.pdist(a), second=False)


@pytest.mark.parametrize("p", [0.5, 1, 2, float("inf")])
def test_renorm(p):
    check_op([(3, 4, 2)], lambda T, x: [T.renorm(x, p, 1, 1.5), T.renorm(x, p, -1, 1e3)])


@pytest.mark.parametrize("match, call", [
    ("cdist only supports non-negative p values", lambda T, x: T.cdist(x, x, -1)),
    ("cdist only supports at least 2D tensors, X1 got: 1D", lambda T, x: T.cdist(x[0], x)),
    ("X1 and X2 must have the same number of columns. X1: 2 X2: 1", lambda T, x: T.cdist(x, x[:, :1])),
    ("cdist only supports floating-point dtypes, X1 got: Long", lambda T, x: T.cdist(x.long(), x)),
    ("\"cdist\" not implemented for 'Half'", lambda T, x: T.cdist(x.half(), x.half())),
    ("expected scalar type Float but found Double", lambda T, x: T.cdist(x, x.double())),
    ("foo is not a valid value for compute_mode", lambda T, x: T.cdist(x, x, compute_mode="foo")),
    ("must match the size of tensor b", lambda T, x: T.cdist(x.expand(2, 3, 2), x.expand(3, 3, 2))),
    ("pdist only supports 2D tensors, got: 1D", lambda T, x: T.pdist(x[0])),
    ("pdist only supports non-negative p values", lambda T, x: T.pdist(x, -1)),
    ("renorm: non-positive-norm not supported", lambda T, x: T.renorm(x, 0, 0, 1.0)),
    ("renorm: expected maxnorm to be >= 0 but got", lambda T, x: T.renorm(x, 2, 0, -1.0)),
    ("renorm: input needs at least 2 dimensions, got 1 dimensions", lambda T, x: T.renorm(x[0], 2, 0, 1.0)),
    ("Dimension out of range", lambda T, x: T.renorm(x, 2, 2, 1.0)),
])
def test_errors(match, call):
    check_raises(lambda T: call(T, T.ones(3, 2)), match=match)
