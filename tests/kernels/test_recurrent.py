"""The compiled loops of recurrent layers against the same in float64, which go by NumPy (tests/nn has those's test)."""
import numpy as np
import pytest

from minitorch.kernels.cpu import _recurrent, recurrent
from minitorch.kernels.cpu._jit import get_num_threads, set_num_threads
from minitorch.kernels.cpu._vector import lanes
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run

LAYERS = {"rnn": 1, "rnn relu": 1, "lstm": 4, "gru": 3, "gru without bias": 3}  # gates
SIZES = [[5] * 4, [13] * 9, [14, 13, 12, 6, 5, 1], [1] * 7]  # of the steps


def arrays(rng, *shapes):
    return [(rng.standard_normal(shape) / 5).astype(np.float32) for shape in shapes]


def compute(name, arrays, steps):
    """(the results, the gradients) of a layer, from its inputs and the gradients of its results"""
    input, weight, bias, grad, *states = arrays
    first, last = [states[:2], states[2:]] if name == "lstm" else [states[:1], states[2:3]]
    layer, backward = (getattr(recurrent, f"{name.split()[0]}_layer{suffix}") for suffix in ("", "_backward"))
    if name == "lstm":
        inputs = input, *first, weight, None
        h, *lasts, c, gates = layer(*inputs, steps)
        return (h, *lasts, c, gates), backward((grad, *last), *inputs, (h, c, gates), steps)[:-1]
    if name.startswith("gru"):
        inputs = input, *first, weight, bias if name == "gru" else None
        states, last_state, *saved = layer(*inputs, steps)
        grads = backward((grad, *last), *inputs, (states, *saved), steps)
        return (states, last_state, *saved), grads if name == "gru" else grads[:-1]
    inputs, kind = (input, *first, weight), name[4:] or "tanh"
    results = layer(*inputs, steps, kind)
    return results, backward((grad, *last), *inputs, results[0], steps, kind)


def check(name, sizes, H, backwards=False):
    """Everything in float32 equals what comes out in float64."""
    starts, rows, N, G = np.cumsum([0, *sizes[:-1]]).tolist(), sum(sizes), max(sizes), LAYERS[name]
    steps = list(zip(starts, sizes))[::-1 if backwards else 1]
    given = arrays(np.random.default_rng(H), (rows, G * H), (G * H, H), (G * H,), (rows, H), *[(N, H)] * 4)
    assert _recurrent.takes(steps, *given)
    exact = compute(name, [array.astype(float) for array in given], steps)
    for ours, theirs in zip(sum(map(list, compute(name, given, steps)), []), sum(map(list, exact), []), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * max(1, abs(theirs).max()))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_float32(name, backwards):
    for sizes in SIZES:
        for H in (2 * lanes(), 2 * lanes() + 1, 3 * lanes() - 1, 50):
            check(name, sizes, H, backwards)


def test_inputs_of_any_strides():
    (x, weight, _, grad, h, c, dh, dc), steps = arrays(
        np.random.default_rng(0), (20, 160), (160, 40), (1,), (20, 40), *[(4, 40)] * 4), [(4 * t, 4) for t in range(5)]
    plain = compute("lstm", [x, weight, None, grad, h, c, dh, dc], steps)
    x, weight, grad, h, c, dh, dc = (np.asfortranarray(array) for array in (x, weight, grad, h, c, dh, dc))
    for ours, theirs in zip(plain, compute("lstm", [x, weight, None, grad, h, c, dh, dc], steps)):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_any_number_of_threads_computes_the_same():
    given, steps = arrays(np.random.default_rng(0), (100, 200), (200, 50), (1,), (100, 50), *[(20, 50)] * 4), [
        (20 * t, 20) for t in range(5)]
    before = get_num_threads()
    by_many = compute("lstm", given, steps)
    try:
        set_num_threads(1)
        by_one = compute("lstm", given, steps)
    finally:
        set_num_threads(before)
    for many, one in zip(by_many[0], by_one[0]):
        np.testing.assert_array_equal(many, one)
    np.testing.assert_array_equal(by_many[1][0], by_one[1][0])


def test_float32_stays_inside_of_its_arrays():
    """Every index is looked at, in Python."""
    run("""
from tests.kernels import test_recurrent as t
for name in t.LAYERS:
    t.check(name, [7, 6, 2, 1], 2 * t.lanes() + 1)
""", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_float32_reads_nothing_behind_its_arrays():
    run("""
from tests.kernels import test_recurrent as t
from tests.kernels.guarded import guarded
plain = t.arrays
t.arrays = lambda *args: [guarded(array) for array in plain(*args)]
t._recurrent._copy = guarded
panels = t._recurrent.panels_of
t._recurrent.panels_of = lambda weight: guarded(panels(weight))
for name in t.LAYERS:
    for sizes in t.SIZES:
        t.check(name, sizes, 2 * t.lanes() + 1)
""")
