"""Memory formats, storages, and what changes a tensor's shape or memory in place."""
import copy
import pickle

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same


def image(T):
    return T.arange(48.).view(2, 3, 2, 4)


@pytest.mark.parametrize("move", [
    lambda T, x, to: x.contiguous(memory_format=to),
    lambda T, x, to: x.to(memory_format=to),
    lambda T, x, to: x.to(T.float64, memory_format=to),
    lambda T, x, to: x.clone(memory_format=to),
])
def test_channels_last(move):
    def form(T):
        x = move(T, image(T), T.channels_last)
        return (x, x.stride(), x.is_contiguous(memory_format=T.channels_last), x.is_contiguous(), x.dim_order(),
                x._is_view(), x.contiguous().stride(), x.contiguous(memory_format=T.contiguous_format).stride())
    check_same(form)


def test_the_other_formats():
    def strides(T):
        x = image(T).transpose(0, 3)
        return [x.to(memory_format=T.preserve_format).stride(), x.clone(memory_format=T.preserve_format).stride(),
                x.to(memory_format=T.contiguous_format).stride(), x.clone(memory_format=T.contiguous_format).stride()]
    check_same(strides)


def test_channels_last_3d_and_one_channel():
    check_same(lambda T: T.ones(2, 3, 4, 5, 6).contiguous(memory_format=T.channels_last_3d).stride())
    check_same(lambda T: T.ones(2, 1, 3, 3).contiguous(memory_format=T.channels_last).stride())
    check_same(lambda T: T.ones(2, 3).is_contiguous(memory_format=T.channels_last))
    check_raises(lambda T: T.ones(2, 3).contiguous(memory_format=T.channels_last), "required rank 4 tensor")


def test_channels_last_has_a_gradient():
    check_op([(2, 3, 2, 2)], lambda T, x: x.contiguous(memory_format=T.channels_last) * 2)


def test_formats_are_unique_objects():
    for name in ("channels_last", "strided"):
        found = getattr(minitorch, name)
        assert repr(found) == f"torch.{name}"
        assert copy.deepcopy(found) is found and pickle.loads(pickle.dumps(found)) is found
    assert minitorch.ones(1).layout is minitorch.strided


@pytest.mark.parametrize("size", [(2, 2), (6,), (0,), ()])
def test_resize_reads_the_memory_in_order(size):
    check_same(lambda T: T.arange(6.).view(2, 3).t().resize_(size))
    check_same(lambda T: T.arange(8.)[2:].resize_(size))


def test_resize_keeps_what_was_there_when_it_grows():
    check_same(lambda T: T.arange(6.).view(2, 3).resize_(4, 4).view(-1)[:6])
    check_raises(lambda T: T.ones(2, requires_grad=True).resize_(1), "cannot resize variables that require grad")


@pytest.mark.parametrize("shape, wrap", [((2, 3), False), ((3, 2), False), ((7, 2), True), ((3, 3, 3), False)])
def test_fill_diagonal(shape, wrap):
    check_same(lambda T: T.zeros(shape).fill_diagonal_(7, wrap=wrap))


def test_fill_diagonal_refuses():
    check_raises(lambda T: T.ones(3).fill_diagonal_(1), "dimensions must larger than 1")
    check_raises(lambda T: T.ones(2, 3, 3).fill_diagonal_(1), "must be of equal length")


def test_storages():
    check_same(lambda T: (T.zeros(6)[2:].untyped_storage().nbytes(), len(T.zeros(2, 3).t().untyped_storage())))

    def shared(T):
        x = T.zeros(2, 3)
        return [x.is_set_to(x.view(2, 3)), x.is_set_to(x.view(6)), x.is_set_to(T.zeros(2, 3)), x.is_set_to(x[1]),
                x.untyped_storage().data_ptr() == x[1].untyped_storage().data_ptr()]
    check_same(shared)


def test_a_strided_array_of_another_library_is_read_with_its_gaps():
    array = np.arange(12.).reshape(3, 4)
    lent = np.asarray(memoryview(array))[:, ::2]
    x = minitorch.from_numpy(lent)
    assert x.as_strided((2, 2), (4, 2)).tolist() == [[0, 2], [4, 6]]
    assert x.unfold(0, 2, 1).tolist() == [[[0, 4], [2, 6]], [[4, 8], [6, 10]]]


def test_strides_of_empty_memory():
    check_same(lambda T: (T.empty_strided((2, 3), (1, 2)).stride(), T.empty_permuted((2, 3, 4), (0, 2, 1)).stride(),
                          T.ones(1).new_empty_strided((2, 3), (4, 1)).stride()))
    check_raises(lambda T: T.empty_strided((2, 3), (1,)), "must match dimensionality of strides")


def test_other_libraries_share_the_memory():
    x = minitorch.arange(3.)
    assert np.from_dlpack(x).tolist() == [0, 1, 2]
    y = minitorch.from_dlpack(x.numpy())
    x[0] = 5
    assert y.tolist() == [5, 1, 2]
    assert isinstance(np.sin(x), minitorch.Tensor)


def test_python_functions_of_elements():
    check_same(lambda T: T.tensor([1., 2.]).apply_(lambda v: v * 2))
    check_same(lambda T: T.tensor([[1., 2.]]).map_(T.tensor([3., 4.]), lambda a, b: a + b))
    check_raises(lambda T: T.ones(1, requires_grad=True).apply_(abs), "on Variable that requires grad")


def test_functions_that_are_methods():
    check_same(lambda T: [T.exp_(T.zeros(2)), T.sigmoid_(T.zeros(1)), T.is_nonzero(T.ones(1)), T.get_device(T.ones(1)),
                          T.is_signed(T.ones(1)), T.is_same_size(T.ones(2), T.ones(3)), T.detach(T.ones(1))])
    check_same(lambda T: [T.adjoint(T.arange(6).view(2, 3)), T.arange(6).view(2, 3).H, list(reversed(T.arange(3)))])
    check_raises(lambda T: T.ones(3).adjoint(), "only supported on matrices")
    check_raises(lambda T: T.ones(3).H, "only supported on matrices")
