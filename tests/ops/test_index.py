"""Indexing, gathering, masks and sorting against PyTorch."""

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

READS = {  # name: a read of a (3, 4, 5) tensor
    "list": lambda T, x: x[[0, 2]],
    "tensor": lambda T, x: x[T.tensor([2, 0, 2])],
    "negative": lambda T, x: x[T.tensor([-1, -3])],
    "matrix": lambda T, x: x[T.tensor([[0, 1], [2, 2]])],
    "two": lambda T, x: x[T.tensor([0, 1]), T.tensor([2, 3])],
    "broadcast": lambda T, x: x[T.tensor([[0], [1]]), T.tensor([2, 3])],
    "after slice": lambda T, x: x[:, T.tensor([1, 1])],
    "with slice": lambda T, x: x[1:, T.tensor([0, 3]), ::2],
    "apart": lambda T, x: x[T.tensor([0, 1]), :, T.tensor([2, 3])],
    "with int": lambda T, x: x[1, :, T.tensor([0, 2])],
    "with None": lambda T, x: x[None, T.tensor([0, 2]), None],
    "ellipsis": lambda T, x: x[..., T.tensor([0, 4])],
    "two ellipses": lambda T, x: x[..., 0, ...],
    "mask": lambda T, x: x[x.detach() > 0],
    "row mask": lambda T, x: x[T.tensor([True, False, True])],
    "mask after slice": lambda T, x: x[:, T.tensor([True, False, True, True])],
    "two-dim mask": lambda T, x: x[T.ones(3, 4, dtype=T.bool).tril()],
    "mask and index": lambda T, x: x[T.tensor([True, False, True]), T.tensor([0, 1])],
    "empty list": lambda T, x: x[[]],
    "empty mask": lambda T, x: x[T.zeros(3, dtype=T.bool)],
    "uint8 index": lambda T, x: x[T.tensor([0, 1]).int()],
    "numpy index": lambda T, x: x[np.array([0, 2])],
    "tuple of lists": lambda T, x: x[([0, 1], [1, 2])],
    "0-d": lambda T, x: x[T.tensor(1)],
    "bool": lambda T, x: x[True],
    "range": lambda T, x: x[range(2)],
    "0-d mask": lambda T, x: x[T.tensor(True)],
}


@pytest.mark.parametrize("name", READS)
def test_reading(name):
    check_op([(3, 4, 5)], lambda T, x: READS[name](T, x))


@pytest.mark.parametrize("name", sorted(READS.keys() - {"bool"}))
def test_writing(name):
    index = {}

    class Recorder:  # x[...] on this records the index
        def __init__(self, x):
            self.x = x

        def __getitem__(self, i):
            index["i"] = i
            return None

        def detach(self):
            return self.x.detach()

    def write(T, x, value):
        READS[name](T, Recorder(x))
        x = x * 1
        x[index["i"]] = value
        return x

    def write_like(T, x, values):
        READS[name](T, Recorder(x))
        x = x * 1
        shape = x[index["i"]].shape
        x[index["i"]] = values.reshape(-1)[: shape.numel()].reshape(shape)
        return x

    check_op([(3, 4, 5)], lambda T, x: write(T, x, 2.5))
    if name not in ("tensor", "matrix", "after slice"):  # writing twice to a place: either may win
        check_op([(3, 4, 5), (200,)], lambda T, x, v: write_like(T, x, v))


WRITES = {
    "int": lambda T, x, v: x.__setitem__(0, v),
    "slice": lambda T, x, v: x.__setitem__(slice(1, 3), v),
    "column": lambda T, x, v: x.__setitem__((slice(None), 1), v[:3]),
    "all": lambda T, x, v: x.__setitem__(..., v),
    "leading ones": lambda T, x, v: x.__setitem__(0, v[None, None]),
    "one element": lambda T, x, v: x.__setitem__((0, 0), v[0]),
    "augmented": lambda T, x, v: x[1].add_(v),
}


@pytest.mark.parametrize("name", WRITES)
def test_writing_views(name):
    def write(T, x, v):
        x = x * 1
        WRITES[name](T, x, v)
        return x * x

    check_op([(3, 4), (4,)], write)


