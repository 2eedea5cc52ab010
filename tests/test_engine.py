"""The engine: order, cost and memory of backward, its errors, and what it hands out. Needs no PyTorch, except to
compare.
"""
import gc
import threading
import time
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import ops
from minitorch.engine import Op
from tests.oracle import check_raises, check_same

grad = minitorch.autograd.grad


def leaf(*values, T=minitorch, **options):
    return T.tensor(list(values), requires_grad=True, **options)


# ------------------------------------------------------------------------------------------------------ order and cost
def chain(x, n):
    for _ in range(n):
        x = x + 1
    return x


def test_a_long_chain_needs_no_recursion():
    x = leaf(1.)
    chain(x, 100_000).backward()
    assert x.grad.item() == 1


def seconds(function, *args):
    """The fastest of three runs."""
    def run():
        start = time.perf_counter()
        function(*args)
        return time.perf_counter() - start

    return min(run() for _ in range(3))


@pytest.mark.parametrize("build", [
    chain,
    lambda x, n: sum((x * i for i in range(n)), x),  # wide: a leaf with many uses
    lambda x, n: ops.cat([x] * n).sum(),  # one node with many edges
], ids=["chain", "wide", "edges"])
def test_backward_takes_linear_time(build):
    small, large = (build(leaf(1.), n) for n in (500, 8000))
    ratio = seconds(lambda: large.backward(retain_graph=True)) / seconds(lambda: small.backward(retain_graph=True))
    assert ratio < 80, "16 times the nodes: about 16 times the time, 256 times if it were quadratic"


def test_diamonds_are_not_walked_path_by_path():
    x = leaf(1.)
    y = x
    for _ in range(40):
        y = y + y  # 2^40 paths
    y.backward()
    assert x.grad.item() == 2 ** 40


def test_a_node_runs_after_all_that_used_its_output():
    x, log = leaf(2.), []
    a = x * 3
    b = a * 5
    c = a + b
    for name, tensor in zip("abc", (a, b, c)):
        tensor.register_hook(lambda g, name=name: log.append((name, g.item())))
    c.backward()
    assert log == [("c", 1), ("b", 1), ("a", 6)] and x.grad.item() == 18


def test_a_tensor_made_late_from_an_old_view_runs_first():
    base = leaf(1., 2.) * 1
    view = base[:1]
    base.mul_(3)
    assert grad((view * base).sum(), base)[0].tolist() == [12, 3]


