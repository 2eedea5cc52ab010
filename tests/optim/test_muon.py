"""Muon's steps are orthogonal, and rounded to bfloat16 where PyTorch rounds them."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, import_torch

torch = import_torch()


def step(T, shape, **options):
    """What the first step subtracts from a matrix of zeros."""
    x = T.zeros(*shape, requires_grad=True)
    optimizer = T.optim.Muon([x], lr=1.0, weight_decay=0.0, **options)
    x.grad = T.from_numpy(np.random.default_rng(0).normal(size=shape).astype("float32"))
    optimizer.step()
    return -x.detach().numpy()


@pytest.mark.parametrize("options", [
    {}, {"nesterov": False}, {"ns_steps": 3}, {"adjust_lr_fn": "match_rms_adamw"}, {"adjust_lr_fn": "original"},
], ids=str)
@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (1, 3), (20, 30)])
def test_step(shape, options):
    """To the bit, but for a few sums that lie halfway between two numbers of 8 bits."""
    theirs, ours = step(torch, shape, **options), step(minitorch, shape, **options)
    np.testing.assert_allclose(ours, theirs, rtol=0.02, atol=1e-3)
    assert np.mean(ours == theirs) > 0.9


def test_singular_values_are_near_one():
    values = np.linalg.svd(step(minitorch, (8, 8)), compute_uv=False)
    assert 0.5 < values.min() and values.max() < 1.3


def test_errors():
    def make(T, *shape, **options):
        x = T.zeros(*shape, requires_grad=True)
        x.grad = T.ones(*shape)
        T.optim.Muon([x], **options).step()
    check_raises(lambda T: make(T, 3), "Muon only supports 2D parameters whereas we found a parameter with size")
    check_raises(lambda T: make(T, 3, 3, lr=-1), "Learning rate should be >= 0 but is: -1")
    check_raises(lambda T: make(T, 3, 3, weight_decay=-1), "weight decay should be >= 0 but is: -1")
    check_raises(lambda T: make(T, 3, 3, ns_steps=100), "Number of steps must be less than 100")
    check_raises(lambda T: make(T, 3, 3, ns_coefficients=(1, 2)), "Coefficients must be a tuple of exactly 3 values")
