"""Matrix factorisations and their gradients.

The gradients are those of Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), and of Townsend, "Differentiating the singular value decomposition" (2016). In all of them a
factor is moved in the directions that keep its form: triangular factors by triangles, orthogonal ones by X - X^T.

m, n are the rows and columns of A (..., m, n), and k = min(m, n).
"""
from .. import return_types
from ..engine import Op, compute, named
from ._matrix import (
    attached, check_finite, check_float, check_implemented, check_info, check_matrix, check_square, column, columns,
    identity, mT, row, rows)
from .elementwise import add, full, mul, sub
from .matmul import matmul
from .shape import narrow, transpose, tril, triu, unsqueeze

# ---------------------------------------------------------------------------------------------------------- Cholesky


class LinalgCholeskyEx(Op):
    """A = L L^T, or U^T U if upper.   Saves: L.

    dA = L^-T (P + P^T) L^-1 / 2, where P is the lower triangle of L^T dL with half its diagonal.
    """

    def forward(self, A, upper):
        self.upper = upper
        L, info = self.k.linalg_cholesky_ex(A, upper)
        self.save(L)
        return L, info

    def backward(self, grad, _info):
        (L,) = self.saved
        k = self.k
        if self.upper:
            L, grad = mT(k, L), mT(k, grad)
        P = k.tril(k.matmul(mT(k, L), grad))
        both = k.add(P, mT(k, k.tril(P, -1)))
        inner = k.linalg_solve_triangular(mT(k, L), both, upper=True)
        return k.mul(k.linalg_solve_triangular(L, inner, upper=False, left=False), 0.5)


NOT_POSITIVE = ("The factorization could not be completed because the input is not positive-definite (the leading "
                "minor of order {info} is not positive-definite).")


def linalg_cholesky_ex(input, *, upper=False, check_errors=False):
    """(L, info) with L L^T = input; info (int32) is 0, or the order of the first minor that is not positive-definite.

    Only the lower triangle (the upper one, if `upper`: then U^T U = input) is read.
    """
    check_square("linalg.cholesky", input)
    if not input.dtype.is_floating_point:
        check_float("linalg.cholesky", input)
    check_implemented("cholesky_cpu", input)
    L, info = LinalgCholeskyEx.apply(input, upper=upper)
    if check_errors:
        check_info("linalg.cholesky_ex", info, NOT_POSITIVE)
    return return_types.linalg_cholesky_ex(L, info)


