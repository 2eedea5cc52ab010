"""The CTC loss against PyTorch, and against trying every path."""
import numpy as np
import pytest

import minitorch
from tests.naive.ctc import ctc_loss as naive_ctc_loss
from tests.oracle import check_op, check_raises, check_same

TARGETS = np.array([[1, 2], [1, 1], [2, 0]])
LENGTHS = (5, 4, 3), (2, 2, 1)


@pytest.mark.parametrize("target", [[], [2], [1, 1], [1, 2, 1], [2, 2, 2]])
def test_it_is_the_sum_over_all_paths(target):
    log_probs = minitorch.randn(5, 3, dtype=minitorch.float64).log_softmax(1)
    loss = minitorch.nn.functional.ctc_loss(log_probs, minitorch.tensor(target, dtype=minitorch.int64), (5,),
                                            (len(target),), reduction="sum")
    np.testing.assert_allclose(loss.item(), naive_ctc_loss(log_probs.numpy(), target, blank=0), rtol=1e-10)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("blank", [0, 3])
def test_against_torch(reduction, blank):
    check_op([(5, 3, 4), TARGETS], lambda T, x, targets: T.nn.functional.ctc_loss(
        x.log_softmax(2), targets, *LENGTHS, blank, reduction), second=False)


def test_targets_in_one_vector_and_one_sample():
    check_op([(5, 3, 4), np.array([1, 2, 1, 1, 3])], lambda T, x, targets: T.nn.functional.ctc_loss(
        x.log_softmax(2), targets, T.tensor(LENGTHS[0]), T.tensor(LENGTHS[1]), reduction="none"),
        contiguous=True, second=False)  # PyTorch misreads a strided vector
    check_op([(5, 4), np.array([1, 2])], lambda T, x, target: T.nn.functional.ctc_loss(
        x.log_softmax(1), target, T.tensor(5), T.tensor(2), reduction="none"), second=False)


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_a_target_that_is_too_long(zero_infinity):
    """The loss is inf and its gradient nan, or both are 0; and log_probs themselves get torch's gradient."""
    check_op([(5, 3, 4), TARGETS], lambda T, x, targets: T.nn.functional.ctc_loss(
        x, targets, (5, 2, 0), (2, 2, 0), reduction="none", zero_infinity=zero_infinity), second=False, high=0.0)


def test_module():
    check_same(lambda T: [repr(T.nn.CTCLoss()), T.nn.CTCLoss(1, "sum", True)(
        T.zeros(3, 1, 4).log_softmax(2), T.tensor([[2]]), (3,), (1,))])


@pytest.mark.parametrize("change, message", [
    ({"input_lengths": (5, 5)}, "input_lengths must be of size batch_size"),
    ({"target_lengths": (1,)}, "target_lengths must be of size batch_size"),
    ({"input_lengths": (6, 5, 5)}, "Expected input_lengths to have value at most 5, but got value 6"),
    ({"input_lengths": (5, -1, 5)}, "Expected input_lengths to have value at least 0, but got value -1"),
    ({"target_lengths": (3, 1, 1)}, "Expected tensor to have size at least 3 at dimension 1, but got size 2"),
    ({"targets": [1, 2]}, "Expected tensor to have size 5 at dimension 0, but got size 2"),
    ({"blank": 4}, "blank must be in label range"),
    ({"reduction": "q"}, "q is not a valid value for reduction"),
])
def test_bad_arguments(change, message):
    def call(T):
        arguments = {"targets": TARGETS.tolist(), "input_lengths": (5, 5, 5), "target_lengths": (2, 2, 1), **change}
        arguments["targets"] = T.tensor(arguments["targets"])
        T.nn.functional.ctc_loss(T.zeros(5, 3, 4), **arguments)

    check_raises(call, message)


def test_a_label_that_does_not_exist():
    with pytest.raises(RuntimeError, match="target 4 is out of range for 4 labels"):  # PyTorch reads behind the data
        minitorch.nn.functional.ctc_loss(minitorch.zeros(5, 1, 4), minitorch.tensor([[4]]), (5,), (1,))
