"""The relaxed categorical distribution: a choice that a gradient can flow through."""
import math

from ..creation import rand
from ..ops import broadcast_tensors, log
from . import constraints
from .categorical import Categories
from .relaxed_bernoulli import Relaxed
from .transforms import ExpTransform
from .utils import broadcast_all, clamp_probs


class ExpRelaxedCategorical(Categories):
    """The logarithm of a RelaxedOneHotCategorical variable: log_softmax((logits + Gumbel noise) / temperature)."""

    support = constraints.real_vector  # whose exponentials sum to 1
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        super().__init__(probs, logits, 1, validate_args)

    def rsample(self, sample_shape=()):
        u = clamp_probs(rand(self._extended_shape(sample_shape), dtype=self.logits.dtype))
        scores = (self.logits - log(-log(u))) / self.temperature  # (..., C)
        return scores - scores.logsumexp(-1, keepdim=True)

    def log_prob(self, value):
        self._validate_sample(value)
        logits, value = broadcast_tensors(self.logits, value)
        (temperature,) = broadcast_all(self.temperature)
        score = logits - value * temperature
        constant = math.lgamma(self._num_events) + (self._num_events - 1) * log(temperature)
        return (score - score.logsumexp(-1, keepdim=True)).sum(-1) + constant


class RelaxedOneHotCategorical(Relaxed):
    """Probabilities, almost a one-hot vector for a low temperature (Maddison and others; Jang and others, 2016).

    >>> import minitorch as torch
    >>> RelaxedOneHotCategorical(torch.tensor(0.5), probs=torch.tensor([1.0, 3.0])).probs
    tensor([0.2500, 0.7500])
    """

    arg_constraints = Categories.arg_constraints
    support = constraints.simplex

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args)
