"""The pooling kernels against their twins and PyTorch's, and their shape rules against PyTorch's errors."""
import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minitorch import _shapes
from minitorch.kernels.cpu import pool
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run
from tests.naive import pool as naive
from tests.oracle import import_torch


def axes(rank, low, high):
    return st.tuples(*[st.integers(low, high)] * rank)


@st.composite
def poolings(draw):
    """(input shape, (kernel_size, stride, padding, dilation, ceil_mode)) that PyTorch takes too, of rank 2 or 3."""
    rank = draw(st.integers(2, 3))
    shape = draw(st.integers(0, 2)), draw(st.integers(1, 2)), *draw(axes(rank, 1, 7 if rank == 2 else 4))
    kernel = draw(axes(rank, 1, 4))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    options = kernel, draw(axes(rank, 1, 4)), padding, draw(axes(rank, 1, 2)), draw(st.booleans())
    try:
        _shapes.max_pool_shape(shape, *options)
    except RuntimeError:
        assume(False)
    return shape, options


@st.composite
def adaptive_poolings(draw):
    """(input shape, output_size)"""
    rank = draw(st.integers(2, 3))
    shape = draw(st.integers(0, 2)), draw(st.integers(1, 2)), *draw(axes(rank, 1, 9 - 2 * rank))
    return shape, draw(axes(rank, 0, 4))


def with_ties_and_nans(shape):
    rng = np.random.default_rng(0)
    x = rng.integers(-2, 3, shape).astype(float)
    x[rng.random(shape) < 0.1] = np.nan
    x[rng.random(shape) < 0.1] = -np.inf
    return x


def same(ours, exact):
    np.testing.assert_allclose(ours, exact, atol=1e-12, strict=True)


def image(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def check_float32(shape, options, output_size):
    """The kernels for float32 against those for float64, which the twins vouch for."""
    rng, mean_options = np.random.default_rng(0), (*options[:3], options[4], False, None)
    x, smooth = image(rng, shape), image(rng, shape)
    x[...] = with_ties_and_nans(shape)
    for kernel, args in [(pool.max_pool_with_indices, options), (pool.adaptive_max_pool_with_indices, (output_size,))]:
        (out, indices), (exact, places) = kernel(x, *args), kernel(x.astype(np.float64), *args)
        same(out, exact.astype(np.float32))
        same(indices, places)
        grad = image(rng, out.shape)
        close(pool.max_pool_backward(grad, indices, shape[2:]),
              pool.max_pool_backward(grad.astype(np.float64), indices, shape[2:]))
    for kernel, backward, args in [(pool.avg_pool, pool.avg_pool_backward, mean_options),
                                   (pool.adaptive_avg_pool, pool.adaptive_avg_pool_backward, (output_size,))]:
        out = kernel(smooth, *args)
        close(out, kernel(smooth.astype(np.float64), *args))
        grad, args = image(rng, out.shape), args if kernel is pool.avg_pool else ()
        close(backward(grad, shape[2:], *args), backward(grad.astype(np.float64), shape[2:], *args))


def close(ours, exact):
    np.testing.assert_allclose(ours, exact.astype(np.float32), rtol=1e-5, atol=1e-6, strict=True)


def random_cases(seed, count, largest):
    """Arguments for check_float32, around the sizes at which vectors end."""
    rng = np.random.default_rng(seed)
    while count:
        rank = int(rng.integers(1, 4))
        image, kernel, stride, dilation, output = (
            tuple(map(int, rng.integers(1, high, rank))) for high in (largest, 5, 5, 3, largest))
        options = kernel, stride, tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel), dilation, rng.random() < 0.5
        try:
            _shapes.max_pool_shape((1, 1, *image), *options)
            _shapes.avg_pool_shape((1, 1, *image), *options[:3], options[4], None)
        except RuntimeError:
            continue
        count -= 1
        yield (int(rng.integers(0, 3)), int(rng.integers(1, 4)), *image), options, output


def test_float32():
    for case in [*random_cases(0, 100, 24), ((3, 2, 9, 300), ((3, 3), (2, 2), (1, 1), (1, 1), False), (2, 40)),
                 ((40, 30, 8, 8), ((2, 2), (2, 2), (0, 0), (1, 1), False), (1, 1))]:
        check_float32(*case)


