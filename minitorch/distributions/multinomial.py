"""The multinomial distribution."""
import math

from ..autograd import no_grad
from ..creation import zeros
from ..ops import broadcast_tensors, exp, lgamma
from . import constraints
from .binomial import Binomial
from .categorical import Categories


class Multinomial(Categories):
    """How often each category comes up in `total_count` draws.

    >>> import minitorch as torch
    >>> Multinomial(8, torch.tensor([0.25, 0.75])).mean
    tensor([2., 6.])
    """

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        super().__init__(probs, logits, 1, validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self):
        return constraints.multinomial(self.total_count)

    @property
    def mean(self):
        return self.total_count * self.probs

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        with no_grad():
            index = self._sample_indices((self.total_count, *sample_shape)).movedim(0, -1)  # (..., total_count)
            counts = zeros(self._extended_shape(sample_shape), dtype=self.probs.dtype)
            return counts.scatter_add_(-1, index, counts.new_ones(()).expand(index.shape))  # (..., C)

    def entropy(self):
        """The entropy of n draws in order, less that of their order."""
        n = self.total_count
        each = Binomial(n, self.probs, validate_args=False)  # the count of each category
        counts = each.enumerate_support(False)  # (n + 1, 1, ...)
        order = (exp(each.log_prob(counts)) * lgamma(counts + 1)).sum((0, -1))
        return n * self._entropy_of_one() - math.lgamma(n + 1) + order

    def log_prob(self, value):
        self._validate_sample(value)
        logits, value = broadcast_tensors(self.logits, value)
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0)  # 0 log 0
        return lgamma(value.sum(-1) + 1) - lgamma(value + 1).sum(-1) + (logits * value).sum(-1)
