"""Transforms: y = f(x) with the inverse and log |dy/dx|, which turn one distribution into another."""
import math

import numpy as np

from .._size import Size
from ..nn.functional import logsigmoid, softmax, softplus
from ..ops import exp, log, log1p, pad, sigmoid, sign, tanh
from ..tensor import Tensor
from . import constraints
from .utils import broadcast_all, clamp_probs, sum_rightmost

__all__ = [
    "AbsTransform", "AffineTransform", "ComposeTransform", "ExpTransform", "IndependentTransform", "PowerTransform",
    "SigmoidTransform", "SoftmaxTransform", "SoftplusTransform", "StickBreakingTransform", "TanhTransform", "Transform",
    "identity_transform"]


class Transform:
    """y = f(x), from `domain` to `codomain`. `inv` is the inverse, itself a transform.

    cache_size: 1 keeps the last pair (x, y), so that f.inv(f(x)) is x to the last bit.

    >>> ExpTransform().inv
    _InverseTransform(ExpTransform())
    """

    bijective = False
    sign = None  # of dy/dx: 1, -1, a tensor of them, or unknown

    def __init__(self, cache_size=0):
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size, self._cached = cache_size, (None, None)

    def __call__(self, x):
        kept_x, kept_y = self._cached
        return kept_y if x is kept_x else self._keep(x, self._call(x))[1]

    def _inv_call(self, y):
        kept_x, kept_y = self._cached
        return kept_x if y is kept_y else self._keep(self._inverse(y), y)[0]

    def _keep(self, x, y):
        if self._cache_size:
            self._cached = x, y
        return x, y

    @property
    def inv(self):
        return _InverseTransform(self)

    def _call(self, x):
        raise NotImplementedError

    def _inverse(self, y):
        raise NotImplementedError

    def log_abs_det_jacobian(self, x, y):
        """log |dy/dx|, for y = f(x); without the domain's event dimensions."""
        raise NotImplementedError

    def forward_shape(self, shape):
        """The shape of f(x) for an x of this shape."""
        return shape

    def inverse_shape(self, shape):
        """The shape of x for an f(x) of this shape."""
        return shape

    def __eq__(self, other):
        return type(self) is type(other) and self._settings() == other._settings()

    def _settings(self):
        return {name: value for name, value in vars(self).items() if not name.startswith("_cache")}

    def __repr__(self):
        return f"{type(self).__name__}()"


class _InverseTransform(Transform):
    """x = f^-1(y)"""

    def __init__(self, transform):
        super().__init__()
        self._inv = transform

    @property
    def domain(self):
        return self._inv.codomain

    @property
    def codomain(self):
        return self._inv.domain

    @property
    def bijective(self):
        return self._inv.bijective

    @property
    def sign(self):
        return self._inv.sign

    @property
    def inv(self):
        return self._inv

    def __call__(self, x):
        return self._inv._inv_call(x)

    def log_abs_det_jacobian(self, x, y):
        return -self._inv.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape):
        return self._inv.inverse_shape(shape)

    def inverse_shape(self, shape):
        return self._inv.forward_shape(shape)

    def __repr__(self):
        return f"_InverseTransform({self._inv!r})"


class ComposeTransform(Transform):
    """One transform after the other: the first of `parts` is applied first."""

    def __init__(self, parts, cache_size=0):
        super().__init__(cache_size)
        self.parts = list(parts)

    @property
    def domain(self):
        """The first part's, of as many dimensions as a later part needs."""
        if not self.parts:
            return constraints.real
        event_dim = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            event_dim = max(event_dim + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
        return _of_event_dim(self.parts[0].domain, event_dim)

    @property
    def codomain(self):
        if not self.parts:
            return constraints.real
        event_dim = self.parts[0].domain.event_dim
        for part in self.parts:
            event_dim = max(event_dim + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)
        return _of_event_dim(self.parts[-1].codomain, event_dim)

    @property
    def bijective(self):
        return all(part.bijective for part in self.parts)

    @property
    def sign(self):
        product = 1
        for part in self.parts:
            product = product * part.sign
        return product

    @property
    def inv(self):
        return ComposeTransform([part.inv for part in reversed(self.parts)], self._cache_size)

    def __call__(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def log_abs_det_jacobian(self, x, y):
        event_dim, total = self.domain.event_dim, 0
        for part in self.parts:
            y = part(x)
            total = total + sum_rightmost(part.log_abs_det_jacobian(x, y), event_dim - part.domain.event_dim)
            event_dim += part.codomain.event_dim - part.domain.event_dim
            x = y
        return total

    def forward_shape(self, shape):
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape):
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self):
        return "\n".join(["ComposeTransform(", ",\n".join(f"    {part!r}" for part in self.parts), ")"])


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """The transform, with `reinterpreted_batch_ndims` more dimensions making up one event."""

    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        super().__init__(cache_size)
        self.base_transform, self.reinterpreted_batch_ndims = base_transform, reinterpreted_batch_ndims
        self.bijective, self.sign = base_transform.bijective, base_transform.sign
        self.domain = constraints.independent(base_transform.domain, reinterpreted_batch_ndims)
        self.codomain = constraints.independent(base_transform.codomain, reinterpreted_batch_ndims)
        self.forward_shape, self.inverse_shape = base_transform.forward_shape, base_transform.inverse_shape

    def _call(self, x):
        return self.base_transform(x)

    def _inverse(self, y):
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x, y):
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def __repr__(self):
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ExpTransform(Transform):
    """y = exp(x)"""

    domain, codomain = constraints.real, constraints.positive
    bijective, sign = True, 1

    def _call(self, x):
        return exp(x)

    def _inverse(self, y):
        return log(y)

    def log_abs_det_jacobian(self, x, y):
        return x


