"""Ready-made parametrizations: weight_norm, spectral_norm and orthogonal."""
from ...autograd import no_grad
from ...creation import eye, randn, zeros_like
from ...dtypes import finfo
from ...engine import TensorBase
from ...linalg import householder_product, matrix_exp, solve
from ...ops import allclose, cat, geqrf
from ..functional import normalize
from ..modules import Module
from .parametrize import register_parametrization
from .spectral_norm import as_matrix, check_steps, default_dim, first_vectors
from .weight_norm import norm_except_dim, scaled


def _tensor_of(module, name):
    tensor = getattr(module, name, None)
    if not isinstance(tensor, TensorBase):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return tensor


# -------------------------------------------------------------------------------------------- weight normalisation


class _WeightNorm(Module):
    """g * v / |v| of original0 = g and original1 = v."""

    def __init__(self, dim):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, g, v):
        return scaled(v, g, self.dim)

    def right_inverse(self, weight):
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module, name="weight", dim=0):
    """Learn a weight as its length g times its direction v / |v|, each slice along `dim` by itself; None: all in one.

    The two are parametrizations.<name>.original0 and original1. State dicts of the older nn.utils.weight_norm can be
    loaded. Returns the module.

    >>> import minitorch as torch
    >>> layer = weight_norm(torch.nn.Linear(20, 40))
    >>> layer.parametrizations.weight.original0.size(), layer.parametrizations.weight.original1.size()
    (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def rename(module, state_dict, prefix, *_):
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state_dict for key in old):
            for i, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)

    module.register_load_state_dict_pre_hook(rename)
    return module


# ------------------------------------------------------------------------------------------ spectral normalisation


class _SpectralNorm(Module):
    """weight / u^T W v, with buffers u and v that follow the weight by the power method."""

    def __init__(self, weight, n_power_iterations, dim, eps):
        super().__init__()
        ndim = weight.dim()
        if not -ndim <= dim < ndim:
            raise IndexError(f"Dimension out of range (expected to be in range of [-{ndim}, {ndim - 1}] but got {dim})")
        check_steps(n_power_iterations)
        self.dim, self.n_power_iterations, self.eps = dim % ndim, n_power_iterations, eps
        if ndim > 1:
            matrix = as_matrix(weight, self.dim)
            for name, vector in zip(("_u", "_v"), first_vectors(matrix, eps)):
                self.register_buffer(name, vector)
            self._iterate(matrix, 15)

    @no_grad()
    def _iterate(self, matrix, steps):
        for _ in range(steps):
            self._u.copy_(normalize(matrix.mv(self._v), dim=0, eps=self.eps))
            self._v.copy_(normalize(matrix.t().mv(self._u), dim=0, eps=self.eps))

    def forward(self, weight):
        if weight.dim() == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        # copies, for backward: the next forward moves u and v
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value):
        return value


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a weight by its largest singular value; a vector by its length.

    The power method estimates the value, n_power_iterations steps each time the weight is read in training. dim: that
    of the outputs, 0, or 1 for a transposed convolution. Returns the module.

    >>> import minitorch as torch
    >>> layer = spectral_norm(torch.nn.Linear(3, 2), n_power_iterations=100)
    >>> torch.linalg.matrix_norm(layer.weight, 2).detach()
    tensor(1.0000)
    """
    dim = default_dim(module) if dim is None else dim
    parametrization = _SpectralNorm(_tensor_of(module, name), n_power_iterations, dim, eps)
    return register_parametrization(module, name, parametrization)


# --------------------------------------------------------------------------------------------------- orthogonality


