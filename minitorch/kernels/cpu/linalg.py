"""Linear equations, inverses, determinants, the matrix exponential: (..., n, n) matrices in batches that broadcast."""
import numpy as np

from .factor import each_matrix, lapack, lu

__all__ = """
linalg_solve_ex linalg_inv_ex linalg_solve_triangular cholesky_solve linalg_ldl_solve linalg_det linalg_slogdet
pseudo_inverse significant linalg_matrix_exp
""".split()


def linalg_solve_ex(A, B):
    """(X, info) with A X = B (..., n, j): info is 0, or where U has a zero, which leaves inf and nan in X."""
    def solve(A, B):
        LU, pivots, info = lu(A)
        return lapack("getrs", A, B)(LU, pivots, B)[0], info

    try:  # the whole batch at once
        X = np.linalg.solve(A, B)
        return X, np.zeros(X.shape[:-2], np.int32)
    except np.linalg.LinAlgError:  # which of the matrices is singular?
        X, info = each_matrix(solve, A, B)
        return X, info.astype(np.int32)


def linalg_inv_ex(A):
    """(A^-1, info), as the solution of A X = 1."""
    return linalg_solve_ex(A, np.eye(A.shape[-1], dtype=A.dtype))


def linalg_solve_triangular(A, B, upper, left=True, unitriangular=False):
    """X with A X = B, or X A = B, for a triangular A; the other triangle (and a unit diagonal) is not read."""
    from scipy.linalg import get_blas_funcs
    trsm = get_blas_funcs("trsm", (A, B))
    return each_matrix(lambda A, B: (trsm(1, A, B, side=not left, lower=not upper, diag=unitriangular),), A, B)[0]


def cholesky_solve(input, L, upper=False):
    """X with L L^T X = B, or U^T U X = B if upper."""
    lower = L.swapaxes(-1, -2) if upper else L
    half = linalg_solve_triangular(lower, input, upper=False)
    return linalg_solve_triangular(lower.swapaxes(-1, -2), half, upper=True)


def linalg_ldl_solve(LD, pivots, B):
    """X with A X = B, from A's packed L D L^T."""
    def solve(LD, pivots, B):
        return (lapack("sytrs", LD, B)(LD, pivots[:, 0], B, lower=True)[0] if B.size else B.copy(),)

    return each_matrix(solve, LD, pivots[..., None], B)[0]  # pivots (..., n) -> (..., n, 1): matrices too


@np.errstate(all="ignore")
def linalg_det(A):
    return np.asarray(np.linalg.det(A))


@np.errstate(all="ignore")
def linalg_slogdet(A):
    """(sign, log|det|): (0, -inf) for singular matrices, (0, nan) for those with NaN."""
    sign, logabsdet = np.linalg.slogdet(A)
    return np.where(np.isnan(logabsdet), 0, sign).astype(A.dtype), np.asarray(logabsdet)


def pseudo_inverse(A, atol, rtol, hermitian=False):
    """V S^-1 U^T, (..., m, n) -> (..., n, m), without the singular values up to max(atol, rtol * the largest)."""
    if hermitian:
        S, U = np.linalg.eigh(A)
        Vh, size = U.swapaxes(-1, -2), np.abs(S)
    else:
        U, S, Vh = np.linalg.svd(A, full_matrices=False)
        size = S
    inverse = np.divide(1, S, out=np.zeros_like(S), where=significant(size, atol, rtol))
    return np.matmul(Vh.swapaxes(-1, -2) * inverse[..., None, :], U.swapaxes(-1, -2))


def significant(S, atol, rtol):
    """Which singular values (..., k) are above max(atol, rtol * the largest); the tolerances are numbers or (...)."""
    atol, rtol = (np.asarray(tol)[..., None] for tol in (atol, rtol))
    return S > np.maximum(atol, rtol * np.max(S, axis=-1, keepdims=True, initial=0))


@np.errstate(all="ignore")
def linalg_matrix_exp(input):
    """1 + A + A^2 / 2! + ..."""
    from scipy.linalg import expm
    return expm(input.astype(np.float64)).astype(input.dtype)
