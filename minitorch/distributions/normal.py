"""The normal distribution."""
import math

from ..creation import randn
from ..ops import erf, erfinv, log
from .location_scale import LocationScale


class Normal(LocationScale):
    """Density exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi)), for scale > 0.

    >>> Normal(0.0, 1.0).log_prob(Normal(0.0, 1.0).mean)
    tensor(-0.9189)
    """

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.scale**2

    def rsample(self, sample_shape=()):
        return self.loc + randn(self._extended_shape(sample_shape), dtype=self.loc.dtype) * self.scale

    def log_prob(self, value):
        self._validate_sample(value)
        return -(value - self.loc)**2 / (2 * self.variance) - log(self.scale) - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value):
        self._validate_sample(value)
        return 0.5 * (1 + erf((value - self.loc) / self.scale / math.sqrt(2)))

    def icdf(self, value):
        return self.loc + self.scale * erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + log(self.scale)
