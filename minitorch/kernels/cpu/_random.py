"""Draws that go one after the other: a permutation, numbers by rejection, which take as many words as they need, and
trials, which succeed or not.

`state` is the generator's: the 624 words of MT19937 and, at the end, how many of them have been used. `spare` is
{a flag, the second value of a Box-Muller pair}. Both are changed.
"""
import math

import numpy as np

from ._jit import jit

__all__ = ["binomial", "permute", "poisson", "standard_gamma", "trials"]


@jit
def permute(order, steps):
    """Fisher-Yates: exchange order[i] with order[i + steps[i]]."""
    for i in range(len(steps)):
        j = i + steps[i]
        order[i], order[j] = order[j], order[i]


@jit
def _twist(key):
    """The next 624 words of MT19937, which _temper has yet to mix: https://doi.org/10.1145/272991.272995

    Word i follows from words i, i + 1 and i + 397, where 0 comes after 623: in three loops, for none needs a remainder.
    """
    for i in range(227):
        key[i] = key[i + 397] ^ _mix(key[i], key[i + 1])
    for i in range(227, 623):
        key[i] = key[i - 227] ^ _mix(key[i], key[i + 1])
    key[623] = key[396] ^ _mix(key[623], key[0])


@jit
def _mix(word, following):
    y = (word & 0x80000000) | (following & 0x7FFFFFFF)
    return (y >> 1) ^ (0x9908B0DF if y & 1 else 0)


@jit
def _temper(y):
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C5680
    y ^= (y << 15) & 0xEFC60000
    return y ^ (y >> 18)


@jit
def _next_word(state):
    if state[624] == 624:
        _twist(state)
        state[624] = 0
    state[624] += 1
    return _temper(state[state[624] - 1])


@jit
def trials(limit, key, position, words, out):
    """out[i] = whether 53 random bits, as an integer, are below limit. Returns the new position in the key.

    key (624) is the generator's, of which `position` words have been used. A trial takes two words; those of a key are
    tempered and used together, in SIMD lanes; words (625) is for them, and for one that waits for its other half.
    """
    done = held = 0
    while done < out.size:
        if position == 624:
            _twist(key)
            position = 0
        taken = min(624 - position, 2 * (out.size - done) - held)
        _temper_each(key[position:position + taken], words[held:held + taken])
        position += taken
        held += taken
        pairs = held // 2
        _compare(words, limit, out[done:done + pairs])
        done += pairs
        words[0] = words[held - 1]
        held %= 2
    return position


@jit
def _temper_each(key, words):
    for i in range(words.size):
        words[i] = _temper(key[i])


@jit
def _compare(words, limit, out):
    for i in range(out.size):
        out[i] = (np.int64(words[2 * i] & 0x1FFFFF) << 32 | np.int64(words[2 * i + 1])) < limit


@jit
def _uniform(state):
    """Uniform on [0, 1): 53 bits."""
    high = _next_word(state)
    return (high & 0x1FFFFF) * 2.0**-21 + _next_word(state) * 2.0**-53


@jit
def _normal(state, spare):
    """Standard normal, by Box and Muller, who make two at a time."""
    if spare[0]:
        spare[0] = 0.0
        return spare[1]
    u1 = _uniform(state)
    u2 = _uniform(state)
    radius, theta = math.sqrt(-2.0 * math.log1p(-u2)), 2.0 * math.pi * u1
    spare[0], spare[1] = 1.0, radius * math.sin(theta)
    return radius * math.cos(theta)


@jit
def poisson(rates, out, state):
    """out[i] = the number of events of rate rates[i] in a time 1."""
    for i in range(len(rates)):
        rate = rates[i]
        out[i] = _poisson_large(rate, state) if rate >= 10 else _poisson_small(rate, state)


@jit
def _poisson_small(rate, state):
    """Wait for event after event, exponential times that add up, until they exceed 1."""
    if rate == 0:
        return 0.0
    k, product, end = 0.0, _uniform(state), math.exp(-rate)
    while product > end:
        k += 1
        product *= _uniform(state)
    return k


@jit
def _poisson_large(rate, state):
    """PTRS, transformed rejection with squeeze: https://doi.org/10.1016/0167-6687(93)90997-4"""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inv_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = _uniform(state) - 0.5
        v = _uniform(state)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        if (math.log(v) + math.log(inv_alpha) - math.log(a / (us * us) + b)
                <= -rate + k * math.log(rate) - math.lgamma(k + 1.0)):
            return k


@jit
def binomial(counts, probs, out, state):
    """out[i] = the number of successes in counts[i] trials that succeed with probability probs[i]."""
    for i in range(len(counts)):
        n, p = counts[i], probs[i]
        if n <= 0 or p <= 0:
            out[i] = 0
        elif p >= 1:
            out[i] = n
        elif p <= 0.5:
            out[i] = _successes(n, p, state)
        elif p > 0.5:
            out[i] = n - _successes(n, 1 - p, state)
        else:
            out[i] = np.nan


@jit
def _successes(n, p, state):
    return _binomial_large(n, p, state) if n * p >= 10 else _binomial_small(n, p, state)


@jit
def _binomial_small(n, p, state):
    """Go from success to success, geometric numbers of trials, until there are more than n."""
    successes, trials, log_q = 0.0, math.ceil(math.log(_uniform(state)) / math.log1p(-p)), math.log1p(-p)
    while trials <= n:
        successes += 1
        trials += math.ceil(math.log(_uniform(state)) / log_q)
    return successes


@jit
def _binomial_large(n, p, state):
    """BTRS, transformed rejection with squeeze: https://doi.org/10.1080/00949659308811496"""
    deviation = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    v_r = 0.92 - 4.2 / b
    r = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * deviation
    m = math.floor((n + 1) * p)
    while True:
        u = _uniform(state) - 0.5
        v = _uniform(state)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or k > n:
            continue
        bound = ((m + 0.5) * math.log((m + 1) / (r * (n - m + 1)))
                 + (n + 1) * math.log((n - m + 1) / (n - k + 1))
                 + (k + 0.5) * math.log(r * (n - k + 1) / (k + 1))
                 + _stirling_tail(m) + _stirling_tail(n - m) - _stirling_tail(k) - _stirling_tail(n - k))
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k


@jit
def _stirling_tail(k):
    """log(k!) minus Stirling's approximation of it around k + 1."""
    if k < 10:
        return math.lgamma(k + 1.0) - ((k + 0.5) * math.log(k + 1.0) - (k + 1.0) + 0.5 * math.log(2 * math.pi))
    square = (k + 1.0) * (k + 1.0)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1.0)


_SQUEEZE = float(np.float32(0.0331))  # PyTorch has it in single precision


@jit
def standard_gamma(inverses, ds, out, state, spare):
    """out[i] with density x^(alpha - 1) e^-x: https://doi.org/10.1145/358407.358414

    d is alpha - 1 / 3; or, where alpha < 1, alpha + 1 - 1 / 3, and inverse, 0 elsewhere, is 1 / alpha.
    """
    for i in range(len(ds)):
        inverse, d = inverses[i], ds[i]
        if inverse == np.inf:
            out[i] = 0.0
            continue
        scale = (1 - _uniform(state)) ** inverse if inverse else 1.0
        c = 1 / math.sqrt(9 * d)
        while True:
            x = _normal(state, spare)
            while 1 + c * x <= 0:
                x = _normal(state, spare)
            v = (1 + c * x) ** 3
            u = 1 - _uniform(state)
            if u < 1 - _SQUEEZE * x**4 or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
                out[i] = scale * d * v
                break
