"""In-place writes under autograd: random programs of views and writes, compared with PyTorch; then the rules one by one."""
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

# A step of a random program takes the tensors made so far and numbers i, j that choose among them.
# A view is of the first tensor only; a write goes to the first, in place; the others make a new tensor.
VIEWS = [
    lambda x: x[0], lambda x: x[1:], lambda x: x[..., ::2], lambda x: x.t(), lambda x: x.view(-1), lambda x: x.unsqueeze(0),
    lambda x: x.transpose(0, 1), lambda x: x.reshape(3, 2), lambda x: x.diagonal(), lambda x: x.narrow(0, 1, 1),
    lambda x: x.permute(1, 0), lambda x: x[:, 1], lambda x: x.squeeze(), lambda x: x.expand(2, *x.shape), lambda x: x.unfold(0, 2, 2)]
WRITES = [
    lambda x, y: x.mul_(1.5), lambda x, y: x.add_(y), lambda x, y: x.mul_(y), lambda x, y: x.copy_(y), lambda x, y: x.zero_(),
    lambda x, y: x.sin_(), lambda x, y: x.sub_(y, alpha=2), lambda x, y: x.__setitem__(0, y[0]), lambda x, y: x.fill_(0.5),
    lambda x, y: x.__setitem__((..., slice(1)), 0.25), lambda x, y: x.tanh_(), lambda x, y: x.addcmul_(x, y),
    lambda x, y: x.masked_fill_(y > 0, 0.1), lambda x, y: x.unsqueeze_(0), lambda x, y: x.div_(y + 3), lambda x, y: x.lerp_(y, 0.3),
    lambda x, y: x.__setitem__([0], y[1]), lambda x, y: x.clamp_(-0.5, 0.5)]
OTHERS = [
    lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x.exp() * 0.1, lambda x, y: x.clone(), lambda x, y: x.sum(0),
    lambda x, y: x.detach(), lambda x, y: (x * x).sum() * y, lambda x, y: x @ y.mT, lambda x, y: x / (y + 3), lambda x, y: x ** 2,
    lambda x, y: x.relu() if hasattr(x, 'relu') else x * 1, lambda x, y: x.softmax(-1), lambda x, y: (x % 2) * 0.5, lambda x, y: x.amax(-1)]
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
