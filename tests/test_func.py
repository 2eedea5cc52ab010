"""torch.func and vmap against PyTorch: derivatives, structures, nesting, what stays differentiable, errors."""
import pytest

import minitorch as torch
from tests.oracle import check_op, check_raises, check_same

# PyTorch warns of itself when its forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")


def vector(T):
    return T.tensor([0.5, -1.5, 2.])


def matrix(T):
    return T.arange(6.).view(2, 3)


def cube(x):
    return (x ** 3).sum()


@pytest.mark.parametrize("call", [
    lambda F, x: F.grad(cube)(x),
    lambda F, x: F.grad(lambda d, k: (d["a"] * d["b"][0]).sum() * k)({"a": x, "b": [x]}, k=2.),
    lambda F, x: F.grad(lambda a, b: (a * b ** 2).sum(), argnums=(1, 0))(x, x),
    lambda F, x: F.grad(lambda a, b: (a * b ** 2).sum(), argnums=-1)(x, x),
    lambda F, x: F.grad(lambda a: (cube(a), {"aux": a * 2}), has_aux=True)(x),
    lambda F, x: F.grad_and_value(lambda a: (cube(a), a), has_aux=True)(x),
    lambda F, x: F.grad(lambda a: a.detach().sum())(x),
    lambda F, x: F.grad(lambda a: F.grad(lambda b: F.grad(cube)(b).sum())(a).sum())(x),
    lambda F, x: F.vjp(lambda a, b: {"out": a * b}, x, x)[1]({"out": x}),
    lambda F, x: F.vjp(lambda a: (a ** 2, a), x, has_aux=True)[::2],
    lambda F, x: F.jvp(lambda a, b: (a * b, [b]), (x, x), (x, 2 * x)),
    lambda F, x: F.jvp(lambda a: a.detach(), (x,), (x,)),
    lambda F, x: F.jacrev(lambda a, b: (a.outer(b), b[0]), argnums=(0, 1))(x, x[:2]),
    lambda F, x: F.jacfwd(lambda a, b: (a.outer(b), b[0]), argnums=(0, 1))(x, x[:2]),
    lambda F, x: F.jacfwd(lambda d: {"out": d["in"] ** 2})({"in": x}),
    lambda F, x: F.jacrev(lambda a: (a ** 2, a), has_aux=True)(x),
    lambda F, x: F.jacfwd(lambda a: (a ** 2, a), has_aux=True)(x),
    lambda F, x: F.jacfwd(F.jacrev(cube))(x),
    lambda F, x: F.hessian(lambda a, b: (a ** 3 * b).sum(), argnums=(0, 1))(x, x),
])
def test_derivatives(call):
    check_same(lambda T: call(T.func, vector(T)))


@pytest.mark.parametrize("call", [
    lambda F, x: F.grad(cube)(x),
    lambda F, x: F.grad_and_value(lambda a: (a * x).sum())(x.detach()),
    lambda F, x: F.vjp(lambda a: a ** 3, x)[1](x.detach()),
    lambda F, x: F.jvp(lambda a: a ** 3, (x,), (x,)),
    lambda F, x: F.jacrev(lambda a: a ** 3)(x),
    lambda F, x: F.jacfwd(lambda a: a ** 3)(x),
    lambda F, x: F.vmap(F.grad(lambda a: a ** 3))(x),
])
def test_results_can_be_differentiated_outside(call):
    check_op([(3,)], lambda T, x: call(T.func, x), second=False)


def test_results_that_do_not_depend_on_the_outside_have_no_graph():
    def flags(T):
        x, w = vector(T), vector(T).requires_grad_()
        gradient, value = T.func.grad_and_value(lambda a: cube(a) + w.sum())(x)
        with T.no_grad():
            return gradient.requires_grad, value.requires_grad, T.func.grad(cube)(w).requires_grad
    check_same(flags)


def test_no_grad_inside_counts():
    def gradient(T):
        def f(x):
            with T.no_grad():
                constant = x ** 2
            return (x ** 3 - constant).sum()
        return T.func.grad(f)(vector(T))
    check_same(gradient)


