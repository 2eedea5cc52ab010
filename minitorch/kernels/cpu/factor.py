"""Factorisations A = L U, L L^T, Q R, U S V^T, V D V^T by LAPACK, through NumPy where it has them in batches."""
import numpy as np

__all__ = """
linalg_cholesky_ex linalg_lu_factor_ex permutation_matrix linalg_ldl_factor_ex linalg_qr geqrf linalg_svd linalg_eigh
""".split()


def each_matrix(function, *operands):
    """function(matrix, ...) for each matrix of a batch, (..., i, j) operands that broadcast: a tuple of stacks."""
    batch = np.broadcast_shapes(*[x.shape[:-2] for x in operands])
    operands = [np.broadcast_to(x, batch + x.shape[-2:]) for x in operands]  # (..., i, j) -> (*batch, i, j)
    if 0 in batch:  # no matrices: any one shows the form of the results
        results = function(*[np.ones(x.shape[-2:], x.dtype) for x in operands])
        return tuple(np.zeros(batch + np.shape(r), np.asarray(r).dtype) for r in results)
    results = zip(*[function(*[x[i] for x in operands]) for i in np.ndindex(batch)])
    return tuple(np.stack(r).reshape(batch + np.shape(r[0])) for r in results)  # (matrices, ...) -> (*batch, ...)


def lapack(name, *operands):
    """The LAPACK routine of this name for the operands' dtype."""
    from scipy.linalg import get_lapack_funcs
    return get_lapack_funcs(name, operands)


def lu(matrix):
    """(L and U packed in one matrix, the row that each row was exchanged with, 1 + the first zero on U's diagonal)."""
    if matrix.size == 0:
        return matrix.copy(), np.zeros(min(matrix.shape), np.int32), 0
    return lapack("getrf", matrix)(matrix)


def linalg_cholesky_ex(input, upper=False):
    """(L, info): info is 0, or the order of the first minor that is not positive-definite. Reads one triangle only."""
    try:  # the whole batch at once
        L = np.linalg.cholesky(input, upper=upper)
        info = np.zeros(L.shape[:-2], np.int64)
    except np.linalg.LinAlgError:  # which of the matrices is not positive-definite?
        potrf = lapack("potrf", input)
        L, info = each_matrix(lambda matrix: potrf(matrix, lower=not upper, clean=True), input)
    nan = np.isnan(np.diagonal(L, 0, -2, -1))  # (..., n): to some LAPACKs NaN is positive
    if nan.any():
        info = np.where((info == 0) & nan.any(-1), nan.argmax(-1) + 1, info)
    return L, info.astype(np.int32)


def linalg_lu_factor_ex(A):
    """(L below U in one matrix, pivots counted from 1, info): info is 0, or the first zero on U's diagonal."""
    LU, pivots, info = each_matrix(lu, A)
    return LU, pivots.astype(np.int32) + np.int32(1), info.astype(np.int32)


def permutation_matrix(pivots, n, dtype):
    """(..., k) -> (..., n, n): P in A = P L U, where row i was exchanged with row pivots[i] - 1, i = 0, ..., k - 1."""
    order = np.broadcast_to(np.arange(n), (*pivots.shape[:-1], n)).copy()  # (..., n)
    for i in range(pivots.shape[-1]):
        j = pivots[..., i : i + 1].astype(np.int64) - 1  # (..., 1)
        here, there = order[..., i : i + 1].copy(), np.take_along_axis(order, j, -1)
        np.put_along_axis(order, j, here, -1)
        order[..., i : i + 1] = there
    return np.eye(n, dtype=dtype)[order].swapaxes(-1, -2)  # rows of the identity: (..., n, n)


def linalg_ldl_factor_ex(input):
    """(L and D packed, pivots, info) of a symmetric matrix, of which the lower triangle is read."""
    sytrf = lapack("sytrf", input)
    LD, pivots, info = each_matrix(lambda matrix: sytrf(np.tril(matrix), lower=True), input)
    return LD, pivots.astype(np.int32), info.astype(np.int32)


def linalg_qr(A, mode="reduced"):
    """(Q, R): (..., m, k), (..., k, n) with k = min(m, n), or k = m if the mode is "complete"."""
    return tuple(np.linalg.qr(A, mode))


def geqrf(input):
    """(R above the Householder vectors, their scales tau)."""
    packed, tau = np.linalg.qr(input, "raw")
    return packed.swapaxes(-1, -2).copy(), tau  # NumPy returns LAPACK's columns as rows


def linalg_svd(A, full_matrices=True):
    """(U, S, Vh): (..., m, k), (..., k), (..., k, n); U and Vh are square if the matrices are full."""
    return tuple(np.linalg.svd(A, full_matrices))


def linalg_eigh(input, UPLO="L"):
    """(ascending eigenvalues, eigenvectors as columns) of a symmetric matrix, of which one triangle is read."""
    return tuple(np.linalg.eigh(input, UPLO))
