"""Random numbers: the in-place draws, sampling, and dropout. The same seed gives PyTorch's numbers.

Each function takes a `generator`; by default the global one draws, which manual_seed restarts.
"""
import math
import warnings

import numpy as np

from .. import dtypes
from .. import random as _random
from .._shapes import broadcast_shapes
from ..device import place, resolve
from ..engine import named, unwrap, wrap
from ..graph import TensorBase, check_tensors
from .elementwise import Step, add, mul
from .inplace import assign
from .shape import squeeze, unsqueeze


def _generator(generator):
    return generator or _random.default_generator


def _overwrite(input, draw):
    """input[...] = draw(shape), along the memory of `input`."""
    return assign(input, wrap(_random.fill(np.empty_like(input.array), draw)))


# ---------------------------------------------------------------------------------------------------- in-place draws


def uniform_(input, low=0.0, high=1.0, *, generator=None):
    """Fill with numbers uniform on [low, high).

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(2).uniform_(-1, 1)
    tensor([-0.0075,  0.5364])
    """
    g, dtype = _generator(generator), input.array.dtype
    return _overwrite(input, lambda shape: g.uniform(shape, low, high, dtype))


def normal_(input, mean=0.0, std=1.0, *, generator=None):
    """Fill with normal numbers.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(2).normal_()
    tensor([ 1.5410, -0.2934])
    """
    g, array = _generator(generator), input.array
    return _overwrite(input, lambda shape: g.normal(shape, mean, std, array.dtype, array.flags.c_contiguous))


def random_(input, low=None, high=None, *, generator=None):
    """Fill with integers of [low, high); random_(high) counts from 0; random_() goes to the dtype's largest.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(3).random_(10)
    tensor([4., 9., 3.])
    """
    g, dtype = _generator(generator), input.array.dtype
    if low is None:
        return _overwrite(input, lambda shape: g.random(shape, dtype))
    low, high = (0, low) if high is None else (low, high)
    return _overwrite(input, lambda shape: g.integers(low, high, shape, dtype))


def bernoulli_(input, p=0.5, *, generator=None):
    """Fill with 1 with probability `p`, a number or a tensor that broadcasts, else 0.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(4).bernoulli_(0.5)
    tensor([0., 0., 1., 0.])
    """
    g, p, dtype = _generator(generator), unwrap(p), input.array.dtype
    if isinstance(p, np.ndarray):
        return assign(input, wrap(g.bernoulli(p, input.array.shape, dtype)))
    return _overwrite(input, lambda shape: g.bernoulli(p, shape, dtype))


def exponential_(input, lambd=1.0, *, generator=None):
    """Fill with numbers of density lambd * e^(-lambd * x).

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(2).exponential_()
    tensor([3.5083, 1.2304])
    """
    g, dtype = _generator(generator), input.array.dtype
    return _overwrite(input, lambda shape: g.exponential(shape, lambd, dtype))


def geometric_(input, p, *, generator=None):
    """Fill with the number of trials, each successful with probability `p`, up to the first success.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(3).geometric_(0.1)
    tensor([1., 4., 8.])
    """
    g, dtype = _generator(generator), input.array.dtype
    return _overwrite(input, lambda shape: g.geometric(p, shape, dtype))


def cauchy_(input, median=0.0, sigma=1.0, *, generator=None):
    """Fill with numbers of the Cauchy distribution.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(2).cauchy_()
    tensor([10.5977,  0.7648])
    """
    g, dtype = _generator(generator), input.array.dtype
    return _overwrite(input, lambda shape: g.cauchy(shape, median, sigma, dtype))


def log_normal_(input, mean=1.0, std=2.0, *, generator=None):
    """Fill with e^z, z normal.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.empty(2).log_normal_()
    tensor([59.2634,  1.5116])
    """
    g, dtype = _generator(generator), input.array.dtype
    return _overwrite(input, lambda shape: g.log_normal(shape, mean, std, dtype))