@pytest.mark.parametrize("call", [
    lambda T, vmap, x: vmap(T.sum)(x),
    lambda T, vmap, x: vmap(T.sum, in_dims=-1)(x),
    lambda T, vmap, x: vmap(T.mul, in_dims=(0, None))(x, x[0]),
    lambda T, vmap, x: vmap(T.mul, in_dims=(1, None), out_dims=1)(x, 3),
    lambda T, vmap, x: vmap(lambda d: [d["a"], {"b": d["a"] * 2}], in_dims=({"a": 1},))({"a": x}),
    lambda T, vmap, x: vmap(lambda a: (a, a.sum()), out_dims=(1, 0))(x),
    lambda T, vmap, x: vmap(lambda a, b: a * b)(x, b=x),
    lambda T, vmap, x: vmap(lambda a: T.ones(2), out_dims=None)(x),
    lambda T, vmap, x: vmap(vmap(lambda a: a * 2), in_dims=1, out_dims=1)(x),
    lambda T, vmap, x: vmap(lambda a: a.outer(a), chunk_size=1)(x),
    lambda T, vmap, x: vmap(lambda a: a.outer(a))(x[:0]),
    lambda T, vmap, x: vmap(T.func.grad(lambda w, a: (w ** 2 * a).sum()), in_dims=(None, 0))(x[1], x),
    lambda T, vmap, x: T.func.grad(lambda w: vmap(lambda a: (w ** 2 * a).sum())(x).prod())(x[1]),
    lambda T, vmap, x: vmap(T.func.jacrev(lambda a: a ** 2))(x),
])
def test_vmap(call):
    check_same(lambda T: call(T, T.vmap, matrix(T)))


def test_vmap_randomness():
    def rows_agree(T, randomness):
        T.manual_seed(0)
        rows = T.vmap(lambda a: a * 0 + T.rand(3), randomness=randomness)(matrix(T))
        return bool((rows[0] == rows[1]).all())
    check_same(lambda T: (rows_agree(T, "same"), rows_agree(T, "different")))
    check_raises(lambda T: rows_agree(T, "error"), "called random operation while in randomness error mode")


def test_a_refused_random_operation_leaves_the_stream_as_it_was():
    def next_number(T):
        T.manual_seed(0)
        try:
            T.vmap(lambda a: a + T.rand(3))(matrix(T))
        except RuntimeError:
            return T.rand(1)
    check_same(next_number)


