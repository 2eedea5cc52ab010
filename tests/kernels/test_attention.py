"""The compiled loops of attention against its formula, and, for the gradients, against the same in float64 by NumPy."""
import numpy as np
import pytest

from minitorch import kernels
from minitorch.kernels.cpu._jit import get_num_threads, set_num_threads
from minitorch.kernels.cpu._vector import lanes
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run
from tests.naive.attention import attention as naive

SIZES = [(2, 3, 64, 64, 2), (1, 2, 100, 37, 4), (2, 1, 37, 100, 6), (1, 1, 9, 1, 32)]  # N, H, T, S, D / lanes


def arrays(N, H, T, S, panels):
    rng, D = np.random.default_rng(0), panels * lanes()
    return [rng.standard_normal((N, H, n, D)).astype(np.float32) for n in (T, S, S, T)]


def both_ways(query, key, value, grad, is_causal, scale=0.3):
    results = kernels.cpu.attention(query, key, value, is_causal, scale)
    return *results, *kernels.cpu.attention_backward(grad, query, key, value, results, is_causal, scale)


def check(given, is_causal):
    for ours, exact in zip(both_ways(*given, is_causal), both_ways(*[x.astype(float) for x in given], is_causal)):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, exact, rtol=1e-5, atol=3e-5)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_float32(sizes, is_causal):
    check(arrays(*sizes), is_causal)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_formula(dtype, is_causal):
    query, key, value, _ = [x.astype(dtype) for x in arrays(1, 1, 70, 50, 2)]
    out, _ = kernels.cpu.attention(query, key, value, is_causal, 0.5)
    expected = naive(*[x[0, 0].tolist() for x in (query, key, value)], is_causal, 0.5)
    np.testing.assert_allclose(out[0, 0], expected, rtol=1e-5, atol=1e-5)


def test_inputs_of_any_strides():
    query, key, value, grad = arrays(2, 3, 50, 40, 2)
    turned = [np.ascontiguousarray(query.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3), key[::-1, :, ::-1],
              np.asfortranarray(value), np.broadcast_to(grad[:1, :1], grad.shape)]
    check(turned, True)
    check([np.broadcast_to(x[:1, :1], x.shape) for x in (query, key, value, grad)], False)
    out, _ = kernels.cpu.attention(*turned[:3], True, 0.3)
    assert out.strides == turned[0].strides


def test_nowhere_to_look():
    query, key, value, grad = arrays(1, 1, 70, 60, 2)
    query[:], key[:] = 1, 1
    key[0, 0, :50] = -np.inf
    for dtype in np.float32, np.float64:
        out, _, *gradients = both_ways(*[x.astype(dtype) for x in (query, key, value, grad)], True)
        assert (out[0, 0, :50] == 0).all() and np.isfinite(out).all()
        assert (gradients[2][0, 0, :50] == 0).all() and np.isfinite(gradients[2]).all()


def test_threads_do_not_matter():
    given, threads = arrays(3, 5, 64, 64, 2), get_num_threads()
    expected = both_ways(*given, True)
    try:
        set_num_threads(1)
        for a, b in zip(both_ways(*given, True), expected):
            np.testing.assert_array_equal(a, b)
    finally:
        set_num_threads(threads)


def test_without_the_compiler():
    run("from tests.kernels.test_attention import arrays, check\n"
        "check(arrays(1, 1, 50, 10, 2), True)\n"
        "check(arrays(1, 1, 10, 3, 16), False)", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_no_access_beyond_the_arrays():
    run("from tests.kernels.test_attention import SIZES, arrays, both_ways\n"
        "from tests.kernels.guarded import guarded\n"
        "for sizes in SIZES:\n"
        "    for is_causal in False, True:\n"
        "        both_ways(*map(guarded, arrays(*sizes)), is_causal)")
