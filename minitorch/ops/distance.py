"""Lengths of vectors, and how far apart vectors are."""
import math

from .._shapes import normalize_dims
from ..engine import Op, named
from .elementwise import abs as _abs
from .elementwise import add, clamp_min, div, mul, ne, pow, sub
from .reduce import amax, amin, sum


class EuclideanNorm(Op):
    """out = sqrt(sum(x^2)) over dim, which is kept; the gradient at x = 0 is 0.   Saves: x, out."""

    torch_name = "LinalgVectorNormBackward0"

    def forward(self, x, dim):
        k = self.k
        out = k.sqrt(k.sum(k.mul(x, x), dim, True))
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        return k.mul(grad, k.div(x, k.where(k.eq(out, 0), 1.0, out)))


def vector_norm(input, ord=2, dim=None, keepdim=False):
    """sum(|x|^ord)^(1/ord) over `dim`; the largest (smallest) |x| for ord = inf (-inf), how many are not 0 for ord = 0.

    >>> import minitorch as torch
    >>> torch.linalg.vector_norm(torch.tensor([3., -4.]))
    tensor(5.)
    """
    if ord == 2:
        dims = normalize_dims(dim, input.array.ndim) if input.array.ndim else None
        out = EuclideanNorm.apply(input, dim=dims)
        return out if keepdim else sum(out, dims)
    if ord == math.inf:
        return amax(_abs(input), dim, keepdim)
    if ord == -math.inf:
        return amin(_abs(input), dim, keepdim)
    if ord == 0:
        return sum(ne(input, 0), dim, keepdim, dtype=input.dtype)
    if ord == 1:
        return sum(_abs(input), dim, keepdim)
    return pow(sum(pow(_abs(input), ord), dim, keepdim), 1.0 / ord)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of x1 - x2 + eps over the last dimension.

    >>> import minitorch as torch
    >>> torch.pairwise_distance(torch.zeros(1, 2), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """
    return named(vector_norm(add(sub(x1, x2), eps), p, -1, keepdim), "NormBackward1")


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """x1 . x2 / (max(|x1|, eps) * max(|x2|, eps)) over `dim`.

    >>> import minitorch as torch
    >>> torch.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """
    x1, x2 = (div(x, clamp_min(vector_norm(x, 2, dim, keepdim=True), eps)) for x in (x1, x2))
    return sum(mul(x1, x2), dim)
