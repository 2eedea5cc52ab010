"""The product of two matrices, as its definition says."""
import numpy as np


def matmul(a, b):
    """a (I, K), b (K, J) -> out[i, j] = sum_k a[i, k] * b[k, j]"""
    (I, K), J = a.shape, b.shape[1]
    out = np.zeros((I, J))
    for i in range(I):
        for j in range(J):
            for k in range(K):
                out[i, j] += a[i, k] * b[k, j]
    return out
