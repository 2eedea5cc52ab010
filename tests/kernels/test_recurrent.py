"""The compiled loops of recurrent layers against the loops in NumPy, which float64 goes through."""
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minitorch.kernels.cpu import _tile, recurrent

ROOT = Path(__file__).parents[2]
STEPS = {"equal": [(0, 8), (8, 8), (16, 8)], "ever fewer": [(0, 8), (8, 7), (15, 3)],
         "back": [(15, 3), (8, 7), (0, 8)], "one sequence": [(0, 1), (1, 1)]}


def arrays(steps, H, dtype=np.float32):
    """input, hx, cx, weight, and the gradients of all h, the last h and the last c"""
    rng, N, rows = np.random.default_rng(0), max(n for _, n in steps), sum(n for _, n in steps)
    shapes = (rows, 4 * H), (N, H), (N, H), (4 * H, H), (rows, H), (N, H), (N, H)
    return [rng.standard_normal(shape).astype(np.float32).astype(dtype) for shape in shapes]


def lstm(dtype, steps, H):
    """What both passes of a layer give, in this dtype"""
    x, h, c, w, *grads = arrays(steps, H, dtype)
    out = recurrent.lstm_layer(x, h, c, w, None, steps)
    return *out, *recurrent.lstm_layer_backward(grads, x, h, c, w, None, (out[0], *out[3:]), steps)[:-1]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("H", [3, 16])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_lstm(monkeypatch, steps, H, threads):
    monkeypatch.setattr(recurrent, "LARGE", 0)
    monkeypatch.setattr(recurrent, "get_num_threads", lambda: threads)
    for ours, expected in zip(lstm(np.float32, steps, H), lstm(np.float64, steps, H), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def test_lstm_leaves_what_it_is_given(monkeypatch):
    monkeypatch.setattr(recurrent, "LARGE", 0)
    (x, h, c, w, *grads), (_, *again) = arrays(STEPS["equal"], 3), arrays(STEPS["equal"], 3)
    out = recurrent.lstm_layer(x, h, c, w, None, STEPS["equal"])
    recurrent.lstm_layer_backward(grads, x, h, c, w, None, (out[0], *out[3:]), STEPS["equal"])
    for given, before in zip((h, c, w, *grads), again, strict=True):
        np.testing.assert_array_equal(given, before)


def test_large_layers_are_compiled(monkeypatch):
    """and small ones, which would be waited for in vain, are not; nor what has a projection, or is not float32."""
    x, _, c, *_ = arrays(STEPS["equal"], 3)
    assert not recurrent._worth_compiling(x, c, None)
    monkeypatch.setattr(recurrent, "LARGE", x.size * 3)
    assert recurrent._worth_compiling(x, c, None)
    assert not recurrent._worth_compiling(x, c, np.ones((2, 3)))
    assert not recurrent._worth_compiling(x.astype(np.float64), c, None)


@pytest.mark.parametrize("K, J", [(1, 1), (5, 16), (7, 40)])
def test_tiles(K, J):
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((12, K), (K, J)))
    panels = _tile.panels_of(b)
    out = np.empty((12, panels.size // K), np.float32)
    _tile.multiply(a.ravel(), 12, K, panels, out.reshape(-1))
    np.testing.assert_allclose(out[:, :J], a @ b, rtol=1e-5, atol=1e-5)
    assert not out[:, J:].any()


def test_every_index_is_inside():
    """Without the compiler, vectors look at the bounds of their arrays."""
    code = """
import numpy as np
from tests.kernels import test_recurrent as test
test.recurrent.LARGE = 0
test.lstm(np.float32, test.STEPS["ever fewer"], 3)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
                          capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
