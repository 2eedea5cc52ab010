"""How far apart vectors are, and how much they point the same way."""
from ..engine import named
from .elementwise import add, clamp_min, div, mul, sub
from .reduce import sum, vector_norm
from .shape import broadcast_tensors


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
    x1, x2 = broadcast_tensors(x1, x2)
    x1, x2 = (div(x, clamp_min(vector_norm(x, 2, dim, keepdim=True), eps)) for x in (x1, x2))
    return sum(mul(x1, x2), dim)
