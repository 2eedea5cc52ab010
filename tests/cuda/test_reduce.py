"""Reductions of the GPU against those of the CPU."""
import numpy as np
import pytest

from minitorch.kernels import cuda
from minitorch.kernels.cuda import reduce
from tests.cuda.twins import check, on_cuda

rng = np.random.default_rng(0)
X = rng.standard_normal((3, 4, 5, 6)).astype(np.float32)
LONG = rng.standard_normal((2, 150, 3)).astype(np.float32)
ALL = "sum mean prod amax amin any all argmax argmin var vector_norm count_nonzero".split()
ONE_DIM = ["argmax", "argmin"]
CLOSE = dict(rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name, dim", [
    (name, dim) for name in ALL for dim in [None, 0, 1, -1, (0, 1), (2, 3), (1, 3), (0, 1, 2, 3), (0, 2, 3)]
    if not (isinstance(dim, tuple) and name in ONE_DIM)])
def test_dimensions(name, dim):
    check(name, X, dim=dim, **CLOSE)
    if name != "count_nonzero":
        check(name, X, dim=dim, keepdim=True, **CLOSE)


@pytest.mark.parametrize("name", ALL)
def test_layouts(name):
    check(name, X.transpose(2, 0, 3, 1), dim=1, **CLOSE)
    check(name, X[:, ::2, 1:], dim=2, **CLOSE)
    check(name, np.broadcast_to(X[0, 0, 0], (3, 6)), dim=0, **CLOSE)
    check(name, np.array(2.5, np.float32), **(dict(correction=0) if name == "var" else {}))


@pytest.mark.parametrize("name", ["sum", "amax", "argmin", "all"])
def test_long_rows_and_columns(name, monkeypatch):
    monkeypatch.setattr(reduce, "PART", 64)  # more than one launch, of more than one block
    check(name, LONG, dim=1, **CLOSE)
    check(name, LONG.transpose(0, 2, 1).copy(), dim=2, **CLOSE)  # rows of 150: scalars
    check(name, LONG.reshape(3, 300), dim=1, **CLOSE)            # rows of 300: vectors of four
    check(name, LONG, **CLOSE)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8, np.uint8, np.int64, np.bool_])
@pytest.mark.parametrize("name", ["sum", "prod", "amax", "amin", "argmax", "any", "all"])
def test_dtypes(name, dtype):
    x = (np.arange(80).reshape(2, 40) % 3).astype(dtype)
    check(name, x, dim=1)
    check(name, x, dim=0)


def test_half_precision_adds_up_in_single():
    x = np.full((1, 5000), 0.5, np.float16)
    check("sum", x)
    check("mean", x, dim=1)
    check("var", np.arange(40, dtype=np.float16), rtol=1e-3)


@pytest.mark.parametrize("dim", [0, 1])
def test_not_a_number_wins_and_the_first_of_equals(dim):
    x = np.tile(np.array([1, 3, 3, 0, 0, 2], np.float32), (6, 8))
    x[2, 20] = x[3, 20] = x[2, 30] = np.nan
    x[0, 0] = np.inf
    for name in ("amax", "amin", "argmax", "argmin", "max", "min", "sum", "any"):
        check(name, x, dim=dim)


def test_pairs_of_values_and_indices():
    for dim in (0, -2, 3):
        check("max", X, dim)
        check("min", X, dim, keepdim=True)
    check("max", np.array(3.0, np.float32), 0)


@np.errstate(all="ignore")
def test_of_nothing():
    empty = np.zeros((0, 3), np.float32)
    for name in ("sum", "prod", "mean", "any", "all", "count_nonzero"):
        check(name, empty, dim=0)
        check(name, empty)
    check("sum", empty, dim=1)
    check("amax", empty, dim=1)


@np.errstate(all="ignore")
def test_variance():
    check("var", X, dim=(0, 2), correction=0, **CLOSE)
    check("var", X[:1], dim=0)


@pytest.mark.parametrize("ord", [0, 1, 2, 3, np.inf, -np.inf, 0.5])
def test_norms(ord):
    check("vector_norm", X, ord=ord, dim=(1, 2), **CLOSE)


def test_logsumexp():
    check("logsumexp", X * 50, dim=(1, 3), **CLOSE)
    check("logsumexp", np.array([[np.inf, 1], [-np.inf, -np.inf]], np.float32), dim=1, keepdim=True)
    check("logsumexp", np.arange(6), dim=0, rtol=1e-6)


@pytest.mark.parametrize("shape", [(5, 6), (1, 5, 6), (4, 1, 6), (1, 1, 1), (), (3, 4, 5, 6), (3, 1, 1, 6)])
def test_sum_to(shape):
    check("sum_to", X, shape, **CLOSE)


def test_a_sum_is_the_same_every_time(monkeypatch):
    monkeypatch.setattr(reduce, "PART", 64)
    x = on_cuda(LONG)
    assert cuda.sum(x).item() == cuda.sum(x).item()
