"""Plain values travel and compare; others do not."""
import json

import numpy as np
import pytest

import minitorch as torch
from minitorch.course.values import decode, encode, equal, show

VALUES = [None, True, 3, 2.5, "text", [1, [2, "a"]], {"a": 1, "b": [None]}, np.arange(6).reshape(2, 3),
          np.array([1.5, float("nan"), float("inf")], np.float32), np.float64(2), np.array(True), np.zeros((0, 2))]


def travelled(value):
    return decode(json.loads(json.dumps(encode(value))))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_there_and_back(value):
    assert equal(travelled(value), decode(encode(value)))
    assert sum([equal(travelled(value), travelled(other)) for other in VALUES]) == 1


def test_a_tensor_travels_as_its_array():
    x = torch.arange(6.).view(2, 3).T  # not contiguous
    assert equal(travelled(x), travelled(np.array([[0, 3], [1, 4], [2, 5]], np.float32)))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", np.array(["a"]), np.array([object()]), lambda: 1])
def test_others_do_not_travel(value):
    with pytest.raises(TypeError, match="is no answer"):
        encode(value)


@pytest.mark.parametrize("a, b", [
    (1, 1.), (1, True), (1., 1.1), ("a", "b"), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (1., np.array(1.)),
    (np.ones(3), np.ones((1, 3))), (np.ones(3), np.ones(3, np.float32)), (np.ones(3), np.array([1, 1, 1.001])),
    (np.array([1, 2]), np.array([1, 3]))])
def test_different(a, b):
    assert not equal(travelled(a), travelled(b)) and not equal(travelled(b), travelled(a))


def test_rounding_is_forgiven():
    assert equal(travelled(np.array(1.)), travelled(np.array(1. + 1e-9)))
    assert equal(travelled(1 / 3), travelled(1 / 3 + 1e-12))
    assert equal(travelled(np.float32(1)), travelled(np.float32(1.00001)))


def test_show():
    assert show({"x": np.array([1., 0.5]), "n": 3}) == "x: [1. , 0.5]   float64, shape (2,)\nn: 3"
    assert show([np.array([1]), 2.5]) == "[1]   int64, shape (1,)\n2.5"
