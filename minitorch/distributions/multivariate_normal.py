"""The normal distribution of vectors."""
import math

import numpy as np

from ..creation import eye, randn
from ..linalg import cholesky, solve_triangular
from ..ops import log, matmul
from . import constraints
from .distribution import Distribution
from .utils import lazy_property


class MultivariateNormal(Distribution):
    """Vectors loc + L z, z standard normal, with covariance L L^T. One of the three matrices is given:

    covariance_matrix, its inverse precision_matrix, or its Cholesky factor scale_tril (lower triangular).
    ValueError unless it is one, and for a loc without dimensions.

    >>> import minitorch as torch
    >>> MultivariateNormal(torch.zeros(2), torch.tensor([[4.0, 0.0], [0.0, 1.0]])).variance
    tensor([4., 1.])
    """

    arg_constraints = {"loc": constraints.real_vector, "covariance_matrix": constraints.positive_definite,
                       "precision_matrix": constraints.positive_definite, "scale_tril": constraints.lower_cholesky}
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
        given = {name: matrix for name, matrix in given.items() if matrix is not None}
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = given.items()
        if matrix.dim() < 2:
            raise ValueError(f"{name} must be at least two-dimensional, with optional leading batch dimensions")
        batch_shape = np.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        setattr(self, name, matrix.expand(*batch_shape, -1, -1))  # (..., D, D)
        self.loc = loc.expand(*batch_shape, -1)  # (..., D)
        super().__init__(batch_shape, loc.shape[-1:], validate_args)

    @lazy_property
    def scale_tril(self):
        if "covariance_matrix" in vars(self):
            return cholesky(self.covariance_matrix)
        upper = cholesky(self.precision_matrix.flip(-2, -1)).flip(-2, -1)  # U U^T = precision
        return solve_triangular(upper.mT, eye(self.loc.shape[-1], dtype=self.loc.dtype), upper=False)

    @lazy_property
    def covariance_matrix(self):
        return matmul(self.scale_tril, self.scale_tril.mT)

    @lazy_property
    def precision_matrix(self):
        inverse = solve_triangular(self.scale_tril, eye(self.loc.shape[-1], dtype=self.loc.dtype), upper=False)
        return matmul(inverse.mT, inverse)

    @property
    def mean(self):
        return self.loc

    mode = mean

    @property
    def variance(self):
        return (self.scale_tril**2).sum(-1)

    def rsample(self, sample_shape=()):
        z = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)  # (..., D)
        return self.loc + matmul(self.scale_tril, z.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value):
        self._validate_sample(value)
        difference = (value - self.loc).unsqueeze(-1)  # (..., D, 1)
        scale = self.scale_tril.expand(*difference.shape[:-2], -1, -1)
        whitened = solve_triangular(scale, difference, upper=False).squeeze(-1)  # (..., D)
        return -0.5 * (self.loc.shape[-1] * math.log(2 * math.pi) + (whitened**2).sum(-1)) - self.log_volume()

    def log_volume(self):
        """log det L"""
        return log(self.scale_tril.diagonal(dim1=-2, dim2=-1)).sum(-1)

    def entropy(self):
        return 0.5 * self.loc.shape[-1] * (1 + math.log(2 * math.pi)) + self.log_volume()
