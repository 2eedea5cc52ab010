"""The Laplace distribution."""
import math

from .. import dtypes
from ..creation import empty
from ..ops import expm1, log, log1p, sign
from .location_scale import LocationScale


class Laplace(LocationScale):
    """Density exp(-|x - loc| / scale) / (2 scale), for scale > 0.

    >>> Laplace(0.0, 1.0).variance
    tensor(2.)
    """

    @property
    def stddev(self):
        return math.sqrt(2) * self.scale

    @property
    def variance(self):
        return 2 * self.scale**2

    def rsample(self, sample_shape=()):
        info = dtypes.finfo(self.loc.dtype)
        u = empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).uniform_(info.eps - 1, 1)
        return self.loc - self.scale * sign(u) * log1p(-u.abs().clamp(min=info.tiny))

    def log_prob(self, value):
        self._validate_sample(value)
        return -log(2 * self.scale) - (value - self.loc).abs() / self.scale

    def cdf(self, value):
        self._validate_sample(value)
        z = value - self.loc
        return 0.5 - 0.5 * sign(z) * expm1(-z.abs() / self.scale)

    def icdf(self, value):
        z = value - 0.5
        return self.loc - self.scale * sign(z) * log1p(-2 * z.abs())

    def entropy(self):
        return 1 + log(2 * self.scale)