def test_writing_casts_and_shares():
    def write(T):
        x = T.zeros(3, dtype=T.int64)
        x[0] = 2.7
        x[1:] = T.tensor([1.5, 2.5])
        y = T.zeros(2, 2)
        y.t()[0] = T.tensor([1, 2])
        y[y > 1] = -1
        return x, y

    check_same(write)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda T: T.zeros(2)[2], "index 2 is out of bounds for dimension 0 with size 2"),
        (lambda T: T.zeros(2)[0, 0], "too many indices for tensor of dimension 1"),
        (lambda T: T.zeros(2)[::-1], "step must be greater than zero"),
        (lambda T: T.zeros(2)[T.tensor([0.5])], "tensors used as indices must be long"),
        (lambda T: T.zeros(2)[T.tensor([2])], "out of bounds for dimension 0 with size 2"),
        (lambda T: T.zeros(2)[T.tensor([-3])], "out of bounds"),
        (lambda T: T.zeros(2)[T.tensor([True])], r"shape of the mask \[1\] at index 0 does not match"),
        (lambda T: T.zeros(2)["a"], None),
        (
            lambda T: T.zeros(2, 2)[T.tensor([0, 1]), T.tensor([0, 1, 1])],
            "shape mismatch: indexing tensors could not be broadcast together",
        ),
        (lambda T: T.zeros(())[0], None),
        (lambda T: T.zeros(2).__setitem__(3, 1.0), "out of bounds"),
        (lambda T: T.zeros(2).__setitem__(0, T.zeros(3)), None),
        (lambda T: T.zeros(2, 3).__setitem__(T.tensor([0]), T.zeros(4)), "shape mismatch"),
        (lambda T: T.zeros(2)[0.5], None),
        (lambda T: T.zeros(2).index_select(0, T.tensor([2])), None),
        (lambda T: T.zeros(2).index_select(0, T.tensor([0.0])), "Expected dtype int"),
        (lambda T: T.zeros(2, 2).gather(0, T.tensor([0])), "same number of dimensions"),
        (lambda T: T.zeros(2).gather(0, T.tensor([5])), "out of bounds"),
        (lambda T: T.zeros(2, 2).gather(1, T.zeros(3, 1, dtype=T.int64)), "Expected|expected"),
        (lambda T: T.zeros(2).gather(0, T.tensor([0.0])), "int64"),
        (lambda T: T.zeros(2).scatter(0, T.tensor([5]), 1.0), "out of bounds"),
        (lambda T: T.zeros(2).masked_fill(T.tensor([1, 0]), 0), "bool"),
        (lambda T: T.zeros(2).masked_select(T.tensor([1, 0])), "BoolTensor|bool"),
        (lambda T: T.zeros(3).topk(4), "out of range"),
        (lambda T: T.tensor([-1]).bincount(), "non-negative"),
        (lambda T: T.zeros(2).index_add(0, T.tensor([5]), T.ones(1)), None),
    ],
)
def test_errors(call, match):
    check_raises(call, match=match)


def test_walking_a_dimension():
    i, j = np.array([[0, 1, 1], [2, 0, 1]]), np.array([2, 0])
    check_op([(3, 4), i], lambda T, x, i: [x.gather(0, i), x.gather(1, i), T.take_along_dim(x[:2, :3], i % 2, 0)])
    check_op([(3, 4), (2, 3), i], lambda T, x, src, i: [x.scatter_add(0, i, src), x.scatter_add(1, i, src)])
    check_op([(3, 4), (2, 3), np.array([[0, 1, 2], [2, 0, 1]])], lambda T, x, src, i: x.scatter(1, i, src))
    check_op([(3, 4), (3, 3), i], lambda T, x, src, i: x.scatter_add(0, i, src), grad=False)
    check_op([(3, 4), i], lambda T, x, i: x.scatter(0, i, 1.5))
    check_op([(3, 4), j], lambda T, x, j: [x.index_select(0, j), x.index_select(1, j)])
    check_op([(3, 4), (2, 4), j], lambda T, x, src, j: [x.index_add(0, j, src), x.index_add(0, j, src, alpha=2)])
    check_op([(3, 4), i], lambda T, x, i: x.take(i))
    check_raises(lambda T: T.ones(3).take(T.tensor([True])), match="Expected a long tensor for index, but got Bool")
    check_op([(3, 4), (2,), j], lambda T, x, v, j: [x.index_put((j, j), v), x.index_put((j, j), v, accumulate=True)])
    check_op([(), np.array(0)], lambda T, x, i: x.gather(0, i))


