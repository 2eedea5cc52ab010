"""Attention, softmax(query @ key^T * scale) @ value, without ever holding all of its weights (Dao et al.,
"FlashAttention", 2022).

One block of queries after the other looks at all keys: the weights of a block stay in the cache, and are forgotten. For
the gradient each row's logarithm of the sum of exponentials is kept, from which a weight is e^(score - logarithm).

In the compiled loops an item is a head. There the matrix of scores lies transposed, a row for each key, so that the
queries of a block, whose largest scores and sums are found at the same time, go side by side in SIMD lanes.

    s = k q^T,  p = e^(s - logarithm)                     (S, W): s keys, a block of W queries
    out = p^T v                                           (W, D)
    dv += p dout,   dp = v dout^T,   ds = p * (dp - sum over the row of dout * out)
    dk += ds q,     dq = ds^T k

Letters: N batch, H heads, T queries, S keys and values, D numbers of each.
"""
import math

import numpy as np

from ._each import LONG
from ._jit import jit
from ._math import dot, exp_of_negative, log, scale_by
from ._memory import geometry_of, memory_of
from ._tile import product, turn
from ._vector import lanes
from .matmul import matmul

__all__ = ["attention", "attention_backward"]

BLOCK = 48  # queries; whole tiles
FEW = 8  # for fewer queries most of a panel would be empty
ONE = np.float32(1)


def attention(query, key, value, is_causal, scale):
    """query (N, H, T, D), key, value (N, H, S, D) -> out (N, H, T, D), logarithms (N, H, T)

    is_causal: a query sees no key that comes after it. A query to which all keys are at -inf gets zeros.
    """
    if _compiled(query, key, value):
        query, key, value = map(_by_rows, (query, key, value))
        out, logarithms = np.empty_like(query), np.empty(query.shape[:3], np.float32)
        _launch(_attention, [query, key, value, out], is_causal, scale, logarithms)
        return out, logarithms
    scores = _scores(query, key, is_causal, scale)                                      # (N, H, T, S)
    most = scores.max(-1, keepdims=True)
    most[most == -math.inf] = 0
    logarithms = np.log(np.exp(scores - most).sum(-1, keepdims=True)) + most            # (N, H, T, 1)
    logarithms[logarithms == -math.inf] = math.inf
    out = np.empty_like(query)  # as in PyTorch, the dimensions of both lie in memory in the same order
    out[...] = matmul(np.exp(scores - logarithms), value)
    return out, logarithms[..., 0]


def attention_backward(grad, query, key, value, results, is_causal, scale):
    """The gradients with respect to query, key and value; `results` are what attention() has returned."""
    out, logarithms = results
    if _compiled(grad, query, key, value):
        grad, query, key, value = map(_by_rows, (grad, query, key, value))
        gradients = [np.zeros(x.shape, np.float32) for x in (query, key, value)]
        _launch(_attention_backward, [query, key, value, out, grad, *gradients], is_causal, scale, logarithms)
        return tuple(gradients)
    weights = np.exp(_scores(query, key, is_causal, scale) - logarithms[..., None])     # (N, H, T, S)
    d_weights = matmul(grad, value.swapaxes(2, 3))
    d_scores = weights * (d_weights - (grad * out).sum(-1, keepdims=True)) * scale
    return (matmul(d_scores, key), matmul(d_scores.swapaxes(2, 3), query), matmul(weights.swapaxes(2, 3), grad))


def _scores(query, key, is_causal, scale):
    """(N, H, T, D) @ (N, H, D, S) -> (N, H, T, S)"""
    scores = matmul(query, key.swapaxes(2, 3)) * scale
    return np.where(np.tri(*scores.shape[2:], dtype=bool), scores, -math.inf) if is_causal else scores


def _compiled(*arrays):
    """Whether the loops below take these arrays: float32, rows of whole panels, and more than a few queries."""
    T, D = arrays[0].shape[2:]
    return (all(x.dtype == np.float32 for x in arrays) and T >= FEW and arrays[0].size >= LONG
            and D % (2 * lanes()) == 0)


# --------------------------------------------------------------------------------------------------------------- loops
def _by_rows(x):
    """x, or a copy, with rows that are contiguous"""
    return x if x.strides[-1] == x.itemsize and 0 not in x.strides else np.ascontiguousarray(x)


def _launch(kernel, arrays, is_causal, scale, logarithms):
    """Have the kernel do all heads of the arrays (N, H, T or S, D).

    The arrays get there as vectors of their memory, with the places where they begin and their steps along N, H, T.
    """
    (N, H, T, D), S = arrays[0].shape, arrays[1].shape[2]
    geometry = [geometry_of(x) for x in arrays]
    places = np.array([[start, *steps[:3]] for _, steps, start in geometry])
    kernel[N * H, N * H * T * S](H, T, S, D, is_causal, scale, places, *[memory_of(x) for x in arrays],
                                 logarithms.reshape(-1))


@jit
def _head(places, x, head, H):
    """Where the rows of this head begin in array x, and the step from one to the next"""
    return places[x, 0] + head // H * places[x, 1] + head % H * places[x, 2], places[x, 3]


@jit
def _take(x, start, row, rows, D, factor, out):
    """out (rows, D) = factor * x"""
    for i in range(rows):
        source, target = x[start + i * row:][:D], out[i * D:][:D]
        for d in range(D):
            target[d] = factor * source[d]


@jit
def _whole(rows):
    """So many queries, in whole panels"""
    return (rows + 2 * lanes() - 1) // (2 * lanes()) * (2 * lanes())


@jit
def _seen(i, t, causal):
    """The first query of the block that begins at t which sees key i"""
    return max(0, i - t) if causal else 0


