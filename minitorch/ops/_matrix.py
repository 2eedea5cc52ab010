"""What the operations on matrices share: the checks of their arguments, and the small words of their formulas."""
from .. import dtypes
from ..engine import compute
from ..graph import check_tensors
from .elementwise import full, where

LOW_PRECISION = ("float16", "bfloat16")


class LinAlgError(RuntimeError):
    """torch.linalg.LinAlgError: a matrix is singular, or not positive-definite, or an algorithm did not converge."""


# --------------------------------------------------------------------------------------------------- argument checks


def check_matrix(name, A, argument="A"):
    """RuntimeError unless A has two dimensions or more."""
    check_tensors(name, **{argument: A})
    if A.array.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")


def check_square(name, A):
    """RuntimeError unless A is square."""
    check_matrix(name, A)
    m, n = A.array.shape[-2:]
    if m != n:
        raise RuntimeError(f"{name}: A must be batches of square matrices, but they are {m} by {n} matrices")


def check_float(name, A):
    """RuntimeError for integers and half precision."""
    if not A.dtype.is_floating_point:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {A.dtype.scalar_name}")
    if A.array.dtype.name in LOW_PRECISION:
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {A.dtype.scalar_name}")


def check_implemented(kernel, A):
    """NotImplementedError, by the name of torch's kernel, for integers and half precision."""
    if not A.dtype.is_floating_point or A.array.dtype.name in LOW_PRECISION:
        raise dtypes.not_implemented(kernel, A.dtype)


def check_info(name, info, message, error=LinAlgError):
    """Raise `error` if LAPACK reports a failure: `info` (...) is 0 for success; `message` may show it as {info}."""
    failed = info.array.reshape(-1).nonzero()[0]
    if failed.size:
        first = failed[0]
        where = f"(Batch element {first}): " if info.array.ndim else ""
        raise error(f"{name}: {where}{message.format(info=int(info.array.reshape(-1)[first]))}")


def check_finite(name, A, message):
    """LAPACK's iterations do not converge for NaN and infinity: torch's LinAlgError for the first such matrix."""
    bad = compute("logical_not", compute("all", compute("isfinite", A), dim=(-2, -1)))  # (..., m, n) -> (...)
    check_info(name, bad, message)


def attached(value, x):
    """`value` as a result of an operation on x: it requires a gradient if x does, and sends zeros."""
    return where(full((), False, bool), x, value)


# ------------------------------------------------------------------------------------------- formulas in a namespace


def mT(k, x):
    """(..., i, j) -> (..., j, i)"""
    n = len(x.shape)
    return k.permute(x, (*range(n - 2), n - 1, n - 2))


def identity(k, n, dtype):
    """The identity matrix, (n, n)."""
    return k.tril(k.triu(k.full((n, n), 1, dtype)))


def columns(k, x, start, stop):
    """x[..., start:stop]"""
    return k.basic_index(x, (..., slice(start, stop)))


def rows(k, x, start, stop):
    """x[..., start:stop, :]"""
    return k.basic_index(x, (..., slice(start, stop), slice(None)))


def row(k, s):
    """(..., n) -> (..., 1, n)"""
    return k.basic_index(s, (..., None, slice(None)))


def column(k, s):
    """(..., n) -> (..., n, 1)"""
    return k.basic_index(s, (..., None))
