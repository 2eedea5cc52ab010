"""Reductions and scans against PyTorch."""

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]])
WITH_NAN = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, 2.0], [0.0, 5.0, -np.inf]])
DIMS = [None, 0, -1, (0, 2), (1,), ()]


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "amax", "amin", "logsumexp"])
def test_reductions(name, dim, keepdim):
    if dim is None and (name == "logsumexp" or keepdim):
        return  # logsumexp needs a dim; keepdim means nothing without
    args = {} if dim is None else {"dim": dim, "keepdim": keepdim}
    if dim == () and name in ("var", "std", "logsumexp"):
        return  # PyTorch's own gradients are wrong there
    check_op([(2, 3, 4)], lambda T, x: getattr(T, name)(x, **args))
    if name not in ("var", "std"):
        check_op([()], lambda T, x: getattr(x, name)(*([] if dim is None else [-1])))


@pytest.mark.parametrize(
    "name", ["sum", "prod", "any", "all", "count_nonzero", "argmax", "argmin", "amax", "cumsum", "cumprod"]
)
@pytest.mark.parametrize("dtype", ["float32", "int64", "int32", "uint8", "bool"])
def test_dtypes(name, dtype):
    values = np.array([[1, 0, 2], [3, 1, 0]]).astype(dtype)
    if dtype == "bool" and name.startswith("arg"):
        check_raises(lambda T: getattr(T.from_numpy(values), name)(1), match="does not support bool input")
        return
    check_op([values], lambda T, x: getattr(x, name)(1), grad=False)
    if not name.startswith("cum"):
        check_op([values], lambda T, x: getattr(x, name)(), grad=False)


@pytest.mark.parametrize("shape, dim", [((0,), 0), ((2, 0), 1), ((2, 0), 0), ((0, 3), 0)])
@pytest.mark.parametrize(
    "name", ["sum", "mean", "prod", "any", "all", "logsumexp", "cumsum", "argmax", "amax", "max", "median"]
)
def test_empty(name, shape, dim):
    try:
        getattr(torch.zeros(shape), name)(dim)
    except (RuntimeError, IndexError):
        check_raises(lambda T: getattr(T.zeros(shape), name)(dim))
    else:
        check_op([np.zeros(shape)], lambda T, x: getattr(x, name)(dim))


def test_variance_of_too_few_elements_warns():
    for name in ("var", "std"):
        for x in (minitorch.ones(1), torch.ones(1)):
            with pytest.warns(UserWarning, match=rf"{name}\(\): degrees of freedom is <= 0"):
                assert np.isnan(getattr(x, name)().item())


def test_products():
    check_op([(2, 3, 4)], lambda T, x: [T.prod(x), T.prod(x, 1), T.prod(x, 0, keepdim=True)])
    zeros = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]])
    check_op([zeros], lambda T, x: T.prod(x, 1))
    check_op([zeros[0]], lambda T, x: x.prod())
    check_op([zeros], lambda T, x: T.cumprod(x, 1))
    check_op([(2, 3)], lambda T, x: [T.cumprod(x, 0), T.cumsum(x, 1), x.cumsum(-1)])


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes(name):
    for array in (TIES, np.arange(6.0).reshape(2, 3)):
        check_op([array], lambda T, x: getattr(T, name)(x))
        check_op([array], lambda T, x: getattr(T, name)(x, 1))
        check_op([array], lambda T, x: getattr(x, name)(0, keepdim=True))
        check_op([array], lambda T, x: [getattr(x, "a" + name)(1), getattr(x, "arg" + name)(1)])
    check_op(
        [WITH_NAN], lambda T, x: [getattr(x, name)(), *getattr(x, name)(1), getattr(x, "arg" + name)(0)], grad=False
    )
    check_op([()], lambda T, x: [getattr(x, name)(), getattr(x, name)(0)[0]])
    check_op([(2, 3), (3,)], lambda T, a, b: getattr(T, name)(a, b))
    check_raises(lambda T: getattr(T.zeros(0), name)())
    check_raises(lambda T: getattr(T.zeros(2, 0), name)(1))
    check_same(lambda T: repr(getattr(T.tensor([1.0, 2.0]), name)(0)))