def linalg_cholesky(input, *, upper=False):
    """The lower triangular L with L L^T = input (..., n, n), or the upper triangular U with U^T U = input.

    LinAlgError unless the input is positive-definite.

    >>> import minitorch as torch
    >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    L, info = linalg_cholesky_ex(input, upper=upper)
    check_info("linalg.cholesky", info, NOT_POSITIVE)
    return L


def cholesky(input, upper=False):
    """torch.cholesky, the older name of `torch.linalg.cholesky`."""
    check_square("cholesky", input)
    check_implemented("cholesky_cpu", input)
    L, info = LinalgCholeskyEx.apply(input, upper=upper)
    check_info("cholesky", info, NOT_POSITIVE)
    return named(L, "CholeskyBackward0")


# ---------------------------------------------------------------------------------------------------------------- LU


class LinalgLuFactorEx(Op):
    """A = P L U, with L and U packed in one matrix.   Saves: LU, P.

    For square matrices dA = P L^-T (tril(L^T dL, -1) + triu(dU U^T)) U^-T. What a wide matrix has on the right of its
    square, U2 = L^-1 A2, and a tall one has below it, L2 = A2 U^-1, moves L or U too.
    """

    def forward(self, A):
        LU, pivots, info = self.k.linalg_lu_factor_ex(A)
        P = self.k.permutation_matrix(pivots, A.shape[-2], A.dtype) if self.needs_input_grad[0] else None
        self.save(LU, P)
        return LU, pivots, info

    def backward(self, grad, _pivots, _info):
        LU, P = self.saved
        k = self.k
        m, n = LU.shape[-2:]
        size = min(m, n)
        (square, U2, L2), (d_square, dU2, dL2) = self.blocks(LU, size), self.blocks(grad, size)
        L, U = k.add(k.tril(square, -1), identity(k, size, LU.dtype)), k.triu(square)
        inner_L = k.sub(k.matmul(mT(k, L), k.tril(d_square, -1)), k.matmul(dU2, mT(k, U2)))
        inner_U = k.sub(k.matmul(k.triu(d_square), mT(k, U)), k.matmul(mT(k, L2), dL2))
        inner = k.add(k.tril(inner_L, -1), k.triu(inner_U))
        left = k.linalg_solve_triangular(mT(k, U), k.cat([inner, dL2], -2), upper=False, left=False)  # (..., m, size)
        top = k.cat([rows(k, left, 0, size), dU2], -1)  # (..., size, n)
        top = k.linalg_solve_triangular(mT(k, L), top, upper=True, unitriangular=True)
        return k.matmul(P, top if m <= n else k.cat([top, rows(k, left, size, m)], -2))

    def blocks(self, x, size):
        """The square (..., size, size) of x (..., m, n), what is on its right, and what is below: one of them empty."""
        top = rows(self.k, x, 0, size)
        return (columns(self.k, top, 0, size), columns(self.k, top, size, x.shape[-1]),
                columns(self.k, rows(self.k, x, size, x.shape[-2]), 0, size))


ZERO_PIVOT = ("U[{info},{info}] is zero and using it on lu_solve would result in a division by zero. If you still want "
              "to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)")


def linalg_lu_factor_ex(A, *, pivot=True, check_errors=False):
    """(LU, pivots, info): L (with ones on its diagonal) and U packed in one matrix; pivots count rows from 1."""
    return _lu_factor_ex("torch.linalg.lu_factor_ex", A, pivot, check_errors)


def _lu_factor_ex(name, A, pivot, check_errors):
    if A.array.ndim < 2:
        raise RuntimeError(f"{'linalg.lu' if name == 'linalg.lu' else 'torch.lu_factor'}: Expected tensor with 2 or "
                           f"more dimensions. Got size: {list(A.array.shape)} instead")
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    check_implemented("lu_cpu", A)
    LU, pivots, info = LinalgLuFactorEx.apply(A)
    if check_errors:
        check_info(name, info, ZERO_PIVOT, RuntimeError)
    return return_types.linalg_lu_factor_ex(LU, pivots, info)


def linalg_lu_factor(A, *, pivot=True):
    """(LU, pivots) of A (..., m, n): what `torch.linalg.lu_solve` takes. RuntimeError if U is singular.

    >>> import minitorch as torch
    >>> torch.linalg.lu_factor(torch.tensor([[1., 2.], [2., 2.]])).pivots
    tensor([2, 2], dtype=torch.int32)
    """
    return return_types.linalg_lu_factor(*_lu_factor_ex("torch.linalg.lu_factor", A, pivot, True)[:2])


def linalg_lu(A, *, pivot=True):
    """(P, L, U) with P @ L @ U = A: a permutation (..., m, m), (..., m, k) and (..., k, n).

    >>> import minitorch as torch
    >>> torch.linalg.lu(torch.tensor([[1., 2.], [2., 2.]])).L
    tensor([[1.0000, 0.0000],
            [0.5000, 1.0000]])
    """
    LU, pivots, _ = _lu_factor_ex("linalg.lu", A, pivot, False)
    return return_types.linalg_lu(*lu_unpack(LU, pivots))


def lu(A, pivot=True, get_infos=False):
    """torch.lu, the older name of `torch.linalg.lu_factor_ex`: (LU, pivots), and info if asked for."""
    LU, pivots, info = _lu_factor_ex("lu", A, pivot, False)
    return (LU, pivots, info) if get_infos else (LU, pivots)


def permutation_matrix(pivots, n, dtype):
    """P (..., n, n) of A = P L U from LAPACK's pivots (..., k)."""
    return compute("permutation_matrix", pivots, n=n, dtype=dtype)


def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    """(P, L, U) from what `lu_factor` returns; empty tensors for what is not unpacked.

    >>> import minitorch as torch
    >>> torch.lu_unpack(torch.tensor([[2., 4.], [3., 5.]]), torch.tensor([1, 2], dtype=torch.int32)).U
    tensor([[2., 4.],
            [0., 5.]])
    """
    if LU_pivots.array.dtype.name != "int32":
        raise RuntimeError("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype."
                           "\nNote: this function is intended to be used with the output produced by "
                           "torch.linalg.lu_factor")
    m, n = LU_data.array.shape[-2:]
    size, dtype = min(m, n), LU_data.array.dtype
    P = L = U = full((0,), 0, dtype)
    if unpack_pivots:
        pivots = narrow(LU_pivots, -1, 0, min(size, LU_pivots.array.shape[-1]))
        if ((pivots.array < 1) | (pivots.array > m)).any():
            raise RuntimeError(f"pivots passed to lu_unpack must be between 1 and LU.size(-2)={m} inclusive. Did you "
                               "properly pass the result of lu_factor?")
        P = permutation_matrix(pivots, m, dtype)
    if unpack_data:
        one = tril(triu(full((m, size), 1, dtype)))  # (m, k)
        L = add(tril(narrow(LU_data, -1, 0, size), -1), one)  # (..., m, n) -> (..., m, k)
        U = triu(narrow(LU_data, -2, 0, size))  # (..., m, n) -> (..., k, n)
    return return_types.lu_unpack(P, L, U)


def linalg_ldl_factor_ex(input, *, hermitian=False, check_errors=False):
    """(LD, pivots, info) of a symmetric matrix, of which the lower triangle is read. Not differentiable."""
    name = "torch.linalg.ldl_factor_ex"
    check_square(name, input)
    if not input.dtype.is_floating_point:
        check_float(name, input)
    check_implemented("ldl_factor_kernel_cpu", input)
    LD, pivots, info = compute("linalg_ldl_factor_ex", input)
    if check_errors:
        check_info(name, info, "Unknown error code: {info}.")
    return return_types.linalg_ldl_factor_ex(LD, pivots, info)


def linalg_ldl_factor(input, *, hermitian=False):
    """(LD, pivots) with L D L^T = input, a symmetric matrix that need not be positive-definite. Not differentiable.

    >>> import minitorch as torch
    >>> torch.linalg.ldl_factor(torch.tensor([[2., 1.], [1., 3.]])).LD
    tensor([[2.0000, 0.0000],
            [0.5000, 2.5000]])
    """
    LD, pivots, info = linalg_ldl_factor_ex(input, hermitian=hermitian)
    check_info("torch.linalg.ldl_factor", info, "Unknown error code: {info}.")
    return return_types.linalg_ldl_factor(LD, pivots)


# ---------------------------------------------------------------------------------------------------------------- QR


class LinalgQr(Op):
    """A = Q R.   Saves: Q, R.

    dA = (dQ + Q M) R^-T, where M is symmetric, with the upper triangle of dR R^T - Q^T dQ. In a wide matrix R = [R1 R2]
    and A = [A1 A2]: A1 = Q R1 is a square case, and R2 = Q^T A2.
    """

    def forward(self, A, mode):
        self.mode = mode
        Q, R = self.k.linalg_qr(A, "reduced" if mode == "r" else mode)
        if mode == "r":
            return self.k.full((0,), 0, A.dtype), R
        self.save(Q, R)
        return Q, R

    def backward(self, dQ, dR):
        if self.mode == "r":
            raise RuntimeError("The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please "
                               "use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.")
        Q, R = self.saved
        k = self.k
        m, n = Q.shape[-2], R.shape[-1]
        if self.mode == "complete" and m > n:
            raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.")
        if m >= n:
            return self.square(Q, R, dQ, dR)
        R1, R2, dR1, dR2 = (columns(k, x, *span) for x in (R, dR) for span in ((0, m), (m, n)))
        dQ = k.add(dQ, k.matmul(Q, k.matmul(R2, mT(k, dR2))))
        return k.cat([self.square(Q, R1, dQ, dR1), k.matmul(Q, dR2)], -1)

    def square(self, Q, R, dQ, dR):
        k = self.k
        M = k.triu(k.sub(k.matmul(dR, mT(k, R)), k.matmul(mT(k, Q), dQ)))
        M = k.add(M, mT(k, k.triu(M, 1)))
        return k.linalg_solve_triangular(mT(k, R), k.add(dQ, k.matmul(Q, M)), upper=False, left=False)


def linalg_qr(A, mode="reduced"):
    """(Q, R) with Q @ R = A (..., m, n), Q^T Q = 1 and R upper triangular. Not unique: the signs are LAPACK's.

    mode "reduced": (..., m, k), (..., k, n); "complete": (..., m, m), (..., m, n); "r": an empty Q and the reduced R.

    >>> import minitorch as torch
    >>> torch.linalg.qr(torch.tensor([[3., 1.], [4., 2.]])).R
    tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    """
    check_matrix("linalg.qr", A)
    if not A.dtype.is_floating_point:
        check_float("linalg.qr", A)
    check_implemented("geqrf_cpu", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
                           "'complete'")
    return return_types.linalg_qr(*LinalgQr.apply(A, mode=mode))


def qr(input, some=True):
    """torch.qr, the older `torch.linalg.qr`: reduced if `some`, else complete."""
    return return_types.qr(*linalg_qr(input, "reduced" if some else "complete"))


class Geqrf(Op):
    """The packed QR factorisation has no gradient in torch."""

    def forward(self, A):
        return self.k.geqrf(A)

    def backward(self, _packed, _tau):
        raise NotImplementedError("the derivative for 'geqrf' is not implemented.")


def geqrf(input):
    """(a, tau): R in the upper triangle of a (..., m, n), the Householder vectors of Q below it, their scales tau.

    >>> import minitorch as torch
    >>> torch.geqrf(torch.tensor([[3.], [4.]])).tau
    tensor([1.6000])
    """
    if input.array.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    check_implemented("geqrf_cpu", input)
    return return_types.geqrf(*Geqrf.apply(input))


def linalg_householder_product(input, tau):
    """The first n columns of H_1 H_2 ... H_k, where H_i = 1 - tau_i v_i v_i^T reflects, and v_i is column i of the
    input (..., m, n) below the diagonal, with a 1 on it: the Q of what `geqrf` returns. tau (..., k).

    >>> import minitorch as torch
    >>> torch.linalg.householder_product(*torch.geqrf(torch.tensor([[3.], [4.]])))
    tensor([[-0.6000],
            [-0.8000]])
    """
    name = "torch.linalg.householder_product"
    _check_reflectors(name, input, tau)
    m, n = input.array.shape[-2:]
    if m < n:
        raise RuntimeError(f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if n < tau.array.shape[-1]:
        raise RuntimeError(f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    one = tril(triu(full((m, n), 1, input.array.dtype)))
    return _reflect(input, tau, attached(one, input))


def _check_reflectors(name, input, tau):
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if tau.array.ndim != len(shape) - 1:
        raise RuntimeError(f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to "
                           f"{tau.array.ndim} and input.ndim is equal to {len(shape)}")
    if tau.array.shape[:-1] != shape[:-2]:
        raise RuntimeError(f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
                           f"{list(tau.array.shape[:-1])}")
    if tau.array.dtype != input.array.dtype:
        raise RuntimeError(f"{name}: tau dtype {tau.dtype.scalar_name} does not match input dtype "
                           f"{input.dtype.scalar_name}")


def _reflect(input, tau, C, transpose_Q=False):
    """H_1 ... H_k C for C (..., m, j), or H_k ... H_1 C, the product with the transpose."""
    steps = range(tau.array.shape[-1])
    for i in steps if transpose_Q else reversed(steps):
        below = narrow(input, -1, i, 1)  # (..., m, 1)
        unit = full(below.array.shape[-2:], 0, below.array.dtype)
        unit.array[i] = 1
        v = add(tril(below, -i - 1), unit)
        scale = unsqueeze(narrow(tau, -1, i, 1), -1)  # (..., k) -> (..., 1, 1)
        C = sub(C, matmul(mul(v, scale), matmul(transpose(v, -2, -1), C)))
    return C


def orgqr(input, tau):
    """torch.orgqr, the older name of `torch.linalg.householder_product`."""
    return linalg_householder_product(input, tau)


def ormqr(input, tau, other, left=True, transpose=False):
    """Q @ other, for the square Q that `geqrf` packs into (input, tau); other @ Q if not `left`; Q^T if `transpose`.

    >>> import minitorch as torch
    >>> torch.ormqr(*torch.geqrf(torch.tensor([[3.], [4.]])), torch.tensor([[3.], [4.]]), transpose=True)
    tensor([[-5.],
            [ 0.]])
    """
    _check_reflectors("torch.ormqr", input, tau)
    if other.array.ndim < 2:
        raise RuntimeError("torch.ormqr: other must have at least 2 dimensions.")
    side = -2 if left else -1
    if tau.array.shape[-1] != min(other.array.shape[side], input.array.shape[-1]):
        raise RuntimeError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])")
    if other.array.shape[side] != input.array.shape[-2]:
        raise RuntimeError(f"torch.ormqr: other.shape[{side}] must be equal to input.shape[-2]")
    if left:
        return _reflect(input, tau, other, transpose)
    C = other.mT  # C Q = (Q^T C^T)^T
    return _reflect(input, tau, C, not transpose).mT