def test_per_sample_gradients():
    def gradients(T):
        T.manual_seed(0)
        model, x, y = T.nn.Linear(3, 2), T.rand(4, 3), T.tensor([0, 1, 1, 0])
        parameters = {name: p.detach() for name, p in model.named_parameters()}

        def loss(parameters, x, y):
            out = T.func.functional_call(model, parameters, (x.unsqueeze(0),))
            return T.nn.functional.cross_entropy(out, y.unsqueeze(0))
        return T.vmap(T.func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    check_same(gradients)


def test_linearize_is_jvp_with_the_forward_pass_done_once():
    calls, x = [], torch.tensor([1., 2.])
    out, push = torch.func.linearize(lambda a: calls.append(a) or a ** 2, x)
    assert out.tolist() == [1., 4.] and push(x).tolist() == [2., 8.] and push(2 * x).tolist() == [4., 16.]
    assert len(calls) == 1


def test_stack_module_state():
    def ensemble(T):
        T.manual_seed(0)
        models = [T.nn.BatchNorm1d(3), T.nn.BatchNorm1d(3)]
        parameters, buffers = T.func.stack_module_state(models)
        return parameters, buffers, parameters["weight"].requires_grad, parameters["weight"].is_leaf
    check_same(ensemble)
    check_raises(lambda T: T.func.stack_module_state([]), "at least one model")
    check_raises(lambda T: T.func.stack_module_state([T.nn.ReLU(), T.nn.Tanh()]), "same class")
    check_raises(lambda T: T.func.stack_module_state([T.nn.ReLU(), T.nn.ReLU().eval()]), "same training/eval mode")


def test_replace_all_batch_norm_modules():
    def state(T):
        model = T.nn.Sequential(T.nn.Linear(2, 3), T.nn.BatchNorm1d(3))
        T.func.replace_all_batch_norm_modules_(model)
        return model[1].running_mean, model[1].running_var, model[1].num_batches_tracked, model[1].track_running_stats
    check_same(state)


@pytest.mark.parametrize("match, call", [
    ("scalar Tensor, got tensor with 1 dims", lambda T, x: T.func.grad(lambda a: a)(x)),
    ("to return a Tensor, got <class 'float'>", lambda T, x: T.func.grad(lambda a: 3.)(x)),
    ("argnum=2, but only 2 positional", lambda T, x: T.func.grad(lambda a, b: a.sum(), argnums=2)(x, x)),
    ("must be int or Tuple", lambda T, x: T.func.grad(cube, argnums="a")(x)),
    ("must be non-empty", lambda T, x: T.func.grad(cube, argnums=())(x)),
    ("must be unique", lambda T, x: T.func.grad(cube, argnums=(0, 0))(x)),
    ("transform API must be Tensor", lambda T, x: T.func.grad(cube)(3.)),
    (r"should be a tuple: \(output, aux\)", lambda T, x: T.func.grad(cube, has_aux=True)(x)),
    ("unsupported type <class 'str'>", lambda T, x: T.func.grad(lambda a: (cube(a), "aux"), has_aux=True)(x)),
    ("only tensors, got unsupported type", lambda T, x: T.func.vjp(lambda a: 3, x)),
    ("same as pytree structure of outputs", lambda T, x: T.func.vjp(lambda a: (a, a), x)[1](x)),
    ("Expected primals to be a tuple", lambda T, x: T.func.jvp(cube, x, (x,))),
    ("same python structure", lambda T, x: T.func.jvp(cube, (x,), (x, x))),
    ("different size than", lambda T, x: T.func.jvp(cube, (x,), (x[:2],))),
    ("independent of the inputs", lambda T, x: T.func.jvp(lambda a: a.detach(), (x,), (x,), strict=True)),
    ("should be greater than 0", lambda T, x: T.func.jacrev(cube, chunk_size=0)(x)),
    ("at least one Tensor to vmap over", lambda T, x: T.vmap(T.mul, in_dims=(None, None))(x, x)),
    ("same size in the mapped dimension", lambda T, x: T.vmap(T.mul)(x, x[:2])),
    ("got no inputs", lambda T, x: T.vmap(lambda: x)()),
    ("We cannot vmap over non-Tensor arguments", lambda T, x: T.vmap(T.mul)(x, 3)),
    ("in_dims is not compatible", lambda T, x: T.vmap(T.mul, in_dims=(0,))(x, x)),
    ("expected `in_dims` to be int or", lambda T, x: T.vmap(T.mul, in_dims=[0, 0])(x, x)),
    ("either an integer dimension or None", lambda T, x: T.vmap(T.mul, in_dims=(0, "a"))(x, x)),
    ("-1 <= in_dim < 1", lambda T, x: T.vmap(T.mul, in_dims=1)(x, x)),
    ("Dimension out of range", lambda T, x: T.vmap(lambda a: a, out_dims=5)(x)),
    ("must only return Tensors", lambda T, x: T.vmap(lambda a: 3.)(x)),
    ("out_dims is not compatible", lambda T, x: T.vmap(lambda a: (a, a), out_dims=(0,))(x)),
    ("must be an int, None or a python collection", lambda T, x: T.vmap(lambda a: a, out_dims="a")(x)),
    ("should be None or greater than 0", lambda T, x: T.vmap(cube, chunk_size=0)(x)),
    ("Only allowed values for randomness", lambda T, x: T.vmap(cube, randomness="some")(x)),
])
def test_errors(match, call):
    check_raises(lambda T: call(T, vector(T)), match)
