"""autograd.graph: hooks on what is saved, hooks on several gradients, edges, nodes."""
import gc
import weakref

import pytest

import minitorch as torch
from tests.oracle import check_raises, check_same


def leaf(T):
    return T.tensor([1., 2.], requires_grad=True)


def test_saved_tensors_are_packed_and_unpacked():
    def gradients(T):
        x, packed, unpacked = leaf(T), [], []

        def pack(tensor):
            packed.append(tuple(tensor.shape))
            return tensor.detach().numpy().copy() + 1

        with T.autograd.graph.saved_tensors_hooks(pack, lambda a: unpacked.append(a.shape) or T.from_numpy(a)):
            y = (x * x.exp() * 2).sum()
        first, = T.autograd.grad(y, x, retain_graph=True)
        second = T.autograd.grad(T.autograd.grad(y, x, create_graph=True)[0].sum(), x)
        return first, second, packed[:3], len(unpacked) > 3
    check_same(gradients)


def test_a_function_s_saved_tensors_are_packed_too():
    def gradient(T):
        class Square(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x, None)
                return x * x

            @staticmethod
            def backward(ctx, grad):
                return 2 * ctx.saved_tensors[0] * grad

        x = leaf(T)
        with T.autograd.graph.saved_tensors_hooks(lambda x: x.detach() + 1, lambda x: x):
            y = Square.apply(x)
        return T.autograd.grad(y.sum(), x)
    check_same(gradient)


def test_the_innermost_hooks_are_used():
    def used(T):
        x, log = leaf(T), []
        hooks = T.autograd.graph.saved_tensors_hooks
        with hooks(lambda x: x, lambda x: log.append("outer") or x):
            with hooks(lambda x: x, lambda x: log.append("inner") or x):
                y = x ** 2
            z = y.sin()
        z.sum().backward()
        return log
    check_same(used)


def test_packed_tensors_do_not_stay_alive():
    x = leaf(torch)
    with torch.autograd.graph.saved_tensors_hooks(lambda x: x.tolist(), torch.tensor):
        a = x * 2
        y = (a * a).sum()
    memory = weakref.ref(a.array)
    del a
    gc.collect()
    assert memory() is None
    y.backward()
    assert x.grad.tolist() == [8., 16.]


@pytest.mark.parametrize("match, pack, unpack", [
    ("expected to be a Tensor but got result of type int", lambda x: x, lambda x: 3),
    ("pack hook is modifying its input in place", lambda x: x.mul_(2), lambda x: x),
])
def test_errors_of_hooks(match, pack, unpack):
    def use(T):
        x = leaf(T)
        with T.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = x.clone() ** 2
        y.sum().backward()
    check_raises(use, match)


def test_hooks_can_be_disabled():
    def use(T):
        graph = T.autograd.graph
        with graph.disable_saved_tensors_hooks("not here"):
            with graph.saved_tensors_hooks(lambda x: x, lambda x: x):
                pass
    check_raises(use, "not here")

    def disable(T):
        with T.autograd.graph.save_on_cpu():
            with T.autograd.graph.disable_saved_tensors_hooks("not here"):
                pass
    check_raises(disable, "not here")


def test_saved_tensors_may_be_written_to_if_allowed():
    def gradient(T):
        x = leaf(T)
        with T.autograd.graph.allow_mutation_on_saved_tensors():
            a = x.clone()
            y = (a ** 2).sum()
            a.mul_(3)
            return T.autograd.grad(y, x)
    check_same(gradient)


@pytest.mark.parametrize("mode", ["all", "any"])
def test_multi_grad_hook(mode):
    def calls(T):
        a, b, unused = leaf(T), leaf(T), leaf(T)
        seen = []
        handle = T.autograd.graph.register_multi_grad_hook((a, b, unused), seen.append, mode=mode)
        y = a * 2 + b * 3
        y.sum().backward(retain_graph=True)
        (b * 2).sum().backward()
        handle.remove()
        y.sum().backward()
        return [list(gs) for gs in seen] if mode == "all" else len(seen)
    check_same(calls)


def test_multi_grad_hook_errors():
    check_raises(lambda T: T.autograd.graph.register_multi_grad_hook((leaf(T),), print, mode="some"), "Expects mode")
    check_raises(lambda T: T.autograd.graph.register_multi_grad_hook((T.ones(1),), print), "Expected gradient function")


def test_gradient_edges_stand_for_tensors():
    def gradients(T):
        x, edge = leaf(T), T.autograd.graph.get_gradient_edge
        y = x * x
        z = y.exp()
        first = T.autograd.grad(z.sum(), edge(y), retain_graph=True)
        from_edge = T.autograd.grad((edge(z),), x, T.ones(2), retain_graph=True)
        T.autograd.backward(z.sum(), inputs=[edge(x)])
        return first, from_edge, x.grad, edge(z).output_nr, edge(z).node is z.grad_fn
    check_same(gradients)
    check_raises(lambda T: T.autograd.graph.get_gradient_edge(T.ones(1)), "does not require gradients")
    check_raises(lambda T: T.autograd.grad(T.autograd.graph.get_gradient_edge(leaf(T) * 2), leaf(T), T.ones(3)),
                 "Mismatch in shape")


def test_batched_gradients():
    def jacobian(T):
        x = leaf(T)
        y = x.exp() * x.sum()
        rows, = T.autograd.grad(y, x, T.eye(2), is_grads_batched=True, create_graph=True)
        return rows, T.autograd.grad(rows.sum(), x), T.autograd.grad(
            (x * x).sum(), leaf(T), T.ones(3), is_grads_batched=True, allow_unused=True)
    check_same(jacobian)
    check_raises(lambda T: T.autograd.grad(x := leaf(T) * 2, x, T.ones(2, 3), is_grads_batched=True),
                 "interpret the first dimension of each grad_output as the batch dimension")


def test_nodes_say_what_they_are():
    def description(T):
        x, weight = T.ones(2, 3, requires_grad=True), T.ones(4, 3, requires_grad=True)
        node = T.nn.functional.linear(x, weight, T.ones(4)).grad_fn
        node.metadata["note"] = 1
        accumulate = node.next_functions[1][0]
        return (node.name(), node.metadata, [f and f.name() for f, _ in node.next_functions], accumulate.name(),
                repr(accumulate).split(" object")[0], accumulate.next_functions, accumulate.variable is x,
                isinstance(node, T.autograd.graph.Node))
    check_same(description)


def test_multithreading_switch():
    def settings(T):
        with T.autograd.set_multithreading_enabled(False):
            inside = T.autograd.is_multithreading_enabled()
        return inside, T.autograd.is_multithreading_enabled()
    check_same(settings)
