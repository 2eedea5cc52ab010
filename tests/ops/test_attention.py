"""Attention against PyTorch. (Its databases cover MultiheadAttention's and the transformer's options: tests/parity.)"""
import math

import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

SAME = [(2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5)]  # PyTorch, too, has one operation for these
SHAPES = [(2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 2)]  # (N, H, T, D), (N, H, S, D), (N, H, S, V)


def attend(T, *args, **options):
    return T.nn.functional.scaled_dot_product_attention(*args, **options)


@pytest.mark.parametrize("shapes", [SHAPES, SAME], ids=["several operations", "one"])
@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.3}, {"scale": -2}], ids=str)
def test_attention(options, shapes):
    check_op(shapes, lambda T, q, k, v: attend(T, q, k, v, **options))


def test_attention_lies_in_memory_as_the_queries_do():
    check_same(lambda T: [
        attend(T, q, q, q).stride()
        for x in [T.rand(2, 3, 2, 4, requires_grad=True)] for q in (x, x.transpose(1, 2), x.transpose(0, 1))])


@pytest.mark.parametrize("place, number", [("key", -math.inf), ("key", math.nan), ("value", math.inf)])
def test_causal_attention_to_what_is_not_finite(place, number):
    def run(T):
        x = {name: T.ones(1, 1, 9, 256) for name in ("query", "key", "value")}
        x[place][0, 0, 4] = number
        return attend(T, **x, is_causal=True)[0, 0, :, 0]

    check_same(run)


@pytest.mark.parametrize("mask", [
    np.tri(4, 6, 1, dtype=bool),
    np.array([[True], [False], [True], [True]]).repeat(6, 1),  # the second query may look nowhere
    np.where(np.tri(4, 6, -1), 0.5, -math.inf),  # nor may the first here
], ids=["partial", "an empty row", "infinities"])
def test_attention_with_a_mask(mask):
    check_op([*SHAPES, mask], lambda T, q, k, v, m: attend(T, q, k, v, m), grad=[True, True, True, False])


def test_a_mask_has_a_gradient():
    check_op([*SHAPES, (4, 6)], lambda T, q, k, v, m: attend(T, q, k, v, m))


def test_attention_without_queries_keys_or_features():
    for queries, keys, features in (0, 4, 3), (3, 0, 3), (3, 4, 0):
        check_op([(2, queries, features), (2, keys, features), (2, keys, 5)], lambda T, q, k, v: attend(T, q, k, v))


def test_heads_of_queries_share_keys_and_values():
    check_op([(2, 4, 3, 5), (2, 2, 3, 5), (2, 1, 3, 5)], lambda T, q, k, v: attend(T, q, k, v, enable_gqa=True))
    check_raises(lambda T: attend(T, T.ones(4, 2, 3), T.ones(3, 2, 3), T.ones(3, 2, 3), enable_gqa=True),
                 "Number of heads in key and value must divide")


def test_dropout_draws_the_same_weights():
    def run(T):
        x = T.linspace(0, 1, 24).reshape(2, 4, 3)
        T.manual_seed(0)
        return attend(T, x, x, x, dropout_p=0.5), T.rand(1)

    check_same(run)


@pytest.mark.parametrize("call, match", [
    (lambda T: attend(T, *[T.ones(2, 2)] * 4, is_causal=True), "attn_mask should not be set"),
    (lambda T: attend(T, *[T.ones(2)] * 3), "at least 2 dimensional, but got query.dim: 1 key.dim: 1 and value.dim: 1"),
    (lambda T: attend(T, T.ones(2, 2), T.ones(2, 2).double(), T.ones(2, 2)), "to have the same dtype"),
    (lambda T: attend(T, *[T.ones(2, 2)] * 3, T.ones(2, 2, dtype=T.int64)), "Expected attn_mask dtype to be bool"),
    (lambda T: attend(T, T.ones(2, 3), T.ones(2, 4), T.ones(2, 4)), "shapes cannot be multiplied"),
], ids=range(5))
def test_bad_input_of_attention(call, match):
    check_raises(call, match)


