"""Matrix products against PyTorch."""

import itertools

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((1, 5, 2, 3), (2, 1, 3, 4)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((4, 0, 2), (4, 2, 3)),
    ((2, 3, 0), (0,)),
]


@pytest.mark.parametrize("a, b", PAIRS)
def test_matmul(a, b):
    check_op([a, b], lambda T, x, y: x @ y)


@pytest.mark.parametrize(
    "a, b",
    [
        ((2, 3), (4, 5)),
        ((2, 3), (4,)),
        ((3,), (4,)),
        ((3,), (4, 5)),
        ((2, 2, 3), (4, 5)),
        ((2, 2, 3), (2, 4, 5)),
        ((2, 2, 3), (3, 3, 5)),
        ((), (3,)),
    ],
)
def test_shapes_that_do_not_match(a, b):
    with pytest.raises(RuntimeError) as theirs:
        torch.ones(a) @ torch.ones(b)
    with pytest.raises(RuntimeError) as ours:
        minitorch.ones(a) @ minitorch.ones(b)
    assert str(ours.value) == str(theirs.value)


def test_mixed_dtypes_are_an_error():
    for a, b in itertools.product([(2, 3), (3,)], [(3, 2), (3,)]):
        check_raises(lambda T: T.ones(a) @ T.ones(b, dtype=T.float64), match="dtype|scalar type")


def test_dtypes():
    check_same(
        lambda T: [
            T.tensor([[1, 2], [3, 4]]) @ T.tensor([1, 1]),
            T.ones(2, 2, dtype=T.int32) @ T.ones(2, 2, dtype=T.int32),
        ]
    )
    check_op([(3, 4), (4, 2)], lambda T, a, b: a @ b, dtype="float32")


def test_named_products():
    check_op([(2, 3), (3, 4)], lambda T, a, b: T.mm(a, b))
    check_op([(5, 2, 3), (5, 3, 4)], lambda T, a, b: T.bmm(a, b))
    check_op([(2, 3), (3,)], lambda T, a, b: T.mv(a, b))
    check_op([(3,), (3,)], lambda T, a, b: [T.dot(a, b), T.outer(a, b), T.inner(a, b)])
    check_op([(2, 3), (4, 3)], lambda T, a, b: T.inner(a, b))
    check_op([(3, 3)], lambda T, a: T.trace(a))


@pytest.mark.parametrize("beta, alpha", [(1, 1), (0, 1), (0.5, 2)])
def test_sums_with_products(beta, alpha):
    how = {"beta": beta, "alpha": alpha}
    check_op([(4,), (2, 3), (3, 4)], lambda T, c, a, b: T.addmm(c, a, b, **how))
    check_op([(2, 1), (2, 3), (3, 4)], lambda T, c, a, b: T.addmm(c, a, b, **how))
    check_op([(2,), (2, 3), (3,)], lambda T, c, a, b: T.addmv(c, a, b, **how))
    check_op([(2, 4), (5, 2, 3), (5, 3, 4)], lambda T, c, a, b: T.baddbmm(c, a, b, **how))


def test_linear():
    for shape in ((2, 3), (3,), (5, 2, 3), (0, 3)):
        check_op([shape, (4, 3), (4,)], lambda T, x, w, b: T.nn.functional.linear(x, w, b))
        check_op([shape, (4, 3)], lambda T, x, w: T.nn.functional.linear(x, w))
    check_raises(lambda T: T.nn.functional.linear(T.ones(2, 5), T.ones(4, 3), T.ones(4)), match=r"\(2x5 and 3x4\)")


@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("i,i->", [(3,), (3,)]),
        ("i,j->ij", [(3,), (4,)]),
        ("ii->i", [(3, 3)]),
        ("ii", [(3, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij->", [(2, 3)]),
        ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
        ("...ij,jk->...ik", [(5, 6, 2, 3), (3, 4)]),
        ("bhid,bhjd->bhij", [(2, 3, 4, 5), (2, 3, 6, 5)]),
        ("ij,kj,k->i", [(2, 3), (4, 3), (4,)]),
        ("i...->...", [(2, 3, 4)]),
        ("ij,ij->ij", [(2, 3), (2, 3)]),
    ],
)
def test_einsum(equation, shapes):
    check_op(shapes, lambda T, *x: T.einsum(equation, *x))


def test_einsum_errors():
    check_raises(lambda T: T.einsum("ij,jk->ik", T.ones(2, 3)))
    check_raises(lambda T: T.einsum("ij->k", T.ones(2, 3)))
    check_raises(lambda T: T.einsum("ijk->i", T.ones(2, 3)))
    check_raises(lambda T: T.einsum("ij,jk->ik", T.ones(2, 3), T.ones(4, 5)))


def test_tensordot():
    check_op([(2, 3, 4), (4, 3, 5)], lambda T, a, b: T.tensordot(a, b, dims=([1, 2], [1, 0])))
    check_op([(2, 3, 4), (3, 4, 5)], lambda T, a, b: T.tensordot(a, b))
    check_op([(2,), (3,)], lambda T, a, b: T.tensordot(a, b, dims=0))
    check_raises(lambda T: T.tensordot(T.ones(2, 3), T.ones(2, 3), dims=1))


def test_big_products_keep_float32_precision():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((64, 400), np.float32), rng.standard_normal((400, 120), np.float32)
    check_op([a, b], lambda T, x, y: x @ y, rtol=1e-4, atol=1e-4, second=False)


def test_the_gradient_of_a_transposed_factor_lies_in_memory_as_that_does():
    def run(T):
        a, weight = T.ones(2, 3), T.ones(4, 3).requires_grad_()
        b = weight.t()
        return [T.autograd.grad(product.sum(), b)[0].stride() for product in (a @ b, T.addmm(T.ones(4), a, b))]

    check_same(run)
