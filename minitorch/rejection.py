"""Random numbers by rejection: gamma, Poisson and binomial, value for value as PyTorch draws them on the CPU.

A proposal is drawn that is easy to draw, and accepted with a probability that corrects its distribution. How many draws
that takes is not known before, so these run one value at a time, in Python: some microseconds each.
"""
import math

import numpy as np

from . import random


def _each(draw, dtype, *parameters):
    """draw(uniform, normal, *p) for the elements of arrays that broadcast, in order, as an array of `dtype`."""
    generator = random.default_generator

    def uniform():
        return generator.uniform((), dtype=np.float64).item()

    def normal():
        return generator.normal((), dtype=np.float64).item()

    arrays = np.broadcast_arrays(*parameters)
    values = [draw(uniform, normal, *map(float, p)) for p in zip(*(array.ravel() for array in arrays))]
    return np.array(values, np.float64).astype(dtype).reshape(arrays[0].shape)


def standard_gamma(concentration, dtype=None):
    """Gamma variables of rate 1, positive, of the array's dtype (Marsaglia and Tsang, 2000).

    >>> _ = random.manual_seed(0)
    >>> standard_gamma(np.float32([1.0, 2.0])).dtype
    dtype('float32')
    """
    dtype = concentration.dtype if dtype is None else dtype
    return np.maximum(_each(_gamma, dtype, concentration), np.finfo(dtype).tiny)


def _gamma(uniform, normal, a):
    if a == 0:
        return 0.0
    scale = 1.0
    if a < 1:  # X * U^(1 / a) has concentration a if X has a + 1
        scale = (1 - uniform()) ** (1 / a)
        a += 1
    d = a - 1 / 3
    c = 1 / math.sqrt(9 * d)
    while True:
        y = 0
        while y <= 0:
            x = normal()
            y = 1 + c * x
        v = y * y * y
        u = 1 - uniform()
        if u < 1 - 0.0331 * x**4 or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
            return scale * d * v


def poisson(rate):
    """Poisson variables, in the array's dtype: Hörmann's PTRS (1993) where the rate is 10 or more, else by products.

    >>> poisson(np.zeros(2))
    array([0., 0.])
    """
    return _each(_poisson, rate.dtype, rate)


def _poisson(uniform, normal, rate):
    if rate < 10:  # how many arrivals, exponential times apart, until the time 1
        count, limit, product = 0, math.exp(-rate), 1.0
        while rate > 0:
            product *= uniform()
            if product <= limit:
                break
            count += 1
        return count
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
            return k
        if k < 0 or us < 0.013 and v > us:
            continue
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= k * math.log(rate) - rate - math.lgamma(k + 1):
            return k


def binomial(total_count, probs):
    """Binomial variables, in the dtype of `probs`: Hörmann's BTRS (1993) where 10 are expected, else by gaps.

    >>> binomial(np.float32([3, 3]), np.float32([0, 1]))
    array([0., 3.], dtype=float32)
    """
    return _each(_binomial, probs.dtype, total_count, probs)


def _binomial(uniform, normal, n, p):
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p > 0.5:
        return n - _binomial(uniform, normal, n, 1 - p)
    return _successes_by_gaps(uniform, n, p) if n * p < 10 else _btrs(uniform, n, p)


def _successes_by_gaps(uniform, n, p):
    """How often a geometric number of trials fits into n."""
    count, trials = 0, 0
    while True:
        trials += math.ceil(math.log(uniform()) / math.log1p(-p))
        if trials > n:
            return count
        count += 1


def _btrs(uniform, n, p):
    deviation = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    odds = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * deviation
    mode = math.floor((n + 1) * p)
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + n * p + 0.5)
        if k < 0 or k > n:
            continue
        if us >= 0.07 and v <= 0.92 - 4.2 / b:
            return k
        log_ratio = (math.lgamma(mode + 1) + math.lgamma(n - mode + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
                     + (k - mode) * math.log(odds))  # of the probabilities of k and of the mode
        if math.log(v * alpha / (a / (us * us) + b)) <= log_ratio:
            return k
