"""The Dirichlet distribution."""
from ..ops import digamma, lgamma, xlogy
from . import constraints
from .distribution import Distribution
from .gamma import rsample_standard_gamma


class Dirichlet(Distribution):
    """Probabilities x that sum to 1: density prod(x^(a - 1)) Gamma(sum(a)) / prod(Gamma(a)), a = concentration > 0.

    ValueError for a concentration without dimensions.

    >>> import minitorch as torch
    >>> Dirichlet(torch.tensor([1.0, 3.0])).mean
    tensor([0.2500, 0.7500])
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration, validate_args=None):
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)

    @property
    def mean(self):
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def variance(self):
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total**2 * (total + 1))

    def rsample(self, sample_shape=()):
        gamma = rsample_standard_gamma(self.concentration.expand(self._extended_shape(sample_shape)))
        return gamma / gamma.sum(-1, keepdim=True)

    def log_prob(self, value):
        self._validate_sample(value)
        a = self.concentration
        return xlogy(a - 1, value).sum(-1) + lgamma(a.sum(-1)) - lgamma(a).sum(-1)

    def entropy(self):
        a, k = self.concentration, self.concentration.shape[-1]
        total = a.sum(-1)
        return lgamma(a).sum(-1) - lgamma(total) - (k - total) * digamma(total) - ((a - 1) * digamma(a)).sum(-1)