# -------------------------------------------------------------------------------------------------------------- memory
@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Double(minitorch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


def retained(x):
    y = x * 2
    y.retain_grad()
    return y * y


def hooked(x):
    y = x * 2
    y.register_hook(lambda g: g * 2)
    y.grad_fn.register_hook(lambda into, out: None)
    return y.exp()


def written(x):
    y = x * 2
    y.tanh_()
    y.add_(x)
    y[0] = x.sum()
    y[1:].exp_()
    return y.sigmoid()


def differentiated(x):
    y = (x * 2).exp()
    return grad(y.sum(), x, create_graph=True)[0] * y


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("build", [
    lambda x: (x * 2).exp().tanh(), lambda x: x.view(2, 1).t()[0].softmax(0), retained, hooked, written, differentiated,
    lambda x: Double.apply(Double.apply(x)), lambda x: x.max(0).values * x.sort().values,
    lambda x: x.detach().requires_grad_() * 2])
def test_a_graph_dies_with_its_last_tensor(build, backward, no_collector):
    x = leaf(1., 2.)
    y = build(x)
    nodes, stack = [], [y.grad_fn]
    while stack:
        node = stack.pop()
        nodes.append(weakref.ref(node))
        stack += [edge[0] for edge in node.edges if edge]
    arrays = [weakref.ref(y.array)]
    if backward:
        y.sum().backward()
    del y, node
    assert [ref() for ref in nodes + arrays if ref() is not None] == []


def test_backward_frees_what_was_saved():
    x = leaf(1., 2.)
    y = x * 2
    z = y.exp() * y
    array = weakref.ref(y.array)
    z.sum().backward()
    del y
    assert array() is None and z.grad_fn is not None


def test_products_save_only_what_the_other_factor_needs():
    x, constant = leaf(1., 2.), minitorch.ones(2)
    y = x * 1
    z = y * constant @ minitorch.eye(2)
    y.add_(1)
    z.sum().backward()
    assert x.grad.tolist() == [1, 1]


# ------------------------------------------------------------------------------------------------- backward and grad
def test_a_second_backward():
    check_raises(lambda T: [(y := (leaf(3., T=T) ** 2)).backward(), y.backward()], match="backward through the graph "
                                                                                         "a second time")
    check_raises(lambda T: [(y := leaf(3., T=T).exp()).backward(), y.backward()], match="Specify retain_graph=True")

    def twice(T, **options):
        x = leaf(3., T=T)
        y = x ** 2
        y.backward(**options)
        y.backward()
        return x.grad

    check_same(lambda T: twice(T, retain_graph=True))
    check_same(lambda T: (y := leaf(3., T=T) + 1, y.backward(), y.backward())[1:])  # nothing was saved


def test_three_derivatives():
    def derivatives(T):
        x = leaf(0.5, 2., T=T)
        y, found = (x.sin() * x ** 3).sum(), []
        for _ in range(3):
            (g,) = T.autograd.grad(y, x, create_graph=True)
            found.append(g)
            y = g.sum()
        return found

    check_same(derivatives)


def test_create_graph_through_backward():
    x = leaf(2.)
    (x ** 3).backward(create_graph=True)
    first = x.grad
    x.grad = None
    first.backward()
    assert first.item() == 12 and x.grad.item() == 12
    first.detach_()


@pytest.mark.parametrize("call", [
    lambda T, x, y: T.autograd.grad((x * y).sum(), [x, y]),
    lambda T, x, y: T.autograd.grad((x * 2).sum(), [x, y], allow_unused=True),
    lambda T, x, y: T.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True),
    lambda T, x, y: T.autograd.grad([x.sum(), (x * y).sum()], x),
    lambda T, x, y: T.autograd.grad([x * 2, y], [x, y], [y, None if y.numel() == 1 else x]),
    lambda T, x, y: T.autograd.grad(z := (x * y).sum(), z),
    lambda T, x, y: T.autograd.grad(x, x, T.ones(2)),
    lambda T, x, y: T.autograd.grad((z := x * 2).sum() + (w := z * y).sum(), [z, w, x]),
    lambda T, x, y: T.autograd.grad((x * 2).sum(), (x, x)),
    lambda T, x, y: T.autograd.grad((x * y).sum(), x, T.tensor(2.)),
    lambda T, x, y: T.autograd.grad(x.expand(3, 2).sum() + (x * y.view(2, 1)).sum(), [x, y]),
])
def test_grad(call):
    def result(T):
        x, y = leaf(1., 2., T=T), leaf(3., 4., T=T)
        return call(T, x, y), x.grad, y.grad

    check_same(result)


@pytest.mark.parametrize("call", [
    lambda T, x, y: (x * y).sum().backward(),
    lambda T, x, y: (x * y).sum().backward(inputs=[x]),
    lambda T, x, y: (x * y).sum().backward(inputs=y),
    lambda T, x, y: (x * y).backward(T.tensor([1., 2.])),
    lambda T, x, y: (x * y).backward(gradient=T.tensor([1, 2])),
    lambda T, x, y: T.autograd.backward([x.sum(), (x * y).sum()], [T.tensor(2.), None]),
    lambda T, x, y: T.autograd.backward((x * y).sum()),
    lambda T, x, y: [(x * 2).sum().backward(), (x * y).sum().backward()],
    lambda T, x, y: T.autograd.backward([]),
    lambda T, x, y: x.sum().backward(),
    lambda T, x, y: (x.double() * y.half()).sum().backward(),
    lambda T, x, y: x.register_post_accumulate_grad_hook(lambda x: setattr(x, 'grad', x.grad * 3))
    and (x * y).sum().backward(inputs=[x]),
])
def test_backward(call):
    def result(T):
        x, y = leaf(1., 2., T=T), leaf(3., 4., T=T)
        call(T, x, y)
        return x.grad, y.grad

    check_same(result)


