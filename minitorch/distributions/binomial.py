"""The binomial distribution."""
from ..autograd import no_grad
from ..creation import arange, from_numpy
from ..nn.functional import softplus
from ..ops import exp, lgamma
from ..random import default_generator
from . import constraints
from .bernoulli import Trials
from .utils import broadcast_all


class Binomial(Trials):
    """How many of `total_count` trials succeed.

    >>> Binomial(10, 0.5).mean
    tensor(5.)
    """

    has_enumerate_support = True
    arg_constraints = {"total_count": constraints.nonnegative_integer, **Trials.arg_constraints}

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        self.total_count, param = broadcast_all(total_count, logits if probs is None else probs)
        self.total_count = self.total_count.type_as(param)
        super().__init__(*((None, param) if probs is None else (param, None)), validate_args)

    @constraints.dependent_property(is_discrete=True)
    def support(self):
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self):
        return self.total_count * self.probs

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        with no_grad():
            shape = self._extended_shape(sample_shape)
            counts, probs = self.total_count.expand(shape).numpy(), self.probs.expand(shape).numpy()
            return from_numpy(default_generator.binomial(counts, probs))

    def log_prob(self, value):
        self._validate_sample(value)
        n = self.total_count
        ways = lgamma(n + 1) - lgamma(value + 1) - lgamma(n - value + 1)  # log (n choose k)
        return ways + value * self.logits - n * softplus(self.logits)  # k log p + (n - k) log (1 - p)

    def entropy(self):
        log_prob = self.log_prob(self.enumerate_support(False))  # (n + 1, ...)
        return -(exp(log_prob) * log_prob).sum(0)

    def enumerate_support(self, expand=True):
        """NotImplementedError unless all have the same total_count."""
        n = int(self.total_count.max())
        if self.total_count.min() != n:
            raise NotImplementedError("Inhomogeneous total count not supported by `enumerate_support`.")
        values = arange(n + 1, dtype=self.total_count.dtype).view(-1, *(1,) * len(self._batch_shape))  # (n + 1, 1, ...)
        return values.expand(-1, *self._batch_shape) if expand else values
