"""The gamma distribution."""
import numpy as np

from .. import dtypes
from ..creation import from_numpy
from ..ops import digamma, igamma, lgamma, log, xlogy
from ..random import default_generator
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


def rsample_standard_gamma(concentration):
    """Gamma variables of rate 1, with their gradient with respect to the concentration a.

    A sample x moves with a such that its probability F(x; a) stays the same: dx/da = -(dF/da) / (dF/dx). dF/da has no
    formula and is a central difference, of F or of 1 - F, whichever is the smaller number.
    """
    a = concentration.detach().numpy()
    sample = np.asarray(default_generator.standard_gamma(a))
    x = from_numpy(sample)
    if not concentration.requires_grad:
        return x
    slope = from_numpy(np.asarray(_slope(a.astype(np.float64), sample.astype(np.float64)), a.dtype))
    return x + (concentration - concentration.detach()) * slope


def _slope(a, x):
    from scipy import special  # late: it takes a while
    h = 1e-4 * np.minimum(a, 1)
    below, above = ((F(a + h, x) - F(a - h, x)) / (2 * h) for F in (special.gammainc, special.gammaincc))
    log_density = special.xlogy(a - 1, x) - x - special.gammaln(a)
    with np.errstate(over="ignore"):
        return np.where(x < a, -below, above) * np.exp(-log_density)


class Gamma(Distribution):
    """Density rate^a x^(a - 1) exp(-rate x) / Gamma(a) on x > 0, a = concentration; both positive.

    >>> Gamma(3.0, 2.0).mean
    tensor(1.5000)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration, rate, validate_args=None):
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self):
        return self.concentration / self.rate

    @property
    def mode(self):
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self):
        return self.concentration / self.rate**2

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        value = rsample_standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        value.detach().clamp_(min=dtypes.finfo(value.dtype).tiny)  # not 0, where log_prob is infinite
        return value

    def log_prob(self, value):
        self._validate_sample(value)
        a, rate = self.concentration, self.rate
        return xlogy(a, rate) + xlogy(a - 1, value) - rate * value - lgamma(a)

    def cdf(self, value):
        self._validate_sample(value)
        return igamma(self.concentration, self.rate * value)

    def entropy(self):
        a = self.concentration
        return a - log(self.rate) + lgamma(a) + (1 - a) * digamma(a)
