"""torch.linalg: linear algebra on matrices in the last two dimensions, in batches. It lists names; the code is in
ops/linalg.py and ops/factor.py.

>>> import minitorch as torch
>>> A = torch.tensor([[4., 2.], [2., 3.]])
>>> torch.linalg.solve(A, torch.tensor([8., 8.])), torch.linalg.det(A), torch.linalg.eigvalsh(A).sum()
(tensor([1., 2.]), tensor(8.), tensor(7.))
"""
from .ops._matrix import LinAlgError  # noqa: F401
from .ops.factor import (  # noqa: F401
    linalg_cholesky as cholesky, linalg_cholesky_ex as cholesky_ex, linalg_eigh as eigh, linalg_eigvalsh as eigvalsh,
    linalg_householder_product as householder_product, linalg_ldl_factor as ldl_factor,
    linalg_ldl_factor_ex as ldl_factor_ex, linalg_lu as lu, linalg_lu_factor as lu_factor,
    linalg_lu_factor_ex as lu_factor_ex, linalg_qr as qr, linalg_svd as svd, linalg_svdvals as svdvals)
from .ops.linalg import (  # noqa: F401
    linalg_cond as cond, linalg_cross as cross, linalg_det as det, linalg_diagonal as diagonal, linalg_inv as inv,
    linalg_inv_ex as inv_ex, linalg_ldl_solve as ldl_solve, linalg_lstsq as lstsq, linalg_lu_solve as lu_solve,
    linalg_matrix_exp as matrix_exp, linalg_matrix_norm as matrix_norm, linalg_matrix_power as matrix_power,
    linalg_matrix_rank as matrix_rank, linalg_multi_dot as multi_dot, linalg_norm as norm, linalg_pinv as pinv,
    linalg_slogdet as slogdet, linalg_solve as solve, linalg_solve_ex as solve_ex,
    linalg_solve_triangular as solve_triangular, linalg_tensorinv as tensorinv, linalg_tensorsolve as tensorsolve,
    linalg_vander as vander, linalg_vecdot as vecdot, linalg_vector_norm as vector_norm)
from .ops.matmul import matmul  # noqa: F401
from .ops.out import give_out


def eig(A):
    """NotImplementedError: the eigenvalues of a matrix that is not symmetric are complex."""
    raise NotImplementedError("linalg.eig: the result is complex, and minitorch has no complex numbers; linalg.eigh "
                              "takes symmetric matrices")


def eigvals(A):
    """NotImplementedError: the eigenvalues of a matrix that is not symmetric are complex."""
    raise NotImplementedError("linalg.eigvals: the result is complex, and minitorch has no complex numbers; "
                              "linalg.eigvalsh takes symmetric matrices")


give_out(globals())