def test_a_byte_tensor_is_an_old_mask():
    for T in (torch, minitorch):
        with pytest.warns(UserWarning, match="indexing with dtype torch.uint8 is now deprecated"):
            assert T.tensor([5, 6, 7])[T.tensor([1, 0, 1], dtype=T.uint8)].tolist() == [5, 7]


def test_filling_casts_the_value():
    values = (7, 1.5)
    check_same(lambda T: [T.tensor([1, 2]).masked_fill(T.tensor([True, False]), value) for value in values])
    check_same(lambda T: T.tensor([1, 2]).masked_fill(T.tensor([True, False]), T.tensor(2.5)))


def test_repeated_positions_add_up():
    i = np.array([1, 1, 0, 1])
    check_op([(2, 3), i], lambda T, x, i: x[i])
    check_op([(2, 3), (4, 3), i], lambda T, x, v, i: x.index_put((i,), v, accumulate=True))
    check_op([(2,), (4,), i], lambda T, x, v, i: x.scatter_add(0, i, v))


def test_masks():
    mask = np.array([[True, False, True], [False, False, True]])
    check_op(
        [(2, 3), mask],
        lambda T, x, m: [x.masked_fill(m, 2.0), x.masked_select(m), x.masked_fill(m, float("-inf")).exp()],
    )
    check_op([(2, 3), (), mask], lambda T, x, v, m: x.masked_fill(m, v))
    check_op([(2, 3), (7,), mask], lambda T, x, src, m: x.masked_scatter(m, src))
    check_op([(2, 3), mask[0]], lambda T, x, m: [x.masked_fill(m, 2), x.masked_select(m)])
    check_same(
        lambda T: [
            T.tensor([[1, 0], [2, 3]]).nonzero(),
            T.nonzero(T.tensor([0, 1]), as_tuple=True),
            T.tensor(1).nonzero(),
            T.tensor([0, 2]).argwhere(),
        ]
    )


def test_sorting():
    values = np.array([[3.0, 1.0, 2.0, 1.0], [np.nan, -np.inf, np.inf, 0.0]])
    for descending in (False, True):
        check_op([values[:1]], lambda T, x: [*T.sort(x, descending=descending, stable=True), *x.sort(0, descending)])
        check_op([values], lambda T, x: [*T.sort(x, 1, descending), x.argsort(1, descending)], grad=False)
    check_op([(3, 5)], lambda T, x: [*x.topk(2), *x.topk(3, 0, largest=False), x.msort()])
    check_op([()], lambda T, x: [*x.sort(), *x.topk(1)])
    check_same(lambda T: repr(T.tensor([2, 1]).sort()))


def test_searching_and_counting():
    check_same(
        lambda T: [
            T.searchsorted(T.tensor([1, 3, 5]), T.tensor([[0, 3], [5, 6]])),
            T.bucketize(T.tensor([3]), T.tensor([1, 3, 5]), right=True),
            T.searchsorted(T.tensor([[1.0, 2.0], [3.0, 4.0]]), T.tensor([[1.5], [9.0]])),
            T.tensor([1, 1, 3]).bincount(),
            T.tensor([1, 1]).bincount(T.tensor([0.5, 1.0]), minlength=4),
            T.isin(T.tensor([1, 2]), T.tensor([2, 3])),
        ]
    )
    check_same(
        lambda T: [
            *T.unique(T.tensor([3, 1, 3]), return_inverse=True, return_counts=True),
            T.tensor([2, 1, 2]).unique(),
            T.unique(T.tensor([[1, 2], [1, 2]]), dim=0),
        ]
    )


def test_a_view_is_not_copied_by_basic_indexing():
    x = minitorch.zeros(3)
    x[0].fill_(5)
    x[1:][1] = 7
    assert x.tolist() == [5, 0, 7]
