"""Dual tensors against PyTorch's."""
import pytest

from tests.oracle import check_raises, check_same

# PyTorch warns of itself when its forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")


def test_tangents_pass_operations():
    def tangents(T):
        fwAD = T.autograd.forward_ad
        x, t = T.tensor([1., 2.]), T.tensor([3., -1.])
        with fwAD.dual_level():
            a, b = fwAD.make_dual(x, t), fwAD.make_dual(x + 1, t * 2)
            y = (a.exp() * b).sum()
            primal, tangent = fwAD.unpack_dual(y)
            return primal, tangent, fwAD.unpack_dual(a).tangent, fwAD.unpack_dual(x).tangent, tangent.requires_grad
    check_same(tangents)


def test_after_the_level_there_is_no_tangent():
    def after(T):
        fwAD = T.autograd.forward_ad
        with fwAD.dual_level():
            y = fwAD.make_dual(T.ones(2), T.ones(2)) * 2
        return fwAD.unpack_dual(y).tangent
    check_same(after)


def test_forward_over_reverse():
    def hessian_product(T):
        fwAD = T.autograd.forward_ad
        x = T.tensor([1., 2.], requires_grad=True)
        with fwAD.dual_level():
            tangent = fwAD.unpack_dual((fwAD.make_dual(x, T.tensor([3., -1.])) ** 3).sum()).tangent
            return T.autograd.grad(tangent, x)
    check_same(hessian_product)


@pytest.mark.parametrize("match, make", [
    ("different size than that of the original Tensor", lambda T, make: make(T.ones(2), T.ones(3))),
    ("Expected primal to be floating point", lambda T, make: make(T.ones(2, dtype=T.int64), T.ones(2))),
    ("Nested forward mode AD is not supported", lambda T, make: T.autograd.forward_ad.enter_dual_level()),
])
def test_errors(match, make):
    def inside(T):
        with T.autograd.forward_ad.dual_level():
            make(T, T.autograd.forward_ad.make_dual)
    check_raises(inside, match)


def test_no_level():
    check_raises(lambda T: T.autograd.forward_ad.make_dual(T.ones(2), T.ones(2)), "no level exists")
