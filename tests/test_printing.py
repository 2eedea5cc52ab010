"""A tensor prints character for character as PyTorch prints it."""
import math
import timeit
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minitorch import _printing
from tests.oracle import import_torch

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
inf, nan = math.inf, math.nan


@pytest.fixture(autouse=True)
def default_options():
    """Whatever a test sets, the next one starts from the defaults, in both libraries."""
    yield
    _printing.set_printoptions(profile="default")


def tensor_str(array, default_dtype="torch.float32", **suffixes):
    return _printing.tensor_str(array, f"torch.{array.dtype.name}", default_dtype, **suffixes)


def check(array, **options):
    """Assert that `array` prints the same in both libraries under set_printoptions(**options)."""
    torch = import_torch()
    tensor = torch.from_numpy(np.array(array))
    with _printing.printoptions(**options), torch._tensor_str.printoptions(**options):
        assert tensor_str(array) == repr(tensor)


# ---- golden strings: these need no PyTorch ----

GOLDEN = [
    (np.float32(1), "tensor(1.)"),
    (np.float32(0.1), "tensor(0.1000)"),
    (np.int64(-3), "tensor(-3)"),
    (np.bool_(True), "tensor(True)"),
    (np.float32(nan), "tensor(nan)"),
    ([1.0, 2.0], "tensor([1., 2.], dtype=torch.float64)"),
    (np.float32([1, -2, 30]), "tensor([ 1., -2., 30.])"),
    (np.float32([1, 2.5]), "tensor([1.0000, 2.5000])"),
    (np.float32([1, nan, inf, -inf]), "tensor([1., nan, inf, -inf])"),
    (np.float32([1.5, nan, -inf]), "tensor([1.5000,    nan,   -inf])"),
    (np.float32([0.0, -0.0, nan]), "tensor([0., -0., nan])"),
    (np.float32([1e-5, 1]), "tensor([1.0000e-05, 1.0000e+00])"),
    (np.float32([1, 1001]), "tensor([1.0000e+00, 1.0010e+03])"),
    (np.float32([1, 1000]), "tensor([   1., 1000.])"),
    (np.float32([2e8]), "tensor([2.0000e+08])"),
    (np.float16([0.5, 2]), "tensor([0.5000, 2.0000], dtype=torch.float16)"),
    ([7, -10], "tensor([  7, -10])"),
    (np.int8([1]), "tensor([1], dtype=torch.int8)"),
    ([True, False], "tensor([ True, False])"),
    ([[1, 2], [3, 4]], "tensor([[1, 2],\n        [3, 4]])"),
    (np.arange(8).reshape(2, 2, 2), "tensor([[[0, 1],\n         [2, 3]],\n\n        [[4, 5],\n         [6, 7]]])"),
    (np.empty(0, np.float32), "tensor([])"),
    (np.empty((0, 3), np.float32), "tensor([], size=(0, 3))"),
    (np.empty((2, 0), np.int64), "tensor([], size=(2, 0), dtype=torch.int64)"),
    (np.empty(0, np.bool_), "tensor([], dtype=torch.bool)"),
    (np.arange(30), "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
                    "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])"),
    (np.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    (np.zeros((2, 1000), np.float32), "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
                                      "        [0., 0., 0.,  ..., 0., 0., 0.]])"),
    (np.zeros((1000, 2), np.int64), "tensor([[0, 0],\n        [0, 0],\n        [0, 0],\n        ...,\n"
                                    "        [0, 0],\n        [0, 0],\n        [0, 0]])"),
]


@pytest.mark.parametrize("values, expected", GOLDEN)
def test_golden(values, expected):
    assert tensor_str(np.asarray(values)) == expected


@pytest.mark.parametrize("values, expected", GOLDEN)
def test_golden_is_what_torch_prints(values, expected):
    assert repr(import_torch().from_numpy(np.array(values))) == expected


def test_golden_suffixes():
    array = np.ones(2, np.int32)
    assert tensor_str(array, device="cuda:0") == "tensor([1, 1], device='cuda:0', dtype=torch.int32)"
    assert tensor_str(np.empty((0, 2)), device="cuda:0", grad="grad_fn=<MulBackward0>") == \
        "tensor([], device='cuda:0', size=(0, 2), dtype=torch.float64,\n       grad_fn=<MulBackward0>)"
    assert tensor_str(array, prefix="Tagged(") == "Tagged([1, 1], dtype=torch.int32)"


def test_golden_options():
    array = np.float32([[1.25, 1000]])
    with _printing.printoptions(precision=1, sci_mode=True):
        assert tensor_str(array) == "tensor([[1.2e+00, 1.0e+03]])"
    with _printing.printoptions(edgeitems=0, threshold=1):
        assert tensor_str(array) == "tensor([...], size=(1, 2))"
    with _printing.printoptions(linewidth=20):
        assert tensor_str(array) == "tensor([[   1.2500,\n         1000.0000]])"


# ---- against PyTorch ----

SHAPES = [(), (1,), (5,), (40,), (1000,), (1001,), (3, 4), (7, 200), (2, 3, 4), (11, 1, 101), (2, 1, 2, 3),
          (6, 6, 6, 6), (7, 7, 7, 7)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", FLOATS + INTEGERS + ("bool",))
def test_shapes_and_dtypes(shape, dtype):
    rng = np.random.default_rng(0)
    check(rng.uniform(-3, 3, shape).astype("int8" if dtype.startswith("uint") else dtype).astype(dtype))
    check(np.round(100 * rng.standard_normal(shape)).astype("int8").astype(dtype))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (4, 0, 2), (0, 0, 0, 0)])
@pytest.mark.parametrize("dtype", FLOATS + INTEGERS + ("bool",))
def test_empty(shape, dtype):
    check(np.empty(shape, dtype))
    check(np.empty(shape, dtype), edgeitems=0, threshold=0)


@pytest.mark.parametrize("exponent", range(-30, 31))
def test_magnitudes(exponent):
    scale = 10.0 ** exponent
    for values in ([1], [1, -3.25], [1, 999.9], [1, 1000], [1, 1001], [0, 1, nan], [1, 2, inf], [1, 1 / scale],
                   [3, -inf, 0]):
        for dtype in ("float32", "float64"):
            check(np.array(values, "float64").astype(dtype) * np.array(scale, dtype))


@pytest.mark.parametrize("values", [
    [0.0], [-0.0], [nan], [inf, -inf], [nan, inf, 0], [1, nan], [-1, nan], [1.5, -0.0, 0], [1e-4, 1], [9.99e-5], [1e8],
    [100000001.0], [99999.5], [1e10, nan, inf], [0.99999], [-0.00001, 0.01], [1e-45], [5e-324], [1.7e308, 2e-308],
    [65504.0], [6e-8, 65504],
])
@pytest.mark.parametrize("dtype", FLOATS)
def test_special_values(values, dtype):
    with np.errstate(over="ignore"):
        array = np.array(values).astype(dtype)
    check(array)
    check(array[:, None])
    for sci_mode in (True, False):
        check(array, sci_mode=sci_mode)


@pytest.mark.parametrize("options", [
    *[dict(precision=precision, sci_mode=sci_mode) for precision in (0, 1, 2, 10) for sci_mode in (None, True, False)],
    *[dict(profile=profile) for profile in ("default", "short", "full")],
    *[dict(linewidth=linewidth) for linewidth in (1, 20, 33, 34, 120)],
    *[dict(threshold=threshold, edgeitems=edgeitems) for threshold in (0, 5, 30, inf) for edgeitems in (0, 1, 2, 7)],
    dict(profile="short", precision=3), dict(profile="full", linewidth=50), dict(profile="no such profile"),
])
def test_options(options):
    rng = np.random.default_rng(1)
    for array in (np.array(0.5), rng.standard_normal(6), rng.standard_normal((4, 8)), rng.standard_normal((3, 9, 2)),
                  np.arange(-20, 20), np.arange(40.0).reshape(8, 5), 10.0 ** np.arange(-3, 3), np.arange(1100) > 7):
        check(array, **options)


def test_options_accumulate_as_torchs_do():
    torch = import_torch()
    before = torch._tensor_str.get_printoptions()
    try:
        for change in (dict(), dict(precision=7), dict(sci_mode=True), dict(edgeitems=5), dict(profile="short"),
                       dict(threshold=10, linewidth=0), dict(profile="full", precision=0), dict(profile="default")):
            torch.set_printoptions(**change)
            _printing.set_printoptions(**change)
            assert _printing.get_printoptions() == torch._tensor_str.get_printoptions()
    finally:
        torch.set_printoptions(**before)


def test_printoptions_restores_after_an_error():
    _printing.set_printoptions(sci_mode=True, precision=2)
    before = _printing.get_printoptions()
    with pytest.raises(ZeroDivisionError), _printing.printoptions(profile="full"):
        assert _printing.get_printoptions()["threshold"] == inf
        1 / 0
    assert _printing.get_printoptions() == before


