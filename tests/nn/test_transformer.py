"""MultiheadAttention and the transformer against PyTorch, in what its own database does not try."""
import pytest

from minitorch import nn
from tests.oracle import check_raises, check_same


def described(T, make):
    """A new module's text, its state and the random number that comes next."""
    T.manual_seed(0)
    module = make(T.nn)
    return repr(module), dict(module.state_dict()), T.rand(1)


@pytest.mark.parametrize("make", [
    lambda nn: nn.MultiheadAttention(4, 2, 0.1, kdim=3, vdim=5, add_bias_kv=True),
    lambda nn: nn.TransformerEncoderLayer(4, 2, 8, activation=nn.SiLU()),
    lambda nn: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, 0.2, "gelu"), 2, nn.LayerNorm(4)),
    lambda nn: nn.Transformer(4, 2, 2, 1, 8, batch_first=True),
    lambda nn: nn.Transformer(4, 2, custom_encoder=nn.Identity(), custom_decoder=nn.Identity()),
], ids=range(5))
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_text_and_first_values(make):
    check_same(lambda T: described(T, make), rtol=2e-7)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor", "ignore:Support for mismatched key_padding_mask")
def test_dropout_masks_and_a_hint_in_training():
    def run(T):
        T.manual_seed(0)
        model = T.nn.Transformer(4, 2, 1, 1, 8, dropout=0.3)
        src, tgt = T.rand(3, 2, 4), T.rand(5, 2, 4)
        mask, padding = model.generate_square_subsequent_mask(5), T.tensor([[False, False, True]] * 2)
        out = model(src, tgt, tgt_mask=mask, tgt_is_causal=True, src_key_padding_mask=padding)
        out.sum().backward()
        return mask, out, [p.grad for p in model.parameters()]

    check_same(run, rtol=1e-4, atol=1e-5)


def test_attention_with_the_batch_first():
    def run(T):
        T.manual_seed(0)
        attention = T.nn.MultiheadAttention(4, 2, kdim=3, vdim=5, batch_first=True)
        return attention(T.rand(2, 3, 4), T.rand(2, 6, 3), T.rand(2, 6, 5), average_attn_weights=False)

    check_same(run, rtol=1e-5)


def test_mixed_masks_warn():
    x = nn.Parameter().new_ones(3, 2, 4)
    with pytest.warns(UserWarning, match="mismatched key_padding_mask and attn_mask is deprecated"):
        nn.MultiheadAttention(4, 2)(x, x, x, key_padding_mask=x.new_zeros(2, 3), attn_mask=x.new_zeros(3, 3) > 0)


@pytest.mark.parametrize("call, match", [
    (lambda T: T.nn.MultiheadAttention(0, 1), "must be greater than 0, got embed_dim=0 and num_heads=1 instead"),
    (lambda T: T.nn.MultiheadAttention(4, 3), "embed_dim must be divisible by num_heads"),
    (lambda T: T.nn.TransformerEncoderLayer(4, 2, activation="silu"), "activation should be relu/gelu, not silu"),
    (lambda T: T.nn.Transformer(4, 2, 1, 1)(T.ones(3, 2, 4), T.ones(3, 3, 4)), "batch number of src and tgt must be"),
    (lambda T: T.nn.Transformer(4, 2, 1, 1)(T.ones(3, 2, 5), T.ones(3, 2, 5)), "feature number of src and tgt must be"),
], ids=range(5))
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_bad_input(call, match):
    check_raises(call, match)
