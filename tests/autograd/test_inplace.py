"""In-place writes under autograd: random programs of views and writes, compared with PyTorch; then the rules one by
one.
"""
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import minitorch
from tests.oracle import check_raises, check_same, import_torch

# A step of a random program takes the tensors made so far and numbers i, j that choose among them.
# A view is of the first tensor only; a write goes to the first, in place; the others make a new tensor.
VIEWS = [
    lambda x: x[0], lambda x: x[1:], lambda x: x[..., ::2], lambda x: x.t(), lambda x: x.view(-1),
    lambda x: x.unsqueeze(0),
    lambda x: x.transpose(0, 1), lambda x: x.reshape(3, 2), lambda x: x.diagonal(), lambda x: x.narrow(0, 1, 1),
    lambda x: x.permute(1, 0), lambda x: x[:, 1], lambda x: x.squeeze(), lambda x: x.expand(2, *x.shape),
    lambda x: x.unfold(0, 2, 2)]
WRITES = [
    lambda x, y: x.mul_(1.5), lambda x, y: x.add_(y), lambda x, y: x.mul_(y), lambda x, y: x.copy_(y),
    lambda x, y: x.zero_(),
    lambda x, y: x.sin_(), lambda x, y: x.sub_(y, alpha=2), lambda x, y: x.__setitem__(0, y[0]),
    lambda x, y: x.fill_(0.5),
    lambda x, y: x.__setitem__((..., slice(1)), 0.25), lambda x, y: x.tanh_(), lambda x, y: x.addcmul_(x, y),
    lambda x, y: x.masked_fill_(y > 0, 0.1), lambda x, y: x.unsqueeze_(0), lambda x, y: x.div_(y + 3),
    lambda x, y: x.lerp_(y, 0.3),
    lambda x, y: x.__setitem__([0], y[1]), lambda x, y: x.clamp_(-0.5, 0.5)]
OTHERS = [
    lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x.exp() * 0.1, lambda x, y: x.clone(), lambda x, y: x.sum(0),
    lambda x, y: x.detach(), lambda x, y: (x * x).sum() * y, lambda x, y: x @ y.mT, lambda x, y: x / (y + 3),
    lambda x, y: x ** 2,
    lambda x, y: x.relu() if hasattr(x, 'relu') else x * 1, lambda x, y: x.softmax(-1),
    lambda x, y: (x % 2) * 0.5, lambda x, y: x.amax(-1)]
STEPS = [*VIEWS, *WRITES, *OTHERS]
program = st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9), st.integers(0, 9)), max_size=12)


def step(tensors, number, i, j):
    """Run one step; what it makes joins the tensors."""
    x, y = tensors[i % len(tensors)], tensors[j % len(tensors)]
    function = STEPS[number]
    out = function(x) if number < len(VIEWS) else function(x, y)
    if out is not None and out is not x:
        tensors.append(out)


def start(lib):
    rng = np.random.default_rng(0)
    leaves = [lib.tensor(rng.uniform(-1, 1, (2, 3)), requires_grad=True) for _ in range(2)]
    return leaves, [leaves[0] * 1, leaves[1] * 2, lib.tensor(rng.uniform(-1, 1, (2, 3)))]


def gradients(lib, leaves, tensors):
    """Of a different multiple of the sum of every tensor."""
    roots = [x.sum() * (n + 1) for n, x in enumerate(tensors) if x.requires_grad]
    return lib.autograd.grad(sum(roots), leaves, allow_unused=True, retain_graph=True)


@settings(max_examples=150)
@given(program)
@example([(0, 0, 0), (len(VIEWS), 3, 0), (len(VIEWS) + 1, 0, 1)])
def test_random_programs(steps):
    torch = import_torch()
    their_leaves, theirs = start(torch)
    our_leaves, ours = start(minitorch)
    for number, i, j in steps:
        x, y = ours[i % len(ours)], ours[j % len(ours)]
        if x is not y and np.may_share_memory(x.detach().numpy(), y.detach().numpy()):
            continue  # PyTorch may read what it has just written
        try:
            step(theirs, number, i, j)
        except UserWarning:
            return  # an indexed write to an expanded tensor, which PyTorch is about to forbid
        except Exception:
            continue  # shapes that do not fit, or a write that PyTorch refuses
        try:
            step(ours, number, i, j)
        except RuntimeError as error:  # PyTorch lets some writes go to overlapping memory, such as zero_
            assert "more than one element of the written-to tensor refers to a single memory location" in str(error)
            return
    for their, our in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(our.detach().numpy(), their.detach().numpy(), atol=1e-12)
        assert our.requires_grad == their.requires_grad
    try:
        expected = gradients(torch, their_leaves, theirs)
    except RuntimeError:
        return  # something that was saved has been overwritten
    for their, our in zip(expected, gradients(minitorch, our_leaves, ours)):
        np.testing.assert_allclose(0 if our is None else our.numpy(), 0 if their is None else their.numpy(), atol=1e-9)


