"""Linear equations, inverses, norms, products: torch.linalg but for its factorisations, which are in factor.py.

The gradients follow from the product rule: A X = B gives A dX = dB - dA X, so dL/dB = A^-T dL/dX and
dL/dA = -dL/dB X^T (Giles 2008).
"""
import functools
import math

import numpy as np

from .. import dtypes, return_types
from .._shapes import broadcast_shapes, normalize_dim
from ..engine import Op, compute, named, unwrap
from ..graph import check_tensors
from ._matrix import (
    LOW_PRECISION, attached, check_finite, check_float, check_implemented, check_info, check_matrix, check_square,
    column, identity, mT, row)
from .elementwise import cast, clone, div, full, mul, sub, where
from .factor import NOT_FINITE, linalg_eigvalsh, linalg_svdvals, lu_unpack
from .matmul import _check_expands as check_expands, _plus as plus, bmm, dot, matmul, mm, outer
from .reduce import amax, amin, cumprod, sum, vector_norm
from .shape import (
    basic_index, cat, diagonal, expand, flip, movedim, narrow, reshape, roll, tril, triu, unsqueeze)

SINGULAR = ("The diagonal element {info} is zero, the inversion could not be completed because the input matrix is "
            "singular.")


def _same_dtype(name, A, B, names="AB"):
    if A.array.dtype != B.array.dtype:
        a, b = names
        raise RuntimeError(f"{name}: Expected {a} and {b} to have the same dtype, but found {a} of type "
                           f"{A.dtype.scalar_name} and {b} of type {B.dtype.scalar_name} instead")


def _check_equation(name, A, B, left):
    """RuntimeError unless A X = B (or X A = B) has fitting shapes."""
    (*A_batch, n, m), (*B_batch, rows, cols) = A.array.shape, B.array.shape
    if n != (rows if left else cols):
        raise RuntimeError(f"{name}: Incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B "
                           f"({n}x{m} and {rows}x{cols})")
    broadcast_shapes(B_batch, A_batch)  # RuntimeError if the batches do not


# --------------------------------------------------------------------------------------------------- linear equations


class LinalgSolveEx(Op):
    """A X = B.   Saves: A, X."""

    def forward(self, A, B):
        X, info = self.k.linalg_solve_ex(A, B)
        self.save(A, X)
        return X, info

    def backward(self, grad, _info):
        A, X = self.saved
        k = self.k
        dB = k.linalg_solve_ex(mT(k, A), grad)[0]
        return k.neg(k.matmul(dB, mT(k, X))) if self.needs_input_grad[0] else None, dB


def linalg_solve_ex(A, B, *, left=True, check_errors=False):
    """(result, info): `torch.linalg.solve` that does not raise; info (int32) is 0, or names U's first zero."""
    X, info = _solve("linalg.solve", A, B, left)
    if check_errors:
        check_info("torch.linalg.solve_ex", info, "The solver failed because the input matrix is singular.")
    return return_types.linalg_solve_ex(X, info)


def _solve(name, A, B, left):
    check_square(name, A)
    check_tensors(name, A=A, B=B)
    if not A.dtype.is_floating_point:
        check_float(name, A)
    check_implemented("lu_cpu", A)
    _same_dtype(name, A, B)
    is_vector = B.array.ndim == 1 or A.array.ndim - 1 == B.array.ndim and A.array.shape[:-1] == B.array.shape
    if is_vector:
        B = unsqueeze(B, -1)  # (..., n) -> (..., n, 1)
    _check_equation(name, A, B, left)
    if left:
        X, info = LinalgSolveEx.apply(A, B)
    else:  # X A = B is A^T X^T = B^T
        X, info = LinalgSolveEx.apply(A.mT, B.mT)
        X = X.mT
    return basic_index(X, (..., 0)) if is_vector else X, info


def linalg_solve(A, B, *, left=True):
    """X with A X = B, or with X A = B if not `left`: A (..., n, n), B (..., n, j) or (..., n).

    LinAlgError if A is singular.

    >>> import minitorch as torch
    >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    X, info = _solve("linalg.solve", A, B, left)
    check_info("torch.linalg.solve", info, "The solver failed because the input matrix is singular.")
    return X


class LinalgInvEx(Op):
    """out = A^-1.   Saves: out."""

    def forward(self, A):
        out, info = self.k.linalg_inv_ex(A)
        self.save(out)
        return out, info

    def backward(self, grad, _info):
        (out,) = self.saved
        k = self.k
        return k.neg(k.matmul(mT(k, out), k.matmul(grad, mT(k, out))))


def linalg_inv_ex(A, *, check_errors=False):
    """(inverse, info): `torch.linalg.inv` that does not raise; info (int32) is 0, or names U's first zero."""
    check_square("linalg.inv", A)
    check_float("linalg.inv", A)
    inverse, info = LinalgInvEx.apply(A)
    if check_errors:
        check_info("linalg.inv_ex", info, SINGULAR)
    return return_types.linalg_inv_ex(inverse, info)


