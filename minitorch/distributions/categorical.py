"""The categorical distribution."""
import math

from .. import dtypes
from .._size import Size
from ..autograd import no_grad
from ..creation import arange, full
from ..ops import broadcast_tensors, multinomial
from . import constraints
from .distribution import Distribution
from .utils import lazy_property, logits_to_probs, probs_to_logits


class Categories(Distribution):
    """`probs` of the categories in the last dimension, of any positive sum, or `logits`, their logarithms plus any
    number. ValueError unless exactly one is given, with a dimension."""

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(self, probs, logits, event_ndim, validate_args):
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        name, param = ("logits", logits) if probs is None else ("probs", probs)
        if param.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is not None:
            self.probs = probs / probs.sum(-1, keepdim=True)
        else:
            self.logits = logits - logits.logsumexp(-1, keepdim=True)
        self._num_events = param.shape[-1]
        super().__init__(param.shape[:-1], param.shape[-1:] if event_ndim else (), validate_args)

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits)

    @property
    def param_shape(self):
        return self._batch_shape + Size((self._num_events,))

    def _sample_indices(self, sample_shape):
        """(*sample_shape, *batch_shape)"""
        sample_shape = Size(sample_shape)
        rows = self.probs.reshape(-1, self._num_events)  # (B, C)
        indices = multinomial(rows, sample_shape.numel(), True)  # (B, S)
        return indices.T.reshape(sample_shape + self._batch_shape)

    def _entropy_of_one(self):
        lowest = dtypes.finfo(self.logits.dtype).min
        return -(self.logits.clamp(min=lowest) * self.probs).sum(-1)


class Categorical(Categories):
    """The index of a category, int64.

    >>> import minitorch as torch
    >>> Categorical(torch.tensor([0.0, 1.0])).sample()
    tensor(1)
    """

    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits, 0, validate_args)

    @constraints.dependent_property(is_discrete=True)
    def support(self):
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self):
        """NaN: categories are no numbers."""
        return full(self._batch_shape, math.nan, dtype=self.probs.dtype)

    variance = mean

    @property
    def mode(self):
        return self.probs.argmax(-1)

    def sample(self, sample_shape=()):
        with no_grad():
            return self._sample_indices(sample_shape)

    def log_prob(self, value):
        self._validate_sample(value)
        index, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)  # (..., C)
        return logits.gather(-1, index[..., :1]).squeeze(-1)  # (...)

    def entropy(self):
        return self._entropy_of_one()

    def enumerate_support(self, expand=True):
        values = arange(self._num_events).view(-1, *(1,) * len(self._batch_shape))  # (C, 1, ...)
        return values.expand(-1, *self._batch_shape) if expand else values
