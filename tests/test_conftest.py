"""The fixtures that every test relies on do what they promise."""
import random

import numpy as np
import pytest

import minitorch
from conftest import global_state, no_leaked_state


@pytest.mark.parametrize("leak", [
    lambda: minitorch.set_grad_enabled(False),
    lambda: minitorch.set_default_dtype(minitorch.float64),
    lambda: minitorch.set_default_device("cuda"),
    lambda: minitorch.use_deterministic_algorithms(True),
    lambda: minitorch.set_float32_matmul_precision("medium"),
    lambda: minitorch.set_printoptions(precision=2),
    lambda: np.seterr(over="raise"),
])
def test_leaked_state_fails_and_is_put_right(leak):
    before = global_state()
    with pytest.raises(AssertionError, match="global state leaked"):
        with no_leaked_state():
            leak()
    assert global_state() == before


@pytest.mark.parametrize("run", [1, 2])
def test_each_test_starts_from_the_same_random_numbers(run, drawn=[]):
    drawn.append((random.random(), np.random.random(), minitorch.rand(()).item()))
    assert drawn[0] == drawn[-1]