def linalg_inv(A):
    """The inverse of A (..., n, n). LinAlgError if A is singular.

    >>> import minitorch as torch
    >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    inverse, info = linalg_inv_ex(A)
    check_info("linalg.inv", info, SINGULAR)
    return inverse


class LinalgSolveTriangular(Op):
    """A X = B (or X A = B) for a triangular A.   Saves: A, X."""

    def forward(self, A, B, upper, left, unitriangular):
        self.upper, self.left, self.unit = upper, left, unitriangular
        X = self.k.linalg_solve_triangular(A, B, upper, left, unitriangular)
        self.save(A, X)
        return X

    def backward(self, grad):
        A, X = self.saved
        k = self.k
        dB = k.linalg_solve_triangular(mT(k, A), grad, upper=not self.upper, left=self.left, unitriangular=self.unit)
        dA = None
        if self.needs_input_grad[0]:
            dA = k.neg(k.matmul(dB, mT(k, X)) if self.left else k.matmul(mT(k, X), dB))
            dA = k.triu(dA, int(self.unit)) if self.upper else k.tril(dA, -int(self.unit))
        return dA, dB


def linalg_solve_triangular(A, B, *, upper, left=True, unitriangular=False):
    """X with A X = B (X A = B if not `left`) for A (..., n, n) of which only one triangle is read.

    A zero on the diagonal gives inf or nan; `unitriangular` takes the diagonal to be ones.

    >>> import minitorch as torch
    >>> torch.linalg.solve_triangular(torch.tensor([[2., 9.], [1., 1.]]), torch.tensor([[2.], [2.]]), upper=False)
    tensor([[1.],
            [1.]])
    """
    name = "linalg.solve_triangular"
    check_square(name, A)
    check_matrix(name, B, "B")
    _check_equation(name, A, B, left)
    check_implemented("triangular_solve_cpu", A)
    _same_dtype(name, A, B)
    return LinalgSolveTriangular.apply(A, B, upper=upper, left=left, unitriangular=unitriangular)


def triangular_solve(input, A, upper=True, transpose=False, unitriangular=False):
    """torch.triangular_solve, the older `torch.linalg.solve_triangular`: (X with A X = input, A)."""
    for x, what in ((input, "b"), (A, "A")):
        if x.array.ndim < 2:
            raise RuntimeError(f"torch.triangular_solve: Expected {what} to have at least 2 dimensions, but it has "
                               f"{x.array.ndim} dimensions instead")
    _check_square_factor(A)
    _check_sizes("triangular_solve", A, input)
    X = linalg_solve_triangular(A.mT if transpose else A, input, upper=upper is not transpose,
                                unitriangular=unitriangular)
    return return_types.triangular_solve(X, A.clone())


def _check_square_factor(A):
    n, m = A.array.shape[-2:]
    if n != m:
        raise RuntimeError(f"A must be batches of square matrices, but they are {n} by {m} matrices")


def _check_sizes(name, A, B):
    if A.array.shape[-1] != B.array.shape[-2]:
        (n, m), (rows, cols) = A.array.shape[-2:], B.array.shape[-2:]
        raise RuntimeError(f"Incompatible matrix sizes for {name}: each A matrix is {n} by {m} but each b matrix is "
                           f"{rows} by {cols}")


class CholeskySolve(Op):
    """(L L^T) X = B, or (U^T U) X = B if upper.   Saves: L, X.

    dL = (dA + dA^T) L with A = L L^T: as torch, for all of L, although forward reads one triangle.
    """

    def forward(self, B, L, upper):
        self.upper = upper
        X = self.k.cholesky_solve(B, L, upper)
        self.save(L, X)
        return X

    def backward(self, grad):
        L, X = self.saved
        k = self.k
        dB = k.cholesky_solve(grad, L, self.upper)
        dA = k.neg(k.matmul(dB, mT(k, X)))
        both = k.add(dA, mT(k, dA))
        return dB, k.matmul(L, both) if self.upper else k.matmul(both, L)


def cholesky_solve(input, L, upper=False):
    """X with (L L^T) X = input (..., n, j), or (U^T U) X = input if `upper`, from a Cholesky factor.

    >>> import minitorch as torch
    >>> torch.cholesky_solve(torch.tensor([[4.]]), torch.tensor([[2.]]))
    tensor([[1.]])
    """
    for x, what in ((input, "b"), (L, "u")):
        if x.array.ndim < 2:
            raise RuntimeError(f"{what} should have at least 2 dimensions, but has {x.array.ndim} dimensions instead")
    _check_square_factor(L)
    _check_sizes("cholesky_solve", L, input)
    check_implemented("cholesky_solve_cpu", L)
    _same_dtype("cholesky_solve", L, input)
    return CholeskySolve.apply(input, L, upper=upper)


def cholesky_inverse(L, upper=False):
    """(L L^T)^-1, or (U^T U)^-1 if `upper`, from a Cholesky factor. LinAlgError for a zero on the diagonal.

    >>> import minitorch as torch
    >>> torch.cholesky_inverse(torch.tensor([[2.]]))
    tensor([[0.2500]])
    """
    check_square("cholesky_inverse", L)
    check_implemented("cholesky_inverse_out_cpu", L)
    zero = compute("eq", diagonal(L, 0, -2, -1), 0)  # (..., n)
    first = compute("argmax", zero, dim=-1) + 1 if zero.array.shape[-1] else 0
    check_info("cholesky_inverse", compute("any", zero, dim=-1) * first, SINGULAR)
    n = L.array.shape[-1]
    return cholesky_solve(expand(tril(triu(full((n, n), 1, L.array.dtype))), L.array.shape), L, upper)


def linalg_lu_solve(LU, pivots, B, *, left=True, adjoint=False):
    """X with A X = B, or X A = B if not `left`, from `torch.linalg.lu_factor(A)`; `adjoint` means A^T instead of A.

    >>> import minitorch as torch
    >>> torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.tensor([[2.]])), torch.tensor([[4.]]))
    tensor([[2.]])
    """
    name = "torch.linalg.lu_solve"
    check_square(name, LU)
    check_float(name, LU) if not LU.dtype.is_floating_point else check_implemented("linalg.lu_solve_cpu", LU)
    check_matrix(name, B, "B")
    _same_dtype("linalg.lu_solve", LU, B)
    if pivots.array.shape[-1:] != LU.array.shape[-1:]:
        raise RuntimeError("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix")
    if pivots.array.shape != LU.array.shape[:-1]:
        raise RuntimeError("linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots "
                           f"with shape {list(pivots.array.shape)} instead")
    _check_equation("linalg.lu_solve", LU, B, left)
    if not left:  # X A = B is A^T X^T = B^T
        return linalg_lu_solve(LU, pivots, B.mT, adjoint=not adjoint).mT
    P, _, _ = lu_unpack(LU, pivots, unpack_data=False)
    if adjoint:  # U^T L^T P^T X = B
        Y = linalg_solve_triangular(LU.mT, B, upper=False)
        return matmul(P, linalg_solve_triangular(LU.mT, Y, upper=True, unitriangular=True))
    Y = linalg_solve_triangular(LU, matmul(P.mT, B), upper=False, unitriangular=True)  # P L U X = B
    return linalg_solve_triangular(LU, Y, upper=True)


def lu_solve(input, LU_data, LU_pivots):
    """torch.lu_solve, the older `torch.linalg.lu_solve`: X with A X = input."""
    return linalg_lu_solve(LU_data, LU_pivots, input)


def linalg_ldl_solve(LD, pivots, B, *, hermitian=False):
    """X with A X = B, from `torch.linalg.ldl_factor(A)`. Not differentiable.

    >>> import minitorch as torch
    >>> torch.linalg.ldl_solve(*torch.linalg.ldl_factor(torch.tensor([[2.]])), torch.tensor([[4.]]))
    tensor([[2.]])
    """
    check_square("torch.linalg.ldl_solve", LD)
    check_matrix("torch.linalg.ldl_solve", B, "B")
    if not LD.dtype.is_floating_point:
        check_float("torch.linalg.ldl_solve", LD)
    check_implemented("ldl_solve_kernel_cpu", LD)
    _same_dtype("torch.linalg.ldl_solve", LD, B)
    if pivots.array.shape != LD.array.shape[:-1]:
        raise RuntimeError("torch.linalg.ldl_solve: Expected LD.shape[:-1] and pivots.shape to be the same, but got "
                           f"pivots with shape {list(pivots.array.shape)} instead")
    _check_equation("torch.linalg.ldl_solve", LD, B, True)
    _check_ldl_pivots(pivots.array, LD.array.shape[-1])
    return compute("linalg_ldl_solve", LD, pivots, B)


def _check_ldl_pivots(pivots, n):
    """RuntimeError for pivots (..., n) that would lead LAPACK out of the matrix: negative ones come in pairs."""
    size, in_pair = abs(pivots), np.zeros(pivots.shape[:-1], bool)
    bad = (size < 1) | (size > n)
    for k in range(n):
        negative = pivots[..., k] < 0
        bad[..., k] |= in_pair & ~negative
        in_pair = negative & ~in_pair
    if bad.any() or in_pair.any():
        raise RuntimeError(f"Pivots given to ldl_solve must all satisfy |pivot| >= 1 and |pivot| <= LD.size(-2)={n}, "
                           "negative ones in pairs. Did you properly pass the result of ldl_factor?")


# ------------------------------------------------------------------------------------------------------ determinants


class LinalgDet(Op):
    """out = det A: slope det(A) A^-T.   Saves: A, out.

    Where A is singular that is the cofactor matrix U diag(product of the other singular values) Vh det(U) det(Vh).
    """

    def forward(self, A):
        out = self.k.linalg_det(A)
        self.save(A, out)
        return out

    def backward(self, grad):
        A, out = self.saved
        k, n = self.k, A.shape[-1]
        one = identity(k, n, A.dtype)
        singular = k.lt(k.abs(out), 100 * _eps(out))
        is_singular = column(k, column(k, singular))  # (...) -> (..., 1, 1)
        scaled = k.mul(column(k, column(k, k.mul(grad, out))), one)
        slope = k.linalg_solve_ex(mT(k, k.where(is_singular, one, A)), scaled)[0]
        if not k.any(singular):
            return slope
        U, S, Vh = k.linalg_svd(k.where(is_singular, A, one))
        others = k.prod(k.where(k.eq(one, 1), 1.0, row(k, S)), -1)  # (..., n, n) -> (..., n)
        scale = k.mul(grad, k.mul(k.linalg_det(U), k.linalg_det(Vh)))
        cofactors = k.matmul(k.mul(U, row(k, k.mul(column(k, scale), others))), Vh)
        return k.where(is_singular, cofactors, slope)


def _eps(x):
    """The resolution of the dtype of an array or a tensor."""
    return dtypes.finfo(dtypes.of_numpy(unwrap(x).dtype)).eps


def linalg_det(A):
    """The determinant of A (..., n, n).

    >>> import minitorch as torch
    >>> torch.linalg.det(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(-2.)
    """
    check_square("linalg.det", A)
    if not A.dtype.is_floating_point:
        check_float("linalg.det", A)
    check_implemented("lu_cpu", A)
    return LinalgDet.apply(A)


class LinalgSlogdet(Op):
    """(sign, log|det A|): the slope of the logarithm is A^-T.   Saves: A."""

    def forward(self, A):
        self.save(A)
        return self.k.linalg_slogdet(A)

    def backward(self, _sign, grad):
        (A,) = self.saved
        k = self.k
        scaled = k.mul(column(k, column(k, grad)), identity(k, A.shape[-1], A.dtype))  # (...) -> (..., n, n)
        return k.linalg_solve_ex(mT(k, A), scaled)[0]


def _slogdet(name, A):
    check_square(name, A)
    check_float(name, A)
    return LinalgSlogdet.apply(A)


def linalg_slogdet(A):
    """(sign, log|det A|) of A (..., n, n): (0, -inf) where A is singular.

    >>> import minitorch as torch
    >>> torch.linalg.slogdet(torch.tensor([[1., 0.], [0., -1.]]))
    torch.return_types.linalg_slogdet(
    sign=tensor(-1.),
    logabsdet=tensor(0.))
    """
    return return_types.linalg_slogdet(*_slogdet("linalg.slogdet", A))


def logdet(input):
    """log(det A); nan where the determinant is negative.

    >>> import minitorch as torch
    >>> torch.logdet(torch.eye(2))
    tensor(0.)
    """
    sign, logabsdet = _slogdet("logdet", input)
    return where(compute("eq", sign, -1), math.nan, logabsdet)


# ----------------------------------------------------------------------------------------------- pseudo-inverse, rank


class LinalgPinv(Op):
    """P = A^+, without the singular values up to a cutoff (Golub & Pereyra 1973).   Saves: A, P."""

    def forward(self, A, atol, rtol, hermitian):
        P = self.k.pseudo_inverse(A, atol, rtol, hermitian)
        self.save(A, P)
        return P

    def backward(self, grad):
        A, P = self.saved
        k = self.k
        Pt, gt = mT(k, P), mT(k, grad)
        outside = k.mul(k.matmul(Pt, k.matmul(grad, Pt)), -1)
        left = k.matmul(k.sub(gt, k.matmul(A, k.matmul(P, gt))), k.matmul(P, Pt))  # (1 - A P) dP^T P P^T
        right = k.matmul(k.matmul(Pt, P), k.sub(gt, k.matmul(k.matmul(gt, P), A)))  # P^T P dP^T (1 - P A)
        return k.add(outside, k.add(left, right))


def _tolerances(A, atol, rtol):
    """Both as numbers or arrays; rtol is by default eps * max(m, n), but 0 where there is an atol above 0."""
    atol = 0.0 if atol is None else unwrap(atol)
    if rtol is None:
        rtol = _eps(A) * max(A.array.shape[-2:]) * (atol <= 0)
    return atol, unwrap(rtol)


def pseudo_inverse(A, atol, rtol, hermitian=False):
    """The pseudo-inverse without the singular values up to max(atol, rtol * the largest)."""
    return LinalgPinv.apply(A, atol=atol, rtol=rtol, hermitian=hermitian)


def linalg_pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """The pseudo-inverse of A (..., m, n): (..., n, m).

    Singular values up to max(atol, rtol * the largest) count as 0; rtol is eps * max(m, n) by default, and `rcond` its
    older name. `hermitian` computes them from the eigenvalues.

    >>> import minitorch as torch
    >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    if A.array.ndim < 2 or not A.dtype.is_floating_point or A.array.dtype.name in LOW_PRECISION:
        raise RuntimeError(f"linalg.pinv({A.dtype.scalar_name}{{{list(A.array.shape)}}}): expected a tensor with 2 or "
                           "more dimensions of float, double, cfloat or cdouble types")
    if hermitian:
        check_square("linalg.eigh", A)
    check_finite("linalg.svd", A, NOT_FINITE)
    atol, rtol = _tolerances(A, atol, rtol if rcond is None else rcond)
    return pseudo_inverse(A, atol, rtol, hermitian)


def pinverse(input, rcond=1e-15):
    """torch.pinverse, the older `torch.linalg.pinv`."""
    return linalg_pinv(input, rtol=rcond)


def linalg_matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    """How many singular values (or |eigenvalues|, if `hermitian`) are above max(atol, rtol * the largest); `tol` is
    an absolute one. int64, of the batch's shape.

    >>> import minitorch as torch
    >>> torch.linalg.matrix_rank(torch.tensor([[1., 2.], [2., 4.]]))
    tensor(1)
    """
    check_matrix("torch.linalg.matrix_rank", A, "input")
    if A.array.dtype.name not in ("float32", "float64"):
        raise RuntimeError("This function doesn't handle types other than float and double")
    if tol is not None:
        atol, rtol = tol, 0.0
    atol, rtol = _tolerances(A, atol, rtol)
    S = compute("abs", linalg_eigvalsh(A)) if hermitian else linalg_svdvals(A).detach()  # (..., k)
    return sum(significant(S, atol, rtol), -1)


def significant(S, atol, rtol):
    """Which of the singular values (..., k) are above max(atol, rtol * the largest)."""
    return compute("significant", S, atol=atol, rtol=rtol)


DRIVERS = "gels", "gelsy", "gelsd", "gelss"


def linalg_lstsq(A, B, rcond=None, *, driver=None):
    """(solution, residuals, rank, singular_values) of the X that makes |A X - B| smallest, A (..., m, n).

    B (..., m, j) or (..., m). Of many, X is the smallest. residuals are the sums of squares where m > n and all ranks
    are n, for the drivers that compute them (all but "gelsy", the default); singular_values come with "gelsd" and
    "gelss", the rank with all but "gels". rcond (default eps * max(m, n)) decides what counts as 0.

    >>> import minitorch as torch
    >>> torch.linalg.lstsq(torch.tensor([[1.], [1.]]), torch.tensor([[1.], [3.]])).solution
    tensor([[2.0000]])
    """
    name = "torch.linalg.lstsq"
    if A.array.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if B.array.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if driver not in (None, *DRIVERS):
        raise RuntimeError(f"{name}: parameter `driver` should be one of ({', '.join(DRIVERS)})")
    if A.array.dtype.name not in ("float32", "float64"):
        raise RuntimeError("This function doesn't handle types other than float and double")
    is_vector = B.array.ndim == A.array.ndim - 1 and B.array.shape == A.array.shape[:-1]
    if is_vector:
        B = unsqueeze(B, -1)  # (..., m) -> (..., m, 1)
    m, n = A.array.shape[-2:]
    if B.array.shape[-2] != m:
        raise RuntimeError(f"{name}: input.size(-2) should match other.size({-1 if is_vector else -2})")
    _same_dtype(name, A, B)
    driver = driver or "gelsy"
    rcond = _eps(A) * max(m, n) if rcond is None else rcond
    X = matmul(linalg_pinv(A, rtol=rcond), B)  # (..., n, j)
    ranks = linalg_matrix_rank(A.detach(), rtol=rcond)
    residuals = narrow(reshape(X, (-1,)), 0, 0, 0)  # (..., n, j) -> (0)
    if driver != "gelsy" and m > n and bool((ranks == n).array.all()):
        error = sub(matmul(A, X), B)
        residuals = sum(mul(error, error), -2)  # (..., m, j) -> (..., j)
    singular = linalg_svdvals(A.detach()) if driver in ("gelsd", "gelss") else full((0,), 0, A.array.dtype)
    ranks = full((0,), 0, dtypes.int64.numpy) if driver == "gels" else ranks
    return return_types.linalg_lstsq(basic_index(X, (..., 0)) if is_vector else X, residuals, ranks, singular)


# ------------------------------------------------------------------------------------------------- powers, exponential


def linalg_matrix_power(A, n):
    """A (..., n, n) multiplied by itself n times, by squaring; the inverse's power for n < 0.

    >>> import minitorch as torch
    >>> torch.linalg.matrix_power(torch.tensor([[1., 1.], [0., 1.]]), 5)
    tensor([[1., 5.],
            [0., 1.]])
    """
    check_square("linalg.matrix_power", A)
    if not isinstance(n, int):
        raise TypeError(f"matrix_power(): argument 'n' (position 2) must be int, not {type(n).__name__}")
    if n < 0:
        A, n = linalg_inv(A), -n
    if n == 0:
        return attached(tril(triu(full(A.array.shape[-2:], 1, A.array.dtype))), A)
    power = None
    while True:
        if n % 2:
            power = A if power is None else matmul(power, A)
        n //= 2
        if n == 0:
            return clone(power) if power is A else power
        A = matmul(A, A)


class LinalgMatrixExp(Op):
    """out = exp(A).   Saves: A.

    The slope is a corner of a larger exponential (Mathias 1996): exp([[A^T, g], [0, A^T]]) = [[., dA], [0, .]].
    """

    def forward(self, A):
        self.save(A)
        return self.k.linalg_matrix_exp(A)

    def backward(self, grad):
        (A,) = self.saved
        k, n = self.k, A.shape[-1]
        At = mT(k, A)
        top = k.cat([At, grad], -1)  # (..., n, 2n)
        bottom = k.cat([k.full(A.shape, 0, A.dtype), At], -1)
        whole = k.linalg_matrix_exp(k.cat([top, bottom], -2))  # (..., 2n, 2n)
        return k.basic_index(whole, (..., slice(n), slice(n, 2 * n)))


def linalg_matrix_exp(input):
    """1 + A + A^2 / 2! + A^3 / 3! + ... of A (..., n, n).

    >>> import minitorch as torch
    >>> torch.linalg.matrix_exp(torch.tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    check_square("linalg.matrix_exp", input)
    if not input.dtype.is_floating_point:
        check_float("linalg.matrix_exp", input)
    return LinalgMatrixExp.apply(input)


# --------------------------------------------------------------------------------------------------------------- norms


def linalg_vector_norm(input, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum |x|^ord)^(1 / ord) of all elements, or along `dim`; ord may be inf, -inf and 0 (the count of non-zeros).

    >>> import minitorch as torch
    >>> torch.linalg.vector_norm(torch.tensor([[3., 4.], [0., 2.]]), dim=1)
    tensor([5., 2.])
    """
    if isinstance(ord, str):
        raise TypeError("linalg_vector_norm(): argument 'ord' must be Number, not str")
    return vector_norm(input, ord, dim, keepdim, dtype=dtype)


def linalg_matrix_norm(input, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The norm of the matrices in two dimensions: "fro" sqrt(sum x^2), "nuc" the sum of the singular values, 2 and -2
    the largest and smallest of them, 1 and -1 the largest and smallest sum |x| of a column, inf and -inf of a row.

    >>> import minitorch as torch
    >>> torch.linalg.matrix_norm(torch.tensor([[1., -2.], [3., 4.]]), 1)
    tensor(6.)
    """
    name = "linalg.matrix_norm"
    dim = (dim,) if isinstance(dim, int) else tuple(dim)
    if ord not in ("fro", "nuc") and (isinstance(ord, str) or math.fabs(ord) not in (1, 2, math.inf)):
        raise RuntimeError(f"{name}: Order {ord} not supported.")
    check_matrix(name, input)
    if not input.dtype.is_floating_point:
        check_float(name, input)
    if len(dim) != 2:
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    rows, cols = (normalize_dim(d, input.array.ndim) for d in dim)
    if rows == cols:
        raise RuntimeError(f"{name}: dims must be different. Got ({dim[0]}, {dim[1]})")
    if dtype is not None:
        input = cast(input, dtypes.to_numpy(dtype))
    if ord == "fro":
        return vector_norm(input, 2, (rows, cols), keepdim)
    if ord in ("nuc", 2, -2):
        check_float(name, input)
        S = linalg_svdvals(movedim(input, (rows, cols), (-2, -1)))  # (..., k)
        out = sum(S, -1) if ord == "nuc" else (amax if ord > 0 else amin)(S, -1)
    else:
        summed, other = (rows, cols) if math.fabs(ord) == 1 else (cols, rows)
        sums = vector_norm(input, 1, summed, True)  # the summed dimension is 1
        out = basic_index((amax if ord > 0 else amin)(movedim(sums, (summed, other), (-2, -1)), -1), (..., 0))
    if not keepdim:
        return out
    for d in sorted((rows, cols)):
        out = unsqueeze(out, d)
    return out


def linalg_norm(input, ord=None, dim=None, keepdim=False, *, dtype=None):
    """A vector norm, or, for two dimensions and a given `ord`, a matrix norm.

    >>> import minitorch as torch
    >>> torch.linalg.norm(torch.tensor([3., 4.]))
    tensor(5.)
    """
    ndim = input.array.ndim
    if not (dim is None or isinstance(dim, int)) and len(dim) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    if ord is None:
        return vector_norm(input, 2, dim, keepdim, dtype=dtype)
    if dim is None and ndim not in (1, 2):
        raise RuntimeError("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
                           f"{ndim}D.")
    count = ndim if dim is None else 1 if isinstance(dim, int) else len(dim)
    if isinstance(ord, str) or count == 2:
        if dim is None:
            dim = tuple(range(ndim))
        return linalg_matrix_norm(input, ord, dim, keepdim, dtype=dtype)
    return vector_norm(input, ord, dim, keepdim, dtype=dtype)


def linalg_cond(input, p=None):
    """The condition number norm(A) * norm(A^-1); for p = 2 (the default) and -2 a quotient of singular values.

    >>> import minitorch as torch
    >>> torch.linalg.cond(torch.tensor([[1., 0.], [0., 4.]]))
    tensor(4.)
    """
    if input.array.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p in (None, 2, -2):
        S = linalg_svdvals(input)  # (..., k), descending
        if S.array.shape[-1] == 0:
            return full(S.array.shape[:-1], 0, S.array.dtype)
        first, last = basic_index(S, (..., 0)), basic_index(S, (..., -1))
        return div(last, first) if p == -2 else div(first, last)
    if p not in ("fro", "nuc") and (isinstance(p, str) or math.fabs(p) not in (1, math.inf)):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    check_square(f"linalg.cond(ord={p})", input)
    inverse, info = linalg_inv_ex(input)
    out = mul(linalg_matrix_norm(input, p), linalg_matrix_norm(inverse, p))
    return where(compute("ne", info, 0), math.inf, out)


# ------------------------------------------------------------------------------------------------------------ products


def linalg_multi_dot(tensors):
    """The product of several matrices, in the order that costs least; the first and the last may be vectors.

    >>> import minitorch as torch
    >>> torch.linalg.multi_dot([torch.ones(2), torch.ones(2, 3), torch.ones(3)])
    tensor(6.)
    """
    count = len(tensors)
    if count < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {count}")
    for i, x in enumerate(tensors):
        allowed = "1D or 2D" if i in (0, count - 1) else "2D"
        if f"{x.array.ndim}D" not in allowed:
            which = {0: "the first tensor", count - 1: "the last tensor"}.get(i, f"tensor {i}")
            raise RuntimeError(f"multi_dot(): {which} must be {allowed} but got {x.array.ndim}D")
        if x.array.dtype != tensors[0].array.dtype:
            raise RuntimeError("multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                               f"{tensors[0].dtype.c_name} and tensor {i} {x.dtype.c_name}")
    first, *middle, last = tensors
    first_row, last_column = first.array.ndim == 1, last.array.ndim == 1
    matrices = [unsqueeze(first, 0) if first_row else first, *middle, unsqueeze(last, 1) if last_column else last]
    for i in range(count - 1):
        left, right = matrices[i].array.shape, matrices[i + 1].array.shape
        if left[1] != right[0]:
            raise RuntimeError(f"multi_dot(): tensors {i} and {i + 1} with shapes {list(left)} and {list(right)} "
                               "cannot be multiplied")
    out = _cheapest_product(matrices)
    return basic_index(out, ((0,) if first_row else (slice(None),)) + ((0,) if last_column else ()))


def _cheapest_product(matrices):
    """The matrix chain problem: split where the multiplications of both sides and of their product are fewest."""
    sizes = [x.array.shape[0] for x in matrices] + [matrices[-1].array.shape[1]]

    @functools.lru_cache(None)
    def cheapest(i, j):  # (multiplications, where to split) for matrices i, ..., j
        if i == j:
            return 0, None
        return min((cheapest(i, s)[0] + cheapest(s + 1, j)[0] + sizes[i] * sizes[s + 1] * sizes[j + 1], s)
                   for s in range(i, j))

    def product(i, j):
        split = cheapest(i, j)[1]
        return matrices[i] if split is None else mm(product(i, split), product(split + 1, j))

    return product(0, len(matrices) - 1)


def linalg_cross(input, other, *, dim=-1):
    """The vector product along `dim`, which has 3 elements: out_i = a_{i+1} b_{i+2} - a_{i+2} b_{i+1}, modulo 3.

    >>> import minitorch as torch
    >>> torch.linalg.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    if input.array.ndim != other.array.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    if input.array.ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    dim = normalize_dim(dim, input.array.ndim)
    m, n = input.array.shape[dim], other.array.shape[dim]
    if (m, n) != (3, 3):
        from_end = dim - input.array.ndim if dim == input.array.ndim - 1 else dim
        raise RuntimeError(f"linalg.cross: inputs dimension {from_end} must have length 3. Got {m} and {n}")
    if input.array.dtype != other.array.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {other.dtype.scalar_name}")
    a1, a2, b1, b2 = (roll(x, -i, dim) for x in (input, other) for i in (1, 2))
    return named(sub(mul(a1, b2), mul(a2, b1)), "LinalgCrossBackward0")


def cross(input, other, dim=None):
    """torch.linalg.cross along the first dimension that has 3 elements, if `dim` is not given."""
    if dim is None:
        threes = [d for d, n in enumerate(input.array.shape) if n == 3]
        if not threes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = threes[0]
    return linalg_cross(input, other, dim=dim)


def linalg_vecdot(x, y, *, dim=-1):
    """The inner products of the vectors along `dim`: sum x * y.

    >>> import minitorch as torch
    >>> torch.linalg.vecdot(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    if not x.dtype.is_floating_point:
        check_float("linalg.vecdot", x)
    _same_dtype("linalg.vecdot", x, y, "xy")
    return sum(mul(x, y), dim)


def vdot(input, other):
    """torch.dot, for real numbers."""
    return dot(input, other)


def linalg_vander(x, *, N=None):
    """The powers x^0, x^1, ..., x^(N-1) in columns, (..., n) -> (..., n, N); N is n by default.

    >>> import minitorch as torch
    >>> torch.linalg.vander(torch.tensor([2, 3]), N=3)
    tensor([[1, 2, 4],
            [1, 3, 9]])
    """
    if N is None:
        N = x.array.shape[-1] if x.array.ndim else 1
    if N <= 1:
        raise RuntimeError("N must be greater than 1.")
    *shape, n = x.array.shape or (1,)
    powers = cumprod(expand(unsqueeze(x, -1), (*shape, n, N - 1)), -1)  # (..., n) -> (..., n, N - 1)
    return cat([full((*shape, n, 1), 1, powers.array.dtype), powers], -1)


def vander(x, N=None, increasing=False):
    """The powers of a vector in columns, the highest first unless `increasing`: (n) -> (n, N); N is n by default.

    >>> import minitorch as torch
    >>> torch.vander(torch.tensor([2, 3]), N=3)
    tensor([[4, 2, 1],
            [9, 3, 1]])
    """
    if x.array.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    N = x.array.shape[0] if N is None else N
    if N < 0:
        raise RuntimeError("N must be non-negative.")
    powers = narrow(linalg_vander(x, N=max(N, 2)), -1, 0, N)
    return powers if increasing else flip(powers, (1,))


def linalg_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """torch.diagonal of the last two dimensions."""
    return diagonal(A, offset, dim1, dim2)


def linalg_tensorinv(A, ind=2):
    """The inverse of A as a map from its last dimensions to its first `ind`: shape[ind:] + shape[:ind].

    >>> import minitorch as torch
    >>> torch.linalg.tensorinv(torch.eye(6).reshape(6, 2, 3), ind=1).shape
    torch.Size([2, 3, 6])
    """
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = A.array.shape
    left, right = math.prod(shape[:ind]), math.prod(shape[ind:])
    if left != right:
        raise RuntimeError("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), "
                           f"but got {right} != {left}")
    return reshape(linalg_inv(reshape(A, (left, right))), shape[ind:] + shape[:ind])


def linalg_tensorsolve(A, B, dims=None):
    """X with tensordot(A, X) = B, B having the first dimensions of A; `dims` of A are moved to its end before.

    >>> import minitorch as torch
    >>> torch.linalg.tensorsolve(torch.eye(6).reshape(2, 3, 6), torch.ones(2, 3)).shape
    torch.Size([6])
    """
    if dims is not None:
        A = movedim(A, dims, tuple(range(-len(dims), 0)))
    shape, ndim = A.array.shape, B.array.ndim
    left, right = math.prod(shape[:ndim]), math.prod(shape[ndim:])
    if left != right:
        raise RuntimeError("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
                           f"prod(self.shape[:other.ndim]), but got {right} != {left}")
    return reshape(linalg_solve(reshape(A, (left, right)), reshape(B, (left,))), shape[ndim:])


def kron(input, other):
    """The Kronecker product: every element of `input` times the whole of `other`, in blocks.

    >>> import minitorch as torch
    >>> torch.kron(torch.tensor([1, 10]), torch.tensor([1, 2]))
    tensor([ 1,  2, 10, 20])
    """
    check_tensors("kron", input=input, other=other)
    ndim = max(input.array.ndim, other.array.ndim)
    a, b = ((1,) * (ndim - x.array.ndim) + x.array.shape for x in (input, other))
    blocks = mul(reshape(input, [n for size in a for n in (size, 1)]),  # (a, 1, a', 1, ...)
                 reshape(other, [n for size in b for n in (1, size)]))  # (1, b, 1, b', ...)
    return reshape(blocks, [m * n for m, n in zip(a, b)])  # (a, b, a', b', ...) -> (a b, a' b', ...)


def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """beta * input + alpha * outer(vec1, vec2).

    >>> import minitorch as torch
    >>> torch.addr(torch.zeros(2, 2), torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    for i, vec in enumerate((vec1, vec2), 1):
        if vec.array.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument vec{i}, but got {vec.array.ndim}-D")
    check_expands(input, vec1.array.shape + vec2.array.shape)
    out = plus(outer(vec1, vec2), alpha, input, beta)
    is_bool = input.array.dtype.kind == vec1.array.dtype.kind == vec2.array.dtype.kind == "b"
    return cast(out, input.array.dtype) if is_bool else out


def addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * the sum of the products of a batch: (b, i, k) @ (b, k, j) -> (i, j).

    >>> import minitorch as torch
    >>> torch.addbmm(torch.zeros(1, 1), torch.ones(5, 1, 2), torch.ones(5, 2, 1))
    tensor([[10.]])
    """
    product = sum(bmm(batch1, batch2), 0)  # (b, i, j) -> (i, j)
    check_expands(input, product.array.shape)
    return plus(product, alpha, input, beta)