def gradient(T, change):
    """Of a sum, after `change` wrote to x * 2 in place; with what the write returned, if that is a tensor."""
    x = T.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], requires_grad=True)
    y = x * 2
    out = change(T, y)
    (y * y).sum().backward()
    return x.grad, y, y.grad_fn.name().split("::")[-1].rstrip("0123456789"), out if hasattr(out, "dtype") else None


@pytest.mark.parametrize("change", [
    lambda T, y: y[0].mul_(3), lambda T, y: y.t()[1].zero_(), lambda T, y: y[:, ::2].exp_(),
    lambda T, y: y.view(-1)[1:4].sqrt_(),
    lambda T, y: y.__setitem__((0, 1), 5.), lambda T, y: y.__setitem__(y > 0.5, 0.),
    lambda T, y: y.__setitem__([1, 0], y.detach().clone()),
    lambda T, y: y.squeeze_(0), lambda T, y: y.unsqueeze_(1), lambda T, y: y.t_(), lambda T, y: y.transpose_(0, 1),
    lambda T, y: y.fill_(T.tensor(2., requires_grad=True)), lambda T, y: y.copy_(T.ones(3).double()),
    lambda T, y: y.diagonal().neg_(),
    lambda T, y: [view := y[1], y.mul_(2), view.add_(1)][2],
    lambda T, y: [view := y[1], other := y[:, 0], other.exp_(), view * 1][3],
])
def test_a_write(change):
    check_same(lambda T: gradient(T, change))


def test_writes_into_a_tensor_without_gradient():
    def filled(T):
        w = T.tensor([1., 2.], requires_grad=True)
        out = T.zeros(2, 2)
        out[0] = w
        row = out[1]
        row.copy_(w * w)
        (out * T.tensor([[1., 2.], [3., 4.]])).sum().backward()
        return w.grad, out, row, out.requires_grad, out.is_leaf

    check_same(filled)


@pytest.mark.parametrize("write", [
    lambda T, y: y.add_(T.ones(2, 2, 3)), lambda T, y: T.ones(2, dtype=T.int64).add_(0.5),
    lambda T, y: y.copy_(T.ones(4)),
    lambda T, y: y.fill_(T.ones(2)), lambda T, y: T.ones(3).expand(2, 3).add_(1),
    lambda T, y: y.detach_().view(-1).detach_().add_(T.ones(7))])
def test_a_write_that_does_not_fit(write):
    check_raises(lambda T: write(T, T.ones(2, 3, requires_grad=True) * 1))


def test_a_write_under_no_grad_leaves_the_history_alone():
    def written(T):
        x = T.ones(2, requires_grad=True)
        y = x * 3
        with T.no_grad():
            y.mul_(5)
            x.add_(1)
        (y * 2).sum().backward()
        return x.grad, x, y, y._version, x._version

    check_same(written)


def test_retained_gradients_follow_the_tensor_and_hooks_stay_with_the_value():
    def seen(T):
        log, x = [], T.ones(2, requires_grad=True)
        y = x * 3
        y.retain_grad()
        y.register_hook(lambda g: log.append(["before", g]))
        y.mul_(5)
        y.register_hook(lambda g: log.append(["after", g]))
        (y * 7).sum().backward()
        return log, y.grad, x.grad

    check_same(seen)


def test_the_retained_gradient_of_a_view_follows_a_write():
    def grads(T):
        base = T.ones(3, requires_grad=True) * 2
        view = base[:2]
        view.retain_grad()
        view.mul_(5)
        (base * 7).sum().backward()
        return view.grad

    check_same(grads)
