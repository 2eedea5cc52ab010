"""Elementwise kernels of the GPU against those of the CPU: every function, all ways through memory, all dtypes."""
import inspect

import numpy as np
import pytest

from minitorch.kernels import cpu, cuda
from minitorch.kernels.cuda import elementwise
from tests.cuda.twins import check, on_cuda, raises_on_both, same

SPECIAL = np.array([0.0, -0.0, 1, -1, 0.5, -2.5, 3, 7.25, 100, -100, np.inf, -np.inf, np.nan], np.float32)
WHOLE = np.array([0, 1, -1, 2, 5, -7, 8, 100, -100], np.int64)
ON_INTEGERS = "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift".split()
PLAIN = [name for name in elementwise.__all__
         if [*inspect.signature(getattr(cpu, name)).parameters] in (["input"], ["input", "other"])]
UNARY = [name for name in PLAIN if "other" not in inspect.signature(getattr(cpu, name)).parameters]
BINARY = [name for name in PLAIN if name not in UNARY]
BY_ZERO = "floor_divide trunc_divide remainder fmod".split()  # integers: an error on the CPU


def pairs(x):
    """All pairs of the vector's numbers, as two vectors."""
    return np.repeat(x, x.size), np.tile(x, x.size)


@pytest.mark.parametrize("name", [name for name in UNARY if name not in ON_INTEGERS])
@np.errstate(all="ignore")
def test_a_function_of_special_numbers(name):
    check(name, SPECIAL, rtol=1e-5)


@pytest.mark.parametrize("name", [name for name in BINARY if name not in ON_INTEGERS])
@np.errstate(all="ignore")
def test_an_operation_on_all_pairs_of_special_numbers(name):
    a, b = pairs(SPECIAL)
    if name in ("floor_divide", "trunc_divide", "remainder", "fmod"):
        keep = np.isfinite(a) & np.isfinite(b) & (b != 0)
        a, b = a[keep], b[keep]
    check(name, a, b, rtol=1e-5, signs=name not in "maximum minimum fmax fmin".split())  # of 0 and -0, either


@pytest.mark.parametrize("name", UNARY)
@np.errstate(all="ignore")
def test_a_function_of_integers(name):
    check(name, WHOLE, rtol=1e-5)


@pytest.mark.parametrize("name", BINARY)
@np.errstate(all="ignore")
def test_an_operation_on_integers(name):
    a, b = pairs(WHOLE)
    if name in BY_ZERO:
        a, b = a[b != 0], b[b != 0]
    if "shift" in name:
        a, b = a[(0 <= b) & (b < 10)], b[(0 <= b) & (b < 10)]
    check(name, a, b, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8, np.uint8, np.int32, np.bool_])
@pytest.mark.parametrize("name", ["add", "mul", "div", "maximum", "lt", "exp", "logical_and"])
def test_dtypes(name, dtype):
    a, b = (np.arange(9) % 5).astype(dtype), (np.arange(9) % 3 + 1).astype(dtype)
    check(name, *([a] if name in UNARY else [a, b]), rtol=1e-3 if dtype == np.float16 else 1e-5)


@pytest.mark.parametrize("a, b", [(np.int64, np.float32), (np.float16, np.float64), (np.bool_, np.int8)])
def test_mixed_dtypes(a, b):
    check("add", np.arange(6).astype(a), np.arange(6).astype(b))
    check("le", np.arange(6).astype(a), np.arange(6)[::1].astype(b))
    check("add", np.arange(6).astype(a), np.array(2).astype(b))


X = np.arange(1, 121, dtype=np.float32).reshape(2, 3, 4, 5)


@pytest.mark.parametrize("a, b", [
    (X, X), (X, X[:, :1]), (X, X[0, 0]), (X[:1], X[:, :, :1]), (X, X[..., :1]), (X[0, 0], X),
    (X.transpose(3, 1, 0, 2), X.transpose(3, 1, 0, 2)), (X.transpose(3, 1, 0, 2), X.reshape(5, 3, 2, 4)),
    (X[:, :, ::2], X[:, :, 1::2]), (X[1:], X[:1]), (X.reshape(-1)[1:], X.reshape(-1)[:-1]),
    (X, np.array(3, np.float32)), (np.array(2, np.float32), np.array(3, np.float32)), (X, 2), (0.5, X),
    (X[:0], X[:1]), (X[:, :0], X[:, :1]), (np.broadcast_to(X[0, 0], (7, 4, 5)), X[0, :1])])