def test_results_that_no_cache_would_hold(monkeypatch):
    monkeypatch.setattr(pool, "LARGE", 0)
    for case in [*random_cases(1, 50, 24), ((40, 30, 8, 8), ((2, 2), (2, 2), (0, 0), (1, 1), False), (2, 2))]:
        check_float32(*case)


def test_mean_of_long_planes():
    """All errors of adding up one number go the same way."""
    for size in 1 << 14, 1 << 20:
        close(pool.adaptive_avg_pool(np.full((2, 1, 1, size), 0.1, np.float32), (1, 1)), np.full((2, 1, 1, 1), 0.1))


def test_windows_of_minus_infinity_and_nan():
    for value in -np.inf, np.nan:
        x = np.full((1, 1, 9, 9), value, np.float32)
        for options in [((3, 3), (2, 2), (1, 1), (1, 1), False), ((2, 2), (2, 2), (0, 0), (1, 1), True)]:
            for ours, exact in zip(pool.max_pool_with_indices(x, *options), naive.max_pool_with_indices(x, *options)):
                same(ours, exact)


def test_float32_stays_inside_of_its_arrays():
    """Every index is looked at, in Python."""
    run("""
from tests.kernels import test_pool
for case in test_pool.random_cases(1, 8, 8):
    test_pool.check_float32(*case)
""", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_float32_reads_nothing_behind_its_arrays():
    run("""
from tests.kernels import test_pool
from tests.kernels.guarded import guarded
plain = test_pool.image
test_pool.image = lambda *args: guarded(plain(*args))
for case in test_pool.random_cases(2, 25, 20):
    test_pool.check_float32(*case)
""")


@settings(max_examples=60)
@given(poolings(), st.booleans(), st.sampled_from([None, 5, -3]))
def test_sliding_pools_equal_their_definitions(case, count_include_pad, divisor_override):
    shape, (kernel, stride, padding, dilation, ceil_mode) = case
    rng = np.random.default_rng(0)
    x, y = with_ties_and_nans(shape), rng.standard_normal(shape)
    out, indices = pool.max_pool_with_indices(x, *case[1])
    expected, where = naive.max_pool_with_indices(x, *case[1])
    same(out, expected)
    same(indices, where)
    assert out.shape == _shapes.max_pool_shape(shape, *case[1])
    g = rng.standard_normal(out.shape)
    same(pool.max_pool_backward(g, indices, shape[2:]), naive.max_pool_backward(g, indices, shape[2:]))
    same(pool.max_pool_gather(y, indices, shape[2:]), naive.max_pool_gather(y, indices, shape[2:]))
    same(pool.max_unpool(out, indices, shape[2:]), naive.max_unpool(out, indices, shape[2:]))

    try:
        shape_out = _shapes.avg_pool_shape(shape, kernel, stride, padding, ceil_mode, divisor_override)
    except RuntimeError:
        return
    options = kernel, stride, padding, ceil_mode, count_include_pad, divisor_override
    out = pool.avg_pool(y, *options)
    same(out, naive.avg_pool(y, *options))
    assert out.shape == shape_out
    g = rng.standard_normal(out.shape)
    same(pool.avg_pool_backward(g, shape[2:], *options), naive.avg_pool_backward(g, shape[2:], *options))


@settings(max_examples=30)
@given(adaptive_poolings())
def test_adaptive_pools_equal_their_definitions(case):
    shape, output_size = case
    rng = np.random.default_rng(0)
    x, y = with_ties_and_nans(shape), rng.standard_normal(shape)
    for ours, exact in zip(pool.adaptive_max_pool_with_indices(x, output_size),
                           naive.adaptive_max_pool_with_indices(x, output_size)):
        same(ours, exact)
    out = pool.adaptive_avg_pool(y, output_size)
    same(out, naive.adaptive_avg_pool(y, output_size))
    g = rng.standard_normal(out.shape)
    same(pool.adaptive_avg_pool_backward(g, shape[2:]), naive.adaptive_avg_pool_backward(g, shape[2:]))


@pytest.mark.parametrize("kernel, output_size", [((2, 3), (3, 4)), ((1, 2), (1, 6)), ((2, 1, 2), (3, 4, 2))], ids=str)
def test_fractional_pools_equal_their_definition(kernel, output_size):
    x = with_ties_and_nans((2, 3, 5, 7, 4)[:2 + len(kernel)])
    samples = np.random.default_rng(0).random((2, 3, len(kernel)))
    for ours, exact in zip(pool.fractional_max_pool_with_indices(x, samples, kernel, output_size),
                           naive.fractional_max_pool_with_indices(x, samples, kernel, output_size)):
        same(ours, exact)


@pytest.mark.parametrize("kernel", [(1, 2), (2, 2), (3, 2)], ids=str)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_sliding_pools_equal_torch(kernel, stride, ceil_mode):
    torch = import_torch()
    F = torch.nn.functional
    rng = np.random.default_rng(0)
    for shape, pad, dilation in itertools.product([(2, 3, 5, 6), (0, 3, 7, 4)], [0, 1], [1, 2]):
        padding = pad * (kernel[0] // 2), pad
        x = with_ties_and_nans(shape)
        tensor = torch.tensor(x, requires_grad=True)
        out, indices = F.max_pool2d(tensor, kernel, stride, padding, dilation, ceil_mode, return_indices=True)
        ours, where = pool.max_pool_with_indices(x, kernel, (stride,) * 2, padding, (dilation,) * 2, ceil_mode)
        same(ours, out.detach().numpy())
        same(where, indices.int().numpy())
        g = rng.standard_normal(out.shape)
        out.backward(torch.tensor(g))
        same(pool.max_pool_backward(g, where, shape[2:]), tensor.grad.numpy())
        for include, divisor in itertools.product([False, True], [None, -3]):
            x = rng.standard_normal(shape)
            tensor = torch.tensor(x, requires_grad=True)
            out = F.avg_pool2d(tensor, kernel, stride, padding, ceil_mode, include, divisor)
            options = kernel, (stride,) * 2, padding, ceil_mode, include, divisor
            same(pool.avg_pool(x, *options), out.detach().numpy())
            g = rng.standard_normal(out.shape)
            out.backward(torch.tensor(g))
            same(pool.avg_pool_backward(g, shape[2:], *options), tensor.grad.numpy())


@pytest.mark.parametrize("image", [(5, 6), (1, 4), (7, 3)], ids=str)
def test_adaptive_pools_equal_torch(image):
    torch = import_torch()
    F = torch.nn.functional
    rng = np.random.default_rng(0)
    for output_size in [(1, 1), (2, 3), (5, 8), (7, 3)]:
        x = with_ties_and_nans((2, 3, *image))
        out, indices = F.adaptive_max_pool2d(torch.tensor(x), output_size, return_indices=True)
        ours, where = pool.adaptive_max_pool_with_indices(x, output_size)
        same(ours, out.numpy())
        same(where, indices.int().numpy())
        x = rng.standard_normal(x.shape)
        tensor = torch.tensor(x, requires_grad=True)
        out = F.adaptive_avg_pool2d(tensor, output_size)
        same(pool.adaptive_avg_pool(x, output_size), out.detach().numpy())
        g = rng.standard_normal(out.shape)
        out.backward(torch.tensor(g))
        same(pool.adaptive_avg_pool_backward(g, x.shape[2:]), tensor.grad.numpy())


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "int32"])
def test_dtypes(dtype):
    torch = import_torch()
    x = np.random.default_rng(0).integers(-50, 50, (2, 3, 5, 4)).astype(dtype)
    out, indices = pool.max_pool_with_indices(x, (3, 2), (2, 1), (1, 0), (1, 1), False)
    theirs = torch.nn.functional.max_pool2d(torch.tensor(x), (3, 2), (2, 1), (1, 0), return_indices=True)
    same(out, theirs[0].numpy())
    same(indices, theirs[1].int().numpy())
    if dtype != "int32":  # PyTorch has no mean of int32
        out = pool.avg_pool(x, (3, 2), (2, 1), (1, 0), False, True, None)
        theirs = torch.nn.functional.avg_pool2d(torch.tensor(x), (3, 2), (2, 1), (1, 0))
        np.testing.assert_allclose(out, theirs.numpy(), rtol=1e-6 if dtype != "float16" else 2e-3, strict=True)


