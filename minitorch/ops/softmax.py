"""Softmax: numbers along a dimension as probabilities."""
import numpy as np

from .. import dtypes
from .. import random as _random
from .._shapes import normalize_dim
from ..engine import Op, wrap
from .elementwise import add, cast, div, neg, sub
from .index import scatter
from .shape import view


class Softmax(Op):
    """out = e^x / sum(e^x) along dim.   Saves: out."""

    def forward(self, x, dim):
        self.dim = dim
        out = self.k.softmax(x, dim)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.softmax_backward(grad, out, self.dim)


class SoftmaxBackward(Op):
    """dx = y * (dy - s), with s = sum(y * dy).   Saves: dy, y."""

    torch_name = "SoftmaxBackwardDataBackward0"

    def forward(self, grad, y, dim):
        self.dim = dim
        self.save(grad, y)
        return self.k.softmax_backward(grad, y, dim)

    def backward(self, ddx):
        grad, y = self.saved
        k = self.k
        s = k.sum(k.mul(grad, y), (self.dim,), True)
        t = k.sum(k.mul(ddx, y), (self.dim,), True)
        return k.softmax_backward(ddx, y, self.dim), k.sub(k.mul(ddx, k.sub(grad, s)), k.mul(grad, t))


def softmax_backward(grad, output, dim):
    """The gradient of softmax, given its output."""
    return SoftmaxBackward.apply(grad, output, dim=dim)


def softmax(input, dim, dtype=None):
    """e^x / sum(e^x) along `dim`: positive numbers that add up to 1. `dtype` casts the input first.

    >>> import minitorch as torch
    >>> torch.softmax(torch.tensor([1., 1., 2.]), dim=0)
    tensor([0.2119, 0.2119, 0.5761])
    """
    return _along(Softmax, "softmax_kernel_impl", input, dim, dtype)


class LogSoftmax(Op):
    """out = x - log(sum(e^x)) along dim.   Saves: out."""

    def forward(self, x, dim):
        self.dim = dim
        out = self.k.log_softmax(x, dim)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.log_softmax_backward(grad, out, self.dim)


class LogSoftmaxBackward(Op):
    """dx = dy - e^y * sum(dy).   Saves: dy, y."""

    torch_name = "LogSoftmaxBackwardDataBackward0"

    def forward(self, grad, y, dim):
        self.dim = dim
        self.save(grad, y)
        return self.k.log_softmax_backward(grad, y, dim)

    def backward(self, ddx):
        grad, y = self.saved
        k = self.k
        weighted = k.mul(ddx, k.exp(y))
        return (k.sub(ddx, k.sum(weighted, (self.dim,), True)),
                k.neg(k.mul(weighted, k.sum(grad, (self.dim,), True))))


def log_softmax_backward(grad, output, dim):
    """The gradient of log_softmax, given its output."""
    return LogSoftmaxBackward.apply(grad, output, dim=dim)


def log_softmax(input, dim, dtype=None):
    """log(softmax(x)) along `dim`, without overflow. `dtype` casts the input first.

    >>> import minitorch as torch
    >>> torch.log_softmax(torch.tensor([1., 1., 2.]), dim=0)
    tensor([-1.5514, -1.5514, -0.5514])
    """
    return _along(LogSoftmax, "log_softmax_lastdim_kernel_impl", input, dim, dtype)


def _along(op, kernel, input, dim, dtype):
    if dtype is not None:
        input = cast(input, dtypes.to_numpy(dtype))
    if not input.dtype.is_floating_point:
        raise dtypes.not_implemented(kernel, input.dtype)
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape))
    if shape:
        return op.apply(input, dim=dim)
    return view(op.apply(view(input, (1,)), dim=0), ())


def softmin(input, dim, dtype=None):
    """softmax(-x).

    >>> import minitorch as torch
    >>> torch.nn.functional.softmin(torch.tensor([1., 1., 2.]), dim=0)
    tensor([0.4223, 0.4223, 0.1554])
    """
    return softmax(neg(input), dim, dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Samples from a softmax that have a gradient: softmax((logits + Gumbel noise) / tau).

    `hard` returns one-hot samples, with the gradient of the soft ones. `eps` has no effect, as in torch.

    >>> import minitorch as torch
    >>> torch.nn.functional.gumbel_softmax(torch.zeros(2, 3), hard=True).sum(dim=1)
    tensor([1., 1.])
    """
    x = logits.array
    noise = np.empty_like(x)  # -log(E) is a Gumbel variable when E is an exponential one
    _random.fill(noise, lambda shape: -np.log(_random.default_generator.exponential(shape, dtype=x.dtype)))
    soft = softmax(div(add(logits, wrap(noise)), tau), dim)
    if not hard:
        return soft
    dim = normalize_dim(dim, x.ndim)
    winners = wrap(np.argmax(soft.array, axis=dim, keepdims=True))
    one_hot = scatter(wrap(np.zeros_like(x)), dim, winners, 1.0)
    return add(sub(one_hot, soft.detach()), soft)
