"""Embedding and EmbeddingBag beyond what PyTorch's own samples reach."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

INDICES = np.array([0, 1, 1, 3, 2])


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("offsets", [[0, 2], [0, 0, 5], [0, 3, 3, 4]])
def test_bags(mode, offsets):
    """Also empty ones, and a padding row."""
    for padding_idx in (None, 1, -1):
        check_op([INDICES, (4, 3)], lambda T, i, w: T.nn.functional.embedding_bag(
            i, w, T.tensor(offsets), mode=mode, padding_idx=padding_idx), second=False)


def test_include_last_offset_and_weights():
    check_op([INDICES, (4, 3), (5,)], lambda T, i, w, weights: T.nn.functional.embedding_bag(
        i, w, T.tensor([0, 2, 5]), mode="sum", per_sample_weights=weights, include_last_offset=True, padding_idx=3),
        second=False)


def test_what_comes_after_the_last_offset_does_not_count():
    check_same(lambda T: T.nn.functional.embedding_bag(  # in float64, PyTorch counts it
        T.tensor(INDICES), T.eye(4), T.tensor([0, 2, 4]), mode="sum", include_last_offset=True))


def test_rows_that_are_too_long_are_shortened_in_place():
    def run(T):
        table = T.arange(12.).view(4, 3)
        return T.nn.functional.embedding_bag(T.tensor([[0, 1], [1, 2]]), table, max_norm=2.0, mode="sum"), table

    check_same(run)


def test_gradient_scaled_by_frequency():
    check_op([INDICES, (4, 3)], lambda T, i, w: T.nn.functional.embedding(i, w, padding_idx=0, scale_grad_by_freq=True),
             second=False)


def test_module():
    def run(T):
        T.manual_seed(0)
        bags = T.nn.EmbeddingBag(4, 3, max_norm=1.0, mode="max", padding_idx=-1)
        given = T.nn.EmbeddingBag.from_pretrained(T.eye(3), mode="sum", include_last_offset=True)
        return [repr(bags), bags.weight, bags(T.tensor([[0, 3], [1, 2]])), repr(given), given.weight.requires_grad,
                given(T.tensor([0, 1, 2]), T.tensor([0, 2, 3]), T.tensor([1., 2., 3.]))]

    check_same(run)


@pytest.mark.parametrize("change, message", [
    ({"offsets": None}, "offsets has to be a 1D Tensor but got None"),
    ({"offsets": [1, 2]}, r"offsets\[0\] has to be 0"),
    ({"offsets": [0, 6]}, r"offsets\[-1\] can not be greater than input's length"),
    ({"offsets": [], "include_last_offset": True}, "number of offset should be at least 1"),
    ({"input": [[0, 1]]}, "if input is 2D, then offsets has to be None"),
    ({"mode": "x"}, "mode has to be one of sum, mean or max"),
    ({"mode": "max", "scale_grad_by_freq": True}, "max mode does not support scaling the gradient by the frequency"),
    ({"mode": "max", "sparse": True}, "max mode does not support sparse weights"),
    ({"per_sample_weights": [1., 2.]}, "per_sample_weights is only supported for mode='sum'"),
    ({"per_sample_weights": [1.]}, "then it must have the same shape as the input"),
    ({"padding_idx": 9}, "padding_idx must be within the number of embeddings, -4 through 3, but got 9"),
    ({"input": [0, 4]}, None),
])
def test_bad_arguments(change, message):
    def call(T):
        arguments = {"input": [0, 1], "offsets": [0, 1], **change}
        for name in ("input", "offsets", "per_sample_weights"):
            if arguments.get(name) is not None:
                dtype = T.float32 if name[0] == "p" else T.int64
                arguments[name] = T.tensor(arguments[name], dtype=dtype)
        T.nn.functional.embedding_bag(weight=T.zeros(4, 3), **arguments)

    check_raises(call, message)
