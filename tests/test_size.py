"""torch.Size: a tuple of ints that stays a Size."""
import copy
import pickle

import numpy as np
import pytest

from minitorch._size import Size
from tests.oracle import import_torch


class Index:
    """An integer by protocol only, as a 0-d tensor is."""

    def __index__(self):
        return 5


@pytest.fixture(params=["minitorch", "torch"])
def size_class(request):
    """Both libraries' Size: a test that uses it says what both of them do."""
    return Size if request.param == "minitorch" else import_torch().Size


@pytest.mark.parametrize("sizes, expected", [
    ((), "torch.Size([])"),
    ([2, 3], "torch.Size([2, 3])"),
    (range(3), "torch.Size([0, 1, 2])"),
    ((-1, 0), "torch.Size([-1, 0])"),
    ([True, np.int32(4), Index()], "torch.Size([1, 4, 5])"),
    (np.array([6, 7]), "torch.Size([6, 7])"),
])
def test_construction_and_repr(size_class, sizes, expected):
    size = size_class(sizes)
    assert repr(size) == str(size) == f"{size}" == expected
    assert repr(size_class(size)) == expected


def test_default_is_empty(size_class):
    assert size_class() == ()


def test_items_are_plain_ints():
    assert [type(item) for item in Size([True, np.int64(2), Index()])] == [int, int, int]


@pytest.mark.parametrize("sizes, message", [
    ([2, 3.0], "takes an iterable of 'int' (item 1 is 'float')"),
    (["a"], "takes an iterable of 'int' (item 0 is 'str')"),
    ([1, None, "a"], "takes an iterable of 'int' (item 1 is 'NoneType')"),
    ([[1, 2]], "takes an iterable of 'int' (item 0 is 'list')"),
    (3, "'int' object is not iterable"),
])
def test_construction_errors(size_class, sizes, message):
    with pytest.raises(TypeError) as error:
        size_class(sizes)
    assert message in str(error.value)


@pytest.mark.parametrize("sizes, numel", [([], 1), ([7], 7), ([2, 3, 4], 24), ([0, 3], 0)])
def test_numel(size_class, sizes, numel):
    assert size_class(sizes).numel() == numel


@pytest.mark.parametrize("compute", [
    lambda S: S((1, 2, 3))[1:],
    lambda S: S((1, 2, 3))[::-1],
    lambda S: S((1, 2, 3))[:0],
    lambda S: S((1, 2)) + (3,),
    lambda S: (3,) + S((1, 2)),
    lambda S: S((1, 2)) + S((3,)),
    lambda S: S((1,)) + (True,),
    lambda S: () + S((1,)),
    lambda S: S((1, 2)) * 2,
    lambda S: 2 * S((1, 2)),
    lambda S: S((1, 2)) * -1,
])
def test_stays_a_size(compute):
    torch = import_torch()
    ours, theirs = compute(Size), compute(torch.Size)
    assert type(ours) is Size
    assert type(theirs) is torch.Size
    assert ours == tuple(theirs)


def test_one_item_is_an_int(size_class):
    assert type(size_class((1, 2))[-1]) is int


@pytest.mark.parametrize("compute, exception, message", [
    (lambda size: size + [3], TypeError, "can only concatenate tuple (not list) to torch.Size"),
    (lambda size: size + None, TypeError, "can only concatenate tuple (not NoneType) to torch.Size"),
    (lambda size: size + 3, TypeError, ""),
    (lambda size: [3] + size, TypeError, "can only concatenate list"),
    (lambda size: 3 + size, TypeError, "unsupported operand type(s) for +: 'int' and "),
    (lambda size: size + ("a",), TypeError, "takes an iterable of 'int' (item 2 is 'str')"),
    (lambda size: (1.5,) + size, TypeError, "takes an iterable of 'int' (item 0 is 'float')"),
    (lambda size: size * 2.0, TypeError, "can't multiply sequence by non-int of type 'float'"),
    (lambda size: size[5], IndexError, "tuple index out of range"),
    (lambda size: size["a"], TypeError, "tuple indices must be integers or slices, not str"),
    (lambda size: setattr(size, "x", 1), AttributeError, "object has no attribute 'x'"),
])
def test_operator_errors(size_class, compute, exception, message):
    with pytest.raises(exception) as error:
        compute(size_class((1, 2)))
    assert message in str(error.value)


def test_arrays_take_a_size_as_numbers(size_class):
    size, array = size_class((1, 2)), np.array([10, 20])
    for result, expected in ((size + array, [11, 22]), (array + size, [11, 22]),
                             (size * array, [10, 40]), (array * size, [10, 40])):
        assert type(result) is np.ndarray and result.tolist() == expected


def test_is_a_tuple(size_class):
    size = size_class([2, 3])
    assert size == (2, 3) and (2, 3) == size and size != [2, 3] and size < (3,)
    assert hash(size) == hash((2, 3)) and {(2, 3): "found"}[size] == "found"
    assert np.zeros(size).shape == size


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    back = pickle.loads(pickle.dumps(Size([2, 3]), protocol))
    assert type(back) is Size and back == (2, 3)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy(duplicate):
    back = duplicate(Size([2, 3]))
    assert type(back) is Size and back == (2, 3)
