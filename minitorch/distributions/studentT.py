"""Student's t-distribution."""
import math

from ..creation import full_like, randn
from ..ops import digamma, lgamma, log, log1p, sqrt, where
from . import constraints
from .chi2 import Chi2
from .distribution import Distribution
from .utils import broadcast_all


class StudentT(Distribution):
    """loc + scale Z sqrt(df / V), Z standard normal and V of Chi2(df); df and scale positive.

    >>> StudentT(4.0).variance
    tensor(2.)
    """

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self):
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        """Infinite for 1 < df <= 2, undefined (NaN) for df <= 1."""
        finite = self.scale**2 * self.df / (self.df - 2)
        infinite = full_like(self.df, math.inf)
        return where(self.df > 2, finite, where(self.df > 1, infinite, math.nan))

    def rsample(self, sample_shape=()):
        z = randn(self._extended_shape(sample_shape), dtype=self.df.dtype)
        v = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * z * sqrt(self.df / v)

    def log_prob(self, value):
        self._validate_sample(value)
        y = (value - self.loc) / self.scale
        return -0.5 * (self.df + 1) * log1p(y**2 / self.df) - self._log_normalizer()

    def _log_normalizer(self):
        half = 0.5 * self.df
        return log(self.scale) + 0.5 * log(self.df) + 0.5 * math.log(math.pi) + lgamma(half) - lgamma(half + 0.5)

    def entropy(self):
        half = 0.5 * self.df
        return self._log_normalizer() + (half + 0.5) * (digamma(half + 0.5) - digamma(half))
