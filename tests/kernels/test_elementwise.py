"""The compiled elementwise kernels against their twins: by NumPy, and compiled for one thread and for all."""
import numpy as np
import pytest

from minitorch.kernels import cpu
from tests.naive import elementwise as naive


@pytest.mark.parametrize("length", [12, 5000, 40000])
@pytest.mark.parametrize("name", ["exp", "sigmoid"])
@pytest.mark.parametrize("dtype, tolerance", [("float32", 3e-7), ("float64", 1e-15)])
def test_functions_equal_their_definitions(name, length, dtype, tolerance):
    x = np.random.default_rng(length).uniform(-110, 110, length).astype(dtype)
    x[:10] = np.nan, np.inf, -np.inf, 0, -0.0, 1e-30, 88.7, 88.8, -103.9, -104.1
    with np.errstate(over="ignore", under="ignore"):
        exact = np.array([getattr(naive, name)(float(v)) for v in x]).astype(dtype)
    ours = getattr(cpu, name)(x)
    np.testing.assert_allclose(ours, exact, rtol=tolerance, atol=np.finfo(dtype).tiny, strict=True)
