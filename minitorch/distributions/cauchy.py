"""The Cauchy distribution."""
import math

from ..creation import empty, full_like
from ..ops import atan, log, tan
from .location_scale import LocationScale


class Cauchy(LocationScale):
    """Density 1 / (pi scale (1 + ((x - loc) / scale)^2)), for scale > 0; no mean (NaN), no variance (inf).

    >>> Cauchy(1.0, 1.0).icdf(Cauchy(1.0, 1.0).cdf(Cauchy(1.0, 1.0).mode))
    tensor(1.)
    """

    @property
    def mean(self):
        return full_like(self.loc, math.nan)

    @property
    def variance(self):
        return full_like(self.loc, math.inf)

    def rsample(self, sample_shape=()):
        return self.loc + empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).cauchy_() * self.scale

    def log_prob(self, value):
        self._validate_sample(value)
        return -math.log(math.pi) - log(self.scale) - (((value - self.loc) / self.scale)**2).log1p()

    def cdf(self, value):
        self._validate_sample(value)
        return atan((value - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value):
        return tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self):
        return math.log(4 * math.pi) + log(self.scale)
