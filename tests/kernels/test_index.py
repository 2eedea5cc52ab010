"""The compiled kernels of indexing against their specification."""
import numpy as np
import pytest

from minitorch.kernels import cpu


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("padding_idx", [None, 1])
def test_embedding_backward_adds_up(dtype, padding_idx):
    rng = np.random.default_rng(0)
    indices, grad = rng.integers(0, 4, (3, 5)).T, rng.integers(-8, 8, (5, 3, 2)).astype(dtype)
    expected = np.zeros((4, 2), dtype)
    np.add.at(expected, indices, grad)
    if padding_idx is not None:
        expected[padding_idx] = 0
    out = cpu.embedding_backward(grad, indices, 4, padding_idx)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, expected)
