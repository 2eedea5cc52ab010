"""Linear equations, inverses and norms against PyTorch: what its database of operators does not ask."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

NAN, INF = float("nan"), float("inf")
RANK_TWO = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 5.0]])

REFUSED = [
    (lambda T: T.linalg.inv(T.zeros(3, 3)), "linalg.inv: The diagonal element 1 is zero, the inversion could not be"),
    (lambda T: T.linalg.inv(T.stack([T.eye(2), T.zeros(2, 2)])), r"linalg.inv: \(Batch element 1\): The diagonal"),
    (lambda T: T.linalg.inv(T.ones(2, 2).half()), "linalg.inv: Low precision dtypes not supported. Got Half"),
    (lambda T: T.inverse(T.ones(2, 3)), "linalg.inv: A must be batches of square matrices, but they are 2 by 3"),
    (lambda T: T.linalg.solve(T.zeros(2, 2), T.ones(2)), "torch.linalg.solve: The solver failed because the input"),
    (lambda T: T.linalg.solve(T.eye(3), T.ones(4, 2)), r"for the equation AX = B \(3x3 and 4x2\)"),
    (lambda T: T.linalg.solve(T.eye(3), T.ones(3, 4), left=False), r"for the equation XA = B \(3x3 and 3x4\)"),
    (lambda T: T.linalg.solve(T.eye(3), T.ones(3).double()), "Expected A and B to have the same dtype, but found A"),
    (lambda T: T.linalg.solve(T.ones(2, 3, 3), T.ones(5, 3, 2)), "must match the size of tensor b"),
    (lambda T: T.linalg.solve_triangular(T.eye(3), T.ones(3), upper=True), "The input tensor B must have at least 2"),
    (lambda T: T.cholesky_inverse(T.zeros(2, 2)), "cholesky_inverse: The diagonal element 1 is zero"),
    (lambda T: T.logdet(T.ones(3)), "logdet: The input tensor A must have at least 2 dimensions"),
    (lambda T: T.linalg.matrix_norm(T.eye(2), 3), "linalg.matrix_norm: Order 3 not supported"),
    (lambda T: T.linalg.matrix_norm(T.eye(2), dim=(0, 0)), r"dims must be different. Got \(0, 0\)"),
    (lambda T: T.linalg.norm(T.zeros(2, 2, 2), 2), "must be 1D or 2D. Got 3D"),
    (lambda T: T.linalg.vector_norm(T.zeros(0), INF), "cannot compute the inf norm on an empty tensor"),
    (lambda T: T.linalg.vector_norm(T.zeros(0, 3), INF, 0), "the inf norm on the dimension 0because this dimension"),
    (lambda T: T.linalg.vector_norm(T.ones(2).double(), dtype=T.float32), "convertible without narrowing"),
    (lambda T: T.linalg.cond(T.eye(2), 3), "linalg.cond got an invalid norm type: 3"),
    (lambda T: T.linalg.multi_dot([T.eye(2)]), "expected at least 2 tensors but got 1"),
    (lambda T: T.linalg.multi_dot([T.eye(2), T.ones(3, 2)]), "cannot be multiplied"),
    (lambda T: T.linalg.lstsq(T.eye(2), T.eye(2), driver="qr"), r"should be one of \(gels, gelsy, gelsd, gelss\)"),
    (lambda T: T.linalg.tensorinv(T.ones(2, 3, 5)), "but got 5 != 6"),
    (lambda T: T.cross(T.ones(2, 2), T.ones(2, 2)), "no dimension of size 3 in input"),
]


@pytest.mark.parametrize("call, words", REFUSED)
def test_refused(call, words):
    check_raises(call, match=words)


@pytest.mark.parametrize("call", [
    lambda T: T.linalg.inv_ex(T.stack([T.eye(2), T.zeros(2, 2)])).info,
    lambda T: T.linalg.solve_ex(T.zeros(2, 2), T.eye(2)).info,
    lambda T: T.linalg.solve(T.eye(2).expand(3, 2, 2), T.ones(3, 2)),
    lambda T: T.linalg.slogdet(T.full((2, 2), NAN)),
    lambda T: T.linalg.slogdet(T.zeros(2, 2)),
    lambda T: T.linalg.cond(T.zeros(2, 2), 1),
    lambda T: T.linalg.cond(T.zeros(2, 2)),
    lambda T: T.linalg.matrix_rank(T.diag(T.tensor([1.0, 0.2, 0.1])), tol=0.15),
    lambda T: T.linalg.matrix_rank(T.eye(2).expand(2, 2, 2), atol=T.tensor([0.5, 2.0])),
    lambda T: T.linalg.pinv(T.diag(T.tensor([1.0, 0.2])), 0.5),
    lambda T: T.linalg.lstsq(T.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), T.ones(3), driver="gelsd"),
    lambda T: T.linalg.multi_dot([T.ones(2), T.ones(2, 3), T.ones(3, 4), T.ones(4)]),
    lambda T: T.linalg.norm(T.ones(2, 3, 4), 1, dim=(0, 2), keepdim=True),
    lambda T: T.norm(T.ones(2, 2, 2), "fro"),
    lambda T: T.vander(T.tensor([2, 3]), N=3, increasing=True),
], ids=range(15))
def test_result(call):
    check_same(call)


def test_the_cheapest_order_of_products():
    """(1, 50) (50, 1) (1, 50): from the left 100 multiplications, from the right 5000; both orders are right."""
    check_op([(1, 50), (50, 1), (1, 50)], lambda T, *matrices: T.linalg.multi_dot(matrices))
    check_op([(50, 1), (1, 50), (50, 1)], lambda T, *matrices: T.linalg.multi_dot(matrices))


def test_gradient_of_the_determinant_of_singular_matrices():
    """The cofactors, which PyTorch too computes with create_graph=True only."""
    batch = np.stack([RANK_TWO, np.diag([1.0, 2.0, 3.0])])
    gradients = []
    for T in (torch, minitorch):
        x = T.from_numpy(batch.copy()).requires_grad_()
        gradients.append(T.autograd.grad(T.linalg.det(x).sum(), x, create_graph=True)[0].detach().numpy())
    np.testing.assert_allclose(gradients[1], gradients[0], atol=1e-12)
    x = minitorch.from_numpy(RANK_TWO.copy()).requires_grad_()
    minitorch.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), gradients[0][0], atol=1e-12)


def test_norms_at_the_origin_have_the_gradient_zero():
    check_op([np.zeros(3)], lambda T, x: [T.linalg.vector_norm(x, p) for p in (1, 2, 3.5, INF)], second=False)