# --------------------------------------------------------------------------------------------------- eigh and the SVD


class LinalgEigh(Op):
    """A = V diag(w) V^T for a symmetric A.   Saves: w, V.

    dA = V (diag(dw) + (X - X^T) / 2 / E) V^T with X = V^T dV and E_ij = w_j - w_i: vectors of equal eigenvalues have no
    gradient (the division makes it inf or nan).
    """

    def forward(self, A, UPLO):
        w, V = self.k.linalg_eigh(A, UPLO)
        self.save(w, V)
        return w, V

    def run(self, grads):
        self.only_values = grads[1] is None
        return super().run(grads)

    def backward(self, dw, dV):
        w, V = self.saved
        k = self.k
        if self.only_values:
            return k.matmul(k.mul(V, row(k, dw)), mT(k, V))
        X = k.matmul(mT(k, V), dV)
        one = identity(k, w.shape[-1], w.dtype)
        E = k.add(k.sub(row(k, w), column(k, w)), one)
        inner = k.add(k.div(k.mul(k.sub(X, mT(k, X)), 0.5), E), k.mul(one, row(k, dw)))
        return k.matmul(V, k.matmul(inner, mT(k, V)))


def linalg_eigh(input, UPLO="L"):
    """(eigenvalues (..., n), ascending, and eigenvectors, the columns of (..., n, n)) of a symmetric matrix.

    Only the lower triangle is read, or the upper one for UPLO="U". The signs of the vectors are LAPACK's.

    >>> import minitorch as torch
    >>> torch.linalg.eigh(torch.tensor([[2., 1.], [1., 2.]])).eigenvalues
    tensor([1., 3.])
    """
    check_square("linalg.eigh", input)
    check_implemented("linalg_eigh_cpu", input)
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    check_finite("linalg.eigh", input, "The algorithm failed to converge because the input matrix is ill-conditioned "
                 "or has too many repeated eigenvalues (error code: {info}).")
    return return_types.linalg_eigh(*LinalgEigh.apply(input, UPLO=UPLO.upper()))


def linalg_eigvalsh(input, UPLO="L"):
    """The eigenvalues of a symmetric matrix, ascending.

    >>> import minitorch as torch
    >>> torch.linalg.eigvalsh(torch.tensor([[2., 1.], [1., 2.]]))
    tensor([1., 3.])
    """
    return linalg_eigh(input, UPLO).eigenvalues


NOT_FINITE = "The algorithm failed to converge because the input matrix contained non-finite values."


class LinalgSvd(Op):
    """A = U diag(S) Vh.   Saves: U, S, Vh, the first k columns and rows of them.

    With X = U^T dU - dU^T U, Y = V^T dV - dV^T V and E_ij = S_j^2 - S_i^2,
    dA = U ((X S + S Y) / E + diag(dS)) Vh, and what leaves the space of U, (1 - U U^T) dU / S Vh, and that of V.
    """

    def forward(self, A, full_matrices):
        U, S, Vh = self.k.linalg_svd(A, full_matrices)
        self.save(U, S, Vh)
        return U, S, Vh

    def run(self, grads):
        self.only_values = grads[0] is None and grads[2] is None
        return super().run(grads)

    def backward(self, dU, dS, dVh):
        U, S, Vh = self.saved
        k = self.k
        m, n, size = U.shape[-2], Vh.shape[-1], S.shape[-1]
        U, dU = columns(k, U, 0, size), columns(k, dU, 0, size)
        Vh, dVh = rows(k, Vh, 0, size), rows(k, dVh, 0, size)
        if self.only_values:
            return k.matmul(k.mul(U, row(k, dS)), Vh)
        UtdU, VtdV = k.matmul(mT(k, U), dU), k.matmul(Vh, mT(k, dVh))
        X, Y = k.sub(UtdU, mT(k, UtdU)), k.sub(VtdV, mT(k, VtdV))
        one = identity(k, size, S.dtype)
        along, down = row(k, S), column(k, S)
        E = k.add(k.mul(k.sub(along, down), k.add(along, down)), one)
        inner = k.add(k.div(k.add(k.mul(X, along), k.mul(down, Y)), E), k.mul(one, row(k, dS)))
        dA = k.matmul(U, k.matmul(inner, Vh))
        if m > size:
            dA = k.add(dA, k.matmul(k.div(k.sub(dU, k.matmul(U, UtdU)), along), Vh))
        if n > size:
            dA = k.add(dA, k.matmul(U, k.div(k.sub(dVh, k.matmul(mT(k, VtdV), Vh)), down)))
        return dA


def linalg_svd(A, full_matrices=True, *, driver=None):
    """(U, S, Vh) with U @ diag(S) @ Vh = A (..., m, n): orthogonal, descending, orthogonal.

    Shapes (..., m, m), (..., k), (..., n, n), or (..., m, k), (..., k), (..., k, n) without full matrices. The vectors'
    signs are LAPACK's, so only what does not depend on them has a meaningful gradient.

    >>> import minitorch as torch
    >>> torch.linalg.svd(torch.tensor([[3., 0.], [0., -4.]])).S
    tensor([4., 3.])
    """
    check_matrix("linalg.svd", A)
    if not A.dtype.is_floating_point:
        check_float("linalg.svd", A)
    check_implemented("linalg_svd_cpu", A)
    if driver is not None:
        raise RuntimeError("torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with "
                           "cuSOLVER backend.")
    check_finite("linalg.svd", A, NOT_FINITE)
    return return_types.linalg_svd(*LinalgSvd.apply(A, full_matrices=full_matrices))


def linalg_svdvals(A, *, driver=None):
    """The singular values of A (..., m, n), descending: (..., k).

    >>> import minitorch as torch
    >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., -4.]]))
    tensor([4., 3.])
    """
    return linalg_svd(A, False, driver=driver).S


def svd(input, some=True, compute_uv=True):
    """torch.svd, the older `torch.linalg.svd`: (U, S, V), V not transposed; zeros for U and V unless `compute_uv`."""
    if compute_uv:
        U, S, Vh = linalg_svd(input, not some)
        return return_types.svd(U, S, Vh.mT)
    *batch, m, n = input.array.shape
    zeros = [full((*batch, size, size), 0, input.array.dtype) for size in (m, n)]
    return return_types.svd(zeros[0], linalg_svdvals(input), zeros[1])
