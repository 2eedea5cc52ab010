"""Distribution: the base of all distributions."""
import copy

from .._size import Size
from ..autograd import no_grad
from ..ops import exp, sqrt
from ..tensor import Tensor
from .constraints import is_dependent


class Distribution:
    """A batch of distributions: samples have the shape sample_shape + batch_shape + event_shape.

    A subclass names its parameters in `arg_constraints` and keeps each as an attribute of that name. With
    `validate_args` (the default) parameters and values outside their constraints raise ValueError.
    """

    arg_constraints = {}
    support = None
    has_rsample = False
    has_enumerate_support = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value):
        """Check parameters and values from now on, or do not."""
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, value in self._parameters():
                constraint = self.arg_constraints[name]
                if not is_dependent(constraint) and not constraint.check(value).all():
                    raise ValueError(
                        f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of "
                        f"distribution {self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n"
                        f"{value}")

    def _parameters(self):
        """(name, tensor) of the parameters that are there; of `probs` and `logits` one is, until the other is asked."""
        return [(name, vars(self)[name]) for name in self.arg_constraints if name in vars(self)]

    def __repr__(self):
        shown = [f"{name}: {value if value.numel() == 1 else value.size()}" for name, value in self._parameters()]
        return f"{type(self).__name__}({', '.join(shown)})"

    @property
    def batch_shape(self):
        return self._batch_shape

    @property
    def event_shape(self):
        return self._event_shape

    def expand(self, batch_shape):
        """The same distribution for a larger batch, without new memory."""
        new = copy.copy(self)
        new._batch_shape = Size(batch_shape)
        for name, value in self._parameters():
            event_shape = value.shape[value.dim() - self.arg_constraints[name].event_dim:]
            setattr(new, name, value.expand(*batch_shape, *event_shape))
        return new

    # ---- what a subclass provides

    @property
    def mean(self):
        raise NotImplementedError(f"{type(self).__name__}.mean")

    @property
    def mode(self):
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self):
        raise NotImplementedError(f"{type(self).__name__}.variance")

    def rsample(self, sample_shape=()):
        """Samples through which gradients flow to the parameters."""
        raise NotImplementedError(f"{type(self).__name__}.rsample")

    def log_prob(self, value):
        """The logarithm of the density, or of the probability, at `value`."""
        raise NotImplementedError(f"{type(self).__name__}.log_prob")

    def cdf(self, value):
        """The probability of at most `value`."""
        raise NotImplementedError(f"{type(self).__name__}.cdf")

    def icdf(self, value):
        """The quantile: the inverse of cdf."""
        raise NotImplementedError(f"{type(self).__name__}.icdf")

    def entropy(self):
        """The expectation of -log_prob, in nats."""
        raise NotImplementedError(f"{type(self).__name__}.entropy")

    def enumerate_support(self, expand=True):
        """All values, along a new first dimension, of a distribution that has finitely many."""
        raise NotImplementedError(f"{type(self).__name__}.enumerate_support")

    # ---- what follows from it

    @property
    def stddev(self):
        return sqrt(self.variance)

    def sample(self, sample_shape=()):
        """Samples, sample_shape + batch_shape + event_shape, without gradients."""
        with no_grad():
            return self.rsample(sample_shape)

    def perplexity(self):
        """exp(entropy)"""
        return exp(self.entropy())

    def _extended_shape(self, sample_shape=()):
        return Size(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value):
        """ValueError unless `value` has the right shape and lies in the support."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        start = value.dim() - len(self._event_shape)
        if start < 0 or value.shape[start:] != self._event_shape:
            raise ValueError("The right-most size of value must match event_shape: "
                             f"{value.size()} vs {self._event_shape}.")
        expected = self._batch_shape + self._event_shape
        if any(1 != i != j != 1 for i, j in zip(reversed(value.shape), reversed(expected))):
            raise ValueError("Value is not broadcastable with batch_shape+event_shape: "
                             f"{value.size()} vs {expected}.")
        if not self.support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({self.support!r}) of the distribution {self!r}, but found invalid values:\n{value}")