@jit(fused=True)
def _attention(head, H, T, S, D, causal, scale, places, q, k, v, out, logarithms):
    """q, k, v -> out, logarithms, of one head"""
    q_at, q_row = _head(places, 0, head, H)
    k_at, k_row = _head(places, 1, head, H)
    v_at, v_row = _head(places, 2, head, H)
    o, o_row = _head(places, 3, head, H)
    keys, values, widest = np.empty(S * D, np.float32), np.empty(S * D, np.float32), _whole(BLOCK)
    block, turned = np.empty(widest * D, np.float32), np.empty(D * widest, np.float32)
    scores, nothing = np.empty(S * widest, np.float32), np.zeros(max(D, widest), np.float32)
    largest, total = np.empty(widest, np.float32), np.empty(widest, np.float32)
    _take(k, k_at, k_row, S, D, ONE, keys)
    _take(v, v_at, v_row, S, D, ONE, values)
    for t in range(0, T, BLOCK):
        rows = min(BLOCK, T - t)
        W, count = _whole(rows), min(S, t + rows) if causal else S
        _take(q, q_at + t * q_row, q_row, rows, D, np.float32(scale), block)
        turn(block, 0, W, D, turned)                                                    # (W, D) -> (D, W)
        product(keys, 0, D, 1, count, D, turned, 0, W, W, nothing, 0, 0, scores, 0, W)
        for j in range(W):
            largest[j] = -np.inf
            total[j] = 0
        for i in range(count):
            first = _seen(i, t, causal)
            s, most = scores[i * W:][first:W], largest[first:W]
            for j in range(s.size):
                most[j] = s[j] if s[j] > most[j] else most[j]
        for j in range(W):
            largest[j] = 0 if largest[j] == -np.inf else largest[j]
        for i in range(count):
            first = _seen(i, t, causal)
            scores[i * W:][:first] = 0
            s, most, add = scores[i * W:][first:W], largest[first:W], total[first:W]
            for j in range(s.size):
                power = exp_of_negative(s[j] - most[j])
                s[j] = power
                add[j] += power
        product(scores, 0, 1, W, rows, count, values, 0, D, D, nothing, 0, 0, out, o + t * o_row, o_row)
        for j in range(rows):
            nowhere = total[j] == 0
            logarithms[head * T + t + j] = np.inf if nowhere else largest[j] + log(total[j])
            scale_by(np.float32(0 if nowhere else 1 / total[j]), out[o + (t + j) * o_row:][:D])


@jit(fused=True)
def _attention_backward(head, H, T, S, D, causal, scale, places, q, k, v, out, grad, dq, dk, dv, logarithms):
    """All else -> dq, dk and dv, of one head; dk and dv begin at zero"""
    q_at, q_row = _head(places, 0, head, H)
    k_at, k_row = _head(places, 1, head, H)
    v_at, v_row = _head(places, 2, head, H)
    o, o_row = _head(places, 3, head, H)
    g, g_row = _head(places, 4, head, H)
    dq_at, dq_row = _head(places, 5, head, H)
    dk_at, dk_row = _head(places, 6, head, H)
    dv_at, dv_row = _head(places, 7, head, H)
    keys, values, widest = np.empty(S * D, np.float32), np.empty(S * D, np.float32), _whole(BLOCK)
    queries, grads = np.empty(widest * D, np.float32), np.empty(widest * D, np.float32)
    turned, nothing = np.empty(D * widest, np.float32), np.zeros(max(D, widest), np.float32)
    weights, d_scores = np.empty(S * widest, np.float32), np.empty(S * widest, np.float32)
    logs, means = np.zeros(widest, np.float32), np.zeros(widest, np.float32)
    _take(k, k_at, k_row, S, D, ONE, keys)
    _take(v, v_at, v_row, S, D, ONE, values)
    for t in range(0, T, BLOCK):
        rows = min(BLOCK, T - t)
        W, count = _whole(rows), min(S, t + rows) if causal else S
        _take(q, q_at + t * q_row, q_row, rows, D, np.float32(scale), queries)
        turn(queries, 0, W, D, turned)                                                  # (W, D) -> (D, W)
        product(keys, 0, D, 1, count, D, turned, 0, W, W, nothing, 0, 0, weights, 0, W)
        _take(grad, g + t * g_row, g_row, rows, D, ONE, grads)
        turn(grads, 0, W, D, turned)                                                    # (W, D) -> (D, W)
        product(values, 0, D, 1, count, D, turned, 0, W, W, nothing, 0, 0, d_scores, 0, W)
        for j in range(rows):
            logs[j] = logarithms[head * T + t + j]
            means[j] = dot(grads[j * D:][:D], out[o + (t + j) * o_row:][:D])
        for i in range(count):
            first = _seen(i, t, causal)
            weights[i * W:][:first] = 0
            d_scores[i * W:][:first] = 0
            p, ds, log_total, mean = weights[i * W:][first:W], d_scores[i * W:][first:W], logs[first:W], means[first:W]
            for j in range(p.size):
                p[j] = exp_of_negative(p[j] - log_total[j])
            for j in range(p.size):
                ds[j] = p[j] * (ds[j] - mean[j])
        product(weights, 0, W, 1, count, rows, grads, 0, D, D, dv, dv_at, dv_row, dv, dv_at, dv_row)
        product(d_scores, 0, W, 1, count, rows, queries, 0, D, D, dk, dk_at, dk_row, dk, dk_at, dk_row)
        product(d_scores, 0, 1, W, rows, count, keys, 0, D, D, nothing, 0, 0, dq, dq_at + t * dq_row, dq_row)
        for j in range(rows):
            scale_by(np.float32(scale), dq[dq_at + (t + j) * dq_row:][:D])