@pytest.mark.parametrize("default", ["float16", "float32", "float64"])
@pytest.mark.parametrize("dtype", FLOATS + ("int32", "int64", "bool"))
@pytest.mark.parametrize("shape", [(2,), (0,), (0, 2)])
def test_dtype_is_shown_unless_implied(default, dtype, shape):
    torch = import_torch()
    array = np.ones(shape, dtype)
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, default))
    try:
        assert tensor_str(array, f"torch.{default}") == repr(torch.from_numpy(array))
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("linewidth", [20, 40, 80])
def test_suffixes_wrap(linewidth):
    torch = import_torch()
    with _printing.printoptions(linewidth=linewidth), torch._tensor_str.printoptions(linewidth=linewidth):
        for n in range(1, 30):
            for shape in ((n,), (2, n)):
                array = np.full(shape, 0.5)
                leaf = torch.from_numpy(array).requires_grad_()
                assert tensor_str(array, grad="requires_grad=True") == repr(leaf)
                assert tensor_str(0.5 * array, grad="grad_fn=<MulBackward0>") == repr(0.5 * leaf)


@pytest.mark.parametrize("prefix", ["tensor(", "T(", "ALongerSubclassName("])
def test_prefix_indents(prefix):
    torch = import_torch()
    subclass = type(prefix[:-1], (torch.Tensor,), {})
    for array in (np.arange(60), np.full((3, 3), 0.5), np.zeros((2, 2, 2))):
        tensor = torch.from_numpy(array)
        theirs = tensor if prefix == "tensor(" else tensor.as_subclass(subclass)
        assert tensor_str(array, prefix=prefix) == repr(theirs)


@pytest.mark.parametrize("view", [lambda a: a.T, lambda a: a[::-1, ::2], lambda a: np.broadcast_to(a[0], (40, 60))])
def test_any_strides(view):
    array = view(np.random.default_rng(2).standard_normal((40, 60)))
    check(array)
    check(array[:5, :5])


def test_leaves_the_array_alone():
    array = np.array([0.0, nan, -inf, 1e-30, 3])
    before = array.copy()
    tensor_str(array)
    np.testing.assert_array_equal(array, before, strict=True)


any_array = hnp.arrays(
    st.sampled_from([np.dtype(name) for name in FLOATS + INTEGERS + ("bool",)]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9))
magnitudes = st.builds(lambda digits, exponent: digits * 10.0 ** exponent,
                       st.floats(-10, 10, width=16), st.integers(-30, 30)) | st.sampled_from([0.0, nan, inf, -inf])
decimals = st.integers(-10**6, 10**6).map(lambda n: n / 1000)
float_array = hnp.arrays(
    st.sampled_from([np.dtype("float32"), np.dtype("float64")]),
    hnp.array_shapes(min_dims=0, max_dims=3, max_side=6),
    elements=st.one_of(magnitudes, decimals, st.integers(-2000, 2000).map(float)).map(lambda x: float(np.float32(x))))
any_options = st.fixed_dictionaries({}, optional={
    "precision": st.integers(0, 9), "threshold": st.integers(0, 60), "edgeitems": st.integers(0, 4),
    "linewidth": st.integers(1, 130), "profile": st.sampled_from(["default", "short", "full"]),
    "sci_mode": st.booleans()})


@settings(max_examples=200, deadline=None)
@given(array=any_array, options=any_options)
def test_any_array_any_options(array, options):
    check(array, **options)


@settings(max_examples=200, deadline=None)
@given(array=float_array)
@example(array=np.array([1e-30, 1e30]))
def test_any_mixture_of_magnitudes(array):
    check(array)


# ---- large tensors, silence ----

@pytest.mark.parametrize("shape", [(10**7,), (10, 10**6), (10**6, 10), (2, 5, 10**6)])
def test_a_huge_tensor_prints_at_once(shape):
    array = np.broadcast_to(np.float32(0.5), shape)
    assert len(tensor_str(array)) < 10_000
    assert min(timeit.repeat(lambda: tensor_str(array), number=1, repeat=5)) < 0.05  # seconds


@pytest.mark.parametrize("dtype", FLOATS)
def test_no_warnings(dtype):
    info = np.finfo(dtype)
    array = np.array([info.max, info.min, info.tiny, info.smallest_subnormal, nan, inf, -inf, 0], dtype)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        tensor_str(array)
        tensor_str(array[4:])
