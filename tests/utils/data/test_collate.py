"""default_collate and default_convert make of every kind of item what PyTorch makes of it."""
import array
from collections import OrderedDict, UserDict, UserList, namedtuple, defaultdict
from types import MappingProxyType

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()
Point = namedtuple("Point", "x y")


def plain(value):
    """A tensor stays; any other value with the names of the types in it."""
    if hasattr(value, "requires_grad") or isinstance(value, (bool, int, float, str, bytes)):
        return value if not isinstance(value, bytes) else repr(value)
    if isinstance(value, np.ndarray):
        return "ndarray", value.tolist()
    if hasattr(value, "keys"):
        return type(value).__name__, [[key, plain(value[key])] for key in value]
    return type(value).__name__, [plain(item) for item in value]


ITEMS = {
    "tensors": lambda T: [T.ones(2, 3), T.zeros(2, 3)],
    "0-d tensors": lambda T: [T.tensor(1), T.tensor(2)],
    "arrays": lambda T: [np.ones(2, np.float32), np.zeros(2, np.float32)],
    "0-d arrays": lambda T: [np.array(1.5), np.array(2.5)],
    "int arrays": lambda T: [np.arange(2, dtype=np.int16)] * 2,
    "float32 numbers": lambda T: [np.float32(1), np.float32(2)],
    "float64 numbers": lambda T: [np.float64(1), np.float64(2)],
    "int8 numbers": lambda T: [np.int8(1), np.int8(2)],
    "bool numbers": lambda T: [np.bool_(True), np.bool_(False)],
    "floats": lambda T: [1.0, 0.1],
    "ints": lambda T: [1, 2],
    "bools": lambda T: [True, False],
    "strings": lambda T: ["a", "bc"],
    "bytes": lambda T: [b"a", b"bc"],
    "tuples": lambda T: [(1, 2.0), (3, 4.0)],
    "lists": lambda T: [[1, "a"], [2, "b"]],
    "nested": lambda T: [{"x": T.ones(1), "y": [1, (2, "a")]}, {"x": T.zeros(1), "y": [3, (4, "b")]}],
    "named tuples": lambda T: [Point(1, [2]), Point(3, [4])],
    "dicts": lambda T: [{"a": 1, "b": 2}, {"b": 3, "a": 4, "c": 5}],
    "ordered dicts": lambda T: [OrderedDict(b=1, a=2)] * 2,
    "default dicts": lambda T: [defaultdict(list, a=1), defaultdict(list, a=2)],
    "user dicts": lambda T: [UserDict(a=1), UserDict(a=2)],
    "user lists": lambda T: [UserList([1, 2]), UserList([3, 4])],
    "frozen dicts": lambda T: [MappingProxyType({"a": 1})] * 2,
    "ranges": lambda T: [range(2), range(2)],
    "array.arrays": lambda T: [array.array("i", [1, 2])] * 2,
    "tensors of two dtypes": lambda T: [T.ones(2), T.ones(2, dtype=T.int64)],
    "one item": lambda T: [(np.ones(1), 3)],
    "a tuple of items": lambda T: ((1, 2), (3, 4)),
    "empty sequences": lambda T: [[], []],
}
each = pytest.mark.parametrize("items", ITEMS.values(), ids=ITEMS)


@each
def test_collate(items):
    check_same(lambda T: plain(T.utils.data.default_collate(items(T))))


@each
def test_convert(items):
    check_same(lambda T: plain(T.utils.data.default_convert(items(T))))


@pytest.mark.parametrize("data", [3, 2.5, "text", b"bytes", None, np.str_("text"), np.array(["a"])], ids=repr)
def test_convert_leaves_other_things_alone(data):
    for lib in torch, minitorch:
        assert lib.utils.data.default_convert(data) is data


def test_the_items_are_left_alone():
    for lib in torch, minitorch:
        items = [{"a": [1, 2]}, {"a": [3, 4]}]
        lib.utils.data.default_collate(items)
        lib.utils.data.default_convert(items)
        assert items == [{"a": [1, 2]}, {"a": [3, 4]}]


def test_gradients_flow_through_a_batch():
    def backward(T):
        x = T.arange(6.).reshape(3, 2).requires_grad_()
        loader = T.utils.data.DataLoader(T.utils.data.TensorDataset(x), 2)
        for i, (batch,) in enumerate(loader):
            (batch * (i + 1)).sum().backward()
        return x.grad, batch.requires_grad
    check_same(backward)


def test_converted_arrays_share_their_memory_and_collated_ones_do_not():
    for lib in torch, minitorch:
        a = np.zeros(2)
        converted, collated = lib.utils.data.default_convert(a), lib.utils.data.default_collate([a])
        a[:] = 1
        assert converted.tolist() == [1, 1] and collated.tolist() == [[0, 0]]


@pytest.mark.parametrize("match, items", [
    ("default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'object'>",
     [object()]),
    ("found <class 'NoneType'>", [None, None]),
    ("found <U1", [np.array(["a"])]),
    ("found object", [np.array([None])]),
    ("found <class 'set'>", [{1}]),
    ("each element in list of batch should be of equal size", [[1], [2, 3]]),
    ("stack expects each tensor to be equal size", [np.zeros(2), np.zeros(3)]),
    ("b", [{"a": 1, "b": 2}, {"a": 1}]),
])
def test_errors(match, items):
    check_raises(lambda T: T.utils.data.default_collate(items), match)
