"""The convolution kernels against their twins and PyTorch's, and their shape rules against PyTorch's errors."""
import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minitorch import _shapes
from minitorch.kernels.cpu import _direct, conv
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run
from tests.naive import conv as naive
from tests.oracle import import_torch


def arrays(rng, *shapes, dtype=np.float64):
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@st.composite
def convolutions(draw):
    """(input shape, weight shape, (stride, padding, dilation, groups)), small: the twin is slow."""
    def ints(low, high):
        return tuple(draw(st.lists(st.integers(low, high), min_size=rank, max_size=rank)))
    rank = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3))
    N, C, K = draw(st.integers(0, 2)), groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 6))
    image, filter, stride, padding, dilation = ints(1, 7), ints(1, 3), ints(1, 3), ints(0, 2), ints(1, 3)
    assume(all(h + 2 * p > d * (r - 1) for h, r, p, d in zip(image, filter, padding, dilation)))
    return (N, C, *image), (K, C // groups, *filter), (stride, padding, dilation, groups)


@settings(max_examples=60)
@given(convolutions())
def test_convolution_equals_its_definition(case):
    x_shape, w_shape, options = case
    rng = np.random.default_rng(0)
    x, w, b = arrays(rng, x_shape, w_shape, w_shape[:1])
    expected = naive.convolution(x, w, b, *options)
    out = conv.convolution(x, w, b, *options)
    np.testing.assert_allclose(out, expected, atol=1e-12, strict=True)
    assert out.shape == _shapes.convolution_shape(x_shape, w_shape, b.shape, *options)

    g, = arrays(rng, expected.shape)
    np.testing.assert_allclose(conv.convolution_input_grad(g, w, x.shape, *options),
                               naive.convolution_input_grad(g, w, x.shape, *options), atol=1e-12, strict=True)
    np.testing.assert_allclose(conv.convolution_weight_grad(g, x, w.shape, *options),
                               naive.convolution_weight_grad(g, x, w.shape, *options), atol=1e-12, strict=True)


def check_float32(N, C, K, image, filter, stride, padding, dilation, groups, extra=0):
    """The three kernels in float32 against themselves in float64, which the twin vouches for.

    `extra` more pixels than the windows need at the end, as output_padding of a transposed convolution makes them.
    """
    rng = np.random.default_rng(0)
    shape = tuple(map(_shapes.conv_output_size, image, filter, stride, padding, dilation))
    x, w, b, g = arrays(rng, (N, C, *image), (K, C // groups, *filter), (K,), (N, K, *shape), dtype=np.float32)
    wide = [array.astype(np.float64) for array in (x, w, b, g)]
    how, grown = (stride, padding, dilation, groups), (N, C, *(size + extra for size in image))
    for ours, exact in [
            (conv.convolution(x, w, b, *how), conv.convolution(*wide[:3], *how)),
            (conv.convolution_input_grad(g, w, grown, *how),
             conv.convolution_input_grad(wide[3], wide[1], grown, *how)),
            (conv.convolution_weight_grad(g, x, w.shape, *how),
             conv.convolution_weight_grad(wide[3], wide[0], w.shape, *how))]:
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, exact, rtol=1e-5, atol=1e-5 * max(1, abs(exact).max(initial=0)))


def random_cases(seed, count, largest):
    """Arguments for check_float32, around the sizes at which tiles and vectors end."""
    rng = np.random.default_rng(seed)
    while count:
        rank, groups = rng.integers(1, 3), int(rng.integers(1, 4))
        image, filter, stride, dilation = (tuple(map(int, rng.integers(1, high, rank))) for high in (largest, 5, 4, 4))
        padding = tuple(map(int, rng.integers(0, 4, rank)))
        N, C, K = int(rng.integers(1, 4)), groups * int(rng.integers(1, 9)), groups * int(rng.integers(1, 20))
        if all(h + 2 * p > d * (r - 1) for h, r, p, d in zip(image, filter, padding, dilation)):
            count -= 1
            yield N, C, K, image, filter, stride, padding, dilation, groups, int(rng.integers(0, 2))


EXTREMES = [  # many channels, few, one in a group; many pixels; windows wider than a row and its padding
    (1, 40, 35, (20, 20), (3, 3), (1, 1), (1, 1), (1, 1), 1), (1, 230, 20, (5, 4), (1, 1), (1, 1), (0, 0), (1, 1), 1),
    (3, 9, 9, (12, 9), (3, 2), (1, 1), (1, 2), (2, 1), 9), (2, 4, 4, (33,), (4,), (1,), (3,), (1,), 4),
    (2, 5, 5, (7, 8), (3, 3), (2, 1), (1, 1), (1, 1), 5), (3, 12, 1, (9, 10), (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 1, 7, (31, 30), (5, 5), (1, 1), (0, 0), (1, 1), 1), (2, 9, 20, (4, 3), (1, 1), (1, 1), (2, 3), (1, 1), 1),
    (1, 1, 2, (3, 18), (2, 3), (1, 1), (0, 1), (1, 1), 1)]


def test_float32():
    for case in [*random_cases(0, 60, 14), *EXTREMES]:
        check_float32(*case)


def cut_small_images(patch):
    """Into bands of two rows or more, as only images that are too large for the cache are otherwise."""
    patch.setattr(_direct, "BAND", 1)
    patch.setattr(_direct, "BAND_ROWS", 2)
    for plans in _direct.forward_plan, _direct.backward_plans:
        patch.setattr(_direct, plans.__name__, plans.__wrapped__)


def test_float32_in_bands(monkeypatch):
    cut_small_images(monkeypatch)
    for case in [*random_cases(0, 60, 14), *EXTREMES]:
        check_float32(*case)


def test_one_large_image_is_work_for_many_threads():
    ((_, plan),) = _direct.backward_plans((1, 64, 112, 112), (3, 3, 3), (112, 112), (1, 1), (1, 1), (1, 1), 1)
    assert plan.items >= 8


def test_float32_stays_inside_of_its_arrays():
    """Every index is looked at, in Python."""
    run("""
import pytest
from tests.kernels import test_conv
for case in [*test_conv.random_cases(1, 12, 6), test_conv.EXTREMES[-1]]:
    test_conv.check_float32(*case)
test_conv.cut_small_images(pytest.MonkeyPatch())
for case in test_conv.random_cases(3, 12, 6):
    test_conv.check_float32(*case)
""", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_float32_reads_nothing_behind_its_arrays():
    run("""
import pytest
from tests.kernels import test_conv
from tests.kernels.guarded import guarded
plain = test_conv.arrays
test_conv.arrays = lambda *args, **options: [guarded(array) for array in plain(*args, **options)]
for case in [*test_conv.random_cases(2, 25, 12), test_conv.EXTREMES[-1]]:
    test_conv.check_float32(*case)
test_conv.cut_small_images(pytest.MonkeyPatch())
for case in test_conv.random_cases(3, 25, 12):
    test_conv.check_float32(*case)
""")


@pytest.mark.parametrize("N, C, K, image, groups, dilation, extra", [
    (3, 4, 6, (5, 7), 1, 1, 0), (2, 6, 9, (4,), 3, 1, 0), (0, 4, 6, (5, 7), 2, 1, 0), (1, 4, 6, (1, 1), 1, 1, 0),
    (2, 4, 6, (5, 7), 1, 3, 2), (0, 256, 256, (14, 14), 1, 1, 0), (2, 256, 256, (14, 14), 2, 1, 0)])
def test_filters_of_one_pixel(N, C, K, image, groups, dilation, extra):
    rank = len(image)
    check_float32(N, C, K, image, (1,) * rank, (1,) * rank, (0,) * rank, (dilation,) * rank, groups, extra)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_convolution_equals_torch(rank, stride, groups):
    torch = import_torch()
    rng = np.random.default_rng(0)
    function = getattr(torch.nn.functional, f"conv{rank}d")
    for padding, dilation, filter in itertools.product([0, 1, 3], [1, 2], [1, 2, 3]):
        x, w, b = arrays(rng, (2, 4, *(7, 6, 9)[:rank]), (8, 4 // groups, *(filter, 3, 2)[:rank]), 8)
        tensors = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
        out = function(*tensors, stride, padding, dilation, groups)
        g, = arrays(rng, out.shape)
        out.backward(torch.tensor(g))
        options = (stride,) * rank, (padding,) * rank, (dilation,) * rank, groups
        ours = (conv.convolution(x, w, b, *options), conv.convolution_input_grad(g, w, x.shape, *options),
                conv.convolution_weight_grad(g, x, w.shape, *options))
        for our, their in zip(ours, (out.detach(), tensors[0].grad, tensors[1].grad)):
            np.testing.assert_allclose(our, their.numpy(), atol=1e-11)


@pytest.mark.parametrize("stride, dilation, output_padding", [(1, 1, 0), (3, 1, 2), (2, 3, 2), (1, 2, 1), (3, 3, 0)])
@pytest.mark.parametrize("groups", [1, 2])
def test_input_grad_is_transposed_convolution(stride, dilation, output_padding, groups):
    """Its gradients too; with output_padding >= stride the output has room for more windows than the input pixels."""
    torch = import_torch()
    rng = np.random.default_rng(0)
    x, w = arrays(rng, (2, 4, 5, 3), (4, 3, 2, 3))
    X, W = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    out = torch.nn.functional.conv_transpose2d(X, W, None, stride, 1, output_padding, groups, dilation)
    options = (stride, stride), (1, 1), (dilation, dilation), groups
    shape = _shapes.conv_transpose_shape(x.shape, w.shape, None, *options[:2], (output_padding,) * 2, *options[2:])
    assert shape == out.shape
    np.testing.assert_allclose(conv.convolution_input_grad(x, w, shape, *options), out.detach(), atol=1e-12)
    g, = arrays(rng, shape)
    out.backward(torch.tensor(g))
    np.testing.assert_allclose(conv.convolution_weight_grad(x, g, w.shape, *options), W.grad, atol=1e-12)
    x_grad = conv.convolution(g, w, None, *options)[:, :, :5, :3]
    np.testing.assert_allclose(x_grad, X.grad, atol=1e-12)


@pytest.mark.parametrize("dtype, atol", [("float32", 1e-5), ("float16", 1e-2), ("int64", 0), ("int32", 0), ("int8", 0)])
def test_dtypes(dtype, atol):
    rng = np.random.default_rng(0)
    x, w, b, g = [rng.integers(-3, 4, shape).astype(dtype) for shape in ((2, 4, 6, 5), (2, 4, 3, 2), 2, (2, 2, 4, 4))]
    if dtype.startswith("float"):
        x, w, b, g = (array + array.dtype.type(0.25) for array in (x, w, b, g))
    wide = [array.astype("float64") for array in (x, w, b, g)]
    options = (1, 1), (0, 0), (1, 1), 1
    for ours, exact in [
            (conv.convolution(x, w, b, *options), naive.convolution(*wide[:3], *options)),
            (conv.convolution_input_grad(g, w, x.shape, *options),
             naive.convolution_input_grad(wide[3], wide[1], x.shape, *options)),
            (conv.convolution_weight_grad(g, x, w.shape, *options),
             naive.convolution_weight_grad(wide[3], wide[0], w.shape, *options))]:
        np.testing.assert_allclose(ours, exact.astype(dtype), atol=atol, rtol=2e-3 if dtype == "float16" else 1e-6)
        assert ours.dtype == dtype


def test_arrays_of_any_strides_come_back_unmutated():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 6, 4, 2)).T, rng.standard_normal((3, 4, 3, 6)).T[::2]    # (2, 4, 6, 5), (3, 3, 4, 3)
    w = np.broadcast_to(w[:, :1], (3, 4, 4, 3))
    before = x.copy(), w.copy()
    options = (2, 1), (1, 0), (1, 1), 1
    np.testing.assert_allclose(conv.convolution(x, w, None, *options), naive.convolution(x, w, None, *options))
    assert np.array_equal(x, before[0]) and np.array_equal(w, before[1])


@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("dtype, atol", [(np.float64, 0), (np.float32, 1e-5)])
def test_a_bad_pixel_stays_where_its_windows_are(value, dtype, atol):
    """The flat layout runs across row ends; nothing of a pixel beyond may come through, not even 0 * inf."""
    rng = np.random.default_rng(0)
    x, w, g = arrays(rng, (2, 4, 5, 4), (7, 4, 2, 2), (2, 7, 4, 3), dtype=dtype)
    options = (1, 1), (0, 0), (1, 1), 1
    x[0, 0, 2, 0] = w[0, 0, 0, 1] = g[0, 0, 1, 2] = value
    with np.errstate(invalid="ignore"):  # inf - inf
        np.testing.assert_allclose(conv.convolution(x, w, None, *options), naive.convolution(x, w, None, *options),
                                   1e-5, atol)
        np.testing.assert_allclose(conv.convolution_input_grad(g, w, x.shape, *options),
                                   naive.convolution_input_grad(g, w, x.shape, *options), 1e-5, atol)
        np.testing.assert_allclose(conv.convolution_weight_grad(g, x, w.shape, *options),
                                   naive.convolution_weight_grad(g, x, w.shape, *options), 1e-5, atol)


def test_results_do_not_depend_on_the_number_of_threads():
    import numba
    rng = np.random.default_rng(0)
    x, w, g = arrays(rng, (5, 3, 9, 9), (7, 3, 3, 3), (5, 7, 7, 7), dtype=np.float32)
    options = (1, 1), (0, 0), (1, 1), 1

    def results():
        return (conv.convolution(x, w, None, *options), conv.convolution_input_grad(g, w, x.shape, *options),
                conv.convolution_weight_grad(g, x, w.shape, *options))
    expected = results()
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        for one, many in zip(results(), expected):
            assert np.array_equal(one, many)
    finally:
        numba.set_num_threads(threads)


def zeros(torch, *shape):
    return torch.zeros(shape, dtype=torch.float64)


BAD_CONVOLUTIONS = [  # input, weight, bias, stride, padding, dilation, groups
    ((1, 1, 3, 3), (1, 1, 5, 5), None, 1, 0, 1, 1),
    ((1, 1, 3, 4), (1, 1, 5, 2), None, 1, (0, 1), 2, 1),
    ((1, 1, 3), (1, 1, 5), None, 1, 0, 1, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, 1, -1, 1, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, 0, 0, 1, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, (1, -1), 0, 1, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, 1, 0, 0, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, 1, 0, 1, 0),
    ((1, 3, 5, 5), (4, 2, 2, 2), None, 1, 0, 1, 1),
    ((1, 3, 5, 5), (4, 2, 2, 2), None, 1, 0, 1, 2),
    ((1, 4, 5, 5), (3, 2, 2, 2), None, 1, 0, 1, 2),
    ((1, 4, 5, 5), (1, 2, 2, 2), None, 1, 0, 1, 2),
    ((1, 4, 5, 5), (0, 4, 2, 2), None, 1, 0, 1, 1),
    ((1, 4, 5, 5), (3, 4, 2, 2), (4,), 1, 0, 1, 1),
    ((1, 4, 5, 5), (3, 4, 2, 2), (3, 1), 1, 0, 1, 1),
    ((2, 4, 0, 5), (3, 4, 2, 2), None, 1, 0, 1, 1),
    ((2, 4, 0, 5), (3, 4, 2, 2), None, 1, 1, 1, 1),
]
BAD_TRANSPOSED_CONVOLUTIONS = [  # input, weight, bias, stride, padding, output_padding, groups, dilation
    ((2, 4, 5, 5), (3, 4, 2, 2), None, 1, 0, 0, 1, 1),
    ((2, 4, 5, 5), (4, 3, 2, 2), None, 1, 0, 0, 3, 1),
    ((2, 5, 5, 5), (4, 3, 2, 2), None, 1, 0, 0, 2, 1),
    ((2, 4, 5, 5), (4, 3, 2, 2), (4,), 1, 0, 0, 1, 1),
    ((2, 4, 5, 5), (4, 3, 2, 2), None, 1, 0, 1, 1, 1),
    ((2, 4, 5, 5), (4, 3, 2, 2), None, 2, 0, -1, 1, 1),
    ((1, 1, 3, 3), (1, 1, 2, 2), None, 1, (2, 3), 0, 1, 1),
    ((1, 1, 1, 1), (1, 1, 2, 2), None, 1, 1, 0, 1, 1),
    ((1, 4, 2, 2), (4, 3, 2, 2), None, 1, -1, 0, 1, 1),
    ((1, 4, 2, 2), (4, 3, 2, 2), None, 0, 0, 0, 1, 1),
    ((1, 4, 0, 2), (4, 3, 2, 2), None, 1, 0, 0, 1, 1),
]


def in_torchs_words(message):
    """PyTorch prints one size with two brackets, and names the axes of output_padding one by one."""
    return message.replace("[[", "[").replace("]]", "]").split(", but got output_padding")[0]


@pytest.mark.parametrize("case", BAD_CONVOLUTIONS, ids=str)
def test_bad_convolutions_raise_as_in_torch(case):
    torch = import_torch()
    x, w, b, *numbers, groups = case
    rank = len(w) - 2
    with pytest.raises(RuntimeError) as theirs:
        bias = None if b is None else zeros(torch, *b)
        getattr(torch.nn.functional, f"conv{rank}d")(zeros(torch, *x), zeros(torch, *w), bias, *numbers, groups)
    stride, padding, dilation = (_shapes.tuple_of(number, rank, "stride", "conv2d") for number in numbers)
    with pytest.raises(RuntimeError) as ours:
        _shapes.convolution_shape(x, w, b, stride, padding, dilation, groups)
    assert str(ours.value) == in_torchs_words(str(theirs.value))


@pytest.mark.parametrize("case", BAD_TRANSPOSED_CONVOLUTIONS, ids=str)
def test_bad_transposed_convolutions_raise_as_in_torch(case):
    torch = import_torch()
    x, w, b, stride, padding, output_padding, groups, dilation = case
    with pytest.raises(RuntimeError) as theirs:
        bias = None if b is None else zeros(torch, *b)
        torch.nn.functional.conv_transpose2d(zeros(torch, *x), zeros(torch, *w), bias, stride, padding, output_padding,
                                             groups, dilation)
    pairs = (_shapes.tuple_of(number, 2, "", "conv2d") for number in (stride, padding, output_padding, dilation))
    with pytest.raises(RuntimeError) as ours:
        _shapes.conv_transpose_shape(x, w, b, *pairs, groups)
    assert in_torchs_words(str(ours.value)) == in_torchs_words(str(theirs.value))


def test_tuple_of():
    assert _shapes.tuple_of((3,), 2, "stride", "conv2d") == (3, 3)
    assert _shapes.tuple_of([np.int64(1), 2], 2, "stride", "conv2d") == (1, 2)
    torch = import_torch()
    for function, op, count in [(torch.nn.functional.conv2d, "conv2d", 2), (torch.nn.functional.conv1d, "conv1d", 1)]:
        with pytest.raises(RuntimeError) as theirs:
            function(torch.zeros((1, 1) + (4,) * count), torch.zeros((1, 1) + (2,) * count), stride=(1, 2, 3))
        with pytest.raises(RuntimeError) as ours:
            _shapes.tuple_of((1, 2, 3), count, "stride", op)
        assert str(ours.value) == str(theirs.value)
    with pytest.raises(TypeError, match=r"conv2d\(\): argument 'stride' must be tuple of ints, not float"):
        _shapes.tuple_of(1.5, 2, "stride", "conv2d")
    with pytest.raises(TypeError, match="must be tuple of ints, but found element of type float at pos 1"):
        _shapes.tuple_of((1, 2.0), 2, "stride", "conv2d")
    with pytest.raises(TypeError, match="not bool"):
        _shapes.tuple_of(True, 2, "kernel_size", "max_pool2d")
