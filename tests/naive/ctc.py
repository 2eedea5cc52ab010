"""The specification of CTC: try every path."""
import itertools

import numpy as np


def ctc_loss(log_probs, target, blank):
    """-log of the sum of the probabilities of all paths that spell the target, for one sample (T, C)."""
    T, C = log_probs.shape
    total = 0.0
    for path in itertools.product(range(C), repeat=T):
        spelt = [label for label, _ in itertools.groupby(path) if label != blank]
        if spelt == list(target):
            total += np.exp(sum(log_probs[t, label] for t, label in enumerate(path)))
    return -np.log(total) if total else np.inf
