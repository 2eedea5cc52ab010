"""The steps of optimizers, in place."""
from ._each import each, formula
from .elementwise import mul

__all__ = ["axpby"]

_scaled_sum = formula(3, lambda x, y, alpha: alpha * x + y)


def axpby(alpha, x, beta, y):
    """y = alpha * x + beta * y, written into y. (alpha and beta are numbers; BLAS calls it so.)"""
    each(_scaled_sum, x, y if beta == 1 else mul(y, beta), alpha, dtype=y.dtype, out=y)
