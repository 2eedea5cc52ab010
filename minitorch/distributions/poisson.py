"""The Poisson distribution."""
from ..autograd import no_grad
from ..creation import from_numpy
from ..ops import floor, lgamma, xlogy
from ..random import default_generator
from . import constraints
from .distribution import Distribution
from .utils import broadcast_all


class Poisson(Distribution):
    """How many events happen in a time in which `rate` are expected: P(k) = rate^k exp(-rate) / k!.

    >>> Poisson(4.0).variance
    tensor(4.)
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self):
        return self.rate

    variance = mean

    @property
    def mode(self):
        return floor(self.rate)

    def sample(self, sample_shape=()):
        with no_grad():
            return from_numpy(default_generator.poisson(self.rate.expand(self._extended_shape(sample_shape)).numpy()))

    def log_prob(self, value):
        self._validate_sample(value)
        return xlogy(value, self.rate) - self.rate - lgamma(value + 1)