def test_backward_to_a_tensor_that_is_not_a_leaf():
    def result(T):
        x = leaf(1., 2., T=T)
        y = x * 2
        (y * 3).sum().backward(inputs=[y])
        z = x * 2
        (z * 3).sum().backward(inputs=[z, x])
        return y.grad, y.retains_grad, z.grad, x.grad

    check_same(result)


@pytest.mark.parametrize("call, match", [
    (lambda T, x: (x * 2).backward(), "grad can be implicitly created only for scalar outputs"),
    (lambda T, x: T.ones(()).backward(), "element 0 of tensors does not require grad and does not have a grad_fn"),
    (lambda T, x: T.autograd.backward([x.sum(), T.ones(())]), "element 1 of tensors does not require grad"),
    (lambda T, x: T.autograd.backward([x.sum()], []), "got 1 tensors and 0 gradients"),
    (lambda T, x: x.sum().backward(T.ones(2)), "Mismatch in shape: grad_output.0. has a shape of"),
    (lambda T, x: T.autograd.backward(x.sum(), [3]), "gradients can be either Tensors or None, but got int"),
    (lambda T, x: x.sum().backward(inputs=[]), "`inputs` argument to `backward..` cannot be empty"),
    (lambda T, x: T.autograd.grad(x.sum(), []), "`inputs` argument to `grad..` cannot be empty"),
    (lambda T, x: T.autograd.grad(x.sum(), T.ones(2)), "One of the differentiated Tensors does not require grad"),
    (lambda T, x: T.autograd.grad(x.sum(), [x, leaf(1., T=T)]), "The differentiated Tensor at index 1 appears to not "
                                                                "have been used"),
    (lambda T, x: T.autograd.grad(x.sum(), x, allow_unused=False, materialize_grads=True), "Expected allow_unused to "
                                                                                           "be True or not"),
    (lambda T, x: x.register_post_accumulate_grad_hook(lambda x: x.grad * 2) and (x * 2).sum().backward(),
     "post accumulate grad hooks should return None"),
    (lambda T, x: (x * 1).requires_grad_(False), "you can only change requires_grad flags of leaf variables"),
    (lambda T, x: x.add_(1), "a leaf Variable that requires grad is being used in an in-place operation"),
    (lambda T, x: x[0].add_(1), "a view of a leaf Variable that requires grad is being used in an in-place operation"),
    (lambda T, x: x.expand(2, 2).clone().expand(3, 2, 2).add_(1), "more than one element of the written-to tensor "
                                                                  "refers to a single memory"),
    (lambda T, x: [y := x.exp(), y.add_(1), y.sum().backward()], "has been modified by an inplace operation"),
    (lambda T, x: [y := x * 1, z := (y * y).sum(), y.detach().add_(1), z.backward()], "is at version 1; expected "
                                                                                      "version 0"),
    (lambda T, x: [y := x * 1, z := (y * y).sum(), y[0].zero_(), z.backward()], "is at version 1; expected version 0"),
])
def test_errors(call, match):
    check_raises(lambda T: call(T, leaf(1., 2., T=T)), match=match)


def test_data_is_not_watched():
    def unseen(T):
        x = leaf(1., 2., T=T)
        y = x * 1
        z = (y * y).sum()
        y.data.add_(1)
        z.backward()
        return x.grad, y._version

    check_same(unseen)


def test_a_write_keeps_a_copy_for_itself():
    for write in ("exp_", "sqrt_", "log_", "tanh_", "sin_", "reciprocal_"):
        check_same(lambda T: (x := leaf(1., 2., T=T), getattr(x * 3, write)().sum().backward(), x.grad)[2])
    x = leaf(1., 2.)
    y = x * 3
    y.mul_(y).sum().backward()  # PyTorch refuses this one
    assert x.grad.tolist() == [18, 36]


def test_versions():
    def versions(T):
        x = T.zeros(3)
        view, detached, data = x[1:], x.detach(), x.data
        x.add_(1)
        view.mul_(2)
        detached[0] = 5
        data.add_(1)
        return x._version, view._version, detached._version, data._version

    check_same(versions)


