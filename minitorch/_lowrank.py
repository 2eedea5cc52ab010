"""The largest singular values of big matrices by random projection (Halko, Martinsson & Tropp, "Finding structure with
randomness", 2011).
"""
from . import ops
from .creation import randn

__all__ = ["pca_lowrank", "svd_lowrank"]


def _basis(A, q, niter):
    """An orthonormal Q (..., m, q) whose columns nearly span those of A (..., m, n): A of q random vectors, refined by
    `niter` steps with A^T and A (algorithm 4.4).
    """
    Q = ops.linalg_qr(A @ randn(A.shape[-1], q, dtype=A.dtype)).Q
    for _ in range(niter):
        Q = ops.linalg_qr(A.mT @ Q).Q  # (..., n, q)
        Q = ops.linalg_qr(A @ Q).Q  # (..., m, q)
    return Q


def svd_lowrank(A, q=6, niter=2, M=None):
    """(U, S, V) with U @ diag(S) @ V.mT close to A - M, for random directions: (..., m, q), (..., q), (..., n, q).

    >>> import minitorch as torch
    >>> torch.svd_lowrank(torch.outer(torch.tensor([3., 0., 4.]), torch.tensor([0., 1.])), q=1)[1]
    tensor([5.])
    """
    if M is not None:
        A = A - M
    wide = A.shape[-2] < A.shape[-1]
    if wide:
        A = A.mT
    Q = _basis(A, q, niter)
    U, S, Vh = ops.linalg_svd(Q.mT @ A, full_matrices=False)  # algorithm 5.1: Q Q^T A is close to A
    U, V = Q @ U, Vh.mT
    return (V, S, U) if wide else (U, S, V)


def pca_lowrank(A, q=None, center=True, niter=2):
    """svd_lowrank of the rows of A (..., m, n), less their mean: the columns of V are the principal directions.

    q is min(6, m, n) by default. ValueError if it is larger than m or n, or niter is negative.

    >>> import minitorch as torch
    >>> torch.pca_lowrank(torch.tensor([[0., 0.], [1., 0.], [2., 0.]]), q=1)[1] ** 2
    tensor([2.0000])
    """
    m, n = A.shape[-2:]
    q = min(6, m, n) if q is None else q
    if not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)