class _Orthogonal(Module):
    """An orthogonal matrix (n, k), n >= k (else its transpose), from an unconstrained one, X.

    matrix_exp   exp(A), where A = L - L^T and L is the lower triangle of X
    cayley       (I - A/2)^-1 (I + A/2)
    householder  a product of reflections, by the columns of X below its diagonal

    With a `base`, the matrix is base @ that: then X = -I, where learning starts, gives the base.
    """

    def __init__(self, shape, orthogonal_map, use_trivialization):
        super().__init__()
        self.shape, self.orthogonal_map = shape, orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X):
        n, k = X.shape[-2:]
        if n < k:
            return self._tall(X.mT).mT
        return self._tall(X)

    def _tall(self, X):
        n, k = X.shape[-2:]
        if self.orthogonal_map == "householder":
            reflectors = X.tril(-1)
            tau = 2.0 / (1.0 + (reflectors * reflectors).sum(-2))
            Q = householder_product(reflectors, tau)
            Q = Q * X.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)  # signs, not learned
        else:
            lower = X.tril()
            if n != k:
                lower = cat([lower, X.new_zeros(*X.shape[:-2], n, n - k)], dim=-1)  # (n, k) -> (n, n)
            A = lower - lower.mT
            if self.orthogonal_map == "matrix_exp":
                Q = matrix_exp(A)
            else:
                identity = eye(n, dtype=A.dtype, device=A.device)
                Q = solve(identity - A / 2, identity + A / 2)
            Q = Q[..., :k]  # (n, n) -> (n, k)
        return self.base @ Q if hasattr(self, "base") else Q

    @no_grad()
    def right_inverse(self, Q):
        if Q.shape != self.shape:
            raise ValueError(f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape "
                             f"{Q.shape}.")
        wide = Q.shape[-2] < Q.shape[-1]
        tall = Q.mT if wide else Q
        if hasattr(self, "base"):
            self.base = _complete(tall)
            start = zeros_like(Q)
            start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
            return start
        if self.orthogonal_map != "householder":
            raise NotImplementedError("It is not possible to assign to the matrix exponential or the Cayley "
                                      "parametrizations when use_trivialization=False.")
        X, tau = geqrf(tall)
        signs = X.diagonal(dim1=-2, dim2=-1)
        signs.copy_(signs.sign() * (1 - 2 * (tau == 0).to(X.dtype)))  # LAPACK skips a reflection: the other sign
        return X.mT if wide else X


def _complete(Q):
    """Columns (n, k), made orthogonal if they are not, and n - k random ones more: an orthogonal matrix (n, n)."""
    n, k = Q.shape[-2:]
    if n != k:
        return _orthogonalize(cat([Q, randn(*Q.shape[:-2], n, n - k, dtype=Q.dtype, device=Q.device)], dim=-1))
    identity = eye(n, dtype=Q.dtype, device=Q.device)
    tolerance = 10.0 * n * finfo(Q.dtype).eps
    return Q.clone() if allclose(Q.mT @ Q, identity, atol=tolerance) else _orthogonalize(Q)


def _orthogonalize(A):
    """Q of A = Q R with a positive diagonal of R."""
    X, tau = geqrf(A)
    return householder_product(X, tau) * X.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    """Keep a matrix, or a batch of them, orthogonal: Q^T Q = I, or Q Q^T = I if it is wide.

    orthogonal_map: "matrix_exp" (the default for square ones), "cayley" or "householder" (for others). Learning starts
    at the present value, made orthogonal. use_trivialization: around that value, in coordinates in which it is simple.
    Returns the module. ValueError for another map, or a tensor of fewer than two dimensions.

    >>> import minitorch as torch
    >>> layer = orthogonal(torch.nn.Linear(2, 4))
    >>> torch.allclose(layer.weight.T @ layer.weight, torch.eye(2), atol=1e-6)
    True
    """
    weight = _tensor_of(module, name)
    if weight.dim() < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.dim()} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.size(-2) == weight.size(-1) else "householder"
    if orthogonal_map not in ("matrix_exp", "cayley", "householder"):
        raise ValueError('orthogonal_map has to be one of "matrix_exp", "cayley", "householder". '
                         f"Got: {orthogonal_map}")
    parametrization = _Orthogonal(weight.shape, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, parametrization, unsafe=True)
