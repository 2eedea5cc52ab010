"""The oracle can see: each kind of disagreement, planted on purpose, makes it fail and say why."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()


def test_agreement_passes():
    check_op([(3, 4), (4,)], lambda T, a, b: T.add(a, b))
    check_op([(3, 4), (4, 2)], lambda T, a, b: (a @ b, a.sum()), dtype="float32")
    check_op([(2, 3), np.array([0, 2])], lambda T, x, i: x.index_select(1, i))
    check_op([(2, 3), (2, 3)], lambda T, a, b: a * b, dtype=("float64", "int64"), low=-9, high=9)
    check_op([(), (0, 3)], lambda T, a, b: {"sum": a + b.sum(), "count": b.numel(), "positive": b > 0})
    check_op([(2, 3)], lambda T, a: a.view(6), contiguous=True)
    check_op([(2, 3), (2, 3)], lambda T, a, b: a * b, grad=(True, False))
    check_op([(5,)], lambda T, a: T.exp(a).detach())


@pytest.mark.parametrize("complaint, planted", [
    ("result is wrong", lambda T, a: a ** 3 * (1 + 1e-6)),
    ("result is a list", lambda T, a: [a ** 3]),
    ("has shape", lambda T, a: (a ** 3)[None]),
    ("has dtype", lambda T, a: (a ** 3).float()),
    ("requires_grad is False", lambda T, a: a.detach() ** 3),
    ("the gradient of input 0 is wrong", lambda T, a: a * a.detach() ** 2),
    # d^3 + 3 d^2 (a - d), where d = a: the value and the slope of a^3, without its curvature
    ("the second gradient", lambda T, a: a.detach() ** 3 + 3 * a.detach() ** 2 * (a - a.detach())),
])
def test_a_planted_error_is_seen(complaint, planted):
    with pytest.raises(AssertionError, match=complaint):
        check_op([(2, 3)], lambda T, a: a ** 3, planted)


def test_a_changed_input_is_seen():
    with pytest.raises(AssertionError, match="was changed"):
        check_op([(2, 3)], lambda T, a: a + 3, lambda T, a: (a + 3, a.detach().add_(1))[0])


def test_inputs_are_strided_slices_unless_contiguous():
    strides = []
    for contiguous in (False, True):
        check_op([(2, 3)], lambda T, a: (strides.append(a.stride()), a + 1)[1], contiguous=contiguous)
    assert [tuple(stride) for stride in strides] == [(2, 4)] * 2 + [(3, 1)] * 2


def test_check_same_compares_type_and_value():
    check_same(lambda T: (T.zeros(2, 3).shape, T.float32, [1, True, None, "a"], float("nan"), np.arange(3)))
    for theirs, ours in [(1, 1.0), (1, True), (2, 3), ((1, 2), [1, 2]), ([1], [1, 2]), ({"a": 1}, {"b": 1})]:
        with pytest.raises(AssertionError, match="the result"):
            check_same(lambda T: theirs if T is torch else ours)
    with pytest.raises(TypeError, match="cannot compare a generator"):
        check_same(lambda T: (i for i in range(3)))


def test_check_raises_compares_type_and_message():
    check_raises(lambda T: T.zeros(2, 3) @ T.zeros(2, 3), match="cannot be multiplied")
    with pytest.raises(AssertionError, match="PyTorch raises ValueError"):
        check_raises(lambda T: raise_(ValueError("a") if T is torch else TypeError("a")))
    with pytest.raises(AssertionError, match="Regex pattern did not match"):
        check_raises(lambda T: raise_(ValueError("a" if T is torch else "b")), match="a")
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check_raises(lambda T: T is torch and raise_(ValueError("a")))


def raise_(exception):
    raise exception