def test_variance():
    check_op(
        [(3, 4)],
        lambda T, x: [T.var(x, 1, correction=0), T.std(x, dim=0, unbiased=False), x.var(unbiased=False), x.std(False)],
    )
    check_op([(3, 4)], lambda T, x: [*T.var_mean(x, 1), *T.std_mean(x, 0, correction=0)])
    check_raises(lambda T: T.tensor([1, 2]).var(), match="std and var only support floating point")
    check_raises(lambda T: T.tensor([1, 2]).mean(), match="mean.*: could not infer output dtype")


def test_dtype_argument():
    check_op([(3, 4)], lambda T, x: [x.sum(dtype=T.float32), x.mean(1, dtype=T.float32)], rtol=1e-5)
    check_same(
        lambda T: [
            T.tensor([1, 2]).sum(dtype=T.float64),
            T.tensor([1, 2]).mean(dtype=T.float32),
            T.tensor([1.5, 2]).cumsum(0, dtype=T.int64),
            T.tensor([1, 2]).prod(dtype=T.float32),
        ]
    )


def test_scans():
    check_op([TIES], lambda T, x: [*T.cummax(x, 1), *T.cummin(x, 1)])
    check_op([WITH_NAN], lambda T, x: [*T.cummax(x, 1), *T.cummin(x, 0)], grad=False)
    check_op([()], lambda T, x: [x.cumsum(0), x.cumprod(0)])


def test_logsumexp_does_not_overflow():
    check_op(
        [np.array([[1000.0, 1000.0], [-np.inf, -np.inf], [np.inf, 0.0]])], lambda T, x: T.logsumexp(x, 1), grad=False
    )
    check_same(lambda T: T.logsumexp(T.tensor([1, 2]), 0))


def test_sums_keep_their_precision():
    check_same(
        lambda T: [
            T.full((100_000,), 0.1, dtype=T.float16).sum() > 9000,
            T.ones(3, dtype=T.uint8).sum(),
            (T.ones(300, dtype=T.uint8)).sum(),
        ]
    )


def test_bad_dims():
    check_raises(
        lambda T: T.ones(2, 3).sum(2),
        match=r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)",
    )
    check_raises(lambda T: T.ones(2, 3).sum((0, 0)), match="dim 0 appears multiple times in the list of dims")
    check_raises(lambda T: T.ones(2, 3).max(5), match="Dimension out of range")
    check_raises(lambda T: T.ones(()).sum(1), match="Dimension out of range")


def test_median_and_kth_value():
    check_op([(3, 5)], lambda T, x: [*x.median(1), *x.kthvalue(2, 1), *x.kthvalue(1, 0, keepdim=True)])
    check_op([(3, 4)], lambda T, x: x.median())
    check_op([WITH_NAN], lambda T, x: [x.median(), x.median(1).values], grad=False)
    check_same(lambda T: [T.tensor([], dtype=T.int32).median(), T.zeros(0).median(), T.tensor(3).median(0).indices])
    check_same(lambda T: [f(T.ones(3, requires_grad=True)).grad_fn.name() for f in (
        T.median, lambda x: x.median(0).values, lambda x: x.kthvalue(2).values)])
    check_raises(lambda T: T.ones(3).kthvalue(4))
    check_raises(lambda T: T.ones(0, 2).median(0), match="non-zero size")


@pytest.mark.parametrize("p", [2, 1, 3, 0.5, 0, float("inf"), -float("inf"), "fro"])
def test_norms(p):
    check_op([(3, 4)], lambda T, x: [x.norm(p), x.norm(p, 1), T.norm(x, p, dim=(0, 1), keepdim=True)], second=p != 0.5)
    check_op([np.zeros(3)], lambda T, x: x.norm(p), second=False)
    check_raises(lambda T: T.tensor([1, 2]).norm(), match="floating point")
