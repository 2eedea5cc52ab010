"""User-defined functions, compared with PyTorch."""
import gc
import weakref

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same


def function(T, forward, backward=lambda ctx, *grads: grads if len(grads) > 1 else grads[0], name="Mine", **others):
    members = dict(forward=staticmethod(forward), backward=staticmethod(backward), **others)
    return type(name, (T.autograd.Function,), members)


def leaf(T, values=(1., 2.)):
    return T.tensor(list(values), requires_grad=True)


def outcome(T, f, *args):
    """The output, the names of the nodes, and the gradient that arrives."""
    x = leaf(T)
    out = f.apply(x, *args)
    outputs = out if isinstance(out, tuple) else (out,)
    tensors = [y for y in outputs if hasattr(y, "grad_fn")]
    names = [y.grad_fn and y.grad_fn.name() for y in tensors]
    sum(y.sum() for y in tensors if y.requires_grad).backward()
    return out, names, [y.requires_grad for y in tensors], x.grad


def save_first(ctx, x, *args):
    ctx.save_for_backward(x)
    return x * x


def save_output(ctx, x):
    y = x.exp()
    ctx.save_for_backward(None, y, x * 3)
    return y


def unused(ctx, x):
    y, z = x * 3, x * 2
    ctx.mark_non_differentiable(y)
    return y, z


def without_zeros(ctx, x):
    ctx.set_materialize_grads(False)
    return x * 3, x * 2


@pytest.mark.parametrize("forward, backward, args", [
    (save_first, lambda ctx, g: 2 * g * ctx.saved_tensors[0], ()),
    (save_first, lambda ctx, g: (2 * g * ctx.saved_tensors[0], None, None), (3, "text")),
    (save_first, lambda ctx, g: (2 * g * ctx.saved_tensors[0], None, None, None), (3, "text")),
    (save_output, lambda ctx, g: g * ctx.saved_tensors[1] + ctx.saved_tensors[2] * 0, ()),
    (unused, lambda ctx, g, h: g + h * 5, ()),
    (lambda ctx, x: (x * 3, 7, None, "text"), lambda ctx, *g: g[0] * 3 if g[1:] == (None,) * 3 else None, ()),
    (lambda ctx, x: (x * 3, x > 1), lambda ctx, g, h: g * 3 + h, ()),
    (lambda ctx, x: (x * 2,), lambda ctx, g: (g * 4,), ()),
    (lambda ctx, x: x, lambda ctx, g: g * 7, ()),
    (lambda ctx, x: x.view(1, 2), lambda ctx, g: g.view(2) * 7, ()),
    (lambda ctx, x: x * 2, lambda ctx, g: None, ()),
    (lambda ctx, x: x.sum(), lambda ctx, g: g.expand(2) * 7, ()),
    (lambda ctx, x: x * 2, lambda ctx, g: g.view(1, 2) * 2, ()),
    (lambda ctx, x: x * 2, lambda ctx, g: g.double() * 2, ()),
])
def test_outputs_and_gradients(forward, backward, args):
    def grad(T):
        x = leaf(T)
        out = function(T, forward, backward).apply(x, *args)
        tensors = [y for y in (out if isinstance(out, tuple) else (out,)) if hasattr(y, "grad_fn")]
        names = [y.grad_fn and y.grad_fn.name() for y in tensors]
        sum(y.sum() for y in tensors if y.requires_grad).backward()
        return out, names, [y.requires_grad for y in tensors], x.grad

    check_same(grad)


def test_an_output_that_was_not_used():
    def seen(T):
        log = []
        for forward in (without_zeros, unused, lambda ctx, x: (x * 3, x * 2)):
            x = leaf(T)
            function(T, forward, lambda ctx, g, h: log.append((g, h)) or h * 2).apply(x)[1].sum().backward()
            log.append(x.grad)
        return log

    check_same(seen)


