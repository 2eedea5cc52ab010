"""Matrix factorisations against PyTorch: what its database of operators does not ask."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

A = [[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]]
NAN = float("nan")

REFUSED = [
    (lambda T: T.linalg.cholesky(T.zeros(3)), "linalg.cholesky: The input tensor A must have at least 2 dimensions"),
    (lambda T: T.linalg.eigh(T.zeros(2, 3)), "linalg.eigh: A must be batches of square matrices, but they are 2 by 3"),
    (lambda T: T.linalg.qr(T.ones(2, 2, dtype=T.int64)), "linalg.qr: Expected a floating point or complex tensor"),
    (lambda T: T.linalg.svd(T.ones(2, 2).half()), "\"linalg_svd_cpu\" not implemented for 'Half'"),
    (lambda T: T.linalg.cholesky(T.zeros(2, 2)), r"leading minor of order 1 is not positive-definite"),
    (lambda T: T.linalg.cholesky(T.stack([T.eye(2), -T.eye(2)])), r"linalg.cholesky: \(Batch element 1\): The fact"),
    (lambda T: T.linalg.cholesky(T.tensor([[1.0, NAN], [NAN, 1.0]])), "leading minor of order [12] is not positive"),
    (lambda T: T.linalg.cholesky_ex(T.zeros(2, 2), check_errors=True), "linalg.cholesky_ex: The factorization could"),
    (lambda T: T.linalg.svd(T.stack([T.eye(2), T.full((2, 2), NAN)])), r"\(Batch element 1\): .* non-finite values"),
    (lambda T: T.linalg.eigh(T.full((3, 3), NAN)), "linalg.eigh: The algorithm failed to converge"),
    (lambda T: T.linalg.eigh(T.eye(2), UPLO="Z"), "Expected UPLO argument to be 'L' or 'U', but got Z"),
    (lambda T: T.linalg.svd(T.eye(2), driver="gesvd"), "only supported on CUDA inputs with cuSOLVER"),
    (lambda T: T.linalg.qr(T.eye(2), "full"), "qr received unrecognized mode 'full'"),
    (lambda T: T.linalg.lu(T.eye(2), pivot=False), "LU without pivoting is not implemented on the CPU"),
    (lambda T: T.linalg.lu_factor(T.zeros(2, 2)), r"torch.linalg.lu_factor: U\[1,1\] is zero and using it on lu_solve"),
    (lambda T: T.lu_unpack(T.eye(2), T.ones(2)), "LU_pivots is expected to be a contiguous tensor of torch.int32"),
    (lambda T: T.linalg.householder_product(T.ones(2, 3), T.ones(3)), "must be greater than or equal to input.shape"),
    (lambda T: T.ormqr(T.eye(3), T.ones(3), T.ones(4, 3)), r"other.shape\[-2\] must be equal to input.shape\[-2\]"),
]


@pytest.mark.parametrize("call, words", REFUSED)
def test_refused(call, words):
    check_raises(call, match=words)


def test_a_linalg_error_is_a_runtime_error_of_its_own():
    with pytest.raises(minitorch.linalg.LinAlgError):
        minitorch.linalg.cholesky(-minitorch.eye(2))
    assert issubclass(minitorch.linalg.LinAlgError, RuntimeError)


@pytest.mark.parametrize("call", [
    lambda T: T.linalg.cholesky_ex(T.stack([T.tensor(A), -T.tensor(A)])).info,
    lambda T: T.linalg.lu_factor_ex(T.stack([T.tensor(A), T.ones(3, 3)])),
    lambda T: T.linalg.lu(T.ones(0, 3, 2)),
    lambda T: T.linalg.svd(T.ones(0, 3)),
    lambda T: T.linalg.ldl_factor(T.tensor(A)),
    lambda T: T.linalg.eigh(T.tensor([[2.0, 9.0], [1.0, 2.0]]), UPLO="L").eigenvalues,
    lambda T: T.linalg.eigh(T.tensor([[2.0, 9.0], [1.0, 2.0]]), UPLO="U").eigenvalues,
], ids=range(7))
def test_result(call):
    check_same(call)


def test_names_of_results():
    L = minitorch.linalg
    x = minitorch.tensor(A)
    for name in ("qr", "svd", "eigh", "lu", "lu_factor", "cholesky_ex", "inv_ex", "slogdet", "ldl_factor_ex"):
        theirs, ours = getattr(torch.linalg, name)(torch.tensor(A)), getattr(L, name)(x)
        assert type(ours).__name__ == type(theirs).__name__
        assert all(hasattr(theirs, field) for field in ours._fields) and len(ours) == len(theirs)


def test_gradients_of_repeated_singular_values_and_eigenvalues():
    check_op([np.eye(3)], lambda T, x: (T.linalg.svdvals(x), T.linalg.eigvalsh(x)), second=False)


@pytest.mark.parametrize("mode, shape, words", [
    ("r", (3, 3), "depends on Q, which is not computed when mode='r'"),
    ("complete", (3, 2), "not differentiable when mode='complete' and nrows > ncols"),
])
def test_a_qr_without_gradient(mode, shape, words):
    check_raises(lambda T: T.linalg.qr(T.ones(*shape, requires_grad=True), mode)[1].sum().backward(), match=words)


@pytest.mark.parametrize("name", ["eig", "eigvals"])
def test_complex_results_are_refused(name):
    with pytest.raises(NotImplementedError, match="complex"):
        getattr(minitorch.linalg, name)(minitorch.eye(2))
