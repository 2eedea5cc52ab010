"""nn.utils: gradient clipping, parameters as one vector, padding of sequences."""
import math

import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same


def parameters(T, *grads):
    """Parameters with these gradients; None for a parameter without one."""
    made = [T.nn.Parameter(T.zeros(len(grad or [0]))) for grad in grads]
    for parameter, grad in zip(made, grads):
        parameter.grad = None if grad is None else T.tensor(grad)
    return made


def clipped(T, clip, *grads):
    """What `clip` returns, and the gradients after it."""
    made = parameters(T, *grads)
    return clip(T.nn.utils, made), [parameter.grad for parameter in made]


@pytest.mark.parametrize("norm_type", [2, 2.0, 1, 0, 3, 0.5, -1, math.inf, -math.inf, "inf"])
@pytest.mark.parametrize("max_norm", [6.5, 100])
def test_clip_grad_norm(norm_type, max_norm):
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_norm_(p, max_norm, norm_type),
                                 [3., 4.], None, [-12.]))


@pytest.mark.parametrize("grads", [(), (None,), ([math.inf, 4.],), ([math.nan, 4.],)])
def test_clip_grad_norm_at_the_edges(grads):
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_norm_(p, 1.0), *grads))


def test_clip_grad_norm_takes_one_tensor_or_a_generator():
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_norm_(p[0], 1.0), [3., 4.]))
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_norm_(iter(p), 1.0), [3., 4.], [1.]))


def test_clip_grad_norm_refuses_a_norm_that_is_not_finite():
    check_raises(lambda T: T.nn.utils.clip_grad_norm_(parameters(T, [math.nan]), 1.0, error_if_nonfinite=True),
                 match="The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be")


def test_clipping_leaves_no_trace_in_a_recorded_gradient():
    x = minitorch.tensor([3.], requires_grad=True)
    (x * x).sum().backward(create_graph=True)
    node = x.grad.grad_fn
    minitorch.nn.utils.clip_grad_norm_(x, 1.0)
    assert x.grad.grad_fn is node and abs(x.grad.item() - 1.0) < 1e-5


def test_clip_grad_value():
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_value_(p, 3.5), [3., -4.], None, [math.inf]))
    check_same(lambda T: clipped(T, lambda utils, p: utils.clip_grad_value_(p[0], 1), [3., -4., 0.5]))


def test_get_total_norm():
    check_same(lambda T: [T.nn.utils.get_total_norm(tensors, norm_type) for norm_type in (2, 1, math.inf)
                          for tensors in ([T.ones(3), T.ones(2, 2)], T.ones(3), [])])


def test_parameters_to_vector():
    check_op([(2, 3), (), (4,)], lambda T, *tensors: T.nn.utils.parameters_to_vector(tensors), contiguous=True)
    check_raises(lambda T: T.nn.utils.parameters_to_vector([]))


def test_vector_to_parameters():
    def loaded(T):
        made = [T.nn.Parameter(T.zeros(2, 2)), T.nn.Parameter(T.zeros(1))]
        vector = T.arange(5.0)
        T.nn.utils.vector_to_parameters(vector, made)
        made[0].detach().add_(1)  # they share memory
        return made, vector, [p.requires_grad for p in made]

    check_same(loaded)
    check_raises(lambda T: T.nn.utils.vector_to_parameters([1.0], parameters(T, [1.])),
                 match="expected torch.Tensor, but got: list")
    check_raises(lambda T: T.nn.utils.vector_to_parameters(T.ones(1), parameters(T, [1., 2.])),
                 match="is invalid for input of size 1")


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("padding_side", ["right", "left"])
def test_pad_sequence(batch_first, padding_side):
    def pad(T, *sequences):
        return T.nn.utils.rnn.pad_sequence(sequences, batch_first, 7.0, padding_side)

    check_op([(3, 2), (1, 2), (2, 2)], pad)
    check_op([(2,), (0,)], pad)
    check_same(lambda T: pad(T, T.arange(3), T.arange(1)))


@pytest.mark.parametrize("call, message", [
    (lambda pad, T: pad([]), "received an empty list of sequences"),
    (lambda pad, T: pad(3), "Expected iterable for input sequences, but got arg of type: <class 'int'>"),
    (lambda pad, T: pad([T.ones(1)], padding_side="top"), "padding_side to be one of left or right, but got top"),
    (lambda pad, T: pad([T.ones(1, 2), T.ones(1, 3)]), None),
])
def test_pad_sequence_errors(call, message):
    check_raises(lambda T: call(T.nn.utils.rnn.pad_sequence, T), match=message)


@pytest.mark.parametrize("batch_first", [False, True])
def test_unpad_sequence_undoes_pad_sequence(batch_first):
    def round_trip(T):
        rnn, sequences = T.nn.utils.rnn, [T.ones(3, 2), 2 * T.ones(1, 2), 3 * T.ones(2, 2)]
        return rnn.unpad_sequence(rnn.pad_sequence(sequences, batch_first), T.tensor([3, 1, 2]), batch_first)

    check_same(round_trip)
    assert [x.tolist() for x in round_trip(minitorch)] == [[[1.0, 1.0]] * 3, [[2.0, 2.0]], [[3.0, 3.0]] * 2]
