"""The Gumbel distribution."""
import math

from .. import dtypes
from ..ops import exp, log
from . import constraints
from .transformed_distribution import TransformedDistribution
from .transforms import AffineTransform, ExpTransform
from .uniform import Uniform
from .utils import broadcast_all, euler_constant


class Gumbel(TransformedDistribution):
    """loc - scale log(-log(U)), U uniform: the largest of many exponential variables, in the limit.

    >>> Gumbel(0.0, 1.0).mean
    tensor(0.5772)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        info = dtypes.finfo(self.loc.dtype)
        low = self.loc.new_full(self.loc.shape, info.tiny)
        base = Uniform(low, low.new_full(low.shape, 1 - info.eps), validate_args)
        transforms = [ExpTransform().inv, AffineTransform(0, -1.0), ExpTransform().inv,
                      AffineTransform(self.loc, -self.scale)]
        super().__init__(base, transforms, validate_args)

    def expand(self, batch_shape):
        return Gumbel(self.loc.expand(batch_shape), self.scale.expand(batch_shape), validate_args=False)

    @property
    def mean(self):
        return self.loc + self.scale * euler_constant

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return (math.pi * self.scale)**2 / 6

    def log_prob(self, value):
        self._validate_sample(value)
        z = (self.loc - value) / self.scale
        return z - exp(z) - log(self.scale)

    def entropy(self):
        return log(self.scale) + 1 + euler_constant