def test_a_window_without_a_pixel():
    """Dilation can step over the whole image. PyTorch gives an index outside of the plane; the gradient must not."""
    out, indices = pool.max_pool_with_indices(np.ones((1, 1, 1, 1)), (2, 2), (2, 2), (1, 1), (2, 2), False)
    assert out == -np.inf and indices == 0
    out, _ = pool.max_pool_with_indices(np.ones((1, 1, 1, 1), np.int32), (2, 2), (2, 2), (1, 1), (2, 2), False)
    assert out == np.iinfo(np.int32).min and out.dtype == np.int32


def test_arrays_of_any_strides_come_back_unmutated():
    x = np.random.default_rng(0).standard_normal((6, 10, 3, 2)).T[:, :, ::2]                # (2, 3, 5, 6)
    before = x.copy()
    options = (2, 2), (2, 2), (0, 0), (1, 1), False
    for ours, exact in zip(pool.max_pool_with_indices(x, *options), naive.max_pool_with_indices(x, *options)):
        same(ours, exact)
    indices = pool.max_pool_with_indices(x, *options)[1].T.copy().T
    g = np.broadcast_to(1.0, indices.shape)
    same(pool.max_pool_backward(g, indices, x.shape[2:]), naive.max_pool_backward(g, indices, x.shape[2:]))
    assert np.array_equal(x, before)


