"""utils.checkpoint against PyTorch: gradients, how often the function runs, random numbers, errors."""
import pytest

import minitorch as torch
from tests.oracle import check_raises, check_same


def leaf(T):
    return T.tensor([1., 2.], requires_grad=True)


def both(f):
    return pytest.mark.parametrize("use_reentrant", [True, False])(f)


def checkpoint(T):
    if T is torch:
        return T.utils.checkpoint.checkpoint
    import torch.utils.checkpoint as module  # PyTorch does not import it by itself
    return module.checkpoint


@both
def test_gradients_and_number_of_calls(use_reentrant):
    def run(T):
        x, weight, calls = leaf(T), leaf(T), []

        def function(a, b):
            calls.append(1)
            return (a.exp() * a * weight * b).sin(), b

        y, b = checkpoint(T)(function, x, 3, use_reentrant=use_reentrant)
        before = len(calls)
        y.sum().backward()
        return y, b, x.grad, weight.grad, before, len(calls)
    check_same(run)


def test_second_gradients_keywords_and_nesting():
    def run(T):
        x, C = leaf(T), checkpoint(T)
        y = C(lambda a, power: C(lambda b: b.exp() * b, a.sin(), use_reentrant=False) ** power, x, power=2,
              use_reentrant=False).sum()
        first, = T.autograd.grad(y, x, create_graph=True)
        return y, first, T.autograd.grad(first.sum(), x)
    check_same(run)


@both
@pytest.mark.parametrize("preserve", [True, False])
def test_dropout_masks(use_reentrant, preserve):
    def run(T):
        T.manual_seed(0)
        x = T.ones(100, requires_grad=True)
        y = checkpoint(T)(lambda a: T.nn.functional.dropout(a) * a, x, use_reentrant=use_reentrant,
                          preserve_rng_state=preserve)
        after = T.rand(1)
        y.sum().backward()
        return y, x.grad, after, T.rand(1)
    check_same(run)


def test_nothing_is_kept_between():
    kept = []
    x = leaf(torch)
    hooks = torch.autograd.graph.saved_tensors_hooks
    with hooks(lambda t: kept.append(t) or t, lambda t: t):
        checkpoint(torch)(lambda a: a.exp() * a, x, use_reentrant=False)
    assert not kept  # the checkpoint's own hooks are inside


@both
def test_sequential(use_reentrant):
    def run(T):
        x = leaf(T)
        functions = [T.sin, T.cos, T.exp, T.sqrt, T.tanh]
        y = T.utils.checkpoint.checkpoint_sequential(functions, 2, x, use_reentrant=use_reentrant)
        y.sum().backward()
        return y, x.grad
    checkpoint(torch)
    check_same(run)


def changes_its_mind(first, second):
    answers = [first, second]
    return lambda a: answers.pop(0)(a)


@pytest.mark.parametrize("match, call", [
    ("A different number of tensors was saved",
     lambda C, x: C(changes_its_mind(lambda a: a.exp() * a, lambda a: a * 2), x, use_reentrant=False)),
    ("have different metadata than during the forward pass",
     lambda C, x: C(changes_its_mind(lambda a: a.exp(), lambda a: a[:1].exp()), x, use_reentrant=False)),
    ("modified by an inplace operation",
     lambda C, x: (lambda a: (C(exponential, a, use_reentrant=False), a.mul_(2))[0])(x * 1)),
    ("Unexpected keyword arguments: b", lambda C, x: C(lambda a, b: a, x, b=1, use_reentrant=True)),
    ("Passing `context_fn` or `debug`", lambda C, x: C(exponential, x, context_fn=list, use_reentrant=True)),
    ("none of output has requires_grad=True", lambda C, x: C(lambda a: a.detach(), x, use_reentrant=True)),
])
def test_errors(match, call):
    check_raises(lambda T: call(checkpoint(T), leaf(T)).sum().backward(), match)


def exponential(a):
    return a.exp()


def test_reentrant_checkpoints_need_a_whole_backward():
    check_raises(lambda T: T.autograd.grad(checkpoint(T)(exponential, x := leaf(T), use_reentrant=True).sum(), x),
                 "incompatible with .grad\\(\\) or passing an `inputs` parameter")


def test_warnings():
    with pytest.warns(UserWarning, match="use_reentrant parameter should be passed explicitly"):
        checkpoint(torch)(exponential, leaf(torch))
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        checkpoint(torch)(exponential, torch.ones(2), use_reentrant=True)
