"""How far apart vectors are, and how much they point the same way."""
import numpy as np

from .._shapes import broadcast_shapes, normalize_dim
from ..engine import Op, named
from ..graph import check_tensors, wrap
from .elementwise import abs, add, clamp_min, div, gt, mul, sign, sub, where
from .index import index
from .reduce import sum, vector_norm
from .shape import unsqueeze
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


class EuclideanDistance(Op):
    """out[..., i, j] = |x1[..., i, :] - x2[..., j, :]|.   Saves: x1, x2, out."""

    torch_name = "CdistBackward0"

    def forward(self, x1, x2):
        out = self.k.euclidean_distance(x1, x2)
        self.save(x1, x2, out)
        return out

    def backward(self, grad):  # dx1[i] = sum_j w[i, j] * (x1[i] - x2[j]), with w = grad / out, and 0 where out is 0
        x1, x2, out = self.saved
        weight = self.k.where(self.k.eq(out, 0), 0.0, self.k.div(grad, out))            # (..., P, R)
        dims = *range(len(weight.shape) - 2), len(weight.shape) - 1, len(weight.shape) - 2
        transposed = self.k.permute(weight, dims)                                       # (..., R, P)
        return self.pull(weight, x1, x2), self.pull(transposed, x2, x1)

    def pull(self, weight, x, other):
        """sum_j weight[i, j] * (x[i] - other[j]): (..., P, R), (..., P, M), (..., R, M) -> (..., P, M)"""
        k = self.k
        return k.sub(k.mul(k.sum(weight, -1, True), x), k.matmul(weight, other))


def euclidean_distance(x1, x2):
    """The kernel with a gradient, for arguments that are already checked."""
    return EuclideanDistance.apply(x1, x2)


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """out[..., i, j] = the p-norm of x1[..., i, :] - x2[..., j, :]: (..., P, M), (..., R, M) -> (..., P, R)

    Where the distance is 0, so is its slope. compute_mode is for PyTorch's programs: all distances are computed from
    differences. RuntimeError where shapes or dtypes do not fit, or for p < 0.

    >>> import minitorch as torch
    >>> torch.cdist(torch.tensor([[0., 0.], [3., 0.]]), torch.tensor([[0., 4.]]))
    tensor([[4.],
            [5.]])
    """
    check_tensors("cdist", x1=x1, x2=x2)
    if compute_mode not in (None, "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist",
                            "donot_use_mm_for_euclid_dist"):
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for name, x in ("X1", x1), ("X2", x2):
        _check_float("cdist", name, x)
        if x.array.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.array.ndim}D")
    (*batch1, _, columns1), (*batch2, _, columns2) = x1.array.shape, x2.array.shape
    if columns1 != columns2:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {columns1} X2: {columns2}")
    if not p >= 0:
        raise RuntimeError(f"cdist only supports non-negative p values, but got {p}")
    if x1.array.dtype != x2.array.dtype:
        raise RuntimeError(f"expected scalar type {x1.dtype.scalar_name} but found {x2.dtype.scalar_name}")
    broadcast_shapes(tuple(batch1), tuple(batch2))
    if p == 2:
        return euclidean_distance(x1, x2)
    differences = sub(unsqueeze(x1, -2), unsqueeze(x2, -3))                             # (..., P, R, M)
    if p == 0 or columns1 == 0:  # how many are not 0
        return named(sum(sign(abs(differences)), -1), "CdistBackward0")
    return named(vector_norm(differences, p, -1), "CdistBackward0")


def pdist(input, p=2.0):
    """The distances of all pairs of rows i < j, (0, 1), (0, 2), ..., (N-2, N-1): (N, M) -> (N*(N-1)/2,); see cdist.

    >>> import minitorch as torch
    >>> torch.pdist(torch.tensor([[0.], [1.], [3.]]))
    tensor([1., 3., 2.])
    """
    check_tensors("pdist", input=input)
    _check_float("pdist", "input", input)
    if input.array.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.array.ndim}D")
    if not p >= 0:
        raise RuntimeError(f"pdist only supports non-negative p values, but got {p}")
    pairs = [wrap(rows) for rows in np.triu_indices(len(input.array), 1)]
    return named(index(cdist(input, input, p), pairs), "PdistBackward0")


def _check_float(function, name, x):
    if x.array.dtype.kind != "f":
        raise RuntimeError(f"{function} only supports floating-point dtypes, {name} got: {x.dtype.scalar_name}")
    if x.array.dtype == np.float16:
        raise NotImplementedError(f"\"{function}\" not implemented for 'Half'")


def dist(input, other, p=2):
    """The p-norm of all of input - other, which broadcast together.

    >>> import minitorch as torch
    >>> torch.dist(torch.tensor([0., 0.]), torch.tensor([3., 4.]))
    tensor(5.)
    """
    return named(vector_norm(sub(input, other), p), "DistBackward0")


def renorm(input, p, dim, maxnorm):
    """Scale the slices along `dim` whose p-norm exceeds maxnorm down to it.

    RuntimeError for fewer than 2 dimensions, p <= 0 or maxnorm < 0.

    >>> import minitorch as torch
    >>> torch.renorm(torch.tensor([[3., 4.], [0., 1.]]), 2, 0, 1)
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]])
    """
    check_tensors("renorm", input=input)
    if not p > 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if not maxnorm >= 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    ndim = input.array.ndim
    if ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions")
    dim = normalize_dim(dim, ndim)
    lengths = vector_norm(input, p, [other for other in range(ndim) if other != dim], keepdim=True)
    factor = where(gt(lengths, maxnorm), div(maxnorm, add(lengths, 1e-7)), 1.0)
    return named(mul(input, factor), "RenormBackward0")