# --------------------------------------------------------------------------------------------------------- sampling


class Draw(Step):
    """out = random numbers, distributed as the parameters say: a draw has no slope."""

    def forward(self, *parameters, draw):
        return draw(*parameters)


def bernoulli(input, p=None, *, generator=None):
    """1 with probability input[i], else 0; with `p`, a number, that probability for all.

    >>> import minitorch as torch
    >>> torch.bernoulli(torch.tensor([0., 1.]))
    tensor([0., 1.])
    """
    if p is not None:
        return bernoulli_(wrap(np.empty_like(input.array)), p, generator=generator)
    check_tensors("bernoulli", input=input)
    g = _generator(generator)
    return named(Draw.apply(input, draw=lambda p: g.bernoulli(p, p.shape, p.dtype)), "BernoulliBackward0")


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Indices drawn with probabilities proportional to `input`: (C) -> (num_samples), (N, C) -> (N, num_samples).

    RuntimeError for probabilities that are not, and for more samples than there are classes without replacement.

    >>> import minitorch as torch
    >>> torch.multinomial(torch.tensor([0., 0., 1.]), 1)
    tensor([2])
    """
    return wrap(_generator(generator).multinomial(input.array, num_samples, replacement))


def poisson(input, generator=None):
    """The numbers of events that come at the rates `input`, in a time 1. RuntimeError for a negative rate.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.poisson(torch.tensor([0., 1., 20.]))
    tensor([ 0.,  2., 28.])
    """
    check_tensors("poisson", input=input)
    return named(Draw.apply(input, draw=_generator(generator).poisson), "PoissonBackward0")


def binomial(count, prob, generator=None):
    """The numbers of successes in `count` trials of probability `prob`: tensors of one dtype that broadcast.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.binomial(torch.tensor([10., 100.]), torch.tensor(0.5))
    tensor([ 7., 51.])
    """
    check_tensors("binomial", count=count, prob=prob)
    if not count.is_floating_point():
        raise ValueError(f"binomial only supports floating-point dtypes for count, got: {count.dtype.scalar_name}")
    if count.dtype != prob.dtype:
        raise RuntimeError(f"Found dtype {prob.dtype.scalar_name} but expected {count.dtype.scalar_name}")
    broadcast_shapes(count.array.shape, prob.array.shape)
    return wrap(_generator(generator).binomial(count.array, prob.array))


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, layout=None, device=None, pin_memory=False,
           requires_grad=False):
    """Normal numbers, around `mean` with deviation `std`: tensors that broadcast, or numbers with a `size`.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.normal(torch.tensor([0., 100.]), 1.)
    tensor([ 1.5410, 99.7066])
    """
    g = _generator(generator)
    if size is None:
        if not (isinstance(mean, TensorBase) or isinstance(std, TensorBase)):
            raise TypeError(f"normal() needs a tensor or a size, but got ({type(mean).__name__}, {type(std).__name__})")
        which = 3 if isinstance(mean, TensorBase) and isinstance(std, TensorBase) else 1 + isinstance(std, TensorBase)
        return named(Draw.apply(mean, std, draw=g.normal_around), f"NormalBackward{which}")
    array = g.normal(tuple(size), mean, std, dtypes.to_numpy(dtype or dtypes.get_default_dtype()))
    out = wrap(place(array, resolve(device)))
    out._requires_grad = requires_grad
    return out


# ---------------------------------------------------------------------------------------------------------- dropout
_ALPHA = 1.7580993408473766  # -SELU(-infinity)


def _check_probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _noise(x, p, features):
    """1 with probability 1 - p, else 0: for each element, or, `features`, one for each channel (N, C, 1, ...)."""
    if p == 1:
        return np.zeros((), x.dtype)
    mask = np.empty((*x.shape[:2], *(1,) * (x.ndim - 2)), x.dtype) if features else np.empty_like(x)
    return _random.fill(mask, lambda shape: _random.default_generator.bernoulli(1.0 - p, shape, x.dtype))


def _dropout(input, p, training, inplace, features=False):
    check_tensors("dropout", input=input)
    x = input.array
    if p == 0 or not training or x.size == 0:
        return input
    noise = _noise(x, p, features)
    if p < 1:
        noise /= 1.0 - p
    out = mul(input, wrap(noise))
    return assign(input, out) if inplace else out


def _alpha_dropout(input, p, training, inplace, features=False):
    """Dropped elements become SELU's lowest value; then a * x + b restores mean 0 and variance 1."""
    x = input.array
    if p == 0 or not training or x.size == 0:
        return input
    if p == 1:
        out = mul(input, 0.0)
    else:
        noise = _noise(x, p, features)
        a = 1.0 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
        b = (noise - 1) * (_ALPHA * a) + _ALPHA * a * p
        out = add(mul(input, wrap(np.asarray(noise * a))), wrap(np.asarray(b)))  # 0-d stays an array
    return assign(input, out) if inplace else out