# ------------------------------------------------------------------------------------------------ what is handed out
def test_gradients_are_nobody_elses():
    x, y, upstream = leaf(1., 2.), leaf(3., 4.), minitorch.ones(2)
    z = x + y
    z.retain_grad()
    z.backward(upstream)
    grads = [x.grad.array, y.grad.array, z.grad.array, upstream.array]
    assert not any(np.may_share_memory(a, b) for i, a in enumerate(grads) for b in grads[:i])
    kept = x.grad
    (x * 2).sum().backward()
    assert x.grad is kept and kept.tolist() == [3, 3] and upstream.tolist() == [1, 1]


def test_gradients_are_kept_without_a_copy(monkeypatch):
    """One that nobody else holds: as the sum of products is, or a weight's gradient."""
    monkeypatch.delattr(minitorch.kernels.cpu, "clone")
    layer = minitorch.nn.Linear(3, 2)
    layer(minitorch.ones(4, 3)).mul(2).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad.array, np.full((2, 3), 8))
    assert layer.weight.grad.array.flags.c_contiguous


@pytest.mark.parametrize("reach", [
    lambda x, g: x.clone().backward(g), lambda x, g: x.view(2, 2).backward(g.view(2, 2)),
    lambda x, g: x[:2].backward(g[:2]), lambda x, g: x.sum().backward(g[0])])
def test_the_gradient_that_was_passed_stays(reach):
    x, g = leaf(1., 2., 3., 4.), minitorch.ones(4)
    reach(x, g)
    assert not np.shares_memory(x.grad.array, g.array)


def test_what_a_hook_keeps_stays():
    x, kept = leaf(1., 2.), []
    x.register_hook(kept.append)
    x.mul(3).sum().backward()
    x.grad.zero_()
    np.testing.assert_array_equal(kept[0].array, [3, 3])


def test_gradients_have_the_form_of_their_tensor():
    x = leaf(1., 2., dtype=minitorch.float16)
    y = leaf([3.], [4.], dtype=minitorch.float64)
    (x * y).sum().backward()
    assert (x.grad.dtype, tuple(x.grad.shape)) == (minitorch.float16, (2,))
    assert (y.grad.dtype, tuple(y.grad.shape)) == (minitorch.float64, (2, 1))
    z = leaf(1.)
    z.expand(3, 4).sum().backward()
    assert z.grad.tolist() == [12]


def test_integers_have_no_gradient():
    made = [lambda x: x > 1, lambda x: x.long(), lambda x: x.argmax()]
    check_same(lambda T: [make(leaf(1., 2., T=T)).requires_grad for make in made])
    check_same(lambda T: [y.requires_grad for y in leaf(2., 1., T=T).max(0)])


def test_a_wrong_gradient_is_reported():
    class Wrong(Op):
        def forward(self, x):
            return x * 2

        def backward(self, grad):
            return np.ones(3, np.float32)

    message = r"Function WrongBackward0 returned an invalid gradient at index 0 - got \[3\] but expected shape"
    with pytest.raises(RuntimeError, match=message):
        Wrong.apply(leaf(1., 2.)).sum().backward()


def test_the_graph_can_be_walked():
    def names(T):
        x = leaf(1., 2., T=T)
        loss = ((x * 2).exp() + T.ones(2)).sum()
        node, found = loss.grad_fn, []
        while node is not None:
            found.append((node.name().split("::")[-1], len(node.next_functions)))
            last, node = node, node.next_functions[0][0] if node.next_functions else None
        return found, last.variable is x, loss.grad_fn.next_functions[0][0].next_functions[1], x.grad_fn

    check_same(names)
    assert repr((leaf(1.) * 2).grad_fn).startswith("<MulBackward0 object at 0x")


def test_threads_walk_their_own_graphs():
    leaves = [leaf(1.) for _ in range(4)]
    threads = [threading.Thread(target=lambda x=x: [chain(x * 1, 200).backward() for _ in range(5)]) for x in leaves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [x.grad.item() for x in leaves] == [5] * 4
