"""Hooks on tensors and nodes, compared with PyTorch."""
import pytest

import minitorch
from tests.oracle import check_raises, check_same


def start(T):
    x = T.tensor([1., 2.], requires_grad=True)
    return x, x * 3, []


def test_order_replacement_and_removal():
    def seen(T):
        x, y, log = start(T)
        for tensor in (x, y):
            tensor.register_hook(lambda g: log.append(["first", g]))
            handle = tensor.register_hook(lambda g: log.append(["removed", g]))
            tensor.register_hook(lambda g: g * 2)
            tensor.register_hook(lambda g: log.append(["last", g]))
            handle.remove()
        with y.register_hook(lambda g: log.append(["inside", g])):
            y.sum().backward(retain_graph=True)
        y.sum().backward()
        return log, x.grad

    check_same(seen)


def test_a_hook_of_a_leaf_sees_the_whole_gradient_once():
    def seen(T):
        x, y, log = start(T)
        x.register_hook(lambda g: log.append(g))
        (x * y + x).sum().backward()
        return log

    check_same(seen)


def test_retain_grad():
    def grads(T):
        x, y, _ = start(T)
        y.register_hook(lambda g: g * 2)
        y.retain_grad()
        y.retain_grad()
        x.retain_grad()
        flags = x.retains_grad, y.retains_grad
        (y * y).sum().backward(retain_graph=True)
        first = y.grad.clone()
        (y * y).sum().backward()
        return flags, first, y.grad, x.grad

    check_same(grads)
    check_raises(lambda T: T.ones(1).retain_grad(), match="can't retain_grad on Tensor that has requires_grad=False")


def test_post_accumulate_grad_hooks():
    def seen(T):
        x, y, log = start(T)
        handle = x.register_post_accumulate_grad_hook(lambda x: log.append(x.grad.clone()))
        x.register_post_accumulate_grad_hook(lambda x: setattr(x, "grad", None))
        y.sum().backward(retain_graph=True)
        handle.remove()
        y.sum().backward()
        return log, x.grad

    check_same(seen)


def test_node_hooks():
    def seen(T):
        x, y, log = start(T)
        z = y.exp() + x
        node = z.grad_fn
        node.register_prehook(lambda grads: log.append(["pre", *grads]))
        node.register_prehook(lambda grads: tuple(g * 2 for g in grads))
        node.register_hook(lambda into, out: log.append(["post", *into, *out]))
        node.register_hook(lambda into, out: (into[0] * 3, into[1]))
        handle = node.register_hook(lambda into, out: log.append("removed"))
        handle.remove()
        accumulator = y.grad_fn.next_functions[0][0]
        accumulator.register_prehook(lambda grads: log.append(["leaf", *grads]))
        z.sum().backward()
        return log, x.grad

    check_same(seen)


def test_hooks_under_create_graph():
    def seen(T):
        x, y, _ = start(T)
        y.register_hook(lambda g: g * g)
        y.grad_fn.register_hook(lambda into, out: (into[0] * x, *into[1:]))
        (g,) = T.autograd.grad((y ** 3).sum(), x, create_graph=True)
        return g, T.autograd.grad(g.sum(), x)

    check_same(seen)


def test_hooks_and_grad():
    def seen(T):
        x, y, log = start(T)
        y.register_hook(lambda g: g * 10)
        x.register_hook(lambda g: g * 100)
        x.register_post_accumulate_grad_hook(lambda x: log.append("never"))
        return T.autograd.grad(y.sum(), y, retain_graph=True), T.autograd.grad(y.sum(), x), log

    check_same(seen)


@pytest.mark.parametrize("attempt", [
    lambda T, x, y, result: y.register_hook(lambda g: result(T)),
    lambda T, x, y, result: y.grad_fn.register_prehook(lambda grads: (result(T),)),
    lambda T, x, y, result: y.grad_fn.register_hook(lambda into, out: (result(T), *into[1:]))])
@pytest.mark.parametrize("result", [lambda T: T.ones(3), lambda T: T.ones(2).double(), lambda T: 3])
def test_what_a_hook_may_not_return(attempt, result):
    def run(T):
        x, y, _ = start(T)
        attempt(T, x, y, result)
        y.sum().backward()

    check_raises(run, match="hook .* has changed the size of value|has changed the type of value .was "
                            "torch.FloatTensor got "
                            "torch.DoubleTensor|expected Variable, but hook returned 'int'")


@pytest.mark.parametrize("attempt, match", [
    (lambda T, x, y: y.grad_fn.register_prehook(lambda grads: ()), "has returned an incorrect number of values .got "
                                                                   "0, but expected 1."),
    (lambda T, x, y: y.grad_fn.register_prehook(lambda grads: grads[0]), "expected tuple, but hook returned 'Tensor'"),
    (lambda T, x, y: T.ones(1).register_hook(print), "cannot register a hook on a tensor that doesn't require "
                                                     "gradient"),
    (lambda T, x, y: y.register_post_accumulate_grad_hook(print), "post accumulate grad hooks cannot be registered "
                                                                  "on non-leaf tensors")])
def test_errors(attempt, match):
    def run(T):
        x, y, _ = start(T)
        attempt(T, x, y)
        y.sum().backward()

    check_raises(run, match=match)


# -------------------------------------------------------------------------------------------------------- anomaly mode
def failing():
    x = minitorch.zeros(2, requires_grad=True)
    y = x.sqrt() * 0  # the line to blame
    return y.sum()


def anomaly(**options):
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        return minitorch.autograd.detect_anomaly(**options)


def test_anomaly_mode_names_the_forward_line():
    with anomaly():
        loss = failing()
        with pytest.raises(RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output"), \
                pytest.warns(UserWarning, match="Error detected in SqrtBackward0(.|\n)*the line to blame"):
            loss.backward()
    failing().backward()


def test_anomaly_mode_without_the_search_for_nan():
    with anomaly(check_nan=False):
        failing().backward()


def test_anomaly_mode_as_a_switch():
    with minitorch.autograd.set_detect_anomaly(True):
        x = minitorch.ones(2, requires_grad=True) * 1
        y = x.exp()
        assert "test_hooks.py" in y.grad_fn.traceback
        y.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace"), \
                pytest.warns(UserWarning, match=r"y = x.exp\(\)"):
            y.sum().backward()
    assert failing().grad_fn.traceback is None
