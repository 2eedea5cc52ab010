"""Attention: each query looks at all keys, and gets a mean of the values, weighted by how well query and key agree.

Alphabet: N batch, H heads, T queries (time), S keys and values, E embedding, D = E / H of one head.
"""
import math
import warnings

import numpy as np

from ..engine import Op, wrap
from ..graph import check_tensors, grad_mode
from ._recompute import differentiate
from .elementwise import add, eq, full, mul, where
from .index import repeat_interleave
from .matmul import linear, matmul
from .padding import pad
from .random import dropout
from .reduce import all as all_of
from .reduce import mean
from .shape import cat, chunk, expand, reshape, squeeze, transpose, unsqueeze
from .softmax import softmax

__all__ = ["attention", "attention_backward", "multi_head_attention_forward", "scaled_dot_product_attention"]


class Attention(Op):
    """out = softmax(query @ key^T * scale) @ value.   Saves: all four, and the logarithms of the softmax's sums."""

    torch_name = "ScaledDotProductFlashAttentionForCpuBackward0"

    def forward(self, query, key, value, is_causal, scale):
        self.options = is_causal, scale
        out, logarithms = self.k.attention(query, key, value, is_causal, scale)
        self.save(query, key, value, out, logarithms)
        return out

    def backward(self, grad):
        query, key, value, *results = self.saved
        return self.k.attention_backward(grad, query, key, value, results, *self.options)


def attention(query, key, value, is_causal, scale):
    """scaled_dot_product_attention in one operation: (N, H, T, D), (N, H, S, D), (N, H, S, D) -> (N, H, T, D)."""
    return Attention.apply(query, key, value, is_causal=is_causal, scale=scale)


def attention_backward(grad, query, key, value, results, is_causal, scale):
    """The gradient of `attention`, recorded."""
    mask = _causal_mask(query, key) if is_causal else None
    return differentiate(lambda q, k, v: _attend(q, k, v, mask, 0.0, scale), (query, key, value), (grad,))


def _is_one_operation(query, key, value):
    """Whether `attention` takes these: in float32 or float64, as many keys as values, all as long as the queries."""
    shape = query.array.shape
    return (len(shape) == 4 and query.array.dtype.char in "fd" and grad_mode.autocast is None
            and key.array.shape == value.array.shape == (*shape[:2], key.array.shape[-2], shape[3])
            and query.array.size and key.array.size)


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 enable_gqa=False):
    """softmax(query @ key^T * scale + mask) @ value: (..., T, D), (..., S, D), (..., S, V) -> (..., T, V).

    attn_mask (T, S), broadcast: False, or -inf, where a query may not look. One that may look nowhere gets zeros.
    is_causal: each looks back only. scale: 1 / sqrt(D) by default. dropout_p: of the weights.
    enable_gqa: several heads of queries (..., H, T, D) share one of keys and values.
    RuntimeError if attn_mask and is_causal are both given, and for dtypes or shapes that do not fit.

    >>> import minitorch as torch
    >>> x = torch.eye(2)
    >>> torch.nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000, 0.0000],
            [0.3302, 0.6698]])
    """
    _check_attention(query, key, value, attn_mask, is_causal)
    if enable_gqa:
        key, value = _share_heads(query, key), _share_heads(query, value)
    scale = 1 / math.sqrt(max(query.array.shape[-1], 1)) if scale is None else float(scale)
    if attn_mask is None and dropout_p == 0 and _is_one_operation(query, key, value):
        return attention(query, key, value, bool(is_causal), scale)
    return _attend(query, key, value, _causal_mask(query, key) if is_causal else attn_mask, dropout_p, scale)


def _causal_mask(query, key):
    """(T, S): a query looks at the keys up to its own place."""
    return wrap(np.tri(query.array.shape[-2], key.array.shape[-2], dtype=bool))


def _attend(query, key, value, mask, dropout_p, scale):
    """The same step by step, with a mask and with dropout."""
    root = math.sqrt(abs(scale))  # a root on each side keeps products small
    query, key = mul(query, math.copysign(root, scale)), mul(key, root)
    scores = matmul(query, transpose(key, -2, -1))  # (..., T, D) @ (..., D, S) -> (..., T, S)
    weights = softmax(scores, -1) if mask is None else _masked_softmax(scores, mask)
    return matmul(dropout(weights, dropout_p), value)  # (..., T, S) @ (..., S, V) -> (..., T, V)