def test_ctx():
    def seen(T):
        log = []

        def forward(ctx, x, y, n):
            ctx.number = n
            log.append((ctx.needs_input_grad, T.is_grad_enabled()))
            return x * y

        def backward(ctx, g):
            log.append((ctx.needs_input_grad, T.is_grad_enabled(), g.requires_grad, ctx.number))
            return g, None, None

        f, x = function(T, forward, backward), leaf(T)
        out = f.apply(x, T.ones(2), 5)
        log.append(out.grad_fn.number)
        out.sum().backward()
        T.autograd.grad(f.apply(x, T.ones(2), 6).sum(), x, create_graph=True)
        with T.no_grad():
            log.append(f.apply(x, T.ones(2), 7).requires_grad)
        log.append(f.apply(x.detach(), T.ones(2), 8).requires_grad)
        return log

    check_same(seen)


class Cube:
    """x ** 3, written so that its gradient has gradients."""

    @staticmethod
    def of(T):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x ** 3

        return function(T, forward, lambda ctx, g: 3 * ctx.saved_tensors[0] ** 2 * g)


def test_higher_derivatives():
    def derivatives(T):
        x = leaf(T)
        y, found = Cube.of(T).apply(x * 1), []
        for _ in range(3):
            (y,) = T.autograd.grad(y.sum(), x, create_graph=True)
            found.append(y)
        return found

    check_same(derivatives)


