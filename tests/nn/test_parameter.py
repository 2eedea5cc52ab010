"""nn.Parameter and nn.Buffer."""
import copy
import io
import pickle

import pytest

import minitorch
from minitorch import nn
from tests.oracle import check_raises, check_same


@pytest.mark.parametrize("make", [
    lambda T: T.nn.Parameter(T.ones(2, 2)),
    lambda T: T.nn.Parameter(T.ones(2, dtype=T.float64), requires_grad=False),
    lambda T: T.nn.Parameter(),
    lambda T: T.nn.Parameter(T.tensor([1, 2]), False),
    lambda T: T.nn.Parameter(T.ones(2, requires_grad=True) * 3),
    lambda T: T.nn.Parameter(T.nn.Parameter(T.ones(1))),
    lambda T: T.nn.Parameter(T.ones(2)) * 2,
    lambda T: copy.deepcopy(T.nn.Parameter(T.ones(2), False)),
    lambda T: copy.copy(T.nn.Parameter(T.ones(2))),
    lambda T: pickle.loads(pickle.dumps(T.nn.Parameter(T.ones(2)))),
    lambda T: T.nn.Buffer(T.ones(2)),
    lambda T: T.nn.Buffer(T.ones(2, requires_grad=True)),
    lambda T: T.nn.Buffer(),
])
def test_what_it_is(make):
    check_same(lambda T: (make(T), repr(make(T)), str(make(T)), make(T).requires_grad, make(T).is_leaf,
                          isinstance(make(T), T.nn.Parameter), isinstance(make(T), T.Tensor)))


def test_results_are_plain_tensors():
    check_same(lambda T: [type(x).__name__ for p in [T.nn.Parameter(T.ones(2))]
                          for x in (p + 1, p.detach(), p.data, p[0], p.clone(), p.view(2, 1), p.requires_grad_())])


def test_it_shares_the_memory_of_its_data():
    data = minitorch.zeros(2)
    for tensor in (nn.Parameter(data), nn.Buffer(data)):
        tensor.detach().add_(1)
    assert data.tolist() == [2.0, 2.0]


def test_a_copy_has_its_own_memory_and_no_gradient():
    parameter = nn.Parameter(minitorch.ones(2))
    (parameter * 2).sum().backward()
    twin = copy.deepcopy(parameter)
    twin.detach().zero_()
    assert twin.grad is None and parameter.grad.tolist() == [2.0, 2.0] and parameter.tolist() == [1.0, 1.0]


def test_gradients_arrive():
    check_same(lambda T: [(p * p).sum().backward() or p.grad for p in [T.nn.Parameter(T.tensor([1., 2.]))]])


def test_what_it_cannot_be():
    check_raises(lambda T: T.nn.Parameter(T.tensor([1, 2])), match="nly Tensors of floating point")
    check_raises(lambda T: T.nn.Parameter([1.0, 2.0]), match="'list' object has no attribute 'detach'")


def test_buffer_remembers_whether_to_save_it():
    check_same(lambda T: [T.nn.Buffer(T.ones(1), persistent=persistent).persistent for persistent in (True, False)])


def test_a_buffer_can_be_saved_to_a_file():
    file = io.BytesIO()
    minitorch.save(nn.Buffer(minitorch.ones(2)), file)
    file.seek(0)
    assert minitorch.load(file).tolist() == [1.0, 1.0]