def _check_attention(query, key, value, attn_mask, is_causal):
    check_tensors("scaled_dot_product_attention", query=query, key=key, value=value)
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    arrays = {"query": query.array, "key": key.array, "value": value.array}
    if min(x.ndim for x in arrays.values()) < 2:
        got = [f"{name}.dim: {x.ndim}" for name, x in arrays.items()]
        raise RuntimeError("Expected query, key, and value to all be  at least 2 dimensional, but got "
                           f"{got[0]} {got[1]} and {got[2]} instead.")
    if len({x.dtype for x in arrays.values()}) > 1:
        got = [f"{name}.dtype: {x.dtype}" for name, x in zip(arrays, (query, key, value))]
        raise RuntimeError("Expected query, key, and value to have the same dtype, but got "
                           f"{got[0]} {got[1]} and {got[2]} instead.")
    if attn_mask is not None and attn_mask.array.dtype not in (np.bool_, query.array.dtype):
        raise RuntimeError("Expected attn_mask dtype to be bool or float or to match query dtype, but got "
                           f"attn_mask.dtype: {attn_mask.dtype} and  query.dtype: {query.dtype} instead.")


def _share_heads(query, x):
    """Repeat the heads of keys or values, so that there is one for each head of the queries."""
    heads, wanted = x.array.shape[-3], query.array.shape[-3]
    if wanted % heads:
        raise RuntimeError("Number of heads in key and value must divide the number of heads in query, but got "
                           f"{heads} and {wanted}")
    return repeat_interleave(x, wanted // heads, -3)  # (..., heads, S, D) -> (..., H, S, D)


def _masked_softmax(scores, mask):
    """softmax of scores (..., T, S) where the mask allows; zeros, not 0 / 0, for a query that may look nowhere."""
    scores = add(scores, where(mask, 0.0, full((), -math.inf, scores.dtype)) if mask.array.dtype == np.bool_ else mask)
    nowhere = all_of(eq(scores, -math.inf), -1, True)  # (..., T, 1)
    if not nowhere.array.any():
        return softmax(scores, -1)
    return where(nowhere, 0.0, softmax(where(nowhere, 0.0, scores), -1))


def multi_head_attention_forward(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
        dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True,
        attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None,
        static_k=None, static_v=None, average_attn_weights=True, is_causal=False):
    """Project query (T, N, E), key and value (S, N, E), attend with each head, project the heads' results together.

    Returns (output (T, N, E), weights (N, T, S)); the weights are None unless need_weights, and (N, H, T, S) unless
    average_attn_weights. All without N if query, key and value come without. See nn.MultiheadAttention for the rest.

    in_proj_weight (3 E, E)             or, with use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight
    bias_k, bias_v (1, 1, E)            one more key and value, learned
    add_zero_attn                       one more key and value of zeros
    static_k, static_v (N H, S, D)      instead of the projected keys and values
    """
    batched = _check_heads(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = (unsqueeze(x, 1) for x in (query, key, value))  # (T, E) -> (T, 1, E)
        key_padding_mask = None if key_padding_mask is None else unsqueeze(key_padding_mask, 0)  # (S) -> (1, S)
    T, N, E = query.array.shape
    S = key.array.shape[0]
    _check_projection(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    if is_causal and attn_mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
                           "method `generate_square_subsequent_mask` to create this mask.")
    is_causal = is_causal and key_padding_mask is None and not need_weights
    mask = None if is_causal else _merge_masks(attn_mask, key_padding_mask, num_heads, (T, N, S), query.array.dtype)

    separate = q_proj_weight, k_proj_weight, v_proj_weight
    weights = separate if use_separate_proj_weight else chunk(in_proj_weight, 3)  # (3 E, E) -> 3 x (E, E)
    biases = (None,) * 3 if in_proj_bias is None else chunk(in_proj_bias, 3)
    q, k, v = map(linear, (query, key, value), weights, biases)  # (T, N, E), (S, N, E), (S, N, E)
    if bias_k is not None:  # (S, N, E) -> (S + 1, N, E)
        k, v = (cat([x, expand(bias, (1, N, E))]) for x, bias in ((k, bias_k), (v, bias_v)))
    q, k, v = (_split_heads(x, num_heads) for x in (q, k, v))  # (N H, T, D), (N H, S, D), (N H, S, D)
    k, v = k if static_k is None else static_k, v if static_v is None else static_v
    if add_zero_attn:
        k, v = pad(k, (0, 0, 0, 1)), pad(v, (0, 0, 0, 1))  # (N H, S, D) -> (N H, S + 1, D)
    if mask is not None:
        mask = pad(mask, (0, k.array.shape[1] - mask.array.shape[-1]))  # nobody is kept from the keys added

    dropout_p = dropout_p if training else 0.0
    if need_weights:
        scores = matmul(mul(q, math.sqrt(num_heads / E)), transpose(k, 1, 2))  # (N H, T, D) @ (N H, D, S)
        weights = dropout(softmax(scores if mask is None else add(scores, mask), -1), dropout_p)
        out = matmul(weights, v)  # (N H, T, S) @ (N H, S, D) -> (N H, T, D)
        weights = reshape(weights, (N, num_heads, *weights.array.shape[1:]))  # (N H, T, S) -> (N, H, T, S)
        weights = mean(weights, 1) if average_attn_weights else weights
    else:
        out, weights = scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal), None
    out = reshape(transpose(out, 0, 1), (T, N, E))  # (N H, T, D) -> (T, N H, D) -> (T, N, E)
    out = linear(out, out_proj_weight, out_proj_bias)
    if not batched:
        out, weights = squeeze(out, 1), None if weights is None else squeeze(weights, 0)
    return out, weights


def _split_heads(x, num_heads):
    """(T, N, H D) -> (T, N H, D) -> (N H, T, D)."""
    T, N, E = x.array.shape
    return transpose(reshape(x, (T, N * num_heads, E // num_heads)), 0, 1)


def _merge_masks(attn_mask, key_padding_mask, num_heads, sizes, dtype):
    """One mask to add to the scores (N H, T, S), of a shape that broadcasts; None if there is nothing to hide."""
    T, N, S = sizes
    if key_padding_mask is not None:
        if attn_mask is not None and attn_mask.array.dtype != key_padding_mask.array.dtype:
            warnings.warn("Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both "
                          "instead.", stacklevel=3)
        if key_padding_mask.array.shape != (N, S):
            raise AssertionError(f"Expected key_padding_mask of shape {(N, S)}, got {key_padding_mask.shape}")
        key_padding_mask = _additive("key_padding_mask", key_padding_mask, dtype)
        # (N, S) -> (N H, 1, S)
        key_padding_mask = repeat_interleave(unsqueeze(key_padding_mask, 1), num_heads, 0)
    if attn_mask is None:
        return key_padding_mask
    wanted = (T, S) if attn_mask.array.ndim == 2 else (N * num_heads, T, S)
    if attn_mask.array.shape != wanted:
        raise RuntimeError(f"The shape of the {attn_mask.array.ndim}D attn_mask is {attn_mask.shape}, but should be "
                           f"{wanted}.")
    attn_mask = _additive("attn_mask", attn_mask, dtype)
    return attn_mask if key_padding_mask is None else add(attn_mask, key_padding_mask)


def _additive(name, mask, dtype):
    """-inf where a bool mask is True, else 0; a floating mask as it is."""
    if mask.array.dtype == np.bool_:
        return wrap(np.where(mask.array, -math.inf, 0.0).astype(dtype))
    if not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return mask


def _check_heads(query, key, value, key_padding_mask, attn_mask, num_heads):
    """AssertionError for numbers of dimensions that do not fit; returns whether there is a batch."""
    check_tensors("multi_head_attention_forward", query=query, key=key, value=value)
    ndim = query.array.ndim
    if ndim not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {ndim}-D query tensor")
    kind = "For batched (3-D) `query`, expected" if ndim == 3 else "For unbatched (2-D) `query`, expected"
    if (key.array.ndim, value.array.ndim) != (ndim, ndim):
        raise AssertionError(f"{kind} `key` and `value` to be {ndim}-D but found {key.array.ndim}-D and "
                             f"{value.array.ndim}-D tensors respectively")
    if key_padding_mask is not None and key_padding_mask.array.ndim != ndim - 1:
        raise AssertionError(f"{kind} `key_padding_mask` to be `None` or {ndim - 1}-D but found "
                             f"{key_padding_mask.array.ndim}-D tensor instead")
    if attn_mask is not None and attn_mask.array.ndim not in (2, 3):
        raise AssertionError(f"{kind} `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.array.ndim}-D tensor "
                             "instead")
    if ndim == 2 and attn_mask is not None and attn_mask.array.ndim == 3:
        wanted = (num_heads, len(query.array), len(key.array))
        if attn_mask.array.shape != wanted:
            raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {attn_mask.shape}")
    return ndim == 3


def _check_projection(query, key, value, E, num_heads, separate):
    if query.array.shape[-1] != E:
        raise AssertionError(f"was expecting embedding dimension of {E}, but got {query.array.shape[-1]}")
    if E % num_heads:
        raise AssertionError(f"embed_dim {E} not divisible by num_heads {num_heads}")
    if separate and key.array.shape[:2] != value.array.shape[:2]:
        raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    if not separate and key.array.shape != value.array.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
