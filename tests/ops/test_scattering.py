"""Scattering and indexed writes, where PyTorch's own samples do not look."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

INDEX = np.array([[0, 2, 0], [1, 1, 1]])


@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("include_self", [True, False])
def test_scatter_reduce_shares_its_gradient(reduce, include_self):
    def reduced(T, x, i, src):
        return T.scatter_reduce(x, 1, i, src, reduce, include_self=include_self)
    check_op([(2, 4), INDEX, (2, 3)], reduced, second=reduce != "prod")
    ones = np.ones((2, 4))
    check_op([ones, INDEX, np.ones((2, 3))], reduced, second=False)  # all equal


def test_a_zero_does_no_harm_to_a_product():
    src = np.array([[0., 2., 3.], [0., 0., 5.]])
    check_op([np.array([[0., 2., 3.], [4., 5., 6.]]), INDEX, src],
             lambda T, x, i, src: x.scatter_reduce(1, i, src, "prod"), second=False)


@pytest.mark.filterwarnings("ignore:The reduce argument")
def test_scatter_with_an_operation():
    check_same(lambda T: [T.zeros(3).scatter(0, T.tensor([0, 0]), T.tensor([2., 3.]), reduce="add"),
                          T.ones(3).scatter(0, T.tensor([0, 0]), 3, reduce="multiply"),
                          T.zeros(3, dtype=T.int64).scatter(0, T.tensor([1]), value=7)])
    check_raises(lambda T: T.ones(2).scatter(0, T.tensor([0]), 1., reduce="max"), "either add or multiply")


def test_scalars_are_vectors_of_one_element():
    check_same(lambda T: [T.tensor(1.).gather(0, T.tensor([0, 0])), T.tensor([1., 2.]).gather(0, T.tensor(1)),
                          T.tensor(1.).scatter_add(0, T.tensor([0, 0]), T.ones(2)),
                          T.tensor(1.).index_add(0, T.tensor(0), T.tensor(3.)),
                          T.tensor(1.).index_copy(0, T.tensor([0]), T.tensor([3.]))])


@pytest.mark.filterwarnings("ignore:index_reduce")
def test_indexed_writes_in_place():
    def written(T):
        x = T.zeros(4, 3)
        x.index_copy_(0, T.tensor([1, 3]), T.ones(2, 3))
        x.index_fill_(1, T.tensor([-1]), 5)
        x.index_reduce_(0, T.tensor([1, 1]), T.full((2, 3), 2.), "prod")
        return x.put_(T.tensor([0, -1]), T.tensor([8., 9.]))
    check_same(written)


@pytest.mark.filterwarnings("ignore:index_reduce")
def test_bad_indices():
    for call in (lambda T: T.ones(3).index_copy(0, T.tensor([0, 7]), T.ones(2)),
                 lambda T: T.ones(3, 4).index_copy(0, T.tensor([0, 1]), T.ones(2, 5)),
                 lambda T: T.ones(3).index_fill(0, T.tensor([3]), 1.),
                 lambda T: T.ones(3).index_fill(0, T.tensor([0]), T.ones(1)),
                 lambda T: T.ones(3).index_reduce(0, T.tensor([0]), T.ones(1), "sum"),
                 lambda T: T.put(T.ones(3), T.tensor([3]), T.ones(1)),
                 lambda T: T.put(T.ones(3), T.tensor([0]), T.ones(2)),
                 lambda T: T.scatter_reduce(T.ones(3), 0, T.tensor([5]), T.ones(1), "sum")):
        check_raises(call)
