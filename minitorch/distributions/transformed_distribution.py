"""TransformedDistribution: the distribution of f(x), where x has another."""
from ..autograd import no_grad
from ..ops import where
from . import constraints
from .distribution import Distribution
from .independent import Independent
from .transforms import ComposeTransform, Transform
from .utils import sum_rightmost


class TransformedDistribution(Distribution):
    """y = f(x): log p(y) = log p(x) - log |dy/dx|. `transforms` is one transform or a list, the first applied first.

    >>> from minitorch.distributions import Normal
    >>> from minitorch.distributions.transforms import ExpTransform
    >>> TransformedDistribution(Normal(0.0, 1.0), ExpTransform()).icdf(Normal(0.0, 1.0).cdf(Normal(0.0, 1.0).mean))
    tensor(1.)
    """

    def __init__(self, base_distribution, transforms, validate_args=None):
        if not isinstance(transforms, (Transform, list)):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        whole, base = ComposeTransform(self.transforms), base_distribution
        shape = base.batch_shape + base.event_shape
        output_shape = whole.forward_shape(shape)
        input_shape = whole.inverse_shape(output_shape)
        if input_shape != shape:  # a parameter of the transform has more dimensions
            base = base.expand(input_shape[:len(input_shape) - len(base.event_shape)])
        more = whole.domain.event_dim - len(base.event_shape)
        self.base_dist = Independent(base, more) if more > 0 else base
        event_ndim = whole.codomain.event_dim + max(-more, 0)
        start = len(output_shape) - event_ndim
        super().__init__(output_shape[:start], output_shape[start:], validate_args)

    @property
    def has_rsample(self):
        return self.base_dist.has_rsample

    @property
    def support(self):
        codomain = self.transforms[-1].codomain if self.transforms else self.base_dist.support
        more = len(self.event_shape) - codomain.event_dim
        return constraints.independent(codomain, more) if more > 0 else codomain

    def expand(self, batch_shape):
        n = len(self.base_dist.event_shape) - len(self.event_shape)  # dimensions that the transform takes away
        base_shape = tuple(batch_shape) + tuple(self.event_shape[:-n] if n < 0 else ())
        new = TransformedDistribution(self.base_dist.expand(base_shape), self.transforms, validate_args=False)
        new.__class__ = type(self)
        return new

    def sample(self, sample_shape=()):
        with no_grad():
            return self._transform(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape=()):
        return self._transform(self.base_dist.rsample(sample_shape))

    def _transform(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value):
        self._validate_sample(value)
        event_dim, total, y = len(self.event_shape), 0, value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            event_dim += transform.domain.event_dim - transform.codomain.event_dim
            total = total - sum_rightmost(transform.log_abs_det_jacobian(x, y),
                                          event_dim - transform.domain.event_dim)
            y = x
        return total + sum_rightmost(self.base_dist.log_prob(y), event_dim - len(self.base_dist.event_shape))

    def cdf(self, value):
        self._validate_sample(value)
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._flipped(self.base_dist.cdf(value))

    def icdf(self, value):
        return self._transform(self.base_dist.icdf(self._flipped(value)))

    def _flipped(self, p):
        """1 - p where the transform is decreasing."""
        sign = ComposeTransform(self.transforms).sign
        return where(sign == 1, p, 1 - p) if hasattr(sign, "shape") else p if sign == 1 else 1 - p