def test_second_derivative_through_a_saved_output():
    def second(T):
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        x = leaf(T)
        y = function(T, forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(x)
        (g,) = T.autograd.grad(y.sum(), x, create_graph=True)
        return T.autograd.grad(g.sum(), x)

    check_same(second)


def split(T):
    def setup_context(ctx, inputs, output):
        ctx.inputs = inputs[1:]
        ctx.save_for_backward(inputs[0], output)

    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * ctx.inputs[0] + 0 * y, None

    return function(T, lambda x, n=2: x * n, backward, setup_context=staticmethod(setup_context))


@pytest.mark.parametrize("call", [lambda f, x: f.apply(x), lambda f, x: f.apply(x, 3), lambda f, x: f.apply(x, n=4)])
def test_setup_context(call):
    def gradient(T):
        x = leaf(T)
        out = call(split(T), x)
        return out, T.autograd.grad(out.sum(), x)

    check_same(gradient)


def doubled(T):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    return function(T, forward, lambda ctx, g: g * 2)


def test_mark_dirty():
    def results(T):
        x = leaf(T)
        y = x * 1
        out = doubled(T).apply(y)
        base = x * 3
        doubled(T).apply(base[0])
        plain = T.ones(2)
        doubled(T).apply(plain)
        names = [y.grad_fn.name(), base.grad_fn.name().split("::")[-1]]
        return out is y, y, base, names, plain, T.autograd.grad((y * 5).sum() + base.sum(), x)

    check_same(results)
    check_raises(lambda T: doubled(T).apply(leaf(T)), match="a leaf Variable that requires grad")


@pytest.mark.parametrize("attempt", [
    lambda T, x: function(T, lambda ctx, x: x * 2, lambda ctx, g: (g, g)).apply(x).sum().backward(),
    lambda T, x: function(T, lambda ctx, x, n: x * 2, lambda ctx, g: g).apply(x, 1).sum().backward(),
    lambda T, x: function(T, lambda ctx, x, n: x * 2, lambda ctx, g: (g, g)).apply(x, 1).sum().backward(),
    lambda T, x: function(T, lambda ctx, x: x * 2, lambda ctx, g: 3).apply(x).sum().backward(),
    lambda T, x: function(T, lambda ctx, x: x * 2, lambda ctx, g: [g]).apply(x).sum().backward(),
    lambda T, x: function(T, lambda ctx, x: x * 2, lambda ctx, g: T.ones(3)).apply(x).sum().backward(),
    lambda T, x: function(T, lambda ctx, x: ctx.save_for_backward(3) or x * 1).apply(x),
    lambda T, x: function(T, lambda ctx, x: x * 2)()(x),
    lambda T, x: type("F", (T.autograd.Function,), {}).apply(x),
    lambda T, x: type("F", (T.autograd.Function,), dict(forward=staticmethod(lambda ctx, x: x * 2)))
    .apply(x).sum().backward(),
    lambda T, x: function(T, lambda ctx, x: x).apply(x * 1).add_(1),
    lambda T, x: function(T, lambda ctx, x: x.view(-1)).apply(x * 1).add_(1),
])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's, of instances
def test_errors(attempt):
    def message(T):
        try:
            attempt(T, leaf(T))
        except Exception as error:
            return type(error).__name__, str(error)

    check_same(message)


def test_saved_tensors_are_checked_and_freed():
    def used_twice(T):
        x = leaf(T)
        y = Cube.of(T).apply(x).sum()
        y.backward(retain_graph=True)
        y.backward()
        y.backward()

    def modified(T):
        x = leaf(T) * 1
        y = Cube.of(T).apply(x).sum()
        x.add_(1)
        y.backward()

    check_raises(used_twice, match="Trying to backward through the graph a second time")
    check_raises(modified, match="has been modified by an inplace operation: .torch.FloatTensor .2..")


def once(T):
    backward = T.autograd.function.once_differentiable(lambda ctx, g: g * 3)
    return function(T, lambda ctx, x: x * 3, backward)


def test_once_differentiable():
    check_same(lambda T: outcome(T, once(T)))
    check_same(lambda T: T.autograd.grad(once(T).apply(x := leaf(T)).sum(), x, create_graph=True)[0].requires_grad)

    def twice(T):
        x = leaf(T)
        upstream = leaf(T)
        (g,) = T.autograd.grad(once(T).apply(x), x, upstream, create_graph=True)
        g.sum().backward()

    check_raises(twice, match="trying to differentiate twice a function that was marked with @once_differentiable")


def test_no_reference_cycles():
    gc.disable()
    try:
        x = leaf(minitorch)
        y = function(minitorch, save_output, lambda ctx, g: g * ctx.saved_tensors[1]).apply(x * 1)
        node, array = weakref.ref(y.grad_fn), weakref.ref(y.array)
        y.sum().backward(retain_graph=True)
        del y
        assert node() is None and array() is None
    finally:
        gc.enable()


def test_gradients_do_not_alias():
    x, y = leaf(minitorch), leaf(minitorch)
    out = function(minitorch, lambda ctx, x, y: x + y, lambda ctx, g: (g, g)).apply(x, y)
    upstream = minitorch.ones(2)
    out.backward(upstream)
    assert not np.may_share_memory(x.grad.array, y.grad.array) and not np.may_share_memory(x.grad.array, upstream.array)


def test_variable():
    with pytest.warns(UserWarning, match="volatile was removed"):
        minitorch.autograd.Variable(minitorch.ones(1), volatile=True)
    check_same(lambda T: T.autograd.Variable(T.ones(2), requires_grad=True))
    check_same(lambda T: T.autograd.Variable(T.ones(2)).requires_grad)
    check_same(lambda T: [isinstance(x, T.autograd.Variable) for x in (T.ones(1), 3, T.nn.Parameter(T.ones(1)))])
    check_same(lambda T: [T.autograd.Variable(leaf(T)).requires_grad, T.autograd.Variable()])
    check_raises(lambda T: T.autograd.Variable(3), match="Variable data has to be a tensor, but got int")


def test_vjp_is_another_name_for_backward():
    def results(T):
        class Affine(T.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(x, n):
                return x * n, x.sum()

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.n = inputs[1]
                ctx.save_for_forward(inputs[0])

            @staticmethod
            def vjp(ctx, g, h):
                return g * ctx.n + h, None

        x = T.tensor([1., 2.], requires_grad=True)
        y, total = Affine.apply(x, 3)
        return T.autograd.grad(y.sum() + total, x), T.vmap(lambda a: Affine.apply(a, 3)[0])(T.ones(2, 2))
    check_same(results)


def test_backward_has_one_name():
    def both(T):
        class Both(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return grad

            @staticmethod
            def vjp(ctx, grad):
                return grad

        Both.apply(T.ones(1, requires_grad=True)).backward()
    check_raises(both, "Implementing both 'backward' and 'vjp'")
