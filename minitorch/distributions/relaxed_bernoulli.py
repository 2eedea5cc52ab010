"""The relaxed Bernoulli distribution: a coin that a gradient can flow through."""
from ..creation import rand
from ..ops import log, log1p
from . import constraints
from .bernoulli import Trials
from .transformed_distribution import TransformedDistribution
from .transforms import SigmoidTransform
from .utils import broadcast_all, clamp_probs


class LogitRelaxedBernoulli(Trials):
    """The logit of a RelaxedBernoulli variable: a logistic variable around `logits`, divided by the temperature."""

    support = constraints.real
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape=()):
        u = clamp_probs(rand(self._extended_shape(sample_shape), dtype=self.probs.dtype))
        probs = clamp_probs(self.probs)
        return (log(u) - log1p(-u) + log(probs) - log1p(-probs)) / self.temperature

    def log_prob(self, value):
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        difference = logits - value * self.temperature
        return log(broadcast_all(self.temperature, logits)[0]) + difference - 2 * difference.exp().log1p()


class Relaxed(TransformedDistribution):
    """What the relaxed distributions share: the parameters are those of the distribution that they transform."""

    @property
    def temperature(self):
        return self.base_dist.temperature

    @property
    def logits(self):
        return self.base_dist.logits

    @property
    def probs(self):
        return self.base_dist.probs


class RelaxedBernoulli(Relaxed):
    """A number in (0, 1), near 0 or 1 for a low temperature (Maddison and others; Jang and others, 2016).

    >>> import minitorch as torch
    >>> RelaxedBernoulli(torch.tensor(0.5), probs=0.25).probs
    tensor(0.2500)
    """

    arg_constraints = Trials.arg_constraints
    support = constraints.unit_interval

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = LogitRelaxedBernoulli(temperature, probs, logits, validate_args)
        super().__init__(base, SigmoidTransform(), validate_args)
