"""gradcheck accepts right gradients and names wrong ones."""
import pytest

import minitorch
from minitorch.autograd import GradcheckError, gradcheck, gradgradcheck
from tests.oracle import check_raises, check_same


def point(T=minitorch, *shape):
    T.manual_seed(0)
    return T.rand(*(shape or (3,)), dtype=T.float64).requires_grad_()


def wrong(T=minitorch, factor=3):
    """x * x with `factor` x instead of 2 x as its gradient."""
    class Wrong(T.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0] * (factor() if callable(factor) else factor)

    return Wrong.apply


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
@pytest.mark.parametrize("function, n", [
    (lambda x: x ** 3, 1), (lambda x: (x.sum(), x.exp() * x), 1), (lambda x, y: (x * y).view(1, -1) @ y.exp(), 2),
    (lambda x: x.prod(), 1),
    (lambda x: (x.argmax(), x.sin()), 1)])
def test_right_gradients_pass(function, n, check, fast_mode):
    assert check(function, [point() for _ in range(n)], fast_mode=fast_mode)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_a_wrong_gradient_is_named(fast_mode):
    def function(x, y):
        return x * y, wrong()(y)

    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 1 with respect to input "
                                             "1,\nnumerical:.*(.|\n)*analytical:"):
        gradcheck(function, (point(), point()), fast_mode=fast_mode)
    assert gradcheck(function, (point(), point()), raise_exception=False, fast_mode=fast_mode) is False


def test_the_message_is_torchs():
    def message(T):
        try:
            T.autograd.gradcheck(wrong(T), point(T))
        except RuntimeError as error:
            return str(error).replace("-0.0000", " 0.0000").strip()

    check_same(message)


def test_tolerances():
    def slightly(T):
        return wrong(T, 2.002)

    check_same(lambda T: [T.autograd.gradcheck(slightly(T), point(T), rtol=rtol, raise_exception=False)
                          for rtol in (1e-2, 1e-4)])


def test_a_wrong_second_gradient():
    def cube(T):
        class Cube(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x ** 3

            @staticmethod
            def backward(ctx, g):
                return 3 * ctx.saved_tensors[0].detach() ** 2 * g

        return Cube.apply

    assert gradcheck(cube(minitorch), point())
    check_raises(lambda T: T.autograd.gradgradcheck(cube(T), point(T)), match="Jacobian mismatch for output 0 with "
                                                                              "respect to input 0")


@pytest.mark.parametrize("function, match", [
    (lambda T: T.autograd.gradcheck(lambda x: x.detach() * 2, point(T)), "Numerical gradient for function expected "
                                                                         "to be zero"),
    (lambda T: T.autograd.gradcheck(lambda x: x * 2, point(T).detach()), "gradcheck expects at least one input "
                                                                         "tensor to require gradient"),
    (lambda T: T.autograd.gradcheck(lambda x: x * 2, point(T, 1).expand(3)), "The 0th input has a dimension with "
                                                                             "stride 0"),
    (lambda T: T.autograd.gradcheck(wrong(T,
    lambda: 2 + T.rand(()).item() * 1e-6), point(T)), "Backward is not reentrant"),
])
def test_errors(function, match):
    check_raises(function, match=match)


def test_nondeterminism_may_be_tolerated():
    assert gradcheck(wrong(factor=lambda: 2 + minitorch.rand(()).item() * 1e-6), point(), nondet_tol=1e-3)


def test_single_precision_is_warned_about():
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        gradcheck(lambda x: x * 1, point().detach().float().requires_grad_(), atol=1, rtol=1)
