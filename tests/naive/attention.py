"""Attention, one number at a time."""
import math


def attention(query, key, value, is_causal, scale):
    """softmax(query @ key^T * scale) @ value, of one head: (T, D), (S, D), (S, D) -> (T, D), as lists"""
    out = []
    for t, q in enumerate(query):
        seen = range(min(t + 1, len(key)) if is_causal else len(key))
        scores = [scale * sum(a * b for a, b in zip(q, key[s])) for s in seen]
        most = max(scores)
        weights = [math.exp(score - most) for score in scores]
        out.append([sum(weight * value[s][d] for s, weight in zip(seen, weights)) / sum(weights)
                    for d in range(len(q))])
    return out