class PowerTransform(Transform):
    """y = x ** exponent"""

    domain, codomain = constraints.positive, constraints.positive
    bijective = True

    def __init__(self, exponent, cache_size=0):
        super().__init__(cache_size)
        (self.exponent,) = broadcast_all(exponent)

    @property
    def sign(self):
        return self.exponent.sign()

    def _call(self, x):
        return x**self.exponent

    def _inverse(self, y):
        return y**(1 / self.exponent)

    def log_abs_det_jacobian(self, x, y):
        return log((self.exponent * y / x).abs())

    def forward_shape(self, shape):
        return Size(np.broadcast_shapes(shape, self.exponent.shape))

    inverse_shape = forward_shape


class SigmoidTransform(Transform):
    """y = 1 / (1 + exp(-x))"""

    domain, codomain = constraints.real, constraints.unit_interval
    bijective, sign = True, 1

    def _call(self, x):
        return clamp_probs(sigmoid(x))

    def _inverse(self, y):
        y = clamp_probs(y)
        return log(y) - log1p(-y)

    def log_abs_det_jacobian(self, x, y):
        return logsigmoid(x) + logsigmoid(-x)


class SoftplusTransform(Transform):
    """y = log(1 + exp(x))"""

    domain, codomain = constraints.real, constraints.positive
    bijective, sign = True, 1

    def _call(self, x):
        return softplus(x)

    def _inverse(self, y):
        return log(-(-y).expm1()) + y

    def log_abs_det_jacobian(self, x, y):
        return logsigmoid(x)


class TanhTransform(Transform):
    """y = tanh(x)"""

    domain, codomain = constraints.real, constraints.interval(-1.0, 1.0)
    bijective, sign = True, 1

    def _call(self, x):
        return tanh(x)

    def _inverse(self, y):
        return y.atanh()

    def log_abs_det_jacobian(self, x, y):
        return 2 * (math.log(2) - x - softplus(-2 * x))  # log(1 - tanh(x)^2), without its cancellation


class AbsTransform(Transform):
    """y = |x|; the inverse takes the positive x."""

    domain, codomain = constraints.real, constraints.positive

    def _call(self, x):
        return x.abs()

    def _inverse(self, y):
        return y


class AffineTransform(Transform):
    """y = loc + scale x; `event_dim` dimensions make up one event."""

    bijective = True

    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        super().__init__(cache_size)
        self.loc, self.scale, self.event_dim = loc, scale, event_dim

    @property
    def domain(self):
        return _of_event_dim(constraints.real, self.event_dim)

    codomain = domain

    @property
    def sign(self):
        return sign(self.scale) if isinstance(self.scale, Tensor) else math.copysign(1, self.scale)

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x, y):
        (scale,) = broadcast_all(self.scale)
        return sum_rightmost(log(scale.abs()).expand(x.shape), self.event_dim)

    def forward_shape(self, shape):
        parameters = [value.shape for value in (self.loc, self.scale) if isinstance(value, Tensor)]
        return Size(np.broadcast_shapes(shape, *parameters))

    inverse_shape = forward_shape


class SoftmaxTransform(Transform):
    """y = softmax(x); the inverse is log(y), one of many. No density, as x + c gives the same y."""

    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x):
        return softmax(x, -1)

    def _inverse(self, y):
        return log(y)


class StickBreakingTransform(Transform):
    """K - 1 numbers to K probabilities: each says how much to break off what is left of a stick of length 1."""

    domain, codomain = constraints.real_vector, constraints.simplex
    bijective = True

    def _call(self, x):
        broken = sigmoid(x - self._offset(x))  # (..., K - 1): equal parts for x = 0
        left = (1 - broken).cumprod(-1)
        return pad(broken, [0, 1], value=1) * pad(left, [1, 0], value=1)  # (..., K)

    def _inverse(self, y):
        left = 1 - y[..., :-1].cumsum(-1)  # (..., K - 1): after each break
        return log(y[..., :-1]) - log(left) + self._offset(left)

    @staticmethod
    def _offset(x):
        """log of how many parts there are still to break off."""
        return log(x.shape[-1] + 1 - x.new_ones(x.shape[-1]).cumsum(-1))

    def log_abs_det_jacobian(self, x, y):
        x = x - self._offset(x)
        return (logsigmoid(x) - x + log(y[..., :-1])).sum(-1)

    def forward_shape(self, shape):
        return shape[:-1] + Size((shape[-1] + 1,))

    def inverse_shape(self, shape):
        return shape[:-1] + Size((shape[-1] - 1,))


def _of_event_dim(constraint, event_dim):
    """The constraint, for events of that many dimensions."""
    more = event_dim - constraint.event_dim
    return constraints.independent(constraint, more) if more else constraint
