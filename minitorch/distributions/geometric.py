"""The geometric distribution."""
from .. import dtypes
from ..autograd import no_grad
from ..creation import rand
from ..nn.functional import binary_cross_entropy_with_logits
from ..ops import floor, log, log1p, where
from . import constraints
from .bernoulli import Trials
from .utils import broadcast_all


class Geometric(Trials):
    """How many trials fail before the first success: P(k) = (1 - p)^k p, for 0 < p <= 1.

    >>> Geometric(0.25).mean
    tensor(3.)
    """

    support = constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None and not (self.probs > 0).all():
            raise ValueError(f"Expected parameter probs (Tensor of shape {tuple(self.probs.shape)}) of distribution "
                             f"{self!r} to be positive but found invalid values:\n{self.probs}")

    @property
    def mean(self):
        return 1 / self.probs - 1

    @property
    def variance(self):
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape=()):
        with no_grad():
            u = rand(self._extended_shape(sample_shape), dtype=self.probs.dtype)
            return floor(log(u.clamp(min=dtypes.finfo(u.dtype).tiny)) / log1p(-self.probs))

    def log_prob(self, value):
        self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        certain = (probs == 1) & (value == 0)  # 0 log 0
        return value * log1p(-where(certain, 0.0, probs)) + log(self.probs)

    def entropy(self):
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs
