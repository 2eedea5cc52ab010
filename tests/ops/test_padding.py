"""Padding against PyTorch."""
import itertools

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same


def pad(T):
    return T.nn.functional.pad


@pytest.mark.parametrize("widths", [
    (), (0, 0), (1, 2), (1, 2, 3, 0), (1,) * 8, (-1, -2), (-1, 3), (2, -3, -1, 0), (-4, 0), (-2, -2),
    (0, 0, 0, 0, 1, -1)])
def test_constant(widths):
    check_op([(2, 3, 5, 4)], lambda T, x: pad(T)(x, widths))
    check_op([(2, 3, 5, 4)], lambda T, x: pad(T)(x, list(widths), "constant", -1.5))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("shape, widths", [
    ((2, 3, 5), (1, 2)), ((3, 5), (4, 0)), ((2, 3, 5), (0, 0)), ((2, 3, 5, 4), (1, 2, 3, 0)), ((3, 5, 4), (3, 3, 4, 4)),
    ((2, 1, 3, 2, 4), (3, 1, 1, 0, 2, 1)), ((3, 3, 2, 4), (1,) * 6), ((2, 3, 5), (-1, 3)), ((2, 3, 5), (-2, -2)),
    ((2, 3, 6), (2, -3)), ((2, 3, 5, 4), (0, 0, -1, 2)), ((0, 3, 5), (1, 1)), ((2, 3, 5), (4, 4))])
def test_repeating(mode, shape, widths):
    check_op([shape], lambda T, x: pad(T)(x, widths, mode))


def test_wide_padding():
    check_op([(2, 3, 5)], lambda T, x: pad(T)(x, (9, 7), "replicate"))
    check_op([(2, 3, 5)], lambda T, x: pad(T)(x, (5, 5), "circular"))


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8"])
def test_dtypes(mode, dtype):
    check_op([(2, 3, 5)], lambda T, x: pad(T)(x, (1, 2), mode), dtype=dtype, low=0, high=9)


def test_the_value_takes_the_dtype_of_the_input():
    check_op([np.array([1, 2]), np.array([True, False])],
             lambda T, i, b: [pad(T)(i, (1, 1), value=1.5), pad(T)(b, (1, 1), value=2)])
    check_op([()], lambda T, x: pad(T)(x, ()))
    check_op([(0, 3)], lambda T, x: pad(T)(x, (1, 1, 2, 0), value=7))


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_the_result_is_a_copy(mode):
    x = minitorch.ones(2, 3, 5)
    pad(minitorch)(x, (0, 0), mode).zero_()
    assert (x == 1).all()


def test_names():
    def names(T):
        x = T.ones(3, 5, 4).requires_grad_()
        results = [pad(T)(x, widths, mode) for widths, mode in itertools.product(
            [(1, 1), (1, 1, 1, 1)], ["constant", "reflect", "replicate", "circular"])]
        return [result.grad_fn.name().rpartition("::")[2] for result in results]

    check_same(names)


@pytest.mark.parametrize("message, shape, arguments", [
    ("Padding length must be divisible by 2", (2, 3), ((1,),)),
    ("Padding length should be less than or equal to two times the input dimension but got padding length 6 and input "
     "of dimension 2", (2, 3), ((1,) * 6,)),
    ("must be tuple of ints, not int", (2, 3), (2,)),
    ("must be tuple of ints, but found element of type float at pos 0", (2, 3), ((1.0, 1),)),
    ("negative", (2, 3), ((-2, -2),)),
    ("negative", (2, 3), ((-4, 5),)),
    ("Unrecognised padding mode mirror", (2, 3), ((1, 1), "mirror")),
    ("Padding mode \"reflect\" doesn't take in value argument", (2, 3), ((1, 1), "reflect", 1.0)),
    ("Padding size 2 is not supported for 4D input tensor", (2, 3, 4, 5), ((1, 1), "reflect")),
    ("Padding size 4 is not supported for 2D input tensor", (2, 3), ((1, 1, 1, 1), "circular")),
    ("Padding size 0 is not supported for 2D input tensor", (2, 3), ((), "replicate")),
    (r"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding \(3, 0\) at "
     r"dimension 1 of input \[2, 3\]", (2, 3), ((3, 0), "reflect")),
    (r"Argument #6: .* padding \(0, 9\) at dimension 2 of input", (2, 3, 4, 5), ((1, 1, 0, 9), "reflect")),
    ("Padding value causes wrapping around more than once", (2, 3), ((4, 0), "circular")),
    (r"Expected 2D or 3D \(batch mode\) tensor with possibly 0 batch size and other non-zero dimensions for input, but "
     r"got: \[2, 0, 3\]", (2, 0, 3), ((1, 1), "replicate")),
])
def test_errors(message, shape, arguments):
    check_raises(lambda T: pad(T)(T.ones(shape), *arguments), match=message)
