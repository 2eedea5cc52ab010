"""Matrix products: out[..., i, j] = sum_k a[..., i, k] * b[..., k, j], by BLAS through NumPy."""
import numpy as np

__all__ = ["matmul"]


def matmul(input, other):
    """(..., i, k) @ (..., k, j) -> (..., i, j); one-dimensional operands as in NumPy. float16 adds up in float32."""
    if input.dtype == np.float16:
        return np.asarray(np.matmul(input, other, dtype=np.float32), np.float16)
    return np.asarray(np.matmul(input, other))