BAD_MAX_POOLS = [  # input, kernel_size, stride, padding, dilation
    ((1, 1, 4, 4), 0, 0, 0, 1),
    ((1, 1, 4, 4), (2, -1), (2, -1), 0, 1),
    ((1, 1, 4, 4), 2, -2, 0, 1),
    ((1, 1, 4, 4), 2, 2, 0, 0),
    ((1, 1, 4, 4), 2, -1, -1, 1),
    ((1, 1, 4, 4), 2, 2, 2, 1),
    ((1, 1, 8, 8), 3, 3, 2, 2),
    ((1, 1, 8, 8), 3, 3, (1, 2), 1),
    ((2, 3, 4, 4), (2, 5), 2, 0, 1),
    ((1, 0, 4, 4), 2, 2, 0, 1),
    ((0, 4, 4), 2, 2, 0, 1),
    ((1, 1, 0, 4), 2, 2, 0, 1),
]


@pytest.mark.parametrize("case", BAD_MAX_POOLS, ids=str)
def test_bad_pools_raise_as_in_torch(case):
    torch = import_torch()
    shape, *numbers = case
    pairs = [_shapes.tuple_of(number, 2, "", "max_pool2d") for number in numbers]
    with pytest.raises(RuntimeError) as theirs:
        torch.nn.functional.max_pool2d(torch.zeros(shape), *numbers, return_indices=True)
    with pytest.raises(RuntimeError) as ours:
        _shapes.max_pool_shape(shape, *pairs, False)
    assert str(ours.value) == str(theirs.value)
    if pairs[3] == (1, 1):
        with pytest.raises(RuntimeError) as theirs:
            torch.nn.functional.avg_pool2d(torch.zeros(shape), *numbers[:3])
        with pytest.raises(RuntimeError) as ours:
            _shapes.avg_pool_shape(shape, *pairs[:3], False, None)
        assert str(ours.value) == str(theirs.value)


def test_more_bad_pools():
    torch = import_torch()
    F = torch.nn.functional

    def message(function, *args):
        with pytest.raises(RuntimeError) as error:
            function(*args)
        return str(error.value)
    two = (2, 2)
    assert message(_shapes.avg_pool_shape, (1, 1, 4, 4), (2, 2), (2, 2), (0, 0), False, 0) == \
        message(F.avg_pool2d, torch.zeros(1, 1, 4, 4), 2, 2, 0, False, True, 0)
    assert message(_shapes.adaptive_pool_shape, (1, 1, 4, 4), (-1, 2), "adaptive_avg_pool2d") == \
        message(F.adaptive_avg_pool2d, torch.zeros(1, 1, 4, 4), (-1, 2))
    for op in "adaptive_avg_pool2d", "adaptive_max_pool2d":
        assert message(_shapes.adaptive_pool_shape, (1, 1, 0, 4), two, op) == \
            message(getattr(F, op), torch.zeros(1, 1, 0, 4), two)
    assert message(_shapes.adaptive_pool_shape, (1, 1, 1, 4, 4), two, "adaptive_avg_pool2d") == \
        message(F.adaptive_avg_pool2d, torch.zeros(1, 1, 1, 4, 4), two)
    assert message(_shapes.tuple_of, (2, 2, 2), 2, "kernel_size", "max_pool2d").startswith(
        message(F.max_pool2d, torch.zeros(1, 1, 4, 4), (2, 2, 2)))
