"""What nn.functional adds to the operations: embedding, one_hot, bilinear, attention."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

INDICES = np.array([[0, 2], [2, 4]])


def F(T):
    return T.nn.functional


def test_embedding():
    check_op([INDICES, (5, 3)], lambda T, i, w: F(T).embedding(i, w))
    check_op([INDICES, (5, 3)], lambda T, i, w: F(T).embedding(i, w, padding_idx=-3))
    check_op([INDICES.astype(np.int32), (5, 3)], lambda T, i, w: F(T).embedding(i, w), grad=False)
    check_op([np.zeros((0, 2), int), (5, 3)], lambda T, i, w: F(T).embedding(i, w), second=False)


@pytest.mark.parametrize("norm_type", [1.0, 2.0])
def test_embedding_shortens_long_rows(norm_type):
    def use(T):
        weight = T.arange(15.0).reshape(5, 3) / 4
        return F(T).embedding(T.from_numpy(INDICES), weight, max_norm=1.5, norm_type=norm_type), weight

    check_same(use)


def test_wrong_embeddings():
    check_raises(lambda T: F(T).embedding(T.tensor([3]), T.ones(3, 2)), "index out of range in self")
    check_raises(lambda T: F(T).embedding(T.tensor([1.0]), T.ones(3, 2)), "Expected tensor for argument #1 'indices'")
    for padding_idx in (3, -4):
        check_raises(lambda T: F(T).embedding(T.tensor([0]), T.ones(3, 2), padding_idx),
                     "Padding_idx must be within num_embeddings")


def test_one_hot():
    check_same(lambda T: [F(T).one_hot(T.tensor([[0, 2], [1, 1]])), F(T).one_hot(T.tensor(3), 5),
                          F(T).one_hot(T.zeros(0, 2, dtype=T.int64), 3)])
    check_raises(lambda T: F(T).one_hot(T.tensor([-1])), "Class values must be non-negative")
    check_raises(lambda T: F(T).one_hot(T.tensor([3]), 2), "Class values must be smaller than num_classes")
    check_raises(lambda T: F(T).one_hot(T.tensor([1.0])), "one_hot is only applicable to index tensor")
    check_raises(lambda T: F(T).one_hot(T.zeros(0, dtype=T.int64)),
                 "Can not infer total number of classes from empty tensor")


def test_bilinear():
    check_op([(4, 3), (4, 2), (5, 3, 2), (5,)], lambda T, a, b, w, c: F(T).bilinear(a, b, w, c))
    check_op([(2, 2, 3), (2, 2, 2), (5, 3, 2)], lambda T, a, b, w: F(T).bilinear(a, b, w))
    check_raises(lambda T: F(T).bilinear(T.ones(2, 3), T.ones(2, 4), T.ones(5, 3, 5)),
                 "input2 size does not match weight size")
