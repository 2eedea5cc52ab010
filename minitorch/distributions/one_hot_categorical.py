"""Categories as one-hot vectors."""
from ..autograd import no_grad
from ..creation import eye
from ..ops import broadcast_tensors
from . import constraints
from .categorical import Categories


class OneHotCategorical(Categories):
    """A category as a vector with a single 1.

    >>> import minitorch as torch
    >>> OneHotCategorical(torch.tensor([0.0, 1.0])).sample()
    tensor([0., 1.])
    """

    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits, 1, validate_args)

    @property
    def mean(self):
        return self.probs

    @property
    def mode(self):
        return self._one_hot(self.probs.argmax(-1))

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def _one_hot(self, index):
        return eye(self._num_events, dtype=self.probs.dtype)[index]  # (...) -> (..., C)

    def sample(self, sample_shape=()):
        with no_grad():
            return self._one_hot(self._sample_indices(sample_shape))

    def log_prob(self, value):
        self._validate_sample(value)
        value, logits = broadcast_tensors(value, self.logits)
        return logits.gather(-1, value.argmax(-1, keepdim=True)).squeeze(-1)

    def entropy(self):
        return self._entropy_of_one()

    def enumerate_support(self, expand=True):
        C = self._num_events
        values = eye(C, dtype=self.probs.dtype).view(C, *(1,) * len(self._batch_shape), C)  # (C, 1, ..., C)
        return values.expand(C, *self._batch_shape, C) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """One-hot samples whose gradient is that of `probs` (Bengio and others, 2013)."""

    has_rsample = True

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
