"""Elementwise operations against PyTorch: values, dtypes, gradients, second gradients, special numbers, errors."""

import itertools

import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 1e-30, 1e30, np.inf, -np.inf, np.nan])
SHAPES = [(3, 4), (4,)]  # broadcast against each other

UNARY = {  # name: the interval of its inputs
    "neg": (-2, 2),
    "abs": (-2, 2),
    "sign": (-2, 2),
    "square": (-2, 2),
    "reciprocal": (0.5, 2),
    "sqrt": (0.1, 2),
    "rsqrt": (0.1, 2),
    "exp": (-2, 2),
    "exp2": (-2, 2),
    "expm1": (-2, 2),
    "log": (0.1, 2),
    "log2": (0.1, 2),
    "log10": (0.1, 2),
    "log1p": (-0.9, 2),
    "sin": (-2, 2),
    "cos": (-2, 2),
    "tan": (-1, 1),
    "asin": (-0.9, 0.9),
    "acos": (-0.9, 0.9),
    "atan": (-2, 2),
    "sinh": (-2, 2),
    "cosh": (-2, 2),
    "tanh": (-2, 2),
    "asinh": (-2, 2),
    "acosh": (1.1, 3),
    "atanh": (-0.9, 0.9),
    "sigmoid": (-2, 2),
    "erf": (-2, 2),
    "erfc": (-2, 2),
    "erfinv": (-0.9, 0.9),
    "lgamma": (0.5, 3),
    "digamma": (0.5, 3),
    "floor": (-2, 2),
    "ceil": (-2, 2),
    "round": (-2, 2),
    "trunc": (-2, 2),
    "frac": (-2, 2),
    "positive": (-2, 2),
}


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    low, high = UNARY[name]
    check_op([(3, 4)], lambda T, x: getattr(T, name)(x), low=low, high=high)
    check_op([()], lambda T, x: getattr(x, name)() if name != "positive" else +x, low=low, high=high, second=False)


@pytest.mark.parametrize("name", sorted(UNARY.keys() - {"positive"}))
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_unary_dtypes_and_special_numbers(name, dtype):
    values = SPECIAL.astype(dtype) if dtype.startswith("float") else np.array([0, 1, 2]).astype(dtype)
    try:
        getattr(torch, name)(torch.from_numpy(values))
    except Exception:
        check_raises(lambda T: getattr(T, name)(T.from_numpy(values)))
    else:
        check_op([values], lambda T, x: getattr(T, name)(x), grad=False, rtol=2e-5 if dtype != "float64" else 1e-9)


BINARY = [
    "add",
    "sub",
    "mul",
    "div",
    "pow",
    "atan2",
    "hypot",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "fmod",
    "remainder",
    "xlogy",
    "floor_divide",
]


@pytest.mark.parametrize("name", BINARY)
def test_binary(name):
    low = 0.5 if name in ("pow", "xlogy", "fmod", "remainder", "floor_divide") else -2
    grad = name != "floor_divide"  # a step function; torch has no gradient for it
    check_op(SHAPES, lambda T, a, b: getattr(T, name)(a, b), low=low, grad=grad)
    check_op([(2, 0), (1, 1)], lambda T, a, b: getattr(T, name)(a, b), grad=grad)


@pytest.mark.parametrize("name", BINARY)
def test_binary_special_numbers(name):
    a, b = np.meshgrid(SPECIAL, SPECIAL)
    check_op([a, b], lambda T, x, y: getattr(T, name)(x, y), grad=False)


PROMOTING = ["add", "sub", "mul", "div", "pow", "floor_divide", "remainder", "fmod"]
TENSORS = ["float32", "float64", "int64", "uint8", "bool", "0d float64", "0d int64"]
NUMBERS = [2, 2.5, True]


@pytest.mark.parametrize("left", ["float32", "float64", "float16", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("name, right", [*itertools.product(PROMOTING, TENSORS + NUMBERS),
                                         *itertools.product(["maximum"], TENSORS)])  # maximum takes no numbers
def test_type_promotion(name, left, right):
    def run(T):
        a = T.tensor([1, 2, 3]).to(getattr(T, left))
        if not isinstance(right, str):
            b = right
        elif right.startswith("0d"):
            b = T.tensor(2).to(getattr(T, right[3:]))
        else:
            b = T.tensor([1, 1, 1]).to(getattr(T, right))
        return getattr(T, name)(a, b)

    try:
        run(torch)
    except Exception:
        check_raises(run)
    else:
        check_same(run)


def test_equal_elements_share_the_gradient():
    ties = np.array([1.0, 2.0, 3.0])
    for name in ("maximum", "minimum", "fmax", "fmin"):
        check_op([ties, ties[::-1].copy()], lambda T, a, b: getattr(T, name)(a, b))


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, 0.5, 2.5, -0.5])
def test_powers_by_numbers(exponent):
    check_op([(4,)], lambda T, x: x**exponent, low=0.2)
    check_op([SPECIAL], lambda T, x: x**exponent, grad=False)
    check_op([np.array([0.0, 1.0, 2.0])], lambda T, x: x**exponent, second=False)


def test_powers_of_numbers_and_integers():
    check_op([(4,)], lambda T, x: 2**x)
    check_op([np.array([-1.0, 0.0, 2.0])], lambda T, x: 0**x, second=False)
    check_same(lambda T: T.tensor([-2, -1, 0, 1, 2]) ** T.tensor([3, -3, 0, -1, 2]))
    check_raises(lambda T: T.tensor([1, 2]) ** -1, match="Integers to negative integer powers")