def dropout(input, p=0.5, training=True, inplace=False):
    """In training, zero each element with probability p and multiply the others by 1 / (1 - p). ValueError unless 0 <=
    p <= 1.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.nn.functional.dropout(torch.ones(4))
    tensor([0., 0., 2., 0.])
    """
    _check_probability(p)
    return _dropout(input, p, training, inplace)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean 0 and variance 1, for networks of SELUs. ValueError unless 0 <= p <= 1."""
    _check_probability(p)
    return _alpha_dropout(input, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels: (N, C, L) or (C, L). ValueError unless 0 <= p <= 1."""
    _check_probability(p)
    ndim = input.array.ndim
    if ndim not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {ndim}D input. Note that dropout1d "
                           "exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel "
                           "dimension, and an optional batch dimension (i.e. 2D or 3D inputs).")
    return _drop_channels(input, p, training, inplace, batched=ndim == 3)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels: (N, C, H, W). ValueError unless 0 <= p <= 1."""
    _check_probability(p)
    ndim = input.array.ndim
    if ndim not in (3, 4):
        warnings.warn(f"dropout2d: Received a {ndim}-D input to dropout2d, which is deprecated and will result in an "
                      "error in a future release. To retain the behavior and silence this warning, please use dropout "
                      "instead. Note that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial "
                      "dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
                      stacklevel=2)
    if ndim == 3:
        warnings.warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior "
                      "is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior "
                      "will change in a future release to interpret the input as one without a batch dimension, i.e. "
                      "shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using "
                      "dropout1d instead.", stacklevel=2)
    return _dropout(input, p, training, inplace, features=True)


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels: (N, C, D, H, W) or (C, D, H, W). ValueError unless 0 <= p <= 1."""
    _check_probability(p)
    ndim = input.array.ndim
    if ndim not in (4, 5):
        warnings.warn(f"dropout3d: Received a {ndim}-D input to dropout3d, which is deprecated and will result in an "
                      "error in a future release. To retain the behavior and silence this warning, please use dropout "
                      "instead. Note that dropout3d exists to provide channel-wise dropout on inputs with 3 spatial "
                      "dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).",
                      stacklevel=2)
    return _drop_channels(input, p, training, inplace, batched=ndim != 4)


def _drop_channels(input, p, training, inplace, batched):
    if batched:
        return _dropout(input, p, training, inplace, features=True)
    out = _dropout(unsqueeze(input, 0), p, training, inplace, features=True)  # (C, ...) -> (1, C, ...)
    return input if inplace else squeeze(out, 0)  # (1, C, ...) -> (C, ...)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """alpha_dropout of whole channels. ValueError unless 0 <= p <= 1."""
    _check_probability(p)
    return _alpha_dropout(input, p, training, inplace, features=True)