def test_ways_through_memory(a, b):
    check("sub", a, b)


def test_a_block_and_more():
    check("mul", np.arange(1030, dtype=np.float32), 2.5)
    check("mul", np.arange(1030, dtype=np.float32).reshape(2, 515).T, 2.5)


def test_a_result_lies_in_memory_as_its_operand_does():
    x = on_cuda(X.transpose(3, 1, 0, 2))
    assert cuda.neg(x).strides == x.strides and cuda.add(x, cuda.neg(x)).strides == x.strides


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 0.5, -0.5, -1, 2.5])
@np.errstate(all="ignore")
def test_powers(exponent):
    check("pow", SPECIAL, exponent, rtol=1e-5)


@np.errstate(all="ignore")
def test_powers_by_arrays():
    a, b = pairs(SPECIAL)
    keep = ~np.signbit(a) | (b != 0.5)  # NumPy's vectors say that (-inf)^0.5 is nan; its numbers, and C, that it is inf
    check("pow", a[keep], b[keep], rtol=1e-5)
    check("pow", *pairs(np.array([0, 1, -1, 2, -3, 4])))
    check("pow", np.array([1, 2, 3]), np.array([2.0, 0.5, -1], np.float32))
    check("pow", 2.0, SPECIAL)
    raises_on_both(RuntimeError, "pow", WHOLE, -1)


def test_what_is_wrong_is_said_as_on_the_cpu():
    true = np.array([True, False])
    raises_on_both(RuntimeError, "sub", true, true)
    raises_on_both(RuntimeError, "neg", true)
    raises_on_both(NotImplementedError, "abs", true)
    raises_on_both(RuntimeError, "add", np.ones(2), np.ones(3))


@np.errstate(all="ignore")
def test_rounding_with_decimals():
    for decimals in (0, 1, 2, -1):
        check("round", np.array([0.25, 1.155, -15.5, 2.5, 1e9], np.float32), decimals=decimals)
    check("round", WHOLE, decimals=-1)


def test_what_is_not_finite_can_be_replaced():
    check("nan_to_num", SPECIAL)
    check("nan_to_num", SPECIAL, nan=1.0, posinf=2.0, neginf=3.0)
    check("nan_to_num", WHOLE)


def test_clamp():
    for bounds in [dict(min=-1), dict(max=2.5), dict(min=0, max=1), dict(min=2, max=-2)]:
        check("clamp", SPECIAL, signs=False, **bounds)
    same(cuda.clamp(on_cuda(X), min=on_cuda(X[0, 0] - 1), max=50), cpu.clamp(X, min=X[0, 0] - 1, max=50))


def test_where():
    condition = X[0, 0] % 3 == 0
    check("where", condition, X, -X)
    check("where", condition, X, 0.0)
    check("where", X[0], 1, np.arange(5))


@np.errstate(all="ignore")
def test_gradients_of_activations():
    y = np.linspace(-1, 1, 11, dtype=np.float32)
    for name in ("tanh_backward", "sigmoid_backward"):
        check(name, np.arange(11, dtype=np.float32), y)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8,
                                   np.bool_])
def test_casts(dtype):
    x = np.array([0, 1, 2.5, 3.75, 100], np.float32)
    check("cast", x, np.dtype(dtype))
    check("cast", x.astype(dtype), np.dtype(np.float64))


def test_copies():
    for x in (X, X.transpose(3, 1, 0, 2), X[:, 1:, ::2]):
        check("clone", x)
        check("contiguous", x)
        assert cuda.contiguous(on_cuda(x)).flags.c_contiguous
    assert cuda.clone(on_cuda(X.transpose(1, 0, 2, 3))).strides == X.transpose(1, 0, 2, 3).strides
    x = on_cuda(X)
    assert cuda.contiguous(x) is x
    for size in ((), (3,), (2, 0), (2, 5)):
        same(cuda.full(size, 7, np.int64), np.full(size, 7))
    same(cuda.full((2,), True, np.bool_), np.full(2, True))


def test_writing_in_place():
    target = X.copy()
    on_gpu = on_cuda(target)
    cuda.copy_(cuda.basic_index(on_gpu, (0, slice(1, 3))), on_cuda(np.arange(5)))
    cuda.add_(cuda.permute(on_gpu, (3, 2, 1, 0)), on_cuda(X.T))
    target[0, 1:3] = np.arange(5)
    same(on_gpu, target + X)