def multi_head(T, query, key, value, num_heads=2, E=4, **options):
    """multi_head_attention_forward with numbers for the weights that are not given."""
    def weight(*shape):
        n = math.prod(shape)
        return T.linspace(-1, 1, n, dtype=query.dtype).cos().reshape(shape)

    given = {"in_proj_weight": weight(3 * E, E), "in_proj_bias": weight(3 * E), "bias_k": None, "bias_v": None,
             "add_zero_attn": False, "dropout_p": 0.0, "out_proj_weight": weight(E, E), "out_proj_bias": weight(E)}
    return T.nn.functional.multi_head_attention_forward(query, key, value, E, num_heads, **{**given, **options})


def test_static_keys_and_values():
    check_op([(3, 2, 4), (5, 2, 4), (5, 2, 4), (4, 6, 2), (4, 6, 2)],
             lambda T, q, k, v, sk, sv: multi_head(T, q, k, v, static_k=sk, static_v=sv, average_attn_weights=False))


@pytest.mark.parametrize("need_weights", [True, False])
def test_keys_and_values_of_other_sizes_with_masks(need_weights):
    shapes = [(3, 2, 4), (5, 2, 3), (5, 2, 6), (4, 4), (4, 3), (4, 6), (1, 1, 4), (1, 1, 4), (4, 3, 5), (2, 5)]
    check_op(shapes, lambda T, q, k, v, wq, wk, wv, bias_k, bias_v, attn, padding: multi_head(
        T, q, k, v, in_proj_weight=None, use_separate_proj_weight=True, q_proj_weight=wq, k_proj_weight=wk,
        v_proj_weight=wv, bias_k=bias_k, bias_v=bias_v, attn_mask=attn, key_padding_mask=padding, add_zero_attn=True,
        need_weights=need_weights))


def test_the_causal_hint_replaces_the_mask():
    options = {"is_causal": True, "need_weights": False}
    check_op([(3, 2, 4), (3, 3)], lambda T, x, mask: multi_head(T, x, x, x, attn_mask=mask, **options),
             grad=[True, False], second=False)  # PyTorch has no second gradient here


@pytest.mark.parametrize("shapes, options, match", [
    ([(2, 2, 2, 4)] * 3, {}, "should be unbatched 2D or batched 3D tensor but received 4-D query tensor"),
    ([(3, 2, 4), (3, 4), (3, 4)], {}, "expected `key` and `value` to be 3-D but found 2-D and 2-D tensors"),
    ([(3, 2, 4)] * 3, {"key_padding_mask": (3,)}, "`key_padding_mask` to be `None` or 2-D but found 1-D tensor"),
    ([(3, 2, 4)] * 3, {"attn_mask": (3,)}, "expected `attn_mask` to be `None`, 2-D or 3-D but found 1-D tensor"),
    ([(3, 4)] * 3, {"attn_mask": (3, 3, 3)}, r"Expected `attn_mask` shape to be \(2, 3, 3\) but got torch.Size"),
    ([(3, 2, 4)] * 3, {"attn_mask": (3, 2)}, r"shape of the 2D attn_mask is torch.Size.* but should be \(3, 3\)"),
    ([(3, 2, 4)] * 3, {"attn_mask": (1, 3, 3)}, r"shape of the 3D attn_mask is torch.Size.* but should be \(4, 3, 3\)"),
    ([(3, 2, 5)] * 3, {}, "was expecting embedding dimension of 4, but got 5"),
    ([(3, 2, 4)] * 3, {"num_heads": 3}, "embed_dim 4 not divisible by num_heads 3"),
    ([(3, 2, 4), (3, 2, 4), (2, 2, 4)], {}, r"key shape torch.Size\(\[3, 2, 4\]\) does not match value shape"),
    ([(3, 2, 4)] * 3, {"is_causal": True}, "Need attn_mask if specifying the is_causal hint"),
], ids=range(11))
def test_bad_input_of_multi_head_attention(shapes, options, match):
    def run(T):
        made = {name: T.zeros(value) if isinstance(value, tuple) else value for name, value in options.items()}
        multi_head(T, *map(T.ones, shapes), **made)

    check_raises(run, match)