def test_operators_and_their_reflections():
    for fn in (
        lambda a: 1 + a,
        lambda a: 1 - a,
        lambda a: 2 * a,
        lambda a: 2 / a,
        lambda a: a / 2,
        lambda a: -a,
        lambda a: abs(a),
        lambda a: a % 2,
        lambda a: +a,
    ):
        check_op([(5,)], lambda T, a: fn(a), low=0.5)
    check_same(
        lambda T: [7 // T.tensor([2.0, -2.0]), 7 % T.tensor([2.0, -2.0]), T.tensor([7, -7]) // 2, 7 // T.tensor([2])]
    )
    check_same(
        lambda T: [
            T.tensor([5, 3]) & 1,
            T.tensor([5, 3]) | 8,
            T.tensor([5, 3]) ^ 1,
            ~T.tensor([5, 3]),
            ~T.tensor([True, False]),
            T.tensor([5]) << 2,
            T.tensor([5]) >> 1,
            1 & T.tensor([5]),
        ]
    )


def test_comparisons_and_logic():
    check_same(
        lambda T: [
            getattr(T.tensor([1.0, 2.0, float("nan")]), name)(T.tensor([1.0, 3.0, 1.0]))
            for name in ("eq", "ne", "lt", "le", "gt", "ge")
        ]
    )
    check_same(
        lambda T: [
            T.tensor([1, 2]) == 1,
            T.tensor([1.0]) < 2,
            1 < T.tensor([2]),
            T.tensor([1]) == None,  # noqa: E711
            T.tensor([1]) == "a",
        ]
    )
    check_same(
        lambda T: [
            T.logical_and(T.tensor([1, 0]), T.tensor([2.0, 0.0])),
            T.logical_or(T.tensor([1, 0]), T.tensor([0, 0])),
            T.logical_xor(T.tensor([1, 0]), T.tensor([1, 1])),
            T.logical_not(T.tensor([0.0, 2.0])),
        ]
    )
    check_op([SPECIAL], lambda T, x: [T.isnan(x), T.isinf(x), T.isfinite(x)])
    check_same(lambda T: [T.isnan(T.tensor([1])), T.isinf(T.tensor([1])), T.isfinite(T.tensor([True]))])


def test_closeness():
    check_same(
        lambda T: [
            T.isclose(T.tensor([1.0, float("inf"), float("nan")]), T.tensor([1.000001, float("inf"), float("nan")])),
            T.isclose(T.tensor([float("nan")]), T.tensor([float("nan")]), equal_nan=True),
            T.allclose(T.tensor([1.0]), T.tensor([1.1]), atol=0.2),
            T.equal(T.tensor([1, 2]), T.tensor([1, 2])),
            T.equal(T.tensor([1, 2]), T.tensor([[1, 2]])),
            T.isclose(T.tensor([1, 2]), T.tensor([1, 3])),
        ]
    )


def test_rounding_modes():
    values = [[-7.0, 7.0, -7.5, 7.5], [2.0, -2.0, 2.0, 2.0]]
    for mode in (None, "floor", "trunc"):
        check_op([np.array(values[0]), np.array(values[1])], lambda T, a, b: T.div(a, b, rounding_mode=mode))
        check_same(lambda T: T.div(T.tensor([-7, 7]), T.tensor([2, -2]), rounding_mode=mode))
    check_raises(lambda T: T.div(T.ones(1), 2, rounding_mode="up"), match="rounding_mode")
    check_raises(lambda T: T.tensor([1]) // T.tensor([0]), match="ZeroDivisionError")
    check_raises(lambda T: T.tensor([1]) % 0, match="ZeroDivisionError")
    check_op([(3,)], lambda T, x: T.round(x, decimals=1), low=-20, high=20)


def test_where_and_clamp():
    mask = np.array([[True], [False]])
    check_op([mask, (2, 3), (3,)], lambda T, c, a, b: T.where(c, a, b))
    check_op([mask, (2, 3)], lambda T, c, a: T.where(c, a, 0.0))
    check_op([mask, (2, 3)], lambda T, c, a: T.where(c, 1, a))
    check_same(lambda T: T.where(T.tensor([True, False]), 1, 2.5))
    for bounds in ({"min": -1}, {"max": 1}, {"min": -1, "max": 1}, {"min": 1, "max": -1}):
        check_op([(3, 4)], lambda T, x: T.clamp(x, **bounds))
        check_op([SPECIAL], lambda T, x: T.clamp(x, **bounds), grad=False)
    check_op([(3, 4), (4,), (4,)], lambda T, x, a, b: T.clamp(x, a, b))
    check_same(lambda T: [T.tensor([1, 5]).clamp(min=2), T.tensor([1, 5]).clamp(min=2.5), T.tensor([1, 5]).clip(max=2)])
    check_raises(lambda T: T.ones(2).clamp(), match="At least one of 'min' or 'max' must not be None")
    check_op([SPECIAL], lambda T, x: T.nan_to_num(x), second=False)
    check_op([SPECIAL], lambda T, x: T.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), second=False)


@pytest.mark.parametrize("name", ["div", "atan2", "hypot", "xlogy"])
def test_half_precision_stays_half_precision(name):
    check_same(lambda T: getattr(T, name)(T.tensor([0.5, 2.0]).half(), T.tensor([1.5, 0.5]).half()))


def test_fused_arithmetic():
    check_op([(2, 3), (3,), (2, 1)], lambda T, a, b, c: T.addcmul(a, b, c, value=0.5))
    check_op([(2, 3), (3,), (2, 1)], lambda T, a, b, c: T.addcdiv(a, b, c, value=0.5), low=0.5)
    check_op([(2, 3), (3,)], lambda T, a, b: T.lerp(a, b, 0.3))
    check_op([(2, 3), (3,), (3,)], lambda T, a, b, w: T.lerp(a, b, w))
    check_op([(2, 3), (3,)], lambda T, a, b: T.add(a, b, alpha=2) + T.sub(a, b, alpha=0.5) + T.rsub(a, b))
    check_op([(2, 3)], lambda T, a: T.add(a, 3, alpha=2) + a.sub(3, alpha=0.5))


def test_casts_and_copies():
    check_op([(2, 3)], lambda T, x: x.float(), second=True)
    check_op([(2, 3)], lambda T, x: [x.clone(), x.contiguous(), x.to(T.float32).double()])
    check_same(
        lambda T: [
            T.tensor([1.7, -1.7]).int(),
            T.tensor([0.0, 0.5]).bool(),
            T.tensor([300]).byte(),
            T.tensor([1.5]).half(),
            T.tensor([1]).double(),
            T.tensor([True]).long(),
        ]
    )


@pytest.mark.parametrize("name", ["add", "mul", "maximum", "eq", "atan2"])
def test_shapes_that_do_not_broadcast(name):
    check_raises(
        lambda T: getattr(T, name)(T.ones(2, 3), T.ones(4)),
        match=r"The size of tensor a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1",
    )


def test_wrong_operands():
    check_raises(lambda T: T.ones(2) + "a")
    check_raises(lambda T: T.ones(2) + None)
    check_raises(
        lambda T: T.tensor([True]) - T.tensor([True]), match="Subtraction, the `-` operator, with two bool tensors"
    )
    check_raises(lambda T: -T.tensor([True]), match="Negation, the `-` operator, on a bool tensor")
