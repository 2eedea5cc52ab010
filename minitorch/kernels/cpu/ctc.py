"""Connectionist temporal classification (Graves et al., 2006): the probability of a sequence of labels, summed over all
ways to spread it over time.

The labels l, with a blank before, between and after, are L = 2S + 1 places. A path starts at place 0 or 1; from one
time to the next it stays, moves on by one place or, past a blank between two different labels, by two; it ends at one
of the last two places. All probabilities are logarithms.
"""
import math

import numpy as np

from ._jit import jit, working_arrays

__all__ = "ctc_loss ctc_loss_backward".split()


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank):
    """(-log p(targets) (N), for backward alpha (N, T, L)) for log_probs (T, N, C), targets (N, S).

    alpha[t, l]: the probability of all beginnings of paths that are at place l at time t.
    """
    dtype, (log_probs,) = working_arrays(log_probs)
    T, N, _ = log_probs.shape
    losses = np.empty(N, log_probs.dtype)
    alpha = np.full((N, T, 2 * targets.shape[1] + 1), -np.inf, log_probs.dtype)
    _forward(log_probs, targets, input_lengths, target_lengths, blank, losses, alpha)
    return losses.astype(dtype, copy=False), alpha


def ctc_loss_backward(grad, log_probs, targets, input_lengths, target_lengths, losses, alpha, blank, zero_infinity):
    """p - (the probability of being at a label c at time t), times grad (N): (T, N, C).

    This is the gradient before a log_softmax that made log_probs; through that log_softmax it passes unchanged.
    """
    dtype, (log_probs, grad, losses) = working_arrays(log_probs, grad, losses)
    out = np.zeros(log_probs.shape, log_probs.dtype)
    _backward(grad, log_probs, targets, input_lengths, target_lengths, losses, alpha, blank, zero_infinity, out)
    return out.astype(dtype, copy=False)


@jit
def _label(targets, place, blank):
    return targets[place // 2] if place % 2 else blank


@jit
def _log_add(a, b):
    """log(e^a + e^b)"""
    high, low = max(a, b), min(a, b)
    return high if low == -np.inf else high + math.log1p(math.exp(low - high))


@jit
def _forward(log_probs, targets, input_lengths, target_lengths, blank, losses, alpha):
    for n in range(len(losses)):
        T, L, target, a = input_lengths[n], 2 * target_lengths[n] + 1, targets[n], alpha[n]
        if T == 0:
            losses[n] = 0.0 if L == 1 else np.inf
            continue
        for place in range(min(L, 2)):
            a[0, place] = log_probs[0, n, _label(target, place, blank)]
        for t in range(1, T):
            for place in range(L):
                label, total = _label(target, place, blank), a[t - 1, place]
                if place > 0:
                    total = _log_add(total, a[t - 1, place - 1])
                if place > 1 and label != _label(target, place - 2, blank):
                    total = _log_add(total, a[t - 1, place - 2])
                a[t, place] = total + log_probs[t, n, label]
        losses[n] = -(a[T - 1, 0] if L == 1 else _log_add(a[T - 1, L - 1], a[T - 1, L - 2]))


@jit
def _backward(grad, log_probs, targets, input_lengths, target_lengths, losses, alpha, blank, zero_infinity, out):
    C = out.shape[2]
    for n in range(len(losses)):
        T, L, target = input_lengths[n], 2 * target_lengths[n] + 1, targets[n]
        if zero_infinity and losses[n] == np.inf:
            continue
        beta = np.full(L, -np.inf)  # the probability of all ends of paths that are at this place, from this time on
        for t in range(T - 1, -1, -1):
            for place in range(L):  # upwards: what stands at place + 1 and + 2 is still that of time t + 1
                label, total = _label(target, place, blank), beta[place]
                if t == T - 1:
                    total = 0.0 if place >= L - 2 else -np.inf
                elif place + 1 < L:
                    total = _log_add(total, beta[place + 1])
                    if place + 2 < L and label != _label(target, place + 2, blank):
                        total = _log_add(total, beta[place + 2])
                beta[place] = total + log_probs[t, n, label]
            at_label = np.full(C, -np.inf)
            for place in range(L):
                label = _label(target, place, blank)
                at_label[label] = _log_add(at_label[label], alpha[n, t, place] + beta[place])
            for c in range(C):
                p = log_probs[t, n, c]
                # alpha and beta both hold p, hence once less
                out[t, n, c] = (math.exp(p) - math.exp(at_label[c] + losses[n] - p)) * grad[n]
