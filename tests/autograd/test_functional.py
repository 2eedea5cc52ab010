"""jacobian, hessian and the products, against PyTorch: values, structure, strictness, errors."""
import pytest

from tests.oracle import check_op, check_raises, check_same

# PyTorch warns of itself when its forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")


def vector(T):
    return T.tensor([0.5, -1.5, 2.])


def functional(T):
    return T.autograd.functional


@pytest.mark.parametrize("call", [
    lambda F, x: F.jacobian(lambda x: (x ** 2, x.prod()), x),
    lambda F, x: F.jacobian(lambda x, y: x.outer(y), (x, x[:2])),
    lambda F, x: F.jacobian(lambda x: x.detach() * 2, x),
    lambda F, x: F.jacobian(lambda x: x[0] ** 2, x, vectorize=True, strategy="forward-mode"),
    lambda F, x: F.hessian(lambda x: (x ** 3).prod(), x),
    lambda F, x: F.hessian(lambda x, y: (x ** 3 * y).sum(), (x, 2 * x)),
    lambda F, x: F.vjp(lambda x: (x * x).sum(), x),
    lambda F, x: F.vjp(lambda x, y: (x * y, y), (x, x), (x, 2 * x)),
    lambda F, x: F.jvp(lambda x, y: (x * y, y), (x, x), (x, 2 * x)),
    lambda F, x: F.jvp(lambda x: x.detach(), x, x),
    lambda F, x: F.vhp(lambda x, y: (x ** 3 * y).sum(), (x, x), (x, 2 * x)),
    lambda F, x: F.hvp(lambda x: (x ** 3).prod(), x, x),
])
def test_values(call):
    check_same(lambda T: call(functional(T), vector(T)))
    check_same(lambda T: call(functional(T), vector(T).requires_grad_()))


@pytest.mark.parametrize("call", [
    lambda F, x: F.jacobian(lambda x: x ** 3, x, create_graph=True),
    lambda F, x: F.hessian(lambda x: (x ** 4).sum(), x, create_graph=True),
    lambda F, x: F.vjp(lambda x: x ** 3, x, x, create_graph=True),
    lambda F, x: F.jvp(lambda x: x ** 3, x, x, create_graph=True),
    lambda F, x: F.hvp(lambda x: (x ** 4).sum(), x, x, create_graph=True),
])
def test_create_graph(call):
    check_op([(3,)], lambda T, x: call(functional(T), x), second=False)
    check_same(lambda T: [r.requires_grad for r in call(functional(T), vector(T))])


def test_without_create_graph_the_input_is_left_alone():
    def grad_of_input(T):
        x = vector(T).requires_grad_()
        with T.no_grad():
            J = functional(T).jacobian(lambda x: x ** 2, x)
        return J, J.requires_grad, x.grad
    check_same(grad_of_input)


@pytest.mark.parametrize("match, call", [
    ("given inputs has type", lambda F, x: F.jacobian(lambda x: x, [x])),
    ("value at index 1 has type", lambda F, x: F.jacobian(lambda x: (x, 3), x)),
    ("should return a single Tensor", lambda F, x: F.hessian(lambda x: (x.sum(),), x)),
    ("should contain a single element", lambda F, x: F.vhp(lambda x: x, x, x)),
    ("v can only be None if the user-provided function returns", lambda F, x: F.vjp(lambda x: x * 2, x)),
    ("v can only be None if the input to the user-provided", lambda F, x: F.jvp(lambda x: x * 2, x)),
    (r"should be torch.Size\(\[3\]\) but got torch.Size\(\[2\]\)", lambda F, x: F.jvp(lambda x: x, x, x[:2])),
    ("v is a tuple of invalid length: should be 2 but got 1", lambda F, x: F.vjp(lambda x: (x, x), x, (x,))),
    ("Output 0 of the user-provided function does not", lambda F, x: F.jacobian(lambda x: x.detach(), x, strict=True)),
    ("Output 0 of the user-provided function is independent of input 1",
     lambda F, x: F.jacobian(lambda x, y: x * 2, (x, x), strict=True)),
    ("The output of the user-provided function is independent of input 1",
     lambda F, x: F.vjp(lambda x, y: x * 2, (x, x), x, strict=True)),
    ("jacobian of the user-provided function is independent of input 0",
     lambda F, x: F.jacobian(lambda x: x * 2, x, create_graph=True, strict=True)),
    ("with respect to input 0 is independent of the input", lambda F, x: F.hvp(lambda x: x.sum(), x, x, strict=True)),
    ("`strict=True` and `vectorized=True`", lambda F, x: F.jacobian(lambda x: x, x, strict=True, vectorize=True)),
    ("implemented for `vectorize=True`", lambda F, x: F.jacobian(lambda x: x, x, strategy="forward-mode")),
    ("Expected strategy", lambda F, x: F.hessian(lambda x: x.sum(), x, outer_jacobian_strategy="backward")),
])
def test_errors(match, call):
    check_raises(lambda T: call(functional(T), vector(T)), match)
