"""The log-normal distribution."""
from ..ops import exp
from . import constraints
from .normal import Normal
from .transformed_distribution import TransformedDistribution
from .transforms import ExpTransform


class LogNormal(TransformedDistribution):
    """exp(X), X normal.

    >>> LogNormal(0.0, 1.0).mean
    tensor(1.6487)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(Normal(loc, scale, validate_args), ExpTransform(), validate_args)

    @property
    def loc(self):
        return self.base_dist.loc

    @property
    def scale(self):
        return self.base_dist.scale

    @property
    def mean(self):
        return exp(self.loc + self.scale**2 / 2)

    @property
    def mode(self):
        return exp(self.loc - self.scale**2)

    @property
    def variance(self):
        return (self.scale**2).expm1() * exp(2 * self.loc + self.scale**2)

    def entropy(self):
        return self.base_dist.entropy() + self.loc
